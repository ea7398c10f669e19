/* jobs.h: work that follows from an act: rows, leased to a thread, retried with backoff.
 *
 * A job is written in its act's transaction, so it exists exactly if the act happened. A worker
 * leases it, runs it, and deletes it; if the process dies the lease runs out and the job is run
 * again: handlers must bear being run twice. After its kind's last attempt it is kept as failed,
 * with the error, for `stet doctor` and a person. */
#pragma once

#include "record/stet.h"

struct job {
	id64   id;
	str_t  kind;
	str_t  payload; /* JSON */
	int    attempt; /* from 1 */
	usec_t due;
};

struct job_kind {
	const char *name; /* "media.render" */
	err_t (*run)(struct stet *s, arena_t *a, const struct job *job);
	int    attempts; /* at most, 1 or more */
	usec_t lease;    /* longest honest run */
};

struct jobs; /* the runner */

/* Starts `threads` runners for the kinds in the table (ended by a NULL name). `*out` is set before
 * the first one starts, so it may be &s->jobs. Jobs of other processes are seen within a second;
 * kinds that are not in the table are left alone. */
err_t jobs_start(struct stet *s, const struct job_kind *kinds, int threads,
		 struct jobs **out) CHECKED;
void jobs_wake(struct jobs *j); /* something new may be due */
void jobs_wake_all(const struct stet *s);
/* Finishes what is running; the runner can still be woken, which does nothing. NULL is fine. */
void jobs_end(struct jobs *j);
void jobs_stop(struct jobs *j); /* the same, and frees it */

/* Runs what is due now on this thread until nothing is; for the command line and tests. */
err_t jobs_run_due(struct stet *s, const struct job_kind *kinds, int64_t *ran) CHECKED;

/* What a person should know of. */
struct jobs_state {
	int64_t     waiting; /* to run, or running */
	int64_t     failed;  /* given up */
	struct strs why;     /* the last ten given up: "media.render (entry 12): message" */
};
err_t jobs_look(struct conn *c, arena_t *a, struct jobs_state *out) CHECKED;
