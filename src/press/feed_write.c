/* feed_write.c: a filled feed as RSS 2.0 (with the content, Dublin Core, Atom and Media RSS modules)
 * and as Atom; JSON Feed is in feed_json.c. */
#include "press/feeds.h"
#include "press/view.h"

static const struct {
	const char *file, *type;
	void (*write)(struct view *v, const struct feed *f);
} xml_formats[] = {
	{ "/rss.xml", "application/rss+xml; charset=utf-8", feed_write_rss },
	{ "/atom.xml", "application/atom+xml; charset=utf-8", feed_write_atom },
};

err_t feed_write(struct view *v, struct feed *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->entries[i].updated > f->changed)
			f->changed = f->entries[i].updated;
	for (size_t i = 0; i < COUNT(xml_formats); i++) {
		if (!str_ends(v->q->path, str_of(xml_formats[i].file)))
			continue;
		v->type = str_of(xml_formats[i].type);
		xml_formats[i].write(v, f);
		return OK;
	}
	v->type = S("application/feed+json; charset=utf-8");
	return feed_write_json(v, f);
}

str_t feed_author_url(arena_t *a, const struct feed *f, const struct author *author)
{
	if (!author->slug.n)
		return S("");
	return str_format(a, "%.*sauthor/%.*s", STR(f->site), STR(str_uri(a, author->slug)));
}

/* --- XML --- */

/* Text of an element or a quoted attribute. XML 1.0 knows no control characters but tab and line
 * breaks. */
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

static void attribute(struct buf *b, const char *name, str_t value)
{
	buf_add_format(b, " %s=\"", name);
	add_xml(b, value);
	buf_add_char(b, '"');
}

/* `name` is "link" in Atom and "atom:link" in RSS. Nothing for {NULL, 0}. */
static void link_to(struct buf *b, const char *name, const char *rel, const char *type, str_t href)
{
	if (!href.p)
		return;
	buf_add_format(b, "<%s rel=\"%s\"", name, rel);
	if (type)
		attribute(b, "type", str_of(type));
	attribute(b, "href", href);
	buf_add(b, S("/>\n"));
}

/* What both formats say of themselves in links: where they are, what came before, who tells. */
static void feed_links(struct buf *b, const char *name, const char *type, const struct feed *f)
{
	link_to(b, name, "self", type, f->self);
	link_to(b, name, "first", type, f->first);
	link_to(b, name, "next", type, f->next);
	for (size_t i = 0; i < f->hubs.n; i++)
		link_to(b, name, "hub", NULL, f->hubs.v[i]);
}

/* --- RSS --- */

static void media_content(struct buf *b, const struct feed_file *file)
{
	bool picture = str_starts(file->type, S("image/"));
	buf_add(b, S("<media:content"));
	attribute(b, "url", file->url);
	attribute(b, "type", file->type);
	buf_add_format(b, " medium=\"%s\"", picture ? "image" : str_starts(file->type, S("video/"))
			       ? "video" : "audio");
	if (file->bytes)
		buf_add_format(b, " fileSize=\"%lld\"", (long long)file->bytes);
	if (file->width)
		buf_add_format(b, " width=\"%d\" height=\"%d\"", file->width, file->height);
	buf_add(b, S(">\n"));
	if (file->about.n)
		element(b, "media:description", file->about);
	if (file->credit.n)
		element(b, "media:credit", file->credit);
	buf_add(b, S("</media:content>\n"));
}

/* RSS knows one enclosure an item, which players take for the recording; its length has to be
 * there, and is known for recordings only. Everything is told by Media RSS. */
static void rss_files(struct buf *b, const struct feed_entry *e)
{
	bool enclosed = false;
	for (size_t i = 0; i < e->nfiles; i++) {
		const struct feed_file *file = &e->files[i];
		media_content(b, file);
		if (enclosed || !file->bytes)
			continue;
		enclosed = true;
		buf_add(b, S("<enclosure"));
		attribute(b, "url", file->url);
		attribute(b, "type", file->type);
		buf_add_format(b, " length=\"%lld\"/>\n", (long long)file->bytes);
	}
}

static void rss_item(arena_t *a, struct buf *b, const struct feed_entry *e)
{
	buf_add(b, S("<item>\n"));
	element(b, "title", e->title);
	element(b, "link", e->url);
	buf_add(b, S("<guid isPermaLink=\"false\">"));
	add_xml(b, e->id);
	buf_add(b, S("</guid>\n"));
	element(b, "pubDate", time_rfc822(a, e->published));
	element(b, "atom:updated", time_iso(a, e->updated));
	for (size_t i = 0; i < e->nauthors; i++)
		element(b, "dc:creator", e->authors[i].name);
	if (e->language.n)
		element(b, "dc:language", e->language);
	for (size_t i = 0; i < e->nlabels; i++)
		element(b, "category", e->labels[i].name);
	rss_files(b, e);
	if (e->summary.n)
		element(b, "description", e->summary);
	element(b, "content:encoded", e->html);
	buf_add(b, S("</item>\n"));
}

void feed_write_rss(struct view *v, const struct feed *f)
{
	struct buf b = buf_new(v->a, 64 * 1024);
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" "
		      "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
		      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
		      "xmlns:media=\"http://search.yahoo.com/mrss/\">\n<channel>\n"));
	element(&b, "title", f->title);
	element(&b, "link", f->page);
	element(&b, "description", f->about.n ? f->about : f->title);
	element(&b, "language", f->language);
	feed_links(&b, "atom:link", "application/rss+xml", f);
	if (f->changed)
		element(&b, "lastBuildDate", time_rfc822(v->a, f->changed));
	for (size_t i = 0; i < f->n; i++)
		rss_item(v->a, &b, &f->entries[i]);
	buf_add(&b, S("</channel>\n</rss>\n"));
	v->body = buf_str(&b);
}

/* --- Atom --- */

static void atom_author(struct buf *b, const struct author *author, str_t uri)
{
	buf_add(b, S("<author>"));
	element(b, "name", author->name);
	if (uri.n)
		element(b, "uri", uri);
	buf_add(b, S("</author>\n"));
}

static void atom_file(struct buf *b, const struct feed_file *file)
{
	buf_add(b, S("<link rel=\"enclosure\""));
	attribute(b, "type", file->type);
	if (file->bytes)
		buf_add_format(b, " length=\"%lld\"", (long long)file->bytes);
	if (file->about.n)
		attribute(b, "title", file->about);
	attribute(b, "href", file->url);
	buf_add(b, S("/>\n"));
}

static void atom_entry(struct view *v, struct buf *b, const struct feed *f,
		       const struct feed_entry *e)
{
	buf_add(b, S("<entry"));
	if (e->language.n)
		attribute(b, "xml:lang", e->language);
	buf_add(b, S(">\n"));
	element(b, "id", e->id);
	element(b, "title", e->title);
	link_to(b, "link", "alternate", "text/html", e->url);
	for (size_t i = 0; i < e->nfiles; i++)
		atom_file(b, &e->files[i]);
	element(b, "published", time_iso(v->a, e->published));
	element(b, "updated", time_iso(v->a, e->updated));
	for (size_t i = 0; i < e->nauthors; i++)
		atom_author(b, &e->authors[i], feed_author_url(v->a, f, &e->authors[i]));
	for (size_t i = 0; i < e->nlabels; i++) {
		buf_add(b, S("<category"));
		attribute(b, "term", e->labels[i].slug);
		attribute(b, "label", e->labels[i].name);
		buf_add(b, S("/>\n"));
	}
	if (e->summary.n)
		element(b, "summary", e->summary);
	buf_add(b, S("<content type=\"html\">"));
	add_xml(b, e->html);
	buf_add(b, S("</content>\n</entry>\n"));
}

void feed_write_atom(struct view *v, const struct feed *f)
{
	struct buf b = buf_new(v->a, 64 * 1024);
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<feed xmlns=\"http://www.w3.org/2005/Atom\""));
	attribute(&b, "xml:lang", f->language);
	buf_add(&b, S(">\n"));
	element(&b, "id", f->first.p ? f->first : f->self);
	element(&b, "title", f->title);
	if (f->about.n)
		element(&b, "subtitle", f->about);
	feed_links(&b, "link", "application/atom+xml", f);
	link_to(&b, "link", "alternate", "text/html", f->page);
	element(&b, "updated", time_iso(v->a, f->changed));
	atom_author(&b, &(struct author){ .name = f->publisher }, f->site);
	for (size_t i = 0; i < f->n; i++)
		atom_entry(v, &b, f, &f->entries[i]);
	buf_add(&b, S("</feed>\n"));
	v->body = buf_str(&b);
}
