/* await.h: waiting for what must come, and not for some time in which it may have.
 *
 * How long it takes is the machine's affair: a wait fails the test only after a minute. What goes on
 * in the server is seen from outside, in the kernel's table of TCP sockets (IPv4). */
#pragma once

#include "base/clock.h"

#include <stddef.h>

#define AWAIT(condition)                                                                           \
	do {                                                                                       \
		usec_t by_ = clock_steady() + 60 * SECOND;                                         \
		while (!(condition))                                                               \
			await_more(by_, #condition, __FILE__, __LINE__);                           \
	} while (0)

/* A moment; after `by`, the test fails and says what never came. */
void await_more(usec_t by, const char *what, const char *file, int line);

/* The other side has read all that was sent. */
void await_read(int fd);
/* Something was sent to us that we have not read. */
void await_bytes(int fd);
/* No socket listens on the port: a server with these sockets stops, and each of its loops knows. */
void await_nobody_listens(int port);
