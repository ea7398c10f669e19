/* control.h: a socket by which commands on this machine talk to a running server.
 *
 * A client connects to a Unix socket, writes one line and reads one: "ok", or "error: " and why. Only
 * the server's own user (and root) is heard. Each conversation has a thread of its own, so a long one
 * keeps nobody waiting. */
#pragma once

#include "base/base.h"

struct control_command {
	const char *line;
	/* May go on talking on `socket` before it returns; what it returns becomes the last line. */
	err_t (*run)(void *ctx, int socket);
	void *ctx;
};

struct control;

/* Listens at `path`, taking the place of whatever is there. `commands` (ended by one without a line)
 * and what they point to stay until control_close. */
err_t control_open(const char *path, const struct control_command *commands,
		   const struct log *log, struct control **out) CHECKED;

/* Ends conversations; removes the socket unless another process has put its own there. NULL is fine.
 * Not from within a command. */
void control_close(struct control *c);

/* The other side: says `line` and waits for the answer. ERR_MISSING if nobody listens. */
err_t control_ask(const char *path, const char *line, usec_t patience) CHECKED;

/* For those who go on talking: a connection to `path`; a line written and a line read (without its
 * end), within `patience`. */
err_t control_connect(const char *path, int *socket) CHECKED;
err_t control_write(int socket, const char *line) CHECKED;
err_t control_read(int socket, usec_t patience, char *line, size_t size) CHECKED;
/* "ok" is OK; "error: ..." that error; anything else another. */
err_t control_verdict(const char *line) CHECKED;
