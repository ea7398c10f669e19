/* bylines.c: the names of those who write here: no reader may go by one. */
#include "press/view.h"

static const struct sql select_bylines = { "SELECT name FROM author ORDER BY id" };

err_t press_bylines(struct conn *c, arena_t *a, struct strs *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_bylines, NO_ARGS, &r));
	while (rows_next(&r, &e))
		strs_add(a, out, row_str(&r, a, 0));
	return e;
}
