/* history.h: the public history of a story: its versions, each as it was, any two compared. */
#pragma once

#include "press/compare.h"
#include "press/pages.h"
#include "press/revisions.h"

/* A story_part: "history" {url, text}: "First published ..., changed ... (3 times)". */
err_t part_history(struct stet *s, struct view *v, const struct story *st) CHECKED;

/* "headline, 2 paragraphs": what a comparison comes to, in words. */
str_t comparison_sentence(arena_t *a, const struct tongue *t, const struct comparison *c);

/* "rows" of a view, "words" {gone, new}, "cut" if there was more than a page may hold. */
void view_comparison(struct view *v, struct comparison *c);

extern const struct route history_routes[];
