/* jwt.h: tokens that an OpenID Connect provider signed (RFC 7519, 7515, 7517). */
#pragma once

#include "base/base.h"

#include <jansson.h>

/* Checks the signature of `token` by the keys of `jwks`, and gives the claims (the arena's). Only RS256, ES256
 * and EdDSA (Ed25519), each with a key of its own kind: "none" and keys shared with the client are refused.
 * `unknown`: the keys lack the one that it names, and newer ones might have it. */
err_t jwt_verify(arena_t *a, str_t token, const json_t *jwks, json_t **claims, bool *unknown) CHECKED;

/* What must be true of an ID token's claims (OpenID Connect Core, 3.1.3.7). */
struct id_token_rules {
	str_t  issuer, client, nonce;
	usec_t now;
};
err_t id_token_check(const json_t *claims, const struct id_token_rules *rules) CHECKED;
