/* template_value.h: names looked up and values written as JavaScript does, which is what npm's mustache
 * does and what the authors of themes know. */
#pragma once

#include "base/base.h"

#include <jansson.h>

/* What a name stands for: a value of the view, or the length of a list or text. */
struct value {
	const json_t *json;   /* NULL: nothing, or a length */
	int64_t       length; /* -1: none */
};

/* Looks `name` up in the contexts, from the last to the first; a dotted name whole in each. */
struct value value_look_up(const struct value *contexts, int n, str_t name);

struct value value_of(const json_t *json);

/* False, null, 0, "" and what is not there. */
bool value_is_false(struct value v);

/* Behind what stands in `b`, `escaped` for HTML or as it is. */
void value_write(struct buf *b, struct value v, bool escaped);
