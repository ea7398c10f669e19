/* bus.h: who hears when something changed.
 *
 * Listeners are called after a commit with the topics it touched: the page cache, event streams.
 * Each entry is announced exactly once in this process, in the record's order.
 * A commit of another process (the command line beside a running server) is heard too: the bus
 * reads the record from the last entry it has seen, when told to (bus_catch_up) and at least once
 * a second, so a page is never wrong for longer. */
#pragma once

#include "record/stet.h"

typedef void (*bus_fn)(void *ctx, const str_t *topics, size_t n, int64_t entry);

err_t bus_new(struct stet *s, struct bus **out) CHECKED;
void bus_free(struct bus *b);

/* Before threads start. Listeners must not block, nor act: they are called under the bus's lock. */
void bus_listen(struct bus *b, bus_fn fn, void *ctx);

/* Announces what this process committed; called by act_commit. It is announced when this returns,
 * whoever did it. Entry 0: a quiet act's topics, which no entry tells of. */
void bus_announce(struct bus *b, const str_t *topics, size_t n, int64_t entry);

/* Announces what others committed since. */
err_t bus_catch_up(struct bus *b) CHECKED;

/* A thread that catches up once a second; for a server, after the last bus_listen. */
err_t bus_start(struct bus *b) CHECKED;
void bus_stop(struct bus *b);
