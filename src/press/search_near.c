/* search_near.c: "did you mean": words of the index that a misspelt one is near to.
 *
 * Nobody measures against every word: a slip hardly ever hits the first letter, but may swap it with
 * the second. So words of headlines and names that begin with either letter are measured, and words
 * of the whole text that begin with the same three. Of those with the fewest edits the one that most
 * stories have is meant. */
#include "press/search.h"

enum {
	NEAR_LEAST = 4,   /* letters: shorter words are near to everything */
	NEAR_MOST = 32,   /* letters of a word that are measured */
	NEAR_TWICE = 7,   /* letters from which on two edits are a slip, too */
	NEAR_WORDS = 3,   /* of a query that are looked at */
};

static size_t runes_of(str_t s, int32_t out[NEAR_MOST])
{
	size_t n = 0, at = 0;
	int32_t r;
	while (n < NEAR_MOST && (r = str_next_rune(s, &at)) >= 0)
		out[n++] = r;
	return n;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: as Levenshtein's, with swaps; three rows of the table are enough. */
size_t search_distance(str_t a, str_t b, size_t most)
{
	int32_t x[NEAR_MOST], y[NEAR_MOST];
	size_t rows[3][NEAR_MOST + 1], nx = runes_of(a, x), ny = runes_of(b, y);
	if ((nx > ny ? nx - ny : ny - nx) > most)
		return most + 1;
	for (size_t j = 0; j <= ny; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= nx; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		size_t best = row[0] = i;
		for (size_t j = 1; j <= ny; j++) {
			size_t d = above[j - 1] + (x[i - 1] != y[j - 1]);
			d = least(d, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
				d = least(d, before[j - 2] + 1);
			row[j] = d;
			best = least(best, d);
		}
		if (best > most + 1)
			return most + 1;
	}
	return least(rows[nx % 3][ny], most + 1);
}

struct nearest {
	str_t   word;     /* that was typed, as the index writes words */
	size_t  most;     /* edits */
	int64_t there;    /* stories that have it as it was typed */
	str_t   found;
	size_t  distance;
	int64_t stories;
};

static void measure(struct nearest *near, const struct search_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t d = search_distance(near->word, words[i].text, near->most);
		if (d == 0 && words[i].stories > near->there)
			near->there = words[i].stories;
		if (d == 0 || d > near->most || d > near->distance)
			continue;
		if (d == near->distance && words[i].stories <= near->stories)
			continue;
		near->found = words[i].text;
		near->distance = d;
		near->stories = words[i].stories;
	}
}

static err_t measure_start(struct conn *c, arena_t *a, struct nearest *near, str_t start, bool whole)
{
	struct search_word *words = NULL;
	size_t n = 0;
	TRY(search_words(c, a, start, whole, &words, &n));
	measure(near, words, n);
	return OK;
}

/* The first letter, the second, the first three. */
static err_t look_near(struct conn *c, arena_t *a, struct nearest *near)
{
	size_t at = 0, ends[3] = { 0 };
	for (size_t i = 0; i < COUNT(ends); i++) {
		str_next_rune(near->word, &at);
		ends[i] = at;
	}
	str_t first = str_slice(near->word, 0, ends[0]);
	str_t second = str_slice(near->word, ends[0], ends[1]);
	TRY(measure_start(c, a, near, first, false));
	if (!str_eq(first, second))
		TRY(measure_start(c, a, near, second, false));
	return measure_start(c, a, near, str_slice(near->word, 0, ends[2]), true);
}

/* One word, as the index writes it: small letters without marks; {NULL, 0} for what is more. */
static str_t index_word(arena_t *a, str_t text)
{
	str_t word = slug_from(a, text);
	if (str_find_char(word, '-', 0) != STR_NONE || str_runes(word) < NEAR_LEAST)
		return (str_t){ NULL, 0 };
	return word;
}

err_t search_did_you_mean(struct conn *c, arena_t *a, const struct search_query *q, str_t *out)
{
	struct search_query now = *q;
	size_t looked = 0;
	*out = (str_t){ NULL, 0 };
	/* From the last to the first: places before a replaced word stay where they are. */
	for (size_t i = q->nterms; i > 0 && looked < NEAR_WORDS; i--) {
		const struct search_node *term = q->terms[i - 1];
		if (term->field != SEARCH_WORDS || term->phrase || term->prefix || term->negated)
			continue;
		str_t word = index_word(a, term->text);
		if (!word.p)
			continue;
		looked++;
		size_t most = str_runes(word) >= NEAR_TWICE ? 2 : 1;
		struct nearest near = { .word = word, .most = most, .distance = most + 1 };
		TRY(look_near(c, a, &near));
		if (!near.found.p || near.stories <= near.there * 2)
			continue;
		now.text = search_with(a, &now, term, near.found);
		*out = now.text;
	}
	return OK;
}
