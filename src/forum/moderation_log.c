/* moderation_log.c: what moderators did, for everybody to read: what, why, when, about which story; never about whom.
 * And the same of a year, in numbers (Regulation (EU) 2022/2065, Art. 15 and 24). */
#include "forum/moderation.h"
#include "forum/moderation_log.h"
#include "forum/report.h"

#include "press/view.h"
#include "readers/pages.h"

enum { PAGE = 50 };

static const struct sql select_log = {
	"SELECT d.id, d.kind, d.reason, d.automated, d.made, d.undone, s.headline, s.slug, c.slug, coalesce(a.outcome, '') "
	"FROM decision d LEFT JOIN story s ON s.id = d.story AND s.state = 'published' "
	"LEFT JOIN section c ON c.id = s.section LEFT JOIN appeal a ON a.decision = d.id "
	"WHERE d.kind <> 'approve' AND d.id < $1 ORDER BY d.id DESC LIMIT $2"
};

static json_t *line_of(struct view *v, const struct rows *r)
{
	arena_t *a = v->a;
	str_t reason = row_str(r, a, 2), headline = row_str(r, a, 6), outcome = row_str(r, a, 9);
	str_t what = say(v, str_z(a, str_format(a, "log.what.%.*s", STR(row_str(r, a, 1)))));
	json_t *j = json_object();
	json_object_set_new(j, "what", json_text(what));
	json_object_set_new(j, "reason", reason.n ? json_text(say(v, str_z(a, str_format(a, "report.%.*s", STR(reason)))))
						  : json_null());
	json_object_set_new(j, "automated", json_boolean(row_int(r, 3) != 0));
	json_object_set_new(j, "date", view_date(v, row_int(r, 4)));
	json_object_set_new(j, "undone", json_boolean(row_int(r, 5) != 0));
	json_object_set_new(j, "reversed", json_boolean(str_eq(outcome, S("reversed"))));
	json_object_set_new(j, "story", headline.n
		? json_pack("{s:o, s:o}", "headline", json_text(headline), "url",
			    json_text(str_format(a, "/%.*s/%.*s", STR(row_str(r, a, 8)), STR(row_str(r, a, 7)))))
		: json_null());
	return j;
}

static err_t log_view(struct stet *s, struct view *v)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	id64 before = INT64_MAX, last = 0;
	str_t asked = params_get(&v->q->query, "before");
	json_t *list = json_array();
	size_t n = 0;
	if (asked.p && !id_parse(asked, &before)) {
		json_decref(list);
		return err_new(ERR_MISSING, "there is no such page");
	}
	json_object_set_new(v->json, "lines", list);
	TRY(db_query(v->c, &select_log, ARGS(v_int(before), v_int(PAGE + 1)), &r));
	for (; rows_next(&r, &e) && n < PAGE; n++) {
		last = row_int(&r, 0);
		json_array_append_new(list, line_of(v, &r));
	}
	TRY(e);
	strs_add(v->a, &v->topics, topic_queue());
	view_head(s, v, &(struct page_head){ .kind = "log", .title = say(v, "log.title"),
					     .description = say(v, "log.about"), .path = S("/moderation/log") });
	json_object_set_new(v->json, "older", n == PAGE ? json_text(str_format(v->a, "/moderation/log?before=%.*s",
									       STR(id_text(v->a, last)))) : json_null());
	v->template = "moderation-log";
	return OK;
}

static err_t log_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, log_view);
}

const struct route moderation_log_routes[] = {
	{ GET, "/moderation/log", log_page },
	{ GET, "/moderation/log.json", log_page },
	{ 0 },
};

/* --- a year --- */

struct figure {
	const char *name;
	struct sql  sql; /* rows of name and number, from $1 until before $2 */
};

static const struct figure figures[] = {
	{ "comments", { "SELECT state, count(*) FROM comment WHERE made >= $1 AND made < $2 GROUP BY state ORDER BY state" } },
	{ "decisions", { "SELECT kind, count(*) FROM decision WHERE made >= $1 AND made < $2 GROUP BY kind ORDER BY kind" } },
	{ "automated", { "SELECT kind, count(*) FROM decision WHERE made >= $1 AND made < $2 AND automated = 1 GROUP BY kind "
			 "ORDER BY kind" } },
	{ "reasons", { "SELECT reason, count(*) FROM decision WHERE made >= $1 AND made < $2 AND reason <> '' GROUP BY reason "
		       "ORDER BY reason" } },
	{ "taken_back", { "SELECT kind, count(*) FROM decision WHERE made >= $1 AND made < $2 AND undone > 0 GROUP BY kind "
			  "ORDER BY kind" } },
	{ "held_by_rules", { "SELECT h.rule, count(*) FROM comment_hit h JOIN comment k ON k.id = h.comment WHERE k.made >= $1 "
			     "AND k.made < $2 GROUP BY h.rule ORDER BY h.rule" } },
	{ "reports", { "SELECT reason, count(*) FROM comment_report WHERE made >= $1 AND made < $2 GROUP BY reason "
		       "ORDER BY reason" } },
	{ "appeals", { "SELECT CASE outcome WHEN '' THEN 'open' ELSE outcome END, count(*) FROM appeal WHERE made >= $1 AND "
		       "made < $2 GROUP BY 1 ORDER BY 1" } },
	{ "notices", { "SELECT CASE answered WHEN 0 THEN 'open' ELSE 'answered' END, count(*) FROM notice WHERE made >= $1 AND "
		       "made < $2 GROUP BY 1 ORDER BY 1" } },
};

/* The middle one of how long things took, in seconds. */
static const struct figure medians[] = {
	{ "held", { "WITH t (n) AS (SELECT d.made - k.made FROM decision d JOIN comment k ON k.id = d.comment WHERE d.was = 'held' "
		    "AND d.made >= $1 AND d.made < $2) SELECT n FROM t ORDER BY n LIMIT 1 OFFSET (SELECT count(*) / 2 FROM t)" } },
	{ "report", { "WITH t (n) AS (SELECT settled - made FROM comment_report WHERE settled > 0 AND made >= $1 AND made < $2) "
		      "SELECT n FROM t ORDER BY n LIMIT 1 OFFSET (SELECT count(*) / 2 FROM t)" } },
	{ "appeal", { "WITH t (n) AS (SELECT answered - made FROM appeal WHERE answered > 0 AND made >= $1 AND made < $2) "
		      "SELECT n FROM t ORDER BY n LIMIT 1 OFFSET (SELECT count(*) / 2 FROM t)" } },
	{ "notice", { "WITH t (n) AS (SELECT answered - made FROM notice WHERE answered > 0 AND made >= $1 AND made < $2) "
		      "SELECT n FROM t ORDER BY n LIMIT 1 OFFSET (SELECT count(*) / 2 FROM t)" } },
};

struct year {
	usec_t  from, till;
	json_t *out;
};

static err_t read_figures(struct conn *c, arena_t *a, const struct year *y)
{
	for (size_t i = 0; i < COUNT(figures); i++) {
		AUTO_ROWS r = { 0 };
		err_t e = OK;
		json_t *group = json_object();
		json_object_set_new(y->out, figures[i].name, group);
		TRY(db_query(c, &figures[i].sql, ARGS(v_int(y->from), v_int(y->till)), &r));
		while (rows_next(&r, &e))
			json_object_set_new(group, str_z(a, row_str(&r, a, 0)), json_integer(row_int(&r, 1)));
		TRY(e);
	}
	return OK;
}

static err_t read_year(struct conn *c, arena_t *a, void *ctx)
{
	struct year *y = ctx;
	json_t *times = json_object();
	TRY(read_figures(c, a, y));
	json_object_set_new(y->out, "median_seconds", times);
	for (size_t i = 0; i < COUNT(medians); i++) {
		AUTO_ROWS r = { 0 };
		err_t e = OK;
		TRY(db_query(c, &medians[i].sql, ARGS(v_int(y->from), v_int(y->till)), &r));
		if (rows_next(&r, &e))
			json_object_set_new(times, medians[i].name, json_integer(row_int(&r, 0) / SECOND));
		TRY(e);
	}
	return OK;
}

static void let_go(void *json)
{
	json_decref(json);
}

err_t moderation_year(struct stet *s, arena_t *a, int year, json_t **out)
{
	struct year y = { .out = json_object() };
	arena_defer(a, let_go, y.out);
	TRY(time_parse(str_format(a, "%04d-01-01 00:00", year), &y.from));
	TRY(time_parse(str_format(a, "%04d-01-01 00:00", year + 1), &y.till));
	json_object_set_new(y.out, "year", json_integer(year));
	TRY(store_read(s->store, a, read_year, &y));
	*out = json_incref(y.out);
	return OK;
}
