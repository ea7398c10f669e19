/* test_secure.c: a whole server over TLS, called by curl, nghttp and h2load, and by clients that
 * misbehave. */
#include "await.h"
#include "certificates.h"
#include "http/limits.h"
#include "http/server.h"
#include "../../src/http/serving.h" /* tests/http has one of its own */

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define BIG_SIZE (32 << 20) /* more than the kernel keeps for a client that does not read */

struct world {
	char           folder[64];
	struct config  config;
	struct limits  limits;
	struct log     log;
	arena_t       *a;
	struct answer *page;
	struct server *server;
	pthread_t      thread;
	uint16_t       port;
	atomic_int     asked;  /* requests for /held that a loop has read */
	atomic_bool    let_go; /* and may be answered */
	struct sigaction pipes;
};

/* -- the site -------------------------------------------------------------------------------- */

static struct answer *fast(void *ctx, const struct request *q)
{
	struct world *w = ctx;
	w->asked += str_eq(q->path, S("/held"));
	return str_eq(q->path, S("/page")) ? answer_keep(w->page) : NULL;
}

static void serve(void *ctx, void *worker, struct request *q, struct response *r)
{
	struct world *w = ctx;
	(void)worker;
	response_header(q, r, "content-type", S("text/plain"));
	if (str_eq(q->path, S("/echo"))) {
		r->body = str_format(q->a, "%.*s|%zu|%s\n", STR(params_get(&q->form, "a")),
				     q->nuploads ? (size_t)q->uploads[0].size : q->body.n,
				     q->secure ? "secure" : "plain");
	} else if (str_eq(q->path, S("/slow"))) {
		usleep(300 * 1000);
		r->body = S("slow\n");
	} else if (str_eq(q->path, S("/held"))) {
		for (usec_t by = clock_steady() + 60 * SECOND;
		     !w->let_go && clock_steady() < by;)
			usleep(1000);
		r->body = S("held\n");
	} else if (str_eq(q->path, S("/big"))) {
		r->body = str_from(memset(arena_alloc(q->a, BIG_SIZE), 'x', BIG_SIZE), BIG_SIZE);
	} else if (str_eq(q->path, S("/events"))) {
		strs_add(q->a, &r->stream, S("front"));
	} else {
		r->status = 404;
		r->body = S("not here\n");
	}
}

static void *worker_begin(void *ctx)
{
	return ctx;
}

static void worker_end(void *ctx, void *worker)
{
	(void)ctx, (void)worker;
}

static void *run(void *ctx)
{
	struct world *w = ctx;
	err_t e = server_run(w->server);
	if (e)
		fprintf(stderr, "%s\n", err_text(e));
	err_free(e);
	return NULL;
}

static uint16_t free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void install(struct world *w)
{
	char certificate[128], key[128];
	snprintf(certificate, sizeof certificate, "%s/c.pem", w->folder);
	snprintf(key, sizeof key, "%s/k.pem", w->folder);
	certificate_make(certificate, key, -60, 86400L * 100, NULL);
}

static int begin_with(void **state, const struct limits *limits)
{
	struct world *w = calloc(1, sizeof *w);
	w->limits = *limits;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGPIPE, &ignore, &w->pipes);
	snprintf(w->folder, sizeof w->folder, "/tmp/stet-secure-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	install(w);
	w->a = arena_create(0);
	w->port = free_port();
	config_defaults(w->a, &w->config);
	w->config.listen = S("127.0.0.1:0");
	w->config.listen_tls = str_format(w->a, "127.0.0.1:%u", w->port);
	w->config.certificate = S("c.pem");
	w->config.certificate_key = S("k.pem");
	w->config.loops = 2;
	w->config.workers = 2;
	w->log = (struct log){ .fd = 2, .least = LOG_ERROR };
	char *text = arena_alloc(w->a, 12000);
	for (size_t i = 0; i < 12000; i++)
		text[i] = (char)('a' + (i * 7919 >> 5) % 26);
	struct answer_draft d = { .type = S("image/x"), .body = str_from(text, 12000) };
	assert_null(answer_new(&d, &w->page));
	struct server_options o = {
		.config = &w->config, .log = &w->log, .folder = w->folder, .limits = &w->limits,
		.site = { .ctx = w, .fast = fast, .serve = serve, .worker_begin = worker_begin,
			  .worker_end = worker_end },
	};
	err_t e = server_new(&o, &w->server);
	if (e)
		fail_msg("%s", err_text(e));
	assert_int_equal(pthread_create(&w->thread, NULL, run, w), 0);
	*state = w;
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, &LIMITS_DEFAULT);
}

/* Only what the test is about is due soon: a slow machine must not miss anything else. */
static int begin_soon(void **state, usec_t handshake, usec_t head_by, usec_t write_by, usec_t idle)
{
	struct limits limits = LIMITS_DEFAULT;
	limits.handshake = handshake;
	limits.head_by = head_by;
	limits.write_by = write_by;
	limits.idle = idle;
	limits.linger = SECOND;
	limits.slowest = 1 << 20;
	limits.tick = SECOND / 10;
	return begin_with(state, &limits);
}

static int begin_soon_shaken(void **state)
{
	return begin_soon(state, SECOND, DEADLINE_HEAD, DEADLINE_WRITE, DEADLINE_IDLE);
}

static int begin_soon_asked(void **state)
{
	return begin_soon(state, DEADLINE_HANDSHAKE, SECOND, DEADLINE_WRITE, DEADLINE_IDLE);
}

static int begin_soon_written(void **state)
{
	return begin_soon(state, DEADLINE_HANDSHAKE, DEADLINE_HEAD, SECOND, DEADLINE_IDLE);
}

static int begin_soon_idle(void **state)
{
	return begin_soon(state, DEADLINE_HANDSHAKE, DEADLINE_HEAD, DEADLINE_WRITE, SECOND);
}

static int end(void **state)
{
	struct world *w = *state;
	server_stop(w->server);
	pthread_join(w->thread, NULL);
	server_free(w->server);
	answer_drop(w->page);
	arena_free(w->a);
	char path[128];
	static const char *const files[] = { "c.pem", "k.pem", "out", "form" };
	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof path, "%s/%s", w->folder, files[i]);
		unlink(path);
	}
	rmdir(w->folder);
	sigaction(SIGPIPE, &w->pipes, NULL);
	free(w);
	return 0;
}

/* -- programs -------------------------------------------------------------------------------- */

static void needs(const char *program, const char *package)
{
	char command[64];
	snprintf(command, sizeof command, "command -v %s >/dev/null", program);
	if (system(command) != 0)
		fail_msg("%s is missing: install the package %s, as ./dev test does", program,
			 package);
}

/* The output of a command in which %U is the server's address. */
static const char *shell(struct world *w, const char *command)
{
	static char out[1 << 16];
	struct buf b = buf_new(w->a, 256);
	str_t base = str_format(w->a, "https://127.0.0.1:%u", w->port);
	buf_add(&b, str_replace(w->a, str_of(command), S("%U"), base));
	FILE *p = popen(str_z(w->a, str_replace(w->a, buf_str(&b), S("%F"), str_of(w->folder))),
			"re");
	size_t n = p ? fread(out, 1, sizeof out - 1, p) : 0;
	out[n] = '\0';
	if (p)
		pclose(p);
	return out;
}

static void contains(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("no \"%s\" in:\n%s", wanted, text);
}

static void curl_speaks_both_protocols(void **state)
{
	struct world *w = *state;
	needs("curl", "curl");
	contains(shell(w, "curl -ksS --http2 -o /dev/null -w '%{http_version} %{http_code} "
			  "%{size_download}' %U/page"),
		 "2 200 12000");
	contains(shell(w, "curl -ksS --http1.1 -o /dev/null -w '%{http_version} %{http_code} "
			  "%{size_download}' %U/page"),
		 "1.1 200 12000");
	contains(shell(w, "curl -ksS --http2 %U/nothing"), "not here");
	contains(shell(w, "curl -ksS --http2 -I %U/page"), "content-length: 12000");
	contains(shell(w, "curl -ksS --tls-max 1.2 --http2 -o /dev/null -w '%{http_code}' %U/page"),
		 "200");
	contains(shell(w, "curl -ksS --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 %U/page 2>&1; "
			  "echo exit $?"),
		 "exit 35");
}

static void bodies_arrive_by_both_protocols(void **state)
{
	struct world *w = *state;
	needs("curl", "curl");
	contains(shell(w, "curl -ksS --http2 -d a=x%20y %U/echo"), "x y|0|secure");
	contains(shell(w, "head -c 900000 /dev/zero >%F/form; "
			  "curl -ksS --http2 -F a=b -F f=@%F/form %U/echo"),
		 "b|900000|secure");
	contains(shell(w, "curl -ksS --http1.1 -F a=b -F f=@%F/form %U/echo"), "b|900000|secure");
}

static void a_known_page_is_304(void **state)
{
	struct world *w = *state;
	needs("curl", "curl");
	struct buf b = buf_new(w->a, 200);
	buf_add_format(&b, "curl -ksS --http2 -o /dev/null -w '%%{http_code} %%{size_download}' "
			   "-H 'If-None-Match: %.*s' %%U/page",
		       STR(w->page->etag));
	contains(shell(w, b.p), "304 0");
}

static void nghttp_gets_many_pages_at_a_time(void **state)
{
	struct world *w = *state;
	needs("nghttp", "nghttp2-client");
	const char *out = shell(w, "nghttp -nsv -m 20 %U/page 2>&1");
	contains(out, "SETTINGS_MAX_CONCURRENT_STREAMS(0x03):100");
	contains(out, ":status: 200");
	contains(shell(w, "nghttp -w 10 -W 10 %U/page 2>/dev/null | wc -c"), "12000");
}

static void h2load_is_served_to_the_last(void **state)
{
	struct world *w = *state;
	needs("h2load", "nghttp2-client");
	contains(shell(w, "h2load -n 5000 -c 16 -m 8 %U/page"), "5000 succeeded, 0 failed");
	contains(shell(w, "h2load -n 500 -c 8 -m 8 %U/nothing"), "500 done");
	contains(shell(w, "h2load -n 2000 -c 16 --h1 %U/page"), "2000 succeeded, 0 failed");
}

static void a_stop_under_load_drops_no_request(void **state)
{
	struct world *w = *state;
	needs("curl", "curl");
	struct buf b = buf_new(w->a, 200);
	for (int i = 0; i < 4; i++)
		buf_add(&b, S("curl -ksS --http2 %U/held & "));
	buf_add(&b, S("wait"));
	char *command = str_z(w->a, str_replace(w->a, buf_str(&b), S("%U"),
						str_format(w->a, "https://127.0.0.1:%u", w->port)));
	FILE *p = popen(command, "re");
	AWAIT(w->asked == 4); /* two with the workers, two that wait for them */
	server_stop(w->server);
	await_nobody_listens(w->port);
	w->let_go = true;
	char out[100] = "";
	size_t n = fread(out, 1, sizeof out - 1, p);
	out[n] = '\0';
	pclose(p);
	assert_string_equal(out, "held\nheld\nheld\nheld\n");
}

/* -- clients that misbehave ------------------------------------------------------------------ */

struct client {
	SSL_CTX *ctx;
	SSL     *ssl;
	int      fd;
};

static int call(const struct world *w)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons(w->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	struct timeval wait = { .tv_sec = 10 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	return fd;
}

static void shake(const struct world *w, struct client *k)
{
	k->ctx = SSL_CTX_new(TLS_client_method());
	k->ssl = SSL_new(k->ctx);
	k->fd = call(w);
	SSL_set_fd(k->ssl, k->fd);
	SSL_set_alpn_protos(k->ssl, (const unsigned char *)"\x02h2", 3);
	assert_int_equal(SSL_connect(k->ssl), 1);
	static const char hello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
	assert_true(SSL_write(k->ssl, hello, sizeof hello - 1) > 0);
}

static void hang_up(struct client *k)
{
	SSL_free(k->ssl);
	SSL_CTX_free(k->ctx);
	close(k->fd);
}

/* Reads to the end: true if a GOAWAY with that code came. */
static bool told(struct client *k, uint32_t code)
{
	static unsigned char all[1 << 20];
	size_t n = 0;
	for (int got; n < sizeof all &&
		      (got = SSL_read(k->ssl, all + n, (int)(sizeof all - n))) > 0;)
		n += (size_t)got;
	for (size_t at = 0; at + 9 <= n;) {
		const unsigned char *p = all + at;
		size_t length = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
		if (p[3] == 7 && at + 17 <= n &&
		    ((uint32_t)p[13] << 24 | (uint32_t)p[14] << 16 | (uint32_t)p[15] << 8 |
		     p[16]) == code)
			return true;
		at += 9 + length;
	}
	return false;
}

static size_t get(unsigned char *p, uint32_t id, const char *path)
{
	size_t n = strlen(path);
	p[0] = p[1] = 0;
	p[2] = (unsigned char)(n + 7);
	p[3] = 1;
	p[4] = 5;
	for (int i = 0; i < 4; i++)
		p[5 + i] = (unsigned char)(id >> (24 - 8 * i));
	p[9] = 0x82; /* GET, https, the path, authority "h" */
	p[10] = 0x87;
	p[11] = 0x04;
	p[12] = (unsigned char)n;
	memcpy(p + 13, path, n);
	memcpy(p + 13 + n, "\x01\x01h", 3);
	return 9 + n + 7;
}

static void the_site_answers(struct world *w)
{
	struct client k;
	unsigned char frame[64], back[4096];
	shake(w, &k);
	SSL_write(k.ssl, frame, (int)get(frame, 1, "/nothing"));
	assert_true(SSL_read(k.ssl, back, sizeof back) > 0);
	hang_up(&k);
}

static void rapid_reset_is_told_to_calm_down(void **state)
{
	struct world *w = *state;
	struct client k;
	unsigned char frames[64];
	shake(w, &k);
	for (uint32_t id = 1; id < 20000; id += 2) {
		size_t n = get(frames, id, "/slow");
		const unsigned char reset[13] = { 0, 0, 4, 3, 0, (unsigned char)(id >> 24),
						  (unsigned char)(id >> 16), (unsigned char)(id >> 8),
						  (unsigned char)id, 0, 0, 0, 8 };
		memcpy(frames + n, reset, sizeof reset);
		if (SSL_write(k.ssl, frames, (int)(n + sizeof reset)) <= 0)
			break;
	}
	assert_true(told(&k, 11)); /* ENHANCE_YOUR_CALM */
	hang_up(&k);
	the_site_answers(w);
}

static void clients_that_never_read_do_not_hinder_others(void **state)
{
	struct world *w = *state;
	struct client k[8];
	unsigned char frame[64];
	for (size_t i = 0; i < COUNT(k); i++) {
		shake(w, &k[i]);
		for (uint32_t id = 1; id < 200; id += 2)
			SSL_write(k[i].ssl, frame, (int)get(frame, id, "/page"));
	}
	the_site_answers(w);
	for (size_t i = 0; i < COUNT(k); i++)
		hang_up(&k[i]);
	the_site_answers(w);
}

static void half_a_handshake_and_noise_do_not_hinder_others(void **state)
{
	struct world *w = *state;
	int silent = call(w), noisy = call(w), left = call(w);
	char byte;
	assert_true(write(noisy, "GET / HTTP/1.1\r\n\r\n", 18) == 18);
	assert_true(write(left, "\x16\x03\x01\x02\x00\x01\x00", 7) == 7);
	close(left);
	the_site_answers(w);
	while (read(noisy, &byte, 1) > 0)
		; /* an alert, then the end */
	close(noisy);
	close(silent);
	the_site_answers(w);
}

static void an_event_stream_hears_and_leaves(void **state)
{
	struct world *w = *state;
	struct client k;
	unsigned char frame[64];
	char back[8192];
	size_t n = 0;
	shake(w, &k);
	SSL_write(k.ssl, frame, (int)get(frame, 1, "/events"));
	for (int i = 0; i < 600 && (n < 10 || !memmem(back, n, "data: news", 10)); i++) {
		server_event(w->server, S("front"), S("update"), S("news"), 7);
		struct pollfd p = { .fd = k.fd, .events = POLLIN };
		if (poll(&p, 1, 100) <= 0 || n == sizeof back)
			continue;
		int got = SSL_read(k.ssl, back + n, (int)(sizeof back - n));
		n += got > 0 ? (size_t)got : 0;
	}
	assert_non_null(memmem(back, n, "data: news", 10));
	hang_up(&k);
	server_event(w->server, S("front"), S("update"), S("news"), 8);
	the_site_answers(w);
}

static void a_new_certificate_is_served_at_once(void **state)
{
	struct world *w = *state;
	struct client before, after;
	shake(w, &before);
	install(w);
	assert_null(server_reload(w->server));
	shake(w, &after);
	X509 *x = SSL_get1_peer_certificate(before.ssl), *y = SSL_get1_peer_certificate(after.ssl);
	assert_int_not_equal(X509_cmp(x, y), 0);
	X509_free(x);
	X509_free(y);
	unsigned char frame[64], back[4096];
	SSL_write(before.ssl, frame, (int)get(frame, 1, "/nothing"));
	assert_true(SSL_read(before.ssl, back, sizeof back) > 0);
	hang_up(&before);
	hang_up(&after);
}

/* -- deadlines ------------------------------------------------------------------------------- */

static size_t connections(const struct world *w)
{
	return atomic_load(&w->server->connections);
}

static void no_connection_is_left(const struct world *w)
{
	for (int i = 0; i < 200 && connections(w); i++)
		usleep(100 * 1000); /* in all, less than the deadlines that were not made short */
	assert_int_equal(connections(w), 0);
}

static void a_handshake_that_does_not_end_is_ended(void **state)
{
	struct world *w = *state;
	char byte;
	int silent = call(w), half = call(w);
	assert_true(write(half, "\x16\x03\x01\x02\x00\x01\x00", 7) == 7);
	assert_int_equal(read(silent, &byte, 1), 0);
	assert_int_equal(read(half, &byte, 1), 0);
	close(silent);
	close(half);
	no_connection_is_left(w);
}

static void an_idle_session_is_ended_with_a_goodbye(void **state)
{
	struct world *w = *state;
	struct client k;
	shake(w, &k);
	assert_true(told(&k, 0));
	assert_int_equal(SSL_get_shutdown(k.ssl), SSL_RECEIVED_SHUTDOWN);
	hang_up(&k);
	no_connection_is_left(w);
}

static void who_opens_every_window_and_never_reads_is_dropped(void **state)
{
	struct world *w = *state;
	struct client k;
	unsigned char frame[64];
	shake(w, &k);
	static const char windows[] = "\0\0\6\4\0\0\0\0\0\0\4\x3f\xff\xff\xff"
				      "\0\0\4\x08\0\0\0\0\0\x3f\xff\0\0";
	SSL_write(k.ssl, windows, sizeof windows - 1);
	bool open = true;
	for (uint32_t id = 1; id < 2 * LIMIT_H2_STREAMS && open; id += 2) {
		const char *path = id == 1 ? "/big" : "/page";
		open = connections(w) && SSL_write(k.ssl, frame, (int)get(frame, id, path)) > 0;
	}
	no_connection_is_left(w);
	hang_up(&k);
	the_site_answers(w);
}

static void a_trickle_does_not_push_the_deadline_out(void **state)
{
	struct world *w = *state;
	struct client k;
	unsigned char frame[64];
	shake(w, &k);
	size_t n = get(frame, 1, "/nothing");
	frame[4] = 1; /* its head never ends */
	SSL_write(k.ssl, frame, (int)n);
	assert_true(told(&k, 11));
	hang_up(&k);
	no_connection_is_left(w);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
#define SOON(f, what) cmocka_unit_test_setup_teardown(f, begin_soon_##what, end)
	const struct CMUnitTest tests[] = {
		T(curl_speaks_both_protocols),
		T(bodies_arrive_by_both_protocols),
		T(a_known_page_is_304),
		T(nghttp_gets_many_pages_at_a_time),
		T(h2load_is_served_to_the_last),
		T(a_stop_under_load_drops_no_request),
		T(rapid_reset_is_told_to_calm_down),
		T(clients_that_never_read_do_not_hinder_others),
		T(half_a_handshake_and_noise_do_not_hinder_others),
		T(an_event_stream_hears_and_leaves),
		T(a_new_certificate_is_served_at_once),
		SOON(a_handshake_that_does_not_end_is_ended, shaken),
		SOON(an_idle_session_is_ended_with_a_goodbye, idle),
		SOON(who_opens_every_window_and_never_reads_is_dropped, written),
		SOON(a_trickle_does_not_push_the_deadline_out, asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
