/* fuzz_json_pieces.c: a document taken apart, beside jansson, which reads it whole: what that takes as one object is
 * complete here, too, and the elements are as many; and pieces of any size make no difference. */
#include "exchange/json_pieces.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static err_t count(void *ctx, str_t key, str_t text, bool in_array)
{
	size_t *n = ctx;
	(void)key;
	(void)in_array;
	if (!text.n)
		abort();
	n[0]++;
	return OK;
}

static err_t take_apart(str_t s, size_t step, size_t *n)
{
	arena_t *a = arena_create(0);
	struct json_pieces p;
	err_t e = OK;
	*n = 0;
	json_pieces_begin(&p, a, count, n);
	for (size_t at = 0; at < s.n && !e; at += step)
		e = json_pieces_add(&p, str_slice(s, at, at + step));
	if (!e)
		e = json_pieces_end(&p);
	arena_free(a);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str_t s = str_from((const char *)data, size);
	size_t whole, parts, wanted = 0;
	const char *key;
	json_t *v, *j = json_loadb(s.p, s.n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
	err_t a = take_apart(s, size + 1, &whole), b = take_apart(s, 3, &parts);
	if (!a != !b || whole != parts)
		abort();
	if (json_is_object(j)) {
		json_object_foreach(j, key, v)
			wanted += json_is_array(v) ? json_array_size(v) : 1;
		if (a || whole != wanted)
			abort();
	}
	json_decref(j);
	err_free(a);
	err_free(b);
	arena_t *own = arena_create(0);
	err_free(json_object_load(own, s, &j));
	json_decref(j);
	arena_free(own);
	return 0;
}
