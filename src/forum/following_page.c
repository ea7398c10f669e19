/* following_page.c: "Following": what there is to read for one reader, as a page and as a feed of their own.
 *
 * To look changes nothing. What was seen is said by a POST: from script once the page is in view, else by a
 * button. The address of the feed is a secret that is shown once; whoever has it reads along. */
#include "forum/follow.h"
#include "forum/limits.h"
#include "forum/pages.h"

#include "press/feeds.h"
#include "press/view.h"
#include "readers/portrait.h"

static const char *const whys[] = { "answer", "mention", "reader", "branch", "story", "author" };

/* --- one line --- */

/* What a line tells, found once for page and feed. */
struct item {
	const struct news *n;
	struct story       st;
	struct comment     k;
	str_t              name; /* of whoever wrote it */
	str_t              why, url, text;
};

static void set_name(const struct view *v, struct item *x)
{
	bool known = x->k.reader.id && x->k.reader.state != READER_GONE;
	x->name = known ? x->k.reader.name : x->k.name.n ? x->k.name : say(v, "comment.former");
}

static err_t load_item(struct view *v, const struct news *n, struct item *x)
{
	arena_t *a = v->a;
	*x = (struct item){ .n = n };
	if (n->story) {
		TRY(talked_about(v->c, a, n->id, &x->st));
		x->name = byline(a, x->st.authors, x->st.nauthors, say(v, "byline.and"));
		x->url = story_path(a, &x->st);
		x->text = x->st.headline;
	} else {
		TRY(comment_load(v->c, a, n->id, &x->k));
		TRY(talked_about(v->c, a, x->k.story, &x->st));
		set_name(v, x);
		x->url = str_format(a, "%.*s#c-%.*s", STR(comment_path(a, &x->st, n->id)), STR(id_text(a, n->id)));
		x->text = comment_excerpt(a, &x->k);
	}
	str_t key = str_format(a, "following.why.%s", whys[n->why]);
	x->why = say_with(v, str_z(a, key), &(struct message_value){ "name", x->name }, 1);
	return OK;
}

static json_t *item_json(const struct view *v, const struct item *x)
{
	arena_t *a = v->a;
	bool known = x->k.reader.id && x->k.reader.state != READER_GONE;
	return json_pack("{s:s, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", whys[x->n->why], "why",
			 json_text(x->why), "unread", x->n->unread, "is_story", x->n->story, "url",
			 json_text(x->url), "date", view_date(v, x->n->made), "headline",
			 json_text(x->st.headline), "story", json_text(story_path(a, &x->st)), "text",
			 json_text(x->text), "writer", known ? json_text(reader_path(a, x->k.reader.id)) : json_null(),
			 "picture", known ? json_text(portrait_path(a, &x->k.reader)) : json_null());
}

/* --- the page --- */

struct showing {
	struct who who;
	str_t      secret; /* of a feed that was made just now; empty: none */
};

static err_t key_asked(const struct request *q, struct comment_key *out)
{
	str_t text = params_get(&q->query, "before");
	*out = comment_key_first(SORT_NEWEST);
	if (!text.p)
		return OK;
	str_t made = str_cut(&text, '-');
	return str_int(made, &out->of) && id_parse(text, &out->id) ? OK
								   : err_new(ERR_MISSING, "there is no such page");
}

static err_t set_feed(struct stet *s, struct view *v, const struct showing *x)
{
	usec_t made;
	TRY(news_feed_made(v->c, x->who.reader.id, &made));
	str_t url = x->secret.n ? view_absolute(s, v->a, str_format(v->a, "/following/%.*s.xml", STR(x->secret)))
				: S("");
	json_object_set_new(v->json, "feed", json_pack("{s:o, s:o}", "url", url.n ? json_text(url) : json_null(),
						      "made", made ? view_date(v, made) : json_null()));
	return OK;
}

static err_t set_news(struct view *v, const struct news_list *list)
{
	json_t *all = json_array();
	json_object_set_new(v->json, "news", all);
	for (size_t i = 0; i < list->n; i++) {
		struct item x;
		TRY(load_item(v, &list->v[i], &x));
		json_array_append_new(all, item_json(v, &x));
	}
	const struct news *last = list->n ? &list->v[list->n - 1] : NULL;
	json_object_set_new(v->json, "older", !list->more ? json_null()
			    : json_text(str_format(v->a, "/following?before=%lld-%.*s", (long long)last->made,
						   STR(id_text(v->a, last->id)))));
	json_object_set_new(v->json, "seen_to", list->n ? json_text(str_format(v->a, "%lld",
									      (long long)list->v[0].made))
							: json_null());
	return OK;
}

static err_t following_view(struct stet *s, struct view *v)
{
	const struct showing *x = v->given;
	struct comment_key before;
	struct news_list list;
	int64_t unread;
	TRY(key_asked(v->q, &before));
	TRY(news_load(v->c, v->a, x->who.reader.id, before, NEWS_PAGE, &list));
	TRY(news_unread(v->c, v->a, x->who.reader.id, &unread));
	view_head(s, v, &(struct page_head){ .kind = "following", .title = say(v, "following.title"),
					     .description = say(v, "following.about"), .path = S("/following") });
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
	TRY(set_news(v, &list));
	json_object_set_new(v->json, "unread", unread ? json_text(say_count(v, "following.unread", unread))
						      : json_null());
	json_object_set_new(v->json, "first", json_boolean(!params_get(&v->q->query, "before").p));
	TRY(set_feed(s, v, x));
	v->secret = x->secret.n > 0;
	v->template = "following";
	return OK;
}

static err_t following_page(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (who_must_sign_in(s, q, r, &x.who, &e))
		return e;
	return site_page_with(s, q, r, following_view, &x);
}

/* --- seen --- */

static err_t seen_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	int64_t to;
	if (who_must_act(s, q, r, &who, &e))
		return e;
	if (!str_int(params_get(&q->form, "to"), &to) || to < 0)
		return err_new(ERR_INPUT, "\"to\" is no moment");
	TRY(rate_reader(s, q->a, RATE_TIE_ACCOUNT, who.reader.id));
	TRY(news_see(s, q->a, who.reader.id, to));
	if (script_asks(q))
		return answer_json(q, r, 200, json_pack("{s:b}", "done", 1));
	go_to(s, q, r, S("/following"));
	return OK;
}

/* --- the feed --- */

static err_t feed_post(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (who_must_sign_in(s, q, r, &x.who, &e))
		return e;
	TRY(rate_reader(s, q->a, RATE_TIE_ACCOUNT, x.who.reader.id));
	if (params_get(&q->form, "none").p) {
		TRY(news_feed_end(s, q->a, x.who.reader.id));
		go_to(s, q, r, S("/following"));
		return OK;
	}
	TRY(news_feed_make(s, q->a, x.who.reader.id, &x.secret));
	return site_page_with(s, q, r, following_view, &x);
}

static err_t add_entry(struct stet *s, struct view *v, struct feed *f, const struct news *n)
{
	struct item x;
	TRY(load_item(v, n, &x));
	if (n->story)
		return feed_add_story(s, v, f, &x.st);
	struct feed_entry *e = feed_add(v->a, f);
	struct author *by = arena_alloc(v->a, sizeof *by);
	*by = (struct author){ .name = x.name, .slug = S("") };
	e->id = view_absolute(s, v->a, comment_short(v->a, n->id));
	e->url = view_absolute(s, v->a, x.url);
	e->title = str_format(v->a, "%.*s: %.*s", STR(x.why), STR(x.st.headline));
	e->summary = x.text;
	e->published = x.k.made;
	e->updated = x.k.edited > x.k.made ? x.k.edited : x.k.made;
	e->authors = by;
	e->nauthors = 1;
	return feed_html(s, v, x.k.body, &e->html);
}

static err_t feed_view(struct stet *s, struct view *v)
{
	struct news_list list;
	struct feed f;
	id64 reader;
	TRY(news_feed_reader(v->c, v->a, params_get(&v->q->route, "secret"), &reader));
	if (!reader)
		return err_new(ERR_MISSING, "there is no such feed");
	TRY(news_load(v->c, v->a, reader, comment_key_first(SORT_NEWEST), FEED_ENTRIES, &list));
	feed_begin(s, v, &f, say(v, "following.title"), S("/following"));
	f.hubs = (struct strs){ 0 }; /* nobody else is told of it */
	v->link = S("");
	f.changed = 1; /* of an empty one: any moment, always the same */
	for (size_t i = 0; i < list.n; i++) {
		TRY(add_entry(s, v, &f, &list.v[i]));
		if (f.entries[f.n - 1].updated > f.changed)
			f.changed = f.entries[f.n - 1].updated;
	}
	v->secret = true;
	v->type = S("application/atom+xml; charset=utf-8");
	feed_write_atom(v, &f);
	return OK;
}

static err_t feed_page(struct stet *s, struct request *q, struct response *r)
{
	response_header(q, r, "X-Robots-Tag", S("noindex"));
	return site_page_with(s, q, r, feed_view, NULL);
}

const struct route following_routes[] = {
	{ GET, "/following", following_page },
	{ GET, "/following.json", following_page },
	{ POST, "/following/seen", seen_post },
	{ POST, "/following/feed", feed_post },
	{ GET, "/following/:secret.xml", feed_page },
	{ 0 },
};
