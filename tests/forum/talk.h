/* talk.h: a publication with a story, readers and a clock that the test moves, for the tests of conversations. */
#pragma once

#include "../press/room.h"
#include "forum/forum.h"

struct talkers {
	struct room  *room;
	struct story  story;
	struct reader ann, bo, cy; /* cy is a moderator */
};

int talk_setup(void **state);
int talk_teardown(void **state);

/* A comment that must be taken. */
struct comment said(struct talkers *t, const struct reader *who, const struct comment *answers, const char *text);
/* The same, or why it is refused: the key of the message. */
const char *said_or(struct talkers *t, const struct reader *who, id64 answers, const char *text);
/* A comment as it is now. */
struct comment now_of(struct talkers *t, id64 id);
void passes(struct talkers *t, usec_t time);
/* What the doctor finds, one a line. */
str_t findings(struct talkers *t);
/* The key of what an error says; lets go of it. */
const char *key_of(struct talkers *t, err_t e);

#define TALK_TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)
