/* test_states.c: what may become of a story, and where readers find it. */
#include "room.h"

static void publishing(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = draft("Out"), empty = draft("Empty"), blind = draft("Blind");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_int_equal(st.published, 0);
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	assert_int_equal(st.state, PUBLISHED);
	assert_int_equal(st.published, r->stet.clock.fixed);
	assert_int_equal(st.updated, 0);
	assert_fails(story_publish(&r->stet, a, &st, S("test")), ERR_CONFLICT, "public already");
	empty.source = S("");
	assert_ok(story_save(&r->stet, a, &empty, 0, S("test")));
	assert_fails(story_publish(&r->stet, a, &empty, S("test")), ERR_INPUT, "body");
	plant(r, "INSERT INTO media (id, hash, format, width, height, bytes, "
	      "name, added) VALUES (9, '0123', 'jpeg', 9, 9, 9, 'x', 1)");
	blind.picture.media.id = 9;
	assert_ok(story_save(&r->stet, a, &blind, 0, S("test")));
	assert_fails(story_publish(&r->stet, a, &blind, S("test")), ERR_INPUT, "alt");
	blind.picture.alt = S("A gull.");
	assert_ok(story_publish(&r->stet, a, &blind, S("test")));
}

static void withdrawing_and_publishing_again(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = draft("Wrong");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_fails(story_withdraw(&r->stet, a, &st, S("why"), S("test")), ERR_CONFLICT, "not public");
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	usec_t first = st.published;
	assert_fails(story_withdraw(&r->stet, a, &st, S(" "), S("test")), ERR_INPUT, "reason");
	assert_ok(story_withdraw(&r->stet, a, &st, S("It was\nnot so."), S("test")));
	assert_text(st.withdrawn_why, "It was not so.");
	assert_int_equal(st.published, first);
	assert_text(listed(r, LIST_ALL, 0), "");
	assert_fails(story_withdraw(&r->stet, a, &st, S("why"), S("test")), ERR_CONFLICT, "not public");
	r->stet.clock.fixed += DAY;
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	assert_int_equal(st.published, first); /* the first time is kept */
	assert_text(st.withdrawn_why, "");
	assert_text(listed(r, LIST_ALL, 0), "Wrong\n");
}

static void correcting(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = draft("Slip");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_fails(story_correct(&r->stet, a, &st, &(struct correction){ .text = S("x") }, S("test")), ERR_CONFLICT, "draft");
	assert_ok(story_publish(&r->stet, a, &st, S("test")));
	assert_fails(story_correct(&r->stet, a, &st, &(struct correction){ .text = S("") }, S("test")), ERR_INPUT, "text");
	r->stet.clock.fixed += HOUR;
	assert_ok(story_correct(&r->stet, a, &st, &(struct correction){ .text = S("It was *Monday*.") }, S("test")));
	assert_int_equal(st.ncorrections, 1);
	assert_int_equal(st.updated, r->stet.clock.fixed);
	assert_true(str_find(st.corrections[0].text, S("<em>Monday</em>"), 0) != STR_NONE);
	assert_ok(story_correct(&r->stet, a, &st, &(struct correction){ .text = S("And Tuesday."), .made = 5 * SECOND }, S("test")));
	assert_int_equal(st.updated, r->stet.clock.fixed); /* an older one does not turn it back */
	st.headline = S("Slip, mended");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	struct story back;
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(story_load(c, a, st.id, &back));
	store_done(r->stet.store, c);
	assert_int_equal(back.ncorrections, 2);
	assert_int_equal(back.corrections[0].made, 5 * SECOND); /* oldest first */
	assert_non_null(plant_refused(r, "DELETE FROM correction"));
	assert_non_null(plant_refused(r, "UPDATE correction SET text = ''"));
}

/* A tag's, an author's and a section's list hold what is public, whatever became of it since. */
static void lists_hold_only_what_is_public(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct author ann = { .name = S("Ann") };
	struct tag mud = { .name = S("Mud") };
	struct story st[3];
	static const char *const headlines[] = { "Draft", "Public", "Withdrawn" };
	for (int i = 0; i < 3; i++) {
		r->stet.clock.fixed += HOUR;
		st[i] = draft(headlines[i]);
		st[i].authors = &ann, st[i].nauthors = 1, st[i].tags = &mud, st[i].ntags = 1;
		assert_ok(story_save(&r->stet, a, &st[i], 0, S("test")));
		if (i)
			assert_ok(story_publish(&r->stet, a, &st[i], S("test")));
	}
	assert_ok(story_withdraw(&r->stet, a, &st[2], S("Not so."), S("test")));
	assert_text(listed(r, LIST_ALL, 0), "Public\n");
	assert_text(listed(r, LIST_SECTION, st[1].section.id), "Public\n");
	assert_text(listed(r, LIST_TAG, st[1].tags[0].id), "Public\n");
	assert_text(listed(r, LIST_AUTHOR, st[1].authors[0].id), "Public\n");
	assert_ok(story_publish(&r->stet, a, &st[0], S("test")));
	assert_text(listed(r, LIST_TAG, mud.id), "Draft\nPublic\n");
	st[1].ntags = 0;
	assert_ok(story_save(&r->stet, a, &st[1], 0, S("test")));
	assert_text(listed(r, LIST_TAG, mud.id), "Draft\n");
	struct tag tide = { .name = S("Mud, wet"), .slug = S("mud") }; /* the same tag */
	st[1].tags = &tide, st[1].ntags = 1;
	assert_ok(story_save(&r->stet, a, &st[1], 0, S("test")));
	assert_text(listed(r, LIST_TAG, mud.id), "Draft\nPublic\n");
}

/* Pages of a list: every story once, in one order, though many have one time. */
static void keys_with_equal_times(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	enum { STORIES = 23, PAGE = 5 };
	for (int i = 0; i < STORIES; i++) {
		struct story st = draft(str_z(a, str_format(a, "S%02d", i)));
		st.state = PUBLISHED;
		st.published = r->stet.clock.fixed - (i % 3 == 0) * SECOND;
		assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	}
	bool seen[STORIES] = { false };
	struct list_key key = { 0 };
	struct list list;
	size_t all = 0;
	do {
		struct conn *c;
		assert_ok(store_reader(r->stet.store, &c));
		assert_ok(list_stories(c, a, LIST_ALL, 0, key, PAGE, &list));
		store_done(r->stet.store, c);
		for (size_t i = 0; i < list.n; i++) {
			int64_t n;
			assert_true(str_int(str_slice(list.v[i].headline, 1, 3), &n));
			assert_false(seen[n]);
			seen[n] = true;
			all++;
			struct list_key next = { list.v[i].published, list.v[i].id };
			assert_true(!key.id || next.published < key.published ||
				    (next.published == key.published && next.id < key.id));
			key = next;
		}
		assert_true(list.n == PAGE || !list.more);
	} while (list.more);
	assert_int_equal(all, STORIES);
}

static void people_find_a_story_by_any_of_its_names(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = public_story(r, "The harbour"), found;
	const char *const names[] = {
		"the-harbour", "/city/the-harbour", "city/the-harbour",
		str_z(a, id_text(a, st.id)), "http://127.0.0.1:8080/city/the-harbour",
	};
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	for (size_t i = 0; i < COUNT(names); i++) {
		err_t e = story_find(c, a, str_of(names[i]), &found);
		if (e)
			fail_msg("%s: %s", names[i], err_text(e));
		assert_int_equal(found.id, st.id);
	}
	assert_fails(story_find(c, a, S("nothing"), &found), ERR_MISSING, "nothing");
	assert_fails(story_load(c, a, 7, &found), ERR_MISSING, "");
	store_done(r->stet.store, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(publishing), ROOM_TEST(withdrawing_and_publishing_again),
		ROOM_TEST(correcting), ROOM_TEST(lists_hold_only_what_is_public),
		ROOM_TEST(keys_with_equal_times), ROOM_TEST(people_find_a_story_by_any_of_its_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
