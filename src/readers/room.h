/* room.h: what the files of this room share and nobody else uses. */
#pragma once

#include "readers/limits.h"
#include "readers/rate.h"
#include "readers/readers.h"

#include <sodium.h>

struct hashers;
struct spoof;
struct oidc;

struct readers {
	struct stet    *s;
	struct readers_options given;
	unsigned char   key[32];   /* keys/readers.key */
	struct rates   *rates;
	struct hashers *hashers;
	struct spoof   *spoof;
	struct oidc    *oidc;      /* providers that sign in */
	bool            secure;    /* cookies only over TLS (or to this machine itself) */
};

/* 32 bytes that only who has the key can make: of `text`, for one purpose. */
enum { KEYED = 32 };
void keyed(const struct readers *r, const char *purpose, str_t text, unsigned char out[KEYED]);
/* Sealed with the key, and opened; false if it is not ours. */
str_t key_seal(const struct readers *r, arena_t *a, str_t plain);
bool  key_open(const struct readers *r, arena_t *a, str_t sealed, str_t *out);
/* Of the client's network address (IPv6: its /64): what limits and abuse are counted by. */
str_t client_hash(const struct readers *r, arena_t *a, const struct request *q);
/* URL-safe base 64 without padding, both ways; false for anything else. */
str_t base64_of(arena_t *a, str_t bytes);
bool  base64_read(arena_t *a, str_t text, str_t *out);

/* hash.c */
err_t hashers_new(const struct readers *r, struct hashers **out) CHECKED;
void  hashers_free(struct hashers *h);

/* names.c */
err_t spoof_new(struct spoof **out) CHECKED;
void  spoof_free(struct spoof *s);
/* NFKC (and case folded), as passwords and addresses are compared. */
err_t text_normal(struct spoof *s, arena_t *a, str_t text, str_t *out) CHECKED;
err_t text_fold(struct spoof *s, arena_t *a, str_t text, str_t *out) CHECKED;

/* What is kept of a name's key once its owner's account is gone. */
str_t name_hidden(const struct readers *r, arena_t *a, str_t key);
/* Runs of white space as one space, none at the ends. */
str_t text_spaced(arena_t *a, str_t s);

/* "Firefox on Linux", of a User-Agent header; "" if it tells nothing. */
str_t device_of(arena_t *a, const struct request *q);

/* ties.c */
/* Whether they may show others something new of themselves (readers_options.stopped): ERR_REFUSED. */
err_t check_stopped(struct stet *s, struct conn *c, arena_t *a, id64 reader) CHECKED;

/* reader.c */
str_t reader_actor(arena_t *a, id64 id);
