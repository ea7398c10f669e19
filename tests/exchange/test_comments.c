/* test_comments.c: comments from elsewhere find their place, whatever order and shape they come in. */
#include "../forum/talk.h"

#include "base/file.h"
#include "exchange/comments.h"
#include "readers/leaving.h"
#include "readers/room.h"

static struct comments_report placed(struct talkers *t)
{
	struct comments_report done = { 0 };
	assert_ok(comments_place(&t->room->stet, t->room->world.a, &done));
	return done;
}

static void keep(struct talkers *t, const char *id, const char *parent, const char *state, const char *type,
		 const char *name, const char *content)
{
	plant(t->room, str_z(t->room->world.a, str_format(t->room->world.a,
		"INSERT INTO imported_comment (source, foreign_id, story, parent, state, type, author_name, author_email, author_url, "
		"author_ip, author_id, written, content, meta) VALUES ('wordpress', '%s', %lld, '%s', '%s', '%s', '%s', '', '', '', '', "
		"1600000000000000, '%s', '{}')", id, (long long)t->story.id, parent, state, type, name, content)));
}

static struct comment find(struct talkers *t, const char *words)
{
	struct conn *c;
	struct comments list;
	struct comment found = { 0 };
	id64 parents[50] = { 0 };
	size_t n = 1;
	assert_ok(store_reader(t->room->stet.store, &c));
	for (size_t at = 0; at < n; at++) {
		assert_ok(comment_list(c, t->room->world.a, t->story.id, parents[at], SORT_OLDEST,
				       comment_key_first(SORT_OLDEST), 40, &list));
		for (size_t i = 0; i < list.n; i++) {
			parents[n++] = list.v[i].id;
			if (str_find(list.v[i].body, str_of(words), 0) != STR_NONE)
				found = list.v[i];
		}
	}
	store_done(t->room->stet.store, c);
	return found;
}

static void all_awkward_cases_find_a_place(void **state)
{
	struct talkers *t = *state;
	keep(t, "2", "1", "1", "comment", "Early Answer", "before what it answers");
	keep(t, "3", "0", "1", "comment", "Markup", "one\ntwo\n\nthree <script>x()</script> <a href=\"javascript:x()\" onclick=\"x()\">four</a>");
	keep(t, "4", "99", "1", "comment", "Orphan", "answers nobody");
	keep(t, "5", "6", "1", "comment", "Ring", "ring five");
	keep(t, "6", "5", "1", "comment", "Ring", "ring six");
	keep(t, "7", "7", "1", "comment", "Self", "answers itself");
	keep(t, "8", "0", "trash", "comment", "Gone", "in the bin");
	keep(t, "9", "8", "1", "comment", "Alive", "below the bin");
	keep(t, "10", "0", "spam", "comment", "Spam", "pills");
	keep(t, "11", "0", "0", "comment", "Held", "waits there");
	keep(t, "12", "0", "1", "pingback", "Ping", "a ping");
	/* Markup past reading keeps nobody else from their place. */
	struct buf deep = buf_new(t->room->world.a, 65536);
	for (int i = 0; i < 6000; i++)
		buf_add(&deep, S("<div>"));
	keep(t, "13", "0", "1", "comment", "Deep", str_z(t->room->world.a, buf_str(&deep)));
	keep(t, "1", "0", "1", "", "First", "what is answered");
	struct comments_report done = placed(t);
	assert_int_equal(done.placed, 8);
	assert_int_equal(done.waiting, 1);
	assert_int_equal(done.deleted, 1);
	assert_int_equal(done.spam, 1);
	assert_int_equal(done.orphans, 2); /* one answers itself */
	struct comment first = find(t, "what is answered"), below = find(t, "below the bin");
	assert_int_equal(find(t, "before what").parent, first.id);
	assert_text(find(t, "three").body, "<p>one<br>two</p>\n<p>three four</p>");
	assert_int_equal(find(t, "answers nobody").parent, 0);
	assert_int_equal(now_of(t, below.parent).state, COMMENT_DELETED);
	assert_true(now_of(t, below.parent).stands);
	assert_int_equal(find(t, "in the bin").id, 0);
	assert_int_equal(find(t, "pills").id, 0);
	assert_int_equal(find(t, "waits there").id, 0);
	assert_int_equal(find(t, "ring five").id != 0 && find(t, "ring six").id != 0, 1);
	assert_text(first.name, "First");
	assert_int_equal(first.made, 1600000000000000);
	assert_text(findings(t), "");
	/* Again: all is there. */
	done = placed(t);
	assert_int_equal(done.placed + done.waiting + done.deleted + done.spam, 0);
}

static void a_file_is_read_once_and_its_mistakes_are_named(void **state)
{
	static const char *const bad[] = {
		"{\"id\": \"1\"", "{\"id\": \"1\", \"name\": \"A\", \"text\": \"x\", \"story\": \"harbour-opens\", \"written\": \"soon\"}",
		"{\"id\": \"1\", \"name\": \"A\", \"text\": \"x\", \"written\": \"2026-11-25T10:00:00Z\"}", "[]",
	};
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	char *path = path_join(a, t->room->world.folder, "comments.jsonl");
	struct comments_report done = { 0 };
	struct comments_options o = { .path = path, .format = S(""), .site = S(""), .source = S("") };
	str_t good = S("# ours\n{\"id\": \"1\", \"name\": \"Ann Lee\", \"address\": \"ann@example.org\", \"text\": \"*Good*\", "
		       "\"story\": \"harbour-opens\", \"written\": \"2026-11-25T10:00:00Z\", \"ups\": 3}\n\n");
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_ok(file_write(path, str_format(a, "%.*s%s\n", STR(good), bad[i]), 0600));
		err_t e = comments_read(&t->room->stet, a, &o, &done);
		assert_non_null(e);
		assert_non_null(strstr(err_text(e), "line 4"));
		err_free(e);
	}
	assert_int_equal(placed(t).placed, 0); /* nothing was kept */
	done = (struct comments_report){ 0 };
	assert_ok(file_write(path, good, 0600));
	for (int i = 0; i < 2; i++)
		assert_ok(comments_read(&t->room->stet, a, &o, &done));
	assert_int_equal(done.read, 2);
	assert_int_equal(done.added, 1);
	assert_int_equal(done.there, 1);
	assert_int_equal(placed(t).placed, 1);
	struct comment k = find(t, "Good");
	assert_int_equal(k.reader.id, t->ann.id);
	assert_int_equal(k.ups, 3);
	assert_text(k.body, "<p><em>Good</em></p>");
	assert_text(findings(t), "");
}

static int64_t kept_words(struct talkers *t, const char *words)
{
	struct sql sql = { str_z(t->room->world.a, str_format(t->room->world.a, "SELECT count(*) FROM imported_comment WHERE content LIKE "
							      "'%%%s%%' OR author_name = '%s'", words, words)) };
	return world_int(&t->room->world, &sql);
}

/* What was kept of the import is let go of with the comment, and with the account. */
static void what_its_writer_takes_back_is_kept_nowhere(void **state)
{
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	for (int i = 1; i <= 3; i++)
		keep(t, str_z(a, str_format(a, "%d", i)), "0", "1", "comment", "Cyril", str_z(a, str_format(a, "words %d", i)));
	plant(t->room, "UPDATE imported_comment SET author_email = 'cy@example.org', author_id = '5'");
	placed(t);
	assert_int_equal(kept_words(t, "words"), 3);
	assert_ok(comment_delete(&t->room->stet, a, &t->cy, find(t, "words 2").id));
	assert_int_equal(kept_words(t, "words 2"), 0);
	assert_int_equal(kept_words(t, "words"), 2);
	plant(t->room, "UPDATE reader SET keep_words = 0, state = 'leaving', leaving = 1");
	t->room->stet.readers->given.gone = forum_reader_gone;
	assert_ok(reader_go(&t->room->stet, a, t->cy.id));
	assert_int_equal(kept_words(t, "words"), 0);
	assert_int_equal(kept_words(t, "Cyril"), 0);
}

/* Whoever was signed in there has shown that the address is theirs; anybody may type one. */
static void an_address_that_was_only_typed_is_nobodys(void **state)
{
	struct talkers *t = *state;
	keep(t, "1", "0", "1", "comment", "Cy Dee", "typed");
	keep(t, "2", "0", "1", "comment", "Cy Dee", "signed in");
	plant(t->room, "UPDATE imported_comment SET author_email = 'cy@example.org'");
	plant(t->room, "UPDATE imported_comment SET author_id = '5' WHERE foreign_id = '2'");
	placed(t);
	assert_int_equal(find(t, "typed").reader.id, 0);
	assert_int_equal(find(t, "signed in").reader.id, t->cy.id);
	assert_false(find(t, "typed").staff || find(t, "signed in").staff);
	plant(t->room, "CREATE TABLE seen (one INTEGER CHECK (one = 0)); INSERT INTO seen SELECT count(*) FROM imported_comment "
		       "WHERE author_email <> ''");
}

/* More than an act holds, children before parents, a chain deeper than an act; and some that come later. */
static void many_come_in_any_order(void **state)
{
	struct talkers *t = *state;
	plant(t->room, str_z(t->room->world.a, str_format(t->room->world.a,
		"WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO imported_comment "
		"(source, foreign_id, story, parent, state, type, author_name, author_email, author_url, author_ip, author_id, written, "
		"content, meta) SELECT 'w', printf('%%05d', 2000 - i), %lld, CASE i WHEN 1 THEN '' ELSE printf('%%05d', 2001 - i) END, '1', "
		"'comment', 'C', '', '', '', '', i, 'chain ' || i, '{}' FROM n UNION ALL "
		"SELECT 'w', printf('%%05d', 5000 + i), %lld, '', '1', 'comment', 'W', '', '', '', '', i, 'wide ' || i, '{}' FROM n",
		(long long)t->story.id, (long long)t->story.id)));
	struct comments_report done = placed(t);
	assert_int_equal(done.placed, 2000);
	assert_int_equal(done.orphans, 0);
	plant(t->room, "CREATE TABLE seen (one INTEGER CHECK (one = 999)); INSERT INTO seen SELECT max(depth) FROM comment");
	assert_text(findings(t), "");
	keep(t, "late", "1", "1", "comment", "Late", "answers later");
	plant(t->room, "UPDATE imported_comment SET source = 'w', parent = '05001' WHERE foreign_id = 'late'");
	assert_int_equal(placed(t).placed, 1);
	plant(t->room, "CREATE TABLE late (one INTEGER CHECK (one = 1)); INSERT INTO late SELECT count(*) FROM comment k JOIN comment p "
		       "ON p.id = k.parent WHERE k.source = 'answers later' AND p.source = 'wide 1'");
	assert_text(findings(t), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(all_awkward_cases_find_a_place),
		TALK_TEST(a_file_is_read_once_and_its_mistakes_are_named),
		TALK_TEST(what_its_writer_takes_back_is_kept_nowhere),
		TALK_TEST(an_address_that_was_only_typed_is_nobodys),
		TALK_TEST(many_come_in_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
