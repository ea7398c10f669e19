/* h2_request.c: frames become requests.
 *
 * nghttp2 has checked the grammar (pseudo-header fields, content-length against the body, fields
 * that HTTP/2 forbids); here the head is copied into the request's arena within its limits. A head
 * past its limits is still read to its end, because the compression state of the connection
 * depends on it, but nothing more of it is kept. */
#include "http/h2_session.h"

#include "http/path.h"

#include <stdlib.h>

static void stream_free(struct h2_stream *s)
{
	struct h2_shared *shared = s->h->shared;
	if (shared->nspare >= 256) {
		free(s);
		return;
	}
	s->next = shared->spare;
	shared->spare = s;
	shared->nspare++;
}

static struct h2_stream *stream_new(struct h2 *h, int32_t id)
{
	struct h2_shared *shared = h->shared;
	struct h2_stream *s = shared->spare;
	if (s) {
		shared->spare = s->next;
		shared->nspare--;
	} else if (!(s = malloc(sizeof *s))) {
		return NULL;
	}
	*s = (struct h2_stream){ .h = h, .id = id, .head_by = h->now + shared->limits->head_by };
	return s;
}

static int refuse(struct h2 *h, int32_t id)
{
	nghttp2_submit_rst_stream(h->ng, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int h2_on_begin_headers(nghttp2_session *ng, const nghttp2_frame *f, void *session)
{
	struct h2 *h = session;
	if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	struct h2_stream *s = stream_new(h, f->hd.stream_id);
	if (!s)
		return refuse(h, f->hd.stream_id);
	s->exchange = h->shared->host->begin(h->connection, s, &s->q);
	if (!s->exchange) {
		stream_free(s);
		return refuse(h, f->hd.stream_id);
	}
	s->next = h->streams;
	if (s->next)
		s->next->before = s;
	h->streams = s;
	h->nstreams++;
	nghttp2_session_set_stream_user_data(ng, s->id, s);
	return 0;
}

void h2_stream_gone(struct h2_stream *s)
{
	struct h2 *h = s->h;
	if (s->before)
		s->before->next = s->next;
	else
		h->streams = s->next;
	if (s->next)
		s->next->before = s->before;
	h->nstreams--;
	h->idle_since = h->now;
	free(s->backlog);
	h->shared->host->gone(s->exchange);
	stream_free(s);
}

/* -- the head -------------------------------------------------------------------------------- */

static enum method method_of(str_t name)
{
	static const char *const names[METHOD_OTHER] = { "GET",   "HEAD",   "POST",   "PUT",
							 "PATCH", "DELETE", "OPTIONS" };
	for (int m = 0; m < METHOD_OTHER; m++)
		if (str_eq(name, str_of(names[m])))
			return (enum method)m;
	return METHOD_OTHER;
}

static void take_pseudo(struct h2_stream *s, str_t name, str_t value)
{
	if (str_eq(name, S(":method")))
		s->q->method = method_of(value);
	else if (str_eq(name, S(":path")))
		s->path = str_copy(s->q->a, value);
	else if (str_eq(name, S(":authority")))
		s->authority = str_copy(s->q->a, value);
}

static void take_field(struct h2_stream *s, str_t name, str_t value)
{
	struct request *q = s->q;
	if (q->nheaders == s->header_cap) {
		size_t cap = s->header_cap ? 2 * s->header_cap : 16;
		q->headers = arena_grow(q->a, q->headers, s->header_cap * sizeof *q->headers,
					cap * sizeof *q->headers);
		s->header_cap = cap;
	}
	str_t kept = str_copy(q->a, value);
	if (str_eq(name, S("host")))
		s->host = kept;
	q->headers[q->nheaders++] = (struct header){ str_copy(q->a, name), kept };
}

static str_t str_of_rcbuf(nghttp2_rcbuf *b)
{
	nghttp2_vec v = nghttp2_rcbuf_get_buf(b);
	return str_from((const char *)v.base, v.len);
}

int h2_on_header(nghttp2_session *ng, const nghttp2_frame *f, nghttp2_rcbuf *rcname,
		 nghttp2_rcbuf *rcvalue, uint8_t flags, void *session)
{
	(void)ng, (void)flags;
	struct h2_stream *s = h2_stream_of(session, f->hd.stream_id);
	if (!s || s->head_done)
		return 0; /* trailers say nothing to us */
	str_t name = str_of_rcbuf(rcname), value = str_of_rcbuf(rcvalue);
	s->head_bytes += name.n + value.n + 32; /* RFC 9113 section 6.5.2 */
	const struct limits *limits = s->h->shared->limits;
	if (s->head_bytes > limits->head || s->q->nheaders >= limits->headers)
		s->status = 431;
	if (str_eq(name, S(":path")) && value.n > limits->target)
		s->status = 414;
	if (s->status)
		return 0;
	struct oom_guard guard;
	if (arena_guard(s->q->a, &guard)) {
		s->status = 503;
		return 0;
	}
	if (name.n && name.p[0] == ':')
		take_pseudo(s, name, value);
	else
		take_field(s, name, value);
	arena_unguard(s->q->a, &guard);
	return 0;
}

int h2_on_invalid_header(nghttp2_session *ng, const nghttp2_frame *f, nghttp2_rcbuf *name,
			 nghttp2_rcbuf *value, uint8_t flags, void *session)
{
	(void)ng, (void)name, (void)value, (void)flags;
	struct h2_stream *s = h2_stream_of(session, f->hd.stream_id);
	if (s && !s->status)
		s->status = 400;
	return 0;
}

/* Authority and path become the request's; false if they are malformed. */
static bool take_target(struct h2_stream *s)
{
	str_t in_path;
	err_t e = target_parse(s->q, s->path, &in_path);
	if (e) {
		err_free(e);
		return false;
	}
	s->q->host = s->authority.n ? s->authority : s->host;
	if (in_path.p || !s->q->host.n)
		return false;
	return !s->authority.n || !s->host.n || str_eq_nocase(s->authority, s->host);
}

static void end_head(struct h2_stream *s, bool ends)
{
	struct h2 *h = s->h;
	struct oom_guard guard;
	s->head_done = true;
	s->head_by = 0;
	s->body_by = ends ? 0 : h->now + h->shared->limits->body_by;
	if (!s->status) {
		if (arena_guard(s->q->a, &guard)) {
			s->status = 503;
		} else {
			if (!take_target(s))
				s->status = 400;
			arena_unguard(s->q->a, &guard);
		}
	}
	if (s->status)
		h2_nuisance(h, NUISANCE_REFUSED);
	h->shared->host->head(s->exchange, s->status, ends);
}

/* -- the body -------------------------------------------------------------------------------- */

int h2_on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *data, size_t n,
	       void *session)
{
	(void)ng, (void)flags;
	struct h2_stream *s = h2_stream_of(session, id);
	if (!s || s->body_done || s->reply)
		return 0; /* answered before its end: what still comes is let go */
	s->body_bytes += (int64_t)n;
	s->h->shared->host->body(s->exchange, str_from((const char *)data, n));
	return 0;
}

static void end_body(struct h2_stream *s)
{
	if (s->body_done)
		return;
	s->body_done = true;
	s->body_by = 0;
	if (!s->reply)
		s->h->shared->host->end(s->exchange);
}

/* -- frames ---------------------------------------------------------------------------------- */

static int cost_of(const nghttp2_frame *f)
{
	bool ends = f->hd.flags & NGHTTP2_FLAG_END_STREAM;
	switch (f->hd.type) {
	case NGHTTP2_RST_STREAM: return NUISANCE_RESET;
	case NGHTTP2_PING: return NUISANCE_PING;
	case NGHTTP2_SETTINGS: return f->hd.flags & NGHTTP2_FLAG_ACK ? 0 : NUISANCE_SETTINGS;
	case NGHTTP2_DATA: return f->hd.length == f->data.padlen && !ends ? NUISANCE_EMPTY : 0;
	default: return 0; /* nghttp2 passes over PRIORITY and what it does not know */
	}
}

int h2_on_frame(nghttp2_session *ng, const nghttp2_frame *f, void *session)
{
	(void)ng;
	struct h2 *h = session;
	int cost = cost_of(f);
	if (cost)
		h2_nuisance(h, cost);
	if (f->hd.type != NGHTTP2_HEADERS && f->hd.type != NGHTTP2_DATA)
		return 0;
	struct h2_stream *s = h2_stream_of(h, f->hd.stream_id);
	if (!s)
		return 0;
	bool ends = f->hd.flags & NGHTTP2_FLAG_END_STREAM;
	if (f->hd.type == NGHTTP2_HEADERS && !s->head_done) {
		s->body_done = ends;
		end_head(s, ends);
	} else if (ends) {
		end_body(s);
	}
	return 0;
}
