/* accounts.h: a publication with its readers' room and a clock that the test moves. */
#pragma once

#include "../store/world.h"
#include "readers/challenge.h"
#include "readers/session.h"

struct room {
	struct world world; /* first, so that a room is a world too */
	struct stet  stet;
};

int room_setup(void **state);
int room_teardown(void **state);

/* A request from a browser; its cookies are those of `cookies` ("a=1; b=2"), or none. */
struct request *asked(struct room *r, enum method method, const char *path, const char *cookies);
/* The value of a cookie that the response sets; empty if it does not. */
str_t set_cookie(struct room *r, const struct response *resp, const char *name);

/* An account made by the command line. */
struct reader account(struct room *r, const char *address, const char *name, enum role role);
/* Signs it in; the Cookie header of its browser from then on. */
const char *signed_in(struct room *r, const struct reader *reader);

#define ROOM_TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)
