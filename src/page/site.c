/* site.c: see site.h. */
#include "page/site.h"

#include "http/origin.h"
#include "page/cache.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

struct site_state {
	struct stet         *s;
	const struct router *router;
	frame_fn             frame;
	frame_fn             reader;
	err_t (*signed_in)(struct stet *s, struct request *q, bool *out);
	moved_fn             moved;
	sink_fn              sink;
	view_fn              elsewhere;
	void (*seen)(struct stet *s, const struct request *q);
};

/* Sent with every answer of ours. Nothing from elsewhere, nothing inline, no framing. */
enum { POLICY, REFERRER = 2, FRAMES = 4 }; /* among the guards */

static const struct header guards[] = {
	[POLICY] = { S("Content-Security-Policy"),
	  S("default-src 'none'; base-uri 'none'; connect-src 'self'; font-src 'self'; "
	    "form-action 'self'; frame-ancestors 'none'; img-src 'self'; manifest-src 'self'; "
	    "media-src 'self'; script-src 'self'; style-src 'self'") },
	{ S("X-Content-Type-Options"), S("nosniff") },
	[REFERRER] = { S("Referrer-Policy"), S("same-origin") },
	{ S("Permissions-Policy"), S("camera=(), geolocation=(), microphone=()") },
	/* For browsers that do not know the policy's frame-ancestors; the last, left out where a frame may be. */
	[FRAMES] = { S("X-Frame-Options"), S("DENY") },
};

enum { KEY_MOST = 512 };

static bool wants_json(str_t path)
{
	return str_ends(path, S(".json")) && !str_ends(path, S("feed.json"));
}

static const char *const list_parameters[] = { "before", NULL };

static enum coding coding_of(const struct request *q)
{
	return coding_taken(request_header(q, "accept-encoding"));
}

/* The coding, for a page is kept once for each that is asked for, and most are asked for in one; the
 * canonical address: the path, and of the query only what a page depends on, so that a
 * tracking parameter somebody added neither misses the cache nor fills it. False if it is too long to
 * be an address of ours. `key` holds KEY_MOST bytes. */
static bool cache_key(const struct request *q, const char *const *parameters, char *key, str_t *out)
{
	int n = snprintf(key, KEY_MOST, "%c%.*s", "-gb"[coding_of(q)], STR(q->path));
	for (char mark = '?'; *parameters && n > 0 && n < KEY_MOST; parameters++) {
		str_t value = params_get(&q->query, *parameters);
		if (!value.p)
			continue;
		n += snprintf(key + n, KEY_MOST - (size_t)n, "%c%s=%.*s", mark, *parameters,
			      STR(value));
		mark = '&';
	}
	*out = str_from(key, (size_t)n);
	return n > 0 && n < KEY_MOST;
}

struct making {
	struct stet          *s;
	const struct request *q;
	view_fn               make;
	void                 *given;
	bool                  personal;
};

static err_t dump_json(arena_t *a, json_t *view, str_t *out)
{
	char *text = json_dumps(view, JSON_COMPACT);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while writing JSON");
	*out = str_copy(a, str_of(text));
	free(text);
	return OK;
}

/* "any": for each list of the view that has something in it, its name: a template cannot ask for that
 * itself. */
static void add_any(json_t *view)
{
	const char *key;
	json_t *v, *any = json_object();
	json_object_foreach(view, key, v)
		if (json_array_size(v) > 0)
			json_object_set_new(any, key, json_true());
	json_object_set_new(view, "any", any);
}

/* The bytes of a filled view, and their type. */
static err_t render(struct stet *s, struct view *v)
{
	if (v->body.p)
		return OK;
	TRY(s->site->frame(s, v));
	if (v->personal && s->site->reader)
		TRY(s->site->reader(s, v));
	if (wants_json(v->q->path)) {
		v->type = S("application/json; charset=utf-8");
		return dump_json(v->a, v->json, &v->body);
	}
	add_any(v->json);
	json_object_set(v->json, "asset", assets_view(v->theme->assets));
	json_object_set(v->json, "theme", v->theme->look);
	json_object_set(json_object_get(v->json, "site"), "logo",
			json_object_get(v->theme->look, "logo"));
	json_object_set(v->json, "t", tongue_view(v->tongue));
	struct buf b = buf_new(v->a, 32 * 1024);
	TRY(template_render(v->theme->templates, str_of(v->template), v->json, &b));
	v->type = S("text/html; charset=utf-8");
	v->body = buf_str(&b);
	return OK;
}

static void drop_json(void *json)
{
	json_decref(json);
}

void view_language(struct view *v, str_t language)
{
	v->language = language;
	v->tongue = messages_tongue(v->theme->messages, language);
}

str_t say(const struct view *v, const char *key)
{
	return messages_get(v->tongue, key);
}

str_t say_count(const struct view *v, const char *key, int64_t n)
{
	return messages_count(v->a, v->tongue, key, n);
}

str_t say_with(const struct view *v, const char *key, const struct message_value *values, size_t n)
{
	return messages_fill(v->a, say(v, key), values, n);
}

str_t say_error(const struct view *v, const struct err *e)
{
	return messages_error(v->a, v->tongue, e);
}

static err_t begin_view(struct stet *s, arena_t *a, struct conn *c, const struct request *q,
			const struct theme_set *theme, struct view *v)
{
	*v = (struct view){ .a = a, .c = c, .q = q, .theme = theme, .status = 200,
			    .json = json_object() };
	if (!v->json)
		return err_new(ERR_MEMORY, "out of memory while making a page");
	arena_defer(a, drop_json, v->json);
	view_language(v, s->config.language);
	return OK;
}

/* The policy, with the hosts that the page's frames may ask. */
static str_t policy_of(struct view *v)
{
	if (v->framer.n)
		return str_replace(v->a, guards[POLICY].value, S("frame-ancestors 'none'"),
				   str_format(v->a, "frame-ancestors %.*s", STR(v->framer)));
	if (!v->frames.n)
		return guards[POLICY].value;
	struct buf b = buf_new(v->a, 512);
	buf_add(&b, guards[POLICY].value);
	buf_add(&b, S("; frame-src"));
	for (size_t i = 0; i < v->frames.n; i++)
		buf_add_format(&b, " https://%.*s", STR(v->frames.v[i]));
	return buf_str(&b);
}

/* The guards, and the view's own. A page made for frames of others may stand in them, and can do
 * nothing there. */
static size_t headers_of(struct view *v, struct header *out)
{
	static const str_t in_frames = S("default-src 'none'; base-uri 'none'; font-src 'self'; "
					 "form-action 'none'; frame-ancestors *; img-src 'self'; "
					 "style-src 'self'");
	size_t n = v->framed || v->framer.n ? FRAMES : COUNT(guards);
	memcpy(out, guards, sizeof guards);
	out[POLICY].value = v->framed ? in_frames : policy_of(v);
	/* Not "no-referrer": browsers would then hide the origin of our own forms from us. */
	if (v->secret)
		out[REFERRER].value = S("strict-origin");
	if (v->link.n)
		out[n++] = (struct header){ S("Link"), v->link };
	return n;
}

static err_t finish_answer(struct view *v, struct answer **out)
{
	struct header headers[COUNT(guards) + 1];
	size_t nheaders = headers_of(v, headers);
	return answer_new(&(struct answer_draft){
		.status = v->status,
		.type = v->type,
		/* Held by browsers and caches, asked about each time: a change shows at once. */
		.cache_control = v->personal ? S("no-store") : S("public, no-cache"),
		.modified = v->modified,
		.headers = headers,
		.nheaders = nheaders,
		.body = v->body,
		.effort = 1,
		.one = true,
		.coding = coding_of(v->q),
	}, out);
}

static err_t fill(const struct making *m, arena_t *a, struct conn *c,
		  const struct theme_set *theme, struct answer **out, struct strs *topics)
{
	struct view v;
	TRY(begin_view(m->s, a, c, m->q, theme, &v));
	v.modified = clock_now(&m->s->clock);
	v.given = m->given;
	v.personal = m->personal;
	err_t e = m->make(m->s, &v);
	if (!e)
		e = render(m->s, &v);
	*topics = v.topics;
	return e ? e : finish_answer(&v, out);
}

/* cache_make: runs once for many askers, so running out of memory must end here. */
static err_t make_page(void *ctx, arena_t *a, struct answer **out, struct strs *topics)
{
	struct making *m = ctx;
	struct conn *c;
	const struct theme_set *theme;
	struct oom_guard guard;
	TRY(theme_hold(m->s->theme, &theme));
	err_t e = store_reader(m->s->store, &c);
	if (e) {
		theme_release(m->s->theme, theme);
		return e;
	}
	if (arena_guard(a, &guard)) {
		e = err_new(ERR_MEMORY, "out of memory while making a page");
	} else {
		e = fill(m, a, c, theme, out, topics);
		arena_unguard(a, &guard);
	}
	store_done(m->s->store, c);
	theme_release(m->s->theme, theme);
	return e;
}

err_t site_page(struct stet *s, struct request *q, struct response *r, view_fn make)
{
	return site_page_for(s, q, r, make, list_parameters);
}

static bool is_plain(const struct request *q)
{
	return request_cookie(q, PLAIN_COOKIE).p != NULL;
}

/* The cookie alone is anybody's to send, and would have pages made at no cost but ours. */
static err_t is_personal(struct stet *s, struct request *q, bool *out)
{
	*out = false;
	return is_plain(q) && s->site->signed_in ? s->site->signed_in(s, q, out) : OK;
}

err_t site_page_given(struct stet *s, struct request *q, struct response *r, view_fn make, void *given,
		      const char *const *parameters)
{
	char buffer[KEY_MOST];
	str_t key;
	if (parameters && !cache_key(q, parameters, buffer, &key))
		return err_new(ERR_MISSING, "there is no such page");
	struct making m = { .s = s, .q = q, .make = make, .given = given };
	struct strs topics = { 0 };
	TRY(is_personal(s, q, &m.personal));
	if (s->development || m.personal || !parameters)
		return make_page(&m, q->a, &r->answer, &topics);
	return cache_get_or_make(s->cache, q->a, key, make_page, &m, &r->answer);
}

err_t site_page_for(struct stet *s, struct request *q, struct response *r, view_fn make,
		    const char *const *parameters)
{
	return site_page_given(s, q, r, make, NULL, parameters);
}

err_t site_page_once(struct stet *s, struct request *q, struct response *r, view_fn make)
{
	return site_page_given(s, q, r, make, NULL, NULL);
}

err_t site_page_with(struct stet *s, struct request *q, struct response *r, view_fn make, void *given)
{
	struct making m = { .s = s, .q = q, .make = make, .given = given, .personal = true };
	struct strs topics = { 0 };
	return make_page(&m, q->a, &r->answer, &topics);
}

/* --- errors --- */

/* Those that have words of their own ("error.404.heading"); others are the last. */
static const int sayings[] = { 400, 403, 404, 405, 410, 413, 503, 507, 500 };

struct saying {
	str_t heading, message;
};

static struct saying saying_of(const struct tongue *t, int status)
{
	size_t i = 0;
	char heading[32], message[32];
	while (i + 1 < COUNT(sayings) && sayings[i] != status)
		i++;
	snprintf(heading, sizeof heading, "error.%d.heading", sayings[i]);
	snprintf(message, sizeof message, "error.%d.message", sayings[i]);
	return (struct saying){ messages_get(t, heading), messages_get(t, message) };
}

static void error_keys(struct view *v, int status)
{
	struct saying said = saying_of(v->tongue, status);
	json_t *page = json_object();
	json_object_set_new(page, "kind", json_string("error"));
	json_object_set_new(page, "error", json_true());
	json_object_set_new(page, "title", json_stringn(said.heading.p, said.heading.n));
	json_object_set_new(page, "robots", json_string("noindex"));
	json_object_set_new(v->json, "page", page);
	json_object_set_new(v->json, "status", json_integer(status));
	json_object_set_new(v->json, "heading", json_stringn(said.heading.p, said.heading.n));
	json_object_set_new(v->json, "message", json_stringn(said.message.p, said.message.n));
	v->template = "error";
	v->status = status;
}

static void set_body(struct request *q, struct response *r, int status, str_t type, str_t body)
{
	r->status = status;
	r->body = body;
	response_header(q, r, "Content-Type", type);
	response_header(q, r, "Cache-Control", S("no-store"));
	for (size_t i = 0; i < COUNT(guards); i++)
		response_header(q, r, str_z(q->a, guards[i].name), guards[i].value);
}

/* When not even the error page can be drawn. */
static void plain_error(struct stet *s, struct request *q, struct response *r, int status)
{
	const struct theme_set *theme;
	struct saying said = { S("Something broke."), S("") };
	err_t e = theme_hold(s->theme, &theme);
	if (!e)
		said = saying_of(messages_tongue(theme->messages, s->config.language), status);
	set_body(q, r, status, S("text/plain; charset=utf-8"),
		 str_format(q->a, "%d %.*s. %.*s\n", status, STR(said.heading), STR(said.message)));
	if (!e)
		theme_release(s->theme, theme);
	err_free(e);
}

static err_t draw_error_with(struct site_state *st, struct conn *c, const struct theme_set *theme,
			     struct request *q, struct response *r, int status)
{
	struct view v;
	TRY(begin_view(st->s, q->a, c, q, theme, &v));
	error_keys(&v, status);
	TRY(st->elsewhere(st->s, &v));
	TRY(render(st->s, &v));
	set_body(q, r, status, v.type, v.body);
	return OK;
}

static err_t draw_error(struct site_state *st, struct conn *c, struct request *q,
			struct response *r, int status)
{
	const struct theme_set *theme;
	TRY(theme_hold(st->s->theme, &theme));
	err_t e = draw_error_with(st, c, theme, q, r, status);
	theme_release(st->s->theme, theme);
	return e;
}

static void answer_error(struct site_state *st, struct request *q, struct response *r, err_t why)
{
	struct stet *s = st->s;
	int status = err_status(why);
	if (status >= 500)
		log_line(&s->log, LOG_ERROR, "site", "%s", err_text(why));
	err_free(why);
	*r = (struct response){ .file = -1 };
	struct conn *c;
	err_t e = store_reader(s->store, &c);
	if (!e) {
		e = draw_error(st, c, q, r, status);
		store_done(s->store, c);
	}
	if (!e)
		return;
	log_line(&s->log, LOG_ERROR, "site", "while drawing an error page: %s", err_text(e));
	err_free(e);
	*r = (struct response){ .file = -1 };
	plain_error(s, q, r, status);
}

/* An address that leads nowhere may have led somewhere once. */
static err_t try_moved(struct site_state *st, struct request *q, struct response *r, bool *moved)
{
	struct conn *c;
	str_t to = { NULL, 0 };
	*moved = false;
	TRY(store_reader(st->s->store, &c));
	err_t e = st->moved(st->s, c, q->a, q->target, &to);
	store_done(st->s->store, c);
	if (e || !to.p)
		return e;
	if (str_starts(to, S("/")))
		to = str_format(q->a, "%.*s%.*s", STR(st->s->config.url), STR(to));
	response_redirect(q, r, 301, str_uri(q->a, to));
	*moved = true;
	return OK;
}

static void answer_missing(struct site_state *st, struct request *q, struct response *r, err_t why)
{
	bool moved = false;
	err_t e = q->method == GET || q->method == HEAD ? try_moved(st, q, r, &moved) : OK;
	if (moved) {
		err_free(why);
		return;
	}
	if (e) {
		err_free(why);
		why = e;
	}
	answer_error(st, q, r, why);
}

/* --- what the server calls --- */

static struct answer *find_asset(struct stet *s, str_t path)
{
	const struct theme_set *set;
	struct answer *answer;
	err_t e = theme_hold(s->theme, &set);
	if (e) {
		err_free(e); /* the page that names it says so */
		return NULL;
	}
	e = assets_get(set->assets, path, &answer);
	theme_release(s->theme, set);
	if (e)
		log_line(&s->log, LOG_ERROR, "site", "%.*s: %s", STR(path), err_text(e));
	err_free(e);
	return answer;
}

static struct answer *fast(void *ctx, const struct request *q)
{
	struct site_state *st = ctx;
	char buffer[KEY_MOST];
	str_t key;
	if (str_starts(q->path, S("/assets/")))
		return find_asset(st->s, q->path);
	/* Queries are for a worker to look at: an old address may have been nothing else ("/?p=12"). */
	if (st->s->development || q->query.n > 0 || is_plain(q))
		return NULL;
	struct answer *page = cache_key(q, list_parameters, buffer, &key)
				      ? cache_get(st->s->cache, key) : NULL;
	if (page)
		st->seen(st->s, q);
	return page;
}

/* A path with a slash at its end is the path without it, unless it is an address from elsewhere that
 * ended so. */
static void redirect_slash(struct site_state *st, struct request *q, struct response *r)
{
	bool moved = false;
	err_free(try_moved(st, q, r, &moved));
	if (moved)
		return;
	str_t bare = str_slice(q->path, 0, q->path.n - 1);
	response_redirect(q, r, 301,
			  str_uri(q->a, str_format(q->a, "%.*s%.*s", STR(st->s->config.url),
						   STR(bare))));
}

/* A method the address does not know; OPTIONS asks which it does. */
static void answer_methods(struct site_state *st, struct request *q, struct response *r, str_t allow)
{
	if (q->method == OPTIONS)
		r->status = 204;
	else
		plain_error(st->s, q, r, 405);
	response_header(q, r, "Allow", allow);
}

static void serve(void *ctx, void *worker, struct request *q, struct response *r)
{
	(void)worker;
	struct site_state *st = ctx;
	handler_fn handler;
	str_t allow;
	if (!origin_is_ours(q, st->s->config.url)) {
		answer_error(st, q, r, err_new(ERR_REFUSED, "the request comes from another site's page"));
		return;
	}
	switch (router_find(st->router, q, &handler, &allow)) {
	case ROUTED: break;
	case ROUTED_WRONG_METHOD:
		answer_methods(st, q, r, allow);
		return;
	case ROUTED_WITHOUT_SLASH:
		redirect_slash(st, q, r);
		return;
	case ROUTED_NOT_FOUND:
		answer_missing(st, q, r, err_new(ERR_MISSING, "no route"));
		return;
	}
	struct oom_guard guard;
	if (arena_guard(q->a, &guard)) {
		plain_error(st->s, q, r, 503);
		return;
	}
	err_t e = handler(st->s, q, r);
	arena_unguard(q->a, &guard);
	if (!e && r->answer)
		st->seen(st->s, q);
	if (!e)
		return;
	if (e->code == ERR_MISSING)
		answer_missing(st, q, r, e);
	else
		answer_error(st, q, r, e);
}

static struct sink *sink(void *ctx, struct request *q, int64_t length, int *status, const char **why)
{
	struct site_state *st = ctx;
	return st->sink(st->s, q, length, status, why);
}

err_t site_new(const struct site_options *o, struct site_state **out)
{
	struct site_state *st = calloc(1, sizeof *st);
	if (!st)
		return err_new(ERR_MEMORY, "out of memory while starting");
	*st = (struct site_state){ .s = o->s, .router = o->router, .frame = o->frame,
				   .reader = o->reader, .signed_in = o->signed_in,
				   .moved = o->moved, .sink = o->sink,
				   .elsewhere = o->elsewhere, .seen = o->seen };
	*out = st;
	return OK;
}

void site_free(struct site_state *st)
{
	free(st);
}

struct site site_calls(struct site_state *st)
{
	return (struct site){ .ctx = st, .fast = fast, .serve = serve,
			      .sink = st->sink ? sink : NULL };
}
