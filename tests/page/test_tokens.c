/* test_tokens.c: theme.conf: what it may say, what it becomes in CSS, what is legible on what, and themes
 * over each other. */
#include "folder.h"

#include "page/manifest.h"
#include "page/theme.h"
#include "page/theme_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)

static const struct token *token(const char *name)
{
	size_t at = token_find(str_of(name));
	assert_true(at < TOKENS);
	return &theme_tokens[at];
}

TEST(every_token_has_its_place)
{
	(void)state;
	for (size_t i = 0; i < TOKENS; i++) {
		assert_non_null(theme_tokens[i].name);
		assert_int_equal(token_find(str_of(theme_tokens[i].name)), i);
		assert_true(str_starts(str_of(theme_tokens[i].property), S("--")));
	}
	assert_int_equal(token_find(S("colour")), TOKENS);
	assert_int_equal(token_find(S("")), TOKENS);
	assert_string_equal(token_nearest(S("color.ink"))->name, "colour.ink");
}

TEST(values_are_of_the_tokens_kind)
{
	static const struct {
		const char *token, *value;
		bool        good;
	} cases[] = {
		{ "colour.ink", "#a12", true },        { "colour.ink", "#A1B2c3", true },
		{ "colour.ink", "red", false },        { "colour.ink", "#a1", false },
		{ "colour.ink", "#ggg", false },       { "colour.ink", "#11223344", false },
		{ "colour.ink", "#a12;}", false },     { "measure", "34.5rem", true },
		{ "measure", "0", true },              { "measure", ".5em", true },
		{ "measure", "34", false },            { "measure", "34parsec", false },
		{ "measure", "clamp(1rem, 1.3rem + 1.4vw, 2rem)", true },
		{ "measure", "calc((1rem + 2px) * 2)", true },
		{ "measure", "min(10rem, 50%)", true },  { "measure", "clamp(1rem, 2rem", false },
		{ "measure", "1rem)", false },           { "measure", "url(x)", false },
		{ "measure", "1rem 2rem", false },       { "measure", "1rem + 2rem", false },
		{ "measure", "calc()", false },          { "measure", "1rem; color: red", false },
		{ "type.text", "Georgia, \"Times New Roman\", serif", true },
		{ "type.text", "Georgia, , serif", false }, { "type.text", "\"Georgia", false },
		{ "type.text", "serif; }", false },      { "type.text", "a url(x)", false },
		{ "weight.head", "500", true },          { "weight.head", "0", false },
		{ "weight.head", "1001", false },        { "weight.head", "bold", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		err_t e = token_check(token(cases[i].token), str_of(cases[i].value));
		if (!e != cases[i].good)
			fail_msg("%s = %s", cases[i].token, cases[i].value);
		err_free(e);
	}
}

TEST(a_manifest_says_fields_and_tokens)
{
	arena_t *a = arena_create(0);
	struct manifest m, again;
	(void)state;
	assert_null(manifest_parse(a, S("theme.conf"), S("# harbour\r\nname = Harbour\r\n\n"
		"based_on = magazine\nlogo = icons/logo.svg\ncolour.accent = #a12\n"
		"type.text = Georgia, \"Times New Roman\"\n"), &m));
	assert_true(str_eq(m.name, S("Harbour")));
	assert_true(str_eq(m.based_on, S("magazine")));
	assert_true(str_eq(m.tokens.v[token_find(S("colour.accent"))], S("#a12")));
	assert_null(manifest_parse(a, S("again"), manifest_write(a, &m), &again));
	assert_true(str_eq(manifest_write(a, &m), manifest_write(a, &again)));
	arena_free(a);
}

TEST(what_is_wrong_with_a_manifest_is_named)
{
	static const struct {
		str_t       text;
		const char *message;
	} cases[] = {
		{ S("\nname"), "theme.conf:2: write \"key = value\"" },
		{ S("color.ink = #000"), "theme.conf:1: unknown key \"color.ink\"; did you mean \"colour.ink\"?" },
		{ S("autor = me"), "theme.conf:1: unknown key \"autor\"; did you mean \"author\"?" },
		{ S("name = a\nname = b"), "theme.conf:2: \"name\" stands here a second time" },
		{ S("page ="), "theme.conf:1: \"page\" has no value" },
		{ S("page = wide"), "theme.conf:1: page: \"wide\" must be a size as \"1.5rem\" or "
				    "\"clamp(1rem, 2vw, 2rem)\"" },
		{ S("logo = ../../etc/passwd"), "theme.conf:1: logo: \"../../etc/passwd\" must be a file of "
						"the theme as \"icons/logo.svg\"" },
		{ S("name = a\x01"), "theme.conf:1: holds a control character" },
		{ S("name = \xff"), "theme.conf: is not UTF-8 at byte 8" },
	};
	arena_t *a = arena_create(0);
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct manifest m;
		err_t e = manifest_parse(a, S("theme.conf"), cases[i].text, &m);
		assert_non_null(e);
		assert_string_equal(err_text(e), cases[i].message);
		err_free(e);
	}
	arena_free(a);
}

TEST(tokens_become_custom_properties_for_light_and_dark)
{
	arena_t *a = arena_create(0);
	struct token_values v = { 0 };
	(void)state;
	v.v[token_find(S("colour.ink"))] = S("#111");
	v.v[token_find(S("dark.ink"))] = S("#eee");
	v.v[token_find(S("measure"))] = S("30rem");
	assert_true(str_eq(tokens_css(a, &v), S(":root{color-scheme:light dark;--ink:#111;--measure:30rem;}\n"
		"@media (prefers-color-scheme:dark){:root{--ink:#eee;}}\n")));
	arena_free(a);
}

static void ratio(const char *one, const char *other, double expected)
{
	double r = token_contrast(str_of(one), str_of(other));
	if (r < expected - 0.005 || r > expected + 0.005)
		fail_msg("%s on %s: %f", one, other, r);
}

/* Figures of WebAIM's contrast checker. */
TEST(contrast_is_that_of_wcag)
{
	(void)state;
	ratio("#000", "#fff", 21);
	ratio("#fff", "#ffffff", 1);
	ratio("#767676", "#fff", 4.54);
	ratio("#777", "#fff", 4.48);
	ratio("#f00", "#ffffff", 4.0);
	ratio("no colour", "#fff", 0);
}

TEST(themes_that_come_along_are_whole_and_legible)
{
	arena_t *a = arena_create(0);
	struct strs names = { 0 };
	(void)state;
	theme_names(a, &names);
	assert_true(names.n >= 2);
	assert_true(str_eq(names.v[0], S("broadsheet")));
	for (size_t i = 0; i < names.n; i++) {
		struct theme_stack s;
		struct strs lines = { 0 };
		assert_null(theme_stack_begin(a, names.v[i], &s));
		assert_true(str_eq(s.manifest.name, names.v[i]));
		for (size_t k = 0; k < TOKENS; k++)
			if (!s.manifest.tokens.v[k].n)
				fail_msg("%.*s does not say %s", STR(names.v[i]), theme_tokens[k].name);
		tokens_legible(a, &s.manifest.tokens, &lines);
		for (size_t k = 0; k < lines.n; k++)
			print_error("%.*s: %.*s\n", STR(names.v[i]), STR(lines.v[k]));
		assert_int_equal(lines.n, 0);
	}
	arena_free(a);
}

/* --- themes over each other --- */

static struct theme *make(const char *chosen, const char *folder)
{
	struct theme *t = NULL;
	err_t e = theme_new(&(struct theme_options){ chosen, folder, THEME_DEVELOPMENT }, &t);
	if (e)
		fail_msg("%s", err_text(e));
	return t;
}

static str_t draw(struct theme *t, arena_t *a, const char *name)
{
	const struct theme_set *set;
	struct buf out = buf_new(a, 64);
	assert_null(theme_hold(t, &set));
	err_t e = template_render(set->templates, str_of(name), json_null(), &out);
	if (e)
		fail_msg("%s", err_text(e));
	theme_release(t, set);
	return buf_str(&out);
}

static str_t style(struct theme *t, arena_t *a)
{
	const struct theme_set *set;
	assert_null(theme_hold(t, &set));
	str_t css = str_copy(a, assets_bytes(set->assets, str_of(json_string_value(
		json_object_get(assets_view(set->assets), "style")))));
	theme_release(t, set);
	return css;
}

static bool holds(str_t text, const char *part)
{
	return str_find(text, str_of(part), 0) != STR_NONE;
}

TEST(a_folder_is_laid_over_the_theme_it_is_based_on)
{
	struct folder f = folder_new();
	(void)state;
	folder_put(&f, "theme.conf", "based_on = magazine\ncolour.accent = #a00\n");
	folder_put(&f, "templates/pager.html", "[{{> broadsheet/pager}}]");
	folder_put(&f, "style/ORDER", "*\nown.css\n");
	folder_put(&f, "style/own.css", "own {}");
	folder_put(&f, "messages/fr.txt", "front.latest = Tout frais\n");
	struct theme *t = make(NULL, f.path);
	const struct theme_set *set;
	str_t css = style(t, f.a);
	assert_true(holds(css, "--accent:#a00;"));
	assert_true(holds(css, "Bricolage Display")); /* the magazine's */
	assert_true(holds(css, ".masthead"));            /* the base's */
	assert_true(holds(css, "own{}"));
	assert_true(str_starts(draw(t, f.a, "pager"), S("[")));
	assert_true(holds(draw(t, f.a, "pager"), "class=\"pager\""));
	assert_true(holds(draw(t, f.a, "magazine/front"), "<!DOCTYPE html>"));
	assert_null(theme_hold(t, &set));
	const struct tongue *fr = messages_tongue(set->messages, S("fr"));
	assert_true(str_eq(messages_get(fr, "front.latest"), S("Tout frais")));
	assert_true(str_eq(messages_get(fr, "page.sections"), S("Rubriques")));
	assert_string_equal(json_string_value(json_object_get(set->look, "name")), "magazine");
	theme_release(t, set);
	theme_free(t);
	folder_free(&f);
}

TEST(a_chosen_folder_lies_between)
{
	struct folder f = folder_new(), own = folder_new();
	(void)state;
	folder_put(&f, "templates/nameplate.html", "chosen");
	folder_put(&f, "templates/pager.html", "chosen");
	folder_put(&own, "templates/pager.html", "own");
	struct theme *t = make(f.path, own.path);
	assert_true(str_eq(draw(t, f.a, "nameplate"), S("chosen")));
	assert_true(str_eq(draw(t, f.a, "pager"), S("own")));
	folder_put(&f, "templates/nameplate.html", "changed"); /* noticed, too */
	assert_true(str_eq(draw(t, f.a, "nameplate"), S("changed")));
	theme_free(t);
	folder_free(&f);
	folder_free(&own);
}

static void refused(const char *chosen, const char *folder, const char *part)
{
	struct theme *t;
	err_t e = theme_new(&(struct theme_options){ chosen, folder, THEME_FIXED }, &t);
	assert_non_null(e);
	if (!strstr(err_text(e), part))
		fail_msg("\"%s\" does not say \"%s\"", err_text(e), part);
	err_free(e);
}

TEST(a_theme_that_is_not_there_is_named)
{
	struct folder f = folder_new();
	(void)state;
	refused("magasine", NULL, "there is no theme \"magasine\"; did you mean \"magazine\"?");
	refused("./nowhere", NULL, "there is no folder ./nowhere");
	folder_put(&f, "theme.conf", "based_on = broadshet\n");
	refused(NULL, f.path, "did you mean \"broadsheet\"?");
	folder_free(&f);
}

TEST(a_logo_brings_its_shape)
{
	struct folder f = folder_new();
	const struct theme_set *set;
	(void)state;
	folder_put(&f, "theme.conf", "logo = icons/logo.svg\n");
	folder_put(&f, "icons/logo.svg", "<?xml version='1.0'?><svg viewBox=\"0 0 320.4 40\" width=\"9\"></svg>");
	struct theme *t = make(NULL, f.path);
	assert_null(theme_hold(t, &set));
	const json_t *logo = json_object_get(set->look, "logo");
	assert_int_equal(json_integer_value(json_object_get(logo, "width")), 320);
	assert_int_equal(json_integer_value(json_object_get(logo, "height")), 40);
	assert_true(str_starts(str_of(json_string_value(json_object_get(logo, "src"))), S("/assets/logo.")));
	theme_release(t, set);
	theme_free(t);
	folder_put(&f, "icons/logo.svg", "<svg></svg>");
	refused(NULL, f.path, "logo: icons/logo.svg must be a PNG, or an SVG with a viewBox");
	folder_put(&f, "theme.conf", "logo = icons/none.png\n");
	refused(NULL, f.path, "logo: the theme has no \"icons/none.png\"");
	folder_free(&f);
}

/* --- checking --- */

static bool finds(const struct findings *found, bool error, const char *file, int line, const char *text)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct finding *f = &found->v[i];
		if (f->error == error && str_eq(f->file, str_of(file)) && f->line == line &&
		    holds(f->text, text))
			return true;
	}
	for (size_t i = 0; i < found->n; i++)
		print_error("found %.*s:%d: %.*s\n", STR(found->v[i].file), found->v[i].line,
			    STR(found->v[i].text));
	fail_msg("\"%s\" is not found", text);
	return false;
}

TEST(all_that_is_wrong_with_a_folder_is_told_at_once)
{
	static const struct {
		bool        error;
		const char *file;
		int         line;
		const char *text;
	} told[] = {
		{ false, "theme.conf", 0, "colour.ink on colour.paper has a contrast of 2.32:1" },
		{ true, "templates/tag.html", 2, "\"x\" is not closed" },
		{ true, "templates/own.html", 1, "there is no template \"layuot\"; did you mean \"layout\"?" },
		{ false, "templates/own.html", 1, "has a block \"mian\"; did you mean \"main\"?" },
		{ false, "templates/own.html", 2, "no view has a key \"headlin\"; did you mean \"headline\"?" },
		{ true, "templates/own.html", 2, "there is no message \"no.such\"" },
		{ true, "templates/own.html", 2, "no font, icon, script or sheet \"tabels\"" },
		{ true, "templates/own.html", 3, "style=\"" },
		{ true, "templates/own.html", 4, "<img> has no alt" },
		{ true, "templates/own.html", 4, "fetched from elsewhere" },
		{ true, "templates/own.html", 5, "a script in the page is refused" },
		{ true, "templates/own.html", 6, "scripts in attributes" },
		{ true, "templates/layout.html", 0, "<html> has no lang" },
		{ true, "templates/layout.html", 0, "there is no <main>" },
		{ false, "style/own.css", 0, "nothing loads it" },
		{ true, "style/own.css", 2, "nothing says what --nope is" },
		{ true, "style/own.css", 3, "\"http://x/y.png\" is fetched from elsewhere" },
		{ true, "style/own.css", 4, "the theme has no \"../fonts/none.woff2\"" },
		{ false, "style/own.css", 5, "\"margin-inline-start\" follows the reader" },
		{ true, "style/own.css", 1, "\"{\" is not closed" },
		{ false, "messages/de.txt", 0, "\"page.sections\" is not there" },
		{ false, "messages/de.txt", 0, "nothing says \"front.latset\"" },
		{ true, "fonts/text-roman.woff2", 0, "it is no WOFF2 font" },
		{ false, "", 0, "templates/x.php is left out" },
	};
	struct folder f = folder_new();
	struct findings found = { 0 };
	(void)state;
	folder_put(&f, "theme.conf", "name = x\ncolour.ink = #aaa\n");
	folder_put(&f, "templates/x.php", "<?php");
	folder_put(&f, "templates/tag.html", "\n{{#x}}");
	folder_put(&f, "templates/layout.html", "<html><title>x</title><body></body></html>");
	folder_put(&f, "templates/own.html",
		   "{{<layuot}}{{$mian}}\n{{headlin}} {{t.no.such}} {{asset.tabels}} {{url}}\n"
		   "<p style=\"x\">\n<img src=\"https://x.org/{{url}}\">\n<script>alert(1)</script>\n"
		   "<p onclick=\"x()\">{{/mian}}{{/layuot}}");
	folder_put(&f, "style/own.css", "p {\ncolor: var(--nope); fill: var(--none, red); /* var(--comment) */\n"
		   "background: url(http://x/y.png);\nsrc: url(../fonts/none.woff2), url(../fonts/head.woff2);\n"
		   "margin-left: 1px; border-radius: var(--radius);");
	folder_put(&f, "messages/de.txt", "front.latset = Neu\n");
	folder_put(&f, "fonts/text-roman.woff2", "no font");
	assert_null(theme_check(f.a, "", f.path, &found));
	for (size_t i = 0; i < COUNT(told); i++)
		assert_true(finds(&found, told[i].error, told[i].file, told[i].line, told[i].text));
	for (size_t i = 0; i < found.n; i++)
		assert_false(holds(found.v[i].text, "--comment") || holds(found.v[i].text, "--none") ||
			     holds(found.v[i].text, "\"url\"") || holds(found.v[i].text, "head.woff2"));
	folder_free(&f);
}

TEST(themes_that_come_along_pass_their_own_check)
{
	static const char *const folders[] = { "theme", "themes/magazine" }; /* in the source's root */
	(void)state;
	for (size_t i = 0; i < COUNT(folders); i++) {
		arena_t *a = arena_create(0);
		struct findings found = { 0 };
		int errors = 0;
		assert_null(theme_check(a, "", folders[i], &found));
		for (size_t k = 0; k < found.n; k++) {
			if (str_starts(found.v[k].file, S("messages/")))
				continue; /* test_messages asks for those */
			print_error("%s: %.*s:%d: %.*s\n", folders[i], STR(found.v[k].file),
				    found.v[k].line, STR(found.v[k].text));
			errors++;
		}
		assert_int_equal(errors, 0);
		arena_free(a);
	}
}

TEST(a_mistake_in_the_manifest_does_not_hide_others)
{
	struct folder f = folder_new();
	struct findings found = { 0 };
	(void)state;
	folder_put(&f, "theme.conf", "name = x\nbased_on = magasine\n");
	folder_put(&f, "templates/own.html", "{{> nobody}}");
	assert_null(theme_check(f.a, "", f.path, &found));
	assert_true(finds(&found, true, "theme.conf", 0, "did you mean \"magazine\"?"));
	assert_true(finds(&found, true, "templates/own.html", 1, "there is no template \"nobody\""));
	err_t e = theme_check(f.a, "", "/nowhere", &found);
	assert_int_equal(e->code, ERR_MISSING);
	err_free(e);
	folder_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_token_has_its_place),
		cmocka_unit_test(values_are_of_the_tokens_kind),
		cmocka_unit_test(a_manifest_says_fields_and_tokens),
		cmocka_unit_test(what_is_wrong_with_a_manifest_is_named),
		cmocka_unit_test(tokens_become_custom_properties_for_light_and_dark),
		cmocka_unit_test(contrast_is_that_of_wcag),
		cmocka_unit_test(themes_that_come_along_are_whole_and_legible),
		cmocka_unit_test(a_folder_is_laid_over_the_theme_it_is_based_on),
		cmocka_unit_test(a_chosen_folder_lies_between),
		cmocka_unit_test(a_theme_that_is_not_there_is_named),
		cmocka_unit_test(a_logo_brings_its_shape),
		cmocka_unit_test(all_that_is_wrong_with_a_folder_is_told_at_once),
		cmocka_unit_test(themes_that_come_along_pass_their_own_check),
		cmocka_unit_test(a_mistake_in_the_manifest_does_not_hide_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
