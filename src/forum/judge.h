/* judge.h: what the rules say of a comment before it is posted.
 *
 * rules.h judges facts; this finds them out: the words on the newsroom's lists, comments that nearly repeat one
 * another, what the classifier has learned from decisions, who writes and how much. All of it is on this machine.
 * What must be fast to find is kept in memory, read from the database when it is first needed, and followed from
 * then on. */
#pragma once

#include "forum/forum.h"
#include "forum/rules.h"

struct judge; /* in struct stet; NULL: no rules are asked */
err_t judge_new(struct stet *s, struct judge **out) CHECKED;
void  judge_free(struct judge *j); /* NULL is fine */

struct judge_asked {
	const struct reader *reader;
	id64                 story;
	id64                 comment; /* that is edited; 0: a new one */
	str_t                source, body;
	usec_t               typed;   /* 0: not known */
};
err_t judge_comment(struct stet *s, arena_t *a, const struct judge_asked *q, struct judgement *out) CHECKED;
/* What the writer is told: the gravest hit. Of one that holds, the field is "sure": to be sent again as it is. */
err_t judgement_said(const struct judgement *jd) CHECKED;
/* For moderators: what was hit, each with its numbers. In the act that writes the comment. */
err_t judgement_save(struct conn *c, id64 comment, const struct judgement *jd) CHECKED;

/* A comment is there, or says something else now: others may repeat it. */
void judge_remember(struct stet *s, arena_t *a, const struct comment *k);
/* It is gone: nobody repeats it. */
void judge_forget(struct stet *s, id64 comment);
/* A moderator approved or removed a comment, or took that back: the classifier learns. */
err_t judge_learn(struct stet *s, arena_t *a, id64 comment, bool removed, bool taken_back) CHECKED;

/* --- settings of the rules, for the whole publication --- */

err_t rules_load(struct conn *c, arena_t *a, struct rules *out) CHECKED;
/* An error names the setting. */
err_t rules_save(struct stet *s, arena_t *a, str_t name, str_t value, str_t actor) CHECKED;
/* "banned" or "suspect": the whole list. An error names its line. */
err_t words_save(struct stet *s, arena_t *a, str_t list, str_t text, str_t actor) CHECKED;
err_t words_load(struct conn *c, arena_t *a, str_t list, str_t *text) CHECKED;
