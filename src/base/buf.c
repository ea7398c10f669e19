/* buf.c: see buf.h. */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct buf buf_new(arena_t *a, size_t cap)
{
	struct buf b = { .a = a };
	buf_room(&b, cap ? cap : 63);
	return b;
}

char *buf_room(struct buf *b, size_t n)
{
	size_t want;
	if (__builtin_add_overflow(b->n, n, &want) || __builtin_add_overflow(want, 1, &want))
		arena_exhausted(b->a);
	if (want > b->cap) {
		size_t cap = b->cap < 64 ? 64 : b->cap;
		while (cap < want)
			if (__builtin_mul_overflow(cap, 2, &cap))
				arena_exhausted(b->a);
		b->p = arena_grow(b->a, b->p, b->cap, cap);
		b->cap = cap;
		b->p[b->n] = '\0';
	}
	return b->p + b->n;
}

void buf_advance(struct buf *b, size_t n)
{
	assert(b->n + n < b->cap);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_add(struct buf *b, str_t s)
{
	if (!s.n)
		return;
	memcpy(buf_room(b, s.n), s.p, s.n);
	buf_advance(b, s.n);
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, (str_t){ &c, 1 });
}

void buf_add_rune(struct buf *b, uint32_t r)
{
	if (r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff))
		r = 0xfffd;
	char u[4];
	size_t n;
	if (r < 0x80) {
		u[0] = (char)r;
		n = 1;
	} else if (r < 0x800) {
		u[0] = (char)(0xc0 | r >> 6);
		n = 2;
	} else if (r < 0x10000) {
		u[0] = (char)(0xe0 | r >> 12);
		n = 3;
	} else {
		u[0] = (char)(0xf0 | r >> 18);
		n = 4;
	}
	for (size_t i = 1; i < n; i++)
		u[i] = (char)(0x80 | (r >> (6 * (n - 1 - i)) & 0x3f));
	buf_add(b, (str_t){ u, n });
}

void buf_add_int(struct buf *b, int64_t v)
{
	buf_add_format(b, "%lld", (long long)v);
}

void buf_add_format(struct buf *b, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n <= 0)
		return;
	char *at = buf_room(b, (size_t)n);
	va_start(ap, format);
	vsnprintf(at, (size_t)n + 1, format, ap);
	va_end(ap);
	buf_advance(b, (size_t)n);
}

static str_t html_reference(char c)
{
	switch (c) {
	case '&': return S("&amp;");
	case '<': return S("&lt;");
	case '>': return S("&gt;");
	case '"': return S("&quot;");
	case '\'': return S("&#39;");
	default: return (str_t){ NULL, 0 };
	}
}

void buf_add_html(struct buf *b, str_t s)
{
	size_t plain = 0;
	for (size_t i = 0; i < s.n; i++) {
		str_t reference = html_reference(s.p[i]);
		if (!reference.n)
			continue;
		buf_add(b, str_slice(s, plain, i));
		buf_add(b, reference);
		plain = i + 1;
	}
	buf_add(b, str_slice(s, plain, s.n));
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	if (b->p)
		b->p[0] = '\0';
}

str_t buf_str(const struct buf *b)
{
	return (str_t){ b->p ? b->p : "", b->n };
}
