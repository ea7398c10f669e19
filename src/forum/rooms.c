/* rooms.c: what this room adds to others: a reader's page, their copy, and what becomes of their words when
 * the account ends. */
#include "forum/decide.h"
#include "forum/limits.h"
#include "forum/pages.h"

#include "page/clean.h"
#include "press/view.h"
#include "readers/pages.h"
#include "record/act.h"

#include <string.h>

/* --- a reader's page --- */

static err_t reader_key(const struct request *q, struct comment_key *out)
{
	str_t text = params_get(&q->query, "before");
	*out = comment_key_first(SORT_NEWEST);
	if (!text.p)
		return OK;
	str_t made = str_cut(&text, '-');
	if (!str_int(made, &out->of) || !id_parse(text, &out->id))
		return err_new(ERR_MISSING, "there is no such page");
	return OK;
}

str_t comment_excerpt(arena_t *a, const struct comment *k)
{
	enum { WORDS = 400 };
	str_t text = clean_text(a, k->body), cut = str_clip(text, WORDS);
	return cut.n < text.n ? str_format(a, "%.*s…", STR(cut)) : cut;
}

static err_t add_comment(struct stet *s, struct view *v, const struct comment *k, json_t *list)
{
	struct story st;
	struct forum_settings set;
	TRY(talked_about(v->c, v->a, k->story, &st));
	TRY(forum_settings_of(s, v->c, v->a, &st, &set));
	if (set.open == FORUM_OFF)
		return OK;
	json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "url",
					      json_text(comment_path(v->a, &st, k->id)), "date",
					      view_date(v, k->made), "headline", json_text(st.headline), "story",
					      json_text(story_path(v->a, &st)), "text",
					      json_text(comment_excerpt(v->a, k)),
					      "ups_text", k->ups ? json_text(say_count(v, "comment.ups", k->ups))
								 : json_null()));
	return OK;
}

err_t forum_reader_page(struct stet *s, struct view *v, const struct reader *r)
{
	struct comment_key before;
	struct comments list;
	if (!r->show_comments || r->state == READER_DISABLED)
		return OK;
	TRY(reader_key(v->q, &before));
	TRY(comment_by_reader(v->c, v->a, r->id, before, READER_PAGE, &list));
	json_t *all = json_array();
	json_object_set_new(v->json, "comments", all);
	for (size_t i = 0; i < list.n; i++)
		TRY(add_comment(s, v, &list.v[i], all));
	const struct comment *last = list.n ? &list.v[list.n - 1] : NULL;
	json_object_set_new(v->json, "comments_older", !list.more ? json_null()
			    : json_text(str_format(v->a, "%.*s?before=%lld-%.*s", STR(reader_path(v->a, r->id)),
						   (long long)last->made, STR(id_text(v->a, last->id)))));
	return OK;
}

/* --- a copy of everything --- */

static const struct sql select_comments = {
	"SELECT id, state, made, edited, source, quote FROM comment WHERE reader = $1 ORDER BY made"
};
static const struct sql select_votes = {
	"SELECT comment, way, made FROM comment_vote WHERE reader = $1 ORDER BY made"
};
static const struct sql select_reports = {
	"SELECT comment, reason, words, made FROM comment_report WHERE reader = $1 ORDER BY made"
};
static const struct sql select_sanctions = {
	"SELECT kind, why, made, until, lifted FROM sanction WHERE reader = $1 ORDER BY made"
};
static const struct sql select_decisions = {
	"SELECT d.id, d.kind, d.reason, d.words, d.made, d.undone, d.facts, coalesce(p.words, ''), coalesce(p.outcome, ''), "
	"coalesce(p.answer, '') FROM decision d LEFT JOIN appeal p ON p.decision = d.id WHERE d.reader = $1 ORDER BY d.id"
};
static const struct sql select_texts_before = {
	"SELECT t.comment, t.source, t.until FROM comment k JOIN comment_text t ON t.comment = k.id WHERE k.reader = $1 "
	"ORDER BY t.until"
};
/* What moderators noted is about them; who noted it is not. */
static const struct sql select_notes = { "SELECT words, made FROM reader_note WHERE reader = $1 ORDER BY id" };
static const struct sql select_guest = {
	"SELECT s.headline, g.title, g.since FROM question_guest g JOIN story s ON s.id = g.story WHERE g.reader = $1 "
	"ORDER BY g.since"
};
static const struct sql select_muted = {
	"SELECT muted, blocks, since FROM reader_mute WHERE reader = $1 ORDER BY since"
};

static json_t *when(arena_t *a, usec_t t)
{
	return t ? json_text(time_iso_utc(a, t)) : json_null();
}

static json_t *comment_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "url", json_text(comment_short(a, row_int(r, 0))),
			 "state", json_text(row_str(r, a, 1)), "made", when(a, row_int(r, 2)), "edited",
			 when(a, row_int(r, 3)), "text", json_text(row_str(r, a, 4)), "quote",
			 json_text(row_str(r, a, 5)));
}

static json_t *vote_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:b, s:o}", "comment", json_text(comment_short(a, row_int(r, 0))), "recommended",
			 row_int(r, 1) > 0, "made", when(a, row_int(r, 2)));
}

static json_t *report_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "comment", json_text(comment_short(a, row_int(r, 0))), "reason",
			 json_text(row_str(r, a, 1)), "words", json_text(row_str(r, a, 2)), "made",
			 when(a, row_int(r, 3)));
}

static json_t *sanction_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "kind", json_text(row_str(r, a, 0)), "why",
			 json_text(row_str(r, a, 1)), "made", when(a, row_int(r, 2)), "until",
			 when(a, row_int(r, 3)), "lifted", when(a, row_int(r, 4)));
}

static json_t *decision_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "url",
			 json_text(decision_path(a, row_int(r, 0))), "kind", json_text(row_str(r, a, 1)), "reason",
			 json_text(row_str(r, a, 2)), "words", json_text(row_str(r, a, 3)), "made",
			 when(a, row_int(r, 4)), "undone", when(a, row_int(r, 5)), "facts",
			 json_text(row_str(r, a, 6)), "appeal", json_text(row_str(r, a, 7)), "outcome",
			 json_text(row_str(r, a, 8)), "answer", json_text(row_str(r, a, 9)));
}

static json_t *text_before_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:o, s:o}", "comment", json_text(comment_short(a, row_int(r, 0))), "text",
			 json_text(row_str(r, a, 1)), "until", when(a, row_int(r, 2)));
}

static json_t *note_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:o}", "words", json_text(row_str(r, a, 0)), "made", when(a, row_int(r, 1)));
}

static json_t *guest_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:o, s:o}", "story", json_text(row_str(r, a, 0)), "title", json_text(row_str(r, a, 1)),
			 "since", when(a, row_int(r, 2)));
}

static json_t *mute_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o, s:b, s:o}", "reader", json_text(reader_path(a, row_int(r, 0))), "blocked",
			 row_int(r, 1) != 0, "since", when(a, row_int(r, 2)));
}

static const struct sql select_follows = {
	"SELECT f.kind, f.subject, f.since, coalesce(a.slug, '') FROM follow f LEFT JOIN author a "
	"ON f.kind = 'author' AND a.id = f.subject WHERE f.reader = $1 ORDER BY f.since"
};
static const struct sql select_seen = { "SELECT seen FROM reader_seen WHERE reader = $1" };
static const struct sql select_feed = { "SELECT made FROM reader_feed WHERE reader = $1" };

/* A story has its number here, which stays, as in the record. */
static json_t *follow_row(arena_t *a, const struct rows *r)
{
	str_t kind = row_str(r, a, 0), subject = id_text(a, row_int(r, 1)), slug = row_str(r, a, 3);
	if (str_eq(kind, S("branch")))
		subject = comment_short(a, row_int(r, 1));
	else if (slug.n)
		subject = str_format(a, "/author/%.*s", STR(slug));
	return json_pack("{s:o, s:o, s:o}", "kind", json_text(kind), "subject", json_text(subject), "since",
			 when(a, row_int(r, 2)));
}

static json_t *moment_row(arena_t *a, const struct rows *r)
{
	return json_pack("{s:o}", "time", when(a, row_int(r, 0)));
}

static err_t list(struct conn *c, arena_t *a, const struct sql *sql, id64 reader,
		  json_t *(*row)(arena_t *a, const struct rows *r), json_t **out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = json_array();
	TRY(db_query(c, sql, ARGS(v_int(reader)), &r));
	while (rows_next(&r, &e))
		json_array_append_new(*out, row(a, &r));
	return e;
}

#define PART(name, sql, row)                                                                       \
	static err_t name(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, json_t **out) \
	{                                                                                          \
		(void)s;                                                                           \
		return list(c, a, sql, r->id, row, out);                                           \
	}

PART(part_comments, &select_comments, comment_row)
PART(part_votes, &select_votes, vote_row)
PART(part_reports, &select_reports, report_row)
PART(part_sanctions, &select_sanctions, sanction_row)
PART(part_decisions, &select_decisions, decision_row)
PART(part_edits, &select_texts_before, text_before_row)
PART(part_notes, &select_notes, note_row)
PART(part_guest, &select_guest, guest_row)
PART(part_muted, &select_muted, mute_row)
PART(part_follows, &select_follows, follow_row)
PART(part_seen, &select_seen, moment_row)
PART(part_feed, &select_feed, moment_row)

const struct copy_part forum_copy_parts[] = {
	{ "comments", part_comments }, { "votes", part_votes },	  { "reports", part_reports },
	{ "sanctions", part_sanctions }, { "decisions", part_decisions }, { "muted", part_muted },
	{ "edits", part_edits }, { "notes", part_notes }, { "guest", part_guest },
	{ "follows", part_follows }, { "seen", part_seen }, { "feed", part_feed }, { NULL, NULL },
};

/* --- the end of an account --- */

static const struct sql select_theirs = {
	"SELECT id FROM comment WHERE reader = $1 AND state IN ('shown', 'held') LIMIT 500"
};
static const struct sql empty_text = {
	"UPDATE comment SET source = '', body = '', quote = '', reader = NULL, name = '' WHERE id = $1"
};
static const struct sql empty_all = {
	"UPDATE comment SET source = '', body = '', quote = '' WHERE reader = $1"
};
static const struct sql empty_imported = {
	"UPDATE imported_comment SET content = '', meta = '{}' WHERE comment IN (SELECT id FROM comment WHERE reader = $1)"
};
static const struct sql forget[] = {
	{ "UPDATE imported_comment SET author_name = '', author_email = '', author_url = '', author_ip = '', author_id = '' WHERE "
	  "comment IN (SELECT id FROM comment WHERE reader = $1)" },
	/* Texts that they took back by editing are theirs, whatever stays. */
	{ "DELETE FROM comment_text WHERE comment IN (SELECT id FROM comment WHERE reader = $1)" },
	{ "DELETE FROM comment_hit WHERE comment IN (SELECT id FROM comment WHERE reader = $1)" },
	{ "DELETE FROM follow WHERE reader = $1" },
	{ "DELETE FROM reader_seen WHERE reader = $1" },
	{ "DELETE FROM reader_feed WHERE reader = $1" },
	{ "UPDATE comment SET answers = NULL WHERE answers = $1" },
	{ "DELETE FROM reader_mute WHERE reader = $1 OR muted = $1" },
	{ "DELETE FROM question_guest WHERE reader = $1" },
	{ "UPDATE comment_report SET reader = NULL, words = '' WHERE reader = $1" },
	{ "UPDATE appeal SET words = '', answer = '' WHERE decision IN (SELECT id FROM decision WHERE reader = $1)" },
	{ "UPDATE decision SET sanction = NULL, reader = NULL, words = '', facts = '' WHERE reader = $1" },
	{ "UPDATE decision SET moderator = NULL WHERE moderator = $1" },
	{ "UPDATE appeal SET moderator = NULL WHERE moderator = $1" },
	{ "UPDATE notice SET moderator = NULL WHERE moderator = $1" },
	{ "UPDATE reader_note SET moderator = NULL WHERE moderator = $1" },
	{ "DELETE FROM reader_note WHERE reader = $1" },
	{ "DELETE FROM comment_claim WHERE moderator = $1" },
	{ "DELETE FROM sanction WHERE reader = $1" },
	{ "DELETE FROM comment_vote WHERE reader = $1" }, /* counts stay: nobody is told who they were */
};
static const struct sql touch_stories = { "SELECT DISTINCT story FROM comment WHERE reader = $1" };
static const struct sql loosen = { "UPDATE comment SET reader = NULL, name = '' WHERE reader = $1" };
static const struct sql mentioning = {
	"SELECT m.comment FROM comment_mention m WHERE m.reader = $1 LIMIT 500"
};

static err_t some_ids(struct conn *c, arena_t *a, const struct sql *sql, id64 reader, id64 **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = NULL;
	*n = 0;
	TRY(db_query(c, sql, ARGS(v_int(reader)), &r));
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = row_int(&r, 0);
	}
	return e;
}

/* Every comment of theirs leaves a stone, as if they had taken it back. */
static err_t take_back(struct act *act, struct conn *c, const struct reader *r)
{
	id64 *ids;
	size_t n;
	do {
		TRY(some_ids(c, act->a, &select_theirs, r->id, &ids, &n));
		for (size_t i = 0; i < n; i++) {
			struct comment k;
			TRY(comment_load(c, act->a, ids[i], &k));
			TRY(comment_set_state(act, c, &k, COMMENT_DELETED));
			TRY(db_run(c, &empty_text, ARGS(v_int(k.id)), NULL));
		}
	} while (n);
	return OK;
}

static const struct sql select_body = { "SELECT body, story FROM comment WHERE id = $1" };
static const struct sql update_body = { "UPDATE comment SET body = $1 WHERE id = $2" };

static str_t without_name(arena_t *a, str_t body, id64 reader)
{
	str_t open = str_format(a, "<a href=\"%.*s\">", STR(reader_path(a, reader)));
	for (size_t at; (at = str_find(body, open, 0)) != STR_NONE;) {
		size_t end = str_find(body, S("</a>"), at);
		if (end == STR_NONE)
			break;
		body = str_format(a, "%.*s@…%.*s", STR(str_slice(body, 0, at)),
				  STR(str_slice(body, end + 4, body.n)));
	}
	return body;
}

static const struct sql select_texts = { "SELECT number, body FROM comment_text WHERE comment = $1 LIMIT 200" };
static const struct sql update_text = {
	"UPDATE comment_text SET body = $1, source = '' WHERE comment = $2 AND number = $3"
};

/* What it said before it was edited, too. */
static err_t unname_texts(struct act *act, struct conn *c, const struct reader *r, id64 comment)
{
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	str_t v[200];
	int64_t numbers[200];
	size_t n = 0;
	TRY(db_query(c, &select_texts, ARGS(v_int(comment)), &rows));
	while (rows_next(&rows, &e)) {
		str_t body = row_str(&rows, act->a, 1), plain = without_name(act->a, body, r->id);
		if (str_eq(body, plain))
			continue;
		numbers[n] = row_int(&rows, 0);
		v[n++] = plain;
	}
	TRY(e);
	rows_end(&rows);
	for (size_t i = 0; i < n; i++)
		TRY(db_run(c, &update_text, ARGS(v_str(v[i]), v_int(comment), v_int(numbers[i])), NULL));
	return OK;
}

static const struct sql forget_mention = { "DELETE FROM comment_mention WHERE comment = $1 AND reader = $2" };

/* "@Ann Lee" in what others wrote becomes plain text without the name. */
static err_t unname(struct act *act, struct conn *c, const struct reader *r, id64 comment)
{
	arena_t *a = act->a;
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_body, ARGS(v_int(comment)), &rows));
	if (!rows_next(&rows, &e))
		return e;
	str_t body = without_name(a, row_str(&rows, a, 0), r->id);
	act_touch(act, topic_comments(a, row_int(&rows, 1)));
	rows_end(&rows);
	TRY(db_run(c, &update_body, ARGS(v_str(body), v_int(comment)), NULL));
	TRY(db_run(c, &forget_mention, ARGS(v_int(comment), v_int(r->id)), NULL));
	return unname_texts(act, c, r, comment);
}

/* Who gave notice is known as long as somebody may ask about its answer. */
static const struct sql forget_givers = {
	"UPDATE notice SET name = '', address = '' WHERE answered > 0 AND answered <= $1 AND address <> ''"
};

err_t forum_tidy(struct stet *s, struct conn *c)
{
	return db_run(c, &forget_givers, ARGS(v_int(clock_now(&s->clock) - APPEAL_WITHIN)), NULL);
}

err_t forum_reader_gone(struct stet *s, struct act *act, struct conn *c, const struct reader *r)
{
	id64 *ids;
	size_t n;
	(void)s;
	TRY(some_ids(c, act->a, &touch_stories, r->id, &ids, &n));
	for (size_t i = 0; i < n; i++)
		act_touch(act, topic_comments(act->a, ids[i]));
	do {
		TRY(some_ids(c, act->a, &mentioning, r->id, &ids, &n));
		for (size_t i = 0; i < n; i++)
			TRY(unname(act, c, r, ids[i]));
	} while (n);
	for (size_t i = 0; i < COUNT(forget); i++)
		TRY(db_run(c, &forget[i], ARGS(v_int(r->id)), NULL));
	if (!r->keep_words) {
		TRY(db_run(c, &empty_imported, ARGS(v_int(r->id)), NULL));
		TRY(take_back(act, c, r));
		TRY(db_run(c, &empty_all, ARGS(v_int(r->id)), NULL)); /* those that moderators removed */
	}
	return db_run(c, &loosen, ARGS(v_int(r->id)), NULL);
}
