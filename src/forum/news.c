/* news.c: what there is to read for one reader: a few rows of an index for each thing they follow, merged.
 *
 * Joins are CROSS JOIN with ON, by which SQLite keeps their order: each thing that is followed, then its range.
 *
 * $1 the reader, ($2, $3) the key behind which the page begins, $4 how many, $5 what is older is of no
 * interest. A page has at most $4 rows, so $4 of each range are enough. */
#include "forum/follow.h"
#include "forum/limits.h"
#include "forum/secret.h"

#include "record/act.h"

static const struct act_kind ACT_SEE = { "follow.see" };
static const struct act_kind ACT_FEED = { "follow.feed" };

/* Of `k`: what is of no use whatever it was found by. */
#define FIT                                                                                        \
	"k.state = 'shown' AND coalesce(k.reader, 0) <> $1 AND (k.made, k.id) < ($2, $3) AND k.made > $5 " \
	"AND NOT EXISTS (SELECT 1 FROM reader_mute m WHERE m.reader = $1 AND m.muted = k.reader) "   \
	"AND (EXISTS (SELECT 1 FROM story s WHERE s.id = k.story AND s.state = 'published') OR " \
	"EXISTS (SELECT 1 FROM other_page o WHERE o.id = k.story)) "
#define NEWEST "ORDER BY k.made DESC, k.id DESC LIMIT $4"

#define NEWS                                                                                       \
	"SELECT * FROM (SELECT 0 AS story, k.id AS id, k.made AS made, 0 AS why, 0 AS since FROM comment k " \
	"WHERE k.answers = $1 AND " FIT NEWEST ") "                                                  \
	"UNION ALL SELECT * FROM (SELECT 0, k.id, k.made, 1, 0 FROM comment_mention x CROSS JOIN comment k "    \
	"ON k.id = x.comment WHERE x.reader = $1 AND (x.made, x.comment) < ($2, $3) AND x.made > $5 AND " FIT \
	"ORDER BY x.made DESC, x.comment DESC LIMIT $4) "                                            \
	"UNION ALL SELECT 0, c.id, c.made, 2, f.since FROM reader_follow f CROSS JOIN reader r "                  \
	"ON r.id = f.followed CROSS JOIN comment c ON c.id IN "                                            \
	"(SELECT k.id FROM comment k WHERE k.reader = f.followed AND " FIT NEWEST ") "               \
	"WHERE f.reader = $1 AND r.show_comments <> 0 AND r.state IN ('active', 'leaving') "         \
	"UNION ALL SELECT 0, c.id, c.made, 3, f.since FROM follow f CROSS JOIN comment c ON c.id IN "         \
	"(SELECT k.id FROM comment k WHERE k.root = f.subject AND k.depth > 0 AND k.made > f.since AND " FIT NEWEST \
	") WHERE f.reader = $1 AND f.kind = 'branch' "                                               \
	"UNION ALL SELECT 0, c.id, c.made, 4, f.since FROM follow f CROSS JOIN comment c ON c.id IN "         \
	"(SELECT k.id FROM comment k WHERE k.story = f.subject AND k.made > f.since AND " FIT NEWEST \
	") WHERE f.reader = $1 AND f.kind = 'story' "                                                \
	"UNION ALL SELECT 1, s.id, s.published, 5, f.since FROM follow f CROSS JOIN story s ON s.id IN "      \
	"(SELECT a.story FROM story_author a WHERE a.author = f.subject AND a.published > f.since AND " \
	"a.published > $5 AND (a.published, a.story) < ($2, $3) "                                    \
	"ORDER BY a.published DESC, a.story DESC LIMIT $4) "                                         \
	"WHERE f.reader = $1 AND f.kind = 'author'"

static const struct sql select_news = {
	"SELECT story, id, made, min(why), min(since) FROM (" NEWS ") AS n GROUP BY story, id, made "
	"ORDER BY made DESC, id DESC LIMIT $4"
};
static const struct sql count_news = {
	"SELECT count(*) FROM (SELECT id FROM (" NEWS ") AS n WHERE made > since GROUP BY story, id LIMIT $4) AS u"
};
static const struct sql select_seen = { "SELECT seen FROM reader_seen WHERE reader = $1" };

static err_t seen_of(struct conn *c, id64 reader, usec_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_seen, ARGS(v_int(reader)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

err_t news_load(struct conn *c, arena_t *a, id64 reader, struct comment_key before, size_t limit,
		struct news_list *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	usec_t seen;
	*out = (struct news_list){ 0 };
	TRY(seen_of(c, reader, &seen));
	TRY(db_query(c, &select_news, ARGS(v_int(reader), v_int(before.of), v_int(before.id),
					   v_int((int64_t)limit + 1), v_int(-1)), &r));
	while (rows_next(&r, &e)) {
		if (out->n == limit) {
			out->more = true;
			break;
		}
		usec_t made = row_int(&r, 2);
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		out->v[out->n++] = (struct news){ row_int(&r, 0) != 0, row_int(&r, 1), made,
						  (enum news_why)row_int(&r, 3),
						  made > seen && made > row_int(&r, 4) };
	}
	return e;
}

err_t news_unread(struct conn *c, arena_t *a, id64 reader, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	usec_t seen;
	(void)a;
	TRY(seen_of(c, reader, &seen));
	TRY(db_query(c, &count_news, ARGS(v_int(reader), v_int(INT64_MAX), v_int(INT64_MAX),
					  v_int(UNREAD_MOST), v_int(seen)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

/* --- seen --- */

static const struct sql save_seen = {
	"INSERT INTO reader_seen (reader, seen) VALUES ($1, $2) ON CONFLICT (reader) DO UPDATE SET "
	"seen = excluded.seen WHERE reader_seen.seen < excluded.seen"
};

struct seeing {
	id64   reader;
	usec_t to;
};

static err_t write_seen(struct conn *c, arena_t *a, void *ctx)
{
	const struct seeing *x = ctx;
	(void)a;
	return db_run(c, &save_seen, ARGS(v_int(x->reader), v_int(x->to)), NULL);
}

err_t news_see(struct stet *s, arena_t *a, id64 reader, usec_t to)
{
	usec_t now = clock_now(&s->clock);
	struct seeing x = { reader, to < now ? to : now };
	struct act act = act_begin_quiet(s, a, &ACT_SEE, reader, topic_reader(a, reader));
	return act_commit(&act, write_seen, &x);
}

/* --- the secret of the feed --- */


static const struct sql save_feed = {
	"INSERT INTO reader_feed (reader, hash, made) VALUES ($1, $2, $3) ON CONFLICT (reader) DO UPDATE SET "
	"hash = excluded.hash, made = excluded.made"
};
static const struct sql delete_feed = { "DELETE FROM reader_feed WHERE reader = $1" };
static const struct sql select_feed = {
	"SELECT f.reader FROM reader_feed f JOIN reader r ON r.id = f.reader WHERE f.hash = $1 AND "
	"r.state IN ('active', 'leaving')"
};
static const struct sql select_feed_made = { "SELECT made FROM reader_feed WHERE reader = $1" };

struct feeding {
	id64   reader;
	str_t  hash; /* empty: no feed */
	usec_t now;
};

static err_t write_feed(struct conn *c, arena_t *a, void *ctx)
{
	const struct feeding *x = ctx;
	(void)a;
	if (!x->hash.n)
		return db_run(c, &delete_feed, ARGS(v_int(x->reader)), NULL);
	return db_run(c, &save_feed, ARGS(v_int(x->reader), v_blob(x->hash), v_int(x->now)), NULL);
}

static err_t set_feed(struct stet *s, arena_t *a, id64 reader, str_t hash)
{
	struct feeding x = { reader, hash, clock_now(&s->clock) };
	struct act act = act_begin_quiet(s, a, &ACT_FEED, reader, topic_reader(a, reader));
	return act_commit(&act, write_feed, &x);
}

err_t news_feed_make(struct stet *s, arena_t *a, id64 reader, str_t *secret)
{
	*secret = secret_new(a);
	return set_feed(s, a, reader, secret_hash(a, *secret));
}

err_t news_feed_end(struct stet *s, arena_t *a, id64 reader)
{
	return set_feed(s, a, reader, S(""));
}

err_t news_feed_reader(struct conn *c, arena_t *a, str_t secret, id64 *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_feed, ARGS(v_blob(secret_hash(a, secret))), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

err_t news_feed_made(struct conn *c, id64 reader, usec_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_feed_made, ARGS(v_int(reader)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}
