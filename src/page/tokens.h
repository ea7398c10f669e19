/* tokens.h: the words of a theme's vocabulary that may be said in theme.conf.
 *
 * A token has a name ("colour.accent"), a kind that says what its value may be, and a custom property
 * of CSS ("--accent") in which the style sheets know it. A colour is said twice, for light and for dark
 * ("dark.accent" is the same property). Values are checked when they are read, so what reaches the
 * style sheet is one value and nothing else. */
#pragma once

#include "base/base.h"

enum token_kind {
	TOKEN_COLOUR, /* "#a12" or "#aa1122": opaque, so that contrast can be told */
	TOKEN_SIZE,   /* "1.5rem", "clamp(1rem, 2vw + .5rem, 2rem)" */
	TOKEN_FACES,  /* families, as CSS lists them */
	TOKEN_WEIGHT, /* 1 to 1000 */
};

struct token {
	const char     *name;
	const char     *property;
	enum token_kind kind;
	const char     *about;
};

enum { TOKENS = 40 };
extern const struct token theme_tokens[TOKENS];

/* One value for each token, in the order of the table; empty: not said. */
struct token_values {
	str_t v[TOKENS];
};

/* The place of a token in the table; TOKENS if there is none of that name. */
size_t token_find(str_t name);
/* The token whose name is nearest, for "did you mean". */
const struct token *token_nearest(str_t name);

/* An error that says what the value should be. */
err_t token_check(const struct token *t, str_t value) CHECKED;

/* A style sheet that says all values: light for everybody, dark where it is wanted. */
str_t tokens_css(arena_t *a, const struct token_values *values);

/* Contrast of two colours as WCAG 2.2 has it, 1 to 21; 0 if one of them is no colour. */
double token_contrast(str_t one, str_t other);

/* What must be legible on what: a line for each pair under 4.5:1, in light and in dark. */
void tokens_legible(arena_t *a, const struct token_values *values, struct strs *report);
