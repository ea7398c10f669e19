/* h2.h: HTTP/2 on one connection: bytes in, requests out; replies in, bytes out.
 *
 * A session touches no socket and no clock: its owner feeds it what came (after TLS), pulls from it
 * what is to be sent, and tells it the time. So it runs the same over TLS, in a test and under a
 * fuzzer. Frames are nghttp2's work; what is here is the meaning of requests and the refusal of
 * floods. Limits are in limits.h. */
#pragma once

#include "http/http.h"
#include "http/reply.h"

struct h2;
struct h2_stream;

/* What the owner does with requests. All are called from h2_feed, h2_pull or h2_tick; `exchange` is
 * what `begin` returned. */
struct h2_host {
	/* A request begins: its exchange, and in `q` the request to fill, with its arena. NULL
	 * refuses it unprocessed (too many are still being worked on). */
	void *(*begin)(void *connection, struct h2_stream *s, struct request **q);

	/* The head is complete: method, target, path, query, host and headers stand in the request.
	 * `status` is 0, or with what to refuse it (400, 431 ...). `ends`: no body follows. */
	void (*head)(void *exchange, int status, bool ends);

	/* More of the body, and its end. */
	void (*body)(void *exchange, str_t bytes);
	void (*end)(void *exchange);

	/* The stream is closed, sent to its end or not; its h2_stream and the reply are let go.
	 * Called once for each `begin`. */
	void (*gone)(void *exchange);
};

/* One for each loop: what its sessions share. `host` and `limits` outlive it. */
struct h2_shared;
struct limits;
err_t h2_shared_new(const struct h2_host *host, const struct limits *limits,
		    struct h2_shared **out) CHECKED;
void  h2_shared_free(struct h2_shared *s);

err_t h2_new(struct h2_shared *shared, void *connection, usec_t now, struct h2 **out) CHECKED;
/* Every stream still open is gone. */
void h2_free(struct h2 *h);

/* Takes what came. False: nothing more is to be read; close once all is pulled and written. */
bool h2_feed(struct h2 *h, str_t bytes, usec_t now);

/* Fills `out` with what is to be sent, as much as there is and fits; 0: nothing now. `n` is at least
 * H2_PULL_LEAST. */
#define H2_PULL_LEAST (16384 + 512)
size_t h2_pull(struct h2 *h, char *out, size_t n, usec_t now);

/* True when the session is over and everything was pulled. */
bool h2_done(const struct h2 *h);

/* Checks deadlines; call about every second. False: as with h2_feed. */
bool h2_tick(struct h2 *h, usec_t now);

/* Streams that are open; with none, when the last ended (for the idle deadline). */
size_t h2_streams(const struct h2 *h);
usec_t h2_idle_since(const struct h2 *h);

/* Ends it now: what is not answered will not be. */
void h2_end(struct h2 *h);

/* Begins to end it: streams that were begun are served, new ones refused. */
void h2_stop(struct h2 *h);

/* Answers a request; `reply` stays until `gone`, but what an event stream's points to need not. `date` is copied. Follow with h2_pull. */
void h2_reply(struct h2_stream *s, struct reply *reply, str_t date, usec_t now);

/* More of an event stream. False: the client is too far behind or the stream broken; it is reset. */
bool h2_event(struct h2_stream *s, str_t bytes);

/* That was all of an event stream: it ends when it is out. */
void h2_last(struct h2_stream *s);

/* Gives up a stream. */
void h2_reset(struct h2_stream *s);

/* For a connection's writer: whether anything may be there to pull. */
bool h2_wants_write(const struct h2 *h);
