/* write.c: one writer, whose commits many acts share.
 *
 * Threads take turns at the one connection that writes. Each runs its act on its own thread, inside
 * a savepoint of the transaction that is open; if others wait it leaves the transaction open for
 * the next, and waits for the commit; the last in line, or whoever finds the group full or old,
 * commits for all. So the flush that one act waits for is the flush of all that came meanwhile:
 *
 *	A: BEGIN [rows A] . . . . . . . . . . . .|
 *	B:        waits   [rows B] . . . . . . . | acknowledged together
 *	C:        waits            [rows C] COMMIT
 *
 * An act that fails undoes its own savepoint. If the commit fails nobody's rows are kept. */
#include "store/sqlite/engine.h"

#include <stdlib.h>

static const struct sql sql_begin = { "BEGIN IMMEDIATE" };
static const struct sql sql_commit = { "COMMIT" };
static const struct sql sql_rollback = { "ROLLBACK" };
static const struct sql sql_mark = { "SAVEPOINT act" };
static const struct sql sql_keep = { "RELEASE act" };
static const struct sql sql_undo = { "ROLLBACK TO act" };

err_t writer_open(struct store *s)
{
	TRY(db_open(s, CONN_WRITE, &s->writer.conn));
	checkpoint_watch(s);
	return OK;
}

void writer_init(struct store *s)
{
	pthread_mutex_init(&s->writer.lock, NULL);
}

void writer_close(struct store *s)
{
	db_close(s->writer.conn);
	pthread_mutex_destroy(&s->writer.lock);
}

static void unlink_waiter(struct writer *w, const struct waiter *me)
{
	struct waiter **at = &w->first, *before = NULL;
	for (; *at != me; at = &(*at)->next)
		before = *at;
	*at = me->next;
	if (w->last == me)
		w->last = before;
}

/* In line, under the lock. */
static bool wait_for_turn(struct writer *w, usec_t until)
{
	struct waiter me = { .who = pthread_self() };
	cond_init(&me.called);
	if (w->last)
		w->last->next = &me;
	else
		w->first = &me;
	w->last = &me;
	bool in_time = true;
	while (!me.turn && in_time)
		in_time = cond_wait_until(&me.called, &w->lock, until);
	if (!me.turn)
		unlink_waiter(w, &me);
	pthread_cond_destroy(&me.called);
	return me.turn;
}

static err_t take_turn(struct writer *w, usec_t until)
{
	bool mine = true, nested = false;
	pthread_mutex_lock(&w->lock);
	if (!w->taken) {
		w->taken = true;
		w->owner = pthread_self();
	} else {
		nested = pthread_equal(w->owner, pthread_self());
		mine = !nested && wait_for_turn(w, until);
	}
	pthread_mutex_unlock(&w->lock);
	if (nested)
		return err_new(ERR_SYSTEM, "an act inside an act");
	return mine ? OK : err_new(ERR_BUSY, "too much is being written at once; try again");
}

/* Under the lock. */
static void pass_turn(struct writer *w)
{
	struct waiter *next = w->first;
	if (!next) {
		w->taken = false;
		return;
	}
	w->first = next->next;
	if (!w->first)
		w->last = NULL;
	w->owner = next->who;
	next->turn = true;
	pthread_cond_signal(&next->called);
}

/* From here to group_settle the turn's owner alone changes the group. */
static err_t group_join(struct store *s, usec_t until, struct group **out)
{
	struct writer *w = &s->writer;
	if (!w->group) {
		struct group *g = calloc(1, sizeof *g);
		if (!g)
			return err_new(ERR_MEMORY, "out of memory while writing");
		w->conn->deadline = until;
		err_t e = db_run(w->conn, &sql_begin, NO_ARGS, NULL);
		if (e) {
			free(g);
			return e;
		}
		pthread_cond_init(&g->settled, NULL);
		g->begun = clock_steady();
		w->group = g;
	}
	*out = w->group;
	return OK;
}

static bool lost(const struct conn *c)
{
	return sqlite3_get_autocommit(c->db) != 0;
}

static err_t ended(void)
{
	return err_new(ERR_SYSTEM, "the transaction ended before its act did: nothing was saved");
}

/* A full disk can make SQLite undo the whole transaction, and the acts of others with it. */
static err_t failure_for_all(const struct err *e)
{
	return e ? err_new(e->code, "%s", err_text(e)) : ended();
}

/* Runs the act; memory that runs out in it lands here, so that the savepoint is undone and the turn
 * passed on before the jump goes further. */
static err_t run_guarded(struct conn *c, arena_t *a, write_fn write, void *ctx, bool *fell)
{
	struct oom_guard guard;
	if (arena_guard(a, &guard)) {
		*fell = true;
		return OK;
	}
	err_t e = write(c, a, ctx);
	arena_unguard(a, &guard);
	return e;
}

/* A constraint that waits for the commit would make it fail for the whole group. */
static err_t check_deferred(struct conn *c)
{
	int now = 0, highest;
	sqlite3_db_status(c->db, SQLITE_DBSTATUS_DEFERRED_FKS, &now, &highest, 0);
	return now ? err_new(ERR_CONFLICT, "what it refers to is not there") : OK;
}

static void undo(struct conn *c)
{
	if (lost(c))
		return;
	err_t e = db_run(c, &sql_undo, NO_ARGS, NULL);
	if (!e)
		e = db_run(c, &sql_keep, NO_ARGS, NULL);
	if (e && !lost(c))
		err_free(db_run(c, &sql_rollback, NO_ARGS, NULL));
	err_free(e);
}

static err_t run_in_savepoint(struct conn *c, arena_t *a, write_fn write, void *ctx, bool *fell)
{
	TRY(db_run(c, &sql_mark, NO_ARGS, NULL));
	c->in_act = true;
	err_t e = run_guarded(c, a, write, ctx, fell);
	c->in_act = false;
	db_settle(c);
	if (!e && !*fell)
		e = lost(c) ? ended() : check_deferred(c);
	if (!e && !*fell)
		e = db_run(c, &sql_keep, NO_ARGS, NULL);
	if (e || *fell)
		undo(c);
	return e;
}

/* The end of the group's transaction; the turn is ours, the lock is not. */
static err_t commit(struct store *s, const struct group *g)
{
	struct conn *c = s->writer.conn;
	if (g->failed)
		return g->failed;
	c->deadline = clock_steady() + STORE_WAIT;
	err_t e = db_run(c, g->kept ? &sql_commit : &sql_rollback, NO_ARGS, NULL);
	if (!e)
		return OK;
	if (!lost(c))
		err_free(db_run(c, &sql_rollback, NO_ARGS, NULL));
	/* Its pages may stand in the log although the flush failed, and would come back after a
	 * crash: the log must go, and if the disk does not let it, nobody can say. */
	if (!checkpoint_empties(c) && e->code != ERR_FULL)
		e = err_wrap(e, "it is not certain whether this was saved");
	log_line(s->log, LOG_ERROR, "store", "commit: %s", err_text(e));
	return e;
}

static void group_settle(struct store *s, struct group *g)
{
	struct writer *w = &s->writer;
	err_t e = commit(s, g);
	pthread_mutex_lock(&w->lock);
	g->failed = e;
	g->done = true;
	w->group = NULL;
	pthread_cond_broadcast(&g->settled);
	pthread_mutex_unlock(&w->lock);
	if (!e)
		checkpoint_after_commit(s);
}

/* What became of it, for one of those who minded. Under the lock. */
static err_t group_leave(struct group *g)
{
	err_t e = OK;
	if (g->failed)
		e = err_new(g->failed->code, "%s", err_text(g->failed));
	if (--g->minds > 0)
		return e;
	err_free(g->failed);
	pthread_cond_destroy(&g->settled);
	free(g);
	return e;
}

/* Passes the turn on inside the open group, or settles it first; then waits for the commit if our
 * rows are in it. */
static err_t finish(struct store *s, struct group *g, bool kept)
{
	struct writer *w = &s->writer;
	pthread_mutex_lock(&w->lock);
	g->minds++;
	g->kept += kept;
	bool open = w->first && !lost(w->conn) && g->kept < GROUP_MOST &&
		    clock_steady() - g->begun < GROUP_OPEN;
	if (!open) {
		pthread_mutex_unlock(&w->lock);
		group_settle(s, g);
		pthread_mutex_lock(&w->lock);
	}
	pass_turn(w);
	while (kept && !g->done)
		pthread_cond_wait(&g->settled, &w->lock);
	err_t e = OK;
	if (kept || g->done)
		e = group_leave(g);
	else
		g->minds--;
	pthread_mutex_unlock(&w->lock);
	return e;
}

err_t store_write(struct store *s, arena_t *a, write_fn write, void *ctx)
{
	struct writer *w = &s->writer;
	usec_t until = clock_steady() + STORE_WAIT;
	TRY(take_turn(w, until));
	struct group *g = NULL;
	err_t e = group_join(s, until, &g);
	if (e) {
		pthread_mutex_lock(&w->lock);
		pass_turn(w);
		pthread_mutex_unlock(&w->lock);
		return e;
	}
	bool fell = false;
	e = run_in_savepoint(w->conn, a, write, ctx, &fell);
	if (lost(w->conn))
		g->failed = failure_for_all(e);
	err_t group_failed = finish(s, g, !e && !fell);
	if (fell) {
		err_free(group_failed);
		arena_exhausted(a);
	}
	if (!e)
		return group_failed;
	err_free(group_failed);
	return e;
}
