/* series.c: the page of a series, in reading order, and the box on each of its stories: which part it
 * is, what comes before and behind it. A part's number is counted, not kept: it follows from the times
 * of publication, so a part that is withdrawn or comes late leaves no gap. */
#include "press/series.h"
#include "press/pages.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

enum { LISTED_MOST = 24 }; /* parts: the box of a longer series leads to its page instead */

static const struct sql select_all_series = {
	"SELECT e.id, e.slug, e.name, e.description, (SELECT count(*) FROM story s "
	"WHERE s.series = e.id AND s.state = 'published') FROM series e ORDER BY e.name, e.id"
};
static const struct sql select_parts = {
	"SELECT " CARD_COLUMNS STORY_TABLES
	"WHERE s.series = $4 AND s.state = 'published' AND (s.published, s.id) > ($1, $2) "
	"ORDER BY s.published, s.id LIMIT $3"
};
static const struct sql count_parts = {
	"SELECT count(*), count(CASE WHEN (published, id) <= ($2, $3) THEN 1 END) FROM story "
	"WHERE series = $1 AND state = 'published'"
};
static const struct sql select_lines = {
	"SELECT " LINE_COLUMNS LINE_TABLES "WHERE s.series = $1 AND s.state = 'published' "
	"ORDER BY s.published, s.id"
};
static const struct sql select_previous = {
	"SELECT " LINE_COLUMNS LINE_TABLES "WHERE s.series = $1 AND s.state = 'published' AND "
	"(s.published, s.id) < ($2, $3) ORDER BY s.published DESC, s.id DESC LIMIT 1"
};
static const struct sql select_next = {
	"SELECT " LINE_COLUMNS LINE_TABLES "WHERE s.series = $1 AND s.state = 'published' AND "
	"(s.published, s.id) > ($2, $3) ORDER BY s.published, s.id LIMIT 1"
};

err_t series_list(struct conn *c, arena_t *a, struct series_line **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_all_series, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = (struct series_line){
			.series = { .id = row_int(&r, 0), .slug = row_str(&r, a, 1),
				    .name = row_str(&r, a, 2), .description = row_str(&r, a, 3) },
			.stories = row_int(&r, 4),
		};
	}
	return e;
}

err_t series_parts(struct conn *c, arena_t *a, id64 series, struct list_key after, size_t limit,
		   struct list *out)
{
	return cards_load(c, a, &select_parts,
			  ARGS(v_int(after.published), v_int(after.id), v_int((int64_t)limit + 1),
			       v_int(series)), limit, out);
}

/* How many parts there are, and how many of them up to this one. */
static err_t count(struct conn *c, id64 series, struct list_key at, int64_t *all, int64_t *upto)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &count_parts, ARGS(v_int(series), v_int(at.published), v_int(at.id)), &r));
	if (rows_next(&r, &e)) {
		*all = row_int(&r, 0);
		*upto = row_int(&r, 1);
	}
	return e;
}

static str_t number_text(arena_t *a, int64_t n)
{
	return str_format(a, "%lld", (long long)n);
}

/* --- the page --- */

static void add_parts(struct view *v, const struct list *list, int64_t before)
{
	json_t *cards = json_array();
	for (size_t i = 0; i < list->n; i++) {
		json_t *card = view_card(v, &list->v[i]);
		const struct message_value n = { "n", number_text(v->a, before + (int64_t)i + 1) };
		json_object_set_new(card, "part", view_text(say_with(v, "series.part", &n, 1)));
		json_array_append_new(cards, card);
	}
	json_object_set_new(v->json, "cards", cards);
}

err_t series_view(struct stet *s, struct view *v)
{
	struct series series;
	struct list_key key;
	struct list list;
	int64_t all = 0, before = 0;
	TRY(series_by_slug(v->c, v->a, params_get(&v->q->route, "slug"), &series));
	TRY(list_key_in(v->q, "after", &key));
	TRY(series_parts(v->c, v->a, series.id, key, (size_t)s->config.list_stories, &list));
	if (!list.n)
		return err_new(ERR_MISSING, "no story of this series is public");
	TRY(count(v->c, series.id, key, &all, &before));
	str_t path = str_format(v->a, "/series/%.*s", STR(series.slug));
	view_head(s, v, &(struct page_head){
		.kind = "series", .title = series.name,
		.description = clean_text(v->a, series.description), .path = path,
		.feed = path, .feed_name = series.name });
	json_object_set_new(v->json, "name", view_text(series.name));
	view_set_text(v->json, "description", series.description);
	json_object_set_new(v->json, "url", view_text(path));
	json_object_set_new(v->json, "count", json_integer(all));
	json_object_set_new(v->json, "parts", view_text(say_count(v, "series.parts", all)));
	add_parts(v, &list, before);
	view_set_text(v->json, "first", key.id ? path : S(""));
	view_set_text(v->json, "later",
		      list.more ? str_format(v->a, "%.*s?after=%.*s", STR(path),
					     STR(list_key_text(v->a, &list.v[list.n - 1]))) : S(""));
	strs_add(v->a, &v->topics, topic_series(v->a, series.slug));
	v->template = "series";
	return OK;
}

/* --- the box on a story --- */

static err_t add_neighbour(struct view *v, json_t *j, const char *name, const struct sql *sql,
			   const struct story *st)
{
	struct card *line;
	size_t n;
	TRY(lines_load(v->c, v->a, sql, ARGS(v_int(st->series.id), v_int(st->published),
					     v_int(st->id)), &line, &n));
	json_object_set_new(j, name, n ? view_line(v, &line[0]) : json_null());
	return OK;
}

static err_t add_list(struct view *v, json_t *j, const struct story *st)
{
	struct card *lines;
	size_t n;
	TRY(lines_load(v->c, v->a, &select_lines, ARGS(v_int(st->series.id)), &lines, &n));
	json_t *parts = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *line = view_line(v, &lines[i]);
		json_object_set_new(line, "here", json_boolean(lines[i].id == st->id));
		json_array_append_new(parts, line);
	}
	json_object_set_new(j, "parts", parts);
	return OK;
}

err_t part_series(struct stet *s, struct view *v, const struct story *st)
{
	int64_t all = 0, here = 0;
	json_t *j = json_object();
	arena_t *a = v->a;
	(void)s;
	json_object_set_new(v->json, "series", j);
	if (!st->series.id)
		return json_object_set_new(v->json, "series", json_null()), OK;
	TRY(count(v->c, st->series.id, (struct list_key){ st->published, st->id }, &all, &here));
	const struct message_value n[] = { { "n", number_text(a, here) },
					   { "count", number_text(a, all) } };
	json_object_set_new(j, "name", view_text(st->series.name));
	json_object_set_new(j, "url", view_text(str_format(a, "/series/%.*s",
							   STR(st->series.slug))));
	json_object_set_new(j, "part", json_integer(here));
	json_object_set_new(j, "count", json_integer(all));
	json_object_set_new(j, "place", view_text(say_with(v, "series.place", n, COUNT(n))));
	TRY(add_neighbour(v, j, "previous", &select_previous, st));
	TRY(add_neighbour(v, j, "next", &select_next, st));
	bool listed = all > 1 && all <= LISTED_MOST;
	json_object_set_new(j, "listed", json_boolean(listed));
	json_object_set_new(j, "parts", json_null());
	if (listed)
		TRY(add_list(v, j, st));
	strs_add(a, &v->topics, topic_series(a, st->series.slug));
	return OK;
}

static err_t series_page(struct stet *s, struct request *q, struct response *r)
{
	static const char *const parameters[] = { "after", NULL };
	return site_page_for(s, q, r, series_view, parameters);
}

const struct route series_routes[] = {
	{ GET, "/series/:slug", series_page },
	{ GET, "/series/:slug.json", series_page },
	{ METHOD_OTHER, NULL, NULL },
};
