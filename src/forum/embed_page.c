/* embed_page.c: a conversation on another site's page: the script that it loads, the frame that this makes, and the page of
 * ours on which one writes. In the frame nobody is signed in: browsers keep what a frame stores, cookies too, from
 * the site that it belongs to. So it only shows; whatever one does opens a window of our own. */
#include "forum/elsewhere.h"
#include "forum/limits.h"
#include "forum/moderation.h"
#include "forum/rules_page.h"
#include "forum/talk.h"

#include "press/view.h"
#include "record/act.h"

#include <stdlib.h>

struct guest_page {
	struct stet  *s;
	str_t         url, origin;
	bool          allowed;
	struct story  story; /* .id 0: nobody has said anything yet */
	struct who    who;   /* of the page on which one writes */
	err_t         error;
};

static err_t find_page(struct conn *c, arena_t *a, void *ctx)
{
	struct guest_page *x = ctx;
	TRY(other_site_allows(c, x->origin, &x->allowed));
	err_t e = other_page_by_url(c, a, x->url, &x->story);
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	x->story = (struct story){ .id = 0 };
	return OK;
}

/* What is asked about: a page of a site that may. */
static err_t begin(struct stet *s, struct request *q, struct guest_page *x)
{
	str_t said = params_get(q->method == POST ? &q->form : &q->query, "url");
	*x = (struct guest_page){ .s = s };
	err_t e = other_url(q->a, said.p ? said : S(""), &x->origin, &x->url);
	if (e) {
		err_free(e);
		return err_new(ERR_MISSING, "there is no page of another site at that address");
	}
	TRY(store_read(s->store, q->a, find_page, x));
	return x->allowed ? OK : err_new(ERR_MISSING, "no conversation of ours is shown on that site");
}

static str_t path_of(arena_t *a, const char *page, const struct guest_page *x)
{
	return str_format(a, "/embed/%s?url=%.*s", page, STR(str_percent(a, x->url)));
}

static void head(struct view *v, const struct guest_page *x, str_t title, const char *page)
{
	str_t name = str_slice(x->url, str_find(x->url, S("//"), 0) + 2, x->url.n);
	view_head(x->s, v, &(struct page_head){ .kind = "comments", .title = title, .path = path_of(v->a, page, x) });
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
	json_object_set_new(v->json, "about", json_pack("{s:o, s:o, s:o}", "url", json_text(x->url), "name", json_text(name),
							"origin", json_text(x->origin)));
}

/* --- the frame --- */

static err_t frame_talk(struct stet *s, struct view *v, const struct guest_page *x)
{
	struct talk t;
	struct branches list;
	struct forum_settings set;
	struct thread_asked ask = { .story = x->story.id, .sort = SORT_BEST, .most = ROOTS_PAGE, .all = SHOWN_PAGE,
				    .depth = DEPTH_SHOWN };
	ask.sort = comment_sort_parse(params_get(&v->q->query, "sort"));
	ask.after = comment_key_first(ask.sort);
	TRY(forum_settings_of(s, v->c, v->a, &x->story, &set));
	if (set.open == FORUM_OFF)
		return err_new(ERR_MISSING, "there is no conversation about this page");
	TRY(thread_load(v->c, v->a, &ask, &list));
	TRY(talk_begin(s, v, &x->story, &set, ask.sort, &t));
	TRY(talk_frame(&t, 0));
	json_object_set_new(v->json, "comments", talk_comments(&t, &list));
	json_object_set_new(v->json, "open", json_boolean(set.open == FORUM_OPEN));
	return OK;
}

static json_t *frame_sorts(struct view *v, const struct guest_page *x)
{
	json_t *list = json_array();
	enum comment_sort now = comment_sort_parse(params_get(&v->q->query, "sort"));
	for (enum comment_sort i = 0; i < SORTS; i++) {
		str_t name = comment_sort_name(i), text = say(v, str_z(v->a, str_format(v->a, "comments.sort.%.*s", STR(name))));
		str_t url = str_format(v->a, "%.*s&sort=%.*s", STR(path_of(v->a, "comments", x)), STR(name));
		json_array_append_new(list, json_pack("{s:o, s:o, s:b}", "url", json_text(url), "text", json_text(text),
						      "current", i == now));
	}
	return list;
}

static err_t frame_view(struct stet *s, struct view *v)
{
	struct guest_page *x = v->given;
	/* Made from the cache's side, too: what was found may have changed since. */
	TRY(find_page(v->c, v->a, x));
	if (!x->allowed)
		return err_new(ERR_MISSING, "no conversation of ours is shown on that site");
	str_t title = say_with(v, "comments.title", &(struct message_value){ "headline", x->story.headline }, 1);
	head(v, x, x->story.id ? title : say(v, "comments.join"), "comments");
	strs_add(v->a, &v->topics, topic_site());
	json_object_set_new(v->json, "talk", json_null());
	json_object_set_new(v->json, "open", json_true());
	json_object_set_new(v->json, "comments", json_array());
	json_object_set_new(v->json, "write", json_text(path_of(v->a, "write", x)));
	json_object_set_new(v->json, "sorts", x->story.id ? frame_sorts(v, x) : json_array());
	v->framer = x->origin;
	v->template = "embed-comments";
	return x->story.id ? frame_talk(s, v, x) : OK;
}

/* The address as it is kept: others of the same page are found under it. */
static void use_canonical(struct request *q, const struct guest_page *x)
{
	struct param *v = arena_array(q->a, 2, sizeof *v);
	str_t sort = params_get(&q->query, "sort");
	v[0] = (struct param){ S("url"), x->url };
	v[1] = (struct param){ S("sort"), comment_sort_name(comment_sort_parse(sort)) };
	q->query = (struct params){ v, 2 };
}

/* Nobody keeps a page about which nobody has said anything: there are as many as there are addresses. */
static err_t frame_page(struct stet *s, struct request *q, struct response *r)
{
	static const char *const parameters[] = { "url", "sort", NULL };
	struct guest_page *x = arena_new(q->a, struct guest_page);
	TRY(begin(s, q, x));
	use_canonical(q, x);
	return site_page_given(s, q, r, frame_view, x, x->story.id ? parameters : NULL);
}

/* --- the script --- */

static err_t script_view(struct stet *s, struct view *v)
{
	const char *file = json_string_value(json_object_get(assets_view(v->theme->assets), "elsewhere"));
	str_t code = assets_bytes(v->theme->assets, file ? str_of(file) : S(""));
	struct message_value site = { "site", s->config.name };
	json_t *words = json_pack("{s:o, s:o}", "ours", json_text(s->config.url), "title",
				  json_text(say_with(v, "elsewhere.frame", &site, 1)));
	char *text = json_dumps(words, JSON_COMPACT);
	json_decref(words);
	if (!text)
		arena_exhausted(v->a);
	v->type = S("text/javascript; charset=utf-8");
	v->body = str_format(v->a, "(%.*s)(%s);\n", STR(code), text);
	free(text);
	strs_add(v->a, &v->topics, topic_site());
	return OK;
}

static err_t script(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, script_view);
}

/* --- writing --- */

static err_t write_view(struct stet *s, struct view *v)
{
	struct guest_page *x = v->given;
	head(v, x, say(v, "comments.write"), "write");
	json_t *form = json_pack("{s:s, s:o, s:i, s:o, s:b, s:n}", "action", "/embed/write", "url", json_text(x->url), "most",
				 COMMENT_MOST, "text", json_text(form_text(v->q, "text")), "sure", 0, "error");
	json_object_set_new(v->json, "form", form);
	json_object_set_new(v->json, "all", x->story.id ? json_text(conversation_path(v->a, &x->story)) : json_null());
	json_object_set_new(v->json, "stranger", json_boolean(!x->who.reader.id));
	(void)s;
	if (x->error) {
		const struct err *e = x->error;
		v->status = e->code == ERR_BUSY ? 429 : e->code == ERR_REFUSED ? 403 : e->code == ERR_CONFLICT ? 409 : 422;
		json_object_set_new(form, "error", json_text(say_error(v, e)));
		json_object_set_new(form, "sure", json_boolean(e->field && str_eq(str_of(e->field), S("sure"))));
	} else if (!x->who.reader.id) {
		v->status = 403;
	}
	v->template = "embed-write";
	return OK;
}

static err_t write_form(struct stet *s, struct request *q, struct response *r)
{
	struct guest_page x;
	struct who who;
	err_t e;
	TRY(begin(s, q, &x));
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	x.who = who;
	return site_page_with(s, q, r, write_view, &x);
}

static err_t post(struct stet *s, struct request *q, struct guest_page *x, struct comment *out)
{
	struct comment_draft d = {
		.reader = &x->who.reader, .story = x->story.id, .source = form_text(q, "text"),
		.elsewhere = x->story.id ? S("") : x->url, .sure = form_value(q, "sure").n > 0,
	};
	TRY(rate_reader(s, q->a, RATE_COMMENT_ACCOUNT, x->who.reader.id));
	return comment_post(s, q->a, &d, out);
}

/* Who was signed out meanwhile gets the form again, with what they wrote. */
static err_t write_post(struct stet *s, struct request *q, struct response *r)
{
	struct guest_page x;
	struct comment k;
	TRY(begin(s, q, &x));
	TRY(who_asks(s, q, &x.who));
	if (!x.who.reader.id)
		return site_page_with(s, q, r, write_view, &x);
	x.error = post(s, q, &x, &k);
	if (x.error && !is_mendable(x.error))
		return x.error;
	if (!x.error) {
		go_to(s, q, r, comment_short(q->a, k.id));
		return OK;
	}
	err_t e = site_page_with(s, q, r, write_view, &x);
	err_free(x.error);
	return e;
}

/* --- the page itself --- */

struct leading {
	str_t slug, url, origin;
	bool  allowed;
	struct story story;
};

static err_t find_address(struct conn *c, arena_t *a, void *ctx)
{
	struct leading *x = ctx;
	str_t same;
	TRY(other_page_by_slug(c, a, x->slug, &x->story));
	TRY(other_page_address(c, a, x->story.id, &x->url));
	TRY(other_url(a, x->url, &x->origin, &same));
	return other_site_allows(c, x->origin, &x->allowed);
}

/* Where a conversation says what it is about. A site that may no more is not led to. */
static err_t lead_there(struct stet *s, struct request *q, struct response *r)
{
	struct leading x = { .slug = params_get(&q->route, "slug") };
	TRY(store_read(s->store, q->a, find_address, &x));
	if (!x.allowed) {
		go_to(s, q, r, conversation_path(q->a, &x.story));
		return OK;
	}
	response_header(q, r, "Cache-Control", S("no-store"));
	response_redirect(q, r, 302, x.url);
	return OK;
}

const struct route embed_routes[] = {
	{ GET, "/embed/comments.js", script },
	{ GET, "/embed/comments", frame_page },
	{ GET, "/embed/write", write_form },
	{ POST, "/embed/write", write_post },
	{ GET, "/elsewhere/:slug", lead_there },
	{ 0 },
};
