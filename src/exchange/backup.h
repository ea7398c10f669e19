/* backup.h: the whole publication as one file, made while it runs.
 *
 * The file is a tar archive: stet.conf, stet.db (one consistent copy), media/ originals, keys/,
 * theme/. Copies of pictures are left out: they are made again. It is written beside its name and
 * renamed when it is whole and on disk. */
#pragma once

#include "base/stet.h"

typedef void (*backup_progress)(void *ctx, int64_t done, int64_t all);

err_t backup_write(struct stet *s, arena_t *a, const char *path, backup_progress progress, void *ctx)
	CHECKED;

/* Unpacks into `folder`, which must not exist or be empty; checks that what came out is a sound
 * publication. Names that would leave the folder are refused. */
err_t backup_restore(arena_t *a, const char *path, const char *folder, backup_progress progress,
		     void *ctx) CHECKED;
