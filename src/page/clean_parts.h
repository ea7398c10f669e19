/* clean_parts.h: what the files behind clean.h share. */
#pragma once

#include "page/clean.h"

/* What an import may do while text is cleaned. Each function gives the address to write instead, in
 * memory that lives as long as the clean text, or {NULL, 0}. */
struct clean_hooks {
	void *ctx;
	/* A picture or recording: {NULL, 0} makes it a link, since no page loads from elsewhere. */
	str_t (*source)(void *ctx, str_t url);
	/* A link: {NULL, 0} leaves it. */
	str_t (*link)(void *ctx, str_t url);
};

/* clean_html for text from elsewhere: frames become links to what they show, other systems' classes
 * become ours, and their players' buttons go. */
err_t clean_imported(arena_t *a, str_t html, const struct clean_hooks *hooks, str_t *out,
		     struct clean_report *report) CHECKED;

/* Like clean_html, for HTML that Markdown made: a picture alone with a title becomes a figure. */
err_t clean_parsed_markdown(arena_t *a, enum grammar grammar, str_t html, str_t *out,
			    struct clean_report *report) CHECKED;

/* clean_markdown without the notation of ours: for what other systems call Markdown. */
err_t clean_commonmark(arena_t *a, enum grammar grammar, str_t markdown, str_t *out,
		       struct clean_report *report) CHECKED;
