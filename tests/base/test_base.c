/* test_base.c: the ground floor. */
#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void an_arena_over_its_cap_jumps_to_the_guard(void **state)
{
	(void)state;
	arena_t *a = arena_create(64 * 1024);
	struct oom_guard guard;
	volatile bool landed = false;
	if (arena_guard(a, &guard)) {
		landed = true;
	} else {
		for (;;)
			arena_alloc(a, 1000);
	}
	assert_true(landed);
	assert_true(arena_size(a) <= 64 * 1024);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arena_over_its_cap_jumps_to_the_guard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
