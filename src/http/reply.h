/* reply.h: what goes on the wire for a response, before a protocol gives it its form.
 *
 * A reply is a status, fields and content in pieces: bytes in memory or stretches of a file. All
 * that HTTP/1.1 and HTTP/2 share is decided here: preconditions, codings, ranges, lengths. Date and
 * what concerns the connection are left to the protocol. A reply stays where it is made until it is
 * sent; both protocols send its fields and bytes from there. */
#pragma once

#include "http/http.h"

struct piece {
	str_t   bytes; /* if .p; else of the file: */
	int64_t from, size;
};

struct reply {
	int                  status;
	const struct header *fields;  /* ":status" first, names in lower case */
	size_t               nfields;
	str_t                head;    /* the same as HTTP/1.1 has it, if made before; else .p NULL */
	int64_t              length;  /* of the content; -1: until it ends (events) */
	bool                 events;  /* an event stream: the content comes later */

	struct piece  *pieces;
	size_t         npieces;
	struct piece   one;           /* where there is only one */
	struct answer *answer;        /* a reference, or NULL */
	int            file;          /* or -1 */
	size_t         at_piece;      /* how far reply_read is */
	int64_t        at;
};

/* For a request with a finished answer. Takes one reference of it; allocates nothing. */
void reply_answer(struct reply *out, const struct request *q, struct answer *answer);

/* For what a handler made; takes over its file and answer. Allocates in the request's arena. */
void reply_make(struct reply *out, struct request *q, struct response *r);

/* A short text of the server's own, for what never reaches the site. Allocates in `a`. */
void reply_text(struct reply *out, arena_t *a, int status, const char *text);

/* The next `n` bytes of content, or as many as are left; -1 if the file cannot be read. */
int64_t reply_read(struct reply *r, char *out, size_t n);
int64_t reply_left(const struct reply *r);

/* Lets go of file and answer; may be called twice. */
void reply_drop(struct reply *r);
