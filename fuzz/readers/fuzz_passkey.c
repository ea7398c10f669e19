/* fuzz_passkey.c: an authenticator's answer from a stranger: a new passkey, or one that signs. The first byte
 * chooses, the rest is what a browser hands over in binary: an attestation object, or authenticator
 * data. What is taken must be within bounds and read the same way twice. */
#include "readers/cbor.h"
#include "readers/room.h"
#include "readers/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char client_of[] = "{\"type\":\"webauthn.%s\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"origin\":"
				"\"http://localhost\",\"crossOrigin\":false}";

static json_t *text(arena_t *a, str_t bytes)
{
	str_t s = base64_of(a, bytes);
	return json_stringn(s.p, s.n);
}

static err_t make(arena_t *a, const struct ceremony *c, str_t bytes, struct credential *out)
{
	struct cbor_map m;
	str_t rest = bytes, auth = { NULL, 0 }, id = S("x");
	str_t client = str_replace(a, str_of(client_of), S("%s"), S("create"));
	/* The id is asked for outside, too: so that more than this check is reached. */
	if (cbor_map(&rest, &m) && cbor_bytes(cbor_of_text(&m, "authData"), CBOR_BYTES, &auth) && auth.n > 55) {
		size_t n = (size_t)(unsigned char)auth.p[53] << 8 | (unsigned char)auth.p[54];
		id = str_slice(auth, 55, 55 + n);
	}
	json_t *j = json_pack("{s:s, s:o, s:o, s:{s:o, s:o}}", "type", "public-key", "id", text(a, id), "rawId",
			      text(a, id), "response", "clientDataJSON", text(a, client), "attestationObject",
			      text(a, bytes));
	err_t e = webauthn_register(a, c, j, out);
	json_decref(j);
	return e;
}

static void made(arena_t *a, const struct ceremony *c, str_t bytes)
{
	struct credential one, two;
	err_t e = make(a, c, bytes, &one), again = make(a, c, bytes, &two);
	if ((e == OK) != (again == OK))
		__builtin_trap();
	if (!e && (!one.id.n || one.id.n > CREDENTIAL_ID_MOST || one.aaguid.n != 16 || !one.key.n ||
		   !str_eq(one.key, two.key) || (one.synced && !one.may_sync)))
		__builtin_trap();
	err_free(e);
	err_free(again);
}

/* Nobody knows the private half of this key, so nothing may pass. */
static void used(arena_t *a, const struct ceremony *c, str_t bytes)
{
	static const char key[32] = { 1 };
	struct asserted said;
	struct assertion x = { .id = S("id"), .handle = S("me"), .auth = bytes, .signature = S("sixty"),
			       .client = str_replace(a, str_of(client_of), S("%s"), S("get")) };
	struct credential known = { .id = S("id"), .key = str_from(key, sizeof key), .algorithm = -8,
				    .may_sync = true };
	err_t e = webauthn_verify(a, c, &x, &known, S("me"), true, &said);
	if (!e)
		__builtin_trap();
	err_free(e);
}

static void read_json(arena_t *a, str_t bytes)
{
	struct assertion x;
	struct credential out;
	struct ceremony c = { S("localhost"), S("http://localhost"), S("0123456789abcdef") };
	json_t *j = json_loadb(bytes.n ? bytes.p : "", bytes.n, 0, NULL);
	err_free(webauthn_read(a, j, &x));
	err_free(webauthn_register(a, &c, j, &out));
	json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char zero[16];
	if (size < 2)
		return 0;
	arena_t *a = arena_create(0);
	str_t bytes = str_from((const char *)data + 1, size - 1);
	struct ceremony c = { S("localhost"), S("http://localhost"), str_from(zero, sizeof zero) };
	if (data[0] % 3 == 0)
		made(a, &c, bytes);
	else if (data[0] % 3 == 1)
		used(a, &c, bytes);
	else
		read_json(a, bytes);
	arena_free(a);
	return 0;
}
