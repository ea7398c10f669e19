/* glyph.h: what each code point looks like, in pages of 256 that are made when first asked for. */
#pragma once

#include "forum/fold.h"

enum glyph_flags { GLYPH_UPPER = 1, GLYPH_CASED = 2, GLYPH_MARK = 4 };

struct glyph {
	uint32_t letter; /* folded; where `n` is above 1, the place of the first in the page's `more` */
	uint8_t  kind;   /* enum fold_kind */
	uint8_t  n;      /* code points it becomes; 0: it is not seen */
	uint8_t  alt;    /* an ASCII letter that it may also be read as, or 0 */
	uint8_t  flags;
};

/* Its glyph, and where `n` is above 1 its letters. NULL: no memory. */
const struct glyph *glyph_of(struct folder *f, uint32_t c, const uint32_t **more);

/* The letter that a digit stands for among letters, or 0. */
uint8_t glyph_digit(uint32_t c);
