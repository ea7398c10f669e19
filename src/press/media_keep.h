/* media_keep.h: keeping media: all of them, whether they are whole, what may go. */
#pragma once

#include "press/media.h"

/* All media, newest first; of `kind` if that is not empty. */
err_t media_each(struct stet *s, arena_t *a, str_t kind,
		 void (*one)(void *ctx, const struct media *m), void *ctx) CHECKED;

/* Compares rows and files: originals that are missing, cut short or changed, folders and files that
 * belong to nothing. One finding a line. */
enum media_care {
	MEDIA_AT_A_GLANCE, /* sizes only, of what is larger than a picture */
	MEDIA_EVERY_BYTE,
};
err_t media_check(struct stet *s, arena_t *a, enum media_care care, struct strs *findings) CHECKED;

/* What can go: media that no story, revision, author, section, poster or any other row refers to and
 * that came more than a day ago; files that belong to nothing; uploads that were given up; with
 * `copies` also those of pictures, which are made again when asked for. A change by somebody else
 * meanwhile is ERR_CONFLICT. `a` outlives the publication's store. */
enum media_prune { MEDIA_ONLY_SAY, MEDIA_REMOVE };
struct media_removal {
	str_t   what; /* for people */
	int64_t bytes;
};
struct media_removals {
	struct media_removal *v;
	size_t                n;
	int64_t               bytes; /* in all */
};
err_t media_prune(struct stet *s, arena_t *a, bool copies, enum media_prune what, str_t actor,
		  struct media_removals *out) CHECKED;
