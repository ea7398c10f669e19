/* elsewhere.h: conversations about pages of other sites, shown there in a frame of ours.
 *
 * Whose pages may is a list of origins. A page is there from its first comment on: what is only looked at leaves
 * nothing, so made-up addresses cost nothing. It is no row of `story`: no list, feed, search or sitemap of stories
 * can show it. To the forum it is a story of the section "elsewhere" that is in memory alone. */
#pragma once

#include "forum/forum.h"

enum {
	OTHER_URL_MOST = 400,    /* bytes: it is a part of a page's key in the cache */
	OTHER_SITES_MOST = 100,  /* each is a hand-written line */
	OTHER_PAGES_DAY = 1000,  /* that get a first comment: more is somebody making addresses up */
};

/* --- addresses (other_url.c): pure --- */

/* "HTTPS://Example.org:443/" -> "https://example.org". Without TLS only this machine: what comes from elsewhere
 * could be anybody's. An error's field is "origin". */
err_t other_origin(arena_t *a, str_t said, str_t *out) CHECKED;
/* One address for a page: small letters in the host, no fragment, no parameters that only follow readers about. */
err_t other_url(arena_t *a, str_t said, str_t *origin, str_t *out) CHECKED;

/* --- sites --- */

err_t other_sites(struct conn *c, arena_t *a, struct strs *out) CHECKED;
err_t other_site_allows(struct conn *c, str_t origin, bool *out) CHECKED;
/* ERR_CONFLICT if it is there already; ERR_MISSING if it is not. */
err_t other_site_add(struct stet *s, arena_t *a, str_t origin, str_t actor) CHECKED;
err_t other_site_remove(struct stet *s, arena_t *a, str_t origin, str_t actor) CHECKED;

/* --- pages --- */

static inline bool is_elsewhere(const struct story *st)
{
	return str_eq(st->section.slug, S("elsewhere"));
}
/* ERR_MISSING if nobody has said anything about it. */
err_t other_page_by_slug(struct conn *c, arena_t *a, str_t slug, struct story *out) CHECKED;
err_t other_page_by_url(struct conn *c, arena_t *a, str_t url, struct story *out) CHECKED;
/* Where it is; of a story that is_elsewhere. */
err_t other_page_address(struct conn *c, arena_t *a, id64 id, str_t *out) CHECKED;
/* In an act that writes its first comment: the row, unless it is there. `url` as of other_url. */
err_t other_page_make(struct stet *s, struct conn *c, arena_t *a, str_t url, id64 *out) CHECKED;

extern const struct route embed_routes[];
