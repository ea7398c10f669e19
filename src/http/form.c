/* form.c: see form.h. */
#include "http/form.h"

#include "http/limits.h"
#include "http/values.h"

static bool needs_decoding(str_t s)
{
	return s.n && (memchr(s.p, '%', s.n) || memchr(s.p, '+', s.n));
}

static str_t decode(arena_t *a, str_t s)
{
	if (!needs_decoding(s))
		return s;
	char *p = arena_alloc(a, s.n);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;
		if (s.p[i] == '%' && i + 2 < s.n) {
			high = hex_digit(s.p[i + 1]);
			low = hex_digit(s.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			p[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			p[n++] = s.p[i] == '+' ? ' ' : s.p[i];
		}
	}
	return str_from(p, n);
}

static err_t check_text(str_t s)
{
	if (!str_is_utf8(s, NULL))
		return err_new(ERR_INPUT, "a field holds bytes that are not UTF-8");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
			return err_new(ERR_INPUT, "a field holds a control character");
	}
	return OK;
}

static size_t count_fields(str_t text)
{
	size_t n = 0;
	for (str_t rest = text; rest.p;)
		n += str_cut(&rest, '&').n > 0;
	return n;
}

err_t form_parse(arena_t *a, str_t text, size_t most, struct params *out)
{
	*out = (struct params){ NULL, 0 };
	if (!text.n)
		return OK;
	size_t fields = count_fields(text);
	if (fields > most)
		return err_new(ERR_TOO_LARGE, "more than %zu fields", most);
	out->v = arena_array(a, fields, sizeof *out->v);
	for (str_t rest = text; rest.p;) {
		str_t pair = str_cut(&rest, '&');
		if (!pair.n)
			continue;
		struct param *p = &out->v[out->n++];
		p->name = decode(a, str_cut(&pair, '='));
		p->value = pair.p ? decode(a, pair) : S("");
		if (p->name.n > LIMIT_FIELD_NAME)
			return err_new(ERR_TOO_LARGE, "a field name longer than %d bytes",
				       LIMIT_FIELD_NAME);
		TRY(check_text(p->name));
		TRY(check_text(p->value));
	}
	return OK;
}

static void encode(struct buf *b, str_t s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c && strchr("-._*", c)))
			buf_add_char(b, c);
		else if (c == ' ')
			buf_add_char(b, '+');
		else
			buf_add_format(b, "%%%02X", (unsigned)(unsigned char)c);
	}
}

str_t form_format(arena_t *a, const struct params *p)
{
	struct buf b = buf_new(a, 64);
	for (size_t i = 0; i < p->n; i++) {
		if (i)
			buf_add_char(&b, '&');
		encode(&b, p->v[i].name);
		buf_add_char(&b, '=');
		encode(&b, p->v[i].value);
	}
	return buf_str(&b);
}

str_t params_get(const struct params *p, const char *name)
{
	str_t wanted = str_of(name);
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->v[i].name, wanted))
			return p->v[i].value;
	return (str_t){ NULL, 0 };
}
