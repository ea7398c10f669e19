/* test_letter.c: which addresses mail can reach, and that no value of a letter begins another header. That
 * the bytes are read as they were meant is shown with another's parser (tests/site/mail.test.mjs). */
#include "net/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

static void addresses_are_told_from_what_is_none(void **state)
{
	static const char *const good[] = { "a@example.org", "first.last+tag@sub.example.co.uk",
		"o'brien@example.ie", "x_y-z@1.example", "jos\xc3\xa9@m\xc3\xbcnster.example",
		"a@b.c", "!#$%&*/=?^`{|}~@example.org" };
	static const char *const bad[] = { "", "a", "@", "a@", "@b.c", "a@b", "a b@c.d", "a@b c.d", "a..b@c.d",
		".a@c.d", "a.@c.d", "a@.c.d", "a@c..d", "a@-c.d", "a@c-.d", "a@b@c.d", "a@c.d\r\nBcc: x@y.z",
		"<a@b.c>", "a@b.c,d@e.f", "\"a b\"@c.d", "a@[127.0.0.1]", "a@b.c ", "a\x01@b.c", "a@b_c.d" };
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!address_is_mail(str_of(good[i])))
			fail_msg("\"%s\" is an address", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (address_is_mail(str_of(bad[i])))
			fail_msg("\"%s\" is none", bad[i]);
}

static void a_long_one_is_refused(void **state)
{
	char local[400];
	(void)state;
	memset(local, 'a', sizeof local);
	memcpy(local + 64, "@example.org", 13);
	assert_true(address_is_mail(str_of(local)));
	memset(local, 'a', sizeof local);
	memcpy(local + 65, "@example.org", 13);
	assert_false(address_is_mail(str_of(local)));
}

static str_t line_of(str_t letter, const char *name)
{
	for (str_t rest = letter; rest.n;) {
		str_t line = str_cut(&rest, '\n');
		if (str_starts(line, str_of(name)))
			return line;
	}
	return S("");
}

static void no_value_begins_a_header(void **state)
{
	arena_t *a = arena_create(0);
	(void)state;
	str_t bytes = letter_write(a, &(struct letter){
		.from_name = S("The \"Courier\"\r\nBcc: all@example.org"), .from = S("desk@courier.example"),
		.to = S("a@example.org"), .subject = S("One\r\nBcc: all@example.org\nTwo"),
		.text = S("Hello.\n.\nQUIT\n"), .id = S("1@courier.example"), .date = SECOND });
	assert_int_equal(line_of(bytes, "Bcc").n, 0);
	/* A line of one dot would end the letter. */
	assert_int_equal(str_find(bytes, S("\r\n.\r\n"), 0), STR_NONE);
	for (str_t rest = bytes; rest.n;) {
		str_t line = str_cut(&rest, '\n');
		assert_true(line.n <= 79);
		for (size_t i = 0; i < line.n; i++)
			assert_true((unsigned char)line.p[i] < 0x80);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_told_from_what_is_none),
		cmocka_unit_test(a_long_one_is_refused),
		cmocka_unit_test(no_value_begins_a_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
