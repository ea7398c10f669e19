/* markdown_lines.c: see markdown_lines.h. Fences as CommonMark 0.31 §4.5 has them. */
#include "page/markdown_lines.h"

#include <string.h>

static size_t indent_of(str_t line)
{
	size_t n = 0;
	for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		n += line.p[i] == '\t' ? 4 : 1;
	return n;
}

str_t markdown_flush_left(str_t line)
{
	if (indent_of(line) > 3)
		return (str_t){ NULL, 0 };
	size_t i = 0;
	while (i < line.n && line.p[i] == ' ')
		i++;
	return str_slice(line, i, line.n);
}

static size_t run_of(str_t s, char c)
{
	size_t n = 0;
	while (n < s.n && s.p[n] == c)
		n++;
	return n;
}

static bool opens_fence(struct markdown_lines *l, str_t s)
{
	char c = s.n ? s.p[0] : 0;
	size_t n = run_of(s, c);
	if ((c != '`' && c != '~') || n < 3 ||
	    (c == '`' && str_find_char(s, '`', n) != STR_NONE))
		return false;
	l->fence = c;
	l->length = n;
	return true;
}

static bool closes_fence(const struct markdown_lines *l, str_t s)
{
	size_t n = run_of(s, l->fence);
	return n >= l->length && !str_trim(str_slice(s, n, s.n)).n;
}

static bool begins_item(str_t s)
{
	size_t n = 0;
	while (n < s.n && n < 10 && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	const char *marks = n ? ".)" : "-*+";
	return n + 1 < s.n && strchr(marks, s.p[n]) && (s.p[n + 1] == ' ' || s.p[n + 1] == '\t');
}

bool markdown_line(struct markdown_lines *l)
{
	if (l->at >= l->text.n)
		return false;
	size_t end = str_find_char(l->text, '\n', l->at);
	l->line = str_slice(l->text, l->at, end);
	l->at = end == STR_NONE ? l->text.n : end + 1;
	if (str_ends(l->line, S("\r")))
		l->line.n--;
	l->number++;
	str_t s = markdown_flush_left(l->line);
	bool empty = !str_trim(l->line).n;
	if (l->fence) {
		l->code = true;
		if (s.p && closes_fence(l, s))
			l->fence = 0;
		l->blank = true;
		return true;
	}
	bool behind_blank = (l->blank || l->number == 1) && !l->list;
	l->code = s.p ? opens_fence(l, s) : !empty && behind_blank;
	if (s.p && begins_item(s))
		l->list = true;
	else if (s.n && s.n == l->line.n)
		l->list = false;
	l->blank = empty || l->code;
	return true;
}

/* --- the files that a text names --- */

struct renaming {
	arena_t         *a;
	struct buf       out;
	markdown_file_fn fn;
	void            *ctx;
};

static bool is_local(str_t name)
{
	return name.n && str_find_char(name, ':', 0) == STR_NONE && name.p[0] != '/' &&
	       name.p[0] != '#';
}

static err_t add_name(struct renaming *x, str_t name)
{
	str_t address = name;
	if (is_local(name))
		TRY(x->fn(x->ctx, name, &address));
	buf_add(&x->out, address);
	return OK;
}

/* Behind a code span that begins here; just behind its ticks if it does not end in this line. */
static size_t behind_code(str_t line, size_t at)
{
	size_t n = run_of(str_slice(line, at, line.n), '`');
	for (size_t i = at + n; i < line.n;) {
		size_t k = line.p[i] == '`' ? run_of(str_slice(line, i, line.n), '`') : 0;
		if (k == n)
			return i + k;
		i += k ? k : 1;
	}
	return at + n;
}

/* Pictures of one line. Their names end at a space, for a title may follow. */
static err_t rename_pictures(struct renaming *x, str_t line)
{
	size_t at = 0;
	while (at < line.n) {
		str_t rest = str_slice(line, at, line.n);
		size_t open = str_starts(rest, S("![")) ? str_find(line, S("]("), at) : STR_NONE;
		size_t next = line.p[at] == '`'                    ? behind_code(line, at)
			      : line.p[at] == '\\' && at + 2 <= line.n ? at + 2
			      : open != STR_NONE                   ? open + 2
								   : at + 1;
		buf_add(&x->out, str_slice(line, at, next));
		at = next;
		if (open == STR_NONE || next != open + 2)
			continue;
		size_t end = at;
		while (end < line.n && line.p[end] != ')' && line.p[end] != ' ')
			end++;
		TRY(add_name(x, str_slice(line, at, end)));
		at = end;
	}
	return OK;
}

static size_t skip_spaces(str_t s, size_t at)
{
	while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
		at++;
	return at;
}

/* Behind one of the words that stands at `at`, and the spaces behind it; 0 if none does. */
static size_t behind_word(str_t s, size_t at, const char *const *words, size_t n)
{
	str_t rest = str_slice(s, at, s.n);
	for (size_t i = 0; i < n; i++) {
		size_t end = at + strlen(words[i]);
		size_t next = skip_spaces(s, end);
		bool whole = next > end || (end <= s.n && end > at && s.p[end - 1] == ':');
		if (str_starts(rest, str_of(words[i])) && whole)
			return next;
	}
	return 0;
}

/* ":::video NAME", "poster: NAME": where NAME begins in the line; 0 if it is no such line. `within`
 * tells whether the line stands within such a block, and is kept. */
static size_t name_at(str_t line, bool *within)
{
	static const char *const openings[] = { "video", "audio", "file" };
	static const char *const fields[] = { "poster:", "captions:", "subtitles:",
					      "descriptions:", "transcript:" };
	str_t s = markdown_flush_left(line);
	size_t start = line.n - s.n;
	if (!s.p)
		return 0;
	if (!str_starts(s, S(":::")))
		return *within ? behind_word(line, start, fields, COUNT(fields)) : 0;
	size_t name = behind_word(line, skip_spaces(line, start + 3), openings, COUNT(openings));
	*within = name > 0;
	return name;
}

static err_t rename_line(struct renaming *x, str_t line, bool *within)
{
	size_t at = name_at(line, within);
	if (!at)
		return rename_pictures(x, line);
	size_t end = at;
	while (end < line.n && line.p[end] != ' ' && line.p[end] != '\t')
		end++;
	buf_add(&x->out, str_slice(line, 0, at));
	TRY(add_name(x, str_slice(line, at, end)));
	buf_add(&x->out, str_slice(line, end, line.n));
	return OK;
}

err_t markdown_files(arena_t *a, str_t markdown, markdown_file_fn fn, void *ctx, str_t *out)
{
	struct renaming x = { .a = a, .out = buf_new(a, markdown.n + 256), .fn = fn, .ctx = ctx };
	struct markdown_lines l = { .text = markdown };
	bool within = false;
	for (size_t from = 0; markdown_line(&l); from = l.at) {
		if (l.code)
			buf_add(&x.out, l.line);
		else
			TRY(rename_line(&x, l.line, &within));
		buf_add(&x.out, str_slice(markdown, from + l.line.n, l.at));
	}
	*out = buf_str(&x.out);
	return OK;
}

/* --- HTML --- */

static bool names_files(str_t tag)
{
	static const char *const names[] = { "<img", "<video", "<audio", "<source", "<track" };
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq_nocase(str_slice(tag, 0, strlen(names[i])), str_of(names[i])))
			return true;
	return false;
}

/* The values of src and poster between double quotes. */
static err_t rename_tag(struct renaming *x, str_t tag)
{
	static const char *const marks[] = { " src=\"", " poster=\"" };
	size_t at = 0;
	for (size_t i = 0; i < tag.n; i++) {
		size_t from = 0;
		for (size_t k = 0; k < COUNT(marks); k++)
			if (str_starts(str_slice(tag, i, tag.n), str_of(marks[k])))
				from = i + strlen(marks[k]);
		size_t end = from ? str_find_char(tag, '"', from) : STR_NONE;
		if (end == STR_NONE)
			continue;
		buf_add(&x->out, str_slice(tag, at, from));
		TRY(add_name(x, str_slice(tag, from, end)));
		at = i = end;
	}
	buf_add(&x->out, str_slice(tag, at, tag.n));
	return OK;
}

err_t html_files(arena_t *a, str_t html, markdown_file_fn fn, void *ctx, str_t *out)
{
	struct renaming x = { .a = a, .out = buf_new(a, html.n + 256), .fn = fn, .ctx = ctx };
	size_t at = 0, open;
	while ((open = str_find_char(html, '<', at)) != STR_NONE) {
		size_t end = str_find_char(html, '>', open);
		buf_add(&x.out, str_slice(html, at, open));
		at = open;
		if (end == STR_NONE)
			break;
		str_t tag = str_slice(html, open, end + 1);
		if (names_files(tag)) {
			TRY(rename_tag(&x, tag));
			at = end + 1;
		} else {
			buf_add_char(&x.out, '<');
			at = open + 1;
		}
	}
	buf_add(&x.out, str_slice(html, at, html.n));
	*out = buf_str(&x.out);
	return OK;
}
