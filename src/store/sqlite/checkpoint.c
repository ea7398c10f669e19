/* checkpoint.c: keeps the write-ahead log short.
 *
 * Commits only append to the log. A thread with a connection of its own copies what is in it back
 * into the file while readers and the writer go on (a passive checkpoint). The log can begin anew
 * only at a moment when nobody reads from it; under a steady load there is none, so past a bound
 * the writer waits a little for the readers itself, each time less often until it succeeds. */
#include "store/sqlite/engine.h"

static int log_grew(void *store, sqlite3 *db, const char *name, int pages)
{
	(void)db;
	(void)name;
	struct store *s = store;
	s->writer.log_pages = pages;
	return SQLITE_OK;
}

void checkpoint_watch(struct store *s)
{
	s->writer.log_bound = LOG_BOUND;
	sqlite3_wal_hook(s->writer.conn->db, log_grew, s);
}

static void *write_back(void *store)
{
	struct store *s = store;
	struct checkpointer *k = &s->checkpointer;
	pthread_mutex_lock(&k->lock);
	while (!k->stop) {
		if (!k->wanted) {
			pthread_cond_wait(&k->wake, &k->lock);
			continue;
		}
		k->wanted = false;
		pthread_mutex_unlock(&k->lock);
		int rc = sqlite3_wal_checkpoint_v2(k->conn->db, NULL, SQLITE_CHECKPOINT_PASSIVE,
						   NULL, NULL);
		if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY)
			log_line(s->log, LOG_WARN, "store", "cannot write the log back: %s",
				 sqlite3_errstr(rc));
		pthread_mutex_lock(&k->lock);
	}
	pthread_mutex_unlock(&k->lock);
	return NULL;
}

err_t checkpointer_open(struct store *s)
{
	struct checkpointer *k = &s->checkpointer;
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->wake, NULL);
	TRY(db_open(s, CONN_WRITE, &k->conn));
	int number = pthread_create(&k->thread, NULL, write_back, s);
	if (number)
		return err_errno(number, "start a thread");
	k->running = true;
	return OK;
}

void checkpointer_close(struct store *s)
{
	struct checkpointer *k = &s->checkpointer;
	if (k->running) {
		pthread_mutex_lock(&k->lock);
		k->stop = true;
		pthread_cond_signal(&k->wake);
		pthread_mutex_unlock(&k->lock);
		pthread_join(k->thread, NULL);
		pthread_cond_destroy(&k->wake);
		pthread_mutex_destroy(&k->lock);
	}
	db_close(k->conn);
}

/* SQLite does not wait for a checkpoint that is under way, the thread's above or another
 * process's; we do. */
static int checkpoint_waiting(struct conn *c, int how, usec_t most)
{
	int rc;
	c->deadline = clock_steady() + most;
	do
		rc = sqlite3_wal_checkpoint_v2(c->db, NULL, how, NULL, NULL);
	while ((rc & 0xff) == SQLITE_BUSY && db_nap(c));
	return rc;
}

static void begin_anew(struct store *s)
{
	struct writer *w = &s->writer;
	if (checkpoint_waiting(w->conn, SQLITE_CHECKPOINT_RESTART, LOG_PAUSE) == SQLITE_OK)
		w->log_bound = LOG_BOUND;
	else
		w->log_bound = w->log_pages + w->log_bound / 2;
}

void checkpoint_after_commit(struct store *s)
{
	struct checkpointer *k = &s->checkpointer;
	if (s->writer.log_pages >= s->writer.log_bound) {
		begin_anew(s);
	} else if (s->writer.log_pages >= LOG_SOON) {
		pthread_mutex_lock(&k->lock);
		k->wanted = true;
		pthread_cond_signal(&k->wake);
		pthread_mutex_unlock(&k->lock);
	}
}

bool checkpoint_empties(struct conn *c)
{
	return checkpoint_waiting(c, SQLITE_CHECKPOINT_TRUNCATE, LOG_PAUSE) == SQLITE_OK;
}
