/* test_related.c: how stories hang together: parts of a series, withdrawals that come and go. What pages
 * show of it is held in tests/site/desk.test.mjs. */
#include "room.h"

#include "press/corrections.h"
#include "press/series.h"

static struct story load(struct room *r, id64 id)
{
	struct conn *c;
	struct story st;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(story_load(c, r->world.a, id, &st));
	store_done(r->stet.store, c);
	return st;
}

static int64_t count(struct room *r, const char *query)
{
	struct sql sql = { query };
	return world_int(&r->world, &sql);
}

static str_t parts(struct room *r, id64 series)
{
	struct conn *c;
	struct list list;
	struct buf b = buf_new(r->world.a, 64);
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(series_parts(c, r->world.a, series, (struct list_key){ 0 }, 100, &list));
	store_done(r->stet.store, c);
	for (size_t i = 0; i < list.n; i++)
		buf_add_format(&b, "%.*s\n", STR(list.v[i].headline));
	return buf_str(&b);
}

static void a_series_is_read_from_its_beginning(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	id64 series = 0;
	static const char *const names[] = { "First", "Second", "Third", "Draft" };
	for (size_t i = 0; i < COUNT(names); i++) {
		struct story st = draft(names[i]);
		st.series = (struct series){ .name = S("Quays") };
		r->stet.clock.fixed += HOUR;
		assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
		if (i < 3)
			assert_ok(story_publish(&r->stet, a, &st, S("test")));
		series = st.series.id;
	}
	assert_text(parts(r, series), "First\nSecond\nThird\n");
	struct conn *c;
	struct series_line *all;
	size_t n;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(series_list(c, a, &all, &n));
	store_done(r->stet.store, c);
	assert_int_equal(n, 1);
	assert_int_equal(all[0].stories, 3);
}

static void a_withdrawal_is_dated_and_so_is_its_end(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = public_story(r, "Gone");
	r->stet.clock.fixed += HOUR;
	usec_t then = r->stet.clock.fixed;
	assert_ok(story_withdraw(&r->stet, a, &st, S("Not so."), S("test")));
	assert_int_equal(load(r, st.id).withdrawn, then);
	r->stet.clock.fixed += HOUR;
	st.headline = S("Gone for good");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test"))); /* a change of it is no other withdrawal */
	assert_int_equal(load(r, st.id).withdrawn, then);
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	assert_int_equal(load(r, st.id).withdrawn, 0);
	assert_int_equal(count(r, "SELECT count(*) FROM withdrawal WHERE restored > made AND why = 'Not so.'"), 1);
	r->stet.clock.fixed += HOUR;
	assert_ok(story_withdraw(&r->stet, a, &st, S("Indeed not."), S("test")));
	assert_int_equal(load(r, st.id).withdrawn, r->stet.clock.fixed);
	assert_int_equal(count(r, "SELECT count(*) FROM withdrawal"), 2);
}

static void what_a_file_says_of_a_withdrawal_is_kept(void **state)
{
	struct room *r = *state;
	struct story st = draft("Old");
	st.state = WITHDRAWN;
	st.published = 1000 * SECOND;
	st.withdrawn = 2000 * SECOND;
	st.withdrawn_why = S("Not so.");
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("import")));
	assert_int_equal(load(r, st.id).withdrawn, 2000 * SECOND);
}

static void a_correction_says_both_or_all(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = public_story(r, "Slip");
	struct correction half = { .wrong = S("It sails at 7.") };
	struct correction both = { .wrong = S("It sails at 7."), .right = S("It sails at *8*.") };
	assert_fails(story_correct(&r->stet, a, &st, &half, S("test")), ERR_INPUT, "what is right");
	assert_ok(story_correct(&r->stet, a, &st, &both, S("test")));
	st = load(r, st.id);
	assert_int_equal(st.ncorrections, 1);
	assert_int_equal(st.corrections[0].text.n, 0);
	assert_true(str_find(st.corrections[0].right, S("<em>8</em>"), 0) != STR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(a_series_is_read_from_its_beginning),
		ROOM_TEST(a_withdrawal_is_dated_and_so_is_its_end),
		ROOM_TEST(what_a_file_says_of_a_withdrawal_is_kept),
		ROOM_TEST(a_correction_says_both_or_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
