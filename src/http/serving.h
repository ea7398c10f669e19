/* serving.h: what a server is made of, for the files of this room that make it run. */
#pragma once

#include "http/loop.h"
#include "http/proxy.h"
#include "http/worker.h"

#include <stdatomic.h>

struct clients; /* connections by address; clients.h */
struct tls;     /* tls.h */

struct listener {
	uv_poll_t               poll; /* first: libuv hands it to us */
	struct loop            *loop;
	struct listener        *next;
	const struct transport *transport;
	int                     fd;
};

struct server {
	const struct config *config;
	const struct log    *log;
	struct site          site;
	const char          *folder;
	arena_t             *a; /* of what stays as long as the server */
	struct limits        limits;
	struct proxies      *proxies;
	struct clients      *clients;
	struct workers      *workers;
	struct tls          *tls; /* NULL without listen_tls */
	struct loop        **loops;
	size_t               nloops;
	int                 *listening; /* all listening sockets, for the next process */
	size_t               nlistening;
	const char          *address;
	atomic_size_t        connections;
	atomic_bool          stopping;
	atomic_bool          handed_over; /* its listening sockets are another process's now */
};
