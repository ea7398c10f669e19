/* ghost_body.h: what stands in a Ghost post, as HTML that passes clean(): from the HTML that Ghost
 * rendered, or from the editor's own forms, Lexical and Mobiledoc, or from old Markdown. */
#pragma once

#include "base/base.h"

struct ghost_resolver {
	void *ctx;
	str_t (*picture)(void *ctx, str_t url); /* {NULL, 0}: it did not come along */
	str_t (*link)(void *ctx, str_t url);    /* {NULL, 0}: leave it */
};

struct ghost_source {
	str_t html, lexical, mobiledoc, markdown; /* the first that is not empty is taken */
};

/* `notes` gets a sentence for each thing that was left out. A source that is broken is an error. */
err_t ghost_body_import(arena_t *a, const struct ghost_source *source,
			const struct ghost_resolver *resolver, str_t *html, struct strs *notes)
	CHECKED;

/* --- the parts, each of which writes HTML that is not clean yet --- */

err_t ghost_lexical(arena_t *a, str_t lexical, struct buf *out, struct strs *notes) CHECKED;
err_t ghost_mobiledoc(arena_t *a, str_t mobiledoc, struct buf *out, struct strs *notes) CHECKED;

#include <jansson.h>
/* A card of either editor: its kind ("image", "bookmark" ...) and its properties. */
void ghost_card(arena_t *a, str_t kind, const json_t *properties, struct buf *out,
		struct strs *notes);
