/* markdown.c: a folder of text files into a publication: our own form (docs/story-files.md), and what
 * Hugo and Jekyll keep: front matter of their keys, dates in file names.
 *
 * Ours is told by its publication.yaml. In all three a file's path is its name there, so bringing the
 * folder again updates what changed. */
#include "exchange/frontmatter.h"
#include "exchange/import.h"
#include "exchange/livefile.h"
#include "exchange/mediafile.h"
#include "exchange/pastfile.h"
#include "exchange/planfile.h"
#include "exchange/storyfile.h"

#include "base/file.h"
#include "page/clean.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	FILE_MOST = 8 * 1024 * 1024,
	BESIDE_MOST = 256 * 1024 * 1024, /* thousands of entries or revisions, each with all it was */
	FILES_MOST = 1000000,
	DEPTH_MOST = 16,
};

struct folder {
	struct importer              im;
	const struct import_options *options;
	arena_t                     *a;
	struct strs                  files; /* relative to the folder, sorted */
	struct strs                  again; /* stories that named others that came after them */
	bool                         last;  /* everything has been brought once */
};

/* --- finding files --- */

static bool is_story_file(str_t name)
{
	return str_ends(name, S(".md")) || str_ends(name, S(".markdown"));
}

static err_t walk(struct folder *f, str_t below, int depth)
{
	char *path = str_z(f->a, str_format(f->a, "%s%s%.*s", f->options->path,
					    below.n ? "/" : "", STR(below)));
	if (depth > DEPTH_MOST)
		return err_new(ERR_INPUT, "%s: folders are nested deeper than %d", path, DEPTH_MOST);
	DIR *d = opendir(path);
	if (!d)
		return err_errno(errno, "open %s", path);
	err_t e = OK;
	for (struct dirent *entry; !e && (entry = readdir(d));) {
		str_t name = str_of(entry->d_name);
		struct stat st;
		if (str_starts(name, S(".")))
			continue;
		str_t whole = below.n ? str_format(f->a, "%.*s/%.*s", STR(below), STR(name))
				      : str_copy(f->a, name);
		char *full = path_join(f->a, f->options->path, str_z(f->a, whole));
		if (lstat(full, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode))
			e = walk(f, whole, depth + 1);
		else if (S_ISREG(st.st_mode) && is_story_file(name) && f->files.n < FILES_MOST)
			strs_add(f->a, &f->files, whole);
	}
	closedir(d);
	return e;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(*(const str_t *)a, *(const str_t *)b);
}

/* --- publication.yaml and authors/ --- */

static str_t text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? str_of(json_string_value(v)) : S("");
}

static err_t bring_sections(struct folder *f, const json_t *publication)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(publication, "sections"), i, row) {
		str_t slug = text_of(row, "slug"), name = text_of(row, "name");
		TRY(import_section(&f->im, f->a, slug.n ? slug : slug_from(f->a, name), name,
				   text_of(row, "description"), (int)i));
	}
	return OK;
}

/* Names and descriptions; the stories name the series themselves. */
static err_t bring_series(struct folder *f, const json_t *publication)
{
	size_t i;
	json_t *row;
	struct conn *c;
	json_array_foreach(json_object_get(publication, "series"), i, row) {
		struct series there = { 0 }, series = { .slug = text_of(row, "slug"),
							.name = text_of(row, "name"),
							.description = text_of(row, "description") };
		TRY(store_reader(f->im.s->store, &c));
		err_t e = series_by_slug(c, f->a, series.slug, &there);
		store_done(f->im.s->store, c);
		if (e && e->code != ERR_MISSING)
			return e;
		err_free(e);
		series.id = there.id;
		bool same = there.id && str_eq(there.name, series.name) &&
			    str_eq(there.description, series.description);
		if (!same && !f->im.dry_run)
			TRY(err_wrap(series_save(f->im.s, f->a, &series, S("import")),
				     "publication.yaml: series"));
	}
	return OK;
}

/* Those whose address does not follow from their name; the others come with their stories. */
static err_t bring_tags(struct folder *f, const json_t *publication)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(publication, "tags"), i, row) {
		struct tag tag = { .slug = text_of(row, "slug"), .name = text_of(row, "name") };
		if (!f->im.dry_run)
			TRY(err_wrap(tag_keep(f->im.s, f->a, &tag, S("import")),
				     "publication.yaml: tags"));
	}
	return OK;
}

/* "---" lines around a YAML file make it front matter, which is what our reader reads. */
static err_t read_publication(struct folder *f, json_t **out)
{
	str_t text, body;
	char *path = path_join(f->a, f->options->path, "publication.yaml");
	*out = NULL;
	if (!file_exists(path))
		return OK;
	TRY(file_read(f->a, path, FILE_MOST, &text));
	if (!str_starts(text, S("---\n")))
		text = str_format(f->a, "---\n%.*s\n---\n", STR(text));
	return err_wrap(frontmatter_split(f->a, text, out, &body), "publication.yaml");
}

static str_t stem(str_t path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/') {
			path = str_slice(path, i, path.n);
			break;
		}
	size_t dot = path.n;
	while (dot > 0 && path.p[dot - 1] != '.')
		dot--;
	return dot > 1 ? str_slice(path, 0, dot - 1) : path;
}

static err_t bring_author(struct folder *f, arena_t *a, str_t file)
{
	str_t text, body, bio;
	json_t *front;
	struct strs notes = { 0 };
	TRY(file_read(a, path_join(a, f->options->path, str_z(a, file)), FILE_MOST, &text));
	TRY(err_wrap(frontmatter_split(a, text, &front, &body), "%.*s", STR(file)));
	TRY(clean_markdown(a, GRAMMAR_INLINE, body, &bio, NULL));
	struct author author = { .slug = stem(file), .name = text_of(front, "name"),
				 .role = text_of(front, "role"), .bio = bio };
	str_t picture = text_of(front, "picture");
	if (!author.name.n)
		return err_user(ERR_INPUT, "name", "%.*s: name: must not be empty", STR(file));
	if (picture.n && str_find(picture, S(".."), 0) == STR_NONE)
		TRY(import_picture(&f->im, a, path_join(a, f->options->path, str_z(a, picture)),
				   &notes, &author.picture));
	return import_author(&f->im, a, file, &author);
}

/* --- stories --- */

/* Hugo's and Jekyll's names for what we have, and keys that have no counterpart. */
static const struct {
	const char *theirs, *ours; /* NULL: known and left out */
} foreign_keys[] = {
	{ "title", "headline" },     { "date", "published" },    { "publishDate", "published" },
	{ "lastmod", "updated" },    { "last_modified_at", "updated" }, { "updated", "updated" },
	{ "description", "standfirst" }, { "summary", "standfirst" }, { "excerpt", "standfirst" },
	{ "author", "authors" },     { "subtitle", "standfirst" }, { "image", "picture" },
	{ "categories", "tags" },    { "category", "tags" },
	{ "layout", NULL },          { "type", NULL },            { "weight", NULL },
	{ "permalink", NULL },       { "url", NULL },             { "aliases", NULL },
	{ "redirect_from", NULL },   { "draft", NULL },           { "published", NULL },
	{ "keywords", NULL },        { "series", NULL },          { "params", NULL },
	{ "expiryDate", NULL },      { "excerpt_separator", NULL }, { "comments", NULL },
	{ "toc", NULL },             { "math", NULL },            { "menu", NULL },
};

static bool truth(const json_t *v)
{
	return json_is_true(v) || (json_is_string(v) && strcmp(json_string_value(v), "true") == 0);
}

static bool false_said(const json_t *v)
{
	return json_is_false(v) ||
	       (json_is_string(v) && strcmp(json_string_value(v), "false") == 0);
}

/* True if the front matter is in our own words. */
static bool is_ours(const json_t *front)
{
	return json_object_get(front, "headline") != NULL;
}

/* Rewrites foreign front matter into ours; what has no counterpart is noted. */
static json_t *translate(arena_t *a, json_t *front, struct strs *notes)
{
	json_t *ours = json_object(), *v;
	const char *key;
	json_object_foreach(front, key, v) {
		size_t i = 0;
		while (i < COUNT(foreign_keys) && strcmp(foreign_keys[i].theirs, key) != 0)
			i++;
		const char *name = i < COUNT(foreign_keys) ? foreign_keys[i].ours : NULL;
		bool same = strcmp(key, "slug") == 0 || strcmp(key, "tags") == 0 ||
			    strcmp(key, "section") == 0 || strcmp(key, "authors") == 0;
		if (same)
			name = key;
		if (!name) {
			import_note(a, notes, "front matter \"%s\" was left out", key);
			continue;
		}
		json_t *there = json_object_get(ours, name);
		if (json_is_array(there) && json_is_array(v))
			json_array_extend(there, v);
		else if (!there)
			json_object_set_new(ours, name, json_deep_copy(v));
	}
	return ours;
}

static void add_old(arena_t *a, struct strs *out, const json_t *v)
{
	size_t i;
	json_t *one;
	if (json_is_string(v) && json_string_value(v)[0] == '/')
		strs_add(a, out, str_copy(a, str_of(json_string_value(v))));
	json_array_foreach(v, i, one)
		add_old(a, out, one);
}

/* "2020-01-31-title" is Jekyll's way to date a file. */
static str_t dated_stem(arena_t *a, str_t name, usec_t *date)
{
	str_t day = str_slice(name, 0, 10);
	err_t e = name.n > 11 && name.p[10] == '-' && day.p[4] == '-' && day.p[7] == '-'
			  ? time_parse(day, date)
			  : err_new(ERR_INPUT, "no date");
	bool dated = !e;
	err_free(e);
	return str_copy(a, dated ? str_slice(name, 11, name.n) : name);
}

static str_t first_folder(str_t path)
{
	size_t slash = str_find_char(path, '/', 0);
	return slash == STR_NONE ? S("") : str_slice(path, 0, slash);
}

static err_t section_for(struct folder *f, arena_t *a, struct story *st, str_t hint)
{
	if (st->kind == STATIC_PAGE)
		return OK;
	str_t name = st->section.slug.n ? st->section.slug : hint.n ? hint : S("news");
	str_t slug = slug_from(a, name);
	if (!slug.n || str_starts(name, S("_")))
		slug = S("news");
	st->section = (struct section){ .slug = slug };
	err_t reserved = slug_check_top("section", slug);
	if (reserved) {
		err_free(reserved);
		st->section.slug = str_format(a, "%.*s-section", STR(slug));
	}
	if (st->section.slug.n == slug.n && str_eq(slug, S("news")))
		return import_section(&f->im, a, slug, S("News"), S(""), 0);
	return import_section(&f->im, a, st->section.slug, name, S(""), 0);
}

/* Brings the foreign parts of the state: drafts, dates in file names, old addresses. */
static void foreign_state(arena_t *a, str_t file, const json_t *front, struct import_story *in,
			  struct story_wish *wish)
{
	usec_t date = 0;
	str_t slug = dated_stem(a, stem(file), &date);
	if (str_eq(slug, S("index")) || str_eq(slug, S("_index")))
		slug = stem(str_slice(file, 0, file.n - stem(file).n - 4)); /* a bundle's folder */
	if (!in->story.slug.n)
		in->story.slug = slug_from(a, slug);
	if (!wish->published_given && date) {
		wish->published = date;
		wish->published_given = true;
	}
	bool draft = truth(json_object_get(front, "draft")) ||
		     false_said(json_object_get(front, "published")) ||
		     str_starts(file, S("_drafts/")) || !wish->published_given;
	wish->state_given = true;
	wish->state = draft ? DRAFT : PUBLISHED;
	add_old(a, &in->old_paths, json_object_get(front, "aliases"));
	add_old(a, &in->old_paths, json_object_get(front, "redirect_from"));
	add_old(a, &in->old_paths, json_object_get(front, "permalink"));
	add_old(a, &in->old_paths, json_object_get(front, "url"));
}

/* Our form of a foreign file: front matter as JSON, which the same reader reads. */
static str_t as_ours(arena_t *a, json_t *ours, str_t body)
{
	char *dump = json_dumps(ours, JSON_INDENT(1));
	str_t text = str_format(a, "%s\n\n%.*s", dump ? dump : "{}", STR(body));
	free(dump);
	return text;
}

/* "storm.md" has "storm.live.json" beside it. */
static char *beside(struct folder *f, arena_t *a, str_t file, const char *ending)
{
	if (!str_ends(file, S(".md")))
		return NULL;
	str_t name = str_format(a, "%.*s%s", STR(str_slice(file, 0, file.n - 3)), ending);
	return file_exists(path_join(a, f->options->path, str_z(a, name))) ? str_z(a, name) : NULL;
}

/* What the story was before, if the folder is an export. */
static err_t read_past(struct folder *f, arena_t *a, str_t file, str_t text, struct import_story *in)
{
	str_t past;
	const char *name = beside(f, a, file, PASTFILE);
	if (!name)
		return OK;
	TRY(file_read(a, path_join(a, f->options->path, name), BESIDE_MOST, &past));
	return pastfile_read(a, name, past, text, in);
}

static err_t read_story(struct folder *f, arena_t *a, str_t file, struct import_story *in)
{
	str_t text, body;
	json_t *front;
	struct story_wish wish;
	TRY(file_read(a, path_join(a, f->options->path, str_z(a, file)), FILE_MOST, &text));
	TRY(err_wrap(frontmatter_split(a, text, &front, &body), "%.*s", STR(file)));
	in->digest = import_digest(a, &text, 1);
	in->story = (struct story){ .standfirst = S(""), .dateline = S(""), .withdrawn_why = S("") };
	if (str_starts(file, S("pages/")))
		in->story.kind = STATIC_PAGE;
	bool ours = is_ours(front);
	if (!ours) {
		json_t *translated = translate(a, front, &in->notes);
		text = as_ours(a, translated, body);
		json_decref(translated);
	}
	struct story_file sf = { .name = str_z(a, file), .folder = f->options->path, .text = text };
	TRY(storyfile_apply(f->im.s, a, &sf, S("import"), &in->story, &wish));
	TRY(read_past(f, a, file, text, in));
	if (!ours)
		foreign_state(a, file, front, in, &wish);
	if (!in->story.slug.n)
		in->story.slug = slug_from(a, stem(file));
	in->story.state = wish.state_given ? wish.state
			  : wish.published_given || in->story.kind == STATIC_PAGE ? PUBLISHED
			  : DRAFT; /* a page needs no date to be meant for readers */
	in->story.published = wish.published;
	in->corrections = wish.corrections;
	in->ncorrections = wish.ncorrections;
	return ours ? OK : section_for(f, a, &in->story, first_folder(file));
}

/* A live blog's entries lie beside its story: "storm.live.json". */
static err_t bring_live(struct folder *f, arena_t *a, str_t file, const struct story *st)
{
	struct live_file live = { .name = beside(f, a, file, LIVEFILE), .folder = f->options->path };
	struct story here;
	struct conn *c;
	int64_t changed;
	if (f->im.dry_run || !live.name)
		return OK;
	TRY(file_read(a, path_join(a, f->options->path, live.name), BESIDE_MOST, &live.text));
	TRY(store_reader(f->im.s->store, &c));
	err_t e = story_by_slug(c, a, st->kind, st->slug, &here);
	store_done(f->im.s->store, c);
	TRY(e);
	return livefile_bring(f->im.s, a, &live, here.id, S("import"), &changed);
}

static err_t is_here(struct conn *c, arena_t *a, str_t slug, bool *out)
{
	struct story st;
	err_t e = story_by_slug(c, a, STORY, slug, &st);
	*out = !e;
	if (e && e->code != ERR_MISSING)
		return e;
	err_free(e);
	return OK;
}

/* Takes out the stories it names that are not here (yet), and says which. */
static err_t drop_unknown(struct conn *c, arena_t *a, struct story *st, struct strs *unknown)
{
	size_t n = 0;
	bool here = true;
	for (size_t i = 0; i < st->nrelated; i++) {
		TRY(is_here(c, a, st->related[i].slug, &here));
		if (here)
			st->related[n++] = st->related[i];
		else
			strs_add(a, unknown, st->related[i].slug);
	}
	st->nrelated = n;
	if (!st->translates.slug.n)
		return OK;
	TRY(is_here(c, a, st->translates.slug, &here));
	if (here)
		return OK;
	strs_add(a, unknown, st->translates.slug);
	st->translates = (struct story_ref){ 0 };
	return OK;
}

/* A story may name one that comes after it. Then it is brought twice: first without that, booked under
 * a digest that no file has, so that the second time is a change. */
static err_t bring_story(struct folder *f, arena_t *a, str_t file)
{
	struct import_story in = { .foreign = file, .rest = f->last };
	struct strs unknown = { 0 };
	struct conn *c;
	TRY(read_story(f, a, file, &in));
	TRY(store_reader(f->im.s->store, &c));
	err_t e = drop_unknown(c, a, &in.story, &unknown);
	store_done(f->im.s->store, c);
	if (e)
		return e;
	if (unknown.n && !f->last && !f->im.dry_run) {
		in.digest = str_format(a, "%.*s-in-part", STR(in.digest));
		strs_add(f->a, &f->again, str_copy(f->a, file));
	} else if (f->last) {
		for (size_t i = 0; i < unknown.n; i++)
			import_note(a, &in.notes, "it names the story \"%.*s\", which is not here",
				    STR(unknown.v[i]));
	}
	TRY(import_story(&f->im, a, &in));
	return in.story.live == NOT_LIVE ? OK : bring_live(f, a, file, &in.story);
}

/* --- the run --- */

/* Every file is read once without writing, so that a mistake in the last leaves nothing half done. */
static err_t check_file(struct folder *f, arena_t *a, str_t file)
{
	str_t text, body;
	json_t *front;
	size_t bad;
	TRY(file_read(a, path_join(a, f->options->path, str_z(a, file)), FILE_MOST, &text));
	if (!str_is_utf8(text, &bad))
		return err_new(ERR_INPUT, "%.*s: is not UTF-8 at byte %zu", STR(file), bad + 1);
	return err_wrap(frontmatter_split(a, text, &front, &body), "%.*s", STR(file));
}

static err_t each_file(struct folder *f, err_t (*fn)(struct folder *f, arena_t *a, str_t file),
		       bool authors)
{
	arena_t *a = arena_create(0);
	err_t e = a ? OK : err_new(ERR_MEMORY, "out of memory while importing");
	for (size_t i = 0; !e && i < f->files.n; i++) {
		str_t file = f->files.v[i];
		if (str_starts(file, S("authors/")) == authors)
			e = fn(f, a, file);
		arena_reset(a);
		if (f->im.report->progress)
			f->im.report->progress(f->im.report->ctx, (int64_t)i, (int64_t)f->files.n);
	}
	arena_free(a);
	return e;
}

static err_t bring_all(struct folder *f)
{
	json_t *publication;
	TRY(read_publication(f, &publication));
	TRY(walk(f, S(""), 0));
	if (!f->files.n)
		return err_new(ERR_MISSING, "%s holds no .md file", f->options->path);
	qsort(f->files.v, f->files.n, sizeof *f->files.v, by_name);
	TRY(each_file(f, check_file, true));
	TRY(each_file(f, check_file, false));
	str_t name = publication ? text_of(publication, "name") : S("");
	f->im.source = str_format(f->a, "markdown:%.*s", STR(name));
	if (publication)
		TRY(bring_sections(f, publication));
	if (publication)
		TRY(bring_series(f, publication));
	if (publication)
		TRY(bring_tags(f, publication));
	if (!f->im.dry_run)
		TRY(mediafile_bring(f->im.s, f->a, f->options->path, S("import")));
	TRY(each_file(f, bring_author, true));
	TRY(each_file(f, bring_story, false));
	f->files = f->again;
	f->last = true;
	TRY(each_file(f, bring_story, false));
	return planfile_bring(&f->im, f->a, f->options->path);
}

err_t import_markdown(struct stet *s, const struct import_options *o, struct import_report *report)
{
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory while importing");
	struct folder f = { .im = { .s = s, .report = report, .dry_run = o->dry_run, .media = true },
			    .options = o, .a = a };
	err_t e = bring_all(&f);
	arena_free(a);
	return e;
}
