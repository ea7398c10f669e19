/* bus.h: who hears when something changed.
 *
 * Listeners are called after a commit with the topics it touched: the page cache, event streams.
 * A commit of another process (the command line beside a running server) is heard too: the bus
 * reads the record from the last entry it has seen, when told to (bus_catch_up) and at least once
 * a second, so a page is never wrong for longer. */
#pragma once

#include "record/stet.h"

typedef void (*bus_fn)(void *ctx, const str_t *topics, size_t n, int64_t entry);

err_t bus_new(struct stet *s, struct bus **out) CHECKED;
void  bus_free(struct bus *b);

/* Before threads start. Listeners must not block. */
void bus_listen(struct bus *b, bus_fn fn, void *ctx);

/* Announces what this process committed; called by act_commit. Each entry is announced once. */
void bus_announce(struct bus *b, const str_t *topics, size_t n, int64_t entry);

/* Announces what others committed since. */
err_t bus_catch_up(struct bus *b) CHECKED;
