/* fuzz_frontmatter.c: the head of a text file from a stranger. */
#include "exchange/frontmatter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	json_t *front;
	str_t body;
	err_free(frontmatter_split(a, str_from((const char *)data, size), &front, &body));
	arena_free(a);
	return 0;
}
