/* room.h: a publication with two sections and a clock that the test moves, for the tests of this room. */
#pragma once

#include "../store/world.h"
#include "press/press.h"
#include "record/bus.h"

struct room {
	struct world world; /* first, so that a room is a world too */
	struct stet  stet;
};

int room_setup(void **state);
int room_teardown(void **state);

/* A draft in the section "city", not saved yet. */
struct story draft(const char *headline);
/* Saved and published, at the room's time. */
struct story public_story(struct room *r, const char *headline);

void assert_text(str_t s, const char *want);
/* Runs SQL beside the program, as a fault or another program might; refused if the text says why. */
void plant(struct room *r, const char *sql);
const char *plant_refused(struct room *r, const char *sql);
/* Where an old address leads; {NULL, 0} if nowhere. */
str_t leads_to(struct room *r, const char *path);
/* The headlines of a list, one a line. */
str_t listed(struct room *r, enum list_of of, id64 id);

#define ROOM_TEST(name) cmocka_unit_test_setup_teardown(name, room_setup, room_teardown)
