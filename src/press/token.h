/* token.h: newsroom tokens: who may send files over the network.
 *
 * A token is 32 random bytes that its holder alone keeps; here is only their hash. It is sent as
 * "Authorization: Bearer stet_..." and never by a browser of its own accord, so no page elsewhere can
 * make a reader's browser use it. */
#pragma once

#include "base/stet.h"
#include "http/http.h"
#include "store/store.h"

struct token {
	id64   id;
	str_t  name;
	usec_t made, revoked; /* revoked 0: it holds */
};

/* Makes one; `secret` is told this once. */
err_t token_add(struct stet *s, arena_t *a, str_t name, str_t actor, str_t *secret) CHECKED;
err_t token_revoke(struct stet *s, arena_t *a, str_t name, str_t actor) CHECKED;
err_t token_list(struct stet *s, arena_t *a, struct token **out, size_t *n) CHECKED;

/* Whose request it is. ERR_REFUSED without a token that holds. */
err_t token_verify(struct stet *s, const struct request *q, struct token *out) CHECKED;

/* The hash of the request's secret as it is stored, without looking whether it holds; empty if there is
 * none. Does not touch the store. */
str_t token_hash(arena_t *a, const struct request *q);
