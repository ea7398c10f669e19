/* markdown_blocks.h: what a story's Markdown has beyond CommonMark: blocks between lines of ":::", and
 * notes.
 *
 * Each piece of notation is replaced by a mark that CommonMark carries through as text (a control
 * character that no source may hold, and a number), so that a story stays one document whose link
 * definitions hold everywhere. In the HTML that comes out marks give way to what they stand for;
 * in code, to what was typed. docs/stories.md describes the notation. */
#pragma once

#include "base/base.h"

struct markdown_blocks;

/* Reads the notation of `source`; `*marked` is what to give to CommonMark. What is not closed, not known or
 * incomplete is an error that names the line. */
err_t blocks_read(arena_t *a, str_t source, struct markdown_blocks **out, str_t *marked) CHECKED;

/* Puts what marks stand for into `html`. What comes out is not clean yet. */
err_t blocks_fill(struct markdown_blocks *x, str_t html, str_t *out) CHECKED;

/* CommonMark with tables, without our notation, not clean yet. */
err_t markdown_to_html(arena_t *a, str_t markdown, str_t *out) CHECKED;
