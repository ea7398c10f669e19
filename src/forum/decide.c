/* decide.c: decisions are made here, and nowhere else: who may, what follows, what is written down. */
#include "forum/decide.h"

#include "forum/heat.h"
#include "forum/judge.h"
#include "forum/report.h"
#include "forum/tame.h"
#include "readers/letters.h"
#include "record/act.h"

static const struct act_kind ACT_DECIDE = { "comment.decide" };
static const struct act_kind ACT_DECIDE_READER = { "reader.decide" };
static const struct act_kind ACT_UNDO = { "decision.undo" };

static const char *const kinds[DECISIONS] = { "approve", "remove", "pick", "unpick", "close", "open", "slow", "quick",
					      "warn", "suspend", "ban", "mute", "hold", "lift" };

str_t decision_name(enum decision_kind kind)
{
	return str_of(kinds[kind]);
}

bool decision_parse(str_t s, enum decision_kind *out)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!str_eq(s, str_of(kinds[i])))
			continue;
		*out = (enum decision_kind)i;
		return true;
	}
	return false;
}

bool decision_restricts(enum decision_kind kind)
{
	return kind == DECIDE_REMOVE || (kind >= DECIDE_WARN && kind <= DECIDE_HOLD);
}

str_t decision_path(arena_t *a, id64 id)
{
	return str_format(a, "/decision/%.*s", STR(id_text(a, id)));
}

/* --- reading --- */

#define COLUMNS                                                                                    \
	"SELECT d.id, d.kind, coalesce(d.comment, 0), coalesce(d.reader, 0), coalesce(d.story, 0), "  \
	"coalesce(d.moderator, 0), coalesce(d.sanction, 0), d.automated, d.reason, d.words, d.facts, " \
	"d.until, d.was, d.picked, d.made, d.undone FROM decision d "

static struct decision row_decision(const struct rows *r, arena_t *a)
{
	struct decision d = {
		.id = row_int(r, 0), .comment = row_int(r, 2), .reader = row_int(r, 3), .story = row_int(r, 4),
		.moderator = row_int(r, 5), .sanction = row_int(r, 6), .automated = row_int(r, 7) != 0,
		.reason = row_str(r, a, 8), .words = row_str(r, a, 9), .facts = row_str(r, a, 10),
		.until = row_int(r, 11), .picked = row_int(r, 13), .made = row_int(r, 14),
		.undone = row_int(r, 15),
	};
	decision_parse(row_str(r, a, 1), &d.kind);
	comment_state_parse(row_str(r, a, 12), &d.was);
	return d;
}

static err_t load_all(struct conn *c, arena_t *a, const struct sql *sql, struct args args, struct decisions *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct decisions){ 0 };
	TRY(db_query(c, sql, args, &r));
	while (rows_next(&r, &e)) {
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n++] = row_decision(&r, a);
	}
	return e;
}

static err_t load_one(struct conn *c, arena_t *a, const struct sql *sql, struct args args, struct decision *out)
{
	struct decisions list;
	TRY(load_all(c, a, sql, args, &list));
	*out = list.n ? list.v[0] : (struct decision){ 0 };
	return OK;
}

static const struct sql select_one = { COLUMNS "WHERE d.id = $1" };
static const struct sql select_on = {
	COLUMNS "WHERE d.comment = $1 AND d.undone = 0 AND d.kind = 'remove' ORDER BY d.id DESC LIMIT 1"
};
static const struct sql select_last = {
	COLUMNS "WHERE d.moderator = $1 AND d.undone = 0 ORDER BY d.id DESC LIMIT 1"
};
static const struct sql select_of = { COLUMNS "WHERE d.reader = $1 ORDER BY d.id DESC LIMIT $2" };

err_t decision_load(struct conn *c, arena_t *a, id64 id, struct decision *out)
{
	TRY(load_one(c, a, &select_one, ARGS(v_int(id)), out));
	return out->id ? OK : err_new(ERR_MISSING, "there is no such decision");
}

err_t decision_on(struct conn *c, arena_t *a, id64 comment, struct decision *out)
{
	TRY(load_one(c, a, &select_on, ARGS(v_int(comment)), out));
	return out->id ? OK : err_new(ERR_MISSING, "nothing was decided about this comment");
}

err_t decision_last(struct conn *c, arena_t *a, id64 moderator, struct decision *out)
{
	return load_one(c, a, &select_last, ARGS(v_int(moderator)), out);
}

err_t decision_of_reader(struct conn *c, arena_t *a, id64 reader, size_t most, struct decisions *out)
{
	return load_all(c, a, &select_of, ARGS(v_int(reader), v_int((int64_t)most)), out);
}

/* --- who may --- */

struct deciding {
	struct stet                 *s;
	struct act                  *act;
	const struct decision_draft *d;
	struct decision             *out;
	struct comment               k;      /* .id 0: none */
	struct reader                reader; /* whom it concerns; .id 0: somebody without account */
};

/* Whom it concerns as they are now: with their address, for the letter. */
static err_t find_subject(struct conn *c, arena_t *a, struct deciding *x)
{
	const struct decision_draft *d = x->d;
	id64 reader = d->reader;
	if (d->comment) {
		TRY(comment_load(c, a, d->comment, &x->k));
		reader = decision_is_of_comment(d->kind) || !reader ? x->k.reader.id : reader;
	}
	if (reader)
		TRY(reader_find(c, a, reader, &x->reader));
	if (!decision_is_of_comment(d->kind) && (!x->reader.id || x->reader.state == READER_GONE))
		return err_new(ERR_MISSING, "there is no such reader");
	if (decision_is_of_comment(d->kind) && !x->k.id)
		return err_new(ERR_MISSING, "there is no such comment");
	return OK;
}

static err_t check_moderator(struct stet *s, struct conn *c, arena_t *a, const struct reader *m)
{
	if (!may_moderate(m))
		return err_new(ERR_REFUSED, "this is the moderators' work");
	return may_take_part(s, c, a, m, 0);
}

static err_t check(struct conn *c, arena_t *a, const struct deciding *x)
{
	const struct reader *m = x->d->moderator;
	if (!m)
		return OK;
	TRY(check_moderator(x->s, c, a, m));
	if (x->reader.id == m->id)
		return err_say(ERR_REFUSED, "do", "moderation-refused.self");
	if (x->reader.role > m->role && decision_restricts(x->d->kind))
		return err_say(ERR_REFUSED, "do", "moderation-refused.above");
	if (x->d->seen.n && !str_eq(x->d->seen, comment_state_name(x->k.state)))
		return err_say(ERR_CONFLICT, "do", "moderation-refused.meanwhile");
	return OK;
}

/* --- what follows --- */

static const struct sql update_pick = { "UPDATE comment SET picked = $1, rank = $2 WHERE id = $3" };
static const struct sql update_closed = { "UPDATE comment SET closed = $1 WHERE id = $2" };
static const struct sql settle_reports = {
	"UPDATE comment_report SET settled = $1 WHERE comment = $2 AND settled = 0"
};
static const struct sql count_reports = {
	"UPDATE comment SET reports = (SELECT count(*) FROM comment_report WHERE comment = $1 AND settled = 0) "
	"WHERE id = $1"
};

static err_t set_pick(struct act *act, struct conn *c, struct comment *k, usec_t picked)
{
	k->picked = picked;
	k->rank = comment_rank(k->ups, k->downs, picked != 0);
	TRY(db_run(c, &update_pick, ARGS(v_int(picked), v_int(k->rank), v_int(k->id)), NULL));
	return comment_changed(act, c, k);
}

static err_t set_closed(struct act *act, struct conn *c, struct comment *k, bool closed)
{
	k->closed = closed;
	TRY(db_run(c, &update_closed, ARGS(v_int(closed), v_int(k->id)), NULL));
	return comment_changed(act, c, k);
}

static err_t settle(struct conn *c, struct comment *k, usec_t now)
{
	TRY(db_run(c, &settle_reports, ARGS(v_int(now), v_int(k->id)), NULL));
	k->reports = 0;
	return db_run(c, &count_reports, ARGS(v_int(k->id)), NULL);
}

static err_t approve(struct deciding *x, struct conn *c)
{
	if (x->k.state == COMMENT_DELETED)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.deleted");
	if (x->k.state != COMMENT_SHOWN)
		TRY(comment_set_state(x->act, c, &x->k, COMMENT_SHOWN));
	return settle(c, &x->k, x->out->made);
}

/* The text is what the facts are; a stone is no pick of the newsroom's. */
static err_t take_away(struct deciding *x, struct conn *c)
{
	if (x->k.state == COMMENT_DELETED)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.deleted");
	if (x->k.state == COMMENT_REMOVED)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.removed");
	if (x->k.picked)
		TRY(set_pick(x->act, c, &x->k, 0));
	TRY(comment_set_state(x->act, c, &x->k, COMMENT_REMOVED));
	TRY(settle(c, &x->k, x->out->made));
	return heat_look_at(x->s, x->act, c, &x->k);
}

static err_t pick(struct deciding *x, struct conn *c, bool on)
{
	if (x->k.state != COMMENT_SHOWN)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.pick");
	if (on == (x->k.picked != 0))
		return err_say(ERR_CONFLICT, "do", on ? "moderation-refused.picked"
						       : "moderation-refused.not-picked");
	return set_pick(x->act, c, &x->k, on ? x->out->made : 0);
}

static err_t shut(struct deciding *x, struct conn *c, bool on)
{
	if (on == x->k.closed)
		return err_say(ERR_CONFLICT, "do", on ? "moderation-refused.closed" : "moderation-refused.open");
	return set_closed(x->act, c, &x->k, on);
}

/* The whole branch, whichever of its comments is looked at. */
static err_t slow(struct deciding *x, struct conn *c, bool on)
{
	struct comment root;
	struct story st;
	struct forum_settings set;
	TRY(comment_load(c, x->act->a, x->k.root, &root));
	TRY(talked_about(c, x->act->a, root.story, &st));
	TRY(forum_settings_of(x->s, c, x->act->a, &st, &set));
	bool is = root.slow > x->out->made;
	if (on && is)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.slow");
	if (!on && !is && root.calm)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.quick");
	if (on)
		x->out->until = x->out->made + (set.heat_minutes ? set.heat_minutes : HEAT_MINUTES) * MINUTE;
	return heat_set(x->act, c, &root, x->out->until, !on);
}

static err_t decide_comment(struct deciding *x, struct conn *c)
{
	switch (x->d->kind) {
	case DECIDE_APPROVE: return approve(x, c);
	case DECIDE_REMOVE: return take_away(x, c);
	case DECIDE_PICK: return pick(x, c, true);
	case DECIDE_UNPICK: return pick(x, c, false);
	case DECIDE_CLOSE: return shut(x, c, true);
	case DECIDE_OPEN: return shut(x, c, false);
	case DECIDE_SLOW: return slow(x, c, true);
	case DECIDE_QUICK: return slow(x, c, false);
	default: return OK;
	}
}

static const struct sql insert_sanction = {
	"INSERT INTO sanction (id, reader, kind, story, why, made, until) VALUES ($1, $2, $3, $4, $5, $6, $7)"
};
static const struct sql lift_all = {
	"UPDATE sanction SET lifted = $1 WHERE reader = $2 AND lifted = 0 AND (until = 0 OR until > $1)"
};

static err_t sanction(struct deciding *x, struct conn *c, const char *kind)
{
	struct decision *o = x->out;
	o->sanction = id_new(&x->s->ids, o->made);
	return db_run(c, &insert_sanction,
		      ARGS(v_int(o->sanction), v_int(o->reader), v_str(str_of(kind)),
			   v_ref(x->d->kind == DECIDE_MUTE ? o->story : 0), v_str(o->reason), v_int(o->made),
			   v_int(o->until)), NULL);
}

static err_t decide_reader(struct deciding *x, struct conn *c)
{
	struct decision *o = x->out;
	int64_t lifted;
	act_touch(x->act, topic_reader(x->act->a, x->reader.id));
	switch (x->d->kind) {
	case DECIDE_SUSPEND:
		o->until = o->made + x->d->hours * HOUR;
		return sanction(x, c, "suspended");
	case DECIDE_BAN: return sanction(x, c, "banned");
	case DECIDE_HOLD: return sanction(x, c, "held");
	case DECIDE_MUTE:
		if (!o->story)
			return err_say(ERR_INPUT, "story", "moderation-refused.story");
		return sanction(x, c, "muted");
	case DECIDE_LIFT:
		TRY(db_run(c, &lift_all, ARGS(v_int(o->made), v_int(o->reader)), &lifted));
		return lifted ? OK : err_say(ERR_CONFLICT, "do", "moderation-refused.free");
	default: return OK;
	}
}

static const struct sql insert_decision = {
	"INSERT INTO decision (id, kind, comment, reader, story, moderator, automated, reason, words, facts, until, "
	"was, picked, sanction, made) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
};

static err_t write_down(struct conn *c, const struct decision *d, bool about)
{
	return db_run(c, &insert_decision,
		      ARGS(v_int(d->id), v_str(decision_name(d->kind)), v_ref(d->comment), v_ref(d->reader),
			   v_ref(d->story), v_ref(d->moderator), v_int(d->automated), v_str(d->reason),
			   v_str(d->words), v_str(d->facts), v_int(d->until),
			   v_str(about ? comment_state_name(d->was) : S("")), v_int(d->picked), v_ref(d->sanction),
			   v_int(d->made)), NULL);
}

/* When the restriction starts, at the latest: Art. 17 (2). */
static err_t tell(struct deciding *x)
{
	const struct reader *r = &x->reader;
	if (!decision_restricts(x->d->kind) || !r->id || !r->address.n)
		return OK;
	return letter_post(x->act, &(struct letter_draft){ .kind = "decision", .to = r->address,
							   .language = r->language, .name = r->name,
							   .path = decision_path(x->act->a, x->out->id) });
}

static err_t write_decision(struct conn *c, arena_t *a, void *ctx)
{
	struct deciding *x = ctx;
	struct decision *o = x->out;
	TRY(find_subject(c, a, x));
	TRY(check(c, a, x));
	o->reader = x->reader.id;
	o->story = x->d->story ? x->d->story : x->k.story;
	o->was = x->k.state;
	o->picked = x->k.picked;
	o->facts = x->k.id && decision_restricts(o->kind) ? x->k.source : S("");
	if (decision_is_of_comment(o->kind))
		TRY(decide_comment(x, c));
	else
		TRY(decide_reader(x, c));
	act_touch(x->act, topic_queue());
	TRY(write_down(c, o, x->k.id != 0));
	return tell(x);
}

err_t decision_words(arena_t *a, const char *field, str_t *words)
{
	str_t w = words->p ? *words : S("");
	if (!str_is_utf8(w, NULL) || str_runes(w) > DECISION_WORDS)
		return err_say_with(ERR_TOO_LARGE, field, "decision-refused.long", "most=%d", DECISION_WORDS);
	*words = str_trim(tame(a, w));
	return OK;
}

static err_t check_draft(arena_t *a, const struct decision_draft *d, struct decision *out)
{
	out->words = d->words;
	out->reason = decision_restricts(d->kind) && d->reason.p ? d->reason : S("");
	TRY(decision_words(a, "words", &out->words));
	if (decision_restricts(d->kind) && !report_reason_is(out->reason))
		return err_say(ERR_INPUT, "reason", "moderation-refused.rule");
	if (str_eq(out->reason, S("other")) && !out->words.n)
		return err_say(ERR_INPUT, "words", "moderation-refused.reason");
	if (d->kind == DECIDE_SUSPEND && (d->hours < 1 || d->hours > SUSPEND_HOURS))
		return err_say_with(ERR_INPUT, "hours", "moderation-refused.hours", "most=%d", SUSPEND_HOURS);
	return OK;
}

static str_t actor_of(arena_t *a, const struct reader *moderator)
{
	return moderator ? topic_reader(a, moderator->id) : S("rules");
}

err_t decide(struct stet *s, arena_t *a, const struct decision_draft *d, struct decision *out)
{
	bool of_comment = decision_is_of_comment(d->kind);
	usec_t now = clock_now(&s->clock);
	*out = (struct decision){ .id = id_new(&s->ids, now), .kind = d->kind, .comment = d->comment,
				  .moderator = d->moderator ? d->moderator->id : 0, .automated = !d->moderator,
				  .made = now };
	TRY(check_draft(a, d, out));
	struct act act = act_begin(s, a, of_comment ? &ACT_DECIDE : &ACT_DECIDE_READER,
				   of_comment ? d->comment : d->reader, actor_of(a, d->moderator));
	struct deciding x = { .s = s, .act = &act, .d = d, .out = out };
	act_detail(&act, json_pack("{s:s, s:s, s:s}", "decision", str_z(a, id_text(a, out->id)), "kind",
				   kinds[d->kind], "reason", str_z(a, out->reason)));
	TRY(act_commit(&act, write_decision, &x));
	/* What a machine decided teaches it nothing. */
	if (d->moderator && (d->kind == DECIDE_APPROVE || d->kind == DECIDE_REMOVE))
		return judge_learn(s, a, d->comment, d->kind == DECIDE_REMOVE, false);
	return OK;
}

/* --- taking it back --- */

static const struct sql mark_undone = { "UPDATE decision SET undone = $1 WHERE id = $2" };
static const struct sql lift_one = { "UPDATE sanction SET lifted = $1 WHERE id = $2 AND lifted = 0" };
static const struct sql lift_again = { "UPDATE sanction SET lifted = 0 WHERE reader = $1 AND lifted = $2" };
/* Reports that it settled wait again, but of those who have reported anew. */
static const struct sql unsettle = {
	"UPDATE comment_report SET settled = 0 WHERE comment = $1 AND settled = $2 AND NOT EXISTS (SELECT 1 FROM "
	"comment_report o WHERE o.comment = $1 AND o.settled = 0 AND o.reader = comment_report.reader)"
};

/* Then it is as it goes by itself. */
static err_t undo_slow(struct act *act, struct conn *c, const struct comment *k)
{
	struct comment root;
	TRY(comment_load(c, act->a, k->root, &root));
	return heat_set(act, c, &root, 0, false);
}

static err_t reverse_comment(struct act *act, struct conn *c, const struct decision *d)
{
	struct comment k;
	TRY(comment_load(c, act->a, d->comment, &k));
	if (d->kind == DECIDE_SLOW || d->kind == DECIDE_QUICK)
		return undo_slow(act, c, &k);
	if (d->kind == DECIDE_CLOSE || d->kind == DECIDE_OPEN)
		return set_closed(act, c, &k, d->kind == DECIDE_OPEN);
	if (d->kind == DECIDE_PICK || d->kind == DECIDE_UNPICK)
		return set_pick(act, c, &k, d->picked);
	if (k.state != (d->kind == DECIDE_REMOVE ? COMMENT_REMOVED : COMMENT_SHOWN))
		return err_say(ERR_CONFLICT, "do", "moderation-refused.changed");
	if (k.state != d->was)
		TRY(comment_set_state(act, c, &k, d->was));
	if (k.picked != d->picked)
		TRY(set_pick(act, c, &k, d->picked));
	TRY(db_run(c, &unsettle, ARGS(v_int(k.id), v_int(d->made)), NULL));
	return db_run(c, &count_reports, ARGS(v_int(k.id)), NULL);
}

err_t decision_reverse(struct stet *s, struct act *act, struct conn *c, const struct decision *d)
{
	usec_t now = clock_now(&s->clock);
	if (decision_is_of_comment(d->kind))
		TRY(reverse_comment(act, c, d));
	if (d->sanction)
		TRY(db_run(c, &lift_one, ARGS(v_int(now), v_int(d->sanction)), NULL));
	if (d->kind == DECIDE_LIFT)
		TRY(db_run(c, &lift_again, ARGS(v_int(d->reader), v_int(d->made)), NULL));
	act_touch(act, topic_queue());
	return db_run(c, &mark_undone, ARGS(v_int(now), v_int(d->id)), NULL);
}

struct undoing {
	struct stet         *s;
	struct act          *act;
	const struct reader *moderator;
	id64                 id;
	struct decision      was;
};

static const struct sql select_since = {
	"SELECT count(*) FROM decision WHERE comment = $1 AND id > $2 AND undone = 0 AND "
	"kind IN ('approve', 'remove', 'pick', 'unpick', 'close', 'open', 'slow', 'quick')"
};

/* How fast a branch may go is decided by any of its comments. */
static const struct sql select_since_of_branch = {
	"SELECT count(*) FROM decision d JOIN comment k ON k.id = d.comment WHERE d.id > $2 AND d.undone = 0 AND "
	"d.kind IN ('slow', 'quick') AND k.root = (SELECT root FROM comment WHERE id = $1)"
};

static err_t check_last(struct conn *c, const struct decision *d)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	bool of_branch = d->kind == DECIDE_SLOW || d->kind == DECIDE_QUICK;
	if (!decision_is_of_comment(d->kind))
		return OK;
	TRY(db_query(c, of_branch ? &select_since_of_branch : &select_since, ARGS(v_int(d->comment), v_int(d->id)), &r));
	bool since = rows_next(&r, &e) && row_int(&r, 0) > 0;
	TRY(e);
	return since ? err_say(ERR_CONFLICT, "do", "moderation-refused.since") : OK;
}

static const struct sql select_appealed = { "SELECT count(*) FROM appeal WHERE decision = $1 AND answered <> 0" };

/* What another has confirmed is not whoever decided first's to change any more. */
static err_t check_answered(struct conn *c, id64 id)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_appealed, ARGS(v_int(id)), &r));
	bool answered = rows_next(&r, &e) && row_int(&r, 0) > 0;
	TRY(e);
	return answered ? err_say(ERR_CONFLICT, "do", "moderation-refused.appealed") : OK;
}

static err_t write_undo(struct conn *c, arena_t *a, void *ctx)
{
	struct undoing *x = ctx;
	struct decision d;
	TRY(check_moderator(x->s, c, a, x->moderator));
	TRY(decision_load(c, a, x->id, &d));
	x->was = d;
	if (d.moderator != x->moderator->id)
		return err_say(ERR_REFUSED, "do", "moderation-refused.not-yours");
	if (d.undone)
		return err_say(ERR_CONFLICT, "do", "moderation-refused.undone");
	TRY(check_last(c, &d));
	TRY(check_answered(c, d.id));
	return decision_reverse(x->s, x->act, c, &d);
}

err_t decision_undo(struct stet *s, arena_t *a, const struct reader *moderator, id64 id)
{
	struct act act = act_begin(s, a, &ACT_UNDO, id, actor_of(a, moderator));
	struct undoing x = { .s = s, .act = &act, .moderator = moderator, .id = id };
	TRY(act_commit(&act, write_undo, &x));
	if (x.was.kind == DECIDE_APPROVE || x.was.kind == DECIDE_REMOVE)
		return judge_learn(s, a, x.was.comment, x.was.kind == DECIDE_REMOVE, true);
	return OK;
}
