/* json_pieces.h: one JSON document, larger than memory, as its elements.
 *
 * Exports are one object that holds a few long arrays. What is told here is each element of an array right below the top
 * ("comments", {…}), and each other value there ("version", 1); an element is parsed whole, by jansson, since one comment
 * is small. So this needs to know of JSON only where a value ends. */
#pragma once

#include "base/base.h"

#include <jansson.h>

enum { JSON_ELEMENT_MOST = 4 << 20 };

struct json_pieces {
	/* `text` is one value as it stands in the file, not looked at yet; `in_array`: one of several. */
	err_t (*element)(void *ctx, str_t key, str_t text, bool in_array);
	void   *ctx;
	int     state;     /* of json_pieces.c */
	int     nested;    /* brackets open inside the value */
	bool    quoted, escaped, in_array;
	struct buf key, text;
	int64_t line, byte, from; /* from: the line where the value begins */
};

void  json_pieces_begin(struct json_pieces *p, arena_t *a,
			err_t (*element)(void *ctx, str_t key, str_t text, bool in_array), void *ctx);
/* The next bytes. A fault is named by line and byte. */
err_t json_pieces_add(struct json_pieces *p, str_t piece) CHECKED;
/* After the last: the document must be complete. */
err_t json_pieces_end(struct json_pieces *p) CHECKED;

/* An object, given back with json_decref; NULL with an error. Halves of a pair (\ud83d alone) become U+FFFD: programs that cut texts in the
 * middle of an emoji write them. */
err_t json_object_load(arena_t *a, str_t text, json_t **out) CHECKED;
