/* test_store.c: opening, reading, writing: the rules of store.h one by one. */
#include "world.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct sql count_pairs = { "SELECT count(*) FROM pair" };
static const struct sql select_pair = { "SELECT id, twin, text FROM pair WHERE id = $1" };

static err_t open_again(struct world *w, bool may_create)
{
	world_close(w);
	struct store_options o = { .path = w->path, .readers = 1, .may_create = may_create };
	return store_open(&o, &w->store);
}

static void raw(const struct world *w, const char *text)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	int rc = sqlite3_exec(db, text, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void a_missing_database_is_only_made_when_allowed(void **state)
{
	struct world *w = *state;
	world_close(w);
	unlink(w->path);
	assert_fails(open_again(w, false), ERR_MISSING, "stet init");
	assert_int_not_equal(access(w->path, F_OK), 0);
	assert_ok(open_again(w, true));
	assert_ok(open_again(w, false));
}

static void an_empty_file_is_only_filled_when_allowed(void **state)
{
	struct world *w = *state;
	world_close(w);
	assert_int_equal(truncate(w->path, 0), 0);
	assert_fails(open_again(w, false), ERR_MISSING, "is empty");
	assert_ok(open_again(w, true));
}

static void the_files_are_the_owners_alone(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	assert_ok(put_pair(w, w->a, 1, 1));
	const char *tails[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < COUNT(tails); i++) {
		char path[128];
		struct stat st;
		snprintf(path, sizeof path, "%s/stet.db%s", w->folder, tails[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void a_database_of_another_program_is_refused(void **state)
{
	struct world *w = *state;
	world_close(w);
	raw(w, "PRAGMA application_id = 77");
	assert_fails(open_again(w, true), ERR_REFUSED, "another program");
	unlink(w->path);
	raw(w, "CREATE TABLE theirs (x)");
	assert_fails(open_again(w, true), ERR_REFUSED, "another program");
}

static void a_newer_schema_is_refused(void **state)
{
	struct world *w = *state;
	world_close(w);
	raw(w, "PRAGMA user_version = 9999");
	assert_fails(open_again(w, true), ERR_REFUSED, "newer Stet");
	raw(w, "PRAGMA user_version = -1");
	assert_fails(open_again(w, true), ERR_REFUSED, "newer Stet");
}

static void what_is_no_database_is_refused_with_the_way_to_restore(void **state)
{
	struct world *w = *state;
	world_close(w);
	FILE *f = fopen(w->path, "w");
	for (int i = 0; i < 2000; i++)
		fputs("this is a diary, not a database\n", f);
	fclose(f);
	assert_fails(open_again(w, true), ERR_CORRUPT, "stet restore");
}

static void an_odd_path_is_a_path(void **state)
{
	struct world *w = *state;
	char here[256];
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(w->folder), 0);
	struct store *s;
	struct store_options o = { .path = "file:odd?mode=memory",
				   .readers = 1,
				   .may_create = true };
	assert_ok(store_open(&o, &s));
	store_close(s);
	assert_int_equal(access("file:odd?mode=memory", F_OK), 0);
	assert_int_equal(chdir(here), 0);
}

static void what_is_written_is_read_back_value_by_value(void **state)
{
	struct world *w = *state;
	struct conn *c;
	static const struct sql echo = { "SELECT $2, $1, $3, $5, $4, $2" };
	assert_ok(store_reader(w->store, &c));
	AUTO_ROWS r = { 0 };
	err_t e;
	assert_ok(db_query(c, &echo,
			   ARGS(v_int(INT64_MIN), v_str(S("Zürich")), v_real(0.5),
				v_blob(str_from("a\0b", 3)), v_opt((str_t){ NULL, 0 })),
			   &r));
	assert_true(rows_next(&r, &e));
	assert_true(str_eq(row_str(&r, w->a, 0), S("Zürich")));
	assert_true(row_int(&r, 1) == INT64_MIN);
	assert_true(row_real(&r, 2) == 0.5);
	assert_true(row_is_null(&r, 3));
	assert_null(row_str(&r, w->a, 3).p);
	assert_int_equal(row_str(&r, w->a, 4).n, 3);
	assert_true(str_eq(row_str(&r, w->a, 5), S("Zürich")));
	assert_false(rows_next(&r, &e));
	assert_ok(e);
	assert_false(rows_next(&r, &e));
	store_done(w->store, c);
}

static void an_empty_text_is_not_null(void **state)
{
	struct world *w = *state;
	struct conn *c;
	static const struct sql echo = { "SELECT $1, $2" };
	assert_ok(store_reader(w->store, &c));
	AUTO_ROWS r = { 0 };
	err_t e;
	assert_ok(db_query(c, &echo, ARGS(v_str(S("")), v_blob(S(""))), &r));
	assert_true(rows_next(&r, &e));
	for (int i = 0; i < 2; i++) {
		assert_false(row_is_null(&r, i));
		assert_non_null(row_str(&r, w->a, i).p);
		assert_int_equal(row_str(&r, w->a, i).n, 0);
	}
	store_done(w->store, c);
}

static void wrong_statements_and_values_are_errors(void **state)
{
	struct world *w = *state;
	static const struct sql two = { "SELECT $1, $2" };
	static const struct sql named = { "SELECT :name" };
	static const struct sql several = { "SELECT 1; SELECT 2" };
	static const struct sql nothing = { "-- nothing" };
	static const struct sql wrong = { "SELEKT 1" };
	struct conn *c;
	struct rows r;
	assert_ok(store_reader(w->store, &c));
	assert_fails(db_query(c, &two, ARGS(v_int(1)), &r), ERR_SYSTEM, "1 values where 2");
	assert_fails(db_query(c, &two, ARGS(v_int(1), v_int(1), v_int(1)), &r), ERR_SYSTEM,
		     "3 values where 2");
	assert_fails(db_query(c, &named, ARGS(v_int(1)), &r), ERR_SYSTEM, "$1");
	assert_fails(db_query(c, &several, NO_ARGS, &r), ERR_SYSTEM, "one statement");
	assert_fails(db_query(c, &nothing, NO_ARGS, &r), ERR_SYSTEM, "one statement");
	assert_fails(db_query(c, &wrong, NO_ARGS, &r), ERR_SYSTEM, "SELEKT");
	assert_fails(db_query(c, &two, ARGS(v_str(str_from("a\0b", 3)), v_int(1)), &r), ERR_INPUT,
		     "NUL");
	rows_end(&r);
	store_done(w->store, c);
}

/* An address that is used again for another statement must not give the old one. */
static void a_statement_is_known_by_its_text_too(void **state)
{
	struct world *w = *state;
	struct sql changing = { "SELECT 1" };
	assert_int_equal(world_int(w, &changing), 1);
	changing.text = "SELECT 2";
	assert_int_equal(world_int(w, &changing), 2);
}

static void a_statement_may_run_inside_its_own_rows(void **state)
{
	struct world *w = *state;
	static const struct sql numbers = { "SELECT value FROM json_each('[1,2,3]')" };
	struct conn *c;
	err_t e;
	int64_t sum = 0;
	assert_ok(store_reader(w->store, &c));
	AUTO_ROWS outer = { 0 };
	assert_ok(db_query(c, &numbers, NO_ARGS, &outer));
	while (rows_next(&outer, &e)) {
		AUTO_ROWS inner = { 0 };
		assert_ok(db_query(c, &numbers, NO_ARGS, &inner));
		while (rows_next(&inner, &e))
			sum += row_int(&outer, 0) * row_int(&inner, 0);
		assert_ok(e);
	}
	assert_ok(e);
	assert_int_equal(sum, 36);
	store_done(w->store, c);
}

static void a_reader_sees_one_moment(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	struct conn *before, *after;
	assert_ok(store_reader(w->store, &before));
	assert_ok(put_pair(w, w->a, 1, 1));
	assert_ok(store_reader(w->store, &after));
	AUTO_ROWS r = { 0 };
	err_t e;
	assert_ok(db_query(before, &select_pair, ARGS(v_int(1)), &r));
	assert_false(rows_next(&r, &e));
	assert_ok(db_query(after, &select_pair, ARGS(v_int(1)), &r));
	assert_true(rows_next(&r, &e));
	rows_end(&r);
	store_done(w->store, before);
	store_done(w->store, after);
}

static void a_reader_cannot_write(void **state)
{
	struct world *w = *state;
	static const struct sql insert = { "INSERT INTO pair VALUES (1, 1, 'x')" };
	world_pairs(w);
	struct conn *c;
	assert_ok(store_reader(w->store, &c));
	assert_fails(db_run(c, &insert, NO_ARGS, NULL), ERR_SYSTEM, "readonly");
	store_done(w->store, c);
}

static void rows_left_open_end_with_the_reader(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	assert_ok(put_pair(w, w->a, 1, 1));
	for (int i = 0; i < 20; i++) {
		struct conn *c;
		struct rows r;
		err_t e;
		assert_ok(store_reader(w->store, &c));
		assert_ok(db_query(c, &select_pair, ARGS(v_int(1)), &r));
		assert_true(rows_next(&r, &e));
		store_done(w->store, c);
		assert_ok(put_pair(w, w->a, 100 + i, 100 + i));
	}
	assert_int_equal(world_int(w, &count_pairs), 21);
}

/* Somebody with a reader may borrow more without waiting for others' to come back. */
static void more_readers_are_lent_than_are_kept(void **state)
{
	struct world *w = *state;
	struct conn *c[10];
	for (size_t i = 0; i < COUNT(c); i++)
		assert_ok(store_reader(w->store, &c[i]));
	for (size_t i = 0; i < COUNT(c); i++)
		store_done(w->store, c[i]);
}

static err_t allocate_for_ever(struct conn *c, arena_t *a, void *ctx)
{
	(void)c;
	(void)ctx;
	for (size_t i = 0; i < 100000; i++)
		arena_alloc(a, 4096);
	return OK;
}

static void memory_that_runs_out_while_reading_gives_the_reader_back(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 40; i++) {
		arena_t *small = arena_create(32 * 1024);
		struct oom_guard guard;
		if (!arena_guard(small, &guard)) {
			err_free(store_read(w->store, small, allocate_for_ever, NULL));
			fail_msg("it came back");
		}
		arena_free(small);
	}
}

static void a_value_that_is_taken_is_a_conflict_that_names_it(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	assert_ok(put_pair(w, w->a, 1, 1));
	assert_fails(put_pair(w, w->a, 2, 1), ERR_CONFLICT,
		     "there is already a pair with this twin");
	assert_int_equal(world_int(w, &count_pairs), 1);
}

static err_t run_text(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	return db_run(c, ctx, NO_ARGS, NULL);
}

static void a_broken_reference_is_a_conflict(void **state)
{
	struct world *w = *state;
	raw(w, "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a (id)); "
	       "CREATE TABLE late (a REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)");
	world_close(w);
	world_open(w);
	static struct sql at_once = { "INSERT INTO b VALUES (1)" };
	static struct sql at_commit = { "INSERT INTO late VALUES (1)" };
	assert_fails(store_write(w->store, w->a, run_text, &at_once), ERR_CONFLICT, "not there");
	assert_fails(store_write(w->store, w->a, run_text, &at_commit), ERR_CONFLICT, "not there");
	world_pairs(w);
	assert_ok(put_pair(w, w->a, 1, 1));
}

static void a_value_over_the_limit_is_too_large(void **state)
{
	struct world *w = *state;
	struct conn *c;
	struct rows r;
	static const struct sql echo = { "SELECT $1" };
	size_t n = 65u * 1024 * 1024;
	char *big = arena_alloc(w->a, n);
	memset(big, 'x', n);
	assert_ok(store_reader(w->store, &c));
	assert_fails(db_query(c, &echo, ARGS(v_str(str_from(big, n))), &r), ERR_TOO_LARGE, "64 MB");
	store_done(w->store, c);
}

static err_t nested(struct conn *c, arena_t *a, void *ctx)
{
	(void)c;
	struct world *w = ctx;
	return put_pair(w, a, 5, 5);
}

static void an_act_inside_an_act_is_refused(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	assert_fails(store_write(w->store, w->a, nested, w), ERR_SYSTEM, "inside an act");
	assert_ok(put_pair(w, w->a, 1, 1));
}

static err_t write_then_allocate(struct conn *c, arena_t *a, void *ctx)
{
	static const struct sql insert = { "INSERT INTO pair VALUES (7, 7, 'x')" };
	struct rows r; /* left open on purpose */
	err_t e;
	TRY(db_run(c, &insert, NO_ARGS, NULL));
	TRY(db_query(c, &count_pairs, NO_ARGS, &r));
	assert_true(rows_next(&r, &e));
	return allocate_for_ever(c, a, ctx);
}

static void memory_that_runs_out_in_an_act_undoes_it(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	for (int i = 0; i < 3; i++) {
		arena_t *small = arena_create(32 * 1024);
		struct oom_guard guard;
		volatile bool fell = false;
		if (arena_guard(small, &guard))
			fell = true;
		else
			err_free(store_write(w->store, small, write_then_allocate, NULL));
		assert_true(fell);
		arena_free(small);
		assert_ok(put_pair(w, w->a, i, i));
	}
	assert_int_equal(world_int(w, &count_pairs), 3);
}

static void another_programs_lock_is_waited_for_only_so_long(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	sqlite3 *other;
	sqlite3_open(w->path, &other);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	usec_t begun = clock_steady();
	assert_fails(put_pair(w, w->a, 1, 1), ERR_BUSY, "another program");
	usec_t waited = clock_steady() - begun;
	assert_true(waited > 9 * SECOND && waited < 20 * SECOND);
	sqlite3_close(other);
	assert_ok(put_pair(w, w->a, 1, 1));
}

static void tell(void *ctx, int64_t done, int64_t all)
{
	int64_t *last = ctx;
	assert_true(done > *last && done <= all);
	*last = done;
}

static void a_backup_is_one_file_that_opens(void **state)
{
	struct world *w = *state;
	world_pairs(w);
	for (int i = 0; i < 300; i++)
		assert_ok(put_pair(w, w->a, i, i));
	char copy[128];
	snprintf(copy, sizeof copy, "%s/copy.db", w->folder);
	int64_t pages = 0;
	assert_ok(store_backup(w->store, copy, tell, &pages));
	assert_true(pages > 5);
	struct stat st;
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	world_close(w);
	unlink(w->path);
	assert_int_equal(rename(copy, w->path), 0);
	world_open(w);
	assert_int_equal(world_int(w, &count_pairs), 300);
}

static void a_backup_that_fails_leaves_nothing(void **state)
{
	struct world *w = *state;
	assert_fails(store_backup(w->store, "/nowhere/at/all/copy", NULL, NULL), ERR_MISSING,
		     "/nowhere/at/all");
	char folder[128], part[160];
	snprintf(folder, sizeof folder, "%s/taken", w->folder);
	snprintf(part, sizeof part, "%s.part", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_fails(store_backup(w->store, folder, NULL, NULL), ERR_SYSTEM, "rename");
	assert_int_not_equal(access(part, F_OK), 0);
}

static void a_sound_database_has_no_findings(void **state)
{
	struct world *w = *state;
	struct strs report = { 0 };
	world_pairs(w);
	assert_ok(put_pair(w, w->a, 1, 1));
	assert_ok(store_check(w->store, w->a, &report));
	assert_int_equal(report.n, 0);
}

static void a_broken_reference_is_found(void **state)
{
	struct world *w = *state;
	struct strs report = { 0 };
	raw(w, "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a (id)); "
	       "INSERT INTO b VALUES (12)");
	assert_ok(store_check(w->store, w->a, &report));
	assert_int_equal(report.n, 1);
	assert_true(str_find(report.v[0], S("b: row 1 refers to a a"), 0) != STR_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_missing_database_is_only_made_when_allowed),
		TEST(an_empty_file_is_only_filled_when_allowed),
		TEST(the_files_are_the_owners_alone),
		TEST(a_database_of_another_program_is_refused),
		TEST(a_newer_schema_is_refused),
		TEST(what_is_no_database_is_refused_with_the_way_to_restore),
		TEST(an_odd_path_is_a_path),
		TEST(what_is_written_is_read_back_value_by_value),
		TEST(an_empty_text_is_not_null),
		TEST(wrong_statements_and_values_are_errors),
		TEST(a_statement_is_known_by_its_text_too),
		TEST(a_statement_may_run_inside_its_own_rows),
		TEST(a_reader_sees_one_moment),
		TEST(a_reader_cannot_write),
		TEST(rows_left_open_end_with_the_reader),
		TEST(more_readers_are_lent_than_are_kept),
		TEST(memory_that_runs_out_while_reading_gives_the_reader_back),
		TEST(a_value_that_is_taken_is_a_conflict_that_names_it),
		TEST(a_broken_reference_is_a_conflict),
		TEST(a_value_over_the_limit_is_too_large),
		TEST(an_act_inside_an_act_is_refused),
		TEST(memory_that_runs_out_in_an_act_undoes_it),
		TEST(another_programs_lock_is_waited_for_only_so_long),
		TEST(a_backup_is_one_file_that_opens),
		TEST(a_backup_that_fails_leaves_nothing),
		TEST(a_sound_database_has_no_findings),
		TEST(a_broken_reference_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
