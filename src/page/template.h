/* template.h: Mustache (specification 1.4 with inheritance), compiled once, rendered from a view.
 *
 * Templates come from the theme: those compiled into the program, and over them the files of the
 * publication's own theme folder. A template's name is its path under templates/ without ".html".
 * Partials and parents are resolved at render time by name; a missing one is empty, as the
 * specification says, but template_check tells about it. Where the specification leaves a choice we
 * do as npm's mustache: values, escaping, look-up and white space come out the same, byte for byte.
 * Integers too large for JavaScript stay exact. There are no lambdas and no dynamic names. */
#pragma once

#include "base/base.h"

#include <jansson.h>

struct templates;

struct template_source {
	str_t name;
	str_t text;
};

/* Compiles all. A mistake is named with template, line and column. */
err_t templates_new(const struct template_source *sources, size_t n, struct templates **out) CHECKED;
void  templates_free(struct templates *t);

/* Renders `name` with `view` behind what stands in `out`. Depth and size are bounded. */
err_t template_render(const struct templates *t, str_t name, json_t *view, struct buf *out) CHECKED;

/* Compiles and renders one text by itself, with no partials: for tests and tools. */
err_t template_render_text(arena_t *a, str_t text, json_t *view, struct buf *out) CHECKED;

/* Partials and parents that no template defines; one line each in `report`. */
void template_check(const struct templates *t, arena_t *a, struct strs *report);
