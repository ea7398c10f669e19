/* compare.c: see compare.h. */
#include "press/compare.h"

#include "press/press.h"

#include <stdlib.h>

enum {
	/* Steps of looking in one comparison: a fraction of a second, whatever is compared. */
	LOOKING_MOST = 30 * 1000 * 1000,
	PAIRS_MOST = 64 * 64, /* blocks of a gap that are held against each other */
	BAG_MOST = 2000,      /* words of a block that count for its likeness */
	ALIKE = 400,          /* of 1000: from here on two blocks are one that was edited */
	MOVED_LEAST = 32,     /* bytes: shorter ones are alike by chance */
	ASIDE_MOST = 64 << 20,
};

static const char *const field_names[FIELDS] = {
	"kicker", "genre", "headline", "standfirst", "byline", "dateline", "section", "picture", "alt",
	"caption", "credit", "body", "tags", "correction",
};

static const char *const kind_names[BLOCK_KINDS] = {
	"paragraph", "heading", "item", "quote", "row", "code", "caption", "media", "rule",
};

const char *field_name(enum field f)
{
	return field_names[f];
}

const char *block_kind_name(enum block_kind k)
{
	return kind_names[k];
}

static const struct block nothing = { 0 };

static void add_row(arena_t *a, struct comparison *c, enum row_kind kind, enum field field,
		    struct block was, struct block is)
{
	c->v = arena_room(a, c->v, c->n, sizeof *c->v);
	c->v[c->n++] = (struct row){ kind, field, was, is };
}

static void free_aside(void *aside)
{
	arena_free(aside);
}

arena_t *aside_new(arena_t *a)
{
	arena_t *aside = arena_create(ASIDE_MOST);
	if (!aside)
		arena_exhausted(a);
	arena_defer(a, free_aside, aside);
	return aside;
}

void aside_do(arena_t *a, arena_t *aside, void (*work)(arena_t *aside, void *ctx), void *ctx)
{
	struct oom_guard guard;
	if (arena_guard(aside, &guard))
		arena_exhausted(a);
	work(aside, ctx);
	arena_unguard(aside, &guard);
	arena_reset(aside);
}

/* --- how alike two blocks are --- */

/* The words of a block as numbers in order; those of another that are the same have the same. */
struct bag {
	uint32_t *v;
	size_t    n;
};

static int by_number(const void *p, const void *q)
{
	const uint32_t a = *(const uint32_t *)p, b = *(const uint32_t *)q;
	return a < b ? -1 : a > b;
}

static struct bag bag_of(arena_t *a, struct names *names, const struct block *b)
{
	str_t html = b->kind == BLOCK_MEDIA ? tag_attribute(a, b->html, "alt") : b->html;
	struct words w = words_of(a, names, html);
	struct bag bag = { .n = w.n < BAG_MOST ? w.n : BAG_MOST };
	bag.v = arena_array(a, bag.n + 1, sizeof *bag.v);
	for (size_t i = 0; i < bag.n; i++)
		bag.v[i] = w.v[i].id;
	qsort(bag.v, bag.n, sizeof *bag.v, by_number);
	return bag;
}

/* Dice's coefficient: twice what they share, of all they have; of 1000. */
static int likeness(const struct bag *x, const struct bag *y)
{
	size_t shared = 0;
	for (size_t i = 0, j = 0; i < x->n && j < y->n;) {
		if (x->v[i] == y->v[j])
			shared++, i++, j++;
		else if (x->v[i] < y->v[j])
			i++;
		else
			j++;
	}
	return x->n + y->n ? (int)(2000 * shared / (x->n + y->n)) : 0;
}

/* A picture is never a paragraph that was edited. */
static bool may_pair(const struct block *x, const struct block *y)
{
	bool alone = x->kind == BLOCK_MEDIA || x->kind == BLOCK_CAPTION || x->kind == BLOCK_RULE ||
		     y->kind == BLOCK_MEDIA || y->kind == BLOCK_CAPTION || y->kind == BLOCK_RULE;
	return !alone || (x->kind == y->kind && x->kind != BLOCK_RULE);
}

/* --- a gap: blocks that are only here, and blocks that are only there --- */

struct gap {
	arena_t            *a;           /* where the rows go */
	struct comparison  *c;
	const struct block *was, *is;
	const bool         *left, *came; /* those that moved */
	size_t              p, q;
	int                *alike;       /* p * q */
	int                *best;        /* (p + 1) * (q + 1): the most likeness of what follows */
};

static bool same_source(arena_t *a, const struct block *x, const struct block *y)
{
	return str_eq(tag_attribute(a, x->html, "src"), tag_attribute(a, y->html, "src"));
}

static int media_likeness(arena_t *a, const struct block *x, const struct block *y, int words)
{
	return same_source(a, x, y) ? 1000 : words > ALIKE ? words : ALIKE; /* another picture in its place */
}

static void measure(arena_t *a, struct gap *g, struct diff_budget *budget)
{
	struct names names = names_new(a);
	struct bag *x = arena_array(a, g->p, sizeof *x), *y = arena_array(a, g->q, sizeof *y);
	for (size_t i = 0; i < g->p; i++)
		x[i] = bag_of(a, &names, &g->was[i]);
	for (size_t j = 0; j < g->q; j++)
		y[j] = bag_of(a, &names, &g->is[j]);
	for (size_t i = 0; i < g->p; i++)
		for (size_t j = 0; j < g->q && budget->left > 0; j++) {
			int *alike = &g->alike[i * g->q + j];
			if (g->left[i] || g->came[j] || !may_pair(&g->was[i], &g->is[j]))
				continue;
			*alike = likeness(&x[i], &y[j]);
			if (g->was[i].kind == BLOCK_MEDIA)
				*alike = media_likeness(a, &g->was[i], &g->is[j], *alike);
			budget->left -= (int64_t)(x[i].n + y[j].n);
		}
}

/* The pairs, in order on both sides, that are most alike all in all. */
static void choose(struct gap *g)
{
	size_t w = g->q + 1;
	for (size_t i = g->p; i-- > 0;)
		for (size_t j = g->q; j-- > 0;) {
			int down = g->best[(i + 1) * w + j], right = g->best[i * w + j + 1];
			int alike = g->alike[i * g->q + j];
			int both = alike >= ALIKE ? alike + g->best[(i + 1) * w + j + 1] : 0;
			int best = down > right ? down : right;
			g->best[i * w + j] = both > best ? both : best;
		}
}

/* A pair whose words are the same differs in what nobody sees. */
static enum row_kind kind_of_pair(arena_t *a, const struct row *row, struct diff_budget *budget)
{
	struct row_words w;
	row_words(a, row, budget, &w);
	if (row->was.kind == BLOCK_MEDIA && !same_source(a, &row->was, &row->is))
		return ROW_CHANGED;
	return w.gone || w.fresh ? ROW_CHANGED : ROW_SAME;
}

static void add_pair(arena_t *a, arena_t *aside, struct comparison *c, struct block was,
		     struct block is)
{
	struct row row = { ROW_CHANGED, FIELD_BODY, was, is };
	add_row(a, c, kind_of_pair(aside, &row, &c->budget), FIELD_BODY, was, is);
}

static void add_left(arena_t *a, struct comparison *c, const struct gap *g, size_t i)
{
	add_row(a, c, g->left[i] ? ROW_LEFT : ROW_GONE, FIELD_BODY, g->was[i], nothing);
}

static void add_came(arena_t *a, struct comparison *c, const struct gap *g, size_t j)
{
	add_row(a, c, g->came[j] ? ROW_CAME : ROW_NEW, FIELD_BODY, nothing, g->is[j]);
}

/* aside_do */
static void add_gap(arena_t *aside, void *ctx)
{
	struct gap *g = ctx;
	arena_t *a = g->a;
	struct comparison *c = g->c;
	size_t i = 0, j = 0, w = g->q + 1;
	if (g->p && g->q && g->p * g->q <= PAIRS_MOST) {
		g->alike = arena_array(aside, g->p * g->q, sizeof *g->alike);
		g->best = arena_array(aside, (g->p + 1) * w, sizeof *g->best);
		measure(aside, g, &c->budget);
		choose(g);
	}
	while (g->best && i < g->p && j < g->q) {
		int here = g->best[i * w + j], alike = g->alike[i * g->q + j];
		if (alike >= ALIKE && here == alike + g->best[(i + 1) * w + j + 1])
			add_pair(a, aside, c, g->was[i++], g->is[j++]);
		else if (here == g->best[(i + 1) * w + j])
			add_left(a, c, g, i++);
		else
			add_came(a, c, g, j++);
	}
	for (; i < g->p; i++)
		add_left(a, c, g, i);
	for (; j < g->q; j++)
		add_came(a, c, g, j);
}

/* --- bodies --- */

static struct sequence sequence_of(arena_t *a, const struct blocks *b)
{
	uint32_t *v = arena_array(a, b->n + 1, sizeof *v);
	for (size_t i = 0; i < b->n; i++)
		v[i] = b->v[i].id;
	return (struct sequence){ v, b->n };
}

/* Blocks that went in one place and came in another: each is used once. */
static void find_moved(arena_t *a, const struct blocks *x, const struct blocks *y,
		       const struct runs *r, size_t ids, bool *left, bool *came)
{
	uint32_t *where = arena_array(a, ids, sizeof *where); /* block of y + 1 */
	for (size_t i = r->n; i-- > 0;)
		for (size_t k = r->v[i].kind == RUN_NEW ? r->v[i].n : 0; k-- > 0;) {
			size_t j = r->v[i].b + k;
			if (y->v[j].html.n >= MOVED_LEAST)
				where[y->v[j].id] = (uint32_t)j + 1;
		}
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; r->v[i].kind == RUN_GONE && k < r->v[i].n; k++) {
			uint32_t *j = &where[x->v[r->v[i].a + k].id];
			if (!*j)
				continue;
			left[r->v[i].a + k] = came[*j - 1] = true;
			*j = 0;
		}
}

static void add_same(arena_t *a, struct comparison *c, const struct blocks *x, const struct blocks *y,
		     const struct run *r)
{
	for (size_t k = 0; k < r->n; k++)
		add_row(a, c, ROW_SAME, FIELD_BODY, x->v[r->a + k], y->v[r->b + k]);
}

static void compare_bodies(arena_t *a, struct comparison *c, str_t was, str_t is)
{
	struct names names = names_new(a);
	struct blocks x = blocks_of(a, &names, was), y = blocks_of(a, &names, is);
	struct runs runs;
	diff_anchored(a, sequence_of(a, &x), sequence_of(a, &y), &c->budget, &runs);
	bool *left = arena_alloc(a, x.n + 1), *came = arena_alloc(a, y.n + 1);
	find_moved(a, &x, &y, &runs, names.n, left, came);
	arena_t *aside = aside_new(a);
	for (size_t i = 0; i < runs.n; i++) {
		const struct run *r = &runs.v[i], *next = i + 1 < runs.n ? r + 1 : NULL;
		if (r->kind == RUN_SAME) {
			add_same(a, c, &x, &y, r);
			continue;
		}
		bool both = r->kind == RUN_GONE && next && next->kind == RUN_NEW;
		const struct run *fresh = both ? next : r;
		struct gap g = { .a = a, .c = c, .was = x.v + r->a, .left = left + r->a,
				 .is = y.v + fresh->b, .came = came + fresh->b,
				 .p = r->kind == RUN_GONE ? r->n : 0,
				 .q = fresh->kind == RUN_NEW ? fresh->n : 0 };
		aside_do(a, aside, add_gap, &g);
		i += both;
	}
}

/* --- fields --- */

static str_t escaped(arena_t *a, str_t text)
{
	struct buf b = buf_new(a, text.n + 16);
	buf_add_html(&b, text);
	return buf_str(&b);
}

static void compare_field(arena_t *a, struct comparison *c, enum field f, str_t was, str_t is)
{
	struct row row = { ROW_CHANGED, f, { .html = was }, { .html = is } };
	if (!was.n && !is.n)
		return;
	if (!was.n)
		add_row(a, c, ROW_NEW, f, nothing, row.is);
	else if (!is.n)
		add_row(a, c, ROW_GONE, f, row.was, nothing);
	else
		add_row(a, c, kind_of_pair(a, &row, &c->budget), f, row.was, row.is);
}

static void compare_plain(arena_t *a, struct comparison *c, enum field f, str_t was, str_t is)
{
	compare_field(a, c, f, escaped(a, was), escaped(a, is));
}

static str_t tag_names(arena_t *a, const struct story *st)
{
	str_t *v = arena_array(a, st->ntags + 1, sizeof *v);
	for (size_t i = 0; i < st->ntags; i++)
		v[i] = st->tags[i].name;
	return str_join(a, v, st->ntags, S(", "));
}

static str_t correction_html(arena_t *a, const struct story *st, size_t i)
{
	if (i >= st->ncorrections)
		return S("");
	const struct correction *k = &st->corrections[i];
	const str_t parts[] = { k->text, k->wrong, k->right };
	struct buf b = buf_new(a, k->text.n + k->wrong.n + k->right.n + 8);
	for (size_t n = 0; n < COUNT(parts); n++)
		if (parts[n].n) {
			buf_add(&b, b.n ? S(" ") : S(""));
			buf_add(&b, parts[n]);
		}
	return buf_str(&b);
}

static str_t picture_tag(arena_t *a, const struct story *st)
{
	if (!st->picture.media.hash.n)
		return S("");
	return str_format(a, "<img src=\"/media/%.*s\">", STR(st->picture.media.hash));
}

static void compare_picture(arena_t *a, struct comparison *c, const struct story *was,
			    const struct story *is)
{
	struct row row = { ROW_SAME, FIELD_PICTURE,
			   { .kind = BLOCK_MEDIA, .html = picture_tag(a, was) },
			   { .kind = BLOCK_MEDIA, .html = picture_tag(a, is) } };
	if (!row.was.html.n && !row.is.html.n)
		return;
	if (!row.was.html.n)
		add_row(a, c, ROW_NEW, FIELD_PICTURE, nothing, row.is);
	else if (!row.is.html.n)
		add_row(a, c, ROW_GONE, FIELD_PICTURE, row.was, nothing);
	else
		add_row(a, c, str_eq(row.was.html, row.is.html) ? ROW_SAME : ROW_CHANGED,
			FIELD_PICTURE, row.was, row.is);
}

void compare_stories(arena_t *a, const struct story *was, const struct story *is, str_t and,
		     struct comparison *out)
{
	struct comparison *c = out;
	*c = (struct comparison){ .budget.left = LOOKING_MOST };
	compare_plain(a, c, FIELD_KICKER, was->kicker, is->kicker);
	compare_plain(a, c, FIELD_GENRE, story_genre_name(was->genre), story_genre_name(is->genre));
	compare_plain(a, c, FIELD_HEADLINE, was->headline, is->headline);
	compare_field(a, c, FIELD_STANDFIRST, was->standfirst, is->standfirst);
	compare_plain(a, c, FIELD_BYLINE, byline(a, was->authors, was->nauthors, and),
		      byline(a, is->authors, is->nauthors, and));
	compare_plain(a, c, FIELD_DATELINE, was->dateline, is->dateline);
	compare_plain(a, c, FIELD_SECTION, was->section.name, is->section.name);
	compare_picture(a, c, was, is);
	compare_plain(a, c, FIELD_ALT, was->picture.alt, is->picture.alt);
	compare_field(a, c, FIELD_CAPTION, was->picture.caption, is->picture.caption);
	compare_plain(a, c, FIELD_CREDIT, was->picture.credit, is->picture.credit);
	compare_bodies(a, c, was->body, is->body);
	compare_plain(a, c, FIELD_TAGS, tag_names(a, was), tag_names(a, is));
	for (size_t i = 0; i < was->ncorrections || i < is->ncorrections; i++)
		compare_field(a, c, FIELD_CORRECTION, correction_html(a, was, i),
			      correction_html(a, is, i));
}
