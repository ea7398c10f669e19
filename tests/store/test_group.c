/* test_group.c: acts that come together share a commit, and nothing else. */
#include "shim.h"
#include "store/sqlite/engine.h"
#include "world.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sql count_pairs = { "SELECT count(*) FROM pair" };
static const struct sql insert_bulk = { "INSERT INTO pair VALUES ($1, $1, hex(zeroblob(16384)))" };
static const struct sql three_rows = { "SELECT value FROM json_each('[1,2,3]') WHERE $1 >= 0" };
static const struct sql insert_loose = { "INSERT INTO late VALUES (-1)" };
static const struct sql insert_pair = { "INSERT INTO pair VALUES ($1, $2, 'some text')" };

struct disk_world {
	struct world w; /* first */
	struct shim *shim;
};

static int setup(void **state)
{
	void *world;
	struct shim *shim = shim_new("counting");
	if (world_setup(&world) != 0)
		return -1;
	struct disk_world *d = calloc(1, sizeof *d);
	d->w = *(struct world *)world;
	free(world);
	d->shim = shim;
	world_close(&d->w);
	d->w.vfs = "counting";
	world_open(&d->w);
	world_pairs(&d->w);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct disk_world *d = *state;
	struct shim *shim = d->shim;
	int rc = world_teardown(state);
	shim_free(shim);
	return rc;
}

/* How many acts were written, and told of: each by one thread at a time, which tsan would say otherwise. */
struct sequence {
	int written, told;
};

enum temper { GOOD, CLUMSY, GREEDY, BULKY, LOOSE, UNTIDY };

struct hand {
	struct world      *w;
	enum temper        temper;
	int                from, n;
	int                kept; /* acts that were acknowledged */
	enum err_code      said; /* of the last one that was not */
	pthread_t          thread;
	pthread_barrier_t *start;
	struct sequence   *sequence; /* or NULL */
};

struct pair {
	enum temper      temper;
	int64_t          id;
	struct sequence *sequence;
	int              number; /* in it, from 1 */
	bool             told;
};

static err_t write_pair(struct conn *c, arena_t *a, void *ctx)
{
	struct pair *p = ctx;
	if (p->temper == UNTIDY) {
		struct rows r;
		err_t e;
		TRY(db_query(c, &three_rows, ARGS(v_int(p->id)), &r));
		assert_true(rows_next(&r, &e));
	}
	if (p->temper == LOOSE)
		return db_run(c, &insert_loose, NO_ARGS, NULL);
	if (p->temper == BULKY)
		return db_run(c, &insert_bulk, ARGS(v_int(p->id)), NULL);
	TRY(db_run(c, &insert_pair, ARGS(v_int(p->id), v_int(p->id)), NULL));
	if (p->temper == CLUMSY)
		return err_new(ERR_REFUSED, "thought better of it");
	while (p->temper == GREEDY || p->temper == UNTIDY)
		arena_alloc(a, 4096);
	if (p->sequence)
		p->number = ++p->sequence->written;
	return OK;
}

static void tell_pair(void *ctx)
{
	struct pair *p = ctx;
	p->told = p->number == ++p->sequence->told;
}

/* True if the act was acknowledged. */
static bool write_one(struct hand *h, int64_t id)
{
	arena_t *a = arena_create(64 * 1024);
	struct pair p = { .temper = h->temper, .id = id, .sequence = h->sequence };
	struct oom_guard guard;
	volatile bool kept = false;
	if (!arena_guard(a, &guard)) {
		err_t e = store_write_then(h->w->store, a, write_pair, h->sequence ? tell_pair : NULL, &p);
		arena_unguard(a, &guard);
		kept = e == OK && p.told == (h->sequence != NULL);
		if (e)
			h->said = e->code;
		err_free(e);
	}
	arena_free(a);
	return kept;
}

static void *write_many(void *ctx)
{
	struct hand *h = ctx;
	pthread_barrier_wait(h->start);
	for (int i = 0; i < h->n; i++)
		h->kept += write_one(h, h->from + i);
	return NULL;
}

static void run_hands(struct hand *v, unsigned n)
{
	pthread_barrier_t start;
	pthread_barrier_init(&start, NULL, n);
	for (unsigned i = 0; i < n; i++) {
		v[i].start = &start;
		assert_int_equal(pthread_create(&v[i].thread, NULL, write_many, &v[i]), 0);
	}
	for (unsigned i = 0; i < n; i++)
		pthread_join(v[i].thread, NULL);
	pthread_barrier_destroy(&start);
}

static void a_flush_serves_many_acts(void **state)
{
	struct disk_world *d = *state;
	struct hand v[16];
	for (int i = 0; i < 16; i++)
		v[i] = (struct hand){ .w = &d->w, .from = 1000 * i, .n = 60 };
	int before = shim_flushes(d->shim);
	run_hands(v, COUNT(v));
	int flushes = shim_flushes(d->shim) - before;
	for (int i = 0; i < 16; i++)
		assert_int_equal(v[i].kept, 60);
	assert_int_equal(world_int(&d->w, &count_pairs), 960);
	if (flushes >= 960 / 3)
		fail_msg("%d flushes for 960 acts", flushes);
}

/* What stands in memory follows the order on disk, and whoever wrote finds it told. */
static void acts_are_told_in_the_order_they_were_written(void **state)
{
	struct disk_world *d = *state;
	struct sequence sequence = { 0 };
	struct hand v[12];
	for (int i = 0; i < 12; i++)
		v[i] = (struct hand){ .w = &d->w, .from = 1000 * i, .n = 40, .temper = i % 3 ? GOOD : CLUMSY,
				      .sequence = &sequence };
	run_hands(v, COUNT(v));
	for (int i = 0; i < 12; i++)
		assert_int_equal(v[i].kept, i % 3 ? 40 : 0);
	assert_int_equal(sequence.written, 320);
	assert_int_equal(sequence.told, 320);
}

static void every_act_alone_is_flushed(void **state)
{
	struct disk_world *d = *state;
	int before = shim_flushes(d->shim);
	for (int i = 0; i < 20; i++)
		assert_ok(put_pair(&d->w, d->w.a, i, i));
	assert_true(shim_flushes(d->shim) - before >= 20);
}

/* A reference that is checked at the commit is checked before, for the act that broke it. */
static void a_reference_left_loose_does_not_hurt_its_group(void **state)
{
	struct disk_world *d = *state;
	struct hand v[8];
	sqlite3 *db;
	assert_int_equal(sqlite3_open(d->w.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "CREATE TABLE late (p REFERENCES pair (id) "
				      "DEFERRABLE INITIALLY DEFERRED)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	for (int i = 0; i < 8; i++)
		v[i] = (struct hand){
			.w = &d->w, .from = 1000 * i, .n = 40, .temper = i % 2 ? LOOSE : GOOD
		};
	run_hands(v, COUNT(v));
	for (int i = 0; i < 8; i++) {
		assert_int_equal(v[i].kept, i % 2 ? 0 : 40);
		assert_int_equal(v[i].said, i % 2 ? ERR_CONFLICT : ERR_NONE);
	}
}

/* Rows that an act left open would keep the log from being written back. */
static void an_act_leaves_no_statement_running(void **state)
{
	struct disk_world *d = *state;
	struct hand h = { .w = &d->w, .temper = UNTIDY };
	for (int i = 0; i < 5; i++) {
		assert_false(write_one(&h, i));
		sqlite3 *db = d->w.store->writer.conn->db;
		for (sqlite3_stmt *st = NULL; (st = sqlite3_next_stmt(db, st));)
			assert_false(sqlite3_stmt_busy(st));
	}
}

static void acts_that_fail_or_run_out_of_memory_do_not_hurt_their_group(void **state)
{
	struct disk_world *d = *state;
	struct hand v[12];
	for (int i = 0; i < 12; i++)
		v[i] = (struct hand){ .w = &d->w,
				      .from = 1000 * i,
				      .n = 40,
				      .temper = i % 3 == 0   ? GOOD
						: i % 3 == 1 ? CLUMSY
							     : GREEDY };
	run_hands(v, COUNT(v));
	for (int i = 0; i < 12; i++)
		assert_int_equal(v[i].kept, i % 3 == 0 ? 40 : 0);
	assert_int_equal(world_int(&d->w, &count_pairs), 160);
}

/* Nobody is told "kept" when the commit that the group waits for finds no room. */
static void a_commit_that_fails_fails_for_all_of_the_group(void **state)
{
	struct disk_world *d = *state;
	int kept = 0;
	for (int round = 0; round < 12; round++) {
		struct hand v[8];
		for (int i = 0; i < 8; i++)
			v[i] = (struct hand){ .w = &d->w,
					      .n = 10,
					      .from = 10000 * round + 1000 * i };
		shim_break(d->shim, SHIM_FULL, 5 * round);
		run_hands(v, COUNT(v));
		shim_mend(d->shim);
		for (int i = 0; i < 8; i++) {
			kept += v[i].kept;
			assert_int_equal(v[i].said, v[i].kept < 10 ? ERR_FULL : ERR_NONE);
		}
	}
	assert_int_equal(world_int(&d->w, &count_pairs), kept);
	world_close(&d->w);
	world_open(&d->w);
	assert_int_equal(world_int(&d->w, &count_pairs), kept);
	assert_true(kept < 960);
	assert_ok(put_pair(&d->w, d->w.a, 999999, 999999));
}

struct looker {
	struct disk_world *d;
	atomic_bool        stop;
	off_t              longest; /* the log has been */
};

/* Readers that overlap, so that there is never a moment without one. */
static void *look_all_the_while(void *ctx)
{
	struct looker *l = ctx;
	char log[128];
	struct conn *now, *next;
	snprintf(log, sizeof log, "%s/stet.db-wal", l->d->w.folder);
	assert_ok(store_reader(l->d->w.store, &now));
	while (!atomic_load(&l->stop)) {
		struct stat st;
		usleep(1000);
		assert_ok(store_reader(l->d->w.store, &next));
		store_done(l->d->w.store, now);
		now = next;
		if (stat(log, &st) == 0 && st.st_size > l->longest)
			l->longest = st.st_size;
	}
	store_done(l->d->w.store, now);
	return NULL;
}

static void the_log_stays_short_under_writing_and_reading(void **state)
{
	struct disk_world *d = *state;
	struct looker l = { .d = d };
	struct hand v[4];
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, look_all_the_while, &l), 0);
	for (int i = 0; i < 4; i++)
		v[i] = (struct hand){ .w = &d->w, .from = 10000 * i, .n = 500, .temper = BULKY };
	run_hands(v, COUNT(v));
	atomic_store(&l.stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(world_int(&d->w, &count_pairs), 2000);
	assert_true(l.longest > 8 * 1024 * 1024);
	if (l.longest > 64 * 1024 * 1024)
		fail_msg("the log grew to %lld bytes", (long long)l.longest);
}

static int write_as_process(const struct world *w, int from)
{
	struct store_options o = { .path = w->path, .readers = 1 };
	struct world mine = *w;
	if (store_open(&o, &mine.store))
		return 1;
	struct hand v[3];
	for (int i = 0; i < 3; i++)
		v[i] = (struct hand){ .w = &mine, .from = from + 1000 * i, .n = 60 };
	run_hands(v, COUNT(v));
	store_close(mine.store);
	return v[0].kept == 60 && v[1].kept == 60 && v[2].kept == 60 ? 0 : 2;
}

static void several_processes_write_to_one_file(void **state)
{
	struct disk_world *d = *state;
	pid_t child[3];
	world_close(&d->w);
	for (int i = 0; i < 3; i++) {
		child[i] = fork();
		if (child[i] == 0)
			_exit(write_as_process(&d->w, 10000 * i));
	}
	for (int i = 0; i < 3; i++) {
		int status;
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	world_open(&d->w);
	assert_int_equal(world_int(&d->w, &count_pairs), 540);
}

static void copied(void *ctx, int64_t done, int64_t all)
{
	(void)done;
	(void)all;
	++*(int *)ctx;
}

static void *back_up(void *ctx)
{
	struct disk_world *d = ctx;
	char copy[128];
	int steps = 0;
	for (int i = 0; i < 5; i++) {
		snprintf(copy, sizeof copy, "%s/stet.db.copy%d", d->w.folder, i);
		assert_ok(store_backup(d->w.store, copy, copied, &steps));
	}
	return NULL;
}

/* What the copies hold only grows, and each is sound. */
static void a_backup_made_while_writing_is_of_one_moment(void **state)
{
	struct disk_world *d = *state;
	struct hand v[6];
	pthread_t thread;
	for (int i = 0; i < 6; i++)
		v[i] = (struct hand){ .w = &d->w, .from = 1000 * i, .n = 100 };
	assert_int_equal(pthread_create(&thread, NULL, back_up, d), 0);
	run_hands(v, COUNT(v));
	pthread_join(thread, NULL);
	int64_t last = 0;
	for (int i = 0; i < 5; i++) {
		struct world copy = d->w;
		struct strs report = { 0 };
		copy.vfs = NULL;
		snprintf(copy.path, sizeof copy.path, "%s/stet.db.copy%d", d->w.folder, i);
		world_open(&copy);
		assert_ok(store_check(copy.store, d->w.a, &report));
		assert_int_equal(report.n, 0);
		int64_t n = world_int(&copy, &count_pairs);
		assert_true(n >= last && n <= 600);
		last = n;
		world_close(&copy);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_flush_serves_many_acts),
		TEST(every_act_alone_is_flushed),
		TEST(acts_are_told_in_the_order_they_were_written),
		TEST(acts_that_fail_or_run_out_of_memory_do_not_hurt_their_group),
		TEST(a_reference_left_loose_does_not_hurt_its_group),
		TEST(an_act_leaves_no_statement_running),
		TEST(a_commit_that_fails_fails_for_all_of_the_group),
		TEST(the_log_stays_short_under_writing_and_reading),
		TEST(several_processes_write_to_one_file),
		TEST(a_backup_made_while_writing_is_of_one_moment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
