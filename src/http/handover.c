/* handover.c: see handover.h. */
#include "http/handover.h"

#include "http/limits.h"
#include "http/server.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define STARTING (60 * SECOND) /* that the new process has, migrations of its store included */
#define ANSWER   (5 * SECOND)

union rights {
	struct cmsghdr head;
	char           space[CMSG_SPACE(HANDOVER_MOST * sizeof(int))];
};

static err_t send_sockets(int socket, const int *fds, size_t n)
{
	char line[32];
	int size = snprintf(line, sizeof line, "taking %zu\n", n);
	union rights rights = { 0 };
	struct iovec v = { line, (size_t)size };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = rights.space,
			    .msg_controllen = CMSG_SPACE(n * sizeof *fds) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof *fds);
	memcpy(CMSG_DATA(c), fds, n * sizeof *fds);
	if (sendmsg(socket, &m, MSG_NOSIGNAL) != (ssize_t)size)
		return err_errno(errno, "hand over the listening sockets");
	return OK;
}

err_t handover_offer(void *ctx, int socket)
{
	struct handover *h = ctx;
	int fds[HANDOVER_MOST];
	char line[LIMIT_CONTROL + 1];
	size_t n = server_listeners(h->server, fds, HANDOVER_MOST);
	if (!n)
		return err_new(ERR_CONFLICT, "there is nothing to hand over: it is stopping");
	TRY(send_sockets(socket, fds, n));
	TRY(err_wrap(control_read(socket, STARTING, line, sizeof line),
		     "the process that wanted to take over did not"));
	if (strcmp(line, "accepting") != 0)
		return err_new(ERR_SYSTEM, "the process that wanted to take over says: %s", line);
	server_handed_over(h->server);
	h->taken(h->ctx);
	return OK;
}

/* What came with the message; all of it ours from now on. */
static size_t take_rights(struct msghdr *m, int *fds)
{
	size_t n = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		size_t many = (c->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
		for (size_t i = 0; i < many && n < HANDOVER_MOST; i++, n++)
			memcpy(&fds[n], CMSG_DATA(c) + i * sizeof *fds, sizeof *fds);
	}
	return n;
}

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

static err_t receive_sockets(int socket, int *fds, size_t *n)
{
	char line[LIMIT_CONTROL + 1] = "";
	union rights rights = { 0 };
	struct iovec v = { line, sizeof line - 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = rights.space,
			    .msg_controllen = sizeof rights.space };
	struct timeval patience = { .tv_sec = ANSWER / SECOND };
	setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	ssize_t got = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	if (got < 0)
		return err_errno(errno, "take over the listening sockets");
	*n = take_rights(&m, fds);
	str_t text = str_trim(str_from(line, (size_t)got)), count = text;
	int64_t said = -1;
	if (str_starts(text, S("taking ")) && str_int(str_slice(count, 7, count.n), &said) &&
	    (size_t)said == *n && *n && !(m.msg_flags & MSG_CTRUNC))
		return OK;
	close_all(fds, *n);
	*n = 0;
	if (str_starts(text, S("error: ")))
		return err_new(ERR_SYSTEM, "the running server says: %.*s",
			       STR(str_slice(text, 7, text.n)));
	return err_new(ERR_SYSTEM, "the running server did not hand its sockets over");
}

err_t handover_take(const char *path, int *fds, size_t *n, int *socket)
{
	int fd = -1;
	*n = 0;
	TRY(control_connect(path, &fd));
	err_t e = control_write(fd, HANDOVER_LINE);
	if (!e)
		e = receive_sockets(fd, fds, n);
	if (e)
		close(fd);
	else
		*socket = fd;
	return e;
}

err_t handover_done(int socket)
{
	char line[LIMIT_CONTROL + 1];
	err_t e = control_write(socket, "accepting");
	if (!e)
		e = control_read(socket, ANSWER, line, sizeof line);
	if (!e)
		e = control_verdict(line);
	close(socket);
	return e;
}
