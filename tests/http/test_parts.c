/* test_parts.c: paths, queries, forms, cookies and header values. */
#include "http/cookie.h"
#include "http/form.h"
#include "http/limits.h"
#include "http/path.h"
#include "http/values.h"
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int begin(void **state)
{
	*state = arena_create(0);
	return 0;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

static void equal(str_t got, const char *wanted)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("got \"%.*s\", wanted \"%s\"", STR(got), wanted);
}

static void a_path_has_one_spelling(void **state)
{
	static const char *const pairs[][2] = {
		{ "/", "/" },
		{ "/world/harbour", "/world/harbour" },
		{ "/world/", "/world/" },
		{ "//world///harbour//", "/world/harbour/" },
		{ "/%77orld", "/world" },
		{ "/caf%C3%A9", "/caf\xc3\xa9" },
		{ "/a%20b+c", "/a b+c" },
		{ "/...", "/..." },
		{ "/.well-known/x", "/.well-known/x" },
		{ "/a%25b", "/a%b" },
		{ "/%252e%252e", "/%2e%2e" },
	};
	for (size_t i = 0; i < COUNT(pairs); i++) {
		str_t out;
		assert_null(path_canonical(*state, str_of(pairs[i][0]), &out));
		equal(out, pairs[i][1]);
	}
}

static void an_ambiguous_path_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "world", "/..", "/../etc/passwd", "/a/../b", "/a/./b", "/.", "/a/%2e%2e/b",
		"/%2E", "/a%2fb", "/a%2Fb", "/a\\b", "/a%5cb", "/a%00b", "/a%0d%0ab", "/a%7f",
		"/%zz", "/%4", "/%", "/a b", "/a\tb", "/caf\xc3\xa9", "/%ff", "/%c0%af",
		"/%ed%a0%80", "/a#b",
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		str_t out;
		err_t e = path_canonical(*state, str_of(bad[i]), &out);
		if (!e)
			fail_msg("accepted \"%s\"", bad[i]);
		assert_int_equal(e->code, ERR_INPUT);
		err_free(e);
	}
}

static void a_path_has_a_bounded_number_of_segments(void **state)
{
	struct buf b = buf_new(*state, 0);
	for (int i = 0; i < LIMIT_SEGMENTS; i++)
		buf_add(&b, S("/a"));
	str_t out;
	assert_null(path_canonical(*state, buf_str(&b), &out));
	buf_add(&b, S("/a"));
	err_t e = path_canonical(*state, buf_str(&b), &out);
	assert_non_null(e);
	err_free(e);
}

static void a_target_is_split_into_path_and_query(void **state)
{
	struct request *q = request_make(*state, NULL);
	str_t authority;
	assert_null(target_parse(q, S("/a/b?x=1&y=%26+z?"), &authority));
	equal(q->path, "/a/b");
	equal(q->target, "/a/b?x=1&y=%26+z?");
	equal(params_get(&q->query, "x"), "1");
	equal(params_get(&q->query, "y"), "& z?");
	assert_null(authority.p);
	assert_null(params_get(&q->query, "z").p);
}

static void an_absolute_target_gives_its_authority(void **state)
{
	struct request *q = request_make(*state, NULL);
	str_t authority;
	assert_null(target_parse(q, S("http://example.org:81/a?b"), &authority));
	equal(authority, "example.org:81");
	equal(q->path, "/a");
	assert_null(target_parse(q, S("HTTPS://example.org"), &authority));
	equal(q->path, "/");
	equal(q->target, "/");
	assert_null(target_parse(q, S("http://example.org?q=1"), &authority));
	equal(q->path, "/");
	equal(q->target, "/?q=1");
	static const char *const bad[] = { "ftp://x/", "http:///a", "http://u@h/", "*", "x", "" };
	for (size_t i = 0; i < COUNT(bad); i++) {
		err_t e = target_parse(q, str_of(bad[i]), &authority);
		if (!e)
			fail_msg("accepted \"%s\"", bad[i]);
		err_free(e);
	}
}

static void an_encoded_path_reads_back(void **state)
{
	str_t path = S("/caf\xc3\xa9/a b%?#[x]\"<"), back;
	str_t encoded = path_encode(*state, path);
	equal(encoded, "/caf%C3%A9/a%20b%25%3F%23%5Bx%5D%22%3C");
	assert_null(path_canonical(*state, encoded, &back));
	assert_true(str_eq(path, back));
}

static void a_form_is_decoded_in_order(void **state)
{
	struct params p;
	assert_null(form_parse(*state, S("a=1&b=%E2%82%AC+x&a=2&&empty=&bare&100%=%zz&=v"), 64, &p));
	static const char *const wanted[][2] = {
		{ "a", "1" }, { "b", "\xe2\x82\xac x" }, { "a", "2" },      { "empty", "" },
		{ "bare", "" }, { "100%", "%zz" },       { "", "v" },
	};
	assert_int_equal(p.n, COUNT(wanted));
	for (size_t i = 0; i < p.n; i++) {
		equal(p.v[i].name, wanted[i][0]);
		equal(p.v[i].value, wanted[i][1]);
	}
	equal(params_get(&p, "a"), "1");
	assert_null(form_parse(*state, S(""), 64, &p));
	assert_int_equal(p.n, 0);
}

static void a_form_with_too_many_or_bad_fields_is_refused(void **state)
{
	static const char *const bad[] = { "a=%00", "a=%ff", "%01=x", "a=%7f", "a&b&c&d&e" };
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct params p;
		err_t e = form_parse(*state, str_of(bad[i]), 4, &p);
		if (!e)
			fail_msg("accepted \"%s\"", bad[i]);
		err_free(e);
	}
	struct params p;
	assert_null(form_parse(*state, S("a&b&c&d&&&"), 4, &p));
	assert_null(form_parse(*state, S("text=line%0D%0Aline%09x"), 4, &p));
}

static void a_form_written_out_reads_back(void **state)
{
	struct param v[] = { { S("q"), S("a&b=c d+e%\xc3\xa9") }, { S("n m"), S("") } };
	struct params p = { v, 2 }, back;
	str_t text = form_format(*state, &p);
	equal(text, "q=a%26b%3Dc+d%2Be%25%C3%A9&n+m=");
	assert_null(form_parse(*state, text, 4, &back));
	assert_true(str_eq(back.v[0].value, v[0].value) && str_eq(back.v[1].name, v[1].name));
}

static void a_cookie_is_found_among_others(void **state)
{
	(void)state;
	str_t header = S("a=1; session=abc; xsession=no; q=\"w\"; session=second; bad; e=");
	equal(cookie_find(header, "session"), "abc");
	equal(cookie_find(header, "a"), "1");
	equal(cookie_find(header, "q"), "w");
	assert_non_null(cookie_find(header, "e").p);
	assert_int_equal(cookie_find(header, "e").n, 0);
	assert_null(cookie_find(header, "bad").p);
	assert_null(cookie_find(header, "none").p);
	assert_null(cookie_find(S("a=x y"), "a").p);
	assert_null(cookie_find(S("a=x\\y"), "a").p);
	assert_null(cookie_find(S(""), "a").p);
}

static void cookies_of_several_fields_are_one_set(void **state)
{
	struct request *q = request_make(*state, "cookie", "a=1", "cookie", "b=2; c=3", NULL);
	equal(request_cookie(q, "a"), "1");
	equal(request_cookie(q, "c"), "3");
	assert_null(request_cookie(q, "d").p);
}

static void a_cookie_is_written_with_its_attributes(void **state)
{
	str_t out;
	struct cookie c = { .name = "__Host-session", .value = S("x1"), .max_age = 60,
			    .secure = true, .http_only = true };
	assert_null(cookie_format(*state, &c, &out));
	equal(out, "__Host-session=x1; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax");
	c = (struct cookie){ .name = "t", .value = S(""), .path = "/a", .domain = "example.org",
			     .max_age = -1, .same_site = SAME_SITE_STRICT };
	assert_null(cookie_format(*state, &c, &out));
	equal(out, "t=; Path=/a; Domain=example.org; SameSite=Strict");
}

static void a_cookie_that_breaks_its_promise_is_refused(void **state)
{
	struct cookie bad[] = {
		{ .name = "__Host-a", .value = S("x") },
		{ .name = "__Host-a", .value = S("x"), .secure = true, .path = "/x" },
		{ .name = "__Host-a", .value = S("x"), .secure = true, .domain = "example.org" },
		{ .name = "__host-a", .value = S("x") },
		{ .name = "__Secure-a", .value = S("x") },
		{ .name = "a", .value = S("x"), .same_site = SAME_SITE_NONE },
		{ .name = "a b", .value = S("x") },
		{ .name = "", .value = S("x") },
		{ .name = "a", .value = S("x; Domain=evil") },
		{ .name = "a", .value = S("x\r\ny: z") },
		{ .name = "a", .value = S("x"), .path = "/;x" },
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		str_t out;
		err_t e = cookie_format(*state, &bad[i], &out);
		if (!e)
			fail_msg("accepted cookie %zu", i);
		err_free(e);
	}
}

static void a_list_is_cut_outside_quotes(void **state)
{
	(void)state;
	str_t rest = S(" a , ,\"b,\\\"c\" ;x=\",\", d,");
	equal(list_next(&rest), "a");
	equal(list_next(&rest), "\"b,\\\"c\" ;x=\",\"");
	equal(list_next(&rest), "d");
	assert_null(list_next(&rest).p);
}

static void a_parameter_is_unquoted(void **state)
{
	str_t out;
	str_t v = S("multipart/form-data; Boundary=\"a;b\\\"c\"; x=y");
	assert_true(value_param(*state, v, "boundary", &out));
	equal(out, "a;b\"c");
	assert_true(value_param(*state, v, "x", &out));
	equal(out, "y");
	assert_false(value_param(*state, v, "z", &out));
	assert_false(value_param(*state, S("a; x=1; x=2"), "x", &out));
	assert_false(value_param(*state, S("a; x=\"1"), "x", &out));
	assert_false(value_param(*state, S("a; x=1 2"), "x", &out));
}

static void a_weight_has_at_most_three_decimals(void **state)
{
	(void)state;
	assert_int_equal(value_quality(S("br")), 1000);
	assert_int_equal(value_quality(S("br;q=0.8")), 800);
	assert_int_equal(value_quality(S("br; Q=0.001")), 1);
	assert_int_equal(value_quality(S("br;q=1.000")), 1000);
	assert_int_equal(value_quality(S("br;q=0")), 0);
	assert_int_equal(value_quality(S("br;q=0.")), 0);
	static const char *const bad[] = { "a;q=", "a;q=2", "a;q=1.001", "a;q=0.0001", "a;q=-1", "a;q=0,5" };
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(value_quality(str_of(bad[i])), -1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_path_has_one_spelling),
		T(an_ambiguous_path_is_refused),
		T(a_path_has_a_bounded_number_of_segments),
		T(a_target_is_split_into_path_and_query),
		T(an_absolute_target_gives_its_authority),
		T(an_encoded_path_reads_back),
		T(a_form_is_decoded_in_order),
		T(a_form_with_too_many_or_bad_fields_is_refused),
		T(a_form_written_out_reads_back),
		T(a_cookie_is_found_among_others),
		T(cookies_of_several_fields_are_one_set),
		T(a_cookie_is_written_with_its_attributes),
		T(a_cookie_that_breaks_its_promise_is_refused),
		T(a_list_is_cut_outside_quotes),
		T(a_parameter_is_unquoted),
		T(a_weight_has_at_most_three_decimals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
