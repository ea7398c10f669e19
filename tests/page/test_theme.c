/* test_theme.c: the theme that is compiled in, a publication's own files over it, changes in
 * development. */
#include "folder.h"

#include "base/file.h"
#include "page/theme.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)

static struct theme *make(const char *folder, enum theme_mode mode)
{
	struct theme *t = NULL;
	err_t e = theme_new(&(struct theme_options){ NULL, folder, mode }, &t);
	if (e)
		fail_msg("%s", err_text(e));
	return t;
}

static str_t draw(const struct theme_set *set, arena_t *a, const char *name)
{
	struct buf out = buf_new(a, 64);
	err_t e = template_render(set->templates, str_of(name), json_null(), &out);
	if (e)
		fail_msg("%s", err_text(e));
	return buf_str(&out);
}

/* Draws with the set of this moment. */
static void gives(struct theme *t, const char *name, const char *expected)
{
	const struct theme_set *set;
	arena_t *a = arena_create(0);
	assert_null(theme_hold(t, &set));
	assert_string_equal(draw(set, a, name).p, expected);
	theme_release(t, set);
	arena_free(a);
}

static void report(struct theme *t, arena_t *a, struct strs *lines)
{
	*lines = (struct strs){ 0 };
	theme_report(t, a, lines);
}

TEST(the_theme_compiled_in_is_whole)
{
	static const char *const names[] = { "style", "icon", "text-roman", "head" };
	struct theme *t = make(NULL, THEME_FIXED);
	const struct theme_set *set;
	struct strs lines;
	arena_t *a = arena_create(0);
	(void)state;
	assert_null(theme_hold(t, &set));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_true(json_is_string(json_object_get(assets_view(set->assets), names[i])));
	assert_int_not_equal(str_find(draw(set, a, "layout"), S("<!DOCTYPE html>"), 0), STR_NONE);
	report(t, a, &lines);
	assert_int_equal(lines.n, 0);
	theme_release(t, set);
	arena_free(a);
	theme_free(t);
}

TEST(a_folder_that_is_not_there_is_none)
{
	(void)state;
	theme_free(make("/nowhere/theme", THEME_FIXED));
}

TEST(a_publications_file_stands_over_ours)
{
	struct folder f = folder_new();
	(void)state;
	folder_put(&f, "templates/nameplate.html", "Ours");
	folder_put(&f, "templates/forum/thread.html", "\xef\xbb\xbf{{> nameplate}}!");
	folder_put(&f, "style/ORDER", "own.css");
	folder_put(&f, "style/own.css", "p {}");
	struct theme *t = make(f.path, THEME_FIXED);
	const struct theme_set *set;
	gives(t, "nameplate", "Ours");
	gives(t, "forum/thread", "Ours!");
	assert_null(theme_hold(t, &set));
	str_t url = str_of(json_string_value(json_object_get(assets_view(set->assets), "style")));
	assert_true(str_eq(assets_bytes(set->assets, url), S("p{}")));
	theme_release(t, set);
	theme_free(t);
	folder_free(&f);
}

TEST(links_and_strange_files_are_left_out_and_told)
{
	struct folder f = folder_new(), outside = folder_new();
	struct strs lines;
	arena_t *a = arena_create(0);
	(void)state;
	folder_put(&outside, "secret.html", "secret");
	folder_put(&f, "README.md", "a note");
	folder_put(&f, ".hidden/templates/x.html", "hidden");
	folder_put(&f, "templates/x.php", "<?php");
	folder_link(&f, "templates/nameplate.html", path_join(a, outside.path, "secret.html"));
	folder_link(&f, "icons", outside.path);
	struct theme *t = make(f.path, THEME_FIXED);
	report(t, a, &lines);
	assert_int_equal(lines.n, 3);
	for (size_t i = 0; i < lines.n; i++)
		assert_int_not_equal(str_find(lines.v[i], S("is left out"), 0), STR_NONE);
	const struct theme_set *set;
	assert_null(theme_hold(t, &set));
	assert_int_equal(str_find(draw(set, a, "nameplate"), S("secret"), 0), STR_NONE);
	theme_release(t, set);
	theme_free(t);
	arena_free(a);
	folder_free(&f);
	folder_free(&outside);
}

TEST(a_partial_that_nobody_has_is_told)
{
	struct folder f = folder_new();
	struct strs lines;
	arena_t *a = arena_create(0);
	(void)state;
	folder_put(&f, "templates/own.html", "\n{{> card-stroy}}");
	struct theme *t = make(f.path, THEME_FIXED);
	report(t, a, &lines);
	assert_int_equal(lines.n, 1);
	assert_true(str_eq(lines.v[0], S("template own:2:1: there is no template \"card-stroy\"")));
	theme_free(t);
	arena_free(a);
	folder_free(&f);
}

static void fails(const char *folder, const char *part)
{
	struct theme *t;
	err_t e = theme_new(&(struct theme_options){ NULL, folder, THEME_FIXED }, &t);
	assert_non_null(e);
	if (!strstr(err_text(e), part))
		fail_msg("\"%s\" does not say \"%s\"", err_text(e), part);
	err_free(e);
}

TEST(a_template_with_a_mistake_is_named)
{
	struct folder f = folder_new();
	(void)state;
	folder_put(&f, "templates/front.html", "a\n{{#x}}");
	fails(f.path, "template front:2:1: \"x\" is not closed");
	folder_free(&f);
}

TEST(a_file_too_large_is_named)
{
	struct folder f = folder_new();
	(void)state;
	folder_put(&f, "fonts/huge.woff2", "");
	assert_int_equal(truncate(path_join(f.a, f.path, "fonts/huge.woff2"), 5 << 20), 0);
	fails(f.path, "fonts/huge.woff2 is too large");
	folder_free(&f);
}

TEST(without_development_changes_wait)
{
	struct folder f = folder_new();
	(void)state;
	folder_put(&f, "templates/x.html", "one");
	struct theme *t = make(f.path, THEME_FIXED);
	folder_put(&f, "templates/x.html", "two");
	gives(t, "x", "one");
	theme_free(t);
	folder_free(&f);
}

TEST(in_development_changes_show_at_once)
{
	struct folder f = folder_new();
	(void)state;
	folder_put(&f, "templates/x.html", "one");
	struct theme *t = make(f.path, THEME_DEVELOPMENT);
	gives(t, "x", "one");
	folder_put(&f, "templates/x.html", "two");
	gives(t, "x", "two");
	folder_put(&f, "templates/y.html", "new");
	gives(t, "y", "new");
	assert_int_equal(unlink(path_join(f.a, f.path, "templates/y.html")), 0);
	const struct theme_set *set;
	arena_t *a = arena_create(0);
	struct buf out = buf_new(a, 16);
	assert_null(theme_hold(t, &set));
	err_t e = template_render(set->templates, S("y"), json_null(), &out);
	assert_int_equal(e->code, ERR_MISSING);
	err_free(e);
	theme_release(t, set);
	arena_free(a);
	theme_free(t);
	folder_free(&f);
}

TEST(a_set_in_use_stays_while_a_new_one_comes)
{
	struct folder f = folder_new();
	const struct theme_set *old;
	arena_t *a = arena_create(0);
	(void)state;
	folder_put(&f, "templates/x.html", "one");
	struct theme *t = make(f.path, THEME_DEVELOPMENT);
	assert_null(theme_hold(t, &old));
	folder_put(&f, "templates/x.html", "two");
	gives(t, "x", "two");
	assert_string_equal(draw(old, a, "x").p, "one");
	theme_release(t, old);
	arena_free(a);
	theme_free(t);
	folder_free(&f);
}

TEST(a_mistake_in_development_is_told_until_it_is_mended)
{
	struct folder f = folder_new();
	const struct theme_set *set;
	(void)state;
	folder_put(&f, "templates/x.html", "one");
	struct theme *t = make(f.path, THEME_DEVELOPMENT);
	folder_put(&f, "templates/x.html", "{{#oops}}");
	for (int i = 0; i < 2; i++) {
		err_t e = theme_hold(t, &set);
		assert_non_null(e);
		assert_string_equal(err_text(e), "template x:1:1: \"oops\" is not closed");
		err_free(e);
	}
	folder_put(&f, "templates/x.html", "mended");
	gives(t, "x", "mended");
	theme_free(t);
	folder_free(&f);
}

/* --- threads --- */

enum { DRAWERS = 4, CHANGES = 20 };

struct world {
	struct theme *t;
	atomic_bool   done;
	atomic_int    drawn;
};

static void *draw_on(void *arg)
{
	struct world *w = arg;
	while (!atomic_load(&w->done)) {
		const struct theme_set *set;
		arena_t *a = arena_create(0);
		err_t e = theme_hold(w->t, &set);
		if (!e) {
			str_t page = draw(set, a, "x"), url = str_of(json_string_value(
				json_object_get(assets_view(set->assets), "style")));
			struct answer *style = NULL;
			err_free(assets_get(set->assets, url, &style));
			if (style && str_starts(page, S("version ")))
				atomic_fetch_add(&w->drawn, 1);
			answer_drop(style);
			theme_release(w->t, set);
		}
		err_free(e);
		arena_free(a);
	}
	return NULL;
}

TEST(many_draw_while_the_theme_changes)
{
	struct folder f = folder_new();
	pthread_t threads[DRAWERS];
	char text[32];
	(void)state;
	folder_put(&f, "templates/x.html", "version 0");
	struct world w = { .t = make(f.path, THEME_DEVELOPMENT) };
	for (int i = 0; i < DRAWERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, draw_on, &w), 0);
	for (int i = 1; i <= CHANGES; i++) {
		int before = atomic_load(&w.drawn);
		snprintf(text, sizeof text, "version %d", i);
		folder_put(&f, "templates/x.html", text);
		while (atomic_load(&w.drawn) < before + DRAWERS)
			usleep(1000);
	}
	atomic_store(&w.done, true);
	for (int i = 0; i < DRAWERS; i++)
		pthread_join(threads[i], NULL);
	gives(w.t, "x", text);
	theme_free(w.t);
	folder_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_theme_compiled_in_is_whole),
		cmocka_unit_test(a_folder_that_is_not_there_is_none),
		cmocka_unit_test(a_publications_file_stands_over_ours),
		cmocka_unit_test(links_and_strange_files_are_left_out_and_told),
		cmocka_unit_test(a_partial_that_nobody_has_is_told),
		cmocka_unit_test(a_template_with_a_mistake_is_named),
		cmocka_unit_test(a_file_too_large_is_named),
		cmocka_unit_test(without_development_changes_wait),
		cmocka_unit_test(in_development_changes_show_at_once),
		cmocka_unit_test(a_set_in_use_stays_while_a_new_one_comes),
		cmocka_unit_test(a_mistake_in_development_is_told_until_it_is_mended),
		cmocka_unit_test(many_draw_while_the_theme_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
