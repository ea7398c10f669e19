/* fault.c: what SQLite's result codes mean: which of our errors, in a sentence for a person. */
#include "store/sqlite/engine.h"

#include <errno.h>

/* "UNIQUE constraint failed: story.kind, story.slug" as a sentence that names table and columns. */
static err_t conflict(const char *said)
{
	str_t rest = str_of(said), prefix = S("UNIQUE constraint failed: ");
	if (!str_starts(rest, prefix))
		return err_new(ERR_CONFLICT, "the database refused it: %s", said);
	rest = str_slice(rest, prefix.n, rest.n);
	str_t table = str_slice(rest, 0, str_find_char(rest, '.', 0));
	char columns[256];
	size_t n = 0;
	while (rest.p) {
		str_t one = str_trim(str_cut(&rest, ','));
		size_t dot = str_find_char(one, '.', 0);
		if (dot != STR_NONE)
			one = str_slice(one, dot + 1, one.n);
		str_t glue = n == 0 ? S("") : rest.p ? S(", ") : S(" and ");
		if (n + glue.n + one.n >= sizeof columns)
			break;
		memcpy(columns + n, glue.p, glue.n);
		memcpy(columns + n + glue.n, one.p, one.n);
		n += glue.n + one.n;
	}
	return err_new(ERR_CONFLICT, "there is already a %.*s with this %.*s", STR(table), (int)n,
		       columns);
}

static err_t constraint(int rc, const char *said)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return err_new(ERR_CONFLICT,
			       "what it refers to is not there, or it is still referred to");
	case SQLITE_CONSTRAINT_TRIGGER: return err_new(ERR_REFUSED, "%s", said);
	default: return conflict(said);
	}
}

static err_t damaged(const struct conn *c, const char *said)
{
	return err_new(ERR_CORRUPT,
		       "%s is damaged (%s): stop Stet and bring back the newest backup with "
		       "`stet restore`; `stet doctor` tells what is wrong",
		       c->store->path, said);
}

static err_t full(const struct conn *c)
{
	return err_new(ERR_FULL,
		       "the disk that holds %s is full: nothing was saved; make room and try again",
		       c->store->path);
}

/* The number of the system's last error may be an old one, so it only tells a full disk from the
 * rest; SQLite's code says which operation it was. */
static err_t input_output(const struct conn *c, int rc, int number, const char *doing,
			  const char *said)
{
	if (rc == SQLITE_IOERR_NOMEM)
		return err_new(ERR_MEMORY, "out of memory while %s", doing);
	if (rc == SQLITE_IOERR_CORRUPTFS)
		return damaged(c, said);
	if (number == ENOSPC || number == EDQUOT)
		return full(c);
	return err_new(ERR_SYSTEM, "%s: %s: %s (code %d); is the disk failing?", c->store->path,
		       doing, said, rc);
}

err_t fault(struct conn *c, int rc, const char *doing)
{
	const char *said = c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc);
	int number = c->db ? sqlite3_system_errno(c->db) : 0;
	switch (rc & 0xff) {
	case SQLITE_CONSTRAINT: return constraint(rc, said);
	case SQLITE_FULL: return full(c);
	case SQLITE_IOERR: return input_output(c, rc, number, doing, said);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return damaged(c, said);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_new(ERR_BUSY,
			       "%s: another program has been writing for too long; try again",
			       c->store->path);
	case SQLITE_NOMEM: return err_new(ERR_MEMORY, "out of memory while %s", doing);
	case SQLITE_TOOBIG:
		return err_new(ERR_TOO_LARGE, "more than %d MB of text in one place",
			       VALUE_MOST / 1024 / 1024);
	case SQLITE_CANTOPEN:
		return number ? err_errno(number, "open %s", c->store->path)
			      : err_new(ERR_SYSTEM, "open %s: %s", c->store->path, said);
	default: return err_new(ERR_SYSTEM, "%s: %s: %s", c->store->path, doing, said);
	}
}
