/* heat.h: a branch in which many write at once, or much is reported or removed, becomes slow by itself for a while: one
 * waits between two answers in it. The numbers are settings; moderators put a branch off or on by a decision. */
#pragma once

#include "forum/forum.h"

#define HEAT_WINDOW (10 * MINUTE) /* in which answers are counted */
#define HEAT_SINCE  DAY           /* what was reported or removed before says nothing of now */
enum {
	HEAT_LAST = 20,  /* comments whose share is looked at */
	HEAT_LEAST = 8,  /* fewer are no share */
	HEAT_MINUTES = 30, /* if the settings say 0 and a moderator wants it slow */
	HEAT_WAIT = 300,   /* seconds, likewise */
};

/* In a writer, after something was posted, reported or removed in the branch that `root` is the first of. */
err_t heat_look(struct stet *s, struct act *act, struct conn *c, id64 root, const struct forum_settings *set) CHECKED;
/* The same, with the settings of its story. */
err_t heat_look_at(struct stet *s, struct act *act, struct conn *c, const struct comment *k) CHECKED;
/* What a moderator decides: slow until then, or not and not by itself either. */
err_t heat_set(struct act *act, struct conn *c, struct comment *root, usec_t until, bool calm) CHECKED;
/* ERR_BUSY, with the seconds, to whom it is too soon to answer something in the branch of `above`. */
err_t heat_may_answer(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, const struct comment *above,
		      const struct forum_settings *set) CHECKED;
