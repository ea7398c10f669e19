/* pages.c: see pages.h. */
#include "readers/pages.h"

/* Not "//host", nor one that browsers take for it: a backslash is a slash to them. */
bool path_is_ours(str_t path)
{
	/* Browsers take tabs and line ends out before they read an address. */
	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] <= ' ' || path.p[i] == 0x7f)
			return false;
	return path.n > 0 && path.n < 2000 && path.p[0] == '/' &&
	       (path.n == 1 || (path.p[1] != '/' && path.p[1] != '\\')) && str_is_utf8(path, NULL);
}

str_t next_of(const struct request *q)
{
	str_t next = params_get(&q->form, "next");
	if (!next.p)
		next = params_get(&q->query, "next");
	return path_is_ours(next) ? next : S("/");
}

void go_to(struct stet *s, struct request *q, struct response *r, str_t path)
{
	response_header(q, r, "Cache-Control", S("no-store"));
	response_redirect(q, r, 303, str_uri(q->a, str_format(q->a, "%.*s%.*s", STR(s->config.url),
							      STR(path))));
}

json_t *json_text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

err_t answer_json(struct request *q, struct response *r, int status, json_t *j)
{
	size_t n = j ? json_dumpb(j, NULL, 0, JSON_COMPACT) : 0;
	char *p = arena_alloc(q->a, n + 1);
	if (n)
		json_dumpb(j, p, n, JSON_COMPACT);
	json_decref(j);
	if (!n)
		return err_new(ERR_MEMORY, "out of memory while answering in JSON");
	response_header(q, r, "Content-Type", S("application/json; charset=utf-8"));
	response_header(q, r, "Cache-Control", S("no-store"));
	r->status = status;
	r->body = str_from(p, n);
	return OK;
}

bool is_mendable(const struct err *e)
{
	return e->code == ERR_INPUT || e->code == ERR_CONFLICT || e->code == ERR_TOO_LARGE ||
	       e->code == ERR_REFUSED || e->code == ERR_BUSY;
}

void account_head(struct view *v, const char *title)
{
	json_t *page = json_object();
	json_object_set_new(v->json, "page", page);
	json_object_set_new(page, "kind", json_string("account"));
	json_object_set_new(page, "title", json_text(say(v, title)));
	json_object_set_new(page, "robots", json_string("noindex"));
}

/* Fields that may be shown again. */
static const char *const shown[] = { "address", "name", "way", "about", "code" };

static void set_values(struct view *v)
{
	json_t *form = json_object();
	json_object_set_new(v->json, "form", form);
	for (size_t i = 0; i < COUNT(shown); i++) {
		str_t value = params_get(&v->q->form, shown[i]);
		if (!value.p)
			value = params_get(&v->q->query, shown[i]);
		if (value.p && str_is_utf8(value, NULL))
			json_object_set_new(form, shown[i], json_text(value));
	}
	json_object_set_new(form, "next", json_text(next_of(v->q)));
	json_object_set_new(form, "next_query", json_text(str_percent(v->a, next_of(v->q))));
}

/* What has no message would be said in another language than the page's. */
static str_t words_of(struct stet *s, const struct view *v, const struct err *e)
{
	if (e->key)
		return say_error(v, e);
	log_line(&s->log, LOG_WARN, "readers", "refused without a message: %s", err_text(e));
	return say(v, "refused.other");
}

static void set_error(struct stet *s, struct view *v, const struct err *e)
{
	json_t *errors = json_object();
	str_t text = words_of(s, v, e);
	json_object_set_new(v->json, "errors", errors);
	json_object_set_new(errors, e->field ? e->field : "form", json_text(text));
	v->status = e->code == ERR_BUSY ? 429 : e->code == ERR_CONFLICT ? 409 : 422;
}

static err_t form_view(struct stet *s, struct view *v)
{
	struct form *f = v->given;
	v->template = f->template;
	v->secret = f->secret;
	account_head(v, f->title);
	set_values(v);
	if (f->error)
		set_error(s, v, f->error);
	return f->fill ? f->fill(s, v, f->ctx) : OK;
}

err_t form_page(struct stet *s, struct request *q, struct response *r, struct form *f)
{
	if (f->error && !is_mendable(f->error))
		return f->error;
	err_t e = site_page_with(s, q, r, form_view, f);
	err_free(f->error);
	f->error = OK;
	return e;
}

/* --- for script --- */

bool script_asks(const struct request *q)
{
	return str_find(request_header(q, "accept"), S("application/json"), 0) != STR_NONE;
}

err_t answer_refusal(struct stet *s, struct request *q, struct response *r, err_t e)
{
	const struct theme_set *theme;
	if (!is_mendable(e))
		return e;
	err_t bad = theme_hold(s->theme, &theme);
	if (bad) {
		err_free(e);
		return bad;
	}
	str_t text = messages_error(q->a, messages_tongue(theme->messages, s->config.language), e);
	theme_release(s->theme, theme);
	int status = e->code == ERR_BUSY ? 429 : e->code == ERR_REFUSED ? 403 : e->code == ERR_CONFLICT ? 409 : 422;
	json_t *j = json_pack("{s:{s:s, s:o}}", "error", "field", e->field ? e->field : "text", "text",
			      json_text(text));
	err_free(e);
	return answer_json(q, r, status, j);
}

err_t answer_sign_in(struct request *q, struct response *r)
{
	return answer_json(q, r, 401, json_pack("{s:s}", "sign_in", "/sign-in"));
}

bool who_must_act(struct stet *s, struct request *q, struct response *r, struct who *out, err_t *e)
{
	if (!script_asks(q))
		return who_must_sign_in(s, q, r, out, e);
	*e = who_asks(s, q, out);
	if (!*e && !out->reader.id)
		*e = answer_sign_in(q, r);
	return *e || !out->reader.id;
}

str_t next_or(const struct request *q, str_t path)
{
	return params_get(&q->form, "next").p ? next_of(q) : path;
}
