/* words.c: 10,000 listed words looked for in comments of 500 characters, beside a loop over the same list with glibc's
 * memmem, which sees no disguise and knows no whole words.
 *
 *	bench_words [WORDS [ROUNDS]] < TEXT
 *
 * The text is cut into comments, all in small letters for memmem beforehand; the list is made of syllables, the
 * same every time. The two take turns; each line is a round in microseconds a comment. */
#include "forum/wordlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { COMMENT = 500, INPUT = 1 << 22 };

struct comments {
	str_t *v, *small;
	size_t n;
};

static uint32_t dice(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % n;
}

static str_t make_list(arena_t *a, int words)
{
	static const char *const heads[] = { "b", "br", "c", "ch", "d", "f", "g", "h", "k", "l", "m", "n", "p", "pr", "s", "sh", "sl",
					     "st", "t", "tr", "v", "w", "z" };
	static const char *const tails[] = { "a", "e", "i", "o", "u", "an", "er", "ick", "in", "on", "ot", "um", "ock", "ing" };
	struct buf b = buf_new(a, 1 << 16);
	uint32_t seed = 1;
	for (int i = 0; i < words; i++) {
		for (uint32_t n = 2 + dice(&seed, 3); n; n--)
			buf_add_format(&b, "%s%s", heads[dice(&seed, COUNT(heads))], tails[dice(&seed, COUNT(tails))]);
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

static struct comments cut(arena_t *a, str_t text)
{
	struct comments c = { 0 };
	c.v = arena_array(a, text.n / COMMENT + 1, sizeof *c.v);
	c.small = arena_array(a, text.n / COMMENT + 1, sizeof *c.small);
	for (size_t at = 0; at + COMMENT <= text.n; c.n++) {
		c.v[c.n] = str_clip(str_slice(text, at, text.n), COMMENT);
		c.small[c.n] = str_lower(a, c.v[c.n]);
		at += c.v[c.n].n;
	}
	return c;
}

static double each(usec_t from, size_t n)
{
	return (double)(clock_steady() - from) / (double)n;
}

/* Folding alone, then folding and finding. */
static void ours(struct folder *f, const struct words *w, arena_t *a, const struct comments *c, double *folding, double *all,
		 size_t *hits)
{
	enum { TIMES = 20 }; /* a round of memmem is some hundred times as long */
	struct folded text;
	struct word_hits h;
	usec_t from = clock_steady();
	for (size_t i = 0; i < TIMES * c->n; i++) {
		fold(f, a, c->v[i % c->n], &text);
		arena_reset(a);
	}
	*folding = each(from, TIMES * c->n);
	from = clock_steady();
	*hits = 0;
	for (size_t i = 0; i < TIMES * c->n; i++) {
		fold(f, a, c->v[i % c->n], &text);
		words_find(w, a, &text, &h);
		*hits += h.n;
		arena_reset(a);
	}
	*all = each(from, TIMES * c->n);
	*hits /= TIMES;
}

static double theirs(const struct strs *list, const struct comments *c, size_t *hits)
{
	usec_t from = clock_steady();
	*hits = 0;
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < list->n; k++)
			*hits += memmem(c->small[i].p, c->small[i].n, list->v[k].p, list->v[k].n) != NULL;
	return each(from, c->n);
}

static struct strs lines(arena_t *a, str_t text)
{
	struct strs list = { 0 };
	while (text.p) {
		str_t line = str_cut(&text, '\n');
		if (line.n)
			strs_add(a, &list, line);
	}
	return list;
}

int main(int argc, char **argv)
{
	int words = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000, rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
	arena_t *a = arena_create(0), *round = arena_create(0);
	struct buf input = buf_new(a, INPUT);
	struct folder *f;
	struct words *w;
	ssize_t n;
	while (input.n < INPUT && (n = read(STDIN_FILENO, buf_room(&input, 1 << 16), 1 << 16)) > 0)
		buf_advance(&input, (size_t)n);
	struct comments c = cut(a, buf_str(&input));
	str_t list = make_list(a, words);
	struct strs split = lines(a, list);
	if (!c.n || folder_new(&f))
		return 1;
	usec_t from = clock_steady();
	if (words_new(f, (str_t[]){ list, S("") }, &w))
		return 1;
	printf("%zu comments, %d words, %zu bytes, built in %lld us\n", c.n, words, words_bytes(w), (long long)(clock_steady() - from));
	for (int i = 0; i < rounds; i++) {
		double folding, all;
		size_t hits, plain;
		ours(f, w, round, &c, &folding, &all, &hits);
		double beside = theirs(&split, &c, &plain);
		printf("fold %.2f all %.2f memmem %.1f ratio %.4f hits %zu plain %zu\n", folding, all, beside, all / beside, hits, plain);
	}
	words_free(w);
	folder_free(f);
	arena_free(round);
	arena_free(a);
	return 0;
}
