/* cache.h: finished pages, kept until something they show changes.
 *
 * The key is the canonical path (with the query parameters that matter). Each page is filed under
 * the topics it was made from; dropping a topic drops its pages. One asker makes a page, the others
 * wait for it. A page that was being made while one of its topics was dropped is answered but not
 * kept; who asks after the drop gets one made after it. Bounded in bytes: the page not asked for
 * longest goes first. All functions may be called from any thread. */
#pragma once

#include "http/answer.h"

struct cache;

err_t cache_new(size_t most_bytes, struct cache **out) CHECKED;
void  cache_free(struct cache *c);

/* A hit, with a reference, or NULL. Never waits. */
struct answer *cache_get(struct cache *c, str_t key);

/* Makes the page: sets *out (one reference) and adds the topics it depends on. It must return, also when
 * memory runs out: it has its own guard. */
typedef err_t (*cache_make)(void *ctx, arena_t *a, struct answer **out, struct strs *topics);

/* A hit, or the result of `make`: run here, or by another thread that began before. An error of that
 * one is an error here, too. */
err_t cache_get_or_make(struct cache *c, arena_t *a, str_t key, cache_make make, void *ctx,
			struct answer **out) CHECKED;

/* Drops every page filed under the topic. */
void cache_drop(struct cache *c, str_t topic);
void cache_drop_all(struct cache *c);

struct cache_figures {
	int64_t pages, bytes; /* kept just now */
	int64_t hits, misses; /* a miss is a page made */
	int64_t waits;        /* for another's making */
	int64_t dropped, evicted;
};
struct cache_figures cache_figures(struct cache *c);
