/* test_migrate.c: from every earlier schema to the newest one, whatever happens on the way. */
#include "store/sqlite/engine.h"
#include "world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static str_t schema_of(struct world *w, struct store *s)
{
	static const struct sql select = { "SELECT type, name, tbl_name, coalesce(sql, '') "
					   "FROM sqlite_schema ORDER BY type, name" };
	struct conn *c;
	AUTO_ROWS r = { 0 };
	err_t e;
	struct buf out = buf_new(w->a, 4096);
	assert_ok(store_reader(s, &c));
	assert_ok(db_query(c, &select, NO_ARGS, &r));
	while (rows_next(&r, &e)) {
		for (int i = 0; i < 4; i++) {
			buf_add(&out, row_str(&r, w->a, i));
			buf_add_char(&out, '\n');
		}
	}
	assert_ok(e);
	store_done(s, c);
	return buf_str(&out);
}

static int64_t version_of(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *h;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &h, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(h), SQLITE_ROW);
	int64_t version = sqlite3_column_int64(h, 0);
	sqlite3_finalize(h);
	sqlite3_close(db);
	return version;
}

/* A database as it was when only the first `upto` steps of `steps` existed. */
static err_t make_at(const char *path, const struct embedded *steps, size_t upto)
{
	struct store place = { .path = (char *)path };
	struct conn *c;
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	TRY(db_open(&place, CONN_WRITE, &c));
	err_t e = migrate(c, steps, upto);
	db_close(c);
	return e;
}

static void every_earlier_schema_becomes_the_newest(void **state)
{
	struct world *w = *state;
	str_t fresh = schema_of(w, w->store);
	size_t all = steps_count(sqlite_steps);
	assert_true(all >= 2);
	for (size_t k = 1; k <= all; k++) {
		char path[128];
		struct store *s;
		snprintf(path, sizeof path, "%s/at-%zu.db", w->folder, k);
		assert_ok(make_at(path, sqlite_steps, k));
		assert_int_equal(version_of(path), (int64_t)k);
		struct store_options o = { .path = path, .readers = 1 };
		assert_ok(store_open(&o, &s));
		str_t now = schema_of(w, s);
		assert_true(str_eq(now, fresh));
		store_close(s);
		assert_int_equal(version_of(path), (int64_t)all);
	}
}

/* --- from before readers, whose step makes the tables of jobs anew --- */

enum { BEFORE_READERS = 10 };

static const char before_readers[] =
	"INSERT INTO entry VALUES (1, 5, 'story.publish', 7, 'cli', '{\"a\":1}', 'story:7');"
	"INSERT INTO entry VALUES (2, 6, 'publication.set', 0, 'cli', '{}', '');"
	"INSERT INTO job VALUES (1, 1, 'announce', '{\"n\": \"\u00fc \"\"\"}', 9000000000000000, 0, '');"
	"INSERT INTO job VALUES (3, 1, 'announce', '', 0, 2, 'no answer');"
	"INSERT INTO job VALUES (9223372036854775806, 2, 'push', '{}', -1, 7, '');"
	"INSERT INTO failed_job VALUES (2, 1, 'announce', '{}', 5, 'gave up: 410', 12);"
	"INSERT INTO failed_job VALUES (4, 2, 'push', 'x', 1, '', 13);"
	"INSERT INTO section (slug, name, description, position) VALUES ('city', 'City', '', 1);";

static str_t cells(struct world *w, sqlite3 *db, const char *query)
{
	sqlite3_stmt *h;
	struct buf out = buf_new(w->a, 1024);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &h, NULL), SQLITE_OK);
	while (sqlite3_step(h) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(h); i++)
			buf_add_format(&out, "%d:%s|", sqlite3_column_type(h, i),
				       (const char *)sqlite3_column_text(h, i));
	sqlite3_finalize(h);
	return buf_str(&out);
}

/* Every row of every table, with the types of what is in it; of full-text search what it indexes. */
static str_t rows_of(struct world *w, const char *path, struct strs *tables)
{
	sqlite3 *db;
	sqlite3_stmt *h;
	struct buf out = buf_new(w->a, 1 << 16);
	bool find = !tables->n;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql "
					    "NOT LIKE 'CREATE VIRTUAL%' ORDER BY name", -1, &h, NULL), SQLITE_OK);
	while (find && sqlite3_step(h) == SQLITE_ROW)
		strs_add(w->a, tables, str_copy(w->a, str_of((const char *)sqlite3_column_text(h, 0))));
	sqlite3_finalize(h);
	for (size_t i = 0; i < tables->n; i++) {
		str_t query = str_format(w->a, "SELECT * FROM \"%.*s\" ORDER BY 1, 2", STR(tables->v[i]));
		buf_add_format(&out, "\n%.*s: %.*s", STR(tables->v[i]), STR(cells(w, db, str_z(w->a, query))));
	}
	sqlite3_close(db);
	return buf_str(&out);
}

static void nothing_is_lost_where_jobs_are_made_anew(void **state)
{
	struct world *w = *state;
	struct strs tables = { 0 };
	struct store *s;
	sqlite3 *db;
	char path[128], *why = NULL;
	snprintf(path, sizeof path, "%s/before.db", w->folder);
	assert_ok(make_at(path, sqlite_steps, BEFORE_READERS));
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, before_readers, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
	str_t was = rows_of(w, path, &tables);
	assert_true(str_find(was, S("gave up: 410"), 0) != STR_NONE);
	assert_true(tables.n > 20);
	struct store_options o = { .path = path, .readers = 1 };
	assert_ok(store_open(&o, &s));
	store_close(s);
	assert_true(version_of(path) > BEFORE_READERS);
	str_t is = rows_of(w, path, &tables);
	assert_true(str_eq(is, was));
	/* They still hang on what they follow from. */
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO job (entry, kind, payload, due) VALUES (99, 'x', '', 0)",
				      NULL, NULL, NULL), SQLITE_CONSTRAINT);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO job (entry, kind, payload, due) VALUES (NULL, 'x', '', 0)",
				      NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static const struct embedded with_a_flaw[] = {
	{ "0001-good.sql", S("CREATE TABLE good (x INTEGER PRIMARY KEY)") },
	{ "0002-flawed.sql", S("CREATE TABLE half (x); INSERT INTO half VALUES (1); SELEKT 2") },
	{ NULL, { NULL, 0 } },
};
static const struct embedded with_loose_rows[] = {
	{ "0001-good.sql", S("CREATE TABLE good (x INTEGER PRIMARY KEY)") },
	{ "0002-loose.sql",
	  S("CREATE TABLE b (g REFERENCES good (x)); INSERT INTO b VALUES (12)") },
	{ NULL, { NULL, 0 } },
};
static const struct embedded mended[] = {
	{ "0001-good.sql", S("CREATE TABLE good (x INTEGER PRIMARY KEY)") },
	{ "0002-flawed.sql", S("CREATE TABLE half (x); CREATE TABLE b (g)") },
	{ NULL, { NULL, 0 } },
};

static void a_step_that_fails_leaves_the_one_before(void **state)
{
	struct world *w = *state;
	char path[128];
	snprintf(path, sizeof path, "%s/flawed.db", w->folder);
	assert_fails(make_at(path, with_a_flaw, SIZE_MAX), ERR_SYSTEM, "0002-flawed.sql");
	assert_int_equal(version_of(path), 1);
	struct store place = { .path = path };
	struct conn *c;
	assert_ok(db_open(&place, CONN_WRITE, &c));
	assert_ok(migrate(c, mended, SIZE_MAX));
	db_close(c);
	assert_int_equal(version_of(path), 2);
}

static void a_step_that_leaves_loose_references_is_undone(void **state)
{
	struct world *w = *state;
	char path[128];
	snprintf(path, sizeof path, "%s/loose.db", w->folder);
	assert_fails(make_at(path, with_loose_rows, SIZE_MAX), ERR_CORRUPT, "refer");
	assert_int_equal(version_of(path), 1);
}

static void migrating_when_killed_goes_on_where_it_was(void **state)
{
	struct world *w = *state;
	char path[128];
	str_t fresh = schema_of(w, w->store);
	snprintf(path, sizeof path, "%s/killed.db", w->folder);
	for (int round = 0; round < 60; round++) {
		unlink(path);
		pid_t child = fork();
		if (child == 0) {
			struct store *s;
			struct store_options o = { .path = path, .readers = 1, .may_create = true };
			_exit(store_open(&o, &s) ? 1 : 0);
		}
		usleep((useconds_t)(rand() % 15000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		struct store *s;
		struct store_options o = { .path = path, .readers = 1, .may_create = true };
		assert_ok(store_open(&o, &s));
		assert_true(str_eq(schema_of(w, s), fresh));
		store_close(s);
	}
}

static void processes_that_open_at_once_migrate_once(void **state)
{
	struct world *w = *state;
	world_close(w);
	for (int round = 0; round < 5; round++) {
		pid_t child[4];
		unlink(w->path);
		for (size_t i = 0; i < COUNT(child); i++) {
			child[i] = fork();
			if (child[i] == 0) {
				struct store *s = NULL;
				struct store_options o = { .path = w->path,
							   .readers = 1,
							   .may_create = true };
				err_t e = store_open(&o, &s);
				if (e)
					fprintf(stderr, "%s\n", err_text(e));
				store_close(s);
				_exit(e ? 1 : 0);
			}
		}
		for (size_t i = 0; i < COUNT(child); i++) {
			int status;
			waitpid(child[i], &status, 0);
			assert_int_equal(status, 0);
		}
	}
	world_open(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_earlier_schema_becomes_the_newest),
		TEST(nothing_is_lost_where_jobs_are_made_anew),
		TEST(a_step_that_fails_leaves_the_one_before),
		TEST(a_step_that_leaves_loose_references_is_undone),
		TEST(migrating_when_killed_goes_on_where_it_was),
		TEST(processes_that_open_at_once_migrate_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
