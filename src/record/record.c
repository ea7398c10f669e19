/* record.c: see record.h. One function turns a row into an entry. */
#include "record/record.h"

#define ENTRY_COLUMNS "number, time, kind, subject, actor, detail, topics"

static const struct sql select_last = { "SELECT coalesce(max(number), 0) FROM entry" };
static const struct sql select_after = { "SELECT " ENTRY_COLUMNS
					 " FROM entry WHERE number > $1 ORDER BY number LIMIT $2" };
static const struct sql select_of = { "SELECT " ENTRY_COLUMNS
				      " FROM entry WHERE subject = $1 AND number < $2 "
				      "ORDER BY number DESC LIMIT $3" };
static const struct sql select_gaps = {
	"SELECT number, before FROM (SELECT number, lag(number, 1, 0) OVER (ORDER BY number) "
	"AS before FROM entry) AS pair WHERE number <> before + 1 LIMIT 10"
};
static const struct sql select_backwards = {
	"SELECT number FROM (SELECT number, time, lag(time, 1, time) OVER (ORDER BY number) "
	"AS before FROM entry) AS pair WHERE time < before LIMIT 10"
};

static void entry_read(const struct rows *r, arena_t *a, struct entry *out)
{
	*out = (struct entry){
		.number = row_int(r, 0),
		.time = row_int(r, 1),
		.kind = row_str(r, a, 2),
		.subject = row_int(r, 3),
		.actor = row_str(r, a, 4),
		.detail = row_str(r, a, 5),
	};
	str_t rest = row_str(r, a, 6);
	while (rest.n > 0)
		strs_add(a, &out->topics, str_cut(&rest, '\n'));
}

static err_t list(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		  struct entries *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*out = (struct entries){ 0 };
	TRY(db_query(c, sql, args, &r));
	while (rows_next(&r, &e)) {
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		entry_read(&r, a, &out->v[out->n++]);
	}
	return e;
}

err_t record_last(struct conn *c, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &select_last, NO_ARGS, &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

err_t record_after(struct conn *c, arena_t *a, int64_t after, size_t most, struct entries *out)
{
	return list(c, a, &select_after, ARGS(v_int(after), v_int((int64_t)most)), out);
}

err_t record_of(struct conn *c, arena_t *a, id64 subject, int64_t before, size_t most,
		struct entries *out)
{
	return list(c, a, &select_of,
		    ARGS(v_int(subject), v_int(before ? before : INT64_MAX), v_int((int64_t)most)),
		    out);
}

err_t record_check(struct conn *c, arena_t *a, struct strs *report)
{
	AUTO_ROWS gaps = { 0 };
	AUTO_ROWS backwards = { 0 };
	err_t e;
	TRY(db_query(c, &select_gaps, NO_ARGS, &gaps));
	while (rows_next(&gaps, &e))
		strs_add(a, report,
			 str_format(a, "the record has a gap between entries %lld and %lld",
				    (long long)row_int(&gaps, 1), (long long)row_int(&gaps, 0)));
	TRY(e);
	TRY(db_query(c, &select_backwards, NO_ARGS, &backwards));
	while (rows_next(&backwards, &e))
		strs_add(a, report,
			 str_format(a, "entry %lld of the record is older than the one before it",
				    (long long)row_int(&backwards, 0)));
	return e;
}
