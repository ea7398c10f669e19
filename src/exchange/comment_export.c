/* comment_export.c: comments_write (comments.h): the conversations as lines of JSON, as comment_lines.c takes them. All of
 * one moment, in one snapshot; some hundred in memory at a time. */
#include "exchange/comments.h"

#include "exchange/json_parts.h"
#include "forum/forum.h"
#include "page/clean.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 300 };

struct export {
	struct comments_export *x;
	FILE                   *out;
	id64                    last;
};

/* What has gone is told where something stands below it, or waits to. */
static const struct sql select_some = {
	"SELECT k.id, k.parent, coalesce(s.slug, ''), coalesce(o.url, ''), coalesce(r.name, k.name), coalesce(r.address, ''), k.made, "
	"k.edited, k.source, k.body, k.quote, k.quote_revision, k.state, k.ups, k.downs, k.picked, "
	"EXISTS (SELECT 1 FROM comment_mention m WHERE m.comment = k.id) FROM comment k LEFT JOIN reader r ON r.id = k.reader "
	"LEFT JOIN story s ON s.id = k.story LEFT JOIN other_page o ON o.id = k.story WHERE k.id > $1 AND ($2 = 0 OR k.story = $2) AND "
	"(k.state IN ('shown', 'held') OR k.stands = 1 OR EXISTS (SELECT 1 FROM comment h WHERE h.story = k.story AND "
	"h.parent = k.id AND h.state = 'held')) ORDER BY k.id LIMIT $3"
};

static void set_number(json_t *j, const char *key, int64_t n)
{
	if (n)
		json_object_set_new(j, key, json_integer(n));
}

/* What came as HTML has no Markdown that says the same: its source is its bare text. Names that were linked are
 * Markdown of ours. */
static err_t set_words(json_t *j, arena_t *a, str_t source, str_t body, bool mentions)
{
	str_t same = S("");
	if (!mentions) {
		err_t e = clean_markdown(a, GRAMMAR_COMMENT, source, &same, NULL);
		if (e && e->code != ERR_INPUT && e->code != ERR_TOO_LARGE)
			return e;
		err_free(e);
	}
	json_object_set_new(j, "text", json_new_text(source));
	if (!mentions && !str_eq(same, body))
		json_set_text(j, "html", body);
	return OK;
}

static err_t set_row(const struct export *x, arena_t *a, const struct rows *r, json_t *j)
{
	str_t state = row_str(r, a, 12), slug = row_str(r, a, 2);
	bool words = str_eq(state, S("shown")) || str_eq(state, S("held"));
	json_object_set_new(j, "id", json_new_text(id_text(a, row_int(r, 0))));
	json_set_text(j, slug.n ? "story" : "url", slug.n ? slug : row_str(r, a, 3));
	if (row_int(r, 1))
		json_object_set_new(j, "answers", json_new_text(id_text(a, row_int(r, 1))));
	json_object_set_new(j, "name", json_new_text(words ? row_str(r, a, 4) : S("")));
	json_set_moment(j, a, "written", row_int(r, 6));
	if (!str_eq(state, S("shown")))
		json_set_text(j, "state", state);
	if (!words)
		return OK;
	if (x->x->addresses)
		json_set_text(j, "address", row_str(r, a, 5));
	json_set_moment(j, a, "edited", row_int(r, 7));
	json_set_text(j, "quote", row_str(r, a, 10));
	set_number(j, "quote_revision", row_int(r, 11));
	set_number(j, "ups", row_int(r, 13));
	set_number(j, "downs", row_int(r, 14));
	json_set_moment(j, a, "picked", row_int(r, 15));
	return set_words(j, a, row_str(r, a, 8), row_str(r, a, 9), row_int(r, 16) != 0);
}

static err_t write_row(struct export *x, arena_t *a, const struct rows *r)
{
	str_t line;
	json_t *j = json_object();
	err_t e = set_row(x, a, r, j);
	if (!e)
		e = json_line(a, j, &line);
	json_decref(j);
	TRY(e);
	if (fwrite(line.p, 1, line.n, x->out) < line.n || fputc('\n', x->out) == EOF)
		return err_errno(errno, "write the comments");
	x->last = row_int(r, 0);
	x->x->written++;
	return OK;
}

/* Some hundred; `more`: there were as many. */
static err_t write_some(struct conn *c, arena_t *a, struct export *x, bool *more)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	int n = 0;
	TRY(db_query(c, &select_some, ARGS(v_int(x->last), v_int(x->x->story), v_int(BATCH)), &r));
	for (; rows_next(&r, &e); n++)
		TRY(write_row(x, a, &r));
	*more = n == BATCH;
	return e;
}

static err_t write_all(struct conn *c, arena_t *a, void *ctx)
{
	struct export *x = ctx;
	bool more = true;
	(void)a;
	while (more) {
		arena_t *own = arena_create(0);
		if (!own)
			return err_new(ERR_MEMORY, "out of memory");
		err_t e = write_some(c, own, x, &more);
		arena_free(own);
		TRY(e);
	}
	return OK;
}

/* What is in buffers may find no room, too. */
static err_t settle(FILE *out, bool on_disk)
{
	bool good = fflush(out) == 0 && (!on_disk || fsync(fileno(out)) == 0);
	return good ? OK : err_errno(errno, "write the comments");
}

/* A pipe, a terminal, a device: nothing is to be put in its place. */
static bool is_no_file(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* To `path`, which is where it belongs, or beside that until all is there. */
static err_t write_to(struct stet *s, arena_t *a, struct export *x, const char *path)
{
	bool beside = path != x->x->path;
	x->out = fopen(path, beside ? "wxe" : "we");
	if (!x->out)
		return err_errno(errno, "open %s", path);
	err_t e = store_read(s->store, a, write_all, x);
	if (!e)
		e = settle(x->out, beside);
	if (fclose(x->out) != 0 && !e)
		e = err_errno(errno, "write %s", path);
	if (!e && beside && rename(path, x->x->path) != 0)
		e = err_errno(errno, "name %s", x->x->path);
	if (e && beside)
		unlink(path);
	return e;
}

err_t comments_write(struct stet *s, arena_t *a, struct comments_export *x)
{
	struct export all = { .x = x, .out = stdout };
	if (!x->path) {
		TRY(store_read(s->store, a, write_all, &all));
		return settle(stdout, false);
	}
	bool straight = is_no_file(x->path);
	return write_to(s, a, &all, straight ? x->path : str_z(a, str_format(a, "%s.part", x->path)));
}
