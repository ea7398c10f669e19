/* webauthn.h: what must hold before a passkey is believed (W3C Web Authentication, Level 3, sections 7.1
 * and 7.2), and nothing else: no rows, no requests.
 *
 * A passkey is a key pair that an authenticator (a phone, a security key, a password manager) keeps for
 * one site. Registering brings its public half; from then on it signs what it is asked. Signatures are
 * libfido2's to verify. Errors are ERR_INPUT and name the check that failed. */
#pragma once

#include "base/base.h"

#include <jansson.h>

enum webauthn_limits {
	CREDENTIAL_ID_MOST = 1023,    /* section 7.1, step 25 */
	CLIENT_DATA_MOST = 4096,      /* a few hundred bytes, as a rule */
	ATTESTATION_MOST = 32 * 1024, /* with certificates in it */
	SIGNATURE_MOST = 1024,
	USER_HANDLE_MOST = 64,        /* section 5.4.3 */
};

/* COSE algorithms that we offer, the best first; 0 ends. */
extern const int webauthn_algorithms[];

/* What was asked for, and where. */
struct ceremony {
	str_t rp;        /* the host: "news.example" */
	str_t origin;    /* "https://news.example" */
	str_t challenge; /* the bytes */
};

struct credential {
	str_t    id, key; /* the public key as libfido2 has it */
	int      algorithm;
	uint32_t count;   /* of signatures; 0 for ever with many */
	bool     may_sync, synced;
	str_t    aaguid;  /* of the kind of authenticator, 16 bytes */
	str_t    transports; /* "hybrid internal" */
};

/* `answer` is a RegistrationResponseJSON. */
err_t webauthn_register(arena_t *a, const struct ceremony *c, const json_t *answer,
			struct credential *out) CHECKED;

/* An AuthenticationResponseJSON taken apart; `handle` is whose it says it is, or empty. */
struct assertion {
	str_t id, handle, client, auth, signature;
};
err_t webauthn_read(arena_t *a, const json_t *answer, struct assertion *out) CHECKED;

struct asserted {
	uint32_t count;
	bool     synced;
	bool     copied; /* it counted less than before: there may be two of it */
};
/* `known` is the credential of that id, `handle` its owner's. Where nobody had said who it is
 * (`discover`), the answer must. */
err_t webauthn_verify(arena_t *a, const struct ceremony *c, const struct assertion *x,
		      const struct credential *known, str_t handle, bool discover,
		      struct asserted *out) CHECKED;

/* "Windows Hello" for the aaguid of it; "" for one that is not known. */
const char *webauthn_maker(str_t aaguid);
