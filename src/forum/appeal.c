/* appeal.c: see appeal.h. */
#include "forum/appeal.h"

#include "forum/report.h"
#include "readers/letters.h"
#include "record/act.h"

static const struct act_kind ACT_APPEAL = { "decision.appeal" };
static const struct act_kind ACT_ANSWER = { "decision.answer" };

static const struct sql select_appeal = {
	"SELECT decision, words, outcome, answer, made, answered, coalesce(moderator, 0) FROM appeal "
	"WHERE decision = $1"
};

err_t appeal_of(struct conn *c, arena_t *a, id64 decision, struct appeal *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct appeal){ 0 };
	TRY(db_query(c, &select_appeal, ARGS(v_int(decision)), &r));
	if (rows_next(&r, &e))
		*out = (struct appeal){ row_int(&r, 0), row_str(&r, a, 1), row_str(&r, a, 2), row_str(&r, a, 3),
					row_int(&r, 4), row_int(&r, 5), row_int(&r, 6) };
	return e;
}

bool appeal_may(struct stet *s, const struct reader *r, const struct decision *d, const struct appeal *has)
{
	return r->id && r->id == d->reader && decision_restricts(d->kind) && !d->undone && !has->decision &&
	       clock_now(&s->clock) - d->made < APPEAL_WITHIN;
}

struct appealing {
	struct stet         *s;
	struct act          *act;
	const struct reader *who;
	id64                 decision;
	str_t                outcome, words;
};

static const struct sql insert_appeal = {
	"INSERT INTO appeal (decision, words, made) VALUES ($1, $2, $3)"
};

static err_t write_appeal(struct conn *c, arena_t *a, void *ctx)
{
	const struct appealing *x = ctx;
	struct decision d;
	struct appeal has;
	TRY(decision_load(c, a, x->decision, &d));
	TRY(appeal_of(c, a, d.id, &has));
	if (d.reader != x->who->id)
		return err_new(ERR_REFUSED, "only whom a decision concerns can appeal");
	if (has.decision)
		return err_say(ERR_CONFLICT, "words", "decision-refused.appealed");
	if (!appeal_may(x->s, x->who, &d, &has))
		return err_say(ERR_REFUSED, "words", "decision-refused.over");
	return db_run(c, &insert_appeal, ARGS(v_int(d.id), v_str(x->words), v_int(clock_now(&x->s->clock))), NULL);
}

err_t appeal_make(struct stet *s, arena_t *a, const struct reader *r, id64 decision, str_t words)
{
	struct act act = act_begin(s, a, &ACT_APPEAL, decision, topic_reader(a, r->id));
	struct appealing x = { s, &act, r, decision, S(""), words };
	TRY(decision_words(a, "words", &x.words));
	if (!x.words.n)
		return err_say(ERR_INPUT, "words", "decision-refused.why");
	act_touch(&act, topic_queue());
	return act_commit(&act, write_appeal, &x);
}

static const struct sql update_appeal = {
	"UPDATE appeal SET moderator = $1, outcome = $2, answer = $3, answered = $4 WHERE decision = $5"
};

static err_t check_answer(struct conn *c, arena_t *a, const struct appealing *x, struct decision *d)
{
	struct appeal has;
	TRY(decision_load(c, a, x->decision, d));
	TRY(appeal_of(c, a, d->id, &has));
	if (!may_moderate(x->who))
		return err_new(ERR_REFUSED, "this is the moderators' work");
	TRY(may_take_part(x->s, c, a, x->who, 0));
	if (!has.decision)
		return err_new(ERR_MISSING, "there is no such appeal");
	if (has.answered)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.appeal-answered");
	if (d->moderator == x->who->id || d->reader == x->who->id)
		return err_say(ERR_REFUSED, "do", "moderation-refused.appeal-other");
	return d->undone && str_eq(x->outcome, S("upheld"))
		       ? err_say(ERR_CONFLICT, "do", "moderation-refused.undone-meanwhile") : OK;
}

/* The comment was deleted since, or shown again: there is nothing to take back but the decision itself. */
static err_t reverse(struct conn *c, const struct appealing *x, const struct decision *d)
{
	return d->undone ? OK : decision_reverse(x->s, x->act, c, d);
}

static err_t write_answer(struct conn *c, arena_t *a, void *ctx)
{
	const struct appealing *x = ctx;
	struct decision d;
	struct reader r = { 0 };
	usec_t now = clock_now(&x->s->clock);
	TRY(check_answer(c, a, x, &d));
	TRY(db_run(c, &update_appeal, ARGS(v_int(x->who->id), v_str(x->outcome), v_str(x->words), v_int(now),
					   v_int(d.id)), NULL));
	if (str_eq(x->outcome, S("reversed")))
		TRY(reverse(c, x, &d));
	if (d.reader)
		TRY(reader_find(c, a, d.reader, &r));
	if (!r.id || !r.address.n)
		return OK;
	return letter_post(x->act, &(struct letter_draft){ .kind = "appeal", .to = r.address,
							   .language = r.language, .name = r.name,
							   .path = decision_path(a, d.id) });
}

err_t appeal_answer(struct stet *s, arena_t *a, const struct reader *moderator, id64 decision, str_t outcome,
		    str_t words)
{
	struct act act = act_begin(s, a, &ACT_ANSWER, decision, topic_reader(a, moderator->id));
	struct appealing x = { s, &act, moderator, decision, outcome, words };
	if (!str_eq(outcome, S("upheld")) && !str_eq(outcome, S("reversed")))
		return err_say(ERR_INPUT, "do", "moderation-refused.outcome");
	TRY(decision_words(a, "words", &x.words));
	if (!x.words.n)
		return err_say(ERR_INPUT, "words", "moderation-refused.why");
	act_detail(&act, json_pack("{s:s}", "outcome", str_z(a, outcome)));
	act_touch(&act, topic_queue());
	return act_commit(&act, write_answer, &x);
}
