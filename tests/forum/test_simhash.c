/* test_simhash.c: what is near, and that the ring finds the nearest that looking at each would find. */
#include "judging.h"

#include "forum/simhash.h"

static struct fingerprint print(struct bench *b, const char *text)
{
	return fingerprint_of(folded_of(b, text));
}

static int between(struct bench *b, const char *x, const char *y)
{
	return fingerprint_distance(print(b, x).bits, print(b, y).bits);
}

static const char letter[] =
	"The council had three years to mend the bridge and did nothing but print leaflets about it. Now the whole town drives "
	"round by the mill, the bus is late every morning, and the mayor tells us to be patient. I have been patient. Vote for "
	"somebody who owns a shovel.";

static void a_text_is_near_itself_in_any_dress(void **state)
{
	struct bench *b = *state;
	assert_int_equal(between(b, letter, letter), 0);
	assert_int_equal(between(b, "Buy cheap tickets at our shop today", "BUY  chéap -- tickets at 0ur sh\xd0\xbep today!!!"), 0);
	assert_true(between(b, "the dog bites the man at the gate", "the man bites the gate at the dog") > 0);
	assert_int_equal(print(b, "One two, three!").words, 3);
	assert_int_equal(print(b, "").words, 0);
}

static void a_word_changed_moves_few_bits(void **state)
{
	struct bench *b = *state;
	str_t one = str_replace(b->a, str_of(letter), S("patient. I"), S("silent. I"));
	str_t two = str_replace(b->a, str_of(letter), S("Vote for"), S("Please vote for"));
	assert_in_range(between(b, letter, one.p), 0, NEAR_BITS_MOST);
	assert_in_range(between(b, letter, two.p), 0, NEAR_BITS_MOST);
}

static void other_texts_are_far(void **state)
{
	static const char *const others[] = {
		"The bridge is closed and the council says so until spring, as the river was too high for the divers. Fair enough.",
		"Thank you for this report. It is the first time that I have understood how the budget is made.",
		"I would not vote for the mayor again, but the bus was late before the bridge was closed as well, and every morning.",
	};
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(others); i++)
		assert_true(between(b, letter, others[i]) > 2 * NEAR_BITS_MOST);
}

static struct near_comment comment(id64 id, id64 author, uint64_t bits)
{
	return (struct near_comment){ id, author, id * SECOND, { bits, 20 } };
}

static id64 nearest(const struct near_ring *r, struct near_query q, int *distance)
{
	struct near_comment c;
	return near_find(r, &q, &c, distance) ? c.id : 0;
}

static void the_nearest_of_whom_one_asks_for(void **state)
{
	struct bench *b = *state;
	struct near_ring *r;
	int d;
	succeeds(near_new(100, &r));
	arena_defer(b->a, (void (*)(void *))near_free, r);
	near_add(r, &(struct near_comment){ 1, 7, 10, { 0xff00ff00ff00ff00, 20 } });
	near_add(r, &(struct near_comment){ 2, 8, 20, { 0xff00ff00ff00ff01, 20 } });
	near_add(r, &(struct near_comment){ 3, 8, 30, { 0xff00ff00ff00ff03, 20 } });
	near_add(r, &(struct near_comment){ 4, 8, 40, { 0xff00ff00ff00ff03, 3 } });
	struct near_query q = { .print = { 0xff00ff00ff00ff03, 20 }, .author = 7, .bits = 6, .words = 10 };
	assert_int_equal(nearest(r, q, &d), 3);
	assert_int_equal(d, 0);
	q.whose = NEAR_SAME;
	assert_int_equal(nearest(r, q, &d), 1);
	assert_int_equal(d, 2);
	q.bits = 1;
	assert_int_equal(nearest(r, q, &d), 0);
	q.whose = NEAR_OTHERS;
	assert_int_equal(nearest(r, q, &d), 3);
	q.but = 3;
	assert_int_equal(nearest(r, q, &d), 2);
	q.since = 25;
	assert_int_equal(nearest(r, q, &d), 0);
	q.since = 0;
	near_forget(r, 2);
	assert_int_equal(nearest(r, q, &d), 0);
	q.but = 0;
	assert_int_equal(nearest(r, q, &d), 3);
	q.print.words = 9; /* this text itself has too few */
	assert_int_equal(nearest(r, q, &d), 0);
}

static uint64_t dice(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 32 ^ *seed << 32;
}

/* The nearest by looking at each; of two as near, the newer. */
static id64 look_at_each(const struct near_comment *all, size_t n, size_t held, uint64_t bits, int most, int *distance)
{
	id64 best = 0;
	*distance = most + 1;
	for (size_t i = n > held ? n - held : 0; i < n; i++) {
		int d = fingerprint_distance(all[i].print.bits, bits);
		if (d <= *distance && d <= most) {
			best = all[i].id;
			*distance = d;
		}
	}
	return best;
}

static void the_ring_finds_what_looking_finds(void **state)
{
	enum { ALL = 3000, HELD = 500 };
	struct bench *b = *state;
	struct near_comment *all = arena_array(b->a, ALL, sizeof *all);
	struct near_ring *r;
	uint64_t seed = 1, centre = 0;
	size_t found = 0;
	succeeds(near_new(HELD, &r));
	for (size_t i = 0; i < ALL; i++) {
		if (i % 5 == 0)
			centre = dice(&seed);
		uint64_t bits = centre;
		for (uint64_t k = dice(&seed) % 12; k; k--)
			bits ^= (uint64_t)1 << dice(&seed) % 64;
		int wanted_at, at;
		id64 wanted = look_at_each(all, i, HELD, bits, NEAR_BITS_MOST, &wanted_at);
		id64 got = nearest(r, (struct near_query){ .print = { bits, 20 }, .bits = NEAR_BITS_MOST }, &at);
		assert_int_equal(got, wanted);
		if (wanted)
			assert_int_equal(at, wanted_at);
		found += wanted != 0;
		all[i] = comment((id64)i + 1, 1, bits);
		near_add(r, &all[i]);
	}
	assert_true(found > 1000);
	near_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORUM_TEST(a_text_is_near_itself_in_any_dress),
		FORUM_TEST(a_word_changed_moves_few_bits),
		FORUM_TEST(other_texts_are_far),
		FORUM_TEST(the_nearest_of_whom_one_asks_for),
		FORUM_TEST(the_ring_finds_what_looking_finds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
