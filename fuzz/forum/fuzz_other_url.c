/* fuzz_other_url.c: what is taken as an address of another site's page is in its one form already, and may stand in a header:
 * no space, quote, comma, semicolon or wildcard in its origin. */
#include "forum/elsewhere.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_origin(str_t origin)
{
	for (size_t i = 0; i < origin.n; i++)
		if (origin.p[i] <= ' ' || origin.p[i] > '~' || strchr("\"';,*<>\\^`{|}@?#%", origin.p[i]))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	str_t said = str_from((const char *)data, size), origin, url, again, same;
	err_t e = other_url(a, said, &origin, &url);
	if (!e) {
		check_origin(origin);
		if (!str_starts(url, origin) || url.n > OTHER_URL_MOST || str_find_char(url, '#', 0) != STR_NONE)
			abort();
		e = other_url(a, url, &again, &same);
		if (e || !str_eq(again, origin) || !str_eq(same, url))
			abort();
		e = other_origin(a, origin, &again);
		if (e || !str_eq(again, origin))
			abort();
	}
	err_free(e);
	e = other_origin(a, said, &origin);
	if (!e)
		check_origin(origin);
	err_free(e);
	arena_free(a);
	return 0;
}
