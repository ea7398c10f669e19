/* export.h: a publication as a folder of text files and pictures that anybody can read, and that
 * import_markdown brings in again. */
#pragma once

#include "press/press.h"

struct export_counts {
	int64_t stories, authors, pictures;
};

/* `folder` must not exist or be empty. */
err_t export_folder(struct stet *s, const char *folder, struct export_counts *out) CHECKED;
