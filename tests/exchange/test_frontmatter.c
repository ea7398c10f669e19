/* test_frontmatter.c: the head of a text file, in three forms. */
#include "exchange/frontmatter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static int begin(void **state)
{
	*state = arena_create(0);
	return *state ? 0 : -1;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

static void expect(arena_t *a, const char *file, const char *json, const char *want_body)
{
	json_t *front;
	str_t body;
	err_t e = frontmatter_split(a, str_of(file), &front, &body);
	if (e)
		fail_msg("%s\n%s", file, err_text(e));
	char *dump = json_dumps(front, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(dump, json);
	free(dump);
	assert_true(str_eq(body, str_of(want_body)));
}

static void refuse(arena_t *a, const char *file, const char *line)
{
	json_t *front;
	str_t body;
	err_t e = frontmatter_split(a, str_of(file), &front, &body);
	if (!e)
		fail_msg("this was read:\n%s", file);
	assert_int_equal(e->code, ERR_INPUT);
	if (!strstr(err_text(e), line))
		fail_msg("\"%s\" does not name %s", err_text(e), line);
	err_free(e);
}

static void a_file_without_front_matter_is_all_body(void **state)
{
	expect(*state, "Just text\n---\nmore", "{}", "Just text\n---\nmore");
	expect(*state, "", "{}", "");
	expect(*state, "---\n---\nBody", "{}", "Body");
}

static void yaml_scalars(void **state)
{
	expect(*state, "---\na: one two # c\nb: \"x: \\\"y\\\" \\u00e9\"\nc: 'it''s'\nd: true\ne:\nf: 12\n"
		       "g: 2026-01-02 03:04\n---\nBody\n",
	       "{\"a\":\"one two\",\"b\":\"x: \\\"y\\\" \xc3\xa9\",\"c\":\"it's\",\"d\":true,\"e\":null,"
	       "\"f\":\"12\",\"g\":\"2026-01-02 03:04\"}", "Body\n");
}

static void yaml_lists_and_maps(void **state)
{
	expect(*state, "---\na: [x, 'y, z', \"w\"]\nb:\n  - one\n  - two: 2\n    three: 3\nc:\n- d\n"
		       "e: {f: g, h: [i]}\nj:\n  k: l\n---\n",
	       "{\"a\":[\"x\",\"y, z\",\"w\"],\"b\":[\"one\",{\"three\":\"3\",\"two\":\"2\"}],"
	       "\"c\":[\"d\"],\"e\":{\"f\":\"g\",\"h\":[\"i\"]},\"j\":{\"k\":\"l\"}}", "");
}

static void yaml_blocks_of_text(void **state)
{
	expect(*state, "---\na: |\n  one\n   two\n\n  three\nb: >-\n  one\n  two\n\n  three\n---\n",
	       "{\"a\":\"one\\n two\\n\\nthree\\n\",\"b\":\"one two\\nthree\"}", "");
}

static void a_bom_and_crlf_are_borne(void **state)
{
	expect(*state, "\xef\xbb\xbf---\r\na: b\r\n---\r\nBody", "{\"a\":\"b\"}", "Body");
}

static void toml(void **state)
{
	expect(*state, "+++\n# c\ntitle = \"x \\\"y\\\"\" # d\ntags = [\"a\",\n 'b',]\ndraft = false\n"
		       "date = 2020-01-02T03:04:05Z\n[params]\nn = {a = 1}\n+++\nBody",
	       "{\"date\":\"2020-01-02T03:04:05Z\",\"draft\":false,\"params\":{\"n\":{\"a\":\"1\"}},"
	       "\"tags\":[\"a\",\"b\"],\"title\":\"x \\\"y\\\"\"}", "Body");
}

static void json_head(void **state)
{
	expect(*state, "{\"a\": [1, \"}\"]}\n\nBody", "{\"a\":[1,\"}\"]}", "Body");
}

static void what_goes_beyond_is_refused_with_its_line(void **state)
{
	refuse(*state, "---\na: b\n", "line 1");
	refuse(*state, "---\na: b\nc: &x d\n---\n", "line 3");
	refuse(*state, "---\na: b\na: c\n---\n", "line 3");
	refuse(*state, "---\nno colon\n---\n", "line 2");
	refuse(*state, "---\na: b: c\n---\n", "line 2");
	refuse(*state, "---\na: [b, c\n---\n", "line 2");
	refuse(*state, "---\na: b\n  c: d\n---\n", "line 3");
	refuse(*state, "---\n- a\n---\n", "line 2");
	refuse(*state, "---\na: \"b\n---\n", "line 2");
	refuse(*state, "+++\na = 1\nb.c = 2\n+++\n", "line 3");
	refuse(*state, "+++\na = [1\n+++\n", "line");
	refuse(*state, "{\"a\": }\n", "line 1");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_file_without_front_matter_is_all_body),
		T(yaml_scalars),
		T(yaml_lists_and_maps),
		T(yaml_blocks_of_text),
		T(a_bom_and_crlf_are_borne),
		T(toml),
		T(json_head),
		T(what_goes_beyond_is_refused_with_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
