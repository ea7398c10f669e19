/* archive.c: see archive.h. A day, month or year is a range of moments, from where the clocks of the
 * zone begin it to where they begin the next, and so a range of an index. A day's page depends on its
 * month, unless its neighbours lie outside it; the others on every change of the archive. */
#include "press/archive.h"
#include "press/pages.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/view.h"

enum { FIRST_YEAR = 1600, LAST_YEAR = 9998 }; /* newspapers are no older */

/* Of what "year", "month" (0: a whole year) and "day" (0: a whole month) say. */
struct span {
	int    year, month, day;
	usec_t from, to;
};

#define PUBLIC " s.kind = 'story' AND s.state = 'published' AND "

static const struct sql select_between = {
	"SELECT " CARD_COLUMNS STORY_TABLES "WHERE" PUBLIC "s.published >= $4 AND "
	"(s.published, s.id) < ($1, $2) ORDER BY s.published DESC, s.id DESC LIMIT $3"
};
static const struct sql count_between = {
	"SELECT count(*) FROM story s WHERE" PUBLIC "s.published >= $1 AND s.published < $2"
};
static const struct sql select_moments = {
	"SELECT s.published FROM story s WHERE" PUBLIC "s.published >= $1 AND s.published < $2"
};
static const struct sql last_before = {
	"SELECT s.published FROM story s WHERE" PUBLIC "s.published < $1 ORDER BY s.published DESC LIMIT 1"
};
static const struct sql first_from = {
	"SELECT s.published FROM story s WHERE" PUBLIC "s.published >= $1 ORDER BY s.published LIMIT 1"
};

/* --- topics --- */

static str_t topic_dates(void)
{
	return S("date");
}

static str_t topic_month(arena_t *a, int year, int month)
{
	return str_format(a, "date:%04d-%02d", year, month);
}

void archive_touch(struct act *act, arena_t *a, usec_t published)
{
	if (!published)
		return;
	struct time_parts p = time_parts(published);
	act_touch(act, topic_dates());
	act_touch(act, topic_month(a, p.year, p.month));
}

/* --- spans --- */

static bool number(str_t text, size_t digits, int *out)
{
	int64_t n;
	if (text.n != digits || !str_int(text, &n) || n < 1 || text.p[0] == '+' || text.p[0] == '-')
		return false;
	*out = (int)n;
	return true;
}

static bool set_span(struct span *p)
{
	int year = p->year, month = p->month ? p->month : 1, day = p->day ? p->day : 1;
	if (year < FIRST_YEAR || year > LAST_YEAR || !time_day_start(year, month, day, &p->from))
		return false;
	if (p->day && time_day_start(year, month, day + 1, &p->to))
		return true;
	bool year_ends = !p->month || month == 12;
	return time_day_start(year_ends ? year + 1 : year, year_ends ? 1 : month + 1, 1, &p->to);
}

static err_t asked_span(const struct request *q, struct span *p)
{
	str_t year = params_get(&q->route, "year"), month = params_get(&q->route, "month"),
	      day = params_get(&q->route, "day");
	*p = (struct span){ 0 };
	if (number(year, 4, &p->year) && (!month.p || number(month, 2, &p->month)) &&
	    (!day.p || number(day, 2, &p->day)) && set_span(p))
		return OK;
	return err_new(ERR_MISSING, "there is no such date");
}

static str_t span_path(arena_t *a, int year, int month, int day)
{
	if (!month)
		return str_format(a, "/date/%04d", year);
	if (!day)
		return str_format(a, "/date/%04d/%02d", year, month);
	return str_format(a, "/date/%04d/%02d/%02d", year, month, day);
}

static err_t one_moment(struct conn *c, const struct sql *sql, usec_t at, usec_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*out = 0;
	TRY(db_query(c, sql, ARGS(v_int(at)), &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

static err_t count(struct conn *c, const struct span *p, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*out = 0;
	TRY(db_query(c, &count_between, ARGS(v_int(p->from), v_int(p->to)), &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

/* The way to where the story before or behind lies: {url, text}. `parts`: 1 for years, 2 months, 3 days. */
static void add_way(struct view *v, const char *key, usec_t moment, int parts)
{
	static const char *const patterns[] = { "", "", "date.month-year", "date.day" };
	if (!moment) {
		json_object_set_new(v->json, key, json_null());
		return;
	}
	struct time_parts p = time_parts(moment);
	str_t text = parts == 1 ? str_format(v->a, "%d", p.year)
				: messages_date(v->a, v->tongue, patterns[parts], moment);
	json_t *j = json_object();
	json_object_set_new(j, "url", view_text(span_path(v->a, p.year, parts > 1 ? p.month : 0,
							  parts > 2 ? p.day : 0)));
	json_object_set_new(j, "text", view_text(text));
	json_object_set_new(v->json, key, j);
}

static err_t add_ways(struct view *v, const struct span *p, int parts, usec_t *before, usec_t *after)
{
	TRY(one_moment(v->c, &last_before, p->from, before));
	TRY(one_moment(v->c, &first_from, p->to, after));
	add_way(v, "previous", *before, parts);
	add_way(v, "following", *after, parts);
	return OK;
}

static void set_head(struct stet *s, struct view *v, str_t title, str_t path)
{
	view_head(s, v, &(struct page_head){ .kind = "archive", .title = title,
					     .description = say(v, "archive.about"), .path = path });
	json_object_set_new(v->json, "title", view_text(title));
	json_object_set_new(v->json, "url", view_text(path));
}

/* --- a day --- */

/* Whether a neighbour lies in the same month, so that whatever comes between touches it. */
static bool same_month(const struct span *p, usec_t moment)
{
	struct time_parts at = time_parts(moment);
	return moment && at.year == p->year && at.month == p->month;
}

static err_t day_view(struct stet *s, struct view *v)
{
	struct span p;
	struct list_key key;
	struct list list;
	usec_t before, after;
	TRY(asked_span(v->q, &p));
	TRY(list_key_asked(v->q, &key));
	bool first = !key.id;
	if (first || key.published >= p.to)
		key = (struct list_key){ p.to, 0 };
	TRY(cards_load(v->c, v->a, &select_between,
		       ARGS(v_int(key.published), v_int(key.id), v_int(s->config.list_stories + 1),
			    v_int(p.from)), (size_t)s->config.list_stories, &list));
	const struct message_value day = { "day", messages_date(v->a, v->tongue, "date.weekday-day", p.from) };
	str_t path = span_path(v->a, p.year, p.month, p.day);
	set_head(s, v, say_with(v, "archive.day", &day, 1), path);
	list_set(v, &list, 0, path, first);
	TRY(add_ways(v, &p, 3, &before, &after));
	add_way(v, "month", p.from, 2);
	strs_add(v->a, &v->topics, topic_month(v->a, p.year, p.month));
	if (!same_month(&p, before) || !same_month(&p, after))
		strs_add(v->a, &v->topics, topic_dates());
	v->template = "archive-day";
	return OK;
}

/* --- a month: a calendar --- */

static err_t count_days(struct conn *c, const struct span *p, int64_t days[32])
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_moments, ARGS(v_int(p->from), v_int(p->to)), &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		days[time_parts(row_int(&r, 0)).day]++;
	return e;
}

static json_t *day_cell(struct view *v, const struct span *p, int day, int64_t stories)
{
	json_t *j = json_object();
	json_object_set_new(j, "day", json_integer(day));
	json_object_set_new(j, "url", stories ? view_text(span_path(v->a, p->year, p->month, day))
					      : json_null());
	json_object_set_new(j, "stories", stories ? view_text(say_count(v, "archive.stories", stories))
						  : json_null());
	json_object_set_new(j, "count", json_integer(stories));
	return j;
}

static json_t *blank_cell(void)
{
	return json_pack("{s:n, s:n, s:n, s:n}", "day", "url", "stories", "count");
}

static void add_weeks(struct view *v, const struct span *p, const int64_t days[32])
{
	int64_t starts = 1;
	(void)str_int(say(v, "archive.week-starts"), &starts);
	json_t *names = json_array(), *weeks = json_array(), *week = NULL;
	for (int i = 0; i < 7; i++) {
		char short_key[32], long_key[32];
		snprintf(short_key, sizeof short_key, "date.wday.%d", (int)((starts + i) % 7));
		snprintf(long_key, sizeof long_key, "date.weekday.%d", (int)((starts + i) % 7));
		json_array_append_new(names, json_pack("{s:o, s:o}", "short", view_text(say(v, short_key)),
						       "long", view_text(say(v, long_key))));
	}
	usec_t moment;
	for (int day = 1; time_day_start(p->year, p->month, day, &moment); day++) {
		int column = (int)((time_parts(moment).weekday - starts + 7) % 7);
		if (!week || column == 0) {
			week = json_array();
			json_array_append_new(weeks, json_pack("{s:o}", "days", week));
			for (int i = 0; i < column; i++)
				json_array_append_new(week, blank_cell());
		}
		json_array_append_new(week, day_cell(v, p, day, days[day]));
	}
	while (week && json_array_size(week) < 7)
		json_array_append_new(week, blank_cell());
	json_object_set_new(v->json, "weekdays", names);
	json_object_set_new(v->json, "weeks", weeks);
}

static err_t month_view(struct stet *s, struct view *v)
{
	struct span p;
	int64_t days[32] = { 0 };
	usec_t before, after;
	TRY(asked_span(v->q, &p));
	TRY(count_days(v->c, &p, days));
	set_head(s, v, messages_date(v->a, v->tongue, "date.month-year", p.from),
		 span_path(v->a, p.year, p.month, 0));
	add_weeks(v, &p, days);
	TRY(add_ways(v, &p, 2, &before, &after));
	add_way(v, "year", p.from, 1);
	strs_add(v->a, &v->topics, topic_dates());
	v->template = "archive-month";
	return OK;
}

/* --- a year, and all of them --- */

static err_t year_months(struct view *v, int year, int64_t *all, json_t **out)
{
	*out = json_array();
	*all = 0;
	for (int month = 1; month <= 12; month++) {
		struct span p = { .year = year, .month = month };
		int64_t n = 0;
		if (set_span(&p))
			TRY(count(v->c, &p, &n));
		*all += n;
		char key[32];
		snprintf(key, sizeof key, "date.month.%d", month);
		json_t *j = json_object();
		json_object_set_new(j, "name", view_text(say(v, key)));
		json_object_set_new(j, "url", n ? view_text(span_path(v->a, year, month, 0)) : json_null());
		json_object_set_new(j, "count", json_integer(n));
		json_object_set_new(j, "stories", view_text(say_count(v, "archive.stories", n)));
		json_array_append_new(*out, j);
	}
	return OK;
}

static err_t add_year(struct view *v, json_t *years, int year)
{
	json_t *months, *j = json_object();
	int64_t all;
	json_array_append_new(years, j);
	TRY(year_months(v, year, &all, &months));
	json_object_set_new(j, "name", view_text(str_format(v->a, "%d", year)));
	json_object_set_new(j, "url", view_text(span_path(v->a, year, 0, 0)));
	json_object_set_new(j, "count", json_integer(all));
	json_object_set_new(j, "stories", view_text(say_count(v, "archive.stories", all)));
	json_object_set_new(j, "months", months);
	return OK;
}

static err_t year_view(struct stet *s, struct view *v)
{
	struct span p;
	usec_t before, after;
	json_t *years = json_array();
	json_object_set_new(v->json, "years", years);
	TRY(asked_span(v->q, &p));
	TRY(add_year(v, years, p.year));
	set_head(s, v, str_format(v->a, "%d", p.year), span_path(v->a, p.year, 0, 0));
	TRY(add_ways(v, &p, 1, &before, &after));
	strs_add(v->a, &v->topics, topic_dates());
	v->template = "archive";
	return OK;
}

/* From year to year that has stories: a gap of a century is one look-up. */
static err_t archive_view(struct stet *s, struct view *v)
{
	usec_t at = INT64_MAX;
	json_t *years = json_array();
	json_object_set_new(v->json, "years", years);
	for (;;) {
		TRY(one_moment(v->c, &last_before, at, &at));
		struct span p = { .year = time_parts(at).year };
		if (!at || !set_span(&p))
			break;
		TRY(add_year(v, years, p.year));
		at = p.from;
	}
	set_head(s, v, say(v, "archive.title"), S("/date"));
	json_object_set_new(v->json, "previous", json_null());
	json_object_set_new(v->json, "following", json_null());
	strs_add(v->a, &v->topics, topic_dates());
	v->template = "archive";
	return OK;
}

err_t part_date(struct stet *s, struct view *v, const struct story *st)
{
	struct time_parts p = time_parts(st->published);
	(void)s;
	json_object_set_new(v->json, "day_url", view_text(span_path(v->a, p.year, p.month, p.day)));
	return OK;
}

/* --- routes --- */

static err_t day_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, day_view);
}

static err_t month_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, month_view);
}

static err_t year_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, year_view);
}

static err_t archive_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, archive_view);
}

const struct route archive_routes[] = {
	{ GET, "/date", archive_page },
	{ GET, "/date.json", archive_page },
	{ GET, "/date/:year", year_page },
	{ GET, "/date/:year.json", year_page },
	{ GET, "/date/:year/:month", month_page },
	{ GET, "/date/:year/:month.json", month_page },
	{ GET, "/date/:year/:month/:day", day_page },
	{ GET, "/date/:year/:month/:day.json", day_page },
	{ METHOD_OTHER, NULL, NULL },
};
