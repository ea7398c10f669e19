/* pages.c: which address shows which view. Views are made in front.c, lists.c, story_page.c and
 * sitemap.c. */
#include "press/media.h"
#include "press/pages.h"
#include "press/press.h"
#include "press/sitemap.h"
#include "press/view.h"

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

/* A live blog is read page by page, or from one of its entries. */
static err_t story_page(struct stet *s, struct request *q, struct response *r)
{
	static const char *const parameters[] = { "before", "entry", NULL };
	return site_page_for(s, q, r, story_at, parameters);
}

static err_t tag_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, tag_view);
}

static err_t author_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, author_view);
}

static err_t sitemap_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, sitemap_index);
}

static err_t sitemap_part_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, sitemap_part);
}

const struct route press_routes[] = {
	{ GET, "/", front_page },
	{ GET, "/index.json", front_page },
	{ GET, "/sitemap.xml", sitemap_page },
	{ GET, "/sitemap/:part.xml", sitemap_part_page },
	{ GET, "/sitemap/news.xml", sitemap_news_serve },
	{ GET, "/tag/:slug", tag_page },
	{ GET, "/tag/:slug.json", tag_page },
	{ GET, "/author/:slug", author_page },
	{ GET, "/author/:slug.json", author_page },
	{ GET, "/media/:hash/:file", media_serve },
	{ GET, "/:slug", top_page },
	{ GET, "/:slug.json", top_page },
	{ GET, "/:section/:slug", story_page },
	{ GET, "/:section/:slug.json", story_page },
	{ METHOD_OTHER, NULL, NULL },
};
