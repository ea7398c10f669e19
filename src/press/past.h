/* past.h: what a story was before: each state it was saved in, the addresses it had, when it was taken
 * down. An export carries it beside the story's text, so that a story brought in elsewhere has the
 * same name and the same history. */
#pragma once

#include "press/press.h"

struct withdrawal {
	id64   id;
	usec_t made;
	usec_t restored; /* 0: not */
	str_t  why;
};

struct story_past {
	id64               id;          /* of the story; 0: nothing is known of it */
	bool               exact;       /* the story is as its newest revision left it: none is added */
	struct revision   *revisions;   /* oldest first; at least one */
	size_t             nrevisions;
	struct withdrawal *withdrawals; /* oldest first */
	size_t             nwithdrawals;
	struct strs        addresses;   /* that lead to it */
	id64              *corrections; /* ids of the story's, in their order */
	size_t             ncorrections;
};

err_t past_load(struct conn *c, arena_t *a, const struct story *st, struct story_past *out) CHECKED;

/* story_save of a story that has a past: a new one gets its id, revisions and corrections' ids from it;
 * of one that is there, what is missing is added. */
err_t story_bring(struct stet *s, arena_t *a, struct story *st, const struct story_past *past,
		  str_t actor, story_rows_fn also, void *ctx) CHECKED;

/* --- behind story_bring --- */

/* What a new story is changed from: the state that its newest revision kept. */
void  past_before(const struct story_past *past, struct story *before);
/* The rows of it; those that are there stay. Runs inside the act that saves the story. */
err_t past_write(struct conn *c, const struct story_past *past) CHECKED;
