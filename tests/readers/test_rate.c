/* test_rate.c: how often is too often. */
#include "readers/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

static struct rates *rates;
static const usec_t T = 1700000000 * SECOND;

static int setup(void **state)
{
	(void)state;
	err_t e = sodium_init() < 0 ? err_new(ERR_SYSTEM, "sodium") : rates_new(&rates);
	err_free(e);
	return e ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	rates_free(rates);
	return 0;
}

static bool may(enum rate what, const char *key, usec_t at)
{
	err_t e = rate_take(rates, what, str_of(key), at);
	bool yes = !e;
	if (e)
		assert_int_equal(e->code, ERR_BUSY);
	err_free(e);
	return yes;
}

static void five_mails_for_one_address_then_one_every_two_minutes(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(may(RATE_MAIL_PAIR, "a@example.org", T));
	assert_false(may(RATE_MAIL_PAIR, "a@example.org", T));
	assert_true(may(RATE_MAIL_PAIR, "b@example.org", T));
	assert_false(may(RATE_MAIL_PAIR, "a@example.org", T + 119 * SECOND));
	assert_true(may(RATE_MAIL_PAIR, "a@example.org", T + 121 * SECOND));
	assert_false(may(RATE_MAIL_PAIR, "a@example.org", T + 122 * SECOND));
}

static void looking_counts_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		err_t e = rate_look(rates, RATE_MAIL_PAIR, S("a@example.org"), T);
		assert_null(e);
	}
	assert_true(may(RATE_MAIL_PAIR, "a@example.org", T));
}

static void wrong_passwords_wait_twice_as_long_each_time(void **state)
{
	(void)state;
	usec_t now = T, last = 0;
	for (int i = 0; i < 4; i++)
		assert_true(may(RATE_PASSWORD_PAIR, "pair", now));
	for (int i = 0; i < 6; i++) {
		assert_true(may(RATE_PASSWORD_PAIR, "pair", now));
		usec_t wait = 0;
		while (!may(RATE_PASSWORD_PAIR, "pair", now + wait) && wait < HOUR) {
			wait += SECOND;
			err_t e = rate_look(rates, RATE_PASSWORD_PAIR, S("pair"), now + wait);
			bool free = !e;
			err_free(e);
			if (free)
				break;
		}
		assert_true(wait >= 2 * last);
		assert_true(wait >= SECOND);
		last = wait;
		now += wait;
	}
}

static void an_account_slows_down_but_is_never_shut_by_one_network(void **state)
{
	(void)state;
	/* The pair of a guesser waits; the owner's, from elsewhere, does not. */
	for (int i = 0; i < 20; i++)
		(void)may(RATE_PASSWORD_PAIR, "ada guesser", T);
	assert_false(may(RATE_PASSWORD_PAIR, "ada guesser", T + SECOND));
	assert_true(may(RATE_PASSWORD_PAIR, "ada home", T + SECOND));
}

static void a_right_one_begins_anew(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		(void)may(RATE_PASSWORD_PAIR, "pair", T);
	assert_false(may(RATE_PASSWORD_PAIR, "pair", T));
	rate_forget(rates, RATE_PASSWORD_PAIR, S("pair"));
	assert_true(may(RATE_PASSWORD_PAIR, "pair", T));
}

static void a_crowd_cannot_grow_the_table(void **state)
{
	(void)state;
	char key[32];
	for (int i = 0; i < 300000; i++) {
		snprintf(key, sizeof key, "10.%d", i);
		assert_true(may(RATE_NAME_CLIENT, key, T + i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(five_mails_for_one_address_then_one_every_two_minutes, setup, teardown),
		cmocka_unit_test_setup_teardown(looking_counts_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_passwords_wait_twice_as_long_each_time, setup, teardown),
		cmocka_unit_test_setup_teardown(an_account_slows_down_but_is_never_shut_by_one_network, setup, teardown),
		cmocka_unit_test_setup_teardown(a_right_one_begins_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_crowd_cannot_grow_the_table, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
