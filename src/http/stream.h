/* stream.h: event streams and the topics they listen to.
 *
 * An event is made once, counted, and shared by all who get it. Each loop knows its own streams
 * by topic; server_event leaves the event in every loop's inbox. How it reaches a client is the
 * protocol's (protocol->event). */
#pragma once

#include "http/http.h"

#include <stdatomic.h>

struct exchange;
struct loop;

#define EVENT_RETRY "3000" /* milliseconds after which a client that lost us comes back */

struct event {
	atomic_int refs;
	str_t      topic; /* both stand behind the struct */
	str_t      bytes; /* as text/event-stream has it */
	int64_t    id;    /* 0: none */
	bool       last;  /* the stream ends behind it */
};
struct event *event_new(str_t topic, str_t name, str_t data, int64_t id); /* NULL: no memory */
/* Bytes that have the form already. */
struct event *event_raw(str_t first, str_t second);
struct event *event_keep(struct event *e);
void          event_drop(struct event *e);

/* The streams of one loop. */
struct streams;
struct streams *streams_new(void);
void            streams_free(struct streams *s);
size_t          streams_count(const struct streams *s);

/* `x` listens to `topics` from now on, as far as events are newer than `after`. NULL without memory. */
struct stream *stream_open(struct streams *s, struct exchange *x, const struct strs *topics,
			   int64_t after);
void           stream_close(struct streams *s, struct stream *stream);

/* What a stream that opens now begins with: `head`, `body`, and the events that came between what `body`
 * tells of, which ends with id `after`, and now. NULL if those are not here any more (the client asks
 * again), and without memory. */
struct event *streams_first(const struct streams *s, str_t head, str_t body,
			    const struct strs *topics, int64_t after);

/* To all who listen. */
void streams_event(struct streams *s, struct event *e);

/* A comment to everyone who has not got one for `every`; `now` is steady. */
void streams_beat(struct streams *s, usec_t now, usec_t every);
