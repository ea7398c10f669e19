/* recount.c: what the doctor counts again: everything that is kept beside the rows it follows from. */
#include "forum/forum.h"

struct check {
	struct sql  sql;
	const char *what;
};

static const struct check checks[] = {
	{ { "SELECT s.slug FROM talked_about s JOIN conversation v ON v.story = s.id WHERE v.comments <> "
	    "(SELECT count(*) FROM comment k WHERE k.story = s.id AND k.state = 'shown') LIMIT 20" },
	  "counts its comments wrong" },
	{ { "SELECT s.slug FROM talked_about s JOIN (SELECT story, count(*) AS n FROM comment GROUP BY story) k ON k.story = s.id "
	    "WHERE NOT EXISTS (SELECT 1 FROM conversation v WHERE v.story = s.id) LIMIT 20" },
	  "is not counted at all" },
	{ { "SELECT s.slug FROM talked_about s JOIN conversation v ON v.story = s.id WHERE "
	    "v.latest < (SELECT max(k.made) FROM comment k WHERE k.story = s.id AND k.state = 'shown') LIMIT 20" },
	  "does not know its newest comment" },
	{ { "SELECT s.slug FROM talked_about s JOIN conversation v ON v.story = s.id WHERE "
	    "v.change < (SELECT max(k.change) FROM comment k WHERE k.story = s.id) LIMIT 20" },
	  "has a change with a number that is still to come" },
	{ { "SELECT DISTINCT s.slug FROM comment k JOIN talked_about s ON s.id = k.story WHERE k.stands <> "
	    "CASE WHEN k.state = 'shown' OR k.replies > 0 THEN 1 ELSE 0 END LIMIT 20" },
	  "has a comment that stands, or does not, against its state" },
	{ { "WITH n (parent, n) AS (SELECT parent, sum(stands) FROM comment WHERE parent <> 0 GROUP BY parent) "
	    "SELECT DISTINCT s.slug FROM comment k JOIN talked_about s ON s.id = k.story LEFT JOIN n ON n.parent = k.id "
	    "WHERE k.replies <> coalesce(n.n, 0) LIMIT 20" },
	  "counts the answers to a comment wrong" },
	{ { "WITH n (root, n) AS (SELECT root, count(*) FROM comment WHERE state = 'shown' AND depth > 0 "
	    "GROUP BY root) SELECT DISTINCT s.slug FROM comment k JOIN talked_about s ON s.id = k.story "
	    "LEFT JOIN n ON n.root = k.id WHERE k.talk <> CASE WHEN k.depth = 0 THEN coalesce(n.n, 0) "
	    "ELSE k.replies END LIMIT 20" },
	  "counts the talk below a comment wrong" },
	{ { "SELECT DISTINCT s.slug FROM comment k JOIN talked_about s ON s.id = k.story WHERE "
	    "k.ups < (SELECT count(*) FROM comment_vote x WHERE x.comment = k.id AND x.way = 1) OR "
	    "k.downs < (SELECT count(*) FROM comment_vote x WHERE x.comment = k.id AND x.way = -1) LIMIT 20" },
	  "counts votes wrong" },
	{ { "WITH n (comment, n) AS (SELECT comment, count(*) FROM comment_report WHERE settled = 0 GROUP BY comment) "
	    "SELECT DISTINCT s.slug FROM comment k JOIN talked_about s ON s.id = k.story LEFT JOIN n ON n.comment = k.id "
	    "WHERE k.reports <> coalesce(n.n, 0) LIMIT 20" },
	  "counts the reports of a comment wrong" },
	{ { "SELECT DISTINCT s.slug FROM comment k JOIN talked_about s ON s.id = k.story LEFT JOIN comment p "
	    "ON p.id = k.parent WHERE coalesce(k.answers, 0) <> coalesce(p.reader, 0) LIMIT 20" },
	  "has an answer that does not know whom it answers" },
	{ { "SELECT DISTINCT s.slug FROM comment_mention m JOIN comment k ON k.id = m.comment JOIN talked_about s ON s.id = k.story "
	    "WHERE m.made <> k.made LIMIT 20" },
	  "has a mention that does not stand where its comment does" },
	{ { "SELECT DISTINCT s.slug FROM comment k JOIN talked_about s ON s.id = k.story LEFT JOIN comment p "
	    "ON p.id = k.parent WHERE k.parent <> 0 AND (p.id IS NULL OR p.story <> k.story OR "
	    "p.root <> k.root OR p.depth + 1 <> k.depth) LIMIT 20" },
	  "has a comment that answers one which is not there, or stands elsewhere" },
	{ { "SELECT DISTINCT s.slug FROM comment k JOIN story s ON s.id = k.story WHERE k.question IS NOT NULL AND "
	    "(k.answer <> coalesce((SELECT min(a.id) FROM comment a WHERE a.story = k.story AND a.parent = k.id AND a.stands = 1 "
	    "AND a.state = 'shown' AND (a.staff = 1 OR a.guest = 1)), 0) OR "
	    "k.question <> CASE k.answer WHEN 0 THEN 0 ELSE 1 END) LIMIT 20" },
	  "has a question whose answer is another" },
};

/* By what is best: found out as it is when somebody votes. */
static const struct sql select_ranks = {
	"SELECT DISTINCT k.ups, k.downs, k.picked <> 0, k.rank, s.slug FROM comment k JOIN talked_about s ON s.id = k.story"
};

static err_t check_ranks(struct conn *c, arena_t *a, struct strs *findings)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_ranks, NO_ARGS, &r));
	for (int found = 0; found < 20 && rows_next(&r, &e);) {
		if (row_int(&r, 3) == comment_rank(row_int(&r, 0), row_int(&r, 1), row_int(&r, 2) != 0))
			continue;
		found++;
		strs_add(a, findings, str_format(a, "the conversation about \"%.*s\" ranks a comment wrong",
						 STR(row_str(&r, a, 4))));
	}
	return e;
}

static err_t run_checks(struct conn *c, arena_t *a, void *ctx)
{
	struct strs *findings = ctx;
	for (size_t i = 0; i < COUNT(checks); i++) {
		AUTO_ROWS r = { 0 };
		err_t e = OK;
		TRY(db_query(c, &checks[i].sql, NO_ARGS, &r));
		while (rows_next(&r, &e))
			strs_add(a, findings, str_format(a, "the conversation about \"%.*s\" %s",
							 STR(row_str(&r, a, 0)), checks[i].what));
		TRY(e);
	}
	return check_ranks(c, a, findings);
}

err_t forum_doctor(struct stet *s, arena_t *a, struct strs *findings)
{
	return store_read(s->store, a, run_checks, findings);
}
