/* h1_write.c: a reply goes out.
 *
 * Head, date and content leave in one write where they can: content in memory from where it is, a
 * file through the loop's chunk. A stretch of a file that is not in the page cache is read by a
 * thread first, so that a slow disk holds up one client and not the loop. */
#include "http/h1.h"

#include "http/values.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

/* What is being put together for one write. */
struct gather {
	uv_buf_t v[CONN_BUFFERS];
	unsigned n;
	unsigned changing; /* of them, from the first: they do not stay where they are */
	size_t   size;
};

static void add(struct gather *g, str_t s)
{
	union {
		const char *given;
		char       *uv; /* which does not write to it */
	} p = { .given = s.p };
	g->v[g->n++] = uv_buf_init(p.uv, (unsigned)s.n);
	g->size += s.n;
}

/* -- files ----------------------------------------------------------------------------------- */

/* A read whose only purpose is that the next one finds everything in memory. */
struct h1_fetch {
	uv_work_t    work;
	struct conn *c; /* NULL once the client has left */
	int          file;
	int64_t      from;
	char         bytes[LOOP_INPUT];
};

static void fetch(uv_work_t *work)
{
	struct h1_fetch *f = work->data;
	ssize_t ignored = pread(f->file, f->bytes, sizeof f->bytes, f->from);
	(void)ignored; /* if it failed, the read that follows fails again and is heard */
}

static void fetched(uv_work_t *work, int status)
{
	struct h1_fetch *f = work->data;
	struct conn *c = f->c;
	(void)status;
	if (!c)
		close(f->file);
	free(f);
	if (!c)
		return;
	c->h1.fetch = NULL;
	c->h1.fetched = true;
	h1_write_on(c);
}

static bool begin_fetch(struct conn *c, int64_t from)
{
	struct h1_fetch *f = malloc(sizeof *f);
	if (!f)
		return false;
	f->work.data = f;
	f->c = c;
	f->file = c->h1.x->reply.file;
	f->from = from;
	if (uv_queue_work(&c->loop->uv, &f->work, fetch, fetched)) {
		free(f);
		return false;
	}
	c->h1.fetch = f;
	return true;
}

/* The file must stay open until its reader is done with it. */
void h1_forget_fetch(struct conn *c)
{
	if (!c->h1.fetch)
		return;
	c->h1.fetch->c = NULL;
	c->h1.x->reply.file = -1;
	c->h1.fetch = NULL;
}

/* As pread, but with EAGAIN instead of waiting for a disk. Not every file system can tell. */
static ssize_t read_now(int file, char *out, size_t n, int64_t from, bool may_wait)
{
	struct iovec v = { out, n };
	ssize_t got = -1;
	if (!may_wait) {
		got = preadv2(file, &v, 1, from, RWF_NOWAIT);
		if (got >= 0 || errno == EAGAIN)
			return got;
	}
	do
		got = pread(file, out, n, from);
	while (got < 0 && errno == EINTR);
	return got;
}

enum gathered { GATHERED, GATHER_LATER, GATHER_FAILED };

static enum gathered add_file(struct conn *c, struct gather *g, const struct piece *p)
{
	struct h1 *h = &c->h1;
	struct reply *r = &h->x->reply;
	int64_t left = p->size - r->at;
	size_t want = left < LOOP_INPUT ? (size_t)left : LOOP_INPUT;
	ssize_t got = read_now(r->file, c->loop->chunk, want, p->from + r->at, h->fetched);
	if (got < 0 && errno == EAGAIN && !h->fetched)
		return g->n			     ? GATHERED
		       : begin_fetch(c, p->from + r->at) ? GATHER_LATER
							 : GATHER_FAILED;
	h->fetched = false;
	if (got <= 0)
		return GATHER_FAILED; /* cut off since its length was said */
	add(g, str_from(c->loop->chunk, (size_t)got));
	g->changing = g->n;
	r->at += got;
	return GATHERED;
}

/* -- what goes next -------------------------------------------------------------------------- */

static enum gathered gather(struct conn *c, struct gather *g)
{
	struct reply *r = &c->h1.x->reply;
	for (; r->at_piece < r->npieces && g->n < CONN_BUFFERS && g->size < H1_STRETCH;
	     r->at_piece++, r->at = 0) {
		const struct piece *p = &r->pieces[r->at_piece];
		if (!p->bytes.p) {
			enum gathered did = add_file(c, g, p);
			if (did != GATHERED || r->at < p->size)
				return did;
			r->at_piece++;
			r->at = 0;
			return did; /* the loop has one chunk */
		}
		size_t left = p->bytes.n - (size_t)r->at;
		size_t take = left < H1_STRETCH - g->size ? left : H1_STRETCH - g->size;
		if (take)
			add(g, str_slice(p->bytes, (size_t)r->at, (size_t)r->at + take));
		if (take < left) {
			r->at += (int64_t)take;
			break;
		}
	}
	return GATHERED;
}

static void finished(struct conn *c)
{
	if (c->h1.x->reply.events)
		h1_become_stream(c);
	else
		h1_next(c);
}

/* Sends `g` and all that follows, as far as the client reads. */
static void write_from(struct conn *c, struct gather *g)
{
	struct h1 *h = &c->h1;
	for (;;) {
		switch (gather(c, g)) {
		case GATHER_FAILED: conn_close(c); return;
		case GATHER_LATER: conn_never_due(c); return;
		case GATHERED:
		default: break;
		}
		if (!g->n)
			break;
		enum sent s = conn_send(c, g->v, g->n, g->changing);
		if (s == SENDING)
			h1_due_for(c, c->loop->limits->write_by, (int64_t)g->size);
		if (s != SENT)
			return;
		g->n = g->changing = 0;
		g->size = 0;
		const struct reply *r = &h->x->reply;
		if (r->at_piece == r->npieces)
			break;
	}
	finished(c);
}

void h1_write_on(struct conn *c)
{
	struct gather g = { .n = 0 };
	write_from(c, &g);
}

/* -- the head -------------------------------------------------------------------------------- */

static str_t make_head(arena_t *a, const struct reply *r)
{
	struct buf b = buf_new(a, 512);
	buf_add_format(&b, "HTTP/1.1 %d %s\r\n", r->status, status_reason(r->status));
	for (size_t i = 1; i < r->nfields; i++) {
		buf_add(&b, r->fields[i].name);
		buf_add(&b, S(": "));
		buf_add(&b, r->fields[i].value);
		buf_add(&b, S("\r\n"));
	}
	return buf_str(&b);
}

static str_t head_of(struct exchange *x)
{
	static const char bare[] = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n";
	struct oom_guard guard;
	if (x->reply.head.p)
		return x->reply.head;
	if (arena_guard(x->q.a, &guard)) {
		x->reply.npieces = 0;
		x->conn->h1.close = true;
		return str_from(bare, sizeof bare - 1);
	}
	str_t head = make_head(x->q.a, &x->reply);
	arena_unguard(x->q.a, &guard);
	return head;
}

void h1_answered(struct exchange *x)
{
	struct conn *c = x->conn;
	struct loop *l = c->loop;
	struct h1 *h = &c->h1;
	struct gather g;
	if (x->reply.events && x->q.method == HEAD)
		x->reply.events = false, h->close = true;
	if (h->state == H1_BODY || x->reply.events || l->draining)
		h->close = true;
	h->state = H1_WRITE;
	h->fetched = false;
	loop_date(l);
	g.n = 0;
	g.size = 0;
	add(&g, head_of(x));
	add(&g, h->close ? str_from(l->last, l->nlast) : str_from(l->keep, l->nkeep));
	g.changing = 2;
	write_from(c, &g);
}
