/* markdown_parts.h: what the files behind markdown_blocks.h share. */
#pragma once

#include "page/markdown_blocks.h"
#include "page/markdown_lines.h"

enum block_kind {
	BLOCK_FACTS, BLOCK_BOX, BLOCK_NOTE, BLOCK_DETAILS, BLOCK_PULL, BLOCK_GALLERY, BLOCK_TABLE,
	BLOCK_VIDEO, BLOCK_AUDIO, BLOCK_FILE, BLOCK_EMBED, BLOCK_KINDS,
};

/* A mark: the beginning or end of a block, a whole one, the beginning of a note, or a reference to one. */
enum mark_kind { MARK_BLOCK, MARK_TABLE, MARK_TABLE_END, MARK_NOTE, MARK_REFERENCE };

struct mark {
	enum mark_kind kind;
	int            line;
	str_t          html;  /* MARK_BLOCK, MARK_TABLE_END */
	str_t          words; /* MARK_TABLE: its caption; MARK_REFERENCE: as typed */
	str_t          label; /* of a note, or of the one referred to */
	bool           placed;
};

struct note {
	str_t  label;
	str_t  text;   /* Markdown */
	str_t  html;   /* what CommonMark made of it */
	int    line;
	int    number; /* in the order of first references; 0: none yet */
	int    references;
};

/* One line "key: value" within a block, or what stood behind the block's name. */
struct fields {
	str_t address, title, caption, credit, poster, transcript;
	str_t tracks; /* HTML */
};

struct open_block {
	enum block_kind kind;
	int             line;
	str_t           title;       /* what stood behind its name */
	str_t           attribution; /* of a quote */
	struct fields   fields;
};

enum { OPEN_MOST = 8, MARKS_MOST = 20000, NOTES_MOST = 500 };

struct markdown_blocks {
	arena_t          *a;
	struct buf        out;
	struct mark      *marks;
	size_t            nmarks;
	struct note      *notes;
	size_t            nnotes;
	struct open_block open[OPEN_MOST];
	size_t            depth;
};

/* --- markdown_blocks.c --- */

/* Inline Markdown as clean HTML. */
err_t blocks_inline(struct markdown_blocks *x, str_t markdown, str_t *out) CHECKED;

/* --- markdown_media.c: blocks that are all fields --- */

err_t media_block_begin(struct markdown_blocks *x, struct open_block *b, str_t words) CHECKED;
err_t media_block_line(struct markdown_blocks *x, struct open_block *b, str_t line, int number) CHECKED;
err_t media_block_html(struct markdown_blocks *x, const struct open_block *b, str_t *html) CHECKED;
/* "Caption | Credit" as the content of a figcaption. */
err_t blocks_caption(struct markdown_blocks *x, str_t words, str_t *html) CHECKED;

/* --- markdown_fill.c: blocks_fill, and --- */

/* Adds a mark to what CommonMark will read; `alone` in a paragraph. */
err_t blocks_mark(struct markdown_blocks *x, const struct mark *m, bool alone) CHECKED;
