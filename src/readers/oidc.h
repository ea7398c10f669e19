/* oidc.h: accounts elsewhere that sign one in here: OpenID Connect, authorization code with PKCE. */
#pragma once

#include "readers/challenge.h"

struct provider {
	str_t name;   /* as in stet.conf: "Example"; in paths, too */
	str_t issuer, client;
	str_t secret; /* of keys/NAME.secret; empty: a public client */
};

struct oidc;
/* Reads `providers` of stet.conf. */
err_t oidc_new(const struct stet *s, struct oidc **out) CHECKED;
void  oidc_free(struct oidc *o);

size_t                 oidc_count(const struct oidc *o);
const struct provider *oidc_at(const struct oidc *o, size_t i);
const struct provider *oidc_find(const struct oidc *o, str_t name);
const struct provider *oidc_of_issuer(const struct oidc *o, str_t issuer);

/* Where the browser is sent; state, nonce and verifier are derived from the challenge. */
err_t oidc_leave(struct stet *s, arena_t *a, const struct provider *p, const struct challenge *x,
		 str_t *location) CHECKED;

/* Who they are there. */
struct identity {
	str_t issuer, subject;
	str_t address;  /* only if the provider says it is verified; else empty */
	str_t name;     /* may be empty */
};
/* Trades the code for a token and judges it. Errors are for the reader, field "form". */
err_t oidc_return(struct stet *s, arena_t *a, const struct provider *p, const struct challenge *x, str_t code,
		  struct identity *out) CHECKED;
