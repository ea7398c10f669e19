/* world.c: see world.h. */
#include "world.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>
#include <stdio.h>

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	snprintf(w->folder, sizeof w->folder, "/tmp/stet-test-XXXXXX");
	if (!mkdtemp(w->folder))
		return -1;
	snprintf(w->path, sizeof w->path, "%s/stet.db", w->folder);
	w->a = arena_create(0);
	world_open(w);
	*state = w;
	return 0;
}

int world_teardown(void **state)
{
	struct world *w = *state;
	world_close(w);
	arena_free(w->a);
	nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(w);
	return 0;
}

void world_open(struct world *w)
{
	struct store_options o = {
		.path = w->path, .readers = 2, .may_create = true, .vfs = w->vfs
	};
	assert_ok(store_open(&o, &w->store));
}

void world_close(struct world *w)
{
	store_close(w->store);
	w->store = NULL;
}

void assert_ok(err_t e)
{
	if (e)
		fail_msg("%s", err_text(e));
}

void assert_fails(err_t e, enum err_code code, const char *says)
{
	assert_non_null(e);
	if (e->code != code || !strstr(err_text(e), says))
		fail_msg("expected %d \"%s\", got %d \"%s\"", code, says, e->code, err_text(e));
	err_free(e);
}

void world_pairs(struct world *w)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	const char *text = "CREATE TABLE IF NOT EXISTS pair (id INTEGER PRIMARY KEY, "
			   "twin INTEGER UNIQUE, text TEXT)";
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static err_t write_pair(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	static const struct sql insert = { "INSERT INTO pair VALUES ($1, $2, 'some text')" };
	const int64_t *pair = ctx;
	return db_run(c, &insert, ARGS(v_int(pair[0]), v_int(pair[1])), NULL);
}

err_t put_pair(struct world *w, arena_t *a, int64_t id, int64_t twin)
{
	return store_write(w->store, a, write_pair, (int64_t[]){ id, twin });
}

int64_t world_int(struct world *w, const struct sql *sql)
{
	struct conn *c;
	assert_ok(store_reader(w->store, &c));
	AUTO_ROWS r = { 0 };
	err_t e;
	assert_ok(db_query(c, sql, NO_ARGS, &r));
	bool there = rows_next(&r, &e);
	assert_ok(e);
	assert_true(there);
	int64_t n = row_int(&r, 0);
	rows_end(&r);
	store_done(w->store, c);
	return n;
}
