/* body.h: a stored body as a page or a feed shows it.
 *
 * What is stored is clean HTML that names media by hash and embeds by link (docs/stories.md). Here it
 * gets what only the moment of showing knows: pictures in all sizes, players with their tracks, sizes of
 * files, cards for embeds, the way back from notes, and words in the page's language. */
#pragma once

#include "page/site.h"

enum body_use {
	BODY_PAGE,
	BODY_FEED, /* read elsewhere, without our styles and scripts */
};

/* `prefix` stands before the names of notes, for pages that show several bodies; empty otherwise. Tells the
 * view what else the page needs: hosts of frames (v->frames), and the keys "embeds", "galleries"
 * and "tables". */
err_t body_expand(struct stet *s, struct view *v, str_t html, enum body_use use, str_t prefix,
		  str_t *out) CHECKED;
