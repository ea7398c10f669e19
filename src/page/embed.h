/* embed.h: what others host and a page may show in a frame: the table of providers.
 *
 * An embed is stored as a link to the page where people see the thing. What a frame would ask for is
 * worked out from that link whenever a page is made, so nothing of a stranger's markup is ever kept,
 * and a provider that is taken from the table is a plain link again everywhere. */
#pragma once

#include "base/base.h"

enum embed_shape { EMBED_WIDE, EMBED_UPRIGHT, EMBED_SOUND, EMBED_POST, EMBED_CHART, EMBED_MAP };

struct embed {
	str_t            provider; /* "YouTube" */
	str_t            link;     /* where people see it */
	str_t            frame;    /* what a frame asks for */
	str_t            host;     /* whom the frame asks */
	enum embed_shape shape;
	bool             referrer; /* shows nothing unless told whose page it is on */
};

/* Finds the provider of an address: of a page that people see, or of its frame. `hosts` names the
 * servers of PeerTube and Mastodon that are trusted, between spaces or commas. */
bool embed_find(arena_t *a, str_t url, str_t hosts, struct embed *out);

/* "wide", "upright", "sound" ... for style sheets */
const char *embed_shape_name(enum embed_shape shape);
