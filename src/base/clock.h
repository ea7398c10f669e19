/* clock.h: time, and time as people read it.
 *
 * A moment is a usec_t: microseconds since 1970-01-01 UTC. What people read is in the
 * publication's zone, which the program sets once at start (zone_set); the C library's rules do
 * the rest, so daylight-saving changes are the zone database's, not ours. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

typedef int64_t usec_t;

#define SECOND ((usec_t)1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Where "now" comes from: the machine, or a fixed moment in tests. */
struct clock {
	usec_t fixed; /* 0: the machine's clock */
};

usec_t clock_now(const struct clock *c);

/* For measuring: never goes back, has no date. */
usec_t clock_steady(void);

/* Makes `name` (as "America/Toronto") the zone of every local time in this process. An unknown
 * name is an error. Call before threads start. */
err_t zone_set(str_t name) CHECKED;

/* A moment in the publication's zone, taken apart. */
struct time_parts {
	int         year, month, day; /* month from 1 */
	int         weekday;          /* 0: Sunday */
	int         hour, minute, second;
	const char *zone;             /* "EST"; lives as long as the program */
};
struct time_parts time_parts(usec_t t);

/* "Thursday 10 February 2022 13:37 EST" */
str_t time_long(arena_t *a, usec_t t);
/* "10 February 2022" */
str_t time_day(arena_t *a, usec_t t);
/* "10 Feb" */
str_t time_short_day(arena_t *a, usec_t t);
/* "Thursday 10 February 2022" */
str_t time_weekday(arena_t *a, usec_t t);
/* "13:37" */
str_t time_minute(arena_t *a, usec_t t);
/* "2022-02-10T13:37:00-05:00" (RFC 3339, seconds) */
str_t time_iso(arena_t *a, usec_t t);
/* "2022-02-10T18:37:00.000000Z" (RFC 3339, UTC, all the precision there is) */
str_t time_iso_utc(arena_t *a, usec_t t);
/* "Thu, 10 Feb 2022 18:37:00 GMT" (RFC 9110 section 5.6.7) */
str_t time_http(arena_t *a, usec_t t);
/* "Thu, 10 Feb 2022 13:37:00 -0500" (RFC 822 as RSS uses it) */
str_t time_rfc822(arena_t *a, usec_t t);
/* The local year. */
int time_year(usec_t t);
/* The first moment of a local day, midnight where the clocks show one; false if there is no such day
 * in the calendar. */
bool time_day_start(int year, int month, int day, usec_t *out) CHECKED;

/* Reads "2022-02-10", "2022-02-10 13:37", "2022-02-10 13:37:05.5" with T or a space, and "Z",
 * "+02:00" or "+0200" behind; without an offset the time is local. A local time that a
 * daylight-saving change skips is an error, which names the next one; of one that it repeats, the
 * first is meant. */
err_t time_parse(str_t s, usec_t *out) CHECKED;
/* The same, but without an offset the time is UTC. */
err_t time_parse_utc(str_t s, usec_t *out) CHECKED;
/* An HTTP date in any of the three forms of RFC 9110; false if it is none. */
bool time_parse_http(str_t s, usec_t *out);
