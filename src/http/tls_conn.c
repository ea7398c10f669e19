/* tls_conn.c: TLS between a socket and a protocol.
 *
 *	socket -> c->loop->input -> link -> loop->scratch -> protocol
 *	protocol -> plain (gathered, 64 KiB at most) -> link -> sink -> socket
 *
 * What is sent is gathered first, so that records are full, and encrypted into the loop's one sink;
 * only what the kernel does not take at once is kept for the connection. A large reply is encrypted
 * as fast as its client reads, not faster. */
#include "http/serving.h"
#include "http/tls.h"

#include <stdlib.h>

struct tls_loop {
	struct tls_sink sink;
	char           *plain; /* TLS_WRITE_MOST */
};

struct tls_conn {
	struct tls_link *link;
	uv_buf_t         rest[CONN_BUFFERS]; /* of a send: what is not encrypted yet */
	unsigned         nrest;
	bool             owing; /* the protocol waits for `sent` */
	char            *late;  /* records made while a send was on its way: alerts, key updates */
	size_t           nlate;
};

err_t tls_loop_new(struct loop *l)
{
	struct tls_loop *t = calloc(1, sizeof *t);
	if (t) {
		t->sink = (struct tls_sink){ malloc(2 * TLS_SINK_ROOM), 0, 2 * TLS_SINK_ROOM };
		t->plain = malloc(TLS_WRITE_MOST);
	}
	l->tls = t;
	if (t && t->sink.p && t->plain)
		return OK;
	tls_loop_free(l);
	return err_new(ERR_MEMORY, "no memory for TLS");
}

void tls_loop_free(struct loop *l)
{
	if (!l->tls)
		return;
	free(l->tls->sink.p);
	free(l->tls->plain);
	free(l->tls);
	l->tls = NULL;
}

/* -- out ------------------------------------------------------------------------------------- */

/* What the sink holds must wait until the present send is out. */
static enum sent put_off(struct conn *c, struct tls_sink *sink)
{
	struct tls_conn *t = c->tls;
	char *p = t->nlate + sink->n <= TLS_SINK_ROOM ? realloc(t->late, t->nlate + sink->n) : NULL;
	if (!p) {
		conn_close(c);
		return SEND_FAILED;
	}
	memcpy(p + t->nlate, sink->p, sink->n);
	t->late = p;
	t->nlate += sink->n;
	sink->n = 0;
	return SENDING;
}

/* Everything in the sink goes out. */
static enum sent flush(struct conn *c)
{
	struct tls_sink *sink = &c->loop->tls->sink;
	if (!sink->n)
		return SENT;
	if (c->sending)
		return put_off(c, sink);
	uv_buf_t v = uv_buf_init(sink->p, (unsigned)sink->n);
	sink->n = 0;
	return conn_send_raw(c, &v, 1, 1);
}

/* The next of the rest into `plain`; how much. */
static size_t gather(struct tls_conn *t, char *plain)
{
	size_t n = 0;
	unsigned i = 0;
	for (; i < t->nrest && n < TLS_WRITE_MOST; i++) {
		uv_buf_t *v = &t->rest[i];
		size_t take = v->len < TLS_WRITE_MOST - n ? v->len : TLS_WRITE_MOST - n;
		memcpy(plain + n, v->base, take);
		n += take;
		v->base += take;
		v->len -= take;
		if (v->len)
			break;
	}
	memmove(t->rest, t->rest + i, (t->nrest - i) * sizeof *t->rest);
	t->nrest -= i;
	return n;
}

/* Encrypts and sends the rest until it is out or the client is slower. */
static enum sent send_rest(struct conn *c)
{
	struct tls_conn *t = c->tls;
	struct tls_loop *shared = c->loop->tls;
	while (t->nrest) {
		str_t plain;
		if (t->nrest == 1 && t->rest[0].len <= TLS_WRITE_MOST) { /* no need to gather */
			plain = str_from(t->rest[0].base, t->rest[0].len);
			t->nrest = 0;
		} else {
			plain = str_from(shared->plain, gather(t, shared->plain));
		}
		if (!tls_write(t->link, plain, &shared->sink)) {
			conn_close(c);
			return SEND_FAILED;
		}
		enum sent s = flush(c);
		if (s != SENT)
			return s;
	}
	return SENT;
}

/* Buffers that change are encrypted at once: they come first, and are less than what is gathered. */
static enum sent send_plain(struct conn *c, const uv_buf_t *v, unsigned n, unsigned changing)
{
	struct tls_conn *t = c->tls;
	size_t changes = 0;
	for (unsigned i = 0; i < changing; i++)
		changes += v[i].len;
	if (n > CONN_BUFFERS || changes > TLS_WRITE_MOST) {
		conn_close(c);
		return SEND_FAILED;
	}
	memcpy(t->rest, v, n * sizeof *v);
	t->nrest = n;
	enum sent s = send_rest(c);
	if (s == SENDING) /* if it failed, `t` is gone */
		t->owing = true;
	return s;
}

static enum sent send_late(struct conn *c)
{
	struct tls_conn *t = c->tls;
	if (!t->nlate)
		return SENT;
	uv_buf_t v = uv_buf_init(t->late, (unsigned)t->nlate);
	enum sent s = conn_send_raw(c, &v, 1, 1);
	free(t->late);
	t->late = NULL;
	t->nlate = 0;
	return s;
}

static void sent(struct conn *c)
{
	struct tls_conn *t = c->tls;
	if (send_late(c) != SENT || send_rest(c) != SENT || !t->owing)
		return;
	t->owing = false;
	if (c->protocol)
		c->protocol->sent(c);
}

/* -- in -------------------------------------------------------------------------------------- */

static void received(struct conn *c, str_t bytes)
{
	struct loop *l = c->loop;
	struct tls_link *link = c->tls->link;
	tls_feed(link, bytes);
	for (;;) {
		size_t n = tls_read(link, l->scratch, LOOP_INPUT, &l->tls->sink);
		if (!c->protocol && tls_state(link) == TLS_OPEN)
			conn_speak(c, tls_is_h2(link) ? &protocol_h2 : &protocol_h1);
		if (n && !c->closing)
			c->protocol->received(c, str_from(l->scratch, n));
		if (!n || c->closing)
			break;
	}
	if (c->closing || flush(c) == SEND_FAILED)
		return;
	if (tls_state(link) == TLS_FAILED || (tls_state(link) == TLS_ENDED && !c->protocol))
		conn_close(c);
	else if (tls_state(link) == TLS_ENDED && !c->ended) {
		c->ended = true;
		c->protocol->ended(c);
	}
}

/* -- beginning and end ----------------------------------------------------------------------- */

static void open_link(struct conn *c)
{
	struct tls_conn *t = calloc(1, sizeof *t);
	err_t e = t ? tls_begin(c->loop->server->tls, &t->link) : err_new(ERR_MEMORY, "no memory");
	c->tls = t;
	c->secure = true;
	if (e)
		conn_close(c);
	else
		conn_due(c, c->loop->limits->handshake);
	err_free(e);
}

static void finish(struct conn *c)
{
	tls_close(c->tls->link, &c->loop->tls->sink);
	flush(c);
}

static void closed(struct conn *c)
{
	struct tls_conn *t = c->tls;
	if (!t)
		return;
	tls_end(t->link);
	free(t->late);
	free(t);
	c->tls = NULL;
}

const struct transport transport_tls = {
	.open = open_link,
	.received = received,
	.send = send_plain,
	.sent = sent,
	.finish = finish,
	.due = conn_close,
	.closed = closed,
};
