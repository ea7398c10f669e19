/* folder.c: see folder.h. */
#include "folder.h"

#include "base/file.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

struct folder folder_new(void)
{
	char path[] = "/tmp/stet-page-XXXXXX";
	struct folder f = { .a = arena_create(0) };
	assert_non_null(mkdtemp(path));
	f.path = str_z(f.a, str_of(path));
	return f;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

void folder_free(struct folder *f)
{
	nftw(f->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(f->a);
}

/* The path of `name`; the folder it is in is there afterwards. */
static char *place(const struct folder *f, const char *name)
{
	char *path = path_join(f->a, f->path, name);
	char *above = str_z(f->a, str_slice(str_of(path), 0, (size_t)(strrchr(path, '/') - path)));
	assert_null(folder_make(above));
	return path;
}

void folder_put(const struct folder *f, const char *name, const char *text)
{
	assert_null(file_write(place(f, name), str_of(text), 0644));
}

void folder_link(const struct folder *f, const char *name, const char *target)
{
	assert_int_equal(symlink(target, place(f, name)), 0);
}
