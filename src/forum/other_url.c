/* other_url.c: addresses of other sites' pages, brought to one form. What goes into a Content-Security-Policy or a link is
 * made of what was read here, never of what was sent. */
#include "forum/elsewhere.h"

struct parts {
	bool  tls;
	str_t host, port; /* port: empty if it is the scheme's own */
	str_t rest;       /* from the path on */
};

static err_t wrong(const char *field)
{
	return err_say(ERR_INPUT, field, "elsewhere.wrong");
}

/* A name, a number, or [::1]; no wildcards. */
static bool is_host(str_t h)
{
	if (!h.n || h.n > 253)
		return false;
	bool v6 = h.p[0] == '[' && h.p[h.n - 1] == ']';
	for (size_t i = 0; i < h.n; i++) {
		char c = h.p[i];
		bool digit = c >= '0' && c <= '9', edge = i == 0 || i + 1 == h.n;
		if (v6 ? !(edge || digit || (c >= 'a' && c <= 'f') || c == ':')
		       : !(digit || (c >= 'a' && c <= 'z') || ((c == '-' || c == '.') && !edge)))
			return false;
		if (!v6 && c == '.' && h.p[i - 1] == '.')
			return false;
	}
	return !v6 || h.n > 3;
}

static bool is_port(str_t p)
{
	int64_t n;
	for (size_t i = 0; i < p.n; i++)
		if (p.p[i] < '0' || p.p[i] > '9')
			return false;
	return p.n && p.n < 6 && p.p[0] != '0' && str_int(p, &n) && n <= 65535;
}

static bool is_this_machine(str_t host)
{
	return str_eq(host, S("localhost")) || str_ends(host, S(".localhost")) || str_eq(host, S("127.0.0.1")) ||
	       str_eq(host, S("[::1]"));
}

static err_t take_port(const char *field, struct parts *out)
{
	size_t colon = STR_NONE;
	for (size_t i = 0; i < out->host.n; i++)
		if (out->host.p[i] == ':' && (out->host.p[0] != '[' || out->host.p[i - 1] == ']'))
			colon = i;
	out->port = S("");
	if (colon == STR_NONE)
		return OK;
	out->port = str_slice(out->host, colon + 1, out->host.n);
	out->host = str_slice(out->host, 0, colon);
	if (!is_port(out->port))
		return wrong(field);
	if (str_eq(out->port, out->tls ? S("443") : S("80")))
		out->port = S("");
	return OK;
}

/* Signs that browsers leave as they are in some parts of an address and escape in others. */
static str_t escaped(arena_t *a, str_t rest)
{
	struct buf b = buf_new(a, rest.n + 8);
	for (size_t i = 0; i < rest.n; i++) {
		if (strchr("^`{|}'", rest.p[i]))
			buf_add_format(&b, "%%%02X", (unsigned char)rest.p[i]);
		else
			buf_add_char(&b, rest.p[i]);
	}
	return buf_str(&b);
}

static err_t read_parts(arena_t *a, const char *field, str_t said, struct parts *out)
{
	if (said.n > 4 * OTHER_URL_MOST)
		return wrong(field);
	for (size_t i = 0; i < said.n; i++)
		if (said.p[i] <= ' ' || said.p[i] > '~' || strchr("\"<>\\", said.p[i]))
			return wrong(field);
	str_t head = str_lower(a, str_slice(said, 0, 8));
	out->tls = str_eq(head, S("https://"));
	if (!out->tls && !str_starts(head, S("http://")))
		return wrong(field);
	str_t rest = str_slice(said, out->tls ? 8 : 7, said.n);
	size_t end = 0;
	while (end < rest.n && !strchr("/?#", rest.p[end]))
		end++;
	out->host = str_lower(a, str_slice(rest, 0, end));
	out->rest = str_slice(rest, end, rest.n);
	TRY(take_port(field, out));
	if (!is_host(out->host))
		return wrong(field);
	out->rest = escaped(a, out->rest);
	return out->tls || is_this_machine(out->host) ? OK : err_say(ERR_INPUT, field, "elsewhere.plain");
}

static str_t origin_of(arena_t *a, const struct parts *p)
{
	return str_format(a, "%s://%.*s%s%.*s", p->tls ? "https" : "http", STR(p->host), p->port.n ? ":" : "",
			  STR(p->port));
}

err_t other_origin(arena_t *a, str_t said, str_t *out)
{
	struct parts p;
	TRY(read_parts(a, "origin", str_trim(said), &p));
	if (p.rest.n && !str_eq(p.rest, S("/")))
		return err_say(ERR_INPUT, "origin", "elsewhere.path");
	*out = origin_of(a, &p);
	return OK;
}

/* Parameters that say where a reader came from, not which page it is. */
static bool follows_readers(str_t name)
{
	static const char *const names[] = {
		"fbclid", "gclid", "gbraid", "wbraid", "dclid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
		"igsh", "mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi", "li_fat_id", "vero_id", "oly_enc_id",
		"oly_anon_id", "at_medium", "at_campaign", "xtor",
	};
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq_nocase(name, str_of(names[i])))
			return true;
	return str_starts(name, S("utm_"));
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool escapes_are_whole(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '%' && !(i + 2 < s.n && is_hex(s.p[i + 1]) && is_hex(s.p[i + 2])))
			return false;
	return true;
}

static void add_query(struct buf *b, str_t query)
{
	char mark = '?';
	while (query.n) {
		str_t field = str_cut(&query, '&'), rest = field, name = str_cut(&rest, '=');
		if (!field.n || follows_readers(name))
			continue;
		buf_add_char(b, mark);
		buf_add(b, field);
		mark = '&';
	}
}

err_t other_url(arena_t *a, str_t said, str_t *origin, str_t *out)
{
	struct parts p;
	struct buf b = buf_new(a, said.n + 8);
	TRY(read_parts(a, "url", str_trim(said), &p));
	str_t query = str_cut(&p.rest, '#'), path = str_cut(&query, '?');
	if (!escapes_are_whole(path) || (query.p && !escapes_are_whole(query)))
		return wrong("url");
	/* Browsers have taken these out. */
	str_t framed = str_format(a, "%.*s/", STR(path));
	if (str_find(framed, S("/../"), 0) != STR_NONE || str_find(framed, S("/./"), 0) != STR_NONE)
		return wrong("url");
	*origin = origin_of(a, &p);
	buf_add(&b, *origin);
	buf_add(&b, path.n ? path : S("/"));
	add_query(&b, query.p ? query : S(""));
	*out = buf_str(&b);
	return out->n <= OTHER_URL_MOST ? OK : err_say(ERR_INPUT, "url", "elsewhere.long");
}
