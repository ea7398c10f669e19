/* test_follow.c: what there is to read: each once however it was found, page by page, counted up to a bound. */
#include "talk.h"

#include "forum/follow.h"
#include "forum/limits.h"

static struct news_list page(struct talkers *t, struct comment_key before)
{
	struct conn *c;
	struct news_list list;
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(news_load(c, t->room->world.a, t->bo.id, before, NEWS_PAGE, &list));
	store_done(t->room->stet.store, c);
	return list;
}

static int64_t unread(struct talkers *t)
{
	struct conn *c;
	int64_t n;
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(news_unread(c, t->room->world.a, t->bo.id, &n));
	store_done(t->room->stet.store, c);
	return n;
}

static void pages_have_each_once_and_the_count_is_bounded(void **state)
{
	enum { MANY = 130 };
	struct talkers *t = *state;
	struct stet *s = &t->room->stet;
	struct comment_key key = comment_key_first(SORT_NEWEST);
	arena_t *a = t->room->world.a;
	size_t n = 0;
	assert_ok(follow_set(s, a, t->bo.id, FOLLOW_STORY, t->story.id, true));
	assert_ok(follow_set(s, a, t->bo.id, FOLLOW_READER, t->ann.id, true));
	for (int i = 0; i < MANY; i++)
		said(t, &t->ann, NULL, str_z(a, str_format(a, "comment %d", i)));
	assert_int_equal(unread(t), UNREAD_MOST);
	for (bool more = true; more;) {
		struct news_list list = page(t, key);
		for (size_t i = 0; i < list.n; i++) {
			assert_true(list.v[i].made < key.of);
			key = (struct comment_key){ list.v[i].made, list.v[i].id };
		}
		n += list.n;
		more = list.more;
	}
	assert_int_equal(n, MANY);
	assert_ok(news_see(s, a, t->bo.id, page(t, comment_key_first(SORT_NEWEST)).v[0].made));
	assert_int_equal(unread(t), 0);
	assert_ok(reader_mute(s, a, t->bo.id, t->ann.id, MUTE_HIDES));
	assert_int_equal(page(t, comment_key_first(SORT_NEWEST)).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TALK_TEST(pages_have_each_once_and_the_count_is_bounded) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
