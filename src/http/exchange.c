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

int exchange_begin(struct exchange *x, int64_t length, const char **why)
{
	const struct server *v = x->loop->server;
	x->q.client = str_copy(x->q.a, str_of(x->conn->peer));
	x->q.secure = x->conn->secure;
	if (x->conn->trusted)
		proxies_read(v->proxies, &x->q);
	return body_begin(&x->body, &x->q, length, &v->limits, v->folder, why);
}

int exchange_body(struct exchange *x, str_t bytes, const char **why)
{
	return body_take(&x->body, &x->q, bytes, why);
}

static void answered(struct exchange *x)
{
	x->conn->protocol->answered(x);
}

void exchange_refuse(struct exchange *x, int status, const char *why)
{
	struct reply *r = &x->reply;
	reply_text(r, x->q.a, status, why);
	if (status == 503) {
		struct header *f = arena_array(x->q.a, r->nfields + 1, sizeof *f);
		memcpy(f, r->fields, r->nfields * sizeof *f);
		f[r->nfields++] = (struct header){
			S("retry-after"), str_format(x->q.a, "%d", LIMIT_RETRY_AFTER) };
		r->fields = f;
	}
	if (x->q.method == HEAD)
		r->npieces = 0;
	answered(x);
}

void exchange_run(struct exchange *x)
{
	const struct server *v = x->loop->server;
	bool reads = (x->q.method == GET || x->q.method == HEAD) && x->body.kind == BODY_NONE;
	struct answer *a = reads && v->site.fast ? v->site.fast(v->site.ctx, &x->q) : NULL;
	if (a) {
		reply_answer(&x->reply, &x->q, a);
		answered(x);
		return;
	}
	x->working = true;
	if (workers_give(v->workers, x))
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

bool exchange_stream(struct exchange *x)
{
	struct loop *l = x->loop;
	x->stream = stream_open(l->streams, x, &x->r.stream);
	reply_drop(&x->reply);
	arena_free(x->q.a);
	x->q = (struct request){ .a = NULL };
	x->state = NULL;
	return x->stream != NULL;
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
