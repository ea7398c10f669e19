/* near.c: the nearest of the last 50,000 comments, beside looking at each of them; and what the classifier takes for a
 * comment.
 *
 *	bench_near [ROUNDS]
 *
 * Fingerprints are random, every tenth within ten bits of an earlier one, as with spam that is varied. The two
 * take turns; each line is a round in microseconds a comment. */
#include "forum/learn.h"
#include "forum/simhash.h"

#include <stdio.h>
#include <stdlib.h>

enum { HELD = 50000, ASKED = 2000 };

static uint64_t dice(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 32 ^ *seed << 32;
}

static uint64_t bits_near(uint64_t bits, uint64_t *seed)
{
	for (uint64_t k = dice(seed) % 10; k; k--)
		bits ^= (uint64_t)1 << dice(seed) % 64;
	return bits;
}

static double each(usec_t from, size_t n)
{
	return (double)(clock_steady() - from) / (double)n;
}

static size_t by_bands(const struct near_ring *r, const uint64_t *asked)
{
	size_t found = 0;
	for (size_t i = 0; i < ASKED; i++) {
		struct near_comment c;
		int d;
		found += near_find(r, &(struct near_query){ .print = { asked[i], 20 }, .bits = 7 }, &c, &d);
	}
	return found;
}

static size_t by_looking(const uint64_t *held, const uint64_t *asked)
{
	size_t found = 0;
	for (size_t i = 0; i < ASKED; i++) {
		int best = 8;
		for (size_t k = 0; k < HELD; k++) {
			int d = fingerprint_distance(held[k], asked[i]);
			best = d < best ? d : best;
		}
		found += best < 8;
	}
	return found;
}

/* Of a comment of 500 characters, after 2,000 decisions. */
static double opinion(void)
{
	static const char *const words[] = { "council", "bridge", "idiot", "market", "school", "budget", "nonsense", "river", "thank", "you",
					     "never", "again", "mayor", "figures", "meeting", "the", "of", "and", "was", "late" };
	enum { TIMES = 2000 };
	struct learner *l;
	struct folder *f;
	struct folded text;
	struct learn_opinion o;
	uint64_t seed = 1;
	usec_t spent = 0;
	if (learn_new(&l) || folder_new(&f))
		exit(1);
	for (int i = 0; i < 2 * TIMES; i++) {
		arena_t *a = arena_create(0);
		struct buf b = buf_new(a, 600);
		while (b.n < 500)
			buf_add_format(&b, "%s%llu ", words[dice(&seed) % COUNT(words)], (unsigned long long)(dice(&seed) % 50));
		fold(f, a, buf_str(&b), &text);
		if (i < TIMES) {
			learn(l, a, &(struct learn_text){ &text, 0 }, i % 10 ? LEARN_APPROVED : LEARN_REMOVED);
		} else {
			usec_t from = clock_steady();
			learn_judge(l, a, &(struct learn_text){ &text, 0 }, 100, &o);
			spent += i == TIMES ? 0 : clock_steady() - from; /* the first sets the probabilities anew */
		}
		arena_free(a);
	}
	learn_free(l);
	folder_free(f);
	return (double)spent / (TIMES - 1);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5;
	uint64_t *held = calloc(HELD, sizeof *held), *asked = calloc(ASKED, sizeof *asked), seed = 1;
	struct near_ring *r;
	if (!held || !asked || near_new(HELD, &r))
		return 1;
	for (size_t i = 0; i < HELD; i++) {
		held[i] = i && i % 10 == 0 ? bits_near(held[dice(&seed) % i], &seed) : dice(&seed);
		near_add(r, &(struct near_comment){ (id64)i + 1, 1, 1, { held[i], 20 } });
	}
	for (size_t i = 0; i < ASKED; i++)
		asked[i] = i % 10 == 0 ? bits_near(held[dice(&seed) % HELD], &seed) : dice(&seed);
	printf("%d comments, %zu bytes\n", HELD, near_bytes(r));
	for (int i = 0; i < rounds; i++) {
		usec_t from = clock_steady();
		size_t found = by_bands(r, asked);
		double ours = each(from, ASKED);
		from = clock_steady();
		size_t looked = by_looking(held, asked);
		double beside = each(from, ASKED);
		printf("near %.2f looking %.2f ratio %.4f found %zu looked %zu opinion %.1f\n", ours, beside, ours / beside, found, looked,
		       opinion());
	}
	near_free(r);
	free(held);
	free(asked);
	return 0;
}
