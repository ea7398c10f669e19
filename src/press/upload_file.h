/* upload_file.h: one upload on disk; for the files of this idea.
 *
 *	media/.partial/ID.upload    the bytes so far
 *	media/.partial/ID.json      what it shall become, and whose it is
 *	media/.partial/ID.unproven  where bytes begin that come under a checksum: they do not count yet */
#pragma once

#include "press/media_files.h"

#define UPLOAD_LIFE (24 * HOUR)

struct upload_info {
	str_t   id;     /* 32 hexadecimal digits, drawn at random: nobody guesses one */
	int64_t length; /* of the whole */
	usec_t  begun;
	str_t   token;  /* hash of the token it was begun with */
	str_t   actor;
	str_t   name, alt, caption, credit, creator, copyright, licence;
	str_t   done;   /* hash of the medium it became; empty: not yet */
};

err_t upload_create(struct stet *s, arena_t *a, struct upload_info *info) CHECKED;
/* ERR_MISSING if there is none of that name, ERR_GONE if its day is over. */
err_t upload_load(struct stet *s, arena_t *a, str_t id, struct upload_info *out) CHECKED;
err_t upload_save(struct stet *s, arena_t *a, const struct upload_info *info) CHECKED;
void  upload_remove(struct stet *s, arena_t *a, str_t id);
err_t upload_path(struct stet *s, arena_t *a, str_t id, const char *ending, char **out) CHECKED;

/* Opens and locks the bytes and lets go of those that were not proven. ERR_BUSY if they are locked. */
err_t upload_open(struct stet *s, arena_t *a, str_t id, int *fd, int64_t *size) CHECKED;
