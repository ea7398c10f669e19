/* decision_page.c: the statement of reasons: what was decided, by which rule, on which facts, whether a machine did
 * it, and how to appeal. Whom it concerns sees it, and moderators. */
#include "forum/moderation.h"

#include "press/view.h"
#include "readers/pages.h"

#include <string.h>

str_t form_value(const struct request *q, const char *name)
{
	str_t s = params_get(&q->form, name);
	return s.p ? s : S("");
}

void moderation_head(struct stet *s, struct view *v, str_t title, str_t path)
{
	view_head(s, v, &(struct page_head){ .kind = "moderation", .title = title, .path = path });
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
}

void set_refusal(struct view *v, err_t *e)
{
	json_t *errors = json_object();
	json_object_set_new(v->json, "error", *e ? json_text(say_error(v, *e)) : json_null());
	json_object_set_new(v->json, "errors", errors);
	if (*e && (*e)->field)
		json_object_set_new(errors, (*e)->field, json_text(say_error(v, *e)));
	if (*e)
		v->status = (*e)->code == ERR_REFUSED ? 403 : (*e)->code == ERR_CONFLICT ? 409
			    : (*e)->code == ERR_BUSY ? 429 : 422;
	err_free(*e);
	*e = OK;
}

static str_t said(const struct view *v, const char *group, str_t name)
{
	return say(v, str_z(v->a, str_format(v->a, "%s.%.*s", group, STR(name))));
}

static json_t *text_or_none(str_t s)
{
	return s.n ? json_text(s) : json_null();
}

json_t *decision_view(struct view *v, const struct decision *d)
{
	json_t *j = json_object();
	json_object_set_new(j, "id", json_text(id_text(v->a, d->id)));
	json_object_set_new(j, "url", json_text(decision_path(v->a, d->id)));
	json_object_set_new(j, "kind", json_text(decision_name(d->kind)));
	json_object_set_new(j, "what", json_text(said(v, "decision.what", decision_name(d->kind))));
	json_object_set_new(j, "reason", d->reason.n ? json_text(said(v, "report", d->reason)) : json_null());
	json_object_set_new(j, "words", text_or_none(d->words));
	json_object_set_new(j, "facts", text_or_none(d->facts));
	json_object_set_new(j, "law", json_boolean(str_eq(d->reason, S("illegal"))));
	json_object_set_new(j, "date", view_date(v, d->made));
	json_object_set_new(j, "until", d->until ? view_date(v, d->until) : json_null());
	json_object_set_new(j, "automated", json_boolean(d->automated));
	json_object_set_new(j, "undone", d->undone ? view_date(v, d->undone) : json_null());
	json_object_set_new(j, "restricts", json_boolean(decision_restricts(d->kind)));
	json_object_set_new(j, "comment", d->comment ? json_text(comment_short(v->a, d->comment)) : json_null());
	return j;
}

err_t decisions_view(struct view *v, id64 reader, size_t most, json_t **out)
{
	struct decisions list;
	*out = json_array();
	TRY(decision_of_reader(v->c, v->a, reader, most, &list));
	for (size_t i = 0; i < list.n; i++)
		json_array_append_new(*out, decision_view(v, &list.v[i]));
	return OK;
}

struct statement {
	struct who who;
	id64       id;
	bool       of_comment; /* `id` is a comment's */
	err_t      error;
};

static json_t *appeal_view(struct view *v, const struct appeal *x)
{
	if (!x->decision)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "words", json_text(x->words), "date", view_date(v, x->made),
			 "outcome", x->outcome.n ? json_text(said(v, "appeal.outcome", x->outcome)) : json_null(),
			 "answer", text_or_none(x->answer), "answered",
			 x->answered ? view_date(v, x->answered) : json_null());
}

static bool may_answer_appeal(const struct reader *me, const struct decision *d, const struct appeal *has)
{
	return may_moderate(me) && has->decision && !has->answered && d->moderator != me->id && d->reader != me->id;
}

static err_t statement_view(struct stet *s, struct view *v)
{
	struct statement *x = v->given;
	const struct reader *me = &x->who.reader;
	struct decision d;
	struct appeal has;
	bool stopped = true;
	if (may_moderate(me))
		TRY(reader_stopped(s, v->c, v->a, me->id, &stopped));
	TRY(x->of_comment ? decision_on(v->c, v->a, x->id, &d) : decision_load(v->c, v->a, x->id, &d));
	if (d.reader != me->id && stopped)
		return err_new(ERR_MISSING, "there is no such decision");
	TRY(appeal_of(v->c, v->a, d.id, &has));
	moderation_head(s, v, say(v, "decision.title"), decision_path(v->a, d.id));
	json_object_set_new(v->json, "decision", decision_view(v, &d));
	json_object_set_new(v->json, "appeal", appeal_view(v, &has));
	json_object_set_new(v->json, "may_appeal", json_boolean(appeal_may(s, me, &d, &has)));
	json_object_set_new(v->json, "may_answer", json_boolean(may_answer_appeal(me, &d, &has)));
	json_object_set_new(v->json, "deadline", view_date(v, d.made + APPEAL_WITHIN));
	json_object_set_new(v->json, "given", text_or_none(form_value(v->q, "words")));
	set_refusal(v, &x->error);
	v->template = "decision";
	return OK;
}

static err_t answer(struct stet *s, struct request *q, struct response *r, struct statement *x)
{
	if (x->error && !is_mendable(x->error))
		return x->error;
	err_t e = site_page_with(s, q, r, statement_view, x);
	err_free(x->error);
	return e;
}

static err_t statement_page(struct stet *s, struct request *q, struct response *r)
{
	struct statement x = { .of_comment = str_starts(q->path, S("/comment/")) };
	err_t e;
	if (who_must_sign_in(s, q, r, &x.who, &e))
		return e;
	TRY(comment_asked(q, &x.id));
	return answer(s, q, r, &x);
}

static err_t decided(struct stet *s, struct request *q, struct response *r,
		     err_t (*verb)(struct stet *, arena_t *, const struct reader *, id64, const struct request *))
{
	struct statement x = { 0 };
	err_t e;
	if (who_must_sign_in(s, q, r, &x.who, &e))
		return e;
	TRY(comment_asked(q, &x.id));
	x.error = verb(s, q->a, &x.who.reader, x.id, q);
	if (x.error)
		return answer(s, q, r, &x);
	go_to(s, q, r, decision_path(q->a, x.id));
	return OK;
}

static err_t do_appeal(struct stet *s, arena_t *a, const struct reader *me, id64 id, const struct request *q)
{
	TRY(rate_reader(s, a, RATE_REPORT_ACCOUNT, me->id));
	return appeal_make(s, a, me, id, form_value(q, "words"));
}

static err_t do_answer(struct stet *s, arena_t *a, const struct reader *me, id64 id, const struct request *q)
{
	return appeal_answer(s, a, me, id, form_value(q, "do"), form_value(q, "words"));
}

static err_t appeal_post(struct stet *s, struct request *q, struct response *r)
{
	return decided(s, q, r, do_appeal);
}

static err_t answer_post(struct stet *s, struct request *q, struct response *r)
{
	return decided(s, q, r, do_answer);
}

const struct route decision_routes[] = {
	{ GET, "/decision/:id", statement_page },
	{ POST, "/decision/:id/appeal", appeal_post },
	{ POST, "/decision/:id/answer", answer_post },
	{ GET, "/comment/:id/decision", statement_page },
	{ 0 },
};
