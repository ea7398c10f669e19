/* listen.c: see listen.h. */
#include "http/listen.h"

#include "http/values.h"

#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024 /* connections the kernel holds for us; it cuts this to net.core.somaxconn */
#define AT_ONCE 64   /* accepted in one turn, so that those already here are not kept waiting */

/* -- accepting ------------------------------------------------------------------------------- */

static bool accept_one(struct listener *n)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof peer;
	int fd = accept4(n->fd, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED;
	conn_accept(n->loop, fd, (struct sockaddr *)&peer, n->transport);
	return true;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status, (void)events;
	struct listener *n = (struct listener *)poll;
	for (int i = 0; i < AT_ONCE; i++)
		if (!accept_one(n))
			break;
}

/* Lets everything pass but a SYN: whoever knocks now knocks again in a second, and finds the next
 * process or nobody, but is not let in by a socket that closes under them. */
void listeners_quiet(struct loop *l)
{
	static struct sock_filter no_syn[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), /* the flags of TCP's header */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	struct sock_fprog program = { COUNT(no_syn), no_syn };
	for (struct listener *n = l->listeners; n; n = n->next)
		setsockopt(n->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* Closing resets whoever still waits in the queue, so it is emptied at the very last. (Before it
 * ever ran, a loop has nobody to serve them.) */
static void closed(uv_handle_t *handle)
{
	struct listener *n = (struct listener *)handle;
	struct loop *l = n->loop;
	while (l->draining && accept_one(n))
		;
	close(n->fd);
	free(n);
	l->nlisteners--;
	loop_settle(l);
}

void listeners_close(struct loop *l)
{
	while (l->listeners) {
		struct listener *n = l->listeners;
		l->listeners = n->next;
		uv_poll_stop(&n->poll);
		uv_close((uv_handle_t *)&n->poll, closed);
	}
}

static err_t attach(struct loop *l, int fd, const struct transport *transport)
{
	struct listener *n = calloc(1, sizeof *n);
	if (!n || uv_poll_init(&l->uv, &n->poll, fd)) {
		free(n);
		close(fd);
		return err_new(ERR_SYSTEM, "a listening socket cannot be watched");
	}
	n->loop = l;
	n->fd = fd;
	n->transport = transport;
	n->next = l->listeners;
	l->listeners = n;
	l->nlisteners++;
	if (uv_poll_start(&n->poll, UV_READABLE, on_ready))
		return err_new(ERR_SYSTEM, "a listening socket cannot be watched");
	return OK;
}

/* -- addresses ------------------------------------------------------------------------------- */

static err_t resolve(arena_t *a, str_t entry, struct sockaddr_storage *out, socklen_t *size)
{
	size_t colon = entry.n;
	while (colon && entry.p[colon - 1] != ':')
		colon--;
	str_t host = colon ? str_slice(entry, 0, colon - 1) : S("");
	str_t port = str_slice(entry, colon, entry.n);
	int64_t number;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_slice(host, 1, host.n - 1);
	else if (str_find_char(host, ':', 0) != STR_NONE)
		host = S(""); /* an IPv6 address without brackets: which colon is the port's? */
	if (!host.n || !str_int(port, &number) || number < 0 || number > 65535)
		return err_new(ERR_INPUT, "listen: \"%.*s\": write an address and a port, as "
			       "\"127.0.0.1:8080\" or \"[::]:80\"", STR(entry));
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found;
	int failed = getaddrinfo(str_z(a, host), str_z(a, port), &hint, &found);
	if (failed)
		return err_new(ERR_INPUT, "listen: \"%.*s\": %s", STR(entry), gai_strerror(failed));
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*size = found->ai_addrlen;
	freeaddrinfo(found);
	return OK;
}

static bool same_address(const struct sockaddr_storage *x, const struct sockaddr_storage *y)
{
	uint8_t a[ADDRESS_BYTES], b[ADDRESS_BYTES];
	struct sockaddr_in in[2];
	if (x->ss_family != y->ss_family)
		return false;
	memcpy(&in[0], x, sizeof in[0]); /* the port stands at the same place in both families */
	memcpy(&in[1], y, sizeof in[1]);
	address_of((const struct sockaddr *)x, a);
	address_of((const struct sockaddr *)y, b);
	return in[0].sin_port == in[1].sin_port && memcmp(a, b, sizeof a) == 0;
}

static err_t open_socket(str_t entry, const struct sockaddr_storage *at, socklen_t size,
			 bool shared, int *out)
{
	int on = 1, off = 0;
	int fd = socket(at->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(errno, "listen at %.*s", STR(entry));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted sockets inherit it */
	if (at->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, (const struct sockaddr *)at, size) < 0 ||
	    (shared && listen(fd, BACKLOG) < 0)) {
		err_t e = err_errno(errno, "listen at %.*s", STR(entry));
		close(fd);
		return e;
	}
	*out = fd;
	return OK;
}

/* Sockets that share an address do so with any process of the same user: a second publication at one
 * address would silently be given half of the first one's readers. One that does not share finds out. */
static err_t refuse_taken(str_t entry, const struct sockaddr_storage *at, socklen_t size)
{
	int fd = -1;
	TRY(open_socket(entry, at, size, false, &fd));
	close(fd);
	return OK;
}

/* -- opening --------------------------------------------------------------------------------- */

static err_t use_given(struct server *v, const struct sockaddr_storage *at,
		       const struct transport *transport, int *given, size_t ngiven, size_t *used)
{
	for (size_t i = 0; i < ngiven; i++) {
		struct sockaddr_storage its = { 0 };
		socklen_t size = sizeof its;
		if (given[i] < 0 || getsockname(given[i], (struct sockaddr *)&its, &size) < 0 ||
		    !same_address(at, &its))
			continue;
		int fd = given[i];
		given[i] = -1;
		TRY(attach(v->loops[(*used)++ % v->nloops], fd, transport));
	}
	return OK;
}

static str_t address_shown(struct server *v, const struct sockaddr_storage *at)
{
	uint8_t address[ADDRESS_BYTES];
	char text[46];
	struct sockaddr_in in;
	memcpy(&in, at, sizeof in);
	address_of((const struct sockaddr *)at, address);
	address_text(address, text);
	str_t host = str_of(text);
	if (str_eq(host, S("::")) || str_eq(host, S("0.0.0.0")))
		host = S("localhost");
	unsigned port = ntohs(in.sin_port);
	return str_find_char(host, ':', 0) == STR_NONE
		       ? str_format(v->a, "%.*s:%u", STR(host), port)
		       : str_format(v->a, "[%.*s]:%u", STR(host), port);
}

static err_t open_entry(struct server *v, str_t entry, const struct transport *transport,
			int *given, size_t ngiven, str_t *first)
{
	struct sockaddr_storage at = { 0 };
	socklen_t size;
	size_t used = 0;
	TRY(resolve(v->a, entry, &at, &size));
	TRY(use_given(v, &at, transport, given, ngiven, &used));
	if (!used)
		TRY(refuse_taken(entry, &at, size));
	for (; used < v->nloops; used++) {
		int fd = -1;
		TRY(open_socket(entry, &at, size, true, &fd));
		/* Port 0 is chosen once; the other loops share it. */
		getsockname(fd, (struct sockaddr *)&at, &size);
		TRY(attach(v->loops[used], fd, transport));
	}
	if (!first->p)
		*first = address_shown(v, &at);
	return OK;
}

err_t listeners_open(struct server *v, str_t list, const struct transport *transport, int *given,
		     size_t ngiven, str_t *first)
{
	for (str_t entry; (entry = list_next(&list)).p;)
		TRY(open_entry(v, entry, transport, given, ngiven, first));
	return OK;
}
