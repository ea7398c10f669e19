/* write.c: one writer, whose commits many acts share.
 *
 * Whoever comes while nobody writes leads: it opens a transaction, runs its own act and those of all
 * who come meanwhile, each in a savepoint of its own, commits for all, announces them in their order,
 * and tells each what became of it. The others sleep once, from the line to the answer; the first who
 * still waits leads next. So the flush that one act waits for is the flush of all that came, and the
 * acts of a group run one behind the other without a thread waking between them:
 *
 *	A: BEGIN [rows A] [rows B] [rows C] COMMIT |
 *	B:        in line . . . . . . . . . . . . .| acknowledged together
 *	C:             in line  . . . . . . . . . .|
 *
 * An act that fails undoes its own savepoint, and is told at once. If the commit fails nobody's rows
 * are kept. */
#include "store/sqlite/engine.h"

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

/* --- the line --- */

#define FOREVER INT64_MAX

static void ticket_init(struct ticket *t)
{
	pthread_mutex_init(&t->lock, NULL);
	cond_init(&t->called);
	t->who = pthread_self();
}

static void ticket_end(struct ticket *t)
{
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->called);
}

/* The last that is done with it: its thread goes on and takes it from the stack. */
static void call(struct ticket *t, enum ticket_call as)
{
	pthread_mutex_lock(&t->lock);
	t->as = as;
	pthread_cond_signal(&t->called);
	pthread_mutex_unlock(&t->lock);
}

/* What it is called for; CALL_NONE: `until` has passed. */
static enum ticket_call wait_for_call(struct ticket *t, usec_t until)
{
	bool in_time = true;
	pthread_mutex_lock(&t->lock);
	while (t->as == CALL_NONE && in_time)
		in_time = cond_wait_until(&t->called, &t->lock, until);
	enum ticket_call as = t->as;
	pthread_mutex_unlock(&t->lock);
	return as;
}

/* Under the lock. */
static struct ticket *first_in_line(struct writer *w)
{
	struct ticket *t = w->first;
	if (!t)
		return NULL;
	w->first = t->next;
	if (!w->first)
		w->last = NULL;
	t->next = NULL;
	t->in_line = false;
	return t;
}

static struct ticket *next_in_line(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	struct ticket *t = first_in_line(w);
	pthread_mutex_unlock(&w->lock);
	return t;
}

static bool leave_line(struct writer *w, struct ticket *t)
{
	pthread_mutex_lock(&w->lock);
	bool was = t->in_line;
	if (was) {
		struct ticket **at = &w->first, *before = NULL;
		for (; *at != t; at = &(*at)->next)
			before = *at;
		*at = t->next;
		if (w->last == t)
			w->last = before;
	}
	pthread_mutex_unlock(&w->lock);
	return was;
}

/* Leads at once, or stands in line. */
static err_t line_up(struct writer *w, struct ticket *t, bool *leads)
{
	pthread_mutex_lock(&w->lock);
	bool nested = w->led && pthread_equal(w->leader, t->who);
	*leads = !w->led;
	if (*leads) {
		w->led = true;
		w->leader = t->who;
	} else if (!nested) {
		*(w->last ? &w->last->next : &w->first) = t;
		w->last = t;
		t->in_line = true;
	}
	pthread_mutex_unlock(&w->lock);
	return nested ? err_new(ERR_SYSTEM, "an act inside an act") : OK;
}

/* The first in line leads from here on. */
static void pass_lead(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	struct ticket *next = first_in_line(w);
	w->led = next != NULL;
	if (next)
		w->leader = next->who;
	pthread_mutex_unlock(&w->lock);
	if (next)
		call(next, CALL_LEAD);
}

/* --- one act --- */

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

/* Memory that runs out in it lands here, so that the savepoint is undone and its own thread goes on
 * with the jump. */
static err_t run_guarded(struct conn *c, struct ticket *t)
{
	struct oom_guard guard;
	if (arena_guard(t->a, &guard)) {
		t->fell = true;
		return OK;
	}
	err_t e = t->write(c, t->a, t->ctx);
	arena_unguard(t->a, &guard);
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

static err_t run_in_savepoint(struct conn *c, struct ticket *t)
{
	TRY(db_run(c, &sql_mark, NO_ARGS, NULL));
	c->in_act = true;
	err_t e = run_guarded(c, t);
	c->in_act = false;
	db_settle(c);
	if (!e && !t->fell)
		e = lost(c) ? ended() : check_deferred(c);
	if (!e && !t->fell)
		e = db_run(c, &sql_keep, NO_ARGS, NULL);
	if (e || t->fell)
		undo(c);
	return e;
}

/* --- the group --- */

/* Acts whose rows stand in one transaction. The leader's alone. */
struct group {
	struct ticket *first, *last;
	size_t         n;
	usec_t         begun;  /* steady clock */
	struct err    *failed; /* why nothing of it is kept */
};

/* One that fails is told at once; the rest with the commit. */
static void run_act(struct store *s, struct group *g, struct ticket *t, const struct ticket *mine)
{
	struct conn *c = s->writer.conn;
	t->e = run_in_savepoint(c, t);
	if (lost(c))
		g->failed = failure_for_all(t->e);
	if (!t->e && !t->fell) {
		*(g->last ? &g->last->next : &g->first) = t;
		g->last = t;
		g->n++;
	} else if (t != mine) {
		call(t, CALL_DONE);
	}
}

static void run_acts(struct store *s, struct group *g, struct ticket *mine)
{
	struct ticket *t = mine;
	do
		run_act(s, g, t, mine);
	while (!lost(s->writer.conn) && g->n < GROUP_MOST && clock_steady() - g->begun < GROUP_OPEN &&
	       (t = next_in_line(&s->writer)));
}

static err_t commit(struct store *s, const struct group *g)
{
	struct conn *c = s->writer.conn;
	if (g->failed)
		return g->failed;
	c->deadline = clock_steady() + STORE_WAIT;
	err_t e = db_run(c, g->n ? &sql_commit : &sql_rollback, NO_ARGS, NULL);
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

/* In their order, before the next group is begun. */
static void announce(const struct group *g)
{
	for (const struct ticket *t = g->first; t; t = t->next)
		if (t->then)
			t->then(t->ctx);
}

static void tell_all(const struct group *g, err_t failed, const struct ticket *mine)
{
	for (struct ticket *t = g->first, *next; t; t = next) {
		next = t->next;
		if (failed)
			t->e = err_new(failed->code, "%s", err_text(failed));
		if (t != mine)
			call(t, CALL_DONE);
	}
}

/* Its own act and those that come meanwhile, from the transaction's begin to its end. */
static void lead(struct store *s, struct ticket *mine, usec_t until)
{
	struct group g = { .begun = clock_steady() };
	s->writer.conn->deadline = until;
	mine->e = db_run(s->writer.conn, &sql_begin, NO_ARGS, NULL);
	if (mine->e) { /* the others try for themselves */
		pass_lead(&s->writer);
		return;
	}
	run_acts(s, &g, mine);
	err_t failed = commit(s, &g);
	if (!failed) {
		announce(&g);
		checkpoint_after_commit(s);
	}
	pass_lead(&s->writer);
	tell_all(&g, failed, mine);
	err_free(failed);
}

/* Until it was written or not, by whoever led. */
static err_t see_through(struct store *s, struct ticket *t, usec_t until, bool leads)
{
	struct writer *w = &s->writer;
	enum ticket_call as = leads ? CALL_LEAD : wait_for_call(t, until);
	if (as == CALL_NONE && leave_line(w, t))
		return err_new(ERR_BUSY, "too much is being written at once; try again");
	if (as == CALL_NONE) /* it is being run just now */
		as = wait_for_call(t, FOREVER);
	if (as == CALL_LEAD)
		lead(s, t, until);
	return t->e;
}

err_t store_write(struct store *s, arena_t *a, write_fn write, void *ctx)
{
	return store_write_then(s, a, write, NULL, ctx);
}

err_t store_write_then(struct store *s, arena_t *a, write_fn write, written_fn then, void *ctx)
{
	struct ticket t = { .a = a, .write = write, .then = then, .ctx = ctx };
	usec_t until = clock_steady() + STORE_WAIT;
	bool leads;
	ticket_init(&t);
	err_t e = line_up(&s->writer, &t, &leads);
	if (!e)
		e = see_through(s, &t, until, leads);
	ticket_end(&t);
	if (t.fell)
		arena_exhausted(a);
	return e;
}
