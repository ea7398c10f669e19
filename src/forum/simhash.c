/* simhash.c: see simhash.h. Of who differs in at most seven bits, one of four bands of 16 bits differs in one bit at
 * most. So of each band's value there is a chain of the comments that have it, newest first, and the chains of a
 * fingerprint's own values and of those one bit beside are followed: 68 short ones. A link says how many comments
 * earlier the next one came; a chain ends where that is more than the ring holds, so what the ring
 * overwrites need not be unlinked. */
#include "forum/simhash.h"

#include <stdlib.h>

enum { RUN = 2, SEED = 0x51, BAND_BITS = 64 / NEAR_BANDS, VALUES = 1 << BAND_BITS };

static void weigh(int weights[64], uint64_t hash)
{
	for (int i = 0; i < 64; i++)
		weights[i] += hash >> i & 1 ? 1 : -1;
}

struct fingerprint fingerprint_of(const struct folded *text)
{
	const struct fold_reading *r = &text->reading[0];
	struct fold_reading word, last = { 0 };
	struct fingerprint out = { 0 };
	int weights[64] = { 0 };
	for (size_t at = 0; fold_word(r, &at, &word); last = word) {
		out.words++;
		weigh(weights, fold_hash(word.v, word.n, RUN, SEED));
		if (last.n) /* with the gap between them */
			weigh(weights, fold_hash(last.v, (size_t)(word.v - last.v) + word.n, RUN, SEED));
	}
	for (int i = 0; i < 64; i++)
		out.bits |= (uint64_t)(weights[i] > 0) << i;
	return out;
}

int fingerprint_distance(uint64_t x, uint64_t y)
{
	return __builtin_popcountll(x ^ y);
}

/* --- the ring --- */

struct slot {
	struct near_comment comment;          /* id 0: forgotten */
	uint32_t            next[NEAR_BANDS]; /* comments earlier; 0: none */
};

struct near_ring {
	size_t       n;                        /* slots */
	uint64_t     added;                    /* ever; the newest is number `added`, in slot added % n */
	uint64_t     head[NEAR_BANDS][VALUES]; /* number of the newest of each value, 0 if none */
	struct slot *slots;
};

err_t near_new(size_t n, struct near_ring **out)
{
	struct near_ring *r = calloc(1, sizeof *r);
	if (r && n && n < UINT32_MAX)
		r->slots = calloc(n, sizeof *r->slots);
	if (!r || !r->slots) {
		near_free(r);
		return err_new(ERR_MEMORY, "no memory for a ring of %zu comments", n);
	}
	r->n = n;
	*out = r;
	return OK;
}

void near_free(struct near_ring *r)
{
	if (!r)
		return;
	free(r->slots);
	free(r);
}

size_t near_bytes(const struct near_ring *r)
{
	return sizeof *r + r->n * sizeof *r->slots;
}

static uint16_t band(uint64_t bits, int i)
{
	return (uint16_t)(bits >> BAND_BITS * i);
}

void near_add(struct near_ring *r, const struct near_comment *c)
{
	uint64_t number = ++r->added;
	struct slot *s = &r->slots[number % r->n];
	s->comment = *c;
	for (int i = 0; i < NEAR_BANDS; i++) {
		uint64_t *head = &r->head[i][band(c->print.bits, i)];
		s->next[i] = *head && number - *head < r->n ? (uint32_t)(number - *head) : 0;
		*head = number;
	}
}

void near_forget(struct near_ring *r, id64 id)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->slots[i].comment.id == id)
			r->slots[i].comment.id = 0;
}

static bool asked_for(const struct near_query *q, const struct near_comment *c)
{
	if (!c->id || c->id == q->but || c->written < q->since || c->print.words < q->words)
		return false;
	return q->whose == NEAR_ANYBODY || (c->author == q->author) == (q->whose == NEAR_SAME);
}

/* Follows one chain; `best` is the number of the nearest so far. */
static void follow(const struct near_ring *r, const struct near_query *q, int i, uint16_t value, uint64_t *best,
		   int *distance)
{
	uint64_t number = r->head[i][value];
	/* The first that is the same is the newest of these: nothing is nearer. */
	while (number && r->added - number < r->n && *distance > 0) {
		const struct slot *s = &r->slots[number % r->n];
		int d = fingerprint_distance(s->comment.print.bits, q->print.bits);
		if ((d < *distance || (d == *distance && number > *best)) && asked_for(q, &s->comment)) {
			*best = number;
			*distance = d;
		}
		number = s->next[i] ? number - s->next[i] : 0;
	}
}

bool near_find(const struct near_ring *r, const struct near_query *q, struct near_comment *out, int *distance)
{
	uint64_t best = 0;
	*distance = (q->bits < NEAR_BITS_MOST ? q->bits : NEAR_BITS_MOST) + 1;
	if (q->print.words < q->words)
		return false;
	int limit = *distance;
	for (int i = 0; i < NEAR_BANDS; i++) {
		uint16_t value = band(q->print.bits, i);
		follow(r, q, i, value, &best, distance);
		for (int bit = 0; bit < BAND_BITS; bit++)
			follow(r, q, i, (uint16_t)(value ^ 1u << bit), &best, distance);
	}
	if (!best || *distance >= limit)
		return false;
	*out = r->slots[best % r->n].comment;
	return true;
}
