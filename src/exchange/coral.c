/* coral.c: comments as Coral's importer takes them: comments.csv, and beside it stories.csv, which has the addresses of
 * pages, and users.csv, which has who wrote. The columns are found by the names in the first record of each. */
#include "exchange/comment_file.h"
#include "exchange/csv.h"

#include <errno.h>
#include <unistd.h>

/* "…/stories.csv" beside "…/comments.csv", packed if that is. */
static char *beside(struct comment_file *f, arena_t *a, const char *name)
{
	const char *slash = strrchr(f->path, '/');
	str_t folder = slash ? str_from(f->path, (size_t)(slash - f->path) + 1) : S("");
	char *path = str_z(a, str_format(a, "%.*s%s", STR(folder), name));
	return access(path, R_OK) == 0 ? path : str_z(a, str_format(a, "%s.gz", path));
}

static err_t note_rows(struct comment_file *f, struct infile *file, const char *kind, const char *const *names)
{
	struct csv csv;
	bool there;
	size_t at[3];
	csv_begin(&csv, file, f->a);
	TRY(csv_next(&csv, &there));
	TRY(csv_columns(&csv, names, at, 3, 2));
	for (;;) {
		TRY(csv_next(&csv, &there));
		if (!there)
			return OK;
		TRY(jot(f->notes, kind, csv_field(&csv, at[0]), csv_field(&csv, at[1]), csv_field(&csv, at[2]), 0));
	}
}

/* A file that nothing can be read without must be there. */
static err_t note_file(struct comment_file *f, arena_t *a, const char *name, const char *kind, const char *const *names,
		       bool needed)
{
	struct infile *file;
	char *path = beside(f, a, name);
	if (access(path, F_OK) != 0 && !needed)
		return OK;
	if (access(path, F_OK) != 0)
		return err_new(ERR_MISSING, "%s must lie beside %.*s: it says on which pages the comments stood", name,
			       STR(infile_name(f->file)));
	TRY(infile_open(path, &file));
	err_t e = note_rows(f, file, kind, names);
	infile_close(file);
	return e;
}

static err_t note_files(struct comment_file *f)
{
	static const char *const stories[] = { "id", "url", "title" }, *const users[] = { "id", "username", "email" };
	arena_t *own = arena_create(0);
	if (!own)
		return err_new(ERR_MEMORY, "out of memory while reading comments");
	err_t e = note_file(f, own, "stories.csv", "page", stories, true);
	if (!e)
		e = note_file(f, own, "users.csv", "person", users, false);
	arena_free(own);
	return e;
}

enum column { ID, STORY, CREATED, BODY, AUTHOR, PARENT, STATUS, COLUMNS, NEEDED = AUTHOR };

static str_t state_of(str_t status)
{
	if (str_eq_nocase(status, S("REJECTED")))
		return S("trash");
	return !status.n || str_eq_nocase(status, S("APPROVED")) || str_eq_nocase(status, S("NONE")) ? S("1") : S("0");
}

static err_t read_record(struct comment_file *f, const struct csv *csv, const size_t *at)
{
	struct note page, person;
	bool there;
	struct told k = {
		.source = f->source, .id = csv_field(csv, at[ID]), .parent = csv_field(csv, at[PARENT]),
		.thread = csv_field(csv, at[STORY]), .author = csv_field(csv, at[AUTHOR]), .type = S("html"),
		.content = csv_field(csv, at[BODY]), .written = told_moment(csv_field(csv, at[CREATED])),
		.state = state_of(csv_field(csv, at[STATUS])),
	};
	if (!k.id.n)
		return err_new(ERR_INPUT, "a comment has no id");
	TRY(jot_find(f->notes, f->a, "page", k.thread, &page, &there));
	k.url = page.one;
	TRY(jot_find(f->notes, f->a, "person", k.author, &person, &there));
	k.name = person.one;
	k.address = person.two;
	return comment_take(f, &k);
}

static err_t read_table(struct comment_file *f)
{
	static const char *const names[] = { "id", "story_id", "created_at", "body", "author_id", "parent_id", "status" };
	struct csv csv;
	bool there;
	size_t at[COLUMNS];
	if (f->first)
		TRY(note_files(f));
	csv_begin(&csv, f->file, f->a);
	TRY(csv_next(&csv, &there));
	TRY(csv_columns(&csv, names, at, COLUMNS, NEEDED));
	size_t wide = csv.fields.n;
	for (;;) {
		TRY(csv_next(&csv, &there));
		if (!there)
			return OK;
		err_t e = csv.fields.n == wide ? read_record(f, &csv, at)
			  : err_new(ERR_INPUT, "has %zu fields where the first record has %zu", csv.fields.n, wide);
		TRY(err_wrap(e, "%.*s:%lld", STR(infile_name(f->file)), (long long)csv.line));
		comment_progress(f);
	}
}

const struct comment_format comment_coral = { "coral", "comments.csv of Coral", read_table };
