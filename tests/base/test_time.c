/* test_time.c: clocks, zones, dates in and out, identifiers. */
#include "base/base.h"
#include "base/clock.h"
#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

static int setup(void **state)
{
	*state = arena_create(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void zone(const char *name)
{
	err_t e = zone_set(str_of(name));
	if (e)
		fail_msg("%s", err_text(e));
}

static void assert_text(str_t s, const char *want)
{
	if (!str_eq(s, str_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", STR(s), want);
}

static usec_t at(const char *text)
{
	usec_t t = 0;
	err_t e = time_parse(str_of(text), &t);
	if (e)
		fail_msg("%s", err_text(e));
	return t;
}

static void refuses(const char *text)
{
	usec_t t = 42;
	err_t e = time_parse(str_of(text), &t);
	if (!e)
		fail_msg("\"%s\" is taken as a time", text);
	assert_int_equal(e->code, ERR_INPUT);
	assert_int_equal(t, 42);
	err_free(e);
}

static void as_people_read_it(void **state)
{
	arena_t *a = *state;
	zone("America/Toronto");
	usec_t t = at("2022-02-10T18:37:00.25Z");
	assert_text(time_long(a, t), "Thursday 10 February 2022 13:37 EST");
	assert_text(time_day(a, t), "10 February 2022");
	assert_text(time_short_day(a, t), "10 Feb");
	assert_text(time_weekday(a, t), "Thursday 10 February 2022");
	assert_text(time_minute(a, t), "13:37");
	assert_text(time_iso(a, t), "2022-02-10T13:37:00-05:00");
	assert_text(time_iso_utc(a, t), "2022-02-10T18:37:00.250000Z");
	assert_text(time_http(a, t), "Thu, 10 Feb 2022 18:37:00 GMT");
	assert_text(time_rfc822(a, t), "Thu, 10 Feb 2022 13:37:00 -0500");
	assert_int_equal(time_year(at("2021-12-31 23:59")), 2021);
	zone("Asia/Kolkata");
	assert_text(time_iso(a, t), "2022-02-11T00:07:00+05:30");
	zone("America/St_Johns");
	assert_text(time_iso(a, t), "2022-02-10T15:07:00-03:30");
	assert_text(time_iso_utc(a, -1), "1969-12-31T23:59:59.999999Z");
}

static void an_unknown_zone_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "Mars/Base", "", "../../etc/passwd", "America", "EST5X!",
					     "zone.tab" };
	for (size_t i = 0; i < COUNT(names); i++) {
		err_t e = zone_set(str_of(names[i]));
		if (!e)
			fail_msg("the zone \"%s\" is taken", names[i]);
		err_free(e);
	}
}

static void daylight_saving(void **state)
{
	(void)state;
	zone("America/New_York");
	assert_int_equal(at("2021-03-14 01:59"), at("2021-03-14T06:59:00Z"));
	assert_int_equal(at("2021-03-14 03:00"), at("2021-03-14T07:00:00Z"));
	refuses("2021-03-14 02:30");
	refuses("2021-03-14 02:00");
	/* 01:30 comes twice; the first, in summer time, is meant. */
	assert_int_equal(at("2021-11-07 01:30"), at("2021-11-07T05:30:00Z"));
	assert_int_equal(at("2021-11-07 01:30 -0500"), at("2021-11-07T06:30:00Z"));
	assert_int_equal(at("2021-11-07 02:00"), at("2021-11-07T07:00:00Z"));
	zone("Australia/Lord_Howe"); /* half an hour of it */
	refuses("2021-10-03 02:15");
	assert_int_equal(at("2021-10-03 02:30"), at("2021-10-02T15:30:00Z"));
	zone("Asia/Tokyo"); /* none at all */
	assert_int_equal(at("2021-07-01 09:00"), at("2021-07-01T00:00:00Z"));
	zone("Pacific/Apia"); /* a day that never was */
	assert_int_equal(at("2011-12-31 00:00"), at("2011-12-30T10:00:00Z"));
}

static void forms_that_are_read(void **state)
{
	(void)state;
	zone("Europe/Paris");
	usec_t utc;
	assert_int_equal(at("2022-07-01"), at("2022-06-30T22:00:00Z"));
	assert_int_equal(at("2022-07-01 09:30"), at("2022-07-01T07:30Z"));
	assert_int_equal(at("2022-07-01T09:30:15"), at("2022-07-01T07:30:15z"));
	assert_int_equal(at("2022-07-01T07:30:15.5Z") - at("2022-07-01T07:30:15Z"), SECOND / 2);
	assert_int_equal(at("2022-07-01T07:30:15.123456789Z") % SECOND, 123456);
	assert_int_equal(at("2022-07-01 07:30:15 +0200"), at("2022-07-01T05:30:15Z"));
	assert_int_equal(at("2022-07-01T07:30:15-03:30"), at("2022-07-01T11:00:15Z"));
	assert_int_equal(at(" 2022-07-01 "), at("2022-07-01"));
	assert_int_equal(at("2020-02-29"), at("2020-02-28") + DAY);
	assert_int_equal(at("1923-04-05T06:07:08Z"), -1475085172 * SECOND);
	assert_null(time_parse_utc(S("2022-07-01 09:30:00"), &utc));
	assert_int_equal(utc, at("2022-07-01T09:30:00Z"));
}

static void forms_that_are_not(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "today", "2022", "2022-13-01", "2022-00-10", "2022-02-30", "2021-02-29",
		"1900-02-29", "2022-07-01T24:00", "2022-07-01T23:60", "2022-07-01T23:59:61",
		"2022-7-1", "01.07.2022", "2022-07-01T07:30:15+2", "2022-07-01T07:30+24:00",
		"2022-07-01T07:30+02:60", "2022-07-01x", "2022-07-01T07:30:15Zx", "0000-00-00 00:00:00",
		"-2022-07-01", "2022-07-01T", "20222-07-01",
	};
	zone("UTC");
	for (size_t i = 0; i < COUNT(bad); i++)
		refuses(bad[i]);
}

static void dates_of_http(void **state)
{
	(void)state;
	usec_t t, want = at("1994-11-06T08:49:37Z");
	static const char *const good[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
					    "Sunday, 06-Nov-94 08:49:37 GMT",
					    "Sun Nov  6 08:49:37 1994" };
	static const char *const bad[] = { "", "Sun, 06 Nov 1994 08:49:37", "yesterday",
					   "Sun, 31 Feb 1994 08:49:37 GMT",
					   "Sun, 06 Nov 1994 08:49:37 GMT and more" };
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(time_parse_http(str_of(good[i]), &t));
		assert_int_equal(t, want);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(time_parse_http(str_of(bad[i]), &t));
}

static void a_fixed_clock_stands(void **state)
{
	(void)state;
	struct clock c = { .fixed = 5 * SECOND }, real = { 0 };
	assert_int_equal(clock_now(&c), 5 * SECOND);
	assert_true(clock_now(&real) > 1600000000 * SECOND);
	usec_t one = clock_steady();
	assert_true(clock_steady() >= one);
}

static void ids_ascend_and_sort_by_time(void **state)
{
	(void)state;
	struct ids ids = { 0 };
	id64 last = 0;
	for (int i = 0; i < 100000; i++) { /* a clock that stands, then goes back */
		id64 id = id_new(&ids, 1700000000 * SECOND - (i > 50000) * SECOND);
		assert_true(id > last);
		last = id;
	}
	struct ids fresh = { 0 };
	assert_true(id_new(&fresh, 1700000100 * SECOND) > last);
}

enum { DRAWS = 20000, DRAWERS = 4 };

struct drawer {
	struct ids *ids;
	id64        drawn[DRAWS];
};

static void *draw(void *ctx)
{
	struct drawer *d = ctx;
	for (int i = 0; i < DRAWS; i++)
		d->drawn[i] = id_new(d->ids, 1700000000 * SECOND);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	const id64 *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void threads_never_draw_the_same(void **state)
{
	arena_t *a = *state;
	struct ids ids = { 0 };
	pthread_t t[DRAWERS];
	struct drawer *d = arena_array(a, DRAWERS, sizeof *d);
	id64 *all = arena_array(a, DRAWERS * DRAWS, sizeof *all);
	for (int i = 0; i < DRAWERS; i++) {
		d[i].ids = &ids;
		assert_int_equal(pthread_create(&t[i], NULL, draw, &d[i]), 0);
	}
	for (int i = 0; i < DRAWERS; i++) {
		pthread_join(t[i], NULL);
		memcpy(all + i * DRAWS, d[i].drawn, sizeof d[i].drawn);
	}
	qsort(all, DRAWERS * DRAWS, sizeof *all, by_value);
	for (int i = 1; i < DRAWERS * DRAWS; i++)
		assert_true(all[i - 1] < all[i]);
}

static void ids_as_text(void **state)
{
	arena_t *a = *state;
	static const id64 ids[] = { 0, 1, 31, 32, 1234567890123456789, INT64_MAX };
	for (size_t i = 0; i < COUNT(ids); i++) {
		id64 back = -1;
		str_t text = id_text(a, ids[i]);
		assert_int_equal(text.n, ID_TEXT);
		assert_true(id_parse(text, &back));
		assert_int_equal(back, ids[i]);
	}
	assert_true(str_cmp(id_text(a, 5), id_text(a, 40)) < 0);
	id64 v;
	assert_true(id_parse(S("OIL"), &v));
	assert_int_equal(v, 1 << 5 | 1);
	assert_false(id_parse(S(""), &v));
	assert_false(id_parse(S("u"), &v));
	assert_false(id_parse(S("harbour-opens"), &v));
	assert_false(id_parse(S("zzzzzzzzzzzzz"), &v));
	assert_false(id_parse(S("00000000000000"), &v));
	assert_true(id_parse(S("7zzzzzzzzzzzz"), &v));
	assert_int_equal(v, INT64_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(as_people_read_it), T(an_unknown_zone_is_refused), T(daylight_saving),
		T(forms_that_are_read), T(forms_that_are_not), T(dates_of_http),
		T(a_fixed_clock_stands), T(ids_ascend_and_sort_by_time),
		T(threads_never_draw_the_same), T(ids_as_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
