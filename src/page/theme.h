/* theme.h: the files that make the look: templates, style, script, icons, type.
 *
 * The theme in theme/ is compiled into the program; a publication's folder theme/ overrides it file
 * by file. In development (`stet serve --dev DIR`) files are read from DIR and looked at again for
 * every request. */
#pragma once

#include "base/base.h"

struct theme_file {
	str_t path; /* "templates/front.html", "fonts/text.woff2" */
	str_t bytes;
};

/* The compiled-in files, ended by one with an empty path. Made at build time. */
extern const struct theme_file theme_builtin[];

/* All files of the theme: built in, over them `folder` (may be NULL or not exist). */
err_t theme_load(arena_t *a, const char *folder, struct theme_file **files, size_t *n) CHECKED;
