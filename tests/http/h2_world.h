/* h2_world.h: an HTTP/2 session with a small site behind it, and a client that counts answers. */
#pragma once

#include "http/h2.h"
#include "http/limits.h"

#include <nghttp2/nghttp2.h>

struct exchange {
	arena_t          *a;
	struct world     *w;
	struct h2_stream *s;
	struct request    q;
	struct reply      reply;
	struct buf        body;
	int               status;
	bool              begun, ended;
};

/* The site: /page (12 KB answer), /big (1 MB), /small, /echo (the body back), /early (413 at the
 * head), /never (no reply), /events (a stream; its exchange is `w->stream`), /file (this test's
 * own source, a range of it if asked), else 404. */
struct world {
	struct h2_shared *shared;
	struct limits     limits;
	struct h2        *h;
	usec_t            now;
	struct answer    *page, *big;
	struct exchange  *stream;
	size_t            begun, gone, refuse_from; /* refuse_from: no exchange from that many open */
	str_t             last_path, last_host, last_cookie;
	int               last_status;
	size_t            last_headers;
	arena_t          *a;
	int               file;

	nghttp2_session *client;
	size_t           answers, resets, bytes, ended;
	int              status;        /* of the last answer */
	uint32_t         reset_code, goaway_code;
	bool             goaway, closed;
	bool             stalled;       /* the client reads nothing */
};

void world_begin(struct world *w);
void world_client(struct world *w, uint32_t window);
void world_end(struct world *w);

/* Moves bytes both ways until nothing moves. */
void world_pump(struct world *w);

/* What the server has to say, thrown away or kept in `out`. False once it wants to close. */
bool world_raw(struct world *w, const void *p, size_t n, struct buf *out);

/* A GET by the client; `fields`: name, value, ..., NULL behind the four pseudo-header fields. */
int32_t world_get(struct world *w, const char *path, ...) __attribute__((sentinel));
int32_t world_head(struct world *w, const char *path);
int32_t world_post(struct world *w, const char *path, str_t body);
