/* vote.c: what readers think of a comment. Votes are quiet acts: the record need not know who liked what. */
#include "forum/forum.h"

#include "record/act.h"

static const struct act_kind ACT_VOTE = { "comment.vote" };

static const struct sql select_vote = {
	"SELECT way FROM comment_vote WHERE reader = $1 AND story = $2 AND comment = $3"
};
static const struct sql save_vote = {
	"INSERT INTO comment_vote (reader, story, comment, way, made) VALUES ($1, $2, $3, $4, $5) "
	"ON CONFLICT (reader, story, comment) DO UPDATE SET way = excluded.way, made = excluded.made"
};
static const struct sql delete_vote = {
	"DELETE FROM comment_vote WHERE reader = $1 AND story = $2 AND comment = $3"
};
static const struct sql update_votes = { "UPDATE comment SET ups = $1, downs = $2, rank = $3 WHERE id = $4" };

struct voting {
	struct stet         *s;
	struct act          *act;
	const struct reader *reader;
	id64                 id;
	int                  way;
	struct comment      *k;
};

static err_t check(struct conn *c, arena_t *a, const struct voting *x)
{
	struct story st;
	struct forum_settings set;
	TRY(talked_about(c, a, x->k->story, &st));
	TRY(forum_settings_of(x->s, c, a, &st, &set));
	TRY(may_say(&set, "vote"));
	if (x->k->state != COMMENT_SHOWN)
		return err_say(ERR_REFUSED, "vote", "comment-refused.gone");
	if (x->k->reader.id == x->reader->id)
		return err_say(ERR_REFUSED, "vote", "comment-refused.own");
	if (x->way < 0 && !set.downs)
		return err_say(ERR_REFUSED, "vote", "comment-refused.downs");
	return may_take_part(x->s, c, a, x->reader, x->k->story);
}

static err_t old_vote(struct conn *c, const struct voting *x, int *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_vote, ARGS(v_int(x->reader->id), v_int(x->k->story), v_int(x->id)), &r));
	*out = rows_next(&r, &e) ? (int)row_int(&r, 0) : 0;
	return e;
}

static err_t write_vote(struct conn *c, arena_t *a, void *ctx)
{
	struct voting *x = ctx;
	struct comment *k = x->k;
	int old;
	TRY(comment_load(c, a, x->id, k));
	TRY(check(c, a, x));
	TRY(old_vote(c, x, &old));
	if (old == x->way)
		return OK;
	k->ups += (x->way > 0) - (old > 0);
	k->downs += (x->way < 0) - (old < 0);
	k->rank = comment_rank(k->ups, k->downs, k->picked != 0);
	struct args who = ARGS(v_int(x->reader->id), v_int(k->story), v_int(k->id), v_int(x->way),
			       v_int(clock_now(&x->s->clock)));
	if (x->way)
		TRY(db_run(c, &save_vote, who, NULL));
	else
		TRY(db_run(c, &delete_vote, (struct args){ who.v, 3 }, NULL));
	TRY(db_run(c, &update_votes, ARGS(v_int(k->ups), v_int(k->downs), v_int(k->rank), v_int(k->id)), NULL));
	return comment_changed(x->act, c, k);
}

err_t comment_vote(struct stet *s, arena_t *a, const struct reader *r, id64 id, int way, struct comment *out)
{
	struct act act = act_begin_quiet(s, a, &ACT_VOTE, id, topic_reader(a, r->id));
	struct voting x = { s, &act, r, id, way < 0 ? -1 : way > 0, out };
	return act_commit(&act, write_vote, &x);
}
