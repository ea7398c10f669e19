/* archive.h: stories by the day they were published, in the publication's zone. */
#pragma once

#include "page/site.h"
#include "press/press.h"
#include "record/act.h"

/* The topics of the archive's pages that show what was published then. */
void archive_touch(struct act *act, arena_t *a, usec_t published);

/* /date, /date/2026, /date/2026/11, /date/2026/11/25 */
extern const struct route archive_routes[];
