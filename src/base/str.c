/* str.c: see str.h. */
#include "base/str.h"
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

str_t str_of(const char *z)
{
	return z ? (str_t){ z, strlen(z) } : (str_t){ "", 0 };
}

str_t str_from(const char *p, size_t n)
{
	return (str_t){ p, n };
}

bool str_eq(str_t a, str_t b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_nocase(str_t a, str_t b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

int str_cmp(str_t a, str_t b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(str_t s, str_t prefix)
{
	return s.n >= prefix.n && str_eq(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends(str_t s, str_t suffix)
{
	return s.n >= suffix.n && str_eq(str_slice(s, s.n - suffix.n, s.n), suffix);
}

str_t str_slice(str_t s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (str_t){ s.p ? s.p + from : s.p, to - from };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

str_t str_trim(str_t s)
{
	size_t from = 0, to = s.n;
	while (from < to && is_space(s.p[from]))
		from++;
	while (to > from && is_space(s.p[to - 1]))
		to--;
	return str_slice(s, from, to);
}

size_t str_find_char(str_t s, char c, size_t from)
{
	if (from >= s.n)
		return STR_NONE;
	const char *hit = memchr(s.p + from, c, s.n - from);
	return hit ? (size_t)(hit - s.p) : STR_NONE;
}

size_t str_find(str_t s, str_t needle, size_t from)
{
	if (from > s.n || needle.n > s.n - from)
		return STR_NONE;
	if (needle.n == 0)
		return from;
	const char *hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : STR_NONE;
}

str_t str_cut(str_t *rest, char sep)
{
	str_t all = *rest;
	size_t at = str_find_char(all, sep, 0);
	if (at == STR_NONE) {
		*rest = (str_t){ NULL, 0 };
		return all;
	}
	*rest = str_slice(all, at + 1, all.n);
	return str_slice(all, 0, at);
}

str_t str_copy(arena_t *a, str_t s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return (str_t){ p, s.n };
}

char *str_z(arena_t *a, str_t s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

str_t str_lower(arena_t *a, str_t s)
{
	char *p = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = lower(s.p[i]);
	return (str_t){ p, s.n };
}

str_t str_join(arena_t *a, const str_t *parts, size_t count, str_t between)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		n += parts[i].n + (i ? between.n : 0);
	char *p = arena_alloc(a, n + 1), *at = p;
	for (size_t i = 0; i < count; i++) {
		if (i && between.n) {
			memcpy(at, between.p, between.n);
			at += between.n;
		}
		if (parts[i].n)
			memcpy(at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return (str_t){ p, n };
}

str_t str_replace(arena_t *a, str_t s, str_t what, str_t with)
{
	size_t hits = 0;
	if (what.n)
		for (size_t i = 0; (i = str_find(s, what, i)) != STR_NONE; i += what.n)
			hits++;
	if (!hits)
		return s;
	size_t n = s.n - hits * what.n + hits * with.n;
	char *p = arena_alloc(a, n + 1), *at = p;
	for (size_t from = 0;;) {
		size_t hit = str_find(s, what, from);
		size_t to = hit == STR_NONE ? s.n : hit;
		memcpy(at, s.p + from, to - from);
		at += to - from;
		if (hit == STR_NONE)
			return (str_t){ p, n };
		if (with.n)
			memcpy(at, with.p, with.n);
		at += with.n;
		from = hit + what.n;
	}
}

str_t str_vformat(arena_t *a, const char *format, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, format, ap);
	if (n < 0)
		n = 0;
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return (str_t){ p, (size_t)n };
}

str_t str_format(arena_t *a, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	str_t s = str_vformat(a, format, ap);
	va_end(ap);
	return s;
}

str_t str_uri(arena_t *a, str_t s)
{
	static const char hex[] = "0123456789ABCDEF";
	char *p = arena_array(a, s.n + 1, 3), *at = p;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c > 0x20 && c < 0x7f && !memchr("\"<>\\^`{|}", c, 9)) {
			*at++ = (char)c;
			continue;
		}
		*at++ = '%';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	return (str_t){ p, (size_t)(at - p) };
}

bool str_int(str_t s, int64_t *out)
{
	size_t i = 0;
	bool negative = s.n > 0 && s.p[0] == '-';
	if (negative)
		i++;
	if (i == s.n)
		return false;
	int64_t v = 0;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		int digit = s.p[i] - '0';
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, negative ? -digit : digit, &v))
			return false;
	}
	*out = v;
	return true;
}

/* Bytes of the well-formed sequence at p, 0 if there is none (Unicode 15, table 3-7). */
static size_t sequence(const unsigned char *p, size_t n)
{
	if (n == 0)
		return 0;
	unsigned char c = p[0];
	if (c < 0x80)
		return 1;
	size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || n < need)
		return 0;
	unsigned char low = 0x80, high = 0xbf;
	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return need;
}

bool str_is_utf8(str_t s, size_t *bad)
{
	for (size_t i = 0; i < s.n;) {
		size_t step = sequence((const unsigned char *)s.p + i, s.n - i);
		if (!step) {
			if (bad)
				*bad = i;
			return false;
		}
		i += step;
	}
	return true;
}

int32_t str_next_rune(str_t s, size_t *at)
{
	if (*at >= s.n)
		return -1;
	const unsigned char *p = (const unsigned char *)s.p + *at;
	size_t step = sequence(p, s.n - *at);
	*at += step ? step : 1;
	switch (step) {
	case 1: return p[0];
	case 2: return (p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	case 3: return (p[0] & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	case 4:
		return (p[0] & 0x07) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 |
		       (p[3] & 0x3f);
	default: return 0xfffd;
	}
}

size_t str_runes(str_t s)
{
	size_t count = 0;
	for (size_t at = 0; str_next_rune(s, &at) >= 0;)
		count++;
	return count;
}

str_t str_clip(str_t s, size_t n)
{
	if (n >= s.n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_slice(s, 0, n);
}

size_t str_distance(str_t a, str_t b)
{
	enum { MOST = 64 };
	a = str_slice(a, 0, MOST);
	b = str_slice(b, 0, MOST);
	size_t row[MOST + 1];
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t swap = corner + (a.p[i - 1] != b.p[j - 1]);
			size_t drop = row[j] + 1, add = row[j - 1] + 1;
			corner = row[j];
			row[j] = swap < drop ? swap : drop;
			if (add < row[j])
				row[j] = add;
		}
	}
	return row[b.n];
}

void strs_add(arena_t *a, struct strs *list, str_t s)
{
	if (list->n == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 8;
		list->v = arena_grow(a, list->v, list->cap * sizeof *list->v,
				     cap * sizeof *list->v);
		list->cap = cap;
	}
	list->v[list->n++] = s;
}

str_t str_percent(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n * 3 + 1);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			     (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
		if (plain)
			buf_add_char(&b, (char)c);
		else
			buf_add_format(&b, "%%%02X", c);
	}
	return buf_str(&b);
}
