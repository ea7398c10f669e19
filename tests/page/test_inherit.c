/* test_inherit.c: templates that inherit: {{<parent}} and {{$block}}. */
#include "drawing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)
#define DRAWS(expected, ...) draws(&(struct drawing){ __VA_ARGS__ }, (expected))

TEST(a_block_nobody_overrides_gives_its_default)
{
	(void)state;
	gives("[{{$b}}default {{x}}{{#y}}{{{.}}}{{/y}}{{^z}}!{{/z}}{{/b}}]",
	      "{\"x\":\"&\",\"y\":\"&\"}", "[default &amp;&!]");
	DRAWS("[default]", .template = "{{<p}}{{/p}}", .others = { { "p", "[{{$b}}default{{/b}}]" } });
}

TEST(a_parent_gives_what_its_child_overrides)
{
	(void)state;
	DRAWS("[mine/other]", .template = "{{<p}}{{$b}}mine{{/b}}{{/p}}",
	      .others = { { "p", "[{{$b}}default{{/b}}/{{$c}}other{{/c}}]" } });
	DRAWS("1 2", .template = "{{<p}}{{$b}}1{{/b}}{{/p}} {{<p}}{{$b}}2{{/b}}{{/p}}",
	      .others = { { "p", "{{$b}}{{/b}}" } });
}

TEST(a_block_may_stand_twice)
{
	(void)state;
	DRAWS("<h1>A</h1>", .template = "{{<p}}{{$h}}1{{/h}}{{/p}}",
	      .others = { { "p", "<h{{$h}}2{{/h}}>A</h{{$h}}2{{/h}}>" } });
}

TEST(text_in_a_parent_outside_of_blocks_is_nothing)
{
	(void)state;
	DRAWS("[mine]", .template = "{{<p}} a {{x}} {{$b}}mine{{/b}} {{! c }} b {{/p}}",
	      .others = { { "p", "[{{$b}}{{/b}}]" } }, .view = "{\"x\":1}");
}

TEST(views_do_not_override_blocks)
{
	(void)state;
	DRAWS("mine default", .template = "{{<p}}{{$b}}mine{{/b}}{{/p}}",
	      .others = { { "p", "{{$b}}{{/b}} {{$c}}default{{/c}}" } },
	      .view = "{\"b\":\"view\",\"c\":\"view\"}");
}

TEST(a_block_sees_the_context_of_its_place)
{
	(void)state;
	DRAWS("inner 1;inner 2;", .template = "{{<p}}{{$b}}inner {{x}};{{/b}}{{/p}}",
	      .others = { { "p", "{{#v}}{{$b}}outer {{x}}{{/b}}{{/v}}" } },
	      .view = "{\"x\":0,\"v\":[{\"x\":1},{\"x\":2}]}");
}

TEST(the_outermost_override_has_the_last_word)
{
	static const char *const middle = "{{<base}}{{$b}}middle{{/b}}{{$c}}middle{{/c}}{{/base}}";
	static const char *const base = "{{$b}}base{{/b}},{{$c}}base{{/c}},{{$d}}base{{/d}}";
	(void)state;
	DRAWS("page,middle,base", .template = "{{<middle}}{{$b}}page{{/b}}{{/middle}}",
	      .others = { { "middle", middle }, { "base", base } });
}

TEST(a_block_in_an_override_may_be_overridden_in_turn)
{
	static const char *const middle = "{{<base}}{{$b}}<{{$in}}middle{{/in}}>{{/b}}{{/base}}";
	(void)state;
	DRAWS("<page>", .template = "{{<middle}}{{$in}}page{{/in}}{{/middle}}",
	      .others = { { "middle", middle }, { "base", "{{$b}}base{{/b}}" } });
	DRAWS("<middle>", .template = "{{<middle}}{{/middle}}",
	      .others = { { "middle", middle }, { "base", "{{$b}}base{{/b}}" } });
}

TEST(a_block_may_hold_one_of_its_own_name)
{
	(void)state;
	DRAWS("<<base>>", .template = "{{<p}}{{$b}}<{{$b}}<base>{{/b}}>{{/b}}{{/p}}",
	      .others = { { "p", "{{$b}}p{{/b}}" } });
}

TEST(a_parent_in_an_override_has_its_own_blocks)
{
	(void)state;
	DRAWS("[b:(inner)]", .template = "{{<p}}{{$b}}b:{{<q}}{{$b}}inner{{/b}}{{/q}}{{/b}}{{/p}}",
	      .others = { { "p", "[{{$b}}{{/b}}]" }, { "q", "({{$b}}q{{/b}})" } });
}

TEST(overrides_reach_parents_and_partials_within)
{
	static const char *const other = "{{$a}}o{{/a}} {{<p}}{{$b}}end{{/b}}{{/p}}";
	(void)state;
	DRAWS("x x x end", .template = "{{<p}}{{$a}}x{{/a}}{{/p}}",
	      .others = { { "p", "{{$a}}p{{/a}} {{$b}}{{<other}}{{/other}}{{/b}}" },
			  { "other", other } });
	DRAWS("x x", .template = "{{<p}}{{$a}}x{{/a}}{{/p}}",
	      .others = { { "p", "{{$a}}p{{/a}} {{>q}}" }, { "q", "{{$a}}q{{/a}}" } });
}

TEST(delimiters_hold_in_blocks)
{
	(void)state;
	DRAWS("[1]", .template = "{{=| |=}}|<p||$b||x||/b||/p|", .others = { { "p", "[{{$b}}{{/b}}]" } },
	      .view = "{\"x\":1}");
}

/* --- lines --- */

TEST(a_parent_alone_takes_its_line_and_is_indented)
{
	(void)state;
	DRAWS("a\n  1\n  2\nb\n", .template = "a\n  {{<p}}{{/p}}\nb\n", .others = { { "p", "1\n2\n" } });
	DRAWS("a\n  1x\n  2\nb\n", .template = "a\n  {{<p}}\n  {{$b}}x{{/b}}\n  {{/p}}\nb\n",
	      .others = { { "p", "1{{$b}}{{/b}}\n2\n" } });
}

TEST(tags_of_blocks_alone_in_their_lines_take_them)
{
	(void)state;
	DRAWS("a\nmine\nb\n", .template = "{{<p}}\n{{$b}}\nmine\n{{/b}}\n{{/p}}\n",
	      .others = { { "p", "a\n{{$b}}\ndefault\n{{/b}}\nb\n" } });
	DRAWS("a\ndefault\nb\n", .template = "{{<p}}\n{{/p}}\n",
	      .others = { { "p", "a\n{{$b}}\ndefault\n{{/b}}\nb\n" } });
}

TEST(a_block_in_one_line_keeps_the_line)
{
	(void)state;
	DRAWS("a\n  mine\nb\n", .template = "{{<p}}{{$b}}mine{{/b}}{{/p}}",
	      .others = { { "p", "a\n  {{$b}}default{{/b}}\nb\n" } });
	gives("a\n  {{$b}}default{{/b}}\nb\n", NULL, "a\n  default\nb\n");
	gives("<t>{{$b}}default{{/b}}</t>\n", NULL, "<t>default</t>\n");
}

TEST(an_overrides_indentation_becomes_that_of_its_place)
{
	(void)state;
	DRAWS("a\n\tone\n\t  two\n", .template = "{{<p}}{{$b}}\n    one\n      two\n{{/b}}{{/p}}",
	      .others = { { "p", "a\n\t{{$b}}\n\t{{/b}}\n" } });
}

TEST(a_default_tells_the_indentation_of_its_place)
{
	(void)state;
	DRAWS("a\n    one\nb\n", .template = "{{<p}}{{$b}}\none\n{{/b}}{{/p}}",
	      .others = { { "p", "a\n{{$b}}\n    default\n{{/b}}\nb\n" } });
	gives("a\n{{$b}}\n    default\n  less\n\n{{/b}}\nb\n", NULL,
	      "a\n    default\n      less\n\nb\n");
}

TEST(blocks_within_blocks_are_indented_from_where_they_stand)
{
	static const char *const middle = "{{<base}}\n{{$b}}\n    one\n    {{$in}}\n      two\n    "
					  "{{/in}}\n{{/b}}\n{{/base}}\n";
	(void)state;
	DRAWS("  one\n    mine\n", .template = "{{<middle}}{{$in}}\nmine\n{{/in}}{{/middle}}",
	      .others = { { "middle", middle }, { "base", "  {{$b}}\n  {{/b}}\n" } });
	DRAWS("  one\n    two\n", .template = "{{<middle}}{{/middle}}",
	      .others = { { "middle", middle }, { "base", "  {{$b}}\n  {{/b}}\n" } });
}

TEST(an_override_in_the_midst_of_a_line_is_not_indented)
{
	(void)state;
	DRAWS("  <p>one\ntwo</p>\n", .template = "{{<p}}{{$b}}one\ntwo{{/b}}{{/p}}",
	      .others = { { "p", "  <p>{{$b}}{{/b}}</p>\n" } });
}

TEST(a_partial_in_an_override_is_indented_with_it)
{
	(void)state;
	DRAWS("  a\n    1\n    2\n", .template = "{{<p}}{{$b}}\na\n  {{>q}}\n{{/b}}{{/p}}",
	      .others = { { "p", "  {{$b}}\n  {{/b}}\n" }, { "q", "1\n2\n" } });
}

TEST(an_empty_override_leaves_no_indentation)
{
	(void)state;
	DRAWS("a\n\nb\n", .template = "{{<p}}{{$b}}{{/b}}{{/p}}",
	      .others = { { "p", "a\n  {{$b}}x{{/b}}\nb\n" } });
}

TEST(mistakes_in_parents_and_blocks_are_named)
{
	(void)state;
	gives("{{<p}}{{$b}}{{/p}}", NULL,
	      "error: template main:1:13: \"p\" is closed while \"b\" is open");
	gives("a\n {{$b}}", NULL, "error: template main:2:2: \"b\" is not closed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_nobody_overrides_gives_its_default),
		cmocka_unit_test(a_parent_gives_what_its_child_overrides),
		cmocka_unit_test(a_block_may_stand_twice),
		cmocka_unit_test(text_in_a_parent_outside_of_blocks_is_nothing),
		cmocka_unit_test(views_do_not_override_blocks),
		cmocka_unit_test(a_block_sees_the_context_of_its_place),
		cmocka_unit_test(the_outermost_override_has_the_last_word),
		cmocka_unit_test(a_block_in_an_override_may_be_overridden_in_turn),
		cmocka_unit_test(a_block_may_hold_one_of_its_own_name),
		cmocka_unit_test(a_parent_in_an_override_has_its_own_blocks),
		cmocka_unit_test(overrides_reach_parents_and_partials_within),
		cmocka_unit_test(delimiters_hold_in_blocks),
		cmocka_unit_test(a_parent_alone_takes_its_line_and_is_indented),
		cmocka_unit_test(tags_of_blocks_alone_in_their_lines_take_them),
		cmocka_unit_test(a_block_in_one_line_keeps_the_line),
		cmocka_unit_test(an_overrides_indentation_becomes_that_of_its_place),
		cmocka_unit_test(a_default_tells_the_indentation_of_its_place),
		cmocka_unit_test(blocks_within_blocks_are_indented_from_where_they_stand),
		cmocka_unit_test(an_override_in_the_midst_of_a_line_is_not_indented),
		cmocka_unit_test(a_partial_in_an_override_is_indented_with_it),
		cmocka_unit_test(an_empty_override_leaves_no_indentation),
		cmocka_unit_test(mistakes_in_parents_and_blocks_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
