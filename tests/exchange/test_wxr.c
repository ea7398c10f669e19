/* test_wxr.c: reading WordPress exports: real ones, and those with one fault each
 * (tests/fixtures/wordpress/broken/faults.json). */
#include "base/file.h"
#include "exchange/wxr.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define FIXTURES "tests/fixtures/wordpress/"

struct counted {
	int   items, comments, authors;
	str_t last_url;
	arena_t *a;
};

static err_t count(void *ctx, arena_t *a, const struct wxr_node *node)
{
	struct counted *c = ctx;
	(void)a;
	c->items += str_eq(node->name, S("item"));
	c->authors += str_eq(node->name, S("wp:author"));
	for (size_t i = 0; i < node->nchildren; i++) {
		if (!str_eq(node->children[i].name, S("wp:comment")))
			continue;
		c->comments++;
		str_t url = wxr_get(&node->children[i], "wp:comment_author_url");
		if (str_find_char(url, '&', 0) != STR_NONE)
			c->last_url = str_copy(c->a, url);
	}
	return OK;
}

static err_t read_file(const char *path, struct counted *c)
{
	struct wxr_reader reader = { .node = count, .ctx = c };
	return wxr_read(path, &reader);
}

static void a_real_export_is_read_whole(void **state)
{
	struct counted c = { .a = arena_create(0) };
	(void)state;
	assert_null(read_file(FIXTURES "export.xml", &c));
	assert_int_equal(c.items, 96);
	assert_int_equal(c.comments, 47);
	assert_int_equal(c.authors, 8);
	arena_free(c.a);
}

static void what_wordpress_writes_wrong_is_borne(void **state)
{
	struct counted c = { .a = arena_create(0) };
	(void)state;
	assert_null(read_file(FIXTURES "ill-formed.xml", &c));
	assert_true(c.items > 0);
	assert_true(c.last_url.n > 0);
	assert_int_equal(str_find(c.last_url, S("&amp;"), 0), STR_NONE);
	arena_free(c.a);
}

static void a_fault_is_named_with_its_line(void **state)
{
	arena_t *a = arena_create(0);
	str_t text;
	json_error_t why;
	const char *name;
	json_t *fault;
	(void)state;
	assert_null(file_read(a, FIXTURES "broken/faults.json", 1 << 20, &text));
	json_t *all = json_loadb(text.p, text.n, 0, &why);
	assert_non_null(all);
	json_object_foreach(all, name, fault) {
		struct counted c = { .a = a };
		const char *outcome = json_string_value(json_object_get(fault, "outcome"));
		char *path = str_z(a, str_format(a, FIXTURES "broken/%s", name));
		if (strcmp(outcome, "refuse") != 0)
			continue;
		err_t e = read_file(path, &c);
		if (!e)
			fail_msg("%s was read", name);
		assert_int_equal(e->code, ERR_INPUT);
		if (!strstr(err_text(e), name) || !strchr(err_text(e), ':'))
			fail_msg("%s: \"%s\" does not say where", name, err_text(e));
		err_free(e);
	}
	json_decref(all);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_real_export_is_read_whole),
		cmocka_unit_test(what_wordpress_writes_wrong_is_borne),
		cmocka_unit_test(a_fault_is_named_with_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
