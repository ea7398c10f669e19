/* test_assets.c: theme files under names that hold the hash of their content. */
#include "page/assets.h"

#include "http/http.h"
#include "page/style_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)

static const struct asset_file theme[] = {
	{ S("style/ORDER"), S("# looks\nlast.css\r\nfirst.css\n\n") },
	{ S("style/first.css"), S("a { src: url(../fonts/text.woff2), url( \"../icons/icon.svg#x\" ); }") },
	{ S("style/last.css"), S("b { background: url(data:image/gif;base64,AA), url(#id); }") },
	{ S("style/unused.css"), S("never") },
	{ S("fonts/text.woff2"), S("font bytes") },
	{ S("icons/icon.svg"), S("<svg/>") },
	{ S("script/tables.js"), S("export {}") },
	{ S("templates/layout.html"), S("{{x}}") },
};

static struct assets *make(const struct asset_file *files, size_t n)
{
	struct assets *s = NULL;
	err_t e = assets_new(files, n, ASSETS_SMALL, &s);
	if (e)
		fail_msg("%s", err_text(e));
	return s;
}

static void fails(const struct asset_file *files, size_t n, const char *message)
{
	struct assets *s;
	err_t e = assets_new(files, n, ASSETS_QUICK, &s);
	assert_non_null(e);
	assert_string_equal(err_text(e), message);
	err_free(e);
}

static str_t url_of(const struct assets *s, const char *name)
{
	return str_of(json_string_value(json_object_get(assets_view(s), name)));
}

static struct answer *get(const struct assets *s, const char *name)
{
	struct answer *answer;
	assert_null(assets_get(s, url_of(s, name), &answer));
	assert_non_null(answer);
	return answer;
}

static void is_not_found(const struct assets *s, str_t path)
{
	struct answer *answer;
	assert_null(assets_get(s, path, &answer));
	assert_null(answer);
	assert_null(assets_bytes(s, path).p);
}

TEST(an_answer_is_made_for_the_first_who_asks_and_kept)
{
	struct assets *s = make(theme, COUNT(theme));
	struct answer *first = get(s, "text"), *second = get(s, "text");
	(void)state;
	assert_ptr_equal(first, second);
	assert_true(str_eq(assets_bytes(s, url_of(s, "text")), first->body[CODING_PLAIN]));
	answer_drop(first);
	answer_drop(second);
	assets_free(s);
}

TEST(a_view_names_each_file_by_its_base)
{
	struct assets *s = make(theme, COUNT(theme));
	(void)state;
	assert_int_equal(json_object_size(assets_view(s)), 4);
	assert_true(str_starts(url_of(s, "style"), S("/assets/style.")));
	assert_true(str_ends(url_of(s, "style"), S(".css")));
	assert_true(str_starts(url_of(s, "text"), S("/assets/text.")));
	assert_true(str_ends(url_of(s, "text"), S(".woff2")));
	assert_true(str_ends(url_of(s, "icon"), S(".svg")));
	assert_true(str_ends(url_of(s, "tables"), S(".js")));
	assets_free(s);
}

TEST(the_style_sheet_is_one_in_its_order_with_hashed_addresses)
{
	struct assets *s = make(theme, COUNT(theme));
	struct answer *answer = get(s, "style");
	arena_t *a = arena_create(0);
	(void)state;
	str_t expected = str_format(a,
		"b{background: url(data:image/gif;base64,AA),url(#id)}"
		"a{src: url(%.*s),url( \"%.*s\" )}",
		STR(url_of(s, "text")), STR(url_of(s, "icon")));
	assert_true(str_eq(answer->body[CODING_PLAIN], expected));
	answer_drop(answer);
	arena_free(a);
	assets_free(s);
}

TEST(a_heading_begins_a_sheet_for_the_pages_that_ask_for_it)
{
	struct asset_file files[] = { { S("style/ORDER"), S("a.css\n\n[ story ]\nb.css\n[live]\n[story]\nc.css\n") },
				      { S("style/a.css"), S("a {}") }, { S("style/b.css"), S("b {}") },
				      { S("style/c.css"), S("c {}") } };
	static const char *const is[][2] = { { "style", "a{}" }, { "style-story", "b{}c{}" },
					     { "style-live", "" } };
	struct assets *s = make(files, COUNT(files));
	(void)state;
	assert_int_equal(json_object_size(assets_view(s)), 3);
	for (size_t i = 0; i < COUNT(is); i++) {
		struct answer *answer = get(s, is[i][0]);
		assert_true(str_eq(answer->body[CODING_PLAIN], str_of(is[i][1])));
		answer_drop(answer);
	}
	assets_free(s);
}

TEST(orders_are_laid_group_by_group)
{
	static const char *const under = "a.css\n[story]\nb.css\n[live]\nc.css\n";
	static const char *const laid[][2] = {
		{ "*\nx.css\n", "a.css\nx.css\n[story]\nb.css\n[live]\nc.css\n" },
		{ "# ours\nx.css", "x.css\n[story]\nb.css\n[live]\nc.css\n" },
		{ "*\n[live]\nx.css\n*\n[own]\ny.css\n",
		  "a.css\n[live]\nx.css\nc.css\n[own]\ny.css\n[story]\nb.css\n" },
		{ "*\n[story]\n", "a.css\n[story]\n[live]\nc.css\n" },
	};
	arena_t *a = arena_create(0);
	(void)state;
	for (size_t i = 0; i < COUNT(laid); i++)
		assert_true(str_eq(style_order_lay(a, str_of(under), str_of(laid[i][0])),
				   str_of(laid[i][1])));
	arena_free(a);
}

TEST(answers_may_be_kept_for_ever)
{
	static const char *const types[][2] = { { "style", "text/css; charset=utf-8" },
						{ "text", "font/woff2" },
						{ "icon", "image/svg+xml" },
						{ "tables", "text/javascript; charset=utf-8" } };
	struct assets *s = make(theme, COUNT(theme));
	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct answer *answer = get(s, types[i][0]);
		assert_int_equal(answer->status, 200);
		assert_true(str_eq(answer->type, str_of(types[i][1])));
		assert_true(str_eq(answer->cache_control, S("public, max-age=31536000, immutable")));
		assert_int_not_equal(str_find(answer->head[CODING_PLAIN], S("nosniff"), 0), STR_NONE);
		answer_drop(answer);
	}
	assets_free(s);
}

TEST(text_is_compressed_beforehand)
{
	char css[4096];
	memset(css, 'a', sizeof css);
	struct asset_file files[] = { { S("style/ORDER"), S("x.css") },
				      { S("style/x.css"), str_from(css, sizeof css) } };
	struct assets *s = make(files, 2);
	struct answer *answer = get(s, "style");
	(void)state;
	assert_true(answer->body[CODING_BR].n > 0 && answer->body[CODING_BR].n < 100);
	assert_true(answer->body[CODING_GZIP].n > 0 && answer->body[CODING_GZIP].n < 200);
	answer_drop(answer);
	assets_free(s);
}

TEST(the_name_changes_with_the_content)
{
	struct asset_file files[COUNT(theme)];
	memcpy(files, theme, sizeof files);
	struct assets *before = make(theme, COUNT(theme));
	files[4].bytes = S("other bytes");
	struct assets *after = make(files, COUNT(theme));
	(void)state;
	assert_false(str_eq(url_of(before, "text"), url_of(after, "text")));
	assert_false(str_eq(url_of(before, "style"), url_of(after, "style"))); /* it names the font */
	assert_true(str_eq(url_of(before, "icon"), url_of(after, "icon")));
	is_not_found(after, url_of(before, "text"));
	assets_free(before);
	assets_free(after);
}

TEST(other_names_are_not_found)
{
	static const char *const paths[] = { "/assets/style.css", "/assets/style.000000000000.css",
					     "/assets/", "", "/assets/../style/first.css" };
	struct assets *s = make(theme, COUNT(theme));
	(void)state;
	for (size_t i = 0; i < COUNT(paths); i++)
		is_not_found(s, str_of(paths[i]));
	assets_free(s);
}

TEST(an_answer_outlives_its_set)
{
	struct assets *s = make(theme, COUNT(theme));
	struct answer *answer = get(s, "icon");
	(void)state;
	assets_free(s);
	assert_true(str_eq(answer->body[CODING_PLAIN], S("<svg/>")));
	answer_drop(answer);
}

TEST(what_is_wrong_with_a_theme_is_named)
{
	struct asset_file twice[] = { { S("style/ORDER"), S("") }, { S("fonts/a.woff2"), S("1") },
				      { S("icons/a.svg"), S("2") } };
	struct asset_file absent[] = { { S("style/ORDER"), S("a.css") } };
	struct asset_file nowhere[] = { { S("style/ORDER"), S("a.css") },
					{ S("style/a.css"), S("\n\nx { y: url('../fonts/z.woff2') }") } };
	(void)state;
	fails(NULL, 0, "the theme has no style/ORDER, which names its sheets");
	fails(twice, 3, "the theme's fonts/a.woff2 and icons/a.svg have the same name; "
			"templates could not tell them apart");
	fails(absent, 1, "style/ORDER names \"a.css\", which is not there");
	fails(nowhere, 2, "style/a.css:3: the theme has no \"../fonts/z.woff2\"");
}

TEST(an_address_without_end_does_no_harm)
{
	struct asset_file files[] = { { S("style/ORDER"), S("a.css\nb.css") },
				      { S("style/a.css"), S("x: url(") },
				      { S("style/b.css"), S("x: url( '") } };
	struct assets *s = make(files, 3);
	struct answer *answer = get(s, "style");
	(void)state;
	assert_true(str_eq(answer->body[CODING_PLAIN], S("x: url(\nx: url( '\n")));
	answer_drop(answer);
	assets_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_names_each_file_by_its_base),
		cmocka_unit_test(the_style_sheet_is_one_in_its_order_with_hashed_addresses),
		cmocka_unit_test(a_heading_begins_a_sheet_for_the_pages_that_ask_for_it),
		cmocka_unit_test(orders_are_laid_group_by_group),
		cmocka_unit_test(answers_may_be_kept_for_ever),
		cmocka_unit_test(text_is_compressed_beforehand),
		cmocka_unit_test(an_answer_is_made_for_the_first_who_asks_and_kept),
		cmocka_unit_test(the_name_changes_with_the_content),
		cmocka_unit_test(other_names_are_not_found),
		cmocka_unit_test(an_answer_outlives_its_set),
		cmocka_unit_test(what_is_wrong_with_a_theme_is_named),
		cmocka_unit_test(an_address_without_end_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
