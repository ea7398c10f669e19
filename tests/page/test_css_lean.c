/* test_css_lean.c: what goes from a style sheet, and what must not. */
#include "page/css_lean.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)

static void becomes(const char *css, const char *lean)
{
	arena_t *a = arena_create(0);
	struct buf once = buf_new(a, 64), twice = buf_new(a, 64);
	css_lean(str_of(css), &once);
	if (!str_eq(buf_str(&once), str_of(lean)))
		fail_msg("%s\nbecomes %.*s\nnot     %s", css, STR(buf_str(&once)), lean);
	css_lean(buf_str(&once), &twice);
	assert_true(str_eq(buf_str(&once), buf_str(&twice)));
	arena_free(a);
}

static void stays(const char *css)
{
	becomes(css, css);
}

TEST(white_space_that_parts_nothing_goes)
{
	(void)state;
	becomes("\n a ,\n b  >  c {\r\n\tcolor : red ;\n\tmargin: 0  1px;\n}\n\n",
		"a,b > c{color : red;margin: 0 1px}");
	becomes("@media screen and (min-width: 40rem) {\n\ta { b: c; }\n}\n",
		"@media screen and (min-width: 40rem){a{b: c}}");
	becomes("a{b:c;;}", "a{b:c}");
	becomes("a { b: c } ;", "a{b: c};");
	becomes(" \f\t", "");
	becomes("", "");
}

TEST(comments_go_but_never_join_what_they_part)
{
	(void)state;
	becomes("/* a { */ b { /* c: d; */ e: f /* g */; } /* h", "b{e: f}");
	becomes("a /* x */ b{}", "a b{}");
	becomes("a/* x */b{}", "a/**/b{}");
	becomes("a{b:/* x */c/* y */,/* z */d}", "a{b:/**/c,d}");
	becomes("a{b: 1/**x**//2}", "a{b: 1/**//2}");
	becomes("/*/ still */a{}", "a{}");
	becomes("a/*", "a");
}

TEST(spaces_that_say_something_stay)
{
	(void)state;
	stays("a{width: calc(100% - 2 * var(--x) + (1px - 2em))}");
	stays("a :hover + b ~ c[d = \"e\" i]{font: 400 1rem/1.4 x}");
	stays(":is(a,b) :not(c){}");
	stays("a{--empty: ;--also: }");
	stays("@supports (a: b) and (not (c: d)){}");
}

TEST(strings_and_addresses_stay_as_they_are)
{
	(void)state;
	stays("a{content: \" /* no ; } comment */  \"}");
	stays("a{content: 'it\\'s  { '}");
	stays("a{b: url(../x/*y*/z.woff2) format(\"woff2\")}");
	stays("a{b: URL( data:image/gif;base64,A A } )}");
	stays("a{b: url(\\)  ;)}");
	becomes("a{b: url(  \"x  y\"  ) ; }", "a{b: url( \"x  y\" )}");
	becomes("a{b: curl(x  ,  y)}", "a{b: curl(x,y)}");
	becomes("a{b: #url(x  ,  y)}", "a{b: #url(x,y)}");
	becomes("a{b: 'c'url(x  ,y)}", "a{b: 'c'url(x  ,y)}");
	becomes("a{content: 'open  \n ; b:  c}", "a{content: 'open  \n;b: c}");
	stays("a{content: 'two\\\r\n  lines'}");
	stays("a{b: url(");
	stays("a{b: '");
}

TEST(an_escape_keeps_the_white_space_that_ends_it)
{
	(void)state;
	stays(".a\\26  b{}");
	stays(".a\\26 b{}");
	stays(".\\{\\;\\, c{}");
	becomes(".a\\26/* x */ b{}", ".a\\26/**/ b{}");
	becomes(".a\\000026  {}", ".a\\000026 {}");
	stays("a\\");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_that_parts_nothing_goes),
		cmocka_unit_test(comments_go_but_never_join_what_they_part),
		cmocka_unit_test(spaces_that_say_something_stay),
		cmocka_unit_test(strings_and_addresses_stay_as_they_are),
		cmocka_unit_test(an_escape_keeps_the_white_space_that_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
