/* server.h: sockets, loops and workers: everything between the wire and a handler. */
#pragma once

#include "base/config.h"
#include "http/http.h"
#include "http/limits.h"

struct server;

/* What the server asks of the publication. All are called from several threads. */
struct site {
	void *ctx;

	/* On a loop, must not block or allocate much: a finished answer for this GET or HEAD, with a
	 * reference for the caller, or NULL to let a worker make it. */
	struct answer *(*fast)(void *ctx, const struct request *q);

	/* On a worker: answer the request, errors included (the site draws its own error pages).
	 * `worker` is this thread's own state from worker_begin. */
	void (*serve)(void *ctx, void *worker, struct request *q, struct response *r);

	/* On a loop, before a body (`length`, -1: not announced) is read: where it shall go, or NULL for
	 * memory within the common limits. With *status set the request is refused. May be NULL. */
	struct sink *(*sink)(void *ctx, struct request *q, int64_t length, int *status,
			     const char **why);

	void *(*worker_begin)(void *ctx);
	void (*worker_end)(void *ctx, void *worker);
};

struct server_options {
	const struct config *config;
	const struct log    *log;
	struct site          site;
	const char          *folder;    /* certificates are relative to it */
	int                 *listeners; /* handed over by the process before, or NULL */
	size_t               nlisteners;
	const struct limits *limits;    /* NULL: those of limits.h */
};

/* Binds, loads certificates, starts nothing yet. */
err_t server_new(const struct server_options *o, struct server **out) CHECKED;

/* Serves until server_stop; blocks. */
err_t server_run(struct server *v) CHECKED;

/* From a signal handler's loop or any thread. Stop accepting, answer what was begun, close. */
void server_stop(struct server *v);

/* Reads certificates anew (SIGHUP); on an error the old ones stay. */
err_t server_reload(struct server *v) CHECKED;

/* The listening sockets, for handing over to the next process. */
size_t server_listeners(const struct server *v, int *fds, size_t most);

/* They were handed over: stopping leaves them to the other process. */
void server_handed_over(struct server *v);

/* Sends an event to every stream that listens to `topic`. From any thread; never blocks on a slow
 * client: one that is too far behind is dropped and comes back with Last-Event-ID. `id` may be 0. */
void server_event(struct server *v, str_t topic, str_t name, str_t data, int64_t id);

/* The same, and then the streams that listen to `topic` end: there will be no more. */
void server_event_last(struct server *v, str_t topic, str_t name, str_t data, int64_t id);

/* The address people can open ("http://127.0.0.1:8080"), after server_new. */
const char *server_address(const struct server *v);

void server_free(struct server *v);
