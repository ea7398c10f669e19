/* readers.c: the pool of readers, each of which sees one snapshot from store_reader to store_done.
 *
 * `keep` connections stay open; a few more are lent when somebody who has one needs a second, so
 * that borrowers never wait for each other in a ring, and are closed when they come back. */
#include "store/sqlite/engine.h"

static const struct sql begin = { "BEGIN" };
static const struct sql end = { "COMMIT" };
static const struct sql look = { "SELECT 1 FROM sqlite_schema LIMIT 1" };

void readers_init(struct store *s, int keep)
{
	pthread_mutex_init(&s->readers.lock, NULL);
	cond_init(&s->readers.back);
	s->readers.keep = keep > 0 ? keep : 1;
}

void readers_close(struct store *s)
{
	struct readers *r = &s->readers;
	while (r->idle) {
		struct conn *c = r->idle;
		r->idle = c->next;
		db_close(c);
	}
	pthread_cond_destroy(&r->back);
	pthread_mutex_destroy(&r->lock);
}

/* The right to have a reader; `*out` is one that lay idle, or NULL. */
static err_t borrow(struct readers *r, struct conn **out)
{
	usec_t until = clock_steady() + STORE_WAIT;
	bool in_time = true;
	pthread_mutex_lock(&r->lock);
	while (r->out >= r->keep + READERS_EXTRA && in_time)
		in_time = cond_wait_until(&r->back, &r->lock, until);
	bool mine = r->out < r->keep + READERS_EXTRA;
	if (mine) {
		r->out++;
		*out = r->idle;
		if (r->idle) {
			r->idle = r->idle->next;
			r->nidle--;
		}
	}
	pthread_mutex_unlock(&r->lock);
	return mine ? OK : err_new(ERR_BUSY, "too much is being read at once; try again");
}

static void give_back(struct readers *r, struct conn *c)
{
	pthread_mutex_lock(&r->lock);
	r->out--;
	if (c && r->nidle < r->keep) {
		c->next = r->idle;
		r->idle = c;
		r->nidle++;
		c = NULL;
	}
	pthread_cond_signal(&r->back);
	pthread_mutex_unlock(&r->lock);
	db_close(c);
}

/* BEGIN alone takes no snapshot; the first look does. */
static err_t begin_snapshot(struct conn *c)
{
	c->deadline = clock_steady() + STORE_WAIT;
	TRY(db_run(c, &begin, NO_ARGS, NULL));
	return db_run(c, &look, NO_ARGS, NULL);
}

err_t store_reader(struct store *s, struct conn **out)
{
	struct conn *c = NULL;
	TRY(borrow(&s->readers, &c));
	err_t e = c ? OK : db_open(s, CONN_READ, &c);
	if (!e)
		e = begin_snapshot(c);
	if (e) {
		db_close(c);
		give_back(&s->readers, NULL);
		return e;
	}
	*out = c;
	return OK;
}

void store_done(struct store *s, struct conn *c)
{
	if (!c)
		return;
	db_settle(c);
	err_t e = db_run(c, &end, NO_ARGS, NULL);
	if (e) {
		err_free(e);
		db_close(c);
		c = NULL;
	}
	give_back(&s->readers, c);
}

static err_t run_guarded(struct conn *c, arena_t *a, read_fn read, void *ctx, bool *fell)
{
	struct oom_guard guard;
	if (arena_guard(a, &guard)) {
		*fell = true;
		return OK;
	}
	err_t e = read(c, a, ctx);
	arena_unguard(a, &guard);
	return e;
}

err_t store_read(struct store *s, arena_t *a, read_fn read, void *ctx)
{
	struct conn *c;
	TRY(store_reader(s, &c));
	bool fell = false;
	err_t e = run_guarded(c, a, read, ctx, &fell);
	store_done(s, c);
	if (fell)
		arena_exhausted(a);
	return e;
}
