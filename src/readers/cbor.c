/* cbor.c: see cbor.h. */
#include "readers/cbor.h"

/* The head's number: in the byte itself, or the 1, 2, 4 or 8 behind it. 28 to 30 mean nothing, 31 an
 * indefinite length. */
static bool read_number(str_t *rest, unsigned info, uint64_t *out)
{
	size_t n = info < 24 ? 0 : info > 27 ? SIZE_MAX : (size_t)1 << (info - 24);
	if (n > rest->n)
		return false;
	*out = info < 24 ? info : 0;
	for (size_t i = 0; i < n; i++)
		*out = *out << 8 | (unsigned char)rest->p[i];
	*rest = str_slice(*rest, n, rest->n);
	return true;
}

bool cbor_next(str_t *rest, struct cbor_item *out)
{
	if (!rest->n)
		return false;
	unsigned head = (unsigned char)rest->p[0], major = head >> 5;
	*rest = str_slice(*rest, 1, rest->n);
	*out = (struct cbor_item){ .kind = major > 5 ? CBOR_OTHER : (enum cbor_kind)major };
	if (major == 6 || !read_number(rest, head & 31, &out->n))
		return false;
	if (out->kind == CBOR_ARRAY)
		return out->n <= rest->n; /* each takes a byte at least */
	if (out->kind == CBOR_MAP)
		return out->n <= rest->n / 2;
	if (out->kind != CBOR_BYTES && out->kind != CBOR_TEXT)
		return true;
	if (out->n > rest->n)
		return false;
	out->bytes = str_slice(*rest, 0, (size_t)out->n);
	*rest = str_slice(*rest, (size_t)out->n, rest->n);
	return out->kind == CBOR_BYTES || str_is_utf8(out->bytes, NULL);
}

static bool whole(str_t *rest, int depth, str_t *out);

static bool has_key(const struct cbor_map *m, str_t key)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->v[i].key, key))
			return true;
	return false;
}

static bool pairs(str_t *rest, uint64_t n, int depth, struct cbor_map *m)
{
	m->n = 0;
	if (n > CBOR_PAIRS)
		return false;
	for (; n; n--) {
		str_t key, value;
		if (!whole(rest, depth, &key) || has_key(m, key) || !whole(rest, depth, &value))
			return false;
		m->v[m->n].key = key;
		m->v[m->n++].value = value;
	}
	return true;
}

static bool whole(str_t *rest, int depth, str_t *out)
{
	struct cbor_item item;
	struct cbor_map m;
	str_t from = *rest, each;
	if (depth == 0 || !cbor_next(rest, &item))
		return false;
	if (item.kind == CBOR_MAP && !pairs(rest, item.n, depth - 1, &m))
		return false;
	for (uint64_t i = 0; item.kind == CBOR_ARRAY && i < item.n; i++)
		if (!whole(rest, depth - 1, &each))
			return false;
	*out = str_slice(from, 0, from.n - rest->n);
	return true;
}

bool cbor_whole(str_t *rest, str_t *out)
{
	return whole(rest, CBOR_DEPTH, out);
}

bool cbor_map(str_t *rest, struct cbor_map *out)
{
	struct cbor_item item;
	return cbor_next(rest, &item) && item.kind == CBOR_MAP && pairs(rest, item.n, CBOR_DEPTH - 1, out);
}

str_t cbor_of_text(const struct cbor_map *m, const char *key)
{
	str_t text;
	for (size_t i = 0; i < m->n; i++)
		if (cbor_bytes(m->v[i].key, CBOR_TEXT, &text) && str_eq(text, str_of(key)))
			return m->v[i].value;
	return (str_t){ NULL, 0 };
}

str_t cbor_of_int(const struct cbor_map *m, int64_t key)
{
	int64_t n;
	for (size_t i = 0; i < m->n; i++)
		if (cbor_int(m->v[i].key, &n) && n == key)
			return m->v[i].value;
	return (str_t){ NULL, 0 };
}

bool cbor_int(str_t item, int64_t *out)
{
	struct cbor_item x;
	if (!cbor_next(&item, &x) || item.n || x.kind > CBOR_NINT || x.n > INT64_MAX)
		return false;
	*out = x.kind == CBOR_UINT ? (int64_t)x.n : -1 - (int64_t)x.n;
	return true;
}

bool cbor_bytes(str_t item, enum cbor_kind kind, str_t *out)
{
	struct cbor_item x;
	if (!cbor_next(&item, &x) || item.n || x.kind != kind)
		return false;
	*out = x.bytes;
	return true;
}
