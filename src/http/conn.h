/* conn.h: one connection, between the socket and a protocol.
 *
 *	uv_tcp  <->  transport: plain | TLS  <->  protocol: HTTP/1.1 | HTTP/2  <->  exchanges
 *
 * A connection belongs to one loop and is touched by no other thread. The transport turns what comes
 * from the socket into the protocol's bytes and back; the protocol turns bytes into exchanges
 * (exchange.h), one after another (HTTP/1.1) or many at a time (HTTP/2). TLS chooses the protocol
 * when its handshake is over.
 *
 * Whatever ends a connection goes through conn_close; after it `closing` is set, the memory stays
 * until the loop's next turn, and no callback comes any more. So code that called something that
 * may close looks at c->closing before it goes on. */
#pragma once

#include "http/http.h"
#include "http/limits.h"

#include <uv.h>

struct conn;
struct exchange;
struct loop;
struct event;

enum sent {
	SENT,      /* all of it is with the kernel */
	SENDING,   /* the rest goes out as the client reads; `sent` of the protocol is called then */
	SEND_FAILED, /* the connection is closed */
};

struct transport {
	/* A new connection; plain calls conn_speak at once, TLS after its handshake. */
	void (*open)(struct conn *c);
	/* Bytes from the socket; decoded, they go to c->protocol->received. */
	void (*received)(struct conn *c, str_t bytes);
	/* See conn_send. */
	enum sent (*send)(struct conn *c, const uv_buf_t *v, unsigned n, unsigned changing);
	/* What conn_send_raw was SENDING has gone out. */
	void (*sent)(struct conn *c);
	/* Says goodbye (TLS: close_notify) before the sending side is shut down. */
	void (*finish)(struct conn *c);
	/* The deadline passed, or the server stops, before a protocol was chosen. */
	void (*due)(struct conn *c);
	/* Lets go of c->tls; the last call. */
	void (*closed)(struct conn *c);
};
extern const struct transport transport_plain;
extern const struct transport transport_tls;

struct protocol {
	void (*open)(struct conn *c);
	void (*received)(struct conn *c, str_t bytes);
	void (*ended)(struct conn *c);   /* the client sends no more */
	void (*sent)(struct conn *c);    /* what was SENDING is out */
	void (*due)(struct conn *c);     /* the deadline of conn_due passed */
	void (*drain)(struct conn *c);   /* the server stops: finish what was begun, then close */
	void (*closed)(struct conn *c);  /* the connection is gone: leave its exchanges */
	void (*answered)(struct exchange *x); /* x->reply is made; maybe in the call that ran it */
	/* An event for the stream of `x`. May end this one stream if it is too far behind, but no
	 * other: those are being walked. */
	void (*event)(struct exchange *x, struct event *e);
};
extern const struct protocol protocol_h1;
extern const struct protocol protocol_h2;

/* What HTTP/1.1 keeps of a connection; see h1.h. */
enum h1_state { H1_IDLE, H1_HEAD, H1_BODY, H1_WORK, H1_WRITE, H1_STREAM, H1_LINGER };
struct h1 {
	enum h1_state     state;
	bool              close;   /* after this reply */
	bool              paused;  /* enough was read ahead */
	bool              busy;    /* its input is being processed further up the stack */
	bool              fetched; /* what comes next of a file was brought in by a thread */
	char             *in;      /* input not yet processed, malloced; NULL while there is none */
	size_t            n, cap;
	size_t            let_go;  /* bytes, while lingering */
	int64_t           moved;   /* bytes of this stretch of the body */
	struct exchange  *x;
	struct h1_fetch  *fetch;   /* a read of a file that is under way */
	struct h1_events *events;  /* of a stream whose client is behind */
};

struct conn {
	uv_tcp_t                tcp; /* first: libuv hands it to us */
	struct loop            *loop;
	struct conn            *next, *before; /* all of the loop */
	const struct transport *transport;
	const struct protocol  *protocol; /* NULL during a handshake */
	struct tls_conn        *tls;      /* the transport's */
	union {
		struct h1 h1;
		struct h2_conn *h2;
	};
	struct conn *wheel_next, **wheel_link; /* the deadline's place; see loop.h */
	uint64_t     due, slot;                /* in ticks */
	bool         closing;
	bool         ended;   /* the client sends no more */
	bool         sending; /* a conn_send_raw is on its way */
	bool         secure;  /* TLS here */
	bool         trusted; /* the peer is a proxy whose X-Forwarded-For we believe */
	bool         counted;
	uint8_t      peer_key[16]; /* for counting by address */
	char         peer[46];     /* its address as text */
};

/* Takes over the accepted socket `fd`; closes it if there is no room. */
struct sockaddr;
void conn_accept(struct loop *l, int fd, const struct sockaddr *peer,
		 const struct transport *transport);

/* The transport is ready: from now on the connection speaks this. */
void conn_speak(struct conn *c, const struct protocol *p);

/* Sends through the transport. One at a time: after SENDING the memory has to stay, and nothing more
 * be sent, until the protocol's `sent`. The first `changing` buffers need not stay (they are copied
 * if it takes longer). At most CONN_BUFFERS. */
#define CONN_BUFFERS 16
static inline enum sent conn_send(struct conn *c, const uv_buf_t *v, unsigned n, unsigned changing)
{
	return c->transport->send(c, v, n, changing);
}

/* The same below the transport; for transports. */
enum sent conn_send_raw(struct conn *c, const uv_buf_t *v, unsigned n, unsigned changing);

/* Sets the one deadline of the connection, from now; it replaces the one before. */
void conn_due(struct conn *c, usec_t after);
void conn_never_due(struct conn *c);

/* Reading stops and goes on; for a client that sends faster than it is answered. */
void conn_pause(struct conn *c);
void conn_resume(struct conn *c);

/* Shuts the sending side down after what was sent; reading goes on (lingering close). */
void conn_finish(struct conn *c);

/* Ends it at once. */
void conn_close(struct conn *c);
