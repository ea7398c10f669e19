/* export.c: see export.h. One snapshot of the store for the whole of it. */
#include "exchange/export.h"
#include "exchange/frontmatter.h"
#include "exchange/inline_markdown.h"
#include "exchange/mediafile.h"
#include "exchange/livefile.h"
#include "exchange/pastfile.h"
#include "exchange/planfile.h"
#include "exchange/storyfile.h"
#include "press/series.h"

#include "base/file.h"

static const struct sql all_stories = { "SELECT id FROM story ORDER BY id" };
static const struct sql all_authors = { "SELECT slug FROM author ORDER BY id" };
static const struct sql all_tags = { "SELECT slug, name FROM tag ORDER BY slug" };
static const struct sql all_media = { "SELECT hash, format, name FROM media ORDER BY id" };

struct exporting {
	struct stet          *s;
	struct conn          *c;
	arena_t              *a; /* emptied for each file */
	const char           *folder;
	struct export_counts *counts;
};

/* Tags whose address does not follow from their name. */
static err_t write_tags(struct exporting *x, struct buf *b)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	size_t n = 0;
	TRY(db_query(x->c, &all_tags, NO_ARGS, &r));
	while (rows_next(&r, &e)) {
		struct tag tag = { .slug = row_str(&r, x->a, 0), .name = row_str(&r, x->a, 1) };
		if (str_eq(tag_in_file(x->a, &tag), tag.name))
			continue;
		if (!n++)
			buf_add(b, S("tags:\n"));
		frontmatter_add_line(b, "  - slug", tag.slug);
		frontmatter_add_line(b, "    name", tag.name);
	}
	return e;
}

static err_t write_publication(struct exporting *x)
{
	struct section *sections;
	size_t n;
	struct buf b = buf_new(x->a, 1024);
	frontmatter_add_line(&b, "name", x->s->config.name);
	frontmatter_add_line(&b, "tagline", x->s->config.tagline);
	frontmatter_add_line(&b, "language", x->s->config.language);
	frontmatter_add_line(&b, "zone", x->s->config.zone);
	TRY(section_list(x->c, x->a, &sections, &n));
	buf_add(&b, n ? S("sections:\n") : S(""));
	for (size_t i = 0; i < n; i++) {
		frontmatter_add_line(&b, "  - slug", sections[i].slug);
		frontmatter_add_line(&b, "    name", sections[i].name);
		frontmatter_add_line(&b, "    description", sections[i].description);
	}
	struct series_line *series;
	TRY(series_list(x->c, x->a, &series, &n));
	buf_add(&b, n ? S("series:\n") : S(""));
	for (size_t i = 0; i < n; i++) {
		frontmatter_add_line(&b, "  - slug", series[i].series.slug);
		frontmatter_add_line(&b, "    name", series[i].series.name);
		frontmatter_add_line(&b, "    description", series[i].series.description);
	}
	TRY(write_tags(x, &b));
	return file_write(path_join(x->a, x->folder, "publication.yaml"), buf_str(&b), 0644);
}

static str_t picture_name(arena_t *a, str_t hash, str_t format)
{
	struct media m = { .hash = hash, .format = format };
	return mediafile_place(a, &m);
}

/* In the folder a picture is a file of it; here it is an address. */
static err_t own_pictures(struct exporting *x, str_t text, str_t *out)
{
	static const char *const before[] = {
		"](", ":::video ", ":::audio ", ":::file ", "\nposter: ", "\ncaptions: ",
		"\nsubtitles: ", "\ndescriptions: ", "\ntranscript: ",
	};
	AUTO_ROWS r = { 0 };
	TRY(db_query(x->c, &all_media, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		str_t hash = row_str(&r, x->a, 0);
		if (str_find(text, hash, 0) == STR_NONE)
			continue;
		str_t name = picture_name(x->a, hash, row_str(&r, x->a, 1));
		text = str_replace(x->a, text, str_format(x->a, "picture: /media/%.*s", STR(hash)),
				   str_format(x->a, "picture: %.*s", STR(name)));
		for (size_t i = 0; i < COUNT(before); i++)
			text = str_replace(x->a, text,
					   str_format(x->a, "%s/media/%.*s", before[i], STR(hash)),
					   str_format(x->a, "%s%.*s", before[i], STR(name)));
	}
	*out = text;
	return e;
}

/* What lies beside a story's file: "storm.md" has "storm.history.json", "storm.live.json". */
static err_t write_beside(struct exporting *x, const char *file, const char *ending, str_t text)
{
	str_t stem = str_slice(str_of(file), 0, strlen(file) - strlen(".md"));
	return file_write(str_z(x->a, str_format(x->a, "%.*s%s", STR(stem), ending)), text, 0644);
}

static err_t write_story(struct exporting *x, id64 id)
{
	struct story st;
	str_t text;
	TRY(story_load(x->c, x->a, id, &st));
	TRY(own_pictures(x, storyfile_write(x->a, &st), &text));
	str_t name = st.kind == STATIC_PAGE
			     ? str_format(x->a, "pages/%.*s.md", STR(st.slug))
			     : str_format(x->a, "stories/%.*s/%.*s.md", STR(st.section.slug),
					  STR(st.slug));
	char *path = path_join(x->a, x->folder, str_z(x->a, name));
	char *slash = strrchr(path, '/');
	*slash = '\0';
	TRY(folder_make(path));
	*slash = '/';
	x->counts->stories++;
	TRY(file_write(path, text, 0644));
	TRY(pastfile_write(x->c, x->a, &st, text, &text));
	TRY(write_beside(x, path, PASTFILE, text));
	if (st.live == NOT_LIVE)
		return OK;
	/* Its pictures stay addresses: the text of earlier entries is part of it, and is never changed. */
	TRY(livefile_write(x->c, x->a, id, &text));
	return text.p ? write_beside(x, path, LIVEFILE, text) : OK;
}

static err_t write_stories(struct exporting *x, arena_t *ids_arena)
{
	int64_t *ids = NULL;
	size_t n = 0;
	struct rows r = { 0 };
	TRY(db_query(x->c, &all_stories, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		ids = arena_room(ids_arena, ids, n, sizeof *ids);
		ids[n++] = row_int(&r, 0);
	}
	rows_end(&r);
	for (size_t i = 0; i < n && !e; i++) {
		e = write_story(x, ids[i]);
		arena_reset(x->a);
	}
	return e;
}

static err_t write_author(struct exporting *x, str_t slug)
{
	struct author au;
	struct buf b = buf_new(x->a, 512);
	TRY(author_by_slug(x->c, x->a, slug, &au));
	buf_add(&b, S("---\n"));
	frontmatter_add_line(&b, "name", au.name);
	if (au.role.n)
		frontmatter_add_line(&b, "role", au.role);
	if (au.picture.id)
		frontmatter_add_line(&b, "picture", picture_name(x->a, au.picture.hash, au.picture.format));
	buf_add_format(&b, "---\n%.*s\n", STR(inline_to_markdown(x->a, au.bio)));
	x->counts->authors++;
	str_t name = str_format(x->a, "%s/authors/%.*s.md", x->folder, STR(slug));
	return file_write(str_z(x->a, name), buf_str(&b), 0644);
}

static err_t write_authors(struct exporting *x, arena_t *names_arena)
{
	struct strs slugs = { 0 };
	struct rows r = { 0 };
	TRY(folder_make(path_join(x->a, x->folder, "authors")));
	TRY(db_query(x->c, &all_authors, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		strs_add(names_arena, &slugs, row_str(&r, names_arena, 0));
	rows_end(&r);
	for (size_t i = 0; i < slugs.n && !e; i++) {
		e = write_author(x, slugs.v[i]);
		arena_reset(x->a);
	}
	return e;
}

static err_t copy_picture(struct exporting *x, str_t hash, str_t format)
{
	char *from = str_z(x->a, str_format(x->a, "%s/media/%.*s/original", x->s->folder,
					    STR(hash)));
	x->counts->pictures++;
	return file_copy(from, path_join(x->a, x->folder,
					 str_z(x->a, picture_name(x->a, hash, format))), 0644);
}

/* What is said of them. */
static err_t write_media(struct exporting *x)
{
	str_t text;
	TRY(mediafile_write(x->c, x->a, &text));
	return file_write(path_join(x->a, x->folder, MEDIAFILE), text, 0644);
}

static err_t copy_pictures(struct exporting *x, arena_t *names_arena)
{
	struct strs hashes = { 0 }, formats = { 0 };
	struct rows r = { 0 };
	TRY(folder_make(path_join(x->a, x->folder, "pictures")));
	TRY(db_query(x->c, &all_media, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		strs_add(names_arena, &hashes, row_str(&r, names_arena, 0));
		strs_add(names_arena, &formats, row_str(&r, names_arena, 1));
	}
	rows_end(&r);
	for (size_t i = 0; i < hashes.n && !e; i++) {
		e = copy_picture(x, hashes.v[i], formats.v[i]);
		arena_reset(x->a);
	}
	return e;
}

static err_t write_plans(struct exporting *x)
{
	str_t text;
	TRY(planfile_write(x->c, x->a, &text));
	return text.p ? file_write(path_join(x->a, x->folder, PLANFILE), text, 0644) : OK;
}

static err_t write_all(struct exporting *x, arena_t *names)
{
	TRY(write_publication(x));
	TRY(write_authors(x, names));
	TRY(write_stories(x, names));
	TRY(write_plans(x));
	TRY(write_media(x));
	return copy_pictures(x, names);
}

err_t export_folder(struct stet *s, const char *folder, struct export_counts *out)
{
	*out = (struct export_counts){ 0 };
	if (!folder_is_empty(folder))
		return err_new(ERR_CONFLICT, "%s is not empty; name a new folder", folder);
	TRY(folder_make(folder));
	arena_t *a = arena_create(0), *names = arena_create(0);
	struct exporting x = { .s = s, .a = a, .folder = folder, .counts = out };
	err_t e = a && names ? store_reader(s->store, &x.c)
			     : err_new(ERR_MEMORY, "out of memory while exporting");
	if (!e) {
		e = write_all(&x, names);
		store_done(s->store, x.c);
	}
	arena_free(a);
	arena_free(names);
	return e;
}
