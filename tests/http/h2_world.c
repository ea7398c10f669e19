/* h2_world.c: see h2_world.h. */
#include "h2_world.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static char page[1 << 20];

/* -- the site -------------------------------------------------------------------------------- */

static void *begin(void *connection, struct h2_stream *s, struct request **q)
{
	struct world *w = connection;
	if (w->refuse_from && w->begun - w->gone >= w->refuse_from)
		return NULL;
	arena_t *a = arena_create(1 << 22);
	struct exchange *x = arena_new(a, struct exchange);
	*x = (struct exchange){ .a = a, .w = w, .s = s, .q.a = a, .reply.file = -1 };
	x->body = buf_new(a, 0);
	*q = &x->q;
	w->begun++;
	return x;
}

static void reply_body(struct exchange *x, int status, str_t body)
{
	struct response r = { .status = status, .file = -1, .body = body };
	reply_make(&x->reply, &x->q, &r);
	h2_reply(x->s, &x->reply, S("Thu, 10 Feb 2022 18:37:00 GMT"), x->w->now);
}

static void serve(struct exchange *x)
{
	struct world *w = x->w;
	str_t path = x->q.path;
	struct response r = { .file = -1 };
	if (str_eq(path, S("/never")))
		return;
	if (str_eq(path, S("/page")) || str_eq(path, S("/big"))) {
		reply_answer(&x->reply, &x->q, answer_keep(str_eq(path, S("/big")) ? w->big : w->page));
	} else if (str_eq(path, S("/echo"))) {
		reply_body(x, 200, buf_str(&x->body));
		return;
	} else if (str_eq(path, S("/small"))) {
		reply_body(x, 200, S("small"));
		return;
	} else if (str_eq(path, S("/events"))) {
		strs_add(x->a, &r.stream, S("front"));
		reply_make(&x->reply, &x->q, &r);
		w->stream = x;
	} else if (str_eq(path, S("/file"))) {
		r.file = dup(w->file);
		response_header(&x->q, &r, "Content-Type", S("text/plain"));
		reply_make(&x->reply, &x->q, &r);
	} else {
		reply_body(x, 404, S("not here"));
		return;
	}
	h2_reply(x->s, &x->reply, S("Thu, 10 Feb 2022 18:37:00 GMT"), w->now);
}

static void head(void *exchange, int status, bool ends)
{
	struct exchange *x = exchange;
	struct world *w = x->w;
	w->last_status = status;
	w->last_headers = x->q.nheaders;
	if (status) {
		reply_text(&x->reply, x->a, status, "refused");
		h2_reply(x->s, &x->reply, S("Thu, 10 Feb 2022 18:37:00 GMT"), w->now);
		return;
	}
	w->last_path = str_copy(w->a, x->q.path);
	w->last_host = str_copy(w->a, x->q.host);
	w->last_cookie = str_copy(w->a, request_cookie(&x->q, "b"));
	if (str_eq(x->q.path, S("/early")))
		reply_body(x, 413, S("too large"));
	else if (ends)
		serve(x);
}

static void body(void *exchange, str_t bytes)
{
	struct exchange *x = exchange;
	buf_add(&x->body, bytes);
}

static void end(void *exchange)
{
	serve(exchange);
}

static void gone(void *exchange)
{
	struct exchange *x = exchange;
	struct world *w = x->w;
	w->gone++;
	if (w->stream == x)
		w->stream = NULL;
	reply_drop(&x->reply);
	arena_free(x->a);
}

static const struct h2_host host = { begin, head, body, end, gone };

void world_begin(struct world *w)
{
	*w = (struct world){ .now = 1000 * SECOND, .limits = LIMITS_DEFAULT };
	for (size_t i = 0; i < sizeof page; i++)
		page[i] = (char)('a' + (i * 7919 >> 5) % 26);
	struct answer_draft d = { .type = S("image/x"), .body = str_from(page, 12000) };
	assert_null(answer_new(&d, &w->page));
	d.body = str_from(page, sizeof page);
	assert_null(answer_new(&d, &w->big));
	w->a = arena_create(0);
	w->file = open(__FILE__, O_RDONLY | O_CLOEXEC);
	if (w->file < 0)
		w->file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_null(h2_shared_new(&host, &w->limits, &w->shared));
	assert_null(h2_new(w->shared, w, w->now, &w->h));
}

void world_end(struct world *w)
{
	nghttp2_session_del(w->client);
	h2_free(w->h);
	assert_int_equal(w->begun, w->gone);
	h2_shared_free(w->shared);
	answer_drop(w->page);
	answer_drop(w->big);
	arena_free(w->a);
	close(w->file);
}

/* -- the client ------------------------------------------------------------------------------ */

static int on_header(nghttp2_session *ng, const nghttp2_frame *f, const uint8_t *name, size_t n,
		     const uint8_t *value, size_t nvalue, uint8_t flags, void *ctx)
{
	(void)ng, (void)f, (void)flags;
	struct world *w = ctx;
	int64_t status;
	if (str_eq(str_from((const char *)name, n), S(":status")) &&
	    str_int(str_from((const char *)value, nvalue), &status)) {
		w->answers++;
		w->status = (int)status;
	}
	return 0;
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
		   void *ctx)
{
	(void)ng, (void)flags, (void)id, (void)p;
	((struct world *)ctx)->bytes += n;
	return 0;
}

static int on_frame(nghttp2_session *ng, const nghttp2_frame *f, void *ctx)
{
	(void)ng;
	struct world *w = ctx;
	if (f->hd.type == NGHTTP2_RST_STREAM) {
		w->resets++;
		w->reset_code = f->rst_stream.error_code;
	}
	if (f->hd.type == NGHTTP2_GOAWAY) {
		w->goaway = true;
		w->goaway_code = f->goaway.error_code;
	}
	if ((f->hd.type == NGHTTP2_DATA || f->hd.type == NGHTTP2_HEADERS) &&
	    f->hd.flags & NGHTTP2_FLAG_END_STREAM)
		w->ended++;
	return 0;
}

void world_client(struct world *w, uint32_t window)
{
	nghttp2_session_callbacks *c;
	nghttp2_settings_entry settings = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window };
	assert_int_equal(nghttp2_session_callbacks_new(&c), 0);
	nghttp2_session_callbacks_set_on_header_callback(c, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
	assert_int_equal(nghttp2_session_client_new(&w->client, c, w), 0);
	nghttp2_session_callbacks_del(c);
	assert_int_equal(nghttp2_submit_settings(w->client, 0, &settings, 1), 0);
}

static bool to_server(struct world *w)
{
	const uint8_t *p;
	ssize_t n = nghttp2_session_mem_send(w->client, &p);
	assert_true(n >= 0);
	if (n && !w->closed)
		w->closed = !h2_feed(w->h, str_from((const char *)p, (size_t)n), w->now);
	return n > 0;
}

static bool to_client(struct world *w)
{
	char out[H2_PULL_LEAST + 1000];
	size_t n = w->stalled ? 0 : h2_pull(w->h, out, sizeof out, w->now);
	if (n)
		nghttp2_session_mem_recv(w->client, (const uint8_t *)out, n);
	return n > 0;
}

void world_pump(struct world *w)
{
	bool moved;
	do {
		moved = to_server(w);
		moved |= to_client(w);
	} while (moved);
}

bool world_raw(struct world *w, const void *p, size_t n, struct buf *out)
{
	char scratch[H2_PULL_LEAST];
	bool open = h2_feed(w->h, str_from(p, n), w->now);
	for (size_t got; (got = h2_pull(w->h, scratch, sizeof scratch, w->now));)
		if (out)
			buf_add(out, str_from(scratch, got));
	return open && !h2_done(w->h);
}

static size_t add(nghttp2_nv *nv, size_t n, const char *name, const char *value)
{
	nv[n] = (nghttp2_nv){ (uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
			      strlen(value), 0 };
	return n + 1;
}

int32_t world_get(struct world *w, const char *path, ...)
{
	nghttp2_nv nv[300];
	size_t n = add(nv, 0, ":method", "GET");
	n = add(nv, n, ":scheme", "https");
	n = add(nv, n, ":authority", "example.org");
	n = add(nv, n, ":path", path);
	va_list ap;
	va_start(ap, path);
	for (const char *name; n < 300 && (name = va_arg(ap, const char *));)
		n = add(nv, n, name, va_arg(ap, const char *));
	va_end(ap);
	return nghttp2_submit_request(w->client, NULL, nv, n, NULL, NULL);
}

static ssize_t read_body(nghttp2_session *ng, int32_t id, uint8_t *buf, size_t most,
			 uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
	(void)ng, (void)id, (void)ctx;
	str_t *left = source->ptr;
	size_t n = left->n < most ? left->n : most;
	memcpy(buf, left->p, n);
	*left = str_slice(*left, n, left->n);
	if (!left->n)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

int32_t world_post(struct world *w, const char *path, str_t text)
{
	nghttp2_nv nv[4];
	size_t n = add(nv, 0, ":method", "POST");
	n = add(nv, n, ":scheme", "https");
	n = add(nv, n, ":authority", "example.org");
	n = add(nv, n, ":path", path);
	str_t *left = arena_new(w->a, str_t);
	*left = text;
	nghttp2_data_provider provider = { .source.ptr = left, .read_callback = read_body };
	return nghttp2_submit_request(w->client, NULL, nv, n, &provider, NULL);
}

int32_t world_head(struct world *w, const char *path)
{
	nghttp2_nv nv[4];
	size_t n = add(nv, 0, ":method", "HEAD");
	n = add(nv, n, ":scheme", "https");
	n = add(nv, n, ":authority", "example.org");
	n = add(nv, n, ":path", path);
	return nghttp2_submit_request(w->client, NULL, nv, n, NULL, NULL);
}
