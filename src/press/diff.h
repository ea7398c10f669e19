/* diff.h: what must go and what must come to turn one sequence into another.
 *
 * Elements are numbers: equal ones are the same thing. The result is a list of runs in order:
 *
 *	a b c d e        SAME 2 (a b)   GONE 1 (c)   NEW 2 (x y)   SAME 2 (d e)
 *	a b x y d e
 *
 * Between two SAME runs at most one GONE comes before at most one NEW. Leaving out what is NEW gives
 * the first sequence, leaving out what is GONE the second. */
#pragma once

#include "base/base.h"

enum run_kind { RUN_SAME, RUN_GONE, RUN_NEW };

struct run {
	enum run_kind kind;
	size_t        a, b; /* where it begins, in either sequence */
	size_t        n;
};

struct runs {
	struct run *v;
	size_t      n;
	size_t      gone, fresh; /* elements, all in all */
};

struct sequence {
	const uint32_t *v;
	size_t          n;
};

/* How much looking may be done: taken from as it is done. When it is used up the rest counts as changed
 * altogether, which is true, if not the least that one could say. */
struct diff_budget {
	int64_t left;
};

/* The fewest changes there are, as long as the budget and DIFF_APART allow. */
void diff_least(arena_t *a, struct sequence x, struct sequence y, struct diff_budget *budget,
		struct runs *out);

/* The same between anchors: elements that either sequence holds once. Not always the fewest changes, but
 * quick however long the sequences are, and as people would see it: what is alike only because it is
 * common does not tie far places together. */
void diff_anchored(arena_t *a, struct sequence x, struct sequence y, struct diff_budget *budget,
		   struct runs *out);

enum {
	DIFF_APART = 2048, /* changes on the way to a middle: two arrays of so many are held */
};
