/* pages.h: the views of this room's pages, for its tables of routes. */
#pragma once

#include "page/site.h"
#include "press/press.h"

err_t front_view(struct stet *s, struct view *v) CHECKED;
err_t section_view(struct stet *s, struct view *v, const struct section *section) CHECKED;
err_t tag_view(struct stet *s, struct view *v) CHECKED;
err_t author_view(struct stet *s, struct view *v) CHECKED;
err_t series_view(struct stet *s, struct view *v) CHECKED;

/* The story of the route's ":section" and ":slug". */
err_t story_at(struct stet *s, struct view *v) CHECKED;
err_t story_view(struct stet *s, struct view *v, const struct story *st) CHECKED;

/* The words and labels of an earlier state (revisions.h), and nothing of today around them. */
err_t story_as_it_was(struct stet *s, struct view *v, const struct story *st) CHECKED;

/* A part of a story's page. */
typedef err_t (*story_part)(struct stet *s, struct view *v, const struct story *st);

/* What rooms above add to a story's page, last; each may be NULL. Given by whoever puts the house together. */
struct press_given {
	story_part talk;
	err_t (*author)(struct stet *s, struct view *v, const struct author *author); /* of an author's page */
};

err_t part_series(struct stet *s, struct view *v, const struct story *st) CHECKED;
err_t part_related(struct stet *s, struct view *v, const struct story *st) CHECKED;
err_t part_translations(struct stet *s, struct view *v, const struct story *st) CHECKED;
err_t part_date(struct stet *s, struct view *v, const struct story *st) CHECKED;

/* --- pages of a list --- */

/* The key that "?before=" asks for; a broken one is an address that leads nowhere. */
err_t list_key_asked(const struct request *q, struct list_key *out) CHECKED;
/* The same in a parameter of another name. */
err_t list_key_in(const struct request *q, const char *parameter, struct list_key *out) CHECKED;
/* The key of the page behind this card. */
str_t list_key_text(arena_t *a, const struct card *last);
/* "cards" from the list's `from`th on, and the ways to the "older" and the "newest" page of `path`. */
void list_set(struct view *v, const struct list *list, size_t from, str_t path, bool first);
