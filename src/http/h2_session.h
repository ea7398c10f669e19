/* h2_session.h: what h2.c (the session) and h2_request.c (its requests) share. */
#pragma once

#include "http/h2.h"
#include "http/limits.h"

#include <nghttp2/nghttp2.h>

struct h2_shared {
	const struct h2_host      *host;
	const struct limits       *limits;
	nghttp2_session_callbacks *callbacks;
	nghttp2_option            *option;
	struct h2_stream          *spare; /* closed ones, for the next */
	size_t                     nspare;
};

struct h2_stream {
	struct h2        *h;
	struct h2_stream *next, *before; /* of the session's open streams */
	int32_t           id;
	void             *exchange;

	struct request *q;
	size_t          head_bytes, header_cap;
	str_t           authority, host, path;
	int             status;    /* what to refuse the request with; 0: fine */
	bool            head_done, body_done, reply_done;
	usec_t          head_by, body_by, write_by; /* deadlines; 0: not running */
	int64_t         body_bytes;

	struct reply *reply;
	char         *backlog; /* of an event stream: not yet sent */
	size_t        nbacklog, backlog_cap;
	bool          ending;  /* with what is in it */
};

struct h2 {
	struct h2_shared *shared;
	void             *connection;
	nghttp2_session  *ng;
	struct h2_stream *streams;
	size_t            nstreams;
	usec_t            now, idle_since;
	bool              broken;   /* nothing more can be read or sent */
	bool              stopping, last_call; /* GOAWAY announced; and sent with the last stream */
	usec_t            stop_at;

	double calm; /* points of nuisance left */
	usec_t calm_at;

	char  *out; /* where h2_pull is writing */
	size_t nout, cap;
	str_t  rest; /* of nghttp2's: did not fit */
};

/* Charges the client; ends the session when it cannot pay. */
void h2_nuisance(struct h2 *h, int points);

struct h2_stream *h2_stream_of(struct h2 *h, int32_t id);

/* Takes it out of the session, tells the host, frees it. */
void h2_stream_gone(struct h2_stream *s);

/* Callbacks of nghttp2 about requests. */
int h2_on_begin_headers(nghttp2_session *ng, const nghttp2_frame *f, void *session);
int h2_on_header(nghttp2_session *ng, const nghttp2_frame *f, nghttp2_rcbuf *name,
		 nghttp2_rcbuf *value, uint8_t flags, void *session);
int h2_on_invalid_header(nghttp2_session *ng, const nghttp2_frame *f, nghttp2_rcbuf *name,
			 nghttp2_rcbuf *value, uint8_t flags, void *session);
int h2_on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *data, size_t n,
	       void *session);
int h2_on_frame(nghttp2_session *ng, const nghttp2_frame *f, void *session);
