/* shim.h: a disk that counts and breaks: an SQLite VFS before the system's.
 *
 * Every write, flush and change of length of the database and its log counts as a step. From step
 * `fail_at` on the disk fails, as `how` says; a write that fails leaves half of its bytes. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

enum shim_how {
	SHIM_FULL_ONCE,   /* one write finds no room */
	SHIM_FULL,        /* no write finds room until shim_mend */
	SHIM_BROKEN_ONCE, /* one write is an input/output error */
	SHIM_BROKEN,      /* everything that changes the disk is */
	SHIM_FLUSH_ONCE,  /* one flush fails; writes go well */
	SHIM_WAYS,
};

struct shim;

/* Registers it under `name`; one at a time of each name. */
struct shim *shim_new(const char *name);
void shim_free(struct shim *s);

/* Flushes count and fail, but do not reach the real disk: for tests that cut no power. */
void shim_hurry(struct shim *s);

/* Fails the step that comes `after` steps from now, and later ones as `how` says. */
void shim_break(struct shim *s, enum shim_how how, int after);
void shim_mend(struct shim *s);

int shim_flushes(const struct shim *s); /* of anything */
bool shim_failed(const struct shim *s); /* since shim_break */
