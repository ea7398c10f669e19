/* open.c: a connection with its settings; opening and closing the store. */
#include "store/sqlite/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

bool cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, usec_t until)
{
	struct timespec at = { .tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000 };
	return pthread_cond_timedwait(c, lock, &at) != ETIMEDOUT;
}

/* Naps are short and of uneven length: a lock that a busy server leaves for a moment is found soon,
 * and two who wait do not keep step. */
bool db_nap(const struct conn *c)
{
	usec_t now = clock_steady();
	if (now >= c->deadline)
		return false;
	struct timespec nap = { .tv_nsec = (500 + now % 1000) * 1000 };
	nanosleep(&nap, NULL);
	return true;
}

/* Called by SQLite while another connection holds a lock we need. */
static int wait_for_lock(void *conn, int tries)
{
	(void)tries;
	return db_nap(conn);
}

static void harden(struct conn *c)
{
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_limit(c->db, SQLITE_LIMIT_LENGTH, VALUE_MOST);
	sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, 0);
}

/* A search of a hundred thousand stories reads a thousand pages, mostly those of the search before: with SQLite's
 * 2 MB a third of its time went into asking the kernel for them again. Taken as it is used. */
#define READ_CACHE "8000" /* KB */

static const char *const settings[] = {
	[CONN_READ] = "PRAGMA cell_size_check = ON; PRAGMA query_only = ON; PRAGMA cache_size = -" READ_CACHE,
	[CONN_WRITE] = "PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL; "
		       "PRAGMA journal_size_limit = " LOG_KEEP "; PRAGMA wal_autocheckpoint = 0",
};

err_t db_open(struct store *s, enum conn_use use, struct conn **out)
{
	struct conn *c = calloc(1, sizeof *c);
	if (!c)
		return err_new(ERR_MEMORY, "out of memory while opening the database");
	c->store = s;
	c->deadline = clock_steady() + STORE_WAIT;
	/* One thread at a time has a connection; handing it on is our locks' work. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
		    SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(s->path, &c->db, flags, s->vfs);
	if (rc == SQLITE_OK) {
		harden(c);
		sqlite3_busy_handler(c->db, wait_for_lock, c);
		rc = sqlite3_exec(c->db, settings[use], NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK) {
		*out = c;
		return OK;
	}
	err_t e = fault(c, rc, "opening");
	db_close(c);
	return e;
}

void db_close(struct conn *c)
{
	if (!c)
		return;
	db_forget(c);
	sqlite3_close(c->db);
	free(c);
}

/* Made by us, so that it is nobody else's to read; SQLite gives its side files the same mode. One
 * that is there is not touched: closing any descriptor of it would drop this process's locks. */
static err_t make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	else if (errno != EEXIST)
		return err_errno(errno, "create %s", path);
	return OK;
}

/* One look at the file: between two, another process may have made its first step. */
static err_t look(struct conn *c, int64_t *id, int64_t *version, int64_t *tables)
{
	int rc = sqlite3_exec(c->db, "BEGIN", NULL, NULL, NULL);
	err_t e = rc == SQLITE_OK ? OK : fault(c, rc, "opening");
	if (!e)
		e = one_int(c, "SELECT count(*) FROM sqlite_schema", tables); /* the look begins */
	if (!e)
		e = one_int(c, "PRAGMA application_id", id);
	if (!e)
		e = one_int(c, "PRAGMA user_version", version);
	if (!sqlite3_get_autocommit(c->db))
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

static err_t whose(struct conn *c, bool *empty)
{
	int64_t id, version, tables;
	TRY(look(c, &id, &version, &tables));
	*empty = id == 0 && version == 0 && tables == 0;
	if (*empty || id == APPLICATION_ID)
		return OK;
	return err_new(ERR_REFUSED, "%s is a database of another program, not a Stet publication",
		       c->store->path);
}

static err_t use_log(struct conn *c)
{
	/* Changing the mode needs the file for a moment alone, and does not call wait_for_lock. */
	for (;;) {
		int rc = sqlite3_exec(c->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if (rc == SQLITE_OK)
			return OK;
		if ((rc & 0xff) != SQLITE_BUSY || !db_nap(c))
			return fault(c, rc, "opening");
	}
}

static err_t set_up(struct store *s, const struct store_options *o)
{
	struct conn *c = s->writer.conn;
	bool empty;
	TRY(whose(c, &empty));
	if (empty && !o->may_create)
		return err_new(ERR_MISSING, "%s is empty: make a publication with `stet init`",
			       s->path);
	TRY(use_log(c));
	TRY(migrate(c, sqlite_steps, SIZE_MAX));
	return checkpointer_open(s);
}

static char *path_of(const char *path)
{
	bool bare = path[0] != '/' && path[0] != '.'; /* "file:..." would be read as an address */
	char *p;
	return asprintf(&p, "%s%s", bare ? "./" : "", path) < 0 ? NULL : p;
}

static err_t store_make(const struct store_options *o, struct store **out)
{
	struct store *s = calloc(1, sizeof *s);
	if (!s)
		return err_new(ERR_MEMORY, "out of memory while opening the database");
	*out = s;
	s->log = o->log;
	s->path = path_of(o->path);
	s->vfs = o->vfs ? strdup(o->vfs) : NULL;
	writer_init(s);
	readers_init(s, o->readers);
	if (!s->path || (o->vfs && !s->vfs))
		return err_new(ERR_MEMORY, "out of memory while opening the database");
	return writer_open(s);
}

/* Figures of memory that nobody asks for are kept under one lock, which all threads then wait for at each allocation. */
void store_prepare(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

err_t store_open(const struct store_options *o, struct store **out)
{
	if (o->may_create)
		TRY(make_file(o->path));
	else if (access(o->path, F_OK) != 0)
		return err_new(ERR_MISSING, "there is no %s: make a publication with `stet init`",
			       o->path);
	struct store *s = NULL;
	err_t e = store_make(o, &s);
	if (!e)
		e = set_up(s, o);
	if (e)
		store_close(s);
	else
		*out = s;
	return e;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	readers_close(s);
	checkpointer_close(s);
	writer_close(s);
	free(s->path);
	free(s->vfs);
	free(s);
}
