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

static void change(struct talkers *t, const char *place, const char *name, const char *value)
{
	struct rule_change one = { str_of(name), str_of(value) };
	assert_ok(rules_change(&t->room->stet, t->room->world.a, str_of(place), &one, 1, S("cli")));
}

static void a_narrower_place_has_its_own_numbers_until_it_gives_them_back(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	const char *story = str_z(a, str_format(a, "story:%.*s", STR(id_text(a, t->story.id))));
	const char *section = str_z(a, str_format(a, "section:%.*s", STR(id_text(a, t->story.section.id))));
	no_waiting(t);
	rule(t, "length_most", "10");
	assert_string_equal(posted(t, &t->ann, "Twelve chars"), "rule.length_most");
	change(t, section, "length_most", "15");
	assert_string_equal(posted(t, &t->ann, "Twelve chars"), "");
	change(t, story, "length_most", "5");
	assert_string_equal(posted(t, &t->ann, "Others"), "rule.length_most");
	change(t, story, "length_most", "inherit");
	change(t, section, "length_most", "inherit");
	assert_string_equal(posted(t, &t->ann, "Twelve chars more"), "rule.length_most");
	rule(t, "length_most", "inherit");
	assert_string_equal(posted(t, &t->ann, "Twelve chars more"), "");
}

static void assert_wrong(err_t e)
{
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INPUT);
	err_free(e);
}

static void changes_are_all_made_or_none(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	struct rules now;
	struct conn *c;
	struct rule_change some[] = { { S("run_most"), S("3") }, { S("links_most"), S("-5") } };
	struct rule_change apart[] = { { S("length_least"), S("50") }, { S("length_most"), S("40") } };
	struct rule_change hosts = { S("hosts_bad"), S("spam.example") };
	assert_wrong(rules_change(&t->room->stet, a, S(""), some, 2, S("cli")));
	assert_wrong(rules_change(&t->room->stet, a, S(""), apart, 2, S("cli")));
	assert_wrong(rules_change(&t->room->stet, a, S("section:1"), &hosts, 1, S("cli")));
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(rules_load(c, a, &now));
	store_done(t->room->stet.store, c);
	assert_int_equal(now.run_most, rules_default.run_most);
	assert_int_equal(now.length_least, rules_default.length_least);
}

static void words_are_added_once_and_taken_away(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	struct conn *c;
	str_t text;
	size_t n;
	assert_ok(words_save(&t->room->stet, a, S("banned"), S("# ours\noaf"), S("cli")));
	assert_ok(words_change(&t->room->stet, a, S("banned"), S("lout\n oaf \n\nlout\nclot"), true, S("cli"), &n));
	assert_int_equal(n, 2);
	assert_wrong(words_change(&t->room->stet, a, S("banned"), S("a*b"), true, S("cli"), &n));
	assert_ok(words_change(&t->room->stet, a, S("banned"), S("oaf\nnever"), false, S("cli"), &n));
	assert_int_equal(n, 1);
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(words_load(c, a, S("banned"), &text));
	store_done(t->room->stet.store, c);
	assert_text(text, "# ours\nlout\nclot\n");
}

static void what_was_learned_is_forgotten(void **state)
{
	struct talkers *t = *state;
	struct judge_figures f;
	struct comment k;
	no_waiting(t);
	assert_ok(post(t, &t->ann, "A pleasant day at the pier.", false, &k));
	assert_ok(judge_learn(&t->room->stet, t->room->world.a, k.id, false, false));
	assert_ok(judge_figures(&t->room->stet, t->room->world.a, &f));
	assert_int_equal(f.seen[LEARN_APPROVED], 1);
	assert_false(f.trained);
	assert_ok(judge_unlearn(&t->room->stet, t->room->world.a, S("cli")));
	assert_ok(judge_figures(&t->room->stet, t->room->world.a, &f));
	assert_int_equal(f.seen[LEARN_APPROVED], 0);
}

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
		JUDGE_TEST(a_narrower_place_has_its_own_numbers_until_it_gives_them_back),
		JUDGE_TEST(changes_are_all_made_or_none),
		JUDGE_TEST(words_are_added_once_and_taken_away),
		JUDGE_TEST(what_was_learned_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
