/* drawing.h: for tests of templates: a template, others by name and a view; what comes out. */
#pragma once

#include "page/template.h"

#define OTHERS_MOST 8

struct drawing {
	const char *template;
	const char *others[OTHERS_MOST][2]; /* name, text; ended by NULL */
	const char *view;                   /* JSON; NULL: {} */
};

/* The text, or "error: " and the message; in `a`. */
const char *draw(arena_t *a, const struct drawing *d);

/* Fails the test, saying both, unless the drawing gives `expected`. */
void draws(const struct drawing *d, const char *expected);

/* One template alone. */
void gives(const char *template, const char *view, const char *expected);
