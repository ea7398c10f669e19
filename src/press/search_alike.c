/* search_alike.c: stories that speak of the same, by their words.
 *
 * The words of a headline and standfirst that few other stories have in their headlines and names tell
 * what a story is about. Only such words are looked for, so the answer costs a few short lists of
 * the index, however large the archive is. */
#include "press/search.h"

#include "page/clean.h"

#include <stdlib.h>

enum {
	WORD_LEAST = 4,     /* letters: shorter ones join sentences */
	WORDS_LOOKED = 40,  /* of headline and standfirst */
	TELLING = 6,        /* rarest words that are looked for */
	STORIES_MOST = 60,  /* a word in more headlines than these tells little */
};

static int by_rarity(const void *x, const void *y)
{
	const struct search_word *a = x, *b = y;
	if (a->stories != b->stories)
		return a->stories < b->stories ? -1 : 1;
	return str_cmp(a->text, b->text);
}

static bool is_there(const struct strs *words, str_t word)
{
	for (size_t i = 0; i < words->n; i++)
		if (str_eq(words->v[i], word))
			return true;
	return false;
}

/* The words as the index writes them: a slug is just that. */
static struct strs words_of(arena_t *a, const struct story *st)
{
	struct strs words = { 0 };
	str_t texts[] = { st->headline, clean_text(a, st->standfirst) };
	for (size_t i = 0; i < COUNT(texts); i++) {
		str_t rest = texts[i];
		while (rest.p && words.n < WORDS_LOOKED) {
			str_t word = slug_from(a, str_cut(&rest, ' '));
			if (str_runes(word) >= WORD_LEAST && str_find_char(word, '-', 0) == STR_NONE &&
			    !is_there(&words, word))
				strs_add(a, &words, word);
		}
	}
	return words;
}

err_t search_alike(struct conn *c, arena_t *a, const struct story *st, size_t limit,
		   struct search_hit **out, size_t *n)
{
	struct strs words = words_of(a, st);
	struct search_word *telling = arena_array(a, words.n, sizeof *telling);
	size_t found = 0;
	*out = NULL;
	*n = 0;
	for (size_t i = 0; i < words.n; i++) {
		struct search_word *w = &telling[found];
		w->text = words.v[i];
		TRY(search_word_count(c, words.v[i], &w->stories));
		found += w->stories > 1 && w->stories <= STORIES_MOST; /* one is the story itself */
	}
	if (!found)
		return OK;
	qsort(telling, found, sizeof *telling, by_rarity);
	struct strs wanted = { 0 };
	for (size_t i = 0; i < found && i < TELLING; i++)
		strs_add(a, &wanted, telling[i].text);
	return search_with_any(c, a, &wanted, st->id, limit, out, n);
}
