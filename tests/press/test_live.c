/* test_live.c: what becomes of a live blog's entries, in which order they are read, and which pages an
 * entry touches. */
#include "room.h"

#include "press/limits.h"
#include "press/live.h"
#include "record/act.h"
#include "record/record.h"

#include <stdlib.h>

static struct story live_story(struct room *r, const char *headline)
{
	struct story st = public_story(r, headline);
	assert_ok(live_start(&r->stet, r->world.a, &st, S("test")));
	return st;
}

static struct live_entry entry_of(const struct story *st, const char *headline)
{
	return (struct live_entry){ .story = st->id, .headline = str_of(headline),
				    .source = S("It *snows*."), .key = S("") };
}

static struct live_entry posted(struct room *r, const struct story *st, const char *headline,
				const char *key)
{
	struct live_entry e = entry_of(st, headline);
	e.key = str_of(key);
	assert_ok(live_post(&r->stet, r->world.a, &e, S("test")));
	return e;
}

static struct live_entries read_page(struct room *r, id64 story, struct live_key before, size_t limit)
{
	struct conn *c;
	struct live_entries out;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(live_entries(c, r->world.a, story, before, limit, &out));
	store_done(r->stet.store, c);
	return out;
}

static struct live_entry reload(struct room *r, id64 id)
{
	struct conn *c;
	struct live_entry out;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(live_load(c, r->world.a, id, &out));
	store_done(r->stet.store, c);
	return out;
}

static struct live_history history(struct room *r, id64 id)
{
	struct conn *c;
	struct live_history out;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(live_history(c, r->world.a, id, &out));
	store_done(r->stet.store, c);
	return out;
}

/* The key points, one a line. */
static str_t keys(struct room *r, id64 story)
{
	struct conn *c;
	struct live_entries out;
	struct buf b = buf_new(r->world.a, 256);
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(live_keys(c, r->world.a, story, &out));
	store_done(r->stet.store, c);
	for (size_t i = 0; i < out.n; i++)
		buf_add_format(&b, "%.*s\n", STR(out.v[i].key));
	return buf_str(&b);
}

/* The last entry of the record. */
static struct entry last_act(struct room *r)
{
	struct conn *c;
	int64_t last;
	struct entries list;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(record_last(c, &last));
	assert_ok(record_after(c, r->world.a, last - 1, 1, &list));
	store_done(r->stet.store, c);
	assert_int_equal(list.n, 1);
	return list.v[0];
}

static bool touches(const struct entry *e, str_t topic)
{
	for (size_t i = 0; i < e->topics.n; i++)
		if (str_eq(e->topics.v[i], topic))
			return true;
	return false;
}

static void only_a_live_blog_takes_entries(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = public_story(r, "Storm");
	struct live_entry e = entry_of(&st, "First");
	assert_fails(live_post(&r->stet, a, &e, S("test")), ERR_CONFLICT, "stet live start storm");
	assert_ok(live_start(&r->stet, a, &st, S("test")));
	assert_int_equal(st.live, LIVE);
	assert_int_equal(st.live_from, r->stet.clock.fixed);
	assert_fails(live_start(&r->stet, a, &st, S("test")), ERR_CONFLICT, "already");
	assert_ok(live_post(&r->stet, a, &e, S("test")));
	r->stet.clock.fixed += HOUR;
	assert_ok(live_end(&r->stet, a, &st, S("test")));
	assert_int_equal(st.live_until, r->stet.clock.fixed);
	struct live_entry late = entry_of(&st, "Late");
	assert_fails(live_post(&r->stet, a, &late, S("test")), ERR_CONFLICT, "has ended");
	/* what stands there can still be put right */
	e.source = S("It snowed.");
	assert_ok(live_edit(&r->stet, a, &e, 0, S("test")));
	assert_ok(live_start(&r->stet, a, &st, S("test")));
	assert_int_equal(st.live_until, 0);
	assert_ok(live_post(&r->stet, a, &late, S("test")));
}

static void an_entry_has_its_limits(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = live_story(r, "Storm");
	char *big = arena_alloc(a, LIVE_SOURCE_MOST + 1);
	memset(big, 'x', LIVE_SOURCE_MOST + 1);
	struct live_entry e = entry_of(&st, "");
	e.source = S(" ");
	assert_fails(live_post(&r->stet, a, &e, S("test")), ERR_INPUT, "headline or a text");
	e.source = str_from(big, LIVE_SOURCE_MOST + 1);
	assert_fails(live_post(&r->stet, a, &e, S("test")), ERR_TOO_LARGE, "at most 20000");
	e.source = S("a\xff");
	assert_fails(live_post(&r->stet, a, &e, S("test")), ERR_INPUT, "UTF-8 at byte 2");
	e.source = S("x"), e.key = str_from(big, LIVE_KEY_MOST + 1);
	assert_fails(live_post(&r->stet, a, &e, S("test")), ERR_INPUT, "key");
	assert_int_equal(e.id, 0);
	assert_int_equal(read_page(r, st.id, (struct live_key){ 0 }, 9).n, 0);
	e = entry_of(&st, "<b>a\nb");
	e.source = S("<script>alert(1)</script> *x* [y](javascript:alert(1))");
	assert_ok(live_post(&r->stet, a, &e, S("test")));
	assert_text(e.headline, "<b>a b"); /* plain text; the page escapes it */
	assert_true(str_find(e.body, S("<script"), 0) == STR_NONE);
	assert_true(str_find(e.body, S("href"), 0) == STR_NONE);
	assert_true(str_find(e.body, S("<em>x</em>"), 0) != STR_NONE);
}

static void pages_hold_every_entry_once_newest_first(void **state)
{
	struct room *r = *state;
	enum { ENTRIES = 61, PAGE = 7 };
	struct story st = live_story(r, "Storm"), other = live_story(r, "Other");
	bool seen[ENTRIES] = { false };
	for (int i = 0; i < ENTRIES; i++) {
		if (i % 4 == 0) /* several have one time */
			r->stet.clock.fixed += MINUTE;
		posted(r, &st, str_z(r->world.a, str_format(r->world.a, "E%02d", i)), "");
		posted(r, &other, "Elsewhere", "");
	}
	struct live_key key = { 0 };
	struct live_entries page;
	size_t all = 0;
	do {
		page = read_page(r, st.id, key, PAGE);
		assert_true(page.n == PAGE || !page.more);
		for (size_t i = 0; i < page.n; i++) {
			int64_t n;
			const struct live_entry *e = &page.v[i];
			assert_true(str_int(str_slice(e->headline, 1, 3), &n));
			assert_false(seen[n]);
			seen[n] = true;
			assert_true(!key.id || e->time < key.time || (e->time == key.time && e->id < key.id));
			key = (struct live_key){ e->time, e->id };
			all++;
		}
	} while (page.more);
	assert_int_equal(all, ENTRIES);
}

static void key_points_stand_as_the_editors_order_them(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = live_story(r, "Storm");
	struct live_entry one = posted(r, &st, "1", "one"), two = posted(r, &st, "2", "two"),
			  three = posted(r, &st, "3", ""), four = posted(r, &st, "4", "four");
	assert_text(keys(r, st.id), "one\ntwo\nfour\n");
	assert_ok(live_pin(&r->stet, a, &three, S(""), S("test"))); /* by its headline, as the last */
	assert_text(keys(r, st.id), "one\ntwo\nfour\n3\n");
	assert_ok(live_order(&r->stet, a, st.id, (id64[]){ four.id, two.id }, 2, S("test")));
	assert_text(keys(r, st.id), "four\ntwo\none\n3\n");
	struct entry act = last_act(r);
	assert_text(act.kind, "live.order");
	assert_true(touches(&act, topic_live(a, st.id)));
	four = reload(r, four.id);
	four.source = S("changed");
	assert_ok(live_edit(&r->stet, a, &four, 0, S("test"))); /* which moves nothing */
	assert_text(keys(r, st.id), "four\ntwo\none\n3\n");
	two = reload(r, two.id);
	assert_ok(live_unpin(&r->stet, a, &two, S("test")));
	assert_fails(live_unpin(&r->stet, a, &two, S("test")), ERR_CONFLICT, "no key point");
	one = reload(r, one.id);
	assert_ok(live_withdraw(&r->stet, a, &one, S("Not so."), S("test")));
	assert_text(keys(r, st.id), "four\n3\n");
	assert_fails(live_order(&r->stet, a, st.id, (id64[]){ one.id }, 1, S("test")), ERR_INPUT, "no key point");
	assert_fails(live_order(&r->stet, a, st.id, (id64[]){ four.id, four.id }, 2, S("test")), ERR_INPUT, "twice");
	assert_text(keys(r, st.id), "four\n3\n");
}

static void nothing_that_was_said_is_lost(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = live_story(r, "Storm");
	struct author ann = { .name = S("Ann Lee") };
	struct live_entry e = entry_of(&st, "Pier 14 closed");
	e.authors = &ann, e.nauthors = 1;
	assert_ok(live_post(&r->stet, a, &e, S("test")));
	struct live_entry stale = e;
	r->stet.clock.fixed += MINUTE;
	e.headline = S("Pier 4 closed");
	assert_ok(live_edit(&r->stet, a, &e, 1, S("test")));
	assert_int_equal(e.edited, r->stet.clock.fixed);
	assert_fails(live_edit(&r->stet, a, &stale, 1, S("test")), ERR_CONFLICT, "saved meanwhile");
	assert_ok(live_withdraw(&r->stet, a, &e, S("No pier\nwas closed."), S("test")));
	struct live_entry back = reload(r, e.id);
	assert_true(back.withdrawn);
	assert_text(back.why, "No pier was closed.");
	assert_text(back.authors[0].slug, "ann-lee");
	assert_fails(live_withdraw(&r->stet, a, &back, S("x"), S("test")), ERR_CONFLICT, "withdrawn");
	assert_fails(live_edit(&r->stet, a, &back, 0, S("test")), ERR_CONFLICT, "withdrawn");
	struct live_history h = history(r, e.id);
	assert_int_equal(h.n, 3);
	assert_true(str_find(h.v[0].content, S("Pier 14 closed"), 0) != STR_NONE);
	assert_true(str_find(h.v[1].content, S("Pier 4 closed"), 0) != STR_NONE);
	assert_non_null(plant_refused(r, "DELETE FROM live_revision"));
	assert_non_null(plant_refused(r, "UPDATE live_revision SET content = ''"));
}

static void a_correction_stands_at_the_entry_and_on_the_story(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = live_story(r, "Storm"), back;
	struct live_entry e = posted(r, &st, "Pier 14 closed", "");
	struct correction said = { .text = S("It was pier *4*."), .wrong = S(""), .right = S("") };
	assert_ok(live_correct(&r->stet, a, &e, &said, S("test")));
	e = reload(r, e.id);
	assert_int_equal(e.ncorrections, 1);
	assert_true(str_find(e.corrections[0].text, S("<em>4</em>"), 0) != STR_NONE);
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(story_load(c, a, st.id, &back));
	store_done(r->stet.store, c);
	assert_int_equal(back.ncorrections, 1);
	struct entry act = last_act(r);
	assert_true(touches(&act, topic_corrections()));
}

/* The front page is dropped by an entry only if the story's card there changes. */
static void lists_are_touched_only_when_a_card_changes(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = live_story(r, "Storm");
	str_t page = topic_story(a, st.id), stream = topic_live(a, st.id);
	struct live_entry named = posted(r, &st, "Ferry cancelled", "");
	struct entry act = last_act(r);
	assert_text(act.kind, "live.post");
	assert_int_equal(act.subject, st.id);
	assert_true(touches(&act, page) && touches(&act, stream) && touches(&act, topic_front()));
	assert_true(touches(&act, topic_section(a, S("city"))));
	assert_text(act.topics.v[0], str_z(a, page));
	posted(r, &st, "", ""); /* no headline: the card stays as it is */
	act = last_act(r);
	assert_true(touches(&act, page) && touches(&act, stream));
	assert_false(touches(&act, topic_front()));
	named.source = S("More.");
	assert_ok(live_edit(&r->stet, a, &named, 0, S("test")));
	act = last_act(r);
	assert_false(touches(&act, topic_front()));
	named.headline = S("Ferries cancelled");
	assert_ok(live_edit(&r->stet, a, &named, 0, S("test")));
	act = last_act(r);
	assert_true(touches(&act, topic_front()));
	assert_ok(live_end(&r->stet, a, &st, S("test")));
	act = last_act(r);
	assert_true(touches(&act, stream)); /* who reads hears that it has ended */
	named.headline = S("Ferries sail again");
	assert_ok(live_edit(&r->stet, a, &named, 0, S("test")));
	act = last_act(r);
	assert_false(touches(&act, topic_front())); /* the card shows no line any more */
}

static void nobody_hears_of_a_draft(void **state)
{
	struct room *r = *state;
	struct story st = draft("Secret");
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_ok(live_start(&r->stet, r->world.a, &st, S("test")));
	posted(r, &st, "Not yet", "x");
	assert_int_equal(last_act(r).topics.n, 0);
}

static str_t card_line(struct room *r)
{
	struct conn *c;
	struct list list;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(list_stories(c, r->world.a, LIST_ALL, 0, (struct list_key){ 0 }, 1, &list));
	store_done(r->stet.store, c);
	return list.v[0].live_line;
}

static void a_card_says_the_newest(void **state)
{
	struct room *r = *state;
	struct story st = live_story(r, "Storm");
	assert_text(card_line(r), "");
	posted(r, &st, "Ferry cancelled", "");
	assert_text(card_line(r), "Ferry cancelled");
	r->stet.clock.fixed += MINUTE;
	struct live_entry e = posted(r, &st, "Bridge closed at noon", "Bridge closed");
	assert_text(card_line(r), "Bridge closed");
	assert_ok(live_withdraw(&r->stet, r->world.a, &e, S("Not so."), S("test")));
	assert_text(card_line(r), "Ferry cancelled");
}

/* What comes back from a file is what went out, once. */
static void bringing_back_doubles_nothing(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = live_story(r, "Storm"), copy = live_story(r, "Copy");
	struct live_import in = { 0 };
	int64_t changed;
	in.entry = entry_of(&st, "Ferry");
	in.entry.id = 123456789;
	in.entry.time = 5 * SECOND;
	in.entry.key = S("No ferry");
	in.entry.position = 4;
	struct live_import again = in, elsewhere = in;
	assert_ok(live_bring(&r->stet, a, st.id, &in, 1, S("import"), &changed));
	assert_int_equal(changed, 1);
	assert_int_equal(reload(r, 123456789).time, 5 * SECOND);
	assert_int_equal(reload(r, 123456789).position, 4);
	assert_ok(live_bring(&r->stet, a, st.id, &again, 1, S("import"), &changed));
	assert_int_equal(changed, 0);
	assert_int_equal(history(r, 123456789).n, 1);
	assert_fails(live_bring(&r->stet, a, copy.id, &elsewhere, 1, S("import"), &changed), ERR_CONFLICT, "another story");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(only_a_live_blog_takes_entries), ROOM_TEST(an_entry_has_its_limits),
		ROOM_TEST(pages_hold_every_entry_once_newest_first),
		ROOM_TEST(key_points_stand_as_the_editors_order_them),
		ROOM_TEST(nothing_that_was_said_is_lost),
		ROOM_TEST(a_correction_stands_at_the_entry_and_on_the_story),
		ROOM_TEST(lists_are_touched_only_when_a_card_changes),
		ROOM_TEST(nobody_hears_of_a_draft), ROOM_TEST(a_card_says_the_newest),
		ROOM_TEST(bringing_back_doubles_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
