/* test_save.c: what a story must be to be saved, and what a save leaves behind. */
#include "room.h"

#include "press/limits.h"

#include <jansson.h>
#include <stdlib.h>

static str_t long_text(struct room *r, size_t n)
{
	struct buf b = buf_new(r->world.a, 2 * n);
	for (size_t i = 0; i < n; i++)
		buf_add(&b, S("ö"));
	return buf_str(&b);
}

/* The save is refused, the message names the field, and neither the caller's story nor the database
 * shows a mark of it. */
static void refused(struct room *r, struct story st, const char *field, const char *says)
{
	static const struct sql entries = { "SELECT count(*) FROM entry" };
	int64_t before = world_int(&r->world, &entries);
	str_t headline = st.headline, slug = st.slug;
	err_t e = story_save(&r->stet, r->world.a, &st, 0, S("test"));
	if (!e)
		fail_msg("%s: was saved", field);
	assert_non_null(e->field);
	assert_string_equal(e->field, field);
	if (!strstr(err_text(e), field) || !strstr(err_text(e), says))
		fail_msg("\"%s\" does not say \"%s\"", err_text(e), says);
	assert_true(str_eq(st.headline, headline) && str_eq(st.slug, slug) && st.revision == 0);
	assert_int_equal(world_int(&r->world, &entries), before);
	err_free(e);
}

static void every_field_has_its_limit(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = draft("A");
	st.headline = long_text(r, HEADLINE_MOST);
	st.standfirst = long_text(r, STANDFIRST_MOST);
	st.dateline = long_text(r, DATELINE_MOST);
	st.picture.alt = long_text(r, CAPTION_MOST);
	st.picture.caption = long_text(r, CAPTION_MOST);
	st.picture.credit = long_text(r, CREDIT_MOST);
	struct story most = st;
	assert_ok(story_save(&r->stet, a, &most, 0, S("test")));

	struct story s = st;
	s.headline = long_text(r, HEADLINE_MOST + 1);
	refused(r, s, "headline", "at most 300");
	s.headline = S(" \n\t ");
	refused(r, s, "headline", "empty");
	s.headline = S("a\xff");
	refused(r, s, "headline", "UTF-8 at byte 2");
	s = st, s.standfirst = long_text(r, STANDFIRST_MOST + 1);
	refused(r, s, "standfirst", "at most 1000");
	s = st, s.dateline = long_text(r, DATELINE_MOST + 1);
	refused(r, s, "dateline", "at most 80");
	s = st, s.picture.alt = long_text(r, CAPTION_MOST + 1);
	refused(r, s, "alt", "at most 2000");
	s = st, s.picture.caption = long_text(r, CAPTION_MOST + 1);
	refused(r, s, "caption", "at most 2000");
	s = st, s.picture.credit = long_text(r, CREDIT_MOST + 1);
	refused(r, s, "credit", "at most 300");
	s = st, s.slug = S("Not one");
	refused(r, s, "slug", "lower-case");
	s = st, s.section.slug = S("nowhere");
	refused(r, s, "section", "no section \"nowhere\"");
	s.section.slug = S("");
	refused(r, s, "section", "empty");
	s = st, s.source = S("text\xc0\x80");
	refused(r, s, "body", "UTF-8 at byte 5");
	s.source = long_text(r, SOURCE_MOST / 2 + 1);
	refused(r, s, "body", "at most");
	struct correction k = { .made = 1, .text = long_text(r, CORRECTION_MOST + 1) };
	s = st, s.corrections = &k, s.ncorrections = 1;
	refused(r, s, "corrections", "at most 5000");
	k.text = S("<p></p>");
	refused(r, s, "corrections", "empty");
}

static void people_and_tags(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct author *many = arena_array(a, AUTHORS_MOST + 1, sizeof *many);
	struct tag *tags = arena_array(a, TAGS_MOST + 1, sizeof *tags);
	for (int i = 0; i <= AUTHORS_MOST; i++)
		many[i] = (struct author){ .name = str_format(a, "Author %d", i) };
	for (int i = 0; i <= TAGS_MOST; i++)
		tags[i] = (struct tag){ .name = str_format(a, "Tag %d", i) };
	struct story st = draft("Many hands");
	st.authors = many, st.nauthors = AUTHORS_MOST + 1;
	refused(r, st, "authors", "at most 50");
	st.nauthors = 0, st.tags = tags, st.ntags = TAGS_MOST + 1;
	refused(r, st, "tags", "at most 50");
	st.ntags = 1, tags[0].name = S("");
	refused(r, st, "tags", "empty");
	tags[0].name = S("🦀");
	refused(r, st, "tags", "empty");
	tags[0].name = long_text(r, NAME_MOST + 1);
	refused(r, st, "tags", "at most 200");
	/* In their order; one named twice is one. */
	tags[0].name = S("Mud"), tags[1].name = S("Tide"), tags[2].name = S("mud");
	st.ntags = 3, st.authors = many, st.nauthors = 2;
	many[0].name = S("Zoë"), many[1].name = S("Ann");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	struct story back;
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(story_load(c, a, st.id, &back));
	store_done(r->stet.store, c);
	assert_int_equal(back.ntags, 2);
	assert_text(back.tags[0].name, "Mud");
	assert_text(back.tags[1].slug, "tide");
	assert_int_equal(back.nauthors, 2);
	assert_text(back.authors[0].slug, "zoe");
	assert_text(back.authors[1].name, "Ann");
}

static void text_is_cleaned(void **state)
{
	struct room *r = *state;
	struct story st = draft("Line\none\x01 two");
	st.format = HTML;
	st.source = S("<p onclick=x>Five words stand in here<script>alert(1)</script></p>");
	st.standfirst = S("<em>So</em><script>alert(1)</script> <p>it goes</p>");
	st.picture.caption = S("<img src=x onerror=y>Mud");
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_text(st.headline, "Line one  two");
	assert_text(st.slug, "line-one-two");
	assert_true(str_find(st.body, S("<p>Five words"), 0) == 0);
	assert_true(str_find(st.body, S("script"), 0) == STR_NONE);
	assert_true(str_find(st.body, S("onclick"), 0) == STR_NONE);
	assert_int_equal(st.words, 5);
	assert_true(str_find(st.standfirst, S("<em>So</em>"), 0) == 0);
	assert_true(str_find(st.standfirst, S("script"), 0) == STR_NONE);
	assert_true(str_find(st.picture.caption, S("onerror"), 0) == STR_NONE);
}

static void each_save_is_a_revision_for_ever(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = public_story(r, "First");
	for (int i = 0; i < 3; i++) {
		st.headline = str_format(a, "Headline %d", i);
		assert_ok(story_save(&r->stet, a, &st, st.revision, S("staff:7")));
	}
	assert_int_equal(st.revision, 5);
	struct conn *c;
	struct revision v;
	assert_ok(store_reader(r->stet.store, &c));
	static const char *const headlines[] = { "First", "First", "Headline 0", "Headline 1", "Headline 2" };
	usec_t last = 0;
	for (int i = 0; i < 5; i++) {
		assert_ok(revision_load(c, a, st.id, i + 1, &v));
		json_t *j = json_loadb(v.content.p, v.content.n, 0, NULL);
		assert_string_equal(json_string_value(json_object_get(j, "headline")), headlines[i]);
		json_decref(j);
		assert_true(v.saved > last); /* though the clock stands */
		last = v.saved;
		assert_text(v.state, i ? "published" : "draft");
		assert_text(v.actor, i < 2 ? "test" : "staff:7");
	}
	assert_fails(revision_load(c, a, st.id, 6, &v), ERR_MISSING, "no revision 6");
	store_done(r->stet.store, c);
	static const char *const attempts[] = {
		"DELETE FROM revision", "UPDATE revision SET content = '{}'",
		"UPDATE revision SET actor = 'nobody' WHERE number = 1",
	};
	for (size_t i = 0; i < COUNT(attempts); i++) {
		const char *why = plant_refused(r, attempts[i]);
		assert_non_null(why);
		assert_non_null(strstr(why, "revision is"));
	}
}

static void the_second_of_two_editors_is_told(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story mine = public_story(r, "Shared"), theirs = mine;
	theirs.headline = S("Theirs");
	assert_ok(story_save(&r->stet, a, &theirs, theirs.revision, S("test")));
	struct story before = mine;
	mine.headline = S("Mine");
	assert_fails(story_save(&r->stet, a, &mine, before.revision, S("test")), ERR_CONFLICT, "saved meanwhile");
	assert_fails(story_withdraw(&r->stet, a, &mine, S("why"), S("test")), ERR_CONFLICT, "saved meanwhile");
	assert_fails(story_correct(&r->stet, a, &mine, &(struct correction){ .text = S("It was Monday.") }, S("test")), ERR_CONFLICT, "saved meanwhile");
	assert_int_equal(mine.revision, before.revision);
	assert_int_equal(mine.state, PUBLISHED);
	assert_ok(story_save(&r->stet, a, &mine, 0, S("test"))); /* over it, as was asked */
	assert_int_equal(mine.revision, theirs.revision + 1);
}

static void moved_stories_are_found(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct story st = public_story(r, "One");
	assert_null(leads_to(r, "/city/one").p);
	st.slug = S("two");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_text(leads_to(r, "/city/one"), "/city/two");
	st.section.slug = S("sport");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_text(leads_to(r, "/city/one"), "/sport/two"); /* at once, not in steps */
	assert_text(leads_to(r, "/city/two"), "/sport/two");
	/* It takes its first address back. */
	st.slug = S("one"), st.section.slug = S("city");
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	assert_null(leads_to(r, "/city/one").p);
	assert_text(leads_to(r, "/sport/two"), "/city/one");
	/* Another story takes one that was left. */
	struct story other = draft("Two");
	other.section.slug = S("sport");
	assert_ok(story_save(&r->stet, a, &other, 0, S("test")));
	assert_null(leads_to(r, "/sport/two").p);
	assert_text(leads_to(r, "/city/two"), "/city/one");
}

static void a_draft_leaves_no_address_and_is_found_by_none(void **state)
{
	struct room *r = *state;
	struct story st = draft("Quiet");
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	st.slug = S("quieter");
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_null(leads_to(r, "/city/quiet").p);
	plant(r, "INSERT INTO redirect (path, story) SELECT '/old', id FROM story");
	assert_null(leads_to(r, "/old").p);
	assert_ok(story_publish(&r->stet, r->world.a, &st, S("test")));
	assert_text(leads_to(r, "/old"), "/city/quieter");
	plant(r, "INSERT INTO redirect (path, target) VALUES ('/away', 'https://other.example/')");
	assert_text(leads_to(r, "/away"), "https://other.example/");
}

static void two_stories_never_share_an_address(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	public_story(r, "Same");
	struct story again = draft("Same");
	refused(r, again, "slug", "another story's");
	struct story page = draft("Same");
	page.kind = STATIC_PAGE;
	assert_ok(story_save(&r->stet, a, &page, 0, S("test")));
	struct story city = draft("City");
	city.kind = STATIC_PAGE;
	refused(r, city, "slug", "is a section");
	struct section same = { .name = S("Same") };
	assert_fails(section_save(&r->stet, a, &same, S("test")), ERR_CONFLICT, "is a page");
}

static void a_page_has_no_section_tags_or_byline(void **state)
{
	struct room *r = *state;
	struct author ann = { .name = S("Ann") };
	struct tag mud = { .name = S("Mud") };
	struct story page = draft("About");
	page.kind = STATIC_PAGE;
	page.authors = &ann, page.nauthors = 1, page.tags = &mud, page.ntags = 1;
	page.state = PUBLISHED;
	assert_ok(story_save(&r->stet, r->world.a, &page, 0, S("test")));
	assert_text(story_path(r->world.a, &page), "/about");
	assert_int_equal(page.section.id, 0);
	assert_int_equal(page.nauthors, 0);
	assert_int_equal(page.ntags, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(every_field_has_its_limit), ROOM_TEST(people_and_tags),
		ROOM_TEST(text_is_cleaned), ROOM_TEST(each_save_is_a_revision_for_ever),
		ROOM_TEST(the_second_of_two_editors_is_told), ROOM_TEST(moved_stories_are_found),
		ROOM_TEST(a_draft_leaves_no_address_and_is_found_by_none),
		ROOM_TEST(two_stories_never_share_an_address),
		ROOM_TEST(a_page_has_no_section_tags_or_byline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
