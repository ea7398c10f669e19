/* mediafile.h: what is said of media, in an exported folder: media.json, beside the files it names. */
#pragma once

#include "press/media.h"

#define MEDIAFILE "media.json"

/* "pictures/HASH.jpeg": where an exported medium lies. */
str_t mediafile_place(arena_t *a, const struct media *m);

/* All of them as JSON. */
err_t mediafile_write(struct conn *c, arena_t *a, str_t *out) CHECKED;

/* Brings in what `folder` holds, with its words, focus, posters and tracks. What is here already stays
 * as it is. */
err_t mediafile_bring(struct stet *s, arena_t *a, const char *folder, str_t actor) CHECKED;
