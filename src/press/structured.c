/* structured.c: see structured.h. Stories are in structured_story.c. */
#include "press/structured.h"
#include "press/structured_parts.h"

#include <stdlib.h>

/* --- small things --- */

void ld_set(json_t *j, const char *key, str_t text)
{
	if (text.n)
		json_object_set_new(j, key, view_text(text));
}

json_t *ld_new(const char *type, str_t id)
{
	json_t *j = json_object();
	json_object_set_new(j, "@type", json_string(type));
	ld_set(j, "@id", id);
	return j;
}

void ld_set_size(arena_t *a, json_t *j, int width, int height)
{
	ld_set(j, "width", str_format(a, "%d px", width));
	ld_set(j, "height", str_format(a, "%d px", height));
}

json_t *ld_graph(struct view *v)
{
	json_t *whole = json_object_get(v->json, "structured");
	if (!whole) {
		whole = json_object();
		json_object_set_new(whole, "@context", json_string("https://schema.org"));
		json_object_set_new(whole, "@graph", json_array());
		json_object_set_new(v->json, "structured", whole);
	}
	return json_object_get(whole, "@graph");
}

static str_t text_of(const json_t *j, const char *key)
{
	const json_t *t = json_object_get(j, key);
	return json_is_string(t) ? str_from(json_string_value(t), json_string_length(t)) : S("");
}

str_t ld_place(struct stet *s, arena_t *a, str_t place)
{
	return str_starts(place, S("/")) ? view_absolute(s, a, place) : str_uri(a, place);
}

/* --- the publisher --- */

static void set_links(struct stet *s, arena_t *a, json_t *j)
{
	json_t *list = json_array();
	for (str_t rest = s->config.same_as; rest.n;)
		json_array_append_new(list, view_text(str_uri(a, str_trim(str_cut(&rest, ',')))));
	if (json_array_size(list) > 0)
		json_object_set(j, "sameAs", list);
	json_decref(list);
}

static str_t publisher_id(struct stet *s, arena_t *a)
{
	return view_absolute(s, a, S("/#publisher"));
}

json_t *ld_publisher_name(struct stet *s, arena_t *a)
{
	json_t *j = ld_new("NewsMediaOrganization", publisher_id(s, a));
	ld_set(j, "name", s->config.name);
	ld_set(j, "url", view_absolute(s, a, S("/")));
	return j;
}

json_t *ld_publisher(struct stet *s, arena_t *a)
{
	const struct config *c = &s->config;
	const struct {
		const char *key;
		str_t       place;
	} policies[] = {
		{ "publishingPrinciples", c->policy_principles },
		{ "correctionsPolicy", c->policy_corrections },
		{ "ethicsPolicy", c->policy_ethics },
		{ "ownershipFundingInfo", c->policy_ownership },
		{ "masthead", c->policy_masthead },
		{ "actionableFeedbackPolicy", c->policy_feedback },
	};
	json_t *j = ld_publisher_name(s, a), *logo = ld_new("ImageObject", S(""));
	ld_set(j, "slogan", c->tagline);
	ld_set(logo, "url", view_absolute(s, a, S("/share/logo.png")));
	ld_set_size(a, logo, LOGO_WIDTH, LOGO_HEIGHT);
	json_object_set_new(j, "logo", logo);
	for (size_t i = 0; i < COUNT(policies); i++)
		if (policies[i].place.n)
			ld_set(j, policies[i].key, ld_place(s, a, policies[i].place));
	set_links(s, a, j);
	return j;
}

static json_t *website_name(struct stet *s, arena_t *a)
{
	json_t *j = ld_new("WebSite", view_absolute(s, a, S("/#website")));
	ld_set(j, "name", s->config.name);
	ld_set(j, "url", view_absolute(s, a, S("/")));
	return j;
}

static void add_website(struct stet *s, struct view *v)
{
	json_t *site = website_name(s, v->a), *search = ld_new("SearchAction", S(""));
	json_t *entry = ld_new("EntryPoint", S(""));
	ld_set(entry, "urlTemplate", str_format(v->a, "%.*s/search?q={search_term_string}",
						STR(s->config.url)));
	json_object_set_new(search, "target", entry);
	ld_set(search, "query-input", S("required name=search_term_string"));
	json_object_set_new(site, "potentialAction", search);
	ld_set(site, "inLanguage", v->language);
	json_object_set_new(site, "publisher", ld_publisher_name(s, v->a));
	json_array_append_new(ld_graph(v), site);
	json_array_append_new(ld_graph(v), ld_publisher(s, v->a));
}

/* --- where a page stands --- */

static void add_crumb(json_t *crumbs, str_t name, str_t url)
{
	json_t *j = ld_new("ListItem", S(""));
	json_object_set_new(j, "position", json_integer((json_int_t)json_array_size(crumbs) + 1));
	ld_set(j, "name", name);
	ld_set(j, "item", url);
	json_array_append_new(crumbs, j);
}

static void add_breadcrumbs(struct stet *s, struct view *v, const json_t *page)
{
	json_t *list = ld_new("BreadcrumbList", S("")), *crumbs = json_array();
	const json_t *section = json_object_get(v->json, "section");
	add_crumb(crumbs, s->config.name, view_absolute(s, v->a, S("/")));
	if (json_is_object(section))
		add_crumb(crumbs, text_of(section, "name"),
			  view_absolute(s, v->a, text_of(section, "url")));
	add_crumb(crumbs, text_of(page, "title"), text_of(page, "canonical"));
	json_object_set_new(list, "itemListElement", crumbs);
	json_array_append_new(ld_graph(v), list);
}

/* --- lists --- */

static void add_item(struct stet *s, struct view *v, json_t *items, const json_t *card)
{
	str_t url = text_of(card, "url");
	if (!url.n)
		return;
	json_t *j = ld_new("ListItem", S(""));
	json_object_set_new(j, "position", json_integer((json_int_t)json_array_size(items) + 1));
	ld_set(j, "url", view_absolute(s, v->a, url));
	json_array_append_new(items, j);
}

/* The cards of a view, in the order in which a page shows them. NULL where there is none. */
static json_t *items_of(struct stet *s, struct view *v)
{
	static const char *const lists[] = { "seconds", "cards", "latest" };
	json_t *items = json_array(), *card;
	size_t i;
	add_item(s, v, items, json_object_get(v->json, "lead"));
	for (size_t l = 0; l < COUNT(lists); l++)
		json_array_foreach(json_object_get(v->json, lists[l]), i, card)
			add_item(s, v, items, card);
	if (json_array_size(items) > 0)
		return items;
	json_decref(items);
	return NULL;
}

static json_t *page_new(struct stet *s, struct view *v, const json_t *page, const char *type)
{
	json_t *j = ld_new(type, text_of(page, "canonical"));
	ld_set(j, "url", text_of(page, "canonical"));
	ld_set(j, "name", text_of(page, "title"));
	ld_set(j, "description", text_of(page, "description"));
	ld_set(j, "inLanguage", v->language);
	json_object_set_new(j, "isPartOf", website_name(s, v->a));
	return j;
}

/* A page that lists stories, or shows something else. */
static void add_page(struct stet *s, struct view *v, const json_t *page)
{
	json_t *items = items_of(s, v);
	json_t *j = page_new(s, v, page, items ? "CollectionPage" : "WebPage");
	const json_t *updated = json_object_get(v->json, "updated");
	if (json_is_object(updated))
		ld_set(j, "dateModified", text_of(updated, "iso"));
	if (items) {
		json_t *list = ld_new("ItemList", S(""));
		json_object_set_new(list, "itemListElement", items);
		json_object_set_new(j, "mainEntity", list);
	}
	json_array_append_new(ld_graph(v), j);
}

/* An author's page is about a person. */
static void add_profile(struct stet *s, struct view *v, const json_t *page)
{
	json_t *j = page_new(s, v, page, "ProfilePage");
	json_t *person = ld_new("Person", S(""));
	const json_t *picture = json_object_get(page, "picture");
	ld_set(person, "name", text_of(v->json, "name"));
	ld_set(person, "url", text_of(page, "canonical"));
	ld_set(person, "jobTitle", text_of(v->json, "role"));
	ld_set(person, "description", text_of(page, "description"));
	if (json_is_object(json_object_get(v->json, "picture")))
		ld_set(person, "image", text_of(picture, "url"));
	json_object_set_new(person, "worksFor", ld_publisher_name(s, v->a));
	json_object_set_new(j, "mainEntity", person);
	json_array_append_new(ld_graph(v), j);
}

static bool is_kind(const json_t *page, const char *kind)
{
	return str_eq(text_of(page, "kind"), str_of(kind));
}

err_t structured_text(arena_t *a, const json_t *j, str_t *out)
{
	static const struct {
		char        c;
		const char *with;
	} escapes[] = { { '<', "\\u003c" }, { '>', "\\u003e" }, { '&', "\\u0026" } };
	char *dump = json_dumps(j, JSON_COMPACT);
	if (!dump)
		return err_new(ERR_MEMORY, "out of memory while writing structured data");
	str_t text = str_copy(a, str_of(dump));
	free(dump);
	/* These stand in JSON's strings only. */
	for (size_t i = 0; i < COUNT(escapes); i++)
		text = str_replace(a, text, str_from(&escapes[i].c, 1), str_of(escapes[i].with));
	*out = text;
	return OK;
}

err_t structured_frame(struct stet *s, struct view *v)
{
	json_t *page = json_object_get(v->json, "page");
	if (!json_is_string(json_object_get(page, "canonical")) || v->status != 200)
		return OK;
	if (is_kind(page, "front"))
		add_website(s, v);
	else
		add_breadcrumbs(s, v, page);
	if (is_kind(page, "author"))
		add_profile(s, v, page);
	else if (!is_kind(page, "story"))
		add_page(s, v, page);
	if (str_ends(v->q->path, S(".json")))
		return OK;
	str_t text;
	TRY(structured_text(v->a, json_object_get(v->json, "structured"), &text));
	json_object_set_new(page, "structured", view_text(text));
	return OK;
}
