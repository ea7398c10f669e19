/* serving.h: a server with a small site, in this process, and clients that say exactly what a test
 * wants them to say.
 *
 *	/fast     a finished answer of some 20 KB, brotli and gzip beside it
 *	/echo     what the handler saw: method, path, client, fields, uploads, JSON, body
 *	/slow     after 300 ms
 *	/held     when the test has set let_go
 *	/file     a file of 300,000 bytes (byte i is 'a' + i % 26)
 *	/big      8 MB from memory
 *	/greedy   asks for more memory than a request may have
 *	/events   an event stream on the topic "front"; begins with what Last-Event-ID it was given
 */
#pragma once

#include "base/config.h"
#include "http/limits.h"
#include "http/server.h"

#include <pthread.h>

struct serving {
	arena_t        *a;
	struct config   config;
	struct log      log;
	struct limits   limits;
	struct answer  *page;
	struct server  *server;
	pthread_t       thread;
	int             port;
	char            folder[64];
	int            *listeners; /* to take over */
	size_t          nlisteners;
	_Atomic int     served;    /* requests that reached a handler */
	_Atomic int     held;      /* that reached /held */
	_Atomic bool    let_go;    /* and may be answered */
};

#define FILE_SIZE 300000
#define BIG_SIZE  (8 << 20)

/* Defaults with short deadlines and a tick of 20 ms; change what the test is about, then begin. */
void serving_prepare(struct serving *s);
void serving_begin(struct serving *s);
void serving_end(struct serving *s); /* stops it and waits */

/* The rest of the test's life as a client. Every wait ends after twenty seconds with what there is. */
int    client_connect(const struct serving *s);
int    client_try(const struct serving *s); /* -1 if nobody listens */
void   client_send(int fd, str_t bytes);
str_t  client_read(arena_t *a, int fd, size_t most); /* until `most` bytes, or the end */
str_t  client_read_all(arena_t *a, int fd);          /* until the server closes */
str_t  client_reply(arena_t *a, int fd);             /* one reply with its Content-Length */
bool   client_is_closed(int fd, usec_t within);      /* the server closes, and says nothing before */

/* One request on a connection of its own; all that comes until the server closes. Sends no more
 * (half-closes) behind it. */
str_t ask(struct serving *s, str_t request);
/* GET with a Host and further header lines ("name: value\r\n"). */
str_t get(struct serving *s, const char *path, const char *headers);

int   reply_status(str_t reply); /* 0 if there is none */
str_t reply_field(arena_t *a, str_t reply, const char *name); /* {NULL, 0} if it is not there */
str_t reply_content(str_t reply);
