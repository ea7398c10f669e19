/* cbor.h: just enough of CBOR (RFC 8949) to take an attestation object and authenticator data apart.
 *
 * Strict: lengths are definite and within what is there, nothing nests deep, no map has a key twice,
 * there are no tags. libfido2 decodes the same bytes by itself; this reader is there for what it
 * lets pass (what stands behind the last item) and for what it must be told beforehand (the algorithm). */
#pragma once

#include "base/base.h"

enum cbor_kind { CBOR_UINT, CBOR_NINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_OTHER };

enum { CBOR_DEPTH = 6, CBOR_PAIRS = 32 };

struct cbor_item {
	enum cbor_kind kind;
	uint64_t       n;     /* the number (of CBOR_NINT: -1 - n), or how many items or pairs follow */
	str_t          bytes; /* of CBOR_BYTES and CBOR_TEXT */
};

/* The next item off the front of `rest`; of an array or a map its head alone. False: it is not sound,
 * and `rest` is anywhere. */
bool cbor_next(str_t *rest, struct cbor_item *out);
/* A whole item with all that is in it; `out` are its bytes. */
bool cbor_whole(str_t *rest, str_t *out);

/* The pairs of a map: a whole map off the front, and the value of a key in it. */
struct cbor_map {
	struct {
		str_t key, value; /* whole items */
	} v[CBOR_PAIRS];
	size_t n;
};
bool cbor_map(str_t *rest, struct cbor_map *out);
/* {NULL, 0} if there is none. */
str_t cbor_of_text(const struct cbor_map *m, const char *key);
str_t cbor_of_int(const struct cbor_map *m, int64_t key);

/* A whole item that is nothing but this. */
bool cbor_int(str_t item, int64_t *out);
bool cbor_bytes(str_t item, enum cbor_kind kind, str_t *out);
