/* frontmatter.h: the head of a text file, in the forms that people's tools write: YAML between "---"
 * lines, TOML between "+++" lines, JSON in braces.
 *
 * Of YAML and TOML the part is read that front matter needs: texts (plain, quoted, "|" and ">"
 * blocks), numbers, true and false, lists and maps in lines or brackets. What goes beyond (anchors,
 * tags, merge keys, dates as a type) is an error that says so, never a guess. */
#pragma once

#include "base/base.h"

#include <jansson.h>

/* Splits `text` into its front matter, an object that lives as long as `a` (empty if there is none),
 * and the body behind it. Numbers and dates are texts as written; true and false are booleans; an
 * error names the line. */
err_t frontmatter_split(arena_t *a, str_t text, json_t **front, str_t *body) CHECKED;

/* A text as YAML has it between double quotes, so that no content can be mistaken for anything else; a
 * line "key: text" of it. */
void frontmatter_add_text(struct buf *b, str_t text);
void frontmatter_add_line(struct buf *b, const char *key, str_t text);
