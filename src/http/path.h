/* path.h: what follows the authority in a request: path and query.
 *
 * One path names one page, so that a cache key cannot be spelled in two ways and no spelling climbs
 * out of a folder. Runs of '/' count as one (sloppy links reach the page they mean); what could
 * mean different things to a proxy and to us is refused: an encoded '/', a backslash, "." and ".."
 * as segments, control characters, bytes that are not UTF-8, a '%' without two digits. */
#pragma once

#include "http/http.h"

/* Fills q->target, q->path and q->query from the target as sent: origin form ("/a?b") or absolute
 * form ("https://host/a?b"; `authority` is then the host as sent, else {NULL, 0}). What needs no
 * decoding is not copied: `target` has to live as long as the request. */
err_t target_parse(struct request *q, str_t target, str_t *authority) CHECKED;

/* The canonical path of `raw` (without query), in `a`. */
err_t path_canonical(arena_t *a, str_t raw, str_t *out) CHECKED;

/* `path` as it stands in a Location or a link: everything but unreserved characters, '/' and the
 * sub-delimiters of RFC 3986 percent-encoded. */
str_t path_encode(arena_t *a, str_t path);
