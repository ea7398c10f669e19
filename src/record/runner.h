/* runner.h: between the job table (jobs.c) and the threads that work on it (runner.c). */
#pragma once

#include "record/jobs.h"

/* Takes the job that has been due longest, runs it and notes how it went. `*ran` tells whether
 * there was one; if not, `*next` is when the next is due (INT64_MAX: none). `taken(ctx)`, if given,
 * is called before it runs. */
err_t job_run_next(struct stet *s, const struct job_kind *kinds, void (*taken)(void *ctx),
		   void *ctx, bool *ran, usec_t *next) CHECKED;

err_t job_kinds_check(const struct job_kind *kinds) CHECKED;
