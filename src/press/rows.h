/* rows.h: what the files of this room share: rows into structs, names of enums. */
#pragma once

#include "press/press.h"

enum { MEDIA_WIDTH = 18 }; /* columns in MEDIA_COLUMNS */

/* Reads MEDIA_COLUMNS from column `at`; .id is 0 where the join found none. */
void row_media(const struct rows *r, arena_t *a, int at, struct media *out);

/* Reads CARD_COLUMNS from the first column; card_complete adds what other tables hold. */
enum { CARD_WIDTH = 16 + MEDIA_WIDTH + 5 };
void row_card(const struct rows *r, arena_t *a, struct card *out);
err_t card_complete(struct conn *c, arena_t *a, struct card *card) CHECKED;

/* Of a query by one id: authors as id, slug, name, role; corrections as select_corrections has them. */
err_t authors_load(struct conn *c, arena_t *a, const struct sql *sql, id64 of, struct author **out,
		   size_t *n) CHECKED;
err_t corrections_load(struct conn *c, arena_t *a, const struct sql *sql, id64 of,
		       struct correction **out, size_t *n) CHECKED;

/* Stories that show this picture at their head. */
err_t list_with_picture(struct conn *c, arena_t *a, id64 media, struct list *out) CHECKED;

/* Cards of a query of CARD_COLUMNS; it asks for one more than `limit`, to know whether there are
 * others. */
err_t cards_load(struct conn *c, arena_t *a, const struct sql *sql, struct args args, size_t limit,
		 struct list *out) CHECKED;
/* Of a query of LINE_COLUMNS, as cards without all the rest. */
err_t lines_load(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		 struct card **out, size_t *n) CHECKED;

/* All that a story is, as the JSON that its revision keeps. */
err_t story_content(arena_t *a, const struct story *st, str_t *out) CHECKED;

/* --- what every text of this room must pass --- */

/* UTF-8, at most `most` characters, not empty if `needed`; the message names `field`. */
err_t check_length(const char *field, str_t text, size_t most, bool needed) CHECKED;
/* One line of plain text: control characters and line breaks become spaces. */
str_t one_line(arena_t *a, str_t s);

/* Every list in which a card of the story stands. */
struct act;
void story_touch_lists(struct act *act, arena_t *a, const struct story *st);
