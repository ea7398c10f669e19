/* ties.c: whom a reader follows, and whom they do not want to see.
 *
 * To mute somebody hides what they write from the one who mutes, and nobody is told. To block somebody also
 * keeps them from answering and from following. Neither is a judgement of the newsroom, nor seen by it on
 * any page. */
#include "readers/room.h"

#include "record/act.h"

static const struct act_kind ACT_FOLLOW = { "reader.follow" };
static const struct act_kind ACT_MUTE = { "reader.mute" };

/* --- following --- */

static const struct sql insert_follow = {
	"INSERT INTO reader_follow (reader, followed, since) "
	"SELECT $1, id, $3 FROM reader WHERE id = $2 AND state NOT IN ('gone', 'disabled') "
	"ON CONFLICT (reader, followed) DO NOTHING"
};
static const struct sql delete_follow = { "DELETE FROM reader_follow WHERE reader = $1 AND followed = $2" };
static const struct sql select_follow = { "SELECT 1 FROM reader_follow WHERE reader = $1 AND followed = $2" };

struct following {
	struct stet *s;
	id64   reader, followed;
	usec_t now;
	bool   on;
};

static const struct sql select_refuses = { "SELECT no_followers FROM reader WHERE id = $1" };
static const struct sql count_follows = { "SELECT count(*) FROM reader_follow WHERE reader = $1" };

static err_t one(struct conn *c, const struct sql *sql, id64 id, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, sql, ARGS(v_int(id)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

err_t check_stopped(struct stet *s, struct conn *c, arena_t *a, id64 reader)
{
	bool stopped = false;
	if (s->readers && s->readers->given.stopped)
		TRY(s->readers->given.stopped(s, c, a, reader, &stopped));
	return stopped ? err_say(ERR_REFUSED, "form", "refused.stopped") : OK;
}

/* Whoever is blocked hears what those hear who are not: that this reader wants no followers. */
static err_t may_follow(struct conn *c, const struct following *x)
{
	enum mute mine, theirs;
	int64_t refuses, n;
	TRY(reader_mutes(c, x->reader, x->followed, &mine));
	if (mine)
		return err_say(ERR_REFUSED, "form", "refused.follow-muted");
	TRY(reader_mutes(c, x->followed, x->reader, &theirs));
	TRY(one(c, &select_refuses, x->followed, &refuses));
	if (refuses || theirs == MUTE_BLOCKS)
		return err_say(ERR_REFUSED, "form", "refused.follow-not");
	TRY(one(c, &count_follows, x->reader, &n));
	if (n < FOLLOWS_MOST)
		return OK;
	return err_say_with(ERR_REFUSED, "form", "refused.follow-most", "n=%d", FOLLOWS_MOST);
}

static err_t write_follow(struct conn *c, arena_t *a, void *ctx)
{
	const struct following *x = ctx;
	if (!x->on)
		return db_run(c, &delete_follow, ARGS(v_int(x->reader), v_int(x->followed)), NULL);
	TRY(check_stopped(x->s, c, a, x->reader));
	TRY(may_follow(c, x));
	return db_run(c, &insert_follow, ARGS(v_int(x->reader), v_int(x->followed), v_int(x->now)), NULL);
}

err_t reader_follow(struct stet *s, arena_t *a, id64 reader, id64 followed, bool on)
{
	struct following x = { s, reader, followed, clock_now(&s->clock), on };
	if (reader == followed)
		return err_new(ERR_INPUT, "nobody follows themselves");
	struct act act = act_begin_quiet(s, a, &ACT_FOLLOW, followed, reader_actor(a, reader));
	act_touch(&act, topic_reader(a, reader));
	act_touch(&act, topic_reader(a, followed));
	return act_commit(&act, write_follow, &x);
}

err_t reader_follows(struct conn *c, id64 reader, id64 followed, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_follow, ARGS(v_int(reader), v_int(followed)), &r));
	*out = rows_next(&r, &e);
	return e;
}

/* --- muting and blocking --- */

static const struct sql select_mute = { "SELECT blocks FROM reader_mute WHERE reader = $1 AND muted = $2" };
static const struct sql insert_mute = {
	"INSERT INTO reader_mute (reader, muted, blocks, since) "
	"SELECT $1, id, $3, $4 FROM reader WHERE id = $2 AND state <> 'gone' "
	"ON CONFLICT (reader, muted) DO UPDATE SET blocks = excluded.blocks"
};
static const struct sql delete_mute = { "DELETE FROM reader_mute WHERE reader = $1 AND muted = $2" };

struct muting {
	id64      reader, other;
	enum mute how;
	usec_t    now;
};

static err_t write_mute(struct conn *c, arena_t *a, void *ctx)
{
	const struct muting *x = ctx;
	(void)a;
	if (x->how == MUTE_NOT)
		return db_run(c, &delete_mute, ARGS(v_int(x->reader), v_int(x->other)), NULL);
	TRY(db_run(c, &insert_mute, ARGS(v_int(x->reader), v_int(x->other), v_int(x->how == MUTE_BLOCKS),
					 v_int(x->now)), NULL));
	TRY(db_run(c, &delete_follow, ARGS(v_int(x->reader), v_int(x->other)), NULL));
	if (x->how != MUTE_BLOCKS)
		return OK;
	return db_run(c, &delete_follow, ARGS(v_int(x->other), v_int(x->reader)), NULL);
}

err_t reader_mute(struct stet *s, arena_t *a, id64 reader, id64 other, enum mute how)
{
	struct muting x = { reader, other, how, clock_now(&s->clock) };
	if (reader == other)
		return err_new(ERR_INPUT, "nobody mutes themselves");
	struct act act = act_begin_quiet(s, a, &ACT_MUTE, other, reader_actor(a, reader));
	act_touch(&act, topic_reader(a, reader));
	act_touch(&act, topic_reader(a, other));
	return act_commit(&act, write_mute, &x);
}

err_t reader_mutes(struct conn *c, id64 reader, id64 other, enum mute *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_mute, ARGS(v_int(reader), v_int(other)), &r));
	*out = !rows_next(&r, &e) ? MUTE_NOT : row_int(&r, 0) ? MUTE_BLOCKS : MUTE_HIDES;
	return e;
}
