/* jotter.c: see jotter.h. SQLite's own interface, since this is no store of the publication. */
#include "exchange/jotter.h"

#include <sqlite3.h>
#include <stdlib.h>

enum statement { PUT, ADD, FIND, LIST, NUMBER, DANGLING, STATEMENTS };

static const char *const texts[] = {
	[PUT] = "INSERT OR REPLACE INTO note (kind, key, one, two, n) VALUES (?1, ?2, ?3, ?4, ?5)",
	[ADD] = "INSERT INTO note (kind, key, one, two, n) VALUES (?1, ?2, '', '', ?3) "
		"ON CONFLICT (kind, key) DO UPDATE SET n = n + excluded.n",
	[FIND] = "SELECT key, one, two, n FROM note WHERE kind = ?1 AND key = ?2",
	[LIST] = "SELECT key, one, two, n FROM note WHERE kind = ?1 ORDER BY n DESC, key LIMIT ?2",
	[NUMBER] = "SELECT count(*) FROM note WHERE kind = ?1",
	[DANGLING] = "SELECT count(*) FROM note i WHERE kind = ?1 AND two <> '' AND (two = key OR NOT EXISTS "
		     "(SELECT 1 FROM note p WHERE p.kind = ?1 AND p.key = i.two AND p.one = i.one))",
};

struct jotter {
	sqlite3      *db;
	sqlite3_stmt *made[STATEMENTS];
};

static err_t fault(struct jotter *j, const char *what)
{
	int code = j->db ? sqlite3_errcode(j->db) & 0xff : SQLITE_NOMEM;
	return err_new(code == SQLITE_FULL ? ERR_FULL : code == SQLITE_NOMEM ? ERR_MEMORY : ERR_SYSTEM,
		       "%s in a temporary file (in the folder TMPDIR or SQLITE_TMPDIR names, or /var/tmp): %s", what,
		       j->db ? sqlite3_errmsg(j->db) : "out of memory");
}

err_t jotter_new(struct jotter **out)
{
	struct jotter *j = calloc(1, sizeof *j);
	if (!j)
		return err_new(ERR_MEMORY, "out of memory");
	*out = j;
	/* The name "" is a file that is deleted as soon as it is there. It never commits: nobody else may see it. */
	if (sqlite3_open("", &j->db) == SQLITE_OK &&
	    sqlite3_exec(j->db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096; "
			 "CREATE TABLE note (kind TEXT, key TEXT, one TEXT, two TEXT, n INTEGER, "
			 "PRIMARY KEY (kind, key)) WITHOUT ROWID; BEGIN", NULL, NULL, NULL) == SQLITE_OK)
		return OK;
	err_t e = fault(j, "nothing can be noted");
	jotter_free(j);
	*out = NULL;
	return e;
}

void jotter_free(struct jotter *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(j->made[i]);
	sqlite3_close(j->db);
	free(j);
}

static void bind(sqlite3_stmt *h, int at, str_t s)
{
	sqlite3_bind_text64(h, at, s.p ? s.p : "", s.n, SQLITE_STATIC, SQLITE_UTF8);
}

/* Ready, with its kind. */
static err_t take(struct jotter *j, enum statement which, const char *kind, sqlite3_stmt **out)
{
	sqlite3_stmt **h = &j->made[which];
	if (!*h && sqlite3_prepare_v3(j->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, h, NULL) != SQLITE_OK)
		return fault(j, "nothing can be noted");
	bind(*h, 1, str_of(kind));
	*out = *h;
	return OK;
}

static err_t run(struct jotter *j, sqlite3_stmt *h)
{
	int rc = sqlite3_step(h);
	err_t e = rc == SQLITE_DONE ? OK : fault(j, "nothing can be noted");
	sqlite3_reset(h);
	return e;
}

err_t jot(struct jotter *j, const char *kind, str_t key, str_t one, str_t two, int64_t n)
{
	sqlite3_stmt *h = NULL;
	TRY(take(j, PUT, kind, &h));
	bind(h, 2, key);
	bind(h, 3, one);
	bind(h, 4, two);
	sqlite3_bind_int64(h, 5, n);
	return run(j, h);
}

err_t jot_add(struct jotter *j, const char *kind, str_t key, int64_t n)
{
	sqlite3_stmt *h = NULL;
	TRY(take(j, ADD, kind, &h));
	bind(h, 2, key);
	sqlite3_bind_int64(h, 3, n);
	return run(j, h);
}

static str_t column(sqlite3_stmt *h, arena_t *a, int at)
{
	const char *p = (const char *)sqlite3_column_text(h, at);
	return str_copy(a, str_from(p ? p : "", (size_t)sqlite3_column_bytes(h, at)));
}

static struct note note_of(sqlite3_stmt *h, arena_t *a)
{
	return (struct note){ column(h, a, 0), column(h, a, 1), column(h, a, 2), sqlite3_column_int64(h, 3) };
}

err_t jot_find(struct jotter *j, arena_t *a, const char *kind, str_t key, struct note *out, bool *there)
{
	sqlite3_stmt *h = NULL;
	*out = (struct note){ .key = key };
	TRY(take(j, FIND, kind, &h));
	bind(h, 2, key);
	int rc = sqlite3_step(h);
	*there = rc == SQLITE_ROW;
	if (*there)
		*out = note_of(h, a);
	err_t e = rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : fault(j, "nothing can be looked up");
	sqlite3_reset(h);
	return e;
}

static err_t number(struct jotter *j, enum statement which, const char *kind, int64_t *out)
{
	sqlite3_stmt *h = NULL;
	TRY(take(j, which, kind, &h));
	int rc = sqlite3_step(h);
	*out = rc == SQLITE_ROW ? sqlite3_column_int64(h, 0) : 0;
	err_t e = rc == SQLITE_ROW ? OK : fault(j, "nothing can be looked up");
	sqlite3_reset(h);
	return e;
}

err_t jot_list(struct jotter *j, arena_t *a, const char *kind, size_t most, struct note **out, size_t *n, int64_t *all)
{
	sqlite3_stmt *h = NULL;
	int rc;
	*out = NULL;
	*n = 0;
	TRY(number(j, NUMBER, kind, all));
	TRY(take(j, LIST, kind, &h));
	sqlite3_bind_int64(h, 2, (int64_t)most);
	while ((rc = sqlite3_step(h)) == SQLITE_ROW) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = note_of(h, a);
	}
	err_t e = rc == SQLITE_DONE ? OK : fault(j, "nothing can be looked up");
	sqlite3_reset(h);
	return e;
}

err_t jot_dangling(struct jotter *j, const char *kind, int64_t *out)
{
	return number(j, DANGLING, kind, out);
}
