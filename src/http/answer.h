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
	str_t       etag;           /* quoted, of the plain body */
	str_t       etags[CODINGS]; /* of each coding: the same with a suffix */
	usec_t      modified;       /* for Last-Modified; 0: none */
	str_t       cache_control;
	struct header *headers;     /* any others */
	size_t      nheaders;
	str_t       body[CODINGS];  /* .p NULL: not there (too small, not worth it, not asked for) */
	str_t       head[CODINGS];  /* HTTP/1.1 status line and headers; Date, Connection and the
	                               empty line are left to the writer */
	str_t       head304[CODINGS]; /* as head; there only if status is 200 */

	/* The same heads as lists, names in lower case, ":status" first, for HTTP/2. */
	struct header *fields[CODINGS], *fields304[CODINGS];
	size_t         nfields[CODINGS], nfields304[CODINGS];

	bool        one;            /* its body is there in `coding` alone */
	enum coding coding;
	size_t      size;           /* bytes of memory, all counted */
	arena_t    *arena;          /* where all of this is */
};

/* Takes copies of everything; makes the ETag (of a hash of the body) and the heads. Compresses text
 * of more than a few hundred bytes: brotli and gzip, kept only where smaller. With `one` it is made for
 * clients that take `coding` (as coding_taken says), and holds its body once. */
struct answer_draft {
	int            status;
	str_t          type;
	str_t          cache_control;
	usec_t         modified;
	struct header *headers;
	size_t         nheaders;
	str_t          body;
	int            effort;      /* 1 quick (pages) to 9 */
	bool           one;
	enum coding    coding;
};
err_t answer_new(const struct answer_draft *draft, struct answer **out) CHECKED;

/* The best coding that is there and that the client takes (RFC 9110 section 12.5.3), the smaller
 * first among equals. Where it takes none, not even identity, plain: a readable page serves its
 * reader better than a refusal. `accept_encoding` without .p: the field is not there. */
enum coding answer_coding(const struct answer *a, str_t accept_encoding);

/* The same of an answer in which all are there, brotli the smallest. */
enum coding coding_taken(str_t accept_encoding);

struct answer *answer_keep(struct answer *a);
void           answer_drop(struct answer *a); /* frees with the last reference; NULL is fine */
