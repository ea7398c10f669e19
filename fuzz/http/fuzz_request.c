/* fuzz_request.c: a connection's bytes through everything that reads them: heads, bodies, forms,
 * JSON. The first byte says in what pieces they come; the outcome must be what it is when they come
 * as one, because whoever can make us see two different requests can smuggle one. */
#include "http/body.h"
#include "http/h1_message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was made of the bytes, boiled down. */
struct outcome {
	uint64_t sum;
	size_t   requests;
};

static void note(struct outcome *o, str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		o->sum = (o->sum ^ (unsigned char)s.p[i]) * 1099511628211u;
	o->sum = (o->sum ^ s.n) * 1099511628211u;
}

struct reading {
	struct request    q;
	struct body       body;
	struct h1_message m;
	bool              in_body;
};

static int take(void *to, str_t bytes, const char **why)
{
	struct reading *r = to;
	return body_take(&r->body, &r->q, bytes, why);
}

static void note_params(struct outcome *o, const struct params *p)
{
	for (size_t i = 0; i < p->n; i++) {
		note(o, p->v[i].name);
		note(o, p->v[i].value);
	}
}

/* True if the connection goes on behind it. */
static bool finish(struct reading *r, struct outcome *o)
{
	const char *why;
	o->requests++;
	int status = body_finish(&r->body, &r->q, &why);
	o->sum += (uint64_t)status;
	note(o, r->q.path);
	note(o, r->q.host);
	note(o, r->q.body);
	note_params(o, &r->q.query);
	note_params(o, &r->q.form);
	for (size_t i = 0; i < r->q.nheaders; i++) {
		str_t name = r->q.headers[i].name;
		if (!name.n || memchr(name.p, ' ', name.n) || memchr(name.p, ':', name.n) ||
		    (r->q.headers[i].value.n &&
		     memchr(r->q.headers[i].value.p, '\n', r->q.headers[i].value.n)))
			abort();
		note(o, name);
		note(o, r->q.headers[i].value);
	}
	bool keep = r->m.keep;
	arena_t *a = r->q.a;
	arena_reset(a);
	*r = (struct reading){ .q = { .a = a } };
	return keep;
}

static int begin(struct reading *r, str_t head, const struct h1_scan *scan,
		 const struct limits *limits)
{
	const char *why;
	char *copy = arena_alloc(r->q.a, head.n);
	memcpy(copy, head.p, head.n);
	r->m.take = take;
	r->m.to = r;
	int status = h1_parse(&r->m, &r->q, copy, scan, limits);
	if (!status)
		status = body_begin(&r->body, &r->q, r->m.length, limits, "/tmp", &why);
	r->in_body = !status && r->m.length != 0;
	return status;
}

/* How much of `bytes` was taken; 0: more has to come; -1: the connection ends. */
static long step(struct reading *r, str_t bytes, const struct limits *limits, struct outcome *o)
{
	if (r->in_body) {
		size_t used;
		int status = h1_body(&r->m, bytes, &used);
		if (used > bytes.n)
			abort();
		if (status) {
			o->sum += (uint64_t)status;
			return -1;
		}
		return !r->m.body_done || finish(r, o) ? (long)used : -1;
	}
	struct h1_scan scan = { 0 };
	switch (h1_scan(&scan, bytes, limits)) {
	case HEAD_PARTIAL: return 0;
	case HEAD_BAD: return -1; /* why may depend on how much was there */
	case HEAD_WHOLE:
	default: break;
	}
	if (begin(r, str_slice(bytes, 0, scan.head), &scan, limits))
		return -1;
	return r->in_body || finish(r, o) ? (long)scan.head : -1;
}

static struct outcome run(str_t all, size_t piece, const struct limits *limits)
{
	struct outcome o = { .sum = 14695981039346656037u };
	struct reading r = { .q = { .a = arena_create(0) } };
	size_t at = 0;
	for (size_t come = 0; come < all.n;) {
		come = come + piece < all.n ? come + piece : all.n;
		long n = 1;
		while (at < come && (n = step(&r, str_slice(all, at, come), limits, &o)) > 0)
			at += (size_t)n;
		if (n < 0)
			break;
	}
	arena_free(r.q.a);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct limits limits = LIMITS_DEFAULT;
	limits.target = 200;
	limits.head = 2000;
	limits.headers = 20;
	limits.body = 1000;
	limits.multipart = 1000;
	if (!size)
		return 0;
	str_t all = str_from((const char *)data + 1, size - 1);
	struct outcome whole = run(all, SIZE_MAX / 2, &limits);
	struct outcome pieces = run(all, 1 + data[0] % 64, &limits);
	if (whole.requests != pieces.requests || whole.sum != pieces.sum)
		abort();
	return 0;
}
