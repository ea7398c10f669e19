/* sitemap.c: every public address, for search engines.
 *
 * Stories are cut into parts by the order in which they were published, oldest first, so that only
 * the last part changes when one is added, however large the archive. */
#include "press/sitemap.h"
#include "press/share.h"
#include "press/view.h"

#include "record/act.h"

enum { PART = 10000 }; /* the protocol allows 50,000; smaller parts are made anew faster */

static const struct sql count_public = {
	"SELECT count(*) FROM story WHERE kind = 'story' AND state = 'published'"
};
/* Where a part begins: an index alone tells it, however far it is. */
static const struct sql first_of_part = {
	"SELECT s.published, s.id FROM story s WHERE s.kind = 'story' AND s.state = 'published' "
	"ORDER BY s.published, s.id LIMIT 1 OFFSET $1"
};
static const struct sql public_part = {
	"SELECT s.slug, c.slug, s.published, s.updated, s.sensitive, m.hash, m.width, m.height "
	"FROM story s JOIN section c ON c.id = s.section LEFT JOIN media m ON m.id = s.picture "
	"WHERE s.kind = 'story' AND s.state = 'published' AND s.published >= $1 "
	"AND (s.published > $1 OR s.id >= $2) ORDER BY s.published, s.id LIMIT $3"
};

static err_t count_stories(struct conn *c, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &count_public, NO_ARGS, &r));
	err_t e = OK;
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

static void begin(struct buf *b, const char *root)
{
	buf_add_format(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		       "<%s xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
		       "xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\">\n", root);
}

/* `picture`: the address of one that stands on the page; empty: none. */
static void add_url(struct stet *s, struct view *v, struct buf *b, const char *element, str_t path,
		    usec_t changed, str_t picture)
{
	buf_add_format(b, "<%s><loc>", element);
	buf_add_html(b, view_absolute(s, v->a, path));
	buf_add(b, S("</loc>"));
	if (changed)
		buf_add_format(b, "<lastmod>%.*s</lastmod>", STR(time_iso(v->a, changed)));
	if (picture.n) {
		buf_add(b, S("<image:image><image:loc>"));
		buf_add_html(b, picture);
		buf_add(b, S("</image:loc></image:image>"));
	}
	buf_add_format(b, "</%s>\n", element);
}

static void finish(struct view *v, struct buf *b, const char *root)
{
	buf_add_format(b, "</%s>\n", root);
	v->type = S("application/xml; charset=utf-8");
	v->body = buf_str(b);
	strs_add(v->a, &v->topics, topic_front());
	strs_add(v->a, &v->topics, topic_site());
}

err_t sitemap_index(struct stet *s, struct view *v)
{
	int64_t stories;
	TRY(count_stories(v->c, &stories));
	struct buf b = buf_new(v->a, 1024);
	begin(&b, "sitemapindex");
	add_url(s, v, &b, "sitemap", S("/sitemap/fixed.xml"), 0, S(""));
	add_url(s, v, &b, "sitemap", S("/sitemap/news.xml"), 0, S(""));
	for (int64_t part = 1; (part - 1) * PART < stories; part++)
		add_url(s, v, &b, "sitemap",
			str_format(v->a, "/sitemap/%lld.xml", (long long)part), 0, S(""));
	finish(v, &b, "sitemapindex");
	return OK;
}

/* The front, the sections, the static pages. */
static err_t fixed_part(struct stet *s, struct view *v, struct buf *b)
{
	struct section *sections;
	struct card *pages;
	size_t n;
	add_url(s, v, b, "url", S("/"), 0, S(""));
	TRY(section_list(v->c, v->a, &sections, &n));
	for (size_t i = 0; i < n; i++)
		add_url(s, v, b, "url", str_format(v->a, "/%.*s", STR(sections[i].slug)), 0,
			S(""));
	TRY(page_list(v->c, v->a, &pages, &n));
	for (size_t i = 0; i < n; i++)
		add_url(s, v, b, "url", card_path(v->a, &pages[i]), pages[i].updated, S(""));
	return OK;
}

static str_t picture_of(struct stet *s, arena_t *a, const struct rows *r)
{
	struct media m = { .id = 1, .hash = row_str(r, a, 5), .width = (int)row_int(r, 6),
			   .height = (int)row_int(r, 7) };
	bool shown = m.hash.n && m.width > 0 && !row_int(r, 4);
	return shown ? share_media(s, a, &m, S("")).url : S("");
}

static err_t find_first(struct view *v, int64_t part, struct list_key *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(v->c, &first_of_part, ARGS(v_int((part - 1) * PART)), &r));
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no such part of the sitemap");
	*out = (struct list_key){ .published = row_int(&r, 0), .id = row_int(&r, 1) };
	return OK;
}

static err_t story_part(struct stet *s, struct view *v, struct buf *b, int64_t part)
{
	AUTO_ROWS r = { 0 };
	struct list_key first = { 0 };
	TRY(find_first(v, part, &first));
	TRY(db_query(v->c, &public_part, ARGS(v_int(first.published), v_int(first.id), v_int(PART)),
		     &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		usec_t published = row_int(&r, 2), updated = row_int(&r, 3);
		str_t slug = row_str(&r, v->a, 0), section = row_str(&r, v->a, 1);
		add_url(s, v, b, "url",
			str_format(v->a, "/%.*s/%.*s", STR(section), STR(slug)),
			updated > published ? updated : published, picture_of(s, v->a, &r));
	}
	return e;
}

err_t sitemap_part(struct stet *s, struct view *v)
{
	str_t name = params_get(&v->q->route, "part");
	struct buf b = buf_new(v->a, 64 * 1024);
	int64_t part;
	begin(&b, "urlset");
	if (str_eq(name, S("fixed")))
		TRY(fixed_part(s, v, &b));
	else if (str_int(name, &part) && part > 0 && part < INT32_MAX)
		TRY(story_part(s, v, &b, part));
	else
		return err_new(ERR_MISSING, "there is no such part of the sitemap");
	finish(v, &b, "urlset");
	return OK;
}
