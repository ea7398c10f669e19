/* judging.h: what the tests of judging share: an arena and a folder for each test. */
#pragma once

#include "forum/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct bench {
	arena_t       *a;
	struct folder *folder;
};

int bench_setup(void **state);
int bench_teardown(void **state);

/* There must be no error. */
void succeeds(err_t e);
/* There must be one that says this. */
void refuses(err_t e, const char *says);

struct folded *folded_of(struct bench *b, const char *text);

#define FORUM_TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
