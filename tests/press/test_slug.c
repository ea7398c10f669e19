/* test_slug.c: addresses from words. */
#include "room.h"

#include "press/limits.h"

static void words_become_addresses(void **state)
{
	struct room *r = *state;
	static const struct {
		const char *text, *slug;
	} rows[] = {
		{ "The harbour opens again", "the-harbour-opens-again" },
		{ "  --Mud, mud & mud!--  ", "mud-mud-mud" },
		{ "It’s O'Rourke's", "its-orourkes" },
		{ "Größe ÆØÅ Łódź Čeština œuvre", "grosse-aeoa-lodz-cestina-oeuvre" },
		{ "Þórður straße Ĳssel İstanbul ş ț", "thordur-strasse-ijssel-istanbul-s-t" },
		{ "Cafe\xcc\x81 au lait", "cafe-au-lait" }, /* a mark of its own */
		{ "港の朝", "港の朝" },
		{ "مرحبا بالميناء", "مرحبا-بالميناء" },
		{ "Гавань 2024", "Гавань-2024" },
		{ "🦀 crab 🦀", "crab" },
		{ "\xe2\x80\xae" "reversed\xe2\x80\xac", "reversed" },
		{ "a\xff" "b", "a-b" },
		{ "100 % – “quoted” …", "100-quoted" },
		{ "", "" }, { "!?…🦀", "" },
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_text(slug_from(r->world.a, str_of(rows[i].text)), rows[i].slug);
}

static void an_address_is_short_and_whole(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct buf b = buf_new(a, 1000);
	for (int i = 0; i < 100; i++) {
		buf_add(&b, S("港"));
		str_t slug = slug_from(a, buf_str(&b));
		assert_true(slug.n <= SLUG_MOST && str_is_utf8(slug, NULL) && slug.n % 3 == 0);
	}
	buf_clear(&b);
	for (int i = 0; i < 100; i++) {
		buf_add(&b, S("ab cd "));
		str_t slug = slug_from(a, buf_str(&b));
		assert_true(slug.n <= SLUG_MOST && !str_ends(slug, S("-")));
		assert_ok(slug_check("slug", slug));
	}
}

/* What slug_from makes, slug_check takes, and making it again changes nothing. */
static void what_is_made_is_taken(void **state)
{
	struct room *r = *state;
	arena_t *a = arena_create(0);
	struct buf b = buf_new(r->world.a, 16);
	for (uint32_t rune = 1; rune < 0x32000; rune++) {
		buf_clear(&b);
		buf_add(&b, S("x"));
		buf_add_rune(&b, rune);
		buf_add(&b, S("y"));
		str_t slug = slug_from(a, buf_str(&b));
		err_t e = slug_check("slug", slug);
		if (e || !str_eq(slug_from(a, slug), slug))
			fail_msg("U+%04X: %.*s: %s", rune, STR(slug), err_text(e));
		arena_reset(a);
	}
	arena_free(a);
}

static void what_is_no_address_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "Upper", "two words", "a/b", "a.b", "a?b", "a%20b",
					   "a\xff", "..", "a\"b", "<b>", "a\n", "\xe2\x80\xae" };
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(slug_check("slug", str_of(bad[i])), ERR_INPUT, "slug: ");
	char most[SLUG_MOST + 2];
	memset(most, 'a', sizeof most);
	assert_ok(slug_check("slug", str_from(most, SLUG_MOST)));
	assert_fails(slug_check("slug", str_from(most, SLUG_MOST + 1)), ERR_INPUT, "at most 80");
}

static void words_of_the_house_are_taken(void **state)
{
	struct room *r = *state;
	static const char *const words[] = { "tag", "author", "media", "assets", "search", "record",
					     "account", "forum", "desk", "api", "static", "robots" };
	for (size_t i = 0; i < COUNT(words); i++) {
		assert_fails(slug_check_top("slug", str_of(words[i])), ERR_INPUT, words[i]);
		assert_ok(slug_check("slug", str_of(words[i])));
		struct section s = { .name = str_of(words[i]), .slug = str_of(words[i]) };
		assert_fails(section_save(&r->stet, r->world.a, &s, S("test")), ERR_INPUT, "slug");
		struct story page = draft("A page");
		page.kind = STATIC_PAGE;
		page.slug = str_of(words[i]);
		assert_fails(story_save(&r->stet, r->world.a, &page, 0, S("test")), ERR_INPUT, "slug");
	}
}

static void bylines(void **state)
{
	struct room *r = *state;
	struct author v[] = { { .name = S("Ann Lee") }, { .name = S("Bo Chan") }, { .name = S("Cy Dee") } };
	assert_text(byline(r->world.a, v, 0, S(" and ")), "");
	assert_text(byline(r->world.a, v, 1, S(" and ")), "Ann Lee");
	assert_text(byline(r->world.a, v, 2, S(" and ")), "Ann Lee and Bo Chan");
	assert_text(byline(r->world.a, v, 3, S(" and ")), "Ann Lee, Bo Chan and Cy Dee");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(words_become_addresses), ROOM_TEST(an_address_is_short_and_whole),
		ROOM_TEST(what_is_made_is_taken), ROOM_TEST(what_is_no_address_is_refused),
		ROOM_TEST(words_of_the_house_are_taken), ROOM_TEST(bylines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
