/* decide.h: what moderators decide.
 *
 * A decision is an act: it changes the comment or what its writer may do, and leaves a row that says who decided
 * what, by which rule and on which facts, from which the reader's statement of reasons is made (Regulation
 * (EU) 2022/2065, Art. 17), the public log and the yearly report. What is decided can be undone by whoever
 * decided it, or, on an appeal, by another. */
#pragma once

#include "forum/forum.h"

enum decision_kind {
	/* about a comment */
	DECIDE_APPROVE, DECIDE_REMOVE, DECIDE_PICK, DECIDE_UNPICK, DECIDE_CLOSE, DECIDE_OPEN, DECIDE_SLOW, DECIDE_QUICK,
	/* about a reader */
	DECIDE_WARN, DECIDE_SUSPEND, DECIDE_BAN, DECIDE_MUTE, DECIDE_HOLD, DECIDE_LIFT,
	DECISIONS
};
str_t decision_name(enum decision_kind kind);
bool  decision_parse(str_t s, enum decision_kind *out);
static inline bool decision_is_of_comment(enum decision_kind kind)
{
	return kind <= DECIDE_QUICK;
}
/* It takes something from the reader: it needs a reason, and they may appeal. */
bool decision_restricts(enum decision_kind kind);

enum { DECISION_WORDS = 1000, SUSPEND_HOURS = 24 * 366 };
#define APPEAL_WITHIN (183 * DAY) /* six months at least: Art. 20 */

struct decision {
	id64  id; /* 0: none */
	enum decision_kind kind;
	id64  comment, reader, story, moderator, sanction; /* each 0: none */
	bool  automated;
	str_t reason, words, facts;
	usec_t until;
	enum comment_state was;
	usec_t picked; /* before */
	usec_t made, undone;
};

struct decision_draft {
	const struct reader *moderator; /* NULL: a rule decided */
	enum decision_kind   kind;
	id64                 comment;   /* that it is about, or that led to it; 0: none */
	id64                 reader;    /* of decisions about readers; 0: who wrote the comment */
	id64                 story;     /* that they are muted on; 0: the comment's */
	str_t                reason, words;
	int64_t              hours;     /* of a suspension */
	str_t                seen;      /* the comment's state when it was looked at; empty: whatever it is */
};
/* ERR_REFUSED if they may not, ERR_CONFLICT if there is nothing to decide any more. */
err_t decide(struct stet *s, arena_t *a, const struct decision_draft *d, struct decision *out) CHECKED;
/* By whoever decided, as long as nobody has decided about the same comment since. */
err_t decision_undo(struct stet *s, arena_t *a, const struct reader *moderator, id64 id) CHECKED;

/* ERR_MISSING if there is none. */
err_t decision_load(struct conn *c, arena_t *a, id64 id, struct decision *out) CHECKED;
/* The last that took something from the writer of a comment and stands. */
err_t decision_on(struct conn *c, arena_t *a, id64 comment, struct decision *out) CHECKED;
/* The last that they made and did not undo; .id 0: none. */
err_t decision_last(struct conn *c, arena_t *a, id64 moderator, struct decision *out) CHECKED;

struct decisions {
	struct decision *v;
	size_t           n;
};
/* About a reader, newest first. */
err_t decision_of_reader(struct conn *c, arena_t *a, id64 reader, size_t most, struct decisions *out) CHECKED;

/* In an act of another's: takes back what `d` did, and says so. */
err_t decision_reverse(struct stet *s, struct act *act, struct conn *c, const struct decision *d) CHECKED;
/* The words of a form, put right; an error names the field. */
err_t decision_words(arena_t *a, const char *field, str_t *words) CHECKED;

/* "/decision/ID" */
str_t decision_path(arena_t *a, id64 id);
