/* h1.h: HTTP/1.1 on a connection, between its files.
 *
 *	IDLE -> HEAD -> BODY -> WORK -> WRITE -> IDLE ...      (one request after another)
 *	                                WRITE -> STREAM        (events, until the client leaves)
 *	                                WRITE -> LINGER        (the last reply; the client may read it)
 *
 * While one request is answered, what comes is kept, up to a bound: pipelined requests are answered
 * in their order. A connection that waits for a request holds nothing but its struct. */
#pragma once

#include "http/exchange.h"
#include "http/h1_message.h"
#include "http/loop.h"

/* x->state */
struct h1_request {
	struct h1_message m;
	struct exchange  *x;
};

/* -- h1.c: what comes in ---- */

/* The reply is out: the next request, or the end. */
void h1_next(struct conn *c);
/* Shuts the sending side down and lets the client read to the end. */
void h1_linger(struct conn *c);
/* Lets go of input that nobody will look at. */
void h1_forget_input(struct conn *c);

/* Bodies and replies go by stretches of this size, each with a deadline of its own: a `grace`, and
 * what its size takes at limits.slowest. */
#define H1_STRETCH (256 * 1024)
void h1_due_for(struct conn *c, usec_t grace, int64_t size);

/* -- h1_write.c: replies ---- */

void h1_answered(struct exchange *x);
void h1_write_on(struct conn *c);
void h1_forget_fetch(struct conn *c);

/* -- h1_stream.c: events ---- */

void h1_become_stream(struct conn *c);
void h1_event(struct exchange *x, struct event *e);
void h1_events_sent(struct conn *c);
void h1_forget_events(struct conn *c);
