/* judging.c: see judging.h. */
#include "judging.h"

#include <stdlib.h>

int bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	b->a = arena_create(0);
	succeeds(folder_new(&b->folder));
	*state = b;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *b = *state;
	folder_free(b->folder);
	arena_free(b->a);
	free(b);
	return 0;
}

void succeeds(err_t e)
{
	if (e)
		fail_msg("%s", err_text(e));
}

void refuses(err_t e, const char *says)
{
	if (!e)
		fail_msg("no error, where it should say \"%s\"", says);
	if (!strstr(err_text(e), says))
		fail_msg("\"%s\" does not say \"%s\"", err_text(e), says);
	err_free(e);
}

struct folded *folded_of(struct bench *b, const char *text)
{
	struct folded *f = arena_new(b->a, struct folded);
	fold(b->folder, b->a, str_of(text), f);
	return f;
}
