/* request.h: requests made by hand, for the tests of this room. */
#pragma once

#include "http/http.h"

/* A GET for "/" whose header fields are given as name, value, ..., NULL; names in lower case. */
struct request *request_make(arena_t *a, ...) __attribute__((sentinel));
