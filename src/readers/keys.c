/* keys.c: the room's secret, and what is made with it. It stands in keys/readers.key, not in the
 * database: who has a copy of that alone can neither make a link that works nor try passwords. */
#include "readers/oidc.h"
#include "readers/room.h"

#include "base/file.h"
#include "base/random.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEY_MOST = 256 };

static err_t read_key(arena_t *a, const char *path, unsigned char *key)
{
	str_t text;
	size_t n;
	TRY(file_read(a, path, KEY_MOST, &text));
	text = str_trim(text);
	if (sodium_hex2bin(key, 32, text.p, text.n, NULL, &n, NULL) != 0 || n != 32)
		return err_new(ERR_CONFLICT, "%s: must hold 64 hexadecimal digits; without the right ones "
			       "no password and no link works, so it is not made anew: take it from a "
			       "backup", path);
	return OK;
}

static err_t make_key(const char *path, unsigned char *key)
{
	char hex[2 * 32 + 2];
	random_bytes(key, 32);
	sodium_bin2hex(hex, sizeof hex, key, 32);
	hex[64] = '\n';
	err_t e = file_write(path, str_from(hex, 65), 0600);
	sodium_memzero(hex, sizeof hex);
	return e;
}

static err_t load_key(const struct stet *s, arena_t *a, unsigned char *key)
{
	char *folder = path_join(a, s->folder, "keys"), *path = path_join(a, folder, "readers.key");
	if (file_exists(path))
		return read_key(a, path, key);
	TRY(folder_make(folder));
	return make_key(path, key);
}

/* A cookie with Secure reaches us over TLS, and browsers let it reach this machine without. */
static bool is_secure(str_t url)
{
	return str_starts(url, S("https://")) || str_starts(url, S("http://localhost")) ||
	       str_starts(url, S("http://127.")) || str_starts(url, S("http://[::1]"));
}

err_t readers_new(const struct readers_options *o, struct readers **out)
{
	struct readers *r = calloc(1, sizeof *r);
	arena_t *a = r ? arena_create(0) : NULL;
	if (!a) {
		free(r);
		return err_new(ERR_MEMORY, "out of memory");
	}
	r->s = o->s;
	r->given = *o;
	r->secure = is_secure(o->s->config.url);
	err_t e = load_key(o->s, a, r->key);
	arena_free(a);
	if (!e)
		e = rates_new(&r->rates);
	if (!e)
		e = spoof_new(&r->spoof);
	if (!e)
		e = oidc_new(o->s, &r->oidc);
	if (!e)
		e = hashers_new(r, &r->hashers);
	if (e)
		readers_free(r);
	else
		*out = r;
	return e;
}

void readers_free(struct readers *r)
{
	if (!r)
		return;
	hashers_free(r->hashers);
	oidc_free(r->oidc);
	spoof_free(r->spoof);
	rates_free(r->rates);
	sodium_memzero(r->key, sizeof r->key);
	free(r);
}

void keyed(const struct readers *r, const char *purpose, str_t text, unsigned char out[KEYED])
{
	crypto_generichash_state h;
	crypto_generichash_init(&h, r->key, sizeof r->key, KEYED);
	crypto_generichash_update(&h, (const unsigned char *)purpose, strlen(purpose) + 1);
	crypto_generichash_update(&h, (const unsigned char *)text.p, text.n);
	crypto_generichash_final(&h, out, KEYED);
}

str_t key_seal(const struct readers *r, arena_t *a, str_t plain)
{
	unsigned char key[KEYED];
	size_t n = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.n;
	unsigned char *out = arena_alloc(a, n);
	keyed(r, "seal", S(""), key);
	randombytes_buf(out, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, (const unsigned char *)plain.p, plain.n,
			      out, key);
	sodium_memzero(key, sizeof key);
	return str_from((const char *)out, n);
}

bool key_open(const struct readers *r, arena_t *a, str_t sealed, str_t *out)
{
	unsigned char key[KEYED];
	size_t least = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
	const unsigned char *p = (const unsigned char *)sealed.p;
	if (sealed.n < least)
		return false;
	unsigned char *plain = arena_alloc(a, sealed.n - least + 1);
	keyed(r, "seal", S(""), key);
	bool ours = crypto_secretbox_open_easy(plain, p + crypto_secretbox_NONCEBYTES,
					       sealed.n - crypto_secretbox_NONCEBYTES, p, key) == 0;
	sodium_memzero(key, sizeof key);
	*out = str_from((const char *)plain, sealed.n - least);
	return ours;
}

/* Of an IPv6 address its first half: what one subscriber is given. However it is written. */
static str_t network_of(arena_t *a, str_t client)
{
	enum { NETWORK_BYTES = 8 };
	struct in6_addr *six = arena_new(a, struct in6_addr);
	if (inet_pton(AF_INET6, str_z(a, client), six) != 1 || IN6_IS_ADDR_V4MAPPED(six))
		return client;
	return str_from((const char *)six->s6_addr, NETWORK_BYTES);
}

str_t client_hash(const struct readers *r, arena_t *a, const struct request *q)
{
	unsigned char out[KEYED];
	keyed(r, "client", network_of(a, q->client), out);
	return base64_of(a, str_from((const char *)out, 16));
}

str_t base64_of(arena_t *a, str_t bytes)
{
	size_t n = sodium_base64_encoded_len(bytes.n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *p = arena_alloc(a, n);
	sodium_bin2base64(p, n, (const unsigned char *)bytes.p, bytes.n,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return str_from(p, n - 1);
}

bool base64_read(arena_t *a, str_t text, str_t *out)
{
	size_t n;
	unsigned char *p = arena_alloc(a, text.n + 1);
	if (!text.p || sodium_base642bin(p, text.n, text.p, text.n, NULL, &n, NULL,
					 sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	*out = str_from((const char *)p, n);
	return true;
}
