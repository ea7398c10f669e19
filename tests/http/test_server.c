/* test_server.c: beginning, stopping, handing over; who the client is. */
#include "await.h"
#include "serving.h"

#include "http/clients.h"
#include "http/control.h"
#include "http/handover.h"
#include "http/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define H "Host: localhost\r\n"

/* -- stopping -------------------------------------------------------------------------------- */

/* No deadline is what is tried: the machine may take the time it takes. */
static void prepare_patient(struct serving *s)
{
	serving_prepare(s);
	s->limits.drain_idle = 30 * SECOND;
	s->limits.drain = 60 * SECOND;
}

static void what_was_begun_is_answered(void **state)
{
	struct serving s;
	(void)state;
	prepare_patient(&s);
	serving_begin(&s);
	int held = client_connect(&s), half = client_connect(&s), body = client_connect(&s);
	int idle = client_connect(&s), big = client_connect(&s);
	client_send(held, S("GET /held HTTP/1.1\r\n" H "\r\n"));
	client_send(half, S("GET /half HTT"));
	client_send(body, S("POST /echo HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\na"));
	client_send(idle, S("GET /fast HTTP/1.1\r\n" H "\r\n"));
	client_send(big, S("GET /big HTTP/1.1\r\n" H "\r\n"));
	assert_int_equal(reply_status(client_reply(s.a, idle)), 200);
	AWAIT(s.held == 1);
	await_read(half);
	await_read(body);
	await_bytes(big);
	server_stop(s.server);
	await_nobody_listens(s.port);
	client_send(half, S("P/1.1\r\nA: b\r"));
	await_read(half);
	client_send(half, S("\n" H "\r\n"));
	client_send(body, S("bc"));
	client_send(idle, S("GET /late HTTP/1.1\r\n" H "\r\n"));
	s.let_go = true;
	const int fds[] = { held, half, body, idle, big };
	for (size_t i = 0; i < COUNT(fds); i++) {
		str_t reply = client_reply(s.a, fds[i]);
		if (reply_status(reply) != 200)
			fail_msg("%zu: %.*s", i, STR(reply));
		if (fds[i] != big) /* whose head was written before */
			assert_true(str_eq(reply_field(s.a, reply, "connection"), S("close")));
		else
			assert_int_equal(reply_content(reply).n, BIG_SIZE);
		assert_true(client_is_closed(fds[i], 20 * SECOND)); /* not by drain's deadline */
		close(fds[i]);
	}
	serving_end(&s);
}

static void stopping_ends_by_its_deadline(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	s.limits.drain = SECOND / 2;
	serving_begin(&s);
	int fd = client_connect(&s); /* never reads */
	client_send(fd, S("GET /big HTTP/1.1\r\n" H "\r\n"));
	await_bytes(fd);
	usec_t began = clock_steady();
	serving_end(&s);
	/* Without the deadline it would end by that of writing, after 30 seconds and more. */
	assert_in_range(clock_steady() - began, SECOND / 3, 20 * SECOND);
	close(fd);
}

struct load {
	struct serving *s;
	atomic_int      broken, answered;
	atomic_bool     stop;
};

/* Asks again and again, on connections that are kept; a request that was sent must be answered. A
 * closed connection is fine where the reply before said so, or none was sent on it. */
static void *ask_on(void *arg)
{
	struct load *l = arg;
	while (!atomic_load(&l->stop)) {
		int fd = client_try(l->s);
		if (fd < 0)
			break; /* nobody listens any more */
		arena_t *a = arena_create(0);
		for (bool open = true; open && !atomic_load(&l->stop);) {
			client_send(fd, S("GET /fast HTTP/1.1\r\n" H "\r\n"));
			str_t reply = client_reply(a, fd);
			if (reply_status(reply) == 200)
				l->answered++;
			else
				l->broken++;
			open = !reply_field(a, reply, "connection").p && reply.n;
		}
		close(fd);
		arena_free(a);
	}
	return NULL;
}

/* The same with a connection for each request. */
static void *ask_once(void *arg)
{
	struct load *l = arg;
	while (!atomic_load(&l->stop)) {
		arena_t *a = arena_create(0);
		int fd = client_try(l->s);
		if (fd >= 0) {
			client_send(fd, S("GET /fast HTTP/1.1\r\n" H "Connection: close\r\n\r\n"));
			*(reply_status(client_reply(a, fd)) == 200 ? &l->answered : &l->broken) += 1;
			close(fd);
		}
		arena_free(a);
		if (fd < 0)
			break;
	}
	return NULL;
}

static void a_stop_under_load_breaks_no_request(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct serving s;
		prepare_patient(&s); /* slow to ask on a connection is not asked too late */
		serving_begin(&s);
		struct load load = { .s = &s };
		pthread_t clients[8];
		for (size_t k = 0; k < COUNT(clients); k++)
			assert_int_equal(pthread_create(&clients[k], NULL, k % 2 ? ask_on : ask_once,
							&load), 0);
		AWAIT(load.answered >= 100 || load.broken);
		server_stop(s.server);
		for (size_t k = 0; k < COUNT(clients); k++)
			pthread_join(clients[k], NULL);
		assert_int_equal(load.broken, 0);
		serving_end(&s);
	}
}

struct stopper {
	struct serving *s;
	atomic_bool     taken;
};

static void stop_it(void *ctx)
{
	struct stopper *k = ctx;
	atomic_store(&k->taken, true);
	server_stop(k->s->server);
}

static void another_process_takes_over_under_load(void **state)
{
	struct serving old, new;
	struct stopper stopper = { .s = &old };
	struct handover offer = { .taken = stop_it, .ctx = &stopper };
	struct control_command commands[] = { { HANDOVER_LINE, handover_offer, &offer },
					      { NULL, NULL, NULL } };
	struct control *control;
	char path[128];
	int fds[HANDOVER_MOST], socket = -1;
	size_t n;
	(void)state;
	prepare_patient(&old);
	serving_begin(&old);
	offer.server = old.server;
	snprintf(path, sizeof path, "%s/control", old.folder);
	assert_null(control_open(path, commands, &old.log, &control));

	struct load load = { .s = &old };
	pthread_t clients[4];
	for (size_t i = 0; i < COUNT(clients); i++)
		assert_int_equal(pthread_create(&clients[i], NULL, ask_on, &load), 0);
	AWAIT(load.answered >= 100 || load.broken);

	assert_null(handover_take(path, fds, &n, &socket));
	assert_int_equal(n, 2);
	serving_prepare(&new);
	new.config.listen = str_format(new.a, "127.0.0.1:%d", old.port);
	new.listeners = fds;
	new.nlisteners = n;
	serving_begin(&new);
	assert_int_equal(new.port, old.port);
	assert_false(stopper.taken);
	assert_null(handover_done(socket));
	assert_true(stopper.taken);
	control_close(control);
	serving_end(&old); /* ends while the clients go on */

	int before = load.answered;
	AWAIT(load.answered >= before + 100 || load.broken);
	atomic_store(&load.stop, true);
	for (size_t i = 0; i < COUNT(clients); i++)
		pthread_join(clients[i], NULL);
	assert_true(load.answered > before);
	assert_int_equal(load.broken, 0);
	serving_end(&new);
}

static bool says(int log, const char *what)
{
	char text[4096];
	ssize_t n = pread(log, text, sizeof text, 0);
	return n > 0 && memmem(text, (size_t)n, what, strlen(what));
}

static void who_fails_to_take_over_changes_nothing(void **state)
{
	struct serving s;
	struct stopper stopper = { .s = &s };
	struct handover offer = { .taken = stop_it, .ctx = &stopper };
	struct control_command commands[] = { { HANDOVER_LINE, handover_offer, &offer },
					      { NULL, NULL, NULL } };
	struct control *control;
	char path[128];
	int fds[HANDOVER_MOST], socket = -1;
	size_t n;
	(void)state;
	serving_prepare(&s);
	s.log = (struct log){ .fd = memfd_create("log", MFD_CLOEXEC), .least = LOG_WARN };
	serving_begin(&s);
	offer.server = s.server;
	snprintf(path, sizeof path, "%s/control", s.folder);
	assert_null(control_open(path, commands, &s.log, &control));
	assert_null(handover_take(path, fds, &n, &socket));
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	close(socket); /* it dies */
	AWAIT(says(s.log.fd, "the process that wanted to take over did not"));
	assert_false(stopper.taken);
	for (int i = 0; i < 20; i++)
		assert_int_equal(reply_status(get(&s, "/fast", "")), 200);
	control_close(control);
	assert_int_not_equal(access(path, F_OK), 0);
	err_t e = handover_take(path, fds, &n, &socket);
	assert_int_equal(e->code, ERR_MISSING);
	err_free(e);
	serving_end(&s);
	close(s.log.fd);
}

/* -- the control socket ---------------------------------------------------------------------- */

static err_t count(void *ctx, int socket)
{
	(void)socket;
	++*(atomic_int *)ctx;
	return OK;
}

static err_t complain(void *ctx, int socket)
{
	(void)ctx, (void)socket;
	return err_new(ERR_BUSY, "not now");
}

static void control_lines_run_their_commands(void **state)
{
	atomic_int counted = 0;
	struct control_command commands[] = { { "sync", count, &counted },
					      { "no", complain, NULL },
					      { NULL, NULL, NULL } };
	struct log log = { .fd = -1 };
	struct control *control, *next;
	char folder[] = "/tmp/stet-control-XXXXXX", path[64];
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/control", folder);
	assert_null(control_open(path, commands, &log, &control));
	for (int i = 0; i < 40; i++)
		assert_null(control_ask(path, "sync", 20 * SECOND));
	assert_int_equal(counted, 40);
	err_t e = control_ask(path, "no", 20 * SECOND);
	assert_string_equal(err_text(e), "the server says: not now");
	err_free(e);
	e = control_ask(path, "nonsense", 20 * SECOND);
	assert_non_null(e);
	err_free(e);
	/* The next process puts its socket in this one's place; this one must leave it there. */
	assert_null(control_open(path, commands, &log, &next));
	control_close(control);
	assert_null(control_ask(path, "sync", 20 * SECOND));
	control_close(next);
	e = control_ask(path, "sync", 20 * SECOND);
	assert_int_equal(e->code, ERR_MISSING);
	err_free(e);
	assert_int_equal(rmdir(folder), 0);
}

/* -- addresses ------------------------------------------------------------------------------- */

static void wrong_addresses_are_refused(void **state)
{
	static const char *const wrong[] = { "localhost", "8080", ":8080", "::1:80", "[::1]",
					     "127.0.0.1:99999", "127.0.0.1:x" };
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		arena_t *a = arena_create(0);
		struct config c;
		struct log log = { .fd = -1 };
		struct server *v;
		config_defaults(a, &c);
		c.listen = str_of(wrong[i]);
		struct server_options o = { .config = &c, .log = &log, .folder = "/tmp" };
		err_t e = server_new(&o, &v);
		if (!e)
			fail_msg("%s was taken", wrong[i]);
		assert_int_equal(e->code, ERR_INPUT);
		err_free(e);
		arena_free(a);
	}
}

static void both_families_are_served(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	s.config.listen = S("127.0.0.1:0, [::1]:0");
	serving_begin(&s);
	assert_int_equal(reply_status(get(&s, "/fast", "")), 200);
	serving_end(&s);
}

static void a_taken_port_is_an_error_that_names_it(void **state)
{
	struct serving s;
	(void)state;
	serving_prepare(&s);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage at = { .ss_family = AF_INET };
	socklen_t n = sizeof at;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&at, &n);
	unsigned char *port = (unsigned char *)&at + 2;
	s.config.listen = str_format(s.a, "127.0.0.1:%d", port[0] << 8 | port[1]);
	struct server_options o = { .config = &s.config, .log = &s.log, .folder = s.folder };
	err_t e = server_new(&o, &s.server);
	assert_non_null(e);
	assert_true(str_find(str_of(err_text(e)), s.config.listen, 0) != STR_NONE);
	err_free(e);
	close(fd);
	s.config.listen = S("127.0.0.1:0");
	serving_begin(&s);
	serving_end(&s);
}

/* -- proxies --------------------------------------------------------------------------------- */

static str_t client_of(arena_t *a, const char *trusted, const char *forwarded)
{
	struct proxies *p;
	struct header h = { S("x-forwarded-for"), str_of(forwarded) };
	struct request q = { .a = a, .client = S("peer"), .headers = &h, .nheaders = 1 };
	assert_null(proxies_parse(a, str_of(trusted), &p));
	proxies_read(p, &q);
	return q.client;
}

static void addresses_are_believed_as_far_as_proxies_are_trusted(void **state)
{
	static const struct {
		const char *trusted, *forwarded, *client;
	} rows[] = {
		{ "10.0.0.0/8", "1.2.3.4", "1.2.3.4" },
		{ "10.0.0.0/8", "6.6.6.6, 1.2.3.4", "1.2.3.4" },
		{ "10.0.0.0/8", "6.6.6.6, 1.2.3.4, 10.1.1.1", "1.2.3.4" },
		{ "10.0.0.0/8", "10.2.2.2, 10.1.1.1", "10.2.2.2" },
		{ "10.0.0.0/8", "nonsense", "peer" },
		{ "10.0.0.0/8", "1.2.3.4, nonsense", "peer" },
		{ "10.0.0.0/8", "1.2.3.4, nonsense, 10.1.1.1", "10.1.1.1" },
		{ "10.0.0.0/8", "1.2.3.4:5678", "1.2.3.4" },
		{ "10.0.0.0/8", "[2001:db8::1]:5678", "2001:db8::1" },
		{ "2001:db8::/32", "1.2.3.4, 2001:db8:1::9", "1.2.3.4" },
		{ "2001:db8::/33", "1.2.3.4, 2001:db8:8000::9", "2001:db8:8000::9" },
		{ "10.0.0.0/9", "1.2.3.4, 10.127.0.1", "1.2.3.4" },
		{ "10.0.0.0/9", "1.2.3.4, 10.128.0.1", "10.128.0.1" },
		{ "0.0.0.0/0", "1.2.3.4, 2001:db8::1", "2001:db8::1" },
		{ "10.0.0.1", "1.2.3.4, 10.0.0.1", "1.2.3.4" },
		{ "10.0.0.1", "1.2.3.4, ::ffff:10.0.0.1", "1.2.3.4" },
	};
	arena_t *a = arena_create(0);
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		str_t client = client_of(a, rows[i].trusted, rows[i].forwarded);
		if (!str_eq(client, str_of(rows[i].client)))
			fail_msg("%s: %.*s instead of %s", rows[i].forwarded, STR(client),
				 rows[i].client);
	}
	static const char *const wrong[] = { "10.0.0", "10.0.0.0/33", "::1/129", "a", "1.2.3.4/",
					     "1.2.3.4/-1", "10.0.0.0/8 10.0.0.1" };
	struct proxies *p;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		err_t e = proxies_parse(a, str_of(wrong[i]), &p);
		if (!e)
			fail_msg("%s was taken", wrong[i]);
		err_free(e);
	}
	arena_free(a);
}

static void addresses_share_by_subscriber(void **state)
{
	uint8_t v4[ADDRESS_BYTES], other[ADDRESS_BYTES], v6[ADDRESS_BYTES], near[ADDRESS_BYTES];
	struct clients *c = clients_new();
	(void)state;
	assert_true(address_parse(S("1.2.3.4"), v4) && address_parse(S("1.2.3.5"), other));
	assert_true(address_parse(S("2001:db8::1"), v6) && address_parse(S("2001:db8::2"), near));
	assert_true(clients_enter(c, v4, 2) && clients_enter(c, v4, 2));
	assert_false(clients_enter(c, v4, 2));
	assert_true(clients_enter(c, other, 1));
	clients_leave(c, v4);
	assert_true(clients_enter(c, v4, 2));
	assert_true(clients_enter(c, v6, 1));
	assert_false(clients_enter(c, near, 1)); /* the same /64 */
	clients_free(c);
}

static void only_trusted_proxies_are_believed(void **state)
{
	static const char forged[] = "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n";
	struct serving s;
	(void)state;
	serving_prepare(&s);
	serving_begin(&s);
	str_t reply = get(&s, "/echo", forged);
	assert_true(str_find(reply, S("client 127.0.0.1\nsecure 0\n"), 0) != STR_NONE);
	serving_end(&s);
	serving_prepare(&s);
	s.config.trusted_proxies = S("127.0.0.0/8, ::1");
	serving_begin(&s);
	reply = get(&s, "/echo", forged);
	assert_true(str_find(reply, S("client 9.9.9.9\nsecure 1\n"), 0) != STR_NONE);
	reply = get(&s, "/echo", "");
	assert_true(str_find(reply, S("client 127.0.0.1\nsecure 0\n"), 0) != STR_NONE);
	serving_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_begun_is_answered),
		cmocka_unit_test(stopping_ends_by_its_deadline),
		cmocka_unit_test(a_stop_under_load_breaks_no_request),
		cmocka_unit_test(another_process_takes_over_under_load),
		cmocka_unit_test(who_fails_to_take_over_changes_nothing),
		cmocka_unit_test(control_lines_run_their_commands),
		cmocka_unit_test(wrong_addresses_are_refused),
		cmocka_unit_test(both_families_are_served),
		cmocka_unit_test(a_taken_port_is_an_error_that_names_it),
		cmocka_unit_test(addresses_are_believed_as_far_as_proxies_are_trusted),
		cmocka_unit_test(addresses_share_by_subscriber),
		cmocka_unit_test(only_trusted_proxies_are_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
