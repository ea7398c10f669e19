/* file.h: whole small files. Paths are NUL-terminated; messages name them. */
#pragma once

#include "base/base.h"

/* All of the file at `path`, which holds at most `most` bytes; a NUL stands behind it. */
err_t file_read(arena_t *a, const char *path, size_t most, str_t *out) CHECKED;
/* The same of a descriptor that is open already, as standard input: whatever it leads to. */
err_t file_read_open(arena_t *a, int fd, const char *name, size_t most, str_t *out) CHECKED;

/* Replaces the file at `path` as a whole: written beside it, flushed, renamed, so that a crash
 * or a full disk leaves either the old or the new one. `mode` as in open(2). */
err_t file_write(const char *path, str_t content, unsigned mode) CHECKED;

/* A copy of the file at `from`, which may be of any size, written to a new file at `to` and flushed. */
err_t file_copy(const char *from, const char *to, unsigned mode) CHECKED;

/* Makes the folder and those above it; one that is there is fine. */
err_t folder_make(const char *path) CHECKED;

/* True also for a folder that is not there. */
bool folder_is_empty(const char *path);

bool file_exists(const char *path);

/* folder + "/" + name */
char *path_join(arena_t *a, const char *folder, const char *name);
