/* copy.h: everything about a reader, collected and packed. */
#pragma once

#include "readers/room.h"
#include "record/jobs.h"

#define COPY_MAKE   "reader.copy"
#define COPY_FOLDER "copies"

/* Adds a key for each part: this room's, then those that rooms above gave. */
err_t copy_collect(struct stet *s, struct conn *c, arena_t *a, const struct reader *r, json_t *all) CHECKED;
/* Writes the zip at `path`. */
err_t copy_pack(struct stet *s, arena_t *a, const struct reader *r, json_t *all, const char *path) CHECKED;

/* Where the copy of that number is. */
char *copy_file(const struct stet *s, arena_t *a, id64 id);

err_t copy_make_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
