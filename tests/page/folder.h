/* folder.h: a folder for one test, gone after it. */
#pragma once

#include "base/base.h"

struct folder {
	arena_t *a;
	char    *path;
};

struct folder folder_new(void);
void          folder_free(struct folder *f);

/* Writes a file below it, making folders on the way. */
void folder_put(const struct folder *f, const char *name, const char *text);
void folder_link(const struct folder *f, const char *name, const char *target);
