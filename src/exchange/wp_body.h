/* wp_body.h: what stands in a WordPress post, as HTML that passes clean().
 *
 * A post is blocks (HTML between comments that name them) or classic text, whose blank lines are
 * paragraphs. Both may hold shortcodes. Blocks' HTML needs little: clean() knows its classes; what
 * WordPress would only make when showing the page is noted. */
#pragma once

#include "base/base.h"

struct wp_resolver {
	void *ctx;
	/* The new address of a picture or recording; {NULL, 0} if it did not come along. */
	str_t (*picture)(void *ctx, str_t url);
	/* The same by attachment number, with its texts. */
	str_t (*attachment)(void *ctx, int64_t id, str_t *alt, str_t *caption);
	/* The new address of a link; {NULL, 0} to leave it. */
	str_t (*link)(void *ctx, str_t url);
};

/* `notes` gets a sentence for each thing that was mapped with loss or left out. */
err_t wp_body_import(arena_t *a, str_t content, const struct wp_resolver *resolver, str_t *html,
		     struct strs *notes) CHECKED;

/* A post's text with the notes that WordPress keeps beside it (`texts`, JSON) put into it. */
str_t wp_footnotes(arena_t *a, str_t content, str_t texts, struct strs *notes);
