/* challenge.h: what is asked once and answered once.
 *
 * A link and a code in a mail, a passkey's random bytes, an invitation: each is a row that ends soon and
 * serves once. What the link and the code say is derived from the row's random bytes with the room's key,
 * so that the database alone makes neither. Most are bound to the browser that asked, by a cookie. */
#pragma once

#include "readers/room.h"

#include <jansson.h>

enum challenge_kind {
	CHALLENGE_REGISTER,  /* a new account's address is proven */
	CHALLENGE_SIGN_IN,   /* by mail */
	CHALLENGE_NOBODY,    /* the same for an address without an account: it can only be shown */
	CHALLENGE_ADDRESS,   /* another address of an account is proven */
	CHALLENGE_INVITE,
	CHALLENGE_FACTOR,    /* the first factor was right, the second is asked for */
	CHALLENGE_PASSKEY_NEW,
	CHALLENGE_PASSKEY,
	CHALLENGE_PROVIDER,
	CHALLENGE_COPY,      /* a copy of everything, to be fetched */
	CHALLENGE_KINDS,
};

enum { CHALLENGE_RANDOM = 32, LINK_TEXT = 37, CODE_DIGITS = 8 };

struct challenge {
	id64   id;       /* 0: none */
	enum challenge_kind kind;
	id64   reader;   /* 0: nobody yet */
	str_t  subject;  /* folded address, issuer ... */
	str_t  name_key; /* a name kept free; empty: none */
	str_t  browser;  /* hash of the asking browser's cookie; empty: any */
	str_t  random;   /* CHALLENGE_RANDOM bytes; made by challenge_insert */
	json_t *data;    /* an object; the arena's */
	str_t  device;
	int64_t tries;
	usec_t made, ends, used;
};

/* In a writer: fills id, random, made, device; those of the same kind and subject before it end. `life`
 * from now. */
err_t challenge_insert(struct stet *s, struct conn *c, arena_t *a, struct challenge *x, usec_t life) CHECKED;

/* In a writer: names that the browser (its hash) kept are free again. */
err_t challenge_free_names(struct conn *c, str_t browser) CHECKED;

/* In a writer: it serves now, and never again. ERR_MISSING if it did, or is over. */
err_t challenge_use(struct stet *s, struct conn *c, const struct challenge *x) CHECKED;

/* .id 0: there is none that is good. */
err_t challenge_find(struct stet *s, struct conn *c, arena_t *a, id64 id, struct challenge *out) CHECKED;
/* The one a link names. */
err_t challenge_by_link(struct stet *s, struct conn *c, arena_t *a, str_t link,
			struct challenge *out) CHECKED;
/* The newest of the kind (or one of two) that this browser asked for. */
err_t challenge_by_browser(struct stet *s, struct conn *c, const struct request *q,
			   enum challenge_kind kind, enum challenge_kind other,
			   struct challenge *out) CHECKED;

str_t challenge_link(const struct readers *r, arena_t *a, const struct challenge *x);
/* Eight digits. */
str_t challenge_code(const struct readers *r, arena_t *a, const struct challenge *x);
/* Counts the try; ERR_INPUT with field "code" when it is wrong, ERR_MISSING after too many. */
err_t challenge_try_code(struct stet *s, arena_t *a, const struct challenge *x, str_t code) CHECKED;

/* The hash that binds a challenge to the browser of `q`; gives it a cookie if it has none. */
err_t challenge_browser(struct stet *s, struct request *q, struct response *r, str_t *out) CHECKED;
bool  challenge_is_from(struct stet *s, const struct request *q, const struct challenge *x);
/* The browser's cookie is not needed any more. */
err_t challenge_forget_browser(struct stet *s, struct request *q, struct response *r) CHECKED;

/* Counts a mail that is asked for: by network, by address, and by both. */
err_t rate_mail(struct stet *s, const struct request *q, str_t address_key) CHECKED;

/* What data says under `key`; empty if nothing. */
str_t challenge_text(const struct challenge *x, const char *key);
