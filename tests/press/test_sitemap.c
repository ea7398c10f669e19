/* test_sitemap.c: what the news sitemap may hold: a thousand stories, of the last two days. */
#include "room.h"

#include "press/sitemap.h"

#include <stdio.h>

/* As many copies of a story as asked for, a second apart, the newest `age` old. */
static void copies(struct room *r, const struct story *st, int n, usec_t age)
{
	str_t sql = str_format(r->world.a,
		"CREATE TEMP TABLE x AS SELECT * FROM story WHERE id = %lld; "
		"WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < %d) "
		"INSERT INTO story (id, kind, slug, state, section, headline, format, source, body, "
		"words, published, revision, saved) SELECT x.id + k.i + %lld, x.kind, "
		"x.slug || '-%lld-' || k.i, x.state, x.section, x.headline, x.format, x.source, x.body, "
		"x.words, %lld - k.i * 1000000, 1, x.saved FROM x, k",
		(long long)st->id, n, (long long)(age / SECOND), (long long)(age / SECOND),
		(long long)(r->stet.clock.fixed - age));
	plant(r, str_z(r->world.a, sql));
}

static int news_at(struct room *r, usec_t now)
{
	struct conn *c;
	str_t text;
	int n = 0;
	assert_ok(store_reader(r->stet.store, &c));
	assert_ok(sitemap_news(&r->stet, c, r->world.a, now, &text));
	store_done(r->stet.store, c);
	for (size_t at = 0; (at = str_find(text, S("<loc>"), at)) != STR_NONE; at++)
		n++;
	return n;
}

static void news_is_two_days_old_at_most(void **state)
{
	struct room *r = *state;
	usec_t now = r->stet.clock.fixed;
	public_story(r, "Now");
	assert_int_equal(news_at(r, now), 1);
	assert_int_equal(news_at(r, now + 2 * DAY - SECOND), 1);
	assert_int_equal(news_at(r, now + 2 * DAY), 0);
	assert_int_equal(news_at(r, now - SECOND), 0);
}

static void news_is_a_thousand_stories_at_most(void **state)
{
	struct room *r = *state;
	struct story st = public_story(r, "Now");
	copies(r, &st, 990, HOUR);
	assert_int_equal(news_at(r, r->stet.clock.fixed), 991);
	copies(r, &st, 30, 3 * HOUR);
	assert_int_equal(news_at(r, r->stet.clock.fixed), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(news_is_two_days_old_at_most),
		ROOM_TEST(news_is_a_thousand_stories_at_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
