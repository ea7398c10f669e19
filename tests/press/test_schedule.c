/* test_schedule.c: stories that come out by themselves: at the moment, once, and never before; across
 * the changes of daylight saving in zones that change in four different ways. */
#include "room.h"

#include "press/doctor.h"
#include "press/schedule.h"
#include "record/jobs.h"

static const struct job_kind kinds[] = {
	{ STORY_COME_OUT, story_come_out, 5, 20 * SECOND },
	{ NULL, NULL, 0, 0 },
};

static usec_t at(const char *text)
{
	usec_t t = 0;
	assert_ok(time_parse(str_of(text), &t));
	return t;
}

static struct story scheduled(struct room *r, const char *headline, usec_t moment)
{
	struct story st = draft(headline);
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_ok(story_schedule(&r->stet, r->world.a, &st, moment, S("test")));
	return st;
}

static int64_t run_due(struct room *r)
{
	int64_t ran;
	assert_ok(jobs_run_due(&r->stet, kinds, &ran));
	return ran;
}

static struct story load(struct room *r, id64 id)
{
	struct conn *c;
	struct story st;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(story_load(c, r->world.a, id, &st));
	store_done(r->stet.store, c);
	return st;
}

static size_t findings(struct room *r, const char *says)
{
	struct strs found = { 0 };
	size_t n = 0;
	assert_ok(press_doctor(&r->stet, r->world.a, &found));
	for (size_t i = 0; i < found.n; i++)
		n += str_find(found.v[i], str_of(says), 0) != STR_NONE;
	return n;
}

static int64_t count(struct room *r, const char *query)
{
	struct sql sql = { query };
	return world_int(&r->world, &sql);
}

static void it_comes_out_at_the_moment_and_not_before(void **state)
{
	struct room *r = *state;
	usec_t moment = r->stet.clock.fixed + HOUR;
	struct story st = scheduled(r, "Dawn", moment);
	assert_int_equal(st.scheduled, moment);
	assert_int_equal(st.state, DRAFT);
	r->stet.clock.fixed = moment - 1;
	assert_int_equal(run_due(r), 0);
	assert_text(listed(r, LIST_ALL, 0), "");
	r->stet.clock.fixed = moment;
	assert_int_equal(run_due(r), 1);
	assert_text(listed(r, LIST_ALL, 0), "Dawn\n");
	st = load(r, st.id);
	assert_int_equal(st.published, moment);
	assert_int_equal(st.scheduled, 0);
	assert_int_equal(count(r, "SELECT count(*) FROM entry WHERE kind = 'story.publish' AND actor = 'schedule'"), 1);
}

/* Readers are told when it became visible, not when it should have. */
static void a_late_start_says_the_true_time(void **state)
{
	struct room *r = *state;
	usec_t moment = r->stet.clock.fixed + HOUR;
	struct story st = scheduled(r, "Late", moment);
	r->stet.clock.fixed = moment + 3 * HOUR;
	assert_int_equal(run_due(r), 1);
	assert_int_equal(load(r, st.id).published, moment + 3 * HOUR);
}

static void what_was_changed_meanwhile_counts(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	usec_t now = r->stet.clock.fixed, soon = now + HOUR, later = now + 5 * HOUR;
	struct story moved = scheduled(r, "Moved", soon), off = scheduled(r, "Off", soon),
		     byhand = scheduled(r, "By hand", soon), gone = scheduled(r, "Gone", soon),
		     back = scheduled(r, "There and back", soon);
	assert_ok(story_schedule(&r->stet, a, &moved, later, S("test")));
	assert_ok(story_unschedule(&r->stet, a, &off, S("test")));
	assert_ok(story_publish(&r->stet, a, &byhand, S("test")));
	assert_ok(story_publish(&r->stet, a, &gone, S("test")));
	assert_ok(story_withdraw(&r->stet, a, &gone, S("Not so."), S("test")));
	assert_ok(story_schedule(&r->stet, a, &back, later, S("test")));
	assert_ok(story_schedule(&r->stet, a, &back, soon, S("test"))); /* two jobs for one moment */
	r->stet.clock.fixed = soon;
	assert_int_equal(run_due(r), 6);
	assert_text(listed(r, LIST_ALL, 0), "There and back\nBy hand\n");
	assert_int_equal(load(r, off.id).state, DRAFT);
	assert_int_equal(load(r, gone.id).state, WITHDRAWN);
	assert_int_equal(load(r, byhand.id).published, now);
	int64_t revision = load(r, back.id).revision;
	r->stet.clock.fixed = later;
	assert_int_equal(run_due(r), 2);
	assert_text(listed(r, LIST_ALL, 0), "Moved\nThere and back\nBy hand\n");
	assert_int_equal(load(r, back.id).revision, revision);
	assert_int_equal(count(r, "SELECT count(*) FROM failed_job"), 0);
}

static void running_twice_changes_nothing(void **state)
{
	struct room *r = *state;
	usec_t moment = r->stet.clock.fixed + HOUR;
	struct story st = scheduled(r, "Once", moment);
	str_t payload = str_format(r->world.a, "{\"story\":%lld,\"at\":%lld}", (long long)st.id,
				   (long long)moment);
	struct job job = { .kind = S(STORY_COME_OUT), .payload = payload, .attempt = 1 };
	r->stet.clock.fixed = moment;
	assert_ok(story_come_out(&r->stet, r->world.a, &job));
	st = load(r, st.id);
	assert_ok(story_come_out(&r->stet, r->world.a, &job));
	assert_int_equal(run_due(r), 1);
	assert_int_equal(load(r, st.id).revision, st.revision);
}

static void a_clock_that_goes_back_brings_nothing_out_early(void **state)
{
	struct room *r = *state;
	usec_t moment = r->stet.clock.fixed + HOUR;
	struct story st = scheduled(r, "Patient", moment);
	str_t payload = str_format(r->world.a, "{\"story\":%lld,\"at\":%lld}", (long long)st.id,
				   (long long)moment);
	struct job job = { .kind = S(STORY_COME_OUT), .payload = payload, .attempt = 1 };
	r->stet.clock.fixed = moment - MINUTE;
	assert_ok(story_come_out(&r->stet, r->world.a, &job));
	assert_int_equal(load(r, st.id).state, DRAFT);
	r->stet.clock.fixed = moment + DAY; /* and forward: at once */
	assert_int_equal(run_due(r), 2);
	assert_int_equal(load(r, st.id).state, PUBLISHED);
}

/* What cannot be published is told, until somebody has seen to it. */
static void a_failure_is_not_silent(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	usec_t moment = r->stet.clock.fixed + HOUR;
	struct story st = scheduled(r, "Blind", moment);
	plant(r, "INSERT INTO media (id, hash, format, width, height, bytes, "
	      "name, added) VALUES (9, '0123', 'jpeg', 9, 9, 9, 'x', 1)");
	st.picture.media.id = 9;
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	r->stet.clock.fixed = moment;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(run_due(r), 1);
		r->stet.clock.fixed += HOUR;
	}
	assert_int_equal(run_due(r), 0);
	assert_int_equal(count(r, "SELECT count(*) FROM failed_job"), 1);
	assert_int_equal(load(r, st.id).state, DRAFT);
	assert_int_equal(findings(r, "say what the picture shows"), 1);
	struct conn *c;
	struct coming *plan;
	size_t n;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(story_plan(&r->stet, c, a, &plan, &n));
	store_done(r->stet.store, c);
	assert_int_equal(n, 1);
	assert_true(str_find(plan[0].failure, S("say what the picture shows"), 0) != STR_NONE);
	st.picture.alt = S("A gull.");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	assert_int_equal(findings(r, "blind"), 0);
}

static void a_server_that_never_ran_is_told_of(void **state)
{
	struct room *r = *state;
	scheduled(r, "Forgotten", r->stet.clock.fixed + HOUR);
	assert_int_equal(findings(r, "forgotten"), 0);
	r->stet.clock.fixed += 2 * HOUR;
	assert_int_equal(findings(r, "forgotten"), 1);
	run_due(r);
	assert_int_equal(findings(r, "forgotten"), 0);
}

static void what_can_be_scheduled(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	usec_t now = r->stet.clock.fixed;
	struct story st = draft("Plan"), empty = draft("Empty"), out = public_story(r, "Out");
	empty.source = S("");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_ok(story_save(&r->stet, a, &empty, 0, S("test")));
	assert_fails(story_schedule(&r->stet, a, &st, now, S("test")), ERR_INPUT, "is past");
	assert_fails(story_schedule(&r->stet, a, &empty, now + HOUR, S("test")), ERR_INPUT, "body");
	assert_fails(story_schedule(&r->stet, a, &out, now + HOUR, S("test")), ERR_CONFLICT, "public already");
	assert_fails(story_unschedule(&r->stet, a, &st, S("test")), ERR_CONFLICT, "not scheduled");
	assert_ok(story_schedule(&r->stet, a, &st, now + HOUR, S("test")));
	assert_fails(story_schedule(&r->stet, a, &st, now + HOUR, S("test")), ERR_CONFLICT, "already");
	struct story stale = st;
	assert_ok(story_schedule(&r->stet, a, &st, now + 2 * HOUR, S("test")));
	assert_fails(story_schedule(&r->stet, a, &stale, now + 3 * HOUR, S("test")), ERR_CONFLICT, "meanwhile");
}

static void an_embargo_holds(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	usec_t now = r->stet.clock.fixed;
	struct story st = draft("Sealed"), out = public_story(r, "Out");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_fails(story_embargo(&r->stet, a, &out, now + HOUR, S("test")), ERR_CONFLICT, "public already");
	assert_fails(story_embargo(&r->stet, a, &st, 0, S("test")), ERR_CONFLICT, "no embargo");
	assert_fails(story_embargo(&r->stet, a, &st, now, S("test")), ERR_INPUT, "past");
	assert_ok(story_embargo(&r->stet, a, &st, now + 2 * HOUR, S("test")));
	assert_fails(story_publish(&r->stet, a, &st, S("test")), ERR_REFUSED, "embargo until Tuesday 14 November 2023 19:13 EST");
	assert_fails(story_schedule(&r->stet, a, &st, now + HOUR, S("test")), ERR_REFUSED, "embargo");
	assert_ok(story_schedule(&r->stet, a, &st, now + 3 * HOUR, S("test")));
	assert_fails(story_embargo(&r->stet, a, &st, now + 4 * HOUR, S("test")), ERR_REFUSED, "scheduled for");
	r->stet.clock.fixed = now + 2 * HOUR;
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	struct story lifted = draft("Lifted");
	assert_ok(story_save(&r->stet, a, &lifted, 0, S("test")));
	assert_ok(story_embargo(&r->stet, a, &lifted, now + DAY, S("test")));
	assert_ok(story_embargo(&r->stet, a, &lifted, 0, S("test")));
	assert_ok(story_publish(&r->stet, a, &lifted, S("test")));
}

/* However a story is saved: what is public from a later moment on is a draft until then. */
static void a_date_to_come_is_a_schedule(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	usec_t now = r->stet.clock.fixed;
	struct story st = draft("To come"), sealed = draft("Sealed");
	st.state = sealed.state = PUBLISHED;
	st.published = now + HOUR;
	sealed.published = now - HOUR;
	sealed.embargo = now + HOUR;
	assert_ok(story_save(&r->stet, a, &st, 0, S("import")));
	assert_ok(story_save(&r->stet, a, &sealed, 0, S("import")));
	assert_text(listed(r, LIST_ALL, 0), "");
	assert_int_equal(st.scheduled, now + HOUR);
	assert_int_equal(sealed.scheduled, 0);
	r->stet.clock.fixed = now + 2 * HOUR;
	run_due(r);
	assert_text(listed(r, LIST_ALL, 0), "To come\n");
	struct story out = public_story(r, "Out");
	usec_t first = out.published;
	out.published = r->stet.clock.fixed + DAY; /* what is public is not taken away by a date */
	assert_ok(story_save(&r->stet, a, &out, 0, S("import")));
	assert_int_equal(out.published, first);
}

static const struct change {
	const char *zone;
	const char *exists, *exists_utc;     /* the last minute before the jump */
	const char *skipped, *next;          /* jumped over; what the error names */
	const char *twice, *first, *second;  /* shown twice: the first in UTC; how to ask for the second */
	const char *second_utc;
} changes[] = {
	{ "America/Toronto", "2026-03-08 01:59", "2026-03-08T06:59Z", "2026-03-08 02:30",
	  "2026-03-08 03:00", "2026-11-01 01:30", "2026-11-01T05:30Z", "2026-11-01 01:30 -05:00",
	  "2026-11-01T06:30Z" },
	{ "Europe/London", "2027-03-28 00:59", "2027-03-28T00:59Z", "2027-03-28 01:00",
	  "2027-03-28 02:00", "2026-10-25 01:15", "2026-10-25T00:15Z", "2026-10-25 01:15Z",
	  "2026-10-25T01:15Z" },
	/* Half an hour. */
	{ "Australia/Lord_Howe", "2026-10-04 01:59", "2026-10-03T15:29Z", "2026-10-04 02:15",
	  "2026-10-04 02:30", "2026-04-05 01:45", "2026-04-04T14:45Z", "2026-04-05 01:45+10:30",
	  "2026-04-04T15:15Z" },
	/* At midnight: the day begins at one o'clock, or has two elevens. */
	{ "America/Santiago", "2026-09-05 23:59", "2026-09-06T03:59Z", "2026-09-06 00:00",
	  "2026-09-06 01:00", "2026-04-04 23:30", "2026-04-05T02:30Z", "2026-04-04 23:30 -0400",
	  "2026-04-05T03:30Z" },
	/* Back for a month and then forward: summer time is what is called standard. */
	{ "Africa/Casablanca", "2026-03-22 01:59", "2026-03-22T01:59Z", "2026-03-22 02:30",
	  "2026-03-22 03:00", "2026-02-15 02:30", "2026-02-15T01:30Z", "2026-02-15 02:30+00:00",
	  "2026-02-15T02:30Z" },
};

static void across_daylight_saving(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	for (size_t i = 0; i < COUNT(changes); i++) {
		const struct change *z = &changes[i];
		usec_t t;
		assert_ok(zone_set(str_of(z->zone)));
		assert_int_equal(at(z->exists), at(z->exists_utc));
		assert_fails(time_parse(str_of(z->skipped), &t), ERR_INPUT,
			     str_z(a, str_format(a, "the next is %s", z->next)));
		assert_int_equal(at(z->next), at(z->exists_utc) + MINUTE);
		assert_int_equal(at(z->twice), at(z->first));
		assert_int_equal(at(z->second), at(z->second_utc));
		const char *moments[] = { z->exists, z->next, z->twice, z->second };
		for (size_t k = 0; k < COUNT(moments); k++) {
			usec_t moment = at(moments[k]);
			r->stet.clock.fixed = moment - DAY; /* the change lies between */
			struct story st = scheduled(r, str_z(a, str_format(a, "%s %zu", z->zone, k)), moment);
			r->stet.clock.fixed = moment - 1;
			assert_int_equal(run_due(r), 0);
			r->stet.clock.fixed = moment;
			assert_int_equal(run_due(r), 1);
			assert_int_equal(load(r, st.id).published, moment);
		}
	}
	assert_ok(zone_set(S("America/Toronto")));
}

/* Every half hour of six years in each zone: what is shown is read back as the same moment, or as the
 * first of the two that show it. */
static void what_is_shown_is_read_back(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	for (size_t i = 0; i < COUNT(changes); i++) {
		assert_ok(zone_set(str_of(changes[i].zone)));
		usec_t from = at("2025-01-01T00:00Z"), to = at("2028-01-01T00:00Z");
		int twice = 0;
		for (usec_t t = from; t < to; t += HOUR / 2) {
			struct time_parts p = time_parts(t);
			usec_t back = at(str_z(a, str_format(a, "%04d-%02d-%02d %02d:%02d", p.year, p.month,
							     p.day, p.hour, p.minute)));
			twice += back != t;
			assert_true(back == t || t - back == HOUR || t - back == HOUR / 2);
		}
		assert_in_range(twice, 1, 8);
	}
	assert_ok(zone_set(S("America/Toronto")));
}

static void where_days_begin(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		int         year, month, day;
		const char *utc;
	} days[] = {
		{ "America/Toronto", 2026, 3, 8, "2026-03-08T05:00Z" },
		{ "America/Toronto", 2026, 3, 9, "2026-03-09T04:00Z" },
		{ "America/Santiago", 2026, 9, 6, "2026-09-06T04:00Z" }, /* at one o'clock */
		{ "America/Santiago", 2026, 4, 5, "2026-04-05T04:00Z" },
		{ "Australia/Lord_Howe", 2026, 4, 6, "2026-04-05T13:30Z" },
		{ "Europe/London", 2026, 10, 26, "2026-10-26T00:00Z" },
		{ "Pacific/Apia", 2011, 12, 30, "2011-12-30T10:00Z" }, /* never was */
		{ "Pacific/Apia", 2011, 12, 31, "2011-12-30T10:00Z" },
		{ "UTC", 2024, 2, 29, "2024-02-29T00:00Z" },
	};
	usec_t t;
	for (size_t i = 0; i < COUNT(days); i++) {
		assert_ok(zone_set(str_of(days[i].zone)));
		assert_true(time_day_start(days[i].year, days[i].month, days[i].day, &t));
		assert_int_equal(t, at(days[i].utc));
	}
	assert_false(time_day_start(2026, 2, 29, &t));
	assert_false(time_day_start(2026, 13, 1, &t));
	assert_false(time_day_start(2026, 0, 1, &t));
	assert_ok(zone_set(S("America/Toronto")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(it_comes_out_at_the_moment_and_not_before),
		ROOM_TEST(a_late_start_says_the_true_time),
		ROOM_TEST(what_was_changed_meanwhile_counts),
		ROOM_TEST(running_twice_changes_nothing),
		ROOM_TEST(a_clock_that_goes_back_brings_nothing_out_early),
		ROOM_TEST(a_failure_is_not_silent),
		ROOM_TEST(a_server_that_never_ran_is_told_of),
		ROOM_TEST(what_can_be_scheduled),
		ROOM_TEST(an_embargo_holds),
		ROOM_TEST(a_date_to_come_is_a_schedule),
		ROOM_TEST(across_daylight_saving),
		ROOM_TEST(what_is_shown_is_read_back),
		ROOM_TEST(where_days_begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
