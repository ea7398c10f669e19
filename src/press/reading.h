/* reading.h: what makes reading comfortable: how long it takes, what comes next, pages for what readers
 * keep in their browsers, and what lets the paper be installed and read without a connection.
 *
 * Nothing of it is known here: what a reader saves, how large they set the type and which stories they
 * keep stays in their browser. */
#pragma once

#include "press/pages.h"

/* A story_part: "minutes", "share", "next_story". */
err_t part_reading(struct stet *s, struct view *v, const struct story *st) CHECKED;

extern const struct route reading_routes[];
