/* webauthn.c: see webauthn.h. The order is that of the specification. */
#include "readers/webauthn.h"

#include "readers/cbor.h"
#include "readers/room.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

const int webauthn_algorithms[] = { COSE_EDDSA, COSE_ES256, COSE_RS256, 0 };

enum { UP = 0x01, UV = 0x04, BE = 0x08, BS = 0x10, AT = 0x40, ED = 0x80 };
enum { RP_HASH = 32, AUTH_HEAD = RP_HASH + 1 + 4, AAGUID = 16 };

/* Authenticator data, section 6.1. */
struct auth_data {
	str_t    raw, rp_hash;
	unsigned flags;
	uint32_t count;
	str_t    aaguid, id;    /* only of a new credential */
	int64_t  algorithm;
	str_t    extensions;    /* a map; empty: none */
};

static err_t wrong(const char *what)
{
	return err_user(ERR_INPUT, "passkey", "the passkey was not accepted: %s", what);
}

/* --- JSON --- */

static str_t text_of(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v))
				 : (str_t){ NULL, 0 };
}

static bool bytes_of(arena_t *a, const json_t *j, const char *key, size_t most, str_t *out)
{
	str_t text = text_of(j, key);
	return text.n / 4 * 3 <= most && base64_read(a, text, out) && out->n > 0 && out->n <= most;
}

static bool read_id(arena_t *a, const json_t *answer, str_t *id)
{
	str_t raw;
	return str_eq(text_of(answer, "type"), S("public-key")) &&
	       bytes_of(a, answer, "id", CREDENTIAL_ID_MOST, id) &&
	       bytes_of(a, answer, "rawId", CREDENTIAL_ID_MOST, &raw) && str_eq(*id, raw);
}

static void let_go(void *json)
{
	json_decref(json);
}

/* Steps 7 to 12 of 7.1, 10 to 14 of 7.2. */
static err_t check_client(arena_t *a, const struct ceremony *c, str_t client, const char *type)
{
	json_t *j = json_loadb(client.p, client.n, JSON_REJECT_DUPLICATES, NULL);
	if (j)
		arena_defer(a, let_go, j);
	if (!json_is_object(j))
		return wrong("its client data is no JSON object");
	if (!str_eq(text_of(j, "type"), str_of(type)))
		return wrong("it answers another kind of question");
	str_t challenge = text_of(j, "challenge"), asked = base64_of(a, c->challenge);
	if (challenge.n != asked.n || sodium_memcmp(challenge.p, asked.p, asked.n) != 0)
		return wrong("it answers another challenge");
	if (!str_eq(text_of(j, "origin"), c->origin))
		return wrong("it was used at another origin");
	const json_t *cross = json_object_get(j, "crossOrigin");
	if (cross && !json_is_false(cross))
		return wrong("it was used within another site's page");
	if (json_object_get(j, "topOrigin"))
		return wrong("it was used within another site's page");
	return OK;
}

/* --- authenticator data --- */

static uint32_t big_endian(str_t s)
{
	uint32_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n = n << 8 | (unsigned char)s.p[i];
	return n;
}

static bool read_new(str_t *rest, struct auth_data *out)
{
	struct cbor_map key;
	out->aaguid = str_slice(*rest, 0, AAGUID);
	size_t n = big_endian(str_slice(*rest, AAGUID, AAGUID + 2));
	if (rest->n < AAGUID + 2 + n || !n || n > CREDENTIAL_ID_MOST)
		return false;
	out->id = str_slice(*rest, AAGUID + 2, AAGUID + 2 + n);
	*rest = str_slice(*rest, AAGUID + 2 + n, rest->n);
	return cbor_map(rest, &key) && cbor_int(cbor_of_int(&key, 3), &out->algorithm);
}

/* Nothing may stand behind the last thing that the flags promise. */
static bool read_auth(str_t raw, bool fresh, struct auth_data *out)
{
	struct cbor_map extensions;
	*out = (struct auth_data){ .raw = raw };
	if (raw.n < AUTH_HEAD)
		return false;
	out->rp_hash = str_slice(raw, 0, RP_HASH);
	out->flags = (unsigned char)raw.p[RP_HASH];
	out->count = big_endian(str_slice(raw, RP_HASH + 1, AUTH_HEAD));
	str_t rest = str_slice(raw, AUTH_HEAD, raw.n);
	if (fresh != ((out->flags & AT) != 0) || (fresh && !read_new(&rest, out)))
		return false;
	out->extensions = rest;
	if (out->flags & ED && !cbor_map(&rest, &extensions))
		return false;
	return rest.n == 0;
}

/* Steps 14 to 18 of 7.1, 15 to 19 of 7.2. A passkey is all that is asked for, so it must have verified
 * its owner: by a finger, a face, a PIN. */
static err_t check_auth(const struct ceremony *c, const struct auth_data *x)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, (const unsigned char *)c->rp.p, c->rp.n);
	if (sodium_memcmp(hash, x->rp_hash.p, sizeof hash) != 0)
		return wrong("it belongs to another site");
	if (!(x->flags & UP))
		return wrong("nobody was there when it was used");
	if (!(x->flags & UV))
		return wrong("it did not verify who used it");
	if (x->flags & BS && !(x->flags & BE))
		return wrong("it says that it is synced and that it cannot be");
	return OK;
}

static err_t check_offered(int64_t algorithm)
{
	for (size_t i = 0; webauthn_algorithms[i]; i++)
		if (webauthn_algorithms[i] == algorithm)
			return OK;
	return wrong("its algorithm was not offered");
}

/* --- keys, as libfido2 wants them --- */

static void free_key(int algorithm, void *key)
{
	if (algorithm == COSE_ES256)
		es256_pk_free((es256_pk_t **)&key);
	else if (algorithm == COSE_RS256)
		rs256_pk_free((rs256_pk_t **)&key);
	else
		eddsa_pk_free((eddsa_pk_t **)&key);
}

/* NULL if it is none: a point off the curve, a number too short. */
static void *make_key(int algorithm, str_t bytes)
{
	void *key = algorithm == COSE_ES256   ? (void *)es256_pk_new()
		    : algorithm == COSE_RS256 ? (void *)rs256_pk_new()
					      : (void *)eddsa_pk_new();
	if (!key)
		return NULL;
	int rc = algorithm == COSE_ES256   ? es256_pk_from_ptr(key, bytes.p, bytes.n)
		 : algorithm == COSE_RS256 ? rs256_pk_from_ptr(key, bytes.p, bytes.n)
					   : eddsa_pk_from_ptr(key, bytes.p, bytes.n);
	if (rc == FIDO_OK)
		return key;
	free_key(algorithm, key);
	return NULL;
}

static const unsigned char *raw(str_t s)
{
	return (const unsigned char *)s.p;
}

/* --- registering --- */

static void free_cred(fido_cred_t **cred)
{
	fido_cred_free(cred);
}

static bool set_extensions(fido_cred_t *cred, str_t map)
{
	struct cbor_map m;
	int64_t n;
	if (!map.n)
		return true;
	if (!cbor_map(&map, &m))
		return false;
	if (cbor_int(cbor_of_text(&m, "credProtect"), &n) && fido_cred_set_prot(cred, (int)n) != FIDO_OK)
		return false;
	if (cbor_int(cbor_of_text(&m, "minPinLength"), &n) &&
	    fido_cred_set_pin_minlen(cred, (size_t)n) != FIDO_OK)
		return false;
	return str_eq(cbor_of_text(&m, "hmac-secret"), S("\xf5"))
		       ? fido_cred_set_extensions(cred, FIDO_EXT_HMAC_SECRET) == FIDO_OK
		       : true;
}

/* Section 8: "none" says nothing. Others are verified by the certificate that comes along or by the
 * new key itself; whose certificate it is does not matter to us, who ask for none. */
static err_t check_statement(fido_cred_t *cred, str_t format, str_t statement, const struct auth_data *x)
{
	struct cbor_map m;
	str_t rest = statement;
	int64_t algorithm;
	if (!cbor_map(&rest, &m))
		return wrong("its attestation is malformed");
	if (str_eq(format, S("none")))
		return m.n == 0 ? OK : wrong("its attestation says none, and something");
	bool packed = str_eq(format, S("packed")), u2f = str_eq(format, S("fido-u2f"));
	bool itself = packed && !cbor_of_text(&m, "x5c").p;
	if (!packed && !u2f && !str_eq(format, S("tpm")))
		return wrong("its attestation is of a kind that is not known here");
	if (u2f && x->algorithm != COSE_ES256)
		return wrong("its attestation is for another algorithm");
	if (itself && (!cbor_int(cbor_of_text(&m, "alg"), &algorithm) || algorithm != x->algorithm))
		return wrong("its attestation is for another algorithm");
	if (!set_extensions(cred, x->extensions) ||
	    fido_cred_set_fmt(cred, packed ? "packed" : u2f ? "fido-u2f" : "tpm") != FIDO_OK ||
	    fido_cred_set_attstmt(cred, raw(statement), statement.n) != FIDO_OK)
		return wrong("its attestation is malformed");
	if ((itself ? fido_cred_verify_self(cred) : fido_cred_verify(cred)) != FIDO_OK)
		return wrong("its attestation is not signed by who it says");
	return OK;
}

static err_t decode_key(arena_t *a, fido_cred_t *cred, const struct ceremony *c, str_t client,
			const struct auth_data *x, struct credential *out)
{
	if (fido_cred_set_type(cred, (int)x->algorithm) != FIDO_OK ||
	    fido_cred_set_rp(cred, str_z(a, c->rp), NULL) != FIDO_OK ||
	    fido_cred_set_uv(cred, FIDO_OPT_TRUE) != FIDO_OK ||
	    fido_cred_set_clientdata(cred, raw(client), client.n) != FIDO_OK ||
	    fido_cred_set_authdata_raw(cred, raw(x->raw), x->raw.n) != FIDO_OK)
		return wrong("its public key is malformed");
	str_t key = str_from((const char *)fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
	str_t id = str_from((const char *)fido_cred_id_ptr(cred), fido_cred_id_len(cred));
	void *made = key.p ? make_key((int)x->algorithm, key) : NULL;
	if (!made || !str_eq(id, x->id)) {
		if (made)
			free_key((int)x->algorithm, made);
		return wrong("its public key is malformed");
	}
	free_key((int)x->algorithm, made);
	*out = (struct credential){ .id = x->id, .key = str_copy(a, key), .algorithm = (int)x->algorithm,
				    .count = x->count, .may_sync = (x->flags & BE) != 0,
				    .synced = (x->flags & BS) != 0, .aaguid = x->aaguid };
	return OK;
}

static const char *const transports[] = { "usb", "nfc", "ble", "smart-card", "hybrid", "internal" };

/* What browsers may add to the list later is not repeated to them: they would not know it as ours. */
static str_t transports_of(arena_t *a, const json_t *response)
{
	const json_t *all = json_object_get(response, "transports"), *one;
	struct buf b = buf_new(a, 64);
	size_t i;
	for (size_t t = 0; t < COUNT(transports); t++)
		json_array_foreach(all, i, one)
			if (json_is_string(one) && strcmp(json_string_value(one), transports[t]) == 0) {
				buf_add_format(&b, "%s%s", b.n ? " " : "", transports[t]);
				break;
			}
	return buf_str(&b);
}

static bool read_object(str_t bytes, str_t *format, str_t *statement, str_t *auth)
{
	struct cbor_map m;
	if (!cbor_map(&bytes, &m) || bytes.n)
		return false;
	*statement = cbor_of_text(&m, "attStmt");
	return statement->p && cbor_bytes(cbor_of_text(&m, "fmt"), CBOR_TEXT, format) &&
	       cbor_bytes(cbor_of_text(&m, "authData"), CBOR_BYTES, auth);
}

err_t webauthn_register(arena_t *a, const struct ceremony *c, const json_t *answer,
			struct credential *out)
{
	const json_t *response = json_object_get(answer, "response");
	str_t id, client, object, format, statement, auth;
	struct auth_data x;
	if (!read_id(a, answer, &id) || !bytes_of(a, response, "clientDataJSON", CLIENT_DATA_MOST, &client) ||
	    !bytes_of(a, response, "attestationObject", ATTESTATION_MOST, &object))
		return wrong("its answer is incomplete");
	TRY(check_client(a, c, client, "webauthn.create"));
	if (!read_object(object, &format, &statement, &auth) || !read_auth(auth, true, &x))
		return wrong("its answer is malformed");
	TRY(check_auth(c, &x));
	TRY(check_offered(x.algorithm));
	if (!str_eq(id, x.id))
		return wrong("its answer names another credential");
	__attribute__((cleanup(free_cred))) fido_cred_t *cred = fido_cred_new();
	if (!cred)
		return err_new(ERR_MEMORY, "out of memory");
	TRY(decode_key(a, cred, c, client, &x, out));
	TRY(check_statement(cred, format, statement, &x));
	out->transports = transports_of(a, response);
	return OK;
}

/* --- authenticating --- */

err_t webauthn_read(arena_t *a, const json_t *answer, struct assertion *out)
{
	const json_t *response = json_object_get(answer, "response");
	const json_t *handle = json_object_get(response, "userHandle");
	*out = (struct assertion){ 0 };
	if (!read_id(a, answer, &out->id) ||
	    !bytes_of(a, response, "clientDataJSON", CLIENT_DATA_MOST, &out->client) ||
	    !bytes_of(a, response, "authenticatorData", ATTESTATION_MOST, &out->auth) ||
	    !bytes_of(a, response, "signature", SIGNATURE_MOST, &out->signature))
		return wrong("its answer is incomplete");
	if (handle && !json_is_null(handle) &&
	    !bytes_of(a, response, "userHandle", USER_HANDLE_MOST, &out->handle))
		return wrong("its answer is malformed");
	return OK;
}

/* Step 6 of 7.2. */
static err_t check_owner(const struct assertion *x, str_t handle, bool discover)
{
	if (discover && !x->handle.n)
		return wrong("it does not say whose it is");
	if (x->handle.n && !str_eq(x->handle, handle))
		return wrong("it says that it is somebody else's");
	return OK;
}

static void free_assert(fido_assert_t **x)
{
	fido_assert_free(x);
}

static int extensions_of(str_t map)
{
	struct cbor_map m;
	if (!map.n || !cbor_map(&map, &m))
		return 0;
	return (cbor_of_text(&m, "hmac-secret").p ? FIDO_EXT_HMAC_SECRET : 0) |
	       (cbor_of_text(&m, "credBlob").p ? FIDO_EXT_CRED_BLOB : 0);
}

/* Steps 20 and 21. */
static err_t check_signature(arena_t *a, const struct ceremony *c, const struct assertion *x,
			     const struct auth_data *auth, const struct credential *known)
{
	__attribute__((cleanup(free_assert))) fido_assert_t *f = fido_assert_new();
	void *key = make_key(known->algorithm, known->key);
	if (!f || !key) {
		if (key)
			free_key(known->algorithm, key);
		return err_new(f ? ERR_CORRUPT : ERR_MEMORY, f ? "a passkey's public key is damaged"
								: "out of memory");
	}
	bool right = fido_assert_set_count(f, 1) == FIDO_OK &&
		     fido_assert_set_rp(f, str_z(a, c->rp)) == FIDO_OK &&
		     fido_assert_set_up(f, FIDO_OPT_TRUE) == FIDO_OK &&
		     fido_assert_set_uv(f, FIDO_OPT_TRUE) == FIDO_OK &&
		     fido_assert_set_extensions(f, extensions_of(auth->extensions)) == FIDO_OK &&
		     fido_assert_set_clientdata(f, raw(x->client), x->client.n) == FIDO_OK &&
		     fido_assert_set_authdata_raw(f, 0, raw(x->auth), x->auth.n) == FIDO_OK &&
		     fido_assert_set_sig(f, 0, raw(x->signature), x->signature.n) == FIDO_OK &&
		     fido_assert_verify(f, 0, known->algorithm, key) == FIDO_OK;
	free_key(known->algorithm, key);
	return right ? OK : wrong("its signature is wrong");
}

err_t webauthn_verify(arena_t *a, const struct ceremony *c, const struct assertion *x,
		      const struct credential *known, str_t handle, bool discover, struct asserted *out)
{
	struct auth_data auth;
	if (!str_eq(x->id, known->id))
		return wrong("its answer names another credential");
	TRY(check_owner(x, handle, discover));
	TRY(check_client(a, c, x->client, "webauthn.get"));
	if (!read_auth(x->auth, false, &auth))
		return wrong("its answer is malformed");
	TRY(check_auth(c, &auth));
	if (((auth.flags & BE) != 0) != known->may_sync)
		return wrong("it can be synced now and could not before, or the other way round");
	TRY(check_signature(a, c, x, &auth, known));
	*out = (struct asserted){ .count = auth.count, .synced = (auth.flags & BS) != 0,
				  .copied = (auth.count || known->count) && auth.count <= known->count };
	return OK;
}
