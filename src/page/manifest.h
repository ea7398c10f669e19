/* manifest.h: theme.conf, which says what a theme is called and its tokens (page/tokens.h).
 *
 *	# a comment stands in a line of its own: colours begin with '#', too
 *	name = harbour
 *	based_on = magazine
 *	logo = icons/logo.svg
 *	colour.accent = #0b4f5e
 *	type.text = Georgia, "Times New Roman", serif
 *
 * What a theme does not say is said by the one it is based on. */
#pragma once

#include "page/tokens.h"

struct manifest {
	str_t name;
	str_t version;
	str_t author;
	str_t description;
	str_t based_on; /* the name of a theme that comes along; empty: broadsheet */
	str_t logo;     /* a file of the theme: "icons/logo.svg" */
	struct token_values tokens;
};

/* Reads `text`; `file` names it in messages ("theme.conf:3: ..."). Strings live in `a`. */
err_t manifest_parse(arena_t *a, str_t file, str_t text, struct manifest *out) CHECKED;

/* Puts what `above` says over what `under` says. Name and the like are those of `above`. */
void manifest_lay(struct manifest *under, const struct manifest *above);

/* A manifest as a file that manifest_parse reads. */
str_t manifest_write(arena_t *a, const struct manifest *m);
