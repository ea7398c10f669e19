/* leaving.h: the end of an account. */
#pragma once

#include "readers/room.h"
#include "record/jobs.h"

#define READER_GO "reader.go"

/* In LEAVING_GRACE the account goes; every session but `keep` ends now. */
err_t reader_leave(struct stet *s, arena_t *a, const struct reader *r, bool keep_words, id64 keep) CHECKED;
err_t reader_stay(struct stet *s, arena_t *a, const struct reader *r) CHECKED;
/* Empties it, if it is time; otherwise nothing. */
err_t reader_go(struct stet *s, arena_t *a, id64 id) CHECKED;
err_t reader_go_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
