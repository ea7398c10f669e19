/* test_comment.c: writing, editing, taking back and voting; who may; what is counted. */
#include "talk.h"

#include "forum/limits.h"
#include "forum/tame.h"
#include "forum/thread.h"
#include "record/act.h"

/* --- writing --- */

static void a_comment_stands_and_is_counted(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "It was *never* dark. [Look](https://example.org/a)");
	struct comment answer = said(t, &t->bo, &k, "Not once.");
	k = now_of(t, k.id);
	assert_text(k.body, "<p>It was <em>never</em> dark. <a href=\"https://example.org/a\" rel=\"nofollow ugc\">"
			    "Look</a></p>");
	assert_true(k.stands && k.state == COMMENT_SHOWN);
	assert_int_equal(k.replies, 1);
	assert_int_equal(k.talk, 1);
	assert_int_equal(now_of(t, answer.id).depth, 1);
	assert_int_equal(now_of(t, answer.id).root, k.id);
	struct conn *c;
	struct conversation about;
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(conversation_load(c, t->story.id, &about));
	store_done(t->room->stet.store, c);
	assert_int_equal(about.comments, 2);
	assert_int_equal(about.change, 2);
	assert_text(findings(t), "");
}

static void what_is_no_comment_is_refused(void **state)
{
	struct talkers *t = *state;
	char *long_one = arena_alloc(t->room->world.a, COMMENT_MOST + 2);
	memset(long_one, 'x', COMMENT_MOST + 1);
	assert_string_equal(said_or(t, &t->ann, 0, ""), "comment-refused.empty");
	assert_string_equal(said_or(t, &t->ann, 0, "  \n\u200b "), "comment-refused.empty");
	assert_string_equal(said_or(t, &t->ann, 0, "![a picture](https://example.org/a.png)"),
			    "comment-refused.empty");
	assert_string_equal(said_or(t, &t->ann, 0, "\xff\xfe"), "comment-refused.utf8");
	assert_string_equal(said_or(t, &t->ann, 0, long_one), "comment-refused.long");
	long_one[COMMENT_MOST] = '\0';
	assert_string_equal(said_or(t, &t->ann, 0, long_one), "");
}

static void the_same_twice_is_a_slip(void **state)
{
	struct talkers *t = *state;
	said(t, &t->ann, NULL, "Once.");
	assert_string_equal(said_or(t, &t->ann, 0, "Once."), "comment-refused.same");
	assert_string_equal(said_or(t, &t->bo, 0, "Once."), "");
	passes(t, SAME_AGAIN);
	assert_string_equal(said_or(t, &t->ann, 0, "Once."), "");
}

static void a_quote_is_the_storys_own_words(void **state)
{
	struct talkers *t = *state;
	struct comment k;
	struct comment_draft d = { .reader = &t->ann, .story = t->story.id, .source = S("About this:"),
				   .quote = S("Some  text") };
	assert_ok(comment_post(&t->room->stet, t->room->world.a, &d, &k));
	assert_text(k.quote, "Some text");
	assert_int_equal(k.quote_revision, t->story.revision);
	/* As a browser copies it: over the end of a paragraph, spaces for those that do not break, none of the soft
	 * hyphens. */
	struct story st = draft("Two paragraphs");
	st.source = S("It cost 5\xc2\xa0million and the main\xc2\xadtenance more.\n\nNobody *said* so.");
	assert_ok(story_save(&t->room->stet, t->room->world.a, &st, 0, S("test")));
	assert_ok(story_publish(&t->room->stet, t->room->world.a, &st, S("test")));
	struct comment_draft over = { .reader = &t->ann, .story = st.id, .source = S("Over two:"),
				      .quote = S("5 million and the maintenance more. Nobody said") };
	assert_ok(comment_post(&t->room->stet, t->room->world.a, &over, &k));
	d.quote = S("What was never there");
	d.source = S("Another");
	assert_string_equal(key_of(t, comment_post(&t->room->stet, t->room->world.a, &d, &k)),
			    "comment-refused.quote-absent");
}

static void a_name_behind_a_sign_leads_to_its_reader(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "@Bo Chan, and @bo chan's boat; not @Nobody, not `@Bo Chan`");
	const char *link = str_z(t->room->world.a, str_format(t->room->world.a, "<p><a href=\"%.*s\">@Bo Chan</a>, and "
		"<a href=\"%.*s\">@bo chan</a>'s boat; not @Nobody, not <code>@Bo Chan</code></p>",
		STR(reader_path(t->room->world.a, t->bo.id)), STR(reader_path(t->room->world.a, t->bo.id))));
	assert_text(now_of(t, k.id).body, link);
}

/* --- editing and taking back --- */

static void an_edit_keeps_what_was_said(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "First."), out;
	assert_ok(comment_edit(&t->room->stet, t->room->world.a, &t->ann, k.id, S("Second."), &out));
	k = now_of(t, k.id);
	assert_text(k.source, "Second.");
	assert_true(k.edited > k.made - 1);
	plant(t->room, "CREATE TABLE seen (one INTEGER CHECK (one = 1)); INSERT INTO seen SELECT count(*) FROM "
		       "comment_text WHERE source = 'First.'");
	assert_string_equal(key_of(t, comment_edit(&t->room->stet, t->room->world.a, &t->bo, k.id, S("Mine."), &out)),
			    "comment-refused.not-yours");
	passes(t, 15 * MINUTE);
	assert_string_equal(key_of(t, comment_edit(&t->room->stet, t->room->world.a, &t->ann, k.id, S("Third."), &out)),
			    "comment-refused.edit-over");
}

static void what_is_taken_back_leaves_a_stone_while_it_is_answered(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "I said."), answer = said(t, &t->bo, &k, "You did.");
	assert_ok(comment_delete(&t->room->stet, t->room->world.a, &t->ann, k.id));
	k = now_of(t, k.id);
	assert_true(k.stands && k.state == COMMENT_DELETED);
	assert_text(k.source, "");
	assert_text(k.body, "");
	assert_text(findings(t), "");
	/* With the answer goes the stone. */
	assert_ok(comment_delete(&t->room->stet, t->room->world.a, &t->bo, answer.id));
	assert_false(now_of(t, k.id).stands);
	assert_false(now_of(t, answer.id).stands);
	assert_text(findings(t), "");
}

/* --- votes --- */

static void a_vote_counts_once_and_can_be_taken_back(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "Well?"), out;
	arena_t *a = t->room->world.a;
	for (int i = 0; i < 3; i++)
		assert_ok(comment_vote(&t->room->stet, a, &t->bo, k.id, 1, &out));
	assert_int_equal(now_of(t, k.id).ups, 1);
	assert_true(now_of(t, k.id).rank > 0);
	assert_ok(comment_vote(&t->room->stet, a, &t->bo, k.id, 0, &out));
	assert_int_equal(now_of(t, k.id).ups, 0);
	assert_int_equal(now_of(t, k.id).rank, 0);
	assert_string_equal(key_of(t, comment_vote(&t->room->stet, a, &t->ann, k.id, 1, &out)), "comment-refused.own");
	assert_string_equal(key_of(t, comment_vote(&t->room->stet, a, &t->bo, k.id, -1, &out)), "comment-refused.downs");
	assert_text(findings(t), "");
}

/* Lower ends of Wilson's interval for z = 1.28155: where (p - x)^2 = z^2 x (1 - x) / n, found by halving in
 * another program. */
static void the_rank_is_wilsons_lower_bound(void **state)
{
	(void)state;
	assert_int_equal(comment_rank(0, 0, false), 0);
	assert_int_equal(comment_rank(1, 0, false), 378448);
	assert_int_equal(comment_rank(10, 0, false), 858931);
	assert_int_equal(comment_rank(10, 10, false), 362262);
	assert_int_equal(comment_rank(600, 400, false), 579997);
	assert_true(comment_rank(0, 5, true) > comment_rank(1000000, 0, false));
	/* A share that many agree on is worth more than the same share of few. */
	assert_true(comment_rank(90, 10, false) > comment_rank(9, 1, false));
}

/* --- who may --- */

static void sanction(struct talkers *t, const char *kind, bool here, usec_t until)
{
	plant(t->room, str_z(t->room->world.a, str_format(t->room->world.a,
		"INSERT INTO sanction (id, reader, kind, story, why, made, until) VALUES (abs(random()) / 2, %lld, '%s', "
		"nullif(%lld, 0), 'rule', 1, %lld)", (long long)t->ann.id, kind,
		here ? (long long)t->story.id : 0ll, (long long)until)));
}

static void nothing_is_left_to_whom_it_is_closed(void **state)
{
	static const struct {
		const char *kind, *why;
		bool        here;
		usec_t      time;
	} all[] = { { "banned", "comment-refused.banned", false, 0 },
		    { "suspended", "comment-refused.suspended", false, 60 * SECOND },
		    { "muted", "comment-refused.muted", true, 0 } };
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	struct comment own = said(t, &t->ann, NULL, "Before."), other = said(t, &t->bo, NULL, "Of another."), out;
	for (size_t i = 0; i < COUNT(all); i++) {
		sanction(t, all[i].kind, all[i].here, all[i].time ? t->room->stet.clock.fixed + all[i].time : 0);
		assert_string_equal(said_or(t, &t->ann, 0, "More."), all[i].why);
		assert_string_equal(said_or(t, &t->ann, other.id, "More."), all[i].why);
		assert_string_equal(key_of(t, comment_edit(&t->room->stet, a, &t->ann, own.id, S("Spam."), &out)), all[i].why);
		assert_string_equal(key_of(t, comment_vote(&t->room->stet, a, &t->ann, other.id, 1, &out)), all[i].why);
		/* It can be lifted, and the timed one ends. */
		if (all[i].time)
			passes(t, all[i].time + SECOND);
		else
			plant(t->room, "UPDATE sanction SET lifted = 1");
		struct comment k;
		assert_ok(comment_vote(&t->room->stet, a, &t->ann, other.id, 1, &k));
		assert_ok(comment_vote(&t->room->stet, a, &t->ann, other.id, 0, &k));
	}
}

static void whom_one_blocks_answers_elsewhere(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "Peace.");
	plant(t->room, str_z(t->room->world.a, str_format(t->room->world.a, "INSERT INTO reader_mute VALUES (%lld, %lld, 1, 1)",
							  (long long)t->ann.id, (long long)t->bo.id)));
	assert_string_equal(said_or(t, &t->bo, k.id, "But!"), "comment-refused.blocked");
	assert_string_equal(said_or(t, &t->bo, 0, "But!"), "");
	plant(t->room, "UPDATE reader_mute SET blocks = 0");
	assert_string_equal(said_or(t, &t->bo, k.id, "But!!"), "");
}

static void set(struct talkers *t, const char *name, const char *value)
{
	assert_ok(forum_setting_save(&t->room->stet, t->room->world.a, S(""), name, str_of(value), S("cli")));
}

static void a_conversation_closes_slows_and_waits_as_it_is_set(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "Early."), out;
	set(t, "slow", "60");
	passes(t, 30 * SECOND);
	assert_string_equal(said_or(t, &t->ann, 0, "Again."), "comment-refused.slow");
	assert_string_equal(said_or(t, &t->bo, 0, "Again."), "");
	passes(t, 30 * SECOND);
	assert_string_equal(said_or(t, &t->ann, 0, "Again."), "");
	set(t, "slow", "0");
	set(t, "mode", "before");
	struct comment waits = said(t, &t->bo, &k, "May I?");
	assert_int_equal(waits.state, COMMENT_HELD);
	assert_false(now_of(t, waits.id).stands);
	assert_int_equal(now_of(t, k.id).replies, 0);
	/* What was shown and is edited waits, too: nobody slips in what a moderator has not seen. */
	assert_ok(comment_edit(&t->room->stet, t->room->world.a, &t->ann, k.id, S("Buy this."), &out));
	assert_int_equal(now_of(t, k.id).state, COMMENT_HELD);
	assert_int_equal(said(t, &t->cy, NULL, "I moderate.").state, COMMENT_SHOWN);
	set(t, "mode", "inherit");
	passes(t, 14 * DAY + HOUR);
	assert_string_equal(said_or(t, &t->bo, 0, "Late."), "comment-refused.closed");
	set(t, "days", "0");
	assert_string_equal(said_or(t, &t->bo, 0, "Late."), "");
	set(t, "open", "closed");
	assert_string_equal(said_or(t, &t->bo, 0, "Later."), "comment-refused.closed");
	const char *why = key_of(t, forum_setting_save(&t->room->stet, t->room->world.a, S(""), "open", S("ajar"), S("cli")));
	assert_string_equal(why, "setting-refused.choice");
	assert_text(findings(t), "");
}

/* --- pages --- */

static void walk(struct talkers *t, enum comment_sort sort, size_t want)
{
	struct conn *c;
	size_t n = 0;
	struct comment last = { 0 };
	struct comment_key key = comment_key_first(sort);
	assert_ok(store_reader(t->room->stet.store, &c));
	for (bool more = true; more;) {
		struct comments page;
		assert_ok(comment_list(c, t->room->world.a, t->story.id, 0, sort, key, 7, &page));
		for (size_t i = 0; i < page.n; i++, n++) {
			const struct comment *k = &page.v[i];
			if (n && sort == SORT_BEST)
				assert_true(k->rank < last.rank || (k->rank == last.rank && k->id > last.id));
			if (n && sort == SORT_NEWEST)
				assert_true(k->made < last.made);
			if (n && sort == SORT_OLDEST)
				assert_true(k->made > last.made);
			if (n && sort == SORT_DISCUSSED)
				assert_true(k->talk < last.talk || (k->talk == last.talk && k->id > last.id));
			last = *k;
		}
		more = page.more;
		key = comment_key_of(sort, &last);
	}
	store_done(t->room->stet.store, c);
	assert_int_equal(n, want);
}

static void every_sort_shows_each_once(void **state)
{
	struct talkers *t = *state;
	struct comment out;
	for (int i = 0; i < 40; i++) {
		struct comment k = said(t, &t->ann, NULL, str_z(t->room->world.a, str_format(t->room->world.a, "No. %d", i)));
		if (i % 3 == 0)
			assert_ok(comment_vote(&t->room->stet, t->room->world.a, &t->bo, k.id, 1, &out));
		for (int j = 0; j < i % 4; j++)
			said(t, &t->bo, &k, str_z(t->room->world.a, str_format(t->room->world.a, "%d to %d", j, i)));
	}
	for (enum comment_sort s = 0; s < SORTS; s++)
		walk(t, s, 40);
}

static size_t count_branches(const struct branches *b)
{
	size_t n = b->n;
	for (size_t i = 0; i < b->n; i++)
		n += count_branches(&b->v[i].below);
	return n;
}

static void a_page_is_bounded_however_deep_and_wide(void **state)
{
	enum { MANY = 10000 };
	struct talkers *t = *state;
	struct conn *c;
	/* One 10,000 deep, one 10,000 wide, put there at once: the counts as posting would have made them. */
	struct comment deep = said(t, &t->ann, NULL, "Deep."), wide = said(t, &t->ann, NULL, "Wide.");
	str_t sql = str_format(t->room->world.a,
		"WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		"INSERT INTO comment (id, story, parent, root, depth, reader, source, body, state, stands, made, "
		"replies, talk, change, answers) "
		"SELECT 1000 + i, %lld, CASE i WHEN 1 THEN %lld ELSE 999 + i END, %lld, i, %lld, 'x', '<p>x</p>', 'shown', 1, "
		"i, i < %d, i < %d, 2, %lld FROM n UNION ALL "
		"SELECT 100000 + i, %lld, %lld, %lld, 1, %lld, 'x', '<p>x</p>', 'shown', 1, i, 0, 0, 2, %lld FROM n; "
		"UPDATE comment SET replies = 1, talk = %d WHERE id = %lld; "
		"UPDATE comment SET replies = %d, talk = %d WHERE id = %lld; "
		"UPDATE conversation SET comments = 2 + 2 * %d", MANY, (long long)t->story.id, (long long)deep.id,
		(long long)deep.id, (long long)t->ann.id, MANY, MANY, (long long)t->ann.id, (long long)t->story.id,
		(long long)wide.id, (long long)wide.id, (long long)t->ann.id, (long long)t->ann.id, MANY, (long long)deep.id, MANY, MANY, (long long)wide.id, MANY);
	plant(t->room, str_z(t->room->world.a, sql));
	assert_text(findings(t), "");
	assert_ok(store_reader(t->room->stet.store, &c));
	struct thread_asked ask = { t->story.id, 0, SORT_BEST, comment_key_first(SORT_BEST), ROOTS_PAGE, SHOWN_PAGE,
				    DEPTH_SHOWN, 0 };
	struct branches list;
	assert_ok(thread_load(c, t->room->world.a, &ask, &list));
	store_done(t->room->stet.store, c);
	size_t n = count_branches(&list);
	assert_true(n >= 2 + DEPTH_SHOWN && n <= SHOWN_PAGE);
	/* A branch that is closed at its top is closed at its end: one query tells. */
	bool closed;
	struct comment end = now_of(t, 1000 + MANY);
	for (int i = 0; i < 2; i++) {
		plant(t->room, str_z(t->room->world.a, str_format(t->room->world.a, "UPDATE comment SET closed = %d WHERE "
								    "id = %lld", !i, (long long)deep.id)));
		assert_ok(store_reader(t->room->stet.store, &c));
		assert_ok(branch_closed(c, &end, &closed));
		store_done(t->room->stet.store, c);
		assert_int_equal(closed, !i);
		if (closed)
			assert_string_equal(said_or(t, &t->bo, end.id, "In vain."), "comment-refused.branch");
	}
	/* Answering the deepest, and taking that back, is one more. */
	struct comment last = now_of(t, 1000 + MANY), more = said(t, &t->bo, &last, "Deeper.");
	assert_text(findings(t), "");
	assert_ok(comment_delete(&t->room->stet, t->room->world.a, &t->bo, more.id));
	assert_text(findings(t), "");
}

/* --- a storm --- */

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Whatever readers and moderators do, in whatever order: what is kept is what is counted anew. */
static void counts_agree_after_a_storm(void **state)
{
	enum { STEPS = 1500 };
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	const struct reader *who[] = { &t->ann, &t->bo, &t->cy };
	id64 ids[STEPS];
	size_t n = 0;
	unsigned seed = 7;
	for (int i = 0; i < STEPS; i++) {
		const struct reader *r = who[next(&seed) % 3];
		id64 id = n ? ids[next(&seed) % n] : 0;
		struct comment out;
		err_t e = OK;
		switch (next(&seed) % 8) {
		case 0: case 1: case 2: case 3: {
			struct comment_draft d = { .reader = r, .story = t->story.id, .parent = next(&seed) % 4 ? id : 0,
						   .source = str_format(a, "Step %d", i) };
			passes(t, 1000);
			e = comment_post(&t->room->stet, a, &d, &out);
			if (!e)
				ids[n++] = out.id;
			break;
		}
		case 4: e = id ? comment_delete(&t->room->stet, a, r, id) : OK; break;
		case 5: e = id ? comment_edit(&t->room->stet, a, r, id, str_format(a, "Edit %d", i), &out) : OK; break;
		default: e = id ? comment_vote(&t->room->stet, a, r, id, (int)(next(&seed) % 2), &out) : OK; break;
		}
		err_free(e);
		if (i % 50 == 0)
			assert_ok(forum_setting_save(&t->room->stet, a, S(""), "mode", i % 100 ? S("before") : S("after"), S("cli")));
	}
	assert_true(n > 200);
	assert_text(findings(t), "");
	plant(t->room, "UPDATE conversation SET comments = comments + 1");
	assert_text(findings(t), "the conversation about \"harbour-opens\" counts its comments wrong");
}

/* --- text --- */

static void hidden_signs_go_and_words_stay(void **state)
{
	static const struct {
		const char *in, *out;
	} all[] = {
		{ "a\u202eb\u2066c\u200bd\u2060e\ufefff", "abcdef" },
		{ "a\r\nb\rc\n\n\n\n\nd", "a\nb\nc\n\nd" },
		{ "x\u0300\u0301\u0302\u0303\u0304\u0305y", "x\u0300\u0301\u0302\u0303y" },
		{ "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645" },
		{ "\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469" },
		{ " \x01" "a\xc2\x85 ", "a" },
	};
	struct talkers *t = *state;
	for (size_t i = 0; i < COUNT(all); i++)
		assert_text(tame(t->room->world.a, str_of(all[i].in)), all[i].out);
}

static err_t go(struct conn *c, arena_t *a, void *ctx)
{
	struct talkers *t = ctx;
	struct act act = act_begin(&t->room->stet, a, &(struct act_kind){ "reader.gone" }, t->ann.id, S("cli"));
	return forum_reader_gone(&t->room->stet, &act, c, &t->ann);
}

static void words_of_who_goes_stay_without_the_name_or_go_too(void **state)
{
	struct talkers *t = *state;
	struct comment k = said(t, &t->ann, NULL, "Mine."), answer = said(t, &t->bo, &k, "@Ann Lee, yes.");
	t->ann.keep_words = true;
	assert_ok(store_write(t->room->stet.store, t->room->world.a, go, t));
	assert_text(now_of(t, k.id).source, "Mine.");
	assert_int_equal(now_of(t, k.id).reader.id, 0);
	assert_text(now_of(t, answer.id).body, "<p>@…, yes.</p>");
	plant(t->room, str_z(t->room->world.a, str_format(t->room->world.a, "UPDATE comment SET reader = %lld WHERE id = %lld",
							  (long long)t->ann.id, (long long)k.id)));
	t->ann.keep_words = false;
	assert_ok(store_write(t->room->stet.store, t->room->world.a, go, t));
	assert_text(now_of(t, k.id).source, "");
	assert_int_equal(now_of(t, k.id).state, COMMENT_DELETED);
	assert_true(now_of(t, k.id).stands);
	assert_text(findings(t), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(a_comment_stands_and_is_counted),
		TALK_TEST(what_is_no_comment_is_refused),
		TALK_TEST(the_same_twice_is_a_slip),
		TALK_TEST(a_quote_is_the_storys_own_words),
		TALK_TEST(a_name_behind_a_sign_leads_to_its_reader),
		TALK_TEST(an_edit_keeps_what_was_said),
		TALK_TEST(what_is_taken_back_leaves_a_stone_while_it_is_answered),
		TALK_TEST(a_vote_counts_once_and_can_be_taken_back),
		TALK_TEST(the_rank_is_wilsons_lower_bound),
		TALK_TEST(nothing_is_left_to_whom_it_is_closed),
		TALK_TEST(whom_one_blocks_answers_elsewhere),
		TALK_TEST(a_conversation_closes_slows_and_waits_as_it_is_set),
		TALK_TEST(every_sort_shows_each_once),
		TALK_TEST(a_page_is_bounded_however_deep_and_wide),
		TALK_TEST(counts_agree_after_a_storm),
		TALK_TEST(hidden_signs_go_and_words_stay),
		TALK_TEST(words_of_who_goes_stay_without_the_name_or_go_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
