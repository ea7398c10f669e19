/* draft.c: what somebody wrote who was not signed in yet. It waits behind an address that only they have;
 * signing in or registering leads there, and the comment is as it was. */
#include "forum/limits.h"
#include "forum/pages.h"
#include "forum/report.h"
#include "forum/secret.h"
#include "forum/tame.h"

#include "readers/pages.h"
#include "record/act.h"

static const struct act_kind ACT_DRAFT = { "comment.draft" };

static const struct sql insert_draft = {
	"INSERT INTO comment_draft (id, hash, story, parent, source, quote, made, kind, reason) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
};
static const struct sql delete_draft = { "DELETE FROM comment_draft WHERE hash = $1" };
static const struct sql delete_old = { "DELETE FROM comment_draft WHERE made < $1" };
static const struct sql select_draft = {
	"SELECT story, parent, source, quote, kind, reason FROM comment_draft WHERE hash = $1 AND made >= $2"
};

struct keeping {
	struct stet               *s;
	const struct comment_form *f;
	str_t                      hash;
};

static err_t write_draft(struct conn *c, arena_t *a, void *ctx)
{
	const struct keeping *x = ctx;
	usec_t now = clock_now(&x->s->clock);
	const struct comment_form *f = x->f;
	id64 on = f->edits ? f->edits : f->reports ? f->reports : f->answers;
	str_t kind = f->edits ? S("edit") : f->reports ? S("report") : S("post");
	(void)a;
	TRY(db_run(c, &delete_old, ARGS(v_int(now - DRAFT_LIFE)), NULL));
	return db_run(c, &insert_draft,
		      ARGS(v_int(id_new(&x->s->ids, now)), v_blob(x->hash), v_int(f->story), v_int(on),
			   v_str(f->text), v_str(f->quote.p ? f->quote : S("")), v_int(now), v_str(kind),
			   v_str(f->reason.p ? f->reason : S(""))), NULL);
}

static err_t check(const struct comment_form *f)
{
	if (f->text.n > COMMENT_BYTES || f->quote.n > COMMENT_BYTES)
		return err_say_with(ERR_TOO_LARGE, "text", "comment-refused.long", "most=%d", COMMENT_MOST);
	if (!str_is_utf8(f->text, NULL) || !str_is_utf8(f->quote, NULL))
		return err_say(ERR_INPUT, "text", "comment-refused.utf8");
	if (f->reason.n && !report_reason_is(f->reason))
		return err_say(ERR_INPUT, "reason", "comment-refused.reason");
	return str_trim(f->text).n || f->reports ? OK : err_say(ERR_INPUT, "text", "comment-refused.empty");
}

err_t draft_keep(struct stet *s, struct request *q, struct response *r, const struct comment_form *f)
{
	str_t secret = secret_new(q->a);
	struct keeping x = { s, f, secret_hash(q->a, secret) };
	err_t e = check(f);
	if (!e)
		e = rate_client(s, q, RATE_DRAFT_CLIENT);
	if (e) {
		struct comment_form again = *f;
		again.error = e;
		return f->reports ? report_kept_page(s, q, r, &again) : comment_form_page(s, q, r, &again);
	}
	struct act act = act_begin_quiet(s, q->a, &ACT_DRAFT, f->story, S("reader"));
	TRY(act_commit(&act, write_draft, &x));
	str_t path = str_format(q->a, "/comment/draft/%.*s", STR(secret));
	go_to(s, q, r, str_format(q->a, "/sign-in?next=%.*s", STR(str_percent(q->a, path))));
	return OK;
}

static err_t write_forget(struct conn *c, arena_t *a, void *ctx)
{
	const str_t *hash = ctx;
	(void)a;
	return db_run(c, &delete_draft, ARGS(v_blob(*hash)), NULL);
}

void draft_forget(struct stet *s, arena_t *a, str_t secret)
{
	str_t hash = secret_hash(a, secret);
	struct act act = act_begin_quiet(s, a, &ACT_DRAFT, 0, S("reader"));
	err_t e = secret.n ? act_commit(&act, write_forget, &hash) : OK;
	if (e)
		log_line(&s->log, LOG_WARN, "forum", "%s", err_text(e));
	err_free(e);
}

struct finding {
	usec_t              since;
	str_t               hash;
	struct comment_form f;
};

static err_t find_draft(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *x = ctx;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_draft, ARGS(v_blob(x->hash), v_int(x->since)), &r));
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_GONE, "this draft is not kept any more");
	str_t kind = row_str(&r, a, 4);
	bool edits = str_eq(kind, S("edit")), reports = str_eq(kind, S("report"));
	x->f.story = row_int(&r, 0);
	*(edits ? &x->f.edits : reports ? &x->f.reports : &x->f.answers) = row_int(&r, 1);
	x->f.reason = row_str(&r, a, 5);
	x->f.text = row_str(&r, a, 2);
	x->f.quote = row_str(&r, a, 3);
	return OK;
}

static err_t draft_page(struct stet *s, struct request *q, struct response *r)
{
	str_t secret = params_get(&q->route, "secret");
	struct finding x = { clock_now(&s->clock) - DRAFT_LIFE, secret_hash(q->a, secret), { 0 } };
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	TRY(store_read(s->store, q->a, find_draft, &x));
	x.f.draft = secret;
	if (x.f.reports)
		return report_kept_page(s, q, r, &x.f);
	return comment_form_page(s, q, r, &x.f);
}

const struct route forum_draft_routes[] = {
	{ GET, "/comment/draft/:secret", draft_page },
	{ 0 },
};
