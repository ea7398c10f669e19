/* moderation_log.h: the public log of moderation, and the yearly report. */
#pragma once

#include "forum/forum.h"

extern const struct route moderation_log_routes[];
/* {year, comments: {shown: n …}, decisions, automated, reasons, taken_back, held_by_rules, reports, appeals, notices,
 * median_seconds: {held, report, appeal, notice}}; the caller's reference. The year is the publication's zone's. */
err_t moderation_year(struct stet *s, arena_t *a, int year, json_t **out) CHECKED;
