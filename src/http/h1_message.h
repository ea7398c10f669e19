/* h1_message.h: bytes become an HTTP/1.1 request. No sockets here, so a fuzzer can drive it.
 *
 * Two readers have to agree on every byte: llhttp, which knows the grammar, and ours, which goes
 * before it and refuses what RFC 9112 forbids but llhttp (or a proxy in front of us) may let pass.
 * A head is looked at as a whole, where it lies; only then is it copied and parsed, once. */
#pragma once

#include "http/http.h"
#include "http/limits.h"

#include <llhttp.h>

enum scanned { HEAD_PARTIAL, HEAD_WHOLE, HEAD_BAD };

struct h1_scan {
	size_t at;    /* where to go on when more has come; begin with 0 */
	size_t lines; /* ended so far, the request line included */
	size_t head;  /* on HEAD_WHOLE: its length with the empty line */
	int    status; /* on HEAD_BAD: what to refuse with, and why */
	const char *why;
};
/* Looks for the end of the head in `bytes`, which begin with the request line. */
enum scanned h1_scan(struct h1_scan *s, str_t bytes, const struct limits *limits);

struct h1_message {
	llhttp_t        parser;
	struct request *q;
	size_t          cap;       /* of q->headers */
	str_t           target;
	str_t           host, length_text, coding, expect;
	unsigned        hosts, lengths, codings, expects;
	int64_t         length;    /* of the body; -1: chunked; 0: none */
	bool            keep;      /* the connection may go on */
	bool            wants_100; /* Expect: 100-continue */
	bool            body_done;
	bool            after_cr;  /* between chunks: a carriage return came last */
	bool            trailers;  /* the last chunk was seen */
	uint64_t        chunk_left; /* content still to come of this chunk */
	size_t          framing;   /* bytes between content since the last content */
	int64_t         taken;     /* bytes of content */
	int64_t         overhead;  /* and of framing, in all */

	int (*take)(void *to, str_t bytes, const char **why); /* where the body goes */
	void       *to;
	int         status; /* what it was refused with, and why */
	const char *why;
};

/* Parses `head`, which h1_scan found whole, into `q`; names are lowered where they stand. Returns 0 or
 * the status to refuse with. */
int h1_parse(struct h1_message *m, struct request *q, char *head, const struct h1_scan *scan,
	     const struct limits *limits);

/* The next bytes of the body; `*used` of them belong to it. Returns 0 or the status to refuse with;
 * m->body_done at the end. */
int h1_body(struct h1_message *m, str_t bytes, size_t *used);
