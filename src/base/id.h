/* id.h: identifiers that the program makes.
 *
 * 63 bits: 42 of milliseconds since 1970 (good until the year 2109), then 21 that start at random
 * in each millisecond and count up. So ids sort by time, two machines hardly ever make the same
 * (a primary key refuses it if they do), and nobody can count stories from them. In URLs an id is
 * 13 characters of lower-case base32 without i, l, o, u (Crockford's alphabet). */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef int64_t id64;

/* The last id made; shared by all threads, changed atomically. */
struct ids {
	_Atomic int64_t last;
};

/* A new id, larger than every one this `ids` gave before. */
id64 id_new(struct ids *ids, usec_t now);

#define ID_TEXT 13
str_t id_text(arena_t *a, id64 id);
bool  id_parse(str_t s, id64 *out); /* either case; o as 0, i and l as 1; at most 63 bits */
