/* style_order.h: style/ORDER, which says which sheets are joined, and in which order.
 *
 * A sheet's name in each line. Those before any heading are joined to style.css, which every page has;
 * those under "[story]" to style-story.css, for the pages that ask for it ({{asset.style-story}}). Empty
 * lines and those that begin with "#" say nothing. */
#pragma once

#include "base/base.h"

struct style_line {
	str_t group; /* "story"; empty for what every page has */
	str_t sheet; /* "prose.css", or "*" */
	int   number;
};

struct style_order {
	str_t rest;
	str_t group;
	int   number;
};

struct style_order style_order_begin(str_t text);

/* The next sheet; false after the last. */
bool style_order_next(struct style_order *o, struct style_line *out);

/* The names of groups, each once; the first is the empty one. */
void style_groups(arena_t *a, str_t text, struct strs *out);

/* One ORDER over another: in a group that the upper one names, "*" stands for the sheets that the lower
 * one has there; groups that only the lower one has stay. */
str_t style_order_lay(arena_t *a, str_t under, str_t above);
