/* oembed.c: see oembed.h. */
#include "press/oembed.h"
#include "press/pages.h"
#include "press/view.h"

#include "page/clean.h"
#include "record/act.h"

#include <stdlib.h>

/* The card's size where nobody asks for less. Less than LEAST is no card. */
enum { WIDTH = 600, HEIGHT = 260, LEAST_WIDTH = 220, LEAST_HEIGHT = 120 };

/* --- the card --- */

static err_t embed_view(struct stet *s, struct view *v)
{
	struct story st;
	TRY(story_by_slug(v->c, v->a, STORY, params_get(&v->q->route, "slug"), &st));
	if (st.state != PUBLISHED || !str_eq(st.section.slug, params_get(&v->q->route, "section")))
		return err_new(ERR_MISSING, "there is no such story");
	strs_add(v->a, &v->topics, topic_story(v->a, st.id));
	if (st.language.n)
		view_language(v, st.language);
	str_t path = story_path(v->a, &st);
	struct share_picture share = share_picture_of(s, v->a, &st);
	view_head(s, v, &(struct page_head){ .kind = "embed", .title = st.headline, .path = path,
					     .share = &share });
	json_t *j = v->json, *page = json_object_get(j, "page");
	json_object_set_new(page, "robots", json_string("noindex"));
	json_object_set_new(j, "url", view_text(view_absolute(s, v->a, path)));
	json_object_set_new(j, "headline", view_text(st.headline));
	view_set_text(j, "standfirst", st.standfirst);
	view_set_text(j, "byline", view_byline(v, st.authors, st.nauthors));
	json_object_set_new(j, "section", view_section(v->a, &st.section));
	json_object_set_new(j, "published", view_date(v, st.published));
	json_object_set_new(j, "picture", st.sensitive ? json_null()
						       : view_lead_picture(v->a, &st.picture));
	v->framed = true;
	v->template = "embed";
	return OK;
}

static err_t embed_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, embed_view);
}

/* --- the answer --- */

struct asked {
	struct stet *s;
	str_t        path;   /* of the address that was asked about */
	struct story story;
	bool         found;
};

/* The path within this publication; {NULL, 0} for an address elsewhere. */
static str_t path_of(const struct stet *s, str_t url)
{
	str_t rest = url, own = s->config.url;
	/* One that was copied with the other scheme is meant, too. */
	if (str_starts(own, S("https://")) && str_starts(url, S("http://")))
		own = str_slice(own, 8, own.n), rest = str_slice(url, 7, url.n);
	if (!str_starts(rest, own))
		return (str_t){ NULL, 0 };
	rest = str_slice(rest, own.n, rest.n);
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == '?' || rest.p[i] == '#')
			rest = str_slice(rest, 0, i);
	return str_starts(rest, S("/")) ? rest : (str_t){ NULL, 0 };
}

static err_t find(struct conn *c, arena_t *a, void *ctx)
{
	struct asked *asked = ctx;
	str_t rest = str_slice(asked->path, 1, asked->path.n), section = str_cut(&rest, '/');
	err_t e = story_by_slug(c, a, STORY, rest.p ? rest : S(""), &asked->story);
	if (e && e->code != ERR_MISSING)
		return e;
	asked->found = !e && asked->story.state == PUBLISHED &&
		       str_eq(asked->story.section.slug, section);
	err_free(e);
	return OK;
}

/* A text answer of a few words. */
static err_t refuse(struct request *q, struct response *r, int status, const char *why)
{
	r->status = status;
	r->body = str_format(q->a, "%s\n", why);
	response_header(q, r, "Content-Type", S("text/plain; charset=utf-8"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	return OK;
}

/* The size that fits what was asked for; false for what is no number. */
static bool fit(const struct request *q, const char *name, int most, int least, int *out)
{
	str_t text = params_get(&q->query, name);
	int64_t n = most;
	if (text.p && (!str_int(text, &n) || n < 1))
		return false;
	*out = n < least ? least : n < most ? (int)n : most;
	return true;
}

static str_t frame_html(struct stet *s, arena_t *a, const struct story *st, int width, int height)
{
	struct buf b = buf_new(a, 512);
	str_t path = str_format(a, "/embed%.*s", STR(story_path(a, st)));
	buf_add(&b, S("<iframe src=\""));
	buf_add_html(&b, view_absolute(s, a, path));
	buf_add_format(&b, "\" width=\"%d\" height=\"%d\" title=\"", width, height);
	buf_add_html(&b, st->headline);
	buf_add(&b, S("\" frameborder=\"0\" loading=\"lazy\" referrerpolicy=\"no-referrer\" "
		      "sandbox=\"allow-same-origin allow-popups "
		      "allow-top-navigation-by-user-activation\"></iframe>"));
	return buf_str(&b);
}

static json_t *answer_of(struct stet *s, arena_t *a, const struct story *st, int width, int height)
{
	struct share_picture share = share_picture_of(s, a, st);
	json_t *j = json_object();
	json_object_set_new(j, "type", json_string("rich"));
	json_object_set_new(j, "version", json_string("1.0"));
	json_object_set_new(j, "title", view_text(st->headline));
	if (st->nauthors)
		json_object_set_new(j, "author_name", view_text(byline(a, st->authors, st->nauthors,
								       S(", "))));
	if (st->nauthors == 1)
		json_object_set_new(j, "author_url", view_text(view_absolute(s, a,
			str_format(a, "/author/%.*s", STR(st->authors[0].slug)))));
	json_object_set_new(j, "provider_name", view_text(s->config.name));
	json_object_set_new(j, "provider_url", view_text(view_absolute(s, a, S("/"))));
	json_object_set_new(j, "cache_age", json_integer(3600));
	json_object_set_new(j, "width", json_integer(width));
	json_object_set_new(j, "height", json_integer(height));
	json_object_set_new(j, "html", view_text(frame_html(s, a, st, width, height)));
	/* A thumbnail may be no larger than what was asked for, so it is told only if it is not. */
	if (share.width <= width && share.height <= height) {
		json_object_set_new(j, "thumbnail_url", view_text(share.url));
		json_object_set_new(j, "thumbnail_width", json_integer(share.width));
		json_object_set_new(j, "thumbnail_height", json_integer(share.height));
	}
	return j;
}

static str_t as_xml(arena_t *a, json_t *j)
{
	const char *key;
	json_t *value;
	struct buf b = buf_new(a, 2048);
	buf_add(&b, S("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>\n"));
	json_object_foreach(j, key, value) {
		buf_add_format(&b, "<%s>", key);
		if (json_is_integer(value))
			buf_add_int(&b, json_integer_value(value));
		else
			buf_add_html(&b, str_from(json_string_value(value),
						  json_string_length(value)));
		buf_add_format(&b, "</%s>\n", key);
	}
	buf_add(&b, S("</oembed>\n"));
	return buf_str(&b);
}

static err_t write_answer(struct request *q, struct response *r, json_t *j, bool xml)
{
	char *text = xml ? NULL : json_dumps(j, JSON_COMPACT);
	if (!xml && !text)
		return err_new(ERR_MEMORY, "out of memory");
	r->body = xml ? as_xml(q->a, j) : str_copy(q->a, str_of(text));
	free(text);
	response_header(q, r, "Content-Type", xml ? S("text/xml; charset=utf-8")
						  : S("application/json; charset=utf-8"));
	response_header(q, r, "Cache-Control", S("public, max-age=300"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	response_header(q, r, "Access-Control-Allow-Origin", S("*"));
	return OK;
}

static err_t oembed(struct stet *s, struct request *q, struct response *r)
{
	str_t format = params_get(&q->query, "format"), url = params_get(&q->query, "url");
	bool xml = str_eq(format, S("xml"));
	int width, height;
	if (format.p && !xml && !str_eq(format, S("json")))
		return refuse(q, r, 501, "format is json or xml");
	if (!url.n)
		return refuse(q, r, 400, "url is missing: the address of a story");
	if (!fit(q, "maxwidth", WIDTH, LEAST_WIDTH, &width) ||
	    !fit(q, "maxheight", HEIGHT, LEAST_HEIGHT, &height))
		return refuse(q, r, 400, "maxwidth and maxheight are whole numbers above 0");
	struct asked asked = { .s = s, .path = path_of(s, url) };
	if (asked.path.p)
		TRY(store_read(s->store, q->a, find, &asked));
	if (!asked.found)
		return refuse(q, r, 404, "there is no story of ours at that address");
	json_t *j = answer_of(s, q->a, &asked.story, width, height);
	err_t e = write_answer(q, r, j, xml);
	json_decref(j);
	return e;
}

const struct route oembed_routes[] = {
	{ GET, "/oembed", oembed },
	{ GET, "/embed/:section/:slug", embed_page },
	{ GET, "/embed/:section/:slug.json", embed_page },
	{ METHOD_OTHER, NULL, NULL },
};
