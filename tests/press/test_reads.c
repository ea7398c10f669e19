/* Counting readers: who counts, how often, and what the record is told. */
#include "room.h"

#include "press/reads.h"
#include "record/record.h"

static const char browser[] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

struct visit {
	const char *path, *client, *agent, *accept, *dest, *mode, *purpose;
	enum method method;
};

/* A request as the http room hands it on. */
static struct request visit(arena_t *a, struct visit v)
{
	struct request q = { .a = a, .method = v.method, .path = str_of(v.path),
			     .client = str_of(v.client ? v.client : "192.0.2.1") };
	const struct {
		const char *name, *value;
	} fields[] = { { "user-agent", v.agent }, { "accept", v.accept },
		       { "sec-fetch-dest", v.dest }, { "sec-fetch-mode", v.mode },
		       { "sec-purpose", v.purpose } };
	q.headers = arena_array(a, COUNT(fields), sizeof *q.headers);
	for (size_t i = 0; i < COUNT(fields); i++)
		if (fields[i].value)
			q.headers[q.nheaders++] = (struct header){ str_of(fields[i].name),
								   str_of(fields[i].value) };
	return q;
}

#define VISIT(...) visit(r->world.a, (struct visit){ .agent = browser, .accept = "text/html,*/*", __VA_ARGS__ })

static int64_t reads_of(struct room *r, const struct story *st)
{
	static const struct sql sum = { "SELECT coalesce(sum(n), 0) FROM story_read WHERE story = $1" };
	struct conn *c;
	assert_ok(store_reader(r->stet.store, &c));
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	assert_ok(db_query(c, &sum, ARGS(v_int(st->id)), &rows));
	assert_true(rows_next(&rows, &e));
	int64_t n = row_int(&rows, 0);
	rows_end(&rows);
	store_done(r->stet.store, c);
	return n;
}

static void browsers_count_and_programs_do_not(void **state)
{
	struct room *r = *state;
	const struct {
		struct visit v;
		bool         counts;
	} cases[] = {
		{ { .agent = browser, .accept = "text/html", .dest = "document", .mode = "navigate" }, true },
		{ { .agent = browser, .accept = "text/html,application/xhtml+xml" }, true },
		{ { .agent = browser, .accept = "*/*" }, false },
		{ { .agent = browser, .accept = "text/html", .dest = "empty", .mode = "cors" }, false },
		{ { .agent = browser, .accept = "text/html", .dest = "iframe", .mode = "navigate" }, false },
		{ { .agent = browser, .accept = "text/html", .dest = "document", .mode = "navigate",
		    .purpose = "prefetch" }, false },
		{ { .agent = browser, .accept = "text/html", .method = HEAD }, false },
		{ { .agent = "Mozilla/5.0 (compatible; Googlebot/2.1)", .accept = "text/html" }, false },
		{ { .agent = "curl/8.5.0", .accept = "text/html" }, false },
		{ { .agent = "Mozilla/5.0 HeadlessChrome/120", .accept = "text/html" }, false },
		{ { .agent = NULL, .accept = "text/html" }, false },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct request q = visit(r->world.a, cases[i].v);
		if (reads_counts(&q) != cases[i].counts)
			fail_msg("case %zu", i);
	}
}

static void a_reader_counts_once_an_hour(void **state)
{
	struct room *r = *state;
	struct reads *reads;
	struct story st = public_story(r, "A story");
	assert_ok(reads_new(&r->stet, &reads));
	struct request one = VISIT(.path = "/city/a-story");
	struct request other = VISIT(.path = "/city/a-story", .client = "192.0.2.2");
	for (int i = 0; i < 5; i++)
		reads_seen(reads, &one);
	reads_seen(reads, &other);
	assert_ok(reads_write(reads, r->world.a));
	assert_int_equal(reads_of(r, &st), 2);
	reads_seen(reads, &one); /* still the same hour */
	assert_ok(reads_write(reads, r->world.a));
	assert_int_equal(reads_of(r, &st), 2);
	r->stet.clock.fixed += HOUR;
	reads_seen(reads, &one);
	assert_ok(reads_write(reads, r->world.a));
	assert_int_equal(reads_of(r, &st), 3);
	reads_free(reads);
}

static void what_is_no_public_story_is_not_counted(void **state)
{
	struct room *r = *state;
	struct reads *reads;
	struct story secret = draft("A draft");
	assert_ok(story_save(&r->stet, r->world.a, &secret, 0, S("test")));
	assert_ok(reads_new(&r->stet, &reads));
	static const char *const paths[] = { "/", "/city", "/city/a-draft", "/city/nowhere",
					     "/city/a-story/history", "/city/a-story.json",
					     "/city/rss.xml" };
	public_story(r, "A story");
	for (size_t i = 0; i < COUNT(paths); i++) {
		struct request q = VISIT(.path = paths[i]);
		reads_seen(reads, &q);
	}
	assert_ok(reads_write(reads, r->world.a));
	static const struct sql rows = { "SELECT count(*) FROM story_read" };
	assert_int_equal(world_int(&r->world, &rows), 0);
	reads_free(reads);
}

/* Pages that show the list are dropped when its order changes, and only then. */
static void only_another_order_touches_the_list(void **state)
{
	struct room *r = *state;
	struct reads *reads;
	public_story(r, "A");
	public_story(r, "B");
	assert_ok(reads_new(&r->stet, &reads));
	static const char *const clients[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3" };
	const struct {
		const char *path;
		int         readers;
		bool        touches;
	} steps[] = { { "/city/a", 1, true }, { "/city/a", 2, false }, { "/city/b", 1, true },
		      { "/city/b", 2, true }, /* as often, and newer */
		      { "/city/b", 3, false } };
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct conn *c;
		struct entries entries;
		int64_t before;
		assert_ok(store_reader(r->stet.store, &c));
		assert_ok(record_last(c, &before));
		store_done(r->stet.store, c);
		for (int k = 0; k < steps[i].readers; k++) {
			struct request q = VISIT(.path = steps[i].path, .client = clients[k]);
			reads_seen(reads, &q);
		}
		assert_ok(reads_write(reads, r->world.a));
		assert_ok(store_reader(r->stet.store, &c));
		assert_ok(record_after(c, r->world.a, before, 1, &entries));
		store_done(r->stet.store, c);
		assert_int_equal(entries.n, 1);
		if ((entries.v[0].topics.n == 1) != steps[i].touches)
			fail_msg("step %zu", i);
	}
	reads_free(reads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(browsers_count_and_programs_do_not),
		ROOM_TEST(a_reader_counts_once_an_hour),
		ROOM_TEST(what_is_no_public_story_is_not_counted),
		ROOM_TEST(only_another_order_touches_the_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
