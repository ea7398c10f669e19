/* fuzz_wp_body.c: what stands in a WordPress post, from a stranger. */
#include "exchange/wp_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str_t some(void *ctx, str_t url)
{
	(void)ctx;
	return url.n % 2 ? S("/media/x") : (str_t){ NULL, 0 };
}

static str_t attachment(void *ctx, int64_t id, str_t *alt, str_t *caption)
{
	(void)ctx;
	*alt = S("alt \"text\"");
	*caption = S("caption <b>");
	return id % 2 ? S("/media/x") : (str_t){ NULL, 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	struct wp_resolver resolver = { NULL, some, attachment, some };
	struct strs notes = { 0 };
	str_t html;
	err_free(wp_body_import(a, str_from((const char *)data, size), &resolver, &html, &notes));
	arena_free(a);
	return 0;
}
