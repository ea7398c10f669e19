/* Front pages that editors lay out: which plan holds when, and what is refused. */
#include "room.h"

#include "press/plan.h"
#include "record/jobs.h"
#include "record/record.h"

static struct plan held(struct room *r, id64 section, usec_t at)
{
	struct conn *c;
	struct plan plan;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(plan_at(c, r->world.a, section, at, &plan));
	store_done(r->stet.store, c);
	return plan;
}

static struct plan of(struct room *r, const struct story *stories, size_t n, usec_t begins)
{
	struct plan plan = { .begins = begins, .n = n };
	plan.v = arena_array(r->world.a, n, sizeof *plan.v);
	for (size_t i = 0; i < n; i++) {
		plan.v[i].card.id = stories[i].id;
		plan.v[i].size = i == 0 ? PLAN_LEAD : PLAN_MEDIUM;
	}
	return plan;
}

static void the_plan_that_began_last_holds(void **state)
{
	struct room *r = *state;
	usec_t now = r->stet.clock.fixed;
	struct story a = public_story(r, "A"), b = public_story(r, "B");
	struct plan first = of(r, &a, 1, 0), second = of(r, &b, 1, now + HOUR);
	assert_int_equal(held(r, 0, now).id, 0);
	assert_ok(plan_make(&r->stet, r->world.a, &first, S("test")));
	assert_ok(plan_make(&r->stet, r->world.a, &second, S("test")));
	assert_int_equal(held(r, 0, now).id, first.id);
	assert_int_equal(held(r, 0, now + HOUR - 1).id, first.id);
	assert_int_equal(held(r, 0, now + HOUR).id, second.id);
	assert_text(held(r, 0, now + HOUR).v[0].card.headline, "B");
}

static void of_two_for_the_same_moment_the_later_made_holds(void **state)
{
	struct room *r = *state;
	usec_t then = r->stet.clock.fixed + HOUR;
	struct story a = public_story(r, "A"), b = public_story(r, "B");
	struct plan first = of(r, &a, 1, then), second = of(r, &b, 1, then);
	assert_ok(plan_make(&r->stet, r->world.a, &first, S("test")));
	assert_ok(plan_make(&r->stet, r->world.a, &second, S("test")));
	assert_int_equal(held(r, 0, then).id, second.id);
}

static void a_cancelled_plan_never_holds(void **state)
{
	struct room *r = *state;
	usec_t now = r->stet.clock.fixed;
	struct story a = public_story(r, "A");
	struct plan plan = of(r, &a, 1, now + HOUR);
	assert_ok(plan_make(&r->stet, r->world.a, &plan, S("test")));
	assert_ok(plan_cancel(&r->stet, r->world.a, plan.id, S("test")));
	assert_int_equal(held(r, 0, now + HOUR).id, 0);
	assert_fails(plan_cancel(&r->stet, r->world.a, plan.id, S("test")), ERR_CONFLICT, "cancelled");
	assert_fails(plan_cancel(&r->stet, r->world.a, 12345, S("test")), ERR_MISSING, "no such plan");
}

static void a_plan_that_has_begun_cannot_be_cancelled(void **state)
{
	struct room *r = *state;
	struct story a = public_story(r, "A");
	struct plan plan = of(r, &a, 1, 0);
	assert_ok(plan_make(&r->stet, r->world.a, &plan, S("test")));
	r->stet.clock.fixed += SECOND;
	assert_fails(plan_cancel(&r->stet, r->world.a, plan.id, S("test")), ERR_CONFLICT, "begun");
}

static void sections_have_plans_of_their_own(void **state)
{
	struct room *r = *state;
	usec_t now = r->stet.clock.fixed;
	struct story a = public_story(r, "A"); /* in "city" */
	struct plan city = of(r, &a, 1, 0), sport = of(r, &a, 1, 0);
	city.section = a.section;
	assert_ok(plan_make(&r->stet, r->world.a, &city, S("test")));
	assert_int_equal(held(r, 0, now).id, 0);
	assert_int_equal(held(r, a.section.id, now).id, city.id);
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(section_by_slug(c, r->world.a, S("sport"), &sport.section));
	store_done(r->stet.store, c);
	assert_fails(plan_make(&r->stet, r->world.a, &sport, S("test")), ERR_INPUT, "not in the section");
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct room *r = *state;
	usec_t now = r->stet.clock.fixed;
	struct story v[] = { public_story(r, "A"), public_story(r, "B") };
	struct plan twice = of(r, (struct story[]){ v[0], v[0] }, 2, 0);
	assert_fails(plan_make(&r->stet, r->world.a, &twice, S("test")), ERR_INPUT, "twice");
	struct plan leads = of(r, v, 2, 0);
	leads.v[1].size = PLAN_LEAD;
	assert_fails(plan_make(&r->stet, r->world.a, &leads, S("test")), ERR_INPUT, "second lead");
	struct plan past = of(r, v, 1, now - SECOND);
	assert_fails(plan_make(&r->stet, r->world.a, &past, S("test")), ERR_INPUT, "passed");
	struct story page = { .kind = STATIC_PAGE, .headline = S("About"), .source = S("Us."),
			      .standfirst = S(""), .dateline = S(""), .withdrawn_why = S("") };
	assert_ok(story_save(&r->stet, r->world.a, &page, 0, S("test")));
	struct plan wrong = of(r, &page, 1, 0);
	assert_fails(plan_make(&r->stet, r->world.a, &wrong, S("test")), ERR_INPUT, "not a story");
	assert_int_equal(held(r, 0, now).id, 0); /* nothing of them was kept */
}

/* The job announces the turn, so that pages made before it are dropped. */
static void a_plan_to_come_leaves_a_job_for_its_moment(void **state)
{
	struct room *r = *state;
	static const struct job_kind kinds[] = { { PLAN_TURN, plan_turn_job, 3, MINUTE },
						 { NULL, NULL, 0, 0 } };
	struct story a = public_story(r, "A");
	struct plan plan = of(r, &a, 1, r->stet.clock.fixed + HOUR);
	int64_t ran, last;
	assert_ok(plan_make(&r->stet, r->world.a, &plan, S("test")));
	assert_ok(jobs_run_due(&r->stet, kinds, &ran));
	assert_int_equal(ran, 0);
	r->stet.clock.fixed += HOUR;
	assert_ok(jobs_run_due(&r->stet, kinds, &ran));
	assert_int_equal(ran, 1);
	struct conn *c;
	struct entries entries;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(record_last(c, &last));
	assert_ok(record_after(c, r->world.a, last - 1, 1, &entries));
	store_done(r->stet.store, c);
	assert_text(entries.v[0].kind, "plan.turn");
	assert_text(entries.v[0].topics.v[0], "front");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(the_plan_that_began_last_holds),
		ROOM_TEST(of_two_for_the_same_moment_the_later_made_holds),
		ROOM_TEST(a_cancelled_plan_never_holds),
		ROOM_TEST(a_plan_that_has_begun_cannot_be_cancelled),
		ROOM_TEST(sections_have_plans_of_their_own),
		ROOM_TEST(what_makes_no_sense_is_refused),
		ROOM_TEST(a_plan_to_come_leaves_a_job_for_its_moment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
