/* queue.c: see queue.h. */
#include "forum/queue.h"

#include "record/act.h"

static const struct act_kind ACT_CLAIM = { "comment.claim" };

static const char *const names[QUEUE_TABS] = { "pending", "reported", "recent", "removed", "appeals", "notices" };

str_t queue_name(enum queue_tab t)
{
	return str_of(names[t]);
}

bool queue_parse(str_t s, enum queue_tab *out)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!str_eq(s, str_of(names[i])))
			continue;
		*out = (enum queue_tab)i;
		return true;
	}
	return false;
}

str_t queue_path(arena_t *a, enum queue_tab t)
{
	return t == QUEUE_PENDING ? S("/moderation") : str_format(a, "/moderation/%s", names[t]);
}

/* Who has waited longest comes first; of reports the most; of what is only looked through the newest. */
static const struct sql select_tab[QUEUE_TABS] = {
	[QUEUE_PENDING] = { "SELECT id, made FROM comment WHERE state = 'held' AND (made, id) > ($1, $2) "
			    "ORDER BY made, id LIMIT $3" },
	[QUEUE_REPORTED] = { "SELECT id, reports FROM comment WHERE reports > 0 AND (reports, id) < ($1, $2) "
			     "ORDER BY reports DESC, id DESC LIMIT $3" },
	[QUEUE_RECENT] = { "SELECT id, 0 FROM comment WHERE state <> 'deleted' AND id < $2 AND $1 >= 0 "
			   "ORDER BY id DESC LIMIT $3" },
	[QUEUE_REMOVED] = { "SELECT d.comment, d.id FROM decision d JOIN comment k ON k.id = d.comment "
			    "WHERE d.kind = 'remove' AND d.undone = 0 AND d.id < $1 AND $2 >= 0 AND k.state = 'removed' "
			    "AND NOT EXISTS (SELECT 1 FROM decision n WHERE n.comment = d.comment AND n.id > d.id "
			    "AND n.kind = 'remove' AND n.undone = 0) ORDER BY d.id DESC LIMIT $3" },
	[QUEUE_APPEALS] = { "SELECT decision, made FROM appeal WHERE answered = 0 AND (made, decision) > ($1, $2) "
			    "ORDER BY made, decision LIMIT $3" },
	[QUEUE_NOTICES] = { "SELECT id, made FROM notice WHERE answered = 0 AND (made, id) > ($1, $2) "
			    "ORDER BY made, id LIMIT $3" },
};

struct comment_key queue_first(enum queue_tab t)
{
	bool rising = t == QUEUE_PENDING || t == QUEUE_APPEALS || t == QUEUE_NOTICES;
	return rising ? (struct comment_key){ 0, 0 } : (struct comment_key){ INT64_MAX, INT64_MAX };
}

err_t queue_load(struct conn *c, enum queue_tab t, struct comment_key after, struct queue_list *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	out->n = 0;
	out->more = false;
	TRY(db_query(c, &select_tab[t], ARGS(v_int(after.of), v_int(after.id), v_int(QUEUE_PAGE + 1)), &r));
	while (rows_next(&r, &e)) {
		if (out->n == QUEUE_PAGE) {
			out->more = true;
			break;
		}
		id64 id = row_int(&r, 0);
		out->v[out->n++] = (struct queue_entry){ id, { row_int(&r, 1), id } };
	}
	return e;
}

static const struct sql count_tab[QUEUE_TABS] = {
	[QUEUE_PENDING] = { "SELECT count(*) FROM (SELECT 1 FROM comment WHERE state = 'held' LIMIT $1) AS x" },
	[QUEUE_REPORTED] = { "SELECT count(*) FROM (SELECT 1 FROM comment WHERE reports > 0 LIMIT $1) AS x" },
	[QUEUE_APPEALS] = { "SELECT count(*) FROM (SELECT 1 FROM appeal WHERE answered = 0 LIMIT $1) AS x" },
	[QUEUE_NOTICES] = { "SELECT count(*) FROM (SELECT 1 FROM notice WHERE answered = 0 LIMIT $1) AS x" },
};

err_t queue_count(struct conn *c, enum queue_tab t, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = -1;
	if (!count_tab[t].text)
		return OK;
	TRY(db_query(c, &count_tab[t], ARGS(v_int(QUEUE_COUNTED)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

/* --- claims --- */

static const struct sql select_claim = {
	"SELECT c.moderator, r.name FROM comment_claim c JOIN reader r ON r.id = c.moderator "
	"WHERE c.comment = $1 AND c.until > $2"
};
static const struct sql save_claim = {
	"INSERT INTO comment_claim (comment, moderator, until) VALUES ($1, $2, $3) "
	"ON CONFLICT (comment) DO UPDATE SET moderator = excluded.moderator, until = excluded.until"
};
/* A moderator looks at one comment at a time. */
static const struct sql drop_claims = { "DELETE FROM comment_claim WHERE moderator = $1 OR until <= $2" };

err_t claim_of(struct conn *c, arena_t *a, id64 comment, usec_t now, struct claim *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct claim){ 0 };
	TRY(db_query(c, &select_claim, ARGS(v_int(comment), v_int(now)), &r));
	if (rows_next(&r, &e))
		*out = (struct claim){ row_int(&r, 0), row_str(&r, a, 1) };
	return e;
}

struct claiming {
	struct stet         *s;
	const struct reader *moderator;
	id64                 comment;
};

static err_t write_claim(struct conn *c, arena_t *a, void *ctx)
{
	const struct claiming *x = ctx;
	usec_t now = clock_now(&x->s->clock);
	struct claim has;
	TRY(claim_of(c, a, x->comment, now, &has));
	if (has.moderator && has.moderator != x->moderator->id)
		return err_say_with(ERR_CONFLICT, "claim", "moderation-refused.claimed", "name=%.*s", STR(has.name));
	TRY(db_run(c, &drop_claims, ARGS(v_int(x->moderator->id), v_int(now)), NULL));
	return db_run(c, &save_claim, ARGS(v_int(x->comment), v_int(x->moderator->id), v_int(now + CLAIM_LIFE)),
		      NULL);
}

err_t claim_take(struct stet *s, arena_t *a, const struct reader *moderator, id64 comment)
{
	struct act act = act_begin_quiet(s, a, &ACT_CLAIM, comment, S("staff"));
	struct claiming x = { s, moderator, comment };
	if (!may_moderate(moderator))
		return err_new(ERR_REFUSED, "this is the moderators' work");
	return act_commit(&act, write_claim, &x);
}
