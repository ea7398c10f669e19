/* learn_keep.c: what a learner has learned, as bytes.
 *
 *	"STETLRN" version | seen of each | counts of each | recent decisions of each | 16 bytes of BLAKE2b over all before
 *
 * Numbers are LEB128. Counts are pairs of how many zeros to skip and the count behind them; a decision is its number
 * of features and the steps from bucket to bucket. */
#include "forum/learn_model.h"

#include <sodium.h>
#include <stdlib.h>

enum { SUM = crypto_generichash_BYTES_MIN, VERSION = 1 };

static const char magic[] = "STETLRN";

static void put(struct buf *b, uint32_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_add_char(b, (char)(n | 0x80));
	buf_add_char(b, (char)n);
}

static void put_counts(struct buf *b, const uint32_t *count)
{
	uint32_t zeros = 0;
	for (size_t i = 0; i < LEARN_BUCKETS; i++) {
		if (!count[i] && i + 1 < LEARN_BUCKETS) {
			zeros++;
			continue;
		}
		put(b, zeros);
		put(b, count[i]);
		zeros = 0;
	}
}

static void put_sample(struct buf *b, const struct sample *s)
{
	uint32_t last = 0;
	put(b, s->n);
	for (uint32_t i = 0; i < s->n; i++) {
		put(b, s->v[i] - last);
		last = s->v[i];
	}
}

static void sum_of(str_t bytes, unsigned char out[SUM])
{
	crypto_generichash(out, SUM, (const unsigned char *)bytes.p, bytes.n, NULL, 0);
}

str_t learn_save(const struct learner *l, arena_t *a)
{
	struct buf b = buf_new(a, 1 << 16);
	unsigned char sum[SUM];
	buf_add(&b, str_of(magic));
	buf_add_char(&b, VERSION);
	for (int c = 0; c < LEARN_CLASSES; c++)
		put(&b, l->seen[c]);
	for (int c = 0; c < LEARN_CLASSES; c++)
		put_counts(&b, l->count[c]);
	for (int c = 0; c < LEARN_CLASSES; c++) {
		const struct samples *s = &l->recent[c];
		put(&b, s->n);
		for (uint32_t i = 0; i < s->n; i++)
			put_sample(&b, sample_at(s, i));
	}
	sum_of(buf_str(&b), sum);
	buf_add(&b, str_from((const char *)sum, SUM));
	return buf_str(&b);
}

/* --- reading --- */

/* False: no number, or one above `most`. */
static bool get(str_t *rest, uint32_t most, uint32_t *out)
{
	uint64_t n = 0;
	for (unsigned shift = 0; shift < 35 && rest->n; shift += 7) {
		unsigned char c = (unsigned char)rest->p[0];
		*rest = str_slice(*rest, 1, rest->n);
		n |= (uint64_t)(c & 0x7f) << shift;
		if (c & 0x80)
			continue;
		*out = (uint32_t)n;
		return n <= most;
	}
	return false;
}

static bool get_counts(str_t *rest, uint32_t seen, uint32_t *count)
{
	uint32_t zeros;
	for (uint32_t i = 0; i < LEARN_BUCKETS; i++) {
		if (!get(rest, LEARN_BUCKETS - 1 - i, &zeros))
			return false;
		i += zeros;
		if (!get(rest, seen, &count[i]))
			return false;
	}
	return true;
}

/* Each feature of a recent decision was counted with it. */
static bool get_sample(str_t *rest, const uint32_t *count, struct samples *out)
{
	uint16_t v[LEARN_FEATURES];
	uint32_t n, step, last = 0;
	if (!get(rest, LEARN_FEATURES, &n))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (!get(rest, LEARN_BUCKETS - 1 - last, &step) || (i && !step) || !count[last + step])
			return false;
		last += step;
		v[i] = (uint16_t)last;
	}
	sample_keep(out, v, n);
	return true;
}

static bool get_samples(str_t *rest, uint32_t seen, const uint32_t *count, struct samples *out)
{
	uint32_t n;
	if (!get(rest, seen < LEARN_RECENT ? seen : LEARN_RECENT, &n))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!get_sample(rest, count, out))
			return false;
	return true;
}

static bool get_all(str_t *rest, struct learner *l)
{
	for (int c = 0; c < LEARN_CLASSES; c++)
		if (!get(rest, INT32_MAX, &l->seen[c]))
			return false;
	for (int c = 0; c < LEARN_CLASSES; c++)
		if (!get_counts(rest, l->seen[c], l->count[c]))
			return false;
	for (int c = 0; c < LEARN_CLASSES; c++)
		if (!get_samples(rest, l->seen[c], l->count[c], &l->recent[c]))
			return false;
	return rest->n == 0;
}

static err_t check(str_t bytes)
{
	unsigned char sum[SUM];
	size_t head = sizeof magic; /* with the version */
	if (bytes.n < head + SUM || !str_starts(bytes, str_of(magic)))
		return err_new(ERR_CORRUPT, "these are not the bytes of a classifier");
	if (bytes.p[head - 1] != VERSION)
		return err_new(ERR_CORRUPT, "the classifier was kept by another version of Stet (%d, here %d): it has to "
				"learn anew from the decisions", bytes.p[head - 1], VERSION);
	sum_of(str_slice(bytes, 0, bytes.n - SUM), sum);
	if (memcmp(sum, bytes.p + bytes.n - SUM, SUM) != 0)
		return err_new(ERR_CORRUPT, "the classifier's bytes are damaged: it has to learn anew from the decisions");
	return OK;
}

err_t learn_load(str_t bytes, struct learner **out)
{
	struct learner *l;
	TRY(check(bytes));
	TRY(learn_new(&l));
	str_t rest = str_slice(bytes, sizeof magic, bytes.n - SUM);
	if (!get_all(&rest, l)) {
		learn_free(l);
		return err_new(ERR_CORRUPT, "the classifier's bytes contradict each other: it has to learn anew from the "
				"decisions");
	}
	l->stale = true;
	*out = l;
	return OK;
}
