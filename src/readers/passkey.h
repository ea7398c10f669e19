/* passkey.h: the passkeys of accounts, as rows. What makes one believable is in webauthn.h. */
#pragma once

#include "readers/pages.h"
#include "readers/webauthn.h"

struct passkey {
	id64              id;     /* 0: none */
	id64              reader;
	struct credential credential;
	str_t             name;   /* the owner's; empty: none yet */
	usec_t            made, used;
};

struct passkeys {
	struct passkey *v;
	size_t          n;
};

/* In a view or a writer; the oldest first. */
err_t passkey_list(struct conn *c, arena_t *a, id64 reader, struct passkeys *out) CHECKED;
/* .id 0: there is none. */
err_t passkey_find(struct conn *c, arena_t *a, str_t credential, struct passkey *out) CHECKED;

/* In a writer: fills id, made, used. ERR_CONFLICT if it is registered already, for anybody (field
 * "taken"), or the account has as many as may be (field "full"). */
err_t passkey_insert(struct stet *s, struct conn *c, arena_t *a, struct passkey *p) CHECKED;
/* In a writer: it has just signed. */
err_t passkey_used(struct stet *s, struct conn *c, const struct passkey *p,
		   const struct asserted *x) CHECKED;
/* In a writer; ERR_MISSING if the reader has no such one. */
err_t passkey_rename(struct conn *c, id64 reader, id64 id, str_t name) CHECKED;
err_t passkey_delete(struct conn *c, id64 reader, id64 id) CHECKED;

/* The name with its spaces put right; an error names what is wrong with it. */
err_t passkey_name_check(arena_t *a, str_t *name) CHECKED;

/* "passkeys" [{id, name, made, used, synced}], "passkeys_full" of a view. */
err_t passkeys_part(struct stet *s, struct view *v, const struct who *who) CHECKED;
