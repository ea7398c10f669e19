/* theme.c: sets of templates and assets: made, held, made anew in development. */
#include "page/theme.h"

#include "page/theme_logo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A set and who draws with it. */
struct loaded {
	struct theme_set set;     /* first: theme_release gets its address */
	arena_t         *a;       /* the notes are here */
	struct strs      notes;
	int              holders; /* the theme's lock */
	bool             old;     /* goes with its last holder; the theme's lock */
};

struct theme {
	arena_t        *a; /* what `o` points to is here */
	struct theme_options o;
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
	json_decref(l->set.look);
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

/* The files of the folder, and under them the theme that was chosen. */
static err_t stack_up(arena_t *a, const struct theme_options *o, struct theme_stack *out)
{
	struct theme_files own = { .a = a };
	str_t chosen = str_of(o->chosen);
	TRY(theme_read_folder(&own, o->folder));
	if (!chosen.n)
		TRY(theme_folder_base(&own, &chosen));
	TRY(theme_stack_begin(a, chosen, out));
	TRY(theme_stack_lay(out, &own));
	theme_stack_end(out);
	return OK;
}

static str_t keep(arena_t *a, str_t s)
{
	return s.n ? str_copy(a, s) : S("");
}

/* The manifest outlives the files it was read from. */
static const struct manifest *keep_manifest(arena_t *a, const struct manifest *m)
{
	struct manifest *out = arena_new(a, struct manifest);
	*out = (struct manifest){ keep(a, m->name), keep(a, m->version), keep(a, m->author),
				  keep(a, m->description), keep(a, m->based_on), keep(a, m->logo),
				  { { { NULL, 0 } } } };
	for (size_t i = 0; i < TOKENS; i++)
		out->tokens.v[i] = keep(a, m->tokens.v[i]);
	return out;
}

static err_t make_look(struct loaded *l, const struct theme_stack *s)
{
	const str_t *v = l->set.manifest->tokens.v;
	str_t paper = v[token_find(S("colour.paper"))], dark = v[token_find(S("dark.paper"))];
	json_t *logo = json_null();
	if (l->set.manifest->logo.n)
		TRY(theme_logo(&s->files, l->set.manifest->logo, l->set.assets, &logo));
	l->set.look = json_pack("{s:s%, s:s%, s:s%, s:o}", "name", s->name.p, s->name.n, "paper",
				paper.n ? paper.p : "", paper.n, "dark_paper", dark.n ? dark.p : "",
				dark.n, "logo", logo);
	return l->set.look ? OK : err_new(ERR_MEMORY, "out of memory while loading the theme");
}

static err_t load_into(struct loaded *l, arena_t *files, const struct theme_options *o)
{
	struct theme_stack s;
	TRY(stack_up(files, o, &s));
	l->set.manifest = keep_manifest(l->a, &s.manifest);
	TRY(compile_templates(&s.files, &l->set.templates));
	TRY(messages_new(s.files.v, s.files.n, &l->set.messages));
	for (size_t i = 0; i < s.files.notes.n; i++)
		strs_add(l->a, &l->notes, str_copy(l->a, s.files.notes.v[i]));
	template_check(l->set.templates, l->a, &l->notes);
	TRY(assets_new(s.files.v, s.files.n,
		       o->mode == THEME_DEVELOPMENT ? ASSETS_QUICK : ASSETS_SMALL, &l->set.assets));
	return make_look(l, &s);
}

static err_t load(const struct theme_options *o, struct loaded **out)
{
	arena_t *files = arena_create(0);
	struct loaded *l = calloc(1, sizeof *l);
	err_t e;
	if (files && l && (l->a = arena_create(0)))
		e = load_into(l, files, o);
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

static uint64_t stamp(const struct theme_options *o)
{
	bool path = strchr(o->chosen, '/') != NULL;
	return theme_stamp(o->folder) + (path ? 31 * theme_stamp(o->chosen) : 0);
}

err_t theme_new(const struct theme_options *o, struct theme **out)
{
	arena_t *a = arena_create(0);
	struct theme *t = calloc(1, sizeof *t);
	if (!t || !a) {
		free(t);
		arena_free(a);
		return err_new(ERR_MEMORY, "out of memory while loading the theme");
	}
	t->a = a;
	t->o = (struct theme_options){ str_z(a, str_of(o->chosen)),
				       o->folder ? str_z(a, str_of(o->folder)) : NULL, o->mode };
	t->stamp = stamp(&t->o);
	pthread_mutex_init(&t->lock, NULL);
	err_t e = load(&t->o, &t->now);
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
	arena_free(t->a);
	free(t);
}

/* The stamp is taken before the files are read: what changes in between is read again next time. */
static err_t renew(struct theme *t)
{
	uint64_t now = stamp(&t->o);
	struct loaded *fresh;
	if (now == t->stamp)
		return OK;
	TRY(load(&t->o, &fresh));
	t->stamp = now;
	t->now->old = true;
	if (t->now->holders == 0)
		free_loaded(t->now);
	t->now = fresh;
	return OK;
}

err_t theme_hold(struct theme *t, const struct theme_set **out)
{
	if (t->o.mode == THEME_FIXED) {
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
	if (t->o.mode == THEME_FIXED)
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
