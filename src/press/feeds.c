/* feeds.c: see feeds.h. Entries carry the whole text: a reader's program is a reader. Addresses are
 * made absolute, since an entry is read far from its page. */
#include "press/feeds.h"
#include "press/media.h"
#include "press/press.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

#include <stdlib.h>

enum { FEED_ENTRIES = 20 };

struct feed {
	str_t         title;
	str_t         about;
	str_t         page;    /* absolute address of what it feeds */
	str_t         self;    /* its own */
	struct story *stories;
	size_t        n;
	usec_t        changed;
};

static usec_t changed_at(const struct story *st)
{
	return st->updated > st->published ? st->updated : st->published;
}

static err_t load_feed(struct stet *s, struct view *v, struct feed *f)
{
	arena_t *a = v->a;
	struct list list;
	str_t slug = params_get(&v->q->route, "section");
	if (slug.p) {
		struct section section;
		TRY(section_by_slug(v->c, a, slug, &section));
		TRY(list_stories(v->c, a, LIST_SECTION, section.id, (struct list_key){ 0 },
				 FEED_ENTRIES, &list));
		strs_add(a, &v->topics, topic_section(a, slug));
		f->title = str_format(a, "%.*s: %.*s", STR(s->config.name), STR(section.name));
		f->about = section.description;
		f->page = view_absolute(s, a, str_format(a, "/%.*s", STR(slug)));
	} else {
		TRY(list_stories(v->c, a, LIST_ALL, 0, (struct list_key){ 0 }, FEED_ENTRIES, &list));
		strs_add(a, &v->topics, topic_front());
		f->title = s->config.name;
		f->about = s->config.tagline;
		f->page = view_absolute(s, a, S("/"));
	}
	f->self = view_absolute(s, a, v->q->path);
	f->stories = arena_array(a, list.n, sizeof *f->stories);
	for (size_t i = 0; i < list.n; i++) {
		TRY(story_load(v->c, a, list.v[i].id, &f->stories[f->n]));
		usec_t t = changed_at(&f->stories[f->n++]);
		if (t > f->changed)
			f->changed = t;
	}
	strs_add(a, &v->topics, topic_site());
	return OK;
}

/* Local addresses in clean HTML become absolute: href="/x", src="/x", srcset="/x 1w, /y 2w". */
static str_t absolute_html(struct stet *s, arena_t *a, str_t html)
{
	str_t url = s->config.url;
	html = str_replace(a, html, S("href=\"/"), str_format(a, "href=\"%.*s/", STR(url)));
	html = str_replace(a, html, S("src=\"/"), str_format(a, "src=\"%.*s/", STR(url)));
	html = str_replace(a, html, S("srcset=\"/"), str_format(a, "srcset=\"%.*s/", STR(url)));
	return str_replace(a, html, S(", /media/"), str_format(a, ", %.*s/media/", STR(url)));
}

/* The text of an entry: corrections first, as on the page; lead picture; body. */
static err_t entry_html(struct stet *s, struct view *v, const struct story *st, str_t *out)
{
	arena_t *a = v->a;
	struct buf b = buf_new(a, st->body.n + 1024);
	for (size_t i = st->ncorrections; i > 0; i--) {
		const struct correction *k = &st->corrections[i - 1];
		buf_add_format(&b, "<p><strong>Correction, %.*s:</strong> %.*s</p>",
			       STR(time_day(a, k->made)), STR(k->text));
	}
	const struct lead_picture *p = &st->picture;
	if (p->media.id) {
		buf_add_format(&b, "<figure><img src=\"%.*s\" alt=\"", STR(media_src(a, &p->media)));
		buf_add_html(&b, p->alt);
		buf_add(&b, S("\">"));
		if (p->caption.n || p->credit.n) {
			buf_add_format(&b, "<figcaption>%.*s ", STR(p->caption));
			buf_add_html(&b, p->credit);
			buf_add(&b, S("</figcaption>"));
		}
		buf_add(&b, S("</figure>"));
	}
	str_t body;
	TRY(media_expand(v->c, a, st->body, &body));
	buf_add(&b, body);
	*out = absolute_html(s, a, buf_str(&b));
	return OK;
}

/* Text of an XML element. XML 1.0 knows no control characters but tab and line breaks. */
static void add_xml(struct buf *b, str_t text)
{
	size_t plain = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c >= 0x20 || c == '\t' || c == '\n' || c == '\r')
			continue;
		buf_add_html(b, str_slice(text, plain, i));
		plain = i + 1;
	}
	buf_add_html(b, str_slice(text, plain, text.n));
}

static void element(struct buf *b, const char *name, str_t text)
{
	buf_add_format(b, "<%s>", name);
	add_xml(b, text);
	buf_add_format(b, "</%s>\n", name);
}

static str_t story_address(struct stet *s, arena_t *a, const struct story *st)
{
	return view_absolute(s, a, story_path(a, st));
}

/* A name for the entry that stays when its address changes (RFC 4151 would need a date of owning;
 * the id alone is unique for ever). */
static str_t story_name(arena_t *a, const struct story *st)
{
	return str_format(a, "urn:stet:story:%.*s", STR(id_text(a, st->id)));
}

static err_t rss_item(struct stet *s, struct view *v, struct buf *b, const struct story *st)
{
	arena_t *a = v->a;
	str_t html;
	TRY(entry_html(s, v, st, &html));
	buf_add(b, S("<item>\n"));
	element(b, "title", st->headline);
	element(b, "link", story_address(s, a, st));
	buf_add(b, S("<guid isPermaLink=\"false\">"));
	add_xml(b, story_name(a, st));
	buf_add(b, S("</guid>\n"));
	element(b, "pubDate", time_rfc822(a, st->published));
	for (size_t i = 0; i < st->nauthors; i++)
		element(b, "dc:creator", st->authors[i].name);
	element(b, "category", st->section.name);
	for (size_t i = 0; i < st->ntags; i++)
		element(b, "category", st->tags[i].name);
	element(b, "description", clean_text(a, st->standfirst));
	element(b, "content:encoded", html);
	buf_add(b, S("</item>\n"));
	return OK;
}

err_t feed_rss(struct stet *s, struct view *v)
{
	struct feed f = { 0 };
	TRY(load_feed(s, v, &f));
	struct buf b = buf_new(v->a, 64 * 1024);
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "
		      "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
		      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n"));
	element(&b, "title", f.title);
	element(&b, "link", f.page);
	element(&b, "description", f.about.n ? f.about : f.title);
	element(&b, "language", s->config.language);
	buf_add(&b, S("<atom:link rel=\"self\" type=\"application/rss+xml\" href=\""));
	add_xml(&b, f.self);
	buf_add(&b, S("\"/>\n"));
	if (f.changed)
		element(&b, "lastBuildDate", time_rfc822(v->a, f.changed));
	for (size_t i = 0; i < f.n; i++)
		TRY(rss_item(s, v, &b, &f.stories[i]));
	buf_add(&b, S("</channel>\n</rss>\n"));
	v->type = S("application/rss+xml; charset=utf-8");
	v->body = buf_str(&b);
	return OK;
}

static void atom_link(struct buf *b, const char *attributes, str_t href)
{
	buf_add_format(b, "<link %s href=\"", attributes);
	add_xml(b, href);
	buf_add(b, S("\"/>\n"));
}

static err_t atom_entry(struct stet *s, struct view *v, struct buf *b, const struct story *st)
{
	arena_t *a = v->a;
	str_t html;
	TRY(entry_html(s, v, st, &html));
	buf_add(b, S("<entry>\n"));
	element(b, "id", story_name(a, st));
	element(b, "title", st->headline);
	atom_link(b, "rel=\"alternate\" type=\"text/html\"", story_address(s, a, st));
	element(b, "published", time_iso(a, st->published));
	element(b, "updated", time_iso(a, changed_at(st)));
	for (size_t i = 0; i < st->nauthors; i++) {
		buf_add(b, S("<author>"));
		element(b, "name", st->authors[i].name);
		buf_add(b, S("</author>\n"));
	}
	buf_add(b, S("<category term=\""));
	add_xml(b, st->section.slug);
	buf_add(b, S("\" label=\""));
	add_xml(b, st->section.name);
	buf_add(b, S("\"/>\n"));
	if (st->standfirst.n)
		element(b, "summary", clean_text(a, st->standfirst));
	buf_add(b, S("<content type=\"html\">"));
	add_xml(b, html);
	buf_add(b, S("</content>\n</entry>\n"));
	return OK;
}

err_t feed_atom(struct stet *s, struct view *v)
{
	struct feed f = { 0 };
	TRY(load_feed(s, v, &f));
	struct buf b = buf_new(v->a, 64 * 1024);
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\""));
	add_xml(&b, s->config.language);
	buf_add(&b, S("\">\n"));
	element(&b, "id", f.self);
	element(&b, "title", f.title);
	if (f.about.n)
		element(&b, "subtitle", f.about);
	atom_link(&b, "rel=\"self\" type=\"application/atom+xml\"", f.self);
	atom_link(&b, "rel=\"alternate\" type=\"text/html\"", f.page);
	element(&b, "updated", time_iso(v->a, f.changed));
	buf_add(&b, S("<author>"));
	element(&b, "name", s->config.name);
	buf_add(&b, S("</author>\n"));
	for (size_t i = 0; i < f.n; i++)
		TRY(atom_entry(s, v, &b, &f.stories[i]));
	buf_add(&b, S("</feed>\n"));
	v->type = S("application/atom+xml; charset=utf-8");
	v->body = buf_str(&b);
	return OK;
}

static err_t json_item(struct stet *s, struct view *v, json_t *items, const struct story *st)
{
	arena_t *a = v->a;
	str_t html;
	TRY(entry_html(s, v, st, &html));
	json_t *j = json_object();
	json_array_append_new(items, j);
	json_object_set_new(j, "id", view_text(story_name(a, st)));
	json_object_set_new(j, "url", view_text(story_address(s, a, st)));
	json_object_set_new(j, "title", view_text(st->headline));
	json_object_set_new(j, "content_html", view_text(html));
	if (st->standfirst.n)
		json_object_set_new(j, "summary", view_text(clean_text(a, st->standfirst)));
	if (st->picture.media.id)
		json_object_set_new(j, "image",
				    view_text(view_absolute(s, a,
							    media_src(a, &st->picture.media))));
	json_object_set_new(j, "date_published", view_text(time_iso(a, st->published)));
	json_object_set_new(j, "date_modified", view_text(time_iso(a, changed_at(st))));
	json_t *authors = json_array(), *tags = json_array();
	for (size_t i = 0; i < st->nauthors; i++)
		json_array_append_new(authors, json_pack("{s:o}", "name",
							 view_text(st->authors[i].name)));
	json_array_append_new(tags, view_text(st->section.name));
	for (size_t i = 0; i < st->ntags; i++)
		json_array_append_new(tags, view_text(st->tags[i].name));
	json_object_set_new(j, "authors", authors);
	json_object_set_new(j, "tags", tags);
	json_object_set_new(j, "language", view_text(s->config.language));
	return OK;
}

err_t feed_json(struct stet *s, struct view *v)
{
	struct feed f = { 0 };
	TRY(load_feed(s, v, &f));
	json_t *j = v->json;
	json_object_set_new(j, "version", json_string("https://jsonfeed.org/version/1.1"));
	json_object_set_new(j, "title", view_text(f.title));
	if (f.about.n)
		json_object_set_new(j, "description", view_text(f.about));
	json_object_set_new(j, "home_page_url", view_text(f.page));
	json_object_set_new(j, "feed_url", view_text(f.self));
	json_object_set_new(j, "language", view_text(s->config.language));
	json_t *items = json_array();
	json_object_set_new(j, "items", items);
	for (size_t i = 0; i < f.n; i++)
		TRY(json_item(s, v, items, &f.stories[i]));
	char *dump = json_dumps(j, JSON_COMPACT);
	if (!dump)
		return err_new(ERR_MEMORY, "out of memory while making a feed");
	v->body = str_copy(v->a, str_of(dump));
	free(dump);
	v->type = S("application/feed+json; charset=utf-8");
	return OK;
}
