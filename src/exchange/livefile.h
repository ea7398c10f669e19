/* livefile.h: the entries of a live blog as a file beside the story's: SLUG.live.json.
 *
 *	{"entries": [{"time": "2026-11-25 14:05", "headline": "...", "body": "Markdown",
 *	              "key": "...", "authors": ["mara-voss"]}]}
 *
 * What the export writes holds more: ids, the order of key points, when and how often an entry was
 * edited and what it said before, so that bringing it in again gives the same. People who write one
 * by hand need time and body; without an id, an entry's id is made from its time and place. */
#pragma once

#include "press/live.h"

#define LIVEFILE ".live.json" /* in the place of ".md" */

/* All entries of a story. {NULL, 0} if there is none. */
err_t livefile_write(struct conn *c, arena_t *a, id64 story, str_t *out) CHECKED;

/* Brings the entries of a file in. `folder`: where its pictures are. */
struct live_file {
	const char *name;
	const char *folder;
	str_t       text;
};
/* The entries as the file has them, judged by nobody yet. */
err_t livefile_read(struct stet *s, arena_t *a, const struct live_file *file, id64 story, str_t actor,
		    struct live_import **out, size_t *n) CHECKED;
err_t livefile_bring(struct stet *s, arena_t *a, const struct live_file *file, id64 story, str_t actor,
		     int64_t *changed) CHECKED;
