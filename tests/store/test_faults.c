/* test_faults.c: a disk that fails at any one of its steps: what was acknowledged is there, what
 * was not is not, and nothing is there by half. One case is nobody's to decide: a disk that breaks
 * for good at a flush may have kept what it said it lost; that act alone may come back, as a whole.
 */
#include "base/file.h"
#include "shim.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sql insert_two = {
	"INSERT INTO pair VALUES ($1, $1, $2), ($1 + 1000, $1 + 1000, $2)"
};
static const struct sql has_one = { "SELECT count(*) FROM pair WHERE id = $1" };

#define ACTS 6

static err_t write_two(struct conn *c, arena_t *a, void *ctx)
{
	char text[3000];
	(void)a;
	memset(text, 'x', sizeof text);
	return db_run(c, &insert_two,
		      ARGS(v_int(*(int64_t *)ctx), v_str(str_from(text, sizeof text))), NULL);
}

static int64_t rows_of(struct world *w, int64_t id)
{
	struct conn *c;
	err_t e;
	AUTO_ROWS r = { 0 };
	assert_ok(store_reader(w->store, &c));
	assert_ok(db_query(c, &has_one, ARGS(v_int(id)), &r));
	assert_true(rows_next(&r, &e));
	int64_t n = row_int(&r, 0);
	rows_end(&r);
	store_done(w->store, c);
	return n;
}

struct outcome {
	bool kept[ACTS];
	bool failed; /* the disk did */
};

static bool is_expected(enum shim_how how, const struct err *e)
{
	bool full = how == SHIM_FULL || how == SHIM_FULL_ONCE;
	return e->code == (full ? ERR_FULL : ERR_SYSTEM);
}

/* Six acts on a disk that fails `after` steps in, the last ones after a new opening. */
static void write_on_breaking_disk(struct world *w, struct shim *shim, enum shim_how how, int after,
				   struct outcome *out)
{
	struct store_options o = { .path = w->path, .readers = 1, .vfs = "breaking" };
	struct store *s = NULL;
	shim_break(shim, how, after);
	for (int64_t i = 0; i < ACTS; i++) {
		err_t e = OK;
		if (i == ACTS / 2) {
			store_close(s);
			s = NULL;
		}
		if (!s)
			e = store_open(&o, &s);
		if (!e)
			e = store_write(s, w->a, write_two, &i);
		out->kept[i] = e == OK;
		if (e && !is_expected(how, e))
			fail_msg("way %d, step %d: %s", how, after, err_text(e));
		err_free(e);
	}
	out->failed = shim_failed(shim);
	store_close(s);
	shim_mend(shim);
}

static void check_after(struct world *w, enum shim_how how, int after, const struct outcome *out)
{
	struct strs report = { 0 };
	world_open(w);
	assert_ok(store_check(w->store, w->a, &report));
	assert_int_equal(report.n, 0);
	bool doubt = how == SHIM_BROKEN;
	for (int i = 0; i < ACTS; i++) {
		int64_t first = rows_of(w, i), second = rows_of(w, i + 1000);
		bool came_back = doubt && first && !out->kept[i];
		doubt = doubt && out->kept[i]; /* only the first one refused may be in doubt */
		if (first != second || (first != out->kept[i] && !came_back))
			fail_msg("way %d, step %d, act %d: %s, found %d and %d", how, after, i,
				 out->kept[i] ? "acknowledged" : "refused", (int)first,
				 (int)second);
	}
	int64_t next = 500;
	assert_ok(store_write(w->store, w->a, write_two, &next));
	world_close(w);
}

/* The database as it was, with no log beside it. */
static void put_back(struct world *w, str_t whole)
{
	const char *tails[] = { "", "-wal", "-shm" };
	char path[160];
	for (size_t i = 0; i < COUNT(tails); i++) {
		snprintf(path, sizeof path, "%s%s", w->path, tails[i]);
		unlink(path);
	}
	FILE *f = fopen(w->path, "w");
	assert_int_equal(fwrite(whole.p, 1, whole.n, f), whole.n);
	fclose(f);
}

/* Lets the disk fail at its first step, at its second, until it gets through. */
static int sweep(enum shim_how how)
{
	void *state;
	str_t whole;
	struct outcome out = { .failed = true };
	assert_int_equal(world_setup(&state), 0);
	struct world *w = state;
	world_pairs(w);
	world_close(w);
	assert_ok(file_read(w->a, w->path, 1 << 24, &whole));
	int after = 0;
	for (; out.failed; after++) {
		struct shim *shim = shim_new("breaking");
		shim_hurry(shim);
		put_back(w, whole);
		write_on_breaking_disk(w, shim, how, after, &out);
		w->vfs = "breaking";
		check_after(w, how, after, &out);
		shim_free(shim);
		assert_true(after < 2000);
	}
	world_teardown(&state);
	return after;
}

static err_t nothing_kept(struct conn *c, arena_t *a, void *ctx)
{
	static const struct sql bulk = { "INSERT INTO pair (text) VALUES (hex(zeroblob(500000)))" };
	static const struct sql last = { "INSERT INTO pair VALUES (77, 77, 'after all')" };
	(void)a;
	for (int i = 0; i < 20; i++)
		err_free(db_run(c, &bulk, NO_ARGS, NULL));
	err_free(db_run(c, &last, NO_ARGS, NULL));
	*(bool *)ctx = true;
	return OK;
}

/* An act too large for memory writes early; a full disk then ends its transaction under it. Even
 * one that pays no heed to errors must not write on outside of it. */
static void an_act_whose_transaction_ended_writes_nothing_more(void **state)
{
	(void)state;
	for (int after = 0; after < 3000; after += 150) {
		void *world;
		bool ran = false;
		struct shim *shim = shim_new("breaking");
		shim_hurry(shim);
		assert_int_equal(world_setup(&world), 0);
		struct world *w = world;
		world_close(w);
		w->vfs = "breaking";
		world_open(w);
		world_pairs(w);
		shim_break(shim, SHIM_FULL_ONCE, after);
		err_t e = store_write(w->store, w->a, nothing_kept, &ran);
		assert_true(ran);
		assert_non_null(e);
		err_free(e);
		assert_int_equal(rows_of(w, 77), 0);
		assert_ok(put_pair(w, w->a, 1, 1));
		world_teardown(&world);
		shim_free(shim);
	}
}

/* Two acts, the flush that comes `after` steps in failing; gives which were refused, as bits. */
static int write_and_die(struct world *w, int after)
{
	struct shim *shim = shim_new("breaking");
	struct store_options o = { .path = w->path, .readers = 1, .vfs = "breaking" };
	struct store *s;
	int refused = 0;
	if (store_open(&o, &s))
		return 77;
	shim_break(shim, SHIM_FLUSH_ONCE, after);
	for (int64_t id = 0; id < 2; id++) {
		if (store_write(s, w->a, write_two, &id)) {
			refused |= 1 << id;
			break;
		}
	}
	return refused;
}

/* The child is told that its act failed, and dies before anything else is written. */
static void an_act_whose_flush_failed_does_not_come_back_after_a_crash(void **state)
{
	(void)state;
	int refused = 0;
	for (int after = 0; after < 4; after++) {
		void *world;
		int status;
		assert_int_equal(world_setup(&world), 0);
		struct world *w = world;
		world_pairs(w);
		world_close(w);
		pid_t child = fork();
		if (child == 0)
			_exit(write_and_die(w, after));
		waitpid(child, &status, 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 4);
		world_open(w);
		for (int id = 0; id < 2; id++) {
			if (WEXITSTATUS(status) & 1 << id) {
				refused++;
				assert_int_equal(rows_of(w, id), 0);
			}
		}
		world_teardown(&world);
	}
	assert_true(refused >= 2);
}

static void a_disk_that_is_full_for_a_moment_loses_nothing(void **state)
{
	(void)state;
	assert_true(sweep(SHIM_FULL_ONCE) > 20);
}

static void a_disk_that_stays_full_loses_nothing(void **state)
{
	(void)state;
	assert_true(sweep(SHIM_FULL) > 20);
}

static void a_write_that_fails_once_loses_nothing(void **state)
{
	(void)state;
	assert_true(sweep(SHIM_BROKEN_ONCE) > 20);
}

static void a_flush_that_fails_once_loses_nothing(void **state)
{
	(void)state;
	assert_true(sweep(SHIM_FLUSH_ONCE) > 5);
}

static void a_disk_that_breaks_for_good_loses_nothing(void **state)
{
	(void)state;
	assert_true(sweep(SHIM_BROKEN) > 20);
}

/* True if the disk failed while a publication was made on it. */
static bool make_on_breaking_disk(struct world *w, enum shim_how how, int after)
{
	struct shim *shim = shim_new("breaking");
	struct store_options o = {
		.path = w->path, .readers = 1, .may_create = true, .vfs = "breaking"
	};
	struct store *s = NULL;
	put_back(w, S(""));
	shim_hurry(shim);
	shim_break(shim, how, after);
	err_t e = store_open(&o, &s);
	if (e && !is_expected(how, e))
		fail_msg("way %d, step %d: %s", how, after, err_text(e));
	err_free(e);
	bool failed = shim_failed(shim);
	store_close(s);
	shim_mend(shim);
	w->vfs = "breaking";
	world_open(w);
	world_close(w);
	shim_free(shim);
	return failed;
}

static void making_a_database_on_a_failing_disk_can_be_tried_again(void **state)
{
	void *world;
	(void)state;
	assert_int_equal(world_setup(&world), 0);
	world_close(world);
	/* Every step at first, later ones sparser, and each way other ones: making a schema is the same
	 * few steps of the disk again and again. */
	for (int how = 0; how < SHIM_WAYS; how++) {
		int after = 0;
		while (make_on_breaking_disk(world, (enum shim_how)how, after)) {
			after += 1 + (after + how) / 24;
			assert_true(after < 4000);
		}
	}
	world_teardown(&world);
}

static void a_backup_to_a_failing_disk_leaves_no_half_copy(void **state)
{
	(void)state;
	/* Every step at first, later ones sparser: a page after the other is copied. */
	for (int after = 0, failed = 1; failed; after += 1 + after / 16) {
		void *world;
		char copy[128], part[128];
		struct shim *shim = shim_new("breaking");
		assert_int_equal(world_setup(&world), 0);
		struct world *w = world;
		world_close(w);
		w->vfs = "breaking";
		world_open(w);
		snprintf(copy, sizeof copy, "%s/copy", w->folder);
		snprintf(part, sizeof part, "%s/copy.part", w->folder);
		shim_break(shim, SHIM_FULL, after);
		err_t e = store_backup(w->store, copy, NULL, NULL);
		failed = shim_failed(shim);
		shim_mend(shim);
		assert_true(!e == !failed);
		if (e)
			assert_int_equal(e->code, ERR_FULL);
		err_free(e);
		assert_int_equal(access(copy, F_OK) == 0, !failed);
		assert_int_not_equal(access(part, F_OK), 0);
		world_teardown(&world);
		shim_free(shim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_that_is_full_for_a_moment_loses_nothing),
		cmocka_unit_test(a_disk_that_stays_full_loses_nothing),
		cmocka_unit_test(a_write_that_fails_once_loses_nothing),
		cmocka_unit_test(a_flush_that_fails_once_loses_nothing),
		cmocka_unit_test(a_disk_that_breaks_for_good_loses_nothing),
		cmocka_unit_test(an_act_whose_transaction_ended_writes_nothing_more),
		cmocka_unit_test(an_act_whose_flush_failed_does_not_come_back_after_a_crash),
		cmocka_unit_test(making_a_database_on_a_failing_disk_can_be_tried_again),
		cmocka_unit_test(a_backup_to_a_failing_disk_leaves_no_half_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
