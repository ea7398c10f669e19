/* feeds.h: the paper for programs: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1, sitemaps (the
 * sitemaps.org protocol 0.9), robots.txt (RFC 9309). Each is a view like any page, cached and
 * dropped the same way. */
#pragma once

#include "page/site.h"

/* The whole paper, or the section of the route's ":section". Full text, newest first. */
err_t feed_rss(struct stet *s, struct view *v) CHECKED;
err_t feed_atom(struct stet *s, struct view *v) CHECKED;
err_t feed_json(struct stet *s, struct view *v) CHECKED;

/* The index of sitemaps, and one part of it: "fixed" or a number from 1. */
err_t sitemap_index(struct stet *s, struct view *v) CHECKED;
err_t sitemap_part(struct stet *s, struct view *v) CHECKED;

err_t robots_txt(struct stet *s, struct view *v) CHECKED;
