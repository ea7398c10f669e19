/* form.h: application/x-www-form-urlencoded, in bodies and in queries. */
#pragma once

#include "http/http.h"

/* Decodes "a=b&c" in order: '+' is a space, a '%' without two digits stands for itself (people type
 * "100%" into addresses). Refused: more than `most` fields, bytes that are not UTF-8, control
 * characters other than tab and line ends. What needs no decoding is not copied. */
err_t form_parse(arena_t *a, str_t text, size_t most, struct params *out) CHECKED;

/* The other way: "a=b&c=d". */
str_t form_format(arena_t *a, const struct params *p);
