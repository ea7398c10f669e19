/* diff.c: see diff.h. The fewest changes are found as in E. W. Myers, "An O(ND) Difference Algorithm and
 * Its Variations" (1986), section 4b: paths from both ends meet in a middle, which halves the rest.
 * Anchors are the longest rising row of elements that are alone on both sides ("patience"). */
#include "press/diff.h"

#include <stdlib.h>

/* How far paths from one end have come: on diagonal k, that is x - y, up to x. */
struct front {
	ptrdiff_t *at;        /* of diagonal `middle` at DIFF_APART + 1 */
	ptrdiff_t  middle;    /* where it began */
	ptrdiff_t  low, high; /* diagonals it has reached */
};

struct box {
	ptrdiff_t x0, x1, y0, y1;
};

struct diff {
	const uint32_t     *x, *y;
	bool               *gone, *fresh; /* one mark for each element */
	struct front        fore, back;
	struct diff_budget *budget;
};

static ptrdiff_t *slot(const struct front *f, ptrdiff_t k)
{
	return &f->at[k - f->middle + DIFF_APART + 1];
}

static void begin_front(struct front *f, ptrdiff_t middle, ptrdiff_t x)
{
	f->middle = f->low = f->high = middle;
	*slot(f, middle) = x;
}

/* One step wider, but not over the box's edge; `never` is where no path comes from. */
static void widen(struct front *f, ptrdiff_t lowest, ptrdiff_t highest, ptrdiff_t never)
{
	if (f->low > lowest)
		*slot(f, --f->low - 1) = never;
	else
		f->low++;
	if (f->high < highest)
		*slot(f, ++f->high + 1) = never;
	else
		f->high--;
}

static bool covers(const struct front *f, ptrdiff_t k)
{
	return k >= f->low && k <= f->high;
}

/* Forward by one change on every diagonal; true if the way back was met, at (*mx, *my). */
static bool step_forth(struct diff *d, const struct box *b, bool odd, ptrdiff_t *mx, ptrdiff_t *my)
{
	struct front *f = &d->fore;
	for (ptrdiff_t k = f->high; k >= f->low; k -= 2) {
		ptrdiff_t below = *slot(f, k - 1), above = *slot(f, k + 1);
		ptrdiff_t x = below < above ? above : below + 1, y = x - k;
		while (x < b->x1 && y < b->y1 && d->x[x] == d->y[y])
			x++, y++, d->budget->left--;
		*slot(f, k) = x;
		if (odd && covers(&d->back, k) && *slot(&d->back, k) <= x) {
			*mx = x, *my = y;
			return true;
		}
	}
	return false;
}

static bool step_back(struct diff *d, const struct box *b, bool odd, ptrdiff_t *mx, ptrdiff_t *my)
{
	struct front *f = &d->back;
	for (ptrdiff_t k = f->high; k >= f->low; k -= 2) {
		ptrdiff_t below = *slot(f, k - 1), above = *slot(f, k + 1);
		ptrdiff_t x = below < above ? below : above - 1, y = x - k;
		while (x > b->x0 && y > b->y0 && d->x[x - 1] == d->y[y - 1])
			x--, y--, d->budget->left--;
		*slot(f, k) = x;
		if (!odd && covers(&d->fore, k) && x <= *slot(&d->fore, k)) {
			*mx = x, *my = y;
			return true;
		}
	}
	return false;
}

/* A point on a shortest path through the box; false if it is not found within the bounds. */
static bool find_middle(struct diff *d, const struct box *b, ptrdiff_t *mx, ptrdiff_t *my)
{
	ptrdiff_t lowest = b->x0 - b->y1, highest = b->x1 - b->y0;
	begin_front(&d->fore, b->x0 - b->y0, b->x0);
	begin_front(&d->back, b->x1 - b->y1, b->x1);
	bool odd = ((d->fore.middle - d->back.middle) & 1) != 0;
	for (int apart = 1; apart < DIFF_APART; apart++) {
		d->budget->left -= 2 * apart;
		if (d->budget->left < 0)
			return false;
		widen(&d->fore, lowest, highest, -1);
		if (step_forth(d, b, odd, mx, my))
			return true;
		widen(&d->back, lowest, highest, PTRDIFF_MAX);
		if (step_back(d, b, odd, mx, my))
			return true;
	}
	return false;
}

static void mark(struct diff *d, const struct box *b)
{
	for (ptrdiff_t i = b->x0; i < b->x1; i++)
		d->gone[i] = true;
	for (ptrdiff_t i = b->y0; i < b->y1; i++)
		d->fresh[i] = true;
}

/* Each half holds half of the changes, so this goes no deeper than log2 of DIFF_APART. */
static void solve(struct diff *d, struct box b)
{
	ptrdiff_t mx, my;
	while (b.x0 < b.x1 && b.y0 < b.y1 && d->x[b.x0] == d->y[b.y0])
		b.x0++, b.y0++;
	while (b.x0 < b.x1 && b.y0 < b.y1 && d->x[b.x1 - 1] == d->y[b.y1 - 1])
		b.x1--, b.y1--;
	if (b.x0 == b.x1 || b.y0 == b.y1 || !find_middle(d, &b, &mx, &my)) {
		mark(d, &b);
		return;
	}
	solve(d, (struct box){ b.x0, mx, b.y0, my });
	solve(d, (struct box){ mx, b.x1, my, b.y1 });
}

/* --- anchors --- */

struct anchor {
	size_t x, y;
	size_t before; /* the anchor to the left of it in the best row, + 1; 0: none */
};

static int by_value(const void *p, const void *q)
{
	const uint64_t a = *(const uint64_t *)p, b = *(const uint64_t *)q;
	return a < b ? -1 : a > b;
}

/* Value and place of every element, sorted by value. */
static uint64_t *sorted(arena_t *a, struct sequence s)
{
	uint64_t *v = arena_array(a, s.n, sizeof *v);
	for (size_t i = 0; i < s.n; i++)
		v[i] = (uint64_t)s.v[i] << 32 | (uint32_t)i;
	if (s.n)
		qsort(v, s.n, sizeof *v, by_value);
	return v;
}

static size_t same_value(const uint64_t *v, size_t n, size_t from)
{
	size_t to = from + 1;
	while (to < n && v[to] >> 32 == v[from] >> 32)
		to++;
	return to;
}

static int by_x(const void *p, const void *q)
{
	const struct anchor *a = p, *b = q;
	return a->x < b->x ? -1 : a->x > b->x;
}

/* What stands once here and once there, in the order of x. */
static size_t find_unique(arena_t *a, struct sequence x, struct sequence y, struct anchor **out)
{
	uint64_t *vx = sorted(a, x), *vy = sorted(a, y);
	struct anchor *v = arena_array(a, x.n < y.n ? x.n : y.n, sizeof *v);
	size_t n = 0;
	for (size_t i = 0, j = 0; i < x.n && j < y.n;) {
		size_t i2 = same_value(vx, x.n, i), j2 = same_value(vy, y.n, j);
		uint64_t a_value = vx[i] >> 32, b_value = vy[j] >> 32;
		if (a_value == b_value && i2 == i + 1 && j2 == j + 1)
			v[n++] = (struct anchor){ .x = (uint32_t)vx[i], .y = (uint32_t)vy[j] };
		if (a_value <= b_value)
			i = i2;
		if (b_value <= a_value)
			j = j2;
	}
	if (n)
		qsort(v, n, sizeof *v, by_x);
	*out = v;
	return n;
}

/* The longest row of anchors that rises in y too; `piles[k]` ends the best row of k + 1 so far. */
static size_t longest_row(arena_t *a, struct anchor *v, size_t n, size_t **out)
{
	size_t *piles = arena_array(a, n, sizeof *piles), count = 0;
	for (size_t i = 0; i < n; i++) {
		size_t low = 0, high = count;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (v[piles[middle]].y < v[i].y)
				low = middle + 1;
			else
				high = middle;
		}
		v[i].before = low ? piles[low - 1] + 1 : 0;
		piles[low] = i;
		if (low == count)
			count++;
	}
	size_t *row = arena_array(a, count, sizeof *row);
	for (size_t k = count, at = count ? piles[count - 1] + 1 : 0; k > 0; at = v[at - 1].before)
		row[--k] = at - 1;
	*out = row;
	return count;
}

/* --- runs --- */

static struct run *add_run(arena_t *a, struct runs *r, enum run_kind kind, size_t x, size_t y)
{
	r->v = arena_room(a, r->v, r->n, sizeof *r->v);
	r->v[r->n] = (struct run){ kind, x, y, 0 };
	return &r->v[r->n++];
}

static void list_runs(arena_t *a, const struct diff *d, size_t nx, size_t ny, struct runs *out)
{
	*out = (struct runs){ 0 };
	for (size_t i = 0, j = 0; i < nx || j < ny;) {
		size_t x = i, y = j;
		while (i < nx && j < ny && !d->gone[i] && !d->fresh[j])
			i++, j++;
		if (i > x)
			add_run(a, out, RUN_SAME, x, y)->n = i - x;
		for (x = i; i < nx && d->gone[i];)
			i++;
		if (i > x)
			add_run(a, out, RUN_GONE, x, j)->n = i - x;
		out->gone += i - x;
		for (y = j; j < ny && d->fresh[j];)
			j++;
		if (j > y)
			add_run(a, out, RUN_NEW, i, y)->n = j - y;
		out->fresh += j - y;
	}
}

static struct diff begin(arena_t *a, struct sequence x, struct sequence y, struct diff_budget *budget)
{
	size_t room = 2 * DIFF_APART + 5;
	return (struct diff){
		.x = x.v, .y = y.v, .budget = budget,
		.gone = arena_alloc(a, x.n + 1), .fresh = arena_alloc(a, y.n + 1),
		.fore.at = arena_array(a, room, sizeof(ptrdiff_t)),
		.back.at = arena_array(a, room, sizeof(ptrdiff_t)),
	};
}

void diff_least(arena_t *a, struct sequence x, struct sequence y, struct diff_budget *budget,
		struct runs *out)
{
	struct diff d = begin(a, x, y, budget);
	solve(&d, (struct box){ 0, (ptrdiff_t)x.n, 0, (ptrdiff_t)y.n });
	list_runs(a, &d, x.n, y.n, out);
}

void diff_anchored(arena_t *a, struct sequence x, struct sequence y, struct diff_budget *budget,
		   struct runs *out)
{
	struct anchor *v;
	size_t *row, n = find_unique(a, x, y, &v);
	struct diff d = begin(a, x, y, budget);
	ptrdiff_t fromx = 0, fromy = 0;
	n = longest_row(a, v, n, &row);
	for (size_t i = 0; i < n; i++) {
		ptrdiff_t ax = (ptrdiff_t)v[row[i]].x, ay = (ptrdiff_t)v[row[i]].y;
		solve(&d, (struct box){ fromx, ax, fromy, ay });
		fromx = ax + 1;
		fromy = ay + 1;
	}
	solve(&d, (struct box){ fromx, (ptrdiff_t)x.n, fromy, (ptrdiff_t)y.n });
	list_runs(a, &d, x.n, y.n, out);
}
