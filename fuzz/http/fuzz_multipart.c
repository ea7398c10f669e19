/* fuzz_multipart.c: multipart bodies with the boundary "b", whole and in pieces: both must give the
 * same fields and files, or both be refused. The first byte is the size of a piece. */
#include "http/multipart.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	struct params  fields;
	struct upload *uploads;
	size_t         n;
};

static err_t parse(arena_t *a, str_t body, size_t piece, struct result *r)
{
	struct multipart *m;
	TRY(multipart_new(a, S("multipart/form-data; boundary=b"), "/tmp", &m));
	for (size_t at = 0; at < body.n; at += piece)
		TRY(multipart_feed(m, str_slice(body, at, at + piece)));
	return multipart_end(m, &r->fields, &r->uploads, &r->n);
}

static void compare(const struct result *x, const struct result *y)
{
	if (x->n != y->n || x->fields.n != y->fields.n)
		abort();
	for (size_t i = 0; i < x->fields.n; i++)
		if (!str_eq(x->fields.v[i].name, y->fields.v[i].name) ||
		    !str_eq(x->fields.v[i].value, y->fields.v[i].value))
			abort();
	for (size_t i = 0; i < x->n; i++)
		if (x->uploads[i].size != y->uploads[i].size ||
		    !str_eq(x->uploads[i].bytes, y->uploads[i].bytes))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	arena_t *a = arena_create(0);
	str_t body = str_from((const char *)data + 1, size - 1);
	struct result whole, pieces;
	err_t e = parse(a, body, body.n + 1, &whole);
	err_t f = parse(a, body, (size_t)data[0] % 64 + 1, &pieces);
	if (!e != !f)
		abort();
	if (!e)
		compare(&whole, &pieces);
	err_free(e);
	err_free(f);
	arena_free(a);
	return 0;
}
