/* test_rules.c: each rule, at its limit and over it; the verdict that it brings; whom it spares; and the settings by
 * name. A comment that nothing is wrong with is the beginning of every case. */
#include "judging.h"

#include "forum/rules.h"

#include <stdio.h>

struct world {
	struct bench *b;
	struct rules  r;
	struct judged j;
};

static const char fair[] = "I was at the meeting, and the figures in this article are right.";

static void say(struct world *w, const char *text)
{
	w->j.text = str_of(text);
	w->j.shown = folded_of(w->b, text);
}

static struct world world_of(void **state)
{
	struct world w = { .b = *state, .r = rules_default };
	w.j = (struct judged){ .age = 300 * DAY, .approved = 10, .typing = MINUTE, .since = DAY, .now = 1000 * DAY };
	say(&w, fair);
	return w;
}

static struct judgement judge(struct world *w)
{
	struct judgement out;
	rules_judge(&w->r, w->b->a, &w->j, &out);
	return out;
}

static void passes(struct world *w)
{
	struct judgement o = judge(w);
	if (o.n)
		fail_msg("%s %lld of %lld", rule_name(o.v[0].rule), (long long)o.v[0].n, (long long)o.v[0].most);
	assert_int_equal(o.verdict, VERDICT_SHOW);
}

/* This rule, alone. */
static struct rule_hit caught(struct world *w, enum rule rule, enum verdict verdict, int64_t n, int64_t most)
{
	struct judgement o = judge(w);
	if (o.n != 1 || o.v[0].rule != rule)
		fail_msg("%zu hits, the first %s, not %s", o.n, o.n ? rule_name(o.v[0].rule) : "none", rule_name(rule));
	assert_int_equal(o.v[0].verdict, verdict);
	assert_int_equal(o.verdict, verdict);
	assert_int_equal(o.v[0].n, n);
	assert_int_equal(o.v[0].most, most);
	return o.v[0];
}

/* Is this rule among the hits? */
static bool among(struct world *w, enum rule rule)
{
	struct judgement o = judge(w);
	for (size_t i = 0; i < o.n; i++)
		if (o.v[i].rule == rule)
			return true;
	return false;
}

static void newcomer(struct world *w)
{
	w->j.approved = 0;
}

static void trusted(struct world *w)
{
	w->j.approved = 50;
}

static void a_fair_comment_is_shown(void **state)
{
	struct world w = world_of(state);
	passes(&w);
	newcomer(&w);
	passes(&w);
}

static void a_comment_has_a_length(void **state)
{
	struct world w = world_of(state);
	w.j.text = S("  \n ");
	caught(&w, RULE_LENGTH_LEAST, VERDICT_REFUSE, 0, 1);
	w.j.text = S("\xc3\xa9");
	passes(&w);
	w.j.text = str_format(w.b->a, "%010000d", 1);
	passes(&w);
	w.j.text = str_format(w.b->a, "%010001d", 1);
	caught(&w, RULE_LENGTH_MOST, VERDICT_REFUSE, 10001, 10000);
	w.j.staff = true;
	caught(&w, RULE_LENGTH_MOST, VERDICT_REFUSE, 10001, 10000);
	w.r.length_most = 0;
	passes(&w);
}

static void one_waits_between_comments(void **state)
{
	struct world w = world_of(state);
	w.j.since = 10 * SECOND;
	passes(&w);
	w.j.since = 10 * SECOND - 1;
	caught(&w, RULE_WAIT, VERDICT_REFUSE, 1, 10);
	w.j.since = 0;
	caught(&w, RULE_WAIT, VERDICT_REFUSE, 10, 10);
	w.j.since = -1;
	passes(&w);
	newcomer(&w);
	w.j.since = 59 * SECOND;
	caught(&w, RULE_NEWCOMER_WAIT, VERDICT_REFUSE, 1, 60);
	w.r.wait_seconds = 90;
	caught(&w, RULE_WAIT, VERDICT_REFUSE, 31, 90);
	w.j.staff = true;
	passes(&w);
}

static void heat_slows_and_then_holds(void **state)
{
	struct world w = world_of(state);
	w.j.since = 100 * SECOND;
	w.j.heat = 4;
	passes(&w);
	w.j.heat = 5;
	caught(&w, RULE_HEAT_WAIT, VERDICT_REFUSE, 20, 120);
	trusted(&w);
	caught(&w, RULE_HEAT_WAIT, VERDICT_REFUSE, 20, 120);
	w = world_of(state);
	w.j.heat = 11;
	passes(&w);
	w.j.heat = 12;
	caught(&w, RULE_HEAT, VERDICT_HOLD, 12, 12);
	trusted(&w);
	passes(&w);
	w = world_of(state);
	w.j.heat = 99;
	w.r.heat_hot = w.r.heat_warm = 0;
	passes(&w);
}

static void who_is_a_newcomer(void **state)
{
	struct world w = world_of(state);
	w.r.newcomer_hold = true;
	passes(&w);
	w.j.approved = 2;
	w.j.age = 24 * HOUR;
	passes(&w);
	w.j.approved = 1;
	caught(&w, RULE_NEWCOMER, VERDICT_HOLD, 1, 2);
	w.j.approved = 60;
	w.j.age = 24 * HOUR - 1;
	caught(&w, RULE_NEWCOMER, VERDICT_HOLD, 60, 2);
	w.r.newcomer_hold = false;
	passes(&w);
	say(&w, "ALL OF THIS IS IN CAPITALS"); /* sixty comments in a day earn no trust */
	caught(&w, RULE_CAPITALS, VERDICT_HOLD, 100, 70);
}

static void nought_turns_a_limit_off(void **state)
{
	struct world w = world_of(state);
	say(&w, "@ann @ben @cy @di @ed @flo @gus ALL OF YOU LISTEN!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!");
	w.r.mentions_most = w.r.capitals_percent = w.r.run_most = w.r.signs_percent = 0;
	passes(&w);
}

static void newcomers_write_so_much_a_day(void **state)
{
	struct world w = world_of(state);
	w.j.today = 10;
	passes(&w);
	newcomer(&w);
	caught(&w, RULE_NEWCOMER_DAY, VERDICT_REFUSE, 10, 10);
	w.j.today = 9;
	passes(&w);
}

static struct rule_link *link_to(struct world *w, size_t n, const char *host)
{
	struct rule_link *l = arena_array(w->b->a, n, sizeof *l);
	for (size_t i = 0; i < n; i++)
		l[i].host = str_of(host);
	w->j.links = l;
	w->j.nlinks = n;
	return l;
}

static struct strs hosts(struct world *w, const char *one)
{
	struct strs list = { 0 };
	strs_add(w->b->a, &list, str_of(one));
	return list;
}

static void links_are_counted(void **state)
{
	struct world w = world_of(state);
	link_to(&w, 4, "example.org");
	passes(&w);
	link_to(&w, 5, "example.org");
	caught(&w, RULE_LINKS, VERDICT_HOLD, 5, 4);
	w.r.hosts_allowed = hosts(&w, "example.org");
	passes(&w);
	w.r.hosts_allowed.n = 0;
	trusted(&w);
	passes(&w);
}

static void newcomers_link_less(void **state)
{
	struct world w = world_of(state);
	newcomer(&w);
	struct rule_link *l = link_to(&w, 1, "example.org");
	passes(&w);
	l->before = 2;
	passes(&w);
	l->before = 3;
	assert_true(str_eq(caught(&w, RULE_NEWCOMER_HOST, VERDICT_HOLD, 4, 3).what, S("example.org")));
	link_to(&w, 2, "example.org");
	caught(&w, RULE_NEWCOMER_LINKS, VERDICT_HOLD, 2, 1);
	w.r.hosts_allowed = hosts(&w, "example.org");
	passes(&w);
	w.r.hosts_allowed.n = 0;
	w.r.newcomer_links = -1;
	passes(&w);
	w.r.newcomer_links = 0;
	caught(&w, RULE_NEWCOMER_LINKS, VERDICT_HOLD, 2, 0);
}

static void hosts_are_good_bad_or_unknown(void **state)
{
	struct world w = world_of(state);
	w.r.hosts_bad = hosts(&w, "bad.example");
	link_to(&w, 1, "notbad.example");
	passes(&w);
	link_to(&w, 2, "www.BAD.example");
	assert_true(str_eq(caught(&w, RULE_HOST_BAD, VERDICT_REFUSE, 1, 0).what, S("www.BAD.example")));
	w.r.hosts_bad_refuse = false;
	trusted(&w);
	caught(&w, RULE_HOST_BAD, VERDICT_HOLD, 1, 0);
	w.r.hosts_unknown_hold = true;
	caught(&w, RULE_HOST_BAD, VERDICT_HOLD, 1, 0);
	link_to(&w, 1, "other.example");
	assert_true(str_eq(caught(&w, RULE_HOST_UNKNOWN, VERDICT_HOLD, 1, 0).what, S("other.example")));
	w.r.hosts_allowed = hosts(&w, "other.example");
	passes(&w);
	assert_true(rules_host_in(&w.r.hosts_allowed, S("a.b.other.example")));
	assert_false(rules_host_in(&w.r.hosts_allowed, S("example")));
	assert_false(rules_host_in(&w.r.hosts_allowed, S("")));
}

static void mentions_are_counted(void **state)
{
	struct world w = world_of(state);
	say(&w, "@ann @ben @cy @di @ed @flo meet at mail@example.org @ noon, friends");
	passes(&w);
	say(&w, "@ann @ben @cy @di @ed @flo and (@gus) meet at noon, friends of the town");
	caught(&w, RULE_MENTIONS, VERDICT_HOLD, 7, 6);
	newcomer(&w);
	say(&w, "@ann and @ben, hello");
	passes(&w);
	say(&w, "@ann and @ben and @cy, hello");
	caught(&w, RULE_NEWCOMER_MENTIONS, VERDICT_HOLD, 3, 2);
}

static void capitals_are_a_share(void **state)
{
	struct world w = world_of(state);
	say(&w, "ABCDEFGHIJKLMN opqrst");
	passes(&w);
	say(&w, "ABCDEFGHIJKLMNO pqrst");
	caught(&w, RULE_CAPITALS, VERDICT_HOLD, 75, 70);
	trusted(&w);
	passes(&w);
	w.j.approved = 10;
	say(&w, "THE NATO SUMMIT");
	passes(&w);
	say(&w, "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字");
	passes(&w);
}

static void a_character_in_a_row(void **state)
{
	struct world w = world_of(state);
	say(&w, "No............ and no              more"); /* twelve; spaces are none */
	passes(&w);
	say(&w, "No............. and no more");
	caught(&w, RULE_RUN, VERDICT_HOLD, 13, 12);
	trusted(&w);
	passes(&w);
}

static void signs_are_a_share(void **state)
{
	struct world w = world_of(state);
	say(&w, "abcdefghijklmno ?!?!?!?!?!?!?!?");
	passes(&w);
	say(&w, "abcdefghijklmno ?!?!?!?!?!?!?!?!?!?");
	caught(&w, RULE_SIGNS, VERDICT_HOLD, 55, 50);
	say(&w, "What ?!?!?!?!?!?!");
	passes(&w);
}

static void marks_are_not_piled_up(void **state)
{
	struct world w = world_of(state);
	say(&w, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
	passes(&w);
	trusted(&w);
	say(&w, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
	caught(&w, RULE_MARKS, VERDICT_HOLD, 7, 6);
}

static void nobody_writes_in_two_seconds(void **state)
{
	struct world w = world_of(state);
	w.j.typing = 3 * SECOND;
	passes(&w);
	w.j.typing = 3 * SECOND - 1;
	caught(&w, RULE_TYPING, VERDICT_HOLD, 2, 3);
	trusted(&w);
	passes(&w);
	w = world_of(state);
	w.j.typing = -1;
	passes(&w);
}

static void ones_own_comment_again_is_refused(void **state)
{
	struct world w = world_of(state);
	struct near_comment c = { .id = 7, .written = w.j.now - 24 * HOUR, .print = { 0, 8 } };
	w.j.own = &c;
	w.j.own_bits = 3;
	assert_int_equal(caught(&w, RULE_REPEAT, VERDICT_REFUSE, 3, 3).comment, 7);
	w.j.own_bits = 4;
	passes(&w);
	w.j.own_bits = 0;
	c.written--;
	passes(&w);
	c.written++;
	c.print.words = 7;
	passes(&w);
}

static void nearly_anothers_comment_waits(void **state)
{
	struct world w = world_of(state);
	struct near_comment c = { .id = 9, .written = w.j.now - 72 * HOUR, .print = { 0, 8 } };
	w.j.other = &c;
	w.j.other_bits = 6;
	assert_int_equal(caught(&w, RULE_NEAR, VERDICT_HOLD, 6, 6).comment, 9);
	w.j.other_bits = 7;
	passes(&w);
	w.j.other_bits = 0;
	c.written--;
	passes(&w);
	c.written = w.j.now;
	w.r.near_hours = 0;
	passes(&w);
}

static void listed_words_are_refused_or_wait(void **state)
{
	struct world w = world_of(state);
	struct word_hit v[] = { { WORDS_SUSPECT, S("fool"), 1, 2, 6 } };
	struct word_hits h = { v, 1, false };
	w.j.words = &h;
	struct rule_hit hit = caught(&w, RULE_SUSPECT, VERDICT_HOLD, 1, 0);
	assert_true(str_eq(hit.what, S("fool")));
	assert_int_equal(hit.from, 2);
	assert_int_equal(hit.till, 6);
	w.r.suspect_hold = false;
	passes(&w);
	v[0].list = WORDS_BANNED;
	caught(&w, RULE_BANNED, VERDICT_REFUSE, 1, 0);
	w.r.banned_refuse = false;
	trusted(&w);
	caught(&w, RULE_BANNED, VERDICT_HOLD, 1, 0);
	w.j.staff = true;
	passes(&w);
}

static void the_classifier_holds_and_says_why(void **state)
{
	struct world w = world_of(state);
	struct learn_opinion o = { true, 0.9, { { LEARN_WORD, S("moron"), 2 }, { LEARN_WORD, S("thanks"), -1 },
						{ LEARN_LINKS, S("3"), 1 }, { LEARN_PIECE, S(" idi"), 0.5 } }, 4 };
	w.j.opinion = &o;
	assert_true(str_eq(caught(&w, RULE_LEARNED, VERDICT_HOLD, 90, 90).what, S("moron, idi")));
	o.probability = 0.899;
	passes(&w);
	o.probability = 1;
	o.trained = false;
	passes(&w);
	o.trained = true;
	w.r.learn_percent = 0;
	passes(&w);
	w.r.learn_percent = 90;
	trusted(&w);
	passes(&w);
}

static void the_gravest_verdict_counts_and_all_hits_are_told(void **state)
{
	struct world w = world_of(state);
	newcomer(&w);
	w.j.since = 0;
	w.j.typing = 0;
	say(&w, "BUY NOW BUY NOW BUY NOW BUY NOW!!!!!!!!!!!!!!!!!!!!");
	struct judgement o = judge(&w);
	assert_int_equal(o.verdict, VERDICT_REFUSE);
	assert_true(o.n >= 4);
	for (size_t i = 1; i < o.n; i++)
		assert_true(o.v[i].rule >= o.v[i - 1].rule);
	assert_true(among(&w, RULE_CAPITALS) && among(&w, RULE_RUN) && among(&w, RULE_TYPING));
	assert_string_equal(verdict_name(o.verdict), "refuse");
}

static void every_rule_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < RULES; i++) {
		assert_non_null(rule_name((enum rule)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(rule_name((enum rule)i), rule_name((enum rule)k));
	}
}

/* --- settings --- */

static void settings_come_back_from_json(void **state)
{
	struct world w = world_of(state);
	struct rules r, again;
	succeeds(rules_from_json(w.b->a, S("{}"), &r));
	assert_true(str_eq(rules_to_json(w.b->a, &r), rules_to_json(w.b->a, &rules_default)));
	succeeds(rules_from_json(w.b->a, S("{\"links_most\": 9, \"newcomer_hold\": true, \"newcomer_links\": -1, "
					    "\"hosts_bad\": [\"*.Bad.example\", \"worse.example\"]}"), &r));
	assert_int_equal(r.links_most, 9);
	assert_int_equal(r.newcomer_links, -1);
	assert_true(r.newcomer_hold);
	assert_int_equal(r.wait_seconds, rules_default.wait_seconds);
	assert_int_equal(r.hosts_bad.n, 2);
	assert_true(str_eq(r.hosts_bad.v[0], S("bad.example")));
	succeeds(rules_from_json(w.b->a, rules_to_json(w.b->a, &r), &again));
	assert_true(str_eq(rules_to_json(w.b->a, &again), rules_to_json(w.b->a, &r)));
}

static void every_setting_is_written_and_read(void **state)
{
	struct world w = world_of(state);
	for (size_t i = 0; i < rule_settings_count; i++) {
		const struct rule_setting *s = &rule_settings[i];
		struct rules r = rules_default, again;
		str_t was = rules_show(&r, w.b->a, s), value = S("one.example\ntwo.example");
		int64_t n;
		if (s->kind == SETTING_SWITCH)
			value = str_eq(was, S("on")) ? S("off") : S("on");
		else if (str_int(was, &n))
			value = str_format(w.b->a, "%lld", (long long)n + 1);
		succeeds(rules_set(&r, w.b->a, s, value));
		assert_true(str_eq(rules_show(&r, w.b->a, s), value));
		succeeds(rules_from_json(w.b->a, rules_to_json(w.b->a, &r), &again));
		assert_true(str_eq(rules_show(&again, w.b->a, s), rules_show(&r, w.b->a, s)));
		succeeds(rules_set(&again, w.b->a, s, rules_show(&rules_default, w.b->a, s)));
		assert_true(str_eq(rules_to_json(w.b->a, &again), rules_to_json(w.b->a, &rules_default)));
	}
	/* No member without a name: as many bytes as the table's members and what aligns them. */
	size_t bytes = 0;
	for (size_t i = 0; i < rule_settings_count; i++)
		bytes += rule_settings[i].kind == SETTING_NUMBER ? sizeof(int64_t) :
			 rule_settings[i].kind == SETTING_SWITCH ? sizeof(bool) : sizeof(struct strs);
	assert_in_range(sizeof(struct rules) - bytes, 0, 4 * sizeof(int64_t) - 1);
}

static void a_wrong_setting_is_named(void **state)
{
	static const struct {
		const char *json, *field, *says;
	} wrong[] = {
		{ "{\"links_mots\": 3}", "links_most", "did you mean \"links_most\"" },
		{ "{\"links_most\": -2}", "links_most", "from 0 to 1000, not -2" },
		{ "{\"links_most\": 2.5}", "links_most", "whole number" },
		{ "{\"links_most\": \"3\"}", "links_most", "whole number" },
		{ "{\"newcomer_hold\": 1}", "newcomer_hold", "true or false" },
		{ "{\"hosts_bad\": \"bad.example\"}", "hosts_bad", "list of hosts" },
		{ "{\"hosts_bad\": [\"https://bad.example/\"]}", "hosts_bad", "\"https://bad.example/\" is no host" },
		{ "{\"hosts_bad\": [7]}", "hosts_bad", "text" },
		{ "{\"near_bits\": 8}", "near_bits", "from 0 to 7" },
		{ "{\"length_least\": 500, \"length_most\": 100}", "length_least", "above length_most" },
		{ "{\"heat_warm\": 50}", "heat_warm", "above heat_hot" },
		{ "[]", NULL, "an object" }, { "{", NULL, "line 1" },
		{ "{\"links_most\": 1, \"links_most\": 2}", NULL, "no JSON" },
	};
	struct world w = world_of(state);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct rules r = { .links_most = 77 };
		err_t e = rules_from_json(w.b->a, str_of(wrong[i].json), &r);
		assert_non_null(e);
		if (wrong[i].field)
			assert_string_equal(e->field, wrong[i].field);
		assert_int_equal(r.links_most, 77);
		refuses(e, wrong[i].says);
	}
	struct rules r = rules_default;
	refuses(rules_set(&r, w.b->a, &rule_settings[0], S("many")), "whole number, not \"many\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORUM_TEST(a_fair_comment_is_shown),
		FORUM_TEST(a_comment_has_a_length),
		FORUM_TEST(one_waits_between_comments),
		FORUM_TEST(heat_slows_and_then_holds),
		FORUM_TEST(who_is_a_newcomer),
		FORUM_TEST(nought_turns_a_limit_off),
		FORUM_TEST(newcomers_write_so_much_a_day),
		FORUM_TEST(links_are_counted),
		FORUM_TEST(newcomers_link_less),
		FORUM_TEST(hosts_are_good_bad_or_unknown),
		FORUM_TEST(mentions_are_counted),
		FORUM_TEST(capitals_are_a_share),
		FORUM_TEST(a_character_in_a_row),
		FORUM_TEST(signs_are_a_share),
		FORUM_TEST(marks_are_not_piled_up),
		FORUM_TEST(nobody_writes_in_two_seconds),
		FORUM_TEST(ones_own_comment_again_is_refused),
		FORUM_TEST(nearly_anothers_comment_waits),
		FORUM_TEST(listed_words_are_refused_or_wait),
		FORUM_TEST(the_classifier_holds_and_says_why),
		FORUM_TEST(the_gravest_verdict_counts_and_all_hits_are_told),
		FORUM_TEST(every_rule_has_a_name),
		FORUM_TEST(settings_come_back_from_json),
		FORUM_TEST(every_setting_is_written_and_read),
		FORUM_TEST(a_wrong_setting_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
