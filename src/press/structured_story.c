/* structured_story.c: a story in schema.org's terms: who wrote it, when, where from, with which
 * pictures, what of it was corrected, under which licence, by whom it is published. */
#include "press/structured.h"
#include "press/structured_parts.h"
#include "press/live_view.h"
#include "press/media.h"
#include "press/share.h"

#include "page/clean.h"

static const char *type_of(const struct story *st)
{
	static const char *const types[] = {
		[REPORT] = "NewsArticle", [ANALYSIS] = "AnalysisNewsArticle",
		[OPINION] = "OpinionNewsArticle", [REVIEW] = "ReviewNewsArticle",
		[BACKGROUND] = "BackgroundNewsArticle", [SPONSORED] = "AdvertiserContentArticle",
	};
	if (st->live != NOT_LIVE)
		return "LiveBlogPosting";
	return types[st->genre];
}

static void set_date(json_t *j, arena_t *a, const char *key, usec_t t)
{
	if (t)
		ld_set(j, key, time_iso(a, t));
}

static json_t *authors_of(struct stet *s, arena_t *a, const struct author *authors, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *j = ld_new("Person", S(""));
		ld_set(j, "name", authors[i].name);
		ld_set(j, "url", view_absolute(s, a, str_format(a, "/author/%.*s",
								STR(authors[i].slug))));
		ld_set(j, "jobTitle", authors[i].role);
		json_array_append_new(list, j);
	}
	if (!n)
		json_array_append_new(list, ld_publisher_name(s, a));
	return list;
}

/* Who made a picture, and on what terms it may be had. */
static void set_maker(struct stet *s, arena_t *a, json_t *j, const struct media *m)
{
	if (m->creator.n) {
		json_t *maker = ld_new("Person", S(""));
		ld_set(maker, "name", m->creator);
		json_object_set_new(j, "creator", maker);
	}
	ld_set(j, "copyrightNotice", m->copyright);
	if (str_starts(m->licence, S("https://")) || str_starts(m->licence, S("http://")))
		ld_set(j, "license", m->licence);
	if (s->config.policy_feedback.n)
		ld_set(j, "acquireLicensePage", ld_place(s, a, s->config.policy_feedback));
}

static json_t *picture_new(arena_t *a, str_t url, int width, int height)
{
	json_t *j = ld_new("ImageObject", S(""));
	ld_set(j, "url", url);
	ld_set(j, "contentUrl", url);
	ld_set_size(a, j, width, height);
	return j;
}

static void set_words_of_picture(struct stet *s, arena_t *a, json_t *j, const struct lead_picture *p)
{
	ld_set(j, "caption", clean_text(a, p->caption));
	ld_set(j, "creditText", p->credit);
	set_maker(s, a, j, &p->media);
}

/* Search engines ask for one picture in three shapes; a small one has none to give. */
static void add_cuts(struct stet *s, arena_t *a, json_t *list, const struct lead_picture *p)
{
	enum { WIDTH_WANTED = 1200, WIDTH_LEAST = 696 };
	static const enum media_shape shapes[] = { MEDIA_16X9, MEDIA_4X3, MEDIA_1X1 };
	for (size_t i = 0; i < COUNT(shapes); i++) {
		int width, height;
		str_t src = media_crop_src(a, &p->media, shapes[i], WIDTH_WANTED, &width, &height);
		if (width < WIDTH_LEAST)
			continue;
		json_t *j = picture_new(a, view_absolute(s, a, src), width, height);
		set_words_of_picture(s, a, j, p);
		json_array_append_new(list, j);
	}
}

static json_t *pictures_of(struct stet *s, arena_t *a, const struct story *st)
{
	struct share_picture shown = share_picture_of(s, a, st);
	json_t *list = json_array(), *j = picture_new(a, shown.url, shown.width, shown.height);
	json_array_append_new(list, j);
	if (shown.drawn) {
		ld_set(j, "creditText", s->config.name);
		json_object_set_new(j, "creator", ld_publisher_name(s, a));
		return list;
	}
	set_words_of_picture(s, a, j, &st->picture);
	add_cuts(s, a, list, &st->picture);
	return list;
}

static json_t *corrections_of(const struct view *v, const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = st->ncorrections; i > 0; i--) {
		const struct correction *k = &st->corrections[i - 1];
		json_t *j = ld_new("CorrectionComment", S(""));
		ld_set(j, "text", clean_text(v->a, correction_html(v, k)));
		set_date(j, v->a, "datePublished", k->made);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *keywords_of(const struct story *st)
{
	json_t *list = json_array();
	for (size_t i = 0; i < st->ntags; i++)
		json_array_append_new(list, view_text(st->tags[i].name));
	return list;
}

/* Lists that have nothing in them are left out. */
static void set_list(json_t *j, const char *key, json_t *list)
{
	if (json_array_size(list) > 0)
		json_object_set(j, key, list);
	json_decref(list);
}

static void set_words(struct view *v, json_t *j, const struct story *st, str_t address)
{
	json_t *page = ld_new("WebPage", address);
	json_object_set_new(j, "mainEntityOfPage", page);
	ld_set(j, "url", address);
	ld_set(j, "headline", st->headline);
	ld_set(j, "description", clean_text(v->a, st->standfirst));
	ld_set(j, "articleSection", st->section.name);
	set_list(j, "keywords", keywords_of(st));
	ld_set(j, "inLanguage", v->language);
	set_date(j, v->a, "datePublished", st->published);
	set_date(j, v->a, "dateModified", st->updated > st->published ? st->updated
								      : st->published);
	if (st->live == NOT_LIVE)
		ld_set(j, "dateline", st->dateline);
	json_object_set_new(j, "wordCount", json_integer(st->words));
	json_object_set_new(j, "isAccessibleForFree", json_true());
	json_object_set_new(j, "version", json_integer(st->revision));
}

static void set_rights(struct stet *s, arena_t *a, json_t *j, const struct story *st)
{
	json_object_set_new(j, "publisher", ld_publisher(s, a));
	json_object_set_new(j, "copyrightHolder", ld_publisher_name(s, a));
	json_object_set_new(j, "copyrightYear", json_integer(time_year(st->published)));
	if (s->config.licence.n)
		ld_set(j, "license", ld_place(s, a, s->config.licence));
	if (s->config.policy_principles.n)
		ld_set(j, "publishingPrinciples", ld_place(s, a, s->config.policy_principles));
}

/* The series it belongs to; the story it is a translation of, and those that are one of it, from the
 * view: another part has found them by now. */
static void set_relations(struct stet *s, struct view *v, json_t *j, const struct story *st)
{
	if (st->series.slug.n) {
		json_t *series = ld_new("CreativeWorkSeries", S(""));
		ld_set(series, "name", st->series.name);
		ld_set(series, "url", view_absolute(s, v->a, str_format(v->a, "/series/%.*s",
									STR(st->series.slug))));
		json_object_set_new(j, "isPartOf", series);
	}
	json_t *list = json_array(), *t;
	size_t i;
	json_array_foreach(json_object_get(v->json, "translations"), i, t) {
		str_t url = str_of(json_string_value(json_object_get(t, "url")));
		str_t lang = str_of(json_string_value(json_object_get(t, "lang")));
		if (str_eq(lang, v->language))
			continue;
		json_t *work = ld_new("NewsArticle", view_absolute(s, v->a, url));
		ld_set(work, "inLanguage", lang);
		json_array_append_new(list, work);
	}
	if (json_array_size(list) > 0)
		json_object_set(j, st->translates.id ? "translationOfWork" : "workTranslation",
				st->translates.id ? json_array_get(list, 0) : list);
	json_decref(list);
}

static void add_alternate(json_t *list, str_t lang, str_t url)
{
	json_array_append_new(list, json_pack("{s:o, s:o}", "lang", view_text(lang), "url",
					      view_text(url)));
}

/* For rel=alternate: this story, its translations, and the one for everybody else: the original. */
static void set_alternates(struct stet *s, struct view *v, const struct story *st, str_t address)
{
	json_t *list = json_array(), *t;
	str_t original = st->translates.id ? S("") : address;
	str_t end = str_format(v->a, "/%.*s", STR(st->translates.slug));
	size_t i;
	json_array_foreach(json_object_get(v->json, "translations"), i, t) {
		str_t path = str_of(json_string_value(json_object_get(t, "url")));
		str_t lang = str_of(json_string_value(json_object_get(t, "lang")));
		if (str_eq(lang, v->language))
			continue;
		add_alternate(list, lang, view_absolute(s, v->a, path));
		if (st->translates.id && str_ends(path, end))
			original = view_absolute(s, v->a, path);
	}
	if (json_array_size(list) > 0) {
		add_alternate(list, v->language, address);
		if (original.n)
			add_alternate(list, S("x-default"), original);
	}
	json_object_set_new(v->json, "alternates", list);
}

/* The newest entries of a live blog, newest first. */
static err_t set_entries(struct stet *s, struct view *v, json_t *j, const struct story *st,
			 str_t address)
{
	struct live_entries entries;
	json_t *list = json_array();
	json_object_set_new(j, "liveBlogUpdate", list);
	TRY(live_entries(v->c, v->a, st->id, (struct live_key){ 0 }, LIVE_PAGE, &entries));
	for (size_t i = 0; i < entries.n; i++) {
		const struct live_entry *e = &entries.v[i];
		if (e->withdrawn)
			continue;
		json_t *update = ld_new("BlogPosting", S(""));
		str_t words = clean_text(v->a, e->body);
		ld_set(update, "headline", live_entry_title(v->a, e));
		ld_set(update, "articleBody", words);
		set_date(update, v->a, "datePublished", e->time);
		set_date(update, v->a, "dateModified", e->edited);
		ld_set(update, "url", str_format(v->a, "%.*s#entry-%.*s", STR(address),
						 STR(id_text(v->a, e->id))));
		json_object_set_new(update, "author", authors_of(s, v->a, e->authors, e->nauthors));
		json_array_append_new(list, update);
	}
	return OK;
}

err_t part_structured(struct stet *s, struct view *v, const struct story *st)
{
	str_t path = story_path(v->a, st), address = view_absolute(s, v->a, path);
	json_t *j = ld_new(type_of(st), str_format(v->a, "%.*s#story", STR(address)));
	json_array_append_new(ld_graph(v), j);
	set_words(v, j, st, address);
	json_object_set_new(j, "author", authors_of(s, v->a, st->authors, st->nauthors));
	json_object_set_new(j, "image", pictures_of(s, v->a, st));
	set_list(j, "correction", corrections_of(v, st));
	set_rights(s, v->a, j, st);
	set_relations(s, v, j, st);
	set_alternates(s, v, st, address);
	json_object_set_new(v->json, "oembed", view_text(form_encode(v->a, address)));
	if (st->live != NOT_LIVE) {
		set_date(j, v->a, "coverageStartTime",
			 st->live_from ? st->live_from : st->published);
		set_date(j, v->a, "coverageEndTime", st->live_until);
		TRY(set_entries(s, v, j, st, address));
	}
	return OK;
}
