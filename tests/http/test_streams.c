/* test_streams.c: event streams, on the wire. */
#include "base/sanitizer.h"
#include "serving.h"

#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: localhost\r\n"

static int listen_in(struct serving *s, const char *headers)
{
	int fd = client_connect(s);
	client_send(fd, str_format(s->a, "GET /events HTTP/1.1\r\n" H "%s\r\n", headers));
	return fd;
}

/* Reads until `what` has come. */
static str_t read_until(struct serving *s, int fd, const char *what)
{
	struct buf b = buf_new(s->a, 512);
	while (str_find(buf_str(&b), str_of(what), 0) == STR_NONE) {
		str_t c = client_read(s->a, fd, 1);
		if (!c.n)
			fail_msg("\"%s\" never came: %.*s", what, STR(buf_str(&b)));
		buf_add(&b, c);
	}
	return buf_str(&b);
}

static void events_reach_who_listens(void **state)
{
	struct serving s;
	int fds[4];
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = listen_in(&s, "");
		str_t head = read_until(&s, fds[i], "retry: 3000\n\n");
		assert_true(str_eq(reply_field(s.a, head, "content-type"), S("text/event-stream")));
		assert_true(str_eq(reply_field(s.a, head, "cache-control"), S("no-store")));
	}
	server_event(s.server, S("other"), S("x"), S("not for you"), 1);
	server_event(s.server, S("front"), S("story"), S("one\ntwo\r\nthree"), 42);
	for (size_t i = 0; i < COUNT(fds); i++) {
		str_t got = client_read(s.a, fds[i], 53);
		assert_true(str_eq(got, S("event: story\nid: 42\ndata: one\ndata: two\n"
					  "data: three\n\n")));
	}
	server_event(s.server, S("front"), S(""), S(""), 0);
	assert_true(str_eq(client_read(s.a, fds[0], 8), S("data: \n\n")));
	/* Nobody can write a field of their own into an event. */
	server_event(s.server, S("front"), S("a\nid: 7"), S("b\rid: 7"), 0);
	assert_true(str_eq(client_read(s.a, fds[0], 24), S("event: a\ndata: b id: 7\n\n")));
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	serving_end(&s);
}

static void what_was_missed_comes_first(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	int fd = listen_in(&s, "Last-Event-ID: 41\r\n");
	read_until(&s, fd, "\r\n\r\nretry: 3000\n\ndata: since 41\n\n");
	close(fd);
	serving_end(&s);
}

static void send_numbered(struct serving *s, const char *topic, int from, int to)
{
	for (int i = from; i <= to; i++)
		server_event(s->server, str_of(topic), S(""), str_format(s->a, "n%d", i), i);
}

/* Whatever comes between what the handler knew of and the stream's opening: once, in order. */
static void between_what_was_missed_and_now_is_no_gap(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	send_numbered(&s, "front", 40, 43);
	send_numbered(&s, "other", 44, 44);
	int fd = listen_in(&s, "Last-Event-ID: 41\r\n");
	read_until(&s, fd, "retry: 3000\n\ndata: since 41\n\n");
	send_numbered(&s, "front", 41, 45); /* what it has does not come again */
	str_t got = read_until(&s, fd, "data: n45\n\n");
	assert_true(str_find(got, S("n41"), 0) == STR_NONE);
	assert_true(str_find(got, S("data: n42\n\nid: 43"), 0) != STR_NONE);
	assert_true(str_find(got, S("id: 44\ndata: n44\n\nid: 45"), 0) != STR_NONE);
	close(fd);
	serving_end(&s);
}

static void who_cannot_be_told_all_has_to_ask_again(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	send_numbered(&s, "front", 1, 300);
	int fd = listen_in(&s, "Last-Event-ID: 41\r\n");
	str_t all = client_read_all(s.a, fd);
	assert_true(str_find(all, S("data:"), 0) == STR_NONE);
	close(fd);
	fd = listen_in(&s, "Last-Event-ID: 299\r\n");
	read_until(&s, fd, "data: since 299\n\nid: 300\ndata: n300\n\n");
	close(fd);
	serving_end(&s);
}

static void the_last_event_ends_its_streams_and_no_others(void **state)
{
	struct serving s;
	int fds[3];
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = listen_in(&s, "");
		read_until(&s, fds[i], "retry: 3000\n\n");
	}
	server_event_last(s.server, S("other"), S(""), S("not for you"), 1);
	server_event(s.server, S("front"), S(""), S("x"), 2);
	server_event_last(s.server, S("front"), S("end"), S("bye"), 3);
	for (size_t i = 0; i < COUNT(fds); i++) {
		assert_true(str_eq(client_read_all(s.a, fds[i]),
				   S("id: 2\ndata: x\n\nevent: end\nid: 3\ndata: bye\n\n")));
		close(fds[i]);
	}
	/* One that opens while it ends is told so, too. */
	int fd = listen_in(&s, "Last-Event-ID: 2\r\n");
	str_t all = client_read_all(s.a, fd);
	assert_true(str_ends(all, S("event: end\nid: 3\ndata: bye\n\n")));
	close(fd);
	serving_end(&s);
}

static void silence_is_broken_by_a_heartbeat(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	s.limits.heartbeat = SECOND / 10;
	serving_begin(&s);
	int fd = listen_in(&s, "");
	read_until(&s, fd, "\n\n:\n\n:\n\n:\n\n");
	close(fd);
	serving_end(&s);
}

static void who_falls_too_far_behind_is_dropped(void **state)
{
	struct serving s;
	int small = 65536;
	char text[16384];
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	int slow = client_connect(&s), good = listen_in(&s, "");
	setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	client_send(slow, S("GET /events HTTP/1.1\r\n" H "\r\n"));
	read_until(&s, slow, "retry: 3000\n\n");
	read_until(&s, good, "retry: 3000\n\n");
	memset(text, 'x', sizeof text);
	size_t sent = 600; /* ten megabytes: more than any socket buffer */
	for (size_t i = 0; i < sent; i++) {
		server_event(s.server, S("front"), S(""), str_from(text, sizeof text), 0);
		str_t got = client_read(s.a, good, sizeof text + 8);
		assert_int_equal(got.n, sizeof text + 8);
	}
	usec_t began = clock_steady();
	size_t got = client_read_all(s.a, slow).n;
	assert_true(got < sent * sizeof text);
	assert_true(clock_steady() - began < 4 * SECOND); /* it was closed */
	close(slow);
	close(good);
	serving_end(&s);
}

static void a_burst_reaches_who_reads_a_little_late(void **state)
{
	struct serving s;
	char text[1000];
	(void)state;
	serving_prepare(&s);
	s.limits.event_backlog = 64 << 20;
	serving_begin(&s);
	int fd = listen_in(&s, "");
	read_until(&s, fd, "retry: 3000\n\n");
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 20000; i++)
		server_event(s.server, S("front"), S(""), str_from(text, sizeof text), 0);
	server_event(s.server, S("front"), S("last"), S(""), 0);
	usleep(200000);
	str_t all = client_read(s.a, fd, 20000 * (sizeof text + 8) + 20);
	assert_int_equal(all.n, 20000 * (sizeof text + 8) + 20);
	assert_true(str_ends(all, S("event: last\ndata: \n\n")));
	close(fd);
	serving_end(&s);
}

static void http_1_0_is_served_too(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	int fd = client_connect(&s);
	client_send(fd, S("GET /events HTTP/1.0\r\n\r\n"));
	read_until(&s, fd, "retry: 3000\n\n");
	server_event(s.server, S("front"), S(""), S("x"), 0);
	read_until(&s, fd, "data: x\n\n");
	close(fd);
	serving_end(&s);
}

static void stopping_ends_streams_at_once(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	int fd = listen_in(&s, "");
	read_until(&s, fd, "retry: 3000\n\n");
	usec_t began = clock_steady();
	server_stop(s.server);
	assert_true(client_is_closed(fd, 2 * SECOND));
	close(fd);
	serving_end(&s);
	assert_true(clock_steady() - began < 2 * SECOND);
}

static long resident_kb(void)
{
	long pages = 0, ignored;
	FILE *f = fopen("/proc/self/statm", "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld", &ignored, &pages), 2);
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

#define MANY 5000

static void thousands_of_streams_cost_little_and_leave_at_once(void **state)
{
	struct serving s;
	struct rlimit r;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	size_t n = r.rlim_cur > 2 * MANY + 600 ? MANY : (r.rlim_cur - 600) / 2;
	int *fds = malloc(n * sizeof *fds);
	char text[512];
	long before = resident_kb();
	for (size_t i = 0; i < n; i++) {
		ssize_t got = 0;
		fds[i] = client_connect(&s);
		client_send(fds[i], S("GET /events HTTP/1.1\r\n" H "\r\n"));
		while (got < 13 || memcmp(text + got - 13, "retry: 3000\n\n", 13) != 0) {
			ssize_t more = recv(fds[i], text + got, sizeof text - (size_t)got, 0);
			assert_true(more > 0);
			got += more;
		}
	}
	long all = resident_kb() - before;
	print_message("%zu streams, %ld KB\n", n, all);
#if !UNDER_SANITIZER
	assert_true(all < 20 * 1024 * (long)n / MANY);
#endif
	usec_t began = clock_steady();
	server_event(s.server, S("front"), S(""), S("x"), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(recv(fds[i], text, 9, MSG_WAITALL), 9);
	print_message("an event to all of them: %lld ms\n",
		      (long long)(clock_steady() - began) / 1000);
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	/* They are gone, so their number is free: a limit of as many lets new ones in. */
	usleep(300000);
	assert_int_equal(reply_status(get(&s, "/fast", "")), 200);
	free(fds);
	serving_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_reach_who_listens),
		cmocka_unit_test(what_was_missed_comes_first),
		cmocka_unit_test(between_what_was_missed_and_now_is_no_gap),
		cmocka_unit_test(who_cannot_be_told_all_has_to_ask_again),
		cmocka_unit_test(the_last_event_ends_its_streams_and_no_others),
		cmocka_unit_test(silence_is_broken_by_a_heartbeat),
		cmocka_unit_test(who_falls_too_far_behind_is_dropped),
		cmocka_unit_test(a_burst_reaches_who_reads_a_little_late),
		cmocka_unit_test(http_1_0_is_served_too),
		cmocka_unit_test(stopping_ends_streams_at_once),
		cmocka_unit_test(thousands_of_streams_cost_little_and_leave_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
