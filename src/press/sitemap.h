/* sitemap.h: every public address, for search engines (the sitemaps.org protocol 0.9), and what is
 * news (Google's news sitemap). */
#pragma once

#include "page/site.h"
#include "press/press.h"

/* The index of sitemaps, and one part of it: "fixed" or a number from 1. */
err_t sitemap_index(struct stet *s, struct view *v) CHECKED;
err_t sitemap_part(struct stet *s, struct view *v) CHECKED;

/* The stories of the two days before `now`, newest first, at most a thousand, without what an
 * advertiser paid for. */
err_t sitemap_news(struct stet *s, struct conn *c, arena_t *a, usec_t now, str_t *out) CHECKED;

/* Serves "/sitemap/news.xml": made for each asker, since it ages by itself. */
err_t sitemap_news_serve(struct stet *s, struct request *q, struct response *r) CHECKED;
