/* clean.h: the one door for text.
 *
 * Everything people write passes here: it is parsed as a browser would (HTML5, by gumbo) and written
 * out anew with only what the grammar allows, so what is stored is safe to serve as it is. Unknown
 * elements give way to their content; scripts, styles, forms and frames go with theirs; attributes
 * and URL schemes are an allow-list; the output is well-formed and parses to itself. */
#pragma once

#include "base/base.h"

enum grammar {
	GRAMMAR_STORY,  /* bodies: headings, figures, tables, pictures ... */
	GRAMMAR_INLINE, /* captions, standfirsts, biographies: phrasing and links only */
	GRAMMAR_COMMENT, /* what readers write: paragraphs, lists, quotes, links that vouch for nothing */
};

/* What was taken away, for the report of an import: "script", "onclick on <p>", "javascript: in
 * href". Each once, with how often. */
struct clean_loss {
	str_t what;
	int   count;
};
struct clean_report {
	struct clean_loss *v;
	size_t             n, cap;
};

/* Cleans `html` (a fragment). `report` may be NULL. An input over the limit is an error; nothing
 * else is: every input has a clean form. */
err_t clean_html(arena_t *a, enum grammar grammar, str_t html, str_t *out,
		 struct clean_report *report) CHECKED;

/* CommonMark with tables and strikethrough, no raw HTML, then cleaned. */
err_t clean_markdown(arena_t *a, enum grammar grammar, str_t markdown, str_t *out,
		     struct clean_report *report) CHECKED;

/* The text of clean HTML: tags gone, references resolved, white space folded. */
str_t clean_text(arena_t *a, str_t html);

/* Words in clean HTML. */
int64_t clean_words(str_t html);
