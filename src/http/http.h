/* http.h: requests, responses, routes.
 *
 * A connection belongs to one event loop (libuv). The loop parses a request (llhttp or nghttp2),
 * asks the site's `fast` function for a finished answer (the page cache), and writes it. What is
 * not there goes with its whole body to a worker, which runs the route's handler as plain,
 * blocking C; the finished response returns to the loop. A handler never sees HTTP/1 or HTTP/2,
 * only these structs. Everything in a request lives in its arena. */
#pragma once

#include "base/base.h"
#include "http/answer.h"

#include <jansson.h>

struct stet; /* the running publication; this room only hands it on */

enum method { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, METHOD_OTHER };

struct header {
	str_t name; /* lower case in requests */
	str_t value;
};

/* A name and a value from a query or a form, decoded. */
struct param {
	str_t name;
	str_t value;
};
struct params {
	struct param *v;
	size_t        n;
};
/* The first value of that name; {NULL, 0} if there is none. */
str_t params_get(const struct params *p, const char *name);

/* One file of a multipart form. Small ones are in memory, larger ones in a file without a name
 * that vanishes with the request. */
struct upload {
	str_t   field;
	str_t   filename; /* as sent; never a path to use */
	str_t   type;
	str_t   bytes;    /* if in memory; .p is NULL otherwise */
	int     fd;       /* if not, open for reading at its start; else -1 */
	int64_t size;
};

/* Where a body goes, as it arrives, that is too large for memory: a file, as a rule. `take` runs on the
 * loop and returns 0 or the status to refuse with. Whoever made it lets go of it with the request's
 * arena. */
struct sink {
	int (*take)(struct sink *s, str_t bytes, const char **why);
};

struct request {
	arena_t        *a;
	enum method     method;
	str_t           path;    /* decoded, canonical: no "..", no "//", no query */
	str_t           target;  /* as sent: path and query */
	struct params   query;
	struct params   route;   /* from the pattern: ":slug" */
	struct header  *headers;
	size_t          nheaders;
	str_t           host;    /* as sent, without a port's default */
	str_t           client;  /* address, after trusted proxies; never logged */
	bool            secure;  /* TLS here, or at a trusted proxy */
	struct params   form;    /* urlencoded or multipart fields */
	struct upload  *uploads;
	size_t          nuploads;
	json_t         *json;    /* a JSON body; freed with the arena */
	str_t           body;    /* any other body, in memory */
	struct sink    *sink;    /* or where the site had it go */
};

/* {NULL, 0} if it is not there; several of one name are joined with ", " (RFC 9110 section 5.3). */
str_t request_header(const struct request *q, const char *lower_name);
str_t request_cookie(const struct request *q, const char *name);

/* What a handler fills. Unset: status 200, no headers. Exactly one body is used. */
struct response {
	int            status;
	struct header *headers;
	size_t         nheaders;
	str_t          body;    /* in the request's arena */
	struct answer *answer;  /* or a finished answer, one reference of which is given away */
	int            file;    /* or this file (closed by the server), ranges and all; -1: none */
	str_t          file_etag;
	usec_t         file_modified;
	struct strs    stream;  /* or an event stream on these topics; it begins with `body`, */
	int64_t        stream_after; /* which tells of all to the event of this id: later ones follow
				      * without a gap, none comes twice; 0: those from now on */
};
void response_header(struct request *q, struct response *r, const char *name, str_t value);
void response_redirect(struct request *q, struct response *r, int status, str_t location);

typedef err_t (*handler_fn)(struct stet *s, struct request *q, struct response *r);

/* A pattern is a path of literals and ":names", a name taking one segment: "/:section/:slug".
 * A name may have a literal tail: "/:slug.json". Literals win over names; a table ends with a
 * NULL pattern. */
struct route {
	enum method method;
	const char *pattern;
	handler_fn  handler;
};

struct router;
/* Compiles tables of routes; an impossible or doubled pattern is an error that names it. */
err_t router_new(const struct route *const *tables, struct router **out) CHECKED;
void  router_free(struct router *r);

enum routed {
	ROUTED,
	ROUTED_NOT_FOUND,
	ROUTED_WRONG_METHOD,
	ROUTED_WITHOUT_SLASH, /* there is nothing here, but there is without the '/' at the end */
};
/* On ROUTED fills q->route. On ROUTED_WRONG_METHOD `allow` lists the methods ("GET, HEAD, OPTIONS"):
 * the answer to OPTIONS is 204 with it, to others 405. HEAD is served by GET. */
enum routed router_find(const struct router *r, struct request *q, handler_fn *out, str_t *allow);
