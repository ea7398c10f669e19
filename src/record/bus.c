/* bus.c: announces each entry of the record once, in order, to whoever listens in this process.
 *
 * `seen` is the last entry announced. An entry that follows it is announced from memory; for one
 * further on, those between (of other processes) are first read from the record. One lock over `seen` and the announcing keeps the order. The bus has an arena of its
 * own, so that memory running out in somebody's request cannot jump out of that lock. */
#include "record/bus.h"

#include "record/limits.h"
#include "record/record.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct listener {
	bus_fn fn;
	void  *ctx;
};

struct bus {
	struct stet    *s;
	struct listener listeners[LISTENERS_MOST];
	size_t          nlisteners;

	pthread_mutex_t telling; /* over the next two and the calls to listeners */
	int64_t         seen;
	arena_t        *a;

	pthread_mutex_t lock; /* over `stop` */
	pthread_cond_t  wake;
	bool            stop;
	bool            running;
	pthread_t       thread;
};

static err_t read_last(struct conn *c, arena_t *a, void *last)
{
	(void)a;
	return record_last(c, last);
}

err_t bus_new(struct stet *s, struct bus **out)
{
	struct bus *b = calloc(1, sizeof *b);
	arena_t *a = b ? arena_create(0) : NULL;
	if (!a) {
		free(b);
		return err_new(ERR_MEMORY, "out of memory");
	}
	b->s = s;
	b->a = a;
	pthread_mutex_init(&b->telling, NULL);
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->wake, &attr);
	pthread_condattr_destroy(&attr);
	err_t e = store_read(s->store, a, read_last, &b->seen);
	if (e)
		bus_free(b);
	else
		*out = b;
	return e;
}

void bus_free(struct bus *b)
{
	if (!b)
		return;
	bus_stop(b);
	pthread_cond_destroy(&b->wake);
	pthread_mutex_destroy(&b->lock);
	pthread_mutex_destroy(&b->telling);
	arena_free(b->a);
	free(b);
}

void bus_listen(struct bus *b, bus_fn fn, void *ctx)
{
	assert(b->nlisteners < LISTENERS_MOST);
	b->listeners[b->nlisteners++] = (struct listener){ fn, ctx };
}

static void tell(struct bus *b, const str_t *topics, size_t n, int64_t entry)
{
	for (size_t i = 0; i < b->nlisteners; i++)
		b->listeners[i].fn(b->listeners[i].ctx, topics, n, entry);
	if (entry)
		b->seen = entry;
}

struct unheard {
	int64_t        after;
	struct entries list;
};

static err_t read_unheard(struct conn *c, arena_t *a, void *ctx)
{
	struct unheard *u = ctx;
	return record_after(c, a, u->after, BUS_BATCH, &u->list);
}

/* The entries are copied, so that no listener is called while a reader is held. */
static err_t read_guarded(struct bus *b, struct unheard *u)
{
	struct oom_guard guard;
	if (arena_guard(b->a, &guard))
		return err_new(ERR_MEMORY, "out of memory while reading the record");
	err_t e = store_read(b->s->store, b->a, read_unheard, u);
	arena_unguard(b->a, &guard);
	return e;
}

static err_t catch_up(struct bus *b)
{
	struct unheard u;
	do {
		arena_reset(b->a);
		u = (struct unheard){ .after = b->seen };
		TRY(read_guarded(b, &u));
		for (size_t i = 0; i < u.list.n; i++) {
			const struct entry *one = &u.list.v[i];
			tell(b, one->topics.v, one->topics.n, one->number);
		}
	} while (u.list.n == BUS_BATCH);
	return OK;
}

void bus_announce(struct bus *b, const str_t *topics, size_t n, int64_t entry)
{
	err_t e = OK;
	pthread_mutex_lock(&b->telling);
	if (entry == b->seen + 1 || entry == 0)
		tell(b, topics, n, entry);
	else if (entry > b->seen)
		e = catch_up(b);
	pthread_mutex_unlock(&b->telling);
	if (e)
		log_line(&b->s->log, LOG_WARN, "bus", "announced later: %s", err_text(e));
	err_free(e);
}

err_t bus_catch_up(struct bus *b)
{
	pthread_mutex_lock(&b->telling);
	err_t e = catch_up(b);
	pthread_mutex_unlock(&b->telling);
	return e;
}

/* True if there is more to do. */
static bool pause_between(struct bus *b)
{
	usec_t until = clock_steady() + BUS_PACE;
	struct timespec at = { .tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000 };
	pthread_mutex_lock(&b->lock);
	while (!b->stop && clock_steady() < until)
		pthread_cond_timedwait(&b->wake, &b->lock, &at);
	bool go_on = !b->stop;
	pthread_mutex_unlock(&b->lock);
	return go_on;
}

static void *keep_up(void *bus)
{
	struct bus *b = bus;
	bool failing = false;
	while (pause_between(b)) {
		err_t e = bus_catch_up(b);
		if (e && !failing)
			log_line(&b->s->log, LOG_ERROR, "bus", "%s", err_text(e));
		failing = e != OK;
		err_free(e);
	}
	return NULL;
}

err_t bus_start(struct bus *b)
{
	int number = pthread_create(&b->thread, NULL, keep_up, b);
	if (number)
		return err_errno(number, "start a thread");
	b->running = true;
	return OK;
}

void bus_stop(struct bus *b)
{
	if (!b->running)
		return;
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	b->running = false;
	b->stop = false;
}
