/* wordlist.h: the words that a newsroom does not want, or wants to look at first, found in a text as it is
 * read by eye (fold.h), all of them in one pass.
 *
 * A list is text: a word or phrase a line, `#` at the beginning of a comment. A word is found as a whole word;
 * with `*` at an end it may go on there: "moron*" finds "moronic", "*bot*" finds "robots". Letters that are
 * drawn out ("moooron") are found if three or more stand where the list has fewer. */
#pragma once

#include "forum/fold.h"

enum word_list { WORDS_BANNED, WORDS_SUSPECT, WORD_LISTS };

enum {
	WORDS_MOST = 100000,   /* of a list: beyond that it is a dictionary, not a list of words one minds */
	WORD_LETTERS = 100,    /* of a word or phrase: a line */
	WORD_HITS_MOST = 100,  /* reported of a text: more tell a moderator nothing new */
};

struct word_hit {
	enum word_list list;
	str_t          word;       /* as listed; lives as long as the words */
	uint32_t       line;       /* of its list */
	uint32_t       from, till; /* bytes of the original */
};

struct word_hits {
	struct word_hit *v; /* by place */
	size_t           n;
	bool             more; /* there are others than these */
};

/* Both lists, ready to be looked for. Never changed, so for all threads. */
struct words;

/* The error names the list by its field, "banned" or "suspect", and the line. */
err_t words_new(struct folder *f, const str_t lists[WORD_LISTS], struct words **out) CHECKED;
void  words_free(struct words *w); /* NULL is fine */

void words_find(const struct words *w, arena_t *a, const struct folded *text, struct word_hits *out);

size_t words_count(const struct words *w, enum word_list list);
size_t words_bytes(const struct words *w);
