/* frontmatter.c: finding the front matter; JSON. YAML and TOML have files of their own. */
#include "exchange/frontmatter.h"
#include "exchange/frontmatter_parts.h"

static void drop(void *json)
{
	json_decref(json);
}

json_t *front_keep(arena_t *a, json_t *json)
{
	if (!json)
		arena_exhausted(a);
	arena_defer(a, drop, json);
	return json;
}

/* Cuts [begin, end) where a line that is `fence` (or `other`) stands; false if there is none. */
static bool find_fence(str_t text, size_t from, str_t fence, str_t other, size_t *end, size_t *next)
{
	for (size_t at = from; at <= text.n;) {
		size_t eol = str_find_char(text, '\n', at);
		size_t stop = eol == STR_NONE ? text.n : eol;
		str_t line = str_slice(text, at, stop);
		while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
			line.n--;
		if (str_eq(line, fence) || (other.n && str_eq(line, other))) {
			*end = at;
			*next = eol == STR_NONE ? text.n : eol + 1;
			return true;
		}
		if (eol == STR_NONE)
			return false;
		at = eol + 1;
	}
	return false;
}

static err_t split_json(arena_t *a, str_t text, json_t **front, str_t *body)
{
	json_error_t why;
	json_t *j = json_loadb(text.p, text.n, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES,
			       &why);
	if (!j)
		return err_new(ERR_INPUT, "line %d: the front matter is not well-formed JSON: %s",
			       why.line, why.text);
	*front = front_keep(a, j);
	size_t at = (size_t)why.position;
	while (at < text.n && (text.p[at] == '\n' || text.p[at] == '\r'))
		at++;
	*body = str_slice(text, at, text.n);
	return OK;
}

/* The first line is the fence, and nothing else. */
static bool begins_with_fence(str_t text, str_t fence, size_t *after)
{
	size_t end, next;
	size_t eol = str_find_char(text, '\n', 0);
	str_t first = str_slice(text, 0, eol == STR_NONE ? text.n : eol + 1);
	if (!find_fence(first, 0, fence, S(""), &end, &next))
		return false;
	*after = next;
	return end == 0;
}

err_t frontmatter_split(arena_t *a, str_t text, json_t **front, str_t *body)
{
	size_t begin, end, next;
	if (str_starts(text, S("\xef\xbb\xbf")))
		text = str_slice(text, 3, text.n);
	if (str_starts(text, S("{")))
		return split_json(a, text, front, body);
	*front = front_keep(a, json_object());
	*body = text;
	bool yaml = begins_with_fence(text, S("---"), &begin);
	bool toml = !yaml && begins_with_fence(text, S("+++"), &begin);
	if (!yaml && !toml)
		return OK;
	if (!find_fence(text, begin, yaml ? S("---") : S("+++"), yaml ? S("...") : S(""), &end,
			&next))
		return err_new(ERR_INPUT, "line 1: the front matter has no end: a line \"%s\" is "
			       "missing", yaml ? "---" : "+++");
	str_t head = str_slice(text, begin, end);
	*body = str_slice(text, next, text.n);
	if (str_starts(*body, S("\r\n")))
		*body = str_slice(*body, 2, body->n);
	else if (str_starts(*body, S("\n")))
		*body = str_slice(*body, 1, body->n);
	size_t bad;
	if (!str_is_utf8(head, &bad))
		return err_new(ERR_INPUT, "the front matter is not UTF-8 at byte %zu",
			       begin + bad + 1);
	return yaml ? yaml_parse(a, head, 2, *front) : toml_parse(a, head, 2, *front);
}

/* --- writing --- */

void frontmatter_add_text(struct buf *b, str_t text)
{
	buf_add_char(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '"' || c == '\\')
			buf_add_char(b, '\\');
		if (c == '\n')
			buf_add(b, S("\\n"));
		else if (c == '\t')
			buf_add(b, S("\\t"));
		else
			buf_add_char(b, c);
	}
	buf_add_char(b, '"');
}

void frontmatter_add_line(struct buf *b, const char *key, str_t text)
{
	buf_add_format(b, "%s: ", key);
	frontmatter_add_text(b, text);
	buf_add_char(b, '\n');
}
