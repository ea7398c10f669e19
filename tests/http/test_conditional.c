/* test_conditional.c: preconditions and ranges. */
#include "http/conditional.h"
#include "http/limits.h"
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define CHANGED (1644518220 * SECOND + 5) /* Thu, 10 Feb 2022 18:37:00 GMT and a bit */
#define SAME    "Thu, 10 Feb 2022 18:37:00 GMT"
#define BEFORE  "Thu, 10 Feb 2022 18:36:59 GMT"
#define AFTER   "Thu, 10 Feb 2022 18:37:01 GMT"

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

static enum precondition check(arena_t *a, enum method method, const char *name, const char *value)
{
	struct request *q = request_make(a, name, value, NULL);
	q->method = method;
	return condition_check(q, S("\"v1\""), CHANGED);
}

static void a_known_version_is_not_sent_again(void **state)
{
	static const struct {
		const char *name, *value;
		enum precondition wanted;
	} cases[] = {
		{ "if-none-match", "\"v1\"", CONDITION_NOT_MODIFIED },
		{ "if-none-match", "W/\"v1\"", CONDITION_NOT_MODIFIED },
		{ "if-none-match", "\"a,b\", , \"v1\" ,", CONDITION_NOT_MODIFIED },
		{ "if-none-match", "*", CONDITION_NOT_MODIFIED },
		{ "if-none-match", "\"v2\"", CONDITION_NONE },
		{ "if-none-match", "v1", CONDITION_NONE },
		{ "if-none-match", "\"x\" \"v1\"", CONDITION_NONE },
		{ "if-none-match", "\"v1", CONDITION_NONE },
		{ "if-none-match", "", CONDITION_NONE },
		{ "if-modified-since", SAME, CONDITION_NOT_MODIFIED },
		{ "if-modified-since", AFTER, CONDITION_NOT_MODIFIED },
		{ "if-modified-since", BEFORE, CONDITION_NONE },
		{ "if-modified-since", "yesterday", CONDITION_NONE },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		for (enum method m = GET; m <= HEAD; m++)
			if (check(*state, m, cases[i].name, cases[i].value) != cases[i].wanted)
				fail_msg("%s: %s", cases[i].name, cases[i].value);
}

static void an_entity_tag_outranks_a_date(void **state)
{
	struct request *q = request_make(*state, "if-none-match", "\"other\"", "if-modified-since",
					 AFTER, NULL);
	assert_int_equal(condition_check(q, S("\"v1\""), CHANGED), CONDITION_NONE);
	q = request_make(*state, "if-match", "\"v1\"", "if-unmodified-since", BEFORE, NULL);
	assert_int_equal(condition_check(q, S("\"v1\""), CHANGED), CONDITION_NONE);
}

static void a_write_is_guarded(void **state)
{
	static const struct {
		const char *name, *value;
		enum precondition wanted;
	} cases[] = {
		{ "if-match", "\"v1\"", CONDITION_NONE },
		{ "if-match", "\"v0\", \"v1\"", CONDITION_NONE },
		{ "if-match", "*", CONDITION_NONE },
		{ "if-match", "W/\"v1\"", CONDITION_FAILED },
		{ "if-match", "\"v2\"", CONDITION_FAILED },
		{ "if-match", "v1", CONDITION_FAILED },
		{ "if-none-match", "*", CONDITION_FAILED },
		{ "if-none-match", "\"v1\"", CONDITION_FAILED },
		{ "if-none-match", "\"v2\"", CONDITION_NONE },
		{ "if-unmodified-since", SAME, CONDITION_NONE },
		{ "if-unmodified-since", BEFORE, CONDITION_FAILED },
		{ "if-unmodified-since", "nonsense", CONDITION_FAILED },
		{ "if-modified-since", AFTER, CONDITION_NONE },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (check(*state, PUT, cases[i].name, cases[i].value) != cases[i].wanted)
			fail_msg("%s: %s", cases[i].name, cases[i].value);
}

static void lists_of_several_fields_are_one(void **state)
{
	struct request *q = request_make(*state, "if-none-match", "\"a\"", "if-none-match",
					 "\"v1\"", NULL);
	assert_int_equal(condition_check(q, S("\"v1\""), 0), CONDITION_NOT_MODIFIED);
}

static void an_answer_is_known_by_any_of_its_codings(void **state)
{
	struct answer *a;
	struct answer_draft d = { .type = S("text/html"), .body = S("a page") };
	assert_null(answer_new(&d, &a));
	for (int c = 0; c < CODINGS; c++) {
		struct request *q = request_make(*state, "if-none-match",
						 str_z(*state, a->etags[c]), NULL);
		assert_int_equal(condition_check_answer(q, a), CONDITION_NOT_MODIFIED);
	}
	struct request *q = request_make(*state, "if-none-match", "\"x\"", NULL);
	assert_int_equal(condition_check_answer(q, a), CONDITION_NONE);
	answer_drop(a);
}

/* The ranges chosen of 1000 bytes, as text: "0-9,20-29", "whole" or "none". */
static str_t ranges_of(arena_t *a, struct request *q)
{
	struct range r[LIMIT_RANGES];
	size_t n;
	enum ranged kind = range_select(q, S("\"v1\""), CHANGED, 1000, r, &n);
	if (kind == RANGE_WHOLE)
		return S("whole");
	if (kind == RANGE_UNSATISFIABLE)
		return S("none");
	struct buf b = buf_new(a, 0);
	for (size_t i = 0; i < n; i++)
		buf_add_format(&b, "%s%lld-%lld", i ? "," : "", (long long)r[i].from,
			       (long long)r[i].to);
	return buf_str(&b);
}

static void ranges_are_sorted_joined_and_bounded(void **state)
{
	static const char *const cases[][2] = {
		{ "bytes=0-9", "0-9" },
		{ "Bytes=0-0", "0-0" },
		{ "bytes=990-", "990-999" },
		{ "bytes=990-5000", "990-999" },
		{ "bytes=-10", "990-999" },
		{ "bytes=-5000", "0-999" },
		{ "bytes=-0", "none" },
		{ "bytes=1000-", "none" },
		{ "bytes=1000-2000, -0", "none" },
		{ "bytes=0-9, 2000-3000", "0-9" },
		{ "bytes=500-509,0-9", "0-9,500-509" },
		{ "bytes=0-9,5-20", "0-20" },
		{ "bytes=0-9,10-19", "0-19" },
		{ "bytes=0-9,60-69", "0-69" },
		{ "bytes=0-9,200-209", "0-9,200-209" },
		{ "bytes=0-9,,200-209,", "0-9,200-209" },
		{ "bytes=0-,0-,0-,0-,0-,0-", "0-999" },
		{ "bytes=0-0,100-100,200-200,300-300,400-400,500-500,600-600,700-700,800-800", "whole" },
		{ "bytes=", "whole" },
		{ "bytes=9-0", "whole" },
		{ "bytes=a-b", "whole" },
		{ "bytes=5", "whole" },
		{ "bytes=--5", "whole" },
		{ "bytes=1-+5", "whole" },
		{ "bytes=0-99999999999999999999", "whole" },
		{ "lines=0-9", "whole" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct request *q = request_make(*state, "range", cases[i][0], NULL);
		str_t got = ranges_of(*state, q);
		if (!str_eq(got, str_of(cases[i][1])))
			fail_msg("%s gave %.*s", cases[i][0], STR(got));
	}
	struct buf b = buf_new(*state, 0);
	buf_add(&b, S("bytes=0-1"));
	for (int i = 0; i < LIMIT_RANGE_SPECS; i++)
		buf_add(&b, S(",0-1"));
	struct request *q = request_make(*state, "range", b.p, NULL);
	assert_true(str_eq(ranges_of(*state, q), S("whole")));
}

static void a_range_is_for_get_and_this_version_only(void **state)
{
	static const char *const cases[][2] = {
		{ "\"v1\"", "0-9" }, { "W/\"v1\"", "whole" }, { "\"v2\"", "whole" },
		{ SAME, "0-9" },     { AFTER, "whole" },      { BEFORE, "whole" },
		{ "x", "whole" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct request *q = request_make(*state, "range", "bytes=0-9", "if-range",
						 cases[i][0], NULL);
		str_t got = ranges_of(*state, q);
		if (!str_eq(got, str_of(cases[i][1])))
			fail_msg("If-Range %s gave %.*s", cases[i][0], STR(got));
	}
	struct request *q = request_make(*state, "range", "bytes=0-9", NULL);
	q->method = HEAD;
	assert_true(str_eq(ranges_of(*state, q), S("whole")));
}

static void nothing_has_no_ranges(void **state)
{
	struct range r[LIMIT_RANGES];
	size_t n;
	struct request *q = request_make(*state, "range", "bytes=0-", NULL);
	assert_int_equal(range_select(q, S(""), 0, 0, r, &n), RANGE_UNSATISFIABLE);
	assert_int_equal(n, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_known_version_is_not_sent_again),
		T(an_entity_tag_outranks_a_date),
		T(a_write_is_guarded),
		T(lists_of_several_fields_are_one),
		T(an_answer_is_known_by_any_of_its_codings),
		T(ranges_are_sorted_joined_and_bounded),
		T(a_range_is_for_get_and_this_version_only),
		T(nothing_has_no_ranges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
