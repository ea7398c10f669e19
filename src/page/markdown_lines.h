/* markdown_lines.h: Markdown line by line, knowing which lines are code: there nothing is notation. */
#pragma once

#include "base/base.h"

struct markdown_lines {
	str_t  text;
	size_t at;      /* behind the line that was read */
	int    number;  /* of that line, from 1 */
	str_t  line;    /* without its line break */
	bool   code;    /* within a fence, the fence itself, or indented behind a blank line */
	char   fence;   /* the character of the fence that is open; 0: none */
	size_t length;  /* of that fence */
	bool   blank;   /* the line before was blank, or code */
	bool   list;    /* items came before: what is indented may be theirs */
};

/* The next line; false at the end. */
bool markdown_line(struct markdown_lines *l);

/* The line as a block sees it: without up to three spaces at its start; {NULL, 0} if it has more. */
str_t markdown_flush_left(str_t line);

/* Rewrites each address of a file that a text
 * names: those of pictures, ![x](here), of ":::video here" and its like, and of the lines "poster:",
 * "captions:", "subtitles:", "descriptions:" and "transcript:" within them. Local ones only: without a
 * scheme, not beginning with "/" or "#". `fn` gives the address to write instead. */
typedef err_t (*markdown_file_fn)(void *ctx, str_t name, str_t *address);
err_t markdown_files(arena_t *a, str_t markdown, markdown_file_fn fn, void *ctx, str_t *out) CHECKED;

/* The same for what <img>, <video>, <audio>, <source> and <track> of an HTML body name. */
err_t html_files(arena_t *a, str_t html, markdown_file_fn fn, void *ctx, str_t *out) CHECKED;
