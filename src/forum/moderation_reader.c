/* moderation_reader.c: a reader as moderators see them: what they wrote, what was decided about them, what
 * moderators noted; and the forms for what keeps them from writing. */
#include "forum/queue_item.h"
#include "record/act.h"

#include "press/view.h"
#include "readers/pages.h"

static const struct act_kind ACT_NOTE = { "reader.note" };

enum { DECISIONS_SHOWN = 50, NOTES_SHOWN = 50, STORIES_SHOWN = 20 };

struct about {
	struct who who;
	id64       reader;
	err_t      error;
};

/* --- what is shown --- */

static const struct sql select_comments = {
	"SELECT id, made FROM comment WHERE reader = $1 AND (made, id) < ($2, $3) ORDER BY made DESC, id DESC LIMIT $4"
};

static err_t comment_ids(struct view *v, id64 reader, struct queue_list *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct comment_key before = comment_key_first(SORT_NEWEST);
	str_t text = params_get(&v->q->query, "before");
	if (text.p) {
		str_t made = str_cut(&text, '-');
		if (!str_int(made, &before.of) || !id_parse(text, &before.id))
			return err_new(ERR_MISSING, "there is no such page");
	}
	*out = (struct queue_list){ .n = 0 };
	TRY(db_query(v->c, &select_comments, ARGS(v_int(reader), v_int(before.of), v_int(before.id),
						  v_int(QUEUE_PAGE + 1)), &r));
	while (!out->more && rows_next(&r, &e)) {
		out->more = out->n == QUEUE_PAGE;
		id64 id = row_int(&r, 0);
		if (!out->more)
			out->v[out->n++] = (struct queue_entry){ id, { row_int(&r, 1), id } };
	}
	return e;
}

static err_t their_comments(struct stet *s, struct view *v, const struct about *x, str_t name)
{
	struct queue_list found = { 0 };
	json_t *list = json_array(), *one;
	json_object_set_new(v->json, "items", list);
	TRY(comment_ids(v, x->reader, &found));
	for (size_t i = 0; i < found.n; i++) {
		TRY(queue_comment(s, v, &x->who, found.v[i].id, &one));
		json_object_set_new(one, "reader", json_null());
		json_object_set_new(one, "name", json_text(name));
		json_array_append_new(list, one);
	}
	if (found.more) {
		struct comment_key last = found.v[found.n - 1].key;
		json_object_set_new(v->json, "older", json_text(str_format(
			v->a, "?before=%lld-%.*s", (long long)last.of, STR(id_text(v->a, last.id)))));
	}
	return OK;
}

static const struct sql select_stories = {
	"SELECT s.id, s.headline FROM story s WHERE s.id IN (SELECT story FROM comment WHERE reader = $1 "
	"ORDER BY made DESC LIMIT $2) UNION ALL SELECT o.id, o.url FROM other_page o WHERE o.id IN (SELECT story FROM comment "
	"WHERE reader = $1 ORDER BY made DESC LIMIT $2)"
};
static const struct sql select_notes = {
	"SELECT n.words, n.made, coalesce(r.name, '') FROM reader_note n LEFT JOIN reader r ON r.id = n.moderator "
	"WHERE n.reader = $1 ORDER BY n.id DESC LIMIT $2"
};

static err_t stories(struct view *v, id64 reader)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *list = json_array();
	json_object_set_new(v->json, "stories", list);
	TRY(db_query(v->c, &select_stories, ARGS(v_int(reader), v_int(STORIES_SHOWN)), &r));
	while (rows_next(&r, &e))
		json_array_append_new(list, json_pack("{s:o, s:o}", "value", json_text(id_text(v->a, row_int(&r, 0))),
						      "text", json_text(row_str(&r, v->a, 1))));
	return e;
}

static err_t notes(struct view *v, id64 reader)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_t *list = json_array();
	json_object_set_new(v->json, "notes", list);
	TRY(db_query(v->c, &select_notes, ARGS(v_int(reader), v_int(NOTES_SHOWN)), &r));
	while (rows_next(&r, &e))
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "words", json_text(row_str(&r, v->a, 0)),
						      "date", view_date(v, row_int(&r, 1)), "by",
						      json_text(row_str(&r, v->a, 2))));
	return e;
}

static err_t about_view(struct stet *s, struct view *v)
{
	struct about *x = v->given;
	struct reader them;
	json_t *reader, *decisions;
	TRY(reader_find(v->c, v->a, x->reader, &them));
	if (!them.id)
		return err_new(ERR_MISSING, "there is no such reader");
	TRY(queue_reader(s, v, x->reader, &reader));
	moderation_head(s, v, them.name, str_format(v->a, "/moderation/reader/%.*s", STR(id_text(v->a, them.id))));
	json_object_set_new(v->json, "about", reader);
	TRY(decisions_view(v, x->reader, DECISIONS_SHOWN, &decisions));
	json_object_set_new(v->json, "decisions", decisions);
	TRY(notes(v, x->reader));
	TRY(stories(v, x->reader));
	TRY(their_comments(s, v, x, them.name));
	json_object_set_new(v->json, "reasons", reason_list(v));
	json_object_set_new(v->json, "next", json_object_get(reader, "moderation") ?
			    json_incref(json_object_get(reader, "moderation")) : json_null());
	bool may = them.id != x->who.reader.id && them.role <= x->who.reader.role && them.state != READER_GONE;
	json_object_set_new(v->json, "may", json_boolean(may));
	set_refusal(v, &x->error);
	v->template = "moderation-reader";
	return OK;
}

static err_t show(struct stet *s, struct request *q, struct response *r, struct about *x)
{
	if (x->error && !is_mendable(x->error))
		return x->error;
	err_t e = site_page_with(s, q, r, about_view, x);
	err_free(x->error);
	return e;
}

static err_t reader_asked(const struct request *q, id64 *out)
{
	return id_parse(params_get(&q->route, "id"), out) ? OK : err_new(ERR_MISSING, "there is no such reader");
}

static err_t about_page(struct stet *s, struct request *q, struct response *r)
{
	struct about x = { .error = OK };
	err_t e;
	if (must_moderate(s, q, r, &x.who, &e))
		return e;
	TRY(reader_asked(q, &x.reader));
	return show(s, q, r, &x);
}

/* --- what is done --- */

struct noting {
	struct stet         *s;
	const struct reader *moderator;
	id64                 reader;
	str_t                words;
};

static const struct sql insert_note = {
	"INSERT INTO reader_note (id, reader, moderator, words, made) VALUES ($1, $2, $3, $4, $5)"
};

static err_t write_note(struct conn *c, arena_t *a, void *ctx)
{
	const struct noting *x = ctx;
	usec_t now = clock_now(&x->s->clock);
	TRY(may_take_part(x->s, c, a, x->moderator, 0));
	return db_run(c, &insert_note, ARGS(v_int(id_new(&x->s->ids, now)), v_int(x->reader),
					    v_int(x->moderator->id), v_str(x->words), v_int(now)), NULL);
}

/* Quiet: what moderators say among themselves of a person is no part of the record. */
static err_t note(struct stet *s, arena_t *a, const struct about *x, str_t words)
{
	struct act act = act_begin_quiet(s, a, &ACT_NOTE, x->reader, S("staff"));
	struct noting n = { s, &x->who.reader, x->reader, words };
	TRY(decision_words(a, "words", &n.words));
	if (!n.words.n)
		return err_say(ERR_INPUT, "words", "moderation-refused.note");
	return act_commit(&act, write_note, &n);
}

static err_t act_on(struct stet *s, struct request *q, const struct about *x)
{
	str_t what = form_value(q, "do"), hours = form_value(q, "hours"), story = form_value(q, "story");
	struct decision made;
	struct decision_draft d = { .moderator = &x->who.reader, .reader = x->reader,
				    .reason = form_value(q, "reason"), .words = form_value(q, "words") };
	if (str_eq(what, S("note")))
		return note(s, q->a, x, d.words);
	if (!decision_parse(what, &d.kind) || decision_is_of_comment(d.kind))
		return err_say(ERR_INPUT, "do", "moderation-refused.choose");
	if (d.kind == DECIDE_SUSPEND && !str_int(hours, &d.hours))
		return err_say(ERR_INPUT, "hours", "moderation-refused.how-long");
	if (d.kind == DECIDE_MUTE && !id_parse(story, &d.story))
		return err_say(ERR_INPUT, "story", "moderation-refused.story");
	return decide(s, q->a, &d, &made);
}

static err_t about_post(struct stet *s, struct request *q, struct response *r)
{
	struct about x = { .error = OK };
	err_t e;
	if (must_moderate(s, q, r, &x.who, &e))
		return e;
	TRY(reader_asked(q, &x.reader));
	x.error = act_on(s, q, &x);
	if (x.error && script_asks(q))
		return answer_refusal(s, q, r, x.error);
	if (x.error)
		return show(s, q, r, &x);
	go_to(s, q, r, str_format(q->a, "/moderation/reader/%.*s", STR(id_text(q->a, x.reader))));
	return OK;
}

const struct route moderation_reader_routes[] = {
	{ GET, "/moderation/reader/:id", about_page },
	{ POST, "/moderation/reader/:id", about_post },
	{ 0 },
};
