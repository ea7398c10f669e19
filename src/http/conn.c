/* conn.c: see conn.h. */
#include "http/conn.h"

#include "http/clients.h"
#include "http/serving.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void closed(uv_handle_t *handle)
{
	struct conn *c = (struct conn *)handle;
	struct loop *l = c->loop;
	if (c->before)
		c->before->next = c->next;
	else
		l->conns = c->next;
	if (c->next)
		c->next->before = c->before;
	l->nconns--;
	atomic_fetch_sub_explicit(&l->server->connections, 1, memory_order_relaxed);
	if (c->counted)
		clients_leave(l->server->clients, c->peer_key);
	free(c);
	loop_settle(l);
}

void conn_close(struct conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	wheel_take(c);
	if (c->protocol)
		c->protocol->closed(c);
	c->transport->closed(c);
	uv_close((uv_handle_t *)&c->tcp, closed);
}

/* -- reading --------------------------------------------------------------------------------- */

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)suggested;
	*buf = uv_buf_init(((struct conn *)handle)->loop->input, LOOP_INPUT);
}

static void take_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct conn *c = (struct conn *)stream;
	if (n > 0) {
		c->transport->received(c, str_from(buf->base, (size_t)n));
	} else if (n == UV_EOF) {
		c->ended = true;
		if (c->protocol)
			c->protocol->ended(c);
		else
			conn_close(c);
	} else if (n < 0) {
		conn_close(c);
	}
}

void conn_pause(struct conn *c)
{
	uv_read_stop((uv_stream_t *)&c->tcp);
}

void conn_resume(struct conn *c)
{
	if (!c->closing && !c->ended && uv_read_start((uv_stream_t *)&c->tcp, give_buffer, take_bytes))
		conn_close(c);
}

/* -- beginning ------------------------------------------------------------------------------- */

/* Said to one client too many; it fits any socket buffer. */
static void turn_away(int fd)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n"
				   "retry-after: 5\r\ncontent-length: 0\r\n\r\n";
	ssize_t ignored = send(fd, busy, sizeof busy - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)ignored;
	close(fd);
}

static bool has_room(struct conn *c)
{
	struct server *v = c->loop->server;
	if (atomic_fetch_add_explicit(&v->connections, 1, memory_order_relaxed) >=
	    v->limits.connections)
		return false;
	if (!c->trusted) /* a proxy stands for many */
		c->counted = clients_enter(v->clients, c->peer_key,
					   address_is_local(c->peer_key) ? v->limits.per_local
									 : v->limits.per_client);
	return c->trusted || c->counted;
}

static void link_conn(struct loop *l, struct conn *c)
{
	c->next = l->conns;
	if (c->next)
		c->next->before = c;
	l->conns = c;
	l->nconns++;
}

void conn_accept(struct loop *l, int fd, const struct sockaddr *peer,
		 const struct transport *transport)
{
	struct conn *c = calloc(1, sizeof *c);
	if (!c) {
		turn_away(fd);
		return;
	}
	c->loop = l;
	c->transport = transport;
	address_of(peer, c->peer_key);
	address_text(c->peer_key, c->peer);
	c->trusted = proxies_trust(l->server->proxies, c->peer_key);
	if (!has_room(c)) {
		atomic_fetch_sub_explicit(&l->server->connections, 1, memory_order_relaxed);
		free(c);
		turn_away(fd);
		return;
	}
	link_conn(l, c);
	uv_tcp_init(&l->uv, &c->tcp);
	int failed = uv_tcp_open(&c->tcp, fd);
	if (failed)
		close(fd);
	conn_resume(c);
	if (failed)
		conn_close(c);
	if (!c->closing)
		transport->open(c);
}

void conn_speak(struct conn *c, const struct protocol *p)
{
	c->protocol = p;
	p->open(c);
}

/* -- sending --------------------------------------------------------------------------------- */

/* What the kernel did not take at once. */
struct rest {
	uv_write_t req;
	char       copied[];
};

static void rest_sent(uv_write_t *req, int status)
{
	struct conn *c = (struct conn *)req->handle;
	free(req->data);
	c->sending = false;
	if (status < 0)
		conn_close(c);
	else if (!c->closing)
		c->transport->sent(c);
}

static enum sent send_rest(struct conn *c, uv_buf_t *v, unsigned n, unsigned changing)
{
	size_t copy = 0;
	for (unsigned i = 0; i < changing; i++)
		copy += v[i].len;
	struct rest *rest = malloc(sizeof *rest + copy);
	if (!rest) {
		conn_close(c);
		return SEND_FAILED;
	}
	char *to = rest->copied;
	for (unsigned i = 0; i < changing; i++) {
		memcpy(to, v[i].base, v[i].len);
		v[i].base = to;
		to += v[i].len;
	}
	rest->req.data = rest;
	c->sending = true;
	if (uv_write(&rest->req, (uv_stream_t *)&c->tcp, v, n, rest_sent)) {
		c->sending = false;
		free(rest);
		conn_close(c);
		return SEND_FAILED;
	}
	return SENDING;
}

enum sent conn_send_raw(struct conn *c, const uv_buf_t *v, unsigned n, unsigned changing)
{
	size_t all = 0;
	for (unsigned i = 0; i < n; i++)
		all += v[i].len;
	int got = uv_try_write((uv_stream_t *)&c->tcp, v, n);
	if (got >= 0 && (size_t)got == all)
		return SENT;
	if (got < 0 && got != UV_EAGAIN) {
		conn_close(c);
		return SEND_FAILED;
	}
	uv_buf_t left[CONN_BUFFERS];
	unsigned nleft = 0, nchanging = 0;
	size_t skip = got > 0 ? (size_t)got : 0;
	for (unsigned i = 0; i < n; i++) {
		size_t gone = skip < v[i].len ? skip : v[i].len;
		skip -= gone;
		if (gone == v[i].len)
			continue;
		left[nleft++] = uv_buf_init(v[i].base + gone, (unsigned)(v[i].len - gone));
		nchanging += i < changing;
	}
	return send_rest(c, left, nleft, nchanging);
}

void conn_finish(struct conn *c)
{
	uv_os_fd_t fd;
	c->transport->finish(c);
	if (!c->closing && uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0)
		shutdown(fd, SHUT_WR);
}

/* -- deadlines ------------------------------------------------------------------------------- */

void conn_due(struct conn *c, usec_t after)
{
	struct loop *l = c->loop;
	usec_t tick = l->limits->tick;
	if (after < 0)
		after = 0;
	wheel_put(l, c, (uint64_t)((loop_now(l) + after) / tick) + 1);
}

void conn_never_due(struct conn *c)
{
	wheel_take(c);
}

/* -- the plain transport --------------------------------------------------------------------- */

static void plain_open(struct conn *c)
{
	conn_speak(c, &protocol_h1);
}

static void plain_received(struct conn *c, str_t bytes)
{
	c->protocol->received(c, bytes);
}

static void plain_sent(struct conn *c)
{
	c->protocol->sent(c);
}

static void plain_nothing(struct conn *c)
{
	(void)c;
}

const struct transport transport_plain = {
	.open = plain_open,
	.received = plain_received,
	.send = conn_send_raw,
	.sent = plain_sent,
	.finish = plain_nothing,
	.due = conn_close,
	.closed = plain_nothing,
};
