/* storytracks.h: captions that a story's file brings along.
 *
 * Captions belong to the recording, whichever story shows it (docs/media.md). The line
 * "captions: ferry.vtt en English" in a block is how a file says so: the recording of the block gets them,
 * and the line goes from the text. */
#pragma once

#include "press/media.h"

struct story_tracks {
	struct stet *s;
	const char  *folder;   /* the story's; NULL: names of files are refused */
	str_t        actor;
	str_t        language; /* of tracks that do not say theirs */
	/* The recording that a block names, taken in if it is a file. */
	err_t (*recording)(void *ctx, str_t name, struct media *out);
	void *ctx;
};

/* Gives the tracks of a Markdown body to their recordings; `*out` is the body without those lines. */
err_t story_tracks_give(const struct story_tracks *x, arena_t *a, str_t markdown, str_t *out) CHECKED;
