/* css_lean.c: see css_lean.h. Tokens are those of CSS Syntax Level 3, section 4. */
#include "page/css_lean.h"

#include <ctype.h>

/* What the last byte belongs to. What is copied whole (a string, an address) or spelled with a backslash
 * is never mistaken for a mark. */
enum piece { MARK, ESCAPE, WHOLE };

struct lean {
	str_t       css;
	size_t      at;
	struct buf *out;
	char        last; /* 0 at the beginning */
	enum piece  piece;
	char        held;   /* ';', ' ' or 0: written only if what follows needs it */
	bool        parted; /* by a comment, which keeps two tokens from being one */
};

static char peek(const struct lean *l, size_t further)
{
	return l->at + further < l->css.n ? l->css.p[l->at + further] : '\0';
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_white(char c)
{
	return is_one_of(c, " \t\n\r\f");
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* White space beside these says nothing. */
static bool parts(char c)
{
	return is_one_of(c, "{};,");
}

/* --- what is copied as it stands --- */

static size_t behind_line(str_t css, size_t at)
{
	return at + 1 < css.n && css.p[at] == '\r' && css.p[at + 1] == '\n' ? at + 2 : at + 1;
}

/* White space behind hexadecimal digits belongs to them. */
static size_t end_of_escape(str_t css, size_t at)
{
	size_t digits = ++at;
	while (at < css.n && at < digits + 6 && isxdigit((unsigned char)css.p[at]))
		at++;
	if (at >= css.n)
		return at;
	return at == digits || is_white(css.p[at]) ? behind_line(css, at) : at;
}

/* A line that ends ends a string too. */
static size_t end_of_string(str_t css, size_t at)
{
	char quote = css.p[at++];
	while (at < css.n && css.p[at] != quote && !is_one_of(css.p[at], "\n\r\f"))
		at = css.p[at] == '\\' ? end_of_escape(css, at) : at + 1;
	return at < css.n ? at + 1 : at;
}

/* An address without quotes, to its parenthesis. */
static size_t end_of_address(str_t css, size_t at)
{
	while (at < css.n && css.p[at] != ')')
		at = css.p[at] == '\\' ? end_of_escape(css, at) : at + 1;
	return at;
}

static bool opens_address(const struct lean *l)
{
	bool joined = !l->held && !l->parted &&
		      (l->piece == ESCAPE ||
		       (l->piece == MARK && (is_name(l->last) || is_one_of(l->last, "#@"))));
	size_t at = l->at + 4;
	if (joined || !str_eq_nocase(str_slice(l->css, l->at, at), S("url(")))
		return false;
	while (at < l->css.n && is_white(l->css.p[at]))
		at++;
	return at >= l->css.n || !is_one_of(l->css.p[at], "\"'");
}

static size_t end_of_piece(const struct lean *l, enum piece *kind)
{
	char c = peek(l, 0);
	*kind = c == '\\' ? ESCAPE : WHOLE;
	if (c == '\\')
		return end_of_escape(l->css, l->at);
	if (c == '"' || c == '\'')
		return end_of_string(l->css, l->at);
	if (opens_address(l))
		return end_of_address(l->css, l->at);
	*kind = MARK;
	return l->at + 1;
}

/* --- what is left out --- */

static bool skip_comment(struct lean *l)
{
	if (peek(l, 0) != '/' || peek(l, 1) != '*')
		return false;
	size_t end = str_find(l->css, S("*/"), l->at + 2);
	l->at = end == STR_NONE ? l->css.n : end + 2;
	return true;
}

static void skip_gap(struct lean *l)
{
	for (;;) {
		if (skip_comment(l)) {
			l->parted = true;
		} else if (is_white(peek(l, 0))) {
			l->held = l->held ? l->held : ' ';
			l->at++;
		} else {
			return;
		}
	}
}

static bool begins_anew(const struct lean *l)
{
	return !l->last || (l->piece == MARK && parts(l->last));
}

/* What was left out before `next`, as far as it said something. */
static void settle(struct lean *l, char next)
{
	bool needed = !begins_anew(l) && (!parts(next) || (l->last == ':' && l->piece == MARK));
	if (l->held == ';' && next != '}' && next != ';')
		buf_add_char(l->out, ';');
	if (needed && l->parted && (!l->held || l->piece == ESCAPE))
		buf_add(l->out, S("/**/"));
	if (needed && l->held == ' ')
		buf_add_char(l->out, ' ');
	l->held = 0;
	l->parted = false;
}

static void one(struct lean *l)
{
	enum piece kind;
	size_t end = end_of_piece(l, &kind);
	settle(l, peek(l, 0));
	l->last = l->css.p[end - 1];
	l->piece = kind;
	if (kind == MARK && l->last == ';')
		l->held = ';';
	else
		buf_add(l->out, str_slice(l->css, l->at, end));
	l->at = end;
}

void css_lean(str_t css, struct buf *out)
{
	struct lean l = { .css = css, .out = out };
	while (skip_gap(&l), l.at < css.n)
		one(&l);
	if (l.held == ';')
		buf_add_char(out, ';');
}
