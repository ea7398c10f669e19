/* answer.c: see answer.h. All that an answer holds is in its own arena; both forms of a head are
 * written from one list of fields, so they cannot differ. */
#include "http/answer.h"

#include "http/http.h"
#include "http/values.h"

#include <brotli/encode.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zlib.h>

/* Under this a compressed body saves less than the header field that announces it costs. */
#define SMALLEST_COMPRESSED 256

static bool is_text(str_t type)
{
	str_t rest = type, kind = part_next(&rest);
	static const char *const others[] = {
		"application/json",       "application/javascript", "application/xml",
		"application/manifest+json", "application/wasm",    "application/x-ndjson",
		"font/ttf",               "font/otf",               "image/bmp",
	};
	if (str_eq_nocase(str_slice(kind, 0, 5), S("text/")) ||
	    (kind.n > 5 && str_eq_nocase(str_slice(kind, kind.n - 5, kind.n), S("+json"))) ||
	    (kind.n > 4 && str_eq_nocase(str_slice(kind, kind.n - 4, kind.n), S("+xml"))))
		return true;
	for (size_t i = 0; i < COUNT(others); i++)
		if (str_eq_nocase(kind, str_of(others[i])))
			return true;
	return false;
}

/* 1 to 9 onto a library's scale. At 1 both together cost half a millisecond for a page of 16 KB, and
 * a twelfth more bytes than at 3. */
static int scale(int effort, int low, int high)
{
	effort = effort < 1 ? 1 : effort > 9 ? 9 : effort;
	return low + (effort - 1) * (high - low) / 8;
}

/* Both write at most `*n` bytes, which is what makes them give up on what does not shrink. */
static bool compress_br(str_t plain, int effort, uint8_t *out, size_t *n)
{
	return BrotliEncoderCompress(scale(effort, 4, 11), BROTLI_DEFAULT_WINDOW,
				     BROTLI_MODE_TEXT, plain.n, (const uint8_t *)plain.p, n, out);
}

static bool compress_gzip(str_t plain, int effort, uint8_t *out, size_t *n)
{
	union {
		const char *p;
		Bytef      *input; /* zlib does not change it */
	} from = { .p = plain.p };
	z_stream z = { .next_in = from.input, .avail_in = (uInt)plain.n,
		       .next_out = out, .avail_out = (uInt)*n };
	if (deflateInit2(&z, scale(effort, 1, 9), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return false;
	bool fits = deflate(&z, Z_FINISH) == Z_STREAM_END;
	*n = z.total_out;
	deflateEnd(&z);
	return fits;
}

static bool is_compressible(const struct answer_draft *d)
{
	return d->body.n >= SMALLEST_COMPRESSED && d->body.n < UINT32_MAX && is_text(d->type);
}

/* Without memory to compress it, the answer goes out plain. */
static void add_codings(struct answer *a, const struct answer_draft *draft)
{
	str_t plain = draft->body;
	int effort = draft->effort;
	uint8_t *scratch[CODINGS] = { 0 };
	size_t n[CODINGS] = { 0, plain.n - 1, plain.n - 1 };
	for (int c = CODING_GZIP; c < CODINGS; c++) {
		bool wanted = !draft->one || draft->coding == (enum coding)c;
		scratch[c] = wanted ? malloc(plain.n) : NULL;
		bool fits = scratch[c] && (c == CODING_BR ? compress_br : compress_gzip)(
						  plain, effort, scratch[c], &n[c]);
		if (!fits)
			n[c] = 0;
	}
	struct oom_guard guard;
	if (!arena_guard(a->arena, &guard)) {
		for (int c = CODING_GZIP; c < CODINGS; c++)
			if (n[c])
				a->body[c] = str_copy(a->arena, str_from((char *)scratch[c], n[c]));
		arena_unguard(a->arena, &guard);
	}
	for (int c = CODING_GZIP; c < CODINGS; c++)
		free(scratch[c]);
}

static void make_etags(struct answer *a, str_t body)
{
	static const char *const suffix[CODINGS] = { "", "-gz", "-br" };
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char text[sodium_base64_ENCODED_LEN(12, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)body.p, body.n, NULL, 0);
	sodium_bin2base64(text, sizeof text, hash, 12, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	for (int c = 0; c < CODINGS; c++)
		a->etags[c] = str_format(a->arena, "\"%s%s\"", text, suffix[c]);
	a->etag = a->etags[CODING_PLAIN];
}

struct fields {
	struct header *v;
	size_t         n;
};

static void add(struct fields *f, str_t name, str_t value)
{
	if (value.n)
		f->v[f->n++] = (struct header){ name, value };
}

/* Vary as it has to be: what the handler says, and the coding where there is a choice. */
static str_t vary(const struct answer *a, bool choice)
{
	struct buf b = buf_new(a->arena, 0);
	if (choice)
		buf_add(&b, S("accept-encoding"));
	for (size_t i = 0; i < a->nheaders; i++) {
		if (!str_eq(a->headers[i].name, S("vary")))
			continue;
		if (b.n)
			buf_add(&b, S(", "));
		buf_add(&b, a->headers[i].value);
	}
	return buf_str(&b);
}

/* What a 200 and a 304 both say. */
static void add_validators(const struct answer *a, enum coding c, str_t varies, struct fields *f)
{
	add(f, S("cache-control"), a->cache_control);
	if (a->status == 200) {
		add(f, S("etag"), a->etags[c]);
		if (a->modified)
			add(f, S("last-modified"), time_http(a->arena, a->modified));
	}
	add(f, S("vary"), varies);
}

static str_t make_head(arena_t *arena, int status, const struct fields *f)
{
	struct buf b = buf_new(arena, 512);
	buf_add_format(&b, "HTTP/1.1 %d %s\r\n", status, status_reason(status));
	for (size_t i = 1; i < f->n; i++) { /* not :status */
		buf_add(&b, f->v[i].name);
		buf_add(&b, S(": "));
		buf_add(&b, f->v[i].value);
		buf_add(&b, S("\r\n"));
	}
	return buf_str(&b);
}

static void make_heads(struct answer *a, enum coding c, str_t varies)
{
	static const char *const names[CODINGS] = { "", "gzip", "br" };
	struct fields f = { arena_array(a->arena, a->nheaders + 10, sizeof *f.v), 0 };
	add(&f, S(":status"), str_format(a->arena, "%d", a->status));
	add(&f, S("content-type"), a->type);
	add(&f, S("content-encoding"), str_of(names[c]));
	if (a->status != 204)
		add(&f, S("content-length"), str_format(a->arena, "%zu", a->body[c].n));
	add_validators(a, c, varies, &f);
	for (size_t i = 0; i < a->nheaders; i++)
		if (!str_eq(a->headers[i].name, S("vary")))
			add(&f, a->headers[i].name, a->headers[i].value);
	a->fields[c] = f.v;
	a->nfields[c] = f.n;
	a->head[c] = make_head(a->arena, a->status, &f);
	if (a->status != 200)
		return;

	struct fields g = { arena_array(a->arena, 5, sizeof *g.v), 0 };
	add(&g, S(":status"), S("304"));
	add_validators(a, c, varies, &g);
	a->fields304[c] = g.v;
	a->nfields304[c] = g.n;
	a->head304[c] = make_head(a->arena, 304, &g);
}

static void copy_draft(struct answer *a, const struct answer_draft *draft)
{
	a->status = draft->status ? draft->status : 200;
	a->type = str_copy(a->arena, draft->type);
	a->modified = draft->modified;
	a->cache_control = str_copy(a->arena, draft->cache_control);
	a->nheaders = draft->nheaders;
	a->headers = arena_array(a->arena, draft->nheaders, sizeof *a->headers);
	for (size_t i = 0; i < draft->nheaders; i++) {
		a->headers[i].name = str_lower(a->arena, draft->headers[i].name);
		a->headers[i].value = str_copy(a->arena, draft->headers[i].value);
	}
}

static void add_plain(struct answer *a, str_t body)
{
	a->body[CODING_PLAIN] = str_copy(a->arena, body);
	if (!a->body[CODING_PLAIN].p)
		a->body[CODING_PLAIN] = S("");
}

/* A line end in a value would begin another field. */
static err_t check_draft(const struct answer_draft *draft)
{
	const str_t values[] = { draft->type, draft->cache_control };
	for (size_t i = 0; i < COUNT(values); i++)
		if (!str_is_field_value(values[i]))
			return err_new(ERR_SYSTEM, "an answer's header holds a control character");
	for (size_t i = 0; i < draft->nheaders; i++)
		if (!str_is_token(draft->headers[i].name) ||
		    !str_is_field_value(draft->headers[i].value))
			return err_new(ERR_SYSTEM, "the answer's header \"%.*s\" is malformed",
				       STR(draft->headers[i].name));
	return OK;
}

static struct answer *build(arena_t *arena, const struct answer_draft *draft)
{
	struct answer *a = arena_new(arena, struct answer);
	a->arena = arena;
	atomic_init(&a->refs, 1);
	copy_draft(a, draft);
	if (is_compressible(draft))
		add_codings(a, draft);
	a->one = draft->one;
	a->coding = a->one && a->body[draft->coding].p ? draft->coding : CODING_PLAIN;
	if (!a->one || a->coding == CODING_PLAIN)
		add_plain(a, draft->body);
	make_etags(a, draft->body);
	bool choice = a->one ? is_compressible(draft) : a->body[CODING_GZIP].p || a->body[CODING_BR].p;
	str_t varies = vary(a, choice);
	for (int c = 0; c < CODINGS; c++)
		if (a->body[c].p)
			make_heads(a, (enum coding)c, varies);
	a->size = arena_size(arena) + sizeof *a;
	return a;
}

err_t answer_new(const struct answer_draft *draft, struct answer **out)
{
	TRY(check_draft(draft));
	if (sodium_init() < 0)
		return err_new(ERR_SYSTEM, "libsodium cannot start");
	arena_t *arena = arena_create(0);
	struct oom_guard guard;
	if (!arena)
		return err_new(ERR_MEMORY, "no memory for an answer");
	if (arena_guard(arena, &guard)) {
		arena_free(arena);
		return err_new(ERR_MEMORY, "no memory for an answer of %zu bytes", draft->body.n);
	}
	*out = build(arena, draft);
	arena_unguard(arena, &guard);
	return OK;
}

struct answer *answer_keep(struct answer *a)
{
	atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
	return a;
}

void answer_drop(struct answer *a)
{
	if (a && atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) == 1)
		arena_free(a->arena);
}

/* The best that is there (`size` not 0; plain always is), the smaller among equals. */
static enum coding choose(const size_t size[CODINGS], str_t accept_encoding)
{
	static const char *const names[CODINGS] = { "identity", "gzip", "br" };
	int weight[CODINGS] = { -1, -1, -1 }, star = -1;
	for (str_t each; (each = list_next(&accept_encoding)).p;) {
		str_t rest = each, name = part_next(&rest);
		int q = value_quality(each);
		if (str_eq_nocase(name, S("x-gzip")))
			name = S("gzip");
		if (str_eq(name, S("*")))
			star = q;
		for (int c = 0; c < CODINGS; c++)
			if (str_eq_nocase(name, str_of(names[c])))
				weight[c] = q < 0 ? 0 : q;
	}
	/* What is not named has the weight of "*", or none; identity then still is acceptable, but
	 * less than anything named. */
	enum coding best = CODING_PLAIN;
	int most = weight[CODING_PLAIN] > 0 ? weight[CODING_PLAIN] : 0;
	for (int c = CODING_GZIP; c < CODINGS; c++) {
		int w = weight[c] >= 0 ? weight[c] : star;
		if (!size[c] || w <= 0)
			continue;
		if (w > most || (w == most && size[c] < size[best])) {
			best = (enum coding)c;
			most = w;
		}
	}
	return best;
}

enum coding answer_coding(const struct answer *a, str_t accept_encoding)
{
	size_t size[CODINGS];
	if (a->one)
		return a->coding;
	for (int c = 0; c < CODINGS; c++)
		size[c] = a->body[c].p ? a->body[c].n : 0;
	if (!accept_encoding.p || (!size[CODING_GZIP] && !size[CODING_BR]))
		return CODING_PLAIN;
	return choose(size, accept_encoding);
}

enum coding coding_taken(str_t accept_encoding)
{
	static const size_t size[CODINGS] = { 3, 2, 1 };
	return accept_encoding.p ? choose(size, accept_encoding) : CODING_PLAIN;
}
