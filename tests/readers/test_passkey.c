/* test_passkey.c: the passkeys of accounts: their rows, and what the site answers to a browser's
 * script. What makes one believable is in test_webauthn.c. */
#include "passkey_answers.h"
#include "readers/passkey.h"

static struct reader ann_of(struct room *r)
{
	return account(r, "ann@example.org", "Ann", ROLE_READER);
}

/* --- rows --- */

struct keeping {
	struct room   *r;
	struct passkey p;
	id64           reader, id;
	struct asserted said;
	struct passkeys all;
};

static err_t keep_row(struct conn *c, arena_t *a, void *ctx)
{
	struct keeping *k = ctx;
	k->p.reader = k->reader;
	return passkey_insert(&k->r->stet, c, a, &k->p);
}

static err_t use_row(struct conn *c, arena_t *a, void *ctx)
{
	struct keeping *k = ctx;
	TRY(passkey_used(&k->r->stet, c, &k->p, &k->said));
	return passkey_list(c, a, k->reader, &k->all);
}

static err_t rename_row(struct conn *c, arena_t *a, void *ctx)
{
	struct keeping *k = ctx;
	(void)a;
	return passkey_rename(c, k->reader, k->id, S("Mine"));
}

static err_t delete_row(struct conn *c, arena_t *a, void *ctx)
{
	struct keeping *k = ctx;
	(void)a;
	return passkey_delete(c, k->reader, k->id);
}

static err_t with(struct room *r, write_fn write, struct keeping *k)
{
	k->r = r;
	return store_write(r->stet.store, r->world.a, write, k);
}

static struct passkey numbered(struct room *r, int i)
{
	return (struct passkey){
		.credential = { .id = str_format(r->world.a, "credential %d", i), .key = S("key"),
				.algorithm = -7, .aaguid = S("0123456789abcdef"),
				.transports = S("") },
		.name = S("Phone"),
	};
}

static void a_credential_is_one_readers(void **state)
{
	struct room *r = *state;
	struct reader ann = ann_of(r);
	struct reader bob = account(r, "bob@example.org", "Bob", ROLE_READER);
	struct keeping k = { .p = numbered(r, 1), .reader = ann.id };
	assert_ok(with(r, keep_row, &k));
	k.id = k.p.id;
	k.reader = bob.id;
	k.p = numbered(r, 1);
	assert_fails(with(r, keep_row, &k), ERR_CONFLICT, "registered already");
	assert_fails(with(r, rename_row, &k), ERR_MISSING, "no such passkey");
	assert_fails(with(r, delete_row, &k), ERR_MISSING, "no such passkey");
	k.reader = ann.id;
	assert_ok(with(r, rename_row, &k));
	assert_ok(with(r, delete_row, &k));
}

static void an_account_has_so_many_and_no_more(void **state)
{
	struct room *r = *state;
	struct reader ann = ann_of(r);
	struct keeping k = { .reader = ann.id };
	for (int i = 0; i < PASSKEYS_MOST; i++) {
		k.p = numbered(r, i);
		assert_ok(with(r, keep_row, &k));
	}
	k.p = numbered(r, 99);
	assert_fails(with(r, keep_row, &k), ERR_CONFLICT, "at most 20");
}

static void a_kept_count_never_goes_back(void **state)
{
	struct room *r = *state;
	struct reader ann = ann_of(r);
	struct keeping k = { .p = numbered(r, 1), .reader = ann.id };
	k.p.credential.count = 10;
	assert_ok(with(r, keep_row, &k));
	k.said = (struct asserted){ .count = 4, .synced = true };
	assert_ok(with(r, use_row, &k));
	assert_int_equal(k.all.v[0].credential.count, 10);
	assert_true(k.all.v[0].credential.synced);
	k.said.count = 11;
	assert_ok(with(r, use_row, &k));
	assert_int_equal(k.all.v[0].credential.count, 11);
}

static void names_are_put_right(void **state)
{
	struct room *r = *state;
	str_t name = S("  my \t old\n phone ");
	assert_ok(passkey_name_check(r->world.a, &name));
	assert_true(str_eq(name, S("my old phone")));
	name = S(" \n ");
	assert_fails(passkey_name_check(r->world.a, &name), ERR_INPUT, "refused.passkey-name (n=60)");
	name = S("\xff");
	assert_fails(passkey_name_check(r->world.a, &name), ERR_INPUT, "refused.passkey-name");
}

/* --- ceremonies --- */

/* What script would be answered; a new browser's cookie is added to `cookies`. */
static int post(struct room *r, const char *path, json_t *body, const char **cookies, json_t **out)
{
	struct request *q = asked(r, POST, path, *cookies);
	struct response resp = { .file = -1 };
	q->json = body ? body : json_object();
	release_later(r, q->json);
	for (const struct route *x = passkey_routes; x->pattern; x++)
		if (x->method == POST && strcmp(x->pattern, path) == 0)
			assert_ok(x->handler(&r->stet, q, &resp));
	str_t cookie = set_cookie(r, &resp, "__Host-stet_ask");
	if (cookie.n)
		*cookies = str_z(r->world.a, str_format(r->world.a, "%s%s__Host-stet_ask=%.*s",
							*cookies ? *cookies : "",
							*cookies ? "; " : "", STR(cookie)));
	*out = json_loadb(resp.body.p, resp.body.n, 0, NULL);
	release_later(r, *out);
	return resp.status;
}

static json_t *answer_to(const json_t *options, json_t *credential)
{
	return json_pack("{s:O, s:O}", "ceremony", json_object_get(options, "ceremony"),
			 "credential", credential);
}

static void assert_reason(const json_t *j, const char *reason)
{
	assert_string_equal(json_string_value(json_object_get(j, "reason")), reason);
}

/* The options that are told. */
static json_t *asking(struct room *r, const char *path, const char **cookies)
{
	json_t *options;
	assert_int_equal(post(r, path, NULL, cookies, &options), 200);
	return options;
}

/* What is told, too. */
static json_t *assert_refused(struct room *r, const char *path, json_t *body,
			      const char **cookies, int status, const char *reason)
{
	json_t *j;
	assert_int_equal(post(r, path, body, cookies, &j), status);
	assert_reason(j, reason);
	return j;
}

#define SIGN_IN "/sign-in/passkey"
#define PROVE   "/account/prove/passkey"
#define MAKE    "/account/passkeys"

/* It says "over" for any answer: the challenge comes first. */
static void a_challenge_serves_once_here_and_soon(void **state)
{
	struct room *r = *state;
	json_t *answer = recorded(r, "es256").used_answer;
	const char *mine = NULL, *other = NULL;
	json_t *options = asking(r, SIGN_IN "/options", &mine);
	asking(r, SIGN_IN "/options", &other);
	assert_refused(r, SIGN_IN, answer_to(options, answer), &other, 404, "over");
	/* It was good here: */
	assert_refused(r, SIGN_IN, answer_to(options, answer), &mine, 404, "unknown");
	assert_refused(r, SIGN_IN, answer_to(options, answer), &mine, 404, "over");
	options = asking(r, SIGN_IN "/options", &mine);
	r->stet.clock.fixed += CEREMONY_LIFE;
	assert_refused(r, SIGN_IN, answer_to(options, answer), &mine, 404, "over");
}

static void a_challenge_serves_for_what_it_was_asked(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "es256");
	struct reader ann = ann_of(r);
	const char *cookies = signed_in(r, &ann);
	json_t *make = asking(r, MAKE "/options", &cookies);
	json_t *sign_in = asking(r, SIGN_IN "/options", &cookies);
	json_t *prove = asking(r, PROVE "/options", &cookies);
	assert_refused(r, SIGN_IN, answer_to(make, x.used_answer), &cookies, 404, "over");
	assert_refused(r, SIGN_IN, answer_to(prove, x.used_answer), &cookies, 404, "over");
	assert_refused(r, PROVE, answer_to(sign_in, x.used_answer), &cookies, 404, "over");
	assert_refused(r, MAKE, answer_to(sign_in, x.made_answer), &cookies, 404, "over");
}

static void only_who_proved_of_late_makes_one(void **state)
{
	struct room *r = *state;
	struct reader ann = ann_of(r);
	const char *cookies = signed_in(r, &ann), *nobody = NULL;
	assert_refused(r, MAKE "/options", NULL, &nobody, 403, "sign-in");
	asking(r, MAKE "/options", &cookies);
	r->stet.clock.fixed += PROVEN_FOR;
	json_t *j = assert_refused(r, MAKE "/options", NULL, &cookies, 403, "prove");
	assert_string_equal(json_string_value(json_object_get(j, "go")), "/account/prove");
	assert_refused(r, MAKE, NULL, &cookies, 403, "prove");
}

static void options_tell_nothing_of_accounts(void **state)
{
	struct room *r = *state;
	struct reader ann = ann_of(r);
	struct keeping k = { .p = numbered(r, 1), .reader = ann.id };
	const char *nobody = NULL, *cookies = signed_in(r, &ann);
	assert_ok(with(r, keep_row, &k));
	json_t *key = json_object_get(asking(r, SIGN_IN "/options", &nobody), "publicKey");
	assert_int_equal(json_array_size(json_object_get(key, "allowCredentials")), 0);
	assert_string_equal(json_string_value(json_object_get(key, "userVerification")),
			    "required");
	assert_true(json_string_length(json_object_get(key, "challenge")) >= 22); /* 16 bytes */
	key = json_object_get(asking(r, MAKE "/options", &cookies), "publicKey");
	assert_int_equal(json_array_size(json_object_get(key, "excludeCredentials")), 1);
	json_t *user = json_object_get(key, "user");
	assert_int_equal(json_string_length(json_object_get(user, "id")), 43); /* 32 random bytes */
}

static void only_json_is_heard_and_not_too_often(void **state)
{
	struct room *r = *state;
	const char *cookies = NULL;
	json_t *j;
	assert_int_equal(post(r, SIGN_IN, json_array(), &cookies, &j), 415);
	int status = 200;
	for (int i = 0; i < 100 && status == 200; i++)
		status = post(r, SIGN_IN "/options", NULL, &cookies, &j);
	assert_int_equal(status, 429);
	assert_reason(j, "busy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(a_credential_is_one_readers),
		ROOM_TEST(an_account_has_so_many_and_no_more),
		ROOM_TEST(a_kept_count_never_goes_back),
		ROOM_TEST(names_are_put_right),
		ROOM_TEST(a_challenge_serves_once_here_and_soon),
		ROOM_TEST(a_challenge_serves_for_what_it_was_asked),
		ROOM_TEST(only_who_proved_of_late_makes_one),
		ROOM_TEST(options_tell_nothing_of_accounts),
		ROOM_TEST(only_json_is_heard_and_not_too_often),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
