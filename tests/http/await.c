/* await.c: see await.h. */
#include "await.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { ESTABLISHED = 1, LISTEN = 10 }; /* the table's states */

/* A line of the table. */
struct entry {
	unsigned port, peer, state, unread;
};

void await_more(usec_t by, const char *what, const char *file, int line)
{
	if (clock_steady() > by)
		fail_msg("%s:%d: waited a minute in vain: %s", file, line, what);
	usleep(1000);
}

static FILE *table(void)
{
	FILE *f = fopen("/proc/net/tcp", "re");
	if (!f)
		fail_msg("/proc/net/tcp cannot be read");
	return f;
}

static bool next(FILE *f, struct entry *e)
{
	char line[256];
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "%*u: %*x:%x %*x:%x %x %*x:%x", &e->port, &e->peer, &e->state,
			   &e->unread) == 4)
			return true;
	return false; /* the first line is a heading */
}

static unsigned port_of(int fd, int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in at = { 0 };
	socklen_t n = sizeof at;
	assert_int_equal(name(fd, (struct sockaddr *)&at, &n), 0);
	return ntohs(at.sin_port);
}

/* First what is under way: what has not arrived is not yet the other's to read. */
static bool has_read(unsigned other, unsigned ours, int fd)
{
	int under_way = 0;
	struct entry e;
	bool all = false;
	assert_int_equal(ioctl(fd, SIOCOUTQ, &under_way), 0);
	FILE *f = table();
	while (next(f, &e))
		if (e.port == other && e.peer == ours && e.state == ESTABLISHED)
			all = !under_way && !e.unread;
	fclose(f);
	return all;
}

void await_read(int fd)
{
	unsigned other = port_of(fd, getpeername), ours = port_of(fd, getsockname);
	AWAIT(has_read(other, ours, fd));
}

void await_bytes(int fd)
{
	char c;
	AWAIT(recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 1);
}

static bool listens(unsigned port)
{
	struct entry e;
	bool found = false;
	FILE *f = table();
	while (next(f, &e))
		found = found || (e.port == port && e.state == LISTEN);
	fclose(f);
	return found;
}

void await_nobody_listens(int port)
{
	AWAIT(!listens((unsigned)port));
}
