/* fuzz_live_file.c: what lies beside a story in a folder from a stranger: entries of a live blog, and a
 * history. They are read, not written; pictures are looked for in an empty publication. */
#include "exchange/livefile.h"
#include "exchange/pastfile.h"
#include "store/store.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct store *store_of_nothing(void)
{
	static char folder[] = "/tmp/stet-fuzz-XXXXXX";
	static char path[sizeof folder + 16];
	struct store *store;
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof path, "%s/stet.db", folder);
	if (store_open(&(struct store_options){ .path = path, .readers = 1, .may_create = true },
		       &store))
		abort();
	return store;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stet s;
	arena_t *a = arena_create(0);
	str_t text = str_from((const char *)data, size);
	struct live_file file = { .name = "storm.live.json", .text = text };
	struct import_story in = { 0 };
	struct live_import *v;
	size_t n;
	if (!s.store)
		s.store = store_of_nothing();
	err_free(livefile_read(&s, a, &file, 1, S("import"), &v, &n));
	err_free(pastfile_read(a, "storm.history.json", text, S(""), &in));
	arena_free(a);
	return 0;
}
