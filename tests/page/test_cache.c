/* test_cache.c: pages kept, dropped by topic, bounded, made once for many. */
#include "page/cache.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)

enum { MEGABYTE = 1 << 20 };

/* How a page of these tests is made. */
struct recipe {
	struct cache *c;
	const char   *text;
	const char   *topics[4];
	size_t        padding;    /* bytes to add to the text */
	const char   *drop;       /* a topic to drop while it is made */
	const char   *fail;
	atomic_int   *started;    /* counts makings */
	atomic_bool  *wait_for;   /* it does not end before this is true */
	bool          no_answer;
};

static void wait_until(atomic_bool *flag)
{
	while (flag && !atomic_load(flag))
		usleep(200);
}

static err_t make(void *ctx, arena_t *a, struct answer **out, struct strs *topics)
{
	const struct recipe *r = ctx;
	if (r->started)
		atomic_fetch_add(r->started, 1);
	for (size_t i = 0; i < COUNT(r->topics) && r->topics[i]; i++)
		strs_add(a, topics, str_of(r->topics[i]));
	if (r->drop)
		cache_drop(r->c, str_of(r->drop));
	wait_until(r->wait_for);
	if (r->fail)
		return err_new(ERR_GONE, "%s", r->fail);
	if (r->no_answer)
		return OK;
	struct buf b = buf_new(a, r->padding + 64);
	buf_add(&b, str_of(r->text));
	for (size_t i = 0; i < r->padding; i++)
		buf_add_char(&b, (char)('a' + (i * 7919) % 26));
	return answer_new(&(struct answer_draft){ .status = 200, .type = S("image/x"),
						  .cache_control = S("no-cache"),
						  .body = buf_str(&b) }, out);
}

static struct cache *new_cache(size_t most)
{
	struct cache *c;
	assert_null(cache_new(most, &c));
	return c;
}

static err_t ask(struct cache *c, const char *key, struct recipe *r, struct answer **out)
{
	arena_t *a = arena_create(0);
	err_t e = cache_get_or_make(c, a, str_of(key), make, r, out);
	arena_free(a);
	return e;
}

/* Asks for a page and compares its text. */
static void gives(struct cache *c, const char *key, struct recipe *r, const char *text)
{
	struct answer *answer;
	err_t e = ask(c, key, r, &answer);
	if (e)
		fail_msg("%s: %s", key, err_text(e));
	assert_true(str_starts(answer->body[CODING_PLAIN], str_of(text)));
	answer_drop(answer);
}

static bool has(struct cache *c, const char *key)
{
	struct answer *answer = cache_get(c, str_of(key));
	answer_drop(answer);
	return answer != NULL;
}

#define RECIPE(...) (&(struct recipe){ __VA_ARGS__ })

/* --- keeping and dropping --- */

TEST(a_page_is_made_once_and_kept)
{
	struct cache *c = new_cache(MEGABYTE);
	atomic_int n = 0;
	(void)state;
	assert_false(has(c, "/"));
	gives(c, "/", RECIPE(.text = "front", .started = &n), "front");
	gives(c, "/", RECIPE(.text = "other", .started = &n), "front");
	assert_true(has(c, "/"));
	assert_int_equal(n, 1);
	struct cache_figures f = cache_figures(c);
	assert_int_equal(f.pages, 1);
	assert_int_equal(f.misses, 1);
	assert_int_equal(f.hits, 2);
	assert_true(f.bytes > 0);
	cache_free(c);
}

TEST(a_drop_takes_the_pages_of_its_topic_and_no_others)
{
	struct cache *c = new_cache(MEGABYTE);
	(void)state;
	gives(c, "/", RECIPE(.text = "1", .topics = { "front", "story:1", "story:2" }), "1");
	gives(c, "/a/one", RECIPE(.text = "2", .topics = { "story:1", "author:x" }), "2");
	gives(c, "/a/two", RECIPE(.text = "3", .topics = { "story:2" }), "3");
	gives(c, "/about", RECIPE(.text = "4"), "4");
	cache_drop(c, S("story:3"));
	assert_int_equal(cache_figures(c).pages, 4);
	cache_drop(c, S("story:1"));
	assert_false(has(c, "/"));
	assert_false(has(c, "/a/one"));
	assert_true(has(c, "/a/two"));
	assert_true(has(c, "/about"));
	cache_drop(c, S("author:x"));
	cache_drop(c, S("front"));
	assert_int_equal(cache_figures(c).pages, 2);
	gives(c, "/", RECIPE(.text = "new", .topics = { "front" }), "new");
	cache_drop_all(c);
	assert_int_equal(cache_figures(c).pages, 0);
	assert_int_equal(cache_figures(c).bytes, 0);
	cache_free(c);
}

TEST(a_topic_named_twice_counts_once)
{
	struct cache *c = new_cache(MEGABYTE);
	(void)state;
	gives(c, "/", RECIPE(.text = "1", .topics = { "t", "u", "t", "u" }), "1");
	cache_drop(c, S("t"));
	assert_int_equal(cache_figures(c).pages, 0);
	cache_drop(c, S("u"));
	gives(c, "/", RECIPE(.text = "2", .topics = { "t", "t" }), "2");
	cache_free(c);
}

TEST(many_pages_share_many_topics)
{
	enum { PAGES = 500, TOPICS = 40 };
	struct cache *c = new_cache(16 * MEGABYTE);
	(void)state;
	for (int i = 0; i < PAGES; i++) {
		char key[32], t[3][32];
		snprintf(key, sizeof key, "/page/%d", i);
		for (int k = 0; k < 3; k++)
			snprintf(t[k], sizeof t[k], "topic:%d", (i + k * 7) % TOPICS);
		gives(c, key, RECIPE(.text = "x", .topics = { t[0], t[1], t[2] }), "x");
	}
	for (int d = 0; d < TOPICS; d += 2) {
		char topic[32];
		snprintf(topic, sizeof topic, "topic:%d", d);
		cache_drop(c, str_of(topic));
	}
	/* i, i + 7 and i + 14 are never all odd. */
	assert_int_equal(cache_figures(c).pages, 0);
	assert_int_equal(cache_figures(c).dropped, PAGES);
	cache_free(c);
}

TEST(an_answer_outlives_its_page)
{
	struct cache *c = new_cache(MEGABYTE);
	struct answer *answer;
	(void)state;
	assert_null(ask(c, "/", RECIPE(.text = "still here", .topics = { "t" }), &answer));
	cache_drop(c, S("t"));
	cache_free(c);
	assert_true(str_eq(answer->body[CODING_PLAIN], S("still here")));
	answer_drop(answer);
}

/* --- the bound --- */

TEST(the_page_not_asked_for_longest_goes_first)
{
	enum { SIZE = 20000 };
	struct cache *c = new_cache(110 * 1000);
	(void)state;
	for (const char *key = "abcde"; *key; key++)
		gives(c, (char[]){ *key, 0 }, RECIPE(.text = "x", .padding = SIZE), "x");
	int64_t kept = cache_figures(c).pages;
	assert_true(kept >= 4 && cache_figures(c).bytes <= 110 * 1000);
	assert_true(has(c, "b")); /* used: now the newest, c is the oldest but for a */
	assert_true(kept == 4 || has(c, "a"));
	gives(c, "f", RECIPE(.text = "x", .padding = SIZE), "x");
	assert_true(has(c, "b"));
	assert_false(has(c, "c"));
	assert_true(has(c, "f"));
	assert_true(cache_figures(c).evicted >= 1);
	cache_free(c);
}

TEST(the_bound_is_kept)
{
	struct cache *c = new_cache(MEGABYTE);
	(void)state;
	for (int i = 0; i < 400; i++) {
		char key[16];
		snprintf(key, sizeof key, "/%d", i);
		gives(c, key, RECIPE(.text = "x", .padding = (size_t)(i * 131) % 30000,
				     .topics = { key, "all" }), "x");
		assert_true(cache_figures(c).bytes <= MEGABYTE);
	}
	assert_true(cache_figures(c).pages > 10);
	assert_true(cache_figures(c).evicted > 100);
	cache_drop(c, S("all"));
	assert_int_equal(cache_figures(c).bytes, 0);
	cache_free(c);
}

TEST(a_page_too_large_is_answered_and_not_kept)
{
	struct cache *c = new_cache(100 * 1000);
	(void)state;
	gives(c, "/small", RECIPE(.text = "x"), "x");
	gives(c, "/large", RECIPE(.text = "x", .padding = 60000), "x");
	assert_false(has(c, "/large"));
	assert_true(has(c, "/small"));
	cache_free(c);
}

/* --- failing --- */

TEST(a_failure_is_told_and_not_kept)
{
	struct cache *c = new_cache(MEGABYTE);
	struct answer *answer;
	(void)state;
	err_t e = ask(c, "/", RECIPE(.fail = "it is withdrawn"), &answer);
	assert_int_equal(e->code, ERR_GONE);
	assert_string_equal(err_text(e), "it is withdrawn");
	assert_null(answer);
	err_free(e);
	gives(c, "/", RECIPE(.text = "back"), "back");
	cache_free(c);
}

TEST(a_making_without_answer_is_a_failure)
{
	struct cache *c = new_cache(MEGABYTE);
	struct answer *answer;
	(void)state;
	err_t e = ask(c, "/", RECIPE(.no_answer = true), &answer);
	assert_int_equal(e->code, ERR_SYSTEM);
	err_free(e);
	cache_free(c);
}

/* --- dropping while making --- */

TEST(a_page_dropped_while_made_is_answered_and_not_kept)
{
	struct cache *c = new_cache(MEGABYTE);
	(void)state;
	gives(c, "/", RECIPE(.c = c, .text = "old", .topics = { "a", "b" }, .drop = "b"), "old");
	assert_false(has(c, "/"));
	gives(c, "/", RECIPE(.c = c, .text = "new", .topics = { "a", "b" }, .drop = "other"), "new");
	assert_true(has(c, "/"));
	cache_free(c);
}

static err_t make_under_drops(void *ctx, arena_t *a, struct answer **out, struct strs *topics)
{
	struct recipe *r = ctx;
	for (int i = 0; i < 2000; i++)
		cache_drop(r->c, S("somewhere else"));
	return make(ctx, a, out, topics);
}

TEST(after_more_drops_than_are_remembered_a_page_is_not_kept)
{
	struct cache *c = new_cache(MEGABYTE);
	struct answer *answer;
	arena_t *a = arena_create(0);
	(void)state;
	assert_null(cache_get_or_make(c, a, S("/"), make_under_drops,
				      RECIPE(.c = c, .text = "x", .topics = { "t" }), &answer));
	answer_drop(answer);
	assert_false(has(c, "/"));
	arena_free(a);
	cache_free(c);
}

/* --- many askers --- */

enum { ASKERS = 64 };

struct asker {
	struct cache  *c;
	struct recipe *r;
	const char    *key;
	pthread_t      thread;
	struct answer *answer;
	err_t          e;
};

static void *ask_in_thread(void *arg)
{
	struct asker *k = arg;
	k->e = ask(k->c, k->key, k->r, &k->answer);
	return NULL;
}

static void start(struct asker *k, struct cache *c, struct recipe *r)
{
	*k = (struct asker){ .c = c, .r = r, .key = "/" };
	assert_int_equal(pthread_create(&k->thread, NULL, ask_in_thread, k), 0);
}

static void wait_for_waits(struct cache *c, int64_t n)
{
	while (cache_figures(c).waits < n)
		usleep(200);
}

static void wait_for_start(atomic_int *started, int n)
{
	while (atomic_load(started) < n)
		usleep(200);
}

static void joins(struct asker *k, const char *text)
{
	pthread_join(k->thread, NULL);
	if (k->e)
		fail_msg("%s", err_text(k->e));
	assert_true(str_starts(k->answer->body[CODING_PLAIN], str_of(text)));
	answer_drop(k->answer);
}

TEST(one_making_serves_a_crowd)
{
	struct cache *c = new_cache(MEGABYTE);
	struct asker k[ASKERS];
	atomic_int n = 0;
	atomic_bool go = false;
	struct recipe r = { .text = "once", .topics = { "t" }, .started = &n, .wait_for = &go };
	(void)state;
	for (int i = 0; i < ASKERS; i++)
		start(&k[i], c, &r);
	wait_for_waits(c, ASKERS - 1);
	atomic_store(&go, true);
	for (int i = 0; i < ASKERS; i++)
		joins(&k[i], "once");
	assert_int_equal(n, 1);
	assert_true(has(c, "/"));
	cache_free(c);
}

TEST(a_failure_reaches_all_who_wait)
{
	struct cache *c = new_cache(MEGABYTE);
	struct asker k[8];
	atomic_int n = 0;
	atomic_bool go = false;
	struct recipe r = { .fail = "no", .started = &n, .wait_for = &go };
	(void)state;
	for (size_t i = 0; i < COUNT(k); i++)
		start(&k[i], c, &r);
	wait_for_waits(c, COUNT(k) - 1);
	atomic_store(&go, true);
	for (size_t i = 0; i < COUNT(k); i++) {
		pthread_join(k[i].thread, NULL);
		assert_int_equal(k[i].e->code, ERR_GONE);
		assert_string_equal(err_text(k[i].e), "no");
		err_free(k[i].e);
	}
	assert_int_equal(n, 1);
	cache_free(c);
}

TEST(who_asks_after_a_drop_gets_what_was_made_after_it)
{
	struct cache *c = new_cache(MEGABYTE);
	struct asker before, joined, after;
	atomic_int n = 0;
	atomic_bool go = false;
	struct recipe old = { .text = "old", .topics = { "t" }, .started = &n, .wait_for = &go };
	struct recipe fresh = { .text = "new", .topics = { "t" }, .started = &n };
	(void)state;
	start(&before, c, &old);
	wait_for_start(&n, 1);
	start(&joined, c, &fresh);
	wait_for_waits(c, 1);
	cache_drop(c, S("t"));
	start(&after, c, &fresh);
	wait_for_waits(c, 2);
	atomic_store(&go, true);
	joins(&before, "old");
	joins(&joined, "old"); /* it asked when that was still true */
	joins(&after, "new");
	assert_int_equal(n, 2);
	gives(c, "/", RECIPE(.text = "?"), "new");
	cache_free(c);
}

TEST(who_asks_after_a_drop_does_not_get_a_failure_from_before)
{
	struct cache *c = new_cache(MEGABYTE);
	struct asker before, after;
	atomic_int n = 0;
	atomic_bool go = false;
	struct recipe missing = { .fail = "not yet", .started = &n, .wait_for = &go };
	struct recipe there = { .text = "published", .topics = { "t" }, .started = &n };
	(void)state;
	start(&before, c, &missing);
	wait_for_start(&n, 1);
	cache_drop(c, S("t"));
	start(&after, c, &there);
	wait_for_waits(c, 1);
	atomic_store(&go, true);
	pthread_join(before.thread, NULL);
	assert_int_equal(before.e->code, ERR_GONE);
	err_free(before.e);
	joins(&after, "published");
	cache_free(c);
}

TEST(a_drop_of_something_else_parts_nobody)
{
	struct cache *c = new_cache(MEGABYTE);
	struct asker first, second;
	atomic_int n = 0;
	atomic_bool go = false;
	struct recipe r = { .text = "same", .topics = { "t" }, .started = &n, .wait_for = &go };
	(void)state;
	start(&first, c, &r);
	wait_for_start(&n, 1);
	cache_drop(c, S("other"));
	start(&second, c, &r);
	wait_for_waits(c, 1);
	atomic_store(&go, true);
	joins(&first, "same");
	joins(&second, "same");
	assert_int_equal(n, 1);
	assert_true(has(c, "/"));
	cache_free(c);
}

TEST(pages_of_other_keys_are_made_at_the_same_time)
{
	struct cache *c = new_cache(MEGABYTE);
	struct asker slow;
	atomic_int n = 0;
	atomic_bool go = false;
	struct recipe r = { .text = "slow", .started = &n, .wait_for = &go };
	(void)state;
	start(&slow, c, &r);
	wait_for_start(&n, 1);
	gives(c, "/other", RECIPE(.text = "quick"), "quick");
	atomic_store(&go, true);
	joins(&slow, "slow");
	cache_free(c);
}

/* --- a mixture, for the thread sanitizer, and the rule that matters most --- */

enum { KEYS = 20, ROUNDS = 3000, READERS = 4 };

/* What pages show: raised, then announced. A page must never show less than was announced before it was
 * asked for. */
struct world {
	struct cache *c;
	atomic_int    value[KEYS], announced[KEYS];
	atomic_bool   done;
	atomic_int    stale;
};

struct page_of {
	struct world *w;
	int           key;
};

static err_t make_of(void *ctx, arena_t *a, struct answer **out, struct strs *topics)
{
	struct page_of *p = ctx;
	str_t body = str_format(a, "%d", atomic_load(&p->w->value[p->key]));
	strs_add(a, topics, str_format(a, "k:%d", p->key));
	strs_add(a, topics, S("all"));
	return answer_new(&(struct answer_draft){ .status = 200, .type = S("text/plain"),
						  .cache_control = S("no-cache"), .body = body }, out);
}

static void *read_on(void *arg)
{
	struct world *w = arg;
	for (unsigned i = 0; !atomic_load(&w->done); i++) {
		struct page_of p = { w, (int)(i * 7 % KEYS) };
		arena_t *a = arena_create(0);
		str_t key = str_format(a, "/%d", p.key);
		int64_t shown;
		int least = atomic_load(&w->announced[p.key]);
		struct answer *answer = cache_get(w->c, key);
		err_t e = answer ? OK : cache_get_or_make(w->c, a, key, make_of, &p, &answer);
		if (e || !str_int(answer->body[CODING_PLAIN], &shown) || shown < least)
			atomic_fetch_add(&w->stale, 1);
		err_free(e);
		answer_drop(answer);
		arena_free(a);
	}
	return NULL;
}

TEST(nobody_sees_less_than_was_announced)
{
	struct world *w = calloc(1, sizeof *w);
	pthread_t threads[READERS];
	(void)state;
	w->c = new_cache(20 * 1000); /* small: pages are evicted, too */
	for (int i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, w), 0);
	for (int i = 0; i < ROUNDS; i++) {
		char topic[16];
		int k = i * 3 % KEYS;
		int now = atomic_fetch_add(&w->value[k], 1) + 1;
		snprintf(topic, sizeof topic, "k:%d", k);
		if (i % 100 == 99)
			cache_drop_all(w->c);
		else
			cache_drop(w->c, i % 10 ? str_of(topic) : S("all"));
		atomic_store(&w->announced[k], now);
		if (i % 50 == 0)
			usleep(500);
	}
	atomic_store(&w->done, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(w->stale, 0);
	assert_true(cache_figures(w->c).bytes <= 20 * 1000);
	cache_free(w->c);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_made_once_and_kept),
		cmocka_unit_test(a_drop_takes_the_pages_of_its_topic_and_no_others),
		cmocka_unit_test(a_topic_named_twice_counts_once),
		cmocka_unit_test(many_pages_share_many_topics),
		cmocka_unit_test(an_answer_outlives_its_page),
		cmocka_unit_test(the_page_not_asked_for_longest_goes_first),
		cmocka_unit_test(the_bound_is_kept),
		cmocka_unit_test(a_page_too_large_is_answered_and_not_kept),
		cmocka_unit_test(a_failure_is_told_and_not_kept),
		cmocka_unit_test(a_making_without_answer_is_a_failure),
		cmocka_unit_test(a_page_dropped_while_made_is_answered_and_not_kept),
		cmocka_unit_test(after_more_drops_than_are_remembered_a_page_is_not_kept),
		cmocka_unit_test(one_making_serves_a_crowd),
		cmocka_unit_test(a_failure_reaches_all_who_wait),
		cmocka_unit_test(who_asks_after_a_drop_gets_what_was_made_after_it),
		cmocka_unit_test(who_asks_after_a_drop_does_not_get_a_failure_from_before),
		cmocka_unit_test(a_drop_of_something_else_parts_nobody),
		cmocka_unit_test(pages_of_other_keys_are_made_at_the_same_time),
		cmocka_unit_test(nobody_sees_less_than_was_announced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
