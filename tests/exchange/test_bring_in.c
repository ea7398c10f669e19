/* test_bring_in.c: files of other programs' comments: which story each belongs to, what is refused, what is done again.
 * What the formats themselves say is compared with other parsers in tests/site/bring-comments.test.mjs. */
#include "../forum/talk.h"

#include "base/file.h"
#include "exchange/comments.h"

#include <stdlib.h>

#define FIXTURES "tests/fixtures/comments/"

static struct comments_options options(const char *path)
{
	return (struct comments_options){ .path = path, .format = S(""), .site = S(""), .source = S("") };
}

static char *file_of(struct talkers *t, const char *name, str_t text)
{
	char *path = path_join(t->room->world.a, t->room->world.folder, name);
	assert_ok(file_write(path, text, 0600));
	return path;
}

static struct comments_report bring(struct talkers *t, const struct comments_options *o)
{
	struct comments_report done = { 0 };
	assert_ok(comments_read(&t->room->stet, t->room->world.a, o, &done));
	if (!o->dry_run)
		assert_ok(comments_place(&t->room->stet, t->room->world.a, &done));
	return done;
}

static int64_t number(struct talkers *t, const char *query)
{
	const struct sql sql = { query };
	return world_int(&t->room->world, &sql);
}

/* One comment of Remark42's, on that page. */
static str_t remark(struct talkers *t, const char *id, const char *url)
{
	return str_format(t->room->world.a, "{\"id\":\"%s\",\"pid\":\"\",\"text\":\"<p>%s</p>\",\"user\":{\"name\":\"A\",\"id\":\"x_1\"},"
			  "\"locator\":{\"site\":\"s\",\"url\":\"%s\"},\"time\":\"2020-01-05T10:00:00Z\"}\n", id, id, url);
}

/* Whether a comment of this page finds the story. */
static bool finds(struct talkers *t, const char *url, const char *map)
{
	struct comments_options o = options(file_of(t, "one.jsonl", remark(t, "x", url)));
	o.dry_run = true;
	o.map = map;
	struct comments_report done = bring(t, &o);
	assert_int_equal(done.added + done.lost, 1);
	if (done.lost)
		assert_true(done.npages == 1 && str_eq(done.pages[0].address, str_of(url)));
	return done.added == 1;
}

static void old_addresses(struct talkers *t)
{
	plant(t->room, str_z(t->room->world.a, str_format(t->room->world.a,
		"INSERT INTO redirect (path, story) VALUES ('/2020/01/harbour/', %lld), ('/?p=12', %lld), ('/caf\xc3\xa9', %lld); "
		"INSERT INTO redirect (path, target) VALUES ('/fixed', 'https://ours.example/city/harbour-opens'); "
		"INSERT INTO imported (source, kind, foreign_id, local, digest, revision) VALUES "
		"('wordpress:https://old.example', 'story', '12', %lld, '', 1)",
		(long long)t->story.id, (long long)t->story.id, (long long)t->story.id, (long long)t->story.id)));
}

static void a_page_is_found_however_its_address_is_written(void **state)
{
	static const char *const ways[] = {
		"https://old.example/2020/01/harbour/", "http://www.old.example/2020/01/harbour", "//old.example/2020/01/harbour/",
		"/2020/01/harbour/", "https://old.example/2020/01/harbour/?utm_source=x&y=1", "HTTPS://old.example/2020/01/harbour/#c5",
		"https://old.example/2020/01/harbour/index.html", "https://old.example/?p=12", "https://old.example/caf%C3%A9",
		"https://ours.example/city/harbour-opens", "/city/harbour-opens/", "https://old.example/fixed",
	}, *const others[] = {
		"https://old.example/", "https://old.example/2020/01/", "/nosection/harbour-opens", "/city/harbour-opens/extra",
		"harbour-opens", "https://old.example/?p=13", "/", "//", "?", "#", "https://",
	};
	struct talkers *t = *state;
	old_addresses(t);
	for (size_t i = 0; i < COUNT(ways); i++)
		if (!finds(t, ways[i], NULL))
			fail_msg("%s is not found", ways[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (finds(t, others[i], NULL))
			fail_msg("%s is found", others[i]);
}

static void a_list_of_addresses_comes_first_and_its_mistakes_are_named(void **state)
{
	struct talkers *t = *state;
	char *map = file_of(t, "map.csv", S("old,new\r\n\"https://old.example/a,b\",/city/harbour-opens\n# no\n"
					     "old.example/blog/*,https://ours.example/city/*\n/lost,/nowhere/else\n"));
	old_addresses(t);
	assert_true(finds(t, "http://www.old.example/a,b/", map));
	assert_true(finds(t, "https://old.example/blog/harbour-opens", map));
	assert_false(finds(t, "https://old.example/blog/others", map));
	assert_false(finds(t, "/lost", map));
	static const char *const bad[][2] = { { "a,b\nonly\n", "map.csv:2: an old address" }, { "a*,b\n", "map.csv:1: the old address ends in *" },
					      { "\"x", "map.csv:1: a quoted field" } };
	struct comments_options o = options(file_of(t, "one.jsonl", remark(t, "x", "/x")));
	struct comments_report done = { 0 };
	o.map = path_join(t->room->world.a, t->room->world.folder, "map.csv");
	for (size_t i = 0; i < COUNT(bad); i++) {
		file_of(t, "map.csv", str_of(bad[i][0]));
		assert_fails(comments_read(&t->room->stet, t->room->world.a, &o, &done), ERR_INPUT, bad[i][1]);
	}
}

/* Disqus's plugin and others call a page by its number there. */
static void a_page_is_found_by_its_number_unless_two_have_it(void **state)
{
	struct talkers *t = *state;
	str_t post = S("<post dsq:id=\"1\"><message>x</message><createdAt>2020-01-05T10:00:00Z</createdAt><author><name>A</name></author>"
		       "<thread dsq:id=\"7\"/></post></disqus>");
	static const char *const names[] = { "12", "12 https://elsewhere.example/?p=1", "1 https://old.example/?p=12", "/2020/01/harbour/" };
	old_addresses(t);
	for (int twice = 0; twice < 2; twice++) {
		for (size_t i = 0; i < COUNT(names); i++) {
			struct comments_options o = options(file_of(t, "d.xml", str_format(t->room->world.a,
				"<disqus xmlns:dsq=\"x\"><thread dsq:id=\"7\"><id>%s</id><link>https://cdn.example/x</link></thread>%.*s",
				names[i], STR(post))));
			o.dry_run = true;
			/* Once two imports know a 12, it says nothing. */
			assert_int_equal(bring(t, &o).added, i == 1 || (twice && i == 0) ? 0 : 1);
		}
		plant(t->room, "INSERT OR IGNORE INTO imported (source, kind, foreign_id, local, digest, revision) SELECT 'ghost:x', kind, "
			       "foreign_id, local, digest, revision FROM imported");
	}
}

static void what_has_no_story_comes_when_the_story_is_there(void **state)
{
	struct talkers *t = *state;
	struct comments_options o = options(FIXTURES "remark42.jsonl");
	struct comments_report done = bring(t, &o);
	assert_int_equal(done.lost, 8);
	assert_int_equal(done.allpages, 3);
	assert_true(str_eq(done.pages[0].address, S("https://old.example/2020/01/harbour/")));
	assert_int_equal(done.pages[0].comments, 4);
	assert_int_equal(number(t, "SELECT count(*) FROM imported_comment"), 0); /* kept nowhere */
	old_addresses(t);
	done = bring(t, &o);
	assert_int_equal(done.added, 4);
	assert_int_equal(done.placed, 3);
	assert_int_equal(done.deleted, 1);
	assert_int_equal(done.lost, 4);
	for (int i = 0; i < 2; i++) {
		done = bring(t, &o);
		assert_int_equal(done.added + done.placed + done.deleted + done.doubles, 0);
		assert_int_equal(done.there, 4);
	}
	assert_int_equal(number(t, "SELECT count(*) FROM comment"), 4);
	assert_text(findings(t), "");
}

/* What is new there comes; what is there stays as it is. */
static void only_what_is_new_is_taken(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	old_addresses(t);
	str_t one = remark(t, "one", "/2020/01/harbour/"), two = remark(t, "two", "/2020/01/harbour/");
	struct comments_options o = options(file_of(t, "b.jsonl", one));
	bring(t, &o);
	plant(t->room, "UPDATE comment SET body = '<p>edited here</p>'");
	file_of(t, "b.jsonl", str_format(a, "%.*s%.*s", STR(one), STR(two)));
	struct comments_report done = bring(t, &o);
	assert_int_equal(done.added, 1);
	assert_int_equal(done.there, 1);
	assert_int_equal(number(t, "SELECT count(*) FROM comment WHERE body = '<p>edited here</p>'"), 1);
	assert_int_equal(number(t, "SELECT count(*) FROM comment"), 2);
}

static void a_trial_writes_nothing_and_counts_the_same(void **state)
{
	static const char *const files[] = { "disqus.xml", "remark42.jsonl", "commento.json", "comentario.json", "custom.xml",
					     "coral/comments.csv" };
	struct talkers *t = *state;
	old_addresses(t);
	for (size_t i = 0; i < COUNT(files); i++) {
		struct comments_options o = options(str_z(t->room->world.a, str_format(t->room->world.a, FIXTURES "%s", files[i])));
		int64_t rows = number(t, "SELECT count(*) FROM imported_comment"), acts = number(t, "SELECT count(*) FROM entry");
		o.dry_run = true;
		struct comments_report trial = bring(t, &o);
		assert_int_equal(number(t, "SELECT count(*) FROM imported_comment"), rows);
		assert_int_equal(number(t, "SELECT count(*) FROM entry"), acts);
		o.dry_run = false;
		struct comments_report done = bring(t, &o);
		assert_int_equal(trial.read, done.read);
		assert_int_equal(trial.added, done.added);
		assert_int_equal(trial.lost, done.lost);
		assert_int_equal(trial.doubles, done.doubles);
		assert_int_equal(trial.undated, done.undated);
		assert_int_equal(trial.orphans, done.orphans);
		assert_int_equal(trial.spam, done.spam);
		assert_int_equal(trial.deleted, done.deleted);
		assert_int_equal(trial.waiting, done.waiting);
		assert_int_equal(trial.added, done.placed + done.waiting + done.deleted + done.spam + done.empty);
		assert_text(findings(t), "");
	}
}

/* Cut at every part of it, a file is refused by name and place, and nothing of it stays. */
static void a_file_that_is_cut_short_changes_nothing(void **state)
{
	static const char *const files[] = { "disqus.xml", "commento.json", "comentario.json", "custom.xml" };
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	old_addresses(t);
	for (size_t i = 0; i < COUNT(files); i++) {
		str_t whole;
		assert_ok(file_read(a, path_join(a, FIXTURES, files[i]), 1 << 20, &whole));
		for (size_t part = 1; part < 20; part++) {
			struct comments_report done = { 0 };
			struct comments_options o = options(file_of(t, files[i], str_slice(whole, 0, whole.n * part / 20)));
			o.format = i == 0 ? S("disqus") : i == 3 ? S("wordpress") : S("commento");
			err_t e = comments_read(&t->room->stet, a, &o, &done);
			assert_non_null(e);
			assert_non_null(strstr(err_text(e), files[i]));
			err_free(e);
		}
	}
	assert_int_equal(number(t, "SELECT count(*) FROM imported_comment"), 0);
}

static void what_is_no_file_of_comments_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *format, *text, *says;
	} bad[] = {
		{ "", "", "is empty" },
		{ "", "hello", "begins like none" },
		{ "", "<html></html>", "begins like none" },
		{ "disqus", "<html></html>", "x:1: this is no export of Disqus: it begins with <html>" },
		{ "disqus", "<!DOCTYPE x [<!ENTITY a \"b\">]><disqus>&a;</disqus>", "document type declaration" },
		{ "disqus", "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><disqus/>", "only UTF-8 is read" },
		{ "disqus", "<disqus>\n<post><message>x</message></post></disqus>", "x:2: a post has no dsq:id" },
		{ "disqus", "<disqus>&nbsp;</disqus>", "x:1: not well-formed" },
		{ "commento", "[1]", "line 1: this is no JSON object" },
		{ "commento", "{\"comments\":[\n1]}", "line 2: is no JSON" },
		{ "commento", "{\"comments\":[\n{\"html\":\"x\"}]}", "line 2: a comment has no number" },
		{ "remark42", "{\"version\":1}\n{\"id\":\"1\"}\n", "line 2: a comment has no \"locator\"" },
		{ "remark42", "{\"version\":1}\n{\"id\":\n", "line 2: is no JSON" },
		{ "coral", "id,author_id,story_id,created_at\n", "x:1: has no column \"body\"" },
		{ "wordpress", "<disqus/>", "no WordPress export" },
		{ "nothing", "x", "there are disqus" },
	};
	struct talkers *t = *state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct comments_report done = { 0 };
		struct comments_options o = options(file_of(t, "x", str_of(bad[i].text)));
		file_of(t, "stories.csv", S("id,url\n"));
		o.format = str_of(bad[i].format);
		err_t e = comments_read(&t->room->stet, t->room->world.a, &o, &done);
		if (!e || !strstr(err_text(e), bad[i].says))
			fail_msg("%zu: %s", i, e ? err_text(e) : "taken");
		err_free(e);
	}
}

/* An export may hold several sites of one owner. */
static void of_several_sites_one_may_be_asked_for(void **state)
{
	struct talkers *t = *state;
	struct comments_options o = options(FIXTURES "commento.json");
	o.dry_run = true;
	o.site = S("https://www.old.example");
	struct comments_report done = bring(t, &o);
	assert_int_equal(done.elsewhere, 1);
	assert_int_equal(done.lost, 6);
	o.site = S("other.example");
	assert_int_equal(bring(t, &o).elsewhere, 6);
}

/* Anybody may have typed an address there: it makes nobody the writer unless whoever imports says that they were proven. */
static void an_address_from_elsewhere_counts_only_where_that_is_said(void **state)
{
	struct talkers *t = *state;
	struct comments_options o = options(FIXTURES "coral/comments.csv");
	old_addresses(t);
	bring(t, &o);
	assert_int_equal(number(t, "SELECT count(*) FROM comment WHERE reader IS NOT NULL"), 0);
	assert_int_equal(number(t, "SELECT count(*) FROM imported_comment WHERE author_email <> ''"), 0);
	o.source = S("again");
	o.accounts = true;
	bring(t, &o);
	assert_true(number(t, "SELECT count(*) FROM comment WHERE reader IS NOT NULL") > 0);
	assert_int_equal(number(t, "SELECT count(*) FROM comment WHERE staff"), 0);
	assert_int_equal(number(t, "SELECT count(*) FROM imported_comment WHERE author_email <> ''"), 0);
}

/* Before there were computers, or to come: the story's own date is nearer. */
static void a_date_that_cannot_be_is_its_storys(void **state)
{
	struct talkers *t = *state;
	struct comments_options o = options(file_of(t, "old.jsonl",
		S("{\"id\":\"1\",\"story\":\"harbour-opens\",\"name\":\"A\",\"text\":\"x\",\"written\":\"1913-01-01T00:00:00Z\"}\n"
		  "{\"id\":\"2\",\"story\":\"harbour-opens\",\"name\":\"A\",\"text\":\"x\",\"written\":\"2913-01-01T00:00:00Z\"}\n")));
	assert_int_equal(bring(t, &o).undated, 2);
	assert_int_equal(number(t, "SELECT count(*) FROM comment k JOIN story s ON s.id = k.story WHERE k.made = s.published"), 2);
}

static void names_and_texts_are_made_harmless(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	struct buf b = buf_new(a, 4096);
	old_addresses(t);
	buf_add(&b, S("{\"id\":\"1\",\"text\":\"<p>turned \\u202e round &#8238; twice&#0;</p><iframe src=x></iframe>\",\"user\":{\"id\":\"x\",\"name\":\"\\u202eA\\u0000 \\n "));
	for (int i = 0; i < 200; i++)
		buf_add(&b, S("\xf0\x9f\xa6\x8a"));
	buf_add(&b, S("\"},\"locator\":{\"url\":\"/2020/01/harbour/\"},\"time\":\"0000-00-00T00:00:00Z\"}\n"));
	struct comments_options o = options(file_of(t, "r.jsonl", buf_str(&b)));
	struct comments_report done = bring(t, &o);
	assert_int_equal(done.placed, 1);
	assert_int_equal(done.undated, 1);
	assert_int_equal(number(t, "SELECT instr(body, char(8238)) + instr(body, 'iframe') FROM comment"), 0);
	assert_int_equal(number(t, "SELECT length(CAST(name AS BLOB)) <= 120 AND name LIKE 'A _%' FROM comment"), 1);
	assert_int_equal(number(t, "SELECT k.made = s.published FROM comment k JOIN story s ON s.id = k.story"), 1);
}

/* Far more than an act holds. */
static void many_comments_come_whole(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	struct buf b = buf_new(a, 1 << 20);
	old_addresses(t);
	for (int i = 0; i < 2500; i++)
		buf_add_format(&b, "{\"id\":\"%d\",\"story\":\"harbour-opens\",\"name\":\"N\",\"written\":\"2020-01-05T10:00:00Z\","
			       "\"text\":\"text %d\"}\n", i, i);
	struct comments_options o = options(file_of(t, "many.jsonl", buf_str(&b)));
	struct comments_report done = bring(t, &o);
	assert_int_equal(done.placed, 2500);
	assert_int_equal(number(t, "SELECT count(DISTINCT source) FROM comment"), 2500);
	assert_text(findings(t), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(a_page_is_found_however_its_address_is_written),
		TALK_TEST(a_list_of_addresses_comes_first_and_its_mistakes_are_named),
		TALK_TEST(a_page_is_found_by_its_number_unless_two_have_it),
		TALK_TEST(what_has_no_story_comes_when_the_story_is_there),
		TALK_TEST(only_what_is_new_is_taken),
		TALK_TEST(a_trial_writes_nothing_and_counts_the_same),
		TALK_TEST(a_file_that_is_cut_short_changes_nothing),
		TALK_TEST(what_is_no_file_of_comments_is_refused_with_its_place),
		TALK_TEST(of_several_sites_one_may_be_asked_for),
		TALK_TEST(an_address_from_elsewhere_counts_only_where_that_is_said),
		TALK_TEST(a_date_that_cannot_be_is_its_storys),
		TALK_TEST(names_and_texts_are_made_harmless),
		TALK_TEST(many_comments_come_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
