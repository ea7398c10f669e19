/* frontmatter_yaml.c: the YAML of front matter, line by line: a block is the lines of one
 * indentation; what stands deeper belongs to the line above. */
#include "exchange/frontmatter_parts.h"

enum { DEPTH_MOST = 16 };

struct yaml {
	arena_t *a;
	str_t    text;
	size_t   at;    /* start of the current line */
	int      line;
	int      depth;
};

static err_t fault(const struct yaml *y, const char *what)
{
	return err_new(ERR_INPUT, "line %d: %s", y->line, what);
}

/* --- lines --- */

static str_t line_here(const struct yaml *y)
{
	size_t end = str_find_char(y->text, '\n', y->at);
	str_t line = str_slice(y->text, y->at, end);
	if (str_ends(line, S("\r")))
		line.n--;
	return line;
}

static void next_line(struct yaml *y)
{
	size_t end = str_find_char(y->text, '\n', y->at);
	y->at = end == STR_NONE ? y->text.n : end + 1;
	y->line++;
}

static size_t indent_of(str_t line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

static bool is_empty(str_t line)
{
	str_t s = str_trim(line);
	return !s.n || s.p[0] == '#';
}

static void skip_empty(struct yaml *y)
{
	while (y->at < y->text.n && is_empty(line_here(y)))
		next_line(y);
}

/* --- scalars --- */

static err_t single_quoted(arena_t *a, str_t s, size_t *at, str_t *out)
{
	struct buf b = buf_new(a, s.n);
	for (;; (*at)++) {
		if (*at >= s.n)
			return err_new(ERR_INPUT, "a quote is not closed");
		if (s.p[*at] != '\'') {
			buf_add_char(&b, s.p[*at]);
		} else if (*at + 1 < s.n && s.p[*at + 1] == '\'') {
			buf_add_char(&b, '\'');
			(*at)++;
		} else {
			(*at)++;
			*out = buf_str(&b);
			return OK;
		}
	}
}

/* Where a plain scalar ends: a comment, or in brackets also , ] }. */
static size_t plain_end(str_t s, size_t at, bool flow)
{
	size_t i = at;
	while (i < s.n) {
		char c = s.p[i];
		if (c == '#' && i > at && (s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			break;
		if (flow && (c == ',' || c == ']' || c == '}'))
			break;
		if (flow && c == ':' && i + 1 < s.n && s.p[i + 1] == ' ')
			break;
		i++;
	}
	return i;
}

static err_t check_plain(str_t s)
{
	if (s.n && strchr("&*!%@`", s.p[0]))
		return err_new(ERR_INPUT, "anchors, aliases and tags of YAML are not read; put "
			       "quotes around a text that begins with \"%c\"", s.p[0]);
	if (s.n > 1 && (s.p[0] == '?' || s.p[0] == '-') && s.p[1] == ' ')
		return err_new(ERR_INPUT, "this form of YAML is not read; put quotes around the text");
	return OK;
}

static err_t flow_value(arena_t *a, str_t s, size_t *at, int depth, json_t **out);

static void skip_blank(str_t s, size_t *at)
{
	while (*at < s.n && (s.p[*at] == ' ' || s.p[*at] == '\t' || s.p[*at] == '\n' ||
			     s.p[*at] == '\r'))
		(*at)++;
}

static err_t flow_list(arena_t *a, str_t s, size_t *at, int depth, json_t **out)
{
	*out = front_keep(a, json_array());
	for ((*at)++;;) {
		json_t *v;
		skip_blank(s, at);
		if (*at < s.n && s.p[*at] == ']')
			break;
		TRY(flow_value(a, s, at, depth + 1, &v));
		json_array_append(*out, v);
		skip_blank(s, at);
		if (*at < s.n && s.p[*at] == ',')
			(*at)++;
		else if (*at >= s.n || s.p[*at] != ']')
			return err_new(ERR_INPUT, "a list in brackets is not closed");
	}
	(*at)++;
	return OK;
}

static err_t flow_map(arena_t *a, str_t s, size_t *at, int depth, json_t **out)
{
	*out = front_keep(a, json_object());
	for ((*at)++;;) {
		json_t *key, *v;
		skip_blank(s, at);
		if (*at < s.n && s.p[*at] == '}')
			break;
		TRY(flow_value(a, s, at, depth + 1, &key));
		skip_blank(s, at);
		if (!json_is_string(key) || *at >= s.n || s.p[*at] != ':')
			return err_new(ERR_INPUT, "a map in braces is \"{key: value}\"");
		(*at)++;
		skip_blank(s, at);
		TRY(flow_value(a, s, at, depth + 1, &v));
		json_object_set(*out, json_string_value(key), v);
		skip_blank(s, at);
		if (*at < s.n && s.p[*at] == ',')
			(*at)++;
		else if (*at >= s.n || s.p[*at] != '}')
			return err_new(ERR_INPUT, "a map in braces is not closed");
	}
	(*at)++;
	return OK;
}

static err_t flow_value(arena_t *a, str_t s, size_t *at, int depth, json_t **out)
{
	str_t text;
	if (depth > DEPTH_MOST)
		return err_new(ERR_INPUT, "values are nested too deep");
	if (*at >= s.n)
		return err_new(ERR_INPUT, "a list or map is not closed");
	switch (s.p[*at]) {
	case '[': return flow_list(a, s, at, depth, out);
	case '{': return flow_map(a, s, at, depth, out);
	case '"':
		(*at)++;
		TRY(front_quoted(a, s, at, &text));
		break;
	case '\'':
		(*at)++;
		TRY(single_quoted(a, s, at, &text));
		break;
	default: {
		size_t end = plain_end(s, *at, true);
		if (end == *at)
			return err_new(ERR_INPUT, "there is an unexpected \"%c\"", s.p[*at]);
		text = str_trim(str_slice(s, *at, end));
		*at = end;
		TRY(check_plain(text));
		*out = front_keep(a, front_scalar(text));
		return OK;
	}
	}
	*out = front_keep(a, json_stringn(text.p, text.n));
	return OK;
}

/* A value that begins on this line in brackets or quotes may end on a later one. */
static err_t closed_value(struct yaml *y, size_t from, json_t **out)
{
	size_t at = from;
	int first = y->line;
	err_t e = flow_value(y->a, y->text, &at, y->depth, out);
	if (e)
		return err_wrap(e, "line %d", first);
	while (y->at < y->text.n && y->at + line_here(y).n < at)
		next_line(y);
	str_t rest = str_trim(str_slice(line_here(y), at - y->at, STR_NONE));
	if (rest.n && rest.p[0] != '#')
		return fault(y, "there is text behind the closing quote or bracket");
	next_line(y);
	return OK;
}

/* "|" keeps line breaks, ">" folds them; "-" behind drops the last. */
static err_t block_scalar(struct yaml *y, str_t head, size_t parent, json_t **out)
{
	bool fold = head.p[0] == '>', strip = false, keep = false;
	struct buf b = buf_new(y->a, 256);
	for (size_t i = 1; i < head.n && head.p[i] != ' ' && head.p[i] != '#'; i++) {
		strip |= head.p[i] == '-';
		keep |= head.p[i] == '+';
		if (head.p[i] != '-' && head.p[i] != '+')
			return fault(y, "a text block with a number is not read");
	}
	next_line(y);
	size_t indent = 0, blank = 0;
	for (; y->at < y->text.n; next_line(y)) {
		str_t line = line_here(y);
		if (!str_trim(line).n) {
			blank++;
			continue;
		}
		if (indent_of(line) <= parent)
			break;
		if (!indent)
			indent = indent_of(line);
		if (b.n && fold && !blank)
			buf_add_char(&b, ' ');
		else if (b.n)
			for (size_t i = 0; i < (fold ? blank : blank + 1); i++)
				buf_add_char(&b, '\n');
		blank = 0;
		size_t cut = indent_of(line) < indent ? indent_of(line) : indent;
		buf_add(&b, str_slice(line, cut, line.n));
	}
	if (!strip && b.n)
		buf_add_char(&b, '\n');
	for (size_t i = 0; keep && i < blank; i++)
		buf_add_char(&b, '\n');
	*out = front_keep(y->a, json_stringn(b.p, b.n));
	return OK;
}

/* A plain text may go on in deeper lines. */
static err_t plain_value(struct yaml *y, str_t first, size_t parent, json_t **out)
{
	str_t text = str_trim(str_slice(first, 0, plain_end(first, 0, false)));
	err_t e = check_plain(text);
	if (e)
		return err_wrap(e, "line %d", y->line);
	size_t colon = str_find(text, S(": "), 0);
	if (colon != STR_NONE)
		return fault(y, "a text with \": \" in it needs quotes around it");
	struct buf b = buf_new(y->a, text.n);
	buf_add(&b, text);
	bool more = false;
	for (next_line(y); y->at < y->text.n; next_line(y)) {
		str_t line = line_here(y);
		if (is_empty(line) || indent_of(line) <= parent)
			break;
		str_t part = str_trim(str_slice(line, 0, plain_end(line, 0, false)));
		if (str_find(part, S(": "), 0) != STR_NONE || str_ends(part, S(":")))
			return fault(y, "this line is indented deeper than its key allows");
		buf_add_char(&b, ' ');
		buf_add(&b, part);
		more = true;
	}
	*out = front_keep(y->a, more ? json_stringn(b.p, b.n) : front_scalar(buf_str(&b)));
	return OK;
}

/* --- blocks --- */

static err_t block(struct yaml *y, size_t indent, json_t **out);

/* The value behind "key:" or "- ", which begins at `from` on this line. */
static err_t value_at(struct yaml *y, size_t from, size_t parent, bool list_allowed, json_t **out)
{
	str_t line = line_here(y);
	size_t at = from;
	while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t'))
		at++;
	str_t rest = str_slice(line, at, line.n);
	if (rest.n && rest.p[0] != '#') {
		if (rest.p[0] == '|' || rest.p[0] == '>')
			return block_scalar(y, rest, parent, out);
		if (strchr("\"'[{", rest.p[0]))
			return closed_value(y, y->at + at, out);
		return plain_value(y, rest, parent, out);
	}
	next_line(y);
	skip_empty(y);
	if (y->at < y->text.n) {
		str_t next = line_here(y);
		size_t deeper = indent_of(next);
		bool item = str_starts(str_slice(next, deeper, next.n), S("- "));
		if (deeper > parent || (list_allowed && item && deeper == parent))
			return block(y, deeper, out);
	}
	*out = front_keep(y->a, json_null());
	return OK;
}

/* Where the key of a line ends; the colon. STR_NONE if the line has none. */
static err_t read_key(struct yaml *y, str_t line, size_t from, str_t *key, size_t *after)
{
	size_t at = from;
	if (at < line.n && (line.p[at] == '"' || line.p[at] == '\'')) {
		char quote = line.p[at++];
		err_t e = quote == '"' ? front_quoted(y->a, line, &at, key)
				       : single_quoted(y->a, line, &at, key);
		if (e)
			return err_wrap(e, "line %d", y->line);
	} else {
		while (at < line.n && line.p[at] != ':')
			at++;
		*key = str_trim(str_slice(line, from, at));
	}
	if (at >= line.n || line.p[at] != ':' ||
	    (at + 1 < line.n && line.p[at + 1] != ' ' && line.p[at + 1] != '\t'))
		return fault(y, "write \"key: value\"");
	if (!key->n || str_eq(*key, S("<<")) || strchr("&*!?", key->p[0]))
		return fault(y, "anchors, merge keys and empty keys are not read");
	*after = at + 1;
	return OK;
}

/* Lines "key: value" of one indentation. `first` is where the first one's key begins, which for the
 * first of a list's item is behind its dash. */
static err_t map_block(struct yaml *y, size_t indent, json_t *out)
{
	bool first = true;
	for (;;) {
		str_t key;
		size_t after = 0;
		json_t *v;
		if (!first) {
			skip_empty(y);
			if (y->at >= y->text.n || indent_of(line_here(y)) < indent)
				return OK;
			if (indent_of(line_here(y)) > indent)
				return fault(y, "this line is indented deeper than the one above");
			if (str_starts(str_slice(line_here(y), indent, STR_NONE), S("- ")))
				return fault(y, "there is a list where a key should be");
		}
		first = false;
		TRY(read_key(y, line_here(y), indent, &key, &after));
		char *z = str_z(y->a, key);
		if (json_object_get(out, z))
			return err_new(ERR_INPUT, "line %d: \"%s\" stands here a second time",
				       y->line, z);
		if (str_find_char(line_here(y), '\t', 0) < indent)
			return fault(y, "indent with spaces, not tabs");
		TRY(value_at(y, after, indent, true, &v));
		json_object_set(out, z, v);
	}
}

static bool has_key(str_t s)
{
	if (!s.n || s.p[0] == '[' || s.p[0] == '{')
		return false;
	size_t colon = s.p[0] == '"' || s.p[0] == '\'' ? str_find(s, S("\":"), 0)
						       : str_find_char(s, ':', 0);
	if (s.p[0] == '\'')
		colon = str_find(s, S("':"), 0);
	if (colon == STR_NONE)
		return false;
	if (s.p[0] == '"' || s.p[0] == '\'')
		return true;
	return colon + 1 == s.n || s.p[colon + 1] == ' ';
}

static err_t list_block(struct yaml *y, size_t indent, json_t *out)
{
	for (;;) {
		skip_empty(y);
		if (y->at >= y->text.n || indent_of(line_here(y)) != indent)
			return y->at < y->text.n && indent_of(line_here(y)) > indent
				       ? fault(y, "this line is indented deeper than the one above")
				       : OK;
		str_t line = line_here(y);
		str_t item = str_slice(line, indent, line.n);
		json_t *v;
		if (!str_eq(item, S("-")) && !str_starts(item, S("- ")))
			return OK;
		size_t at = indent + 1;
		while (at < line.n && line.p[at] == ' ')
			at++;
		if (has_key(str_slice(line, at, line.n))) {
			v = front_keep(y->a, json_object());
			if (y->depth++ > DEPTH_MOST)
				return fault(y, "values are nested too deep");
			TRY(map_block(y, at, v));
			y->depth--;
		} else {
			TRY(value_at(y, indent + 1, indent, false, &v));
		}
		json_array_append(out, v);
	}
}

static err_t block(struct yaml *y, size_t indent, json_t **out)
{
	str_t line = line_here(y);
	if (y->depth++ > DEPTH_MOST)
		return fault(y, "values are nested too deep");
	str_t rest = str_slice(line, indent, line.n);
	bool list = str_eq(rest, S("-")) || str_starts(rest, S("- "));
	*out = front_keep(y->a, list ? json_array() : json_object());
	err_t e = list ? list_block(y, indent, *out) : map_block(y, indent, *out);
	y->depth--;
	return e;
}

err_t yaml_parse(arena_t *a, str_t text, int line, json_t *out)
{
	struct yaml y = { .a = a, .text = text, .line = line };
	skip_empty(&y);
	if (y.at >= text.n)
		return OK;
	size_t indent = indent_of(line_here(&y));
	if (str_starts(str_slice(line_here(&y), indent, STR_NONE), S("- ")))
		return fault(&y, "the front matter is a list; it must be \"key: value\" lines");
	TRY(map_block(&y, indent, out));
	skip_empty(&y);
	return y.at < text.n ? fault(&y, "this line is indented less than the first") : OK;
}
