/* theme_layers.h: themes over each other.
 *
 * Broadsheet, the base, is whole; every other theme is the files in which it differs from the one under
 * it. Of two files with the same path the upper one counts, but:
 *   - a template that is covered can still be had as THEME/NAME ("broadsheet/story"), so that one may
 *     inherit what one changes;
 *   - in style/ORDER a line "*" stands for the sheets of the theme under it (style_order.h);
 *   - messages/xx.txt covers key by key, theme.conf token by token. */
#pragma once

#include "base/embed.h"
#include "page/manifest.h"
#include "page/theme_folder.h"

/* The base, and the others that come along ("magazine/style/…"). Made at build time. */
extern const struct embedded theme_files[], theme_layers[];

#define THEME_BASE "broadsheet"

struct theme_stack {
	arena_t           *a;
	struct theme_files files;
	struct manifest    manifest; /* all that the themes say together */
	str_t              name;     /* of the uppermost one with a name */
};

/* The names of themes that come along, the base first. */
void theme_names(arena_t *a, struct strs *out);

/* The theme `chosen`: a name, a folder's path, or empty for the base; with all under it. */
err_t theme_stack_begin(arena_t *a, str_t chosen, struct theme_stack *out) CHECKED;

/* Lays what was read of a folder over it. */
err_t theme_stack_lay(struct theme_stack *s, const struct theme_files *above) CHECKED;

/* What a folder's own theme.conf is based on; empty if it does not say. */
err_t theme_folder_base(const struct theme_files *folder, str_t *out) CHECKED;

/* Writes the tokens as a sheet, style/tokens.css. To be called once, when all is laid. */
void theme_stack_end(struct theme_stack *s);

/* The bytes of a file; {NULL, 0} if there is none. */
str_t theme_file(const struct theme_files *f, str_t path);
