/* stream.h: what open pages of a conversation are told, as it happens.
 *
 * Each change of a conversation has a number. An event says to which number it goes, how many comments
 * there are, and which changed: not what they say, so that it is small however many listen; whoever wants
 * to see the new ones asks for them (comments/new), once for all from the page cache. A conversation is
 * told of at most every STREAM_PACE, so a storm of comments is a few events a second, and where more than
 * CHANGES_TOLD came in one of these, those that are shown are not named: an event says how many were added. */
#pragma once

#include "forum/forum.h"

struct forum_stream; /* in struct stet */

err_t forum_stream_new(struct stet *s, struct forum_stream **out) CHECKED;
/* Once s->server is there. */
err_t forum_stream_start(struct forum_stream *f) CHECKED;
/* bus_fn */
void  forum_stream_wake(void *forum_stream, const str_t *topics, size_t n, int64_t entry);
void  forum_stream_stop(struct forum_stream *f);
void  forum_stream_free(struct forum_stream *f);

/* "/:section/:slug/comments/events" and "/…/comments/new" */
extern const struct route forum_stream_routes[];
