/* test_tls.c: TLS links without sockets, against OpenSSL as the client. */
#include "certificates.h"
#include "http/tls.h"

#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define YEAR (365L * 86400)

struct world {
	char             folder[64];
	char             log_name[80];
	struct log       log;
	struct tls      *tls;
	struct tls_link *l;
	struct tls_sink  sink;

	SSL_CTX *ctx;
	SSL     *client;
	BIO     *to_client, *to_server; /* the client's reading and writing ends */
	char     got[1 << 17];          /* by the server */
	size_t   ngot;
	SSL_SESSION *session;
};

static char *in(struct world *w, const char *name)
{
	static char path[2][160];
	static int turn;
	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", w->folder, name);
	return path[turn];
}

static void install(struct world *w, long from, long to)
{
	char *certificate = in(w, "c.pem");
	certificate_make(certificate, in(w, "k.pem"), from, to, NULL);
	chmod(in(w, "k.pem"), 0600);
}

static int begin(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	snprintf(w->folder, sizeof w->folder, "/tmp/stet-tls-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->log_name, sizeof w->log_name, "%s/log", w->folder);
	FILE *f = fopen(w->log_name, "we+");
	assert_non_null(f);
	w->log = (struct log){ .fd = dup(fileno(f)), .least = LOG_DEBUG };
	fclose(f);
	w->sink = (struct tls_sink){ malloc(2 * TLS_SINK_ROOM), 0, 2 * TLS_SINK_ROOM };
	w->ctx = SSL_CTX_new(TLS_client_method());
	install(w, -60, YEAR);
	*state = w;
	return 0;
}

static void hang_up(struct world *w)
{
	SSL_free(w->client);
	tls_end(w->l);
	w->client = NULL;
	w->l = NULL;
	w->ngot = 0;
	w->sink.n = 0;
}

static int end(void **state)
{
	struct world *w = *state;
	hang_up(w);
	tls_free(w->tls);
	SSL_SESSION_free(w->session);
	SSL_CTX_free(w->ctx);
	unlink(in(w, "c.pem"));
	unlink(in(w, "k.pem"));
	unlink(w->log_name);
	rmdir(w->folder);
	close(w->log.fd);
	free(w->sink.p);
	free(w);
	return 0;
}

static void start(struct world *w)
{
	err_t e = tls_new(w->folder, "c.pem", "k.pem", &w->log, &w->tls);
	if (e)
		fail_msg("%s", err_text(e));
}

static void call(struct world *w, const char *protocols, size_t n)
{
	assert_null(tls_begin(w->tls, &w->l));
	w->client = SSL_new(w->ctx);
	w->to_client = BIO_new(BIO_s_mem());
	w->to_server = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(w->to_client, -1);
	SSL_set_bio(w->client, w->to_client, w->to_server);
	SSL_set_connect_state(w->client);
	if (w->session)
		SSL_set_session(w->client, w->session);
	if (n)
		SSL_set_alpn_protos(w->client, (const unsigned char *)protocols, (unsigned)n);
}

/* Moves bytes both ways, `piece` at a time, until nothing moves. */
static void pump(struct world *w, int piece)
{
	char bytes[16384];
	bool moved = true;
	while (moved) {
		moved = false;
		if (!SSL_is_init_finished(w->client))
			SSL_do_handshake(w->client);
		int n = BIO_read(w->to_server, bytes, piece);
		if (n > 0) {
			moved = true;
			tls_feed(w->l, str_from(bytes, (size_t)n));
			size_t got;
			while ((got = tls_read(w->l, w->got + w->ngot, sizeof w->got - w->ngot,
					       &w->sink)))
				w->ngot += got;
		}
		if (w->sink.n) {
			moved = true;
			BIO_write(w->to_client, w->sink.p, (int)w->sink.n);
			w->sink.n = 0;
		}
	}
}

static bool says(const struct world *w, const char *text)
{
	char log[4096];
	FILE *f = fopen(w->log_name, "re");
	size_t n = f ? fread(log, 1, sizeof log - 1, f) : 0;
	if (f)
		fclose(f);
	log[n] = '\0';
	return strstr(log, text) != NULL;
}

/* -- handshakes ------------------------------------------------------------------------------ */

static void alpn_chooses_http2_where_it_can(void **state)
{
	static const struct {
		const char *offered;
		size_t n;
		bool h2;
	} cases[] = {
		{ "\x08http/1.1\x02h2", 12, true },
		{ "\x02h2", 3, true },
		{ "\x08http/1.1", 9, false },
		{ "", 0, false },
	};
	struct world *w = *state;
	start(w);
	for (size_t i = 0; i < COUNT(cases); i++) {
		call(w, cases[i].offered, cases[i].n);
		pump(w, 16384);
		assert_int_equal(tls_state(w->l), TLS_OPEN);
		assert_string_equal(SSL_get_version(w->client), "TLSv1.3");
		assert_int_equal(tls_is_h2(w->l), cases[i].h2);
		hang_up(w);
	}
	call(w, "\x04spdy", 5);
	pump(w, 16384);
	assert_int_equal(tls_state(w->l), TLS_FAILED);
}

static void old_versions_are_refused(void **state)
{
	struct world *w = *state;
	start(w);
	SSL_CTX_set_max_proto_version(w->ctx, TLS1_2_VERSION);
	call(w, "\x02h2", 3);
	pump(w, 16384);
	assert_int_equal(tls_state(w->l), TLS_OPEN);
	hang_up(w);
	SSL_CTX_set_security_level(w->ctx, 0);
	SSL_CTX_set_min_proto_version(w->ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(w->ctx, TLS1_1_VERSION);
	SSL_CTX_set_cipher_list(w->ctx, "ALL:@SECLEVEL=0");
	call(w, "", 0);
	pump(w, 16384);
	assert_int_equal(tls_state(w->l), TLS_FAILED);
}

static void what_is_not_tls_fails(void **state)
{
	struct world *w = *state;
	char plain[100];
	start(w);
	assert_null(tls_begin(w->tls, &w->l));
	assert_false(tls_write(w->l, S("early"), &w->sink));
	tls_feed(w->l, S("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
	assert_int_equal(tls_read(w->l, plain, sizeof plain, &w->sink), 0);
	assert_int_equal(tls_state(w->l), TLS_FAILED);
	assert_int_equal(tls_read(w->l, plain, sizeof plain, &w->sink), 0);
	assert_false(tls_write(w->l, S("late"), &w->sink));
	tls_close(w->l, &w->sink);
}

static void renegotiation_is_refused(void **state)
{
	struct world *w = *state;
	start(w);
	SSL_CTX_set_max_proto_version(w->ctx, TLS1_2_VERSION);
	call(w, "", 0);
	pump(w, 16384);
	SSL_renegotiate(w->client);
	SSL_do_handshake(w->client);
	pump(w, 16384);
	assert_int_equal(SSL_num_renegotiations(w->client), 1); /* asked for, never done */
	assert_false(SSL_is_init_finished(w->client));
}

/* -- data ------------------------------------------------------------------------------------ */

static void bytes_arrive_in_pieces_of_any_size(void **state)
{
	static const int pieces[] = { 1, 7, 1000, 16384 };
	struct world *w = *state;
	char sent[60000], back[60000];
	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (char)(i * 31 >> 3);
	start(w);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		call(w, "", 0);
		pump(w, pieces[i]);
		assert_int_equal(tls_state(w->l), TLS_OPEN);
		assert_int_equal(SSL_write(w->client, sent, sizeof sent), sizeof sent);
		pump(w, pieces[i]);
		assert_int_equal(w->ngot, sizeof sent);
		assert_memory_equal(w->got, sent, sizeof sent);
		assert_true(tls_write(w->l, str_from(sent, sizeof sent), &w->sink));
		pump(w, pieces[i]);
		size_t n = 0;
		for (int got; (got = SSL_read(w->client, back + n, (int)(sizeof back - n))) > 0;)
			n += (size_t)got;
		assert_int_equal(n, sizeof back);
		assert_memory_equal(back, sent, sizeof sent);
		hang_up(w);
	}
}

static void a_goodbye_is_said_and_heard(void **state)
{
	struct world *w = *state;
	char byte;
	start(w);
	call(w, "", 0);
	pump(w, 16384);
	SSL_shutdown(w->client);
	pump(w, 16384);
	assert_int_equal(tls_state(w->l), TLS_ENDED);
	tls_close(w->l, &w->sink);
	pump(w, 16384);
	assert_int_equal(SSL_shutdown(w->client), 1);
	hang_up(w);
	call(w, "", 0);
	pump(w, 16384);
	tls_close(w->l, &w->sink);
	pump(w, 16384);
	assert_int_equal(SSL_read(w->client, &byte, 1), 0);
	assert_int_equal(SSL_get_shutdown(w->client), SSL_RECEIVED_SHUTDOWN);
}

/* -- tickets --------------------------------------------------------------------------------- */

static SSL_SESSION *caught;

static int on_session(SSL *ssl, SSL_SESSION *s)
{
	(void)ssl;
	SSL_SESSION_free(caught);
	caught = s;
	return 1;
}

static bool comes_back(struct world *w)
{
	char byte;
	call(w, "\x02h2", 3);
	pump(w, 16384);
	SSL_read(w->client, &byte, 1); /* takes the ticket in */
	assert_int_equal(tls_state(w->l), TLS_OPEN);
	bool resumed = SSL_session_reused(w->client);
	SSL_SESSION_free(w->session);
	w->session = caught;
	caught = NULL;
	SSL_shutdown(w->client); /* else its session counts as broken */
	hang_up(w);
	return resumed;
}

static void a_client_comes_back_without_a_full_handshake(void **state)
{
	static const int versions[] = { TLS1_3_VERSION, TLS1_2_VERSION };
	struct world *w = *state;
	start(w);
	SSL_CTX_set_session_cache_mode(w->ctx, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_sess_set_new_cb(w->ctx, on_session);
	for (size_t i = 0; i < COUNT(versions); i++) {
		SSL_CTX_set_max_proto_version(w->ctx, versions[i]);
		SSL_SESSION_free(w->session);
		w->session = NULL;
		assert_false(comes_back(w));
		assert_true(comes_back(w));
		assert_null(tls_reload(w->tls)); /* the keys of tickets stay */
		assert_true(w->session == NULL || comes_back(w));
	}
}

/* -- certificates ---------------------------------------------------------------------------- */

static void refused(struct world *w, const char *file, const char *why)
{
	struct tls *t = NULL;
	err_t e = tls_new(w->folder, "c.pem", "k.pem", &w->log, &t);
	assert_non_null(e);
	if (!strstr(err_text(e), why) || !strstr(err_text(e), file))
		fail_msg("%s", err_text(e));
	err_free(e);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void a_certificate_that_cannot_be_used_says_why(void **state)
{
	struct world *w = *state;
	write_file(in(w, "c.pem"), "nonsense");
	refused(w, "c.pem", "not a certificate");
	unlink(in(w, "c.pem"));
	refused(w, "c.pem", "No such file");
	install(w, -60, YEAR);
	write_file(in(w, "k.pem"), "nonsense");
	refused(w, "k.pem", "not a private key");
	unlink(in(w, "k.pem"));
	refused(w, "k.pem", "No such file");
	char *other = in(w, "other.pem");
	certificate_make(other, in(w, "k.pem"), -60, YEAR, NULL);
	unlink(in(w, "other.pem"));
	refused(w, "k.pem", "not the key of the certificate");
	char *certificate = in(w, "c.pem");
	certificate_make(certificate, in(w, "k.pem"), -60, YEAR, "secret");
	refused(w, "k.pem", "without a password");
}

static void an_expired_certificate_is_a_warning(void **state)
{
	struct world *w = *state;
	install(w, -YEAR, -60);
	start(w);
	assert_true(says(w, "has expired"));
	install(w, -60, 5 * 86400 + 60);
	assert_null(tls_reload(w->tls));
	assert_true(says(w, "expires in 5 days"));
	install(w, 3600, YEAR);
	assert_null(tls_reload(w->tls));
	assert_true(says(w, "not valid yet"));
	chmod(in(w, "k.pem"), 0644);
	assert_null(tls_reload(w->tls));
	assert_true(says(w, "chmod 600"));
}

static void certificate_of(struct world *w, unsigned char *serial)
{
	call(w, "", 0);
	pump(w, 16384);
	assert_int_equal(tls_state(w->l), TLS_OPEN);
	X509 *x = SSL_get1_peer_certificate(w->client);
	assert_non_null(x);
	const ASN1_INTEGER *number = X509_get0_serialNumber(x);
	memset(serial, 0, 8);
	memcpy(serial, ASN1_STRING_get0_data(number), (size_t)ASN1_STRING_length(number));
	X509_free(x);
	hang_up(w);
}

static void a_new_certificate_is_taken_and_a_bad_one_is_not(void **state)
{
	struct world *w = *state;
	unsigned char first[8], second[8], third[8];
	start(w);
	certificate_of(w, first);
	install(w, -60, YEAR);
	assert_null(tls_reload(w->tls));
	certificate_of(w, second);
	assert_memory_not_equal(first, second, 8);
	write_file(in(w, "c.pem"), "nonsense");
	err_t e = tls_reload(w->tls);
	assert_non_null(e);
	err_free(e);
	certificate_of(w, third);
	assert_memory_equal(second, third, 8);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(alpn_chooses_http2_where_it_can),
		T(old_versions_are_refused),
		T(what_is_not_tls_fails),
		T(renegotiation_is_refused),
		T(bytes_arrive_in_pieces_of_any_size),
		T(a_goodbye_is_said_and_heard),
		T(a_client_comes_back_without_a_full_handshake),
		T(a_certificate_that_cannot_be_used_says_why),
		T(an_expired_certificate_is_a_warning),
		T(a_new_certificate_is_taken_and_a_bad_one_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
