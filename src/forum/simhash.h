/* simhash.h: comments that say nearly the same.
 *
 * A fingerprint is 64 bits made of a text's words and pairs of words, folded (Charikar, "Similarity estimation
 * techniques from rounding algorithms", 2002): texts that share most of them differ in few bits. Those of the last
 * comments stand in a ring; each new one is looked for there. */
#pragma once

#include "forum/fold.h"

enum {
	NEAR_BANDS = 4,                     /* of 16 bits each */
	NEAR_BITS_MOST = 2 * NEAR_BANDS - 1 /* with so few that differ, one band at least differs in one or none */
};

struct fingerprint {
	uint64_t bits;
	uint32_t words; /* of few words nothing follows: "Thank you" is no repeat of anyone's */
};

struct fingerprint fingerprint_of(const struct folded *text);

/* Bits that differ. */
int fingerprint_distance(uint64_t x, uint64_t y);

struct near_comment {
	id64        id, author;
	usec_t      written;
	struct fingerprint print;
};

enum near_whose { NEAR_ANYBODY, NEAR_SAME, NEAR_OTHERS };

struct near_query {
	struct fingerprint print;
	id64               author;
	enum near_whose    whose;  /* of whom, seen from `author` */
	usec_t             since;  /* none older than this */
	id64               but;    /* not this one: a comment that is edited is near itself */
	int                bits;   /* at most NEAR_BITS_MOST */
	uint32_t           words;  /* none of fewer words */
};

/* The last `n` comments. Not locked: its owner sees to that. */
struct near_ring;
err_t  near_new(size_t n, struct near_ring **out) CHECKED;
void   near_free(struct near_ring *r); /* NULL is fine */
size_t near_bytes(const struct near_ring *r);

/* The oldest gives way. */
void near_add(struct near_ring *r, const struct near_comment *c);

/* Removed, or its text has changed: it is not found any more. */
void near_forget(struct near_ring *r, id64 id);

/* The nearest, of two as near the newer. False: there is none. */
bool near_find(const struct near_ring *r, const struct near_query *q, struct near_comment *out, int *distance);
