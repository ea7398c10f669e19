/* fuzz_fold.c: any bytes, folded. Every unit must come from bytes that are there, in order; gaps stand alone and
 * never at an end; a plain reading folded again is itself. */
#include "forum/fold.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct folder *folder;

static void check(const struct fold_reading *r, size_t size)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct fold_unit *u = &r->v[i], *last = i ? u - 1 : NULL;
		bool gap = u->kind == FOLD_GAP;
		if (u->from > u->till || u->till > size || !u->run || (last && u->from < last->from))
			abort();
		if (gap && (!last || last->kind == FOLD_GAP || i + 1 == r->n))
			abort();
		if (last && last->letter == u->letter && u->kind != FOLD_FREE)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct folded f, again;
	arena_t *a = arena_create(1 << 26);
	if (!folder && folder_new(&folder))
		abort();
	fold(folder, a, str_from((const char *)data, size), &f);
	for (size_t i = 0; i < f.readings; i++)
		check(&f.reading[i], size);
	str_t text = fold_text(a, &f.reading[0], UINT16_MAX);
	fold(folder, a, text, &again);
	if (!str_eq(fold_text(a, &again.reading[0], UINT16_MAX), text))
		abort();
	arena_free(a);
	return 0;
}
