/* test_net.c: calls to servers that are slow, huge, hostile or not there; and which addresses are
 * nobody's to call. */
#include "net/http_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server that answers each connection with the bytes of `answer`, then (`endless`) goes on for as
 * long as it is listened to; `asked` is the last request. */
struct server {
	const char *answer;
	bool        endless, silent;
	int         fd, port;
	char        asked[8192];
	pthread_t   thread;
	_Atomic int calls;
};

static void serve_one(struct server *s, int fd)
{
	size_t n = 0;
	char *end = NULL;
	while (n + 1 < sizeof s->asked && !end) {
		ssize_t got = read(fd, s->asked + n, sizeof s->asked - n - 1);
		if (got <= 0)
			return;
		n += (size_t)got;
		s->asked[n] = 0;
		end = strstr(s->asked, "\r\n\r\n");
	}
	const char *length = strcasestr(s->asked, "content-length: ");
	size_t body = length ? (size_t)atol(length + 16) : 0;
	while (end && n < (size_t)(end + 4 - s->asked) + body && n + 1 < sizeof s->asked) {
		ssize_t got = read(fd, s->asked + n, sizeof s->asked - n - 1);
		if (got <= 0)
			break;
		n += (size_t)got;
		s->asked[n] = 0;
	}
	if (s->silent) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		poll(&p, 1, 20000); /* until the caller has had enough */
		return;
	}
	ssize_t sent = send(fd, s->answer, strlen(s->answer), MSG_NOSIGNAL);
	char chunk[4096];
	memset(chunk, 'x', sizeof chunk);
	while (s->endless && sent > 0)
		sent = send(fd, chunk, sizeof chunk, MSG_NOSIGNAL);
}

static void *serve(void *ctx)
{
	struct server *s = ctx;
	for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0;) {
		s->calls++;
		serve_one(s, fd);
		close(fd);
	}
	return NULL;
}

static void begin(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &n), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void end(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static str_t address(arena_t *a, const struct server *s, const char *path)
{
	return str_format(a, "http://127.0.0.1:%d%s", s->port, path);
}

static void fails(arena_t *a, const struct http_call *call, enum err_code code, const char *says)
{
	struct http_result r;
	err_t e = http_call(a, call, &r);
	if (!e)
		fail_msg("%.*s was answered with %d", STR(call->url), r.status);
	if (e->code != code || !strstr(err_text(e), says))
		fail_msg("code %d, \"%s\" does not say \"%s\"", e->code, err_text(e), says);
	err_free(e);
}

static int setup(void **state)
{
	*state = arena_create(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void an_answer_comes_back_whole(void **state)
{
	arena_t *a = *state;
	struct server s = { .answer = "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\n"
				      "Content-Length: 5\r\nConnection: close\r\n\r\nhello" };
	begin(&s);
	struct http_result r;
	struct http_field fields[] = { { "X-Note", S("a b") }, { NULL, S("") } };
	struct http_call call = { .url = address(a, &s, "/x?y=1"), .type = S("text/x-test"),
				  .body = S("a=b&c=d"), .fields = fields, .private_allowed = true };
	err_t e = http_call(a, &call, &r);
	if (e)
		fail_msg("%s", err_text(e));
	end(&s);
	assert_int_equal(r.status, 201);
	assert_true(str_eq(r.body, S("hello")) && str_eq(r.type, S("text/plain")));
	assert_non_null(strstr(s.asked, "POST /x?y=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(s.asked, "Content-Type: text/x-test\r\n"));
	assert_non_null(strstr(s.asked, "X-Note: a b\r\n"));
	assert_non_null(strstr(s.asked, "User-Agent: Stet/"));
	assert_non_null(strstr(s.asked, "\r\n\r\na=b&c=d"));
}

static void our_own_network_is_not_called(void **state)
{
	arena_t *a = *state;
	struct server s = { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" };
	begin(&s);
	const char *const hosts[] = { "127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433" };
	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct http_call call = { .url = str_format(a, "http://%s:%d/", hosts[i], s.port) };
		fails(a, &call, ERR_REFUSED, "private network");
	}
	end(&s);
	assert_int_equal(s.calls, 0);
}

static void only_http_is_spoken(void **state)
{
	const char *const urls[] = { "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/",
				     "dict://127.0.0.1/", "", "http://", "http://a\r\nb/" };
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct http_result r;
		struct http_call call = { .url = str_of(urls[i]), .private_allowed = true };
		err_t e = http_call(*state, &call, &r);
		assert_non_null(e);
		assert_int_equal(e->code, ERR_REFUSED);
		err_free(e);
	}
}

static void a_header_cannot_be_broken_out_of(void **state)
{
	struct http_field fields[] = { { "X-Note", S("a\r\nX-Evil: b") }, { NULL, S("") } };
	struct http_call call = { .url = S("http://127.0.0.1:1/"), .fields = fields,
				  .private_allowed = true };
	fails(*state, &call, ERR_INPUT, "control character");
}

static void a_huge_answer_is_cut_short(void **state)
{
	struct server s = { .answer = "HTTP/1.1 200 OK\r\n\r\n", .endless = true };
	begin(&s);
	struct http_call call = { .url = address(*state, &s, "/"), .most = 100000, .private_allowed = true };
	fails(*state, &call, ERR_TOO_LARGE, "more than 100000 bytes");
	end(&s);
}

static void a_silent_server_is_left(void **state)
{
	struct server s = { .silent = true };
	begin(&s);
	struct http_call call = { .url = address(*state, &s, "/"), .within = SECOND / 2,
				  .private_allowed = true };
	fails(*state, &call, ERR_BUSY, "could not be called");
	end(&s);
}

static void one_that_refuses_may_be_asked_again(void **state)
{
	struct server s = { .answer = "" };
	begin(&s);
	end(&s);
	struct http_call call = { .url = address(*state, &s, "/"), .private_allowed = true };
	fails(*state, &call, ERR_BUSY, "could not be called");
}

static void redirects_are_followed_so_far_and_no_further(void **state)
{
	struct server s = { .answer = "HTTP/1.1 302 Found\r\nLocation: /again\r\n"
				      "Content-Length: 0\r\nConnection: close\r\n\r\n" };
	begin(&s);
	struct http_result r;
	struct http_call call = { .url = address(*state, &s, "/"), .private_allowed = true };
	err_t e = http_call(*state, &call, &r);
	assert_null(e);
	assert_int_equal(r.status, 302);
	assert_int_equal(s.calls, 1);
	call.redirects = 3;
	fails(*state, &call, ERR_REFUSED, "redirect");
	end(&s);
	assert_int_equal(s.calls, 1 + 4);
}

static void a_redirect_leads_to_no_file(void **state)
{
	struct server s = { .answer = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
				      "Content-Length: 0\r\nConnection: close\r\n\r\n" };
	begin(&s);
	struct http_call call = { .url = address(*state, &s, "/"), .redirects = 3,
				  .private_allowed = true };
	fails(*state, &call, ERR_REFUSED, "rotocol");
	end(&s);
}

/* Plain text where TLS should be. */
static void bad_tls_is_no_answer(void **state)
{
	struct server s = { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" };
	begin(&s);
	struct http_call call = { .url = str_format(*state, "https://127.0.0.1:%d/", s.port),
				  .private_allowed = true, .within = 2 * SECOND };
	fails(*state, &call, ERR_BUSY, "could not be called");
	end(&s);
}

static bool is_public(const char *text)
{
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &a4.sin_addr) == 1)
		return address_is_public((struct sockaddr *)&a4);
	assert_int_equal(inet_pton(AF_INET6, text, &a6.sin6_addr), 1);
	return address_is_public((struct sockaddr *)&a6);
}

static void special_addresses_are_known(void **state)
{
	static const char *const own[] = {
		"0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
		"127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.168.1.1",
		"198.18.0.1", "198.19.255.255", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
		"64:ff9b::a00:1", "2001:db8::1", "2001::1", "2002:7f00:1::", "::127.0.0.1", "3fff::1",
	};
	static const char *const others[] = {
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
		"172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
		"223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(own); i++)
		if (is_public(own[i]))
			fail_msg("%s is taken for public", own[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (!is_public(others[i]))
			fail_msg("%s is taken for private", others[i]);
}

static void hosts_are_judged_by_name(void **state)
{
	static const char *const own[] = {
		"http://localhost", "http://localhost:8080", "http://127.0.0.1:9000", "https://[::1]:1",
		"http://news", "https://news.local", "https://a.b.internal", "https://news.test/x", "http://",
		"https://10.1.2.3", "https://u:p@192.168.0.1:80/", "https://NEWS.LOCALHOST",
	};
	static const char *const others[] = { "https://news.org", "http://a.b.co:8080/x?y", "https://1.1.1.1",
					      "https://[2606:4700::1]/", "https://localnews.org" };
	(void)state;
	for (size_t i = 0; i < COUNT(own); i++)
		if (http_is_public(str_of(own[i])))
			fail_msg("%s is taken for public", own[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (!http_is_public(str_of(others[i])))
			fail_msg("%s is taken for private", others[i]);
}

#define NET_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NET_TEST(an_answer_comes_back_whole),
		NET_TEST(our_own_network_is_not_called),
		NET_TEST(only_http_is_spoken),
		NET_TEST(a_header_cannot_be_broken_out_of),
		NET_TEST(a_huge_answer_is_cut_short),
		NET_TEST(a_silent_server_is_left),
		NET_TEST(one_that_refuses_may_be_asked_again),
		NET_TEST(redirects_are_followed_so_far_and_no_further),
		NET_TEST(a_redirect_leads_to_no_file),
		NET_TEST(bad_tls_is_no_answer),
		NET_TEST(special_addresses_are_known),
		NET_TEST(hosts_are_judged_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
