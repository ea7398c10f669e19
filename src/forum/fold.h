/* fold.h: a text as the eye reads it, for comparing.
 *
 * Letters of one look are one letter: capitals and small ones, full-width and mathematical, Cyrillic а and
 * Latin a, é and e. What is not seen is left out: zero-width characters, marks above and below. All
 * that is no letter or digit is one gap. The rest is a row of units, each a letter with how often it
 * stands in a row and the bytes of the original that it came from, so whatever is found can be shown there.
 *
 * Some signs can be read in two ways ("sh!t", "s1ut"), and letters with gaps between them may be a word
 * ("b a d"). Each way is a reading of its own; the first is the plain one, and for most texts the only one.
 *
 * Every code point is folded by itself: time grows with the text, memory stops at FOLD_UNITS. */
#pragma once

#include "base/base.h"

/* The letters of a text that are looked at. Ten times the longest comment a publication would take. */
enum { FOLD_UNITS = 1 << 18 };

enum fold_kind {
	FOLD_GAP,    /* between words; its letter is a space */
	FOLD_LETTER,
	FOLD_DIGIT,  /* was a digit, though it may be read as a letter */
	FOLD_FREE,   /* a letter of a script that sets no spaces, or a pictograph: a word may end at either side */
};

struct fold_unit {
	uint32_t letter;
	uint32_t from, till; /* bytes of the original */
	uint16_t run;        /* times in a row; 65535 for more */
	uint8_t  kind;       /* enum fold_kind */
};

struct fold_reading {
	struct fold_unit *v;
	size_t            n;
	bool              spelled; /* words spelled letter by letter: they may begin and end at every letter */
};

enum { FOLD_READINGS = 5 };

struct folded {
	str_t               original;
	struct fold_reading reading[FOLD_READINGS]; /* [0] is the plain one */
	size_t              readings;
	size_t              letters, capitals; /* of the original, for scripts that have both */
	size_t              marks;             /* the most combining marks in a row */
	bool                cut;               /* there is more text than was looked at */
};

/* The tables, made as texts ask for them. One for all threads. */
struct folder;
err_t folder_new(struct folder **out) CHECKED;
void  folder_free(struct folder *f); /* NULL is fine */

/* `text` must outlive `out`; bytes that are no UTF-8 count as gaps. */
void fold(struct folder *f, arena_t *a, str_t text, struct folded *out);

/* For what is looked for: one reading, in which signs stand for letters wherever they can. */
void fold_listed(struct folder *f, arena_t *a, str_t text, struct fold_reading *out);

/* As text again: runs of a letter (not of digits in numbers) cut to `run`, gaps as single spaces. */
str_t fold_text(arena_t *a, const struct fold_reading *r, uint16_t run);

/* Of units; runs count as `run` at most. For the same units and seed the same everywhere and always. */
uint64_t fold_hash(const struct fold_unit *v, size_t n, uint16_t run, uint64_t seed);

/* The next word of a reading from `*at`, which moves behind it; false at the end. */
bool fold_word(const struct fold_reading *r, size_t *at, struct fold_reading *word);
