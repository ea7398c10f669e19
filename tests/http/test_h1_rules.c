/* test_h1_rules.c: what HTTP/1.1 allows and forbids, byte for byte. Each row is sent on a connection
 * of its own; what is refused must also end the connection. */
#include "serving.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: localhost\r\n"

struct row {
	const char *rule;
	int         status;
	str_t       request;
};

static int begin(void **state)
{
	static struct serving s;
	serving_prepare(&s);
	s.limits.target = 1000;
	s.limits.head = 4000;
	s.limits.headers = 20;
	serving_begin(&s);
	*state = &s;
	return 0;
}

static int end(void **state)
{
	serving_end(*state);
	return 0;
}

/* Behind each request stands a second one, which must not be answered once the first is refused. */
static void check_rows(struct serving *s, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int fd = client_connect(s);
		client_send(fd, rows[i].request);
		str_t reply = client_reply(s->a, fd);
		if (reply_status(reply) != rows[i].status)
			fail_msg("%s: %d instead of %d\n%.*s", rows[i].rule, reply_status(reply),
				 rows[i].status, STR(str_clip(reply, 300)));
		if (rows[i].status == 200) {
			client_send(fd, S("GET /again HTTP/1.1\r\n" H "\r\n"));
			if (reply_status(client_reply(s->a, fd)) != 200)
				fail_msg("%s: the connection does not go on", rows[i].rule);
		} else {
			client_send(fd, S("GET /again HTTP/1.1\r\n" H "\r\n"));
			if (!str_eq(reply_field(s->a, reply, "connection"), S("close")) ||
			    !client_is_closed(fd, 2 * SECOND))
				fail_msg("%s: the connection goes on", rows[i].rule);
		}
		close(fd);
	}
}

static void heads_are_read_strictly(void **state)
{
	static const struct row rows[] = {
#define R(rule, status, text) { rule, status, { text, sizeof text - 1 } }
		R("a plain request", 200, "GET / HTTP/1.1\r\n" H "\r\n"),
		R("empty lines before it", 200, "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n"),
		R("bare LF everywhere", 400, "GET / HTTP/1.1\nHost: localhost\n\n"),
		R("bare LF in one line", 400, "GET / HTTP/1.1\r\nA: b\n" H "\r\n"),
		R("bare LF at the end", 400, "GET / HTTP/1.1\r\n" H "\n"),
		R("bare CR in a value", 400, "GET / HTTP/1.1\r\n" H "A: b\rc\r\n\r\n"),
		R("CR before the end", 400, "GET / HTTP/1.1\r\n" H "\r\r\n"),
		R("CR instead of CRLF", 400, "GET / HTTP/1.1\r" H "\r\n\r\n"),
		R("CR x for the empty line", 400, "GET / HTTP/1.1\r\n" H "\rX: y\r\n\r\n"),
		R("NUL in a value", 400, "GET / HTTP/1.1\r\n" H "A: b\0c\r\n\r\n"),
		R("NUL in the target", 400, "GET /\0 HTTP/1.1\r\n" H "\r\n"),
		R("control character in a value", 400, "GET / HTTP/1.1\r\n" H "A: b\x01\r\n\r\n"),
		R("DEL in a value", 400, "GET / HTTP/1.1\r\n" H "A: b\x7f\r\n\r\n"),
		R("bytes above 127 in a value", 200, "GET / HTTP/1.1\r\n" H "A: caf\xc3\xa9\r\n\r\n"),
		R("an empty value", 200, "GET / HTTP/1.1\r\n" H "A:\r\n\r\n"),
		R("space before the colon", 400, "GET / HTTP/1.1\r\n" H "Content-Length : 3\r\n\r\nabc"),
		R("tab before the colon", 400, "GET / HTTP/1.1\r\n" H "A\t: b\r\n\r\n"),
		R("no colon", 400, "GET / HTTP/1.1\r\n" H "nonsense\r\n\r\n"),
		R("no name", 400, "GET / HTTP/1.1\r\n" H ": b\r\n\r\n"),
		R("a name that is no token", 400, "GET / HTTP/1.1\r\n" H "a(b): c\r\n\r\n"),
		R("a folded line", 400, "GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n"),
		R("a folded line by tab", 400, "GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n\r\n"),
		R("space before the first field", 400, "GET / HTTP/1.1\r\n " H "\r\n"),
	};
	check_rows(*state, rows, COUNT(rows));
}

static void request_lines_are_read_strictly(void **state)
{
	static const struct row rows[] = {
		R("HTTP/0.9", 400, "GET /\r\n\r\n"),
		R("HTTP/0.9 said", 505, "GET / HTTP/0.9\r\n" H "\r\n"),
		R("HTTP/1.2", 505, "GET / HTTP/1.2\r\n" H "\r\n"),
		R("HTTP/2.0", 505, "GET / HTTP/2.0\r\n" H "\r\n"),
		R("the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
		R("http in small letters", 400, "GET / http/1.1\r\n" H "\r\n"),
		R("two digits", 400, "GET / HTTP/1.10\r\n" H "\r\n"),
		R("no version", 400, "GET / \r\n" H "\r\n"),
		R("two spaces", 400, "GET  / HTTP/1.1\r\n" H "\r\n"),
		R("two spaces before the version", 400, "GET /  HTTP/1.1\r\n" H "\r\n"),
		R("a tab", 400, "GET\t/ HTTP/1.1\r\n" H "\r\n"),
		R("space behind the version", 400, "GET / HTTP/1.1 \r\n" H "\r\n"),
		R("space before the method", 400, " GET / HTTP/1.1\r\n" H "\r\n"),
		R("no method", 400, "/ HTTP/1.1\r\n" H "\r\n"),
		R("a method that is no token", 400, "G@T / HTTP/1.1\r\n" H "\r\n"),
		R("an unknown method", 501, "BREW / HTTP/1.1\r\n" H "\r\n"),
		R("a method in small letters", 501, "get / HTTP/1.1\r\n" H "\r\n"),
		R("TRACE", 501, "TRACE / HTTP/1.1\r\n" H "\r\n"),
		R("CONNECT", 501, "CONNECT localhost:80 HTTP/1.1\r\n" H "\r\n"),
		R("TLS to a plain port", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
		R("a target with a space", 400, "GET /a b HTTP/1.1\r\n" H "\r\n"),
		R("a target without a slash", 400, "GET a HTTP/1.1\r\n" H "\r\n"),
		R("authority form with GET", 400, "GET localhost:80 HTTP/1.1\r\n" H "\r\n"),
		R("asterisk with GET", 400, "GET * HTTP/1.1\r\n" H "\r\n"),
		R("a fragment", 400, "GET /#x HTTP/1.1\r\n" H "\r\n"),
		R("climbing", 400, "GET /../etc HTTP/1.1\r\n" H "\r\n"),
		R("climbing, encoded", 400, "GET /%2e%2e/etc HTTP/1.1\r\n" H "\r\n"),
		R("an encoded slash", 400, "GET /a%2fb HTTP/1.1\r\n" H "\r\n"),
		R("an encoded NUL", 400, "GET /%00 HTTP/1.1\r\n" H "\r\n"),
		R("half an escape", 400, "GET /%4 HTTP/1.1\r\n" H "\r\n"),
		R("bytes above 127", 400, "GET /caf\xc3\xa9 HTTP/1.1\r\n" H "\r\n"),
		R("absolute form", 200, "GET http://localhost/a HTTP/1.1\r\n" H "\r\n"),
		R("absolute form, other host", 400, "GET http://other/a HTTP/1.1\r\n" H "\r\n"),
		R("absolute form, a user in it", 400, "GET http://u@localhost/ HTTP/1.1\r\n" H "\r\n"),
		R("another scheme", 400, "GET ftp://localhost/ HTTP/1.1\r\n" H "\r\n"),
	};
	check_rows(*state, rows, COUNT(rows));
}

static void hosts_are_checked(void **state)
{
	static const struct row rows[] = {
		R("none", 400, "GET / HTTP/1.1\r\n\r\n"),
		R("two", 400, "GET / HTTP/1.1\r\n" H H "\r\n"),
		R("two that differ", 400, "GET / HTTP/1.1\r\n" H "Host: b\r\n\r\n"),
		R("empty", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
		R("with a port", 200, "GET / HTTP/1.1\r\nHost: localhost:8080\r\n\r\n"),
		R("IPv6", 200, "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
		R("IPv6 unclosed", 400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
		R("a bad port", 400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
		R("a port too large", 400, "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"),
		R("a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
		R("a user", 400, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
		R("a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
		R("a list", 400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
	};
	check_rows(*state, rows, COUNT(rows));
}

static void nobody_can_disagree_about_a_bodys_length(void **state)
{
#define P "POST /echo HTTP/1.1\r\n" H
	static const struct row rows[] = {
		R("Content-Length", 200, P "Content-Length: 3\r\n\r\nabc"),
		R("zero", 200, P "Content-Length: 0\r\n\r\n"),
		R("leading zeros", 200, P "Content-Length: 003\r\n\r\nabc"),
		R("none", 200, P "\r\n"),
		R("two, different", 400, P "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
		R("two, equal", 400, P "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
		R("a list", 400, P "Content-Length: 3, 3\r\n\r\nabc"),
		R("signed", 400, P "Content-Length: +3\r\n\r\nabc"),
		R("negative", 400, P "Content-Length: -3\r\n\r\nabc"),
		R("hexadecimal", 400, P "Content-Length: 0x3\r\n\r\nabc"),
		R("a space inside", 400, P "Content-Length: 1 0\r\n\r\nabcdefghij"),
		R("empty", 400, P "Content-Length:\r\n\r\n"),
		R("past 64 bits", 400, P "Content-Length: 99999999999999999999\r\n\r\n"),
		R("past every limit", 413, P "Content-Length: 999999999999\r\n\r\n"),
		R("chunked", 200, P "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
		R("Chunked", 200, P "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
		R("both", 400, P "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		R("both, the other order", 400,
		  P "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
		R("gzip, chunked", 400, P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
		R("chunked twice", 400, P "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
		  "chunked\r\n\r\n0\r\n\r\n"),
		R("chunked, identity", 400, P "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
		R("identity", 400, P "Transfer-Encoding: identity\r\n\r\n"),
		R("xchunked", 400, P "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
		R("chunked with a parameter", 400, P "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n"),
		R("an empty transfer encoding", 400, P "Transfer-Encoding:\r\n\r\n"),
		R("chunked in HTTP/1.0", 400, "POST / HTTP/1.0\r\n" H
		  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	};
	check_rows(*state, rows, COUNT(rows));
}

static void chunks_are_read_strictly(void **state)
{
#define C P "Transfer-Encoding: chunked\r\n\r\n"
	static const struct row rows[] = {
		R("several", 200, C "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
		R("leading zeros", 200, C "0003\r\nabc\r\n0\r\n\r\n"),
		R("an extension", 200, C "3;a=b\r\nabc\r\n0\r\n\r\n"),
		R("a trailer", 200, C "3\r\nabc\r\n0\r\nX: y\r\n\r\n"),
		R("no size", 400, C "\r\nabc\r\n0\r\n\r\n"),
		R("a size that is no number", 400, C "x\r\nabc\r\n0\r\n\r\n"),
		R("0x", 400, C "0x3\r\nabc\r\n0\r\n\r\n"),
		R("negative", 400, C "-3\r\nabc\r\n0\r\n\r\n"),
		R("past 64 bits", 400, C "11111111111111111\r\nabc\r\n0\r\n\r\n"),
		R("bare LF behind the size", 400, C "3\nabc\r\n0\r\n\r\n"),
		R("bare LF behind the chunk", 400, C "3\r\nabc\n0\r\n\r\n"),
		R("bare LF in an extension", 400, C "3;a\nb\r\nabc\r\n0\r\n\r\n"),
		R("bare CR in an extension", 400, C "3;a\rb\r\nabc\r\n0\r\n\r\n"),
		R("NUL in an extension", 400, C "3;a\0b\r\nabc\r\n0\r\n\r\n"),
		R("more than was said", 400, C "3\r\nabcd\r\n0\r\n\r\n"),
		R("bare LF at the end", 400, C "3\r\nabc\r\n0\r\n\n"),
		R("bare LF in the trailers", 400, C "3\r\nabc\r\n0\r\nX: y\n\r\n"),
		R("a control character in a trailer", 400, C "3\r\nabc\r\n0\r\nX: \x01\r\n\r\n"),
	};
	check_rows(*state, rows, COUNT(rows));
}

static void what_is_too_long_is_refused(void **state)
{
	struct serving *s = *state;
	char long_text[8192];
	memset(long_text, 'a', sizeof long_text);
	struct buf many = buf_new(s->a, 512);
	for (int i = 0; i < 30; i++)
		buf_add_format(&many, "a%d: b\r\n", i);
#define F(rule, status, ...) { rule, status, str_format(s->a, __VA_ARGS__) }
	const struct row rows[] = {
		F("a target within", 200, "GET /%.*s HTTP/1.1\r\n" H "\r\n", 900, long_text),
		F("a target past it", 414, "GET /%.*s HTTP/1.1\r\n" H "\r\n", 1001, long_text),
		F("a target that never ends", 414, "GET /%.*s", 4000, long_text),
		F("a value within", 200, "GET / HTTP/1.1\r\n" H "A: %.*s\r\n\r\n", 3000, long_text),
		F("a value past it", 431, "GET / HTTP/1.1\r\n" H "A: %.*s\r\n\r\n", 6000, long_text),
		F("a value that never ends", 431, "GET / HTTP/1.1\r\n" H "A: %.*s", 6000, long_text),
		F("too many fields", 431, "GET / HTTP/1.1\r\n" H "%.*s\r\n", STR(buf_str(&many))),
		F("a chunk extension", 400, C "3;%.*s\r\nabc\r\n0\r\n\r\n", 300, long_text),
		F("an endless extension", 400, C "3;%.*s", 300, long_text),
		F("a trailer within", 200, C "0\r\nA: %.*s\r\n\r\n", 3000, long_text),
		F("a trailer past it", 431, C "0\r\nA: %.*s\r\n\r\n", 5000, long_text),
		F("an unknown expectation", 417, P "Expect: coffee\r\nContent-Length: 3\r\n\r\nabc"),
		F("a compressed body", 415, P "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
	};
	check_rows(s, rows, COUNT(rows));
}

static void the_same_holds_byte_by_byte(void **state)
{
	struct serving *s = *state;
	static const struct row rows[] = {
		R("chunks", 200, C "3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n"),
		R("a body", 200, P "Content-Length: 3\r\n\r\nabc"),
		R("a bare LF", 400, "GET / HTTP/1.1\r\nA: b\n" H "\r\n"),
		R("a bad chunk", 400, C "3\r\nabc\n0\r\n\r\n"),
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fd = client_connect(s);
		for (size_t k = 0; k < rows[i].request.n; k++) {
			client_send(fd, str_slice(rows[i].request, k, k + 1));
			usleep(500);
		}
		str_t reply = client_reply(s->a, fd);
		if (reply_status(reply) != rows[i].status)
			fail_msg("%s: %.*s", rows[i].rule, STR(reply));
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_read_strictly),
		cmocka_unit_test(request_lines_are_read_strictly),
		cmocka_unit_test(hosts_are_checked),
		cmocka_unit_test(nobody_can_disagree_about_a_bodys_length),
		cmocka_unit_test(chunks_are_read_strictly),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(the_same_holds_byte_by_byte),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
