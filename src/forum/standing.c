/* standing.c: what follows from a comment being shown, or not: who has a place on the page, and the counts.
 *
 * Everything that makes a comment appear or go passes comment_set_state or comment_insert. Both touch the
 * comment's own row, its parent's, the root's and the conversation's; only where a stone falls because
 * nothing that stands answers it any more does it go further up, a stone at a time. */
#include "forum/question.h"
#include "forum/report.h"

#include "record/act.h"

#include <math.h>

/* --- rank --- */

enum { RANK_ONE = 1000000, RANK_PICKED = 2 * RANK_ONE };

/* The lower end of the interval in which the share of those who would recommend it lies, nine times in ten
 * (Wilson, 1927; z is for one side): one vote says little, a hundred say much. */
static double lower_bound(double ups, double all)
{
	const double z = 1.28155;
	if (all <= 0)
		return 0;
	double share = ups / all, zz = z * z;
	return (share + zz / (2 * all) - z * sqrt((share * (1 - share) + zz / (4 * all)) / all)) /
	       (1 + zz / all);
}

int64_t comment_rank(int64_t ups, int64_t downs, bool picked)
{
	double bound = lower_bound((double)ups, (double)(ups + downs));
	return (int64_t)floor(bound * RANK_ONE) + (picked ? RANK_PICKED : 0);
}

/* --- changes --- */

static const struct sql number_change = {
	"INSERT INTO conversation (story, change) VALUES ($1, 1) "
	"ON CONFLICT (story) DO UPDATE SET change = conversation.change + 1"
};
static const struct sql give_change = {
	"UPDATE comment SET change = (SELECT change FROM conversation WHERE story = $1) WHERE id = $2"
};

err_t comment_changed(struct act *act, struct conn *c, const struct comment *k)
{
	act_touch(act, topic_comments(act->a, k->story));
	TRY(db_run(c, &number_change, ARGS(v_int(k->story)), NULL));
	return db_run(c, &give_change, ARGS(v_int(k->story), v_int(k->id)), NULL);
}

/* --- standing --- */

static const struct sql update_standing = { "UPDATE comment SET stands = $1 WHERE id = $2" };
static const struct sql count_reply = {
	"UPDATE comment SET replies = replies + $1, talk = talk + CASE WHEN depth = 0 THEN 0 ELSE $1 END "
	"WHERE id = $2"
};
static const struct sql select_standing = {
	"SELECT parent, state, stands, replies FROM comment WHERE id = $1"
};

struct standing {
	id64    parent;
	bool    shown, stands;
	int64_t replies;
};

static err_t look(struct conn *c, arena_t *a, id64 id, struct standing *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_standing, ARGS(v_int(id)), &r));
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_CORRUPT, "a comment answers one that is not there");
	*out = (struct standing){ row_int(&r, 0), str_eq(row_str(&r, a, 1), S("shown")), row_int(&r, 2) != 0,
				  row_int(&r, 3) };
	return OK;
}

/* Whether `id` stands now, and so all the way up. */
static err_t settle(struct act *act, struct conn *c, id64 id)
{
	while (id) {
		struct standing s = { 0 };
		TRY(look(c, act->a, id, &s));
		bool stands = s.shown || s.replies > 0;
		if (stands == s.stands)
			return OK;
		TRY(db_run(c, &update_standing, ARGS(v_int(stands), v_int(id)), NULL));
		if (s.parent)
			TRY(db_run(c, &count_reply, ARGS(v_int(stands ? 1 : -1), v_int(s.parent)), NULL));
		id = s.parent;
	}
	return OK;
}

static const struct sql count_shown = {
	"UPDATE conversation SET comments = comments + $1 WHERE story = $2"
};
static const struct sql count_latest = {
	"UPDATE conversation SET latest = $1 WHERE story = $2 AND latest < $1"
};
static const struct sql count_talk = { "UPDATE comment SET talk = talk + $1 WHERE id = $2" };

static err_t count(struct conn *c, const struct comment *k, int by)
{
	TRY(db_run(c, &count_shown, ARGS(v_int(by), v_int(k->story)), NULL));
	if (by > 0)
		TRY(db_run(c, &count_latest, ARGS(v_int(k->made), v_int(k->story)), NULL));
	if (k->root == k->id)
		return OK;
	return db_run(c, &count_talk, ARGS(v_int(by), v_int(k->root)), NULL);
}

static const struct sql update_state = { "UPDATE comment SET state = $1 WHERE id = $2" };

err_t comment_set_state(struct act *act, struct conn *c, struct comment *k, enum comment_state st)
{
	int by = (st == COMMENT_SHOWN) - (k->state == COMMENT_SHOWN);
	if (st == COMMENT_HELD || k->state == COMMENT_HELD || k->reports)
		act_touch(act, topic_queue());
	if (k->reader.id)
		act_touch(act, topic_reader(act->a, k->reader.id)); /* their page lists it */
	TRY(comment_changed(act, c, k)); /* before the counts: it makes the conversation */
	TRY(db_run(c, &update_state, ARGS(v_str(comment_state_name(st)), v_int(k->id)), NULL));
	k->state = st;
	if (by)
		TRY(count(c, k, by));
	TRY(settle(act, c, k->id));
	return k->parent && (k->staff || k->guest) ? question_settle(c, k->parent) : OK;
}

/* One that is new to a conversation, and shown or not: all that follows for the conversation's row at once. */
static const struct sql number_new = {
	"INSERT INTO conversation (story, change, comments, latest) VALUES ($1, 1, $2, $3) ON CONFLICT (story) "
	"DO UPDATE SET change = conversation.change + 1, comments = conversation.comments + excluded.comments, latest = "
	"CASE WHEN conversation.latest < excluded.latest THEN excluded.latest ELSE conversation.latest END"
};
static const struct sql insert_comment = {
	"INSERT INTO comment (id, story, parent, root, depth, reader, name, staff, source, body, quote, "
	"quote_revision, state, stands, made, edited, ups, downs, picked, closed, rank, change, answers) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $21, $14, $15, $16, $17, $18, $19, "
	"$20, (SELECT change FROM conversation WHERE story = $2), (SELECT p.reader FROM comment p WHERE p.id = $3))"
};

/* Those above one that is shown. */
static err_t count_above(struct act *act, struct conn *c, const struct comment *k)
{
	if (!k->parent)
		return OK;
	TRY(db_run(c, &count_reply, ARGS(v_int(1), v_int(k->parent)), NULL));
	TRY(db_run(c, &count_talk, ARGS(v_int(1), v_int(k->root)), NULL));
	return settle(act, c, k->parent);
}

err_t comment_insert(struct act *act, struct conn *c, struct comment *k)
{
	bool shown = k->state == COMMENT_SHOWN;
	k->rank = comment_rank(k->ups, k->downs, k->picked != 0);
	act_touch(act, topic_comments(act->a, k->story));
	if (k->reader.id)
		act_touch(act, topic_reader(act->a, k->reader.id));
	if (k->state == COMMENT_HELD)
		act_touch(act, topic_queue());
	TRY(db_run(c, &number_new, ARGS(v_int(k->story), v_int(shown), v_int(shown ? k->made : 0)), NULL));
	TRY(db_run(c, &insert_comment,
		   ARGS(v_int(k->id), v_int(k->story), v_int(k->parent), v_int(k->root), v_int(k->depth),
			v_ref(k->reader.id), v_str(k->name), v_int(k->staff), v_str(k->source), v_str(k->body),
			v_str(k->quote), v_int(k->quote_revision), v_str(comment_state_name(k->state)),
			v_int(k->made), v_int(k->edited), v_int(k->ups), v_int(k->downs), v_int(k->picked),
			v_int(k->closed), v_int(k->rank), v_int(shown)), NULL));
	if (shown)
		TRY(count_above(act, c, k));
	return k->parent && k->staff ? question_settle(c, k->parent) : OK;
}

str_t topic_queue(void)
{
	return S("queue");
}
