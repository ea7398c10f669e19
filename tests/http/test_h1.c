/* test_h1.c: requests and replies over HTTP/1.1: order, bodies, codings, ranges. */
#include "serving.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: localhost\r\n"

static int begin(void **state)
{
	static struct serving s;
	serving_prepare(&s);
	s.limits.body = 100000;
	s.limits.multipart = 8 << 20;
	serving_begin(&s);
	*state = &s;
	return 0;
}

static int end(void **state)
{
	serving_end(*state);
	return 0;
}

static void assert_holds(str_t text, const char *what)
{
	if (str_find(text, str_of(what), 0) == STR_NONE)
		fail_msg("\"%s\" is not in: %.*s", what, STR(str_clip(text, 600)));
}

static str_t post(struct serving *s, const char *type, str_t body)
{
	return ask(s, str_format(s->a, "POST /echo?x=1 HTTP/1.1\r\n" H "Content-Type: %s\r\n"
				 "Content-Length: %zu\r\n\r\n%.*s", type, body.n, STR(body)));
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct serving *s = *state;
	str_t all = ask(s, S("GET /slow?1 HTTP/1.1\r\n" H "\r\nGET /fast HTTP/1.1\r\n" H "\r\n"
			     "POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"
			     "GET /last HTTP/1.1\r\n" H "Connection: close\r\n\r\n"
			     "GET /never HTTP/1.1\r\n" H "\r\n"));
	size_t slow = str_find(all, S("path /slow"), 0), page = str_find(all, S("line 1999"), 0);
	size_t echo = str_find(all, S("body 3 abc"), 0), last = str_find(all, S("path /last"), 0);
	assert_true(slow < page && page < echo && echo < last && last != STR_NONE);
	assert_true(str_find(all, S("/never"), 0) == STR_NONE);
}

struct writing {
	int   fd;
	str_t bytes;
};

static void *write_all(void *arg)
{
	struct writing *w = arg;
	client_send(w->fd, w->bytes);
	return NULL;
}

static void many_pipelined_requests_are_all_answered(void **state)
{
	struct serving *s = *state;
	struct buf b = buf_new(s->a, 1 << 18);
	for (int i = 0; i < 3000; i++)
		buf_add_format(&b, "GET /%d HTTP/1.1\r\n" H "\r\n", i);
	struct writing w = { client_connect(s), buf_str(&b) };
	pthread_t writer;
	assert_int_equal(pthread_create(&writer, NULL, write_all, &w), 0);
	for (int i = 0; i < 3000; i++) {
		arena_t *a = arena_create(0);
		str_t path = str_format(a, "path /%d\n", i);
		if (str_find(client_reply(a, w.fd), path, 0) == STR_NONE)
			fail_msg("reply %d is missing", i);
		arena_free(a);
	}
	pthread_join(writer, NULL);
	close(w.fd);
}

static void head_is_told_the_length_and_sent_nothing(void **state)
{
	struct serving *s = *state;
	static const char *const paths[] = { "/fast", "/echo", "/file", "/big", "/events" };
	for (size_t i = 0; i < COUNT(paths); i++) {
		str_t reply = ask(s, str_format(s->a, "HEAD %s HTTP/1.1\r\n" H "\r\n", paths[i]));
		assert_int_equal(reply_status(reply), 200);
		assert_int_equal(reply_content(reply).n, 0);
	}
	str_t reply = ask(s, S("HEAD /file HTTP/1.1\r\n" H "\r\n"));
	assert_true(str_eq(reply_field(s->a, reply, "content-length"), S("300000")));
	/* The next request on the connection is understood. */
	reply = ask(s, S("HEAD /fast HTTP/1.1\r\n" H "\r\nGET /next HTTP/1.1\r\n" H "\r\n"));
	assert_holds(reply, "path /next");
}

static void connections_go_on_or_close_as_asked(void **state)
{
	struct serving *s = *state;
	str_t reply = ask(s, S("GET / HTTP/1.0\r\n\r\n"));
	assert_int_equal(reply_status(reply), 200);
	assert_true(str_eq(reply_field(s->a, reply, "connection"), S("close")));
	reply = ask(s, S("GET / HTTP/1.1\r\n" H "Connection: foo, Close\r\n\r\n"));
	assert_true(str_eq(reply_field(s->a, reply, "connection"), S("close")));
	reply = ask(s, S("GET / HTTP/1.1\r\n" H "\r\n"));
	assert_null(reply_field(s->a, reply, "connection").p);
}

static void an_upgrade_is_not_taken_up(void **state)
{
	str_t reply = ask(*state, S("GET /a HTTP/1.1\r\n" H "Connection: Upgrade, HTTP2-Settings\r\n"
				    "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
				    "GET /b HTTP/1.1\r\n" H "\r\n"));
	assert_holds(reply, "path /a");
	assert_holds(reply, "path /b");
}

static void continue_is_said_when_the_body_is_wanted(void **state)
{
	struct serving *s = *state;
	int fd = client_connect(s);
	client_send(fd, S("POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
			  "Content-Length: 3\r\n\r\n"));
	assert_true(str_eq(client_read(s->a, fd, 25), S("HTTP/1.1 100 Continue\r\n\r\n")));
	client_send(fd, S("abc"));
	assert_holds(client_reply(s->a, fd), "body 3 abc");
	close(fd);
	/* Not if it will be refused, and not if it is there already. */
	str_t reply = ask(s, S("POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\n"
			       "Content-Length: 200000\r\n\r\n"));
	assert_int_equal(reply_status(reply), 413);
	reply = ask(s, S("POST /echo HTTP/1.1\r\n" H "Expect: 100-Continue\r\n"
			 "Content-Length: 3\r\n\r\nabc"));
	assert_int_equal(reply_status(reply), 200);
}

static void the_server_answers_for_itself(void **state)
{
	str_t reply = ask(*state, S("OPTIONS * HTTP/1.1\r\n" H "\r\n"));
	assert_int_equal(reply_status(reply), 204);
	assert_holds(reply, "allow: GET, HEAD, POST");
	assert_true(str_find(reply, S("content-length"), 0) == STR_NONE);
}

/* -- bodies ---------------------------------------------------------------------------------- */

static void forms_are_read(void **state)
{
	str_t reply = post(*state, "application/x-www-form-urlencoded", S("a=b+c&d=%C3%A9"));
	assert_holds(reply, "form a=b c\nform d=\xc3\xa9\n");
	assert_holds(reply, "query x=1\n");
	reply = post(*state, "application/x-www-form-urlencoded", S("a=%ff"));
	assert_int_equal(reply_status(reply), 400);
}

static void json_is_read(void **state)
{
	struct serving *s = *state;
	assert_holds(post(s, "application/json; charset=utf-8", S("{\"a\": [1, 2]}")),
		     "json {\"a\":[1,2]}\n");
	assert_holds(post(s, "application/merge-patch+json", S("{}")), "json {}\n");
	str_t reply = post(s, "application/json", S("{\"a\":\n  x}"));
	assert_int_equal(reply_status(reply), 400);
	assert_holds(reply, "line 2, column 3");
	assert_int_equal(reply_status(post(s, "application/json", S("{\"a\":1,\"a\":2}"))), 400);
	assert_int_equal(reply_status(post(s, "application/json", S("{\"a\":\"\\u0000\"}"))), 400);
	struct buf deep = buf_new(s->a, 512);
	for (int i = 0; i < 200; i++)
		buf_add_char(&deep, '[');
	reply = post(s, "application/json", buf_str(&deep));
	assert_int_equal(reply_status(reply), 400);
	assert_holds(reply, "nested too deep");
}

static void multipart_is_read_and_spilled(void **state)
{
	struct serving *s = *state;
	struct buf b = buf_new(s->a, 300000);
	buf_add(&b, S("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n"
		      "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"small\"\r\n\r\n"
		      "tiny\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; "
		      "filename=\"large\"\r\n\r\n"));
	for (int i = 0; i < 200000; i++)
		buf_add_char(&b, 'z');
	buf_add(&b, S("\r\n--x--\r\n"));
	str_t reply = post(s, "multipart/form-data; boundary=x", buf_str(&b));
	assert_holds(reply, "form a=b\n");
	assert_holds(reply, "upload f small 4 memory\n");
	assert_holds(reply, "upload f large 200000 file\n");
	assert_int_equal(reply_status(post(s, "multipart/form-data", S("x"))), 400);
	assert_int_equal(reply_status(post(s, "multipart/form-data; boundary=x", S("--x"))), 400);
}

static void uploads_may_be_the_last_on_their_connection(void **state)
{
	struct serving *s = *state;
	struct buf b = buf_new(s->a, 6 << 20);
	buf_add(&b, S("--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"large\""
		      "\r\n\r\n"));
	memset(buf_room(&b, 5 << 20), 'z', 5 << 20);
	buf_advance(&b, 5 << 20);
	buf_add(&b, S("\r\n--x--\r\n"));
	str_t reply = ask(s, str_format(s->a, "POST /echo HTTP/1.1\r\n" H "Connection: close\r\n"
					"Content-Type: multipart/form-data; boundary=x\r\n"
					"Content-Length: %zu\r\n\r\n%.*s", b.n, STR(buf_str(&b))));
	assert_holds(reply, "upload f large 5242880 file\n");
}

static bool all_is_taken(int fd, str_t bytes)
{
	ssize_t n = 1;
	for (; bytes.n && n > 0; bytes = str_slice(bytes, n > 0 ? (size_t)n : 0, bytes.n))
		n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
	return n > 0;
}

static void large_bodies_are_refused_and_the_refusal_can_be_read(void **state)
{
	struct serving *s = *state;
	int fd = client_connect(s);
	client_send(fd, S("POST /echo HTTP/1.1\r\n" H "Content-Length: 20000000\r\n\r\n"));
	struct buf b = buf_new(s->a, 20000000);
	memset(buf_room(&b, 20000000), 'x', 20000000);
	buf_advance(&b, 20000000);
	assert_true(all_is_taken(fd, buf_str(&b))); /* a connection that is reset takes the refusal with it */
	assert_int_equal(reply_status(client_reply(s->a, fd)), 413);
	close(fd);
	/* Without a length it is found out on the way. */
	struct buf chunked = buf_new(s->a, 300000);
	buf_add(&chunked, S("POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"));
	for (int i = 0; i < 200; i++) {
		buf_add(&chunked, S("400\r\n"));
		buf_add(&chunked, str_slice(buf_str(&b), 0, 1024));
		buf_add(&chunked, S("\r\n"));
	}
	assert_int_equal(reply_status(ask(s, buf_str(&chunked))), 413);
}

/* -- replies --------------------------------------------------------------------------------- */

static void codings_are_chosen_by_what_the_client_takes(void **state)
{
	struct serving *s = *state;
	static const char *const rows[][2] = {
		{ "", NULL },
		{ "Accept-Encoding: gzip, deflate, br\r\n", "br" },
		{ "Accept-Encoding: gzip\r\n", "gzip" },
		{ "Accept-Encoding: br;q=0.1, gzip;q=0.9\r\n", "gzip" },
		{ "Accept-Encoding: br;q=0, gzip;q=0\r\n", NULL },
		{ "Accept-Encoding: identity\r\n", NULL },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		str_t reply = get(s, "/fast", rows[i][0]);
		str_t coding = reply_field(s->a, reply, "content-encoding");
		assert_true(str_eq(coding, str_of(rows[i][1])));
		assert_true(str_eq(reply_field(s->a, reply, "vary"), S("accept-encoding")));
		int64_t length;
		assert_true(str_int(reply_field(s->a, reply, "content-length"), &length));
		assert_int_equal(reply_content(reply).n, length);
	}
}

static void unchanged_pages_are_not_sent_again(void **state)
{
	struct serving *s = *state;
	str_t page = get(s, "/fast", "");
	str_t etag = reply_field(s->a, page, "etag");
	str_t reply = get(s, "/fast", str_z(s->a, str_format(s->a, "If-None-Match: %.*s\r\n",
							     STR(etag))));
	assert_int_equal(reply_status(reply), 304);
	assert_int_equal(reply_content(reply).n, 0);
	assert_true(reply_field(s->a, reply, "etag").n > 0);
	assert_null(reply_field(s->a, reply, "content-length").p);
	reply = get(s, "/fast", "If-None-Match: \"other\"\r\n");
	assert_int_equal(reply_status(reply), 200);
	reply = get(s, "/fast", "If-Modified-Since: Thu, 10 Feb 2022 18:37:00 GMT\r\n");
	assert_int_equal(reply_status(reply), 304);
	reply = get(s, "/fast", "If-Match: \"other\"\r\n");
	assert_int_equal(reply_status(reply), 412);
	reply = get(s, "/file", "If-None-Match: \"f1\"\r\n");
	assert_int_equal(reply_status(reply), 304);
}

static void assert_is_file(str_t content, int64_t from, int64_t to)
{
	assert_int_equal(content.n, to - from + 1);
	for (size_t i = 0; i < content.n; i++)
		if (content.p[i] != 'a' + ((int64_t)i + from) % 26)
			fail_msg("byte %zu differs", i);
}

static void files_are_sent_whole_and_in_ranges(void **state)
{
	struct serving *s = *state;
	assert_is_file(reply_content(get(s, "/file", "")), 0, FILE_SIZE - 1);
	str_t reply = get(s, "/file", "Range: bytes=10-99\r\n");
	assert_int_equal(reply_status(reply), 206);
	assert_true(str_eq(reply_field(s->a, reply, "content-range"), S("bytes 10-99/300000")));
	assert_is_file(reply_content(reply), 10, 99);
	assert_is_file(reply_content(get(s, "/file", "Range: bytes=-100000\r\n")), 200000,
		       FILE_SIZE - 1);
	assert_is_file(reply_content(get(s, "/file", "Range: bytes=299999-\r\n")), 299999, 299999);
	reply = get(s, "/file", "Range: bytes=300000-\r\n");
	assert_int_equal(reply_status(reply), 416);
	assert_true(str_eq(reply_field(s->a, reply, "content-range"), S("bytes */300000")));
	reply = get(s, "/file", "Range: bytes=0-9\r\nIf-Range: \"old\"\r\n");
	assert_int_equal(reply_status(reply), 200);
	reply = get(s, "/file", "Range: bytes=0-9\r\nIf-Range: \"f1\"\r\n");
	assert_int_equal(reply_status(reply), 206);
}

/* Where the file system can tell what is in memory, this goes through a thread. */
static void files_on_disk_are_fetched(void **state)
{
	struct serving *s = *state;
	char path[128];
	snprintf(path, sizeof path, "%s/file", s->folder);
	int file = open(path, O_RDONLY);
	for (int i = 0; i < 20; i++) {
		fsync(file);
		assert_int_equal(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED), 0);
		int fd = client_connect(s);
		client_send(fd, S("GET /file HTTP/1.1\r\n" H "Range: bytes=1-299998\r\n\r\n"));
		if (i % 2)
			assert_is_file(reply_content(client_reply(s->a, fd)), 1, FILE_SIZE - 2);
		close(fd); /* or leaves while it is read */
	}
	close(file);
}

static void several_ranges_come_in_parts(void **state)
{
	struct serving *s = *state;
	str_t reply = get(s, "/file", "Range: bytes=0-1,100000-199999,-2\r\n");
	int64_t length;
	assert_int_equal(reply_status(reply), 206);
	assert_holds(reply, "content-type: multipart/byteranges; boundary=");
	assert_true(str_int(reply_field(s->a, reply, "content-length"), &length));
	str_t content = reply_content(reply);
	assert_int_equal(content.n, length);
	assert_holds(content, "content-range: bytes 0-1/300000\r\n\r\nab\r\n--");
	size_t at = str_find(content, S("bytes 100000-199999/300000\r\n\r\n"), 0) + 30;
	assert_is_file(str_slice(content, at, at + 100000), 100000, 199999);
	assert_holds(str_slice(content, content.n - 60, content.n), "--\r\n");
}

static void large_replies_arrive_whole(void **state)
{
	struct serving *s = *state;
	str_t content = reply_content(get(s, "/big", ""));
	assert_int_equal(content.n, BIG_SIZE);
	int fd = client_connect(s);
	client_send(fd, S("GET /big HTTP/1.1\r\n" H "\r\nGET /file HTTP/1.1\r\n" H "\r\n"));
	usleep(300000); /* the socket is full by now */
	assert_int_equal(reply_content(client_reply(s->a, fd)).n, BIG_SIZE);
	assert_is_file(reply_content(client_reply(s->a, fd)), 0, FILE_SIZE - 1);
	close(fd);
}

static void a_request_that_wants_too_much_memory_ends_alone(void **state)
{
	struct serving *s = *state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(reply_status(get(s, "/greedy", "")), 503);
	assert_int_equal(reply_status(get(s, "/echo", "")), 200);
}

static void replies_say_the_date(void **state)
{
	struct serving *s = *state;
	usec_t said;
	assert_true(time_parse_http(reply_field(s->a, get(s, "/fast", ""), "date"), &said));
	usec_t now = clock_now(&(struct clock){ 0 });
	assert_true(said <= now && said > now - 3 * SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(many_pipelined_requests_are_all_answered),
		cmocka_unit_test(head_is_told_the_length_and_sent_nothing),
		cmocka_unit_test(connections_go_on_or_close_as_asked),
		cmocka_unit_test(an_upgrade_is_not_taken_up),
		cmocka_unit_test(continue_is_said_when_the_body_is_wanted),
		cmocka_unit_test(the_server_answers_for_itself),
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(json_is_read),
		cmocka_unit_test(multipart_is_read_and_spilled),
		cmocka_unit_test(uploads_may_be_the_last_on_their_connection),
		cmocka_unit_test(large_bodies_are_refused_and_the_refusal_can_be_read),
		cmocka_unit_test(codings_are_chosen_by_what_the_client_takes),
		cmocka_unit_test(unchanged_pages_are_not_sent_again),
		cmocka_unit_test(files_are_sent_whole_and_in_ranges),
		cmocka_unit_test(files_on_disk_are_fetched),
		cmocka_unit_test(several_ranges_come_in_parts),
		cmocka_unit_test(large_replies_arrive_whole),
		cmocka_unit_test(a_request_that_wants_too_much_memory_ends_alone),
		cmocka_unit_test(replies_say_the_date),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
