/* serving.c: see serving.h. */
#include "serving.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE (20 * SECOND)

/* -- the site -------------------------------------------------------------------------------- */

static struct answer *fast(void *ctx, const struct request *q)
{
	struct serving *s = ctx;
	return str_eq(q->path, S("/fast")) ? answer_keep(s->page) : NULL;
}

static void describe_params(struct buf *b, const char *what, const struct params *p)
{
	for (size_t i = 0; i < p->n; i++)
		buf_add_format(b, "%s %.*s=%.*s\n", what, STR(p->v[i].name), STR(p->v[i].value));
}

static void echo(struct request *q, struct response *r)
{
	static const char *const names[] = { "GET",   "HEAD",   "POST",    "PUT",
					     "PATCH", "DELETE", "OPTIONS", "?" };
	struct buf b = buf_new(q->a, 1024);
	buf_add_format(&b, "method %s\npath %.*s\nclient %.*s\nsecure %d\nhost %.*s\n",
		       names[q->method], STR(q->path), STR(q->client), q->secure, STR(q->host));
	describe_params(&b, "query", &q->query);
	describe_params(&b, "form", &q->form);
	for (size_t i = 0; i < q->nuploads; i++)
		buf_add_format(&b, "upload %.*s %.*s %lld %s\n", STR(q->uploads[i].field),
			       STR(q->uploads[i].filename), (long long)q->uploads[i].size,
			       q->uploads[i].fd >= 0 ? "file" : "memory");
	if (q->json) {
		char *text = json_dumps(q->json, JSON_COMPACT | JSON_SORT_KEYS);
		buf_add_format(&b, "json %s\n", text);
		free(text);
	}
	if (q->body.p)
		buf_add_format(&b, "body %zu %.*s\n", q->body.n, STR(str_clip(q->body, 200)));
	response_header(q, r, "content-type", S("text/plain"));
	r->body = buf_str(&b);
}

static void give_file(struct serving *s, struct request *q, struct response *r)
{
	char path[128];
	snprintf(path, sizeof path, "%s/file", s->folder);
	r->file = open(path, O_RDONLY | O_CLOEXEC);
	r->file_etag = S("\"f1\"");
	r->file_modified = 1644518220 * SECOND;
	response_header(q, r, "content-type", S("text/plain"));
}

static void give_big(struct request *q, struct response *r)
{
	char *p = arena_alloc(q->a, BIG_SIZE);
	memset(p, 'x', BIG_SIZE);
	r->body = str_from(p, BIG_SIZE);
}

static void give_events(struct request *q, struct response *r)
{
	str_t last = request_header(q, "last-event-id");
	strs_add(q->a, &r->stream, S("front"));
	if (str_int(last, &r->stream_after))
		r->body = str_format(q->a, "data: since %.*s\n\n", STR(last));
}

static void hold(struct serving *s)
{
	s->held++;
	for (usec_t by = clock_steady() + 60 * SECOND; !s->let_go && clock_steady() < by;)
		usleep(1000);
}

static void serve(void *ctx, void *worker, struct request *q, struct response *r)
{
	struct serving *s = ctx;
	assert_non_null(worker);
	s->served++;
	if (str_eq(q->path, S("/file"))) {
		give_file(s, q, r);
	} else if (str_eq(q->path, S("/big"))) {
		give_big(q, r);
	} else if (str_eq(q->path, S("/events"))) {
		give_events(q, r);
	} else if (str_eq(q->path, S("/greedy"))) {
		give_file(s, q, r); /* which must not stay open */
		for (;;)
			arena_alloc(q->a, 1 << 20);
	} else {
		if (str_eq(q->path, S("/slow")))
			usleep(300000);
		if (str_eq(q->path, S("/held")))
			hold(s);
		echo(q, r);
	}
}

static void *worker_begin(void *ctx)
{
	return ctx;
}

static void worker_end(void *ctx, void *worker)
{
	assert_ptr_equal(ctx, worker);
}

/* -- the server ------------------------------------------------------------------------------ */

static void make_page(struct serving *s)
{
	struct buf b = buf_new(s->a, 24000);
	for (int i = 0; i < 2000; i++)
		buf_add_format(&b, "line %d\n", i);
	struct answer_draft d = { .type = S("text/html; charset=utf-8"), .body = buf_str(&b),
				  .effort = 1, .cache_control = S("no-cache"),
				  .modified = 1644518220 * SECOND };
	assert_null(answer_new(&d, &s->page));
}

static void make_file(struct serving *s)
{
	char path[128];
	snprintf(path, sizeof path, "%s/file", s->folder);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < FILE_SIZE; i++)
		fputc('a' + i % 26, f);
	fclose(f);
}

void serving_prepare(struct serving *s)
{
	signal(SIGPIPE, SIG_IGN);
	*s = (struct serving){ .a = arena_create(0), .log = { .fd = -1 },
			       .folder = "/tmp/stet-serving-XXXXXX" };
	assert_non_null(mkdtemp(s->folder));
	config_defaults(s->a, &s->config);
	s->config.listen = S("127.0.0.1:0");
	s->config.loops = 2;
	s->config.workers = 4;
	s->limits = LIMITS_DEFAULT;
	s->limits.tick = SECOND / 50;
	s->limits.linger = 2 * SECOND;
	s->limits.drain_idle = SECOND / 5;
	s->limits.drain = 5 * SECOND;
	make_page(s);
	make_file(s);
}

static void *run(void *arg)
{
	struct serving *s = arg;
	return server_run(s->server);
}

void serving_begin(struct serving *s)
{
	struct server_options o = {
		.config = &s->config, .log = &s->log, .folder = s->folder, .limits = &s->limits,
		.listeners = s->listeners, .nlisteners = s->nlisteners,
		.site = { .ctx = s, .fast = fast, .serve = serve, .worker_begin = worker_begin,
			  .worker_end = worker_end },
	};
	err_t e = server_new(&o, &s->server);
	if (e)
		fail_msg("%s", err_text(e));
	int64_t port = 0;
	str_t address = str_of(server_address(s->server));
	for (size_t i = address.n; i > 0 && !port; i--)
		if (address.p[i - 1] == ':')
			str_int(str_slice(address, i, address.n), &port);
	s->port = (int)port;
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
}

void serving_end(struct serving *s)
{
	char path[128];
	void *e;
	server_stop(s->server);
	pthread_join(s->thread, &e);
	assert_null(e);
	server_free(s->server);
	answer_drop(s->page);
	snprintf(path, sizeof path, "%s/file", s->folder);
	unlink(path);
	rmdir(s->folder);
	arena_free(s->a);
}

/* -- clients --------------------------------------------------------------------------------- */

int client_try(const struct serving *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

int client_connect(const struct serving *s)
{
	int fd = client_try(s);
	if (fd < 0)
		fail_msg("connect: %s", strerror(errno));
	return fd;
}

void client_send(int fd, str_t bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n <= 0)
			return; /* the server does not want the rest */
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
}

static bool wait_for(int fd, usec_t by)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	usec_t left = by - clock_steady();
	return left > 0 && poll(&p, 1, (int)(left / 1000) + 1) > 0;
}

str_t client_read(arena_t *a, int fd, size_t most)
{
	struct buf b = buf_new(a, 4096);
	usec_t by = clock_steady() + PATIENCE;
	while (b.n < most && wait_for(fd, by)) {
		size_t want = most - b.n < 65536 ? most - b.n : 65536;
		ssize_t n = recv(fd, buf_room(&b, want), want, 0);
		if (n <= 0)
			break;
		buf_advance(&b, (size_t)n);
	}
	return buf_str(&b);
}

str_t client_read_all(arena_t *a, int fd)
{
	return client_read(a, fd, SIZE_MAX);
}

str_t client_reply(arena_t *a, int fd)
{
	struct buf b = buf_new(a, 4096);
	int64_t length = 0;
	while (!str_ends(buf_str(&b), S("\r\n\r\n"))) {
		str_t c = client_read(a, fd, 1);
		if (!c.n)
			return buf_str(&b);
		buf_add(&b, c);
	}
	str_int(reply_field(a, buf_str(&b), "content-length"), &length);
	buf_add(&b, client_read(a, fd, (size_t)length));
	return buf_str(&b);
}

bool client_is_closed(int fd, usec_t within)
{
	char c;
	return wait_for(fd, clock_steady() + within) && recv(fd, &c, 1, 0) <= 0;
}

str_t ask(struct serving *s, str_t request)
{
	int fd = client_connect(s);
	client_send(fd, request);
	shutdown(fd, SHUT_WR);
	str_t reply = client_read_all(s->a, fd);
	close(fd);
	return reply;
}

str_t get(struct serving *s, const char *path, const char *headers)
{
	return ask(s, str_format(s->a, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, headers));
}

int reply_status(str_t reply)
{
	int64_t status = 0;
	if (str_starts(reply, S("HTTP/1.1 ")))
		str_int(str_slice(reply, 9, 12), &status);
	return (int)status;
}

str_t reply_field(arena_t *a, str_t reply, const char *name)
{
	str_t head = str_slice(reply, 0, str_find(reply, S("\r\n\r\n"), 0) + 2);
	str_t line = str_format(a, "\r\n%s: ", name);
	size_t at = str_find(head, line, 0);
	if (at == STR_NONE)
		return (str_t){ NULL, 0 };
	at += line.n;
	return str_slice(head, at, str_find(head, S("\r\n"), at));
}

str_t reply_content(str_t reply)
{
	size_t at = str_find(reply, S("\r\n\r\n"), 0);
	return at == STR_NONE ? S("") : str_slice(reply, at + 4, reply.n);
}
