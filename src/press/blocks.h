/* blocks.h: a clean text taken apart: blocks (a paragraph, a heading, an item, a picture ...), and in
 * them words.
 *
 * Only what clean() wrote is read here, so that one pass over the tags is enough. Of markup inside a
 * block the words keep what readers see of it: emphasis as flags, a link's address as a word of its
 * own behind the link. Text is kept as plain text; whoever shows it escapes it. */
#pragma once

#include "base/base.h"

enum block_kind {
	BLOCK_PARAGRAPH, BLOCK_HEADING, BLOCK_ITEM, BLOCK_QUOTE, BLOCK_ROW, BLOCK_CODE, BLOCK_CAPTION,
	BLOCK_MEDIA, BLOCK_RULE,
	BLOCK_KINDS
};

struct block {
	enum block_kind kind;
	str_t           html;  /* what stands between its tags; of media, its tag */
	uint32_t        id;    /* equal: the same in kind and HTML */
};
struct blocks {
	struct block *v;
	size_t        n;
};

enum word_style {
	STYLE_EM = 1, STYLE_STRONG = 2, STYLE_S = 4, STYLE_SUB = 8, STYLE_SUP = 16, STYLE_CODE = 32,
	STYLE_MARK = 64, STYLE_Q = 128, STYLE_SMALL = 256,
	STYLE_ADDRESS = 512, /* where a link leads, not a word that is read */
};

struct word {
	str_t    text;   /* plain: references are resolved */
	uint16_t style;  /* enum word_style */
	bool     space;  /* white space before it */
	uint32_t id;     /* equal: the same text in the same style */
};
struct words {
	struct word *v;
	size_t       n;
};

/* Numbers for strings of a sort, the same for the same; from 0 on. For both sides of a comparison one.
 * The strings must outlive it. */
struct name {
	str_t    text;
	uint16_t sort;
};
struct names {
	arena_t     *a;
	struct name *v;
	uint32_t    *slots; /* number + 1 in an open table; 0: free */
	size_t       n, cap;
};
struct names names_new(arena_t *a);
uint32_t     names_number(struct names *s, uint16_t sort, str_t text);

/* The blocks of a clean text, in its order. */
struct blocks blocks_of(arena_t *a, struct names *names, str_t html);

/* The words of a block's HTML: runs of letters and digits, other signs each for itself. */
struct words words_of(arena_t *a, struct names *names, str_t html);

/* The value of an attribute of a clean tag, resolved; empty if it has none. */
str_t tag_attribute(arena_t *a, str_t tag, const char *name);
