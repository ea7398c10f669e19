/* media_refs.h: which media something refers to. */
#pragma once

#include "press/media.h"

/* Marks in `used` the media of `v` (newest first) that any row refers to: by a column that references media,
 * or by the hash within any text, revisions included. A table nobody here has heard of counts too, so
 * that what another room keeps is never taken for unused. `a` outlives the publication's store. */
err_t media_refs(struct conn *c, arena_t *a, const struct media *v, size_t n, bool *used) CHECKED;
