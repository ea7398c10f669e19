/* theme.h: the files that make the look: templates, style, script, icons, type.
 *
 * Themes are compiled into the program; a publication's folder theme/ overrides the chosen one file by
 * file (theme_folder.h says which files count, theme_layers.h how they lie over each other). Loaded, it is a set: templates compiled, assets
 * hashed and compressed. A set never changes; in development (`stet serve --dev`) a new one is made
 * whenever a file did. */
#pragma once

#include "page/assets.h"
#include "page/messages.h"
#include "page/theme_layers.h"
#include "page/template.h"

struct theme;

struct theme_set {
	struct templates *templates;
	struct assets    *assets;
	struct messages  *messages;
	const struct manifest *manifest; /* its tokens are whole: a value for each */
	json_t           *look;     /* a view's "theme": name, paper, dark_paper, logo */
};

enum theme_mode { THEME_FIXED, THEME_DEVELOPMENT };

struct theme_options {
	const char     *chosen; /* a theme's name or path; NULL or "": what the folder's theme.conf is
				 * based on, else the base */
	const char     *folder; /* the publication's own files; NULL, or not there: none */
	enum theme_mode mode;
};

/* Loads the chosen theme and over it the folder's files. A template that does not compile is an error
 * that names it. */
err_t theme_new(const struct theme_options *o, struct theme **out) CHECKED;
void  theme_free(struct theme *t);

/* The set to draw with, until it is released. In development it is made anew if a file changed; if the
 * change does not compile, the error says where and the old set stays for the next. */
err_t theme_hold(struct theme *t, const struct theme_set **out) CHECKED;
void  theme_release(struct theme *t, const struct theme_set *set);

/* A line for each file of the folder that was left out, with the reason, and for each partial or parent
 * that no template defines. */
void theme_report(struct theme *t, arena_t *a, struct strs *report);
