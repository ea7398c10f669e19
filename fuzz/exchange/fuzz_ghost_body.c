/* fuzz_ghost_body.c: a Ghost post from a stranger: its HTML, Lexical and Mobiledoc. */
#include "exchange/ghost_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str_t some(void *ctx, str_t url)
{
	(void)ctx;
	return url.n % 2 ? S("/media/x") : (str_t){ NULL, 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	struct ghost_resolver resolver = { NULL, some, some };
	struct strs notes = { 0 };
	str_t in = str_from((const char *)data, size), html;
	const struct ghost_source sources[] = { { .html = in }, { .lexical = in },
						{ .mobiledoc = in }, { .markdown = in } };
	for (size_t i = 0; i < COUNT(sources); i++)
		err_free(ghost_body_import(a, &sources[i], &resolver, &html, &notes));
	arena_free(a);
	return 0;
}
