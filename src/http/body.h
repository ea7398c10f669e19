/* body.h: a request's body, taken in as it arrives and turned into what handlers read.
 *
 * A multipart form is parsed while it streams; everything else gathers in the request's arena and is
 * parsed by the worker (body_finish), so that a loop never stands still over a large JSON text. */
#pragma once

#include "http/http.h"
#include "http/limits.h"

struct multipart;

enum body_kind { BODY_NONE, BODY_FORM, BODY_MULTIPART, BODY_JSON, BODY_BYTES, BODY_SINK };

struct body {
	enum body_kind    kind;
	int64_t           size, most;
	struct buf        bytes;
	struct multipart *multipart;
};

/* By the head in `q`; `length` as announced, -1: unknown. Large uploads go to unnamed files in
 * `folder`. Returns 0, or the status to refuse with; `why` then lives as long as the request. */
int body_begin(struct body *b, struct request *q, int64_t length, const struct limits *limits,
	       const char *folder, const char **why);

int body_take(struct body *b, struct request *q, str_t bytes, const char **why);

/* Fills q->form, q->uploads, q->json or q->body. */
int body_finish(struct body *b, struct request *q, const char **why);
