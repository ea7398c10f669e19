/* frontmatter_toml.c: the TOML of front matter, and the scalars both forms share. */
#include "exchange/frontmatter_parts.h"

#include <stdlib.h>

enum { DEPTH_MOST = 16 };

json_t *front_scalar(str_t s)
{
	if (str_eq(s, S("true")) || str_eq(s, S("True")))
		return json_true();
	if (str_eq(s, S("false")) || str_eq(s, S("False")))
		return json_false();
	if (str_eq(s, S("null")) || str_eq(s, S("~")) || !s.n)
		return json_null();
	return json_stringn(s.p, s.n);
}

static bool hex_rune(str_t s, size_t at, size_t n, uint32_t *out)
{
	uint32_t v = 0;
	for (size_t i = 0; i < n; i++) {
		char c = at + i < s.n ? s.p[at + i] : 'x';
		int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f'
				? (c | 32) - 'a' + 10 : -1;
		if (d < 0)
			return false;
		v = v << 4 | (uint32_t)d;
	}
	*out = v;
	return true;
}

static err_t add_escape(struct buf *b, str_t s, size_t *at)
{
	static const char plain[] = "nrtbfe0\"\\/ ", means[] = "\n\r\t\b\f\x1b\0\"\\/ ";
	char c = s.p[*at];
	const char *hit = c ? strchr(plain, c) : NULL;
	if (hit) {
		buf_add_char(b, means[hit - plain]);
		(*at)++;
		return OK;
	}
	size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
	uint32_t rune, low;
	if (!digits || !hex_rune(s, *at + 1, digits, &rune))
		return err_new(ERR_INPUT, "\"\\%c\" is no escape", c);
	*at += 1 + digits;
	bool pair = digits == 4 && rune >= 0xd800 && rune < 0xdc00 && *at + 1 < s.n &&
		    s.p[*at] == '\\' && s.p[*at + 1] == 'u' && hex_rune(s, *at + 2, 4, &low) &&
		    low >= 0xdc00 && low < 0xe000;
	if (pair) {
		rune = 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00);
		*at += 6;
	}
	if (rune == 0)
		return err_new(ERR_INPUT, "a text may not hold the character 0");
	buf_add_rune(b, rune);
	return OK;
}

err_t front_quoted(arena_t *a, str_t s, size_t *at, str_t *out)
{
	struct buf b = buf_new(a, 64);
	while (*at < s.n && s.p[*at] != '"') {
		char c = s.p[(*at)++];
		if (c != '\\') {
			/* A break in a quoted text is a space, as YAML folds it. */
			buf_add_char(&b, c == '\n' ? ' ' : c);
			while (c == '\n' && *at < s.n && s.p[*at] == ' ')
				(*at)++;
			continue;
		}
		if (*at >= s.n)
			break;
		TRY(add_escape(&b, s, at));
	}
	if (*at >= s.n)
		return err_new(ERR_INPUT, "a quote is not closed");
	(*at)++;
	*out = buf_str(&b);
	return OK;
}

struct toml {
	arena_t *a;
	str_t    text;
	size_t   at;
};

static int line_at(const struct toml *t, int first)
{
	int line = first;
	for (size_t i = 0; i < t->at && i < t->text.n; i++)
		line += t->text.p[i] == '\n';
	return line;
}

static void skip(struct toml *t, bool lines)
{
	while (t->at < t->text.n) {
		char c = t->text.p[t->at];
		if (c == '#')
			while (t->at < t->text.n && t->text.p[t->at] != '\n')
				t->at++;
		else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n'))
			t->at++;
		else
			return;
	}
}

static err_t toml_value(struct toml *t, int depth, json_t **out);

static err_t triple(struct toml *t, str_t fence, json_t **out)
{
	size_t from = t->at + 3, end = str_find(t->text, fence, from);
	if (end == STR_NONE)
		return err_new(ERR_INPUT, "a quote is not closed");
	str_t s = str_slice(t->text, from, end);
	if (str_starts(s, S("\n")))
		s = str_slice(s, 1, s.n);
	t->at = end + 3;
	*out = front_keep(t->a, json_stringn(s.p, s.n));
	return OK;
}

static err_t toml_array(struct toml *t, int depth, json_t **out)
{
	*out = front_keep(t->a, json_array());
	for (t->at++;;) {
		json_t *v;
		skip(t, true);
		if (t->at < t->text.n && t->text.p[t->at] == ']')
			break;
		TRY(toml_value(t, depth + 1, &v));
		json_array_append(*out, v);
		skip(t, true);
		if (t->at < t->text.n && t->text.p[t->at] == ',')
			t->at++;
		else if (t->at >= t->text.n || t->text.p[t->at] != ']')
			return err_new(ERR_INPUT, "a list is not closed");
	}
	t->at++;
	return OK;
}

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static err_t toml_key(struct toml *t, char **out)
{
	str_t key;
	if (t->at < t->text.n && t->text.p[t->at] == '"') {
		t->at++;
		TRY(front_quoted(t->a, t->text, &t->at, &key));
	} else {
		size_t from = t->at;
		while (t->at < t->text.n && is_bare(t->text.p[t->at]))
			t->at++;
		key = str_slice(t->text, from, t->at);
	}
	if (!key.n)
		return err_new(ERR_INPUT, "write \"key = value\"");
	*out = str_z(t->a, key);
	return OK;
}

static err_t toml_pair(struct toml *t, int depth, json_t *into)
{
	char *key;
	json_t *v;
	TRY(toml_key(t, &key));
	skip(t, false);
	if (t->at >= t->text.n || t->text.p[t->at] != '=')
		return err_new(ERR_INPUT, "write \"key = value\" (dotted keys are not read)");
	t->at++;
	skip(t, false);
	TRY(toml_value(t, depth, &v));
	if (json_object_get(into, key))
		return err_new(ERR_INPUT, "\"%s\" stands here a second time", key);
	json_object_set(into, key, v);
	return OK;
}

static err_t toml_inline(struct toml *t, int depth, json_t **out)
{
	*out = front_keep(t->a, json_object());
	for (t->at++;;) {
		skip(t, false);
		if (t->at < t->text.n && t->text.p[t->at] == '}')
			break;
		TRY(toml_pair(t, depth + 1, *out));
		skip(t, false);
		if (t->at < t->text.n && t->text.p[t->at] == ',')
			t->at++;
		else if (t->at >= t->text.n || t->text.p[t->at] != '}')
			return err_new(ERR_INPUT, "a table in braces is not closed");
	}
	t->at++;
	return OK;
}

static err_t toml_value(struct toml *t, int depth, json_t **out)
{
	str_t rest = str_slice(t->text, t->at, t->text.n), text;
	if (depth > DEPTH_MOST)
		return err_new(ERR_INPUT, "values are nested too deep");
	if (str_starts(rest, S("\"\"\"")) || str_starts(rest, S("'''")))
		return triple(t, str_slice(rest, 0, 3), out);
	switch (rest.n ? rest.p[0] : 0) {
	case '[': return toml_array(t, depth, out);
	case '{': return toml_inline(t, depth, out);
	case '"':
		t->at++;
		TRY(front_quoted(t->a, t->text, &t->at, &text));
		*out = front_keep(t->a, json_stringn(text.p, text.n));
		return OK;
	case '\'': {
		size_t end = str_find_char(rest, '\'', 1);
		if (end == STR_NONE)
			return err_new(ERR_INPUT, "a quote is not closed");
		t->at += end + 1;
		*out = front_keep(t->a, json_stringn(rest.p + 1, end - 1));
		return OK;
	}
	default: break;
	}
	size_t n = 0;
	while (n < rest.n && !strchr(",]}#\n", rest.p[n]) && rest.p[n])
		n++;
	text = str_trim(str_slice(rest, 0, n));
	if (!text.n)
		return err_new(ERR_INPUT, "a value is missing");
	t->at += n;
	*out = front_keep(t->a, front_scalar(text));
	return OK;
}

/* "[params]": what follows stands in that map. Lists of tables are beyond us. */
static err_t toml_table(struct toml *t, json_t *root, json_t **into)
{
	char *key;
	t->at++;
	if (t->at < t->text.n && t->text.p[t->at] == '[')
		return err_new(ERR_INPUT, "lists of tables are not read");
	TRY(toml_key(t, &key));
	if (t->at >= t->text.n || t->text.p[t->at] != ']')
		return err_new(ERR_INPUT, "tables within tables are not read");
	t->at++;
	*into = front_keep(t->a, json_object());
	json_object_set(root, key, *into);
	return OK;
}

static err_t parse(struct toml *t, json_t *root)
{
	json_t *into = root;
	for (;;) {
		skip(t, true);
		if (t->at >= t->text.n)
			return OK;
		if (t->text.p[t->at] == '[')
			TRY(toml_table(t, root, &into));
		else
			TRY(toml_pair(t, 0, into));
		skip(t, false);
		if (t->at < t->text.n && t->text.p[t->at] != '\n')
			return err_new(ERR_INPUT, "there is text behind the value");
	}
}

err_t toml_parse(arena_t *a, str_t text, int line, json_t *out)
{
	struct toml t = { .a = a, .text = text };
	err_t e = parse(&t, out);
	return err_wrap(e, "line %d", line_at(&t, line));
}
