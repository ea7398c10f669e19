/* migrate.c: the schema's steps, numbered from 1, each in a transaction of its own.
 *
 * The number of steps a database has stands in its header (user_version) and changes in the step's
 * transaction: killed at any moment, it goes on where it was. Foreign keys are off meanwhile, so
 * that a table can be rebuilt, and checked before each commit. */
#include "store/sqlite/engine.h"

#include <stdio.h>

err_t one_int(struct conn *c, const char *query, int64_t *out)
{
	sqlite3_stmt *h;
	int rc = sqlite3_prepare_v2(c->db, query, -1, &h, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(h);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(h, 0);
	err_t e = rc == SQLITE_ROW ? OK : fault(c, rc, "opening");
	sqlite3_finalize(h);
	return e;
}

size_t steps_count(const struct embedded *steps)
{
	size_t n = 0;
	while (steps[n].name)
		n++;
	return n;
}

static err_t run(struct conn *c, const char *text)
{
	int rc = sqlite3_exec(c->db, text, NULL, NULL, NULL);
	return rc == SQLITE_OK ? OK : fault(c, rc, "bringing the database up to date");
}

static err_t version_of(struct conn *c, const struct embedded *steps, size_t *out)
{
	int64_t version;
	TRY(one_int(c, "PRAGMA user_version", &version));
	size_t known = steps_count(steps);
	if (version < 0 || (size_t)version > known)
		return err_new(ERR_REFUSED,
			       "%s was written by a newer Stet (its schema is %lld, this one knows "
			       "%zu): install the newer Stet, or restore a backup from before",
			       c->store->path, (long long)version, known);
	*out = (size_t)version;
	return OK;
}

static err_t check_references(struct conn *c)
{
	sqlite3_stmt *h;
	int rc = sqlite3_prepare_v2(c->db, "PRAGMA foreign_key_check", -1, &h, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(h);
	sqlite3_finalize(h);
	if (rc == SQLITE_ROW)
		return err_new(ERR_CORRUPT, "%s: rows refer to what is not there", c->store->path);
	return rc == SQLITE_DONE ? OK : fault(c, rc, "checking references");
}

/* Another process may have made the step while we waited for the transaction. */
static err_t step(struct conn *c, const struct embedded *steps, size_t *at)
{
	TRY(version_of(c, steps, at));
	const struct embedded *next = &steps[*at];
	if (!next->name)
		return OK;
	TRY(err_wrap(run(c, next->content.p), "%s", next->name));
	TRY(check_references(c));
	char mark[128];
	snprintf(mark, sizeof mark, "PRAGMA user_version = %zu; PRAGMA application_id = %d",
		 *at + 1, APPLICATION_ID);
	TRY(run(c, mark));
	++*at;
	return OK;
}

static err_t step_in_transaction(struct conn *c, const struct embedded *steps, size_t *at)
{
	c->deadline = clock_steady() + STORE_WAIT;
	TRY(run(c, "BEGIN IMMEDIATE"));
	err_t e = step(c, steps, at);
	if (!e)
		e = run(c, "COMMIT");
	if (e && !sqlite3_get_autocommit(c->db))
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

err_t migrate(struct conn *c, const struct embedded *steps, size_t upto)
{
	size_t at = 0, all = steps_count(steps);
	TRY(version_of(c, steps, &at));
	size_t from = at;
	if (upto > all)
		upto = all;
	if (at >= upto)
		return OK;
	TRY(run(c, "PRAGMA foreign_keys = OFF"));
	err_t e = OK;
	while (!e && at < upto)
		e = step_in_transaction(c, steps, &at);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	if (!e && from > 0)
		log_line(c->store->log, LOG_INFO, "store", "schema %zu brought to %zu", from, at);
	return e;
}
