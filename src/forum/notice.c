/* notice.c: anybody tells the newsroom that a comment breaks the law: the form, its receipt, the answer (Regulation
 * (EU) 2022/2065, Art. 16). No account is needed. */
#include "forum/queue_item.h"
#include "forum/report.h"

#include "press/view.h"
#include "readers/letters.h"
#include "readers/pages.h"
#include "record/act.h"

static const struct act_kind ACT_NOTICE = { "comment.notice" };
static const struct act_kind ACT_ANSWER = { "notice.answer" };

enum { ADDRESS_MOST = 500, NAME_MOST = 100 };

struct notice {
	id64   id, comment;
	str_t  why, name, address, outcome;
	usec_t made, answered;
};

static const struct sql select_notice = {
	"SELECT id, comment, why, name, address, outcome, made, answered FROM notice WHERE id = $1"
};

static err_t notice_load(struct conn *c, arena_t *a, id64 id, struct notice *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_notice, ARGS(v_int(id)), &r));
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no such notice");
	*out = (struct notice){ row_int(&r, 0), row_int(&r, 1), row_str(&r, a, 2), row_str(&r, a, 3),
				row_str(&r, a, 4), row_str(&r, a, 5), row_int(&r, 6), row_int(&r, 7) };
	return OK;
}

/* --- giving it --- */

/* "/comment/ID", ".../comments/ID", "...#c-ID", with whatever stands around. */
static bool comment_in(str_t address, id64 *out)
{
	static const char *const marks[] = { "#c-", "/comments/", "/comment/" };
	address = str_trim(address);
	for (size_t i = 0; i < COUNT(marks); i++) {
		str_t mark = str_of(marks[i]);
		size_t at = str_find(address, mark, 0);
		if (at == STR_NONE)
			continue;
		str_t id = str_slice(address, at + mark.n, address.n);
		size_t end = 0;
		while (end < id.n && !str_starts(str_slice(id, end, id.n), S("/")) && id.p[end] != '?' &&
		       id.p[end] != '#')
			end++;
		if (id_parse(str_slice(id, 0, end), out))
			return true;
	}
	return false;
}

struct giving {
	struct stet  *s;
	struct act   *act;
	struct notice n;
	str_t         language;
};

static const struct sql insert_notice = {
	"INSERT INTO notice (id, comment, why, name, address, made) VALUES ($1, $2, $3, $4, $5, $6)"
};

static err_t write_notice(struct conn *c, arena_t *a, void *ctx)
{
	const struct giving *x = ctx;
	struct comment k;
	err_t e = comment_load(c, a, x->n.comment, &k);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		return err_say(ERR_INPUT, "comment", "notice-refused.comment");
	}
	TRY(e);
	TRY(db_run(c, &insert_notice, ARGS(v_int(x->n.id), v_int(x->n.comment), v_str(x->n.why), v_str(x->n.name),
					   v_str(x->n.address), v_int(x->n.made)), NULL));
	return letter_post(x->act, &(struct letter_draft){ .kind = "notice", .to = x->n.address, .name = x->n.name,
							   .path = comment_short(a, x->n.comment) });
}

static err_t read_form(const struct request *q, arena_t *a, struct notice *n)
{
	str_t address = form_value(q, "comment");
	n->why = form_value(q, "why");
	n->name = form_value(q, "name");
	n->address = form_value(q, "address");
	if (address.n > ADDRESS_MOST || !comment_in(address, &n->comment))
		return err_say(ERR_INPUT, "comment", "notice-refused.comment");
	TRY(decision_words(a, "why", &n->why));
	if (!n->why.n)
		return err_say(ERR_INPUT, "why", "notice-refused.why");
	TRY(decision_words(a, "name", &n->name));
	if (!n->name.n || str_runes(n->name) > NAME_MOST)
		return err_say_with(ERR_INPUT, "name", "notice-refused.name", "most=%d", NAME_MOST);
	TRY(address_check(a, &n->address));
	return params_get(&q->form, "faith").p ? OK : err_say(ERR_INPUT, "faith",
							      "notice-refused.faith");
}

static err_t give(struct stet *s, struct request *q, struct notice *n)
{
	TRY(read_form(q, q->a, n));
	TRY(rate_client(s, q, RATE_NOTICE_CLIENT));
	n->made = clock_now(&s->clock);
	n->id = id_new(&s->ids, n->made);
	struct act act = act_begin_quiet(s, q->a, &ACT_NOTICE, n->comment, S("anybody"));
	struct giving x = { .s = s, .act = &act, .n = *n };
	act_touch(&act, topic_queue());
	return act_commit(&act, write_notice, &x);
}

struct notice_form {
	bool  done;
	err_t error;
};

static err_t form_view(struct stet *s, struct view *v)
{
	static const char *const fields[] = { "comment", "why", "name", "address" };
	struct notice_form *f = v->given;
	json_t *form = json_object();
	view_head(s, v, &(struct page_head){ .kind = "moderation", .title = say(v, "notice.title"),
					     .path = S("/notice") });
	for (size_t i = 0; i < COUNT(fields); i++)
		json_object_set_new(form, fields[i], json_text(form_value(v->q, fields[i])));
	str_t comment = params_get(&v->q->query, "comment");
	if (comment.p && comment.n <= ADDRESS_MOST && str_is_utf8(comment, NULL))
		json_object_set_new(form, "comment", json_text(comment));
	json_object_set_new(v->json, "form", form);
	json_object_set_new(v->json, "done", json_boolean(f->done));
	json_object_set_new(form, "faith", json_boolean(params_get(&v->q->form, "faith").p != NULL));
	bool whole = f->error && f->error->code == ERR_BUSY;
	set_refusal(v, &f->error);
	if (!whole) /* at its field, not over the form */
		json_object_set_new(v->json, "error", json_null());
	v->template = "notice";
	return OK;
}

static err_t form_page_of(struct stet *s, struct request *q, struct response *r, struct notice_form *f)
{
	if (f->error && !is_mendable(f->error))
		return f->error;
	err_t e = site_page_with(s, q, r, form_view, f);
	err_free(f->error);
	return e;
}

static err_t notice_get(struct stet *s, struct request *q, struct response *r)
{
	struct notice_form f = { false, OK };
	return form_page_of(s, q, r, &f);
}

static err_t notice_post(struct stet *s, struct request *q, struct response *r)
{
	struct notice n = { 0 };
	struct notice_form f = { false, OK };
	f.error = give(s, q, &n);
	f.done = !f.error;
	return form_page_of(s, q, r, &f);
}

/* --- answering it --- */

err_t queue_notice(struct view *v, id64 id, json_t **out)
{
	struct notice n;
	struct comment k;
	TRY(notice_load(v->c, v->a, id, &n));
	TRY(comment_load(v->c, v->a, n.comment, &k));
	bool again = str_eq(params_get(&v->q->route, "id"), id_text(v->a, id)); /* the one whose answer is put right */
	str_t given = again ? form_value(v->q, "words") : S("");
	*out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", json_text(id_text(v->a, n.id)), "comment",
			 json_text(comment_short(v->a, n.comment)), "body", json_text(k.body), "why",
			 json_text(n.why), "name", json_text(n.name), "address", json_text(n.address), "date",
			 view_date(v, n.made), "moderation",
			 json_text(str_format(v->a, "/moderation%.*s", STR(comment_short(v->a, n.comment)))), "given",
			 given.n ? json_text(given) : json_null());
	return OK;
}

struct answering {
	struct stet         *s;
	struct act          *act;
	const struct reader *moderator;
	id64                 id;
	str_t                outcome, words;
};

static const struct sql update_notice = {
	"UPDATE notice SET moderator = $1, outcome = $2, answer = $3, answered = $4 WHERE id = $5"
};

static err_t write_answer(struct conn *c, arena_t *a, void *ctx)
{
	const struct answering *x = ctx;
	struct notice n;
	TRY(may_take_part(x->s, c, a, x->moderator, 0));
	TRY(notice_load(c, a, x->id, &n));
	if (n.answered)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.notice-answered");
	TRY(db_run(c, &update_notice, ARGS(v_int(x->moderator->id), v_str(x->outcome), v_str(x->words),
					   v_int(clock_now(&x->s->clock)), v_int(n.id)), NULL));
	return letter_post(x->act, &(struct letter_draft){ .kind = str_eq(x->outcome, S("removed"))
							   ? "notice-removed" : "notice-kept", .to = n.address,
							   .name = n.name, .more = x->words,
							   .path = comment_short(a, n.comment) });
}

struct looking {
	id64          id;
	struct notice n;
	struct comment k;
};

static err_t look(struct conn *c, arena_t *a, void *ctx)
{
	struct looking *x = ctx;
	TRY(notice_load(c, a, x->id, &x->n));
	return comment_load(c, a, x->n.comment, &x->k);
}

/* First the comment, by a decision of its own, with its statement of reasons; then the letter. */
static err_t answer(struct stet *s, struct request *q, const struct who *who, id64 id)
{
	struct act act = act_begin_quiet(s, q->a, &ACT_ANSWER, id, S("staff"));
	struct answering x = { s, &act, &who->reader, id, form_value(q, "do"), form_value(q, "words") };
	struct looking found = { .id = id };
	struct decision made;
	TRY(decision_words(q->a, "words", &x.words));
	if (!x.words.n)
		return err_say(ERR_INPUT, "words", "moderation-refused.notice-why");
	if (!str_eq(x.outcome, S("removed")) && !str_eq(x.outcome, S("kept")))
		return err_say(ERR_INPUT, "do", "moderation-refused.choose");
	TRY(store_read(s->store, q->a, look, &found));
	if (found.n.answered)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.notice-answered");
	bool there = found.k.state == COMMENT_SHOWN || found.k.state == COMMENT_HELD;
	if (str_eq(x.outcome, S("removed")) && there)
		TRY(decide(s, q->a, &(struct decision_draft){ .moderator = &who->reader, .kind = DECIDE_REMOVE,
							      .comment = found.n.comment, .reason = S("illegal"),
							      .words = x.words }, &made));
	act_touch(&act, topic_queue());
	return act_commit(&act, write_answer, &x);
}

static err_t answer_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	id64 id;
	err_t e;
	if (must_moderate(s, q, r, &who, &e))
		return e;
	if (!id_parse(params_get(&q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such notice");
	e = answer(s, q, &who, id);
	if (e && script_asks(q))
		return answer_refusal(s, q, r, e);
	if (e)
		return moderation_board(s, q, r, &who, QUEUE_NOTICES, e);
	go_to(s, q, r, queue_path(q->a, QUEUE_NOTICES));
	return OK;
}

const struct route notice_routes[] = {
	{ GET, "/notice", notice_get },
	{ POST, "/notice", notice_post },
	{ POST, "/moderation/notice/:id", answer_post },
	{ 0 },
};
