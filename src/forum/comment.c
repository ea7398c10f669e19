/* comment.c: reading comments. A page is a range of an index: of those that stand right below one comment,
 * in the order of a sort, behind a key. */
#include "forum/forum.h"

#include "record/act.h"

static const char *const states[] = { "shown", "held", "removed", "deleted" };
static const char *const sorts[] = { "best", "newest", "oldest", "discussed" };

str_t comment_state_name(enum comment_state st)
{
	return str_of(states[st]);
}

bool comment_state_parse(str_t s, enum comment_state *out)
{
	for (size_t i = 0; i < COUNT(states); i++) {
		if (!str_eq(s, str_of(states[i])))
			continue;
		*out = (enum comment_state)i;
		return true;
	}
	return false;
}

str_t comment_sort_name(enum comment_sort s)
{
	return str_of(sorts[s]);
}

enum comment_sort comment_sort_parse(str_t s)
{
	for (size_t i = 0; i < COUNT(sorts); i++)
		if (str_eq(s, str_of(sorts[i])))
			return (enum comment_sort)i;
	return SORT_BEST;
}

str_t topic_comments(arena_t *a, id64 story)
{
	return str_format(a, "comments:%.*s", STR(id_text(a, story)));
}

str_t conversation_path(arena_t *a, const struct story *st)
{
	return str_format(a, "%.*s/comments", STR(story_path(a, st)));
}

str_t comment_path(arena_t *a, const struct story *st, id64 id)
{
	return str_format(a, "%.*s/comments/%.*s", STR(story_path(a, st)), STR(id_text(a, id)));
}

str_t comment_short(arena_t *a, id64 id)
{
	return str_format(a, "/comment/%.*s", STR(id_text(a, id)));
}

/* --- rows --- */

#define COLUMNS                                                                                    \
	"k.id, k.story, k.parent, k.root, k.depth, coalesce(r.id, 0), coalesce(r.name, ''), "       \
	"coalesce(r.picture, ''), coalesce(r.role, ''), coalesce(r.state, ''), k.name, k.staff, "   \
	"k.source, k.body, k.quote, k.quote_revision, k.state, k.stands, k.made, k.edited, "        \
	"k.picked, k.ups, k.downs, k.reports, k.closed, k.rank, k.replies, k.talk, k.change, "      \
	"k.guest, k.question, k.answer, k.slow, k.calm "                                            \
	"FROM comment k LEFT JOIN reader r ON r.id = k.reader "

static enum reader_state reader_state_of(str_t s)
{
	if (str_eq(s, S("disabled")))
		return READER_DISABLED;
	if (str_eq(s, S("leaving")))
		return READER_LEAVING;
	return str_eq(s, S("gone")) ? READER_GONE : READER_ACTIVE;
}

static struct comment row_comment(const struct rows *r, arena_t *a)
{
	struct comment k = {
		.id = row_int(r, 0),
		.story = row_int(r, 1),
		.parent = row_int(r, 2),
		.root = row_int(r, 3),
		.depth = (int)row_int(r, 4),
		.reader = { .id = row_int(r, 5), .name = row_str(r, a, 6), .picture = row_str(r, a, 7),
			    .state = reader_state_of(row_str(r, a, 9)) },
		.name = row_str(r, a, 10),
		.staff = row_int(r, 11) != 0,
		.source = row_str(r, a, 12),
		.body = row_str(r, a, 13),
		.quote = row_str(r, a, 14),
		.quote_revision = row_int(r, 15),
		.stands = row_int(r, 17) != 0,
		.made = row_int(r, 18),
		.edited = row_int(r, 19),
		.picked = row_int(r, 20),
		.ups = row_int(r, 21),
		.downs = row_int(r, 22),
		.reports = row_int(r, 23),
		.closed = row_int(r, 24) != 0,
		.rank = row_int(r, 25),
		.replies = row_int(r, 26),
		.talk = row_int(r, 27),
		.change = row_int(r, 28),
		.guest = row_int(r, 29) != 0,
		.question = row_is_null(r, 30) ? QUESTION_NOT : row_int(r, 30) ? QUESTION_ANSWERED : QUESTION_WAITS,
		.answer = row_int(r, 31),
		.slow = row_int(r, 32),
		.calm = row_int(r, 33) != 0,
	};
	role_parse(row_str(r, a, 8), &k.reader.role);
	comment_state_parse(row_str(r, a, 16), &k.state);
	return k;
}

/* `limit` rows of a query for one more. */
static err_t load_list(struct conn *c, arena_t *a, const struct sql *sql, struct args args, size_t limit,
		       struct comments *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct comments){ 0 };
	TRY(db_query(c, sql, args, &r));
	while (rows_next(&r, &e)) {
		if (out->n == limit) {
			out->more = true;
			break;
		}
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n++] = row_comment(&r, a);
	}
	return e;
}

static const struct sql select_comment = { "SELECT " COLUMNS "WHERE k.id = $1" };

err_t comment_load(struct conn *c, arena_t *a, id64 id, struct comment *out)
{
	struct comments list;
	TRY(load_list(c, a, &select_comment, ARGS(v_int(id)), 1, &list));
	if (!list.n)
		return err_new(ERR_MISSING, "there is no such comment");
	*out = list.v[0];
	return OK;
}

/* --- sorts --- */

#define PLACE "WHERE k.story = $1 AND k.parent = $2 AND k.stands = 1 AND "

static const struct sql select_sorted[SORTS] = {
	[SORT_BEST] = { "SELECT " COLUMNS PLACE "k.rank <= $3 AND (k.rank < $3 OR k.id > $4) "
			"ORDER BY k.rank DESC, k.id LIMIT $5" },
	[SORT_NEWEST] = { "SELECT " COLUMNS PLACE "(k.made, k.id) < ($3, $4) "
			  "ORDER BY k.made DESC, k.id DESC LIMIT $5" },
	[SORT_OLDEST] = { "SELECT " COLUMNS PLACE "(k.made, k.id) > ($3, $4) "
			  "ORDER BY k.made, k.id LIMIT $5" },
	[SORT_DISCUSSED] = { "SELECT " COLUMNS PLACE "k.talk <= $3 AND (k.talk < $3 OR k.id > $4) "
			     "ORDER BY k.talk DESC, k.id LIMIT $5" },
};

struct comment_key comment_key_first(enum comment_sort sort)
{
	switch (sort) {
	case SORT_NEWEST: return (struct comment_key){ INT64_MAX, INT64_MAX };
	case SORT_OLDEST: return (struct comment_key){ INT64_MIN, 0 };
	default: return (struct comment_key){ INT64_MAX, 0 };
	}
}

struct comment_key comment_key_of(enum comment_sort sort, const struct comment *k)
{
	switch (sort) {
	case SORT_BEST: return (struct comment_key){ k->rank, k->id };
	case SORT_DISCUSSED: return (struct comment_key){ k->talk, k->id };
	default: return (struct comment_key){ k->made, k->id };
	}
}

struct comment_key comment_key_at(enum comment_sort sort, const struct comment *k)
{
	struct comment_key key = comment_key_of(sort, k);
	key.id += sort == SORT_NEWEST ? 1 : -1;
	return key;
}

err_t comment_list(struct conn *c, arena_t *a, id64 story, id64 parent, enum comment_sort sort,
		   struct comment_key after, size_t limit, struct comments *out)
{
	return load_list(c, a, &select_sorted[sort],
			 ARGS(v_int(story), v_int(parent), v_int(after.of), v_int(after.id),
			      v_int((int64_t)limit + 1)), limit, out);
}

static const struct sql select_questions = {
	"SELECT " COLUMNS "WHERE k.story = $1 AND k.question = $2 AND k.stands = 1 AND k.rank <= $3 AND "
	"(k.rank < $3 OR k.id > $4) ORDER BY k.rank DESC, k.id LIMIT $5"
};

err_t comment_questions(struct conn *c, arena_t *a, id64 story, bool answered, struct comment_key after, size_t limit,
			struct comments *out)
{
	return load_list(c, a, &select_questions,
			 ARGS(v_int(story), v_int(answered), v_int(after.of), v_int(after.id),
			      v_int((int64_t)limit + 1)), limit, out);
}

static const struct sql select_by_reader = {
	"SELECT " COLUMNS "WHERE k.reader = $1 AND k.state = 'shown' AND (k.made, k.id) < ($2, $3) "
	"ORDER BY k.made DESC, k.id DESC LIMIT $4"
};

err_t comment_by_reader(struct conn *c, arena_t *a, id64 reader, struct comment_key after, size_t limit,
			struct comments *out)
{
	return load_list(c, a, &select_by_reader, ARGS(v_int(reader), v_int(after.of), v_int(after.id),
						       v_int((int64_t)limit + 1)), limit, out);
}

/* --- conversations --- */

static const struct sql select_conversation = {
	"SELECT comments, change, latest FROM conversation WHERE story = $1"
};

err_t conversation_load(struct conn *c, id64 story, struct conversation *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct conversation){ .story = story };
	TRY(db_query(c, &select_conversation, ARGS(v_int(story)), &r));
	if (rows_next(&r, &e)) {
		out->comments = row_int(&r, 0);
		out->change = row_int(&r, 1);
		out->latest = row_int(&r, 2);
	}
	return e;
}
