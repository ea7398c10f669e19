/* tickets.c: see tickets.h. */
#include "http/tickets.h"

#include "base/random.h"
#include "http/limits.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct ticket_key {
	unsigned char name[16], cipher[32], mac[32];
	usec_t        made; /* on the steady clock; 0: none */
};

struct tickets {
	pthread_mutex_t   lock;
	struct ticket_key now, before; /* under the lock */
};

static void make(struct ticket_key *k)
{
	random_bytes(k->name, sizeof k->name);
	random_bytes(k->cipher, sizeof k->cipher);
	random_bytes(k->mac, sizeof k->mac);
	k->made = clock_steady();
}

struct tickets *tickets_new(void)
{
	struct tickets *t = calloc(1, sizeof *t);
	if (t) {
		pthread_mutex_init(&t->lock, NULL);
		make(&t->now);
	}
	return t;
}

void tickets_free(struct tickets *t)
{
	if (!t)
		return;
	pthread_mutex_destroy(&t->lock);
	OPENSSL_cleanse(t, sizeof *t);
	free(t);
}

static void rotate(struct tickets *t)
{
	usec_t age = clock_steady() - t->now.made;
	if (age > LIMIT_TICKET_AGE) {
		t->before = t->now;
		make(&t->now);
	}
	if (age > 2 * LIMIT_TICKET_AGE)
		OPENSSL_cleanse(&t->before, sizeof t->before);
}

/* The key for a new ticket, or the one that made the ticket `name`; 0: none, 1: the present one, 2:
 * the one before it, so that the client is given a new ticket. */
static int choose(struct tickets *t, const unsigned char *name, bool sealing,
		  struct ticket_key *out)
{
	int found = 0;
	pthread_mutex_lock(&t->lock);
	rotate(t);
	if (sealing || memcmp(name, t->now.name, sizeof t->now.name) == 0) {
		*out = t->now;
		found = 1;
	} else if (t->before.made && memcmp(name, t->before.name, sizeof t->before.name) == 0) {
		*out = t->before;
		found = 2;
	}
	pthread_mutex_unlock(&t->lock);
	return found;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		     EVP_MAC_CTX *mac, int sealing)
{
	struct tickets *t = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct ticket_key k;
	int found = choose(t, name, sealing, &k);
	if (!found)
		return 0; /* a full handshake, then */
	if (sealing) {
		memcpy(name, k.name, sizeof k.name);
		random_bytes(iv, 16);
	}
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, k.mac, sizeof k.mac),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
		OSSL_PARAM_construct_end(),
	};
	bool ready = EVP_MAC_CTX_set_params(mac, params) &&
		     EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, k.cipher, iv, sealing);
	OPENSSL_cleanse(&k, sizeof k);
	return ready ? found : -1;
}

void tickets_use(struct tickets *t, SSL_CTX *ctx)
{
	SSL_CTX_set_app_data(ctx, t);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
}
