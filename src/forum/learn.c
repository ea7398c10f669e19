/* learn.c: see learn.h.
 *
 * A feature's weight is the logarithm of how much more often it stands in removed comments than in approved ones, with
 * a few decisions added as if they had been seen in the mix of all, so that a feature seen never or once says little.
 * A text's score is the sum of its features' weights by the root of their number: features overlap, and a long
 * text would be certain of anything. Score to probability is Platt's ("Probabilistic outputs for support vector
 * machines", 1999), fitted to the recent decisions, each scored with itself left out. */
#include "forum/learn_model.h"

#include <math.h>
#include <stdlib.h>

enum { RUN = 2, WORD_MOST = 60, SEED = 0x1ea7 };

static const double ADDED = 1.5; /* decisions as if seen */
static const double PIECE = 0.25; /* of a word they are many and say the same */
static const char *const kind_names[LEARN_KINDS] = { "word", "pair", "piece", "links", "capitals" };

const char *learn_kind_name(enum learn_kind kind)
{
	return kind_names[kind];
}

err_t learn_new(struct learner **out)
{
	*out = calloc(1, sizeof **out);
	return *out ? OK : err_new(ERR_MEMORY, "no memory for the classifier");
}

void learn_free(struct learner *l)
{
	for (int c = 0; l && c < LEARN_CLASSES; c++)
		for (size_t i = 0; i < LEARN_RECENT; i++)
			free(l->recent[c].v[i].v);
	free(l);
}

/* --- features --- */

struct feature {
	uint32_t from, till; /* in the original */
	uint32_t value;      /* of links and capitals */
	uint16_t bucket;
	uint8_t  kind;       /* enum learn_kind */
};

struct features {
	struct feature *v;
	size_t          n;
	uint64_t       *seen; /* a bit for each bucket */
};

static void put(struct features *f, uint64_t hash, struct feature x)
{
	x.bucket = (uint16_t)((hash >> 48 & ~(uint64_t)1) | (x.kind == LEARN_PIECE));
	uint64_t bit = (uint64_t)1 << (x.bucket & 63), *word = &f->seen[x.bucket >> 6];
	if (*word & bit || f->n == LEARN_FEATURES)
		return;
	*word |= bit;
	f->v[f->n++] = x;
}

static void put_units(struct features *f, enum learn_kind kind, const struct fold_unit *v, size_t n)
{
	put(f, fold_hash(v, n, RUN, SEED + (uint64_t)kind),
	    (struct feature){ .from = v[0].from, .till = v[n - 1].till, .kind = (uint8_t)kind });
}

/* Pieces of a word with the gaps around it; of a script without spaces shorter ones, which are its words. */
static void pieces(struct features *f, const struct fold_reading *word)
{
	struct fold_unit v[WORD_MOST + 2];
	size_t n = word->n < WORD_MOST ? word->n : WORD_MOST, least = word->v[0].kind == FOLD_FREE ? 1 : 3;
	memcpy(v + 1, word->v, n * sizeof *v);
	v[0] = (struct fold_unit){ ' ', v[1].from, v[1].from, 1, FOLD_GAP };
	v[n + 1] = (struct fold_unit){ ' ', v[n].till, v[n].till, 1, FOLD_GAP };
	for (size_t at = 0; at < n + 2; at++)
		for (size_t k = least; k <= 5 && at + k <= n + 2; k++)
			put_units(f, LEARN_PIECE, v + at, k);
}

/* A number as a feature: `step` of it, `value` to be told. */
static void put_number(struct features *f, enum learn_kind kind, uint32_t step, uint32_t value)
{
	struct fold_unit u = { .letter = step, .run = 1 };
	put(f, fold_hash(&u, 1, RUN, SEED + (uint64_t)kind), (struct feature){ .value = value, .kind = (uint8_t)kind });
}

static void put_counts(struct features *f, const struct learn_text *t)
{
	size_t letters = t->text->letters;
	uint32_t percent = letters ? (uint32_t)(t->text->capitals * 100 / letters) : 0;
	put_number(f, LEARN_LINKS, t->links < 3 ? t->links : 3, t->links);
	if (letters >= 10)
		put_number(f, LEARN_CAPITALS, percent < 10 ? 0 : percent < 30 ? 1 : percent < 60 ? 2 : 3, percent);
}

static struct features features_of(arena_t *a, const struct learn_text *t)
{
	struct fold_reading r = t->text->reading[0], word, last = { 0 };
	struct features f = { arena_array(a, LEARN_FEATURES, sizeof *f.v), 0,
			      arena_array(a, LEARN_BUCKETS / 64, sizeof *f.seen) };
	r.n = r.n < LEARN_LETTERS ? r.n : LEARN_LETTERS;
	put_counts(&f, t);
	for (size_t at = 0; fold_word(&r, &at, &word); last = word) {
		put_units(&f, LEARN_WORD, word.v, word.n);
		if (last.n)
			put_units(&f, LEARN_PAIR, last.v, (size_t)(word.v - last.v) + word.n);
		pieces(&f, &word);
	}
	return f;
}

/* --- scores --- */

/* The counts, and what to take off them where a decision is left out. */
struct counts {
	const struct learner *l;
	uint32_t              less[LEARN_CLASSES];
};

static double weight(const struct counts *k, uint16_t bucket)
{
	double n[LEARN_CLASSES], c[LEARN_CLASSES];
	if (!(k->l->count[0][bucket] - k->less[0]) && !(k->l->count[1][bucket] - k->less[1]))
		return 0; /* never seen */
	for (int i = 0; i < LEARN_CLASSES; i++) {
		n[i] = (double)(k->l->seen[i] - k->less[i]);
		c[i] = (double)(k->l->count[i][bucket] - k->less[i]);
	}
	double all = n[0] + n[1];
	if (n[0] <= 0 || n[1] <= 0)
		return 0;
	return log((c[LEARN_REMOVED] + ADDED * n[LEARN_REMOVED] / all) / n[LEARN_REMOVED]) -
	       log((c[LEARN_APPROVED] + ADDED * n[LEARN_APPROVED] / all) / n[LEARN_APPROVED]);
}

/* Pieces have the odd buckets: a sample does not say otherwise of which kind its features are. */
static double share_of(uint16_t bucket)
{
	return bucket & 1 ? PIECE : 1;
}

static double norm_of(double shares)
{
	return sqrt(shares > 1 ? shares : 1);
}

static double score(const struct counts *k, const uint16_t *v, size_t n)
{
	double sum = 0, shares = 0;
	for (size_t i = 0; i < n; i++) {
		sum += share_of(v[i]) * weight(k, v[i]);
		shares += share_of(v[i]);
	}
	return sum / norm_of(shares);
}

/* --- from score to probability --- */

struct point {
	double score, weight, target;
};

static size_t points(const struct learner *l, struct point *out)
{
	size_t n = 0;
	double all = (double)l->seen[0] + (double)l->seen[1];
	double both = (double)l->recent[0].n + (double)l->recent[1].n;
	for (int c = 0; c < LEARN_CLASSES; c++) {
		const struct samples *s = &l->recent[c];
		struct counts k = { l, { c == 0, c == 1 } };
		double target = (c == LEARN_REMOVED ? s->n + 1.0 : 1.0) / (s->n + 2.0);
		for (uint32_t i = 0; i < s->n; i++) {
			const struct sample *x = sample_at(s, i);
			double w = (double)l->seen[c] / s->n * both / all;
			out[n++] = (struct point){ score(&k, x->v, x->n), w, target };
		}
	}
	return n;
}

static double chance(double odds)
{
	return odds >= 0 ? 1 / (1 + exp(-odds)) : exp(odds) / (1 + exp(odds));
}

/* How badly a line through the points would do; its slope and curve, for Newton's step. */
struct fit {
	double loss, g[2], h[3];
};

static struct fit fit_of(const struct point *v, size_t n, double slope, double shift)
{
	static const double ridge = 1e-3; /* points that a line parts without an error would have no end of slope */
	struct fit f = { ridge * slope * slope / 2, { ridge * slope, 0 }, { ridge, 0, ridge } };
	for (size_t i = 0; i < n; i++) {
		double x = v[i].score, z = slope * x + shift, p = chance(z), w = v[i].weight;
		f.loss += w * (fmax(z, 0) - z * v[i].target + log1p(exp(-fabs(z))));
		f.g[0] += w * (p - v[i].target) * x;
		f.g[1] += w * (p - v[i].target);
		f.h[0] += w * p * (1 - p) * x * x;
		f.h[1] += w * p * (1 - p) * x;
		f.h[2] += w * p * (1 - p);
	}
	return f;
}

static void calibrate(struct learner *l)
{
	struct point v[LEARN_CLASSES * LEARN_RECENT];
	size_t n = points(l, v);
	double slope = 1, shift = log((l->seen[LEARN_REMOVED] + 1.0) / (l->seen[LEARN_APPROVED] + 1.0));
	struct fit f = fit_of(v, n, slope, shift);
	for (int round = 0; round < 50; round++) {
		double det = f.h[0] * f.h[2] - f.h[1] * f.h[1], step = 1;
		double by_slope = (f.h[2] * f.g[0] - f.h[1] * f.g[1]) / det;
		double by_shift = (f.h[0] * f.g[1] - f.h[1] * f.g[0]) / det;
		struct fit next = fit_of(v, n, slope - by_slope, shift - by_shift);
		while (!(next.loss <= f.loss) && step > 1e-6) {
			step /= 2;
			next = fit_of(v, n, slope - step * by_slope, shift - step * by_shift);
		}
		bool done = !(next.loss < f.loss - 1e-9);
		if (!(next.loss <= f.loss))
			break;
		slope -= step * by_slope;
		shift -= step * by_shift;
		f = next;
		if (done)
			break;
	}
	l->slope = slope > 0 ? slope : 0; /* below, it would know less than nothing */
	l->shift = shift;
	l->stale = false;
}

/* --- decisions --- */

static int rising(const void *x, const void *y)
{
	return *(const uint16_t *)x - *(const uint16_t *)y;
}

static uint16_t *buckets(arena_t *a, const struct features *f)
{
	uint16_t *v = arena_array(a, f->n + 1, sizeof *v);
	for (size_t i = 0; i < f->n; i++)
		v[i] = f->v[i].bucket;
	qsort(v, f->n, sizeof *v, rising);
	return v;
}

const struct sample *sample_at(const struct samples *s, uint32_t i)
{
	return &s->v[(s->next + LEARN_RECENT - s->n + i) % LEARN_RECENT];
}

/* Without memory for it the decision is counted all the same. */
void sample_keep(struct samples *s, const uint16_t *v, uint32_t n)
{
	uint16_t *copy = malloc(n * sizeof *v + 1);
	if (!copy)
		return;
	memcpy(copy, v, n * sizeof *v);
	free(s->v[s->next].v);
	s->v[s->next] = (struct sample){ copy, n };
	s->next = (s->next + 1) % LEARN_RECENT;
	s->n += s->n < LEARN_RECENT ? 1 : 0;
}

/* The ring closes over the hole: the newest comes to stand in it. */
static void sample_drop(struct samples *s, const uint16_t *v, uint32_t n)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct sample *x = &s->v[i], *last = &s->v[s->n - 1];
		if (x->n != n || memcmp(x->v, v, n * sizeof *v) != 0)
			continue;
		free(x->v);
		*x = *last;
		*last = (struct sample){ 0 };
		s->next = --s->n;
		return;
	}
}

void learn(struct learner *l, arena_t *a, const struct learn_text *t, enum learn_class c)
{
	struct features f = features_of(a, t);
	if (l->seen[c] == INT32_MAX)
		return;
	for (size_t i = 0; i < f.n; i++)
		l->count[c][f.v[i].bucket]++;
	l->seen[c]++;
	sample_keep(&l->recent[c], buckets(a, &f), (uint32_t)f.n);
	l->stale = true;
}

bool unlearn(struct learner *l, arena_t *a, const struct learn_text *t, enum learn_class c)
{
	struct features f = features_of(a, t);
	if (!l->seen[c])
		return false;
	for (size_t i = 0; i < f.n; i++)
		if (!l->count[c][f.v[i].bucket])
			return false;
	for (size_t i = 0; i < f.n; i++)
		l->count[c][f.v[i].bucket]--;
	l->seen[c]--;
	sample_drop(&l->recent[c], buckets(a, &f), (uint32_t)f.n);
	l->stale = true;
	return true;
}

uint32_t learn_seen(const struct learner *l, enum learn_class c)
{
	return l->seen[c];
}

/* --- opinions --- */

static str_t reason_text(arena_t *a, const struct learn_text *t, const struct feature *f)
{
	if (f->kind == LEARN_LINKS || f->kind == LEARN_CAPITALS)
		return str_format(a, "%u", f->value);
	return str_slice(t->text->original, f->from, f->till);
}

/* Nothing that lies within another reason: the pieces of a word say what it says. */
static bool is_said(const struct feature *const *said, size_t n, const struct feature *f)
{
	for (size_t i = 0; i < n; i++)
		if (f->till > f->from && f->from < said[i]->till && said[i]->from < f->till)
			return true;
	return false;
}

static void explain(arena_t *a, const struct learn_text *t, const struct features *f, double *weights, double by,
		    struct learn_opinion *out)
{
	const struct feature *said[LEARN_REASONS];
	while (out->n < LEARN_REASONS) {
		size_t best = f->n;
		for (size_t i = 0; i < f->n; i++)
			if (weights[i] != 0 && (best == f->n || fabs(weights[i]) > fabs(weights[best])) &&
			    !is_said(said, out->n, &f->v[i]))
				best = i;
		if (best == f->n)
			return;
		said[out->n] = &f->v[best];
		out->why[out->n++] = (struct learn_reason){ (enum learn_kind)f->v[best].kind,
							    reason_text(a, t, &f->v[best]), weights[best] * by };
		weights[best] = 0;
	}
}

static bool is_trained(const struct learner *l, uint32_t least)
{
	for (int c = 0; c < LEARN_CLASSES; c++)
		if (l->seen[c] < least || !l->seen[c])
			return false;
	return true;
}

bool learn_held_out(struct learner *l, uint32_t least, int64_t percent, struct learn_figures *out)
{
	struct point v[LEARN_CLASSES * LEARN_RECENT];
	double held = 0, right = 0, removed = 0;
	*out = (struct learn_figures){ 0 };
	if (!is_trained(l, least))
		return false;
	if (l->stale)
		calibrate(l);
	size_t n = points(l, v);
	for (size_t i = 0; i < n; i++) {
		bool gone = i >= l->recent[LEARN_APPROVED].n; /* points are in the order of classes */
		bool holds = chance(l->slope * v[i].score + l->shift) * 100 >= (double)percent;
		out->removed += gone;
		out->found += gone && holds;
		out->approved += !gone;
		out->wrong += !gone && holds;
		removed += gone ? v[i].weight : 0;
		held += holds ? v[i].weight : 0;
		right += gone && holds ? v[i].weight : 0;
	}
	out->precision = held > 0 ? right / held : 0;
	out->recall = removed > 0 ? right / removed : 0;
	return true;
}

void learn_judge(struct learner *l, arena_t *a, const struct learn_text *t, uint32_t least, struct learn_opinion *out)
{
	struct counts k = { l, { 0 } };
	*out = (struct learn_opinion){ 0 };
	if (!is_trained(l, least))
		return;
	if (l->stale)
		calibrate(l);
	struct features f = features_of(a, t);
	double *weights = arena_array(a, f.n + 1, sizeof *weights), sum = 0, shares = 0;
	for (size_t i = 0; i < f.n; i++) {
		weights[i] = share_of(f.v[i].bucket) * weight(&k, f.v[i].bucket);
		sum += weights[i];
		shares += share_of(f.v[i].bucket);
	}
	out->trained = true;
	out->probability = chance(l->slope * sum / norm_of(shares) + l->shift);
	explain(a, t, &f, weights, l->slope / norm_of(shares), out);
}
