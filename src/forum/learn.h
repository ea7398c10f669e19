/* learn.h: how likely this newsroom would remove a comment, learned from what it approved and removed.
 *
 * A naive Bayes classifier over hashed features of the folded text (fold.h): words, pairs of words, pieces of three to
 * five letters, the number of links, the share of capitals. It only counts in how many approved and removed
 * comments a feature stood, so the order of decisions does not matter, and one that is taken back is
 * unlearned. What the counts add up to is turned into a probability by asking, of the last decisions,
 * what it would have said of each without having seen it. The model has one size, is kept as bytes, and
 * nothing of it leaves the machine. */
#pragma once

#include "forum/fold.h"

enum {
	LEARN_BUCKETS = 1 << 16,
	LEARN_LETTERS = 2000,  /* of a text: who is rude is so before that */
	LEARN_RECENT = 128,    /* decisions of each kind that the probability is set by */
	LEARN_REASONS = 5,
};

enum learn_class { LEARN_APPROVED, LEARN_REMOVED, LEARN_CLASSES };

struct learn_text {
	const struct folded *text;
	uint32_t             links;
};

enum learn_kind { LEARN_WORD, LEARN_PAIR, LEARN_PIECE, LEARN_LINKS, LEARN_CAPITALS, LEARN_KINDS };

struct learn_reason {
	enum learn_kind kind;
	str_t           text;   /* as the comment has it; of links and capitals: the number, the percentage */
	double          weight; /* in the logarithm of the odds: above 0 it speaks for removal */
};

struct learn_opinion {
	bool                trained;     /* else the rest is empty: "not trained yet" */
	double              probability; /* that it would be removed */
	struct learn_reason why[LEARN_REASONS]; /* what weighed most, the heaviest first */
	size_t              n;
};

/* Not locked: its owner sees to that. */
struct learner;
err_t learn_new(struct learner **out) CHECKED;
void  learn_free(struct learner *l); /* NULL is fine */

void learn(struct learner *l, arena_t *a, const struct learn_text *t, enum learn_class c);

/* A decision taken back. False: this text was not learned so, nothing is changed. */
bool unlearn(struct learner *l, arena_t *a, const struct learn_text *t, enum learn_class c);

uint32_t learn_seen(const struct learner *l, enum learn_class c);

/* Trained is who has seen `least` of each. */
void learn_judge(struct learner *l, arena_t *a, const struct learn_text *t, uint32_t least, struct learn_opinion *out);

/* How it would do with the last decisions, each judged as if it had not been seen: of those removed that it would
 * hold from `percent` on (`found` of `removed`), and of those approved (`wrong` of `approved`). False: not trained. */
struct learn_figures {
	uint32_t removed, found, approved, wrong;
	double   precision, recall; /* as often as this newsroom removes; of what it would hold, and of what goes */
};
bool learn_held_out(struct learner *l, uint32_t least, int64_t percent, struct learn_figures *out);

/* "word", "pair" ...: for messages. */
const char *learn_kind_name(enum learn_kind kind);

/* All it has learned, as bytes. */
str_t learn_save(const struct learner *l, arena_t *a);
/* What is damaged, of another kind or of a later version is refused; the error says so. */
err_t learn_load(str_t bytes, struct learner **out) CHECKED;
