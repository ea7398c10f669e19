/* h1.c: see h1.h. This file takes requests from the connection's bytes and runs them. */
#include "http/h1.h"

#include <stdlib.h>
#include <sys/ioctl.h>

/* -- input that has to wait ------------------------------------------------------------------ */

void h1_forget_input(struct conn *c)
{
	free(c->h1.in);
	c->h1.in = NULL;
	c->h1.n = c->h1.cap = 0;
}

static bool keep_more(struct conn *c, str_t bytes)
{
	struct h1 *h = &c->h1;
	if (h->n + bytes.n > h->cap) {
		size_t cap = h->cap ? h->cap : 512;
		while (cap < h->n + bytes.n)
			cap *= 2;
		char *in = realloc(h->in, cap);
		if (!in) {
			conn_close(c);
			return false;
		}
		h->in = in;
		h->cap = cap;
	}
	memcpy(h->in + h->n, bytes.p, bytes.n);
	h->n += bytes.n;
	return true;
}

/* `rest` of what was looked at is all there is to keep now. */
static void keep_rest(struct conn *c, str_t rest)
{
	struct h1 *h = &c->h1;
	if (!rest.n) {
		h1_forget_input(c);
	} else if (h->n) {
		memmove(h->in, rest.p, rest.n);
		h->n = rest.n;
	} else {
		keep_more(c, rest);
	}
}

/* -- a request ------------------------------------------------------------------------------- */

void h1_due_for(struct conn *c, usec_t grace, int64_t size)
{
	conn_due(c, grace + size * SECOND / c->loop->limits->slowest);
}

/* The next stretch of the body has its own time, so that a good beginning buys no long silence. */
static void begin_stretch(struct conn *c, const struct h1_message *m)
{
	int64_t left = m->length < 0 ? H1_STRETCH : m->length - m->taken;
	c->h1.moved = 0;
	h1_due_for(c, c->loop->limits->body_by, left < H1_STRETCH ? left : H1_STRETCH);
}

static int take_content(void *to, str_t bytes, const char **why)
{
	struct exchange *x = to;
	x->conn->h1.moved += (int64_t)bytes.n;
	return exchange_body(x, bytes, why);
}

static struct exchange *new_exchange(struct conn *c)
{
	struct exchange *x = exchange_new(c->loop, c);
	if (!x)
		conn_close(c);
	c->h1.x = x;
	return x;
}

/* Answers with an error and closes: after it nobody knows where the next request would begin. */
static void refuse(struct conn *c, int status, const char *why)
{
	struct exchange *x = c->h1.x ? c->h1.x : new_exchange(c);
	c->h1.close = true;
	if (x)
		exchange_refuse(x, status, why);
}

static void say_continue(struct conn *c)
{
	static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	uv_buf_t v = uv_buf_init(text, sizeof text - 1);
	if (conn_send(c, &v, 1, 0) == SENDING)
		conn_close(c); /* not even that fits: it reads nothing, but wants to write */
}

/* In the arena's guard; returns 0 or what to refuse with. */
static int begin(struct exchange *x, str_t head, const struct h1_scan *scan, const char **why)
{
	struct h1_request *r = arena_new(x->q.a, struct h1_request);
	char *copy = arena_alloc(x->q.a, head.n);
	memcpy(copy, head.p, head.n);
	x->state = r;
	r->x = x;
	r->m.take = take_content;
	r->m.to = x;
	int status = h1_parse(&r->m, &x->q, copy, scan, x->loop->limits);
	*why = r->m.why;
	return status;
}

/* RFC 9110 section 9.3.7: about the server as a whole. */
static void answer_asterisk(struct exchange *x)
{
	static const struct header fields[] = {
		{ { ":status", 7 }, { "204", 3 } },
		{ { "allow", 5 }, { "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", 44 } },
	};
	x->reply = (struct reply){ .status = 204, .file = -1, .fields = fields,
				   .nfields = COUNT(fields) };
	h1_answered(x);
}

static void run(struct exchange *x)
{
	x->conn->h1.state = H1_WORK; /* whose deadline, should one still pass, means nothing */
	if (str_eq(x->q.path, S("*")))
		answer_asterisk(x);
	else
		exchange_run(x);
}

static void begin_request(struct conn *c, str_t head, const struct h1_scan *scan, bool alone)
{
	struct oom_guard guard;
	struct h1 *h = &c->h1;
	struct exchange *x = new_exchange(c);
	const char *why = "";
	if (!x)
		return;
	if (arena_guard(x->q.a, &guard)) {
		conn_close(c);
		return;
	}
	int status = begin(x, head, scan, &why);
	arena_unguard(x->q.a, &guard);
	struct h1_request *r = x->state;
	if (!status)
		status = exchange_begin(x, r->m.length, &why);
	if (status) {
		refuse(c, status, why);
		return;
	}
	h->close = !r->m.keep || c->loop->draining;
	if (!r->m.length) {
		run(x);
		return;
	}
	h->state = H1_BODY;
	begin_stretch(c, &r->m);
	if (r->m.wants_100 && alone)
		say_continue(c);
}

/* -- bytes ----------------------------------------------------------------------------------- */

/* RFC 9112 section 2.2: an empty line before a request is let pass. */
static size_t skip_line_ends(str_t bytes)
{
	size_t n = 0;
	while (n + 1 < bytes.n && bytes.p[n] == '\r' && bytes.p[n + 1] == '\n')
		n += 2;
	return n;
}

/* How much was taken; 0: the rest of the head is still to come. */
static size_t take_head(struct conn *c, str_t bytes)
{
	struct h1 *h = &c->h1;
	struct h1_scan scan = { 0 };
	size_t empty = h->state == H1_IDLE ? skip_line_ends(bytes) : 0;
	if (empty)
		return empty;
	if (h->state == H1_IDLE && bytes.n == 1 && bytes.p[0] == '\r')
		return 0;
	switch (h1_scan(&scan, bytes, c->loop->limits)) {
	case HEAD_WHOLE:
		begin_request(c, str_slice(bytes, 0, scan.head), &scan, scan.head == bytes.n);
		return scan.head;
	case HEAD_BAD: refuse(c, scan.status, scan.why); return bytes.n;
	case HEAD_PARTIAL:
	default: break;
	}
	if (h->state == H1_IDLE) {
		h->state = H1_HEAD;
		conn_due(c, c->loop->limits->head_by);
	}
	return 0;
}

static size_t take_body(struct conn *c, str_t bytes)
{
	struct exchange *x = c->h1.x;
	struct h1_request *r = x->state;
	size_t used = 0;
	int status = h1_body(&r->m, bytes, &used);
	if (status) {
		refuse(c, status, r->m.why);
		return bytes.n;
	}
	if (r->m.body_done)
		run(x);
	else if (c->h1.moved >= H1_STRETCH)
		begin_stretch(c, &r->m);
	return used;
}

static bool takes_input(const struct conn *c)
{
	return !c->closing && c->h1.state <= H1_BODY;
}

/* Nothing that comes now will be looked at. */
static bool lets_go(const struct h1 *h)
{
	return h->state == H1_STREAM || h->state == H1_LINGER || (h->close && h->state > H1_BODY);
}

static void take(struct conn *c, str_t bytes)
{
	struct h1 *h = &c->h1;
	h->busy = true;
	while (bytes.n && takes_input(c)) {
		size_t n = h->state == H1_BODY ? take_body(c, bytes) : take_head(c, bytes);
		if (!n)
			break;
		bytes = str_slice(bytes, n, bytes.n);
	}
	h->busy = false;
	if (c->closing)
		return;
	if (lets_go(h))
		h1_forget_input(c);
	else
		keep_rest(c, bytes);
	if (c->ended && takes_input(c))
		conn_close(c); /* what is still missing will never come */
}

static void received(struct conn *c, str_t bytes)
{
	struct h1 *h = &c->h1;
	if (lets_go(h)) {
		h->let_go += bytes.n;
		if (h->let_go > LIMIT_LINGER)
			conn_close(c);
	} else if (takes_input(c)) {
		if (!h->n)
			take(c, bytes);
		else if (keep_more(c, bytes))
			take(c, str_from(h->in, h->n));
	} else if (keep_more(c, bytes) && h->n > LIMIT_PIPELINED) {
		h->paused = true;
		conn_pause(c);
	}
}

void h1_next(struct conn *c)
{
	struct h1 *h = &c->h1;
	exchange_leave(h->x);
	h->x = NULL;
	if (h->close || c->loop->draining) {
		h1_linger(c);
		return;
	}
	h->state = H1_IDLE;
	conn_due(c, c->loop->limits->idle);
	if (h->busy)
		return; /* take() goes on */
	if (h->paused) {
		h->paused = false;
		conn_resume(c);
	}
	if (!c->closing)
		take(c, str_from(h->in, h->n));
}

/* -- the end --------------------------------------------------------------------------------- */

void h1_linger(struct conn *c)
{
	struct h1 *h = &c->h1;
	h1_forget_input(c);
	h->close = true;
	conn_finish(c);
	if (c->closing)
		return;
	if (c->ended) {
		conn_close(c);
		return;
	}
	h->state = H1_LINGER;
	conn_due(c, c->loop->limits->linger);
	if (h->paused)
		conn_resume(c);
	h->paused = false;
}

static void ended(struct conn *c)
{
	/* Half-closed behind a whole request: it still wants its answer. */
	if (c->h1.state != H1_WORK && c->h1.state != H1_WRITE)
		conn_close(c);
}

static bool input_waits(struct conn *c)
{
	uv_os_fd_t fd;
	int n = 0;
	return uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0 && ioctl(fd, FIONREAD, &n) == 0 && n > 0;
}

static void due(struct conn *c)
{
	switch (c->h1.state) {
	case H1_IDLE:
		if (!c->loop->draining)
			conn_close(c);
		else if (input_waits(c))
			conn_due(c, c->loop->limits->drain_idle);
		else
			h1_linger(c);
		break;
	case H1_HEAD:
	case H1_BODY: refuse(c, 408, "The request took too long to arrive."); break;
	case H1_WORK:
	case H1_STREAM: break;
	case H1_WRITE:
	case H1_LINGER:
	default: conn_close(c); break;
	}
}

static void drain(struct conn *c)
{
	struct h1 *h = &c->h1;
	if (h->state == H1_IDLE) {
		conn_due(c, c->loop->limits->drain_idle);
	} else if (h->state == H1_STREAM) {
		conn_finish(c); /* it comes back to whoever listens then */
		conn_close(c);
	} else {
		h->close = true;
	}
}

static void open_h1(struct conn *c)
{
	c->h1 = (struct h1){ .state = H1_IDLE };
	conn_due(c, c->loop->limits->head_by);
	if (c->loop->draining)
		drain(c);
}

static void sent(struct conn *c)
{
	if (c->h1.state == H1_STREAM)
		h1_events_sent(c);
	else if (c->h1.state == H1_WRITE)
		h1_write_on(c);
}

static void closed(struct conn *c)
{
	struct h1 *h = &c->h1;
	h1_forget_input(c);
	h1_forget_events(c);
	h1_forget_fetch(c);
	if (h->x)
		exchange_leave(h->x);
	h->x = NULL;
}

const struct protocol protocol_h1 = {
	.open = open_h1,
	.received = received,
	.ended = ended,
	.sent = sent,
	.due = due,
	.drain = drain,
	.closed = closed,
	.answered = h1_answered,
	.event = h1_event,
};
