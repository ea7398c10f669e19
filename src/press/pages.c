/* pages.c: the pages readers see: one function fills a view for each, the route table says where. */
#include "press/press.h"
#include "press/feeds.h"
#include "press/media.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

/* --- pages of a list: "?before=KEY", a key being the time and id of the last card shown --- */

static str_t key_text(arena_t *a, const struct card *last)
{
	return str_format(a, "%.*s%.*s", STR(id_text(a, last->published)),
			  STR(id_text(a, last->id)));
}

/* The key that was asked for; a broken one is an address that leads nowhere. */
static err_t key_asked(const struct request *q, struct list_key *out)
{
	*out = (struct list_key){ 0 };
	str_t text = params_get(&q->query, "before");
	if (!text.p)
		return OK;
	if (text.n == 2 * ID_TEXT && id_parse(str_slice(text, 0, ID_TEXT), &out->published) &&
	    id_parse(str_slice(text, ID_TEXT, text.n), &out->id))
		return OK;
	return err_new(ERR_MISSING, "there is no such page of the list");
}

/* Cards, and the ways to the older and the newest page. */
static void set_list(struct view *v, const struct list *list, size_t from, str_t path, bool first)
{
	json_t *cards = view_cards(v->a, list->v + from, list->n - from);
	json_object_set_new(v->json, "cards", cards);
	json_object_set_new(v->json, "older", json_null());
	json_object_set_new(v->json, "newest", json_null());
	if (list->more && list->n)
		view_set_text(v->json, "older",
			      str_format(v->a, "%.*s?before=%.*s", STR(path),
					 STR(key_text(v->a, &list->v[list->n - 1]))));
	if (!first)
		view_set_text(v->json, "newest", path);
}

/* --- front --- */

enum { SECONDS = 4, LATEST = 8, BAND = 5 };

/* The stories of a section that stand nowhere above, newest first, at most BAND of them. The first
 * with a picture opens the band. */
static size_t choose_band(const struct section *section, const struct list *all, bool *used,
			  size_t chosen[BAND])
{
	size_t n = 0, opener = 0;
	for (size_t i = 0; i < all->n && n < BAND; i++)
		if (!used[i] && all->v[i].section.id == section->id)
			chosen[n++] = i;
	while (opener < n && !all->v[chosen[opener]].picture.media.id)
		opener++;
	if (opener == n)
		opener = 0; /* none has one: the newest */
	for (size_t first = n ? chosen[opener] : 0; opener > 0; opener--) {
		chosen[opener] = chosen[opener - 1];
		chosen[opener - 1] = first;
	}
	for (size_t i = 0; i < n; i++)
		used[chosen[i]] = true;
	return n;
}

static void add_band(struct view *v, json_t *bands, const struct section *section,
		     const struct list *all, bool *used)
{
	size_t chosen[BAND], n = choose_band(section, all, used, chosen);
	if (!n)
		return;
	json_t *band = json_object(), *cards = json_array();
	for (size_t i = 1; i < n; i++)
		json_array_append_new(cards, view_card(v->a, &all->v[chosen[i]]));
	json_object_set_new(band, "name", view_text(section->name));
	json_object_set_new(band, "url",
			    view_text(str_format(v->a, "/%.*s", STR(section->slug))));
	json_object_set_new(band, "first", view_card(v->a, &all->v[chosen[0]]));
	json_object_set_new(band, "cards", cards);
	json_array_append_new(bands, band);
}

static void add_cards(struct view *v, const char *key, const struct list *all, bool *used,
		      size_t most)
{
	json_t *cards = json_array();
	for (size_t i = 0; i < all->n && json_array_size(cards) < most; i++) {
		if (used[i])
			continue;
		used[i] = true;
		json_array_append_new(cards, view_card(v->a, &all->v[i]));
	}
	json_object_set_new(v->json, key, cards);
}

/* The newest story with a picture leads; without any, the newest. */
static size_t choose_lead(const struct list *all)
{
	enum { RECENT = 6 };
	for (size_t i = 0; i < all->n && i < RECENT; i++)
		if (all->v[i].picture.media.id)
			return i;
	return 0;
}

static err_t front_view(struct stet *s, struct view *v)
{
	struct list all;
	TRY(list_stories(v->c, v->a, LIST_ALL, 0, (struct list_key){ 0 },
			 (size_t)s->config.front_stories, &all));
	strs_add(v->a, &v->topics, topic_front());
	struct page_head head = { .kind = "front", .title = s->config.name,
				  .description = s->config.tagline, .path = S("/") };
	v->template = "front";
	bool *used = arena_array(v->a, all.n + 1, sizeof *used);
	if (all.n) {
		size_t lead = choose_lead(&all);
		used[lead] = true;
		json_object_set_new(v->json, "lead", view_card(v->a, &all.v[lead]));
		head.picture = &all.v[lead].picture.media;
		head.picture_alt = all.v[lead].picture.alt;
	}
	view_head(s, v, &head);
	str_t today = time_weekday(v->a, clock_now(&s->clock));
	json_object_set_new(json_object_get(v->json, "page"), "today", view_text(today));
	add_cards(v, "seconds", &all, used, SECONDS);
	add_cards(v, "latest", &all, used, LATEST);
	struct section *sections;
	size_t n;
	TRY(section_list(v->c, v->a, &sections, &n));
	json_t *bands = json_array();
	json_object_set_new(v->json, "sections", bands);
	for (size_t i = 0; i < n; i++)
		add_band(v, bands, &sections[i], &all, used);
	return OK;
}

/* --- section, tag, author --- */

static err_t section_view(struct stet *s, struct view *v, const struct section *section)
{
	struct list_key key;
	struct list list;
	TRY(key_asked(v->q, &key));
	TRY(list_stories(v->c, v->a, LIST_SECTION, section->id, key,
			 (size_t)s->config.list_stories, &list));
	str_t path = str_format(v->a, "/%.*s", STR(section->slug));
	view_head(s, v, &(struct page_head){
		.kind = "section", .title = section->name, .description = section->description,
		.path = path, .feed = path, .feed_name = section->name });
	json_object_set_new(v->json, "name", view_text(section->name));
	view_set_text(v->json, "description", section->description);
	json_object_set_new(v->json, "url", view_text(path));
	bool leads = !key.id && list.n > 0;
	if (leads)
		json_object_set_new(v->json, "lead", view_card(v->a, &list.v[0]));
	set_list(v, &list, leads ? 1 : 0, path, !key.id);
	strs_add(v->a, &v->topics, topic_section(v->a, section->slug));
	v->template = "section";
	return OK;
}

static err_t tag_view(struct stet *s, struct view *v)
{
	struct tag tag;
	struct list_key key;
	struct list list;
	TRY(tag_by_slug(v->c, v->a, params_get(&v->q->route, "slug"), &tag));
	TRY(key_asked(v->q, &key));
	TRY(list_stories(v->c, v->a, LIST_TAG, tag.id, key, (size_t)s->config.list_stories,
			 &list));
	if (!list.n)
		return err_new(ERR_MISSING, "no story has this tag");
	str_t path = str_format(v->a, "/tag/%.*s", STR(tag.slug));
	view_head(s, v, &(struct page_head){ .kind = "tag", .title = tag.name, .path = path });
	json_object_set_new(v->json, "name", view_text(tag.name));
	json_object_set_new(v->json, "url", view_text(path));
	set_list(v, &list, 0, path, !key.id);
	strs_add(v->a, &v->topics, topic_tag(v->a, tag.slug));
	v->template = "tag";
	return OK;
}

static err_t author_view(struct stet *s, struct view *v)
{
	struct author author;
	struct list_key key;
	struct list list;
	TRY(author_by_slug(v->c, v->a, params_get(&v->q->route, "slug"), &author));
	TRY(key_asked(v->q, &key));
	TRY(list_stories(v->c, v->a, LIST_AUTHOR, author.id, key, (size_t)s->config.list_stories,
			 &list));
	str_t path = str_format(v->a, "/author/%.*s", STR(author.slug));
	view_head(s, v, &(struct page_head){
		.kind = "author", .title = author.name, .description = clean_text(v->a, author.bio),
		.path = path, .picture = &author.picture });
	json_object_set_new(v->json, "name", view_text(author.name));
	view_set_text(v->json, "role", author.role);
	view_set_text(v->json, "bio", author.bio);
	json_object_set_new(v->json, "url", view_text(path));
	struct lead_picture portrait = { .media = author.picture, .alt = author.name };
	json_object_set_new(v->json, "picture", view_lead_picture(v->a, &portrait));
	set_list(v, &list, 0, path, !key.id);
	strs_add(v->a, &v->topics, topic_author(v->a, author.slug));
	v->template = "author";
	return OK;
}

/* --- story and static page --- */

static json_t *authors_of(struct view *v, const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->nauthors; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "name", view_text(st->authors[i].name));
		view_set_text(j, "role", st->authors[i].role);
		json_object_set_new(j, "url", view_text(str_format(v->a, "/author/%.*s",
								   STR(st->authors[i].slug))));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *tags_of(struct view *v, const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->ntags; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "name", view_text(st->tags[i].name));
		json_object_set_new(j, "url", view_text(str_format(v->a, "/tag/%.*s",
								   STR(st->tags[i].slug))));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *corrections_of(struct view *v, const struct story *st)
{
	if (!st->ncorrections)
		return json_null();
	json_t *list = json_array();
	for (size_t i = st->ncorrections; i > 0; i--) {
		json_t *j = json_object();
		json_object_set_new(j, "date", view_date(v->a, st->corrections[i - 1].made));
		json_object_set_new(j, "text", view_text(st->corrections[i - 1].text));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *section_of(struct view *v, const struct story *st)
{
	json_t *j = json_object();
	json_object_set_new(j, "name", view_text(st->section.name));
	json_object_set_new(j, "url", view_text(str_format(v->a, "/%.*s", STR(st->section.slug))));
	return j;
}

static void head_of(struct stet *s, struct view *v, const struct story *st)
{
	str_t path = story_path(v->a, st);
	view_head(s, v, &(struct page_head){
		.kind = st->kind == STORY ? "story" : "static", .title = st->headline,
		.description = clean_text(v->a, st->standfirst), .path = path,
		.picture = &st->picture.media, .picture_alt = st->picture.alt });
	json_object_set_new(v->json, "url", view_text(path));
}

err_t press_elsewhere(struct stet *s, struct view *v)
{
	enum { SOME = 5 };
	struct list list;
	(void)s;
	TRY(list_stories(v->c, v->a, LIST_ALL, 0, (struct list_key){ 0 }, SOME, &list));
	json_object_set_new(v->json, "latest", view_cards(v->a, list.v, list.n));
	return OK;
}

/* A withdrawn story leaves a page that says that it was there and why it is not. */
static err_t withdrawn_view(struct stet *s, struct view *v, const struct story *st)
{
	v->status = 410;
	v->template = "error";
	head_of(s, v, st);
	json_t *page = json_object_get(v->json, "page");
	json_object_set_new(page, "title", json_string("Withdrawn"));
	json_object_set_new(page, "kind", json_string("error"));
	json_object_set_new(page, "error", json_true());
	json_object_set_new(page, "robots", json_string("noindex"));
	json_object_del(page, "description");
	json_object_del(page, "picture");
	json_object_set_new(v->json, "status", json_integer(410));
	json_object_set_new(v->json, "heading", json_string("This story was withdrawn"));
	json_object_set_new(v->json, "message",
			    json_string("It stood at this address and has been taken down."));
	view_set_text(v->json, "reason", st->withdrawn_why);
	return press_elsewhere(s, v);
}

static err_t story_view(struct stet *s, struct view *v, const struct story *st)
{
	strs_add(v->a, &v->topics, topic_story(v->a, st->id));
	if (st->state == WITHDRAWN)
		return withdrawn_view(s, v, st);
	head_of(s, v, st);
	str_t body;
	TRY(media_expand(v->c, v->a, st->body, &body));
	json_t *j = v->json;
	json_object_set_new(j, "headline", view_text(st->headline));
	view_set_text(j, "standfirst", st->standfirst);
	json_object_set_new(j, "body", view_text(body));
	json_object_set_new(j, "words", json_integer(st->words));
	json_object_set_new(j, "published", view_date(v->a, st->published));
	json_object_set_new(j, "updated", view_date(v->a, st->updated));
	json_object_set_new(j, "picture", view_lead_picture(v->a, &st->picture));
	json_object_set_new(j, "corrections", corrections_of(v, st));
	v->template = "page";
	if (st->kind == STATIC_PAGE)
		return OK;
	json_object_set_new(j, "section", section_of(v, st));
	json_object_set_new(j, "authors", authors_of(v, st));
	view_set_text(j, "byline", byline(v->a, st->authors, st->nauthors));
	view_set_text(j, "dateline", st->dateline);
	json_object_set_new(j, "tags", tags_of(v, st));
	json_object_set_new(j, "long", json_boolean(st->long_read));
	v->template = "story";
	return OK;
}

static err_t story_at(struct stet *s, struct view *v)
{
	struct story st;
	TRY(story_by_slug(v->c, v->a, STORY, params_get(&v->q->route, "slug"), &st));
	if (st.state == DRAFT || !str_eq(st.section.slug, params_get(&v->q->route, "section")))
		return err_new(ERR_MISSING, "there is no such story");
	return story_view(s, v, &st);
}

/* "/world" is a section's front or, failing that, a static page. */
static err_t top_at(struct stet *s, struct view *v)
{
	str_t slug = params_get(&v->q->route, "slug");
	struct section section;
	err_t e = section_by_slug(v->c, v->a, slug, &section);
	if (!e)
		return section_view(s, v, &section);
	if (e->code != ERR_MISSING)
		return e;
	err_free(e);
	struct story st;
	TRY(story_by_slug(v->c, v->a, STATIC_PAGE, slug, &st));
	if (st.state == DRAFT)
		return err_new(ERR_MISSING, "there is no such page");
	return story_view(s, v, &st);
}

/* WordPress's plain addresses are all of the front page: "/?p=12". */
static err_t front_moved(struct stet *s, struct request *q, str_t *to)
{
	struct conn *c;
	TRY(store_reader(s->store, &c));
	err_t e = redirect_find(c, q->a, q->target, to);
	store_done(s->store, c);
	return e;
}

static err_t front_page(struct stet *s, struct request *q, struct response *r)
{
	str_t to = { NULL, 0 };
	if (q->query.n)
		TRY(front_moved(s, q, &to));
	if (to.p) {
		response_redirect(q, r, 301, view_absolute(s, q->a, to));
		return OK;
	}
	return site_page(s, q, r, front_view);
}

static err_t top_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, top_at);
}

static err_t story_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, story_at);
}

static err_t tag_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, tag_view);
}

static err_t author_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, author_view);
}

static err_t rss_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, feed_rss);
}

static err_t atom_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, feed_atom);
}

static err_t json_feed_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, feed_json);
}

static err_t sitemap_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, sitemap_index);
}

static err_t sitemap_part_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, sitemap_part);
}

static err_t robots_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, robots_txt);
}

const struct route press_routes[] = {
	{ GET, "/", front_page },
	{ GET, "/index.json", front_page },
	{ GET, "/rss.xml", rss_page },
	{ GET, "/atom.xml", atom_page },
	{ GET, "/feed.json", json_feed_page },
	{ GET, "/sitemap.xml", sitemap_page },
	{ GET, "/sitemap/:part.xml", sitemap_part_page },
	{ GET, "/robots.txt", robots_page },
	{ GET, "/tag/:slug", tag_page },
	{ GET, "/tag/:slug.json", tag_page },
	{ GET, "/author/:slug", author_page },
	{ GET, "/author/:slug.json", author_page },
	{ GET, "/media/:hash/:file", media_serve },
	{ GET, "/:slug", top_page },
	{ GET, "/:slug.json", top_page },
	{ GET, "/:section/rss.xml", rss_page },
	{ GET, "/:section/atom.xml", atom_page },
	{ GET, "/:section/feed.json", json_feed_page },
	{ GET, "/:section/:slug", story_page },
	{ GET, "/:section/:slug.json", story_page },
	{ METHOD_OTHER, NULL, NULL },
};
