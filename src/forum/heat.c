/* heat.c: see heat.h. */
#include "forum/heat.h"

#include "record/act.h"

static const struct sql count_lately = {
	"SELECT count(*) FROM (SELECT 1 FROM comment WHERE root = $1 AND depth > 0 AND state = 'shown' AND made > $2 "
	"LIMIT $3) AS x"
};

static err_t is_fast(struct conn *c, id64 root, usec_t now, const struct forum_settings *set, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = false;
	if (!set->heat_rate)
		return OK;
	TRY(db_query(c, &count_lately, ARGS(v_int(root), v_int(now - HEAT_WINDOW), v_int(set->heat_rate)), &r));
	*out = rows_next(&r, &e) && row_int(&r, 0) >= set->heat_rate;
	return e;
}

/* The last in one state, newest first: when, and whether it is reported, by more than one: a reader alone makes nobody wait. */
static const struct sql select_last = {
	"SELECT made, reports > 1 FROM comment WHERE root = $1 AND depth > 0 AND state = $2 AND made > $3 "
	"ORDER BY made DESC, id DESC LIMIT $4"
};

struct last {
	usec_t made[HEAT_LAST];
	bool   bad[HEAT_LAST];
	size_t n;
};

static err_t load_last(struct conn *c, id64 root, usec_t since, enum comment_state st, struct last *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	out->n = 0;
	TRY(db_query(c, &select_last, ARGS(v_int(root), v_str(comment_state_name(st)), v_int(since), v_int(HEAT_LAST)), &r));
	while (out->n < HEAT_LAST && rows_next(&r, &e)) {
		out->made[out->n] = row_int(&r, 0);
		out->bad[out->n++] = st == COMMENT_REMOVED || row_int(&r, 1) != 0;
	}
	return e;
}

/* Of the last comments, those that were reported (and nobody has decided yet) or removed. */
static err_t is_foul(struct conn *c, id64 root, usec_t now, const struct forum_settings *set, bool *out)
{
	struct last shown, removed;
	int64_t all = 0, bad = 0;
	*out = false;
	if (!set->heat_share)
		return OK;
	TRY(load_last(c, root, now - HEAT_SINCE, COMMENT_SHOWN, &shown));
	TRY(load_last(c, root, now - HEAT_SINCE, COMMENT_REMOVED, &removed));
	for (size_t i = 0, j = 0; all < HEAT_LAST && (i < shown.n || j < removed.n); all++) {
		bool first = j == removed.n || (i < shown.n && shown.made[i] > removed.made[j]);
		bad += first ? shown.bad[i] : removed.bad[j];
		*(first ? &i : &j) += 1;
	}
	*out = all >= HEAT_LEAST && bad * 100 >= set->heat_share * all;
	return OK;
}

static const struct sql update_slow = { "UPDATE comment SET slow = $1, calm = $2 WHERE id = $3" };

err_t heat_set(struct act *act, struct conn *c, struct comment *root, usec_t until, bool calm)
{
	root->slow = until;
	root->calm = calm;
	TRY(db_run(c, &update_slow, ARGS(v_int(until), v_int(calm), v_int(root->id)), NULL));
	if (until)
		forum_turn_at(act, root->story, until); /* the page stops saying so */
	return comment_changed(act, c, root);
}

err_t heat_look(struct stet *s, struct act *act, struct conn *c, id64 root, const struct forum_settings *set)
{
	struct comment first;
	usec_t now = clock_now(&s->clock), last = set->heat_minutes * MINUTE;
	bool fast, foul = false;
	if (!last || !set->heat_wait)
		return OK;
	TRY(comment_load(c, act->a, root, &first));
	if (first.calm || first.slow - now > last / 2) /* long enough still */
		return OK;
	TRY(is_fast(c, root, now, set, &fast));
	if (!fast)
		TRY(is_foul(c, root, now, set, &foul));
	return fast || foul ? heat_set(act, c, &first, now + last, false) : OK;
}

err_t heat_look_at(struct stet *s, struct act *act, struct conn *c, const struct comment *k)
{
	struct story st;
	struct forum_settings set;
	if (!k->parent)
		return OK;
	TRY(talked_about(c, act->a, k->story, &st));
	TRY(forum_settings_of(s, c, act->a, &st, &set));
	return heat_look(s, act, c, k->root, &set);
}

static const struct sql select_own = {
	"SELECT made FROM comment WHERE reader = $1 AND story = $2 AND root = $3 AND depth > 0 ORDER BY made DESC LIMIT 1"
};

err_t heat_may_answer(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, const struct comment *above,
		      const struct forum_settings *set)
{
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	struct comment first = *above;
	usec_t now = clock_now(&s->clock);
	if (is_newsroom(r))
		return OK;
	if (above->root != above->id)
		TRY(comment_load(c, a, above->root, &first));
	if (first.slow <= now)
		return OK;
	/* A moderator slows a branch also where none becomes slow by itself. */
	usec_t pause = (set->heat_wait ? set->heat_wait : HEAT_WAIT) * SECOND;
	TRY(db_query(c, &select_own, ARGS(v_int(r->id), v_int(above->story), v_int(above->root)), &rows));
	usec_t wait = rows_next(&rows, &e) ? row_int(&rows, 0) + pause - now : 0;
	TRY(e);
	if (wait > first.slow - now)
		wait = first.slow - now;
	if (wait <= 0)
		return OK;
	return err_say_with(ERR_BUSY, "text", "comment-refused.slow-branch", "n=%lld",
			    (long long)((wait + MINUTE - 1) / MINUTE));
}
