/* search_page.c: the page of results, its feed, and the help that both the empty page and a failed
 * search give. What strangers may word is not kept in the page cache: it is made for each request,
 * in a few milliseconds, and never pushes out a page that readers share. */
#include "press/feeds.h"
#include "press/pages.h"
#include "press/search.h"
#include "press/search_page.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

enum {
	RESULTS = 20,          /* on a page */
	FACET_SECTIONS = 8, FACET_YEARS = 10,
	FEW = 3,               /* results up to which a better spelling is looked for */
};

struct asked {
	struct search_query query;
	enum search_sort    sort;
	size_t              page; /* from 0 */
};

str_t search_escape(arena_t *a, str_t s)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf b = buf_new(a, s.n * 2);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		bool plain = (ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') ||
			     ch == '-' || ch == '.' || ch == '_' || ch == '~';
		if (ch == ' ') {
			buf_add_char(&b, '+');
		} else if (plain) {
			buf_add_char(&b, (char)ch);
		} else {
			buf_add_char(&b, '%');
			buf_add_char(&b, hex[ch >> 4]);
			buf_add_char(&b, hex[ch & 15]);
		}
	}
	return buf_str(&b);
}

static str_t address(arena_t *a, const char *file, str_t text, enum search_sort sort, size_t page)
{
	struct buf b = buf_new(a, 128);
	buf_add_format(&b, "/search%s?q=%.*s", file, STR(search_escape(a, text)));
	if (sort == SEARCH_BY_DATE)
		buf_add(&b, S("&sort=newest"));
	if (page)
		buf_add_format(&b, "&page=%zu", page + 1);
	return buf_str(&b);
}

static err_t read_asked(struct view *v, struct asked *out)
{
	enum { PAGES = 2 * SEARCH_RANKED_MOST / RESULTS };
	int64_t page = 1;
	str_t text = params_get(&v->q->query, "page");
	if (text.p && (!str_int(text, &page) || page < 1 || page > PAGES))
		return err_new(ERR_MISSING, "there is no such page of results");
	out->page = (size_t)page - 1;
	bool newest = str_eq(params_get(&v->q->query, "sort"), S("newest"));
	out->sort = newest ? SEARCH_BY_DATE : SEARCH_BY_RELEVANCE;
	search_parse(v->a, params_get(&v->q->query, "q"), &out->query);
	return search_resolve(v->c, v->a, &out->query);
}

static bool asks_something(const struct search_query *q)
{
	return q->root || q->from || q->to;
}

/* --- parts of the page --- */

/* Text with marks as HTML: escaped first, so that only our own elements are in it. */
static json_t *marked(arena_t *a, str_t text)
{
	struct buf b = buf_new(a, text.n + 64);
	buf_add_html(&b, text);
	str_t html = str_replace(a, buf_str(&b), S(SEARCH_MARK_ON), S("<mark>"));
	return view_text(str_replace(a, html, S(SEARCH_MARK_OFF), S("</mark>")));
}

static err_t set_results(struct view *v, const struct asked *asked, struct search_found *found)
{
	arena_t *a = v->a;
	size_t from = asked->page * RESULTS, n = from < found->n ? found->n - from : 0;
	id64 ids[RESULTS];
	struct list list;
	if (n > RESULTS)
		n = RESULTS;
	if (asked->page && !n)
		return err_new(ERR_MISSING, "there is no such page of results");
	for (size_t i = 0; i < n; i++)
		ids[i] = found->all[from + i].story;
	TRY(list_chosen(v->c, a, ids, n, &list));
	json_t *results = json_array();
	json_object_set_new(v->json, "results", results);
	for (size_t i = 0; i < list.n; i++) {
		struct search_hit *hit = &found->all[from + i];
		TRY(search_excerpt(v->c, a, &asked->query, hit));
		json_t *j = view_card(v, &list.v[i]);
		json_object_set_new(j, "headline_html", marked(a, hit->headline));
		json_object_set_new(j, "excerpt_html", hit->excerpt.n ? marked(a, hit->excerpt)
								      : json_null());
		json_array_append_new(results, j);
	}
	return OK;
}

static void set_count(struct view *v, const struct search_found *found)
{
	json_object_set_new(v->json, "total", json_integer((json_int_t)found->n));
	json_object_set_new(v->json, "more", json_boolean(found->more));
	int64_t n = found->more ? SEARCH_RANKED_MOST : (int64_t)found->n;
	const char *key = found->more ? "search.more-than" : "search.found";
	json_object_set_new(v->json, "count", view_text(say_count(v, key, n)));
}

static void set_pages(struct view *v, const struct asked *asked, const struct search_found *found)
{
	arena_t *a = v->a;
	str_t text = asked->query.text;
	json_object_set_new(v->json, "older", json_null());
	json_object_set_new(v->json, "newest", json_null());
	if ((asked->page + 1) * RESULTS < found->n)
		view_set_text(v->json, "older", address(a, "", text, asked->sort, asked->page + 1));
	if (asked->page)
		view_set_text(v->json, "newest", address(a, "", text, asked->sort,
							 asked->page - 1));
}

/* The filters of the query, each with the address that is without it. */
static void set_chips(struct view *v, const struct asked *asked)
{
	json_t *chips = json_array();
	for (size_t i = 0; i < asked->query.nterms; i++) {
		const struct search_node *term = asked->query.terms[i];
		if (term->field == SEARCH_WORDS)
			continue;
		char key[32];
		snprintf(key, sizeof key, "search.%s.%.*s", term->negated ? "not" : "is",
			 STR(search_field_name(term->field)));
		str_t url = address(v->a, "", search_without(v->a, &asked->query, term), asked->sort,
				    0);
		json_t *j = json_object();
		json_object_set_new(j, "label", view_text(say(v, key)));
		json_object_set_new(j, "value", view_text(term->text));
		json_object_set_new(j, "url", view_text(url));
		json_array_append_new(chips, j);
	}
	json_object_set_new(v->json, "chips", chips);
}

static void set_notes(struct view *v, const struct search_query *q)
{
	json_t *notes = json_array();
	for (size_t i = 0; i < q->nnotes; i++) {
		const struct message_value about[] = { { "about", q->notes[i].about } };
		json_array_append_new(notes, view_text(say_with(v, q->notes[i].key, about, 1)));
	}
	json_object_set_new(v->json, "notes", notes);
}

static void set_sorts(struct view *v, const struct asked *asked)
{
	static const char *const keys[] = { [SEARCH_BY_RELEVANCE] = "search.by-relevance",
					    [SEARCH_BY_DATE] = "search.by-date" };
	json_t *sorts = json_array();
	for (enum search_sort i = SEARCH_BY_RELEVANCE; i <= SEARCH_BY_DATE; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "name", view_text(say(v, keys[i])));
		json_object_set_new(j, "url",
				    view_text(address(v->a, "", asked->query.text, i, 0)));
		json_object_set_new(j, "current", json_boolean(asked->sort == i));
		json_array_append_new(sorts, j);
	}
	json_object_set_new(v->json, "sorts", sorts);
}

/* --- facets: what the results fall into, if all of them are known --- */

static void add_facet(struct view *v, const struct asked *asked, json_t *list, str_t name,
		      str_t filter, size_t n)
{
	str_t text = str_format(v->a, "%.*s %.*s", STR(asked->query.text), STR(filter));
	json_t *j = json_object();
	json_object_set_new(j, "name", view_text(name));
	json_object_set_new(j, "url", view_text(address(v->a, "", text, asked->sort, 0)));
	json_object_set_new(j, "n", view_text(messages_number(v->a, v->tongue, (int64_t)n)));
	json_array_append_new(list, j);
}

static bool filters_by(const struct search_query *q, enum search_field field)
{
	for (size_t i = 0; i < q->nterms; i++)
		if (q->terms[i]->field == field && !q->terms[i]->negated)
			return true;
	return false;
}

static err_t section_facets(struct view *v, const struct asked *asked,
			    const struct search_found *found, json_t *list)
{
	struct section *sections;
	size_t n, shown = 0;
	TRY(section_list(v->c, v->a, &sections, &n));
	for (size_t i = 0; i < n && shown < FACET_SECTIONS; i++) {
		size_t hits = 0;
		for (size_t k = 0; k < found->n; k++)
			hits += found->all[k].section == sections[i].id;
		if (!hits)
			continue;
		shown++;
		add_facet(v, asked, list, sections[i].name,
			  str_format(v->a, "section:%.*s", STR(sections[i].slug)), hits);
	}
	return OK;
}

static void year_facets(struct view *v, const struct asked *asked, const struct search_found *found,
			json_t *list)
{
	struct { int year; size_t hits; } years[200];
	size_t n = 0;
	for (size_t k = 0; k < found->n; k++) {
		int year = time_year(found->all[k].published);
		size_t i = 0;
		while (i < n && years[i].year > year)
			i++;
		if (i == n || years[i].year != year) {
			if (n == COUNT(years))
				continue;
			memmove(&years[i + 1], &years[i], (n - i) * sizeof *years);
			years[i].year = year;
			years[i].hits = 0;
			n++;
		}
		years[i].hits++;
	}
	for (size_t i = 0; i < n && i < FACET_YEARS; i++)
		add_facet(v, asked, list, str_format(v->a, "%d", years[i].year),
			  str_format(v->a, "after:%d before:%d", years[i].year, years[i].year + 1),
			  years[i].hits);
}

/* A facet of one value says nothing. */
static void keep_if_several(struct view *v, const char *key, json_t *list)
{
	if (json_array_size(list) < 2)
		json_array_clear(list);
	json_object_set_new(v->json, key, list);
}

static err_t set_facets(struct view *v, const struct asked *asked, const struct search_found *found)
{
	const struct search_query *q = &asked->query;
	json_t *sections = json_array(), *years = json_array();
	if (!found->more && !filters_by(q, SEARCH_SECTION))
		TRY(section_facets(v, asked, found, sections));
	if (!found->more && !q->from && !q->to)
		year_facets(v, asked, found, years);
	keep_if_several(v, "sections", sections);
	keep_if_several(v, "years", years);
	return OK;
}

/* --- the page --- */

static err_t set_better(struct stet *s, struct view *v, const struct asked *asked,
			const struct search_found *found)
{
	str_t better;
	struct search_query q;
	struct search_found more;
	json_object_set_new(v->json, "better", json_null());
	if (found->n > FEW)
		return OK;
	TRY(search_did_you_mean(v->c, v->a, &asked->query, &better));
	if (!better.p)
		return OK;
	search_parse(v->a, better, &q);
	TRY(search_resolve(v->c, v->a, &q));
	TRY(search_find(v->c, v->a, &q, SEARCH_BY_DATE, clock_now(&s->clock), &more));
	if (more.n <= found->n)
		return OK;
	json_t *j = json_object();
	json_object_set_new(j, "text", view_text(q.text));
	json_object_set_new(j, "url", view_text(address(v->a, "", q.text, asked->sort, 0)));
	json_object_set_new(v->json, "better", j);
	return OK;
}

static void set_head(struct stet *s, struct view *v, const struct asked *asked, bool any)
{
	arena_t *a = v->a;
	str_t text = asked->query.text, title = say(v, "search.title");
	const struct message_value about[] = { { "about", text } };
	if (any)
		title = say_with(v, "search.title-for", about, 1);
	view_head(s, v, &(struct page_head){ .kind = "search", .title = title,
					     .path = S("/search") });
	json_t *page = json_object_get(v->json, "page");
	json_object_set_new(page, "robots", json_string("noindex"));
	if (!any)
		return;
	static const struct { const char *file, *type, *name; } feeds[] = {
		{ "/rss.xml", "application/rss+xml", "RSS" },
		{ "/atom.xml", "application/atom+xml", "Atom" },
		{ "/feed.json", "application/feed+json", "JSON Feed" },
	};
	json_t *list = json_array();
	for (size_t i = 0; i < COUNT(feeds); i++) {
		json_t *j = json_object();
		json_object_set_new(j, "url", view_text(address(a, feeds[i].file, text,
								SEARCH_BY_RELEVANCE, 0)));
		json_object_set_new(j, "type", json_string(feeds[i].type));
		json_object_set_new(j, "title", view_text(str_format(a, "%.*s (%s)", STR(title),
								     feeds[i].name)));
		json_array_append_new(list, j);
	}
	json_object_set_new(page, "feeds", list);
	json_object_set_new(page, "canonical", json_null());
	json_object_set_new(page, "json",
			    view_text(address(a, ".json", text, asked->sort, asked->page)));
}

static err_t set_found(struct stet *s, struct view *v, const struct asked *asked)
{
	struct search_found found;
	bool filling;
	TRY(search_find(v->c, v->a, &asked->query, asked->sort, clock_now(&s->clock), &found));
	set_count(v, &found);
	TRY(set_results(v, asked, &found));
	set_pages(v, asked, &found);
	set_sorts(v, asked);
	TRY(set_facets(v, asked, &found));
	TRY(set_better(s, v, asked, &found));
	TRY(search_is_filling(v->c, &filling));
	json_object_set_new(v->json, "filling", json_boolean(filling));
	return OK;
}

static err_t search_view(struct stet *s, struct view *v)
{
	struct asked asked;
	TRY(read_asked(v, &asked));
	bool any = asks_something(&asked.query);
	set_head(s, v, &asked, any);
	json_object_set_new(v->json, "q", view_text(asked.query.text));
	json_object_set_new(v->json, "newest_first", json_boolean(asked.sort == SEARCH_BY_DATE));
	json_object_set_new(v->json, "asked", json_boolean(any));
	set_notes(v, &asked.query);
	set_chips(v, &asked);
	v->template = "search";
	return any ? set_found(s, v, &asked) : OK;
}

static err_t search_page(struct stet *s, struct request *q, struct response *r)
{
	return params_get(&q->query, "q").n ? site_page_once(s, q, r, search_view)
					    : site_page(s, q, r, search_view);
}

/* --- its feed: the newest stories that match --- */

static err_t search_feed(struct stet *s, struct view *v)
{
	struct asked asked;
	struct search_found found;
	struct feed f;
	TRY(read_asked(v, &asked));
	if (!asks_something(&asked.query))
		return err_new(ERR_MISSING, "a feed of what? \"?q=\" says it");
	TRY(search_find(v->c, v->a, &asked.query, SEARCH_BY_DATE, clock_now(&s->clock), &found));
	str_t text = asked.query.text;
	const struct message_value about[] = { { "about", text } };
	str_t title = str_format(v->a, "%.*s: %.*s", STR(s->config.name),
				 STR(say_with(v, "search.title-for", about, 1)));
	feed_begin(s, v, &f, title, address(v->a, "", text, SEARCH_BY_RELEVANCE, 0));
	f.self = str_format(v->a, "%.*s?q=%.*s", STR(f.self), STR(search_escape(v->a, text)));
	for (size_t i = 0; i < found.n && i < FEED_ENTRIES; i++) {
		struct story st;
		TRY(story_load(v->c, v->a, found.all[i].story, &st));
		TRY(feed_add_story(s, v, &f, &st));
	}
	return feed_write(v, &f);
}

static err_t search_feed_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page_once(s, q, r, search_feed);
}

/* --- how browsers search here (OpenSearch 1.1) --- */

static void add_element(struct buf *b, const char *name, str_t text)
{
	buf_add_format(b, "<%s>", name);
	buf_add_html(b, text);
	buf_add_format(b, "</%s>\n", name);
}

static str_t short_name(arena_t *a, str_t name)
{
	enum { SHORT_NAME = 16 }; /* characters that the specification allows */
	size_t at = 0;
	for (size_t n = 0; n < SHORT_NAME && str_next_rune(name, &at) >= 0; n++)
		;
	return str_trim(str_copy(a, str_slice(name, 0, at)));
}

static err_t opensearch_view(struct stet *s, struct view *v)
{
	struct buf b = buf_new(v->a, 1024);
	const struct message_value about[] = { { "name", s->config.name } };
	str_t url = s->config.url;
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OpenSearchDescription "
		      "xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n"));
	add_element(&b, "ShortName", short_name(v->a, s->config.name));
	add_element(&b, "Description", say_with(v, "search.description", about, 1));
	add_element(&b, "InputEncoding", S("UTF-8"));
	add_element(&b, "Language", s->config.language);
	static const char *const urls[][2] = {
		{ "text/html", "/search?q={searchTerms}" },
		{ "application/rss+xml", "/search/rss.xml?q={searchTerms}" },
		{ "application/x-suggestions+json", "/search/suggest?as=opensearch&amp;"
						    "q={searchTerms}" },
	};
	for (size_t i = 0; i < COUNT(urls); i++) {
		buf_add_format(&b, "<Url type=\"%s\" template=\"", urls[i][0]);
		buf_add_html(&b, url);
		buf_add_format(&b, "%s\"/>\n", urls[i][1]);
	}
	buf_add(&b, S("</OpenSearchDescription>\n"));
	strs_add(v->a, &v->topics, topic_site());
	v->type = S("application/opensearchdescription+xml; charset=utf-8");
	v->body = buf_str(&b);
	return OK;
}

static err_t opensearch_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, opensearch_view);
}

const struct route search_routes[] = {
	{ GET, "/search", search_page },
	{ GET, "/search.json", search_page },
	{ GET, "/search/rss.xml", search_feed_page },
	{ GET, "/search/atom.xml", search_feed_page },
	{ GET, "/search/feed.json", search_feed_page },
	{ GET, "/search/suggest", search_suggest_page },
	{ GET, "/opensearch.xml", opensearch_page },
	{ METHOD_OTHER, NULL, NULL },
};
