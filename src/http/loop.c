/* loop.c: see loop.h. */
#include "http/loop.h"

#include "http/exchange.h"
#include "http/listen.h"
#include "http/serving.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct posted {
	struct posted *next;
	struct event  *event;
};

/* -- deadlines ------------------------------------------------------------------------------- */

void wheel_take(struct conn *c)
{
	if (!c->wheel_link)
		return;
	*c->wheel_link = c->wheel_next;
	if (c->wheel_next)
		c->wheel_next->wheel_link = c->wheel_link;
	c->wheel_link = NULL;
}

/* As near to its deadline as the wheel reaches; it looks again then. */
static void link_slot(struct loop *l, struct conn *c)
{
	uint64_t far = l->tick + LOOP_SLOTS - 1;
	c->slot = c->due > far ? far : c->due;
	struct conn **slot = &l->wheel[c->slot % LOOP_SLOTS];
	c->wheel_next = *slot;
	c->wheel_link = slot;
	if (c->wheel_next)
		c->wheel_next->wheel_link = &c->wheel_next;
	*slot = c;
}

void wheel_put(struct loop *l, struct conn *c, uint64_t due)
{
	c->due = due > l->tick ? due : l->tick + 1;
	if (c->wheel_link && c->slot <= c->due)
		return;
	wheel_take(c);
	link_slot(l, c);
}

static void turn_slot(struct loop *l)
{
	struct conn *list = l->wheel[l->tick % LOOP_SLOTS];
	l->wheel[l->tick % LOOP_SLOTS] = NULL;
	if (list)
		list->wheel_link = &list;
	while (list) {
		struct conn *c = list;
		wheel_take(c);
		if (c->due > l->tick)
			link_slot(l, c);
		else if (c->protocol)
			c->protocol->due(c);
		else
			c->transport->due(c);
	}
}

static void close_all(struct loop *l)
{
	for (struct conn *c = l->conns, *next; c; c = next) {
		next = c->next;
		conn_close(c);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct loop *l = timer->data;
	uint64_t now = (uint64_t)(loop_now(l) / l->limits->tick);
	if (now - l->tick > LOOP_SLOTS)
		l->tick = now - LOOP_SLOTS; /* the machine slept: each slot once is enough */
	while (l->tick < now) {
		l->tick++;
		turn_slot(l);
	}
	streams_beat(l->streams, loop_now(l), l->limits->heartbeat);
	if (l->draining && loop_now(l) > l->drain_by)
		close_all(l);
}

/* -- the date -------------------------------------------------------------------------------- */

void loop_date(struct loop *l)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm t;
	if (now == l->date_of)
		return;
	gmtime_r(&now, &t);
	l->date_of = now;
	snprintf(l->date, sizeof l->date, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		 days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900,
		 t.tm_hour, t.tm_min, t.tm_sec);
	l->nkeep = (size_t)snprintf(l->keep, sizeof l->keep, "date: %s\r\n\r\n", l->date);
	l->nlast = (size_t)snprintf(l->last, sizeof l->last, "date: %s\r\nconnection: close\r\n\r\n",
				    l->date);
}

/* -- stopping -------------------------------------------------------------------------------- */

static void end_handles(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->ended = true;
	pthread_mutex_unlock(&l->lock);
	uv_close((uv_handle_t *)&l->timer, NULL);
	uv_close((uv_handle_t *)&l->quiet, NULL);
	uv_close((uv_handle_t *)&l->wake, NULL);
	h2_loop_close(l);
}

void loop_settle(struct loop *l)
{
	if (l->draining && !l->nlisteners && !l->nconns && !l->exchanges && !l->ended)
		end_handles(l);
}

static void on_quiet(uv_timer_t *quiet)
{
	listeners_close(quiet->data);
}

static void begin_drain(struct loop *l)
{
	l->draining = true;
	l->drain_by = loop_now(l) + l->limits->drain;
	/* Sockets that another process has as well are its own to fill. */
	if (atomic_load(&l->server->handed_over)) {
		listeners_close(l);
	} else {
		listeners_quiet(l);
		uv_timer_start(&l->quiet, on_quiet, DEADLINE_DRAIN_OPEN / 1000, 0);
	}
	for (struct conn *c = l->conns, *next; c; c = next) {
		next = c->next;
		if (c->closing)
			continue;
		if (c->protocol)
			c->protocol->drain(c);
	}
	loop_settle(l);
}

/* -- what others leave ----------------------------------------------------------------------- */

static void take_done(struct exchange *x)
{
	while (x) {
		struct exchange *next = x->next;
		exchange_back(x);
		x = next;
	}
}

static void take_inbox(struct loop *l, struct posted *p)
{
	while (p) {
		struct posted *next = p->next;
		streams_event(l->streams, p->event);
		event_drop(p->event);
		free(p);
		p = next;
	}
}

static void on_wake(uv_async_t *wake)
{
	struct loop *l = wake->data;
	pthread_mutex_lock(&l->lock);
	struct exchange *done = l->done;
	struct posted *inbox = l->inbox;
	bool stop = l->stop && !l->draining;
	l->done = NULL;
	l->done_end = &l->done;
	l->inbox = NULL;
	l->inbox_end = &l->inbox;
	pthread_mutex_unlock(&l->lock);
	if (stop)
		begin_drain(l);
	take_inbox(l, inbox);
	take_done(done);
}

void loop_done(struct loop *l, struct exchange *x)
{
	x->next = NULL;
	pthread_mutex_lock(&l->lock);
	bool first = !l->done;
	*l->done_end = x;
	l->done_end = &x->next;
	if (first)
		uv_async_send(&l->wake);
	pthread_mutex_unlock(&l->lock);
}

void loop_event(struct loop *l, struct event *e)
{
	struct posted *p = malloc(sizeof *p);
	if (!p)
		return; /* whoever misses it sees it on the next load */
	*p = (struct posted){ .event = event_keep(e) };
	pthread_mutex_lock(&l->lock);
	bool taken = !l->ended;
	if (taken) {
		bool first = !l->inbox;
		*l->inbox_end = p;
		l->inbox_end = &p->next;
		if (first)
			uv_async_send(&l->wake);
	}
	pthread_mutex_unlock(&l->lock);
	if (taken)
		return;
	event_drop(e);
	free(p);
}

void loop_stop(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	if (!l->ended)
		uv_async_send(&l->wake);
	pthread_mutex_unlock(&l->lock);
}

/* -- life ------------------------------------------------------------------------------------ */

static err_t build(struct loop *l)
{
	l->input = malloc(LOOP_INPUT);
	l->scratch = malloc(LOOP_INPUT);
	l->chunk = malloc(LOOP_INPUT);
	l->streams = streams_new();
	if (!l->input || !l->scratch || !l->chunk || !l->streams)
		return err_new(ERR_MEMORY, "no memory for an event loop");
	if (!l->server->tls)
		return OK;
	TRY(tls_loop_new(l));
	return h2_loop_new(l);
}

err_t loop_new(struct server *v, struct loop **out)
{
	struct loop *l = calloc(1, sizeof *l);
	if (!l)
		return err_new(ERR_MEMORY, "no memory for an event loop");
	int failed = uv_loop_init(&l->uv);
	if (failed) {
		free(l);
		return err_new(ERR_SYSTEM, "an event loop cannot be made: %s", uv_strerror(failed));
	}
	l->server = v;
	l->limits = &v->limits;
	l->done_end = &l->done;
	l->inbox_end = &l->inbox;
	pthread_mutex_init(&l->lock, NULL);
	l->wake.data = l->timer.data = l->quiet.data = l;
	failed = uv_async_init(&l->uv, &l->wake, on_wake);
	uv_timer_init(&l->uv, &l->timer);
	uv_timer_init(&l->uv, &l->quiet);
	l->tick = (uint64_t)(loop_now(l) / l->limits->tick);
	loop_date(l);
	err_t e = failed ? err_new(ERR_SYSTEM, "an event loop cannot be made: %s",
				   uv_strerror(failed))
			 : build(l);
	if (e)
		loop_free(l);
	else
		*out = l;
	return e;
}

void loop_run(struct loop *l)
{
	uint64_t tick = (uint64_t)(l->limits->tick / 1000);
	uv_timer_start(&l->timer, on_tick, tick, tick);
	uv_run(&l->uv, UV_RUN_DEFAULT);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	if (!l->ended) { /* it never ran */
		listeners_close(l);
		end_handles(l);
		uv_run(&l->uv, UV_RUN_DEFAULT);
	}
	uv_loop_close(&l->uv);
	h2_loop_free(l);
	tls_loop_free(l);
	while (l->pool) {
		struct exchange *next = l->pool->next;
		arena_free(l->pool->q.a);
		free(l->pool);
		l->pool = next;
	}
	take_inbox(l, l->inbox);
	streams_free(l->streams);
	pthread_mutex_destroy(&l->lock);
	free(l->input);
	free(l->scratch);
	free(l->chunk);
	free(l);
}
