/* test_account.c: what becomes of everything that names a reader: in the copy that they may take away, and when the account ends.
 *
 * The database is asked which columns refer to a reader. Each must stand in the table below, so one that is new makes this fail until
 * somebody has decided. */
#include "talk.h"

#include "forum/report.h"
#include "readers/copy.h"
#include "readers/leaving.h"
#include "record/act.h"

struct decided {
	const char *column; /* "table.column" */
	const char *row;    /* columns and values of one that names Ann; words of hers say "Mark" */
	const char *part;   /* of the copy; NULL: it is in none, because */
	const char *why;
	const char *stays;  /* how many rows name her afterwards, and why; NULL: none */
};

/* %1: Ann. %2: Bo. %3: the story. %4: a comment of Ann's. %5: one of Bo's. %6: a decision about Ann. %7: one by Ann. %8: one about Bo. */
static const struct decided all[] = {
	{ "appeal.moderator", "INTO appeal (decision, words, made, moderator, outcome) VALUES (%8, 'x', 1, %1, 'upheld')", NULL, "the newsroom's work", NULL },
	{ "challenge.reader", "INTO challenge (id, kind, reader, secret, made, ends) VALUES (91, 'x', %1, X'00', 1, 9e15)", "challenges", NULL, NULL },
	{ "comment.answers", NULL, NULL, "others' words", NULL },
	{ "comment.reader", NULL, "comments", NULL, NULL },
	{ "comment_claim.moderator", "INTO comment_claim VALUES (%5, %1, 1)", NULL, "it lasts two minutes", NULL },
	{ "comment_mention.reader", "INTO comment_mention (comment, reader, made) VALUES (%5, %1, 1)", NULL, "others' words", NULL },
	{ "comment_report.reader", NULL, "reports", NULL, NULL },
	{ "comment_vote.reader", NULL, "votes", NULL, NULL },
	{ "decision.moderator", NULL, NULL, "the newsroom's work", NULL },
	{ "decision.reader", NULL, "decisions", NULL, NULL },
	{ "follow.reader", "INTO follow VALUES (%1, 'story', %3, 1)", "follows", NULL, NULL },
	{ "identity.reader", "INTO identity VALUES ('https://id.example', 'Mark of a subject', %1, 1)", "identities", NULL, NULL },
	{ "notice.moderator", "INTO notice (id, comment, why, name, address, made, moderator) VALUES (94, %5, 'x', 'x', 'x', 1, %1)", NULL, "the newsroom's work", NULL },
	{ "passkey.reader", "INTO passkey VALUES (95, %1, X'01', X'02', -7, 0, 1, '', 0, 0, X'00', 'Mark of a key', 1, 1)", "passkeys", NULL, NULL },
	{ "question_guest.reader", "INTO question_guest VALUES (%3, %1, 'Mark of a title', 1)", "guest", NULL, NULL },
	{ "reader_copy.reader", "INTO reader_copy VALUES (96, %1, 1, 0, 2)", "copies", NULL, NULL },
	{ "reader_feed.reader", "INTO reader_feed VALUES (%1, X'03', 1)", "feed", NULL, NULL },
	{ "reader_follow.followed", "INTO reader_follow VALUES (%2, %1, 1)", "followers", NULL, NULL },
	{ "reader_follow.reader", "INTO reader_follow VALUES (%1, %2, 1)", "following", NULL, NULL },
	{ "reader_mute.muted", "INTO reader_mute VALUES (%2, %1, 0, 1)", NULL, "who mutes is told to nobody", NULL },
	{ "reader_mute.reader", "INTO reader_mute VALUES (%1, %2, 0, 1)", "muted", NULL, NULL },
	{ "reader_name.reader", "INTO reader_name VALUES ('mark of a name', %1, 'mark of a name', 'Mark of a name', 9e15)", "names", NULL, "2, a keyed hash each: nobody shall go on under them" },
	{ "reader_note.moderator", "INTO reader_note VALUES (97, %2, %1, 'x', 1)", NULL, "the newsroom's work", NULL },
	{ "reader_note.reader", "INTO reader_note VALUES (98, %1, %2, 'Mark of a note', 1)", "notes", NULL, NULL },
	{ "reader_picture.reader", "INTO reader_picture VALUES (%1, 'x', X'04')", NULL, "a file beside it", NULL },
	{ "reader_seen.reader", "INTO reader_seen VALUES (%1, 5)", "seen", NULL, NULL },
	{ "recovery_code.reader", "INTO recovery_code VALUES (%1, X'05', 0)", "recovery", NULL, NULL },
	{ "sanction.reader", "INTO sanction (id, reader, kind, why, made, until) VALUES (99, %1, 'held', 'Mark of a sanction', 1, 0)", "sanctions", NULL, NULL },
	{ "session.reader", "INTO session (id, reader, hash, turned, made, used, ends, proven, way, strong, device) VALUES "
	  "(90, %1, X'06', 1, 1, 1, 9e15, 1, 'mail', 0, 'Mark of a device')", "sessions", NULL, NULL },
};

/* "%1" to "%8" of a pattern. */
static const char *filled(arena_t *a, const char *pattern, const id64 *v)
{
	struct buf b = buf_new(a, 256);
	for (const char *p = pattern; *p; p++) {
		if (*p == '%' && p[1] >= '1' && p[1] <= '8')
			buf_add_format(&b, "%lld", (long long)v[*++p - '1']);
		else
			buf_add(&b, str_from(p, 1));
	}
	return str_z(a, buf_str(&b));
}

static int64_t number(struct talkers *t, const char *text)
{
	struct sql sql = { text };
	return world_int(&t->room->world, &sql);
}

static struct strs columns(struct talkers *t)
{
	static const struct sql refers = {
		"SELECT m.name || '.' || f.\"from\" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f "
		"WHERE m.type = 'table' AND f.\"table\" = 'reader' ORDER BY 1"
	};
	struct strs out = { 0 };
	struct conn *c;
	err_t e = OK;
	assert_ok(store_reader(t->room->stet.store, &c));
	{
		AUTO_ROWS r = { 0 };
		assert_ok(db_query(c, &refers, NO_ARGS, &r));
		while (rows_next(&r, &e))
			strs_add(t->room->world.a, &out, row_str(&r, t->room->world.a, 0));
	}
	assert_ok(e);
	store_done(t->room->stet.store, c);
	return out;
}

static void every_column_that_names_a_reader_is_decided(void **state)
{
	struct talkers *t = *state;
	struct strs have = columns(t);
	assert_int_equal(have.n, COUNT(all));
	for (size_t i = 0; i < have.n; i++)
		assert_text(have.v[i], all[i].column);
	for (size_t i = 0; i < COUNT(all); i++)
		assert_true((all[i].part != NULL) != (all[i].why != NULL));
}

static void plant_all(struct talkers *t)
{
	arena_t *a = t->room->world.a;
	struct comment hers = said(t, &t->ann, NULL, "Mark of words."), his = said(t, &t->bo, NULL, "His.");
	id64 v[] = { t->ann.id, t->bo.id, t->story.id, hers.id, his.id, 81, 82, 83 };
	static const char *const decision =
		"INSERT INTO decision (id, kind, comment, reader, moderator, automated, reason, words, facts, until, was, picked, made) VALUES ";
	struct comment out;
	said(t, &t->bo, &hers, "Hear.");
	assert_ok(comment_vote(&t->room->stet, a, &t->ann, his.id, 1, &out));
	assert_ok(comment_report(&t->room->stet, a, &t->ann, his.id, S("spam"), S("Mark of a report")));
	assert_ok(comment_edit(&t->room->stet, a, &t->ann, hers.id, S("Mark of words, edited."), &out));
	plant(t->room, filled(a, str_z(a, str_format(a, "%s(81, 'warn', %%4, %%1, %%2, 0, 'spam', 'Mark of a warning', 'Mark of facts', 0, '', 0, 1)", decision)), v));
	plant(t->room, filled(a, str_z(a, str_format(a, "%s(82, 'warn', %%5, NULL, %%1, 0, 'spam', '', '', 0, '', 0, 1)", decision)), v));
	plant(t->room, filled(a, str_z(a, str_format(a, "%s(83, 'warn', %%5, %%2, NULL, 0, 'spam', '', '', 0, '', 0, 1)", decision)), v));
	plant(t->room, "INSERT INTO appeal (decision, words, made, answer) VALUES (81, 'Mark of an appeal', 1, 'Mark of an answer')");
	plant(t->room, filled(a, "INSERT INTO comment_hit VALUES (%4, 1, 'links', 'Mark of a hit', 1, 1)", v));
	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i].row)
			plant(t->room, filled(a, str_z(a, str_format(a, "INSERT %s", all[i].row)), v));
}

static void drop(void *json)
{
	json_decref(json);
}

static void the_copy_has_what_is_known(void **state)
{
	static const char *const marks[] = { "Mark of words, edited.", "Mark of words.", "Mark of a report", "Mark of a warning", "Mark of facts",
					     "Mark of an appeal", "Mark of an answer", "Mark of a note", "Mark of a title", "Mark of a sanction" };
	struct talkers *t = *state;
	arena_t *a = t->room->world.a;
	struct conn *c;
	struct reader ann;
	json_t *copy = json_object();
	arena_defer(a, drop, copy);
	t->room->stet.readers->given.copy_parts = forum_copy_parts;
	plant_all(t);
	assert_ok(store_reader(t->room->stet.store, &c));
	assert_ok(reader_find(c, a, t->ann.id, &ann));
	assert_ok(copy_collect(&t->room->stet, c, a, &ann, copy));
	store_done(t->room->stet.store, c);
	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i].part && !json_array_size(json_object_get(copy, all[i].part)))
			fail_msg("%s is not in the copy as \"%s\"", all[i].column, all[i].part);
	char *text = json_dumps(copy, 0);
	for (size_t i = 0; i < COUNT(marks); i++)
		if (!strstr(text, marks[i]))
			fail_msg("\"%s\" is not in the copy", marks[i]);
	free(text);
}

/* Every text of every table: none may be hers any more. */
static void nothing_says(struct talkers *t, const char *mark)
{
	static const struct sql texts = {
		"SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'search%' "
		"AND c.type = 'TEXT' ORDER BY 1, 2"
	};
	arena_t *a = t->room->world.a;
	struct strs queries = { 0 };
	struct conn *c;
	err_t e = OK;
	assert_ok(store_reader(t->room->stet.store, &c));
	{
		AUTO_ROWS r = { 0 };
		assert_ok(db_query(c, &texts, NO_ARGS, &r));
		while (rows_next(&r, &e)) {
			str_t table = row_str(&r, a, 0), column = row_str(&r, a, 1);
			strs_add(a, &queries, str_format(a, "SELECT count(*) FROM \"%.*s\" WHERE lower(\"%.*s\") LIKE '%%%s%%'",
							 STR(table), STR(column), mark));
		}
	}
	assert_ok(e);
	store_done(t->room->stet.store, c);
	assert_true(queries.n > 50);
	for (size_t i = 0; i < queries.n; i++)
		if (number(t, str_z(a, queries.v[i])))
			fail_msg("still there: %.*s", STR(queries.v[i]));
}

static void goes(struct talkers *t, bool words)
{
	struct stet *s = &t->room->stet;
	s->readers->given.gone = forum_reader_gone;
	plant_all(t);
	assert_ok(reader_leave(s, t->room->world.a, &t->ann, words, 0));
	passes(t, 2 * DAY);
	assert_ok(reader_go(s, t->room->world.a, t->ann.id));
	for (size_t i = 0; i < COUNT(all); i++) {
		arena_t *a = t->room->world.a;
		str_t column = str_of(all[i].column), table = str_cut(&column, '.');
		int64_t n = number(t, str_z(a, str_format(a, "SELECT count(*) FROM %.*s WHERE %.*s = %lld", STR(table), STR(column),
							  (long long)t->ann.id)));
		if (n != (all[i].stays ? atoi(all[i].stays) : 0))
			fail_msg("%lld rows of %s name whoever is gone", (long long)n, all[i].column);
	}
	nothing_says(t, "ann lee");
	assert_text(findings(t), "");
}

static void whoever_takes_their_words_along_leaves_nothing(void **state)
{
	struct talkers *t = *state;
	goes(t, false);
	nothing_says(t, "mark of");
}

static void whoever_leaves_their_words_leaves_those_alone(void **state)
{
	struct talkers *t = *state;
	goes(t, true);
	assert_int_equal(number(t, "SELECT count(*) FROM comment WHERE source = 'Mark of words, edited.' AND reader IS NULL"), 1);
	plant(t->room, "UPDATE comment SET source = '', body = ''");
	nothing_says(t, "mark of");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK_TEST(every_column_that_names_a_reader_is_decided),
		TALK_TEST(the_copy_has_what_is_known),
		TALK_TEST(whoever_takes_their_words_along_leaves_nothing),
		TALK_TEST(whoever_leaves_their_words_leaves_those_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
