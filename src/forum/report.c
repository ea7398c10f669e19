/* report.c: a reader tells the newsroom that something is wrong with a comment. */
#include "forum/heat.h"
#include "forum/limits.h"
#include "forum/moderation.h"
#include "forum/report.h"
#include "forum/tame.h"

#include "readers/pages.h"
#include "record/act.h"

static const struct act_kind ACT_REPORT = { "comment.report" };

enum { WORDS_MOST = 1000 };

const char *const report_reasons[] = { "abuse", "spam", "off-topic", "false", "private", "illegal", "other", NULL };

static const struct sql insert_report = {
	"INSERT INTO comment_report (id, comment, reader, reason, words, made) VALUES ($1, $2, $3, $4, $5, $6) "
	"ON CONFLICT (comment, reader) WHERE settled = 0 DO NOTHING"
};
static const struct sql count_report = { "UPDATE comment SET reports = reports + 1 WHERE id = $1" };

struct reporting {
	struct stet         *s;
	struct act          *act;
	const struct reader *reader;
	id64                 id;
	str_t                reason, words;
};

static err_t write_report(struct conn *c, arena_t *a, void *ctx)
{
	const struct reporting *x = ctx;
	struct comment k;
	usec_t now = clock_now(&x->s->clock);
	int64_t added;
	TRY(comment_load(c, a, x->id, &k));
	TRY(conversation_there(x->s, c, a, k.story));
	if (k.state != COMMENT_SHOWN)
		return err_say(ERR_REFUSED, "reason", "comment-refused.gone");
	TRY(may_take_part(x->s, c, a, x->reader, k.story));
	TRY(db_run(c, &insert_report, ARGS(v_int(id_new(&x->s->ids, now)), v_int(x->id), v_int(x->reader->id),
					   v_str(x->reason), v_str(x->words), v_int(now)), &added));
	if (!added) /* once each */
		return OK;
	TRY(db_run(c, &count_report, ARGS(v_int(x->id)), NULL));
	return heat_look_at(x->s, x->act, c, &k);
}

bool report_reason_is(str_t reason)
{
	for (size_t i = 0; report_reasons[i]; i++)
		if (str_eq(reason, str_of(report_reasons[i])))
			return true;
	return false;
}

err_t comment_report(struct stet *s, arena_t *a, const struct reader *r, id64 id, str_t reason, str_t words)
{
	struct act act = act_begin_quiet(s, a, &ACT_REPORT, id, topic_reader(a, r->id));
	if (!report_reason_is(reason))
		return err_say(ERR_INPUT, "reason", "comment-refused.reason");
	if (!str_is_utf8(words, NULL) || str_runes(words) > WORDS_MOST)
		return err_say_with(ERR_TOO_LARGE, "words", "comment-refused.long", "most=%d", WORDS_MOST);
	struct reporting x = { s, &act, r, id, reason, tame(a, words) };
	act_touch(&act, topic_queue());
	return act_commit(&act, write_report, &x);
}

/* --- the page --- */

struct report_form {
	struct comment k;
	str_t          reason, words, draft; /* of one that was kept; NULL: as the form has them */
	err_t          error;
	bool           done;
};

static err_t report_view(struct stet *s, struct view *v)
{
	struct report_form *f = v->given;
	struct story st;
	struct forum_settings set;
	struct talk t;
	TRY(talked_about(v->c, v->a, f->k.story, &st));
	TRY(forum_settings_of(s, v->c, v->a, &st, &set));
	if (set.open == FORUM_OFF)
		return err_new(ERR_MISSING, "there is no conversation about this story");
	TRY(talk_begin(s, v, &st, &set, SORT_OLDEST, &t));
	talk_head(&t, say(v, "report.title"), conversation_path(v->a, &st));
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
	TRY(talk_frame(&t, 0));
	json_object_set_new(v->json, "comment", talk_comment(&t, &(struct branch){ .k = f->k }));
	json_object_set_new(v->json, "reasons", reason_list_of(v, f->reason.p ? f->reason : form_value(v->q, "reason")));
	json_object_set_new(v->json, "done", json_boolean(f->done));
	json_object_set_new(v->json, "error", f->error ? json_text(say_error(v, f->error)) : json_null());
	str_t words = f->words.p ? f->words : params_get(&v->q->form, "words");
	json_object_set_new(v->json, "words", !f->done && words.n && str_is_utf8(words, NULL) ? json_text(words)
											    : json_null());
	json_object_set_new(v->json, "draft", f->draft.n ? json_text(f->draft) : json_null());
	if (f->error)
		v->status = f->error->code == ERR_BUSY ? 429 : f->error->code == ERR_REFUSED ? 403 : 422;
	v->template = "comment-report";
	return OK;
}

static err_t report_page(struct stet *s, struct request *q, struct response *r, struct report_form *f)
{
	if (f->error && !is_mendable(f->error))
		return f->error;
	err_t e = site_page_with(s, q, r, report_view, f);
	err_free(f->error);
	return e;
}

static err_t load(struct stet *s, struct request *q, struct comment *k)
{
	struct story st;
	id64 id;
	TRY(comment_asked(q, &id));
	return comment_place(s, q->a, id, k, &st);
}

static err_t report_get(struct stet *s, struct request *q, struct response *r)
{
	struct report_form f = { 0 };
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	TRY(load(s, q, &f.k));
	if (f.k.state != COMMENT_SHOWN)
		return err_new(ERR_MISSING, "there is no such comment");
	return report_page(s, q, r, &f);
}

err_t report_kept_page(struct stet *s, struct request *q, struct response *r, const struct comment_form *kept)
{
	struct report_form f = { .reason = kept->reason, .words = kept->text, .draft = kept->draft,
				 .error = kept->error };
	struct story st;
	TRY(comment_place(s, q->a, kept->reports, &f.k, &st));
	return report_page(s, q, r, &f);
}

static err_t report_post(struct stet *s, struct request *q, struct response *r)
{
	struct report_form f = { .draft = form_value(q, "draft") };
	struct who who;
	str_t reason = form_value(q, "reason"), words = form_value(q, "words");
	TRY(who_asks(s, q, &who));
	if (!who.reader.id && script_asks(q))
		return answer_sign_in(q, r);
	TRY(load(s, q, &f.k));
	if (!who.reader.id)
		return draft_keep(s, q, r, &(struct comment_form){ .story = f.k.story, .reports = f.k.id,
								   .text = words, .reason = reason });
	err_t e = rate_reader(s, q->a, RATE_REPORT_ACCOUNT, who.reader.id);
	if (!e)
		e = comment_report(s, q->a, &who.reader, f.k.id, reason, words);
	if (!e)
		draft_forget(s, q->a, f.draft);
	f.error = e;
	f.done = !e;
	return report_page(s, q, r, &f);
}

const struct route forum_report_routes[] = {
	{ GET, "/comment/:id/report", report_get },
	{ POST, "/comment/:id/report", report_post },
	{ 0 },
};
