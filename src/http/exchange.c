/* exchange.c: see exchange.h. */
#include "http/exchange.h"

#include "http/serving.h"

#include <stdlib.h>

#define POOL 128 /* kept for reuse by a loop */

struct exchange *exchange_new(struct loop *l, struct conn *c)
{
	struct exchange *x = l->pool;
	arena_t *a = NULL;
	if (x) {
		l->pool = x->next;
		l->npool--;
		a = x->q.a;
	} else {
		x = malloc(sizeof *x);
	}
	if (x && !a)
		a = arena_create(LIMIT_REQUEST_MEMORY);
	if (!x || !a) {
		free(x);
		return NULL;
	}
	memset(x, 0, sizeof *x);
	x->q.a = a;
	x->r.file = x->reply.file = -1;
	x->loop = l;
	x->conn = c;
	l->exchanges++;
	return x;
}

static void give_back(struct exchange *x)
{
	struct loop *l = x->loop;
	l->exchanges--;
	reply_drop(&x->reply);
	if (x->stream) {
		stream_close(l->streams, x->stream);
		x->stream = NULL;
	}
	if (!x->q.a || l->npool == POOL) {
		arena_free(x->q.a);
		free(x);
	} else {
		arena_reset(x->q.a);
		x->next = l->pool;
		l->pool = x;
		l->npool++;
	}
	loop_settle(l);
}

void exchange_leave(struct exchange *x)
{
	x->conn = NULL;
	if (x->working)
		atomic_store_explicit(&x->left, true, memory_order_relaxed);
	else
		give_back(x);
}

static int no_memory(const char **why)
{
	*why = "There is no memory for this request.";
	return 503;
}

/* The site may have a place of its own for a body. */
static int begin_body(struct exchange *x, int64_t length, const char **why)
{
	const struct server *v = x->loop->server;
	int status = 0;
	if (length && v->site.sink)
		x->q.sink = v->site.sink(v->site.ctx, &x->q, length, &status, why);
	if (!x->q.sink)
		return status ? status : body_begin(&x->body, &x->q, length, &v->limits, v->folder, why);
	x->body = (struct body){ .kind = BODY_SINK };
	return 0;
}

int exchange_begin(struct exchange *x, int64_t length, const char **why)
{
	const struct server *v = x->loop->server;
	struct oom_guard guard;
	if (arena_guard(x->q.a, &guard))
		return no_memory(why);
	x->q.client = str_copy(x->q.a, str_of(x->conn->peer));
	x->q.secure = x->conn->secure;
	if (x->conn->trusted)
		proxies_read(v->proxies, &x->q);
	int status = begin_body(x, length, why);
	arena_unguard(x->q.a, &guard);
	return status;
}

int exchange_body(struct exchange *x, str_t bytes, const char **why)
{
	struct oom_guard guard;
	if (arena_guard(x->q.a, &guard))
		return no_memory(why);
	int status = body_take(&x->body, &x->q, bytes, why);
	arena_unguard(x->q.a, &guard);
	return status;
}

static void answered(struct exchange *x)
{
	x->conn->protocol->answered(x);
}

static void make_refusal(struct exchange *x, int status, const char *why)
{
	struct reply *r = &x->reply;
	reply_text(r, x->q.a, status, why);
	if (status != 503)
		return;
	struct header *f = arena_array(x->q.a, r->nfields + 1, sizeof *f);
	memcpy(f, r->fields, r->nfields * sizeof *f);
	f[r->nfields++] = (struct header){ S("retry-after"),
					   str_format(x->q.a, "%d", LIMIT_RETRY_AFTER) };
	r->fields = f;
}

void exchange_refuse(struct exchange *x, int status, const char *why)
{
	static const struct header bare[] = { { { ":status", 7 }, { "503", 3 } },
					      { { "content-length", 14 }, { "0", 1 } } };
	struct oom_guard guard;
	if (arena_guard(x->q.a, &guard)) {
		x->reply = (struct reply){ .status = 503, .file = -1, .fields = bare,
					   .nfields = COUNT(bare) };
	} else {
		make_refusal(x, status, why);
		arena_unguard(x->q.a, &guard);
	}
	if (x->q.method == HEAD)
		x->reply.npieces = 0;
	answered(x);
}

static bool answer_fast(struct exchange *x)
{
	const struct site *site = &x->loop->server->site;
	struct oom_guard guard;
	if ((x->q.method != GET && x->q.method != HEAD) || x->body.kind != BODY_NONE || !site->fast)
		return false;
	if (arena_guard(x->q.a, &guard))
		return false;
	struct answer *a = site->fast(site->ctx, &x->q);
	if (a)
		reply_answer(&x->reply, &x->q, a);
	arena_unguard(x->q.a, &guard);
	return a != NULL;
}

void exchange_run(struct exchange *x)
{
	if (answer_fast(x)) {
		answered(x);
		return;
	}
	x->working = true;
	if (workers_give(x->loop->server->workers, x))
		return;
	x->working = false;
	exchange_refuse(x, 503, "There is too much to do at the moment. Please try again soon.");
}

void exchange_back(struct exchange *x)
{
	x->working = false;
	if (x->conn)
		answered(x);
	else
		give_back(x);
}

/* How soon to come back is said first, then what the handler had to say: what was missed. */
static struct event *first_event(const struct exchange *x)
{
	const struct response *r = &x->r;
	return streams_first(x->loop->streams, S("retry: " EVENT_RETRY "\n\n"), r->body, &r->stream,
			     r->stream_after);
}

bool exchange_stream(struct exchange *x)
{
	struct event *first = first_event(x);
	x->stream = first ? stream_open(x->loop->streams, x, &x->r.stream,
					x->r.stream_after) : NULL;
	reply_drop(&x->reply);
	arena_free(x->q.a);
	x->q = (struct request){ .a = NULL };
	x->r = (struct response){ .file = -1 };
	bool open = x->stream != NULL;
	if (open)
		x->conn->protocol->event(x, first); /* after which `x` may be gone */
	event_drop(first);
	return open;
}

/* -- on a worker ----------------------------------------------------------------------------- */

/* What was half made when memory ran out. */
static void out_of_memory(struct exchange *x)
{
	enum method method = x->q.method;
	if (x->reply.file < 0 && !x->reply.answer)
		x->reply = (struct reply){ .file = x->r.file, .answer = x->r.answer };
	reply_drop(&x->reply);
	arena_reset(x->q.a);
	x->q = (struct request){ .a = x->q.a, .method = method };
	x->r = (struct response){ .file = -1 };
	reply_text(&x->reply, x->q.a, 503, "This needed more memory than there is.");
	if (method == HEAD)
		x->reply.npieces = 0;
}

void exchange_work(struct exchange *x, const struct server *v, void *worker)
{
	bool reads = x->q.method == GET || x->q.method == HEAD;
	if (reads && atomic_load_explicit(&x->left, memory_order_relaxed))
		return; /* nobody waits, and nothing would change */
	struct oom_guard guard;
	if (arena_guard(x->q.a, &guard)) {
		out_of_memory(x);
		return;
	}
	const char *why;
	int status = body_finish(&x->body, &x->q, &why);
	if (status) {
		reply_text(&x->reply, x->q.a, status, why);
	} else {
		v->site.serve(v->site.ctx, worker, &x->q, &x->r);
		reply_make(&x->reply, &x->q, &x->r);
	}
	arena_unguard(x->q.a, &guard);
}
