/* portrait.h: a reader's picture. */
#pragma once

#include "readers/room.h"

/* Initials on a colour. */
str_t portrait_svg(arena_t *a, const struct reader *r);
/* Where it is: the uploaded one, or the drawn. */
str_t portrait_path(arena_t *a, const struct reader *r);
/* The one file of the form, made anew. */
err_t portrait_upload(struct stet *s, struct request *q, id64 reader) CHECKED;
/* `bytes` empty: the drawn one again. */
err_t portrait_put(struct stet *s, arena_t *a, id64 reader, str_t bytes) CHECKED;
