/* multipart.h: multipart/form-data (RFC 7578), parsed while it arrives.
 *
 * Feed it the body in pieces of any size; fields and small files gather in memory, a file past
 * LIMIT_UPLOAD_SPILL goes to a file without a name. How large the whole may be is bounded by whoever
 * feeds it. Refused: a part without a name, header lines out of bounds, a transfer encoding, text
 * that is not UTF-8, and a body that ends before its last boundary. */
#pragma once

#include "http/http.h"

struct multipart;

/* For a body of that Content-Type, which has to have a boundary. Large files go to unnamed files in
 * `folder`, closed with the arena. */
err_t multipart_new(arena_t *a, str_t content_type, const char *folder,
		    struct multipart **out) CHECKED;

/* The next bytes of the body. After an error it takes no more. */
err_t multipart_feed(struct multipart *m, str_t bytes) CHECKED;

/* At the end of the body: what was in it. A file input that was left empty (no name, no bytes) is
 * not an upload. */
err_t multipart_end(struct multipart *m, struct params *fields, struct upload **uploads,
		    size_t *nuploads) CHECKED;
