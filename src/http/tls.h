/* tls.h: TLS 1.2 and 1.3 on one connection: bytes in, bytes out.
 *
 * Like an HTTP/2 session, a link touches no socket: its owner feeds it what came and takes what is
 * to be sent from a sink, a buffer of the loop's that all its links share. Certificate and key are
 * held once for all loops and can be read anew while links are open. */
#pragma once

#include "base/base.h"

struct tls;

/* Reads the certificate chain and its key, PEM files relative to `folder`. A certificate that has
 * expired or soon will is a warning in the log. Both names, `folder` and `log` outlive it. */
err_t tls_new(const char *folder, const char *certificate, const char *key, const struct log *log,
	      struct tls **out) CHECKED;

/* Reads both files again, from any thread; on an error the old ones stay. */
err_t tls_reload(struct tls *t) CHECKED;
void  tls_free(struct tls *t);

/* Where what is to be sent is put; the owner sends p[0..n) and sets n to 0. Every call below wants
 * it with at least TLS_SINK_ROOM free. */
#define TLS_SINK_ROOM ((size_t)96 * 1024)
struct tls_sink {
	char  *p;
	size_t n, cap;
};

struct tls_link;
err_t tls_begin(struct tls *t, struct tls_link **out) CHECKED;
void  tls_end(struct tls_link *l);

enum tls_state {
	TLS_SHAKING, /* hands; for at most DEADLINE_HANDSHAKE */
	TLS_OPEN,
	TLS_ENDED,   /* the client said close_notify */
	TLS_FAILED,  /* send what is in the sink (an alert), then close */
};
enum tls_state tls_state(const struct tls_link *l);

/* Hands over what came from the socket; then call tls_read until it gives 0. */
void   tls_feed(struct tls_link *l, str_t bytes);
size_t tls_read(struct tls_link *l, char *plain, size_t n, struct tls_sink *sink);

/* At most TLS_WRITE_MOST bytes at once. False if the link is not open. */
#define TLS_WRITE_MOST ((size_t)64 * 1024)
bool tls_write(struct tls_link *l, str_t plain, struct tls_sink *sink);

/* Says close_notify, if there is anybody to say it to. */
void tls_close(struct tls_link *l, struct tls_sink *sink);

/* Whether the client chose HTTP/2 (ALPN); else it is HTTP/1.1. */
bool tls_is_h2(const struct tls_link *l);
