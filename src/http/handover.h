/* handover.h: one process takes over from another without a refused connection.
 *
 *	new                                   old (on its control socket)
 *	"listeners"                     ->
 *	                                <-    "taking N", with the N listening sockets
 *	serves on them, opens its own control socket
 *	"accepting"                     ->
 *	                                <-    "ok"; stops: answers what was begun, and ends
 *
 * Both have the same sockets meanwhile, so a connection always finds somebody. If the new process
 * fails, its end of the conversation closes and the old one goes on as if nothing had been. */
#pragma once

#include "http/control.h"

struct server;

#define HANDOVER_LINE "listeners" /* the control command that is handover_offer */
#define HANDOVER_MOST 200         /* sockets; the kernel carries 253 in one message */

/* A control_command's `run`; `ctx` is this. */
struct handover {
	struct server *server;
	void (*taken)(void *ctx); /* the other is accepting: begin to stop */
	void *ctx;
};
err_t handover_offer(void *handover, int socket) CHECKED;

/* Asks the process whose control socket is at `path`. `*n` sockets arrive in `fds` (room for
 * HANDOVER_MOST); keep `*socket` for handover_done. ERR_MISSING if nobody serves there. */
err_t handover_take(const char *path, int *fds, size_t *n, int *socket) CHECKED;

/* We are accepting: the other may stop. Closes `socket`. */
err_t handover_done(int socket) CHECKED;
