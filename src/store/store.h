/* store.h: one SQL interface over the engines (SQLite now; PostgreSQL as a second file).
 *
 * SQL is written once, in the subset both engines run, with parameters $1, $2 ... A statement is a
 * named constant; it is prepared once a connection and found again by its address. Reading: a
 * worker borrows a reader, which sees one snapshot until it gives it back. Writing: only through
 * store_write (and that only from record/). With SQLite all writes are one connection's; those
 * that come at the same time are committed together, so that one disk flush serves many. While a
 * store is open nothing else in the process may open its file: closing it would drop the locks. */
#pragma once

#include "base/base.h"

struct store;
struct conn; /* a connection: somebody's reader, or the writer inside store_write */

struct sql {
	const char *text;
};

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB };

struct value {
	enum value_kind kind;
	union {
		int64_t i;
		double  real;
		str_t   s;
	} as;
};

static inline struct value v_null(void)
{
	return (struct value){ .kind = VALUE_NULL };
}
static inline struct value v_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .as.i = i };
}
static inline struct value v_real(double r)
{
	return (struct value){ .kind = VALUE_REAL, .as.real = r };
}
static inline struct value v_str(str_t s)
{
	return (struct value){ .kind = VALUE_TEXT, .as.s = s };
}
static inline struct value v_blob(str_t s)
{
	return (struct value){ .kind = VALUE_BLOB, .as.s = s };
}
/* Text, or NULL for {NULL, 0}. */
static inline struct value v_opt(str_t s)
{
	return s.p ? v_str(s) : v_null();
}
/* An id, or NULL for 0. */
static inline struct value v_ref(int64_t id)
{
	return id ? v_int(id) : v_null();
}

/* The parameters of a call, in order. */
struct args {
	const struct value *v;
	size_t              n;
};
#define ARGS(...)                                                                                  \
	((struct args){ (const struct value[]){ __VA_ARGS__ },                                     \
			sizeof((struct value[]){ __VA_ARGS__ }) / sizeof(struct value) })
#define NO_ARGS ((struct args){ NULL, 0 })

/* Once, before all else here, by a program with threads that read and write. */
void store_prepare(void);

struct store_options {
	const char       *path;    /* the database file */
	int               readers; /* connections for reading that stay open */
	const struct log *log;
	bool              may_create;
	const char       *vfs; /* for tests that break disks; NULL: the system's */
};

/* Opens, checks and migrates. Refuses with a reason: a database that a newer Stet wrote, one that
 * is damaged (with the way to restore), one that is no database of ours. */
err_t store_open(const struct store_options *o, struct store **out) CHECKED;
void store_close(struct store *s);

/* Borrows a reader; its snapshot begins now. A few more than `readers` are lent, so that whoever
 * has one may borrow another; then it waits, and says ERR_BUSY after a while. store_done ends what
 * was left unfinished, rows too (an out-of-memory jump passes their cleanup by). */
err_t store_reader(struct store *s, struct conn **out) CHECKED;
void store_done(struct store *s, struct conn *c);

/* Runs `read` with a reader, which is given back also when `a` runs out of memory in it. */
typedef err_t (*read_fn)(struct conn *c, arena_t *a, void *ctx);
err_t store_read(struct store *s, arena_t *a, read_fn read, void *ctx) CHECKED;

/* Runs `write` inside a transaction of its own: all of it is on disk when this returns OK, none of
 * it when it returns an error (or when `a` runs out of memory in it). `write` may run on the thread of
 * another who writes, while the caller waits; it may allocate from `a`, and must not wait for anything.
 * Out of memory in it undoes it and then goes on to the caller's guard. */
typedef err_t (*write_fn)(struct conn *c, arena_t *a, void *ctx);
err_t store_write(struct store *s, arena_t *a, write_fn write, void *ctx) CHECKED;
/* The same; once it is on disk `then` is called, before anything that is written later, and in the order of the
 * writes: it may not write, nor allocate from `a`. */
typedef void (*written_fn)(void *ctx);
err_t store_write_then(struct store *s, arena_t *a, write_fn write, written_fn then, void *ctx) CHECKED;

/* Runs a statement that returns no rows. `changed`, if wanted, is the number of rows it touched. A
 * broken uniqueness or foreign key is ERR_CONFLICT, a full disk ERR_FULL, damage ERR_CORRUPT. */
err_t db_run(struct conn *c, const struct sql *sql, struct args args, int64_t *changed) CHECKED;

/* Rows of a query. Declare as AUTO_ROWS, zeroed, so that an early return ends it. */
struct rows {
	struct conn *c;
	void        *statement;
};
#define AUTO_ROWS __attribute__((cleanup(rows_end))) struct rows

err_t db_query(struct conn *c, const struct sql *sql, struct args args, struct rows *out) CHECKED;

/* True with a row; false at the end or on an error, which `e` tells. */
bool rows_next(struct rows *r, err_t *e);
void rows_end(struct rows *r);

/* Columns of the current row, from 0. Text and blobs are copied into `a`; NULL gives {NULL, 0}. */
int64_t row_int(const struct rows *r, int column); /* NULL gives 0 */
double row_real(const struct rows *r, int column);
str_t row_str(const struct rows *r, arena_t *a, int column);
bool row_is_null(const struct rows *r, int column);

/* A copy of the whole database, consistent, made while it is in use: one file, which is at `path`
 * as a whole or not at all. `progress` (in pages) may be NULL. */
err_t store_backup(struct store *s, const char *path,
		   void (*progress)(void *ctx, int64_t done, int64_t all), void *ctx) CHECKED;

/* Everything the engine can check: pages, indexes, foreign keys. One finding a line in `report`. */
err_t store_check(struct store *s, arena_t *a, struct strs *report) CHECKED;
