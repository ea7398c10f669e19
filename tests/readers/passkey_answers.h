/* passkey_answers.h: what Chromium's authenticator answered (tests/fixtures/passkeys), and ways to
 * put something else in its place. */
#pragma once

#include "accounts.h"
#include "readers/webauthn.h"

/* One passkey as it was recorded: made, and used once. */
struct recording {
	struct ceremony   made, used;
	json_t           *made_answer, *used_answer;
	str_t             handle;
	struct credential credential; /* as it was registered */
};

/* "es256", "eddsa", "rs256", or "packed": with an attestation. Each call gives a fresh one, to be
 * changed. */
struct recording recorded(struct room *r, const char *kind);

/* The JSON is freed with the room. */
void release_later(struct room *r, json_t *json);

/* A field of an answer's "response", as bytes: read, and replaced. */
str_t response(struct room *r, const json_t *answer, const char *key);
void  put(struct room *r, json_t *answer, const char *key, str_t bytes);
