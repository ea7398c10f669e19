/* judge.h: what the rules say of a comment before it is posted.
 *
 * rules.h judges facts; this finds them out: the words on the newsroom's lists, comments that nearly repeat one
 * another, what the classifier has learned from decisions, who writes and how much. All of it is on this machine.
 * What must be fast to find is kept in memory, read from the database when it is first needed, and followed from
 * then on. */
#pragma once

#include "forum/forum.h"
#include "forum/rules.h"
#include "forum/simhash.h"

struct judge; /* in struct stet; NULL: no rules are asked */
err_t judge_new(struct stet *s, struct judge **out) CHECKED;
void  judge_free(struct judge *j); /* NULL is fine */

struct judge_asked {
	const struct reader *reader;
	id64                 story;
	id64                 comment; /* that is edited; 0: a new one */
	str_t                source, body;
	usec_t               typed;   /* 0: not known */
	/* To try a text: nobody writes it, at a place. */
	enum { TRY_NOT, TRY_NEWCOMER, TRY_REGULAR } trial;
	id64                 section;
	struct learn_opinion *opinion; /* also told, as is: may be NULL */
	struct fingerprint   *print;
};
err_t judge_comment(struct stet *s, arena_t *a, const struct judge_asked *q, struct judgement *out) CHECKED;
/* What the writer is told: the gravest hit. Of one that holds, the field is "sure": to be sent again as it is. */
err_t judgement_said(const struct judgement *jd) CHECKED;
/* For moderators: what was hit, each with its numbers. In the act that writes the comment. */
err_t judgement_save(struct conn *c, id64 comment, const struct judgement *jd) CHECKED;

/* A comment is there: others may repeat it. One that says something else now is forgotten first. */
void judge_remember(struct stet *s, const struct comment *k, const struct fingerprint *print);
/* It is gone: nobody repeats it. */
void judge_forget(struct stet *s, id64 comment);
/* A moderator approved or removed a comment, or took that back: the classifier learns. */
err_t judge_learn(struct stet *s, arena_t *a, id64 comment, bool removed, bool taken_back) CHECKED;

/* --- settings of the rules: of the publication (""), a section ("section:ID"), a story ("story:ID") --- */

/* What a narrower place does not say is as the wider one has it. Of the publication; of a section (0: none) and a
 * story (0: none). */
err_t rules_load(struct conn *c, arena_t *a, struct rules *out) CHECKED;
err_t rules_at(struct conn *c, arena_t *a, id64 section, id64 story, struct rules *out) CHECKED;
/* What is set at one place, alone: JSON. */
err_t rules_own(struct conn *c, arena_t *a, str_t place, str_t *json) CHECKED;

struct rule_change {
	str_t name, value; /* "inherit": as the wider place has it, or as it was at first */
};
/* All or none, in one act. An error names the setting. Hosts are the publication's. */
err_t rules_change(struct stet *s, arena_t *a, str_t place, const struct rule_change *v, size_t n, str_t actor)
	CHECKED;
err_t rules_save(struct stet *s, arena_t *a, str_t name, str_t value, str_t actor) CHECKED;

/* "banned" or "suspect": the whole list. An error names its line. */
err_t words_save(struct stet *s, arena_t *a, str_t list, str_t text, str_t actor) CHECKED;
err_t words_load(struct conn *c, arena_t *a, str_t list, str_t *text) CHECKED;
/* Lines to add, or to take away; what is there already, or is not, is passed over. `changed`: how many. */
err_t words_change(struct stet *s, arena_t *a, str_t list, str_t lines, bool add, str_t actor, size_t *changed)
	CHECKED;

/* --- what the classifier has learned --- */

struct judge_figures {
	uint32_t             seen[LEARN_CLASSES];
	bool                 trained;
	struct learn_figures held_out; /* of the last decisions; nothing if it is not trained */
};
err_t judge_figures(struct stet *s, arena_t *a, struct judge_figures *out) CHECKED;
/* It begins anew: decisions until now are forgotten, by the next process, too. */
err_t judge_unlearn(struct stet *s, arena_t *a, str_t actor) CHECKED;
/* Decisions before this do not count. */
err_t judge_learns_since(struct conn *c, arena_t *a, usec_t *out) CHECKED;
/* Within that act. */
err_t judge_learn_from(struct stet *s, struct conn *c, usec_t since) CHECKED;
