/* comments.h: comments from elsewhere.
 *
 * They are kept first, whole (imported_comment: the stories' import does so, and comments_read), and then placed in
 * conversations, those that others answer before their answers. Both can be done again: what is there already is
 * passed over. */
#pragma once

#include "base/stet.h"

struct comments_report {
	int64_t read;    /* kept anew */
	int64_t placed, stones, waiting; /* shown; deleted there, with answers or without; held for a moderator */
	int64_t orphans; /* whose parent is not there: they answer the story */
};

/* A file with an object a line: {"id", "story" (its slug), "answers"? (an id), "name", "address"? (of an account here),
 * "written" (RFC 3339), "text" (Markdown), "ups"?}. An error names the line; nothing is kept then. `source` tells files
 * apart. */
err_t comments_read(struct stet *s, arena_t *a, const char *path, str_t source, struct comments_report *out) CHECKED;
/* Places all that are kept and not placed yet, some hundred in an act. */
err_t comments_place(struct stet *s, arena_t *a, struct comments_report *out) CHECKED;
