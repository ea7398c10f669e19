/* pastfile.h: what a story was before, as a file beside the story's: SLUG.history.json.
 *
 *	{"id": "...", "file": "...", "addresses": ["/old"], "corrections": ["..."],
 *	 "withdrawals": [...], "comments": [...], "revisions": [...]}
 *
 * "file" is a digest of the story's own file: as long as nobody changed that, the story is what its
 * newest revision says, and bringing it in adds none. Readers' comments that an earlier import kept
 * for the forum go along. Written by the export; people have no need to write one. */
#pragma once

#include "exchange/import.h"
#include "press/past.h"

#define PASTFILE ".history.json" /* in the place of ".md" */

/* `file`: the text of the story's file. */
err_t pastfile_write(struct conn *c, arena_t *a, const struct story *st, str_t file, str_t *out)
	CHECKED;

/* Reads one into what is imported: in->past and in->comments. `name`: for messages. */
err_t pastfile_read(arena_t *a, const char *name, str_t text, str_t file, struct import_story *in)
	CHECKED;
