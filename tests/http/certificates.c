/* certificates.c: see certificates.h. */
#include "certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static void must(int good)
{
	if (!good)
		abort();
}

static X509 *make(EVP_PKEY *key, long from, long to)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	unsigned char serial[8];
	must(RAND_bytes(serial, sizeof serial));
	serial[0] &= 0x7f;
	BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
	must(number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)));
	BN_free(number);
	must(X509_set_version(x, 2));
	must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					(const unsigned char *)"localhost", -1, -1, 0));
	must(X509_set_issuer_name(x, name));
	must(X509_gmtime_adj(X509_getm_notBefore(x), from) != NULL);
	must(X509_gmtime_adj(X509_getm_notAfter(x), to) != NULL);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
						"DNS:localhost,IP:127.0.0.1");
	must(e && X509_add_ext(x, e, -1));
	X509_EXTENSION_free(e);
	must(X509_set_pubkey(x, key) && X509_sign(x, key, EVP_sha256()));
	return x;
}

void certificate_make(const char *certificate, const char *key, long from, long to,
		      const char *password)
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	must(pair != NULL);
	X509 *x = make(pair, from, to);
	FILE *f = fopen(certificate, "we");
	must(f && PEM_write_X509(f, x) && !fclose(f));
	f = fopen(key, "we");
	must(f && PEM_write_PKCS8PrivateKey(f, pair, password ? EVP_aes_128_cbc() : NULL, password,
					    password ? (int)strlen(password) : 0, NULL, NULL) &&
	     !fclose(f));
	X509_free(x);
	EVP_PKEY_free(pair);
}
