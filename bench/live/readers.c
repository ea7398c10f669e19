/* readers.c: many readers of one event stream in one process, and the least server that could serve them.
 *
 *	bench_readers read PORT PATH COUNT EVENTS	opens COUNT streams, waits for EVENTS entries on each, prints how
 *							long after its posting each came: milliseconds, sorted
 *	bench_readers serve PORT			accepts, and for each line of its input sends every client one event
 *							as large as the line says
 *
 *	bench_readers talk PORT PATH COUNT SECONDS	opens COUNT streams of a conversation, reads for SECONDS, prints lines of
 *							"COMMENTS AT STREAMS": so many heard at that time (ms) that there are so many
 *
 * An entry says when it was posted in its data-order: 13 characters of microseconds. */
#include "base/base.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 20000, INPUT = 1 << 18 };

static const char mark[] = "data-order=\\\"";

/* Bytes of a mark and its time may come in two reads: the last of one are kept for the next. */
struct reader {
	int    fd, got;
	size_t nkept;
	char   kept[sizeof mark + ID_TEXT];
};

static usec_t now(void)
{
	return clock_now(&(struct clock){ 0 });
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void raise_limit(void)
{
	struct rlimit r;
	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		die("RLIMIT_NOFILE");
}

static int compare(const void *a, const void *b)
{
	usec_t x = *(const usec_t *)a, y = *(const usec_t *)b;
	return (x > y) - (x < y);
}

/* --- readers --- */

static int open_stream(int port, const char *path)
{
	char request[512];
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
		die("connect");
	int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", path);
	if (write(fd, request, (size_t)n) != n)
		die("write");
	return fd;
}

static char input[sizeof mark + ID_TEXT + INPUT];

static void take(struct reader *r, usec_t *times, size_t *n, size_t most)
{
	memcpy(input, r->kept, r->nkept);
	ssize_t got = read(r->fd, input + r->nkept, INPUT);
	if (got <= 0)
		die("a stream ended");
	usec_t at = now();
	str_t all = str_from(input, r->nkept + (size_t)got);
	size_t from = 0;
	for (;;) {
		size_t found = str_find(all, str_from(mark, sizeof mark - 1), from);
		if (found == STR_NONE || found + sizeof mark - 1 + ID_TEXT > all.n)
			break;
		id64 posted;
		from = found + sizeof mark - 1 + ID_TEXT;
		if (id_parse(str_slice(all, from - ID_TEXT, from), &posted) && *n < most) {
			times[(*n)++] = at - posted;
			r->got++;
		}
	}
	size_t tail = all.n - from < sizeof r->kept - 1 ? all.n - from : sizeof r->kept - 1;
	memcpy(r->kept, all.p + all.n - tail, tail);
	r->nkept = tail;
}

static void read_streams(int port, const char *path, int count, int events)
{
	struct reader *readers = calloc((size_t)count, sizeof *readers);
	size_t n = 0, most = (size_t)count * (size_t)events;
	usec_t *times = calloc(most, sizeof *times);
	int poll = epoll_create1(0);
	if (!readers || !times || poll < 0)
		die("begin");
	for (int i = 0; i < count; i++) {
		readers[i].fd = open_stream(port, path);
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &readers[i] };
		if (epoll_ctl(poll, EPOLL_CTL_ADD, readers[i].fd, &e) != 0)
			die("epoll");
		if (i % 200 == 199)
			usleep(50000);
	}
	puts("open");
	fflush(stdout);
	while (n < most) {
		struct epoll_event list[256];
		int ready = epoll_wait(poll, list, 256, 60000);
		if (ready <= 0)
			break;
		for (int i = 0; i < ready; i++)
			take(list[i].data.ptr, times, &n, most);
	}
	qsort(times, n, sizeof *times, compare);
	for (size_t i = 0; i < n; i++)
		printf("%.3f\n", (double)times[i] / 1000);
}

/* --- readers of a conversation --- */

enum { STATES = 100000, SPREAD = 4000 };

/* How many streams heard in which millisecond, after the first, that there are so many comments. */
struct heard {
	usec_t    first;
	uint32_t *after; /* SPREAD of them */
};

/* Events come whole but for the rare one that two reads share, which is not counted. */
static void hear(int fd, struct heard *all)
{
	static const char counted[] = "{\"comments\":";
	ssize_t got = read(fd, input, INPUT);
	if (got <= 0)
		die("a stream ended");
	usec_t at = now();
	str_t text = str_from(input, (size_t)got);
	for (size_t from = 0; (from = str_find(text, str_from(counted, sizeof counted - 1), from)) != STR_NONE;) {
		from += sizeof counted - 1;
		int64_t n = 0;
		size_t end = str_find_char(text, ',', from);
		if (end == STR_NONE || !str_int(str_slice(text, from, end), &n) || n < 0 || n >= STATES)
			continue;
		struct heard *h = &all[n];
		if (!h->after && !(h->after = calloc(SPREAD, sizeof *h->after)))
			die("memory");
		if (!h->first)
			h->first = at;
		usec_t ms = (at - h->first) / 1000;
		h->after[ms < SPREAD ? ms : SPREAD - 1]++;
	}
}

static void read_talk(int port, const char *path, int count, int seconds)
{
	static struct heard all[STATES];
	int poll = epoll_create1(0);
	if (poll < 0)
		die("begin");
	for (int i = 0; i < count; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.fd = open_stream(port, path) };
		if (epoll_ctl(poll, EPOLL_CTL_ADD, e.data.fd, &e) != 0)
			die("epoll");
		if (i % 200 == 199)
			usleep(50000);
	}
	puts("open");
	fflush(stdout);
	for (usec_t until = now() + seconds * SECOND; now() < until;) {
		struct epoll_event list[256];
		int ready = epoll_wait(poll, list, 256, 100);
		for (int i = 0; i < ready; i++)
			hear(list[i].data.fd, all);
	}
	for (int n = 0; n < STATES; n++)
		for (int ms = 0; all[n].after && ms < SPREAD; ms++)
			if (all[n].after[ms])
				printf("%d %.3f %u\n", n, (double)all[n].first / 1000 + ms, all[n].after[ms]);
}

/* --- the least server --- */

static void serve(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static int clients[MOST];
	static char event[INPUT];
	int n = 0, one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 4096) != 0)
		die("listen");
	struct epoll_event e = { .events = EPOLLIN, .data.fd = listener };
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e);
	e.data.fd = STDIN_FILENO;
	epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &e);
	for (;;) {
		char line[64];
		if (epoll_wait(poll, &e, 1, -1) != 1)
			continue;
		if (e.data.fd == listener) {
			static const char head[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
			int fd = accept(listener, NULL, NULL);
			if (fd < 0 || n == MOST)
				continue;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			if (write(fd, head, sizeof head - 1) > 0)
				clients[n++] = fd;
			continue;
		}
		ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
		if (got <= 0)
			return;
		line[got] = '\0';
		arena_t *a = arena_create(0);
		int size = atoi(line);
		int head = snprintf(event, sizeof event, "data: %s%.*s", mark,
				    STR(id_text(a, now())));
		memset(event + head, 'x', (size_t)(size > head ? size - head : 0));
		int all = size > head ? size : head;
		memcpy(event + all - 2, "\n\n", 2);
		for (int i = 0; i < n; i++)
			if (write(clients[i], event, (size_t)all) != all)
				die("a slow client");
		arena_free(a);
	}
}

int main(int argc, char **argv)
{
	raise_limit();
	if (argc == 6 && strcmp(argv[1], "read") == 0)
		read_streams(atoi(argv[2]), argv[3], atoi(argv[4]), atoi(argv[5]));
	else if (argc == 6 && strcmp(argv[1], "talk") == 0)
		read_talk(atoi(argv[2]), argv[3], atoi(argv[4]), atoi(argv[5]));
	else if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(atoi(argv[2]));
	else
		return 64;
	return 0;
}
