/* test_passkey.c: what Chromium's authenticator answered (tests/fixtures/passkeys) is believed, and nothing that
 * differs from it is. */
#include "accounts.h"
#include "base/file.h"
#include "readers/cbor.h"
#include "readers/passkey.h"

#define RECORDED "tests/fixtures/passkeys/chromium.json"

enum { FLAGS = 32, COUNT_AT = 33, ID_LENGTH = 53, ID_AT = 55 };

static const char *const kinds[] = { "es256", "eddsa", "rs256", "packed" };

/* One passkey as it was recorded: made, and used once. */
struct recording {
	struct ceremony   made, used;
	json_t           *made_answer, *used_answer;
	str_t             handle;
	struct credential credential; /* as it was registered */
};

static void let_go(void *json)
{
	json_decref(json);
}

static str_t text_at(const json_t *j, const char *key)
{
	return str_of(json_string_value(json_object_get(j, key)));
}

static str_t bytes_at(arena_t *a, const json_t *j, const char *key)
{
	str_t out;
	assert_true(base64_read(a, text_at(j, key), &out));
	return out;
}

static struct recording recorded(struct room *r, const char *kind)
{
	arena_t *a = r->world.a;
	json_t *all = json_load_file(RECORDED, 0, NULL);
	assert_non_null(all);
	arena_defer(a, let_go, all);
	json_t *one = json_object_get(json_object_get(all, "recordings"), kind);
	json_t *made = json_object_get(one, "made"), *used = json_object_get(one, "used");
	struct recording x = { .handle = bytes_at(a, one, "handle") };
	x.made = (struct ceremony){ text_at(all, "rp"), text_at(all, "origin"), bytes_at(a, made, "challenge") };
	x.used = (struct ceremony){ x.made.rp, x.made.origin, bytes_at(a, used, "challenge") };
	x.made_answer = json_object_get(made, "answer");
	x.used_answer = json_object_get(used, "answer");
	assert_ok(webauthn_register(a, &x.made, x.made_answer, &x.credential));
	return x;
}

static err_t verify(struct room *r, struct recording *x, struct asserted *said)
{
	struct assertion given;
	TRY(webauthn_read(r->world.a, x->used_answer, &given));
	return webauthn_verify(r->world.a, &x->used, &given, &x->credential, x->handle, false, said);
}

static void what_chromium_made_and_signed_is_believed(void **state)
{
	struct room *r = *state;
	static const int algorithms[] = { -7, -8, -257, -7 };
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct recording x = recorded(r, kinds[i]);
		struct asserted said;
		assert_int_equal(x.credential.algorithm, algorithms[i]);
		assert_true(x.credential.id.n >= 16);
		assert_int_equal(x.credential.aaguid.n, 16);
		assert_ok(verify(r, &x, &said));
		assert_true(said.count > x.credential.count);
		assert_false(said.copied);
	}
}

/* --- what is put in the place of what was recorded --- */

static void put(struct room *r, json_t *answer, const char *key, str_t bytes)
{
	str_t text = base64_of(r->world.a, bytes);
	json_object_set_new(json_object_get(answer, "response"), key, json_stringn(text.p, text.n));
}

static str_t response(struct room *r, const json_t *answer, const char *key)
{
	return bytes_at(r->world.a, json_object_get(answer, "response"), key);
}

static char *writable(struct room *r, str_t s)
{
	return str_z(r->world.a, s);
}

/* Bytes, which str_format would end at the first NUL. */
static str_t joined(struct room *r, str_t one, str_t two, str_t three)
{
	struct buf b = buf_new(r->world.a, one.n + two.n + three.n + 1);
	buf_add(&b, one);
	buf_add(&b, two);
	buf_add(&b, three);
	return buf_str(&b);
}

/* `from` becomes `to` in the client data. */
static void say_client(struct room *r, json_t *answer, const char *from, const char *to)
{
	str_t client = response(r, answer, "clientDataJSON");
	assert_true(str_find(client, str_of(from), 0) != STR_NONE);
	put(r, answer, "clientDataJSON", str_replace(r->world.a, client, str_of(from), str_of(to)));
}

/* The authenticator data within an attestation object, in place. */
static size_t auth_at(str_t object, size_t *n)
{
	size_t at = str_find(object, S("authData"), 0) + 8;
	bool wide = (unsigned char)object.p[at] == 0x59;
	*n = wide ? (size_t)(unsigned char)object.p[at + 1] << 8 | (unsigned char)object.p[at + 2]
		  : (unsigned char)object.p[at + 1];
	return at + (wide ? 3 : 2);
}

static void set_flags(struct room *r, json_t *answer, unsigned off, unsigned on)
{
	size_t n;
	bool made = json_object_get(json_object_get(answer, "response"), "attestationObject") != NULL;
	const char *key = made ? "attestationObject" : "authenticatorData";
	str_t all = response(r, answer, key);
	char *p = writable(r, all);
	char *flags = p + (made ? auth_at(all, &n) : 0) + FLAGS;
	*flags = (char)(((unsigned char)*flags & ~off) | on);
	put(r, answer, key, str_from(p, all.n));
}

struct tampering {
	void (*make)(struct room *r, json_t *answer);
	const char *says;
};

static void other_type(struct room *r, json_t *answer)
{
	say_client(r, answer, "\"webauthn.", "\"webauthn.x");
}

static void other_challenge(struct room *r, json_t *answer)
{
	say_client(r, answer, "\"challenge\":\"", "\"challenge\":\"A");
}

static void other_port(struct room *r, json_t *answer)
{
	say_client(r, answer, "localhost:8471", "localhost:8472");
}

static void other_scheme(struct room *r, json_t *answer)
{
	say_client(r, answer, "http://", "https://");
}

static void origin_that_begins_alike(struct room *r, json_t *answer)
{
	say_client(r, answer, "localhost:8471", "localhost:8471.evil.example");
}

static void within_a_frame(struct room *r, json_t *answer)
{
	say_client(r, answer, "\"crossOrigin\":false", "\"crossOrigin\":true");
}

static void cross_origin_that_is_no_boolean(struct room *r, json_t *answer)
{
	say_client(r, answer, "\"crossOrigin\":false", "\"crossOrigin\":null");
}

static void under_another_top(struct room *r, json_t *answer)
{
	say_client(r, answer, "\"crossOrigin\":false", "\"crossOrigin\":false,\"topOrigin\":\"https://evil.example\"");
}

static void said_twice(struct room *r, json_t *answer)
{
	say_client(r, answer, "\"crossOrigin\":false", "\"crossOrigin\":false,\"origin\":\"http://localhost:8471\"");
}

static void client_data_and_more(struct room *r, json_t *answer)
{
	say_client(r, answer, "\"crossOrigin\":false", "\"crossOrigin\":false} {\"a\":1");
}

static void nobody_present(struct room *r, json_t *answer)
{
	set_flags(r, answer, 0x01, 0);
}

static void not_verified(struct room *r, json_t *answer)
{
	set_flags(r, answer, 0x04, 0);
}

static void synced_but_never_eligible(struct room *r, json_t *answer)
{
	set_flags(r, answer, 0x08, 0x10);
}

static void extensions_that_are_not_there(struct room *r, json_t *answer)
{
	set_flags(r, answer, 0, 0x80);
}

static const struct tampering of_both[] = {
	{ other_type, "another kind of question" },
	{ other_challenge, "another challenge" },
	{ other_port, "another origin" },
	{ other_scheme, "another origin" },
	{ origin_that_begins_alike, "another origin" },
	{ within_a_frame, "another site's page" },
	{ cross_origin_that_is_no_boolean, "another site's page" },
	{ under_another_top, "another site's page" },
	{ said_twice, "no JSON object" },
	{ client_data_and_more, "no JSON object" },
	{ nobody_present, "nobody was there" },
	{ not_verified, "did not verify" },
	{ synced_but_never_eligible, "synced and that it cannot" },
	{ extensions_that_are_not_there, "malformed" },
};

static void nothing_else_is_believed_of_either(void **state)
{
	struct room *r = *state;
	struct credential out;
	struct asserted said;
	for (size_t i = 0; i < COUNT(of_both); i++) {
		struct recording x = recorded(r, "es256");
		of_both[i].make(r, x.made_answer);
		assert_fails(webauthn_register(r->world.a, &x.made, x.made_answer, &out), ERR_INPUT,
			     of_both[i].says);
		of_both[i].make(r, x.used_answer);
		assert_fails(verify(r, &x, &said), ERR_INPUT, of_both[i].says);
	}
}

/* --- a new one --- */

static void edit_object(struct room *r, json_t *answer, str_t from, str_t to)
{
	str_t object = response(r, answer, "attestationObject");
	assert_true(str_find(object, from, 0) != STR_NONE);
	put(r, answer, "attestationObject", str_replace(r->world.a, object, from, to));
}

static void one_byte_more(struct room *r, json_t *answer)
{
	str_t object = response(r, answer, "attestationObject");
	put(r, answer, "attestationObject", joined(r, object, S("."), S("")));
}

/* A byte behind the key, which the length of the whole counts. */
static void one_byte_more_within(struct room *r, json_t *answer)
{
	size_t n, at;
	str_t object = response(r, answer, "attestationObject");
	at = auth_at(object, &n);
	char *p = writable(r, object);
	p[at - 1] = (char)(n + 1);
	put(r, answer, "attestationObject", joined(r, str_from(p, object.n), S("."), S("")));
}

static void a_length_beyond_all(struct room *r, json_t *answer)
{
	size_t n, at;
	str_t object = response(r, answer, "attestationObject");
	at = auth_at(object, &n);
	put(r, answer, "attestationObject",
	    joined(r, str_slice(object, 0, at - 2), S("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
		   str_slice(object, at, object.n)));
}

static void an_id_too_long(struct room *r, json_t *answer)
{
	size_t n, at;
	str_t object = response(r, answer, "attestationObject");
	at = auth_at(object, &n);
	char *p = writable(r, object);
	p[at + ID_LENGTH] = 4; /* 1024 and more */
	put(r, answer, "attestationObject", str_from(p, object.n));
}

static void an_endless_map(struct room *r, json_t *answer)
{
	str_t object = response(r, answer, "attestationObject");
	put(r, answer, "attestationObject", joined(r, S("\xbf"), str_slice(object, 1, object.n), S("\xff")));
}

static void a_field_twice(struct room *r, json_t *answer)
{
	str_t object = response(r, answer, "attestationObject");
	put(r, answer, "attestationObject",
	    joined(r, S("\xa4" "cfmtdnone"), str_slice(object, 1, object.n), S("")));
}

static void another_site(struct room *r, json_t *answer)
{
	size_t n, at;
	str_t object = response(r, answer, "attestationObject");
	at = auth_at(object, &n);
	char *p = writable(r, object);
	p[at] ^= 1;
	put(r, answer, "attestationObject", str_from(p, object.n));
}

static void an_algorithm_not_offered(struct room *r, json_t *answer)
{
	edit_object(r, answer, S("\x01\x02\x03\x26"), S("\x01\x02\x03\x2a"));
}

static void a_key_of_another_kind(struct room *r, json_t *answer)
{
	edit_object(r, answer, S("\x01\x02\x03\x26"), S("\x01\x03\x03\x26"));
}

static void a_point_off_the_curve(struct room *r, json_t *answer)
{
	str_t object = response(r, answer, "attestationObject");
	char *p = writable(r, object);
	p[object.n - 1] ^= 1;
	put(r, answer, "attestationObject", str_from(p, object.n));
}

static void an_unknown_attestation(struct room *r, json_t *answer)
{
	edit_object(r, answer, S("dnone"), S("dsome"));
}

static void a_statement_of_none(struct room *r, json_t *answer)
{
	edit_object(r, answer, S("gattStmt\xa0"), S("gattStmt\xa1" "aa\x01"));
}

static void another_id_outside(struct room *r, json_t *answer)
{
	(void)r;
	json_object_set_new(answer, "id", json_string("AAAA"));
	json_object_set_new(answer, "rawId", json_string("AAAA"));
}

static void two_ids_outside(struct room *r, json_t *answer)
{
	(void)r;
	json_object_set_new(answer, "id", json_string("AAAA"));
}

static void no_passkey_at_all(struct room *r, json_t *answer)
{
	(void)r;
	json_object_set_new(answer, "type", json_string("password"));
}

static const struct tampering of_new[] = {
	{ one_byte_more, "malformed" },
	{ one_byte_more_within, "malformed" },
	{ a_length_beyond_all, "malformed" },
	{ an_id_too_long, "malformed" },
	{ an_endless_map, "malformed" },
	{ a_field_twice, "malformed" },
	{ another_site, "another site" },
	{ an_algorithm_not_offered, "not offered" },
	{ a_key_of_another_kind, "public key is malformed" },
	{ a_point_off_the_curve, "public key is malformed" },
	{ an_unknown_attestation, "not known here" },
	{ a_statement_of_none, "none, and something" },
	{ another_id_outside, "another credential" },
	{ two_ids_outside, "incomplete" },
	{ no_passkey_at_all, "incomplete" },
};

static void nothing_else_is_registered(void **state)
{
	struct room *r = *state;
	struct credential out;
	for (size_t i = 0; i < COUNT(of_new); i++) {
		struct recording x = recorded(r, "es256");
		of_new[i].make(r, x.made_answer);
		assert_fails(webauthn_register(r->world.a, &x.made, x.made_answer, &out), ERR_INPUT,
			     of_new[i].says);
	}
}

static void no_beginning_of_an_answer_is_enough(void **state)
{
	struct room *r = *state;
	struct credential out;
	struct recording x = recorded(r, "es256");
	str_t object = response(r, x.made_answer, "attestationObject");
	for (size_t n = 1; n < object.n; n++) {
		put(r, x.made_answer, "attestationObject", str_slice(object, 0, n));
		assert_fails(webauthn_register(r->world.a, &x.made, x.made_answer, &out), ERR_INPUT, "malformed");
	}
}

static void an_attestation_is_verified(void **state)
{
	struct room *r = *state;
	struct credential out;
	struct recording x = recorded(r, "packed");
	str_t object = response(r, x.made_answer, "attestationObject");
	size_t sig = str_find(object, S("csig\x58"), 0) + 6 + 20;
	char *p = writable(r, object);
	assert_true(sig < object.n);
	p[sig] ^= 1;
	put(r, x.made_answer, "attestationObject", str_from(p, object.n));
	assert_fails(webauthn_register(r->world.a, &x.made, x.made_answer, &out), ERR_INPUT, "attestation");
}

/* --- one that signs --- */

static void no_bit_may_differ(void **state)
{
	struct room *r = *state;
	static const char *const parts[] = { "authenticatorData", "signature", "clientDataJSON" };
	struct asserted said;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct recording x = recorded(r, kinds[k]);
		for (size_t i = 0; i < COUNT(parts); i++) {
			str_t was = response(r, x.used_answer, parts[i]);
			for (size_t at = 0; at < was.n; at++) {
				char *p = writable(r, was);
				p[at] = (char)(p[at] ^ (1 << (at % 8)));
				put(r, x.used_answer, parts[i], str_from(p, was.n));
				assert_fails(verify(r, &x, &said), ERR_INPUT, "");
			}
			put(r, x.used_answer, parts[i], was);
		}
		assert_ok(verify(r, &x, &said));
	}
}

static void nothing_stands_behind_what_is_signed(void **state)
{
	struct room *r = *state;
	struct asserted said;
	struct recording x = recorded(r, "es256");
	str_t auth = response(r, x.used_answer, "authenticatorData");
	put(r, x.used_answer, "authenticatorData", joined(r, auth, S("."), S("")));
	assert_fails(verify(r, &x, &said), ERR_INPUT, "malformed");
	x = recorded(r, "es256");
	set_flags(r, x.used_answer, 0, 0x40);
	assert_fails(verify(r, &x, &said), ERR_INPUT, "malformed");
}

static void it_must_say_whose_it_is(void **state)
{
	struct room *r = *state;
	struct asserted said;
	struct assertion given;
	struct recording x = recorded(r, "es256");
	assert_ok(webauthn_read(r->world.a, x.used_answer, &given));
	given.handle = S("");
	assert_fails(webauthn_verify(r->world.a, &x.used, &given, &x.credential, x.handle, true, &said), ERR_INPUT,
		     "whose");
	assert_ok(webauthn_verify(r->world.a, &x.used, &given, &x.credential, x.handle, false, &said));
	given.handle = S("somebody else");
	assert_fails(webauthn_verify(r->world.a, &x.used, &given, &x.credential, x.handle, false, &said), ERR_INPUT,
		     "somebody else's");
	given.handle = x.handle;
	assert_ok(webauthn_verify(r->world.a, &x.used, &given, &x.credential, x.handle, true, &said));
}

static void another_key_has_not_signed(void **state)
{
	struct room *r = *state;
	struct asserted said;
	struct recording x = recorded(r, "es256"), other = recorded(r, "packed");
	other.credential.id = x.credential.id;
	x.credential = other.credential;
	assert_fails(verify(r, &x, &said), ERR_INPUT, "signature");
}

static void eligibility_never_changes(void **state)
{
	struct room *r = *state;
	struct asserted said;
	struct recording x = recorded(r, "es256");
	x.credential.may_sync = !x.credential.may_sync;
	assert_fails(verify(r, &x, &said), ERR_INPUT, "could not before");
}

static void a_count_that_goes_back_tells_of_a_copy(void **state)
{
	struct room *r = *state;
	struct asserted said;
	struct recording x = recorded(r, "es256");
	x.credential.count = 1000;
	assert_ok(verify(r, &x, &said));
	assert_true(said.copied);
	x.credential.count = said.count;
	assert_ok(verify(r, &x, &said));
	assert_true(said.copied);
	x.credential.count = said.count - 1;
	assert_ok(verify(r, &x, &said));
	assert_false(said.copied);
}

/* --- CBOR --- */

static void cbor_that_is_not_sound_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t      n;
	} bad[] = {
		{ "\x9f\x01\xff", 3 },             /* an array without a length */
		{ "\x5f\x41\x61\xff", 4 },         /* bytes in pieces */
		{ "\xc0\x61\x61", 3 },             /* a tag */
		{ "\x1c", 1 }, { "\xff", 1 },      /* heads that mean nothing */
		{ "\x42\x61", 2 },                 /* more bytes than there are */
		{ "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9 },
		{ "\xbb\x80\x00\x00\x00\x00\x00\x00\x01", 9 },
		{ "\x61\xff", 2 },                 /* text that is no UTF-8 */
		{ "\xa2\x01\x02\x01\x03", 5 },     /* a key twice */
		{ "\x81\x81\x81\x81\x81\x81\x81\x81\x01", 9 }, /* nested too deep */
		{ "", 0 },
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		str_t rest = str_from(bad[i].bytes, bad[i].n), out;
		assert_false(cbor_whole(&rest, &out));
	}
	int64_t n;
	assert_false(cbor_int(S("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), &n));
	assert_true(cbor_int(S("\x38\x22"), &n));
	assert_int_equal(n, -35);
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
	return (struct passkey){ .credential = { .id = str_format(r->world.a, "credential %d", i), .key = S("key"),
						 .algorithm = -7, .aaguid = S("0123456789abcdef"),
						 .transports = S("") }, .name = S("Phone") };
}

static void a_credential_is_one_readers(void **state)
{
	struct room *r = *state;
	struct reader ann = account(r, "ann@example.org", "Ann", ROLE_READER);
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
	struct reader ann = account(r, "ann@example.org", "Ann", ROLE_READER);
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
	struct reader ann = account(r, "ann@example.org", "Ann", ROLE_READER);
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
	assert_fails(passkey_name_check(r->world.a, &name), ERR_INPUT, "1 to 60");
	name = S("\xff");
	assert_fails(passkey_name_check(r->world.a, &name), ERR_INPUT, "text");
}

/* --- ceremonies --- */

static json_t *told(const struct response *resp)
{
	return json_loadb(resp->body.p, resp->body.n, 0, NULL);
}

/* What script would be answered; a new browser's cookie is added to `cookies`. */
static int post(struct room *r, const char *path, json_t *body, const char **cookies, json_t **out)
{
	struct request *q = asked(r, POST, path, *cookies);
	struct response resp = { .file = -1 };
	q->json = body ? body : json_object();
	arena_defer(r->world.a, let_go, q->json);
	for (const struct route *x = passkey_routes; x->pattern; x++)
		if (x->method == POST && strcmp(x->pattern, path) == 0)
			assert_ok(x->handler(&r->stet, q, &resp));
	str_t cookie = set_cookie(r, &resp, "__Host-stet_ask");
	if (cookie.n)
		*cookies = str_z(r->world.a, str_format(r->world.a, "%s%s__Host-stet_ask=%.*s", *cookies ? *cookies : "",
							*cookies ? "; " : "", STR(cookie)));
	*out = told(&resp);
	arena_defer(r->world.a, let_go, *out);
	return resp.status;
}

static json_t *answer_to(const json_t *options, json_t *credential)
{
	return json_pack("{s:O, s:O}", "ceremony", json_object_get(options, "ceremony"), "credential", credential);
}

static void assert_reason(const json_t *j, const char *reason)
{
	assert_string_equal(json_string_value(json_object_get(j, "reason")), reason);
}

/* It says "over" for any answer: the challenge comes first. */
static void a_challenge_serves_once_here_and_soon(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "es256");
	const char *mine = NULL, *other = NULL;
	json_t *options, *j;
	assert_int_equal(post(r, "/sign-in/passkey/options", NULL, &mine, &options), 200);
	assert_int_equal(post(r, "/sign-in/passkey/options", NULL, &other, &j), 200);
	assert_int_equal(post(r, "/sign-in/passkey", answer_to(options, x.used_answer), &other, &j), 404);
	assert_reason(j, "over");
	assert_int_equal(post(r, "/sign-in/passkey", answer_to(options, x.used_answer), &mine, &j), 404);
	assert_reason(j, "unknown"); /* so it was good here */
	assert_int_equal(post(r, "/sign-in/passkey", answer_to(options, x.used_answer), &mine, &j), 404);
	assert_reason(j, "over");
	assert_int_equal(post(r, "/sign-in/passkey/options", NULL, &mine, &options), 200);
	r->stet.clock.fixed += CEREMONY_LIFE;
	assert_int_equal(post(r, "/sign-in/passkey", answer_to(options, x.used_answer), &mine, &j), 404);
	assert_reason(j, "over");
}

static void a_challenge_serves_for_what_it_was_asked(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "es256");
	struct reader ann = account(r, "ann@example.org", "Ann", ROLE_READER);
	const char *cookies = signed_in(r, &ann);
	json_t *fresh, *sign_in, *prove, *j;
	assert_int_equal(post(r, "/account/passkeys/options", NULL, &cookies, &fresh), 200);
	assert_int_equal(post(r, "/sign-in/passkey/options", NULL, &cookies, &sign_in), 200);
	assert_int_equal(post(r, "/account/prove/passkey/options", NULL, &cookies, &prove), 200);
	assert_int_equal(post(r, "/sign-in/passkey", answer_to(fresh, x.used_answer), &cookies, &j), 404);
	assert_reason(j, "over");
	assert_int_equal(post(r, "/sign-in/passkey", answer_to(prove, x.used_answer), &cookies, &j), 404);
	assert_reason(j, "over");
	assert_int_equal(post(r, "/account/prove/passkey", answer_to(sign_in, x.used_answer), &cookies, &j), 404);
	assert_reason(j, "over");
	assert_int_equal(post(r, "/account/passkeys", answer_to(sign_in, x.made_answer), &cookies, &j), 404);
	assert_reason(j, "over");
}

static void only_who_proved_of_late_makes_one(void **state)
{
	struct room *r = *state;
	struct reader ann = account(r, "ann@example.org", "Ann", ROLE_READER);
	const char *cookies = signed_in(r, &ann), *nobody = NULL;
	json_t *j;
	assert_int_equal(post(r, "/account/passkeys/options", NULL, &nobody, &j), 403);
	assert_reason(j, "sign-in");
	assert_int_equal(post(r, "/account/passkeys/options", NULL, &cookies, &j), 200);
	r->stet.clock.fixed += PROVEN_FOR;
	assert_int_equal(post(r, "/account/passkeys/options", NULL, &cookies, &j), 403);
	assert_reason(j, "prove");
	assert_string_equal(json_string_value(json_object_get(j, "go")), "/account/prove");
	assert_int_equal(post(r, "/account/passkeys", NULL, &cookies, &j), 403);
	assert_reason(j, "prove");
}

static void options_tell_nothing_of_accounts(void **state)
{
	struct room *r = *state;
	struct reader ann = account(r, "ann@example.org", "Ann", ROLE_READER);
	struct keeping k = { .p = numbered(r, 1), .reader = ann.id };
	const char *nobody = NULL, *cookies = signed_in(r, &ann);
	json_t *j;
	assert_ok(with(r, keep_row, &k));
	assert_int_equal(post(r, "/sign-in/passkey/options", NULL, &nobody, &j), 200);
	json_t *key = json_object_get(j, "publicKey");
	assert_int_equal(json_array_size(json_object_get(key, "allowCredentials")), 0);
	assert_string_equal(json_string_value(json_object_get(key, "userVerification")), "required");
	assert_true(json_string_length(json_object_get(key, "challenge")) >= 22); /* 16 bytes */
	assert_int_equal(post(r, "/account/passkeys/options", NULL, &cookies, &j), 200);
	key = json_object_get(j, "publicKey");
	assert_int_equal(json_array_size(json_object_get(key, "excludeCredentials")), 1);
	json_t *user = json_object_get(key, "user");
	assert_int_equal(json_string_length(json_object_get(user, "id")), 43); /* 32 random bytes */
}

static void only_json_is_heard_and_not_too_often(void **state)
{
	struct room *r = *state;
	const char *cookies = NULL;
	json_t *j;
	assert_int_equal(post(r, "/sign-in/passkey", json_array(), &cookies, &j), 415);
	int status = 200;
	for (int i = 0; i < 100 && status == 200; i++)
		status = post(r, "/sign-in/passkey/options", NULL, &cookies, &j);
	assert_int_equal(status, 429);
	assert_reason(j, "busy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(what_chromium_made_and_signed_is_believed),
		ROOM_TEST(nothing_else_is_believed_of_either),
		ROOM_TEST(nothing_else_is_registered),
		ROOM_TEST(no_beginning_of_an_answer_is_enough),
		ROOM_TEST(an_attestation_is_verified),
		ROOM_TEST(no_bit_may_differ),
		ROOM_TEST(nothing_stands_behind_what_is_signed),
		ROOM_TEST(it_must_say_whose_it_is),
		ROOM_TEST(another_key_has_not_signed),
		ROOM_TEST(eligibility_never_changes),
		ROOM_TEST(a_count_that_goes_back_tells_of_a_copy),
		ROOM_TEST(cbor_that_is_not_sound_is_refused),
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
