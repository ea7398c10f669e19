/* test_profile.c: names change at a pace, whoever asks at once. */
#include "accounts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct profile called(const char *name)
{
	return (struct profile){ .name = str_of(name), .about = S(""), .language = S("") };
}

static err_t rename_to(struct room *r, const struct reader *reader, const char *name)
{
	struct profile p = called(name);
	return reader_set_profile(&r->stet, r->world.a, reader, &p, S("reader"));
}

/* Both requests read the reader before either wrote. */
static void of_two_changes_at_once_the_second_comes_too_soon(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	assert_ok(rename_to(r, &ada, "Ada Pen"));
	assert_fails(rename_to(r, &ada, "Ada Pencil"), ERR_REFUSED, "refused.name-pace (pace=14\nn=14)");
	assert_ok(rename_to(r, &ada, "Ada Pen")); /* the same form, sent twice */
	r->stet.clock.fixed += NAME_PACE - SECOND;
	assert_fails(rename_to(r, &ada, "Ada Pencil"), ERR_REFUSED, "n=1");
	r->stet.clock.fixed += SECOND;
	assert_ok(rename_to(r, &ada, "Ada Pencil"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(of_two_changes_at_once_the_second_comes_too_soon),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
