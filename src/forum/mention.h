/* mention.h: "@Ann Lee" in a comment leads to that reader, who is told. */
#pragma once

#include "forum/forum.h"

struct mentions {
	id64   v[10]; /* MENTIONS_MOST, each once */
	size_t n;
};

/* Makes links of the names in clean HTML that are readers'; those within links or code stay. */
err_t mentions_link(struct stet *s, struct conn *c, arena_t *a, str_t html, str_t *out, struct mentions *found)
	CHECKED;
/* Whoever has that name now: id and name; id 0: nobody. */
err_t reader_named(struct stet *s, struct conn *c, arena_t *a, str_t name, struct reader *out) CHECKED;
err_t mentions_save(struct conn *c, id64 comment, const struct mentions *m) CHECKED;
