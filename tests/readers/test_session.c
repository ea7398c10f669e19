/* test_session.c: where somebody is signed in, and for how long. */
#include "accounts.h"

#include <sqlite3.h>

static struct who who(struct room *r, const char *cookies)
{
	struct who w;
	assert_ok(who_asks(&r->stet, asked(r, GET, "/me.json", cookies), &w));
	return w;
}

static void a_session_is_known_by_its_cookie_alone(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *cookie = signed_in(r, &ada);
	assert_int_equal(who(r, cookie).reader.id, ada.id);
	assert_int_equal(who(r, NULL).reader.id, 0);
	assert_int_equal(who(r, "__Host-stet=").reader.id, 0);
	assert_int_equal(who(r, "__Host-stet=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").reader.id, 0);
	assert_int_equal(who(r, "stet_in=1").reader.id, 0);
}

/* What is in the database opens nothing. */
static void the_store_has_only_a_hash(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	str_t secret = str_of(signed_in(r, &ada) + strlen("__Host-stet="));
	sqlite3 *db;
	sqlite3_stmt *st;
	assert_int_equal(sqlite3_open(r->world.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT hash FROM session", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_bytes(st, 0), 32);
	unsigned char want[32];
	crypto_hash_sha256(want, (const unsigned char *)secret.p, secret.n);
	assert_memory_equal(sqlite3_column_blob(st, 0), want, 32);
	sqlite3_finalize(st);
	sqlite3_close(db);
}

static void a_session_that_is_not_used_ends(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *cookie = signed_in(r, &ada);
	r->stet.clock.fixed += 29 * DAY;
	assert_int_equal(who(r, cookie).reader.id, ada.id);
	r->stet.clock.fixed += 2 * DAY;
	assert_int_equal(who(r, cookie).reader.id, 0);
}

static void staff_are_signed_out_sooner(void **state)
{
	struct room *r = *state;
	struct reader ed = account(r, "ed@example.org", "Ed Stone", ROLE_EDITOR);
	const char *cookie = signed_in(r, &ed);
	r->stet.clock.fixed += 11 * HOUR;
	assert_int_equal(who(r, cookie).reader.id, ed.id);
	r->stet.clock.fixed += 2 * HOUR;
	assert_int_equal(who(r, cookie).reader.id, 0);
}

static const char *kept(struct room *r, const char *cookie)
{
	struct response resp = { .file = -1 };
	struct request *q = asked(r, GET, "/me.json", cookie);
	struct who w;
	assert_ok(who_asks(&r->stet, q, &w));
	assert_int_not_equal(w.reader.id, 0);
	assert_ok(session_keep(&r->stet, q, &resp, &w));
	str_t secret = set_cookie(r, &resp, "__Host-stet");
	return secret.n ? str_z(r->world.a, str_format(r->world.a, "__Host-stet=%.*s", STR(secret))) : NULL;
}

static void its_secret_turns_once_a_day_and_other_tabs_have_a_minute(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *first = signed_in(r, &ada);
	assert_null(kept(r, first));
	r->stet.clock.fixed += DAY + SECOND;
	const char *second = kept(r, first);
	assert_non_null(second);
	assert_string_not_equal(first, second);
	/* Another tab with the old one: served, and not given a third. */
	assert_int_equal(who(r, first).reader.id, ada.id);
	assert_null(kept(r, first));
	assert_int_equal(who(r, second).reader.id, ada.id);
	r->stet.clock.fixed += 61 * SECOND;
	assert_int_equal(who(r, first).reader.id, 0);
	assert_int_equal(who(r, second).reader.id, ada.id);
}

/* A thief of the old secret does not get what its owner proves with the new one. */
static void the_secret_before_proves_nothing(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *old = signed_in(r, &ada);
	struct response resp = { .file = -1 };
	struct request *q = asked(r, POST, "/account/prove", old);
	struct who w = who(r, old);
	assert_ok(session_prove(&r->stet, q, &resp, &w, true));
	struct who thief = who(r, old);
	assert_int_equal(thief.reader.id, ada.id);
	assert_false(thief.session.strong);
	assert_false(who_has_proven(&r->stet, &thief));
	str_t secret = set_cookie(r, &resp, "__Host-stet");
	struct who owner = who(r, str_z(r->world.a, str_format(r->world.a, "__Host-stet=%.*s", STR(secret))));
	assert_true(owner.session.strong);
	assert_true(who_has_proven(&r->stet, &owner));
}

static void what_is_proven_counts_though_another_tab_turned_the_secret(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *first = signed_in(r, &ada);
	r->stet.clock.fixed += DAY + SECOND;
	struct who before = who(r, first); /* as the proving request saw it */
	const char *second = kept(r, first);
	assert_non_null(second);
	struct response resp = { .file = -1 };
	assert_ok(session_prove(&r->stet, asked(r, POST, "/account/prove", first), &resp, &before, true));
	struct who now = who(r, second);
	assert_true(now.session.strong);
	assert_true(who_has_proven(&r->stet, &now));
}

static str_t network(struct room *r, const char *client)
{
	struct request *q = asked(r, GET, "/", NULL);
	q->client = str_of(client);
	return client_hash(r->stet.readers, r->world.a, q);
}

/* One subscriber of IPv6 has a /64, however its addresses are written. */
static void a_subscriber_is_one_network(void **state)
{
	struct room *r = *state;
	assert_true(str_eq(network(r, "2001:db8::a:b:c:d"), network(r, "2001:db8::1:2:3:4")));
	assert_true(str_eq(network(r, "2001:db8:1:2:3:4:5:6"), network(r, "2001:db8:1:2::9")));
	assert_false(str_eq(network(r, "2001:db8:1:2::9"), network(r, "2001:db8:1:3::9")));
	assert_false(str_eq(network(r, "192.0.2.1"), network(r, "192.0.2.2")));
}

static void signing_in_never_takes_a_session_over(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	struct reader eve = account(r, "eve@example.org", "Eve Stone", ROLE_READER);
	const char *planted = signed_in(r, &eve);
	struct response resp = { .file = -1 };
	struct request *q = asked(r, POST, "/sign-in", planted);
	assert_ok(session_begin(&r->stet, q, &resp, &(struct session_draft){ &ada, "mail", false }));
	str_t secret = set_cookie(r, &resp, "__Host-stet");
	assert_true(secret.n && !str_eq(secret, str_of(planted + strlen("__Host-stet="))));
	/* The one that was there is ended, not left for whoever planted it. */
	assert_int_equal(who(r, planted).reader.id, 0);
}

static void a_disabled_account_is_signed_out_everywhere(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *cookie = signed_in(r, &ada);
	assert_ok(reader_disable(&r->stet, r->world.a, &ada, S("threats"), S("cli")));
	assert_int_equal(who(r, cookie).reader.id, 0);
	assert_ok(reader_disable(&r->stet, r->world.a, &ada, S(""), S("cli")));
	assert_int_equal(who(r, cookie).reader.id, 0);
}

static void a_new_role_asks_to_sign_in_again(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *cookie = signed_in(r, &ada);
	assert_ok(reader_set_role(&r->stet, r->world.a, &ada, ROLE_EDITOR, S("cli")));
	assert_int_equal(who(r, cookie).reader.id, 0);
}

static void one_or_all_others_can_be_ended(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	struct reader eve = account(r, "eve@example.org", "Eve Stone", ROLE_READER);
	const char *a = signed_in(r, &ada), *b = signed_in(r, &ada), *c = signed_in(r, &ada);
	const char *hers = signed_in(r, &eve);
	/* Not another's. */
	assert_ok(session_revoke(&r->stet, r->world.a, eve.id, who(r, a).session.id));
	assert_int_equal(who(r, a).reader.id, ada.id);
	assert_ok(session_revoke(&r->stet, r->world.a, ada.id, who(r, a).session.id));
	assert_int_equal(who(r, a).reader.id, 0);
	assert_ok(session_revoke_all(&r->stet, r->world.a, ada.id, who(r, b).session.id));
	assert_int_equal(who(r, b).reader.id, ada.id);
	assert_int_equal(who(r, c).reader.id, 0);
	assert_int_equal(who(r, hers).reader.id, eve.id);
}

static void the_oldest_of_too_many_goes(void **state)
{
	struct room *r = *state;
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	const char *first = signed_in(r, &ada);
	for (int i = 0; i < SESSIONS_MOST; i++) {
		r->stet.clock.fixed += SECOND;
		(void)signed_in(r, &ada);
	}
	assert_int_equal(who(r, first).reader.id, 0);
	static const struct sql count = { "SELECT count(*) FROM session" };
	assert_int_equal(world_int(&r->world, &count), SESSIONS_MOST);
}

/* Where people sign in is not the record's to keep. */
static void signing_in_leaves_no_entry(void **state)
{
	struct room *r = *state;
	static const struct sql count = { "SELECT count(*) FROM entry" };
	struct reader ada = account(r, "ada@example.org", "Ada Quill", ROLE_READER);
	int64_t before = world_int(&r->world, &count);
	assert_int_equal(before, 1);
	(void)signed_in(r, &ada);
	assert_int_equal(world_int(&r->world, &count), before);
	static const struct sql leak = { "SELECT count(*) FROM entry WHERE detail LIKE '%ada%' OR actor LIKE '%ada@%'" };
	assert_int_equal(world_int(&r->world, &leak), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(a_session_is_known_by_its_cookie_alone),
		ROOM_TEST(the_store_has_only_a_hash),
		ROOM_TEST(a_session_that_is_not_used_ends),
		ROOM_TEST(staff_are_signed_out_sooner),
		ROOM_TEST(its_secret_turns_once_a_day_and_other_tabs_have_a_minute),
		ROOM_TEST(the_secret_before_proves_nothing),
		ROOM_TEST(what_is_proven_counts_though_another_tab_turned_the_secret),
		ROOM_TEST(a_subscriber_is_one_network),
		ROOM_TEST(signing_in_never_takes_a_session_over),
		ROOM_TEST(a_disabled_account_is_signed_out_everywhere),
		ROOM_TEST(a_new_role_asks_to_sign_in_again),
		ROOM_TEST(one_or_all_others_can_be_ended),
		ROOM_TEST(the_oldest_of_too_many_goes),
		ROOM_TEST(signing_in_leaves_no_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
