/* infile.h: a file from elsewhere, read in pieces, however large it is.
 *
 * What comes out is UTF-8 without a byte order mark and without control characters, whatever the file has in it: one
 * broken byte must not keep a million comments out. Bytes that are none become U+FFFD and are counted. Files packed by
 * gzip are unpacked on the way. */
#pragma once

#include "base/base.h"

struct infile;

err_t infile_open(const char *path, struct infile **out) CHECKED;
/* The same of memory that outlives it; `name` is used in messages. */
err_t infile_of(str_t name, str_t text, struct infile **out) CHECKED;
/* NULL is fine. */
void infile_close(struct infile *f);

/* Begins again at the start. */
err_t infile_rewind(struct infile *f) CHECKED;
/* The first bytes, without moving on. */
err_t infile_head(struct infile *f, str_t *out) CHECKED;
/* The next bytes, until the call after this; empty at the end. A packed file that is cut short is an error. */
err_t infile_next(struct infile *f, str_t *out) CHECKED;

enum { INFILE_LINE_MOST = 4 << 20 };
/* The next line without its end, until the call after this; `*there` is false at the end of the file. */
err_t infile_line(struct infile *f, str_t *out, bool *there) CHECKED;
/* Passes over the rest of a line that may be longer than any that is read. */
err_t infile_skip_line(struct infile *f) CHECKED;

str_t   infile_name(const struct infile *f); /* without its folder */
int64_t infile_line_number(const struct infile *f); /* of the last that was read */
int64_t infile_mended(const struct infile *f);
/* Bytes of the file that were read so far, and all there are. */
void    infile_progress(const struct infile *f, int64_t *done, int64_t *all);
