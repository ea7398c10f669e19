/* fuzz_config.c: stet.conf from a stranger. What is accepted must survive being written out and
 * read again. */
#include "base/config.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	struct config first, second;
	err_t e = config_parse(a, S("stet.conf"), str_from((const char *)data, size), &first);
	if (!e) {
		err_t again = config_parse(a, S("stet.conf"), config_write(a, &first), &second);
		if (again || !str_eq(first.name, second.name) || !str_eq(first.url, second.url))
			abort();
	}
	err_free(e);
	arena_free(a);
	return 0;
}
