/* inline_markdown.c: see inline_markdown.h. The input is clean, so tags are well-formed and nested and
 * the few references clean() writes are all there are. */
#include "exchange/inline_markdown.h"

static const struct {
	const char *tag, *mark;
} marks[] = {
	{ "em", "*" }, { "strong", "**" }, { "s", "~~" }, { "code", "`" },
};

static str_t tag_name(str_t tag)
{
	size_t n = 0;
	while (n < tag.n && tag.p[n] != ' ' && tag.p[n] != '>' && tag.p[n] != '/')
		n++;
	return str_slice(tag, 0, n);
}

static const struct {
	const char *reference, *text;
} references[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" },
	{ "&nbsp;", "\xc2\xa0" },
};

/* The character at *at, its reference resolved. */
static str_t next_text(str_t html, size_t *at)
{
	str_t rest = str_slice(html, *at, html.n);
	for (size_t i = 0; i < COUNT(references); i++)
		if (str_starts(rest, str_of(references[i].reference))) {
			*at += strlen(references[i].reference);
			return str_of(references[i].text);
		}
	*at += 1;
	return str_slice(rest, 0, 1);
}

static bool is_markup(char c)
{
	return c && strchr("\\`*_[]<>~!#&|", c) != NULL;
}

static void add_text(struct buf *b, str_t s, bool code)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!code && is_markup(s.p[i]))
			buf_add_char(b, '\\');
		buf_add_char(b, s.p[i] == '\n' ? ' ' : s.p[i]);
	}
}

static str_t href_of(str_t tag)
{
	size_t from = str_find(tag, S("href=\""), 0);
	if (from == STR_NONE)
		return S("");
	return str_slice(tag, from + 6, str_find_char(tag, '"', from + 6));
}

static void add_href(struct buf *b, str_t href)
{
	buf_add(b, S("](<"));
	for (size_t at = 0; at < href.n;)
		buf_add(b, next_text(href, &at));
	buf_add(b, S(">)"));
}

str_t inline_to_markdown(arena_t *a, str_t html)
{
	struct buf b = buf_new(a, html.n + 16);
	str_t href = S("");
	bool code = false;
	for (size_t at = 0; at < html.n;) {
		if (html.p[at] != '<') {
			add_text(&b, next_text(html, &at), code);
			continue;
		}
		size_t end = str_find_char(html, '>', at);
		if (end == STR_NONE)
			break;
		bool closing = at + 1 < html.n && html.p[at + 1] == '/';
		str_t tag = str_slice(html, at + 1 + closing, end);
		str_t name = tag_name(tag);
		at = end + 1;
		for (size_t i = 0; i < COUNT(marks); i++)
			if (str_eq(name, str_of(marks[i].tag)))
				buf_add(&b, str_of(marks[i].mark));
		if (str_eq(name, S("code")))
			code = !closing;
		if (!str_eq(name, S("a")))
			continue;
		if (closing) {
			add_href(&b, href);
		} else {
			href = href_of(tag);
			buf_add_char(&b, '[');
		}
	}
	return buf_str(&b);
}
