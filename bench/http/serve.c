/* serve.c: the server with nothing behind it but one page of 12 KB that compresses badly, to
 * measure what a request costs. `bench_serve PORT [LOOPS]`; ends with SIGTERM. */
#include "base/config.h"
#include "http/server.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct page {
	struct answer *answer;
};

static struct answer *fast(void *ctx, const struct request *q)
{
	struct page *page = ctx;
	return str_eq(q->path, S("/page")) ? answer_keep(page->answer) : NULL;
}

static void serve(void *ctx, void *worker, struct request *q, struct response *r)
{
	(void)ctx, (void)worker;
	if (str_eq(q->path, S("/events")))
		strs_add(q->a, &r->stream, S("front"));
	else
		r->body = S("made by a worker\n");
}

/* Letters at random, so that the brotli body has about 12 KB. */
static str_t make_text(arena_t *a, size_t n)
{
	struct buf b = buf_new(a, n);
	uint32_t x = 1;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		buf_add_char(&b, (char)('a' + (x >> 24) % 26));
	}
	return buf_str(&b);
}

static void *run_server(void *server)
{
	err_t e = server_run(server);
	if (e)
		fprintf(stderr, "%s\n", err_text(e));
	err_free(e);
	return NULL;
}

static err_t run(arena_t *a, const char *port, const char *loops)
{
	struct log log = { .fd = 2, .least = LOG_INFO };
	struct config config;
	struct page page;
	struct server *server;
	int signal_number;
	config_defaults(a, &config);
	config.listen = str_format(a, "127.0.0.1:%s", port);
	config.trusted_proxies = S("127.0.0.1"); /* one address makes all the connections */
	if (!str_int(str_of(loops), &config.loops))
		config.loops = 0;
	struct answer_draft draft = { .type = S("text/html; charset=utf-8"), .effort = 5,
				      .cache_control = S("public, max-age=0, must-revalidate"),
				      .body = make_text(a, 20300) };
	TRY(answer_new(&draft, &page.answer));
	struct server_options o = { .config = &config, .log = &log, .folder = "/tmp",
				    .site = { .ctx = &page, .fast = fast, .serve = serve } };
	TRY(server_new(&o, &server));
	printf("%s br %zu etag %.*s\n", server_address(server), page.answer->body[CODING_BR].n,
	       STR(page.answer->etags[CODING_BR]));
	fflush(stdout);
	pthread_t thread;
	sigset_t stop;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	if (pthread_create(&thread, NULL, run_server, server))
		return err_new(ERR_SYSTEM, "no thread");
	sigwait(&stop, &signal_number);
	server_stop(server);
	pthread_join(thread, NULL);
	server_free(server);
	answer_drop(page.answer);
	return OK;
}

int main(int argc, char **argv)
{
	arena_t *a = arena_create(0);
	err_t e = run(a, argc > 1 ? argv[1] : "0", argc > 2 ? argv[2] : "0");
	if (e)
		fprintf(stderr, "%s\n", err_text(e));
	int code = err_exit(e);
	err_free(e);
	arena_free(a);
	return code;
}
