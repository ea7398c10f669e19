/* engine.h: the inside of the SQLite engine.
 *
 *	open.c        a connection with its settings; opening and closing the store
 *	migrate.c     the schema's steps
 *	query.c       statements, values, rows
 *	readers.c     the pool of readers
 *	write.c       the writer and its groups
 *	checkpoint.c  keeps the write-ahead log short
 *	backup.c      copies and checks
 *	fault.c       what SQLite's codes mean to us */
#pragma once

#include "base/embed.h"
#include "store/limits.h"
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

#define APPLICATION_ID 0x53746574 /* "Stet", in the file's header */

/* A prepared statement of one connection. */
struct stmt {
	const struct sql *sql; /* with its text the key: an address alone could be used again */
	const char       *text;
	sqlite3_stmt     *h;
	bool              in_use;
	struct stmt      *next;  /* in the connection's bucket, or its list of second copies */
	size_t            takes; /* the highest N of its $N */
	size_t            params;
	unsigned char     of[]; /* for SQLite's parameter i + 1: which of ours, from 0 */
};

#define STMT_BUCKETS 128

struct conn {
	struct store *store;
	sqlite3      *db;
	usec_t        deadline; /* of waiting for another process's lock; steady clock */
	bool          in_act;   /* runs an act: nothing may be written outside its savepoint */
	struct stmt  *buckets[STMT_BUCKETS];
	struct stmt  *second; /* copies, for a statement run inside its own rows */
	struct conn  *next;   /* in the pool */
};

enum ticket_call { CALL_NONE, CALL_LEAD, CALL_DONE };

/* An act that somebody wants written. Lives on their stack, until they are called for the last time. */
struct ticket {
	arena_t        *a;
	write_fn        write;
	written_fn      then; /* or NULL */
	void           *ctx;
	pthread_t       who;
	err_t           e;    /* what became of it */
	bool            fell; /* its memory ran out */
	bool            in_line; /* under the writer's lock, as is: */
	struct ticket  *next;
	pthread_mutex_t lock; /* over the rest */
	pthread_cond_t  called;
	enum ticket_call as;
};

struct writer {
	pthread_mutex_t lock;   /* over all here but the last three, which are the leader's */
	bool            led;    /* somebody leads */
	pthread_t       leader; /* who */
	struct ticket  *first, *last; /* the line */
	struct conn    *conn;
	int             log_pages; /* length of the write-ahead log after the last commit */
	int             log_bound; /* from here on the writer itself makes it short */
};

struct readers {
	pthread_mutex_t lock; /* over all here */
	pthread_cond_t  back;
	struct conn    *idle;
	int             keep; /* how many stay open */
	int             nidle, out;
};

struct checkpointer {
	pthread_mutex_t lock; /* over `wanted` and `stop` */
	pthread_cond_t  wake;
	bool            wanted, stop;
	bool            running;
	pthread_t       thread;
	struct conn    *conn;
};

struct store {
	char               *path;
	char               *vfs; /* NULL: the system's */
	const struct log   *log;
	struct writer       writer;
	struct readers      readers;
	struct checkpointer checkpointer;
};

/* open.c */
enum conn_use { CONN_READ, CONN_WRITE };
err_t db_open(struct store *s, enum conn_use use, struct conn **out) CHECKED;
void db_close(struct conn *c);
/* A short nap while waiting for a lock; false once the connection's deadline has passed. */
bool db_nap(const struct conn *c);
/* A condition that waits by the steady clock, until `until` of clock_steady. */
void cond_init(pthread_cond_t *c);
bool cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, usec_t until); /* false: too late */

/* migrate.c: brings the schema to the first `upto` steps of the table (all: SIZE_MAX). */
extern const struct embedded sqlite_steps[];
size_t steps_count(const struct embedded *steps);
err_t migrate(struct conn *c, const struct embedded *steps, size_t upto) CHECKED;
/* The one number that a query gives. */
err_t one_int(struct conn *c, const char *query, int64_t *out) CHECKED;

/* query.c */
void db_settle(struct conn *c); /* ends every statement that was left unfinished */
void db_forget(struct conn *c); /* lets go of all statements */

/* readers.c */
void readers_init(struct store *s, int keep);
void readers_close(struct store *s);

/* write.c */
void writer_init(struct store *s);
err_t writer_open(struct store *s) CHECKED;
void writer_close(struct store *s);

/* checkpoint.c */
err_t checkpointer_open(struct store *s) CHECKED;
void checkpointer_close(struct store *s);
void checkpoint_watch(struct store *s);        /* hears of the log's length */
void checkpoint_after_commit(struct store *s); /* by whoever has the turn */
bool checkpoint_empties(struct conn *c);       /* takes all into the file and leaves no log */

/* fault.c: `rc` as an error; `doing` says what failed: "reading", "opening". */
err_t fault(struct conn *c, int rc, const char *doing) CHECKED;
