/* reads.h: how often stories are opened, counted on the server.
 *
 * No cookie, no script, no address kept: a request for a story's page by a browser that navigates to
 * it counts once an hour for each reader, told apart by a hash whose key is random, lives in memory and
 * changes every hour. What says that it is a program, fetches ahead, or asks for something else
 * does not count. Counts gather in memory and are written every few minutes by one act; a crash
 * loses those of the last minutes. */
#pragma once

#include "page/site.h"

struct reads;

extern const struct act_kind ACT_READS_COUNT;

err_t reads_new(struct stet *s, struct reads **out) CHECKED;
void  reads_free(struct reads *r);

/* A story's page was given to this request. Any thread; never waits for more than a moment. */
void reads_seen(struct reads *r, const struct request *q);

/* True for a request that a person's browser makes to open a page. */
bool reads_counts(const struct request *q);

/* Writes what was counted. */
err_t reads_write(struct reads *r, arena_t *a) CHECKED;

/* A thread that writes in time; the rest is written at the stop. */
err_t reads_start(struct reads *r) CHECKED;
void  reads_stop(struct reads *r);

/* "most_read" of a view: [{rank, ...card}], and the topic it depends on. */
err_t reads_add(struct stet *s, struct view *v, size_t most) CHECKED;
/* The page /most-read: of today, and of the week. */
extern const struct route reads_routes[];
