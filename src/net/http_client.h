/* http_client.h: the one way out: HTTP requests to other people's servers.
 *
 * Called from jobs, never while a reader waits: a stranger's server may take as long as it likes.
 * So everything is bounded: time in all, time without progress, bytes, redirects. Only http and
 * https; TLS is checked. The address that a name leads to is judged at the moment of connecting, so
 * that no name, redirect or second answer of a name server brings us into our own network
 * (server-side request forgery): private, loopback, link-local and other special addresses are
 * refused unless `private_allowed`.
 *
 * An answer with any status is an answer; an error is that there was none (ERR_BUSY where it may help
 * to try again, ERR_REFUSED where it will not, ERR_TOO_LARGE). */
#pragma once

#include "base/base.h"

struct http_field {
	const char *name;
	str_t       value;
};

struct http_call {
	const char              *method;  /* NULL: GET, or POST with a body */
	str_t                    url;
	str_t                    type;    /* of the body */
	str_t                    body;    /* .p NULL: none */
	const struct http_field *fields;  /* more header fields, ended by one without a name */
	usec_t                   within;  /* all of it; 0: HTTP_WITHIN */
	size_t                   most;    /* bytes of the answer's body; 0: HTTP_MOST */
	int                      redirects; /* followed at most, GET only; 0: none */
	bool                     private_allowed;
	const char              *authorities; /* PEM file to trust instead of the system's; NULL: those */
};

#define HTTP_WITHIN (20 * SECOND) /* a hub that takes longer is asked again later */
#define HTTP_MOST   ((size_t)1 << 20)

struct http_result {
	int   status;
	str_t type;  /* content-type; empty if none */
	str_t body;
	str_t url;   /* where it came from in the end */
};

/* All strings of the result in `a`. */
err_t http_call(arena_t *a, const struct http_call *call, struct http_result *out) CHECKED;

/* Whether the host of an address is one that the world can reach, as far as its name tells: false for
 * "localhost", names without a dot, ".local", ".internal", ".test" and the like, and for addresses
 * that http_call refuses. */
bool http_is_public(str_t url);

/* For both, and for tests: a socket address (struct sockaddr) outside of every special range. */
struct sockaddr;
bool address_is_public(const struct sockaddr *sa);
