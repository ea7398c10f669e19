/* follow.c: following conversations, stories and authors; readers are in the readers' room. */
#include "forum/follow.h"
#include "forum/limits.h"

#include "record/act.h"

static const struct act_kind ACT_FOLLOW = { "follow.set" };

static const char *const kinds[] = { "branch", "story", "author" };

static const struct sql insert_follow = {
	"INSERT INTO follow (reader, kind, subject, since) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
};
static const struct sql delete_follow = { "DELETE FROM follow WHERE reader = $1 AND kind = $2 AND subject = $3" };
static const struct sql count_follows = { "SELECT count(*) FROM follow WHERE reader = $1 AND kind = $2" };
static const struct sql select_follow = {
	"SELECT 1 FROM follow WHERE reader = $1 AND kind = $2 AND subject = $3"
};
static const struct sql select_follows = { "SELECT subject FROM follow WHERE reader = $1 AND kind = $2" };

struct following {
	id64             reader, subject;
	enum follow_kind kind;
	usec_t           now;
	bool             on;
};

static err_t write_follow(struct conn *c, arena_t *a, void *ctx)
{
	const struct following *x = ctx;
	struct value kind = v_str(str_of(kinds[x->kind]));
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	(void)a;
	if (!x->on)
		return db_run(c, &delete_follow, ARGS(v_int(x->reader), kind, v_int(x->subject)), NULL);
	TRY(db_query(c, &count_follows, ARGS(v_int(x->reader), kind), &r));
	int64_t n = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	TRY(e);
	rows_end(&r);
	if (n >= THINGS_MOST)
		return err_say_with(ERR_REFUSED, "form", "refused.follow-most", "n=%d", THINGS_MOST);
	return db_run(c, &insert_follow, ARGS(v_int(x->reader), kind, v_int(x->subject), v_int(x->now)), NULL);
}

err_t follow_set(struct stet *s, arena_t *a, id64 reader, enum follow_kind kind, id64 subject, bool on)
{
	if (kind == FOLLOW_READER)
		return reader_follow(s, a, reader, subject, on);
	struct following x = { reader, subject, kind, clock_now(&s->clock), on };
	struct act act = act_begin_quiet(s, a, &ACT_FOLLOW, subject, topic_reader(a, reader));
	return act_commit(&act, write_follow, &x);
}

err_t follow_is(struct conn *c, id64 reader, enum follow_kind kind, id64 subject, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	if (kind == FOLLOW_READER)
		return reader_follows(c, reader, subject, out);
	TRY(db_query(c, &select_follow, ARGS(v_int(reader), v_str(str_of(kinds[kind])), v_int(subject)), &r));
	*out = rows_next(&r, &e);
	return e;
}

err_t follow_list(struct conn *c, arena_t *a, id64 reader, enum follow_kind kind, id64 **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = NULL;
	*n = 0;
	TRY(db_query(c, &select_follows, ARGS(v_int(reader), v_str(str_of(kinds[kind]))), &r));
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = row_int(&r, 0);
	}
	return e;
}
