/* sitemap_news.c: what is news: see sitemap.h. */
#include "press/sitemap.h"
#include "press/view.h"

enum { NEWS_MOST = 1000, NEWS_DAYS = 2 }; /* of the format's rules */

static const struct sql select_news = {
	"SELECT s.slug, c.slug, s.headline, s.language, s.published FROM story s "
	"JOIN section c ON c.id = s.section "
	"WHERE s.kind = 'story' AND s.state = 'published' AND s.published > $1 "
	"AND s.published <= $2 AND s.genre <> 'sponsored' "
	"ORDER BY s.published DESC, s.id DESC LIMIT $3"
};

/* ISO 639, without country; but for Chinese, of which the format knows two. */
static str_t news_language(arena_t *a, str_t language)
{
	str_t lower = str_lower(a, language);
	if (str_eq(lower, S("zh-cn")) || str_eq(lower, S("zh-tw")))
		return lower;
	if (str_starts(lower, S("zh-hant")))
		return S("zh-tw");
	if (str_eq(lower, S("zh")) || str_starts(lower, S("zh-")))
		return S("zh-cn");
	return str_slice(lower, 0, str_find_char(lower, '-', 0));
}

static void element(struct buf *b, const char *name, str_t text)
{
	buf_add_format(b, "<%s>", name);
	buf_add_html(b, text);
	buf_add_format(b, "</%s>\n", name);
}

err_t sitemap_news(struct stet *s, struct conn *c, arena_t *a, usec_t now, str_t *out)
{
	struct buf b = buf_new(a, 16 * 1024);
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" "
		      "xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n"));
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_news, ARGS(v_int(now - NEWS_DAYS * DAY), v_int(now), v_int(NEWS_MOST)),
		     &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		str_t slug = row_str(&r, a, 0), section = row_str(&r, a, 1), lang = row_str(&r, a, 3);
		buf_add(&b, S("<url>\n"));
		element(&b, "loc", view_absolute(s, a, str_format(a, "/%.*s/%.*s", STR(section),
								  STR(slug))));
		buf_add(&b, S("<news:news>\n<news:publication>\n"));
		element(&b, "news:name", s->config.name);
		element(&b, "news:language", news_language(a, lang.n ? lang : s->config.language));
		buf_add(&b, S("</news:publication>\n"));
		element(&b, "news:publication_date", time_iso(a, row_int(&r, 4)));
		element(&b, "news:title", row_str(&r, a, 2));
		buf_add(&b, S("</news:news>\n</url>\n"));
	}
	buf_add(&b, S("</urlset>\n"));
	*out = buf_str(&b);
	return e;
}

struct news {
	struct stet *s;
	str_t        text;
};

static err_t make(struct conn *c, arena_t *a, void *ctx)
{
	struct news *n = ctx;
	return sitemap_news(n->s, c, a, clock_now(&n->s->clock), &n->text);
}

err_t sitemap_news_serve(struct stet *s, struct request *q, struct response *r)
{
	struct news n = { .s = s };
	TRY(store_read(s->store, q->a, make, &n));
	r->body = n.text;
	response_header(q, r, "Content-Type", S("application/xml; charset=utf-8"));
	response_header(q, r, "Cache-Control", S("public, no-cache"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	return OK;
}
