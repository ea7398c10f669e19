/* exchange.h: one request and its answer, whatever protocol carries it.
 *
 *	exchange_new -> the protocol fills x->q -> exchange_begin -> exchange_body ... -> exchange_run
 *	     -> (page cache, or a worker) -> protocol->answered(x) -> x->reply is written -> exchange_leave
 *
 * An exchange comes from its loop's pool with an arena of its own. While it is with a worker the
 * loop touches nothing in it but `conn` and `left`; a client that leaves meanwhile costs a flag, and the
 * exchange ends when it comes back. */
#pragma once

#include "http/body.h"
#include "http/conn.h"
#include "http/reply.h"
#include "http/stream.h"

#include <stdatomic.h>

struct exchange {
	struct request   q;      /* first */
	struct response  r;
	struct reply     reply;
	struct body      body;
	struct loop     *loop;
	struct conn     *conn;   /* NULL once the client has left */
	void            *state;  /* the protocol's own */
	struct stream   *stream; /* once it is an event stream */
	struct exchange *next;   /* in a queue or the pool */
	bool             working;
	atomic_bool      left;   /* nobody waits for it any more; a worker may skip it */
};

/* NULL without memory. */
struct exchange *exchange_new(struct loop *l, struct conn *c);

/* The head is in x->q: finds the client's address and prepares for the body (`length` as announced,
 * -1: unknown; 0: none). Returns 0, or the status to refuse with and why. */
int exchange_begin(struct exchange *x, int64_t length, const char **why);

/* The next bytes of the body; as above. */
int exchange_body(struct exchange *x, str_t bytes, const char **why);

/* The request is complete: answers it. `answered` of the protocol may be called before this
 * returns. */
void exchange_run(struct exchange *x);

/* Answers with a short text instead. */
void exchange_refuse(struct exchange *x, int status, const char *why);

/* The reply is an event stream whose head is written: events go to protocol->event from now on, the
 * first before this returns. The request's memory is given back; only x->conn, x->state and
 * x->stream are to be used. False without memory. */
bool exchange_stream(struct exchange *x);

/* Back from its worker; called by the loop. */
void exchange_back(struct exchange *x);

/* The protocol is done with it: the reply is out, or the client has left. */
void exchange_leave(struct exchange *x);

/* On a worker. */
struct server;
void exchange_work(struct exchange *x, const struct server *v, void *worker);
