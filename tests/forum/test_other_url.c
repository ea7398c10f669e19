/* test_other_url.c: one address for a page of another site, and nothing in it that could mean more. */
#include "judging.h"

#include "forum/elsewhere.h"

static void assert_page(arena_t *a, const char *said, const char *origin, const char *url)
{
	str_t o, u;
	assert_null(other_url(a, str_of(said), &o, &u));
	assert_string_equal(str_z(a, o), origin);
	assert_string_equal(str_z(a, u), url);
}

static void assert_no_page(arena_t *a, str_t said)
{
	str_t o, u;
	err_t e = other_url(a, said, &o, &u);
	if (!e)
		fail_msg("\"%.*s\" was taken", STR(said));
	assert_int_equal(e->code, ERR_INPUT);
	err_free(e);
}

static void a_page_has_one_address(void **state)
{
	struct bench *b = *state;
	arena_t *a = b->a;
	const char *here = "https://example.org", *page = "https://example.org/a";
	assert_page(a, "https://example.org/a", here, page);
	assert_page(a, " HTTPS://EXAMPLE.ORG:443/a#part ", here, page);
	assert_page(a, "https://example.org/a?utm_source=x&fbclid=y&", here, page);
	assert_page(a, "https://example.org/a?", here, page);
	assert_page(a, "https://example.org", here, "https://example.org/");
	assert_page(a, "https://example.org?id=1", here, "https://example.org/?id=1");
	assert_page(a, "https://example.org/a?b=2&utm_medium=z&a=1#x?y", here, "https://example.org/a?b=2&a=1");
	assert_page(a, "https://example.org:8443/%C3%A9", "https://example.org:8443", "https://example.org:8443/%C3%A9");
	assert_page(a, "https://example.org/what's-new?a={b|c}", here, "https://example.org/what%27s-new?a=%7Bb%7Cc%7D");
	assert_page(a, "https://example.org/what%27s-new", here, "https://example.org/what%27s-new");
	assert_page(a, "http://localhost:80/x", "http://localhost", "http://localhost/x");
	assert_page(a, "https://[2001:DB8::1]:8/x", "https://[2001:db8::1]:8", "https://[2001:db8::1]:8/x");
}

static void what_could_mean_more_is_no_address(void **state)
{
	static const char *const wrong[] = {
		"", "example.org", "//example.org", "ftp://example.org", "javascript:alert(1)", "https://", "https:///a",
		"http://example.org/", "https://a b.example/", "https://u:p@example.org/", "https://*.example.org/",
		"https://example.org;/", "https://example.org'/", "https://example.org\"/", "https://example.org:/",
		"https://example.org:0/", "https://example.org:65536/", "https://example.org:1x/", "https://.example.org/",
		"https://example..org/", "https://-example.org/", "https://example.org/a/../b", "https://example.org/.",
		"https://example.org/%", "https://example.org/%2", "https://example.org/?a=%g0", "https://example.org/\xc3\xa9",
		"https://ex\xc3\xa4mple.org/", "https://example.org/a\nb", "https://example.org\\@evil.example/", "https://[::1/",
		"https://[]/", "https://example.org/<script>", "http://127.0.0.1.example.org/", "http://localhost.example.org/",
	};
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_no_page(b->a, str_of(wrong[i]));
	struct buf long_one = buf_new(b->a, 600);
	buf_add(&long_one, S("https://example.org/"));
	while (long_one.n < 500)
		buf_add_char(&long_one, 'x');
	assert_no_page(b->a, buf_str(&long_one));
	assert_no_page(b->a, str_from("https://example.org/\0a", 22));
}

static void a_site_is_an_origin_alone(void **state)
{
	struct bench *b = *state;
	str_t o;
	assert_null(other_origin(b->a, S("https://Example.org/"), &o));
	assert_string_equal(str_z(b->a, o), "https://example.org");
	err_t e = other_origin(b->a, S("https://example.org/a"), &o);
	assert_non_null(e);
	assert_string_equal(e->key, "elsewhere.path");
	err_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORUM_TEST(a_page_has_one_address),
		FORUM_TEST(what_could_mean_more_is_no_address),
		FORUM_TEST(a_site_is_an_origin_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
