/* test_words.c: strings, text being built, errors. */
#include "base/base.h"
#include "base/buf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static void assert_text(str_t s, const char *want)
{
	if (!str_eq(s, str_of(want)))
		fail_msg("\"%.*s\" is not \"%s\"", STR(s), want);
}

static int setup(void **state)
{
	*state = arena_create(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void slices_stay_within(void **state)
{
	(void)state;
	str_t s = S("harbour");
	assert_text(str_slice(s, 0, 4), "harb");
	assert_text(str_slice(s, 3, STR_NONE), "bour");
	assert_text(str_slice(s, 9, 12), "");
	assert_text(str_slice(s, 5, 2), "");
	assert_text(str_trim(S(" \t\r\n a b \n")), "a b");
	assert_text(str_trim(S(" \n")), "");
	assert_int_equal(str_find(s, S("bo"), 0), 3);
	assert_true(str_find(s, S("bo"), 4) == STR_NONE);
	assert_true(str_find(S(""), S("x"), 0) == STR_NONE);
	assert_true(str_find_char(s, 'r', 3) == 6);
	assert_true(str_starts(s, S("")) && str_ends(s, S("our")) && !str_starts(S("h"), s));
	assert_true(str_cmp(S("a"), S("ab")) < 0 && str_cmp(S("b"), S("ab")) > 0);
	assert_true(str_cmp(S("\xff"), S("a")) > 0);
	assert_true(str_eq_nocase(S("ETag"), S("etag")) && !str_eq_nocase(S("\xc4"), S("\xe4")));
}

static void cutting_ends(void **state)
{
	(void)state;
	str_t rest = S("a,,b");
	assert_text(str_cut(&rest, ','), "a");
	assert_text(str_cut(&rest, ','), "");
	assert_text(str_cut(&rest, ','), "b");
	assert_null(rest.p);
}

static void whole_numbers_only(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t     value;
		bool        good;
	} rows[] = {
		{ "0", 0, true },      { "-1", -1, true },   { "007", 7, true },
		{ "9223372036854775807", INT64_MAX, true },
		{ "-9223372036854775808", INT64_MIN, true },
		{ "9223372036854775808", 0, false },         { "-9223372036854775809", 0, false },
		{ "", 0, false },      { "-", 0, false },    { "+1", 0, false },
		{ " 1", 0, false },    { "1 ", 0, false },   { "1.0", 0, false },
		{ "0x10", 0, false },  { "--1", 0, false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t v = 42;
		assert_int_equal(str_int(str_of(rows[i].text), &v), rows[i].good);
		assert_int_equal(v, rows[i].good ? rows[i].value : 42);
	}
}

/* The rows of Unicode's table 3-7, their edges and one step beyond. */
static void utf8_by_the_table(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		int         bad; /* -1: well formed */
		int32_t     rune;
	} rows[] = {
		{ "\x7f", -1, 0x7f },             { "\xc2\x80", -1, 0x80 },
		{ "\xdf\xbf", -1, 0x7ff },        { "\xe0\xa0\x80", -1, 0x800 },
		{ "\xed\x9f\xbf", -1, 0xd7ff },   { "\xee\x80\x80", -1, 0xe000 },
		{ "\xef\xbf\xbf", -1, 0xffff },   { "\xf0\x90\x80\x80", -1, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", -1, 0x10ffff },
		{ "\x80", 0, 0xfffd },            { "\xbf", 0, 0xfffd },
		{ "\xc0\x80", 0, 0xfffd },        { "\xc1\xbf", 0, 0xfffd },
		{ "\xe0\x9f\xbf", 0, 0xfffd },    { "\xed\xa0\x80", 0, 0xfffd },
		{ "\xed\xbf\xbf", 0, 0xfffd },    { "\xf0\x8f\xbf\xbf", 0, 0xfffd },
		{ "\xf4\x90\x80\x80", 0, 0xfffd }, { "\xf5\x80\x80\x80", 0, 0xfffd },
		{ "\xff", 0, 0xfffd },            { "a\xc2", 1, 'a' },
		{ "a\xe2\x82", 1, 'a' },          { "a\xf0\x9f\xa6", 1, 'a' },
		{ "\xe2\x28\xa1", 0, 0xfffd },    { "\xe2\x82\x28", 0, 0xfffd },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		str_t s = str_of(rows[i].bytes);
		size_t bad = 99, at = 0;
		assert_int_equal(str_is_utf8(s, &bad), rows[i].bad < 0);
		assert_int_equal(bad, rows[i].bad < 0 ? 99 : rows[i].bad);
		assert_int_equal(str_next_rune(s, &at), rows[i].rune);
		assert_true(at > 0 && at <= s.n);
	}
}

static void every_rune_there_and_back(void **state)
{
	struct buf b = buf_new(*state, 8);
	for (uint32_t r = 0; r <= 0x110000; r++) {
		buf_clear(&b);
		buf_add_rune(&b, r);
		bool scalar = r < 0xd800 || (r > 0xdfff && r < 0x110000);
		size_t at = 0;
		if (str_next_rune(buf_str(&b), &at) != (int32_t)(scalar ? r : 0xfffd) || at != b.n)
			fail_msg("U+%04X", r);
	}
}

static void clipping_keeps_code_points_whole(void **state)
{
	(void)state;
	str_t s = S("a\xc3\xb6\xf0\x9f\xa6\x80z"); /* 1 + 2 + 4 + 1 bytes */
	static const size_t kept[] = { 0, 1, 1, 3, 3, 3, 3, 7, 8, 8 };
	for (size_t n = 0; n < COUNT(kept); n++)
		assert_int_equal(str_clip(s, n).n, kept[n]);
	assert_int_equal(str_runes(s), 4);
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(str_distance(S(""), S("")), 0);
	assert_int_equal(str_distance(S(""), S("abc")), 3);
	assert_int_equal(str_distance(S("kitten"), S("sitting")), 3);
	assert_int_equal(str_distance(S("lisen"), S("listen")), 1);
	assert_int_equal(str_distance(S("abc"), S("abc")), 0);
}

static void lists_and_replacing(void **state)
{
	arena_t *a = *state;
	struct strs list = { 0 };
	for (int i = 0; i < 100; i++)
		strs_add(a, &list, str_format(a, "%d", i));
	assert_int_equal(list.n, 100);
	assert_text(list.v[99], "99");
	assert_text(str_join(a, list.v, 3, S(", ")), "0, 1, 2");
	assert_text(str_join(a, list.v, 0, S(", ")), "");
	assert_text(str_replace(a, S("aaa"), S("aa"), S("b")), "ba");
	assert_text(str_replace(a, S("mud"), S("x"), S("b")), "mud");
	assert_text(str_lower(a, S("\xc3\x84 ABC")), "\xc3\x84 abc");
	assert_text(str_uri(a, S("/a b\"<\xc3\xb6%20")), "/a%20b%22%3C%C3%B6%20");
}

static void a_buf_grows_and_ends_with_a_nul(void **state)
{
	struct buf b = buf_new(*state, 1);
	for (int i = 0; i < 10000; i++)
		buf_add_char(&b, 'x');
	buf_add_int(&b, INT64_MIN);
	buf_add_format(&b, "%s%c", "", 'y');
	buf_add(&b, S(""));
	assert_int_equal(b.n, 10000 + 20 + 1);
	assert_int_equal(strlen(b.p), b.n);
	buf_clear(&b);
	assert_int_equal(b.p[0], 0);
	buf_add_html(&b, S("<a href=\"x\">'&"));
	assert_null(strpbrk(b.p, "<>\"'"));
	buf_clear(&b);
	memcpy(buf_room(&b, 3), "abc", 3);
	buf_advance(&b, 2);
	assert_text(buf_str(&b), "ab");
	assert_int_equal(b.p[2], 0);
}

static void errors_keep_code_and_field_when_wrapped(void **state)
{
	(void)state;
	err_t e = err_wrap(err_user(ERR_INPUT, "slug", "slug: %s", "no"), "story %d", 7);
	assert_string_equal(err_text(e), "story 7: slug: no");
	assert_int_equal(e->code, ERR_INPUT);
	assert_string_equal(e->field, "slug");
	assert_int_equal(err_status(e), 422);
	assert_int_equal(err_exit(e), 2);
	err_free(e);
	assert_null(err_wrap(OK, "nothing"));
	assert_int_equal(err_status(OK), 200);
	assert_int_equal(err_exit(OK), 0);
	err_free(OK);
}

static void the_systems_errors_have_codes(void **state)
{
	(void)state;
	static const struct {
		int           number;
		enum err_code code;
		int           exit;
	} rows[] = { { ENOSPC, ERR_FULL, 7 }, { EDQUOT, ERR_FULL, 7 }, { ENOENT, ERR_MISSING, 4 },
		     { ENOMEM, ERR_MEMORY, 6 }, { EACCES, ERR_SYSTEM, 1 } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		err_t e = err_errno(rows[i].number, "open %s", "stet.db");
		assert_int_equal(e->code, rows[i].code);
		assert_int_equal(err_exit(e), rows[i].exit);
		assert_non_null(strstr(err_text(e), "open stet.db: "));
		err_free(e);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(slices_stay_within), T(cutting_ends), T(whole_numbers_only), T(utf8_by_the_table),
		T(every_rune_there_and_back), T(clipping_keeps_code_points_whole), T(distances),
		T(lists_and_replacing), T(a_buf_grows_and_ends_with_a_nul),
		T(errors_keep_code_and_field_when_wrapped), T(the_systems_errors_have_codes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
