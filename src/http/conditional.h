/* conditional.h: preconditions and ranges (RFC 9110 sections 13 and 14).
 *
 * What is asked about is one representation: an entity tag with its quotes ("" for none) and the
 * time it was changed (0 for none). Fields that are malformed are treated as absent, as the RFC
 * wants, but for If-Match and If-Unmodified-Since: whoever guards a write with one and misspells it
 * must not have it written. */
#pragma once

#include "http/http.h"

enum precondition {
	CONDITION_NONE,         /* go on */
	CONDITION_NOT_MODIFIED, /* 304 */
	CONDITION_FAILED,       /* 412 */
};
enum precondition condition_check(const struct request *q, str_t etag, usec_t modified);

/* The same for a finished answer, whose codings all hold what is asked for: a 304 is right when
 * any of its entity tags is known to the client. */
enum precondition condition_check_answer(const struct request *q, const struct answer *answer);

struct range {
	int64_t from, to; /* first and last byte, both included */
};

enum ranged {
	RANGE_WHOLE,         /* 200 with all of it */
	RANGE_PARTS,         /* 206 with `ranges` */
	RANGE_UNSATISFIABLE, /* 416 with "Content-Range: bytes * /size" */
};
/* Fills `ranges`, sorted and joined where they overlap or nearly touch; `n` is how many. Only for
 * GET; If-Range is honoured. `ranges` has room for LIMIT_RANGES. */
enum ranged range_select(const struct request *q, str_t etag, usec_t modified, int64_t size,
			 struct range *ranges, size_t *n);
