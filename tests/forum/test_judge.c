/* test_judge.c: rules that are asked when somebody posts: what they refuse, what waits, what they learn. */
#include "talk.h"

#include "forum/decide.h"
#include "forum/judge.h"

static int judge_setup(void **state)
{
	if (talk_setup(state) != 0)
		return -1;
	struct talkers *t = *state;
	assert_ok(judge_new(&t->room->stet, &t->room->stet.judge));
	return 0;
}

static int judge_teardown(void **state)
{
	struct talkers *t = *state;
	judge_free(t->room->stet.judge);
	return talk_teardown(state);
}

static void rule(struct talkers *t, const char *name, const char *value)
{
	assert_ok(rules_save(&t->room->stet, t->room->world.a, str_of(name), str_of(value), S("cli")));
}

/* Only what a test is about. */
static void no_waiting(struct talkers *t)
{
	rule(t, "wait_seconds", "0");
	rule(t, "newcomer_wait_seconds", "0");
	rule(t, "newcomer_day", "0");
}

static err_t post(struct talkers *t, const struct reader *who, const char *text, bool sure, struct comment *out)
{
	struct comment_draft d = { .reader = who, .story = t->story.id, .source = str_of(text), .sure = sure };
	passes(t, 1000);
	return comment_post(&t->room->stet, t->room->world.a, &d, out);
}

static const char *posted(struct talkers *t, const struct reader *who, const char *text)
{
	struct comment k;
	return key_of(t, post(t, who, text, false, &k));
}

static void who_writes_too_soon_waits(void **state)
{
	struct talkers *t = *state;
	assert_string_equal(posted(t, &t->ann, "The first of mine."), "");
	assert_string_equal(posted(t, &t->ann, "And the second at once."), "rule.newcomer_wait");
	passes(t, 61 * SECOND);
	assert_string_equal(posted(t, &t->ann, "And the second at once."), "");
	/* Of staff only the length is looked at. */
	assert_string_equal(posted(t, &t->cy, "I moderate."), "");
	assert_string_equal(posted(t, &t->cy, "And again."), "");
}

static void what_a_rule_holds_is_told_before_and_waits_if_its_writer_is_sure(void **state)
{
	struct talkers *t = *state;
	struct comment k;
	const char *text = "[a](https://a.example/) [b](https://b.example/)";
	no_waiting(t);
	err_t e = post(t, &t->ann, text, false, &k);
	assert_non_null(e);
	assert_string_equal(e->field, "sure");
	assert_string_equal(key_of(t, e), "rule.newcomer_links");
	assert_ok(post(t, &t->ann, text, true, &k));
	assert_int_equal(now_of(t, k.id).state, COMMENT_HELD);
	plant(t->room, "CREATE TABLE seen (one INTEGER CHECK (one = 1)); INSERT INTO seen SELECT count(*) FROM comment_hit "
		       "WHERE rule = 'newcomer_links' AND has = 2 AND most = 1");
	assert_string_equal(posted(t, &t->ann, "Reworded, without them."), "");
	assert_text(findings(t), "");
}

static void listed_words_are_refused_or_wait(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	no_waiting(t);
	assert_ok(words_save(&t->room->stet, a, S("banned"), S("# of ours\nblockhead*\n"), S("cli")));
	assert_ok(words_save(&t->room->stet, a, S("suspect"), S("rascal\n"), S("cli")));
	assert_string_equal(posted(t, &t->ann, "You bl0ckheads, all of you."), "rule.banned");
	assert_string_equal(posted(t, &t->ann, "What a r.a.s.c.a.l he is."), "rule.suspect");
	assert_string_equal(posted(t, &t->ann, "A pleasant day."), "");
	/* A list that changes counts from then on. */
	passes(t, SECOND);
	assert_ok(words_save(&t->room->stet, a, S("banned"), S(""), S("cli")));
	assert_string_equal(posted(t, &t->ann, "You blockheads, all of you."), "");
	err_t e = words_save(&t->room->stet, a, S("banned"), S("fine\n*\n"), S("cli"));
	assert_non_null(e);
	assert_string_equal(e->field, "banned");
	err_free(e);
	e = words_save(&t->room->stet, a, S("rude"), S("x"), S("cli"));
	assert_non_null(e);
	err_free(e);
}

static void repeats_are_found_after_a_restart_too(void **state)
{
	struct talkers *t = *state;
	const char *text = "The council has known since the spring of 2019 that the wall on the north side would not hold.";
	no_waiting(t);
	assert_string_equal(posted(t, &t->ann, text), "");
	passes(t, HOUR);
	assert_string_equal(posted(t, &t->ann, text), "rule.repeat");
	assert_string_equal(posted(t, &t->bo, text), "rule.near");
	judge_free(t->room->stet.judge);
	assert_ok(judge_new(&t->room->stet, &t->room->stet.judge));
	assert_string_equal(posted(t, &t->bo, text), "rule.near");
}

static void an_edit_is_judged_as_well(void **state)
{
	struct talkers *t = *state;
	struct comment k, out;
	no_waiting(t);
	assert_ok(words_save(&t->room->stet, t->room->world.a, S("banned"), S("blockhead"), S("cli")));
	assert_ok(post(t, &t->ann, "A pleasant day.", false, &k));
	assert_string_equal(key_of(t, comment_edit(&t->room->stet, t->room->world.a, &t->ann, k.id, S("You blockhead."), &out)),
			    "rule.banned");
	assert_text(now_of(t, k.id).source, "A pleasant day.");
	assert_ok(comment_edit(&t->room->stet, t->room->world.a, &t->ann, k.id,
			       S("[a](https://a.example/) [b](https://b.example/)"), &out));
	assert_int_equal(now_of(t, k.id).state, COMMENT_HELD);
	assert_text(findings(t), "");
}

/* From decisions only: what is removed again and again is held; what is taken back is unlearned. */
static void decisions_teach(void **state)
{
	enum { EACH = 12 };
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	struct comment k;
	struct decision last = { 0 };
	no_waiting(t);
	rule(t, "learn_least", "10");
	rule(t, "learn_percent", "60"); /* so few are not sure of much */
	rule(t, "near_hours", "0");
	rule(t, "repeat_hours", "0");
	for (int i = 0; i < EACH; i++) {
		str_t good = str_format(a, "The ferry of number %d leaves the harbour at dawn, and I liked the report.", i);
		str_t bad = str_format(a, "Cheap pills number %d, order cheap pills today, best cheap pills offer.", i);
		assert_ok(post(t, &t->ann, str_z(a, good), true, &k));
		assert_ok(decide(&t->room->stet, a, &(struct decision_draft){ .moderator = &t->cy, .kind = DECIDE_REMOVE,
				 .comment = k.id, .reason = S("other"), .words = S("to undo") }, &last));
		assert_ok(decision_undo(&t->room->stet, a, &t->cy, last.id));
		assert_ok(post(t, &t->bo, str_z(a, bad), true, &k));
		assert_ok(decide(&t->room->stet, a, &(struct decision_draft){ .moderator = &t->cy, .kind = DECIDE_REMOVE,
				 .comment = k.id, .reason = S("spam"), .words = S("") }, &last));
	}
	assert_string_equal(posted(t, &t->bo, "Order cheap pills today, the best offer of cheap pills."), "");
	/* Not trained: nothing good was approved. */
	rule(t, "newcomer_hold", "on");
	for (int i = 0; i < EACH; i++) {
		str_t good = str_format(a, "I liked what the report says of ferry %d and the harbour at dawn.", i);
		assert_ok(post(t, &t->ann, str_z(a, good), true, &k));
		assert_int_equal(k.state, COMMENT_HELD);
		assert_ok(decide(&t->room->stet, a, &(struct decision_draft){ .moderator = &t->cy, .kind = DECIDE_APPROVE,
				 .comment = k.id, .reason = S(""), .words = S("") }, &last));
	}
	rule(t, "newcomer_hold", "off");
	assert_string_equal(posted(t, &t->bo, "Order your cheap pills today, the very best offer of cheap pills."), "rule.learned");
	assert_string_equal(posted(t, &t->ann, "The report of the harbour at dawn was liked by my ferry."), "");
}

static void a_wrong_number_is_named(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	err_t e = rules_save(&t->room->stet, a, S("links_most"), S("many"), S("cli"));
	assert_non_null(e);
	assert_string_equal(e->field, "links_most");
	err_free(e);
	e = rules_save(&t->room->stet, a, S("no_such"), S("1"), S("cli"));
	assert_non_null(e);
	err_free(e);
}

#define JUDGE_TEST(name) cmocka_unit_test_setup_teardown(name, judge_setup, judge_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JUDGE_TEST(who_writes_too_soon_waits),
		JUDGE_TEST(what_a_rule_holds_is_told_before_and_waits_if_its_writer_is_sure),
		JUDGE_TEST(listed_words_are_refused_or_wait),
		JUDGE_TEST(repeats_are_found_after_a_restart_too),
		JUDGE_TEST(an_edit_is_judged_as_well),
		JUDGE_TEST(decisions_teach),
		JUDGE_TEST(a_wrong_number_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
