/* tidy.c: once a day: what was kept for a time is let go of.
 *
 * The job puts the next one into the table in the same act, and `stet serve` puts in the first, so that
 * there is always one and never two. */
#include "readers/tidy.h"
#include "readers/copy.h"
#include "readers/leaving.h"

#include "record/act.h"

#include <errno.h>
#include <unistd.h>

static const struct act_kind ACT_TIDY = { "readers.tidy" };

static const struct sql delete_challenges = { "DELETE FROM challenge WHERE ends <= $1" };
static const struct sql delete_sessions = { "DELETE FROM session WHERE ends <= $1" };
static const struct sql forget_addresses = {
	"UPDATE session SET address_hash = '' WHERE address_hash <> '' AND made <= $1"
};
/* Letters that were given up tell addresses, of people without an account, too. */
static const struct sql forget_letters = {
	"DELETE FROM failed_job WHERE kind = 'letter.send' AND failed <= $1"
};
static const struct sql select_copies = { "SELECT id FROM reader_copy WHERE ends <= $1" };
static const struct sql delete_copies = { "DELETE FROM reader_copy WHERE ends <= $1" };
static const struct sql select_leaving = {
	"SELECT id FROM reader WHERE leaving > 0 AND leaving <= $1 AND state <> 'gone' LIMIT 1000"
};
static const struct sql select_other = { "SELECT 1 FROM job WHERE kind = $1 AND id <> $2" };

struct tidying {
	struct stet *s;
	struct act  *act;
	id64         job; /* 0: `stet serve` begins */
	usec_t       now;
	id64        *gone;
	size_t       ngone;
};

static err_t arm(struct tidying *x, struct conn *c)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_other, ARGS(v_str(S(READERS_TIDY)), v_int(x->job)), &r));
	if (!rows_next(&r, &e) && !e)
		act_job(x->act, READERS_TIDY, S("{}"), x->job ? x->now + DAY : x->now + MINUTE);
	return e;
}

static err_t write_armed(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	return arm(ctx, c);
}

err_t readers_tidy_begin(struct stet *s, arena_t *a)
{
	struct act act = act_begin_quiet(s, a, &ACT_TIDY, 0, S("readers"));
	struct tidying x = { .s = s, .act = &act, .now = clock_now(&s->clock) };
	return act_commit(&act, write_armed, &x);
}

static err_t write_tidy(struct conn *c, arena_t *a, void *ctx)
{
	struct tidying *x = ctx;
	(void)a;
	TRY(db_run(c, &delete_challenges, ARGS(v_int(x->now)), NULL));
	TRY(db_run(c, &delete_sessions, ARGS(v_int(x->now)), NULL));
	TRY(db_run(c, &forget_addresses, ARGS(v_int(x->now - ADDRESS_LIFE)), NULL));
	TRY(db_run(c, &forget_letters, ARGS(v_int(x->now - ADDRESS_LIFE)), NULL));
	TRY(db_run(c, &delete_copies, ARGS(v_int(x->now)), NULL));
	if (x->s->readers && x->s->readers->given.tidy)
		TRY(x->s->readers->given.tidy(x->s, c));
	return arm(x, c);
}

/* Files go before their rows: a row without a file is nothing, a file without a row would stay. */
static err_t read_old(struct conn *c, arena_t *a, void *ctx)
{
	struct tidying *x = ctx;
	AUTO_ROWS copies = { 0 }, leaving = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_copies, ARGS(v_int(x->now)), &copies));
	while (rows_next(&copies, &e))
		if (unlink(copy_file(x->s, a, row_int(&copies, 0))) != 0 && errno != ENOENT)
			return err_errno(errno, "remove an old copy");
	TRY(e);
	TRY(db_query(c, &select_leaving, ARGS(v_int(x->now)), &leaving));
	while (rows_next(&leaving, &e)) {
		x->gone = arena_room(a, x->gone, x->ngone, sizeof *x->gone);
		x->gone[x->ngone++] = row_int(&leaving, 0);
	}
	return e;
}

/* One that cannot go today is tried again tomorrow; the others do not wait for it. */
static void log_and_go_on(struct stet *s, err_t e)
{
	if (e)
		log_line(&s->log, LOG_ERROR, "readers", "while tidying: %s", err_text(e));
	err_free(e);
}

err_t readers_tidy_job(struct stet *s, arena_t *a, const struct job *job)
{
	struct act act = act_begin_quiet(s, a, &ACT_TIDY, 0, S("readers"));
	struct tidying x = { .s = s, .act = &act, .job = job->id, .now = clock_now(&s->clock) };
	log_and_go_on(s, store_read(s->store, a, read_old, &x));
	for (size_t i = 0; i < x.ngone; i++)
		log_and_go_on(s, reader_go(s, a, x.gone[i]));
	return act_commit(&act, write_tidy, &x);
}
