/* series.h: stories that belong together, read from the first to the last. */
#pragma once

#include "page/site.h"
#include "press/press.h"

struct series_line {
	struct series series;
	int64_t       stories; /* that are public */
};
err_t series_list(struct conn *c, arena_t *a, struct series_line **out, size_t *n) CHECKED;

/* Public stories of a series from the one behind `after` on, in reading order. */
err_t series_parts(struct conn *c, arena_t *a, id64 series, struct list_key after, size_t limit,
		   struct list *out) CHECKED;

extern const struct route series_routes[];
