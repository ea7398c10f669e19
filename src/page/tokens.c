/* tokens.c: see tokens.h. */
#include "page/tokens.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COLOUR(name, about)                                                                        \
	{ "colour." name, "--" name, TOKEN_COLOUR, about }, { "dark." name, "--" name, TOKEN_COLOUR, about }

const struct token theme_tokens[TOKENS] = {
	COLOUR("paper", "the page"),
	COLOUR("tint", "a quiet surface: boxes, what a picture stands on"),
	COLOUR("ink", "words"),
	COLOUR("soft", "lesser words: standfirsts, dates, captions"),
	COLOUR("rule", "hairlines"),
	COLOUR("accent", "links, labels, what is chosen"),
	COLOUR("alarm", "corrections, warnings"),
	COLOUR("alarm-tint", "the surface of corrections"),
	COLOUR("live", "what goes on just now"),
	COLOUR("field", "a field of colour: buttons"),
	COLOUR("on-field", "words on it"),
	{ "type.text", "--text", TOKEN_FACES, "what is read" },
	{ "type.head", "--head", TOKEN_FACES, "headlines" },
	{ "type.label", "--label", TOKEN_FACES, "labels, navigation, small print" },
	{ "type.code", "--code", TOKEN_FACES, "code" },
	{ "weight.head", "--head-weight", TOKEN_WEIGHT, "of headlines" },
	{ "size.tiny", "--tiny", TOKEN_SIZE, "dates, captions" },
	{ "size.small", "--small", TOKEN_SIZE, "navigation, bylines" },
	{ "size.body", "--body", TOKEN_SIZE, "a story's words" },
	{ "size.title-s", "--title-s", TOKEN_SIZE, "the smallest headline" },
	{ "size.title-m", "--title-m", TOKEN_SIZE, "a headline in a list" },
	{ "size.title-l", "--title-l", TOKEN_SIZE, "a headline that opens a band" },
	{ "size.title-xl", "--title-xl", TOKEN_SIZE, "the headline of a page" },
	{ "page", "--page", TOKEN_SIZE, "how wide a page may be" },
	{ "measure", "--measure", TOKEN_SIZE, "how wide a column of words" },
	{ "beside", "--beside", TOKEN_SIZE, "how far pictures reach out of it" },
	{ "edge", "--edge", TOKEN_SIZE, "between words and the screen's edge" },
	{ "gap", "--gap", TOKEN_SIZE, "between columns" },
	{ "radius", "--radius", TOKEN_SIZE, "of corners" },
};

/* --- finding --- */

size_t token_find(str_t name)
{
	for (size_t i = 0; i < TOKENS; i++)
		if (theme_tokens[i].name && str_eq(str_of(theme_tokens[i].name), name))
			return i;
	return TOKENS;
}

const struct token *token_nearest(str_t name)
{
	const struct token *nearest = &theme_tokens[0];
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < TOKENS; i++) {
		size_t d = str_distance(name, str_of(theme_tokens[i].name));
		if (d < least) {
			least = d;
			nearest = &theme_tokens[i];
		}
	}
	return nearest;
}

/* --- checking --- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Red, green and blue from 0 to 1. */
static bool read_colour(str_t v, double rgb[3])
{
	if ((v.n != 4 && v.n != 7) || v.p[0] != '#')
		return false;
	size_t digits = v.n == 4 ? 1 : 2;
	for (size_t i = 0; i < 3; i++) {
		int high = hex(v.p[1 + i * digits]), low = hex(v.p[i * digits + digits]);
		if (high < 0 || low < 0)
			return false;
		rgb[i] = (high * 16 + low) / 255.0;
	}
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_one_of(str_t word, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(word, str_of(*words)))
			return true;
	return false;
}

/* "1.5rem", "0", ".5em": what was read, behind `*at`. Within a sum a number may stand alone. */
static bool read_length(str_t v, size_t *at, bool bare)
{
	static const char *const units[] = { "rem", "em", "px", "ch", "vw", "vh", "svw", "svh", "%",
					     "pt", "mm", NULL };
	size_t i = *at, digits = 0, unit;
	bool zero = true;
	while (i < v.n && (is_digit(v.p[i]) || v.p[i] == '.')) {
		digits += v.p[i] != '.';
		zero = zero && (v.p[i] == '0' || v.p[i] == '.');
		i++;
	}
	unit = i;
	while (i < v.n && (is_letter(v.p[i]) || v.p[i] == '%'))
		i++;
	*at = i;
	if (!digits)
		return false;
	return unit == i ? bare || zero : is_one_of(str_slice(v, unit, i), units);
}

/* A length, or a function of lengths with every parenthesis closed. */
static bool is_size(str_t v)
{
	static const char *const functions[] = { "clamp", "min", "max", "calc", NULL };
	int depth = 0;
	bool wanted = true; /* a value, not an operator, comes next */
	for (size_t i = 0; i < v.n;) {
		char c = v.p[i];
		if (c == ' ') {
			i++;
		} else if (wanted && (is_letter(c) || c == '(')) {
			size_t from = i;
			while (i < v.n && is_letter(v.p[i]))
				i++;
			if (i == v.n || v.p[i] != '(' ||
			    (i == from ? depth == 0 : !is_one_of(str_slice(v, from, i), functions)))
				return false;
			depth++;
			i++;
		} else if (wanted) {
			if (!read_length(v, &i, depth > 0))
				return false;
			wanted = false;
		} else if (c == ')') {
			if (depth-- == 0)
				return false;
			i++;
		} else if (strchr(",+-*/", c) && depth > 0) {
			wanted = true;
			i++;
		} else {
			return false;
		}
	}
	return v.n > 0 && !wanted && depth == 0;
}

/* Names between commas, quoted where they hold anything but letters, digits, spaces and hyphens. */
static bool is_faces(str_t v)
{
	char quote = 0;
	bool name = false;
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];
		if ((unsigned char)c < 0x20 || strchr("\\;{}<>()/", c))
			return false;
		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '"' || c == '\'') {
			if (name)
				return false;
			quote = c;
			name = true;
		} else if (c == ',') {
			if (!name)
				return false;
			name = false;
		} else if (is_letter(c) || is_digit(c) || c == '-' || c == '_' || (unsigned char)c >= 0x80) {
			name = true;
		} else if (c != ' ') {
			return false;
		}
	}
	return name && !quote;
}

static bool is_weight(str_t v)
{
	int64_t n;
	return str_int(v, &n) && n >= 1 && n <= 1000;
}

err_t token_check(const struct token *t, str_t value)
{
	enum { VALUE_MOST = 400 };
	double rgb[3];
	bool good = false;
	const char *form = "";
	switch (t->kind) {
	case TOKEN_COLOUR:
		good = read_colour(value, rgb);
		form = "a colour as \"#a12\" or \"#aa1122\"";
		break;
	case TOKEN_SIZE:
		good = is_size(value);
		form = "a size as \"1.5rem\" or \"clamp(1rem, 2vw, 2rem)\"";
		break;
	case TOKEN_FACES:
		good = is_faces(value);
		form = "families as CSS lists them: Georgia, \"Times New Roman\", serif";
		break;
	case TOKEN_WEIGHT:
		good = is_weight(value);
		form = "a weight from 1 to 1000";
		break;
	}
	if (good && value.n <= VALUE_MOST)
		return OK;
	return err_user(ERR_INPUT, t->name, "\"%.*s\" must be %s", STR(str_clip(value, 64)), form);
}

/* --- as CSS --- */

static bool is_dark(const struct token *t)
{
	return str_starts(str_of(t->name), S("dark."));
}

static void declare(struct buf *b, const struct token_values *values, bool dark)
{
	for (size_t i = 0; i < TOKENS; i++)
		if (values->v[i].n && is_dark(&theme_tokens[i]) == dark)
			buf_add_format(b, "%s:%.*s;", theme_tokens[i].property, STR(values->v[i]));
}

str_t tokens_css(arena_t *a, const struct token_values *values)
{
	struct buf b = buf_new(a, 2048);
	buf_add(&b, S(":root{color-scheme:light dark;"));
	declare(&b, values, false);
	buf_add(&b, S("}\n@media (prefers-color-scheme:dark){:root{"));
	declare(&b, values, true);
	buf_add(&b, S("}}\n"));
	return buf_str(&b);
}

/* --- contrast: WCAG 2.2, relative luminance --- */

static double luminance(const double rgb[3])
{
	static const double share[3] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;
	for (int i = 0; i < 3; i++)
		sum += share[i] * (rgb[i] <= 0.04045 ? rgb[i] / 12.92
						     : pow((rgb[i] + 0.055) / 1.055, 2.4));
	return sum;
}

double token_contrast(str_t one, str_t other)
{
	double a[3], b[3];
	if (!read_colour(one, a) || !read_colour(other, b))
		return 0;
	double la = luminance(a), lb = luminance(b);
	return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

static void check_pair(arena_t *a, const struct token_values *values, const char *scheme,
		       const char *words, const char *surface, struct strs *report)
{
	const double least = 4.5;
	str_t one = str_format(a, "%s.%s", scheme, words), two = str_format(a, "%s.%s", scheme, surface);
	double ratio = token_contrast(values->v[token_find(one)], values->v[token_find(two)]);
	if (ratio > 0 && ratio < least)
		strs_add(a, report,
			 str_format(a, "%.*s on %.*s has a contrast of %.2f:1; words need %.1f:1",
				    STR(one), STR(two), floor(ratio * 100) / 100, least));
}

void tokens_legible(arena_t *a, const struct token_values *values, struct strs *report)
{
	static const struct {
		const char *words, *surface;
	} pairs[] = {
		{ "ink", "paper" },    { "soft", "paper" }, { "accent", "paper" }, { "alarm", "paper" },
		{ "live", "paper" },   { "ink", "tint" },   { "soft", "tint" },    { "accent", "tint" },
		{ "ink", "alarm-tint" }, { "soft", "alarm-tint" }, { "alarm", "alarm-tint" },
		{ "on-field", "field" },
	};
	static const char *const schemes[] = { "colour", "dark" };
	for (size_t s = 0; s < COUNT(schemes); s++)
		for (size_t i = 0; i < COUNT(pairs); i++)
			check_pair(a, values, schemes[s], pairs[i].words, pairs[i].surface, report);
}
