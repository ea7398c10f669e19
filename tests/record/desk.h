/* desk.h: a publication with a record, for the tests of this room. */
#pragma once

#include "../store/world.h"
#include "record/act.h"
#include "record/bus.h"
#include "record/jobs.h"
#include "record/record.h"

/* What a listener heard, in order. */
struct heard {
	int64_t entries[4096];
	size_t  n;
	char    topics[256]; /* of the last one, with spaces between */
};

struct desk {
	struct world world; /* first, so that a desk is a world too */
	struct stet  stet;
	struct heard heard;
};

extern const struct act_kind PAIR_MAKE;

int desk_setup(void **state);
int desk_teardown(void **state);

/* A second process on the same folder. */
void desk_beside(struct desk *first, struct desk *second);
void desk_leave(struct desk *second);

/* An act that writes a row of `pair` and one job "pair.copy", and touches "front" and "pair:ID". */
err_t make_pair(struct desk *d, arena_t *a, int64_t id, int64_t twin, int64_t *entry);
/* The same, for a struct act that the test has prepared. */
err_t commit_pair(struct act *act, int64_t id, int64_t twin);

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
