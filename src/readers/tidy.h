/* tidy.h: what was kept for a time is let go of, once a day. */
#pragma once

#include "readers/room.h"
#include "record/jobs.h"

#define READERS_TIDY "readers.tidy"

/* When `stet serve` begins: a first job, if none waits. */
err_t readers_tidy_begin(struct stet *s, arena_t *a) CHECKED;
err_t readers_tidy_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
