/* h2_conn.c: an HTTP/2 session on a connection of the loop.
 *
 * Whatever a turn of the loop brings (requests, finished answers, events) marks its connection; what
 * there is to say is pulled and sent once for all of it: at the end of a read, or before the loop
 * waits again. */
#include "http/exchange.h"
#include "http/h2.h"
#include "http/serving.h"
#include "http/tls.h"

#include <stdlib.h>

struct h2_loop {
	uv_prepare_t      turn; /* first: libuv hands it to us */
	struct h2_shared *shared;
	struct h2_conn   *marked; /* to be pulled from before the loop waits */
	char             *out;
};

struct h2_conn {
	struct conn    *c;
	struct h2      *h;
	struct h2_conn *next, **link; /* of the marked; link NULL: not marked */
	usec_t          stuck_by;     /* while SENDING: the client must have read by then */
	bool            finishing;    /* all is said; waiting for the client to close */
};

#define TICK SECOND

/* -- out ------------------------------------------------------------------------------------- */

static void unmark(struct h2_conn *k)
{
	if (!k->link)
		return;
	*k->link = k->next;
	if (k->next)
		k->next->link = k->link;
	k->link = NULL;
}

static void flush_marked(uv_prepare_t *turn);

static void mark(struct h2_conn *k)
{
	struct h2_loop *all = k->c->loop->h2;
	if (k->link)
		return;
	if (!all->marked)
		uv_prepare_start(&all->turn, flush_marked);
	k->next = all->marked;
	k->link = &all->marked;
	if (k->next)
		k->next->link = &k->next;
	all->marked = k;
}

static void finish(struct h2_conn *k)
{
	if (k->finishing)
		return;
	k->finishing = true;
	conn_due(k->c, k->c->loop->limits->linger);
	conn_finish(k->c);
}

/* Pulls and sends until there is nothing more or the client is slower. */
static void flush(struct h2_conn *k)
{
	struct conn *c = k->c;
	struct loop *l = c->loop;
	unmark(k);
	while (!c->closing && !c->sending && !k->finishing) {
		size_t n = h2_pull(k->h, l->h2->out, TLS_WRITE_MOST, loop_now(l));
		if (!n)
			break;
		uv_buf_t v = uv_buf_init(l->h2->out, (unsigned)n);
		if (conn_send(c, &v, 1, 1) == SENDING)
			k->stuck_by = loop_now(l) + l->limits->write_by +
				      (usec_t)TLS_WRITE_MOST * SECOND / l->limits->slowest;
		else if (n < TLS_WRITE_MOST - H2_PULL_LEAST)
			break; /* there was room for more */
	}
	if (!c->closing && !c->sending && h2_done(k->h))
		finish(k);
}

static void flush_marked(uv_prepare_t *turn)
{
	struct h2_loop *all = (struct h2_loop *)turn;
	while (all->marked)
		flush(all->marked);
	uv_prepare_stop(turn);
}

static void set_due(struct h2_conn *k)
{
	struct loop *l = k->c->loop;
	if (k->finishing)
		return;
	if (h2_streams(k->h) || l->draining)
		conn_due(k->c, TICK);
	else
		conn_due(k->c, l->limits->idle);
}

/* -- requests -------------------------------------------------------------------------------- */

static void *begin(void *connection, struct h2_stream *s, struct request **q)
{
	struct h2_conn *k = connection;
	struct exchange *x = exchange_new(k->c->loop, k->c);
	if (!x)
		return NULL;
	x->state = s;
	*q = &x->q;
	return x;
}

static int64_t announced_length(const struct request *q)
{
	int64_t n;
	str_t length = request_header(q, "content-length");
	return length.p && str_int(length, &n) && n >= 0 ? n : -1;
}

static void head(void *exchange, int status, bool ends)
{
	struct exchange *x = exchange;
	const char *why = "The request is malformed.";
	if (status == 431)
		why = "The request's header fields are too large.";
	else if (status == 414)
		why = "The address is too long.";
	else if (status == 503)
		why = "The server has no memory to spare; try again in a moment.";
	if (!status)
		status = exchange_begin(x, ends ? 0 : announced_length(&x->q), &why);
	if (status)
		exchange_refuse(x, status, why);
	else if (ends)
		exchange_run(x);
}

static void body(void *exchange, str_t bytes)
{
	struct exchange *x = exchange;
	const char *why = "";
	int status = exchange_body(x, bytes, &why);
	if (status)
		exchange_refuse(x, status, why);
}

static void end(void *exchange)
{
	exchange_run(exchange);
}

static void gone(void *exchange)
{
	exchange_leave(exchange);
}

static const struct h2_host host = { begin, head, body, end, gone };

static void answered(struct exchange *x)
{
	struct loop *l = x->loop;
	struct h2_conn *k = x->conn->h2;
	struct h2_stream *s = x->state;
	loop_date(l);
	h2_reply(s, &x->reply, str_of(l->date), loop_now(l));
	if (x->reply.events) {
		if (!exchange_stream(x))
			h2_reset(s);
		x->state = s;
	}
	mark(k);
}

static void event(struct exchange *x, struct event *e)
{
	h2_event(x->state, e->bytes); /* too far behind, it is reset: when it is flushed */
	if (e->last)
		h2_last(x->state);
	mark(x->conn->h2);
}

/* -- the connection -------------------------------------------------------------------------- */

static void open_session(struct conn *c)
{
	struct h2_conn *k = calloc(1, sizeof *k);
	c->h2 = k;
	err_t e = k ? h2_new(c->loop->h2->shared, k, loop_now(c->loop), &k->h)
		    : err_new(ERR_MEMORY, "no memory");
	if (e) {
		conn_close(c);
	} else {
		k->c = c;
		conn_due(c, c->loop->limits->head_by);
		if (c->loop->draining)
			h2_stop(k->h);
		mark(k);
	}
	err_free(e);
}

static void received(struct conn *c, str_t bytes)
{
	struct h2_conn *k = c->h2;
	if (k->finishing)
		return;
	h2_feed(k->h, bytes, loop_now(c->loop)); /* if that was the last, flush sees it */
	set_due(k);
	flush(k); /* at once: exchanges go back to the pool while they are in the processor's cache */
}

static void ended(struct conn *c)
{
	conn_close(c); /* nobody is there to be answered, and the streams end with it */
}

static void sent(struct conn *c)
{
	c->h2->stuck_by = 0;
	flush(c->h2);
}

static void due(struct conn *c)
{
	struct h2_conn *k = c->h2;
	usec_t now = loop_now(c->loop);
	if (k->finishing || (c->sending && k->stuck_by && now > k->stuck_by)) {
		conn_close(c);
		return;
	}
	h2_tick(k->h, now);
	if (!h2_streams(k->h) && !c->loop->draining &&
	    now - h2_idle_since(k->h) >= c->loop->limits->idle)
		h2_end(k->h);
	set_due(k);
	flush(k);
}

static void drain(struct conn *c)
{
	struct h2_conn *k = c->h2;
	if (k->finishing)
		return;
	h2_stop(k->h);
	conn_due(c, TICK);
	mark(k);
}

static void closed(struct conn *c)
{
	struct h2_conn *k = c->h2;
	if (!k)
		return;
	unmark(k);
	h2_free(k->h);
	free(k);
	c->h2 = NULL;
}

const struct protocol protocol_h2 = {
	.open = open_session,
	.received = received,
	.ended = ended,
	.sent = sent,
	.due = due,
	.drain = drain,
	.closed = closed,
	.answered = answered,
	.event = event,
};

/* -- the loop's part ------------------------------------------------------------------------- */

err_t h2_loop_new(struct loop *l)
{
	struct h2_loop *all = calloc(1, sizeof *all);
	l->h2 = all;
	if (!all || !(all->out = malloc(TLS_WRITE_MOST)))
		return err_new(ERR_MEMORY, "no memory for HTTP/2");
	TRY(h2_shared_new(&host, l->limits, &all->shared));
	uv_prepare_init(&l->uv, &all->turn);
	return OK;
}

void h2_loop_close(struct loop *l)
{
	if (l->h2 && l->h2->shared && !uv_is_closing((uv_handle_t *)&l->h2->turn))
		uv_close((uv_handle_t *)&l->h2->turn, NULL);
}

void h2_loop_free(struct loop *l)
{
	if (!l->h2)
		return;
	h2_shared_free(l->h2->shared);
	free(l->h2->out);
	free(l->h2);
	l->h2 = NULL;
}
