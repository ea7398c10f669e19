/* appeal.h: a reader objects to a decision, and another moderator answers. */
#pragma once

#include "forum/decide.h"

struct appeal {
	id64   decision; /* 0: none */
	str_t  words, outcome, answer; /* outcome: "upheld", "reversed"; empty: not answered yet */
	usec_t made, answered;
	id64   moderator; /* who answered; 0: nobody yet */
};
/* .decision 0 if there is none. */
err_t appeal_of(struct conn *c, arena_t *a, id64 decision, struct appeal *out) CHECKED;
/* Whether the reader may appeal now; they may once, for six months. */
bool appeal_may(struct stet *s, const struct reader *r, const struct decision *d, const struct appeal *has);
err_t appeal_make(struct stet *s, arena_t *a, const struct reader *r, id64 decision, str_t words) CHECKED;
/* "upheld": the decision stays; "reversed": it is taken back. */
err_t appeal_answer(struct stet *s, arena_t *a, const struct reader *moderator, id64 decision, str_t outcome,
		    str_t words) CHECKED;
