/* view.h: the press's part of views: stories, cards, dates as JSON. */
#pragma once

#include "page/site.h"
#include "press/press.h"
#include "press/share.h"

/* {iso, text, short, time, day} in the page's language; null for 0 */
json_t *view_date(const struct view *v, usec_t t);
json_t *view_text(str_t s);
/* Like view_text, but nothing (NULL) for the empty string, so that a template's section is off. */
void view_set_text(json_t *object, const char *key, str_t s);
json_t *view_card(const struct view *v, const struct card *card);
json_t *view_cards(const struct view *v, const struct card *cards, size_t n);
/* One line: {url, headline, lang, dir} */
json_t *view_line(const struct view *v, const struct card *card);
/* The small words at a headline: kicker, genre {slug, name}, sponsored, live, was_live; lang and dir
 * where they are not the page's. */
void    view_set_labels(const struct view *v, json_t *j, str_t kicker, enum story_genre genre,
			enum story_live live, str_t language);
/* {name, url}; null where there is none */
json_t *view_section(arena_t *a, const struct section *section);
/* What a correction says, as clean HTML: its text, or a sentence of what was wrong and is right. */
str_t   correction_html(const struct view *v, const struct correction *k);
/* "Ann Lee and Bo Chan" in the page's language */
str_t   view_byline(const struct view *v, const struct author *authors, size_t n);
json_t *view_lead_picture(arena_t *a, const struct lead_picture *p);

/* {url} as people outside see it: the configured address before the path. */
str_t view_absolute(struct stet *s, arena_t *a, str_t path);

/* A value within a form or a query: all but letters and digits as %XX. */
str_t form_encode(arena_t *a, str_t s);

/* Fills "page": title, description, canonical, kind, feeds. */
struct page_head {
	const char *kind;
	str_t       title;
	str_t       description;
	str_t       path;    /* canonical */
	str_t       feed;    /* "/world" for a section's feeds; {NULL, 0}: the whole's */
	str_t       feed_name;
	const struct media *picture; /* NULL, or one without id: none */
	str_t       picture_alt;
	const struct share_picture *share; /* the picture for sharing, if it is not that one */
};
void view_head(struct stet *s, struct view *v, const struct page_head *head);

/* "ltr" or "rtl" */
const char *view_direction(str_t language);

/* frame_fn: "site", and the page's language. */
err_t press_frame(struct stet *s, struct view *v) CHECKED;
/* moved_fn */
err_t press_moved(struct stet *s, struct conn *c, arena_t *a, str_t target, str_t *out) CHECKED;
/* For error pages: "latest". */
err_t press_elsewhere(struct stet *s, struct view *v) CHECKED;

/* For the readers' names and pictures (readers.h): bylines.c, portraits.c. */
err_t press_bylines(struct conn *c, arena_t *a, struct strs *out) CHECKED;
err_t press_portrait(struct stet *s, arena_t *a, const char *from, const char *to, int side) CHECKED;
