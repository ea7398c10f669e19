/* test_patience.c: clients that are slow, silent, too many or gone. Deadlines here are short; their
 * being absolute is what is tested. */
#include "base/sanitizer.h"
#include "serving.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: localhost\r\n"

static void prepare(struct serving *s)
{
	serving_prepare(s);
	s->limits.head_by = s->limits.body_by = s->limits.write_by = 3 * SECOND / 10;
	s->limits.idle = 3 * SECOND / 10;
	s->limits.slowest = 1 << 20;
}

/* Sends one byte each 20 ms until the server closes; how long that took. */
static usec_t trickle(struct serving *s, const char *first, str_t *reply)
{
	usec_t began = clock_steady();
	int fd = client_connect(s);
	client_send(fd, str_of(first));
	while (clock_steady() < began + 4 * SECOND) {
		char c;
		if (recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 || errno != EAGAIN)
			break;
		client_send(fd, S("a"));
		usleep(20000);
	}
	usec_t took = clock_steady() - began;
	*reply = client_reply(s->a, fd);
	close(fd);
	return took;
}

static void a_head_must_arrive_in_its_time(void **state)
{
	struct serving s;
	str_t reply;
	(void)state;
	prepare(&s);
	serving_begin(&s);
	assert_in_range(trickle(&s, "GET / HTTP/1.1\r\nX: ", &reply), 250000, 1500000);
	assert_int_equal(reply_status(reply), 408);
	/* The same behind a first request. */
	assert_in_range(trickle(&s, "GET /fast HTTP/1.1\r\n" H "\r\nGET", &reply), 0, 1500000);
	serving_end(&s);
}

static void a_body_must_arrive_in_its_time(void **state)
{
	struct serving s;
	str_t reply;
	(void)state;
	prepare(&s);
	serving_begin(&s);
	assert_in_range(trickle(&s, "POST / HTTP/1.1\r\n" H "Content-Length: 10000\r\n\r\n", &reply),
			250000, 1500000);
	assert_int_equal(reply_status(reply), 408);
	assert_in_range(trickle(&s, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
				"fffff\r\n", &reply), 250000, 1500000);
	assert_int_equal(s.served, 0);
	serving_end(&s);
}

static void who_says_nothing_is_closed(void **state)
{
	struct serving s;
	(void)state;
	prepare(&s);
	serving_begin(&s);
	int fd = client_connect(&s), other = client_connect(&s);
	client_send(other, S("GET /fast HTTP/1.1\r\n" H "\r\n"));
	assert_int_equal(reply_status(client_reply(s.a, other)), 200);
	assert_true(client_is_closed(other, 2 * SECOND));
	assert_true(client_is_closed(fd, 2 * SECOND));
	close(fd);
	close(other);
	serving_end(&s);
}

static void who_never_reads_is_closed(void **state)
{
	static const char *const paths[] = { "/big", "/file", "/fast" };
	struct serving s;
	(void)state;
	prepare(&s);
	serving_begin(&s);
	for (size_t i = 0; i < COUNT(paths); i++) {
		int fd = client_connect(&s);
		str_t request = str_format(s.a, "GET %s HTTP/1.1\r\n" H "\r\n", paths[i]);
		for (int k = 0; k < 1000; k++)
			client_send(fd, request);
		usec_t began = clock_steady();
		for (char c; clock_steady() < began + 4 * SECOND; usleep(10000))
			if (send(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
				break; /* reset: the server let go */
			else
				(void)c;
		assert_true(clock_steady() < began + 3 * SECOND);
		close(fd);
	}
	assert_int_equal(reply_status(get(&s, "/fast", "")), 200);
	serving_end(&s);
}

static void an_address_has_its_share_of_connections(void **state)
{
	struct serving s;
	int fds[8];
	(void)state;
	serving_prepare(&s);
	s.limits.per_local = 8;
	serving_begin(&s);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = client_connect(&s);
		client_send(fds[i], S("GET /fast HTTP/1.1\r\n" H "\r\n"));
		assert_int_equal(reply_status(client_reply(s.a, fds[i])), 200);
	}
	int fd = client_connect(&s);
	assert_int_equal(reply_status(client_read_all(s.a, fd)), 503);
	close(fd);
	close(fds[0]);
	usleep(200000);
	assert_int_equal(reply_status(get(&s, "/fast", "")), 200);
	for (size_t i = 1; i < COUNT(fds); i++)
		close(fds[i]);
	serving_end(&s);
}

static void connections_have_a_bound_in_all(void **state)
{
	struct serving s;
	int fds[8];
	(void)state;
	serving_prepare(&s);
	s.limits.connections = 8;
	serving_begin(&s);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = client_connect(&s);
		client_send(fds[i], S("GET /fast HTTP/1.1\r\n" H "\r\n"));
		assert_int_equal(reply_status(client_reply(s.a, fds[i])), 200);
	}
	assert_int_equal(reply_status(get(&s, "/fast", "")), 503);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	serving_end(&s);
}

static void a_full_queue_says_when_to_come_back(void **state)
{
	struct serving s;
	int fds[12];
	size_t turned_away = 0, served = 0;
	(void)state;
	serving_prepare(&s);
	s.config.workers = 1;
	s.limits.queue = 2;
	serving_begin(&s);
	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = client_connect(&s);
		client_send(fds[i], S("GET /slow HTTP/1.1\r\n" H "\r\n"));
	}
	assert_int_equal(reply_status(get(&s, "/fast", "")), 200); /* the loop is free */
	for (size_t i = 0; i < COUNT(fds); i++) {
		str_t reply = client_reply(s.a, fds[i]);
		served += reply_status(reply) == 200;
		if (reply_status(reply) == 503) {
			turned_away++;
			assert_true(reply_field(s.a, reply, "retry-after").n > 0);
		}
		close(fds[i]);
	}
	assert_int_equal(served + turned_away, COUNT(fds));
	assert_in_range(served, 2, 3);
	serving_end(&s);
}

static void a_client_may_leave_while_a_worker_works(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	for (int i = 0; i < 50; i++) {
		int fd = client_connect(&s);
		struct linger now = { .l_onoff = 1 };
		client_send(fd, i % 2 ? S("GET /slow HTTP/1.1\r\n" H "\r\n")
				      : S("GET /big HTTP/1.1\r\n" H "\r\n"));
		usleep(2000);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now); /* by reset */
		close(fd);
	}
	assert_int_equal(reply_status(get(&s, "/slow", "")), 200);
	serving_end(&s);
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

/* Both ends are in this process, so half of its descriptors are the server's. */
static void thousands_of_idle_connections_cost_little(void **state)
{
	struct serving s;
	struct rlimit r;
	(void)state;
	serving_prepare(&s);
	s.limits.idle = 60 * SECOND;
	s.limits.head_by = 60 * SECOND;
	serving_begin(&s);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	size_t n = r.rlim_cur > 20600 ? 10000 : (r.rlim_cur - 600) / 2;
	int *fds = malloc(n * sizeof *fds);
	long before = resident_kb();
	for (size_t i = 0; i < n; i++) {
		fds[i] = client_connect(&s);
		if (i % 2) { /* half of them have asked for something before */
			client_send(fds[i], S("GET /fast HTTP/1.1\r\n" H "\r\n"));
			char page[32768];
			ssize_t got = recv(fds[i], page, sizeof page, 0);
			assert_true(got > 0);
		}
	}
	long each = (resident_kb() - before) * 1024 / (long)n;
	print_message("%zu idle connections, %ld bytes each\n", n, each);
#if !UNDER_SANITIZER
	assert_true(each < 2048);
#endif
	assert_int_equal(reply_status(get(&s, "/fast", "")), 200);
	assert_int_equal(reply_status(get(&s, "/echo", "")), 200);
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	free(fds);
	serving_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_must_arrive_in_its_time),
		cmocka_unit_test(a_body_must_arrive_in_its_time),
		cmocka_unit_test(who_says_nothing_is_closed),
		cmocka_unit_test(who_never_reads_is_closed),
		cmocka_unit_test(an_address_has_its_share_of_connections),
		cmocka_unit_test(connections_have_a_bound_in_all),
		cmocka_unit_test(a_full_queue_says_when_to_come_back),
		cmocka_unit_test(a_client_may_leave_while_a_worker_works),
		cmocka_unit_test(thousands_of_idle_connections_cost_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
