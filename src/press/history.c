/* history.c: the public history of a story: what stood at its address, from when to when, and what was
 * changed. Nothing that readers saw is changed quietly. */
#include "press/history.h"

#include "press/live.h"
#include "press/view.h"
#include "record/act.h"

enum { LISTED = 40 }; /* versions on a page of the list: each is held against the one before it */

/* --- the story and its versions --- */

struct past {
	struct story    st;
	struct versions all;
	str_t           path; /* of the list */
};

static err_t find_past(struct view *v, struct past *p)
{
	TRY(story_by_slug(v->c, v->a, STORY, params_get(&v->q->route, "slug"), &p->st));
	if (p->st.state == DRAFT || !str_eq(p->st.section.slug, params_get(&v->q->route, "section")))
		return err_new(ERR_MISSING, "there is no such story");
	if (p->st.language.n)
		view_language(v, p->st.language);
	p->path = str_format(v->a, "%.*s/history", STR(story_path(v->a, &p->st)));
	strs_add(v->a, &v->topics, topic_story(v->a, p->st.id));
	return versions_list(v->c, v->a, &p->st, &p->all);
}

static str_t version_path(arena_t *a, const struct past *p, const struct version *n)
{
	return str_format(a, "%.*s/%lld", STR(p->path), (long long)n->number);
}

static str_t date_text(const struct view *v, usec_t t)
{
	return messages_date(v->a, v->tongue, "date.long", t);
}

/* The one that readers saw before it; SIZE_MAX if it is the first. */
static size_t seen_before(const struct versions *all, size_t i)
{
	while (i-- > 0)
		if (!all->v[i].withdrawn)
			return i;
	return SIZE_MAX;
}

static size_t seen_after(const struct versions *all, size_t i)
{
	while (++i < all->n)
		if (!all->v[i].withdrawn)
			return i;
	return SIZE_MAX;
}

/* When readers saw it change last: an edit here; one before it was brought in, which its "updated" tells
 * of; or what came into it live. 0: never. */
static err_t last_change(const struct view *v, const struct story *st, const struct versions *all,
			 usec_t *out)
{
	int64_t count;
	usec_t entered = 0;
	size_t last = seen_before(all, all->n);
	*out = all->changes && last < all->n ? all->v[last].from : 0;
	if (st->live != NOT_LIVE)
		TRY(live_state(v->c, st->id, &entered, &count));
	if (st->updated > st->published && st->updated > *out)
		*out = st->updated;
	if (entered > st->published && entered > *out)
		*out = entered;
	return OK;
}

/* "First published ..., changed ... (3 times)." */
static err_t summary_of(const struct view *v, const struct story *st, const struct versions *all,
			str_t *out)
{
	usec_t last;
	TRY(last_change(v, st, all, &last));
	str_t text = say(v, last ? "history.updated" : "history.unchanged");
	if (all->changes)
		text = say_count(v, "history.changed", (int64_t)all->changes);
	const struct message_value values[] = {
		{ "first", date_text(v, st->published) },
		{ "last", last ? date_text(v, last) : S("") },
	};
	*out = messages_fill(v->a, text, values, COUNT(values));
	return OK;
}

static err_t set_history(struct view *v, const struct story *st, const struct versions *all)
{
	str_t text, url = str_format(v->a, "%.*s/history", STR(story_path(v->a, st)));
	TRY(summary_of(v, st, all, &text));
	json_object_set_new(v->json, "history", json_pack("{s:o, s:o}", "url", view_text(url), "text",
							  view_text(text)));
	return OK;
}

err_t part_history(struct stet *s, struct view *v, const struct story *st)
{
	struct versions all;
	(void)s;
	TRY(versions_list(v->c, v->a, st, &all));
	return all.n ? set_history(v, st, &all) : OK;
}

/* For the story's pages beside it: not for search engines, who are sent to the story. */
static void set_head(struct stet *s, struct view *v, const struct past *p, const char *kind,
		     const char *title)
{
	const struct message_value value = { "headline", p->st.headline };
	view_head(s, v, &(struct page_head){ .kind = kind, .title = say_with(v, title, &value, 1),
					     .path = story_path(v->a, &p->st) });
	json_t *page = json_object_get(v->json, "page");
	json_object_set_new(page, "robots", json_string("noindex"));
	str_t path = v->q->path;
	if (!str_ends(path, S(".json")))
		path = str_format(v->a, "%.*s.json", STR(path));
	json_object_set_new(page, "json", view_text(path));
	json_object_set_new(v->json, "headline", view_text(p->st.headline));
	json_object_set_new(v->json, "url", view_text(story_path(v->a, &p->st)));
	json_object_set_new(v->json, "section", view_section(v->a, &p->st.section));
	json_object_set_new(v->json, "withdrawn", json_boolean(p->st.state == WITHDRAWN));
}

/* --- choosing two --- */

/* The form that works without script: every version that can be read, newest first. */
static void set_form(struct view *v, const struct past *p, size_t from, size_t to)
{
	json_t *options = json_array();
	for (size_t i = p->all.n; i-- > 0;) {
		const struct version *n = &p->all.v[i];
		if (n->withdrawn || n->closed)
			continue;
		const struct message_value values[] = {
			{ "n", str_format(v->a, "%lld", (long long)n->number) },
			{ "date", date_text(v, n->from) },
		};
		json_array_append_new(options, json_pack("{s:I, s:o, s:b, s:b}", "number",
			(json_int_t)n->number, "text",
			view_text(say_with(v, "history.version", values, 2)), "from", i == from, "to",
			i == to));
	}
	bool two = json_array_size(options) > 1;
	json_object_set_new(v->json, "form", two ? json_pack("{s:o}", "action",
		view_text(str_format(v->a, "%.*s/compare", STR(p->path)))) : json_null());
	json_object_set_new(v->json, "options", options);
}

/* --- the list --- */

struct listing {
	struct view       *v;
	const struct past *p;
	size_t             i;    /* of the version */
	json_t            *line;
	err_t              e;
};

static err_t set_changes(arena_t *aside, const struct listing *l, size_t before)
{
	struct view *v = l->v;
	const struct versions *all = &l->p->all;
	struct story was, is;
	struct comparison c;
	TRY(revision_read(v->c, aside, &l->p->st, all->v[before].number, &was));
	TRY(revision_read(v->c, aside, &l->p->st, all->v[l->i].number, &is));
	compare_stories(aside, &was, &is, say(v, "byline.and"), &c);
	view_set_text(l->line, "changes", comparison_sentence(aside, v->tongue, &c));
	bool told = is.updated > was.updated || is.ncorrections > was.ncorrections;
	json_object_set_new(l->line, "told", json_boolean(told));
	json_object_set_new(l->line, "minor", json_boolean(!told));
	return OK;
}

static err_t set_reason(arena_t *aside, const struct listing *l)
{
	struct story st;
	TRY(revision_read(l->v->c, aside, &l->p->st, l->p->all.v[l->i].number, &st));
	view_set_text(l->line, "reason", st.withdrawn_why);
	return OK;
}

/* aside_do */
static void look_inside(arena_t *aside, void *ctx)
{
	struct listing *l = ctx;
	size_t before = seen_before(&l->p->all, l->i);
	if (l->p->all.v[l->i].withdrawn)
		l->e = set_reason(aside, l);
	else if (before != SIZE_MAX)
		l->e = set_changes(aside, l, before);
}

static json_t *line_of(struct view *v, const struct past *p, size_t i)
{
	static const char *const optional[] = { "changes", "reason", "url", "compare" };
	const struct version *n = &p->all.v[i];
	size_t before = seen_before(&p->all, i);
	bool open = !n->withdrawn && !n->closed;
	json_t *j = json_object();
	for (size_t k = 0; k < COUNT(optional); k++)
		json_object_set_new(j, optional[k], json_null());
	json_object_set_new(j, "number", json_integer(n->number));
	json_object_set_new(j, "date", view_date(v, n->from));
	json_object_set_new(j, "first", json_boolean(before == SIZE_MAX));
	json_object_set_new(j, "withdrawn", json_boolean(n->withdrawn));
	json_object_set_new(j, "closed", json_boolean(n->closed && !n->withdrawn));
	json_object_set_new(j, "current", json_boolean(open && !n->until));
	json_object_set_new(j, "told", json_false());
	json_object_set_new(j, "minor", json_false());
	if (open)
		json_object_set_new(j, "url", view_text(version_path(v->a, p, n)));
	if (open && before != SIZE_MAX && !p->all.v[before].closed)
		json_object_set_new(j, "compare", view_text(str_format(
			v->a, "%.*s/%lld/%lld", STR(p->path), (long long)p->all.v[before].number,
			(long long)n->number)));
	return j;
}

/* "?before=12": versions older than that one. */
static err_t list_end(const struct view *v, const struct versions *all, size_t *end)
{
	int64_t number;
	str_t before = params_get(&v->q->query, "before");
	*end = all->n;
	if (!before.p)
		return OK;
	if (!str_int(before, &number))
		return err_new(ERR_MISSING, "there is no such page");
	return version_find(all, number, end);
}

static err_t list_view(struct stet *s, struct view *v)
{
	struct past p;
	size_t end;
	TRY(find_past(v, &p));
	TRY(list_end(v, &p.all, &end));
	size_t begin = end > LISTED ? end - LISTED : 0;
	v->template = "history";
	set_head(s, v, &p, "history", "history.title");
	set_history(v, &p.st, &p.all);
	json_t *list = json_array();
	json_object_set_new(v->json, "versions", list);
	arena_t *aside = aside_new(v->a);
	for (size_t i = end; i-- > begin;) {
		struct listing l = { v, &p, i, line_of(v, &p, i), OK };
		json_array_append_new(list, l.line);
		aside_do(v->a, aside, look_inside, &l);
		TRY(l.e);
	}
	str_t older = begin ? str_format(v->a, "%.*s?before=%lld", STR(p.path),
					 (long long)p.all.v[begin].number) : S("");
	view_set_text(v->json, "older", older);
	view_set_text(v->json, "newest", end < p.all.n ? p.path : S(""));
	size_t last = seen_before(&p.all, p.all.n);
	set_form(v, &p, last < p.all.n ? seen_before(&p.all, last) : 0, last);
	return OK;
}

/* --- one version --- */

/* A number as we write it: no sign, no zeros before it. */
static bool number_asked(const struct view *v, const char *name, int64_t *out)
{
	str_t text = params_get(&v->q->route, name);
	return str_int(text, out) && *out > 0 &&
	       str_eq(text, str_format(v->a, "%lld", (long long)*out));
}

static void set_neighbour(struct view *v, json_t *j, const char *key, const struct past *p, size_t i)
{
	bool open = i < p->all.n && !p->all.v[i].closed;
	view_set_text(j, key, open ? version_path(v->a, p, &p->all.v[i]) : S(""));
}

static json_t *banner_of(struct view *v, const struct past *p, size_t i)
{
	const struct version *n = &p->all.v[i];
	const struct message_value values[] = {
		{ "from", date_text(v, n->from) },
		{ "until", n->until ? date_text(v, n->until) : S("") },
		{ "n", str_format(v->a, "%lld", (long long)n->number) },
	};
	size_t before = seen_before(&p->all, i);
	json_t *j = json_object();
	json_object_set_new(j, "number", json_integer(n->number));
	json_object_set_new(j, "from", view_date(v, n->from));
	json_object_set_new(j, "until", view_date(v, n->until));
	view_set_text(j, "text", say_with(v, n->until ? "history.stood" : "history.stands", values,
					  COUNT(values)));
	json_object_set_new(j, "list", view_text(p->path));
	json_object_set_new(j, "now", view_text(story_path(v->a, &p->st)));
	set_neighbour(v, j, "earlier", p, before);
	set_neighbour(v, j, "later", p, seen_after(&p->all, i));
	bool two = before < p->all.n && !p->all.v[before].closed;
	view_set_text(j, "compare", two ? str_format(v->a, "%.*s/%lld/%lld", STR(p->path),
						     (long long)p->all.v[before].number,
						     (long long)n->number) : S(""));
	return j;
}

static err_t version_view(struct stet *s, struct view *v)
{
	struct past p;
	struct story was;
	int64_t number;
	size_t i;
	if (!number_asked(v, "number", &number))
		return err_new(ERR_MISSING, "there is no such version");
	TRY(find_past(v, &p));
	TRY(version_find(&p.all, number, &i));
	TRY(version_read(v->c, v->a, &p.st, &p.all.v[i], &was));
	v->template = "version";
	p.st.headline = was.headline;
	set_head(s, v, &p, "story", "history.version-title");
	TRY(story_as_it_was(s, v, &was));
	json_object_set_new(v->json, "version", banner_of(v, &p, i));
	return OK;
}

/* --- two of them --- */

static json_t *side_of(struct view *v, const struct past *p, size_t i)
{
	const struct version *n = &p->all.v[i];
	const struct message_value values[] = {
		{ "n", str_format(v->a, "%lld", (long long)n->number) },
		{ "date", date_text(v, n->from) },
	};
	return json_pack("{s:I, s:o, s:o, s:o}", "number", (json_int_t)n->number, "date",
			 view_date(v, n->from), "text", view_text(say_with(v, "history.version", values, 2)),
			 "url", view_text(version_path(v->a, p, n)));
}

static void set_counts(struct view *v)
{
	json_t *words = json_object_get(v->json, "words");
	int64_t gone = json_integer_value(json_object_get(words, "gone"));
	int64_t fresh = json_integer_value(json_object_get(words, "new"));
	view_set_text(words, "text", str_format(v->a, "%.*s, %.*s",
						STR(say_count(v, "compare.words-gone", gone)),
						STR(say_count(v, "compare.words-new", fresh))));
}

static err_t compare_view(struct stet *s, struct view *v)
{
	struct past p;
	struct story was, is;
	struct comparison c;
	int64_t from, to;
	size_t i, j;
	if (!number_asked(v, "from", &from) || !number_asked(v, "to", &to) || from >= to)
		return err_new(ERR_MISSING, "there is no such comparison");
	TRY(find_past(v, &p));
	TRY(version_find(&p.all, from, &i));
	TRY(version_find(&p.all, to, &j));
	TRY(version_read(v->c, v->a, &p.st, &p.all.v[i], &was));
	TRY(version_read(v->c, v->a, &p.st, &p.all.v[j], &is));
	v->template = "compare";
	set_head(s, v, &p, "compare", "compare.title");
	json_object_set_new(v->json, "from", side_of(v, &p, i));
	json_object_set_new(v->json, "to", side_of(v, &p, j));
	compare_stories(v->a, &was, &is, say(v, "byline.and"), &c);
	view_set_text(v->json, "changes", comparison_sentence(v->a, v->tongue, &c));
	view_comparison(v, &c);
	set_counts(v);
	set_history(v, &p.st, &p.all);
	set_form(v, &p, i, j);
	return OK;
}

/* --- addresses --- */

static err_t list_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, list_view);
}

static err_t version_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, version_view);
}

static str_t base_path(const struct request *q)
{
	return str_format(q->a, "/%.*s/%.*s/history", STR(params_get(&q->route, "section")),
			  STR(params_get(&q->route, "slug")));
}

/* Where two numbers lead, in whatever order they come: the older one first, one twice to itself. */
static err_t lead_to_two(struct stet *s, struct request *q, struct response *r, str_t from, str_t to)
{
	int64_t a, b;
	if (!str_int(from, &a) || !str_int(to, &b) || a < 1 || b < 1)
		return err_new(ERR_MISSING, "there is no such comparison");
	str_t path = str_format(q->a, "%.*s/%lld/%lld", STR(base_path(q)), (long long)(a < b ? a : b),
				(long long)(a < b ? b : a));
	if (a == b)
		path = str_format(q->a, "%.*s/%lld", STR(base_path(q)), (long long)a);
	response_redirect(q, r, 303, view_absolute(s, q->a, path));
	return OK;
}

static err_t compare_page(struct stet *s, struct request *q, struct response *r)
{
	int64_t a, b;
	str_t from = params_get(&q->route, "from"), to = params_get(&q->route, "to");
	if (str_int(from, &a) && str_int(to, &b) && a >= b)
		return lead_to_two(s, q, r, from, to);
	return site_page(s, q, r, compare_view);
}

/* What the form sends. */
static err_t chosen_page(struct stet *s, struct request *q, struct response *r)
{
	return lead_to_two(s, q, r, params_get(&q->query, "from"), params_get(&q->query, "to"));
}

const struct route history_routes[] = {
	{ GET, "/:section/:slug/history", list_page },
	{ GET, "/:section/:slug/history.json", list_page },
	{ GET, "/:section/:slug/history/compare", chosen_page },
	{ GET, "/:section/:slug/history/:number", version_page },
	{ GET, "/:section/:slug/history/:number.json", version_page },
	{ GET, "/:section/:slug/history/:from/:to", compare_page },
	{ GET, "/:section/:slug/history/:from/:to.json", compare_page },
	{ METHOD_OTHER, NULL, NULL },
};
