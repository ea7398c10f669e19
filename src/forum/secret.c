/* secret.c: see secret.h. */
#include "forum/secret.h"

#include <sodium.h>

enum { SECRET = 16 }; /* bytes */

str_t secret_new(arena_t *a)
{
	unsigned char bytes[SECRET];
	char *text = arena_alloc(a, 2 * SECRET + 1);
	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(text, 2 * SECRET + 1, bytes, sizeof bytes);
	return str_from(text, 2 * SECRET);
}

str_t secret_hash(arena_t *a, str_t secret)
{
	unsigned char *out = arena_alloc(a, crypto_generichash_BYTES);
	crypto_generichash(out, crypto_generichash_BYTES, (const unsigned char *)secret.p, secret.n, NULL, 0);
	return str_from((const char *)out, crypto_generichash_BYTES);
}
