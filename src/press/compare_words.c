/* compare_words.c: one row of a comparison: which of its words went and came, written out. */
#include "press/compare.h"

static struct sequence word_numbers(arena_t *a, const struct words *w)
{
	uint32_t *v = arena_array(a, w->n + 1, sizeof *v);
	for (size_t i = 0; i < w->n; i++)
		v[i] = w->v[i].id;
	return (struct sequence){ v, w->n };
}

/* A picture's words: what it shows; where it lies, unless it is one of ours, which can be seen. */
static struct words block_words(arena_t *a, struct names *names, const struct block *b)
{
	if (!b->html.p)
		return (struct words){ 0 };
	if (b->kind != BLOCK_MEDIA)
		return words_of(a, names, b->html);
	str_t src = tag_attribute(a, b->html, "src");
	struct buf html = buf_new(a, b->html.n);
	buf_add_html(&html, tag_attribute(a, b->html, "alt"));
	if (!str_starts(src, S("/media/"))) {
		buf_add(&html, S("<a href=\""));
		buf_add_html(&html, src);
		buf_add(&html, S("\"></a>"));
	}
	return words_of(a, names, buf_str(&html));
}

/* A word or two that stayed between words that did not is no help to a reader: the runs around it become
 * one. */
static bool too_short(const struct runs *r, size_t i)
{
	enum { FEW = 2 };
	if (r->v[i].kind != RUN_SAME || r->v[i].n > FEW || i == 0 || i + 1 >= r->n)
		return false;
	size_t before = r->v[i - 1].n, behind = r->v[i + 1].n;
	return before >= 2 * r->v[i].n && behind >= 2 * r->v[i].n;
}

static void add(struct runs *out, enum run_kind kind, size_t a, size_t b, size_t n)
{
	struct run *last = out->n ? &out->v[out->n - 1] : NULL;
	if (n && last && last->kind == kind)
		last->n += n;
	else if (n)
		out->v[out->n++] = (struct run){ kind, a, b, n };
}

/* What has gone and what has come since the last run that stays, as one run each. */
struct pending {
	size_t a, b, gone, fresh;
};

static void flush(struct runs *out, struct pending *p)
{
	add(out, RUN_GONE, p->a, p->b, p->gone);
	add(out, RUN_NEW, p->a + p->gone, p->b, p->fresh);
}

static struct runs joined(arena_t *a, const struct runs *r)
{
	struct runs out = { .v = arena_array(a, 2 * r->n + 2, sizeof *out.v),
			    .gone = r->gone, .fresh = r->fresh };
	struct pending p = { 0 };
	for (size_t i = 0; i < r->n; i++) {
		const struct run *run = &r->v[i];
		bool same = run->kind == RUN_SAME;
		if (same && !too_short(r, i)) {
			flush(&out, &p);
			add(&out, RUN_SAME, run->a, run->b, run->n);
			p = (struct pending){ run->a + run->n, run->b + run->n, 0, 0 };
			continue;
		}
		p.gone += same || run->kind == RUN_GONE ? run->n : 0;
		p.fresh += same || run->kind == RUN_NEW ? run->n : 0;
	}
	flush(&out, &p);
	return out;
}

void row_words(arena_t *a, const struct row *row, struct diff_budget *budget, struct row_words *out)
{
	struct names names = names_new(a);
	*out = (struct row_words){ .was = block_words(a, &names, &row->was),
				   .is = block_words(a, &names, &row->is) };
	struct sequence x = word_numbers(a, &out->was), y = word_numbers(a, &out->is);
	struct runs runs;
	diff_least(a, x, y, budget, &runs);
	out->gone = runs.gone;
	out->fresh = runs.fresh;
	out->runs = joined(a, &runs);
}

/* --- writing --- */

static const struct {
	uint16_t    style;
	const char *open, *close;
} elements[] = {
	{ STYLE_STRONG, "<strong>", "</strong>" }, { STYLE_EM, "<em>", "</em>" }, { STYLE_S, "<s>", "</s>" },
	{ STYLE_SUB, "<sub>", "</sub>" }, { STYLE_SUP, "<sup>", "</sup>" },
	{ STYLE_CODE, "<code>", "</code>" }, { STYLE_MARK, "<mark>", "</mark>" }, { STYLE_Q, "<q>", "</q>" },
	{ STYLE_SMALL, "<small>", "</small>" },
	{ STYLE_ADDRESS, "<span class=\"address\">", "</span>" },
};

static void open_style(struct buf *out, uint16_t style)
{
	for (size_t i = 0; i < COUNT(elements); i++)
		if (style & elements[i].style)
			buf_add(out, str_of(elements[i].open));
}

static void close_style(struct buf *out, uint16_t style)
{
	for (size_t i = COUNT(elements); i-- > 0;)
		if (style & elements[i].style)
			buf_add(out, str_of(elements[i].close));
}

/* One run, its styles opened and closed in it. Addresses are shown where they changed. */
static void write_words(struct buf *out, const struct word *v, size_t n, bool changed, bool html)
{
	uint16_t style = 0;
	for (size_t i = 0; i < n; i++) {
		if (!changed && (v[i].style & STYLE_ADDRESS))
			continue;
		uint16_t wanted = html ? v[i].style : 0;
		if (style != wanted)
			close_style(out, style);
		if (v[i].space && i)
			buf_add_char(out, ' ');
		if (style != wanted)
			open_style(out, wanted);
		style = wanted;
		if (html)
			buf_add_html(out, v[i].text);
		else
			buf_add(out, v[i].text);
	}
	close_style(out, style);
}

static void write_run(struct buf *out, const struct row_words *w, const struct run *r,
		      const struct pen *pen)
{
	const struct word *v = r->kind == RUN_GONE ? w->was.v + r->a : w->is.v + r->b;
	bool silent = r->kind == RUN_SAME && (v->style & STYLE_ADDRESS);
	if (v->space && out->n && !silent)
		buf_add_char(out, ' ');
	if (r->kind == RUN_GONE)
		buf_add(out, pen->gone);
	if (r->kind == RUN_NEW)
		buf_add(out, pen->fresh);
	write_words(out, v, r->n, r->kind != RUN_SAME, pen->html);
	if (r->kind == RUN_GONE)
		buf_add(out, pen->gone_end);
	if (r->kind == RUN_NEW)
		buf_add(out, pen->fresh_end);
}

void row_write(struct buf *out, const struct row_words *w, enum row_side side, const struct pen *pen)
{
	struct buf own = buf_new(out->a, 256); /* spaces come between, not before */
	for (size_t i = 0; i < w->runs.n; i++) {
		const struct run *r = &w->runs.v[i];
		if ((r->kind == RUN_GONE && side == SIDE_IS) || (r->kind == RUN_NEW && side == SIDE_WAS))
			continue;
		write_run(&own, w, r, pen);
	}
	buf_add(out, buf_str(&own));
}
