/* path.c: see path.h. */
#include "http/path.h"

#include "http/form.h"
#include "http/limits.h"
#include "http/values.h"

static err_t refuse(const char *why)
{
	return err_new(ERR_INPUT, "the address is malformed: %s", why);
}

/* The byte at `*at`, decoded; `*at` moves behind it. */
static err_t decode_byte(str_t raw, size_t *at, char *out)
{
	char c = raw.p[(*at)++];
	if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f || c == '#')
		return refuse("a character that has to be percent-encoded");
	if (c != '%') {
		*out = c;
		return c == '\\' ? refuse("a backslash") : OK;
	}
	if (*at + 2 > raw.n)
		return refuse("'%' without two digits");
	int high = hex_digit(raw.p[*at]), low = hex_digit(raw.p[*at + 1]);
	if (high < 0 || low < 0)
		return refuse("'%' without two digits");
	*at += 2;
	*out = (char)(high << 4 | low);
	if ((unsigned char)*out < 0x20 || *out == 0x7f)
		return refuse("a control character");
	if (*out == '/' || *out == '\\')
		return refuse("an encoded slash or backslash");
	return OK;
}

static err_t check_segment(str_t segment, size_t *segments)
{
	if (str_eq(segment, S(".")) || str_eq(segment, S("..")))
		return refuse("\".\" or \"..\" as a segment");
	if (++*segments > LIMIT_SEGMENTS)
		return refuse("too many segments");
	return OK;
}

err_t path_canonical(arena_t *a, str_t raw, str_t *out)
{
	if (!raw.n || raw.p[0] != '/')
		return refuse("it does not begin with '/'");
	char *p = arena_alloc(a, raw.n);
	size_t n = 0, segment = 0, segments = 0;
	for (size_t at = 0; at < raw.n;) {
		bool slash = raw.p[at] == '/';
		char c = '/';
		if (slash)
			at++;
		else
			TRY(decode_byte(raw, &at, &c));
		if (slash && n && p[n - 1] == '/')
			continue;
		if (slash && n)
			TRY(check_segment(str_from(p + segment, n - segment), &segments));
		p[n++] = c;
		if (slash)
			segment = n;
	}
	TRY(check_segment(str_from(p + segment, n - segment), &segments));
	*out = str_from(p, n);
	return str_is_utf8(*out, NULL) ? OK : refuse("bytes that are not UTF-8");
}

/* Cuts "scheme://authority" off an absolute form. */
static err_t cut_authority(str_t *target, str_t *authority)
{
	size_t scheme = 0;
	if (str_eq_nocase(str_slice(*target, 0, 7), S("http://")))
		scheme = 7;
	else if (str_eq_nocase(str_slice(*target, 0, 8), S("https://")))
		scheme = 8;
	else
		return refuse("neither a path nor an http address");
	size_t end = scheme;
	while (end < target->n && target->p[end] != '/' && target->p[end] != '?')
		end++;
	*authority = str_slice(*target, scheme, end);
	if (!authority->n || str_find_char(*authority, '@', 0) != STR_NONE)
		return refuse("no host, or a user name in it");
	*target = str_slice(*target, end, target->n);
	return OK;
}

err_t target_parse(struct request *q, str_t target, str_t *authority)
{
	*authority = (str_t){ NULL, 0 };
	if (target.n && target.p[0] != '/')
		TRY(cut_authority(&target, authority));
	str_t rest = target, path = str_cut(&rest, '?');
	if (!path.n && authority->p)
		path = S("/");
	q->target = target.n && target.p[0] == '/' ? target : str_format(q->a, "/%.*s", STR(target));
	TRY(path_canonical(q->a, path, &q->path));
	return form_parse(q->a, rest, LIMIT_QUERY_FIELDS, &q->query);
}

str_t path_encode(arena_t *a, str_t path)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf b = buf_new(a, path.n + 16);
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || (c && strchr("-._~/!$&'()*+,;=:@", c));
		if (plain) {
			buf_add_char(&b, c);
			continue;
		}
		buf_add_char(&b, '%');
		buf_add_char(&b, digits[(unsigned char)c >> 4]);
		buf_add_char(&b, digits[c & 15]);
	}
	return buf_str(&b);
}
