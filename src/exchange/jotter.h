/* jotter.h: what an importer notes on its way, however much that is: which page a thread stood on, who wrote under which
 * number, which addresses led nowhere.
 *
 * A million notes must not cost the memory of a million: they stand in a temporary file of SQLite's own that nobody else
 * sees and that goes with the process; the publication's database knows nothing of them. */
#pragma once

#include "base/base.h"

struct jotter;

err_t jotter_new(struct jotter **out) CHECKED;
/* NULL is fine. */
void jotter_free(struct jotter *j);

/* A note under a key, with up to two texts and a number; one that is there is replaced. */
err_t jot(struct jotter *j, const char *kind, str_t key, str_t one, str_t two, int64_t n) CHECKED;
/* Adds to the number of the note, which is made if it is not there. */
err_t jot_add(struct jotter *j, const char *kind, str_t key, int64_t n) CHECKED;

struct note {
	str_t   key, one, two;
	int64_t n;
};
/* The texts are in `a`; false leaves them empty. */
err_t jot_find(struct jotter *j, arena_t *a, const char *kind, str_t key, struct note *out, bool *there) CHECKED;
/* At most `most` of a kind, the highest number first; `*all` is how many there are. */
err_t jot_list(struct jotter *j, arena_t *a, const char *kind, size_t most, struct note **out, size_t *n, int64_t *all)
	CHECKED;
/* Of a kind, those whose second text is the key of none that has the same first text. */
err_t jot_dangling(struct jotter *j, const char *kind, int64_t *out) CHECKED;
