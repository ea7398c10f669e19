/* limits.h: the record's numbers, each with its reason. */
#pragma once

#include "base/clock.h"

/* An entry's detail is read by people: more would be content, which is kept elsewhere. */
#define DETAIL_MOST (64 * 1024)
#define ACTOR_MOST  64
#define KIND_MOST   64
#define TOPIC_MOST  256

/* Who may listen; each is a part of the program, not a visitor. */
#define LISTENERS_MOST 16

/* Entries of other processes announced between two looks at the database. */
#define BUS_BATCH 256

/* How long what another process did may go unheard. */
#define BUS_PACE SECOND

/* Threads that run jobs. */
#define RUNNERS_MOST 64

/* Memory of one job's arena: what a handler must bear, not what a machine has. */
#define JOB_MEMORY ((size_t)256 * 1024 * 1024)

/* The first retry comes after about this long, each later one after twice the time before it, but
 * never later than RETRY_LAST: an outage of a night is over by morning. */
#define RETRY_FIRST (2 * SECOND)
#define RETRY_LAST  HOUR

/* Bytes of an error kept with a job. */
#define JOB_ERROR_MOST 1000
