/* comment_body.c: see comment_body.h. What is made here is cleaned afterwards, so nothing rests on reading HTML right. */
#include "exchange/comment_body.h"

#include "exchange/import.h"
#include "forum/tame.h"

bool comment_is_ours(str_t type)
{
	return str_eq(type, S("markdown")) || str_eq(type, S("markup"));
}

enum comment_state comment_state_there(str_t state)
{
	if (str_eq(state, S("1")) || str_eq(state, S("approved")))
		return COMMENT_SHOWN;
	return str_eq(state, S("0")) || str_eq(state, S("hold")) ? COMMENT_HELD : COMMENT_DELETED;
}

static str_t paragraphs(arena_t *a, str_t s)
{
	s = str_replace(a, str_replace(a, s, S("\r"), S("")), S("\n\n"), S("<p>"));
	return str_format(a, "<p>%.*s", STR(str_replace(a, s, S("\n"), S("<br>"))));
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* The value of an attribute, as it stands there; empty if there is none. */
static str_t attribute(str_t tag, str_t name)
{
	for (size_t at = str_find(tag, name, 1); at != STR_NONE; at = str_find(tag, name, at + 1)) {
		size_t from = at + name.n;
		if (is_name(tag.p[at - 1]) || from + 1 >= tag.n || tag.p[from] != '=')
			continue;
		char quote = tag.p[++from];
		if (quote != '"' && quote != '\'')
			return str_slice(tag, from, str_find_char(tag, ' ', from));
		return str_slice(tag, from + 1, str_find_char(tag, quote, from + 1));
	}
	return S("");
}

static void add_value(struct buf *b, str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '"')
			buf_add(b, S("&quot;"));
		else if (s.p[i] == '<' || s.p[i] == '>')
			buf_add(b, s.p[i] == '<' ? S("&lt;") : S("&gt;"));
		else
			buf_add_char(b, s.p[i]);
}

static void add_picture(struct buf *b, str_t tag)
{
	str_t src = attribute(tag, S("src")), alt = str_trim(attribute(tag, S("alt")));
	if (!str_starts(src, S("http://")) && !str_starts(src, S("https://")))
		return;
	buf_add(b, S("<a href=\""));
	add_value(b, src);
	buf_add(b, S("\">"));
	add_value(b, alt.n ? alt : src);
	buf_add(b, S("</a>"));
}

static str_t pictures(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n + 64);
	for (size_t at = 0; at < s.n;) {
		if (s.p[at] != '<' || !str_eq_nocase(str_slice(s, at, at + 4), S("<img"))) {
			buf_add_char(&b, s.p[at++]);
			continue;
		}
		size_t end = str_find_char(s, '>', at);
		str_t tag = str_slice(s, at, end);
		add_picture(&b, str_ends(tag, S("/")) ? str_slice(tag, 0, tag.n - 1) : tag);
		at = end == STR_NONE ? s.n : end + 1;
	}
	return buf_str(&b);
}

/* "http://disq.us/url?url=https%3A%2F%2Fexample.org%3AAbC&cuid=1": the address, a colon and a sum, all escaped. */
static str_t uncounted(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n);
	static const str_t counter = { "disq.us/url?url=", 16 };
	size_t at = 0, hit;
	while ((hit = str_find(s, counter, at)) != STR_NONE) {
		size_t from = hit, to = hit + counter.n;
		while (from > at && s.p[from - 1] != '"' && s.p[from - 1] != '\'' && s.p[from - 1] != '>' && s.p[from - 1] != ' ')
			from--;
		while (to < s.n && s.p[to] != '"' && s.p[to] != '\'' && s.p[to] != '&' && s.p[to] != '<' && s.p[to] != ' ')
			to++;
		str_t url = import_unescape(a, str_slice(s, hit + counter.n, to));
		size_t sum = url.n;
		while (sum > 0 && url.p[sum - 1] != ':')
			sum--;
		buf_add(&b, str_slice(s, at, from));
		add_value(&b, sum > S("https:").n ? str_slice(url, 0, sum - 1) : url);
		while (to < s.n && s.p[to] != '"' && s.p[to] != '\'' && s.p[to] != '<' && s.p[to] != ' ')
			to++;
		at = to;
	}
	buf_add(&b, str_slice(s, at, s.n));
	return buf_str(&b);
}

str_t comment_body(arena_t *a, str_t content, bool html)
{
	str_t s = tame(a, content);
	if (str_find_char(s, '<', 0) != STR_NONE)
		s = uncounted(a, pictures(a, s));
	return html ? s : paragraphs(a, s);
}
