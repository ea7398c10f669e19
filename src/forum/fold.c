/* fold.c: see fold.h. First every code point becomes what it looks like (glyph.h), a row of marks that know
 * their place; then each way of reading makes units of that row, chunk by chunk between gaps. */
#include "forum/fold.h"
#include "forum/glyph.h"

#include <assert.h>

/* --- the row --- */

struct mark {
	uint32_t letter, from, till;
	uint8_t  kind, alt, flags;
};

struct row {
	struct mark *v;
	size_t       n, cap;
	bool         twofold; /* something in it can be read in another way */
};

static bool is_sign(const struct mark *m)
{
	return m->kind == FOLD_GAP && m->alt;
}

/* Signs that end sentences and separate: letters only between letters. */
static bool is_inner_sign(const struct mark *m)
{
	return is_sign(m) && (m->letter == '!' || m->letter == '|');
}

static bool is_small(const struct mark *m)
{
	return (m->flags & (GLYPH_CASED | GLYPH_UPPER)) == GLYPH_CASED;
}

/* May `m`, behind `last`, be read in another way than the plain one? */
static bool is_twofold(const struct mark *last, const struct mark *m, uint32_t c)
{
	bool outer = is_sign(m) && !is_inner_sign(m);
	return (m->kind == FOLD_LETTER && m->alt) || m->letter == '1' || (c == 'I' && is_small(last)) ||
	       (is_sign(last) && (m->kind == FOLD_LETTER || m->kind == FOLD_DIGIT || outer)) ||
	       (outer && last->kind == FOLD_LETTER);
}

/* False: it is full. */
static bool put(arena_t *a, struct row *r, struct mark m)
{
	if (r->n == r->cap) {
		size_t cap = r->cap * 2 + 64 < FOLD_UNITS ? r->cap * 2 + 64 : FOLD_UNITS;
		if (r->n == cap)
			return false;
		r->v = arena_grow(a, r->v, r->cap * sizeof *r->v, cap * sizeof *r->v);
		r->cap = cap;
	}
	r->v[r->n++] = m;
	return true;
}

static const struct glyph *glyph(struct folder *f, arena_t *a, uint32_t c, const uint32_t **more)
{
	const struct glyph *g = glyph_of(f, c, more);
	if (!g)
		arena_exhausted(a);
	return g;
}

/* One code point of a text that has it at `from` to `till`. */
static bool take(struct folder *f, arena_t *a, uint32_t c, uint32_t from, uint32_t till, struct row *r)
{
	const uint32_t *more, *none;
	const struct glyph *g = glyph(f, a, c, &more);
	if (!g->n && r->n && r->v[r->n - 1].kind != FOLD_GAP)
		r->v[r->n - 1].till = till;
	if (g->n == 1) {
		struct mark m = { g->letter, from, till, g->kind, g->alt, g->flags };
		r->twofold |= is_twofold(r->n ? &r->v[r->n - 1] : &(struct mark){ .kind = FOLD_GAP }, &m, c);
		return put(a, r, m);
	}
	for (uint8_t i = 0; i < g->n; i++) {
		uint32_t d = more[g->letter + i];
		const struct glyph *part = glyph(f, a, d, &none);
		if (part->n && !put(a, r, (struct mark){ d, from, till, part->kind, part->alt, g->flags }))
			return false;
	}
	return true;
}

/* Counts of letters as they are written; `marks` is of the code points just before. */
static void count(const struct glyph *g, size_t *marks, struct folded *out)
{
	*marks = g->flags & GLYPH_MARK ? *marks + 1 : 0;
	if (*marks > out->marks)
		out->marks = *marks;
	out->letters += g->flags & GLYPH_CASED ? 1 : 0;
	out->capitals += g->flags & GLYPH_UPPER ? 1 : 0;
}

static struct row row_of(struct folder *f, arena_t *a, str_t text, struct folded *out)
{
	struct row r = { .cap = text.n < FOLD_UNITS ? text.n : FOLD_UNITS };
	size_t at = 0, from = 0, marks = 0;
	const uint32_t *more;
	int32_t c;
	r.v = arena_array(a, r.cap + 1, sizeof *r.v);
	while ((c = str_next_rune(text, &at)) >= 0) {
		if (at > UINT32_MAX || !take(f, a, (uint32_t)c, (uint32_t)from, (uint32_t)at, &r)) {
			out->cut = true;
			break;
		}
		count(glyph(f, a, (uint32_t)c, &more), &marks, out);
		from = at;
	}
	return r;
}

/* --- readings --- */

/* Signs are letters in all but the first; capitals are what they look like in the last two; 1 is l in the last, else
 * i. */
enum way { PLAIN, LISTED, SIGNS, SIGNS_L };

static void gap(struct fold_reading *r, const struct mark *m)
{
	struct fold_unit *last = r->n ? &r->v[r->n - 1] : NULL;
	if (last && last->kind == FOLD_GAP)
		last->till = m->till;
	else if (last)
		r->v[r->n++] = (struct fold_unit){ ' ', m->from, m->till, 1, FOLD_GAP };
}

static void letter(struct fold_reading *r, const struct fold_unit *u)
{
	struct fold_unit *last = r->n ? &r->v[r->n - 1] : NULL;
	if (!last || last->letter != u->letter || u->kind == FOLD_FREE) {
		r->v[r->n++] = *u;
		return;
	}
	uint32_t run = (uint32_t)last->run + u->run;
	last->run = run < UINT16_MAX ? (uint16_t)run : UINT16_MAX;
	last->till = u->till;
	if (u->kind == FOLD_LETTER)
		last->kind = FOLD_LETTER;
}

/* From `at` to where the chunk ends; `lettered`: it has a letter, so digits and signs may be some. */
static size_t chunk(const struct row *r, size_t at, enum way way, bool *lettered)
{
	size_t end = at;
	bool a = false, s = false;
	*lettered = false;
	if (is_inner_sign(&r->v[at]))
		return at;
	for (; end < r->n && (r->v[end].kind != FOLD_GAP || (way != PLAIN && is_sign(&r->v[end]))); end++) {
		*lettered |= r->v[end].kind == FOLD_LETTER;
		a |= r->v[end].letter == '@';
		s |= r->v[end].letter == '$';
	}
	*lettered |= a && s;
	while (end > at + 1 && is_inner_sign(&r->v[end - 1]))
		end--;
	return end;
}

static struct fold_unit unit(const struct row *r, size_t at, enum way way, bool lettered)
{
	const struct mark *m = &r->v[at];
	struct fold_unit u = { m->letter, m->from, m->till, 1, m->kind };
	bool sign = is_sign(m), small = at && is_small(&r->v[at - 1]);
	if (m->alt && lettered && (sign || m->kind == FOLD_DIGIT || way >= SIGNS))
		u.letter = m->alt;
	if (sign)
		u.kind = FOLD_LETTER;
	if (way == SIGNS_L && lettered && (m->letter == '1' || m->letter == '|'))
		u.letter = 'l';
	if (way == SIGNS_L && small && m->letter == 'i' && (m->flags & GLYPH_UPPER))
		u.letter = 'l'; /* "sIut" */
	return u;
}

static struct fold_reading read_row(arena_t *a, const struct row *row, enum way way)
{
	struct fold_reading r = { arena_array(a, row->n + 1, sizeof *r.v), 0, false };
	for (size_t at = 0; at < row->n;) {
		bool lettered;
		size_t end = chunk(row, at, way, &lettered);
		if (end == at)
			gap(&r, &row->v[at++]);
		for (; at < end; at++) {
			struct fold_unit u = unit(row, at, way, lettered);
			if (is_sign(&row->v[at]) && !lettered)
				gap(&r, &row->v[at]);
			else
				letter(&r, &u);
		}
	}
	if (r.n && r.v[r.n - 1].kind == FOLD_GAP)
		r.n--;
	return r;
}

static bool same(const struct fold_reading *x, const struct fold_reading *y)
{
	bool is = x->n == y->n;
	for (size_t i = 0; is && i < x->n; i++)
		is = x->v[i].letter == y->v[i].letter && x->v[i].run == y->v[i].run && x->v[i].from == y->v[i].from;
	return is;
}

/* --- words spelled letter by letter --- */

enum { SPELLED_LEAST = 3 };

static bool alone(const struct fold_reading *r, size_t at)
{
	return (r->v[at].kind == FOLD_LETTER || r->v[at].kind == FOLD_DIGIT) &&
	       (at == 0 || r->v[at - 1].kind == FOLD_GAP) && (at + 1 == r->n || r->v[at + 1].kind == FOLD_GAP);
}

/* Single letters from `at` with gaps between: where the last of them ends. */
static size_t spelled(const struct fold_reading *r, size_t at, size_t *count, bool *lettered)
{
	*count = 0;
	*lettered = false;
	for (; at < r->n && alone(r, at); at += 2) {
		*lettered |= r->v[at].kind == FOLD_LETTER;
		++*count;
	}
	return at;
}

static void join(const struct fold_reading *r, size_t from, size_t end, bool l, struct fold_reading *out)
{
	if (out->n)
		out->v[out->n++] = (struct fold_unit){ ' ', r->v[from].from, r->v[from].from, 1, FOLD_GAP };
	for (size_t i = from; i < end; i += 2) {
		struct fold_unit u = r->v[i];
		uint8_t as = u.kind == FOLD_DIGIT ? glyph_digit(u.letter) : 0;
		if (as)
			u.letter = l && u.letter == '1' ? 'l' : as;
		letter(out, &u);
	}
}

static struct fold_reading join_spelled(arena_t *a, const struct fold_reading *r, bool l)
{
	struct fold_reading out = { .spelled = true };
	for (size_t at = 0; at < r->n;) {
		size_t count;
		bool lettered;
		size_t end = spelled(r, at, &count, &lettered);
		if (count >= SPELLED_LEAST && lettered) {
			if (!out.v)
				out.v = arena_array(a, r->n - at + 1, sizeof *out.v);
			join(r, at, end, l, &out);
		}
		at = end > at ? end : at + 1;
	}
	return out;
}

/* --- the door --- */

static void keep(struct folded *out, struct fold_reading r)
{
	for (size_t i = 0; i < out->readings; i++)
		if (same(&out->reading[i], &r) || !r.n)
			return;
	assert(out->readings < FOLD_READINGS);
	out->reading[out->readings++] = r;
}

void fold(struct folder *f, arena_t *a, str_t text, struct folded *out)
{
	*out = (struct folded){ .original = text };
	struct row row = row_of(f, a, text, out);
	struct fold_reading first = read_row(a, &row, PLAIN), signs = first, l = first;
	out->reading[out->readings++] = first;
	if (row.twofold) {
		signs = read_row(a, &row, SIGNS);
		l = read_row(a, &row, SIGNS_L);
		keep(out, signs);
		keep(out, l);
	}
	keep(out, join_spelled(a, &signs, false));
	if (row.twofold)
		keep(out, join_spelled(a, &l, true));
}

void fold_listed(struct folder *f, arena_t *a, str_t text, struct fold_reading *out)
{
	struct folded counts = { 0 };
	struct row row = row_of(f, a, text, &counts);
	*out = read_row(a, &row, LISTED);
}

str_t fold_text(arena_t *a, const struct fold_reading *r, uint16_t run)
{
	struct buf b = buf_new(a, r->n + 1);
	for (size_t i = 0; i < r->n; i++) {
		const struct fold_unit *u = &r->v[i];
		bool number = u->letter >= '0' && u->letter <= '9';
		for (uint16_t k = 0; k < u->run && (number || k < run); k++)
			buf_add_rune(&b, u->letter);
	}
	return buf_str(&b);
}

/* The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the input moves every bit. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t fold_hash(const struct fold_unit *v, size_t n, uint16_t run, uint64_t seed)
{
	uint64_t h = mix(seed + 0x9e3779b97f4a7c15u);
	for (size_t i = 0; i < n; i++) {
		uint64_t times = v[i].run < run ? v[i].run : run;
		h = mix(h + 0x9e3779b97f4a7c15u + ((uint64_t)v[i].letter << 16 | times));
	}
	return h;
}

bool fold_word(const struct fold_reading *r, size_t *at, struct fold_reading *word)
{
	while (*at < r->n && r->v[*at].kind == FOLD_GAP)
		++*at;
	size_t from = *at;
	while (*at < r->n && r->v[*at].kind != FOLD_GAP)
		++*at;
	*word = (struct fold_reading){ r->v + from, *at - from, r->spelled };
	return *at > from;
}
