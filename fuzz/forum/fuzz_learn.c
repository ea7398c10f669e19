/* fuzz_learn.c: kept bytes of a classifier, as they come and with a right sum behind them. What is loaded must judge,
 * learn, be kept and come back the same. */
#include "forum/learn.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct folder *folder;

static void use(arena_t *a, struct learner *l)
{
	struct folded f;
	struct learn_opinion o;
	struct learner *again;
	fold(folder, a, S("You idiot, the BUS was late: click http://x"), &f);
	struct learn_text t = { &f, 1 };
	learn_judge(l, a, &t, 1, &o);
	if (o.trained && !(o.probability >= 0 && o.probability <= 1))
		abort();
	learn(l, a, &t, LEARN_REMOVED);
	str_t kept = learn_save(l, a);
	if (learn_load(kept, &again) != OK || !str_eq(learn_save(again, a), kept))
		abort();
	learn_free(again);
	if (learn_seen(l, LEARN_REMOVED) < INT32_MAX && !unlearn(l, a, &t, LEARN_REMOVED))
		abort();
}

static void load(arena_t *a, str_t bytes)
{
	struct learner *l = NULL;
	err_t e = learn_load(bytes, &l);
	if (!e)
		use(a, l);
	else if (e->code != ERR_CORRUPT)
		abort();
	err_free(e);
	learn_free(e ? NULL : l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(1 << 26);
	struct buf b = buf_new(a, size + 32);
	unsigned char sum[16];
	if (!folder && folder_new(&folder))
		abort();
	load(a, str_from((const char *)data, size));
	buf_add(&b, S("STETLRN\1"));
	buf_add(&b, str_from((const char *)data, size));
	crypto_generichash(sum, sizeof sum, (const unsigned char *)b.p, b.n, NULL, 0);
	buf_add(&b, str_from((const char *)sum, sizeof sum));
	load(a, buf_str(&b));
	arena_free(a);
	return 0;
}
