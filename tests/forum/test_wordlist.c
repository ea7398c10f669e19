/* test_wordlist.c: which words are found where, and what a list with a mistake is told. */
#include "judging.h"

#include "forum/wordlist.h"

#include <stdlib.h>

static struct words *words_of(struct bench *b, const char *banned, const char *suspect)
{
	struct words *w = NULL;
	succeeds(words_new(b->folder, (str_t[]){ str_of(banned), str_of(suspect) }, &w));
	arena_defer(b->a, (void (*)(void *))words_free, w);
	return w;
}

static struct word_hits find(struct bench *b, const struct words *w, const char *text)
{
	struct word_hits hits;
	words_find(w, b->a, folded_of(b, text), &hits);
	return hits;
}

/* What is found, as "word=original" by place. */
static const char *found(struct bench *b, const struct words *w, const char *text)
{
	struct word_hits hits = find(b, w, text);
	struct buf out = buf_new(b->a, 100);
	for (size_t i = 0; i < hits.n; i++) {
		const struct word_hit *h = &hits.v[i];
		str_t original = str_slice(str_of(text), h->from, h->till);
		buf_add_format(&out, "%s%.*s=%.*s", i ? ", " : "", STR(h->word), STR(original));
	}
	return out.p;
}

static void words_are_found_whole_and_in_their_place(void **state)
{
	struct bench *b = *state;
	struct words *w = words_of(b, "moron\nbad man\n", "fool");
	assert_string_equal(found(b, w, "You moron, you fool!"), "moron=moron, fool=fool");
	assert_string_equal(found(b, w, "oxymoron moronic foolish"), "");
	assert_string_equal(found(b, w, "a BAD -- MAN"), "bad man=BAD -- MAN");
	assert_string_equal(found(b, w, "bad woman, badman"), "");
	assert_string_equal(found(b, w, "moron moron"), "moron=moron, moron=moron");
	struct word_hits h = find(b, w, "fool moron");
	assert_int_equal(h.v[0].list, WORDS_SUSPECT);
	assert_int_equal(h.v[1].list, WORDS_BANNED);
	assert_int_equal(h.v[1].line, 1);
	assert_false(h.more);
}

static void a_star_lets_a_word_go_on(void **state)
{
	struct bench *b = *state;
	struct words *w = words_of(b, "moron*\n*wit\n*bot*\n", "");
	assert_string_equal(found(b, w, "moronic oxymoron"), "moron*=moron");
	assert_string_equal(found(b, w, "nitwit witty"), "*wit=wit");
	assert_string_equal(found(b, w, "robots abbottt"), "*bot*=bot, *bot*=bbottt");
}

static void what_hides_a_word_does_not(void **state)
{
	static const char *const hidden[] = {
		"m0r0n", "MORON", "mоrоn", "m o r o n", "m.o.r.o.n", "mooooron", "mmmmoroooonnnn", "m\xe2\x80\x8boron", "m\xcc\xb7oron",
		"ｍｏｒｏｎ", "you m-o-r-o-n you", "\"moron\"", "_moron_", "moron2", "2moron", "m\xc3\xb6r\xc3\xb6n", "𝖒𝖔𝖗𝖔𝖓", "so: m\no\nr\no\nn",
		"i a m o r o n",
	};
	struct bench *b = *state;
	struct words *w = words_of(b, "moron", "");
	for (size_t i = 0; i < COUNT(hidden); i++)
		if (find(b, w, hidden[i]).n != 1)
			fail_msg("\"%s\" hides the word", hidden[i]);
	w = words_of(b, "sh!t\nslut\nwit", "");
	assert_string_equal(found(b, w, "sh1t shit s1ut w!t s1vt"), "sh!t=sh1t, sh!t=shit, slut=s1ut, wit=w!t");
}

static void letters_twice_are_not_once(void **state)
{
	struct bench *b = *state;
	struct words *w = words_of(b, "ass\ngod\nxxx", "");
	assert_string_equal(found(b, w, "as good as it gets, xx"), "");
	assert_string_equal(found(b, w, "ass assss goooood xxxx"), "ass=ass, ass=assss, god=goooood, xxx=xxxx");
}

static void numbers_are_themselves(void **state)
{
	struct bench *b = *state;
	struct words *w = words_of(b, "1488\nass", "");
	assert_string_equal(found(b, w, "1488 14888 21488 455 4$$"), "1488=1488");
}

static void scripts_without_spaces_need_none(void **state)
{
	struct bench *b = *state;
	struct words *w = words_of(b, "笨蛋\nплохой\n🖕", "");
	assert_string_equal(found(b, w, "你是笨蛋吗"), "笨蛋=笨蛋");
	assert_string_equal(found(b, w, "ПЛОХОЙ неплохой"), "плохой=ПЛОХОЙ");
	assert_string_equal(found(b, w, "you🖕🏽"), "🖕=🖕🏽");
	w = words_of(b, "moron\nΝΕΟ", "");
	assert_string_equal(found(b, w, "你moron吗 🖕moron🖕"), "moron=moron, moron=moron");
	assert_string_equal(found(b, w, "νεο ΝΕΟ"), "ΝΕΟ=νεο, ΝΕΟ=ΝΕΟ");
}

static void a_list_has_comments_and_blanks(void **state)
{
	struct bench *b = *state;
	struct words *w = words_of(b, "\xef\xbb\xbf# ours\n\n  moron  \r\n#fool\r\nMoron\n", "");
	assert_int_equal(words_count(w, WORDS_BANNED), 2);
	assert_int_equal(words_count(w, WORDS_SUSPECT), 0);
	assert_string_equal(found(b, w, "fool moron ours"), "moron=moron, Moron=moron");
	assert_string_equal(found(b, words_of(b, "", ""), "moron"), "");
}

static void a_mistake_in_a_list_names_its_line(void **state)
{
	static const struct {
		const char *list, *says;
	} wrong[] = {
		{ "moron\nb*d", "line 2: a * stands at the beginning or the end" },
		{ "\n# x\n!!", "line 3: \"!!\" has no letter" },
		{ "*", "line 1: \"*\" has no letter" },
		{ "*a*", "line 1: \"*a*\" would be found in nearly every text" },
		{ "ok\n\xff\xfe", "line 2 is not UTF-8" },
	};
	struct bench *b = *state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct words *w = NULL;
		err_t e = words_new(b->folder, (str_t[]){ S("fine"), str_of(wrong[i].list) }, &w);
		assert_non_null(e);
		assert_string_equal(e->field, "suspect");
		refuses(e, wrong[i].says);
	}
	char *line = str_z(b->a, str_format(b->a, "%0200d", 1));
	struct words *w = NULL;
	refuses(words_new(b->folder, (str_t[]){ str_of(line), S("") }, &w), "line 1: a word or phrase has at most 100");
}

static void a_text_of_nothing_else_is_bounded(void **state)
{
	struct bench *b = *state;
	struct buf text = buf_new(b->a, 1 << 20);
	while (text.n < 1 << 20)
		buf_add(&text, S("moron "));
	struct word_hits h = find(b, words_of(b, "moron", ""), text.p);
	assert_int_equal(h.n, WORD_HITS_MOST);
	assert_true(h.more);
}

/* --- beside a search that has no automaton --- */

static uint32_t dice(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % n;
}

static void add_word(struct buf *b, uint32_t *seed, uint32_t most)
{
	for (uint32_t n = 1 + dice(seed, most); n; n--)
		buf_add_char(b, "abc"[dice(seed, 3)]);
}

/* Places of `word` as a whole word in `text`, by looking. */
static size_t count_plainly(str_t text, str_t word)
{
	size_t n = 0;
	for (size_t at = str_find(text, word, 0); at != STR_NONE; at = str_find(text, word, at + 1))
		n += (at == 0 || text.p[at - 1] == ' ') && (at + word.n == text.n || text.p[at + word.n] == ' ');
	return n;
}

static void all_is_found_that_looking_finds(void **state)
{
	struct bench *b = *state;
	uint32_t seed = 7;
	for (int round = 0; round < 200; round++) {
		struct buf list = buf_new(b->a, 100), text = buf_new(b->a, 100);
		for (uint32_t n = 1 + dice(&seed, 12); n; n--) {
			add_word(&list, &seed, 4);
			if (dice(&seed, 4) == 0) {
				buf_add_char(&list, ' ');
				add_word(&list, &seed, 3);
			}
			buf_add_char(&list, '\n');
		}
		for (uint32_t n = 20; n; n--) {
			add_word(&text, &seed, 4);
			if (n > 1)
				buf_add(&text, S(" "));
		}
		/* Runs of three and spelled words are tested above: here a word is what it is. */
		if (strstr(text.p, "aaa") || strstr(text.p, "bbb") || strstr(text.p, "ccc"))
			continue;
		struct folded *f = folded_of(b, text.p);
		f->readings = 1;
		struct word_hits hits;
		words_find(words_of(b, list.p, ""), b->a, f, &hits);
		size_t wanted = 0;
		str_t rest = str_slice(buf_str(&list), 0, list.n - 1);
		while (rest.p)
			wanted += count_plainly(buf_str(&text), str_cut(&rest, '\n'));
		if (wanted <= WORD_HITS_MOST && hits.n != wanted)
			fail_msg("%zu found, %zu are there: \"%s\" in \"%s\"", hits.n, wanted, list.p, text.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FORUM_TEST(words_are_found_whole_and_in_their_place),
		FORUM_TEST(a_star_lets_a_word_go_on),
		FORUM_TEST(what_hides_a_word_does_not),
		FORUM_TEST(letters_twice_are_not_once),
		FORUM_TEST(numbers_are_themselves),
		FORUM_TEST(scripts_without_spaces_need_none),
		FORUM_TEST(a_list_has_comments_and_blanks),
		FORUM_TEST(a_mistake_in_a_list_names_its_line),
		FORUM_TEST(a_text_of_nothing_else_is_bounded),
		FORUM_TEST(all_is_found_that_looking_finds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
