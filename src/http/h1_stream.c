/* h1_stream.c: events to one client.
 *
 * The body has no length and ends with the connection, so an event goes to every client in the same
 * bytes. As long as a client keeps up, its stream holds no memory for sending at all. */
#include "http/h1.h"

#include <stdlib.h>

struct waiting {
	struct waiting *next;
	struct event   *event;
};

/* Of a client that is behind. */
struct h1_events {
	struct event   *now; /* on its way */
	struct waiting *first, **end;
	size_t          backlog; /* bytes, those on their way included */
	usec_t          since;   /* the one on its way is */
};

void h1_forget_events(struct conn *c)
{
	struct h1_events *v = c->h1.events;
	if (!v)
		return;
	event_drop(v->now);
	while (v->first) {
		struct waiting *next = v->first->next;
		event_drop(v->first->event);
		free(v->first);
		v->first = next;
	}
	free(v);
	c->h1.events = NULL;
}

static void begin_waiting(struct conn *c, struct event *e)
{
	struct h1_events *v = calloc(1, sizeof *v);
	c->h1.events = v;
	if (!v) {
		conn_close(c);
		return;
	}
	v->now = event_keep(e);
	v->end = &v->first;
	v->backlog = e->bytes.n;
	v->since = loop_now(c->loop);
}

static enum sent send_event(struct conn *c, const struct event *e)
{
	union {
		const char *given;
		char       *uv;
	} p = { .given = e->bytes.p };
	uv_buf_t v = uv_buf_init(p.uv, (unsigned)e->bytes.n);
	return conn_send(c, &v, 1, 0);
}

static void wait_in_line(struct conn *c, struct event *e)
{
	const struct limits *limits = c->loop->limits;
	struct h1_events *v = c->h1.events;
	struct waiting *w = NULL;
	bool too_far = v->backlog + e->bytes.n > limits->event_backlog ||
		       loop_now(c->loop) - v->since > limits->write_by;
	if (too_far || !(w = malloc(sizeof *w))) {
		conn_close(c); /* it comes back with Last-Event-ID */
		return;
	}
	*w = (struct waiting){ .event = event_keep(e) };
	*v->end = w;
	v->end = &w->next;
	v->backlog += e->bytes.n;
}

/* There will be no more: the connection goes with its stream. */
static void end_stream(struct conn *c)
{
	h1_forget_events(c);
	h1_next(c);
}

void h1_event(struct exchange *x, struct event *e)
{
	struct conn *c = x->conn;
	if (c->closing)
		return;
	if (c->h1.events) {
		wait_in_line(c, e);
		return;
	}
	switch (send_event(c, e)) {
	case SENDING: begin_waiting(c, e); break;
	case SENT:
		if (e->last)
			end_stream(c);
		break;
	case SEND_FAILED:
	default: break;
	}
}

void h1_events_sent(struct conn *c)
{
	struct h1_events *v = c->h1.events;
	while (v) {
		bool last = v->now->last;
		v->backlog -= v->now->bytes.n;
		event_drop(v->now);
		v->now = NULL;
		if (last) {
			end_stream(c);
			return;
		}
		struct waiting *w = v->first;
		if (!w) {
			h1_forget_events(c);
			return;
		}
		v->first = w->next;
		if (!v->first)
			v->end = &v->first;
		v->now = w->event;
		v->since = loop_now(c->loop);
		free(w);
		if (send_event(c, v->now) != SENT)
			return; /* if it failed, `v` is gone */
	}
}

void h1_become_stream(struct conn *c)
{
	struct h1 *h = &c->h1;
	if (c->loop->draining) {
		h1_next(c);
		return;
	}
	h1_forget_input(c);
	h->state = H1_STREAM;
	conn_never_due(c);
	if (!exchange_stream(h->x))
		conn_close(c);
}
