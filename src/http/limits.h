/* limits.h: every bound of this room in one place, each with its reason.
 *
 * Sizes are bytes. Deadlines are absolute: they run from the first byte of what they bound, and a
 * trickle does not push them out. */
#pragma once

#include "base/clock.h"

/* -- paths, queries, forms ------------------------------------------------------------------- */

#define LIMIT_SEGMENTS     32   /* of a path: our deepest route has five */
#define LIMIT_QUERY_FIELDS 64   /* of a query: our largest (search) has ten */
#define LIMIT_FORM_FIELDS  512  /* of a form: the front page's planning desk sends some 300 */
#define LIMIT_FIELD_NAME   256  /* of a form's field name */
#define LIMIT_COOKIES      64   /* in one request: browsers keep about 180 a site, we set three */

/* -- multipart ------------------------------------------------------------------------------- */

#define LIMIT_PART_HEAD    4096        /* header lines of one part; browsers send about 200 bytes */
#define LIMIT_PART_LINES   16          /* header lines of one part */
#define LIMIT_FIELD_VALUE  (1 << 20)   /* a field that is no file: a very long story is 300 KB */
#define LIMIT_UPLOADS      64          /* files of one form: a gallery */
#define LIMIT_UPLOAD_SPILL (64 * 1024) /* a file larger than this goes to disk while it arrives */

/* -- conditional requests and ranges --------------------------------------------------------- */

#define LIMIT_ETAGS       64 /* in If-Match or If-None-Match; a cache has few versions of a page */
#define LIMIT_RANGE_SPECS 32 /* in Range before joining; a player asks for one, a reader of PDF 10 */
#define LIMIT_RANGES      8  /* after joining; more is answered with the whole */
#define RANGE_GAP         80 /* ranges nearer than this cost less as one (RFC 9110 section 15.3.7.2) */

/* -- heads and bodies, for both protocols ---------------------------------------------------- */

#define LIMIT_TARGET  8192        /* path and query: what browsers and proxies take for granted */
#define LIMIT_HEADERS 100         /* fields in one request; browsers send about 20 */
#define LIMIT_HEAD    (32 * 1024) /* all fields of one request; large cookies reach 8 KiB */

/* -- deadlines ------------------------------------------------------------------------------- */

#define DEADLINE_HANDSHAKE (10 * SECOND) /* of TLS: three round trips on the worst of phones */
#define DEADLINE_HEAD      (10 * SECOND) /* from the first byte of a request to the end of its head */
#define DEADLINE_BODY      (30 * SECOND) /* and for its body, plus LIMIT_SLOWEST for the size */
#define DEADLINE_WRITE     (30 * SECOND) /* from a reply to its end, plus LIMIT_SLOWEST as well */
#define DEADLINE_IDLE      (60 * SECOND) /* a connection without a request */
#define LIMIT_SLOWEST      4096          /* bytes a second that a reader on a bad line must take */

#define LIMIT_TICKET_AGE   (12 * HOUR)   /* a key makes session tickets so long, opens them twice */

/* -- event streams --------------------------------------------------------------------------- */

#define LIMIT_EVENTS_KEPT   128         /* for streams that open just now: milliseconds of the wildest day */
#define LIMIT_EVENT_BACKLOG (64 * 1024) /* unsent; further behind, coming back is cheaper */

/* -- HTTP/2 ---------------------------------------------------------------------------------- */

#define LIMIT_H2_STREAMS      100           /* at a time; browsers want at least 100 */
#define LIMIT_H2_STREAM_WIN   (256 * 1024)  /* of an upload: a megabyte in four round trips */
#define LIMIT_H2_CONN_WIN     (1024 * 1024) /* of all uploads of a connection */
#define LIMIT_H2_SETTINGS     16            /* entries in a SETTINGS frame; there are seven */
#define LIMIT_H2_FIELDS       60            /* in a reply */

/* Nuisance: frames that cost us more than their sender. A connection may save up so many points
 * and regains so many a second; whoever runs out is told to calm down and closed. A browser that
 * leaves a page of 100 pictures pays 400 at once; Rapid Reset (CVE-2023-44487) runs dry in 5 ms. */
#define LIMIT_H2_NUISANCE     1000
#define LIMIT_H2_NUISANCE_SEC 100
#define NUISANCE_RESET        4  /* a stream reset by either side before its end */
#define NUISANCE_PING         4
#define NUISANCE_SETTINGS     20
#define NUISANCE_EMPTY        4  /* DATA without bytes and without an end */
#define NUISANCE_REFUSED      2  /* a request refused for its head */

/* -- HTTP/1.1 -------------------------------------------------------------------------------- */

#define LIMIT_CHUNK_LINE 256         /* of a chunk: size and extensions, which nobody uses */
#define LIMIT_TRAILERS   4096        /* all trailer fields; we read none */
#define LIMIT_PIPELINED  (64 * 1024) /* read ahead of the request being answered */
#define LIMIT_LINGER     (32 << 20)  /* bytes let go after a refusal, so that it can be read */

/* -- bodies ---------------------------------------------------------------------------------- */

#define LIMIT_BODY           (2 << 20)   /* of a form or JSON: a very long story and its markup */
#define LIMIT_MULTIPART      (168 << 20) /* four of the largest pictures; see config picture_mb */
#define LIMIT_JSON_DEPTH     64          /* the editor's deepest document has about 20 */
#define LIMIT_REQUEST_MEMORY (96 << 20)  /* of the arena of one request, its page included */

/* -- connections, threads, stopping ---------------------------------------------------------- */

#define LIMIT_CONNECTIONS 50000 /* in all; each idle one is under a kilobyte here, 3 in the kernel */
#define LIMIT_PER_CLIENT  512   /* of one address (IPv6: a /64); a school behind one address fits */
#define LIMIT_PER_LOCAL   LIMIT_CONNECTIONS /* of this machine: usually a proxy, told to us or not */
#define LIMIT_WAITERS   8     /* workers more than it takes: they wait for passwords to be checked */
#define LIMIT_QUEUE       1024  /* requests waiting for a worker: about a second of work */
#define LIMIT_RETRY_AFTER 2     /* seconds to come back in, said when that queue is full */
#define LIMIT_CONTROL     256   /* a line on the control socket */

#define DEADLINE_LINGER     (3 * SECOND)  /* for the client to have read our last words */
#define DEADLINE_DRAIN      (25 * SECOND) /* of stopping in all; systemd kills after 90 */
#define DEADLINE_DRAIN_IDLE (SECOND / 2)  /* for requests on their way to idle connections */
#define DEADLINE_DRAIN_OPEN (SECOND / 5)  /* for handshakes that were under way: a long round trip */
#define DEADLINE_TICK       SECOND        /* how often deadlines are looked at */
#define HEARTBEAT           (20 * SECOND) /* of event streams; proxies cut silence after 30 to 60 */

/* Those of the above that a test makes smaller. */
struct limits {
	size_t target, head, headers;
	int64_t body, multipart;
	size_t connections, per_client, per_local, queue, event_backlog;
	usec_t handshake, head_by, body_by, write_by, idle, linger, drain, drain_idle, tick;
	usec_t heartbeat;
	int64_t slowest;
};
#define LIMITS_DEFAULT                                                                             \
	((struct limits){                                                                          \
		.target = LIMIT_TARGET, .head = LIMIT_HEAD, .headers = LIMIT_HEADERS,              \
		.body = LIMIT_BODY, .multipart = LIMIT_MULTIPART,                                  \
		.connections = LIMIT_CONNECTIONS, .per_client = LIMIT_PER_CLIENT,                  \
		.per_local = LIMIT_PER_LOCAL,                                                      \
		.queue = LIMIT_QUEUE, .event_backlog = LIMIT_EVENT_BACKLOG,                        \
		.handshake = DEADLINE_HANDSHAKE, .head_by = DEADLINE_HEAD,                         \
		.body_by = DEADLINE_BODY, .write_by = DEADLINE_WRITE, .idle = DEADLINE_IDLE,       \
		.linger = DEADLINE_LINGER, .drain = DEADLINE_DRAIN,                                \
		.drain_idle = DEADLINE_DRAIN_IDLE, .tick = DEADLINE_TICK,                          \
		.heartbeat = HEARTBEAT, .slowest = LIMIT_SLOWEST,                                  \
	})
