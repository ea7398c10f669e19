/* view.c: see view.h. Every key a template may use is made here or in pages.c and documented at the
 * head of the template. */
#include "press/view.h"
#include "press/media.h"
#include "press/structured.h"
#include "press/structured_parts.h"

#include "page/assets.h"
#include "page/clean.h"
#include "record/act.h"

json_t *view_text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

void view_set_text(json_t *object, const char *key, str_t s)
{
	if (s.n)
		json_object_set_new(object, key, view_text(s));
	else
		json_object_set_new(object, key, json_null());
}

json_t *view_date(const struct view *v, usec_t t)
{
	static const struct {
		const char *key, *pattern;
	} forms[] = { { "text", "date.long" }, { "short", "date.day" }, { "time", "date.time" },
		      { "day", "date.short-day" } };
	if (!t)
		return json_null();
	json_t *d = json_object();
	json_object_set_new(d, "iso", view_text(time_iso(v->a, t)));
	for (size_t i = 0; i < COUNT(forms); i++)
		json_object_set_new(d, forms[i].key,
				    view_text(messages_date(v->a, v->tongue, forms[i].pattern, t)));
	return d;
}

str_t view_byline(const struct view *v, const struct author *authors, size_t n)
{
	return byline(v->a, authors, n, str_format(v->a, " %.*s ", STR(say(v, "byline.and"))));
}

static json_t *with_words(const struct lead_picture *p, json_t *j)
{
	if (!j)
		return json_null();
	json_object_set_new(j, "alt", view_text(p->alt));
	view_set_text(j, "caption", p->caption);
	view_set_text(j, "credit", p->credit);
	return j;
}

json_t *view_lead_picture(arena_t *a, const struct lead_picture *p)
{
	return with_words(p, media_view(a, &p->media));
}

/* Cards show all pictures in one shape, cut about their subjects. */
static json_t *card_picture(arena_t *a, const struct lead_picture *p)
{
	return with_words(p, media_cut_view(a, &p->media, MEDIA_3X2));
}

json_t *view_section(arena_t *a, const struct section *section)
{
	if (!section->slug.n)
		return json_null();
	json_t *j = json_object();
	json_object_set_new(j, "name", view_text(section->name));
	json_object_set_new(j, "url", view_text(str_format(a, "/%.*s", STR(section->slug))));
	return j;
}

/* Genres that readers are told of over the headline: {name, slug}; a report is what one expects. */
static json_t *genre_of(const struct view *v, enum story_genre genre)
{
	if (genre == REPORT)
		return json_null();
	str_t name = story_genre_name(genre);
	char key[32];
	snprintf(key, sizeof key, "genre.%.*s", STR(name));
	return json_pack("{s:o, s:o}", "slug", view_text(name), "name", view_text(say(v, key)));
}

static void set_language(const struct view *v, json_t *j, str_t language)
{
	bool other = language.n && !str_eq(language, v->language);
	view_set_text(j, "lang", other ? language : S(""));
	json_object_set_new(j, "dir", other ? json_string(view_direction(language)) : json_null());
}

void view_set_labels(const struct view *v, json_t *j, str_t kicker, enum story_genre genre,
		     enum story_live live, str_t language)
{
	view_set_text(j, "kicker", kicker);
	json_object_set_new(j, "genre", genre_of(v, genre));
	json_object_set_new(j, "sponsored", json_boolean(genre == SPONSORED));
	json_object_set_new(j, "live", json_boolean(live == LIVE));
	json_object_set_new(j, "was_live", json_boolean(live == LIVE_ENDED));
	set_language(v, j, language);
}

json_t *view_line(const struct view *v, const struct card *card)
{
	json_t *j = json_object();
	json_object_set_new(j, "url", view_text(card_path(v->a, card)));
	json_object_set_new(j, "headline", view_text(card->headline));
	set_language(v, j, card->language);
	return j;
}

/* A card tells of a correction for a month: whoever read the story before sees that it was mended. Then
 * only the story itself says so, for ever. */
static bool was_corrected(const struct view *v, const struct card *card)
{
	return card->corrected && v->modified - card->corrected < 30 * DAY;
}

/* {url, slug, text?}: how much it is talked about; null where nobody does, nor is likely to yet. */
static json_t *talk_of(const struct view *v, const struct card *card)
{
	bool fresh = v->modified - card->published < 14 * DAY && !card->hushed;
	if (card->kind != STORY || (!card->comments && !fresh))
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "url", view_text(str_format(v->a, "%.*s/comments", STR(card_path(v->a, card)))),
			 "slug", view_text(card->slug), "text", card->comments
			 ? view_text(say_count(v, "comments.count", card->comments)) : json_null());
}

json_t *view_card(const struct view *v, const struct card *card)
{
	arena_t *a = v->a;
	json_t *j = json_object();
	json_object_set_new(j, "url", view_text(card_path(a, card)));
	json_object_set_new(j, "headline", view_text(card->headline));
	view_set_text(j, "standfirst", clean_text(a, card->standfirst));
	json_object_set_new(j, "section", view_section(a, &card->section));
	view_set_labels(v, j, card->kicker, card->genre, card->live, card->language);
	view_set_text(j, "live_line", card->live_line);
	view_set_text(j, "byline", view_byline(v, card->authors, card->nauthors));
	json_object_set_new(j, "published", view_date(v, card->published));
	json_object_set_new(j, "picture", card_picture(a, &card->picture));
	json_object_set_new(j, "corrected", json_boolean(was_corrected(v, card)));
	json_object_set_new(j, "sensitive", json_boolean(card->sensitive));
	json_object_set_new(j, "long", json_boolean(card->long_read));
	json_object_set_new(j, "talk", talk_of(v, card));
	return j;
}

json_t *view_cards(const struct view *v, const struct card *cards, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, view_card(v, &cards[i]));
	return list;
}

str_t view_absolute(struct stet *s, arena_t *a, str_t path)
{
	return str_format(a, "%.*s%.*s", STR(s->config.url), STR(str_uri(a, path)));
}

str_t form_encode(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, 3 * s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			buf_add_char(&b, (char)c);
		else
			buf_add_format(&b, "%%%02X", c);
	}
	return buf_str(&b);
}

static void add_feed(json_t *feeds, arena_t *a, str_t base, str_t name, const char *file,
		     const char *type, const char *label)
{
	json_t *j = json_object();
	json_object_set_new(j, "url", view_text(str_format(a, "%.*s/%s", STR(base), file)));
	json_object_set_new(j, "type", json_string(type));
	json_object_set_new(j, "title", view_text(str_format(a, "%.*s (%s)", STR(name), label)));
	json_array_append_new(feeds, j);
}

static json_t *feeds(arena_t *a, str_t base, str_t name)
{
	json_t *list = json_array();
	add_feed(list, a, base, name, "rss.xml", "application/rss+xml", "RSS");
	add_feed(list, a, base, name, "atom.xml", "application/atom+xml", "Atom");
	add_feed(list, a, base, name, "feed.json", "application/feed+json", "JSON Feed");
	return list;
}

/* What stands for the page where it is shared: its picture, else the publication's. */
static json_t *head_picture(struct stet *s, arena_t *a, const struct page_head *head)
{
	struct share_picture p = share_site(s, a);
	if (head->share)
		p = *head->share;
	else if (head->picture && head->picture->id)
		p = share_media(s, a, head->picture, head->picture_alt);
	return share_view(&p);
}

void view_head(struct stet *s, struct view *v, const struct page_head *head)
{
	arena_t *a = v->a;
	json_t *j = json_object();
	json_object_set_new(j, "kind", json_string(head->kind));
	json_object_set_new(j, head->kind, json_true()); /* templates ask {{#page.story}} */
	json_object_set_new(j, "title", view_text(head->title));
	view_set_text(j, "description", str_trim(head->description));
	json_object_set_new(j, "canonical", view_text(view_absolute(s, a, head->path)));
	json_object_set_new(j, "robots", json_string("max-image-preview:large, max-snippet:-1, "
						     "max-video-preview:-1"));
	str_t name = head->feed.p ? head->feed_name : s->config.name;
	json_object_set_new(j, "feeds", feeds(a, head->feed.p ? head->feed : S(""), name));
	str_t file = str_eq(head->path, S("/")) ? S("/index") : head->path;
	json_object_set_new(j, "json", view_text(str_format(a, "%.*s.json", STR(file))));
	json_object_set_new(j, "picture", head_picture(s, a, head));
	json_object_set_new(v->json, "page", j);
}

static bool under(str_t path, str_t slug)
{
	str_t rest = str_slice(path, 1, path.n);
	return str_eq(str_cut(&rest, '/'), slug);
}

static err_t site_sections(struct view *v, json_t *site)
{
	struct section *sections;
	size_t n;
	TRY(section_list(v->c, v->a, &sections, &n));
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *j = view_section(v->a, &sections[i]);
		bool current = under(v->q->path, sections[i].slug);
		json_object_set_new(j, "current", json_boolean(current));
		json_array_append_new(list, j);
	}
	json_object_set_new(site, "sections", list);
	return OK;
}

static err_t site_pages(struct view *v, json_t *site)
{
	struct card *pages;
	size_t n;
	TRY(page_list(v->c, v->a, &pages, &n));
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "title", view_text(pages[i].headline));
		json_object_set_new(j, "url", view_text(card_path(v->a, &pages[i])));
		json_array_append_new(list, j);
	}
	json_object_set_new(site, "pages", list);
	return OK;
}

/* Which way a language is written. */
const char *view_direction(str_t language)
{
	static const char *const leftward[] = { "ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur",
						"yi" };
	for (size_t i = 0; i < COUNT(leftward); i++)
		if (str_eq(str_slice(language, 0, 2), str_of(leftward[i])) &&
		    (language.n == 2 || language.p[2] == '-'))
			return "rtl";
	return "ltr";
}

/* "en_CA", as the networks write a language. */
static str_t locale_of(arena_t *a, str_t language)
{
	return str_replace(a, language, S("-"), S("_"));
}

err_t press_frame(struct stet *s, struct view *v)
{
	json_t *site = json_object();
	json_object_set_new(v->json, "site", site);
	json_object_set_new(site, "name", view_text(s->config.name));
	view_set_text(site, "tagline", s->config.tagline);
	json_object_set_new(site, "url", view_text(s->config.url));
	json_object_set_new(site, "language", view_text(s->config.language));
	json_object_set_new(site, "zone", view_text(s->config.zone));
	json_object_set_new(site, "year", json_integer(time_year(clock_now(&s->clock))));
	json_t *page = json_object_get(v->json, "page");
	json_object_set_new(page, "language", view_text(v->language));
	json_object_set_new(page, "dir", json_string(view_direction(v->language)));
	json_object_set_new(page, "locale", view_text(locale_of(v->a, v->language)));
	view_set_text(site, "licence", s->config.licence.n
					       ? ld_place(s, v->a, s->config.licence) : S(""));
	strs_add(v->a, &v->topics, topic_site());
	TRY(site_sections(v, site));
	TRY(site_pages(v, site));
	return structured_frame(s, v);
}

/* What lies under a story's address moves with it. */
static err_t moved_history(struct conn *c, arena_t *a, str_t path, str_t *out)
{
	size_t at = str_find(path, S("/history"), 1);
	if (at == STR_NONE)
		return OK;
	TRY(redirect_find(c, a, str_slice(path, 0, at), out));
	if (out->p && str_starts(*out, S("/")))
		*out = str_format(a, "%.*s%.*s", STR(*out), STR(str_slice(path, at, path.n)));
	return OK;
}

err_t press_moved(struct stet *s, struct conn *c, arena_t *a, str_t target, str_t *out)
{
	(void)s;
	TRY(redirect_find(c, a, target, out));
	if (out->p)
		return OK;
	/* An address that came with a query nobody asked to keep, or with a slash at its end. */
	str_t path = str_slice(target, 0, str_find_char(target, '?', 0));
	if (!str_eq(path, target))
		TRY(redirect_find(c, a, path, out));
	if (!out->p && path.n > 1 && str_ends(path, S("/")))
		TRY(redirect_find(c, a, str_slice(path, 0, path.n - 1), out));
	else if (!out->p)
		TRY(redirect_find(c, a, str_format(a, "%.*s/", STR(path)), out));
	if (!out->p)
		TRY(moved_history(c, a, path, out));
	return OK;
}
