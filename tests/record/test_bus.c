/* test_bus.c: each entry is announced once in each process, in order, soon. */
#include "desk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void assert_heard_in_order(const struct heard *h, size_t n)
{
	assert_int_equal(h->n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(h->entries[i], (int64_t)i + 1);
}

static void an_act_is_announced_when_it_returns(void **state)
{
	struct desk *d = *state;
	assert_ok(make_pair(d, d->world.a, 7, 7, NULL));
	assert_heard_in_order(&d->heard, 1);
	assert_string_equal(d->heard.topics, "front pair:7 ");
	assert_ok(bus_catch_up(d->stet.bus));
	assert_heard_in_order(&d->heard, 1);
}

static void what_was_before_is_not_announced(void **state)
{
	struct desk *d = *state, *late = calloc(1, sizeof *late);
	assert_ok(make_pair(d, d->world.a, 1, 1, NULL));
	desk_beside(d, late);
	assert_ok(bus_catch_up(late->stet.bus));
	assert_int_equal(late->heard.n, 0);
	desk_leave(late);
	free(late);
}

static void another_process_is_heard_when_catching_up(void **state)
{
	struct desk *d = *state, *other = calloc(1, sizeof *other);
	desk_beside(d, other);
	for (int64_t i = 1; i <= 600; i++)
		assert_ok(make_pair(other, other->world.a, i, i, NULL));
	assert_int_equal(d->heard.n, 0);
	assert_ok(bus_catch_up(d->stet.bus));
	assert_heard_in_order(&d->heard, 600);
	assert_string_equal(d->heard.topics, "front pair:600 ");
	desk_leave(other);
	free(other);
}

/* Our own act finds that others' came between. */
static void an_act_announces_first_what_came_before_it(void **state)
{
	struct desk *d = *state, *other = calloc(1, sizeof *other);
	desk_beside(d, other);
	assert_ok(make_pair(other, other->world.a, 1, 1, NULL));
	assert_ok(make_pair(d, d->world.a, 2, 2, NULL));
	assert_heard_in_order(&d->heard, 2);
	assert_ok(make_pair(other, other->world.a, 3, 3, NULL));
	assert_heard_in_order(&other->heard, 3);
	desk_leave(other);
	free(other);
}

struct author {
	struct desk *d;
	int64_t      from, n;
	pthread_t    thread;
};

static void *make_many(void *ctx)
{
	struct author *w = ctx;
	arena_t *a = arena_create(0);
	for (int64_t i = 0; i < w->n; i++) {
		int64_t id = w->from + i, entry = 0;
		assert_ok(make_pair(w->d, a, id, id, &entry));
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

static void run_authors(struct author *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pthread_create(&v[i].thread, NULL, make_many, &v[i]), 0);
	for (size_t i = 0; i < n; i++)
		pthread_join(v[i].thread, NULL);
}

static void many_threads_and_a_process_beside_keep_the_order(void **state)
{
	struct desk *d = *state, *other = calloc(1, sizeof *other);
	desk_beside(d, other);
	assert_ok(bus_start(d->stet.bus));
	struct author v[8];
	for (size_t i = 0; i < COUNT(v); i++)
		v[i] = (struct author){ .d = i % 4 ? d : other,
					.from = 1000 * (int64_t)i,
					.n = 40 };
	run_authors(v, COUNT(v));
	assert_ok(bus_catch_up(d->stet.bus));
	assert_ok(bus_catch_up(other->stet.bus));
	bus_stop(d->stet.bus);
	assert_heard_in_order(&d->heard, 320);
	assert_heard_in_order(&other->heard, 320);
	desk_leave(other);
	free(other);
}

static void count_up(void *ctx, const str_t *topics, size_t n, int64_t entry)
{
	(void)topics;
	(void)n;
	(void)entry;
	__atomic_add_fetch((int *)ctx, 1, __ATOMIC_SEQ_CST);
}

static void the_timer_hears_another_process(void **state)
{
	struct desk *d = *state, *other = calloc(1, sizeof *other);
	int heard = 0;
	bus_listen(d->stet.bus, count_up, &heard);
	desk_beside(d, other);
	assert_ok(bus_start(d->stet.bus));
	assert_ok(make_pair(other, other->world.a, 1, 1, NULL));
	for (int i = 0; i < 400 && !__atomic_load_n(&heard, __ATOMIC_SEQ_CST); i++)
		usleep(10000);
	assert_int_equal(__atomic_load_n(&heard, __ATOMIC_SEQ_CST), 1);
	bus_stop(d->stet.bus);
	desk_leave(other);
	free(other);
}

static void stopping_does_not_wait_for_the_timer(void **state)
{
	struct desk *d = *state;
	usec_t begun = clock_steady();
	for (int i = 0; i < 20; i++) {
		assert_ok(bus_start(d->stet.bus));
		bus_stop(d->stet.bus);
	}
	assert_true(clock_steady() - begun < 5 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(an_act_is_announced_when_it_returns),
		DESK_TEST(what_was_before_is_not_announced),
		DESK_TEST(another_process_is_heard_when_catching_up),
		DESK_TEST(an_act_announces_first_what_came_before_it),
		DESK_TEST(many_threads_and_a_process_beside_keep_the_order),
		DESK_TEST(the_timer_hears_another_process),
		DESK_TEST(stopping_does_not_wait_for_the_timer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
