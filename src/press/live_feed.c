/* live_feed.c: a live blog for programs: its entries as a feed, newest first, each with its whole text.
 *
 * An entry keeps its id whatever becomes of it: who has it already is told that it was edited,
 * corrected or withdrawn, as the page tells it. */
#include "press/feeds.h"
#include "press/live_view.h"
#include "press/pages.h"

#include "page/clean.h"
#include "record/act.h"

/* When what a reader of the feed has of it was last changed. */
static usec_t changed_of(const struct live_entry *e)
{
	usec_t last = e->edited > e->time ? e->edited : e->time;
	for (size_t i = 0; i < e->ncorrections; i++)
		if (e->corrections[i].made > last)
			last = e->corrections[i].made;
	return e->withdrawn && e->saved > last ? e->saved : last;
}

static str_t html_of(struct view *v, const struct live_entry *e)
{
	struct buf b = buf_new(v->a, e->body.n + 512);
	if (e->withdrawn) {
		buf_add(&b, S("<p>"));
		buf_add_html(&b, say(v, "live.withdrawn"));
		buf_add_char(&b, ' ');
		buf_add_html(&b, e->why);
		buf_add(&b, S("</p>"));
		return buf_str(&b);
	}
	for (size_t i = e->ncorrections; i > 0; i--)
		feed_correction(v, &b, &e->corrections[i - 1]);
	buf_add(&b, e->body);
	return buf_str(&b);
}

static err_t add_entry(struct stet *s, struct view *v, struct feed *f, const struct story *st,
		       const struct live_entry *e)
{
	arena_t *a = v->a;
	struct feed_entry *one = feed_add(a, f);
	*one = (struct feed_entry){
		.id = str_format(a, "urn:stet:entry:%.*s", STR(id_text(a, e->id))),
		.url = view_absolute(s, a, live_permalink(a, st, e->id)),
		.title = e->withdrawn ? say(v, "live.withdrawn-title") : live_entry_title(a, e),
		.published = e->time, .updated = changed_of(e) };
	if (!e->withdrawn) {
		one->authors = e->authors;
		one->nauthors = e->nauthors;
	}
	return feed_html(s, v, html_of(v, e), &one->html);
}

/* Where the story is, as long as it is one that can be read and a live blog. */
static err_t find_blog(struct view *v, struct story *st)
{
	const struct params *route = &v->q->route;
	TRY(story_by_slug(v->c, v->a, STORY, params_get(route, "slug"), st));
	if (st->state != PUBLISHED || st->live == NOT_LIVE ||
	    !str_eq(st->section.slug, params_get(route, "section")))
		return err_new(ERR_MISSING, "there is no such live blog");
	return OK;
}

static err_t blog_feed(struct stet *s, struct view *v)
{
	struct story st;
	struct live_key key;
	struct live_entries page;
	struct feed f;
	TRY(find_blog(v, &st));
	TRY(live_key_asked(v->q, &key));
	TRY(live_entries(v->c, v->a, st.id, key, FEED_ENTRIES, &page));
	if (st.language.n)
		view_language(v, st.language);
	feed_begin(s, v, &f, str_format(v->a, "%.*s: %.*s", STR(s->config.name), STR(st.headline)),
		   story_path(v->a, &st));
	f.about = clean_text(v->a, st.standfirst);
	f.language = v->language;
	f.changed = st.published;
	feed_pages(v, &f, page.more ? live_key_text(v->a, &page) : S(""), !key.id);
	for (size_t i = 0; i < page.n; i++)
		TRY(add_entry(s, v, &f, &st, &page.v[i]));
	strs_add(v->a, &v->topics, topic_story(v->a, st.id));
	return feed_write(v, &f);
}

static err_t feed_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, blog_feed);
}

const struct route live_feed_routes[] = {
	{ GET, "/:section/:slug/rss.xml", feed_page },
	{ GET, "/:section/:slug/atom.xml", feed_page },
	{ GET, "/:section/:slug/feed.json", feed_page },
	{ METHOD_OTHER, NULL, NULL },
};
