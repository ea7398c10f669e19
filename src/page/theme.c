/* theme.c: sets of templates and assets: made, held, made anew in development. */
#include "page/theme.h"

#include "page/theme_folder.h"

#include <pthread.h>
#include <stdlib.h>

/* A set and who draws with it. */
struct loaded {
	struct theme_set set;     /* first: theme_release gets its address */
	arena_t         *a;       /* the notes are here */
	struct strs      notes;
	int              holders; /* the theme's lock */
	bool             old;     /* goes with its last holder; the theme's lock */
};

struct theme {
	char           *folder;
	enum theme_mode mode;
	pthread_mutex_t lock;  /* what follows; in THEME_FIXED it never changes */
	struct loaded  *now;
	uint64_t        stamp; /* of the folder's files when it was loaded */
};

/* --- sets --- */

static void free_loaded(struct loaded *l)
{
	if (!l)
		return;
	templates_free(l->set.templates);
	assets_free(l->set.assets);
	messages_free(l->set.messages);
	arena_free(l->a);
	free(l);
}

static err_t compile_templates(struct theme_files *f, struct templates **out)
{
	str_t under = S("templates/"), ext = S(".html");
	struct template_source *sources = arena_array(f->a, f->n + 1, sizeof *sources);
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++) {
		str_t path = f->v[i].path;
		if (str_starts(path, under))
			sources[n++] = (struct template_source){
				str_slice(path, under.n, path.n - ext.n), f->v[i].bytes };
	}
	return templates_new(sources, n, out);
}

static err_t load_into(struct loaded *l, arena_t *files, const char *folder, enum theme_mode mode)
{
	struct theme_files f = { .a = files };
	for (const struct embedded *e = theme_files; e->name; e++)
		if (theme_knows(str_of(e->name)))
			theme_put(&f, str_of(e->name), e->content);
	TRY(theme_read_folder(&f, folder));
	TRY(compile_templates(&f, &l->set.templates));
	TRY(messages_new(f.v, f.n, &l->set.messages));
	for (size_t i = 0; i < f.notes.n; i++)
		strs_add(l->a, &l->notes, str_copy(l->a, f.notes.v[i]));
	template_check(l->set.templates, l->a, &l->notes);
	return assets_new(f.v, f.n, mode == THEME_DEVELOPMENT ? ASSETS_QUICK : ASSETS_SMALL,
			  &l->set.assets);
}

static err_t load(const char *folder, enum theme_mode mode, struct loaded **out)
{
	arena_t *files = arena_create(0);
	struct loaded *l = calloc(1, sizeof *l);
	err_t e;
	if (files && l && (l->a = arena_create(0)))
		e = load_into(l, files, folder, mode);
	else
		e = err_new(ERR_MEMORY, "out of memory while loading the theme");
	arena_free(files);
	if (e)
		free_loaded(l);
	else
		*out = l;
	return e;
}

/* --- the door --- */

err_t theme_new(const char *folder, enum theme_mode mode, struct theme **out)
{
	struct theme *t = calloc(1, sizeof *t);
	if (!t || (folder && !(t->folder = strdup(folder)))) {
		free(t);
		return err_new(ERR_MEMORY, "out of memory while loading the theme");
	}
	t->mode = mode;
	t->stamp = theme_stamp(folder);
	pthread_mutex_init(&t->lock, NULL);
	err_t e = load(folder, mode, &t->now);
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

/* The stamp is taken before the files are read: what changes in between is read again next time. */
static err_t renew(struct theme *t)
{
	uint64_t stamp = theme_stamp(t->folder);
	struct loaded *fresh;
	if (stamp == t->stamp)
		return OK;
	TRY(load(t->folder, t->mode, &fresh));
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

void theme_report(struct theme *t, arena_t *a, struct strs *report)
{
	pthread_mutex_lock(&t->lock);
	for (size_t i = 0; i < t->now->notes.n; i++)
		strs_add(a, report, str_copy(a, t->now->notes.v[i]));
	pthread_mutex_unlock(&t->lock);
}
