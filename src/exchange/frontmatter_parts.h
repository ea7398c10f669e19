/* frontmatter_parts.h: what the files behind frontmatter.h share. */
#pragma once

#include "exchange/frontmatter.h"

/* Ties a new value to the arena. */
json_t *front_keep(arena_t *a, json_t *json);

/* Read `text` into the object `out`; `line` is the number of its first line, for messages. */
err_t yaml_parse(arena_t *a, str_t text, int line, json_t *out) CHECKED;
err_t toml_parse(arena_t *a, str_t text, int line, json_t *out) CHECKED;

/* The text of a double-quoted scalar behind its opening quote; `*at` moves behind the closing one.
 * Escapes are those JSON, YAML and TOML share, and \x. */
err_t front_quoted(arena_t *a, str_t s, size_t *at, str_t *out) CHECKED;

/* true and false as booleans, null and ~ as null, all else as text. */
json_t *front_scalar(str_t s);
