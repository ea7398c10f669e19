/* test_router.c: from a path to its handler. */
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HANDLER(name)                                                                              \
	static err_t name(struct stet *s, struct request *q, struct response *r)                   \
	{                                                                                          \
		(void)s, (void)q, (void)r;                                                         \
		return OK;                                                                         \
	}
HANDLER(front)
HANDLER(section)
HANDLER(story)
HANDLER(story_json)
HANDLER(section_feed)
HANDLER(world_special)
HANDLER(page)
HANDLER(page_json)
HANDLER(comment)
HANDLER(picture)
HANDLER(tag)
HANDLER(slashed)

static const struct route press[] = {
	{ GET, "/", front },
	{ GET, "/:section", section },
	{ GET, "/:section.json", page_json },
	{ GET, "/:section/:slug", story },
	{ GET, "/:section/:slug.json", story_json },
	{ GET, "/:section/rss.xml", section_feed },
	{ GET, "/world/special", world_special },
	{ POST, "/:where/:what", comment },
	{ GET, "/tag/:tag", tag },
	{ 0, NULL, NULL },
};
static const struct route other[] = {
	{ GET, "/about", page },
	{ GET, "/media/:hash/:width.webp", picture },
	{ PUT, "/media/:hash/:width.webp", picture },
	{ GET, "/docs/", slashed },
	{ 0, NULL, NULL },
};
static const struct route *const tables[] = { press, other, NULL };

struct world {
	arena_t       *a;
	struct router *r;
};

static int begin(void **state)
{
	static struct world w;
	w.a = arena_create(0);
	*state = &w;
	return router_new(tables, &w.r) == OK ? 0 : -1;
}

static int end(void **state)
{
	struct world *w = *state;
	router_free(w->r);
	arena_free(w->a);
	return 0;
}

static struct request *ask(struct world *w, enum method m, const char *path, enum routed wanted,
			   handler_fn handler, str_t *allow)
{
	struct request *q = request_make(w->a, NULL);
	handler_fn found = NULL;
	str_t ignored;
	q->method = m;
	q->path = str_of(path);
	enum routed got = router_find(w->r, q, &found, allow ? allow : &ignored);
	if (got != wanted || found != handler)
		fail_msg("%s: got %d, wanted %d", path, (int)got, (int)wanted);
	return q;
}

static void has(const struct request *q, const char *name, const char *value)
{
	str_t got = params_get(&q->route, name);
	if (!str_eq(got, str_of(value)))
		fail_msg("%s is \"%.*s\"", name, STR(got));
}

static void a_path_finds_its_handler(void **state)
{
	struct world *w = *state;
	ask(w, GET, "/", ROUTED, front, NULL);
	has(ask(w, GET, "/world", ROUTED, section, NULL), "section", "world");
	struct request *q = ask(w, GET, "/world/harbour", ROUTED, story, NULL);
	has(q, "section", "world");
	has(q, "slug", "harbour");
	assert_int_equal(q->route.n, 2);
	ask(w, GET, "/nothing/is/here", ROUTED_NOT_FOUND, NULL, NULL);
}

static void literals_win_and_are_taken_back(void **state)
{
	struct world *w = *state;
	ask(w, GET, "/about", ROUTED, page, NULL);
	ask(w, GET, "/world/rss.xml", ROUTED, section_feed, NULL);
	ask(w, GET, "/world/special", ROUTED, world_special, NULL);
	has(ask(w, GET, "/world/other", ROUTED, story, NULL), "section", "world");
	has(ask(w, GET, "/tag/fishing", ROUTED, tag, NULL), "tag", "fishing");
	has(ask(w, GET, "/tag/rss.xml", ROUTED, tag, NULL), "tag", "rss.xml");
	has(ask(w, GET, "/media/x", ROUTED, story, NULL), "section", "media");
}

static void a_tail_belongs_to_the_pattern(void **state)
{
	struct world *w = *state;
	has(ask(w, GET, "/world/harbour.json", ROUTED, story_json, NULL), "slug", "harbour");
	has(ask(w, GET, "/about.json", ROUTED, page_json, NULL), "section", "about");
	has(ask(w, GET, "/a.json.json", ROUTED, page_json, NULL), "section", "a.json");
	has(ask(w, GET, "/.json", ROUTED, section, NULL), "section", ".json");
	struct request *q = ask(w, GET, "/media/ab12/640.webp", ROUTED, picture, NULL);
	has(q, "hash", "ab12");
	has(q, "width", "640");
	ask(w, GET, "/media/ab12/640.png", ROUTED_NOT_FOUND, NULL, NULL);
	ask(w, GET, "/media/ab12/.webp", ROUTED_NOT_FOUND, NULL, NULL);
}

static void names_are_those_of_the_route_that_answers(void **state)
{
	struct request *q = ask(*state, POST, "/world/harbour", ROUTED, comment, NULL);
	has(q, "where", "world");
	has(q, "what", "harbour");
	assert_null(params_get(&q->route, "section").p);
}

static void a_wrong_method_is_told_the_right_ones(void **state)
{
	struct world *w = *state;
	str_t allow;
	ask(w, DELETE, "/world/harbour", ROUTED_WRONG_METHOD, NULL, &allow);
	assert_true(str_eq(allow, S("GET, HEAD, POST, OPTIONS")));
	ask(w, POST, "/about", ROUTED_WRONG_METHOD, NULL, &allow);
	assert_true(str_eq(allow, S("GET, HEAD, OPTIONS")));
	ask(w, OPTIONS, "/media/a/1.webp", ROUTED_WRONG_METHOD, NULL, &allow);
	assert_true(str_eq(allow, S("GET, HEAD, PUT, OPTIONS")));
	ask(w, METHOD_OTHER, "/", ROUTED_WRONG_METHOD, NULL, NULL);
	ask(w, METHOD_OTHER, "/a/b/c", ROUTED_NOT_FOUND, NULL, NULL);
	/* POST reaches /:where/:what although a literal stands in its way for GET. */
	ask(w, POST, "/world/special", ROUTED, comment, NULL);
}

static void head_is_served_by_get(void **state)
{
	has(ask(*state, HEAD, "/world/harbour", ROUTED, story, NULL), "slug", "harbour");
}

static void a_slash_at_the_end_can_be_told_from_nothing(void **state)
{
	struct world *w = *state;
	ask(w, GET, "/world/", ROUTED_WITHOUT_SLASH, NULL, NULL);
	ask(w, GET, "/world/harbour/", ROUTED_WITHOUT_SLASH, NULL, NULL);
	ask(w, GET, "/a/b/c/", ROUTED_NOT_FOUND, NULL, NULL);
	ask(w, GET, "/docs/", ROUTED, slashed, NULL);
	ask(w, GET, "/docs", ROUTED, section, NULL);
}

static void an_impossible_pattern_is_refused(void **state)
{
	(void)state;
	static const struct route bad[][3] = {
		{ { GET, "about", page }, { 0 } },
		{ { GET, "", page }, { 0 } },
		{ { GET, "/:", page }, { 0 } },
		{ { GET, "/:.json", page }, { 0 } },
		{ { GET, "/:a:b", page }, { 0 } },
		{ { GET, "/x:a", page }, { 0 } },
		{ { GET, "/a//b", page }, { 0 } },
		{ { GET, "/a", NULL }, { 0 } },
		{ { METHOD_OTHER, "/a", page }, { 0 } },
		{ { GET, "/:a/b", page }, { GET, "/:c/b", page }, { 0 } },
		{ { GET, "/:a.json", page }, { GET, "/:b.json", page }, { 0 } },
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		const struct route *const one[] = { bad[i], NULL };
		struct router *r;
		err_t e = router_new(one, &r);
		if (!e)
			fail_msg("accepted %s", bad[i][0].pattern);
		assert_non_null(strstr(err_text(e), bad[i][0].pattern));
		err_free(e);
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_path_finds_its_handler),
		T(literals_win_and_are_taken_back),
		T(a_tail_belongs_to_the_pattern),
		T(names_are_those_of_the_route_that_answers),
		T(a_wrong_method_is_told_the_right_ones),
		T(head_is_served_by_get),
		T(a_slash_at_the_end_can_be_told_from_nothing),
		cmocka_unit_test(an_impossible_pattern_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
