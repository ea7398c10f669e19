/* write_page.c: the pages on which one writes, edits and takes back comments, and says what one thinks of
 * them. Each is a form that works without script; script sends the same forms and is answered in JSON. */
#include "forum/limits.h"
#include "forum/pages.h"
#include "press/view.h"
#include "readers/pages.h"

/* --- answers for script --- */

static err_t answer_comment(struct request *q, struct response *r, const struct comment *k,
			    const struct story *st)
{
	arena_t *a = q->a;
	return answer_json(q, r, 200, json_pack("{s:o, s:o, s:o, s:I, s:I}", "id", json_text(id_text(a, k->id)),
						"url", json_text(comment_path(a, st, k->id)), "state",
						json_text(comment_state_name(k->state)), "ups",
						(json_int_t)k->ups, "downs", (json_int_t)k->downs));
}

/* --- the form --- */

static err_t load_form(struct stet *s, struct view *v, struct comment_form *f, struct talk *t, struct story *st,
		       struct forum_settings *set)
{
	TRY(talked_about(v->c, v->a, f->story, st));
	TRY(forum_settings_of(s, v->c, v->a, st, set));
	if (set->open == FORUM_OFF)
		return err_new(ERR_MISSING, "there is no conversation about this story");
	return talk_begin(s, v, st, set, SORT_OLDEST, t);
}

static err_t add_preview(struct stet *s, struct view *v, struct comment_form *f, json_t *form)
{
	str_t body;
	err_t e = f->preview && !f->error ? comment_preview(s, v->c, v->a, f->text, &body) : OK;
	if (e && is_mendable(e)) {
		f->error = e;
		return OK;
	}
	TRY(e);
	if (f->preview && !f->error)
		json_object_set_new(form, "preview", json_text(body));
	return OK;
}

static void add_error(struct view *v, const struct comment_form *f, json_t *form)
{
	const struct err *e = f->error;
	if (!e)
		return;
	v->status = e->code == ERR_BUSY ? 429 : e->code == ERR_REFUSED ? 403 : e->code == ERR_CONFLICT ? 409 : 422;
	json_object_set_new(form, "error", json_text(say_error(v, e)));
	json_object_set_new(form, "sure", json_boolean(e->field && strcmp(e->field, "sure") == 0));
}

static err_t form_view(struct stet *s, struct view *v)
{
	struct comment_form *f = v->given;
	struct talk t;
	struct story st;
	struct forum_settings set;
	TRY(load_form(s, v, f, &t, &st, &set));
	talk_head(&t, say(v, f->edits ? "comment.edit-title" : f->answers ? "comment.reply-title"
									  : "comments.write"),
		  conversation_path(v->a, &st));
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
	TRY(talk_frame(&t, f->answers));
	json_t *form = json_object_get(json_object_get(v->json, "talk"), "form");
	if (f->edits)
		json_object_set_new(form, "action", json_text(str_format(v->a, "%.*s/edit",
									 STR(comment_short(v->a, f->edits)))));
	if (f->text.n)
		json_object_set_new(form, "text", json_text(f->text));
	if (f->quote.n)
		json_object_set_new(form, "quote", json_text(f->quote));
	json_object_set_new(form, "draft", f->draft.n ? json_text(f->draft) : json_null());
	TRY(add_preview(s, v, f, form));
	add_error(v, f, form);
	json_object_set_new(v->json, "edits", json_boolean(f->edits != 0));
	/* What somebody typed is shown again, even if the conversation has closed meanwhile. */
	json_object_set_new(v->json, "writable", json_boolean(set.open == FORUM_OPEN || f->edits || f->text.n));
	json_object_set_new(v->json, "comment", json_null());
	if (f->answers) {
		struct branch b = { 0 };
		TRY(comment_load(v->c, v->a, f->answers, &b.k));
		json_object_set_new(v->json, "comment", talk_comment(&t, &b));
	}
	v->template = "comment-form";
	return OK;
}

err_t comment_form_page(struct stet *s, struct request *q, struct response *r, struct comment_form *f)
{
	if (f->error && !is_mendable(f->error))
		return f->error;
	err_t e = site_page_with(s, q, r, form_view, f);
	err_free(f->error);
	f->error = OK;
	return e;
}

/* --- a new one --- */

struct finding {
	struct stet          *s;
	const struct request *q;
	struct story          st;
	struct forum_settings set;
	struct who            who;
};

static err_t find_story(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *x = ctx;
	TRY(conversation_at(x->s, c, x->q, a, &x->st, &x->set));
	return who_asks_in(x->s, c, x->q, &x->who);
}

static str_t field(const struct request *q, const char *name)
{
	str_t s = params_get(&q->form, name);
	return s.p ? s : S("");
}

static err_t read_form(const struct request *q, const struct story *st, struct comment_form *f)
{
	str_t answers = field(q, "answers");
	*f = (struct comment_form){ .story = st->id, .text = field(q, "text"), .quote = field(q, "quote"),
				    .draft = field(q, "draft"), .preview = params_get(&q->form, "preview").p != NULL,
				    .sure = params_get(&q->form, "sure").p != NULL };
	int64_t typed;
	if (str_int(field(q, "typed"), &typed) && typed > 0 && typed < DAY / SECOND)
		f->typed = typed * SECOND;
	if (answers.n && !id_parse(answers, &f->answers))
		return err_new(ERR_MISSING, "there is no such comment");
	return OK;
}

/* What it was written from; what cannot be dropped now goes by itself in time. */
static err_t post(struct stet *s, struct request *q, const struct who *who, const struct comment_form *f,
		  struct comment *k)
{
	TRY(rate_reader(s, q->a, RATE_COMMENT_ACCOUNT, who->reader.id));
	TRY(comment_post(s, q->a, &(struct comment_draft){ .reader = &who->reader, .story = f->story,
							   .parent = f->answers, .source = f->text,
							   .quote = f->quote, .typed = f->typed,
							   .sure = f->sure }, k));
	draft_forget(s, q->a, f->draft);
	return OK;
}

static void go_to_comment(struct stet *s, struct request *q, struct response *r, const struct comment *k,
			  const struct story *st)
{
	go_to(s, q, r, str_format(q->a, "%.*s#c-%.*s", STR(comment_path(q->a, st, k->id)),
				  STR(id_text(q->a, k->id))));
}

static err_t write_post(struct stet *s, struct request *q, struct response *r)
{
	struct finding x = { .s = s, .q = q };
	struct comment_form f;
	struct comment k;
	TRY(store_read(s->store, q->a, find_story, &x));
	TRY(read_form(q, &x.st, &f));
	bool script = script_asks(q);
	if (!x.who.reader.id && script)
		return answer_sign_in(q, r);
	if (f.preview)
		return comment_form_page(s, q, r, &f);
	if (!x.who.reader.id)
		return draft_keep(s, q, r, &f);
	err_t e = post(s, q, &x.who, &f, &k);
	if (e && script)
		return answer_refusal(s, q, r, e);
	if (e && is_mendable(e)) {
		f.error = e;
		return comment_form_page(s, q, r, &f);
	}
	TRY(e);
	if (script)
		return answer_comment(q, r, &k, &x.st);
	if (params_get(&q->form, "next").p)
		go_to(s, q, r, next_of(q));
	else
		go_to_comment(s, q, r, &k, &x.st);
	return OK;
}

/* The form alone: an answer, or a comment to the story. */
static err_t reply_page(struct stet *s, struct request *q, struct response *r)
{
	struct comment k;
	struct story st;
	struct comment_form f = { 0 };
	TRY(comment_asked(q, &f.answers));
	TRY(comment_place(s, q->a, f.answers, &k, &st));
	if (k.state != COMMENT_SHOWN)
		return err_new(ERR_MISSING, "there is no such comment");
	f.story = st.id;
	return comment_form_page(s, q, r, &f);
}

/* --- one's own --- */

/* The comment of ":id", and who acts on it: somebody, or the answer is the way to sign in, which leads back to
 * the comment. */
static bool must_act_on(struct stet *s, struct request *q, struct response *r, struct who *who, struct comment *k,
			struct story *st, err_t *e)
{
	id64 id;
	*e = comment_asked(q, &id);
	if (!*e)
		*e = comment_place(s, q->a, id, k, st);
	if (*e)
		return true;
	if (q->method == GET || script_asks(q))
		return who_must_act(s, q, r, who, e);
	*e = who_asks(s, q, who);
	if (*e || who->reader.id)
		return *e != OK;
	str_t back = str_format(q->a, "%.*s#c-%.*s", STR(comment_path(q->a, st, id)), STR(id_text(q->a, id)));
	go_to(s, q, r, str_format(q->a, "/sign-in?next=%.*s", STR(str_percent(q->a, back))));
	return true;
}

/* The same for the page on which one changes a comment of one's own. */
static bool must_own(struct stet *s, struct request *q, struct response *r, struct who *who, struct comment *k,
		     struct story *st, err_t *e)
{
	if (must_act_on(s, q, r, who, k, st, e))
		return true;
	if (k->reader.id != who->reader.id)
		*e = err_say(ERR_REFUSED, "text", "comment-refused.not-yours");
	return *e != OK;
}

static err_t edit_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct comment k;
	struct story st;
	err_t e;
	if (must_own(s, q, r, &who, &k, &st, &e))
		return e;
	struct comment_form f = { .story = st.id, .edits = k.id, .text = k.source };
	return comment_form_page(s, q, r, &f);
}

/* Signed out meanwhile, without script: the words wait, as a new comment's do. */
static err_t edit_keep(struct stet *s, struct request *q, struct response *r)
{
	struct comment k;
	struct story st;
	struct comment_form f = { .text = field(q, "text") };
	TRY(comment_asked(q, &f.edits));
	TRY(comment_place(s, q->a, f.edits, &k, &st));
	f.story = st.id;
	return draft_keep(s, q, r, &f);
}

static err_t edit_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct comment k;
	struct story st;
	err_t e;
	TRY(who_asks(s, q, &who));
	if (!who.reader.id && !script_asks(q))
		return edit_keep(s, q, r);
	if (must_act_on(s, q, r, &who, &k, &st, &e))
		return e;
	struct comment_form f = { .story = st.id, .edits = k.id, .text = field(q, "text"), .draft = field(q, "draft"),
				  .preview = params_get(&q->form, "preview").p != NULL };
	if (f.preview)
		return comment_form_page(s, q, r, &f);
	e = rate_reader(s, q->a, RATE_COMMENT_ACCOUNT, who.reader.id);
	if (!e)
		e = comment_edit(s, q->a, &who.reader, k.id, f.text, &k);
	if (e && script_asks(q))
		return answer_refusal(s, q, r, e);
	if (e && is_mendable(e)) {
		f.error = e;
		return comment_form_page(s, q, r, &f);
	}
	TRY(e);
	draft_forget(s, q->a, f.draft);
	if (script_asks(q))
		return answer_comment(q, r, &k, &st);
	go_to_comment(s, q, r, &k, &st);
	return OK;
}

/* --- a question before something is done --- */

static err_t ask_view(struct stet *s, struct view *v)
{
	struct comment *k = v->given;
	struct story st;
	struct forum_settings set;
	struct talk t;
	TRY(talked_about(v->c, v->a, k->story, &st));
	TRY(forum_settings_of(s, v->c, v->a, &st, &set));
	TRY(talk_begin(s, v, &st, &set, SORT_OLDEST, &t));
	talk_head(&t, say(v, "comment.delete-title"), conversation_path(v->a, &st));
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
	TRY(talk_frame(&t, 0));
	json_object_set_new(v->json, "comment", talk_comment(&t, &(struct branch){ .k = *k }));
	v->template = "comment-delete";
	return OK;
}

static err_t delete_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct comment k;
	struct story st;
	err_t e;
	if (must_own(s, q, r, &who, &k, &st, &e))
		return e;
	return site_page_with(s, q, r, ask_view, &k);
}

static err_t delete_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	struct comment k;
	struct story st;
	err_t e;
	if (must_act_on(s, q, r, &who, &k, &st, &e))
		return e;
	e = comment_delete(s, q->a, &who.reader, k.id);
	if (e && script_asks(q))
		return answer_refusal(s, q, r, e);
	TRY(e);
	if (script_asks(q))
		return answer_json(q, r, 200, json_pack("{s:s}", "state", "deleted"));
	go_to(s, q, r, conversation_path(q->a, &st));
	return OK;
}

/* --- votes --- */

static err_t vote(struct stet *s, struct request *q, struct response *r, int way)
{
	struct who who;
	struct comment k;
	struct story st;
	err_t e;
	if (must_act_on(s, q, r, &who, &k, &st, &e))
		return e;
	e = rate_reader(s, q->a, RATE_VOTE_ACCOUNT, who.reader.id);
	if (!e)
		e = comment_vote(s, q->a, &who.reader, k.id, way, &k);
	if (e && script_asks(q))
		return answer_refusal(s, q, r, e);
	TRY(e);
	if (script_asks(q))
		return answer_comment(q, r, &k, &st);
	go_to_comment(s, q, r, &k, &st);
	return OK;
}

static err_t recommend_post(struct stet *s, struct request *q, struct response *r)
{
	return vote(s, q, r, params_get(&q->form, "not").p ? 0 : 1);
}

static err_t oppose_post(struct stet *s, struct request *q, struct response *r)
{
	return vote(s, q, r, params_get(&q->form, "not").p ? 0 : -1);
}

const struct route forum_write_routes[] = {
	{ POST, "/:section/:slug/comments", write_post },
	{ GET, "/comment/:id/reply", reply_page },
	{ GET, "/comment/:id/edit", edit_form },
	{ POST, "/comment/:id/edit", edit_post },
	{ GET, "/comment/:id/delete", delete_form },
	{ POST, "/comment/:id/delete", delete_post },
	{ POST, "/comment/:id/recommend", recommend_post },
	{ POST, "/comment/:id/oppose", oppose_post },
	{ 0 },
};
