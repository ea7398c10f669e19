/* queue_item.c: see queue_item.h. */
#include "forum/queue_item.h"

#include "press/view.h"
#include "readers/pages.h"

enum { HISTORY_MOST = 1000, NAMES_SHOWN = 5, REPORTS_SHOWN = 20 };

/* --- the reader --- */

static const struct sql count_comments = {
	"SELECT count(*) FROM (SELECT 1 FROM comment WHERE reader = $1 LIMIT $2) AS x"
};
static const struct sql count_removed = {
	"SELECT count(*) FROM (SELECT 1 FROM decision WHERE reader = $1 AND kind = 'remove' AND undone = 0 LIMIT $2) AS x"
};
static const struct sql select_sanctions = {
	"SELECT kind, until FROM sanction WHERE reader = $1 AND lifted = 0 AND (until = 0 OR until > $2) ORDER BY id DESC"
};

static err_t count(struct conn *c, const struct sql *sql, id64 reader, json_t *j, const char *key)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, sql, ARGS(v_int(reader), v_int(HISTORY_MOST)), &r));
	json_object_set_new(j, key, json_integer(rows_next(&r, &e) ? row_int(&r, 0) : 0));
	return e;
}

static err_t sanctions(struct stet *s, struct view *v, id64 reader, json_t *j)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *all = json_array();
	json_object_set_new(j, "sanctions", all);
	TRY(db_query(v->c, &select_sanctions, ARGS(v_int(reader), v_int(clock_now(&s->clock))), &r));
	while (rows_next(&r, &e)) {
		str_t key = str_format(v->a, "moderation.sanction.%.*s", STR(row_str(&r, v->a, 0)));
		usec_t until = row_int(&r, 1);
		json_array_append_new(all, json_pack("{s:o, s:o}", "what", json_text(say(v, str_z(v->a, key))),
						     "until", until ? view_date(v, until) : json_null()));
	}
	json_object_set_new(j, "any_sanctions", json_boolean(json_array_size(all) > 0));
	return e;
}

static err_t former_names(struct view *v, id64 reader, json_t *j)
{
	struct former_name *names;
	size_t n;
	json_t *all = json_array();
	json_object_set_new(j, "names", all);
	TRY(reader_names(v->c, v->a, reader, &names, &n));
	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++)
		json_array_append_new(all, json_pack("{s:o}", "name", json_text(names[i].name)));
	json_object_set_new(j, "any_names", json_boolean(n > 0));
	return OK;
}

err_t queue_reader(struct stet *s, struct view *v, id64 reader, json_t **out)
{
	struct reader r = { 0 };
	*out = json_null();
	if (reader)
		TRY(reader_find(v->c, v->a, reader, &r));
	if (!r.id)
		return OK;
	str_t role = str_format(v->a, "role.%.*s", STR(role_name(r.role)));
	json_t *j = *out = json_object();
	json_object_set_new(j, "name", json_text(r.name));
	json_object_set_new(j, "url", json_text(reader_path(v->a, r.id)));
	json_object_set_new(j, "moderation", json_text(str_format(v->a, "/moderation/reader/%.*s",
								   STR(id_text(v->a, r.id)))));
	json_object_set_new(j, "role", role_is_staff(r.role) ? json_text(say(v, str_z(v->a, role))) : json_null());
	json_object_set_new(j, "since", view_date(v, r.made));
	TRY(count(v->c, &count_comments, r.id, j, "comments"));
	TRY(count(v->c, &count_removed, r.id, j, "removed"));
	TRY(sanctions(s, v, r.id, j));
	return former_names(v, r.id, j);
}

/* --- the comment --- */

static const struct sql select_reports = {
	"SELECT p.reason, p.words, coalesce(r.name, '') FROM comment_report p LEFT JOIN reader r ON r.id = p.reader "
	"WHERE p.comment = $1 AND p.settled = 0 ORDER BY p.made LIMIT $2"
};

static err_t reports(struct view *v, id64 comment, json_t *j)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *all = json_array();
	json_object_set_new(j, "reports", all);
	TRY(db_query(v->c, &select_reports, ARGS(v_int(comment), v_int(REPORTS_SHOWN)), &r));
	while (rows_next(&r, &e)) {
		str_t key = str_format(v->a, "report.%.*s", STR(row_str(&r, v->a, 0)));
		str_t words = row_str(&r, v->a, 1), by = row_str(&r, v->a, 2);
		str_t text = say(v, str_z(v->a, key));
		json_array_append_new(all, json_pack("{s:o, s:o, s:o}", "reason",
						     json_text(text), "words",
						     words.n ? json_text(words) : json_null(), "by",
						     json_text(by.n ? by : say(v, "comment.former"))));
	}
	json_object_set_new(j, "any_reports", json_boolean(json_array_size(all) > 0));
	return e;
}

static const struct sql select_hits = {
	"SELECT rule, what, has, most FROM comment_hit WHERE comment = $1 ORDER BY number"
};

/* Which rules it met, and with what. */
static err_t hits(struct view *v, id64 comment, json_t *j)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *all = json_array();
	json_object_set_new(j, "hits", all);
	TRY(db_query(v->c, &select_hits, ARGS(v_int(comment)), &r));
	while (rows_next(&r, &e)) {
		str_t key = str_format(v->a, "rule.%.*s", STR(row_str(&r, v->a, 0)));
		struct message_value values[] = { { "what", row_str(&r, v->a, 1) },
						  { "has", messages_number(v->a, v->tongue, row_int(&r, 2)) },
						  { "most", messages_number(v->a, v->tongue, row_int(&r, 3)) } };
		json_array_append_new(all, json_text(say_with(v, str_z(v->a, key), values, COUNT(values))));
	}
	json_object_set_new(j, "any_hits", json_boolean(json_array_size(all) > 0));
	return e;
}

/* What can be decided about it, as it is. */
static void actions(const struct who *who, const struct comment *k, const struct comment *root, usec_t now, json_t *j)
{
	bool gone = k->state == COMMENT_DELETED, own = k->reader.id == who->reader.id;
	bool may = !gone && !own, above = k->reader.id && k->reader.role > who->reader.role;
	bool shown = k->state == COMMENT_SHOWN;
	json_object_set_new(j, "own", json_boolean(own));
	json_object_set_new(j, "can_approve", json_boolean(may && (!shown || k->reports)));
	json_object_set_new(j, "can_remove", json_boolean(may && !above && k->state != COMMENT_REMOVED));
	json_object_set_new(j, "can_pick", json_boolean(may && shown && !k->picked));
	json_object_set_new(j, "can_unpick", json_boolean(may && shown && k->picked));
	json_object_set_new(j, "can_close", json_boolean(may && shown && !k->closed));
	json_object_set_new(j, "can_open", json_boolean(may && k->closed));
	json_object_set_new(j, "can_slow", json_boolean(may && shown && root->slow <= now));
	json_object_set_new(j, "can_quick", json_boolean(may && shown && (root->slow > now || !root->calm)));
	json_object_set_new(j, "any_action", json_boolean(may));
}

static void words_of(struct view *v, const struct comment *k, const struct story *st, json_t *j)
{
	str_t state = str_format(v->a, "moderation.state.%.*s", STR(comment_state_name(k->state)));
	json_object_set_new(j, "id", json_text(id_text(v->a, k->id)));
	json_object_set_new(j, "seen", json_text(comment_state_name(k->state)));
	json_object_set_new(j, "state", json_text(say(v, str_z(v->a, state))));
	json_object_set_new(j, "short", json_text(comment_short(v->a, k->id)));
	json_object_set_new(j, "action", json_text(str_format(v->a, "/moderation/comment/%.*s",
							       STR(id_text(v->a, k->id)))));
	json_object_set_new(j, "headline", json_text(st->headline));
	json_object_set_new(j, "story", json_text(story_path(v->a, st)));
	json_object_set_new(j, "name", json_text(k->name.n ? k->name : say(v, "comment.former")));
	json_object_set_new(j, "date", view_date(v, k->made));
	json_object_set_new(j, "quote", k->quote.n ? json_text(k->quote) : json_null());
	json_object_set_new(j, "body", json_text(k->body));
	json_object_set_new(j, "picked", json_boolean(k->picked != 0));
	json_object_set_new(j, "shut", json_boolean(k->closed));
	json_object_set_new(j, "given", json_null());
}

err_t queue_comment(struct stet *s, struct view *v, const struct who *who, id64 id, json_t **out)
{
	struct comment k, root;
	struct story st;
	struct claim claim;
	usec_t now = clock_now(&s->clock);
	json_t *j = *out = json_object(), *reader;
	TRY(comment_load(v->c, v->a, id, &k));
	TRY(talked_about(v->c, v->a, k.story, &st));
	TRY(comment_load(v->c, v->a, k.root, &root));
	TRY(claim_of(v->c, v->a, id, now, &claim));
	words_of(v, &k, &st, j);
	actions(who, &k, &root, now, j);
	json_object_set_new(j, "slow", root.slow > now ? view_date(v, root.slow) : json_null());
	json_object_set_new(j, "held_by", json_text(str_format(v->a, "/moderation/conversation/%.*s",
								STR(id_text(v->a, k.story)))));
	bool other = claim.moderator && claim.moderator != who->reader.id;
	json_object_set_new(j, "claimed", other ? json_text(claim.name) : json_null());
	TRY(reports(v, id, j));
	TRY(hits(v, id, j));
	TRY(queue_reader(s, v, k.reader.id, &reader));
	json_object_set_new(j, "reader", reader);
	return OK;
}

err_t queue_appeal(struct view *v, id64 decision, json_t **out)
{
	struct decision d;
	struct appeal x;
	TRY(decision_load(v->c, v->a, decision, &d));
	TRY(appeal_of(v->c, v->a, decision, &x));
	*out = decision_view(v, &d);
	json_object_set_new(*out, "appeal", json_text(x.words));
	json_object_set_new(*out, "sent", view_date(v, x.made));
	return OK;
}
