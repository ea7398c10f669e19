/* test_jobs.c: no job is lost, none is run more often than it must, none is tried for ever. */
#include "desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static const struct sql count_jobs = { "SELECT count(*) FROM job" };
static const struct sql count_failed = { "SELECT count(*) FROM failed_job" };
static const struct sql first_due = { "SELECT due FROM job ORDER BY id LIMIT 1" };
static const struct sql first_attempt = { "SELECT attempt FROM job ORDER BY id LIMIT 1" };

/* What the handlers below note; they are given its struct stet. */
struct notes {
	struct stet  stet; /* first */
	int          ran, left_to_fail;
	bool         late_failure;
	int          attempt;
	usec_t       nap;
	char         payload[64];
	int          runs_of[512];
	struct desk *desk;
};

static struct notes *notes_of(struct stet *s)
{
	return (struct notes *)(void *)s;
}

static int load(const int *n)
{
	return __atomic_load_n(n, __ATOMIC_SEQ_CST);
}

static err_t note(struct stet *s, arena_t *a, const struct job *job)
{
	struct notes *n = notes_of(s);
	json_t *payload = json_loadb(job->payload.p, job->payload.n, 0, NULL);
	size_t id = (size_t)json_integer_value(json_object_get(payload, "id"));
	json_decref(payload);
	(void)a;
	if (id < COUNT(n->runs_of))
		__atomic_add_fetch(&n->runs_of[id], 1, __ATOMIC_SEQ_CST);
	if (n->nap)
		usleep((useconds_t)n->nap);
	__atomic_add_fetch(&n->ran, 1, __ATOMIC_SEQ_CST);
	return OK;
}

static err_t fail_sometimes(struct stet *s, arena_t *a, const struct job *job)
{
	struct notes *n = notes_of(s);
	(void)a;
	n->attempt = job->attempt;
	n->ran++;
	if (n->left_to_fail-- > 0)
		return err_new(ERR_SYSTEM, "the camera is broken (%d)", job->attempt);
	return OK;
}

static err_t allocate_for_ever(struct stet *s, arena_t *a, const struct job *job)
{
	(void)job;
	notes_of(s)->ran++;
	for (size_t i = 0; i < 10000; i++)
		arena_alloc(a, 1024 * 1024);
	return OK;
}

/* Overruns its lease: another runner takes the job meanwhile, and fails. */
static err_t overrun(struct stet *s, arena_t *a, const struct job *job)
{
	struct notes *n = notes_of(s);
	const struct job_kind failing[] = { { "pair.copy", fail_sometimes, 5, MINUTE }, { 0 } };
	(void)a;
	(void)job;
	n->left_to_fail = 1;
	s->clock.fixed += HOUR;
	int64_t ran;
	TRY(jobs_run_due(s, failing, &ran));
	return n->late_failure ? err_new(ERR_SYSTEM, "too late") : OK;
}

static const struct job_kind noting[] = { { "pair.copy", note, 5, MINUTE }, { 0 } };
static const struct job_kind failing[] = { { "pair.copy", fail_sometimes, 3, MINUTE }, { 0 } };
static const struct job_kind hungry[] = { { "pair.copy", allocate_for_ever, 2, MINUTE }, { 0 } };
static const struct job_kind slow[] = { { "pair.copy", overrun, 5, MINUTE }, { 0 } };
static const struct job_kind others[] = { { "mail.send", note, 5, MINUTE }, { 0 } };

static int setup(void **state)
{
	if (desk_setup(state) != 0)
		return -1;
	struct desk *d = *state;
	struct notes *n = calloc(1, sizeof *n);
	n->desk = d;
	n->stet = d->stet;
	*state = n;
	return 0;
}

static int teardown(void **state)
{
	struct notes *n = *state;
	*state = n->desk;
	free(n);
	return desk_teardown(state);
}

static int64_t number(struct notes *n, const struct sql *sql)
{
	return world_int(&n->desk->world, sql);
}

static int64_t run_due(struct notes *n, const struct job_kind *kinds)
{
	int64_t ran;
	assert_ok(jobs_run_due(&n->stet, kinds, &ran));
	return ran;
}

static void put(struct notes *n, int64_t id, usec_t due)
{
	arena_t *a = arena_create(0);
	struct act act = act_begin(&n->stet, a, &PAIR_MAKE, id, S("cli"));
	act_job(&act, "pair.copy", str_format(a, "{\"id\":%lld}", (long long)id), due);
	assert_ok(act_commit(&act, NULL, NULL));
	arena_free(a);
}

static void a_job_runs_once_and_is_gone(void **state)
{
	struct notes *n = *state;
	put(n, 3, 0);
	put(n, 4, 0);
	assert_int_equal(run_due(n, noting), 2);
	assert_int_equal(n->runs_of[3], 1);
	assert_int_equal(n->runs_of[4], 1);
	assert_int_equal(run_due(n, noting), 0);
	assert_int_equal(number(n, &count_jobs), 0);
}

static void a_job_waits_until_it_is_due(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	put(n, 1, 2000 * SECOND);
	assert_int_equal(run_due(n, noting), 0);
	n->stet.clock.fixed = 2000 * SECOND;
	assert_int_equal(run_due(n, noting), 1);
}

static void a_failure_is_tried_again_later_and_later(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	n->left_to_fail = 2;
	put(n, 1, 0);
	usec_t lest = SECOND, most = 2 * SECOND;
	for (int attempt = 1; attempt <= 2; attempt++) {
		assert_int_equal(run_due(n, failing), 1);
		assert_int_equal(n->attempt, attempt);
		usec_t wait = number(n, &first_due) - n->stet.clock.fixed;
		assert_true(wait >= lest && wait <= most);
		assert_int_equal(run_due(n, failing), 0);
		n->stet.clock.fixed += wait;
		lest *= 2;
		most *= 2;
	}
	assert_int_equal(run_due(n, failing), 1);
	assert_int_equal(number(n, &count_jobs), 0);
	assert_int_equal(number(n, &count_failed), 0);
}

static void after_the_last_attempt_it_is_kept_with_its_error(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	n->left_to_fail = 100;
	put(n, 1, 0);
	for (int i = 0; i < 10; i++) {
		run_due(n, failing);
		n->stet.clock.fixed += HOUR;
	}
	assert_int_equal(n->ran, 3);
	assert_int_equal(number(n, &count_jobs), 0);
	struct conn *c;
	struct jobs_state seen;
	assert_ok(store_reader(n->stet.store, &c));
	assert_ok(jobs_look(c, n->desk->world.a, &seen));
	store_done(n->stet.store, c);
	assert_int_equal(seen.waiting, 0);
	assert_int_equal(seen.failed, 1);
	assert_true(str_eq(seen.why.v[0], S("pair.copy (entry 1): the camera is broken (3)")));
}

static void waiting_between_attempts_is_bounded(void **state)
{
	struct notes *n = *state;
	const struct job_kind patient[] = { { "pair.copy", fail_sometimes, 100, MINUTE }, { 0 } };
	n->stet.clock.fixed = 1000 * SECOND;
	n->left_to_fail = 40;
	put(n, 1, 0);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(run_due(n, patient), 1);
		usec_t wait = number(n, &first_due) - n->stet.clock.fixed;
		assert_true(wait > 0 && wait <= HOUR);
		n->stet.clock.fixed += wait;
	}
	assert_int_equal(run_due(n, patient), 1);
	assert_int_equal(number(n, &count_jobs), 0);
}

static err_t take_and_die(struct conn *c, arena_t *a, void *ctx)
{
	static const struct sql take = { "UPDATE job SET attempt = attempt + 1, due = $1" };
	(void)a;
	return db_run(c, &take, ARGS(v_int(*(usec_t *)ctx)), NULL);
}

static void a_job_whose_runner_died_comes_back_after_its_lease(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	put(n, 1, 0);
	usec_t lease = 1060 * SECOND;
	assert_ok(store_write(n->stet.store, n->desk->world.a, take_and_die, &lease));
	assert_int_equal(run_due(n, failing), 0);
	n->stet.clock.fixed = lease;
	assert_int_equal(run_due(n, failing), 1);
	assert_int_equal(n->attempt, 2);
}

static void a_job_that_kills_its_runners_is_given_up(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	put(n, 1, 0);
	usec_t at_once = 1;
	for (int i = 0; i < 3; i++)
		assert_ok(store_write(n->stet.store, n->desk->world.a, take_and_die, &at_once));
	assert_int_equal(run_due(n, failing), 0);
	assert_int_equal(n->ran, 0);
	assert_int_equal(number(n, &count_failed), 1);
}

static void a_runner_that_overran_its_lease_changes_nothing(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	put(n, 1, 0);
	run_due(n, slow);
	assert_int_equal(number(n, &count_jobs), 1); /* the second runner's retry stands */
	assert_int_equal(number(n, &first_attempt), 2);
}

static void a_failure_after_the_lease_changes_nothing_either(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	n->late_failure = true;
	put(n, 1, 0);
	run_due(n, slow);
	struct desk *d = n->desk;
	static const struct sql error = { "SELECT error = 'the camera is broken (2)' FROM job" };
	assert_int_equal(world_int(&d->world, &error), 1);
}

static void memory_that_runs_out_is_a_failed_attempt(void **state)
{
	struct notes *n = *state;
	n->stet.clock.fixed = 1000 * SECOND;
	put(n, 1, 0);
	assert_int_equal(run_due(n, hungry), 1);
	assert_int_equal(number(n, &count_jobs), 1);
	n->stet.clock.fixed += HOUR;
	assert_int_equal(run_due(n, hungry), 1);
	assert_int_equal(number(n, &count_jobs), 0);
	assert_int_equal(number(n, &count_failed), 1);
}

static void a_kind_nobody_knows_is_left_alone(void **state)
{
	struct notes *n = *state;
	put(n, 1, 0);
	assert_int_equal(run_due(n, others), 0);
	assert_int_equal(number(n, &count_jobs), 1);
	assert_int_equal(run_due(n, noting), 1);
}

static void a_wrong_table_is_refused(void **state)
{
	struct notes *n = *state;
	const struct job_kind never[] = { { "pair.copy", note, 0, MINUTE }, { 0 } };
	const struct job_kind short_lease[] = { { "pair.copy", note, 1, 0 }, { 0 } };
	struct jobs *j;
	int64_t ran;
	assert_fails(jobs_run_due(&n->stet, never, &ran), ERR_SYSTEM, "pair.copy");
	assert_fails(jobs_start(&n->stet, short_lease, 1, &j), ERR_SYSTEM, "pair.copy");
	assert_fails(jobs_start(&n->stet, noting, 0, &j), ERR_SYSTEM, "0 is no number");
}

/* Waits until `*n` is `want`, at most `most`; gives the time it took. */
static usec_t until(const int *n, int want, usec_t most)
{
	usec_t begun = clock_steady();
	while (load(n) < want && clock_steady() - begun < most)
		usleep(500);
	assert_int_equal(load(n), want);
	return clock_steady() - begun;
}

static void an_act_wakes_the_runners_at_once(void **state)
{
	struct notes *n = *state;
	assert_ok(jobs_start(&n->stet, noting, 3, &n->stet.jobs));
	usleep(50000);
	usec_t all = 0;
	for (int i = 0; i < 10; i++) {
		put(n, i, 0);
		all += until(&n->ran, i + 1, 5 * SECOND);
	}
	assert_true(all < 3 * SECOND); /* ten naps of a second would be ten */
	jobs_stop(n->stet.jobs);
}

static void a_job_runs_when_it_becomes_due(void **state)
{
	struct notes *n = *state;
	assert_ok(jobs_start(&n->stet, noting, 2, &n->stet.jobs));
	usec_t all = 0;
	for (int i = 0; i < 5; i++) {
		put(n, i, clock_now(&n->stet.clock) + 200000);
		usec_t took = until(&n->ran, i + 1, 5 * SECOND);
		assert_true(took > 150000);
		all += took;
	}
	assert_true(all < 4 * SECOND); /* five naps of a second would be five */
	jobs_stop(n->stet.jobs);
}

static void jobs_of_another_process_are_seen_by_themselves(void **state)
{
	struct notes *n = *state;
	struct desk *other = calloc(1, sizeof *other);
	desk_beside(n->desk, other);
	assert_ok(jobs_start(&n->stet, noting, 2, &n->stet.jobs));
	usleep(50000);
	assert_ok(make_pair(other, other->world.a, 1, 1, NULL));
	until(&n->ran, 1, 4 * SECOND);
	jobs_stop(n->stet.jobs);
	desk_leave(other);
	free(other);
}

static void many_runners_run_each_job_once(void **state)
{
	struct notes *n = *state;
	struct desk *other = calloc(1, sizeof *other);
	struct notes *beside = calloc(1, sizeof *beside);
	desk_beside(n->desk, other);
	beside->stet = other->stet;
	for (int i = 0; i < 60; i++)
		put(n, i, 0);
	assert_ok(jobs_start(&beside->stet, noting, 2, &beside->stet.jobs));
	assert_ok(jobs_start(&n->stet, noting, 4, &n->stet.jobs));
	for (int i = 60; i < 120; i++)
		put(n, i, 0);
	for (int i = 0; i < 3000 && number(n, &count_jobs) > 0; i++)
		usleep(10000);
	jobs_stop(n->stet.jobs);
	jobs_stop(beside->stet.jobs);
	n->stet.jobs = NULL;
	assert_int_equal(number(n, &count_jobs), 0);
	for (int i = 0; i < 120; i++)
		assert_int_equal(n->runs_of[i] + beside->runs_of[i], 1);
	desk_leave(other);
	free(other);
	free(beside);
}

static void slow_jobs_run_beside_each_other(void **state)
{
	struct notes *n = *state;
	n->nap = SECOND;
	for (int i = 0; i < 4; i++)
		put(n, i, 0);
	assert_ok(jobs_start(&n->stet, noting, 4, &n->stet.jobs));
	assert_true(until(&n->ran, 4, 5 * SECOND) < 3 * SECOND);
	jobs_stop(n->stet.jobs);
}

static void stopping_finishes_what_runs(void **state)
{
	struct notes *n = *state;
	n->nap = 300000;
	assert_ok(jobs_start(&n->stet, noting, 1, &n->stet.jobs));
	put(n, 1, 0);
	put(n, 2, 0);
	while (!load(&n->runs_of[1]))
		usleep(1000);
	jobs_stop(n->stet.jobs);
	n->stet.jobs = NULL;
	assert_int_equal(n->ran, 1);
	assert_int_equal(number(n, &count_jobs), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_runs_once_and_is_gone),
		TEST(a_job_waits_until_it_is_due),
		TEST(a_failure_is_tried_again_later_and_later),
		TEST(after_the_last_attempt_it_is_kept_with_its_error),
		TEST(waiting_between_attempts_is_bounded),
		TEST(a_job_whose_runner_died_comes_back_after_its_lease),
		TEST(a_job_that_kills_its_runners_is_given_up),
		TEST(a_runner_that_overran_its_lease_changes_nothing),
		TEST(a_failure_after_the_lease_changes_nothing_either),
		TEST(memory_that_runs_out_is_a_failed_attempt),
		TEST(a_kind_nobody_knows_is_left_alone),
		TEST(a_wrong_table_is_refused),
		TEST(an_act_wakes_the_runners_at_once),
		TEST(a_job_runs_when_it_becomes_due),
		TEST(jobs_of_another_process_are_seen_by_themselves),
		TEST(many_runners_run_each_job_once),
		TEST(slow_jobs_run_beside_each_other),
		TEST(stopping_finishes_what_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
