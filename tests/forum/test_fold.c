/* test_fold.c: texts that look the same are the same, and every letter knows where it came from. */
#include "judging.h"

static const char *reading(struct bench *b, const struct folded *f, size_t i, uint16_t run)
{
	return i < f->readings ? str_z(b->a, fold_text(b->a, &f->reading[i], run)) : "(none)";
}

static bool some_reading_is(struct bench *b, const char *text, const char *wanted)
{
	struct folded *f = folded_of(b, text);
	for (size_t i = 0; i < f->readings; i++)
		if (strcmp(reading(b, f, i, 2), wanted) == 0)
			return true;
	return false;
}

static void what_looks_the_same_is_the_same(void **state)
{
	static const char *const pairs[][2] = {
		{ "Bad WORD", "bad word" },
		{ "ｂａｄ", "bad" },                     /* full width */
		{ "𝔟𝓪𝖉", "bad" },                       /* mathematical letters */
		{ "bа\xd0\xb4", "bад" },                 /* Cyrillic а beside Latin b */
		{ "сор", "cop" },                        /* all of it Cyrillic */
		{ "ΜΑΤΕ", "mate" },                      /* Greek */
		{ "ʙᴀᴅ", "bad" }, { "ꜰᴏᴏʟ", "fool" },    /* small capitals */
		{ "🅱🅰🅳", "bad" }, { "Ⓑⓐⓓ", "bad" },
		{ "b\xcc\xb7\xcc\x81""a\xcc\xb7""d\xcd\x86", "bad" },
		{ "b\xe2\x80\x8b""a\xc2\xad""d\xe2\x81\xa0", "bad" }, /* zero width space, soft hyphen, word joiner */
		{ "b\xe2\x80\xae""ad", "bad" },          /* right-to-left override */
		{ "Zoë café", "zoe cafe" }, { "Straße", "strasse" }, { "søt", "sot" }, { "ﬁlm", "film" },
		{ "b4d", "bad" }, { "1d10t", "idiot" }, { "5tup1d", "stupid" }, { "l337", "leet" },
		{ "bad -- word\n\tmore", "bad word more" }, { "  bad!  ", "bad" }, { "don't", "don t" },
	};
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		const char *got = reading(b, folded_of(b, pairs[i][0]), 0, 2);
		const char *wanted = reading(b, folded_of(b, pairs[i][1]), 0, 2);
		if (strcmp(got, wanted) != 0)
			fail_msg("\"%s\" is read \"%s\", not \"%s\"", pairs[i][0], got, wanted);
	}
	assert_string_equal(reading(b, folded_of(b, "сор"), 0, 2), "cop");
	assert_string_equal(reading(b, folded_of(b, "Zoë café"), 0, 2), "zoe cafe");
}

static void capitals_change_nothing(void **state)
{
	static const char *const pairs[][2] = { { "ПЛОХОЕ СЛОВО", "плохое слово" }, { "ΚΑΚΗ ΛΕΞΗ ΝΕΟΝ", "κακη λεξη νεον" },
						{ "ÉCOLE ÆTHER", "école æther" } };
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		assert_string_equal(reading(b, folded_of(b, pairs[i][0]), 0, 2), reading(b, folded_of(b, pairs[i][1]), 0, 2));
}

static void what_looks_different_stays_different(void **state)
{
	static const char *const pairs[][2] = {
		{ "bad", "bed" }, { "но", "на" }, { "कि", "की" }, { "ที่", "ทา" }, { "σο", "οσ" }, { "1000", "10000" },
		{ "burn", "bum" }, { "fall", "fail" },
	};
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		assert_string_not_equal(reading(b, folded_of(b, pairs[i][0]), 0, 2), reading(b, folded_of(b, pairs[i][1]), 0, 2));
}

static void signs_may_be_letters(void **state)
{
	static const char *const pairs[][2] = { { "a$$ b", "ass b" }, { "you b@d man", "you bad man" }, { "s1ut", "slut" }, { "s1ut", "siut" },
						{ "w!t", "wit" }, { "sIut", "slut" }, { "@$$", "ass" }, { "ye$ b", "yes b" }, { "ΝAZI", "nazi" } };
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (!some_reading_is(b, pairs[i][0], pairs[i][1]))
			fail_msg("\"%s\" may be read \"%s\"", pairs[i][0], pairs[i][1]);
}

static void signs_and_numbers_mostly_are_not(void **state)
{
	struct bench *b = *state;
	static const char *const one[] = { "It costs $100 or 455 euros, 5$!", "What? No! Never.", "Really!!! | Yes", "I am I" };
	for (size_t i = 0; i < COUNT(one); i++)
		assert_int_equal(folded_of(b, one[i])->readings, 1);
	assert_string_equal(reading(b, folded_of(b, one[0]), 0, 2), "it costs 100 or 455 euros 5");
	assert_string_equal(reading(b, folded_of(b, "idiot!you"), 0, 2), "idiot you");
	assert_string_equal(reading(b, folded_of(b, "Ask @anna"), 0, 2), "ask anna");
	assert_false(some_reading_is(b, "!dea", "idea"));
}

static void letters_with_gaps_are_a_word_too(void **state)
{
	static const char *const pairs[][2] = { { "you b.a.d man", "bad" }, { "b a d", "bad" }, { "b-4-d", "bad" }, { "b\na\nd", "bad" },
						{ "f o o l, w e a k", "foolweak" }, { "f o o o o l", "fool" },
						{ "s 1 u t", "slut" }, { "s 1 u t", "siut" } };
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (!some_reading_is(b, pairs[i][0], pairs[i][1]))
			fail_msg("\"%s\" spells \"%s\"", pairs[i][0], pairs[i][1]);
	assert_string_equal(reading(b, folded_of(b, "you b a d man"), 0, 2), "you b a d man");
	assert_int_equal(folded_of(b, "a b or 1 2 3 4")->readings, 1);
	struct folded *f = folded_of(b, "x b a d y");
	assert_true(f->reading[1].spelled);
}

static void runs_of_a_letter_are_as_long_as_asked(void **state)
{
	struct bench *b = *state;
	struct folded *f = folded_of(b, "Noooooo waaay 10000");
	assert_string_equal(reading(b, f, 0, 2), "noo waay 10000");
	assert_string_equal(reading(b, f, 0, 1), "no way 10000");
	assert_string_equal(reading(b, f, 0, 9), "noooooo waaay 10000");
}

/* The bytes that stand for the folded letters `from` to `till`. */
static void comes_from(struct bench *b, const char *text, size_t from, size_t till, const char *original)
{
	struct folded *f = folded_of(b, text);
	const struct fold_reading *r = &f->reading[f->readings - 1];
	assert_true(till <= r->n);
	str_t got = str_slice(f->original, r->v[from].from, r->v[till - 1].till);
	if (!str_eq(got, str_of(original)))
		fail_msg("\"%.*s\" of \"%s\", not \"%s\"", STR(got), text, original);
}

static void every_letter_knows_its_place(void **state)
{
	struct bench *b = *state;
	comes_from(b, "so bad", 3, 6, "bad");
	comes_from(b, "so bааааd!", 3, 6, "bааааd");
	comes_from(b, "baddd", 0, 3, "baddd");
	comes_from(b, "哈哈哈", 1, 2, "哈");
	comes_from(b, "é ﬁ𝔟", 2, 5, "ﬁ𝔟");
	comes_from(b, "x b.a.d y", 1, 4, "b.a.d");
	comes_from(b, "b\xcc\xb7""a\xe2\x80\x8b""d\xcc\xb7\xcc\xb7 e", 0, 3, "b\xcc\xb7""a\xe2\x80\x8b""d\xcc\xb7\xcc\xb7");
	comes_from(b, "\xff\xfe""bad\xff", 0, 3, "bad");
}

static void letters_and_capitals_are_counted_as_written(void **state)
{
	struct bench *b = *state;
	struct folded *f = folded_of(b, "ÉCOLE é 123 漢字 !");
	assert_int_equal(f->letters, 6);
	assert_int_equal(f->capitals, 5);
	assert_int_equal(folded_of(b, "e\xcc\x81\xcc\x81\xcc\x81 e\xcc\x81")->marks, 3);
}

static str_t repeated(struct bench *b, str_t what, size_t bytes)
{
	struct buf all = buf_new(b->a, bytes + what.n);
	while (all.n < bytes)
		buf_add(&all, what);
	return buf_str(&all);
}

static void a_megabyte_of_marks_is_nothing(void **state)
{
	struct bench *b = *state;
	struct folded f;
	str_t marks = repeated(b, S("\xcc\xb7\xcd\x86"), 1 << 20);
	size_t before = arena_size(b->a);
	fold(b->folder, b->a, marks, &f);
	assert_int_equal(f.reading[0].n, 0);
	assert_int_equal(f.marks, 1 << 19);
	assert_true(arena_size(b->a) - before < 16 << 20);
}

static void memory_is_bounded_whatever_comes(void **state)
{
	static const char *const what[] = { "\xef\xb7\xba", "!", "a!", "a 1 ", "$a", "@", "I", "a.", "漢" };
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(what); i++) {
		struct folded f;
		arena_t *a = arena_create(64 << 20);
		fold(b->folder, a, repeated(b, str_of(what[i]), 1 << 20), &f);
		assert_true(f.cut);
		assert_true(f.reading[0].n <= FOLD_UNITS);
		arena_free(a);
	}
}

static void a_hash_is_of_letters_and_runs(void **state)
{
	struct bench *b = *state;
	struct fold_reading *x = &folded_of(b, "Soooo bad")->reading[0], *y = &folded_of(b, "SÓO bad")->reading[0];
	assert_true(fold_hash(x->v, x->n, 2, 1) == fold_hash(y->v, y->n, 2, 1));
	assert_true(fold_hash(x->v, x->n, 9, 1) != fold_hash(y->v, y->n, 9, 1));
	assert_true(fold_hash(x->v, x->n, 2, 1) != fold_hash(x->v, x->n, 2, 2));
	assert_true(fold_hash(x->v, 3, 2, 1) == 0x42d7805a8a122b4f); /* the same on every machine: models are kept */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORUM_TEST(what_looks_the_same_is_the_same),
		FORUM_TEST(capitals_change_nothing),
		FORUM_TEST(what_looks_different_stays_different),
		FORUM_TEST(signs_may_be_letters),
		FORUM_TEST(signs_and_numbers_mostly_are_not),
		FORUM_TEST(letters_with_gaps_are_a_word_too),
		FORUM_TEST(runs_of_a_letter_are_as_long_as_asked),
		FORUM_TEST(every_letter_knows_its_place),
		FORUM_TEST(letters_and_capitals_are_counted_as_written),
		FORUM_TEST(a_megabyte_of_marks_is_nothing),
		FORUM_TEST(memory_is_bounded_whatever_comes),
		FORUM_TEST(a_hash_is_of_letters_and_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
