/* test_act.c: an act happens as a whole, and the record of it stands. */
#include "desk.h"

static const struct sql count_pairs = { "SELECT count(*) FROM pair" };
static const struct sql count_entries = { "SELECT count(*) FROM entry" };
static const struct sql count_jobs = { "SELECT count(*) FROM job" };

static int64_t number(struct desk *d, const struct sql *sql)
{
	return world_int(&d->world, sql);
}

static struct entries read_all(struct desk *d)
{
	struct entries list;
	struct conn *c;
	assert_ok(store_reader(d->stet.store, &c));
	assert_ok(record_after(c, d->world.a, 0, 10000, &list));
	store_done(d->stet.store, c);
	return list;
}

static void an_act_writes_rows_entry_and_jobs(void **state)
{
	struct desk *d = *state;
	d->stet.clock.fixed = 1700000000 * SECOND;
	int64_t entry = 0;
	assert_ok(make_pair(d, d->world.a, 11, 22, &entry));
	assert_int_equal(entry, 1);
	assert_int_equal(number(d, &count_pairs), 1);
	assert_int_equal(number(d, &count_jobs), 1);
	struct entries all = read_all(d);
	assert_int_equal(all.n, 1);
	const struct entry *e = &all.v[0];
	assert_int_equal(e->number, 1);
	assert_true(e->time == 1700000000 * SECOND);
	assert_true(str_eq(e->kind, S("pair.make")));
	assert_int_equal(e->subject, 11);
	assert_true(str_eq(e->actor, S("cli")));
	assert_true(str_eq(e->detail, S("{\"twin\":22}")));
	assert_int_equal(e->topics.n, 2);
	assert_true(str_eq(e->topics.v[0], S("front")));
	assert_true(str_eq(e->topics.v[1], S("pair:11")));
}

static void an_act_that_fails_leaves_nothing(void **state)
{
	struct desk *d = *state;
	assert_ok(make_pair(d, d->world.a, 1, 1, NULL));
	assert_fails(make_pair(d, d->world.a, 2, 1, NULL), ERR_CONFLICT, "already a pair");
	assert_int_equal(number(d, &count_pairs), 1);
	assert_int_equal(number(d, &count_entries), 1);
	assert_int_equal(number(d, &count_jobs), 1);
	assert_int_equal(d->heard.n, 1);
}

static void numbers_have_no_gaps_whatever_fails(void **state)
{
	struct desk *d = *state;
	for (int64_t i = 1; i <= 50; i++) {
		int64_t entry = 0;
		assert_ok(make_pair(d, d->world.a, i, i, &entry));
		assert_int_equal(entry, i);
		assert_fails(make_pair(d, d->world.a, i, i, NULL), ERR_CONFLICT, "already");
	}
	struct strs report = { 0 };
	struct conn *c;
	assert_ok(store_reader(d->stet.store, &c));
	assert_ok(record_check(c, d->world.a, &report));
	store_done(d->stet.store, c);
	assert_int_equal(report.n, 0);
}

static void time_does_not_go_back(void **state)
{
	struct desk *d = *state;
	d->stet.clock.fixed = 5000 * SECOND;
	assert_ok(make_pair(d, d->world.a, 1, 1, NULL));
	d->stet.clock.fixed = 4000 * SECOND;
	assert_ok(make_pair(d, d->world.a, 2, 2, NULL));
	d->stet.clock.fixed = 6000 * SECOND;
	assert_ok(make_pair(d, d->world.a, 3, 3, NULL));
	struct entries all = read_all(d);
	assert_true(all.v[1].time == 5000 * SECOND);
	assert_true(all.v[2].time == 6000 * SECOND);
}

static err_t run_text(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	struct sql sql = { ctx };
	return db_run(c, &sql, NO_ARGS, NULL);
}

static void refused(struct desk *d, char *text, const char *says)
{
	assert_fails(store_write(d->stet.store, d->world.a, run_text, text), ERR_REFUSED, says);
}

static void nothing_in_the_record_is_changed_or_taken_out(void **state)
{
	struct desk *d = *state;
	assert_ok(make_pair(d, d->world.a, 1, 1, NULL));
	assert_ok(make_pair(d, d->world.a, 2, 2, NULL));
	refused(d, "UPDATE entry SET actor = 'nobody'", "never changed");
	refused(d, "UPDATE entry SET number = number + 10", "never changed");
	refused(d, "DELETE FROM entry", "kept for ever");
	refused(d, "DELETE FROM entry WHERE number = 2", "kept for ever");
	refused(d, "INSERT OR REPLACE INTO entry VALUES (2, 1, 'a.b', 0, 'x', '{}', '')",
		"follows");
	refused(d, "INSERT INTO entry VALUES (4, 9e15, 'a.b', 0, 'x', '{}', '')", "follows");
	refused(d, "INSERT INTO entry VALUES (3, 1, 'a.b', 0, 'x', '{}', '')", "follows");
	assert_int_equal(read_all(d).n, 2);
}

static void wrong_acts_are_refused_whole(void **state)
{
	struct desk *d = *state;
	arena_t *a = d->world.a;
	const char *kinds[] = { "publish", "Story.publish",     "story.",  ".publish", "story.a.b",
				"",        "story publish.now", "story.-x" };
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct act_kind kind = { kinds[i] };
		struct act act = act_begin(&d->stet, a, &kind, 1, S("cli"));
		assert_fails(commit_pair(&act, 1, 1), ERR_SYSTEM, "no kind of act");
	}
	struct act act = act_begin(&d->stet, a, &PAIR_MAKE, 1, S(""));
	assert_fails(commit_pair(&act, 1, 1), ERR_SYSTEM, "actor");
	act = act_begin(&d->stet, a, &PAIR_MAKE, 1, S("two\nlines"));
	assert_fails(commit_pair(&act, 1, 1), ERR_SYSTEM, "actor");
	act = act_begin(&d->stet, a, &PAIR_MAKE, 1, S("cli"));
	act_touch(&act, S("two\nlines"));
	assert_fails(commit_pair(&act, 1, 1), ERR_SYSTEM, "topic");
	act = act_begin(&d->stet, a, &PAIR_MAKE, 1, S("cli"));
	act_job(&act, "no kind", S("{}"), 0);
	assert_fails(commit_pair(&act, 1, 1), ERR_SYSTEM, "no kind of job");
	act = act_begin(&d->stet, a, &PAIR_MAKE, 1, S("cli"));
	act_detail(&act, json_pack("{s:s}", "name", "\xff\xfe"));
	assert_fails(commit_pair(&act, 1, 1), ERR_INPUT, "UTF-8");
	act = act_begin(&d->stet, a, &PAIR_MAKE, 1, S("cli"));
	char *long_text = arena_alloc(a, 70000);
	memset(long_text, 'x', 69999);
	act_detail(&act, json_pack("{s:s}", "name", long_text));
	assert_fails(commit_pair(&act, 1, 1), ERR_TOO_LARGE, "detail");
	assert_int_equal(number(d, &count_pairs), 0);
	assert_int_equal(number(d, &count_entries), 0);
	assert_int_equal(d->heard.n, 0);
}

static err_t write_and_touch(struct conn *c, arena_t *a, void *ctx)
{
	(void)c;
	act_touch(ctx, topic_section(a, S("world")));
	act_touch(ctx, topic_section(a, S("world")));
	act_job(ctx, "pair.copy", S("{}"), 0);
	return OK;
}

static void the_rows_may_add_topics_and_jobs(void **state)
{
	struct desk *d = *state;
	struct act act = act_begin(&d->stet, d->world.a, &PAIR_MAKE, 1, S("cli"));
	act_touch(&act, topic_front());
	assert_ok(act_commit(&act, write_and_touch, &act));
	assert_string_equal(d->heard.topics, "front section:world ");
	assert_int_equal(number(d, &count_jobs), 1);
}

static void an_act_without_rows_is_an_entry(void **state)
{
	struct desk *d = *state;
	struct act act = act_begin(&d->stet, d->world.a, &PAIR_MAKE, 0, S("cli"));
	assert_ok(act_commit(&act, NULL, NULL));
	struct entries all = read_all(d);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.v[0].topics.n, 0);
	assert_true(str_eq(all.v[0].detail, S("{}")));
}

static err_t allocate_for_ever(struct conn *c, arena_t *a, void *ctx)
{
	static const struct sql insert = { "INSERT INTO pair VALUES (9, 9, 'x')" };
	(void)ctx;
	TRY(db_run(c, &insert, NO_ARGS, NULL));
	for (size_t i = 0; i < 100000; i++)
		arena_alloc(a, 4096);
	return OK;
}

static void memory_that_runs_out_leaves_nothing(void **state)
{
	struct desk *d = *state;
	for (int i = 0; i < 3; i++) {
		arena_t *small = arena_create(64 * 1024);
		struct oom_guard guard;
		volatile bool fell = false;
		if (arena_guard(small, &guard)) {
			fell = true;
		} else {
			struct act act = act_begin(&d->stet, small, &PAIR_MAKE, 9, S("cli"));
			act_detail(&act, json_pack("{s:i}", "n", 1));
			err_free(act_commit(&act, allocate_for_ever, NULL));
		}
		assert_true(fell);
		arena_free(small);
		assert_ok(make_pair(d, d->world.a, i, i, NULL));
	}
	assert_int_equal(number(d, &count_pairs), 3);
	assert_int_equal(number(d, &count_entries), 3);
}

static void entries_are_found_by_number_and_by_subject(void **state)
{
	struct desk *d = *state;
	for (int64_t i = 0; i < 10; i++) {
		struct act act = act_begin(&d->stet, d->world.a, &PAIR_MAKE, i % 2, S("cli"));
		assert_ok(act_commit(&act, NULL, NULL));
	}
	struct conn *c;
	struct entries list;
	int64_t last;
	assert_ok(store_reader(d->stet.store, &c));
	assert_ok(record_last(c, &last));
	assert_int_equal(last, 10);
	assert_ok(record_after(c, d->world.a, 3, 2, &list));
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].number, 4);
	assert_ok(record_of(c, d->world.a, 1, 0, 3, &list));
	assert_int_equal(list.n, 3);
	assert_int_equal(list.v[0].number, 10);
	assert_int_equal(list.v[2].number, 6);
	assert_ok(record_of(c, d->world.a, 1, 6, 10, &list));
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].number, 4);
	store_done(d->stet.store, c);
}

static void a_tampered_record_is_found(void **state)
{
	struct desk *d = *state;
	for (int64_t i = 0; i < 5; i++)
		assert_ok(make_pair(d, d->world.a, i, i, NULL));
	char *texts[] = { "DROP TRIGGER entry_is_kept", "DROP TRIGGER entry_stands",
			  "DELETE FROM job", "DELETE FROM entry WHERE number = 3",
			  "UPDATE entry SET time = 5 WHERE number = 4" };
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_ok(store_write(d->stet.store, d->world.a, run_text, texts[i]));
	struct strs report = { 0 };
	struct conn *c;
	assert_ok(store_reader(d->stet.store, &c));
	assert_ok(record_check(c, d->world.a, &report));
	store_done(d->stet.store, c);
	assert_int_equal(report.n, 2);
	assert_true(str_find(report.v[0], S("gap between entries 2 and 4"), 0) != STR_NONE);
	assert_true(str_find(report.v[1], S("entry 4"), 0) != STR_NONE);
}

static void topics_have_one_spelling(void **state)
{
	struct desk *d = *state;
	arena_t *a = d->world.a;
	assert_true(str_eq(topic_front(), S("front")));
	assert_true(str_eq(topic_site(), S("site")));
	assert_true(str_eq(topic_section(a, S("world")), S("section:world")));
	assert_true(str_eq(topic_tag(a, S("sea")), S("tag:sea")));
	assert_true(str_eq(topic_author(a, S("ann-lee")), S("author:ann-lee")));
	assert_true(str_eq(topic_story(a, 1), S("story:0000000000001")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(an_act_writes_rows_entry_and_jobs),
		DESK_TEST(an_act_that_fails_leaves_nothing),
		DESK_TEST(numbers_have_no_gaps_whatever_fails),
		DESK_TEST(time_does_not_go_back),
		DESK_TEST(nothing_in_the_record_is_changed_or_taken_out),
		DESK_TEST(wrong_acts_are_refused_whole),
		DESK_TEST(the_rows_may_add_topics_and_jobs),
		DESK_TEST(an_act_without_rows_is_an_entry),
		DESK_TEST(memory_that_runs_out_leaves_nothing),
		DESK_TEST(entries_are_found_by_number_and_by_subject),
		DESK_TEST(a_tampered_record_is_found),
		DESK_TEST(topics_have_one_spelling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
