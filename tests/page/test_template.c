/* test_template.c: Mustache, a test for each rule. Thousands of templates made at random are compared
 * with other implementations in mustache/. */
#include "drawing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)
#define DRAWS(expected, ...) draws(&(struct drawing){ __VA_ARGS__ }, (expected))

/* --- interpolation --- */

TEST(text_without_tags_stays)
{
	(void)state;
	gives("", "{}", "");
	gives("Only words.\n  And { braces }.\r\n", "{}", "Only words.\n  And { braces }.\r\n");
}

TEST(a_value_is_escaped_as_npm_does)
{
	(void)state;
	gives("{{x}}", "{\"x\":\"& < > \\\" ' / ` = ok\"}",
	      "&amp; &lt; &gt; &quot; &#39; &#x2F; &#x60; &#x3D; ok");
}

TEST(a_raw_value_is_not_escaped)
{
	(void)state;
	gives("{{{x}}}|{{&x}}|{{& x }}|{{{ x }}}", "{\"x\":\"<b>\"}", "<b>|<b>|<b>|<b>");
}

TEST(white_space_in_a_tag_is_nothing)
{
	(void)state;
	gives("{{ x }}{{\tx\n}}{{  x}}", "{\"x\":1}", "111");
	gives(" {{x}} ", "{\"x\":1}", " 1 ");
	gives("  {{x}}\n", "{\"x\":1}", "  1\n");
}

TEST(what_is_not_there_is_nothing)
{
	(void)state;
	gives("[{{x}}{{{x}}}{{&x}}{{x.y}}]", "{}", "[]");
	gives("[{{x}}]", "{\"x\":null}", "[]");
}

TEST(values_are_written_as_javascript_does)
{
	(void)state;
	gives("{{x}}", "{\"x\":85}", "85");
	gives("{{x}}", "{\"x\":-0.0}", "0");
	gives("{{x}}", "{\"x\":1.0}", "1");
	gives("{{x}}", "{\"x\":1.21}", "1.21");
	gives("{{x}}", "{\"x\":0.1}", "0.1");
	gives("{{x}}", "{\"x\":1e21}", "1e+21");
	gives("{{x}}", "{\"x\":123456789012345680000.0}", "123456789012345680000");
	gives("{{x}}", "{\"x\":0.000001}", "0.000001");
	gives("{{x}}", "{\"x\":0.00000012}", "1.2e-7");
	gives("{{x}}", "{\"x\":5.684341886080802e-14}", "5.684341886080802e-14");
	gives("{{x}}", "{\"x\":5e-324}", "5e-324");
	gives("{{x}}", "{\"x\":true}", "true");
	gives("{{x}}", "{\"x\":false}", "false");
	gives("{{x}}", "{\"x\":{}}", "[object Object]");
	gives("{{x}}", "{\"x\":[1,null,[\"a\",\"<\"]]}", "1,,a,&lt;");
	gives("{{{x}}}", "{\"x\":[1,null,[\"a\",\"<\"]]}", "1,,a,<");
}

TEST(an_integer_stays_exact)
{
	(void)state;
	gives("{{x}}", "{\"x\":9007199254740993}", "9007199254740993");
}

TEST(what_a_value_holds_is_no_template)
{
	(void)state;
	gives("{{x}} {{{x}}}", "{\"x\":\"{{y}}\",\"y\":1}", "{{y}} {{y}}");
}

/* --- names --- */

TEST(a_dotted_name_goes_into_objects)
{
	(void)state;
	gives("{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}", "deep");
	gives("{{#a.b}}{{c}}{{/a.b}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}", "deep");
	gives("[{{a.b.c}}]", "{\"a\":{}}", "[]");
	gives("[{{a.b.c}}]", "{\"a\":{\"b\":null},\"c\":1}", "[]");
	gives("{{#a}}{{b.c}}{{/a}}", "{\"a\":{\"b\":{\"c\":1}},\"b\":{\"c\":2}}", "1");
}

TEST(a_dotted_name_is_looked_up_whole_in_each_context)
{
	(void)state;
	gives("{{#a}}{{b.c}}{{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"outer\"}}", "outer");
}

TEST(the_implicit_iterator_is_the_innermost_context)
{
	(void)state;
	gives("{{.}}", "\"whole\"", "whole");
	gives("{{#v}}({{.}}){{/v}}", "{\"v\":[1,\"<\",0,false,\"\",2.5]}", "(1)(&lt;)(0)(false)()(2.5)");
	gives("{{#v}}{{{.}}}{{&.}}{{/v}}", "{\"v\":[\"<\"]}", "<<");
	gives("{{#v}}({{#.}}{{.}}{{/.}}){{/v}}", "{\"v\":[[1,2],[3]]}", "(12)(3)");
}

TEST(lists_and_texts_have_a_length)
{
	(void)state;
	gives("{{v.length}} {{w.length}} {{v.1}}", "{\"v\":[5,6,7],\"w\":\"ü😀\"}", "3 3 6");
	gives("{{#v.length}}some{{/v.length}}{{^w.length}}none{{/w.length}}",
	      "{\"v\":[1],\"w\":[]}", "somenone");
	gives("{{#w}}{{length}}{{/w}}", "{\"w\":\"text\",\"length\":\"outer\"}", "outer");
}

TEST(null_ends_the_search_outward)
{
	(void)state;
	gives("{{#a}}[{{x}}]{{/a}}", "{\"a\":{\"x\":null},\"x\":\"outer\"}", "[]");
	gives("{{#a}}[{{x}}]{{/a}}", "{\"a\":{\"y\":1},\"x\":\"outer\"}", "[outer]");
}

/* --- sections --- */

TEST(a_section_shows_what_is_true)
{
	(void)state;
	gives("{{#x}}shown{{/x}}", "{\"x\":true}", "shown");
	gives("{{#x}}shown{{/x}}", "{\"x\":\"0\"}", "shown");
	gives("{{#x}}shown{{/x}}", "{\"x\":{}}", "shown");
	gives("{{#x}}{{.}}{{/x}}", "{\"x\":7}", "7");
}

TEST(a_section_hides_what_is_false)
{
	static const char *const views[] = { "{}", "{\"x\":false}", "{\"x\":null}", "{\"x\":0}",
					     "{\"x\":0.0}", "{\"x\":\"\"}", "{\"x\":[]}" };
	(void)state;
	for (size_t i = 0; i < COUNT(views); i++)
		gives("[{{#x}}shown{{/x}}{{^x}}hidden{{/x}}]", views[i], "[hidden]");
}

TEST(an_inverted_section_hides_what_is_true)
{
	static const char *const views[] = { "{\"x\":true}", "{\"x\":1}", "{\"x\":\"t\"}", "{\"x\":{}}",
					     "{\"x\":[false]}" };
	(void)state;
	for (size_t i = 0; i < COUNT(views); i++)
		gives("[{{^x}}shown{{/x}}]", views[i], "[]");
}

TEST(a_list_repeats_its_section)
{
	(void)state;
	gives("{{#v}}{{n}}{{o}};{{/v}}", "{\"o\":\"!\",\"v\":[{\"n\":1},{\"n\":2},{\"n\":3}]}",
	      "1!;2!;3!;");
}

TEST(contexts_stack)
{
	(void)state;
	gives("{{#a}}{{x}}{{#b}}{{x}}{{y}}{{/b}}{{x}}{{/a}}{{x}}",
	      "{\"x\":0,\"a\":{\"x\":1,\"b\":{\"x\":2}},\"y\":9}", "12910");
	gives("{{#x}}a{{#x}}b{{/x}}c{{/x}}", "{\"x\":true}", "abc");
}

/* --- lines --- */

TEST(a_tag_alone_in_its_line_takes_the_line_with_it)
{
	(void)state;
	gives("a\n{{#x}}\nb\n{{/x}}\nc\n", "{\"x\":1}", "a\nb\nc\n");
	gives("a\n  {{#x}}  \nb\n\t{{/x}}\nc\n", "{\"x\":1}", "a\nb\nc\n");
	gives("a\n{{^x}}\nb\n{{/x}}\nc\n", "{}", "a\nb\nc\n");
	gives("a\n  {{! note }}\nb", "{}", "a\nb");
	gives("a\n  {{=| |=}}\nb|x|", "{\"x\":1}", "a\nb1");
}

TEST(the_first_and_last_lines_need_no_break)
{
	(void)state;
	gives("{{#x}}\na\n{{/x}}", "{\"x\":1}", "a\n");
	gives("  {{! note }}\na\n  {{! note }}", "{}", "a\n");
}

TEST(a_break_may_be_carriage_return_and_line_feed)
{
	(void)state;
	gives("a\r\n{{#x}}\r\nb\r\n{{/x}}\r\nc", "{\"x\":1}", "a\r\nb\r\nc");
}

TEST(a_tag_among_text_leaves_the_line)
{
	(void)state;
	gives(" {{#x}}a{{/x}} \n {{#x}} b\n{{/x}}", "{\"x\":1}", " a \n  b\n");
	gives("a {{! note }}\nb", "{}", "a \nb");
	gives("  {{x}}\n", "{}", "  \n");
	gives("{{#x}} {{! two }} {{/x}} .\n", "{\"x\":1}", "   .\n");
}

TEST(a_line_of_nothing_but_such_tags_goes)
{
	(void)state;
	gives("a\n  {{#x}} {{! note }} {{/x}}\nb", "{\"x\":1}", "a\nb");
	gives("a\n{{#x}}{{#y}}\nb\n{{/y}}{{/x}}\nc", "{\"x\":1,\"y\":1}", "a\nb\nc");
}

TEST(a_comment_may_run_over_lines)
{
	(void)state;
	gives("a\n{{!\n one\n two\n}}\nb", "{}", "a\nb");
	gives("a {{! one\ntwo }} b", "{}", "a  b");
}

/* --- delimiters --- */

TEST(delimiters_change_until_the_end)
{
	(void)state;
	gives("{{=<% %>=}}<%x%>{{x}}", "{\"x\":1}", "1{{x}}");
	gives("{{= | | =}}|x|", "{\"x\":1}", "1");
	gives("{{=[ ]=}}[#x][.][/x][={{ }}=]{{x}}", "{\"x\":7}", "77");
	gives("{{=<% %>=}}<%{x}%><%&x%><%x%>", "{\"x\":\"<\"}", "<<&lt;");
}

TEST(delimiters_hold_in_and_behind_sections)
{
	(void)state;
	gives("{{#x}}{{=| |=}}|y||/x||y|", "{\"x\":1,\"y\":2}", "22");
}

TEST(delimiters_do_not_reach_a_partial)
{
	(void)state;
	DRAWS("1 |x|/1", .template = "{{=| |=}}|>p|/|x|", .others = { { "p", "{{x}} |x|" } },
	      .view = "{\"x\":1}");
}

/* --- partials --- */

TEST(a_partial_sees_the_context_around_it)
{
	(void)state;
	DRAWS("<1>0", .template = "{{#a}}{{>p}}{{/a}}{{x}}", .others = { { "p", "<{{x}}>" } },
	      .view = "{\"x\":0,\"a\":{\"x\":1}}");
}

TEST(a_partial_that_is_not_there_is_empty)
{
	(void)state;
	gives("[{{>none}}]", "{}", "[]");
	gives("[{{<none}}{{$b}}x{{/b}}{{/none}}]", "{}", "[]");
}

TEST(a_partial_may_hold_itself)
{
	(void)state;
	DRAWS("a(b(c()))", .template = "{{>p}}", .others = { { "p", "{{n}}({{#v}}{{>p}}{{/v}})" } },
	      .view = "{\"n\":\"a\",\"v\":[{\"n\":\"b\",\"v\":[{\"n\":\"c\",\"v\":[]}]}]}");
}

TEST(a_partial_alone_is_indented_like_its_tag)
{
	(void)state;
	DRAWS("a\n  1\n  2\nb\n", .template = "a\n  {{>p}}\nb\n", .others = { { "p", "1\n2\n" } });
	DRAWS("\t1\n\t2", .template = "\t{{>p}}", .others = { { "p", "1\n2" } });
	DRAWS("a\r\n 1b", .template = "a\r\n {{>p}}\r\nb", .others = { { "p", "1" } });
}

TEST(indentation_goes_before_lines_of_the_partial_not_of_values)
{
	(void)state;
	DRAWS("  [one\ntwo]\n", .template = "  {{>p}}\n", .others = { { "p", "[{{{x}}}]\n" } },
	      .view = "{\"x\":\"one\\ntwo\"}");
}

TEST(empty_lines_of_a_partial_stay_empty)
{
	(void)state;
	DRAWS("  a\n\n  b\n", .template = "  {{>p}}\n", .others = { { "p", "a\n\nb\n" } });
}

TEST(indentation_adds_up)
{
	(void)state;
	DRAWS("  1\n    x\n    y\n  2\n", .template = "  {{>p}}\n",
	      .others = { { "p", "1\n  {{>q}}\n2\n" }, { "q", "x\ny\n" } });
}

TEST(lines_that_go_leave_no_indentation)
{
	(void)state;
	DRAWS("  a\n  a\n  b\n", .template = "  {{>p}}\n",
	      .others = { { "p", "{{#v}}\n{{! note }}\na\n{{/v}}\nb\n" } }, .view = "{\"v\":[1,2]}");
}

TEST(indentation_stands_before_a_tag_that_begins_a_line)
{
	(void)state;
	DRAWS("  1,1,.\n", .template = "  {{>p}}\n", .others = { { "p", "{{#v}}1,{{/v}}.\n" } },
	      .view = "{\"v\":[1,2]}");
	DRAWS("  a\n", .template = "  {{>p}}\n", .others = { { "p", "{{! note }}a\n" } });
	DRAWS("  \n", .template = "  {{>p}}\n", .others = { { "p", "{{x}}\n" } });
}

TEST(a_partial_among_text_stands_under_its_tag)
{
	(void)state;
	DRAWS("ab 1\n   2.", .template = "ab {{>p}}.", .others = { { "p", "1\n2" } });
	DRAWS("x 1\n2.", .template = "{{x}} {{>p}}.", .others = { { "p", "1\n2" } },
	      .view = "{\"x\":\"x\"}");
}

/* --- mistakes --- */

TEST(mistakes_are_named_with_template_line_and_column)
{
	(void)state;
	gives("a\n  {{#x}}\n", NULL, "error: template main:2:3: \"x\" is not closed");
	gives("a\nü {{/x}}\n", NULL, "error: template main:2:3: \"x\" is closed but not open");
	gives("{{#x}}{{#y}}{{/x}}", NULL,
	      "error: template main:1:13: \"x\" is closed while \"y\" is open");
	gives("ok {{x", NULL, "error: template main:1:4: the tag is not closed");
	gives("ok {{{x}}", NULL, "error: template main:1:4: the tag is not closed");
	gives("\n{{ }}", NULL, "error: template main:2:1: the tag has no name");
	gives("{{=one=}}", NULL,
	      "error: template main:1:1: delimiters are two words, as in {{=<% %>=}}");
	gives("{{=a b c=}}", NULL,
	      "error: template main:1:1: delimiters are two words, as in {{=<% %>=}}");
	gives("ok\xff", NULL, "error: template main:1:3: this is not UTF-8");
	DRAWS("error: template p:1:2: \"x\" is not closed", .template = "{{>p}}",
	      .others = { { "p", "a{{#x}}" } });
}

TEST(names_are_told_once)
{
	(void)state;
	DRAWS("error: there are two templates \"p\"", .template = "",
	      .others = { { "p", "" }, { "p", "" } });
}

TEST(missing_partials_are_reported)
{
	struct templates *t;
	struct template_source sources[] = { { S("a"), S("x\n {{>b}}{{>c}}") }, { S("c"), S("{{<d}}{{/d}}") } };
	struct strs report = { 0 };
	arena_t *a = arena_create(0);
	(void)state;
	assert_null(templates_new(sources, 2, &t));
	template_check(t, a, &report);
	assert_int_equal(report.n, 2);
	assert_true(str_eq(report.v[0], S("template a:2:2: there is no template \"b\"")));
	assert_true(str_eq(report.v[1], S("template c:1:1: there is no template \"d\"")));
	templates_free(t);
	arena_free(a);
}

/* --- bounds --- */

TEST(partials_without_end_are_refused)
{
	(void)state;
	DRAWS("error: template p:1:2: \"p\" is nested too deep", .template = "{{>p}}",
	      .others = { { "p", ".{{>p}}" } });
	DRAWS("error: template p:1:1: \"p\" is nested too deep", .template = "{{>p}}",
	      .others = { { "p", "{{<p}}{{$b}}{{>p}}{{/b}}{{/p}}{{$b}}{{/b}}" } });
}

TEST(sections_too_deep_in_each_other_are_refused)
{
	struct buf b;
	arena_t *a = arena_create(0);
	(void)state;
	b = buf_new(a, 1024);
	for (int i = 0; i < 65; i++)
		buf_add(&b, S("{{#x}}"));
	gives(b.p, NULL, "error: template main:1:385: \"x\" is in more than 64 sections");
	arena_free(a);
}

TEST(a_page_that_takes_too_many_steps_is_refused)
{
	struct buf b;
	arena_t *a = arena_create(0);
	(void)state;
	b = buf_new(a, 1024);
	buf_add(&b, S("{\"v\":[0"));
	for (int i = 1; i < 100; i++)
		buf_add(&b, S(",0"));
	buf_add(&b, S("]}"));
	const char *got = draw(a, &(struct drawing){
		.template = "{{#v}}{{#v}}{{#v}}{{#v}}{{#v}}{{#v}}{{/v}}{{/v}}{{/v}}{{/v}}{{/v}}{{/v}}",
		.view = b.p });
	assert_true(str_starts(str_of(got), S("error: ")));
	assert_non_null(strstr(got, "the page takes more than 5000000 steps"));
	arena_free(a);
}

TEST(a_page_too_large_is_refused)
{
	struct buf b;
	arena_t *a = arena_create(0);
	(void)state;
	b = buf_new(a, 3 << 20);
	buf_add(&b, S("{\"v\":[0,0,0,0,0,0,0,0,0],\"x\":\""));
	memset(buf_room(&b, 1 << 20), 'x', 1 << 20);
	buf_advance(&b, 1 << 20);
	buf_add(&b, S("\"}"));
	const char *got = draw(a, &(struct drawing){
		.template = "{{#v}}{{#v}}{{x}}{{/v}}{{/v}}", .view = b.p });
	assert_string_equal(got, "error: template main:1:13: the page is larger than 64 MB");
	arena_free(a);
}

TEST(indentation_without_end_is_refused)
{
	struct buf b;
	arena_t *a = arena_create(0);
	(void)state;
	b = buf_new(a, 8192);
	for (int i = 0; i < 5000; i++)
		buf_add_char(&b, ' ');
	buf_add(&b, S("{{>p}}\n"));
	DRAWS("error: template main:1:5001: \"p\" is nested too deep", .template = b.p,
	      .others = { { "p", "x" } });
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_tags_stays),
		cmocka_unit_test(a_value_is_escaped_as_npm_does),
		cmocka_unit_test(a_raw_value_is_not_escaped),
		cmocka_unit_test(white_space_in_a_tag_is_nothing),
		cmocka_unit_test(what_is_not_there_is_nothing),
		cmocka_unit_test(values_are_written_as_javascript_does),
		cmocka_unit_test(an_integer_stays_exact),
		cmocka_unit_test(what_a_value_holds_is_no_template),
		cmocka_unit_test(a_dotted_name_goes_into_objects),
		cmocka_unit_test(a_dotted_name_is_looked_up_whole_in_each_context),
		cmocka_unit_test(the_implicit_iterator_is_the_innermost_context),
		cmocka_unit_test(lists_and_texts_have_a_length),
		cmocka_unit_test(null_ends_the_search_outward),
		cmocka_unit_test(a_section_shows_what_is_true),
		cmocka_unit_test(a_section_hides_what_is_false),
		cmocka_unit_test(an_inverted_section_hides_what_is_true),
		cmocka_unit_test(a_list_repeats_its_section),
		cmocka_unit_test(contexts_stack),
		cmocka_unit_test(a_tag_alone_in_its_line_takes_the_line_with_it),
		cmocka_unit_test(the_first_and_last_lines_need_no_break),
		cmocka_unit_test(a_break_may_be_carriage_return_and_line_feed),
		cmocka_unit_test(a_tag_among_text_leaves_the_line),
		cmocka_unit_test(a_line_of_nothing_but_such_tags_goes),
		cmocka_unit_test(a_comment_may_run_over_lines),
		cmocka_unit_test(delimiters_change_until_the_end),
		cmocka_unit_test(delimiters_hold_in_and_behind_sections),
		cmocka_unit_test(delimiters_do_not_reach_a_partial),
		cmocka_unit_test(a_partial_sees_the_context_around_it),
		cmocka_unit_test(a_partial_that_is_not_there_is_empty),
		cmocka_unit_test(a_partial_may_hold_itself),
		cmocka_unit_test(a_partial_alone_is_indented_like_its_tag),
		cmocka_unit_test(indentation_goes_before_lines_of_the_partial_not_of_values),
		cmocka_unit_test(empty_lines_of_a_partial_stay_empty),
		cmocka_unit_test(indentation_adds_up),
		cmocka_unit_test(lines_that_go_leave_no_indentation),
		cmocka_unit_test(indentation_stands_before_a_tag_that_begins_a_line),
		cmocka_unit_test(a_partial_among_text_stands_under_its_tag),
		cmocka_unit_test(mistakes_are_named_with_template_line_and_column),
		cmocka_unit_test(names_are_told_once),
		cmocka_unit_test(missing_partials_are_reported),
		cmocka_unit_test(partials_without_end_are_refused),
		cmocka_unit_test(sections_too_deep_in_each_other_are_refused),
		cmocka_unit_test(a_page_that_takes_too_many_steps_is_refused),
		cmocka_unit_test(a_page_too_large_is_refused),
		cmocka_unit_test(indentation_without_end_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
