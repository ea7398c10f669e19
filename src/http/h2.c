/* h2.c: see h2.h. One pass of h2_pull writes control frames, heads and content one behind another
 * into the owner's buffer, so that TLS records are full and a turn of the loop costs one write;
 * content goes there straight from where the reply keeps it. */
#include "http/h2_session.h"

#include <stdlib.h>

struct h2_stream *h2_stream_of(struct h2 *h, int32_t id)
{
	return nghttp2_session_get_stream_user_data(h->ng, id);
}

void h2_nuisance(struct h2 *h, int points)
{
	double earned = (double)(h->now - h->calm_at) * LIMIT_H2_NUISANCE_SEC / SECOND;
	h->calm_at = h->now;
	h->calm = h->calm + earned > LIMIT_H2_NUISANCE ? LIMIT_H2_NUISANCE : h->calm + earned;
	h->calm -= points;
	if (h->calm < 0)
		nghttp2_session_terminate_session(h->ng, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* -- what nghttp2 sends ---------------------------------------------------------------------- */

static bool has_room(const struct h2 *h, size_t n)
{
	return h->cap - h->nout >= n;
}

static void put(struct h2 *h, const void *p, size_t n)
{
	memcpy(h->out + h->nout, p, n);
	h->nout += n;
}

static ssize_t content_length(nghttp2_session *ng, int32_t id, uint8_t *buf, size_t most,
			      uint32_t *flags, nghttp2_data_source *source, void *session)
{
	(void)ng, (void)id, (void)buf, (void)session;
	struct h2_stream *s = source->ptr;
	int64_t left = s->reply->events ? (int64_t)s->nbacklog : reply_left(s->reply);
	if (s->reply->events && !left && !s->ending)
		return NGHTTP2_ERR_DEFERRED;
	if (left)
		*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (left > (int64_t)most)
		return (ssize_t)most;
	if (!s->reply->events || s->ending)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)left;
}

static int send_content(nghttp2_session *ng, nghttp2_frame *f, const uint8_t *head, size_t n,
			nghttp2_data_source *source, void *session)
{
	(void)ng, (void)f;
	struct h2 *h = session;
	struct h2_stream *s = source->ptr;
	if (!has_room(h, 9 + n))
		return NGHTTP2_ERR_WOULDBLOCK;
	if (s->reply->events) {
		put(h, head, 9);
		put(h, s->backlog, n);
		s->nbacklog -= n;
		memmove(s->backlog, s->backlog + n, s->nbacklog);
		return 0;
	}
	if (reply_read(s->reply, h->out + h->nout + 9, n) != (int64_t)n)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* resets the stream */
	put(h, head, 9);
	h->nout += n;
	return 0;
}

static int on_sent(nghttp2_session *ng, const nghttp2_frame *f, void *session)
{
	(void)ng;
	struct h2 *h = session;
	if (f->hd.type == NGHTTP2_RST_STREAM && f->rst_stream.error_code != NGHTTP2_NO_ERROR) {
		/* Also what the client made us reset by breaking rules (CVE-2025-8671). */
		h2_nuisance(h, NUISANCE_RESET);
		return 0;
	}
	if ((f->hd.type != NGHTTP2_DATA && f->hd.type != NGHTTP2_HEADERS) ||
	    !(f->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	struct h2_stream *s = h2_stream_of(h, f->hd.stream_id);
	if (!s)
		return 0;
	s->reply_done = true;
	if (!s->body_done) /* answered early: the rest of the body is not wanted (RFC 9113 8.1) */
		nghttp2_submit_rst_stream(h->ng, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_NO_ERROR);
	return 0;
}

static int on_stream_close(nghttp2_session *ng, int32_t id, uint32_t code, void *session)
{
	(void)ng, (void)code;
	struct h2_stream *s = h2_stream_of(session, id);
	if (s)
		h2_stream_gone(s);
	return 0;
}

/* -- what sessions share --------------------------------------------------------------------- */

err_t h2_shared_new(const struct h2_host *host, const struct limits *limits, struct h2_shared **out)
{
	struct h2_shared *s = calloc(1, sizeof *s);
	if (!s || nghttp2_session_callbacks_new(&s->callbacks) || nghttp2_option_new(&s->option)) {
		h2_shared_free(s);
		return err_new(ERR_MEMORY, "no memory for HTTP/2");
	}
	s->host = host;
	s->limits = limits;
	nghttp2_session_callbacks *c = s->callbacks;
	nghttp2_session_callbacks_set_on_begin_headers_callback(c, h2_on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback2(c, h2_on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback2(c, h2_on_invalid_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, h2_on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, h2_on_frame);
	nghttp2_session_callbacks_set_on_frame_send_callback(c, on_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, on_stream_close);
	nghttp2_session_callbacks_set_send_data_callback(c, send_content);
	nghttp2_option_set_no_closed_streams(s->option, 1);
	nghttp2_option_set_max_settings(s->option, LIMIT_H2_SETTINGS);
	nghttp2_option_set_max_outbound_ack(s->option, 100);
	*out = s;
	return OK;
}

void h2_shared_free(struct h2_shared *s)
{
	if (!s)
		return;
	while (s->spare) {
		struct h2_stream *next = s->spare->next;
		free(s->spare);
		s->spare = next;
	}
	nghttp2_session_callbacks_del(s->callbacks);
	nghttp2_option_del(s->option);
	free(s);
}

/* -- a session ------------------------------------------------------------------------------- */

err_t h2_new(struct h2_shared *shared, void *connection, usec_t now, struct h2 **out)
{
	const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, LIMIT_H2_STREAMS },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, LIMIT_H2_STREAM_WIN },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)shared->limits->head },
		{ NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
	};
	struct h2 *h = calloc(1, sizeof *h);
	if (!h)
		return err_new(ERR_MEMORY, "no memory for an HTTP/2 session");
	*h = (struct h2){ .shared = shared, .connection = connection, .now = now,
			  .idle_since = now, .calm = LIMIT_H2_NUISANCE, .calm_at = now };
	if (nghttp2_session_server_new2(&h->ng, shared->callbacks, h, shared->option) ||
	    nghttp2_submit_settings(h->ng, NGHTTP2_FLAG_NONE, settings, COUNT(settings)) ||
	    nghttp2_session_set_local_window_size(h->ng, NGHTTP2_FLAG_NONE, 0,
						  LIMIT_H2_CONN_WIN)) {
		nghttp2_session_del(h->ng);
		free(h);
		return err_new(ERR_MEMORY, "no memory for an HTTP/2 session");
	}
	*out = h;
	return OK;
}

void h2_free(struct h2 *h)
{
	if (!h)
		return;
	while (h->streams)
		h2_stream_gone(h->streams);
	nghttp2_session_del(h->ng);
	free(h);
}

bool h2_feed(struct h2 *h, str_t bytes, usec_t now)
{
	h->now = now;
	if (h->broken)
		return false;
	ssize_t n = nghttp2_session_mem_recv(h->ng, (const uint8_t *)bytes.p, bytes.n);
	if (n < 0) /* not HTTP/2 at all, a flood that nghttp2 stopped, or no memory */
		h->broken = true;
	return !h->broken && nghttp2_session_want_read(h->ng);
}

size_t h2_pull(struct h2 *h, char *out, size_t n, usec_t now)
{
	h->now = now;
	h->out = out;
	h->nout = 0;
	h->cap = n;
	while (!h->broken) {
		if (h->rest.n) {
			size_t fits = h->rest.n < n - h->nout ? h->rest.n : n - h->nout;
			put(h, h->rest.p, fits);
			h->rest = str_slice(h->rest, fits, h->rest.n);
			if (h->rest.n)
				break;
		}
		const uint8_t *p;
		ssize_t got = nghttp2_session_mem_send(h->ng, &p);
		if (got < 0)
			h->broken = true;
		if (got <= 0)
			break;
		h->rest = str_from((const char *)p, (size_t)got);
	}
	return h->nout;
}

bool h2_wants_write(const struct h2 *h)
{
	return !h->broken && (h->rest.n || nghttp2_session_want_write(h->ng));
}

bool h2_done(const struct h2 *h)
{
	return h->broken || (!h->rest.n && !nghttp2_session_want_read(h->ng) &&
			     !nghttp2_session_want_write(h->ng));
}

size_t h2_streams(const struct h2 *h)
{
	return h->nstreams;
}

usec_t h2_idle_since(const struct h2 *h)
{
	return h->idle_since;
}

void h2_end(struct h2 *h)
{
	nghttp2_session_terminate_session(h->ng, NGHTTP2_NO_ERROR);
}

void h2_stop(struct h2 *h)
{
	if (h->stopping)
		return;
	h->stopping = true;
	h->stop_at = h->now;
	nghttp2_submit_shutdown_notice(h->ng);
}

/* The second half of a graceful end: by now the client knows (RFC 9113 section 6.8). */
static void say_last_call(struct h2 *h)
{
	if (!h->stopping || h->last_call || h->now - h->stop_at < SECOND / 2)
		return;
	h->last_call = true;
	nghttp2_submit_goaway(h->ng, NGHTTP2_FLAG_NONE,
			      nghttp2_session_get_last_proc_stream_id(h->ng), NGHTTP2_NO_ERROR, NULL,
			      0);
}

static bool is_late(const struct h2_stream *s, usec_t now)
{
	usec_t more = s->body_bytes * SECOND / s->h->shared->limits->slowest;
	return (s->head_by && now > s->head_by) || (s->body_by && now > s->body_by + more) ||
	       (s->write_by && now > s->write_by);
}

bool h2_tick(struct h2 *h, usec_t now)
{
	h->now = now;
	if (h->broken)
		return false;
	for (struct h2_stream *s = h->streams; s; s = s->next) {
		if (!is_late(s, now))
			continue;
		if (s->head_by) { /* nothing else can come before this head ends */
			nghttp2_session_terminate_session(h->ng, NGHTTP2_ENHANCE_YOUR_CALM);
			break;
		}
		h2_reset(s);
		s->body_by = s->write_by = 0;
	}
	say_last_call(h);
	return nghttp2_session_want_read(h->ng);
}

/* -- replies --------------------------------------------------------------------------------- */

static nghttp2_nv field_of(str_t name, str_t value, uint8_t flags)
{
	return (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name.p, .namelen = name.n,
			     .value = (uint8_t *)(uintptr_t)value.p, .valuelen = value.n,
			     .flags = flags };
}

void h2_reply(struct h2_stream *s, struct reply *reply, str_t date, usec_t now)
{
	/* An event stream gives its request's memory back before all this is sent. */
	uint8_t kept = reply->events ? NGHTTP2_NV_FLAG_NONE
				     : NGHTTP2_NV_FLAG_NO_COPY_NAME |
					       NGHTTP2_NV_FLAG_NO_COPY_VALUE;
	nghttp2_nv nv[LIMIT_H2_FIELDS + 1];
	size_t n = 0;
	s->reply = reply;
	s->body_by = 0;
	const struct limits *limits = s->h->shared->limits;
	if (!reply->events)
		s->write_by = now + limits->write_by +
			      reply_left(reply) * SECOND / limits->slowest;
	if (reply->nfields > LIMIT_H2_FIELDS) {
		h2_reset(s);
		return;
	}
	for (; n < reply->nfields; n++)
		nv[n] = field_of(reply->fields[n].name, reply->fields[n].value, kept);
	nv[n++] = field_of(S("date"), date, NGHTTP2_NV_FLAG_NO_COPY_NAME);
	nghttp2_data_provider content = { .source.ptr = s, .read_callback = content_length };
	bool empty = !reply->events && !reply_left(reply);
	if (nghttp2_submit_response(s->h->ng, s->id, nv, n, empty ? NULL : &content))
		h2_reset(s);
}

void h2_reset(struct h2_stream *s)
{
	nghttp2_submit_rst_stream(s->h->ng, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
}

void h2_last(struct h2_stream *s)
{
	s->ending = true;
	nghttp2_session_resume_data(s->h->ng, s->id);
}

bool h2_event(struct h2_stream *s, str_t bytes)
{
	if (s->nbacklog && s->nbacklog + bytes.n > s->h->shared->limits->event_backlog) {
		h2_reset(s);
		return false;
	}
	if (s->nbacklog + bytes.n > s->backlog_cap) {
		size_t cap = s->backlog_cap ? s->backlog_cap : 1024;
		while (cap < s->nbacklog + bytes.n)
			cap *= 2;
		char *p = realloc(s->backlog, cap);
		if (!p) {
			h2_reset(s);
			return false;
		}
		s->backlog = p;
		s->backlog_cap = cap;
	}
	memcpy(s->backlog + s->nbacklog, bytes.p, bytes.n);
	s->nbacklog += bytes.n;
	nghttp2_session_resume_data(s->h->ng, s->id);
	return true;
}
