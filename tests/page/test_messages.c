/* test_messages.c: what the pages say: files of languages, plural forms, dates and numbers; and that
 * every language of ours says everything that a template or the program asks for. */
#include "page/messages.h"
#include "page/theme.h"
#include "page/theme_folder.h"

#include "base/file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define TEST(name) static void name(void **state)

static const struct asset_file files[] = {
	{ S("messages/en.txt"),
	  S("# English\nnumber.group = ,\ndate.first = 1\ndate.day = {day} {month} {year}\n"
	    "date.month.2 = February\ndate.weekday.4 = Thursday\ndate.month.11 = November\n"
	    "date.long = {weekday} {day} {month} {year} {hour}:{minute} {zone}\n"
	    "story.published = Published\nstory.changes.one = changed once\n"
	    "story.changes.other = changed {n} times\nfront.only = In English = only\n") },
	{ S("messages/fr.txt"),
	  S("number.group = \xe2\x80\xaf\ndate.first = 1er\ndate.month.2 = f\xc3\xa9vrier\n"
	    "date.weekday.4 = jeudi\ndate.month.11 = novembre\nstory.published = Publi\xc3\xa9\n"
	    "date.long = {weekday} {day} {month} {year} \xc3\xa0 {hour}:{minute} {zone}\n"
	    "story.changes.one = {n} modification\nstory.changes.other = {n} modifications\n"
	    "front.extra = de trop\n") },
	{ S("messages/fr-CA.txt"), S("story.published = Paru\n") },
	{ S("messages/ar.txt"), S("story.changes.two = A2\nstory.changes.few = AF {n}\n"
				  "story.changes.other = AO {n}\n") },
	{ S("templates/front.html"), S("no message") },
};

static struct messages *make(const struct asset_file *v, size_t n)
{
	struct messages *m = NULL;
	err_t e = messages_new(v, n, &m);
	if (e)
		fail_msg("%s", err_text(e));
	return m;
}

static const struct tongue *tongue(const struct messages *m, const char *language)
{
	return messages_tongue(m, str_of(language));
}

static void says(str_t got, const char *expected)
{
	if (!str_eq(got, str_of(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", STR(got), expected);
}

TEST(a_language_is_found_by_its_tag_or_the_wider_one)
{
	struct messages *m = make(files, COUNT(files));
	(void)state;
	says(messages_get(tongue(m, "fr-CA"), "story.published"), "Paru");
	says(messages_get(tongue(m, "FR-ca"), "story.published"), "Paru");
	says(messages_get(tongue(m, "fr-BE"), "story.published"), "Publi\xc3\xa9");
	says(messages_get(tongue(m, "fr-BE-x-old"), "story.published"), "Publi\xc3\xa9");
	says(tongue_name(tongue(m, "fr-BE")), "fr");
	says(tongue_name(tongue(m, "tlh")), "en");
	says(tongue_name(tongue(m, "")), "en");
	messages_free(m);
}

TEST(what_a_language_lacks_is_said_in_english_and_what_none_has_is_seen)
{
	struct messages *m = make(files, COUNT(files));
	(void)state;
	says(messages_get(tongue(m, "fr"), "front.only"), "In English = only");
	says(messages_get(tongue(m, "fr"), "no.such"), "no.such");
	json_t *story = json_object_get(tongue_view(tongue(m, "fr")), "story");
	assert_string_equal(json_string_value(json_object_get(story, "published")), "Publi\xc3\xa9");
	json_t *front = json_object_get(tongue_view(tongue(m, "fr")), "front");
	assert_string_equal(json_string_value(json_object_get(front, "only")), "In English = only");
	messages_free(m);
}

TEST(numbers_take_the_form_of_their_language)
{
	static const struct {
		const char *language;
		int64_t     n;
		const char *text;
	} cases[] = {
		{ "en", 0, "changed 0 times" }, { "en", 1, "changed once" },
		{ "en", 2, "changed 2 times" }, { "en", 12345, "changed 12,345 times" },
		{ "fr", 0, "0 modification" },  { "fr", 1, "1 modification" },
		{ "fr", 2, "2 modifications" }, { "fr", 1234567, "1\xe2\x80\xaf""234\xe2\x80\xaf""567 modifications" },
		{ "ar", 2, "A2" },              { "ar", 3, "AF 3" },
		{ "ar", 103, "AF 103" },        { "ar", 1, "AO 1" }, /* never English's singular */
		{ "ar", 11, "AO 11" },
	};
	struct messages *m = make(files, COUNT(files));
	arena_t *a = arena_create(0);
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		says(messages_count(a, tongue(m, cases[i].language), "story.changes", cases[i].n),
		     cases[i].text);
	arena_free(a);
	messages_free(m);
}

static void is_told(const struct tongue *t, err_t e, const char *text)
{
	arena_t *a = arena_create(0);
	says(messages_error(a, t, e), text);
	err_free(e);
	arena_free(a);
}

TEST(an_error_is_said_by_its_message_and_counted)
{
	struct messages *m = make(files, COUNT(files));
	const struct tongue *en = tongue(m, "en"), *fr = tongue(m, "fr");
	(void)state;
	is_told(en, err_say_with(ERR_INPUT, "x", "story.changes", "n=%d", 1), "changed once");
	is_told(fr, err_say_with(ERR_INPUT, "x", "story.changes", "n=%d", 2), "2 modifications");
	is_told(en, err_say(ERR_INPUT, "x", "no.such.key"), "no.such.key");
	is_told(fr, err_user(ERR_INPUT, "x", "its own %s", "words"), "its own words");
	messages_free(m);
}

TEST(thousands_stand_apart_from_five_digits_on)
{
	struct messages *m = make(files, COUNT(files));
	arena_t *a = arena_create(0);
	const struct tongue *en = tongue(m, "en");
	(void)state;
	says(messages_number(a, en, 0), "0");
	says(messages_number(a, en, 9999), "9999");
	says(messages_number(a, en, 10000), "10,000");
	says(messages_number(a, en, 123456), "123,456");
	says(messages_number(a, en, -123456), "-123,456");
	says(messages_number(a, en, INT64_MIN), "-9,223,372,036,854,775,808");
	arena_free(a);
	messages_free(m);
}

TEST(dates_follow_the_pattern_and_the_first_of_a_month_its_own_word)
{
	struct messages *m = make(files, COUNT(files));
	arena_t *a = arena_create(0);
	usec_t first, other;
	(void)state;
	assert_null(zone_set(S("America/Toronto")));
	assert_null(time_parse_utc(S("2026-02-01T12:00:00Z"), &first));
	assert_null(time_parse_utc(S("2026-11-26T11:12:00Z"), &other));
	says(messages_date(a, tongue(m, "en"), "date.day", first), "1 February 2026");
	says(messages_date(a, tongue(m, "fr"), "date.day", first), "1er f\xc3\xa9vrier 2026");
	says(messages_date(a, tongue(m, "fr"), "date.long", other),
	     "jeudi 26 novembre 2026 \xc3\xa0 06:12 EST");
	arena_free(a);
	messages_free(m);
}

TEST(values_are_filled_in_and_unknown_names_stay)
{
	const struct message_value v[] = { { "who", S("Ann {x}") }, { "n", S("3") } };
	arena_t *a = arena_create(0);
	(void)state;
	says(messages_fill(a, S("{n} by {who}, {what} {"), v, 2), "3 by Ann {x}, {what} {");
	says(messages_fill(a, S(""), v, 2), "");
	arena_free(a);
}

TEST(what_is_wrong_with_a_file_is_named)
{
	static const struct {
		str_t       text;
		const char *message;
	} cases[] = {
		{ S("a = b\nno sign"), "messages/fr.txt:2: must be \"key = text\"" },
		{ S("A.b = c"), "messages/fr.txt:1: must be \"key = text\"" },
		{ S("a..b = c"), "messages/fr.txt:1: must be \"key = text\"" },
		{ S("a.b = c\na.b = d"), "messages/fr.txt: \"a.b\" is there twice" },
		{ S("a = c\na.b = d"), "messages/fr.txt: \"a.b\": a part of it is a text" },
		{ S("a = \xff"), "messages/fr.txt: is not UTF-8 at byte 5" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct messages *m;
		struct asset_file one = { S("messages/fr.txt"), cases[i].text };
		err_t e = messages_new(&one, 1, &m);
		assert_non_null(e);
		assert_string_equal(err_text(e), cases[i].message);
		err_free(e);
	}
}

TEST(checking_tells_what_is_borrowed_and_what_nothing_says)
{
	struct messages *m = make(files, 2);
	arena_t *a = arena_create(0);
	struct strs lines = { 0 };
	(void)state;
	messages_check(m, a, &lines);
	assert_int_equal(lines.n, 3);
	says(lines.v[0], "messages/fr.txt: \"date.day\" is not there; English is shown");
	says(lines.v[1], "messages/fr.txt: nothing says \"front.extra\"");
	says(lines.v[2], "messages/fr.txt: \"front.only\" is not there; English is shown");
	arena_free(a);
	messages_free(m);
}

TEST(forms_that_english_has_no_use_for_are_no_mistake)
{
	static const struct asset_file v[] = {
		{ S("messages/en.txt"), S("a.b.one = x\na.b.other = x\nc = x\n") },
		{ S("messages/ar.txt"), S("a.b.one = x\na.b.few = x\na.b.other = x\nc = x\nd.few = x\n") },
	};
	struct messages *m = make(v, COUNT(v));
	arena_t *a = arena_create(0);
	struct strs lines = { 0 };
	(void)state;
	messages_check(m, a, &lines);
	assert_int_equal(lines.n, 1);
	says(lines.v[0], "messages/ar.txt: nothing says \"d.few\"");
	arena_free(a);
	messages_free(m);
}

/* --- ours --- */

struct ours {
	arena_t           *a;
	struct theme_files files;
	struct messages   *m;
};

static struct ours ours(void)
{
	struct ours o = { .a = arena_create(0) };
	o.files.a = o.a;
	for (const struct embedded *e = theme_files; e->name; e++)
		theme_put(&o.files, str_of(e->name), e->content);
	o.m = make(o.files.v, o.files.n);
	return o;
}

static void ours_free(struct ours *o)
{
	messages_free(o->m);
	arena_free(o->a);
}

static bool is_said(const struct ours *o, str_t key)
{
	return !str_eq(messages_get(tongue(o->m, "en"), str_z(o->a, key)), key);
}

TEST(every_language_of_ours_says_everything)
{
	struct ours o = ours();
	struct strs lines = { 0 };
	(void)state;
	messages_check(o.m, o.a, &lines);
	for (size_t i = 0; i < lines.n; i++)
		print_error("%.*s\n", STR(lines.v[i]));
	assert_int_equal(lines.n, 0);
	says(tongue_name(tongue(o.m, "fr-CA")), "fr");
	says(tongue_name(tongue(o.m, "ar-EG")), "ar");
	ours_free(&o);
}

/* The parts in {braces} of a text, in any order. */
static size_t holes(str_t text, str_t *out, size_t most)
{
	size_t n = 0, at = 0, open;
	while (n < most && (open = str_find_char(text, '{', at)) != STR_NONE) {
		size_t close = str_find_char(text, '}', open);
		if (close == STR_NONE)
			break;
		out[n++] = str_slice(text, open, close + 1);
		at = close + 1;
	}
	return n;
}

/* A translation that names a value wrongly would show its braces; "{n}" may be said in words. */
static void fills_alike(const char *path, const json_t *english, const json_t *other)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)english, key, v) {
		const json_t *w = json_object_get(other, key);
		str_t names[8];
		char deeper[128];
		snprintf(deeper, sizeof deeper, "%s.%s", path, key);
		if (json_is_object(v)) {
			fills_alike(deeper, v, w);
			continue;
		}
		size_t n = holes(str_of(json_string_value(w)), names, COUNT(names));
		for (size_t i = 0; i < n; i++)
			if (!str_eq(names[i], S("{n}")) &&
			    str_find(str_of(json_string_value(v)), names[i], 0) == STR_NONE)
				fail_msg("%s: English knows no %.*s", deeper, STR(names[i]));
	}
}

TEST(translations_know_only_the_values_of_english)
{
	struct ours o = ours();
	(void)state;
	fills_alike("fr", tongue_view(tongue(o.m, "en")), tongue_view(tongue(o.m, "fr")));
	fills_alike("ar", tongue_view(tongue(o.m, "en")), tongue_view(tongue(o.m, "ar")));
	ours_free(&o);
}

TEST(french_keeps_its_marks_with_their_words)
{
	static const char *const apart[] = { " ;", " !", " ?", " :", " \xc2\xbb", "\xc2\xab ", "'", "..." };
	struct ours o = ours();
	(void)state;
	for (size_t i = 0; i < o.files.n; i++) {
		if (!str_eq(o.files.v[i].path, S("messages/fr.txt")))
			continue;
		for (str_t rest = o.files.v[i].bytes; rest.p;) {
			str_t line = str_cut(&rest, '\n');
			for (size_t k = 0; !str_starts(line, S("#")) && k < COUNT(apart); k++)
				if (str_find(line, str_of(apart[k]), 0) != STR_NONE)
					fail_msg("fr.txt: \"%.*s\" holds \"%s\"", STR(line), apart[k]);
		}
	}
	ours_free(&o);
}

/* The name in a tag: {{t.x}}, {{{t.x}}}, {{#t.x}}. */
static str_t tag_name(str_t tag)
{
	size_t from = 0;
	while (from < tag.n && strchr("{#^&/ ", tag.p[from]))
		from++;
	return str_trim(str_slice(tag, from, tag.n));
}

/* A form for numbers that English has no words for: "x.few" is there if "x.other" is. */
static bool is_form(const struct ours *o, str_t name)
{
	static const char *const forms[] = { ".zero", ".two", ".few", ".many" };
	char other[96];
	for (size_t i = 0; i < COUNT(forms); i++) {
		str_t form = str_of(forms[i]);
		if (!str_ends(name, form))
			continue;
		snprintf(other, sizeof other, "%.*s.other", STR(str_slice(name, 0, name.n - form.n)));
		return is_said(o, str_of(other));
	}
	return false;
}

TEST(what_a_template_says_is_a_message)
{
	struct ours o = ours();
	int bad = 0, seen = 0;
	(void)state;
	for (size_t i = 0; i < o.files.n; i++) {
		str_t text = o.files.v[i].bytes;
		if (!str_ends(o.files.v[i].path, S(".html")))
			continue;
		for (size_t at = 0; (at = str_find(text, S("{{"), at)) != STR_NONE; at += 2) {
			str_t name = tag_name(str_slice(text, at, str_find(text, S("}}"), at)));
			if (!str_starts(name, S("t.")))
				continue;
			seen++;
			if (is_said(&o, str_slice(name, 2, name.n)) ||
			    is_form(&o, str_slice(name, 2, name.n)))
				continue;
			print_error("%.*s: there is no message \"%.*s\"\n", STR(o.files.v[i].path),
				    STR(name));
			bad++;
		}
	}
	assert_int_equal(bad, 0);
	assert_true(seen > 10);
	ours_free(&o);
}

/* nftw has no argument for its callback. */
static struct {
	struct ours *o;
	int          bad, seen;
} reading;

static bool has_form(const struct ours *o, str_t key)
{
	return is_said(o, str_format(o->a, "%.*s.other", STR(key)));
}

/* Every call with a literal key: say(v, "x"), messages_count(a, t, "x", n). A key that is put together
 * ("genre.%s") is none. */
static void look_at(const char *path, str_t text)
{
	static const struct {
		const char *call;
		bool        count;
	} calls[] = { { "say(", false }, { "say_with(", false }, { "say_count(", true },
		      { "messages_get(", false }, { "messages_date(", false }, { "messages_count(", true } };
	for (size_t c = 0; c < COUNT(calls); c++) {
		for (size_t at = 0; (at = str_find(text, str_of(calls[c].call), at)) != STR_NONE;) {
			str_t call = str_slice(text, at, at + 120);
			bool whole = at == 0 || !strchr("abcdefghijklmnopqrstuvwxyz_", text.p[at - 1]);
			at += 4;
			call = str_slice(call, 0, str_find_char(call, ';', 0));
			size_t quote = str_find(call, S(", \""), 0);
			if (!whole || quote == STR_NONE)
				continue;
			str_t key = str_slice(call, quote + 3, str_find_char(call, '"', quote + 3));
			if (str_find_char(key, '%', 0) != STR_NONE || str_find_char(key, ' ', 0) != STR_NONE)
				continue;
			reading.seen++;
			if (calls[c].count ? has_form(reading.o, key) : is_said(reading.o, key))
				continue;
			print_error("%s: there is no message \"%.*s\"\n", path, STR(key));
			reading.bad++;
		}
	}
}

static int look(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	str_t text;
	(void)at, (void)st;
	if (kind != FTW_F || !str_ends(str_of(path), S(".c")))
		return 0;
	assert_null(file_read(reading.o->a, path, 4 << 20, &text));
	look_at(path, text);
	return 0;
}

TEST(what_the_program_says_is_a_message)
{
	struct ours o = ours();
	(void)state;
	reading.o = &o;
	reading.bad = reading.seen = 0;
	assert_int_equal(nftw("src", look, 8, FTW_PHYS), 0); /* tests run in the source's root */
	assert_int_equal(reading.bad, 0);
	assert_true(reading.seen >= 5);
	ours_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_language_is_found_by_its_tag_or_the_wider_one),
		cmocka_unit_test(what_a_language_lacks_is_said_in_english_and_what_none_has_is_seen),
		cmocka_unit_test(numbers_take_the_form_of_their_language),
		cmocka_unit_test(an_error_is_said_by_its_message_and_counted),
		cmocka_unit_test(thousands_stand_apart_from_five_digits_on),
		cmocka_unit_test(dates_follow_the_pattern_and_the_first_of_a_month_its_own_word),
		cmocka_unit_test(values_are_filled_in_and_unknown_names_stay),
		cmocka_unit_test(what_is_wrong_with_a_file_is_named),
		cmocka_unit_test(checking_tells_what_is_borrowed_and_what_nothing_says),
		cmocka_unit_test(forms_that_english_has_no_use_for_are_no_mistake),
		cmocka_unit_test(every_language_of_ours_says_everything),
		cmocka_unit_test(translations_know_only_the_values_of_english),
		cmocka_unit_test(french_keeps_its_marks_with_their_words),
		cmocka_unit_test(what_a_template_says_is_a_message),
		cmocka_unit_test(what_the_program_says_is_a_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
