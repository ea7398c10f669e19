/* world.h: a publication's database in a folder of its own, for one test. */
#pragma once

#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct world {
	char          folder[64];
	char          path[128];
	arena_t      *a;
	struct store *store; /* NULL while closed */
	const char   *vfs;
};

/* For cmocka_unit_test_setup_teardown: `*state` is a struct world with an open store. */
int world_setup(void **state);
int world_teardown(void **state);

void world_open(struct world *w);
void world_close(struct world *w);

/* The error must be there, have this code, and say this; it is let go. */
void assert_fails(err_t e, enum err_code code, const char *says);
/* There must be none. */
void assert_ok(err_t e);

/* A table to write to: "pair (id INTEGER PRIMARY KEY, twin INTEGER UNIQUE, text TEXT)". */
void world_pairs(struct world *w);
/* Through store_write: a row of `pair`. */
err_t put_pair(struct world *w, arena_t *a, int64_t id, int64_t twin);
/* The number that a query of one gives, through a reader. */
int64_t world_int(struct world *w, const struct sql *sql);
