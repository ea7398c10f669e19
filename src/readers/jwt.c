/* jwt.c: see jwt.h. The token says which algorithm it is signed with, and is not believed: the key decides,
 * and the token must agree. */
#include "readers/jwt.h"
#include "readers/room.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

enum { TOKEN_MOST = 16 * 1024, KEYS_MOST = 32, COORDINATE = 32, RSA_LEAST = 256, RSA_MOST = 1024 };

#define CLOCK_SLACK (2 * MINUTE) /* between their clock and ours */
#define TOKEN_AGE   (15 * MINUTE)

static err_t bad(const char *why)
{
	return err_new(ERR_REFUSED, "the provider's token is not good: %s", why);
}

static void drop(void *json)
{
	json_decref(json);
}

static str_t text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : (str_t){ NULL, 0 };
}

static bool bytes_of(arena_t *a, const json_t *key, const char *name, str_t *out)
{
	return base64_read(a, text_of(key, name), out) && out->n > 0;
}

/* --- keys --- */

static EVP_PKEY *made(const char *type, OSSL_PARAM_BLD *b)
{
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		if (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
			key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *rsa_key(arena_t *a, const json_t *jwk)
{
	str_t n, e;
	if (!bytes_of(a, jwk, "n", &n) || !bytes_of(a, jwk, "e", &e) || n.n < RSA_LEAST || n.n > RSA_MOST ||
	    e.n > 8)
		return NULL;
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	BIGNUM *bn = BN_bin2bn((const unsigned char *)n.p, (int)n.n, NULL);
	BIGNUM *be = BN_bin2bn((const unsigned char *)e.p, (int)e.n, NULL);
	EVP_PKEY *key = NULL;
	if (b && bn && be && OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, bn) &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, be))
		key = made("RSA", b);
	BN_free(bn);
	BN_free(be);
	OSSL_PARAM_BLD_free(b);
	return key;
}

static EVP_PKEY *ec_key(arena_t *a, const json_t *jwk)
{
	str_t x, y;
	unsigned char point[1 + 2 * COORDINATE] = { POINT_CONVERSION_UNCOMPRESSED };
	if (!str_eq(text_of(jwk, "crv"), S("P-256")) || !bytes_of(a, jwk, "x", &x) ||
	    !bytes_of(a, jwk, "y", &y) || x.n != COORDINATE || y.n != COORDINATE)
		return NULL;
	memcpy(point + 1, x.p, COORDINATE);
	memcpy(point + 1 + COORDINATE, y.p, COORDINATE);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;
	if (b && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
	    OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point))
		key = made("EC", b);
	OSSL_PARAM_BLD_free(b);
	return key;
}

static EVP_PKEY *ed_key(arena_t *a, const json_t *jwk)
{
	str_t x;
	if (!str_eq(text_of(jwk, "crv"), S("Ed25519")) || !bytes_of(a, jwk, "x", &x) || x.n != 32)
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)x.p, x.n);
}

/* --- algorithms --- */

/* r and s, one after the other, as OpenSSL wants them. */
static bool ecdsa_der(arena_t *a, str_t raw, str_t *out)
{
	if (raw.n != 2 * COORDINATE)
		return false;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn((const unsigned char *)raw.p, COORDINATE, NULL);
	BIGNUM *s = BN_bin2bn((const unsigned char *)raw.p + COORDINATE, COORDINATE, NULL);
	if (!sig || !r || !s || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(sig);
		return false;
	}
	int n = i2d_ECDSA_SIG(sig, NULL);
	unsigned char *p = arena_alloc(a, (size_t)(n > 0 ? n : 1)), *end = p;
	n = i2d_ECDSA_SIG(sig, &end);
	ECDSA_SIG_free(sig);
	*out = str_from((const char *)p, (size_t)(n > 0 ? n : 0));
	return n > 0;
}

static const struct algorithm {
	const char *name, *kty;
	EVP_PKEY *(*key)(arena_t *a, const json_t *jwk);
	const EVP_MD *(*digest)(void); /* NULL: the algorithm's own */
	bool        raw;               /* the signature is r and s */
} algorithms[] = {
	{ "RS256", "RSA", rsa_key, EVP_sha256, false },
	{ "ES256", "EC", ec_key, EVP_sha256, true },
	{ "EdDSA", "OKP", ed_key, NULL, false },
};

static const struct algorithm *algorithm_of(str_t name)
{
	for (size_t i = 0; i < COUNT(algorithms); i++)
		if (str_eq(name, str_of(algorithms[i].name)))
			return &algorithms[i];
	return NULL;
}

static bool signed_by(arena_t *a, const struct algorithm *alg, const json_t *jwk, str_t text, str_t signature)
{
	str_t sig = signature;
	if (alg->raw && !ecdsa_der(a, signature, &sig))
		return false;
	EVP_PKEY *key = alg->key(a, jwk);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = key && ctx &&
		    EVP_DigestVerifyInit(ctx, NULL, alg->digest ? alg->digest() : NULL, NULL, key) == 1 &&
		    EVP_DigestVerify(ctx, (const unsigned char *)sig.p, sig.n, (const unsigned char *)text.p,
				     text.n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return good;
}

/* --- a token --- */

static bool may_be(const struct algorithm *alg, const json_t *jwk, str_t kid)
{
	str_t use = text_of(jwk, "use"), own = text_of(jwk, "alg");
	return str_eq(text_of(jwk, "kty"), str_of(alg->kty)) && (!use.p || str_eq(use, S("sig"))) &&
	       (!own.p || str_eq(own, str_of(alg->name))) && (!kid.p || str_eq(text_of(jwk, "kid"), kid));
}

static err_t object_of(arena_t *a, str_t part, json_t **out)
{
	str_t bytes;
	*out = base64_read(a, part, &bytes) ? json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (*out)
		arena_defer(a, drop, *out);
	return json_is_object(*out) ? OK : bad("it is not made of JSON");
}

err_t jwt_verify(arena_t *a, str_t token, const json_t *jwks, json_t **claims, bool *unknown)
{
	str_t rest = token, sig;
	str_t head = str_cut(&rest, '.'), body = str_cut(&rest, '.');
	json_t *header;
	*unknown = false;
	if (token.n > TOKEN_MOST || !body.p || !rest.p || !base64_read(a, rest, &sig))
		return bad("it does not have three parts");
	TRY(object_of(a, head, &header));
	const struct algorithm *alg = algorithm_of(text_of(header, "alg"));
	if (!alg)
		return bad("it is signed in no way that is accepted");
	if (json_object_get(header, "crit") || json_object_get(header, "b64"))
		return bad("it asks for what nobody here knows");
	str_t kid = text_of(header, "kid"), text = str_from(token.p, head.n + 1 + body.n);
	const json_t *keys = json_object_get(jwks, "keys"), *jwk;
	size_t i;
	bool any = false;
	json_array_foreach((json_t *)(uintptr_t)keys, i, jwk) {
		if (i >= KEYS_MOST || !may_be(alg, jwk, kid))
			continue;
		any = true;
		if (signed_by(a, alg, jwk, text, sig))
			return object_of(a, body, claims);
	}
	*unknown = !any;
	return bad(any ? "its signature is wrong" : "its key is none of the provider's");
}

/* --- what it says --- */

static bool is_for(const json_t *claims, str_t client)
{
	const json_t *aud = json_object_get(claims, "aud"), *one;
	str_t azp = text_of(claims, "azp");
	size_t i, n = json_array_size(aud);
	bool found = json_is_string(aud) && str_eq(text_of(claims, "aud"), client);
	json_array_foreach((json_t *)(uintptr_t)aud, i, one)
		found |= json_is_string(one) &&
			 str_eq(str_from(json_string_value(one), json_string_length(one)), client);
	if (azp.p && !str_eq(azp, client))
		return false;
	return found && (n < 2 || azp.p);
}

static bool moment_of(const json_t *claims, const char *key, usec_t *out)
{
	const json_t *v = json_object_get(claims, key);
	double t = json_number_value(v);
	if (!json_is_number(v) || !(t > 0 && t < 4e9))
		return false;
	*out = (usec_t)(t * 1e6);
	return true;
}

err_t id_token_check(const json_t *claims, const struct id_token_rules *r)
{
	usec_t ends, made;
	str_t sub = text_of(claims, "sub");
	if (!str_eq(text_of(claims, "iss"), r->issuer))
		return bad("another provider made it");
	if (!is_for(claims, r->client))
		return bad("it was made for another site");
	if (!moment_of(claims, "exp", &ends) || ends + CLOCK_SLACK <= r->now)
		return bad("its time is over");
	if (!moment_of(claims, "iat", &made) || made > r->now + CLOCK_SLACK || made < r->now - TOKEN_AGE)
		return bad("it was not made just now");
	if (!r->nonce.n || !str_eq(text_of(claims, "nonce"), r->nonce))
		return bad("it answers another question than ours");
	if (!sub.n || sub.n > 255)
		return bad("it does not say who you are");
	return OK;
}
