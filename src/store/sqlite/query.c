/* query.c: statements, values, rows.
 *
 * A connection keeps each statement it has prepared, found by the address of its struct sql. SQLite
 * numbers "$2" by where it stands, not by its name, so each statement keeps which of the caller's
 * values goes where. A statement that is asked for inside its own rows gets a second copy, which
 * ends with them. */
#include "store/sqlite/engine.h"

#include <assert.h>
#include <stdlib.h>

static struct stmt **bucket_of(struct conn *c, const struct sql *sql)
{
	return &c->buckets[((uintptr_t)sql >> 4) % STMT_BUCKETS];
}

static err_t number_parameters(struct stmt *st)
{
	for (size_t i = 0; i < st->params; i++) {
		const char *name = sqlite3_bind_parameter_name(st->h, (int)i + 1);
		int64_t n = 0;
		if (!name || name[0] != '$' || !str_int(str_of(name + 1), &n) || n < 1 || n > 255)
			return err_new(ERR_SYSTEM, "parameters are $1, $2 ...: %s", st->text);
		st->of[i] = (unsigned char)(n - 1);
		if ((size_t)n > st->takes)
			st->takes = (size_t)n;
	}
	return OK;
}

static void stmt_free(struct stmt *st)
{
	sqlite3_finalize(st->h);
	free(st);
}

static err_t prepare(struct conn *c, const struct sql *sql, struct stmt **out)
{
	sqlite3_stmt *h;
	const char *rest;
	int rc = sqlite3_prepare_v3(c->db, sql->text, -1, SQLITE_PREPARE_PERSISTENT, &h, &rest);
	if (rc != SQLITE_OK)
		return err_wrap(fault(c, rc, "preparing"), "%s", sql->text);
	size_t params = (size_t)sqlite3_bind_parameter_count(h);
	struct stmt *st = h && !*rest ? calloc(1, sizeof *st + params) : NULL;
	if (!st) {
		sqlite3_finalize(h);
		return !h || *rest ? err_new(ERR_SYSTEM, "not one statement: %s", sql->text)
				   : err_new(ERR_MEMORY, "out of memory while preparing");
	}
	*st = (struct stmt){ .sql = sql, .text = sql->text, .h = h, .params = params };
	err_t e = number_parameters(st);
	if (e)
		stmt_free(st);
	else
		*out = st;
	return e;
}

static err_t find(struct conn *c, const struct sql *sql, struct stmt **out)
{
	struct stmt **bucket = bucket_of(c, sql), *st = *bucket;
	while (st && (st->sql != sql || st->text != sql->text))
		st = st->next;
	if (st && !st->in_use) {
		*out = st;
		return OK;
	}
	struct stmt **list = st ? &c->second : bucket;
	TRY(prepare(c, sql, &st));
	st->next = *list;
	*list = st;
	*out = st;
	return OK;
}

static int bind(sqlite3_stmt *h, int at, const struct value *v)
{
	const char *p = v->as.s.p ? v->as.s.p : "";
	switch (v->kind) {
	case VALUE_INT: return sqlite3_bind_int64(h, at, v->as.i);
	case VALUE_REAL: return sqlite3_bind_double(h, at, v->as.real);
	case VALUE_TEXT:
		return sqlite3_bind_text64(h, at, p, v->as.s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	case VALUE_BLOB: return sqlite3_bind_blob64(h, at, p, v->as.s.n, SQLITE_TRANSIENT);
	default: return sqlite3_bind_null(h, at);
	}
}

static err_t bind_all(struct conn *c, struct stmt *st, struct args args)
{
	if (args.n != st->takes)
		return err_new(ERR_SYSTEM, "%zu values where %zu belong: %s", args.n, st->takes,
			       st->text);
	for (size_t i = 0; i < st->params; i++) {
		const struct value *v = &args.v[st->of[i]];
		if (v->kind == VALUE_TEXT && v->as.s.n && memchr(v->as.s.p, 0, v->as.s.n))
			return err_new(ERR_INPUT, "text with a NUL character cannot be stored");
		int rc = bind(st->h, (int)i + 1, v);
		if (rc != SQLITE_OK)
			return fault(c, rc, "reading values");
	}
	return OK;
}

/* Ready for the next use. */
static void rest(struct conn *c, struct stmt *st)
{
	sqlite3_reset(st->h);
	sqlite3_clear_bindings(st->h);
	st->in_use = false;
	for (struct stmt **at = &c->second; *at; at = &(*at)->next) {
		if (*at != st)
			continue;
		*at = st->next;
		stmt_free(st);
		return;
	}
}

static err_t begin(struct conn *c, const struct sql *sql, struct args args, struct stmt **out)
{
	struct stmt *st;
	/* A full disk can end the transaction under an act; what came after would stand alone. */
	if (c->in_act && sqlite3_get_autocommit(c->db))
		return err_new(ERR_SYSTEM, "the transaction has ended: nothing was saved");
	TRY(find(c, sql, &st));
	st->in_use = true;
	err_t e = bind_all(c, st, args);
	if (e)
		rest(c, st);
	else
		*out = st;
	return e;
}

err_t db_run(struct conn *c, const struct sql *sql, struct args args, int64_t *changed)
{
	struct stmt *st;
	TRY(begin(c, sql, args, &st));
	int rc;
	do
		rc = sqlite3_step(st->h);
	while (rc == SQLITE_ROW);
	err_t e = rc == SQLITE_DONE ? OK : fault(c, rc, "writing");
	if (!e && changed)
		*changed = sqlite3_changes64(c->db);
	rest(c, st);
	return e;
}

err_t db_query(struct conn *c, const struct sql *sql, struct args args, struct rows *out)
{
	*out = (struct rows){ .c = c };
	struct stmt *st;
	TRY(begin(c, sql, args, &st));
	out->statement = st;
	return OK;
}

bool rows_next(struct rows *r, err_t *e)
{
	*e = OK;
	struct stmt *st = r->statement;
	if (!st)
		return false;
	int rc = sqlite3_step(st->h);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		*e = fault(r->c, rc, "reading");
	rows_end(r);
	return false;
}

void rows_end(struct rows *r)
{
	if (r->statement)
		rest(r->c, r->statement);
	r->statement = NULL;
}

static sqlite3_stmt *handle(const struct rows *r, int column)
{
	const struct stmt *st = r->statement;
	assert(st && column >= 0 && column < sqlite3_data_count(st->h));
	(void)column;
	return st->h;
}

int64_t row_int(const struct rows *r, int column)
{
	return sqlite3_column_int64(handle(r, column), column);
}

double row_real(const struct rows *r, int column)
{
	return sqlite3_column_double(handle(r, column), column);
}

bool row_is_null(const struct rows *r, int column)
{
	return sqlite3_column_type(handle(r, column), column) == SQLITE_NULL;
}

str_t row_str(const struct rows *r, arena_t *a, int column)
{
	sqlite3_stmt *h = handle(r, column);
	int kind = sqlite3_column_type(h, column);
	if (kind == SQLITE_NULL)
		return (str_t){ NULL, 0 };
	const void *p = kind == SQLITE_BLOB ? sqlite3_column_blob(h, column)
					    : sqlite3_column_text(h, column);
	size_t n = (size_t)sqlite3_column_bytes(h, column);
	if (!p && (n || kind != SQLITE_BLOB))
		arena_exhausted(a);
	return str_copy(a, str_from(p ? p : "", n));
}

void db_settle(struct conn *c)
{
	while (c->second) {
		struct stmt *st = c->second;
		c->second = st->next;
		stmt_free(st);
	}
	for (size_t i = 0; i < STMT_BUCKETS; i++) {
		for (struct stmt *st = c->buckets[i]; st; st = st->next) {
			if (st->in_use)
				rest(c, st);
		}
	}
}

void db_forget(struct conn *c)
{
	db_settle(c);
	for (size_t i = 0; i < STMT_BUCKETS; i++) {
		while (c->buckets[i]) {
			struct stmt *st = c->buckets[i];
			c->buckets[i] = st->next;
			stmt_free(st);
		}
	}
}
