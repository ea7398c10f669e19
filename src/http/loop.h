/* loop.h: an event loop, its thread and all that is the loop's alone.
 *
 * Deadlines are coarse: a wheel of ticks (a second), each slot a list of connections. Moving a
 * deadline further out, which every request does, only writes a number: when the slot comes up, whoever is
 * not yet due is put into a later one. */
#pragma once

#include "http/conn.h"
#include "http/server.h"
#include "http/stream.h"

#include <pthread.h>

#define LOOP_INPUT (64 * 1024)
#define LOOP_SLOTS 128

struct posted; /* an event in the inbox */

struct loop {
	uv_loop_t      uv;
	struct server *server;
	const struct limits *limits;
	pthread_t      thread;
	uv_async_t     wake;
	uv_timer_t     timer;
	uv_timer_t     quiet; /* when stopping: until the listeners close */
	struct listener *listeners;
	size_t       nlisteners; /* those that are closing included */

	char        *input;   /* every read lands here; a protocol copies what it keeps */
	char        *scratch; /* LOOP_INPUT more: what a transport decodes */
	char        *chunk;   /* and more: what is read of a file, on its way to a transport */

	struct conn *conns;
	size_t       nconns;
	struct conn *wheel[LOOP_SLOTS];
	uint64_t     tick; /* that has been looked at */
	size_t       exchanges; /* in use, those with workers included */
	struct exchange *pool;
	size_t       npool;
	struct streams *streams;
	struct h2_loop  *h2;  /* what HTTP/2 and TLS keep for the loop's connections; */
	struct tls_loop *tls; /* see h2_conn.c and tls_conn.c */

	time_t date_of;   /* the second that `date` shows */
	char   date[40];  /* "Thu, 10 Feb 2022 18:37:00 GMT" */
	char   keep[48];  /* "date: ...\r\n\r\n" */
	char   last[72];  /* "date: ...\r\nconnection: close\r\n\r\n" */
	size_t nkeep, nlast;

	bool   draining;
	usec_t drain_by;

	pthread_mutex_t  lock; /* of the rest, which other threads fill */
	struct exchange *done, **done_end;
	struct posted   *inbox, **inbox_end;
	bool             stop;
	bool             ended; /* its handles are closing: there is nobody to wake */
};

err_t loop_new(struct server *v, struct loop **out) CHECKED;
void  loop_run(struct loop *l); /* until it was stopped and all is closed */
void  loop_free(struct loop *l);

/* From any thread. */
void loop_stop(struct loop *l);
void loop_done(struct loop *l, struct exchange *x); /* a worker gives it back */
void loop_event(struct loop *l, struct event *e);   /* keeps a reference of its own */

/* Steady, of this turn of the loop. */
static inline usec_t loop_now(const struct loop *l)
{
	return (usec_t)uv_now(&l->uv) * 1000;
}

/* Something is gone; when stopping, it may have been the last. */
void loop_settle(struct loop *l);

/* For deadlines; see conn_due. */
void wheel_put(struct loop *l, struct conn *c, uint64_t due);
void wheel_take(struct conn *c);

/* Brings the date lines up to date. */
void loop_date(struct loop *l);

/* What HTTP/2 needs; `close` gives its handle back while the uv loop still turns. */
err_t h2_loop_new(struct loop *l) CHECKED;
void  h2_loop_close(struct loop *l);
void  h2_loop_free(struct loop *l);

/* What TLS needs; only with v->tls. */
err_t tls_loop_new(struct loop *l) CHECKED;
void  tls_loop_free(struct loop *l);
