/* test_heat.c: a branch becomes slow by itself, and quick again; moderators say otherwise. */
#include "talk.h"

#include "forum/decide.h"
#include "forum/report.h"

static void set(struct talkers *t, const char *name, const char *value)
{
	assert_ok(forum_setting_save(&t->room->stet, t->room->world.a, S(""), name, str_of(value), S("cli")));
}

static struct comment nth(struct talkers *t, const struct reader *who, const struct comment *above, int n)
{
	return said(t, who, above, str_z(t->room->world.a, str_format(t->room->world.a, "Answer %d", n)));
}

static bool is_slow(struct talkers *t, const struct comment *k)
{
	return now_of(t, k->id).slow > clock_now(&t->room->stet.clock);
}

static err_t decided(struct talkers *t, enum decision_kind kind, const struct comment *k, struct decision *d)
{
	return decide(&t->room->stet, t->room->world.a, &(struct decision_draft){ .moderator = &t->cy, .kind = kind,
										  .comment = k->id, .reason = S("abuse"),
										  .words = S("x") }, d);
}

static void many_answers_make_a_branch_slow_and_time_makes_it_quick(void **state)
{
	struct talkers *t = *state;
	set(t, "heat_rate", "4");
	struct comment root = said(t, &t->ann, NULL, "Well."), other = said(t, &t->ann, NULL, "Quiet."), last = root;
	for (int i = 0; i < 3; i++)
		last = nth(t, i % 2 ? &t->ann : &t->bo, &last, i);
	assert_false(is_slow(t, &root));
	last = nth(t, &t->ann, &last, 3);
	assert_true(is_slow(t, &root));
	assert_false(is_slow(t, &other));
	/* Whoever has just written waits, in this branch alone, wherever they answer in it; a moderator does not. */
	assert_string_equal(said_or(t, &t->ann, root.id, "Again."), "comment-refused.slow-branch");
	assert_string_equal(said_or(t, &t->bo, last.id, "Again, too."), "comment-refused.slow-branch");
	assert_string_equal(said_or(t, &t->ann, other.id, "Here."), "");
	assert_string_equal(said_or(t, &t->ann, 0, "And here."), "");
	assert_string_equal(said_or(t, &t->cy, root.id, "Calm."), "");
	assert_string_equal(said_or(t, &t->cy, root.id, "Calmer."), "");
	passes(t, 301 * SECOND);
	assert_string_equal(said_or(t, &t->ann, root.id, "Five minutes later."), "");
	assert_string_equal(said_or(t, &t->ann, root.id, "At once."), "comment-refused.slow-branch");
	passes(t, 31 * MINUTE);
	assert_false(is_slow(t, &root));
	assert_string_equal(said_or(t, &t->ann, root.id, "Quick."), "");
	assert_string_equal(said_or(t, &t->ann, root.id, "Quick again."), "");
}

static void answers_spread_over_hours_are_no_heat(void **state)
{
	struct talkers *t = *state;
	set(t, "heat_rate", "4");
	struct comment root = said(t, &t->ann, NULL, "Well.");
	for (int i = 0; i < 12; i++) {
		nth(t, &t->bo, &root, i);
		passes(t, 4 * MINUTE);
	}
	assert_false(is_slow(t, &root));
	set(t, "heat_rate", "0");
	for (int i = 20; i < 60; i++)
		nth(t, &t->bo, &root, i);
	assert_false(is_slow(t, &root));
}

static void reported(struct talkers *t, const struct comment *k)
{
	assert_ok(comment_report(&t->room->stet, t->room->world.a, &t->ann, k->id, S("abuse"), S("")));
	assert_ok(comment_report(&t->room->stet, t->room->world.a, &t->cy, k->id, S("abuse"), S("")));
}

static void a_share_reported_or_removed_makes_it_slow(void **state)
{
	struct talkers *t = *state;
	struct comment k[10], root = said(t, &t->ann, NULL, "Well.");
	struct decision d;
	set(t, "heat_rate", "0");
	set(t, "heat_share", "30");
	for (int i = 0; i < 10; i++)
		k[i] = nth(t, &t->bo, &root, i);
	reported(t, &k[0]);
	assert_ok(decided(t, DECIDE_REMOVE, &k[1], &d));
	assert_false(is_slow(t, &root)); /* two of ten */
	assert_ok(comment_report(&t->room->stet, t->room->world.a, &t->ann, k[2].id, S("abuse"), S("")));
	assert_false(is_slow(t, &root)); /* one reader alone makes nobody wait */
	assert_ok(comment_report(&t->room->stet, t->room->world.a, &t->cy, k[2].id, S("abuse"), S("")));
	assert_true(is_slow(t, &root));
	assert_text(findings(t), "");
}

static void a_few_comments_are_no_share(void **state)
{
	struct talkers *t = *state;
	struct comment root = said(t, &t->ann, NULL, "Well.");
	set(t, "heat_share", "1");
	for (int i = 0; i < 7; i++) {
		struct comment k = nth(t, &t->bo, &root, i);
		reported(t, &k);
	}
	assert_false(is_slow(t, &root));
}

static void moderators_slow_a_branch_and_keep_one_quick(void **state)
{
	struct talkers *t = *state;
	struct comment root = said(t, &t->ann, NULL, "Well."), k = nth(t, &t->bo, &root, 0);
	struct decision slow, quick, again;
	assert_ok(decided(t, DECIDE_SLOW, &k, &slow)); /* the branch, by any of its comments */
	assert_true(is_slow(t, &root));
	assert_true(slow.until > slow.made);
	assert_string_equal(key_of(t, decided(t, DECIDE_SLOW, &root, &again)), "moderation-refused.slow");
	assert_string_equal(said_or(t, &t->bo, root.id, "Again."), "comment-refused.slow-branch");
	assert_ok(decision_undo(&t->room->stet, t->room->world.a, &t->cy, slow.id));
	assert_false(is_slow(t, &root));
	assert_string_equal(said_or(t, &t->bo, root.id, "Again."), "");
	set(t, "heat_wait", "0"); /* for none by itself */
	assert_ok(decided(t, DECIDE_SLOW, &k, &slow));
	assert_string_equal(said_or(t, &t->bo, root.id, "And again."), "comment-refused.slow-branch");
	assert_ok(decision_undo(&t->room->stet, t->room->world.a, &t->cy, slow.id));
	set(t, "heat_wait", "300");
	set(t, "heat_rate", "2");
	assert_ok(decided(t, DECIDE_QUICK, &root, &quick));
	for (int i = 1; i < 9; i++)
		nth(t, &t->bo, &root, i);
	assert_false(is_slow(t, &root));
	assert_string_equal(key_of(t, decided(t, DECIDE_QUICK, &root, &again)), "moderation-refused.quick");
	/* It was decided anew, by another comment of the branch. */
	assert_ok(decided(t, DECIDE_SLOW, &k, &slow));
	assert_string_equal(key_of(t, decision_undo(&t->room->stet, t->room->world.a, &t->cy, quick.id)), "moderation-refused.since");
	assert_ok(decision_undo(&t->room->stet, t->room->world.a, &t->cy, slow.id));
	assert_ok(decision_undo(&t->room->stet, t->room->world.a, &t->cy, quick.id));
	nth(t, &t->bo, &root, 10);
	assert_true(is_slow(t, &root)); /* by itself again */
	assert_text(findings(t), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(many_answers_make_a_branch_slow_and_time_makes_it_quick),
		TALK_TEST(answers_spread_over_hours_are_no_heat),
		TALK_TEST(a_share_reported_or_removed_makes_it_slow),
		TALK_TEST(a_few_comments_are_no_share),
		TALK_TEST(moderators_slow_a_branch_and_keep_one_quick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
