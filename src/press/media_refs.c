/* media_refs.c: see media_refs.h. Reads the schema, as SQLite tells it: each table, its columns of
 * text, its columns that reference media. */
#include "press/media_refs.h"
#include "press/media_files.h"

#include "store/store.h"

#include <stdlib.h>

/* Tables whose words of a medium are no use of it: itself, what was done, what is to be done, and where
 * it came from. */
static const struct sql tables = {
	"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
	"AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT IN ('media', 'entry', 'job', "
	"'failed_job', 'imported', 'media_track')"
};
static const struct sql text_columns = {
	"SELECT name FROM pragma_table_info($1) WHERE upper(type) IN ('TEXT', 'BLOB', '')"
};
static const struct sql media_columns = {
	"SELECT \"from\" FROM pragma_foreign_key_list($1) WHERE \"table\" = 'media'"
};
static const struct sql posters = { "SELECT DISTINCT poster FROM media WHERE poster IS NOT NULL" };

struct refs {
	arena_t             *a;
	const struct media **by_hash; /* sorted */
	const struct media  *v;       /* newest first: by falling id */
	size_t               n;
	bool                *used;
};

static int compare(const void *p, const void *q)
{
	const struct media *const *x = p, *const *y = q;
	return str_cmp((*x)->hash, (*y)->hash);
}

static void use_hash(struct refs *x, str_t hash)
{
	struct media key = { .hash = hash };
	const struct media *k = &key;
	const struct media **hit = bsearch(&k, x->by_hash, x->n, sizeof *x->by_hash, compare);
	if (hit)
		x->used[*hit - x->v] = true;
}

static void use_id(struct refs *x, id64 id)
{
	size_t from = 0, to = x->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (x->v[middle].id == id) {
			x->used[middle] = true;
			return;
		}
		if (x->v[middle].id > id)
			from = middle + 1;
		else
			to = middle;
	}
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Every stretch of as many hexadecimal digits as a hash has. */
static void use_text(struct refs *x, str_t s)
{
	for (size_t i = 0; i < s.n;) {
		size_t end = i;
		while (end < s.n && is_hex(s.p[end]))
			end++;
		if (end - i == MEDIA_HASH)
			use_hash(x, str_slice(s, i, end));
		i = end + 1;
	}
}

/* A statement made here: it stays where it is, since a connection finds its statements by address. */
static const struct sql *made(struct refs *x, str_t text)
{
	struct sql *sql = arena_new(x->a, struct sql);
	sql->text = str_z(x->a, text);
	return sql;
}

static str_t quoted(arena_t *a, str_t name)
{
	return str_format(a, "\"%.*s\"", STR(str_replace(a, name, S("\""), S("\"\""))));
}

static err_t names(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		   struct strs *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, args, &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		strs_add(a, out, row_str(&r, a, 0));
	return e;
}

static err_t read_texts(struct conn *c, struct refs *x, str_t table, const struct strs *columns)
{
	struct buf b = buf_new(x->a, 256);
	AUTO_ROWS r = { 0 };
	for (size_t i = 0; i < columns->n; i++)
		buf_add_format(&b, "%s%.*s", i ? ", " : "SELECT ", STR(quoted(x->a, columns->v[i])));
	buf_add_format(&b, " FROM %.*s", STR(quoted(x->a, table)));
	TRY(db_query(c, made(x, buf_str(&b)), NO_ARGS, &r));
	arena_t *row = arena_create(0);
	if (!row)
		return err_new(ERR_MEMORY, "out of memory while looking for what is used");
	err_t e = OK;
	while (rows_next(&r, &e)) {
		for (size_t i = 0; i < columns->n; i++)
			use_text(x, row_str(&r, row, (int)i));
		arena_reset(row);
	}
	arena_free(row);
	return e;
}

static err_t read_ids(struct conn *c, struct refs *x, const struct sql *sql)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		use_id(x, row_int(&r, 0));
	return e;
}

static err_t read_table(struct conn *c, struct refs *x, str_t table)
{
	struct strs texts = { 0 }, ids = { 0 };
	TRY(names(c, x->a, &text_columns, ARGS(v_str(table)), &texts));
	TRY(names(c, x->a, &media_columns, ARGS(v_str(table)), &ids));
	if (texts.n)
		TRY(read_texts(c, x, table, &texts));
	for (size_t i = 0; i < ids.n; i++)
		TRY(read_ids(c, x, made(x, str_format(x->a, "SELECT DISTINCT %.*s FROM %.*s",
						      STR(quoted(x->a, ids.v[i])),
						      STR(quoted(x->a, table))))));
	return OK;
}

err_t media_refs(struct conn *c, arena_t *a, const struct media *v, size_t n, bool *used)
{
	struct refs x = { .a = a, .v = v, .n = n, .used = used,
			  .by_hash = arena_array(a, n ? n : 1, sizeof *x.by_hash) };
	struct strs all = { 0 };
	for (size_t i = 0; i < n; i++)
		x.by_hash[i] = &v[i];
	qsort(x.by_hash, n, sizeof *x.by_hash, compare);
	TRY(names(c, a, &tables, NO_ARGS, &all));
	for (size_t i = 0; i < all.n; i++)
		TRY(read_table(c, &x, all.v[i]));
	return read_ids(c, &x, &posters);
}
