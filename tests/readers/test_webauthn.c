/* test_webauthn.c: what Chromium's authenticator answered (passkey_answers.h) is believed, and
 * nothing that differs from it is. */
#include "passkey_answers.h"
#include "readers/cbor.h"

enum { FLAGS = 32, ID_LENGTH = 53 }; /* within authenticator data */
enum flag {
	PRESENT = 0x01, VERIFIED = 0x04, MAY_SYNC = 0x08, SYNCED = 0x10,
	KEY = 0x40, EXTENSIONS = 0x80,
};

static const char *const kinds[] = { "es256", "eddsa", "rs256", "packed" };

static err_t verify(struct room *r, struct recording *x, struct asserted *said)
{
	struct assertion given;
	TRY(webauthn_read(r->world.a, x->used_answer, &given));
	return webauthn_verify(r->world.a, &x->used, &given, &x->credential, x->handle, false,
			       said);
}

/* The message names the check. */
static void assert_not_registered(struct room *r, const struct recording *x, const char *says)
{
	struct credential out;
	assert_fails(webauthn_register(r->world.a, &x->made, x->made_answer, &out), ERR_INPUT,
		     says);
}

static void assert_not_verified(struct room *r, struct recording *x, const char *says)
{
	struct asserted said;
	assert_fails(verify(r, x, &said), ERR_INPUT, says);
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

/* Bytes, which str_format would end at the first NUL. */
static str_t joined(arena_t *a, str_t one, str_t two, str_t three)
{
	struct buf b = buf_new(a, one.n + two.n + three.n + 1);
	buf_add(&b, one);
	buf_add(&b, two);
	buf_add(&b, three);
	return buf_str(&b);
}

/* An attestation object, or the authenticator data alone: a copy to write to. */
struct object {
	arena_t *a;
	str_t    all;
	char    *p;     /* its bytes */
	size_t   at, n; /* the authenticator data within */
};

static bool is_new(const json_t *answer)
{
	return json_object_get(json_object_get(answer, "response"), "attestationObject");
}

static const char *object_key(const json_t *answer)
{
	return is_new(answer) ? "attestationObject" : "authenticatorData";
}

static struct object object_of(struct room *r, const json_t *answer)
{
	str_t was = response(r, answer, object_key(answer));
	struct object o = { .a = r->world.a, .p = str_z(r->world.a, was), .n = was.n };
	o.all = str_from(o.p, was.n);
	if (!is_new(answer))
		return o;
	size_t at = str_find(was, S("authData"), 0) + 8;
	const unsigned char *head = (const unsigned char *)o.p + at;
	bool wide = head[0] == 0x59;
	o.at = at + (wide ? 3 : 2);
	o.n = wide ? (size_t)head[1] << 8 | head[2] : head[1];
	return o;
}

static void put_object(struct room *r, json_t *answer, str_t object)
{
	put(r, answer, object_key(answer), object);
}

static void set_flags(struct room *r, json_t *answer, unsigned off, unsigned on)
{
	struct object o = object_of(r, answer);
	char *flags = o.p + o.at + FLAGS;
	*flags = (char)(((unsigned char)*flags & ~off) | on);
	put_object(r, answer, o.all);
}

static str_t replaced(struct room *r, str_t s, const char *from, const char *to)
{
	assert_true(str_find(s, str_of(from), 0) != STR_NONE);
	return str_replace(r->world.a, s, str_of(from), str_of(to));
}

/* --- either answer --- */

#define SAME_ORIGIN "\"crossOrigin\":false"

static const struct {
	const char *from, *to; /* of the client data; */
	unsigned    off, on;   /* or of the flags */
	const char *says;
} of_both[] = {
	{ "\"webauthn.", "\"webauthn.x", 0, 0, "another kind of question" },
	{ "\"challenge\":\"", "\"challenge\":\"A", 0, 0, "another challenge" },
	{ "localhost:8471", "localhost:8472", 0, 0, "another origin" },
	{ "http://", "https://", 0, 0, "another origin" },
	{ "localhost:8471", "localhost:8471.evil.example", 0, 0, "another origin" },
	{ SAME_ORIGIN, "\"crossOrigin\":true", 0, 0, "another site's page" },
	{ SAME_ORIGIN, "\"crossOrigin\":null", 0, 0, "another site's page" },
	{ SAME_ORIGIN, SAME_ORIGIN ",\"topOrigin\":\"https://evil.example\"", 0, 0,
	  "another site's page" },
	{ SAME_ORIGIN, SAME_ORIGIN ",\"origin\":\"http://localhost:8471\"", 0, 0,
	  "no JSON object" },
	{ SAME_ORIGIN, SAME_ORIGIN "} {\"a\":1", 0, 0, "no JSON object" },
	{ NULL, NULL, PRESENT, 0, "nobody was there" },
	{ NULL, NULL, VERIFIED, 0, "did not verify" },
	{ NULL, NULL, MAY_SYNC, SYNCED, "synced and that it cannot" },
	{ NULL, NULL, 0, EXTENSIONS, "malformed" },
};

static void tamper(struct room *r, json_t *answer, size_t i)
{
	if (of_both[i].from)
		put(r, answer, "clientDataJSON", replaced(r, response(r, answer, "clientDataJSON"),
							  of_both[i].from, of_both[i].to));
	else
		set_flags(r, answer, of_both[i].off, of_both[i].on);
}

static void nothing_else_is_believed_of_either(void **state)
{
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(of_both); i++) {
		struct recording x = recorded(r, "es256");
		tamper(r, x.made_answer, i);
		assert_not_registered(r, &x, of_both[i].says);
		tamper(r, x.used_answer, i);
		assert_not_verified(r, &x, of_both[i].says);
	}
}

/* --- a new one --- */

static str_t one_byte_more(struct object *o)
{
	return joined(o->a, o->all, S("."), S(""));
}

/* A byte behind the key, which the length of the whole counts. */
static str_t one_byte_more_within(struct object *o)
{
	o->p[o->at - 1] = (char)(o->n + 1);
	return one_byte_more(o);
}

static str_t a_length_beyond_all(struct object *o)
{
	return joined(o->a, str_slice(o->all, 0, o->at - 2),
		      S("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
		      str_slice(o->all, o->at, o->all.n));
}

static str_t an_id_too_long(struct object *o)
{
	o->p[o->at + ID_LENGTH] = 4; /* 1024 and more */
	return o->all;
}

static str_t an_endless_map(struct object *o)
{
	return joined(o->a, S("\xbf"), str_slice(o->all, 1, o->all.n), S("\xff"));
}

static str_t a_field_twice(struct object *o)
{
	return joined(o->a, S("\xa4" "cfmtdnone"), str_slice(o->all, 1, o->all.n), S(""));
}

static str_t another_site(struct object *o)
{
	o->p[o->at] ^= 1;
	return o->all;
}

static str_t a_point_off_the_curve(struct object *o)
{
	o->p[o->all.n - 1] ^= 1;
	return o->all;
}

static const struct {
	str_t     (*make)(struct object *o);
	const char *says;
} objects[] = {
	{ one_byte_more, "malformed" },
	{ one_byte_more_within, "malformed" },
	{ a_length_beyond_all, "malformed" },
	{ an_id_too_long, "malformed" },
	{ an_endless_map, "malformed" },
	{ a_field_twice, "malformed" },
	{ another_site, "another site" },
	{ a_point_off_the_curve, "public key is malformed" },
};

static void no_other_object_is_registered(void **state)
{
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(objects); i++) {
		struct recording x = recorded(r, "es256");
		struct object o = object_of(r, x.made_answer);
		put_object(r, x.made_answer, objects[i].make(&o));
		assert_not_registered(r, &x, objects[i].says);
	}
}

static const struct {
	const char *from, *to, *says;
} fields[] = {
	{ "\x01\x02\x03\x26", "\x01\x02\x03\x2a", "not offered" },             /* the algorithm */
	{ "\x01\x02\x03\x26", "\x01\x03\x03\x26", "public key is malformed" }, /* the key's kind */
	{ "dnone", "dsome", "not known here" },
	{ "gattStmt\xa0", "gattStmt\xa1" "aa\x01", "none, and something" },
};

static void no_other_field_is_registered(void **state)
{
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct recording x = recorded(r, "es256");
		struct object o = object_of(r, x.made_answer);
		put_object(r, x.made_answer, replaced(r, o.all, fields[i].from, fields[i].to));
		assert_not_registered(r, &x, fields[i].says);
	}
}

/* What stands around the response. */
static const struct {
	const char *json, *says;
} outside[] = {
	{ "{\"id\":\"AAAA\",\"rawId\":\"AAAA\"}", "another credential" },
	{ "{\"id\":\"AAAA\"}", "incomplete" },
	{ "{\"type\":\"password\"}", "incomplete" },
};

static void nothing_else_around_it_is_registered(void **state)
{
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(outside); i++) {
		struct recording x = recorded(r, "es256");
		json_t *other = json_loads(outside[i].json, 0, NULL);
		assert_int_equal(json_object_update(x.made_answer, other), 0);
		json_decref(other);
		assert_not_registered(r, &x, outside[i].says);
	}
}

static void no_beginning_of_an_answer_is_enough(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "es256");
	str_t object = response(r, x.made_answer, "attestationObject");
	for (size_t n = 1; n < object.n; n++) {
		put_object(r, x.made_answer, str_slice(object, 0, n));
		assert_not_registered(r, &x, "malformed");
	}
}

static void an_attestation_is_verified(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "packed");
	struct object o = object_of(r, x.made_answer);
	size_t sig = str_find(o.all, S("csig\x58"), 0) + 6 + 20;
	assert_true(sig < o.all.n);
	o.p[sig] ^= 1;
	put_object(r, x.made_answer, o.all);
	assert_not_registered(r, &x, "attestation");
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
				char *p = str_z(r->world.a, was);
				p[at] = (char)(p[at] ^ (1 << (at % 8)));
				put(r, x.used_answer, parts[i], str_from(p, was.n));
				assert_not_verified(r, &x, "");
			}
			put(r, x.used_answer, parts[i], was);
		}
		assert_ok(verify(r, &x, &said));
	}
}

static void nothing_stands_behind_what_is_signed(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "es256");
	struct object o = object_of(r, x.used_answer);
	put_object(r, x.used_answer, one_byte_more(&o));
	assert_not_verified(r, &x, "malformed");
	x = recorded(r, "es256");
	set_flags(r, x.used_answer, 0, KEY);
	assert_not_verified(r, &x, "malformed");
}

static void it_must_say_whose_it_is(void **state)
{
	struct room *r = *state;
	struct asserted said;
	struct assertion given;
	struct recording x = recorded(r, "es256");
	const struct {
		str_t       handle;
		bool        discover;
		const char *says; /* NULL: it is believed */
	} rows[] = {
		{ S(""), true, "whose" },
		{ S(""), false, NULL },
		{ S("somebody else"), false, "somebody else's" },
		{ x.handle, true, NULL },
	};
	assert_ok(webauthn_read(r->world.a, x.used_answer, &given));
	for (size_t i = 0; i < COUNT(rows); i++) {
		given.handle = rows[i].handle;
		err_t e = webauthn_verify(r->world.a, &x.used, &given, &x.credential, x.handle,
					  rows[i].discover, &said);
		if (rows[i].says)
			assert_fails(e, ERR_INPUT, rows[i].says);
		else
			assert_ok(e);
	}
}

static void another_key_has_not_signed(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "es256"), other = recorded(r, "packed");
	other.credential.id = x.credential.id;
	x.credential = other.credential;
	assert_not_verified(r, &x, "signature");
}

static void eligibility_never_changes(void **state)
{
	struct room *r = *state;
	struct recording x = recorded(r, "es256");
	x.credential.may_sync = !x.credential.may_sync;
	assert_not_verified(r, &x, "could not before");
}

static void a_count_that_goes_back_tells_of_a_copy(void **state)
{
	struct room *r = *state;
	struct asserted said;
	struct recording x = recorded(r, "es256");
	assert_ok(verify(r, &x, &said));
	const struct {
		uint32_t known;
		bool     copied;
	} rows[] = { { 1000, true }, { said.count, true }, { said.count - 1, false } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		x.credential.count = rows[i].known;
		assert_ok(verify(r, &x, &said));
		assert_int_equal(said.copied, rows[i].copied);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(what_chromium_made_and_signed_is_believed),
		ROOM_TEST(nothing_else_is_believed_of_either),
		ROOM_TEST(no_other_object_is_registered),
		ROOM_TEST(no_other_field_is_registered),
		ROOM_TEST(nothing_else_around_it_is_registered),
		ROOM_TEST(no_beginning_of_an_answer_is_enough),
		ROOM_TEST(an_attestation_is_verified),
		ROOM_TEST(no_bit_may_differ),
		ROOM_TEST(nothing_stands_behind_what_is_signed),
		ROOM_TEST(it_must_say_whose_it_is),
		ROOM_TEST(another_key_has_not_signed),
		ROOM_TEST(eligibility_never_changes),
		ROOM_TEST(a_count_that_goes_back_tells_of_a_copy),
		cmocka_unit_test(cbor_that_is_not_sound_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
