/* theme_check_css.c: a folder's style sheets: their order, what they fetch, what they take for granted,
 * and what would stand on the wrong side where one writes from right to left. */
#include "page/style_order.h"
#include "page/theme_check.h"

#include <string.h>

struct sheet {
	struct checking *c;
	str_t            path;
	str_t            css; /* without comments; bytes keep their places */
};

static str_t without_comments(arena_t *a, str_t css)
{
	char *p = arena_alloc(a, css.n + 1);
	bool comment = false;
	for (size_t i = 0; i < css.n; i++) {
		bool opens = !comment && i + 1 < css.n && css.p[i] == '/' && css.p[i + 1] == '*';
		bool closes = comment && css.p[i] == '/' && css.p[i - 1] == '*';
		comment = comment || opens;
		p[i] = comment && css.p[i] != '\n' ? ' ' : css.p[i];
		if (closes)
			comment = false;
	}
	return str_from(p, css.n);
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_';
}

static str_t name_at(str_t css, size_t at)
{
	size_t to = at;
	while (to < css.n && is_name(css.p[to]))
		to++;
	return str_slice(css, at, to);
}

/* --- custom properties --- */

static bool declares(str_t css, str_t property)
{
	for (size_t at = 0; (at = str_find(css, property, at)) != STR_NONE; at += property.n) {
		size_t end = at + property.n;
		while (end < css.n && css.p[end] == ' ')
			end++;
		if (end < css.n && css.p[end] == ':' && !(at > 0 && is_name(css.p[at - 1])))
			return true;
	}
	return false;
}

static bool is_declared(const struct checking *c, str_t property)
{
	for (size_t i = 0; i < TOKENS; i++)
		if (str_eq(str_of(theme_tokens[i].property), property))
			return true;
	for (size_t i = 0; i < c->all.files.n; i++)
		if (str_ends(c->all.files.v[i].path, S(".css")) && declares(c->all.files.v[i].bytes, property))
			return true;
	return false;
}

static void check_properties(struct sheet *s)
{
	for (size_t at = 0; (at = str_find(s->css, S("var("), at)) != STR_NONE;) {
		at += 4;
		while (at < s->css.n && s->css.p[at] == ' ')
			at++;
		str_t name = name_at(s->css, at);
		size_t after = at + name.n;
		bool fallback = after < s->css.n && s->css.p[after] == ',';
		if (str_starts(name, S("--")) && !fallback && !is_declared(s->c, name))
			finding_at(s->c, true, s->path, s->css, at, "nothing says what %.*s is",
				   STR(name));
	}
}

/* --- addresses --- */

static str_t address_at(str_t css, size_t at)
{
	while (at < css.n && strchr(" \"'", css.p[at]))
		at++;
	size_t to = at;
	while (to < css.n && !strchr(" \"')\n", css.p[to]))
		to++;
	return str_slice(css, at, to);
}

static bool leads_somewhere(const struct checking *c, str_t address)
{
	size_t end = 0;
	while (end < address.n && address.p[end] != '?' && address.p[end] != '#')
		end++;
	address = str_slice(address, 0, end);
	str_t file = str_starts(address, S("../")) ? str_slice(address, 3, address.n)
						   : str_format(c->a, "style/%.*s", STR(address));
	return !address.n || theme_file(&c->all.files, file).p;
}

static void check_address(struct sheet *s, size_t at)
{
	str_t v = address_at(s->css, at);
	if (str_starts(v, S("http:")) || str_starts(v, S("https:")) || str_starts(v, S("//")))
		finding_at(s->c, true, s->path, s->css, at, "\"%.*s\" is fetched from elsewhere, which the "
			   "Content-Security-Policy refuses: put the file into the theme", STR(v));
	else if (str_starts(v, S("data:")))
		finding_at(s->c, true, s->path, s->css, at, "\"data:\" is refused by the "
			   "Content-Security-Policy: put the file into the theme");
	else if (!str_starts(v, S("/")) && !leads_somewhere(s->c, v))
		finding_at(s->c, true, s->path, s->css, at, "the theme has no \"%.*s\"", STR(v));
}

static void check_addresses(struct sheet *s)
{
	for (size_t at = 0; (at = str_find(s->css, S("url("), at)) != STR_NONE;)
		check_address(s, at += 4);
	for (size_t at = 0; (at = str_find(s->css, S("@import"), at)) != STR_NONE; at++)
		finding_at(s->c, true, s->path, s->css, at, "@import is one more thing to wait for: name "
			   "the sheet in style/ORDER");
}

/* --- braces, sides --- */

static void check_braces(struct sheet *s)
{
	size_t opened = 0;
	int depth = 0;
	char quote = 0;
	for (size_t i = 0; i < s->css.n; i++) {
		char c = s->css.p[i];
		if (quote) {
			quote = c == quote || c == '\n' ? 0 : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '{') {
			opened = depth++ ? opened : i;
		} else if (c == '}' && depth-- == 0) {
			finding_at(s->c, true, s->path, s->css, i, "\"}\" closes nothing");
			return;
		}
	}
	if (depth > 0)
		finding_at(s->c, true, s->path, s->css, opened, "\"{\" is not closed");
}

/* Where a property begins: behind "{", ";" or a line's white space. */
static bool begins(str_t css, size_t at)
{
	while (at > 0 && strchr(" \t\n\r", css.p[at - 1]))
		at--;
	return at == 0 || css.p[at - 1] == '{' || css.p[at - 1] == ';';
}

static void check_sides(struct sheet *s)
{
	static const struct {
		const char *wrong, *right;
	} sides[] = {
		{ "margin-left:", "margin-inline-start" },   { "margin-right:", "margin-inline-end" },
		{ "padding-left:", "padding-inline-start" }, { "padding-right:", "padding-inline-end" },
		{ "border-left:", "border-inline-start" },   { "border-right:", "border-inline-end" },
		{ "left:", "inset-inline-start" },           { "right:", "inset-inline-end" },
		{ "text-align: left", "text-align: start" }, { "text-align: right", "text-align: end" },
		{ "float: left", "float: inline-start" },    { "float: right", "float: inline-end" },
	};
	for (size_t i = 0; i < COUNT(sides); i++) {
		str_t wrong = str_of(sides[i].wrong);
		for (size_t at = 0; (at = str_find(s->css, wrong, at)) != STR_NONE; at += wrong.n)
			if (begins(s->css, at))
				finding_at(s->c, false, s->path, s->css, at, "\"%s\" stands on the same side in "
					   "every language; \"%s\" follows the reader", sides[i].wrong,
					   sides[i].right);
	}
}

/* --- order --- */

static bool is_ordered(str_t text, str_t name)
{
	struct style_order order = style_order_begin(text);
	for (struct style_line line; style_order_next(&order, &line);)
		if (str_eq(line.sheet, name))
			return true;
	return false;
}

static void check_order(struct checking *c, str_t order)
{
	str_t file = S("style/ORDER");
	struct style_order own = style_order_begin(theme_file(&c->own, file));
	for (struct style_line line; style_order_next(&own, &line);)
		if (!str_eq(line.sheet, S("*")) &&
		    !theme_file(&c->all.files, str_format(c->a, "style/%.*s", STR(line.sheet))).p)
			finding_of(c, true, file, line.number, 0, "there is no style/%.*s",
				   STR(line.sheet));
	if (!is_ordered(order, S("tokens.css")))
		finding_of(c, false, file, 0, 0, "it does not name tokens.css, so what theme.conf says of "
			   "colours and type is not used; \"*\" stands for all sheets of the theme under it");
}

void theme_check_css(struct checking *c)
{
	str_t under = S("style/"), order = theme_file(&c->all.files, S("style/ORDER"));
	check_order(c, order);
	for (size_t i = 0; i < c->own.n; i++) {
		struct sheet s = { c, c->own.v[i].path, without_comments(c->a, c->own.v[i].bytes) };
		if (!str_ends(s.path, S(".css")))
			continue;
		if (!is_ordered(order, str_slice(s.path, under.n, s.path.n)))
			finding_of(c, false, s.path, 0, 0, "style/ORDER does not name it: nothing loads it");
		check_braces(&s);
		check_properties(&s);
		check_addresses(&s);
		check_sides(&s);
	}
}
