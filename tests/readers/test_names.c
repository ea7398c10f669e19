/* test_names.c: what may be a name, which names are the same to the eye, which passwords are taken. */
#include "accounts.h"

static bool alike(struct room *r, const char *one, const char *other)
{
	struct name_keys a, b;
	assert_ok(name_keys(&r->stet, r->world.a, str_of(one), &a));
	assert_ok(name_keys(&r->stet, r->world.a, str_of(other), &b));
	return str_eq(a.key, b.key) || str_eq(a.look, b.look);
}

static void what_the_eye_takes_for_the_same_is_the_same(void **state)
{
	static const char *const pairs[][2] = {
		{ "Ada Quill", "ada quill" }, { "Ada Quill", "AdaQuill" }, { "Ada Quill", "Ada-Quill" },
		{ "Paul", "PAUL" }, { "Paul", "Pau1" }, { "Paul", "PauI" }, { "Ada Quill", "ADA QUILL" }, { "Paul", "\xd0\xa0\xd0\xb0ul" }, /* Cyrillic P, a */
		{ "Bob", "B0b" }, { "modern", "rnodern" }, { "Stra\xc3\x9f""e", "STRASSE" },
		{ "Jos\xc3\xa9", "Jose\xcc\x81" }, { "\xef\xbc\xa1""da", "Ada" }, /* fullwidth A */
		{ "scope", "\xd1\x95\xd1\x81\xd0\xbe\xd1\x80\xd0\xb5" },
	};
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (!alike(r, pairs[i][0], pairs[i][1]))
			fail_msg("\"%s\" and \"%s\" look alike", pairs[i][0], pairs[i][1]);
}

static void different_names_stay_different(void **state)
{
	static const char *const pairs[][2] = { { "Anna", "Hanna" }, { "Jose", "Jos\xc3\xa9" }, { "Kim", "Tim" }, { "Lila", "Ilia" },
						{ "M\xc3\xbcller", "Miller" } };
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (alike(r, pairs[i][0], pairs[i][1]))
			fail_msg("\"%s\" and \"%s\" are different", pairs[i][0], pairs[i][1]);
}

static void a_name_is_words_of_one_script(void **state)
{
	static const char *const good[] = { "Ada Quill", "O'Brien", "Jean-Luc P.", "\xe6\x9d\x8e\xe5\xb0\x8f\xe9\xbe\x99",
					    "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0", "\xd9\x85\xd8\xb1\xd9\x8a\xd9\x85" };
	static const char *const bad[] = { "", "A", "ada@example.org", "a<b>", "12345", "\xd0\xa0""aul",
					   "a\xe2\x80\x8b""b", "a\xe2\x80\xae""b", "\xff\xfe",
					   "A name that goes on and on and on until nobody reads it" };
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(good); i++) {
		str_t name = str_of(good[i]);
		assert_ok(name_check(&r->stet, r->world.a, &name));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		str_t name = str_of(bad[i]);
		err_t e = name_check(&r->stet, r->world.a, &name);
		if (!e)
			fail_msg("\"%s\" is no name", bad[i]);
		assert_string_equal(e->field, "name");
		err_free(e);
	}
}

static void spaces_are_put_right(void **state)
{
	struct room *r = *state;
	str_t name = S("  Ada \t  Quill\xc2\xa0 ");
	assert_ok(name_check(&r->stet, r->world.a, &name));
	assert_true(str_eq(name, S("Ada Quill")));
}

struct asking {
	struct room *r;
	const char  *name;
	id64         reader;
};

static err_t is_free(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	return name_free(&x->r->stet, c, a, str_of(x->name), x->reader, 0);
}

static err_t ask(struct room *r, const char *name, id64 reader)
{
	struct asking x = { r, name, reader };
	return store_read(r->stet.store, r->world.a, is_free, &x);
}

static void names_of_staff_and_bylines_are_kept(void **state)
{
	static const char *const kept[] = { "admin", "Moderat0r", "The Editor", "the averil courier",
					    "Ines Caldwell", "\xd0\x86nes Caldwell" };
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(kept); i++)
		assert_fails(ask(r, kept[i], 0), ERR_CONFLICT, "taken");
	assert_ok(ask(r, "Ada Quill", 0));
}

static void a_name_is_had_once(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	assert_fails(ask(r, "ADA QUILL", 0), ERR_CONFLICT, "taken");
	assert_ok(ask(r, "ada quill", ada.id)); /* one's own, written otherwise */
	struct reader_draft d = { .address = S("b@example.org"), .name = S("ada-quill") };
	struct reader made;
	assert_fails(reader_add(&r->stet, r->world.a, &d, S("cli"), &made), ERR_CONFLICT, "taken");
}

static void an_address_is_had_once_however_it_is_written(void **state)
{
	struct room *r = *state;
	struct reader made;
	(void)account(r, "Ada@Example.org", "Ada Quill", ROLE_READER);
	struct reader_draft d = { .address = S(" ada@example.ORG "), .name = S("Somebody Else") };
	assert_fails(reader_add(&r->stet, r->world.a, &d, S("cli"), &made), ERR_CONFLICT, "refused.address-taken");
}

static void what_would_be_guessed_is_no_password(void **state)
{
	static const char *const bad[] = { "", "short", "fourteen chars", "passwordpassword", "aaaaaaaaaaaaaaaaaaaa",
					   "123456789012345678", "qwertyuiopasdfghjkl", "Ada Quill Ada Quill",
					   "theaverilcourier", "abcabcabcabcabcabc" };
	static const char *const good[] = { "correct horse battery staple", "lanterne rouge neuf citrons",
					    "\xe7\x8c\xab\xe5\xb1\x8b\xe6\xa0\xb9 \xe9\x9d\x99\xe3\x81\x8b \xe7\x9c\xa0\xe3\x82\x8b\xe5\xa4\x9c \xe9\x9b\xa8 tanuki kobune" };
	struct room *r = *state;
	struct strs about = { 0 };
	strs_add(r->world.a, &about, S("Ada Quill"));
	for (size_t i = 0; i < COUNT(bad); i++) {
		err_t e = password_check(&r->stet, r->world.a, str_of(bad[i]), &about);
		if (!e)
			fail_msg("\"%s\" would be guessed", bad[i]);
		assert_string_equal(e->field, "password");
		err_free(e);
	}
	for (size_t i = 0; i < COUNT(good); i++)
		assert_ok(password_check(&r->stet, r->world.a, str_of(good[i]), &about));
}

static void a_password_is_right_however_its_characters_were_typed(void **state)
{
	struct room *r = *state;
	bool right, old;
	str_t hashed;
	assert_ok(password_hash(&r->stet, r->world.a, S("na\xc3\xafve caf\xc3\xa9 umbrella"), &hashed));
	assert_true(str_starts(hashed, S("$argon2id$v=19$m=7168,t=5,p=1$")));
	assert_ok(password_verify(&r->stet, r->world.a, S("nai\xcc\x88ve cafe\xcc\x81 umbrella"), hashed, &right, &old));
	assert_true(right);
	assert_false(old);
	assert_ok(password_verify(&r->stet, r->world.a, S("naive cafe umbrella"), hashed, &right, &old));
	assert_false(right);
	/* All of it counts, however long. */
	char *longest = arena_alloc(r->world.a, 3001);
	memset(longest, 'x', 3000);
	assert_ok(password_hash(&r->stet, r->world.a, str_from(longest, 3000), &hashed));
	assert_ok(password_verify(&r->stet, r->world.a, str_from(longest, 2999), hashed, &right, &old));
	assert_false(right);
}

static void without_an_account_the_same_work_is_done(void **state)
{
	struct room *r = *state;
	bool right, old;
	assert_ok(password_verify(&r->stet, r->world.a, S("whatever it may be"), S(""), &right, &old));
	assert_false(right);
}

static void the_database_alone_does_not_check_passwords(void **state)
{
	struct room *r = *state;
	str_t hashed;
	assert_ok(password_hash(&r->stet, r->world.a, S("correct horse battery staple"), &hashed));
	assert_int_not_equal(crypto_pwhash_str_verify(str_z(r->world.a, hashed),
						      "correct horse battery staple", 28), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(what_the_eye_takes_for_the_same_is_the_same),
		ROOM_TEST(different_names_stay_different),
		ROOM_TEST(a_name_is_words_of_one_script),
		ROOM_TEST(spaces_are_put_right),
		ROOM_TEST(names_of_staff_and_bylines_are_kept),
		ROOM_TEST(a_name_is_had_once),
		ROOM_TEST(an_address_is_had_once_however_it_is_written),
		ROOM_TEST(what_would_be_guessed_is_no_password),
		ROOM_TEST(a_password_is_right_however_its_characters_were_typed),
		ROOM_TEST(without_an_account_the_same_work_is_done),
		ROOM_TEST(the_database_alone_does_not_check_passwords),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
