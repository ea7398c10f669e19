/* corrections.h: what was wrong, and what was taken down: how it is told. */
#pragma once

#include "page/site.h"
#include "press/press.h"

/* The withdrawal that `st` is under: its moment into st->withdrawn. */
err_t withdrawal_load(struct conn *c, struct story *st) CHECKED;
/* Books what this save does to a story that was public or withdrawn before. */
err_t withdrawal_note(struct stet *s, struct conn *c, const struct story *before,
		      struct story *st) CHECKED;

/* /corrections and its feeds. */
extern const struct route corrections_routes[];
