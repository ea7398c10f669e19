/* learn_model.h: what a learner holds; for learn.c and learn_keep.c alone. */
#pragma once

#include "forum/learn.h"

/* Buckets of the features of one decision, rising. */
struct sample {
	uint16_t *v;
	uint32_t  n;
};

struct samples {
	struct sample v[LEARN_RECENT]; /* a ring */
	uint32_t      n, next;
};

struct learner {
	uint32_t       count[LEARN_CLASSES][LEARN_BUCKETS]; /* decisions in which a feature stood */
	uint32_t       seen[LEARN_CLASSES];
	struct samples recent[LEARN_CLASSES];
	double         slope, shift; /* from a score to the logarithm of the odds */
	bool           stale;        /* those two are older than the last decision */
};

/* A text of LEARN_LETTERS has no more: a word and a pair at each second letter, three pieces at each. */
enum { LEARN_FEATURES = 5 * LEARN_LETTERS };

/* Copies `v`; the oldest gives way. */
void sample_keep(struct samples *s, const uint16_t *v, uint32_t n);
/* Number `i`, the oldest being 0. */
const struct sample *sample_at(const struct samples *s, uint32_t i);
