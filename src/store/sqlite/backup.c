/* backup.c: copies the database while it is in use, and checks it.
 *
 * The copy is read by a reader whose snapshot stays, so writers go on meanwhile and the copy is of
 * one moment. It is written beside its place, turned into one file without a log, and renamed. */
#include "store/sqlite/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct progress {
	void (*tell)(void *ctx, int64_t done, int64_t all);
	void *ctx;
};

static int copy_pages(sqlite3 *to, sqlite3 *from, const struct progress *p)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	if (!b)
		return sqlite3_extended_errcode(to);
	int rc;
	do {
		rc = sqlite3_backup_step(b, BACKUP_STEP);
		int all = sqlite3_backup_pagecount(b), left = sqlite3_backup_remaining(b);
		if (p->tell && (rc == SQLITE_OK || rc == SQLITE_DONE))
			p->tell(p->ctx, all - left, all);
	} while (rc == SQLITE_OK);
	int end = sqlite3_backup_finish(b);
	return rc == SQLITE_DONE ? end : rc;
}

static err_t copy_into(struct store *s, struct conn *from, struct conn *to,
		       const struct progress *p)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(to->store->path, &to->db, flags, s->vfs);
	if (rc == SQLITE_OK)
		rc = copy_pages(to->db, from->db, p);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(to->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return OK;
	/* the code may be either side's; damage can only be the source's */
	bool source = (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
	return err_wrap(fault(source ? from : to, rc, "copying"), "backup");
}

static err_t new_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(errno, "create %s", path);
	close(fd);
	return OK;
}

static err_t copy_to(struct store *s, char *part, const char *path, const struct progress *p)
{
	struct store place = { .path = part };
	struct conn to = { .store = &place }, *from;
	TRY(new_file(part));
	TRY(store_reader(s, &from));
	err_t e = copy_into(s, from, &to, p);
	store_done(s, from);
	if (sqlite3_close(to.db) != SQLITE_OK && !e)
		e = err_new(ERR_SYSTEM, "backup: %s did not close", part);
	if (!e && rename(part, path) != 0)
		e = err_errno(errno, "rename %s to %s", part, path);
	if (e)
		unlink(part);
	return e;
}

err_t store_backup(struct store *s, const char *path,
		   void (*progress)(void *ctx, int64_t done, int64_t all), void *ctx)
{
	struct progress p = { progress, ctx };
	char *part;
	if (asprintf(&part, "%s.part", path) < 0)
		return err_new(ERR_MEMORY, "out of memory while copying");
	err_t e = copy_to(s, part, path, &p);
	free(part);
	return e;
}

static const struct sql integrity = { "SELECT integrity_check FROM pragma_integrity_check" };
static const struct sql references = {
	"SELECT \"table\", rowid, parent FROM pragma_foreign_key_check"
};

static err_t check_pages(struct conn *c, arena_t *a, struct strs *report)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &integrity, NO_ARGS, &r));
	while (rows_next(&r, &e)) {
		str_t said = row_str(&r, a, 0);
		if (!str_eq(said, S("ok")) && report->n < FINDINGS_MOST)
			strs_add(a, report, said);
	}
	return e;
}

static err_t check_references(struct conn *c, arena_t *a, struct strs *report)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &references, NO_ARGS, &r));
	while (rows_next(&r, &e)) {
		str_t table = row_str(&r, a, 0), parent = row_str(&r, a, 2);
		if (report->n < FINDINGS_MOST)
			strs_add(a, report,
				 str_format(a, "%.*s: row %lld refers to a %.*s that is not there",
					    STR(table), (long long)row_int(&r, 1), STR(parent)));
	}
	return e;
}

static err_t check(struct conn *c, arena_t *a, void *report)
{
	TRY(check_pages(c, a, report));
	return check_references(c, a, report);
}

err_t store_check(struct store *s, arena_t *a, struct strs *report)
{
	err_t e = store_read(s, a, check, report);
	if (!e || (e->code != ERR_CORRUPT && e->code != ERR_SYSTEM))
		return e;
	/* damage so deep that the check itself stumbles is a finding too; in the schema's own text
	 * it looks like a statement that is wrong */
	strs_add(a, report, str_copy(a, str_of(err_text(e))));
	err_free(e);
	return OK;
}
