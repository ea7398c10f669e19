/* theme.c: see theme.h. */
#include "page/theme.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	FILE_MOST = 4 * 1024 * 1024,
	FILES_MOST = 1000,
	DEPTH_MOST = 4,
};

/* A set and who draws with it. */
struct loaded {
	struct theme_set set; /* first: theme_release gets its address */
	int              holders;
	bool             old; /* goes with its last holder */
};

struct theme {
	char           *folder;
	enum theme_mode mode;
	pthread_mutex_t lock;   /* everything below */
	struct loaded  *now;
	int64_t         stamp;  /* of the folder's files when it was loaded */
};

/* --- files --- */

struct files {
	arena_t           *a;
	struct asset_file *v;
	size_t             n;
};

static void put_file(struct files *f, str_t path, str_t bytes)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->v[i].path, path)) {
			f->v[i].bytes = bytes;
			return;
		}
	f->v = arena_room(f->a, f->v, f->n, sizeof *f->v);
	f->v[f->n++] = (struct asset_file){ path, bytes };
}

static err_t read_folder(struct files *f, const char *folder, str_t below, int depth)
{
	char *path = str_z(f->a, str_format(f->a, "%s/%.*s", folder, STR(below)));
	DIR *d = opendir(path);
	if (!d)
		return errno == ENOENT ? OK : err_errno(errno, "open %s", path);
	err_t e = OK;
	for (struct dirent *entry; !e && (entry = readdir(d));) {
		struct stat st;
		if (entry->d_name[0] == '.')
			continue;
		str_t name = str_format(f->a, "%.*s%s%s", STR(below), below.n ? "/" : "",
					entry->d_name);
		char *full = str_z(f->a, str_format(f->a, "%s/%.*s", folder, STR(name)));
		str_t bytes;
		if (lstat(full, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MOST) {
			e = read_folder(f, folder, name, depth + 1);
		} else if (S_ISREG(st.st_mode) && f->n < FILES_MOST) {
			e = file_read(f->a, full, FILE_MOST, &bytes);
			if (!e)
				put_file(f, name, bytes);
		}
	}
	closedir(d);
	return e;
}

/* A number that changes when a file of the folder does. */
static int64_t stamp_of(const char *folder, int depth)
{
	int64_t stamp = 0;
	DIR *d = folder ? opendir(folder) : NULL;
	for (struct dirent *entry; d && (entry = readdir(d));) {
		char path[4096];
		struct stat st;
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >=
			    (int)sizeof path || lstat(path, &st) != 0)
			continue;
		stamp += (int64_t)st.st_mtim.tv_sec * 31 + st.st_mtim.tv_nsec + st.st_size +
			 (int64_t)st.st_ino;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MOST)
			stamp += stamp_of(path, depth + 1);
	}
	if (d)
		closedir(d);
	return stamp;
}

/* --- sets --- */

static void free_loaded(struct loaded *l)
{
	if (!l)
		return;
	templates_free(l->set.templates);
	assets_free(l->set.assets);
	free(l);
}

static err_t compile_templates(struct files *f, struct templates **out)
{
	str_t under = S("templates/"), ext = S(".html");
	struct template_source *sources = arena_array(f->a, f->n, sizeof *sources);
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++) {
		str_t path = f->v[i].path;
		if (str_starts(path, under) && str_ends(path, ext))
			sources[n++] = (struct template_source){
				str_slice(path, under.n, path.n - ext.n), f->v[i].bytes };
	}
	return templates_new(sources, n, out);
}

static err_t load_into(struct loaded *l, arena_t *a, const char *folder)
{
	struct files f = { .a = a };
	for (const struct embedded *e = theme_files; e->name; e++)
		put_file(&f, str_of(e->name), e->content);
	if (folder)
		TRY(read_folder(&f, folder, S(""), 0));
	TRY(compile_templates(&f, &l->set.templates));
	return assets_new(f.v, f.n, &l->set.assets);
}

static err_t load(const char *folder, struct loaded **out)
{
	arena_t *a = arena_create(0);
	struct loaded *l = calloc(1, sizeof *l);
	err_t e = a && l ? load_into(l, a, folder)
			 : err_new(ERR_MEMORY, "out of memory while loading the theme");
	arena_free(a);
	if (e)
		free_loaded(l);
	else
		*out = l;
	return e;
}

err_t theme_new(const char *folder, enum theme_mode mode, struct theme **out)
{
	struct theme *t = calloc(1, sizeof *t);
	if (!t || (folder && !(t->folder = strdup(folder)))) {
		free(t);
		return err_new(ERR_MEMORY, "out of memory while loading the theme");
	}
	t->mode = mode;
	t->stamp = stamp_of(folder, 0);
	pthread_mutex_init(&t->lock, NULL);
	err_t e = load(folder, &t->now);
	if (e)
		theme_free(t);
	else
		*out = t;
	return e;
}

void theme_free(struct theme *t)
{
	if (!t)
		return;
	free_loaded(t->now);
	pthread_mutex_destroy(&t->lock);
	free(t->folder);
	free(t);
}

static err_t renew(struct theme *t)
{
	int64_t stamp = stamp_of(t->folder, 0);
	struct loaded *fresh;
	if (stamp == t->stamp)
		return OK;
	TRY(load(t->folder, &fresh));
	t->stamp = stamp;
	t->now->old = true;
	if (t->now->holders == 0)
		free_loaded(t->now);
	t->now = fresh;
	return OK;
}

err_t theme_hold(struct theme *t, const struct theme_set **out)
{
	if (t->mode == THEME_FIXED) {
		*out = &t->now->set; /* never changes: no lock, no count */
		return OK;
	}
	pthread_mutex_lock(&t->lock);
	err_t e = renew(t);
	if (!e) {
		t->now->holders++;
		*out = &t->now->set;
	}
	pthread_mutex_unlock(&t->lock);
	return e;
}

void theme_release(struct theme *t, const struct theme_set *set)
{
	if (t->mode == THEME_FIXED)
		return;
	struct loaded *l = (struct loaded *)(uintptr_t)set;
	pthread_mutex_lock(&t->lock);
	bool last = --l->holders == 0 && l->old;
	pthread_mutex_unlock(&t->lock);
	if (last)
		free_loaded(l);
}
