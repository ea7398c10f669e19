/* answer.h: a finished response that many connections write at the same time.
 *
 * Made once by a worker, immutable afterwards, counted: the page cache holds one reference, each
 * connection that is writing it another. It carries its body plain and compressed, its validators,
 * and for each coding the HTTP/1.1 head as bytes, so that a hit costs one look-up and one write. */
#pragma once

#include "base/base.h"

enum coding { CODING_PLAIN, CODING_GZIP, CODING_BR, CODINGS };

struct header;

struct answer {
	_Atomic int refs;
	int         status;
	str_t       type;           /* content-type */
	str_t       etag;           /* quoted, of the plain body; codings have it with a suffix */
	usec_t      modified;       /* for Last-Modified; 0: none */
	str_t       cache_control;
	struct header *headers;     /* any others */
	size_t      nheaders;
	str_t       body[CODINGS];  /* .p NULL: not there (too small, or not worth it) */
	str_t       head[CODINGS];  /* HTTP/1.1 status line and headers; Date, Connection and the
	                               empty line are left to the writer */
	str_t       head304[CODINGS];
	size_t      size;           /* bytes of memory, all counted */
};

/* Takes copies of everything; makes the ETag (of a hash of the body) and the heads. Compresses text
 * of more than a few hundred bytes: brotli and gzip, kept only where smaller. */
struct answer_draft {
	int            status;
	str_t          type;
	str_t          cache_control;
	usec_t         modified;
	struct header *headers;
	size_t         nheaders;
	str_t          body;
	int            effort;      /* 1 quick (pages) to 9 (assets, once at start) */
};
err_t answer_new(const struct answer_draft *draft, struct answer **out) CHECKED;

struct answer *answer_keep(struct answer *a);
void           answer_drop(struct answer *a); /* frees with the last reference; NULL is fine */
