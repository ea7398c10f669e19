/* theme.h: the files that make the look: templates, style, script, icons, type.
 *
 * The theme in theme/ is compiled into the program; a publication's folder theme/ overrides it file
 * by file (theme_folder.h says which files count). Loaded, it is a set: templates compiled, assets
 * hashed and compressed. A set never changes; in development (`stet serve --dev`) a new one is made
 * whenever a file did. */
#pragma once

#include "base/embed.h"
#include "page/assets.h"
#include "page/messages.h"
#include "page/template.h"

/* The compiled-in files; made at build time. */
extern const struct embedded theme_files[];

struct theme;

struct theme_set {
	struct templates *templates;
	struct assets    *assets;
	struct messages  *messages;
};

enum theme_mode { THEME_FIXED, THEME_DEVELOPMENT };

/* Loads the files built in, over them those of `folder` (NULL, or not there: none). A template that
 * does not compile is an error that names it. */
err_t theme_new(const char *folder, enum theme_mode mode, struct theme **out) CHECKED;
void  theme_free(struct theme *t);

/* The set to draw with, until it is released. In development it is made anew if a file changed; if the
 * change does not compile, the error says where and the old set stays for the next. */
err_t theme_hold(struct theme *t, const struct theme_set **out) CHECKED;
void  theme_release(struct theme *t, const struct theme_set *set);

/* A line for each file of the folder that was left out, with the reason, and for each partial or parent
 * that no template defines. */
void theme_report(struct theme *t, arena_t *a, struct strs *report);
