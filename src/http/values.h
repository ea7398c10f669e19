/* values.h: header values taken apart by the grammar of RFC 9110 section 5.6. */
#pragma once

#include "base/base.h"

/* A letter of tokens: methods, header names, parameter names. */
bool token_char(char c);
/* One token and nothing else; the empty string is none. */
bool str_is_token(str_t s);

/* Nothing that would end the line or hide in it: no control characters but tab. */
bool str_is_field_value(str_t s);

/* Cuts the next element off a comma-separated list, trimmed; empty elements are passed over and
 * commas inside quoted strings do not count. {NULL, 0} at the end. */
str_t list_next(str_t *rest);

/* The same for the parts between ';' of one element ("text/html; charset=utf-8"). */
str_t part_next(str_t *rest);

/* The parameter `name` (any case) behind the first ';' of `value`, unquoted in `a`. False if it is
 * not there or malformed; if it is there twice, malformed. */
bool value_param(arena_t *a, str_t value, const char *name, str_t *out);

/* A whole quoted string without its quotes and escapes; false if `s` is not exactly one. */
bool unquote(arena_t *a, str_t s, str_t *out);

/* Thousandths of the weight in the parameters of a list element ("br;q=0.8" is 800); 1000 without
 * one, -1 if malformed. */
int value_quality(str_t element);

/* Value of one hexadecimal digit; -1 if it is none. */
int hex_digit(char c);

/* "Not Found" for 404; "Unknown" for what is not in the registry. */
const char *status_reason(int status);
