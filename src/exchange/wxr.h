/* wxr.h: reading WordPress's export, WXR, as a stream.
 *
 * A WXR file is RSS with WordPress's own elements; it may be larger than memory. The reader hands
 * over one node at a time (an author, a category, an item with its metas and comments) in an arena
 * that it then empties. Elements are matched by prefix and name, not by namespace URI, since
 * WordPress has used several. A document type declaration is refused: no export has one, and every
 * entity attack does. */
#pragma once

#include "exchange/infile.h"

struct wxr_field {
	str_t name;     /* "wp:post_id" */
	str_t value;
	str_t domain;   /* attributes of <category> */
	str_t nicename;
};

struct wxr_node {
	str_t             name;      /* "item", "wp:author", "wp:comment" ... */
	struct wxr_field *fields;    /* leaves, in order */
	size_t            nfields;
	struct wxr_node  *children;  /* wp:postmeta, wp:comment, wp:commentmeta */
	size_t            nchildren;
};

/* The first leaf of that name; {"", 0} if there is none. */
str_t wxr_get(const struct wxr_node *node, const char *name);

struct wxr_reader {
	/* Each node below <channel>; leaves of the channel come as one node "channel" before the first
	 * of the others. `a` is emptied afterwards. */
	err_t (*node)(void *ctx, arena_t *a, const struct wxr_node *node);
	void (*progress)(void *ctx, int64_t bytes, int64_t all);
	void *ctx;
	/* Each wp:comment where it ends, with as much of its item as stands before it; the item has none then, so one
	 * with a million of them takes no more memory. NULL: they are children like others. */
	err_t (*comment)(void *ctx, arena_t *a, const struct wxr_node *item, const struct wxr_node *comment);
	bool any_version; /* files written for other readers than WordPress name none */
};

/* Reads the whole file. A fault is named as "file.xml:120: ... (byte 4711)". */
err_t wxr_read(const char *path, const struct wxr_reader *reader) CHECKED;

/* The same of a file that is read in pieces. */
err_t wxr_read_pieces(struct infile *file, const struct wxr_reader *reader) CHECKED;

/* The same from memory; `name` is used in messages. */
err_t wxr_read_text(str_t name, str_t text, const struct wxr_reader *reader) CHECKED;
