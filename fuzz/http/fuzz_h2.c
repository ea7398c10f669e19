/* fuzz_h2.c: HTTP/2 frames from a stranger, behind the connection's preface. The first byte is the
 * size of the pieces they come in; between pieces time passes. Every exchange that was begun must
 * be gone at the end. */
#include "http/h2.h"
#include "http/limits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct site {
	struct answer *answer;
	size_t         open;
	usec_t         now;
};

struct exchange {
	struct site      *site;
	struct h2_stream *s;
	struct request    q;
	struct reply      reply;
	int64_t           taken;
	bool              answered;
};

static void *begin(void *connection, struct h2_stream *s, struct request **q)
{
	struct site *site = connection;
	arena_t *a = arena_create(1 << 20);
	struct exchange *x = arena_new(a, struct exchange);
	*x = (struct exchange){ .site = site, .s = s, .q.a = a, .reply.file = -1 };
	*q = &x->q;
	site->open++;
	return x;
}

static void answer(struct exchange *x, int status)
{
	struct response r = { .file = -1, .status = status };
	if (x->answered)
		abort();
	x->answered = true;
	if (status) {
		reply_text(&x->reply, x->q.a, status, "refused");
	} else if (str_ends(x->q.path, S("e"))) {
		strs_add(x->q.a, &r.stream, S("front"));
		reply_make(&x->reply, &x->q, &r);
	} else {
		reply_answer(&x->reply, &x->q, answer_keep(x->site->answer));
	}
	h2_reply(x->s, &x->reply, S("Thu, 10 Feb 2022 18:37:00 GMT"), x->site->now);
	if (x->reply.events)
		h2_event(x->s, S("data: x\n\n"));
}

static void head(void *exchange, int status, bool ends)
{
	struct exchange *x = exchange;
	if (!status && (!x->q.path.n || x->q.path.p[0] != '/' || !x->q.host.n))
		abort();
	if (status || ends)
		answer(x, status);
}

static void body(void *exchange, str_t bytes)
{
	struct exchange *x = exchange;
	x->taken += (int64_t)bytes.n;
	if (x->taken > 1000)
		answer(x, 413);
}

static void end(void *exchange)
{
	answer(exchange, 0);
}

static void gone(void *exchange)
{
	struct exchange *x = exchange;
	x->site->open--;
	reply_drop(&x->reply);
	arena_free(x->q.a);
}

static const struct h2_host host = { begin, head, body, end, gone };

static bool drain(struct h2 *h, const struct site *site)
{
	static char out[H2_PULL_LEAST];
	while (h2_pull(h, out, sizeof out, site->now))
		;
	return !h2_done(h);
}

static void run(struct h2_shared *shared, struct site *site, str_t frames, size_t piece)
{
	struct h2 *h;
	err_t e = h2_new(shared, site, site->now, &h);
	if (e)
		abort();
	bool open = h2_feed(h, S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), site->now);
	for (size_t at = 0; open && at < frames.n; at += piece) {
		open = h2_feed(h, str_slice(frames, at, at + piece), site->now);
		open = drain(h, site) && open;
		site->now += SECOND / 8;
		if (at % 5 == 0)
			open = h2_tick(h, site->now) && open;
	}
	if (piece % 2)
		h2_stop(h);
	site->now += SECOND;
	h2_tick(h, site->now);
	drain(h, site);
	h2_free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct limits limits = LIMITS_DEFAULT;
	struct site site = { .now = 1000 * SECOND };
	struct h2_shared *shared;
	struct answer_draft draft = { .type = S("text/html"), .body = S("<p>A page.") };
	if (!size)
		return 0;
	err_t e = answer_new(&draft, &site.answer);
	err_t f = h2_shared_new(&host, &limits, &shared);
	if (e || f)
		abort();
	run(shared, &site, str_from((const char *)data + 1, size - 1), (size_t)data[0] * 4 + 1);
	if (site.open)
		abort();
	h2_shared_free(shared);
	answer_drop(site.answer);
	return 0;
}
