/* theme_folder.h: a publication's theme folder, read.
 *
 * Only files a theme has are read (theme_knows); links are not followed, so nothing from outside of the
 * folder gets on a page. What is left out is told in `notes`. */
#pragma once

#include "page/assets.h"

struct theme_files {
	arena_t           *a;
	struct asset_file *v;
	size_t             n;
	struct strs        notes; /* a line for each file that was left out */
};

/* Adds a file, or puts it in the place of the one with the same path. */
void theme_put(struct theme_files *f, str_t path, str_t bytes);

/* True for "theme.conf", "templates/x.html", "style/x.css", "style/ORDER", "fonts/x.woff2", "script/x.js", "messages/x.txt" and
 * pictures in "icons/". */
bool theme_knows(str_t path);

/* A folder that is not there has no files. */
err_t theme_read_folder(struct theme_files *f, const char *folder) CHECKED;

bool theme_folder_there(const char *folder);

/* A number that changes when a file of the folder does. */
uint64_t theme_stamp(const char *folder);
