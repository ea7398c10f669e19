/* may.c: who may do what. One place, so that no way of writing is forgotten: a reader who is banned or
 * suspended can neither write nor edit, vote or report. */
#include "forum/question.h"

#include "forum/limits.h"

static const struct sql select_sanctions = {
	"SELECT kind, story, until FROM sanction WHERE reader = $1 AND lifted = 0"
};

/* What keeps them from taking part in the conversation about `story`: "banned", "suspended", "muted"; empty:
 * nothing. `*until` is when it ends. */
static err_t kept_by(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, id64 story,
		     str_t *kind, usec_t *until)
{
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	usec_t now = clock_now(&s->clock);
	*kind = S("");
	TRY(db_query(c, &select_sanctions, ARGS(v_int(r->id)), &rows));
	while (rows_next(&rows, &e)) {
		str_t name = row_str(&rows, a, 0);
		id64 on = row_int(&rows, 1);
		usec_t end = row_int(&rows, 2);
		if ((end && end <= now) || (on && on != story) || str_eq(name, S("held")))
			continue;
		*kind = name;
		*until = end;
		if (!end)
			break;
	}
	return e;
}

static err_t refuse(arena_t *a, str_t kind, usec_t until)
{
	if (str_eq(kind, S("muted")))
		return err_say(ERR_REFUSED, "text", "comment-refused.muted");
	if (until)
		return err_say_with(ERR_REFUSED, "text", "comment-refused.suspended", "until=%.*s",
				    STR(time_long(a, until)));
	return err_say(ERR_REFUSED, "text", "comment-refused.banned");
}

err_t may_take_part(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, id64 story)
{
	str_t kind;
	usec_t until = 0;
	if (r->state != READER_ACTIVE)
		return err_say(ERR_REFUSED, "text", "comment-refused.account");
	TRY(kept_by(s, c, a, r, story, &kind, &until));
	return kind.n ? refuse(a, kind, until) : OK;
}

err_t reader_stopped(struct stet *s, struct conn *c, arena_t *a, id64 reader, bool *out)
{
	struct reader r;
	str_t kind;
	usec_t until;
	TRY(reader_find(c, a, reader, &r));
	TRY(kept_by(s, c, a, &r, 0, &kind, &until));
	*out = kind.n || r.state != READER_ACTIVE;
	return OK;
}

static const struct sql select_held = {
	"SELECT count(*) FROM sanction WHERE reader = $1 AND lifted = 0 AND kind = 'held' AND "
	"(until = 0 OR until > $2)"
};

err_t must_wait(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, bool *out)
{
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	(void)a;
	TRY(db_query(c, &select_held, ARGS(v_int(r->id), v_int(clock_now(&s->clock))), &rows));
	*out = rows_next(&rows, &e) && row_int(&rows, 0) > 0;
	return e;
}

/* The newest comment of theirs, for the pace. */
static const struct sql select_last = {
	"SELECT made FROM comment WHERE reader = $1 AND story = $2 ORDER BY made DESC LIMIT 1"
};

static err_t check_pace(struct stet *s, struct conn *c, const struct reader *r, const struct story *st,
			const struct forum_settings *set)
{
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	bool guest = false;
	if (!set->slow || is_newsroom(r))
		return OK;
	if (set->answers)
		TRY(guest_is(c, st->id, r->id, &guest));
	if (guest)
		return OK;
	TRY(db_query(c, &select_last, ARGS(v_int(r->id), v_int(st->id)), &rows));
	usec_t wait = rows_next(&rows, &e) ? row_int(&rows, 0) + set->slow * SECOND - clock_now(&s->clock) : 0;
	TRY(e);
	if (wait <= 0)
		return OK;
	return err_say_with(ERR_BUSY, "text", "comment-refused.slow", "n=%lld", (long long)((wait + SECOND - 1) / SECOND));
}

err_t may_say(const struct forum_settings *set, const char *field)
{
	if (set->open == FORUM_OFF)
		return err_new(ERR_MISSING, "there is no conversation about this story");
	if (set->open == FORUM_CLOSED)
		return err_say(ERR_REFUSED, field, set->early ? "comment-refused.early" : set->over
						   ? "comment-refused.over" : "comment-refused.closed");
	return OK;
}

err_t conversation_there(struct stet *s, struct conn *c, arena_t *a, id64 story)
{
	struct story st;
	struct forum_settings set;
	TRY(talked_about(c, a, story, &st));
	TRY(forum_settings_of(s, c, a, &st, &set));
	return set.open == FORUM_OFF ? err_new(ERR_MISSING, "there is no conversation about this story") : OK;
}

err_t may_write(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, const struct story *st,
		const struct forum_settings *set)
{
	TRY(may_say(set, "text"));
	TRY(may_take_part(s, c, a, r, st->id));
	return check_pace(s, c, r, st, set);
}

static const struct sql select_blocks = {
	"SELECT count(*) FROM reader_mute WHERE reader = $1 AND muted = $2 AND blocks = 1"
};
/* From a comment up to the first that is closed. Nearly all branches have none, and are not looked at; each step up is to
 * a smaller depth, so it ends. */
static const struct sql select_closed = {
	"WITH RECURSIVE up (parent, depth, closed) AS (SELECT parent, depth, closed FROM comment WHERE id = $1 AND "
	"EXISTS (SELECT 1 FROM comment WHERE root = $2 AND closed = 1) UNION ALL SELECT k.parent, k.depth, k.closed "
	"FROM up JOIN comment k ON k.id = up.parent WHERE up.closed = 0 AND k.depth < up.depth) "
	"SELECT coalesce(max(closed), 0) FROM up"
};

err_t branch_closed(struct conn *c, const struct comment *k, bool *closed)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_closed, ARGS(v_int(k->id), v_int(k->root)), &r));
	*closed = rows_next(&r, &e) && row_int(&r, 0) != 0;
	return e;
}

err_t may_answer(struct conn *c, arena_t *a, const struct reader *r, const struct comment *k)
{
	AUTO_ROWS rows = { 0 };
	err_t e = OK;
	bool closed;
	(void)a;
	if (k->state != COMMENT_SHOWN)
		return err_say(ERR_REFUSED, "text", "comment-refused.answered-gone");
	TRY(branch_closed(c, k, &closed));
	if (closed && !is_newsroom(r))
		return err_say(ERR_REFUSED, "text", "comment-refused.branch");
	if (!k->reader.id || is_newsroom(r))
		return OK;
	TRY(db_query(c, &select_blocks, ARGS(v_int(k->reader.id), v_int(r->id)), &rows));
	bool blocked = rows_next(&rows, &e) && row_int(&rows, 0) > 0;
	TRY(e);
	return blocked ? err_say(ERR_REFUSED, "text", "comment-refused.blocked") : OK;
}

bool may_edit(struct stet *s, const struct reader *r, const struct comment *k, const struct forum_settings *set)
{
	bool theirs = r->id && r->id == k->reader.id;
	return theirs && set->open == FORUM_OPEN && (k->state == COMMENT_SHOWN || k->state == COMMENT_HELD) &&
	       clock_now(&s->clock) - k->made < set->edit * MINUTE;
}
