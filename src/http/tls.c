/* tls.c: see tls.h. OpenSSL reads from and writes to memory through a small BIO of ours: what is
 * sent lies in the sink as whole records, ready for one write. */
#include "http/tls.h"

#include "http/limits.h"
#include "http/tickets.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct tls {
	const char       *folder, *certificate, *key;
	const struct log *log;
	struct tickets   *tickets;
	BIO_METHOD       *wire;
	pthread_mutex_t   lock;
	SSL_CTX          *ctx; /* under the lock */
};

struct tls_link {
	SSL             *ssl;
	enum tls_state   state;
	str_t            in;   /* fed and not yet read */
	struct tls_sink *sink; /* during a call */
};

/* -- the wire -------------------------------------------------------------------------------- */

static int wire_read(BIO *b, char *out, int n)
{
	struct tls_link *l = BIO_get_data(b);
	BIO_clear_retry_flags(b);
	if (!l->in.n) {
		BIO_set_retry_read(b);
		return -1;
	}
	size_t take = l->in.n < (size_t)n ? l->in.n : (size_t)n;
	memcpy(out, l->in.p, take);
	l->in = str_slice(l->in, take, l->in.n);
	return (int)take;
}

static int wire_write(BIO *b, const char *p, int n)
{
	struct tls_link *l = BIO_get_data(b);
	struct tls_sink *sink = l->sink;
	BIO_clear_retry_flags(b);
	if (!sink || sink->cap - sink->n < (size_t)n)
		return -1;
	memcpy(sink->p + sink->n, p, (size_t)n);
	sink->n += (size_t)n;
	return n;
}

static long wire_control(BIO *b, int what, long n, void *p)
{
	(void)b, (void)n, (void)p;
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *wire_new(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stet wire");
	if (m) {
		BIO_meth_set_read(m, wire_read);
		BIO_meth_set_write(m, wire_write);
		BIO_meth_set_ctrl(m, wire_control);
	}
	return m;
}

/* -- certificates ---------------------------------------------------------------------------- */

/* What OpenSSL has to say, in a sentence of ours. */
static err_t complain(const char *file, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);
	err_t e = err_new(ERR_INPUT, "%s: %s%s%s%s", file, what, reason ? " (" : "",
			  reason ? reason : "", reason ? ")" : "");
	ERR_clear_error();
	return e;
}

static int no_password(char *out, int n, int writing, void *ctx)
{
	(void)out, (void)n, (void)writing, (void)ctx;
	return -1; /* nobody is there to be asked */
}

/* ALPN: HTTP/2 where the client has it. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *nout,
			   const unsigned char *offered, unsigned int n, void *ctx)
{
	static const unsigned char ours[] = "\x02h2\x08http/1.1";
	unsigned char *chosen;
	(void)ssl, (void)ctx;
	if (SSL_select_next_proto(&chosen, nout, ours, sizeof ours - 1, offered, n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS); /* an idle link holds no 34 KB */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets instead */
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_timeout(ctx, LIMIT_TICKET_AGE / SECOND);
	SSL_CTX_set_max_early_data(ctx, 0); /* can be replayed */
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	/* AES-128 first: nobody breaks it, and a large page costs a fifth less than with AES-256. */
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) &&
	       SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:"
					     "TLS_AES_256_GCM_SHA384") &&
	       SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM+AES128:ECDHE+CHACHA20:ECDHE+AESGCM") &&
	       SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"stet", 4);
}

static void warn_of_dates(const struct tls *t, SSL_CTX *ctx)
{
	const X509 *x = SSL_CTX_get0_certificate(ctx);
	int days = 0, seconds = 0;
	if (!x || !ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)))
		return;
	if (days < 0 || seconds < 0)
		log_line(t->log, LOG_WARN, "serve",
			 "%s: the certificate has expired; browsers will refuse the site",
			 t->certificate);
	else if (days < 14)
		log_line(t->log, LOG_WARN, "serve",
			 "%s: the certificate expires in %d days; renew it and send SIGHUP",
			 t->certificate, days);
	if (X509_cmp_current_time(X509_get0_notBefore(x)) > 0)
		log_line(t->log, LOG_WARN, "serve", "%s: the certificate is not valid yet",
			 t->certificate);
}

static char *path_of(arena_t *a, const struct tls *t, const char *name)
{
	return name[0] == '/' ? str_z(a, str_of(name))
			      : str_z(a, str_format(a, "%s/%s", t->folder, name));
}

static err_t check_readable(const struct tls *t, const char *path, const char *name, bool secret)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	if (!f)
		return err_errno(errno, "TLS: read %s", path);
	int failed = fstat(fileno(f), &st);
	fclose(f);
	if (failed)
		return err_errno(errno, "TLS: read %s", path);
	if (secret && (st.st_mode & (S_IROTH | S_IWOTH)))
		log_line(t->log, LOG_WARN, "serve",
			 "%s: the key can be read by every user of this machine; chmod 600 it",
			 name);
	return OK;
}

static err_t load_files(const struct tls *t, arena_t *a, SSL_CTX *ctx)
{
	const char *certificate = path_of(a, t, t->certificate), *key = path_of(a, t, t->key);
	TRY(check_readable(t, certificate, t->certificate, false));
	TRY(check_readable(t, key, t->key, true));
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1)
		return complain(certificate, "is not a certificate chain in PEM form");
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
		if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
			return complain(key, "is not the key of the certificate");
		return complain(key, "is not a private key in PEM form without a password");
	}
	if (SSL_CTX_check_private_key(ctx) != 1)
		return complain(key, "is not the key of the certificate");
	warn_of_dates(t, ctx);
	return OK;
}

static err_t context_new(const struct tls *t, SSL_CTX **out)
{
	arena_t *a = arena_create(0);
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	err_t e = OK;
	if (!a || !ctx || !set_rules(ctx))
		e = err_new(ERR_MEMORY, "OpenSSL cannot start");
	else
		e = load_files(t, a, ctx);
	arena_free(a);
	if (e) {
		SSL_CTX_free(ctx);
		return e;
	}
	tickets_use(t->tickets, ctx);
	*out = ctx;
	return OK;
}

err_t tls_reload(struct tls *t)
{
	SSL_CTX *fresh;
	TRY(context_new(t, &fresh));
	pthread_mutex_lock(&t->lock);
	SSL_CTX *old = t->ctx;
	t->ctx = fresh;
	pthread_mutex_unlock(&t->lock);
	SSL_CTX_free(old); /* links hold it as long as they need it */
	return OK;
}

err_t tls_new(const char *folder, const char *certificate, const char *key, const struct log *log,
	      struct tls **out)
{
	struct tls *t = calloc(1, sizeof *t);
	if (!t)
		return err_new(ERR_MEMORY, "no memory for TLS");
	*t = (struct tls){ .folder = folder, .certificate = certificate, .key = key, .log = log };
	pthread_mutex_init(&t->lock, NULL);
	t->tickets = tickets_new();
	t->wire = wire_new();
	err_t e = t->tickets && t->wire ? tls_reload(t) : err_new(ERR_MEMORY, "no memory for TLS");
	if (e)
		tls_free(t);
	else
		*out = t;
	return e;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	tickets_free(t->tickets);
	BIO_meth_free(t->wire);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* -- a link ---------------------------------------------------------------------------------- */

err_t tls_begin(struct tls *t, struct tls_link **out)
{
	struct tls_link *l = calloc(1, sizeof *l);
	BIO *b = BIO_new(t->wire);
	pthread_mutex_lock(&t->lock);
	SSL *ssl = SSL_new(t->ctx);
	pthread_mutex_unlock(&t->lock);
	if (!l || !b || !ssl) {
		free(l);
		BIO_free(b);
		SSL_free(ssl);
		ERR_clear_error();
		return err_new(ERR_MEMORY, "no memory for a TLS connection");
	}
	BIO_set_data(b, l);
	BIO_set_init(b, 1);
	SSL_set_bio(ssl, b, b);
	SSL_set_accept_state(ssl);
	l->ssl = ssl;
	*out = l;
	return OK;
}

void tls_end(struct tls_link *l)
{
	if (!l)
		return;
	SSL_free(l->ssl);
	free(l);
}

enum tls_state tls_state(const struct tls_link *l)
{
	return l->state;
}

void tls_feed(struct tls_link *l, str_t bytes)
{
	l->in = bytes;
}

/* What a call that did not succeed means. */
static void judge(struct tls_link *l, int result)
{
	switch (SSL_get_error(l->ssl, result)) {
	case SSL_ERROR_WANT_READ: break;
	case SSL_ERROR_ZERO_RETURN: l->state = TLS_ENDED; break;
	default: l->state = TLS_FAILED;
	}
	ERR_clear_error();
}

size_t tls_read(struct tls_link *l, char *plain, size_t n, struct tls_sink *sink)
{
	if (l->state == TLS_FAILED || l->state == TLS_ENDED)
		return 0;
	if (l->state == TLS_OPEN && !l->in.n && !SSL_has_pending(l->ssl))
		return 0;
	l->sink = sink;
	int got = SSL_read(l->ssl, plain, n > INT32_MAX ? INT32_MAX : (int)n);
	if (got <= 0)
		judge(l, got);
	if (l->state == TLS_SHAKING && SSL_is_init_finished(l->ssl))
		l->state = TLS_OPEN;
	l->sink = NULL;
	return got > 0 ? (size_t)got : 0;
}

bool tls_write(struct tls_link *l, str_t plain, struct tls_sink *sink)
{
	if (l->state != TLS_OPEN || plain.n > TLS_WRITE_MOST)
		return false;
	if (!plain.n)
		return true;
	l->sink = sink;
	int done = SSL_write(l->ssl, plain.p, (int)plain.n);
	if (done <= 0) {
		judge(l, done);
		l->state = TLS_FAILED; /* the sink always has room, so this is final */
	}
	l->sink = NULL;
	return l->state == TLS_OPEN;
}

void tls_close(struct tls_link *l, struct tls_sink *sink)
{
	if (l->state != TLS_OPEN && l->state != TLS_ENDED)
		return;
	l->sink = sink;
	SSL_shutdown(l->ssl);
	ERR_clear_error();
	l->sink = NULL;
	l->state = TLS_ENDED;
}

bool tls_is_h2(const struct tls_link *l)
{
	const unsigned char *name;
	unsigned int n;
	SSL_get0_alpn_selected(l->ssl, &name, &n);
	return n == 2 && memcmp(name, "h2", 2) == 0;
}
