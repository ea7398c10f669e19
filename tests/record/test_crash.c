/* test_crash.c: killed at a random moment of writing, the publication holds every act that was
 * acknowledged, and no half of any. */
#include "desk.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS  100
#define WRITERS 4

struct writer {
	struct desk *d;
	int          pipe;
	int64_t      from;
	pthread_t    thread;
};

/* Writes acts until killed; says each one's id when it is acknowledged. */
static void *write_for_ever(void *ctx)
{
	struct writer *w = ctx;
	arena_t *a = arena_create(0);
	for (int64_t id = w->from;; id++) {
		err_t e = make_pair(w->d, a, id, id, NULL);
		if (e || write(w->pipe, &id, sizeof id) != sizeof id)
			_exit(1);
		arena_reset(a);
	}
	return NULL;
}

static err_t run_copy(struct stet *s, arena_t *a, const struct job *job)
{
	(void)s;
	(void)a;
	(void)job;
	return OK;
}

static const struct job_kind copying[] = { { "pair.copy", run_copy, 5, MINUTE }, { 0 } };

/* In the child: a publication with writers and, in every second round, runners of jobs. */
static void live(const struct desk *d, int pipe, int round)
{
	struct desk mine = *d;
	struct writer w[WRITERS];
	alarm(60);
	world_open(&mine.world);
	mine.stet.store = mine.world.store;
	mine.stet.bus = NULL;
	if (bus_new(&mine.stet, &mine.stet.bus))
		_exit(1);
	if (round % 2 && jobs_start(&mine.stet, copying, 2, &mine.stet.jobs))
		_exit(1);
	for (int i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){ .d = &mine,
					.pipe = pipe,
					.from = ((int64_t)round * WRITERS + i) * 100000 + 1 };
		if (pthread_create(&w[i].thread, NULL, write_for_ever, &w[i]) != 0)
			_exit(1);
	}
	for (;;)
		pause();
}

/* The ids the child acknowledged before it was killed. */
static size_t listen_and_kill(pid_t child, int pipe, int64_t *ids, size_t most)
{
	size_t n = 0;
	size_t enough = 1 + (size_t)(rand() % 40);
	while (n < enough && read(pipe, &ids[n], sizeof *ids) == sizeof *ids)
		n++;
	usleep((useconds_t)(rand() % 3000));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	while (n < most && read(pipe, &ids[n], sizeof *ids) == sizeof *ids)
		n++;
	return n;
}

static int64_t count_one(struct desk *d, const struct sql *sql, int64_t id)
{
	struct conn *c;
	err_t e;
	AUTO_ROWS r = { 0 };
	assert_ok(store_reader(d->stet.store, &c));
	assert_ok(db_query(c, sql, ARGS(v_int(id)), &r));
	assert_true(rows_next(&r, &e));
	int64_t n = row_int(&r, 0);
	rows_end(&r);
	store_done(d->stet.store, c);
	return n;
}

/* Rows without their entry, entries without their row, jobs without either: 0 each. A job may be
 * missing where runners were at work, never be there alone. */
static void check_agreement(struct desk *d, bool all_jobs)
{
	static const struct sql rows = {
		"SELECT count(*) FROM pair WHERE id NOT IN (SELECT subject FROM entry)"
	};
	static const struct sql entries = {
		"SELECT count(*) FROM entry WHERE subject NOT IN (SELECT id FROM pair)"
	};
	static const struct sql jobs = {
		"SELECT count(*) FROM job WHERE entry NOT IN (SELECT number FROM entry)"
	};
	static const struct sql missing = {
		"SELECT (SELECT count(*) FROM entry) - (SELECT count(*) FROM job)"
	};
	struct strs report = { 0 };
	struct conn *c;
	assert_int_equal(world_int(&d->world, &rows), 0);
	assert_int_equal(world_int(&d->world, &entries), 0);
	assert_int_equal(world_int(&d->world, &jobs), 0);
	if (all_jobs)
		assert_int_equal(world_int(&d->world, &missing), 0);
	assert_ok(store_check(d->stet.store, d->world.a, &report));
	assert_ok(store_reader(d->stet.store, &c));
	assert_ok(record_check(c, d->world.a, &report));
	store_done(d->stet.store, c);
	for (size_t i = 0; i < report.n; i++)
		print_error("%.*s\n", STR(report.v[i]));
	assert_int_equal(report.n, 0);
}

static void what_was_acknowledged_survives_kill_9(void **state)
{
	static const struct sql find = { "SELECT count(*) FROM pair WHERE id = $1" };
	struct desk *d = *state;
	int64_t ids[4096], all = 0;
	bus_free(d->stet.bus);
	srand((unsigned)getpid());
	for (int round = 0; round < ROUNDS; round++) {
		int ends[2];
		world_close(&d->world);
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			close(ends[0]);
			live(d, ends[1], round);
		}
		close(ends[1]);
		size_t n = listen_and_kill(child, ends[0], ids, COUNT(ids));
		close(ends[0]);
		world_open(&d->world);
		d->stet.store = d->world.store;
		for (size_t i = 0; i < n; i++) {
			if (count_one(d, &find, ids[i]) != 1)
				fail_msg("round %d: %lld was acknowledged and is not there", round,
					 (long long)ids[i]);
		}
		assert_true(n > 0);
		all += (int64_t)n;
		check_agreement(d, round == 0);
	}
	print_message("%lld acts acknowledged in %d lives\n", (long long)all, ROUNDS);
	d->stet.bus = NULL;
}

static void jobs_of_a_killed_process_run_later(void **state)
{
	static const struct sql left = { "SELECT count(*) FROM job" };
	struct desk *d = *state;
	for (int i = 0; i < 5; i++)
		assert_ok(make_pair(d, d->world.a, i, i, NULL));
	bus_free(d->stet.bus);
	d->stet.bus = NULL;
	world_close(&d->world);
	pid_t child = fork();
	if (child == 0) {
		struct desk mine = *d;
		world_open(&mine.world);
		mine.stet.store = mine.world.store;
		_exit(jobs_start(&mine.stet, copying, 2, &mine.stet.jobs) ? 1 : (usleep(3000), 0));
	}
	waitpid(child, NULL, 0);
	world_open(&d->world);
	d->stet.store = d->world.store;
	d->stet.clock.fixed = clock_now(&d->stet.clock) + HOUR;
	int64_t ran;
	assert_ok(jobs_run_due(&d->stet, copying, &ran));
	assert_int_equal(world_int(&d->world, &left), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(what_was_acknowledged_survives_kill_9),
		DESK_TEST(jobs_of_a_killed_process_run_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
