/* test_question.c: readers ask, guests answer: who may, when, in which order, what is marked. */
#include "talk.h"

#include "forum/decide.h"
#include "forum/question.h"
#include "forum/thread.h"
#include "record/jobs.h"

static err_t try_set(struct talkers *t, const char *name, const char *value)
{
	arena_t *a = t->room->world.a;
	return forum_setting_save(&t->room->stet, a, forum_place_of(a, t->story.id), name, str_of(value), S("cli"));
}

static void set(struct talkers *t, const char *name, const char *value)
{
	assert_ok(try_set(t, name, value));
}

/* Bo is the guest; cy, a moderator, is of the newsroom. */
static struct reader begin(struct talkers *t)
{
	struct reader di;
	struct reader_draft d = { .address = S("di@example.org"), .name = S("Di Fox") };
	assert_ok(reader_add(&t->room->stet, t->room->world.a, &d, S("cli"), &di));
	set(t, "answers", "yes");
	set(t, "guests", "Bo Chan (harbour master)");
	return di;
}

static struct branches list_of(struct talkers *t, int questions)
{
	struct conn *c;
	struct branches list;
	struct thread_asked ask = { t->story.id, 0, SORT_BEST, comment_key_first(SORT_BEST), 20, 60, 5, questions };
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(thread_load(c, t->room->world.a, &ask, &list));
	store_done(t->room->stet.store, c);
	return list;
}

static void recommend(struct talkers *t, const struct reader *who, const struct comment *k)
{
	struct comment now;
	assert_ok(comment_vote(&t->room->stet, t->room->world.a, who, k->id, 1, &now));
}

static void a_question_waits_until_a_guest_or_the_newsroom_answers(void **state)
{
	struct talkers *t = *state;
	struct reader di = begin(t);
	struct comment first = said(t, &t->ann, NULL, "How deep is it?"), second = said(t, &di, NULL, "How wide?");
	struct comment note = said(t, &t->cy, NULL, "We begin.");
	assert_int_equal(now_of(t, first.id).question, QUESTION_WAITS);
	assert_int_equal(now_of(t, note.id).question, QUESTION_NOT);
	assert_int_equal(list_of(t, QUESTION_WAITS).n, 2);
	struct comment answer = said(t, &t->bo, &first, "Nine metres.");
	assert_true(now_of(t, answer.id).guest);
	assert_false(now_of(t, second.id).guest);
	assert_int_equal(now_of(t, first.id).question, QUESTION_ANSWERED);
	assert_int_equal(now_of(t, first.id).answer, answer.id);
	said(t, &t->cy, &second, "We have measured: forty.");
	assert_int_equal(list_of(t, QUESTION_WAITS).n, 0);
	assert_int_equal(list_of(t, QUESTION_ANSWERED).n, 2);
	assert_text(findings(t), "");
	/* The answer goes: the question waits again. */
	assert_ok(comment_delete(&t->room->stet, t->room->world.a, &t->bo, answer.id));
	assert_int_equal(now_of(t, first.id).question, QUESTION_WAITS);
	assert_text(findings(t), "");
}

static void readers_do_not_answer_one_another_unless_it_is_set(void **state)
{
	struct talkers *t = *state;
	struct reader di = begin(t);
	struct comment k = said(t, &t->ann, NULL, "How deep is it?");
	assert_string_equal(said_or(t, &di, k.id, "Very."), "comment-refused.question");
	struct comment answer = said(t, &t->bo, &k, "Nine metres.");
	/* Whoever asked goes on; nobody else does, however far below. */
	struct comment more = said(t, &t->ann, &answer, "At low water?");
	assert_string_equal(said_or(t, &di, more.id, "Surely."), "comment-refused.question");
	assert_string_equal(said_or(t, &t->bo, more.id, "Yes."), "");
	set(t, "among", "yes");
	assert_string_equal(said_or(t, &di, k.id, "Very."), "");
	set(t, "among", "no");
	set(t, "guests", "");
	assert_string_equal(said_or(t, &t->bo, k.id, "And more."), "comment-refused.question");
	assert_true(now_of(t, answer.id).guest); /* what was said as a guest stays so */
	set(t, "answers", "no");
	assert_string_equal(said_or(t, &di, k.id, "It is deep."), "");
}

static void questions_have_their_time(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	usec_t now = clock_now(&t->room->stet.clock);
	struct conn *c;
	struct forum_settings got;
	struct comment out;
	begin(t);
	struct comment k = said(t, &t->ann, NULL, "How deep is it?");
	set(t, "from", str_z(a, time_iso(a, now + HOUR)));
	set(t, "until", str_z(a, time_iso(a, now + 30 * DAY)));
	assert_string_equal(said_or(t, &t->ann, 0, "Too early?"), "comment-refused.early");
	passes(t, HOUR + MINUTE);
	assert_string_equal(said_or(t, &t->ann, 0, "In time?"), "");
	passes(t, 20 * DAY); /* longer than conversations stay open by themselves */
	assert_string_equal(said_or(t, &t->ann, 0, "Still in time?"), "");
	passes(t, 10 * DAY);
	assert_string_equal(said_or(t, &t->ann, 0, "Too late?"), "comment-refused.over");
	assert_string_equal(said_or(t, &t->bo, k.id, "Too late."), "comment-refused.over");
	err_t e = comment_vote(&t->room->stet, a, &t->bo, k.id, 1, &out);
	assert_string_equal(key_of(t, e), "comment-refused.over");
	assert_true(now_of(t, k.id).stands);
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(forum_settings_of(&t->room->stet, c, a, &t->story, &got));
	store_done(t->room->stet.store, c);
	assert_true(got.over && got.open == FORUM_CLOSED && !got.early);
	assert_string_equal(key_of(t, try_set(t, "until", str_z(a, time_iso(a, now)))), "setting-refused.order");
	assert_string_equal(key_of(t, try_set(t, "until", "soon")), "setting-refused.time");
	assert_string_equal(key_of(t, try_set(t, "until", "2026-11-27")), "setting-refused.time");
	e = forum_setting_save(&t->room->stet, a, S(""), "answers", S("yes"), S("cli"));
	assert_string_equal(key_of(t, e), "setting-refused.story");
}

/* When its time begins and ends, the pages are told. */
static void a_job_waits_for_each_moment(void **state)
{
	static const struct sql waiting = { "SELECT count(*) FROM job WHERE kind = '" FORUM_TURN "'" };
	static const struct job_kind kinds[] = { { FORUM_TURN, forum_turn_job, 1, MINUTE }, { NULL, NULL, 0, 0 } };
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	usec_t now = clock_now(&t->room->stet.clock);
	int64_t ran;
	begin(t);
	set(t, "from", str_z(a, time_iso(a, now + HOUR)));
	set(t, "until", str_z(a, time_iso(a, now + 2 * HOUR)));
	assert_int_equal(world_int(&t->room->world, &waiting), 2);
	assert_ok(jobs_run_due(&t->room->stet, kinds, &ran));
	assert_int_equal(ran, 0);
	passes(t, 3 * HOUR);
	assert_ok(jobs_run_due(&t->room->stet, kinds, &ran));
	assert_int_equal(ran, 2);
}

static void the_most_recommended_comes_first_with_its_answer_below(void **state)
{
	struct talkers *t = *state;
	struct reader di = begin(t);
	struct comment low = said(t, &t->ann, NULL, "Who paints it?"), high = said(t, &t->ann, NULL, "How deep is it?");
	recommend(t, &di, &high);
	recommend(t, &t->cy, &high);
	recommend(t, &di, &low);
	set(t, "among", "yes");
	for (int i = 0; i < 8; i++) /* more than are shown of what stands below one */
		said(t, i % 2 ? &di : &t->ann, &high, str_z(t->room->world.a, str_format(t->room->world.a, "Guess %d", i)));
	struct comment answer = said(t, &t->bo, &high, "Nine metres.");
	struct branches list = list_of(t, QUESTION_NOT);
	assert_int_equal(list.v[0].k.id, high.id);
	assert_int_equal(list.v[1].k.id, low.id);
	assert_int_equal(list.v[0].below.v[0].k.id, answer.id);
	assert_int_equal(list_of(t, QUESTION_ANSWERED).v[0].k.id, high.id);
	assert_int_equal(list_of(t, QUESTION_WAITS).v[0].k.id, low.id);
}

static void what_stood_before_becomes_questions(void **state)
{
	struct talkers *t = *state;
	struct comment open = said(t, &t->ann, NULL, "How deep is it?"), done = said(t, &t->bo, NULL, "How wide?");
	said(t, &t->cy, &done, "Forty metres.");
	struct comment third = said(t, &t->ann, NULL, "How old?"), old = said(t, &t->bo, &third, "A hundred years.");
	begin(t);
	assert_int_equal(now_of(t, third.id).question, QUESTION_WAITS); /* bo was no guest yet */
	set(t, "answers", "yes");
	assert_true(now_of(t, old.id).guest);
	assert_int_equal(now_of(t, third.id).answer, old.id);
	assert_int_equal(now_of(t, open.id).question, QUESTION_WAITS);
	assert_int_equal(now_of(t, done.id).question, QUESTION_ANSWERED);
	assert_text(findings(t), "");
}

static void guests_are_readers_with_an_account_and_nothing_else(void **state)
{
	struct talkers *t = *state;
	begin(t);
	assert_string_equal(key_of(t, try_set(t, "guests", "Nobody Known")), "guest-refused.nobody");
	assert_string_equal(key_of(t, try_set(t, "guests", "nobody@example.org")), "guest-refused.nobody");
	assert_string_equal(key_of(t, try_set(t, "guests", "Cy Dee")), "guest-refused.staff");
	set(t, "guests", "ANN@example.org; Bo Chan (diver)");
	struct conn *c;
	struct guests list;
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(guests_of(c, t->room->world.a, t->story.id, &list));
	assert_int_equal(list.n, 2);
	for (size_t i = 0; i < list.n; i++)
		assert_text(list.v[i].title, list.v[i].reader.id == t->bo.id ? "diver" : "");
	store_done(t->room->stet.store, c);
}

static void a_guest_waits_for_nobody(void **state)
{
	struct talkers *t = *state;
	begin(t);
	set(t, "mode", "before");
	set(t, "slow", "600");
	struct comment k = said(t, &t->ann, NULL, "How deep is it?");
	assert_int_equal(k.state, COMMENT_HELD);
	struct decision d;
	assert_ok(decide(&t->room->stet, t->room->world.a, &(struct decision_draft){ .moderator = &t->cy, .kind = DECIDE_APPROVE,
										     .comment = k.id }, &d));
	assert_int_equal(said(t, &t->bo, &k, "Nine metres.").state, COMMENT_SHOWN);
	assert_int_equal(said(t, &t->bo, &k, "At low water.").state, COMMENT_SHOWN);
	assert_string_equal(said_or(t, &t->ann, 0, "And how wide?"), "comment-refused.slow");
	assert_text(findings(t), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(a_question_waits_until_a_guest_or_the_newsroom_answers),
		TALK_TEST(readers_do_not_answer_one_another_unless_it_is_set),
		TALK_TEST(questions_have_their_time),
		TALK_TEST(a_job_waits_for_each_moment),
		TALK_TEST(the_most_recommended_comes_first_with_its_answer_below),
		TALK_TEST(what_stood_before_becomes_questions),
		TALK_TEST(guests_are_readers_with_an_account_and_nothing_else),
		TALK_TEST(a_guest_waits_for_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
