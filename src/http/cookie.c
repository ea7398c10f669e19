/* cookie.c: see cookie.h. */
#include "http/cookie.h"

#include "http/limits.h"
#include "http/values.h"

static bool value_char(char c)
{
	unsigned char u = (unsigned char)c;
	return u > 0x20 && u < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

static bool is_value(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!value_char(s.p[i]))
			return false;
	return true;
}

str_t cookie_find(str_t header, const char *name)
{
	str_t wanted = str_of(name);
	size_t seen = 0;
	for (str_t rest = header; rest.p && seen < LIMIT_COOKIES; seen++) {
		str_t value = str_trim(str_cut(&rest, ';'));
		str_t key = str_cut(&value, '=');
		if (!value.p || !str_eq(key, wanted))
			continue;
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = str_slice(value, 1, value.n - 1);
		if (is_value(value))
			return value;
	}
	return (str_t){ NULL, 0 };
}

str_t request_cookie(const struct request *q, const char *name)
{
	for (size_t i = 0; i < q->nheaders; i++) {
		if (!str_eq(q->headers[i].name, S("cookie")))
			continue;
		str_t value = cookie_find(q->headers[i].value, name);
		if (value.p)
			return value;
	}
	return (str_t){ NULL, 0 };
}

static err_t check_prefix(const struct cookie *c)
{
	str_t name = str_of(c->name);
	bool host = str_eq_nocase(str_slice(name, 0, 7), S("__Host-"));
	bool secure = host || str_eq_nocase(str_slice(name, 0, 9), S("__Secure-"));
	if (secure && !c->secure)
		return err_new(ERR_INPUT, "cookie %s: its prefix asks for Secure", c->name);
	if (host && (c->domain || (c->path && strcmp(c->path, "/") != 0)))
		return err_new(ERR_INPUT, "cookie %s: its prefix asks for Path=/ and no Domain",
			       c->name);
	if (c->same_site == SAME_SITE_NONE && !c->secure)
		return err_new(ERR_INPUT, "cookie %s: SameSite=None asks for Secure", c->name);
	return OK;
}

/* Path and Domain may hold anything printable but ';'. */
static bool is_attribute(const char *z)
{
	for (; *z; z++)
		if ((unsigned char)*z < 0x20 || (unsigned char)*z >= 0x7f || *z == ';')
			return false;
	return true;
}

err_t cookie_format(arena_t *a, const struct cookie *c, str_t *out)
{
	static const char *const same_site[] = { "Lax", "Strict", "None" };
	if (!str_is_token(str_of(c->name)) || !is_value(c->value))
		return err_new(ERR_INPUT, "a cookie's name or value holds a forbidden character");
	if (!is_attribute(c->path ? c->path : "/") || !is_attribute(c->domain ? c->domain : ""))
		return err_new(ERR_INPUT, "cookie %s: a forbidden character in Path or Domain",
			       c->name);
	TRY(check_prefix(c));
	struct buf b = buf_new(a, 128);
	buf_add_format(&b, "%s=%.*s; Path=%s", c->name, STR(c->value), c->path ? c->path : "/");
	if (c->domain)
		buf_add_format(&b, "; Domain=%s", c->domain);
	if (c->max_age >= 0)
		buf_add_format(&b, "; Max-Age=%lld", (long long)c->max_age);
	if (c->secure)
		buf_add(&b, S("; Secure"));
	if (c->http_only)
		buf_add(&b, S("; HttpOnly"));
	buf_add_format(&b, "; SameSite=%s", same_site[c->same_site]);
	*out = buf_str(&b);
	return OK;
}
