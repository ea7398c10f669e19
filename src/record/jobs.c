/* jobs.c: the job table: taking, running, retrying, giving up.
 *
 * A job is taken by moving its `due` to the end of the lease and counting the attempt, in one
 * transaction. The attempt's number is the holder's ticket: what a runner writes about a job holds
 * only while the number is still its own, so one that overran its lease changes nothing. */
#include "record/limits.h"
#include "record/runner.h"

#include "base/random.h"

static const struct sql select_first = {
	"SELECT id, due FROM job WHERE kind = $1 ORDER BY due, id LIMIT 1"
};
static const struct sql select_due = {
	"SELECT id, payload, attempt, due, error FROM job WHERE kind = $1 AND due <= $2 "
	"ORDER BY due, id LIMIT 1"
};
static const struct sql take_job = {
	"UPDATE job SET attempt = attempt + 1, due = $2 WHERE id = $1"
};
static const struct sql retry_job = {
	"UPDATE job SET due = $3, error = $4 WHERE id = $1 AND attempt = $2"
};
static const struct sql delete_job = { "DELETE FROM job WHERE id = $1 AND attempt = $2" };
static const struct sql insert_failed = {
	"INSERT INTO failed_job (id, entry, kind, payload, attempts, error, failed) "
	"SELECT id, entry, kind, payload, attempt, $3, $4 FROM job WHERE id = $1 AND attempt = $2"
};
static const struct sql count_waiting = { "SELECT count(*) FROM job" };
static const struct sql count_failed = { "SELECT count(*) FROM failed_job" };
static const struct sql select_failed = {
	"SELECT kind, entry, error FROM failed_job ORDER BY failed DESC, id DESC LIMIT 10"
};

err_t job_kinds_check(const struct job_kind *kinds)
{
	for (; kinds->name; kinds++) {
		if (!kinds->run || kinds->attempts < 1 || kinds->lease <= 0)
			return err_new(ERR_SYSTEM, "job %s needs a handler, an attempt and a lease",
				       kinds->name);
	}
	return OK;
}

struct taking {
	struct stet           *s;
	const struct job_kind *kinds;
	const struct job_kind *kind; /* of the job that is due first */
	usec_t                 next; /* when it is due */
	bool                   found;
	struct job             job;
};

/* Which kind is due first, and when: a read, so that looking costs no write. */
static err_t look(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	struct taking *t = ctx;
	for (const struct job_kind *k = t->kinds; k->name; k++) {
		AUTO_ROWS r = { 0 };
		err_t e;
		TRY(db_query(c, &select_first, ARGS(v_str(str_of(k->name))), &r));
		if (rows_next(&r, &e) && row_int(&r, 1) < t->next) {
			t->next = row_int(&r, 1);
			t->kind = k;
		}
		TRY(e);
	}
	return OK;
}

static err_t give_up(struct conn *c, const struct job *job, str_t error, usec_t now)
{
	struct value id = v_int(job->id), attempt = v_int(job->attempt);
	TRY(db_run(c, &insert_failed, ARGS(id, attempt, v_str(error), v_int(now)), NULL));
	return db_run(c, &delete_job, ARGS(id, attempt), NULL);
}

static err_t first_due(struct conn *c, arena_t *a, struct taking *t, usec_t now, str_t *error)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &select_due, ARGS(v_str(str_of(t->kind->name)), v_int(now)), &r));
	t->found = rows_next(&r, &e);
	if (!t->found)
		return e;
	t->job = (struct job){ .id = row_int(&r, 0),
			       .kind = str_of(t->kind->name),
			       .payload = row_str(&r, a, 1),
			       .attempt = (int)row_int(&r, 2),
			       .due = row_int(&r, 3) };
	*error = row_str(&r, a, 4);
	return OK;
}

static err_t take(struct conn *c, arena_t *a, void *ctx)
{
	struct taking *t = ctx;
	usec_t now = clock_now(&t->s->clock);
	str_t error;
	TRY(first_due(c, a, t, now, &error));
	if (!t->found)
		return OK;
	/* Every attempt was begun and none came to an end: it takes its runners down with it. */
	if (t->job.attempt >= t->kind->attempts) {
		t->found = false;
		return give_up(c, &t->job, error.n ? error : S("ended with the program each time"),
			       now);
	}
	t->job.attempt++;
	return db_run(c, &take_job, ARGS(v_int(t->job.id), v_int(now + t->kind->lease)), NULL);
}

/* Twice as long each time, with up to half taken off at random, so that jobs which failed together
 * do not come back together. */
static usec_t backoff(int attempt)
{
	usec_t wait = RETRY_FIRST;
	for (int i = 1; i < attempt && wait < RETRY_LAST; i++)
		wait *= 2;
	if (wait > RETRY_LAST)
		wait = RETRY_LAST;
	uint32_t chance;
	random_bytes(&chance, sizeof chance);
	return wait - (usec_t)(chance % (uint64_t)(wait / 2 + 1));
}

struct ending {
	struct stet           *s;
	const struct job_kind *kind;
	const struct job      *job;
	str_t                  error;
	bool                   failed;
};

static err_t note_end(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	const struct ending *end = ctx;
	const struct job *job = end->job;
	usec_t now = clock_now(&end->s->clock);
	if (!end->failed)
		return db_run(c, &delete_job, ARGS(v_int(job->id), v_int(job->attempt)), NULL);
	if (job->attempt >= end->kind->attempts)
		return give_up(c, job, end->error, now);
	return db_run(c, &retry_job,
		      ARGS(v_int(job->id), v_int(job->attempt), v_int(now + backoff(job->attempt)),
			   v_str(end->error)),
		      NULL);
}

static err_t run_guarded(struct stet *s, arena_t *a, const struct job_kind *kind,
			 const struct job *job)
{
	struct oom_guard guard;
	if (arena_guard(a, &guard))
		return err_new(ERR_MEMORY, "out of memory");
	err_t e = kind->run(s, a, job);
	arena_unguard(a, &guard);
	return e;
}

static err_t run(struct stet *s, arena_t *a, const struct job_kind *kind, const struct job *job)
{
	err_t failure = run_guarded(s, a, kind, job);
	struct ending end = { .s = s, .kind = kind, .job = job, .failed = failure != OK };
	if (failure) {
		log_line(&s->log, LOG_WARN, "jobs", "%s, attempt %d of %d: %s", kind->name,
			 job->attempt, kind->attempts, err_text(failure));
		end.error = str_clip(str_of(err_text(failure)), JOB_ERROR_MOST);
	}
	err_t e = store_write(s->store, a, note_end, &end);
	err_free(failure);
	return e;
}

static err_t run_next(struct stet *s, arena_t *a, const struct job_kind *kinds,
		      void (*taken)(void *ctx), void *ctx, bool *ran, usec_t *next)
{
	struct taking t = { .s = s, .kinds = kinds, .next = INT64_MAX };
	TRY(store_read(s->store, a, look, &t));
	*next = t.next;
	if (!t.kind || t.next > clock_now(&s->clock))
		return OK;
	TRY(store_write(s->store, a, take, &t));
	if (!t.found) /* given up, or another runner was first: look again */
		return OK;
	if (taken)
		taken(ctx);
	*ran = true;
	return run(s, a, t.kind, &t.job);
}

err_t job_run_next(struct stet *s, const struct job_kind *kinds, void (*taken)(void *ctx),
		   void *ctx, bool *ran, usec_t *next)
{
	*ran = false;
	*next = INT64_MAX;
	arena_t *a = arena_create(JOB_MEMORY);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory");
	err_t e;
	struct oom_guard guard;
	if (arena_guard(a, &guard)) {
		e = err_new(ERR_MEMORY, "out of memory");
	} else {
		e = run_next(s, a, kinds, taken, ctx, ran, next);
		arena_unguard(a, &guard);
	}
	arena_free(a);
	return e;
}

err_t jobs_run_due(struct stet *s, const struct job_kind *kinds, int64_t *ran)
{
	*ran = 0;
	TRY(job_kinds_check(kinds));
	for (;;) {
		bool one;
		usec_t next;
		TRY(job_run_next(s, kinds, NULL, NULL, &one, &next));
		if (one)
			++*ran;
		else if (next > clock_now(&s->clock))
			return OK;
	}
}

static err_t count(struct conn *c, const struct sql *sql, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, sql, NO_ARGS, &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

err_t jobs_look(struct conn *c, arena_t *a, struct jobs_state *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*out = (struct jobs_state){ 0 };
	TRY(count(c, &count_waiting, &out->waiting));
	TRY(count(c, &count_failed, &out->failed));
	TRY(db_query(c, &select_failed, NO_ARGS, &r));
	while (rows_next(&r, &e)) {
		str_t kind = row_str(&r, a, 0), why = row_str(&r, a, 2);
		strs_add(a, &out->why,
			 row_is_null(&r, 1) ? str_format(a, "%.*s: %.*s", STR(kind), STR(why))
					    : str_format(a, "%.*s (entry %lld): %.*s", STR(kind),
							 (long long)row_int(&r, 1), STR(why)));
	}
	return e;
}
