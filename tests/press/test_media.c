/* test_media.c: the addresses of pictures, and pictures in bodies. Taking them in runs the program
 * itself; tests/site/ sees to that. */
#include "room.h"

#include "press/media.h"

static const struct {
	int         width, height, src, src_height;
	const char *avif;
	bool        tall;
} sizes[] = {
	{ 4000, 2000, 960, 480, "/media/H/320.avif 320w, /media/H/480.avif 480w, /media/H/640.avif 640w, "
	  "/media/H/960.avif 960w, /media/H/1280.avif 1280w, /media/H/1600.avif 1600w, "
	  "/media/H/2000.avif 2000w", false },
	{ 700, 1400, 640, 1280, "/media/H/320.avif 320w, /media/H/480.avif 480w, /media/H/640.avif 640w",
	  true },
	{ 320, 320, 320, 320, "/media/H/320.avif 320w", false },
	{ 100, 1, 100, 1, "/media/H/100.avif 100w", false },
	{ 4000, 1, 960, 1, NULL, false },
	{ 1, 9000, 1, 9000, "/media/H/1.avif 1w", true },
};

static void sizes_and_addresses(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct media m = { .id = 1, .hash = S("H"), .width = sizes[i].width,
				   .height = sizes[i].height };
		json_t *j = media_view(a, &m);
		assert_int_equal(json_integer_value(json_object_get(j, "width")), sizes[i].src);
		assert_int_equal(json_integer_value(json_object_get(j, "height")), sizes[i].src_height);
		assert_int_equal(json_is_true(json_object_get(j, "tall")), sizes[i].tall);
		if (sizes[i].avif)
			assert_string_equal(json_string_value(json_object_get(j, "avif")), sizes[i].avif);
		assert_text(media_src(a, &m), str_z(a, str_format(a, "/media/H/%d.jpg", sizes[i].src)));
		json_decref(j);
	}
	assert_null(media_view(a, &(struct media){ 0 }));
	assert_text(media_url(a, &(struct media){ .hash = S("H") }, 640, MEDIA_WEBP), "/media/H/640.webp");
}

static str_t expand(struct room *r, const char *html)
{
	struct conn *c;
	str_t out;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(media_expand(c, r->world.a, str_of(html), &out));
	store_done(r->stet.store, c);
	return out;
}

#define HASH "0123456789abcdef0123456789abcdef"

static void pictures_in_bodies(void **state)
{
	struct room *r = *state;
	plant(r, "INSERT INTO media (id, hash, format, width, height, bytes, "
	      "name, added) VALUES (9, '" HASH "', 'jpeg', 1000, 500, 9, 'gull.jpg', 1)");
	str_t out = expand(r, "<p>A</p><figure><img src=\"/media/" HASH "\" alt=\"A &amp; b\"></figure><p>Z</p>");
	static const char *const parts[] = {
		"<p>A</p><figure><picture>", "type=\"image/avif\"", "type=\"image/webp\"",
		"/media/" HASH "/960.avif 960w", "src=\"/media/" HASH "/960.jpg\"", "alt=\"A &amp; b\"",
		"width=\"960\"", "height=\"480\"", "</picture></figure><p>Z</p>",
	};
	for (size_t i = 0; i < COUNT(parts); i++)
		if (str_find(out, str_of(parts[i]), 0) == STR_NONE)
			fail_msg("\"%s\" is not in %.*s", parts[i], STR(out));
	static const char *const kept[] = {
		"", "<p>None</p>", "<p>/media/" HASH "</p>", "<p>&lt;img src=\"/media/" HASH "\"&gt;</p>",
	};
	for (size_t i = 0; i < COUNT(kept); i++)
		assert_text(expand(r, kept[i]), kept[i]);
	/* One that is not there does no harm, and two are two. */
	expand(r, "<img src=\"/media/ffffffffffffffffffffffffffffffff\" alt=\"\">");
	expand(r, "<img src=\"/media/\"><img src=\"/media/" HASH);
	out = expand(r, "<img src=\"/media/" HASH "\" alt=\"1\"><img src=\"/media/" HASH "\" alt=\"2\">");
	size_t first = str_find(out, S("<picture>"), 0);
	assert_true(first != STR_NONE && str_find(out, S("<picture>"), first + 1) != STR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(sizes_and_addresses), ROOM_TEST(pictures_in_bodies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
