/* compare.h: two states of a story beside each other.
 *
 * A comparison is a list of rows in reading order: the fields at the head, the blocks of the body, the
 * fields at the foot. Blocks are aligned first by being equal, then, between two that are, by how many
 * words they share, so that an edited paragraph stands beside itself. A block that only moved is told so.
 * Rows hold no words yet: row_words looks at one row at a time, in memory that can go with it, so a
 * comparison of two books costs no more than the rows that are shown. */
#pragma once

#include "press/blocks.h"
#include "press/diff.h"
#include "press/press.h"

enum row_kind {
	ROW_SAME, ROW_CHANGED, ROW_GONE, ROW_NEW,
	ROW_LEFT,   /* it moved: here it was */
	ROW_CAME,   /* and here it is now */
};

/* What a row shows. Its name is field_name's. */
enum field {
	FIELD_KICKER, FIELD_GENRE, FIELD_HEADLINE, FIELD_STANDFIRST, FIELD_BYLINE, FIELD_DATELINE,
	FIELD_SECTION, FIELD_PICTURE, FIELD_ALT, FIELD_CAPTION, FIELD_CREDIT,
	FIELD_BODY, FIELD_TAGS, FIELD_CORRECTION,
	FIELDS
};

struct row {
	enum row_kind kind;
	enum field    field;
	struct block  was, is; /* .html.p NULL where there is none */
};

struct comparison {
	struct row *v;
	size_t      n, cap;
	struct diff_budget budget; /* for the words, too */
};

/* All rows for two states of a story. `and` joins the last two names of a byline. */
void compare_stories(arena_t *a, const struct story *was, const struct story *is, str_t and,
		     struct comparison *out);

/* The words of a changed row, what became of them, and how many went and came. */
struct row_words {
	struct words was, is;
	struct runs  runs;
	size_t       gone, fresh;
};
void row_words(arena_t *a, const struct row *row, struct diff_budget *budget, struct row_words *out);

/* Which of the two states to write: with what is only there, or both in one. */
enum row_side { SIDE_WAS, SIDE_IS, SIDE_BOTH };

/* How changes are marked. In HTML text is escaped and styles are elements; else it is plain. */
struct pen {
	bool  html;
	str_t gone, gone_end;
	str_t fresh, fresh_end;
};
void row_write(struct buf *out, const struct row_words *w, enum row_side side, const struct pen *pen);

/* An arena for what is not kept: it goes with `a`. */
arena_t *aside_new(arena_t *a);
/* Runs `work` with it and empties it. Out of memory in it is out of memory in `a`. */
void aside_do(arena_t *a, arena_t *aside, void (*work)(arena_t *aside, void *ctx), void *ctx);

/* "headline", "body": for messages and views. */
const char *field_name(enum field f);
const char *block_kind_name(enum block_kind k);
