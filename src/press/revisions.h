/* revisions.h: what readers may know of how a story came to be as it is.
 *
 * A story's versions are the revisions that were saved while it was public, and its withdrawals. Drafts
 * are nobody's business, before the first publication or between. A withdrawal closes every version
 * before it, for good: that they were there is told, what stood in them is not. */
#pragma once

#include "press/press.h"

struct version {
	int64_t number;    /* the revision's */
	usec_t  from;      /* since when it stood */
	usec_t  until;     /* 0: it stands */
	bool    withdrawn; /* not a version to read but the end of one */
	bool    closed;    /* withdrawn since */
};
struct versions {
	struct version *v; /* oldest first */
	size_t          n;
	size_t          changes; /* times it was saved in public after the first */
};

err_t versions_list(struct conn *c, arena_t *a, const struct story *st, struct versions *out) CHECKED;

/* The one of that number: ERR_MISSING if it is none. */
err_t version_find(const struct versions *all, int64_t number, size_t *index) CHECKED;

/* The story as that version had it. ERR_GONE if it is closed. Names of sections and pictures are
 * today's, what was said of them is that day's. */
err_t version_read(struct conn *c, arena_t *a, const struct story *st, const struct version *v,
		   struct story *out) CHECKED;

/* Any revision, a draft too: for the newsroom. */
err_t revision_read(struct conn *c, arena_t *a, const struct story *st, int64_t number,
		    struct story *out) CHECKED;
