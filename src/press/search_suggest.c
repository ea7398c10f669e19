/* search_suggest.c: what may be meant, while it is typed: sections, tags, authors and headlines whose
 * words begin like that. Answers for one or two letters are few, slowest, and asked for by everybody:
 * only these are kept in the page cache. */
#include "press/search.h"
#include "press/search_page.h"
#include "press/view.h"

#include "record/act.h"

#include <stdlib.h>

enum { WORDS_MOST = 8, SECTIONS_MOST = 1, TAGS_MOST_SHOWN = 2, AUTHORS_MOST_SHOWN = 2, CACHED = 2 };

static const struct sql tags_from = {
	"SELECT name, slug FROM tag t WHERE slug >= $1 AND slug < $2 AND EXISTS "
	"(SELECT 1 FROM story_tag x WHERE x.tag = t.id AND x.published IS NOT NULL) "
	"ORDER BY slug LIMIT $3"
};
/* By any part of the name. */
static const struct sql authors_from = {
	"SELECT name, slug FROM author t WHERE (slug LIKE $1 || '%' OR slug LIKE '%-' || $1 || '%') "
	"AND EXISTS (SELECT 1 FROM story_author x WHERE x.author = t.id AND "
	"x.published IS NOT NULL) ORDER BY slug LIMIT $2"
};

static void add(struct view *v, json_t *list, const char *kind, str_t text, str_t url)
{
	char key[32];
	if (json_array_size(list) >= SEARCH_SUGGESTED_MOST)
		return;
	snprintf(key, sizeof key, "search.kind.%s", kind);
	json_t *j = json_object();
	json_object_set_new(j, "kind", json_string(kind));
	json_object_set_new(j, "label", view_text(say(v, key)));
	json_object_set_new(j, "text", view_text(text));
	json_object_set_new(j, "url", view_text(str_uri(v->a, url)));
	json_array_append_new(list, j);
}

static err_t add_sections(struct view *v, json_t *list, str_t start)
{
	struct section *sections;
	size_t n, shown = 0;
	TRY(section_list(v->c, v->a, &sections, &n));
	for (size_t i = 0; i < n && shown < SECTIONS_MOST; i++) {
		if (!str_starts(sections[i].slug, start))
			continue;
		add(v, list, "section", sections[i].name,
		    str_format(v->a, "/%.*s", STR(sections[i].slug)));
		shown++;
	}
	return OK;
}

static err_t add_named(struct view *v, json_t *list, const char *kind, const struct sql *sql,
		       struct args args)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(v->c, sql, args, &r));
	while (rows_next(&r, &e))
		add(v, list, kind, row_str(&r, v->a, 0),
		    str_format(v->a, "/%s/%.*s", kind, STR(row_str(&r, v->a, 1))));
	return e;
}

static err_t add_headlines(struct view *v, json_t *list, const struct search_query *q)
{
	struct strs words = { 0 }, found = { 0 }, paths = { 0 };
	for (size_t i = 0; i < q->nterms && words.n < WORDS_MOST; i++)
		if (q->terms[i]->field == SEARCH_WORDS && !q->terms[i]->negated)
			strs_add(v->a, &words, q->terms[i]->text);
	size_t room = SEARCH_SUGGESTED_MOST - json_array_size(list);
	TRY(search_headlines(v->c, v->a, &words, room, &found, &paths));
	for (size_t i = 0; i < found.n; i++)
		add(v, list, "story", found.v[i], paths.v[i]);
	return OK;
}

/* The array of the OpenSearch suggestions extension: [q, [texts], [labels], [urls]]. */
static json_t *as_opensearch(struct stet *s, struct view *v, str_t q, const json_t *list)
{
	json_t *texts = json_array(), *labels = json_array(), *urls = json_array(), *one;
	size_t i;
	json_array_foreach(list, i, one) {
		str_t url = str_of(json_string_value(json_object_get(one, "url")));
		json_array_append(texts, json_object_get(one, "text"));
		json_array_append(labels, json_object_get(one, "label"));
		json_array_append_new(urls, view_text(view_absolute(s, v->a, url)));
	}
	return json_pack("[o, o, o, o]", view_text(q), texts, labels, urls);
}

static err_t answer(struct view *v, json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while suggesting");
	v->body = str_copy(v->a, str_of(text));
	free(text);
	v->type = S("application/json; charset=utf-8");
	return OK;
}

static err_t fill(struct view *v, const struct search_query *q, json_t *list)
{
	str_t start = slug_from(v->a, q->text);
	str_t end = str_format(v->a, "%.*s\xf4\x8f\xbf\xbf", STR(start));
	if (start.n) {
		TRY(add_sections(v, list, start));
		TRY(add_named(v, list, "tag", &tags_from,
			      ARGS(v_str(start), v_str(end), v_int(TAGS_MOST_SHOWN))));
		TRY(add_named(v, list, "author", &authors_from,
			      ARGS(v_str(start), v_int(AUTHORS_MOST_SHOWN))));
	}
	return add_headlines(v, list, q);
}

static err_t suggest_view(struct stet *s, struct view *v)
{
	struct search_query q;
	json_t *list = json_array();
	search_parse(v->a, params_get(&v->q->query, "q"), &q);
	json_object_set_new(v->json, "suggestions", list);
	TRY(fill(v, &q, list));
	strs_add(v->a, &v->topics, topic_front());
	strs_add(v->a, &v->topics, topic_site());
	if (str_eq(params_get(&v->q->query, "as"), S("opensearch")))
		return answer(v, as_opensearch(s, v, q.text, list));
	json_object_set_new(v->json, "q", view_text(q.text));
	json_object_set_new(v->json, "status",
			    view_text(say_count(v, "search.suggested",
						(int64_t)json_array_size(list))));
	return answer(v, json_incref(v->json));
}

static bool is_short(str_t q)
{
	if (q.n > CACHED)
		return false;
	for (size_t i = 0; i < q.n; i++)
		if (q.p[i] < 'a' || q.p[i] > 'z')
			return false;
	return true;
}

err_t search_suggest_page(struct stet *s, struct request *q, struct response *r)
{
	static const char *const parameters[] = { "q", NULL };
	if (params_get(&q->query, "as").p || !is_short(params_get(&q->query, "q")))
		return site_page_once(s, q, r, suggest_view);
	return site_page_for(s, q, r, suggest_view, parameters);
}
