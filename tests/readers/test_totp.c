/* test_totp.c: codes of a second factor against RFC 6238's own vectors, and what a clock may be off by. */
#include "accounts.h"
#include "readers/roles.h"
#include "readers/totp.h"

#include "base/file.h"

/* RFC 6238, appendix B: SHA-1, eight digits there, of which ours are the last six. */
static void codes_are_those_of_rfc_6238(void **state)
{
	static const struct {
		int64_t     time;
		const char *code;
	} vectors[] = {
		{ 59, "287082" },	  { 1111111109, "081804" },  { 1111111111, "050471" },
		{ 1234567890, "005924" }, { 2000000000, "279037" },  { 20000000000, "353130" },
	};
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		str_t code = totp_code(r->world.a, S("12345678901234567890"), vectors[i].time / TOTP_STEP);
		assert_true(str_eq(code, str_of(vectors[i].code)));
	}
}

static void a_code_serves_a_step_early_or_late_and_never_twice(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	str_t secret = S("12345678901234567890");
	usec_t now = 1700000010 * SECOND;
	int64_t step = 1700000010 / TOTP_STEP;
	for (int64_t i = -3; i <= 3; i++) {
		int64_t found = totp_step_of(a, secret, totp_code(a, secret, step + i), now, 0);
		assert_int_equal(found, i >= -1 && i <= 1 ? step + i : 0);
	}
	assert_int_equal(totp_step_of(a, secret, totp_code(a, secret, step), now, step), 0);
	assert_int_equal(totp_step_of(a, secret, totp_code(a, secret, step - 1), now, step), 0);
	assert_int_equal(totp_step_of(a, secret, totp_code(a, secret, step + 1), now, step), step + 1);
}

static void what_is_typed_may_have_spaces_and_nothing_else(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	str_t secret = S("12345678901234567890"), code = totp_code(a, secret, 1000);
	usec_t now = 1000 * TOTP_STEP * SECOND;
	str_t spaced = str_format(a, " %.*s %.*s", 3, code.p, 3, code.p + 3);
	assert_int_equal(totp_step_of(a, secret, spaced, now, 0), 1000);
	static const char *const bad[] = { "", "12345", "1234567", "12345a", "١٢٣٤٥٦", "000000000000000000" };
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(totp_step_of(a, secret, str_of(bad[i]), now, 0), 0);
}

/* RFC 4648, section 10. */
static void base_32_is_that_of_rfc_4648(void **state)
{
	static const char *const vectors[][2] = { { "", "" }, { "f", "MY" }, { "fo", "MZXQ" },
		{ "foo", "MZXW6" }, { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(vectors); i++)
		assert_true(str_eq(base32_of(r->world.a, str_of(vectors[i][0])), str_of(vectors[i][1])));
}

static void recovery_codes_differ_and_hash_as_they_are_typed(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	str_t one = recovery_new(a), two = recovery_new(a);
	assert_int_equal(one.n, 11);
	assert_false(str_eq(one, two));
	str_t hash = recovery_hash(r->stet.readers, a, 7, one);
	assert_true(str_eq(hash, recovery_hash(r->stet.readers, a, 7, str_replace(a, one, S("-"), S(" ")))));
	assert_false(str_eq(hash, recovery_hash(r->stet.readers, a, 8, one)));
	assert_false(str_eq(hash, recovery_hash(r->stet.readers, a, 7, two)));
}

static void roles_may_what_the_handbook_says(void **state)
{
	struct room *r = *state;
	str_t page;
	assert_ok(file_read(r->world.a, "docs/roles.md", 1 << 20, &page));
	assert_true(str_find(page, roles_table(r->world.a), 0) != STR_NONE);
	for (int m = 0; m < MAYS; m++) {
		assert_false(role_may(ROLE_READER, (enum may)m));
		assert_true(role_may(ROLE_OWNER, (enum may)m));
	}
	assert_false(role_may(ROLE_MODERATOR, MAY_PUBLISH));
	assert_false(role_may(ROLE_REPORTER, MAY_PUBLISH));
	assert_false(role_may(ROLE_EDITOR, MAY_MANAGE_STAFF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(codes_are_those_of_rfc_6238),
		ROOM_TEST(a_code_serves_a_step_early_or_late_and_never_twice),
		ROOM_TEST(what_is_typed_may_have_spaces_and_nothing_else),
		ROOM_TEST(base_32_is_that_of_rfc_4648),
		ROOM_TEST(recovery_codes_differ_and_hash_as_they_are_typed),
		ROOM_TEST(roles_may_what_the_handbook_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
