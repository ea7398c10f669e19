/* worker.h: the threads that run handlers, and their one bounded queue. */
#pragma once

#include "base/base.h"

struct exchange;
struct server;
struct workers;

/* Starts `count` threads. */
err_t workers_start(struct server *v, size_t count, size_t most, struct workers **out) CHECKED;

/* False if the queue is full. The exchange comes back by loop_done. */
bool workers_give(struct workers *w, struct exchange *x);

/* Waits for what is queued, then ends the threads. NULL is fine. */
void workers_stop(struct workers *w);
