/* record.h: reading the record: what happened, entry by entry.
 *
 * Entries are numbered from 1 without gaps; their times never go back; none is ever changed or
 * taken out. They are written by acts (record/act.h) and by nothing else. */
#pragma once

#include "store/store.h"

struct entry {
	int64_t     number;
	usec_t      time;
	str_t       kind;    /* "story.publish" */
	id64        subject; /* 0: the publication itself */
	str_t       actor;
	str_t       detail; /* JSON object */
	struct strs topics;
};

struct entries {
	struct entry *v;
	size_t        n;
};

/* The last entry's number; 0 while there is none. */
err_t record_last(struct conn *c, int64_t *out) CHECKED;

/* At most `most` entries after number `after`, oldest first. */
err_t record_after(struct conn *c, arena_t *a, int64_t after, size_t most,
		   struct entries *out) CHECKED;

/* At most `most` entries about `subject` before number `before` (0: the newest), newest first. */
err_t record_of(struct conn *c, arena_t *a, id64 subject, int64_t before, size_t most,
		struct entries *out) CHECKED;

/* What is wrong with it: gaps, times that go back. One finding a line in `report`. */
err_t record_check(struct conn *c, arena_t *a, struct strs *report) CHECKED;
