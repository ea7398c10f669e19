/* json_parts.h: texts, moments and ids in the JSON files of a folder. */
#pragma once

#include "base/base.h"

#include <jansson.h>

json_t *json_new_text(str_t s);
/* Nothing for an empty text, for moment 0. A moment is UTC, to the microsecond. */
void    json_set_text(json_t *j, const char *key, str_t s);
void    json_set_moment(json_t *j, arena_t *a, const char *key, usec_t t);

/* Empty if there is none, or none that is a text; lives as long as `j`. */
str_t   json_get_text(const json_t *j, const char *key);
err_t   json_get_moment(const json_t *j, const char *key, bool needed, usec_t *out) CHECKED;
/* As id_text writes it; 0 if there is none. */
err_t   json_get_id(const json_t *j, const char *key, id64 *out) CHECKED;
err_t   json_id(const json_t *v, const char *what, id64 *out) CHECKED;

/* With a line break at its end; a reference is taken from `j`. */
err_t   json_file(arena_t *a, json_t *j, str_t *out) CHECKED;
/* In one line, as revisions keep it. */
err_t   json_line(arena_t *a, const json_t *j, str_t *out) CHECKED;
/* What a file says, as long as `a` lives; `name`: for messages. */
err_t   json_read(arena_t *a, const char *name, str_t text, json_t **out) CHECKED;
