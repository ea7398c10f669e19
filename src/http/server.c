/* server.c: a server as a whole: made, run, stopped. See server.h. */
#include "http/server.h"

#include "http/clients.h"
#include "http/listen.h"
#include "http/serving.h"
#include "http/tls.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define OTHER_FILES 256 /* descriptors that are no connections: the store, media, uploads, logs */

/* As many connections as the machine lets us have, up to the limit. */
static void fit_descriptors(struct limits *limits)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur != RLIM_INFINITY &&
	    limits->connections + OTHER_FILES > r.rlim_cur)
		limits->connections = r.rlim_cur > 2 * OTHER_FILES ? r.rlim_cur - OTHER_FILES
								   : OTHER_FILES;
}

static void fit_limits(struct server *v, const struct server_options *o)
{
	int64_t picture = o->config->picture_mb << 20;
	v->limits = o->limits ? *o->limits : LIMITS_DEFAULT;
	if (!o->limits)
		v->limits.multipart = 4 * picture + LIMIT_BODY;
	fit_descriptors(&v->limits);
}

static size_t count_loops(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return c->loops > 0 ? (size_t)c->loops : cores > 0 ? (size_t)cores : 1;
}

static void note_listeners(struct server *v)
{
	for (size_t i = 0; i < v->nloops; i++)
		for (struct listener *l = v->loops[i]->listeners; l; l = l->next) {
			v->listening = arena_room(v->a, v->listening, v->nlistening,
						  sizeof *v->listening);
			v->listening[v->nlistening++] = l->fd;
		}
}

static err_t build(struct server *v, const struct server_options *o)
{
	str_t first = { NULL, 0 }, secure = { NULL, 0 };
	TRY(proxies_parse(v->a, o->config->trusted_proxies, &v->proxies));
	v->clients = clients_new();
	size_t wanted = count_loops(o->config);
	v->loops = arena_array(v->a, wanted, sizeof *v->loops);
	if (!v->clients)
		return err_new(ERR_MEMORY, "no memory for a server");
	if (o->config->listen_tls.n)
		TRY(tls_new(v->folder, str_z(v->a, o->config->certificate),
			    str_z(v->a, o->config->certificate_key), v->log, &v->tls));
	for (; v->nloops < wanted; v->nloops++)
		TRY(loop_new(v, &v->loops[v->nloops]));
	TRY(listeners_open(v, o->config->listen, &transport_plain, o->listeners, o->nlisteners,
			   &first));
	TRY(listeners_open(v, o->config->listen_tls, &transport_tls, o->listeners, o->nlisteners,
			   &secure));
	v->address = str_z(v->a, str_format(v->a, first.p ? "http://%.*s" : "https://%.*s",
					    STR(first.p ? first : secure)));
	note_listeners(v);
	for (size_t i = 0; i < o->nlisteners; i++)
		if (o->listeners[i] >= 0)
			close(o->listeners[i]); /* where nobody listens any more */
	return OK;
}

err_t server_new(const struct server_options *o, struct server **out)
{
	struct server *v = calloc(1, sizeof *v);
	arena_t *a = arena_create(0);
	if (!v || !a) {
		free(v);
		arena_free(a);
		return err_new(ERR_MEMORY, "no memory for a server");
	}
	v->a = a;
	v->config = o->config;
	v->log = o->log;
	v->site = o->site;
	v->folder = o->folder;
	v->address = "";
	fit_limits(v, o);
	err_t e = build(v, o);
	if (e)
		server_free(v);
	else
		*out = v;
	return e;
}

static void *run_loop(void *loop)
{
	loop_run(loop);
	return NULL;
}

static size_t count_workers(const struct server *v)
{
	return v->config->workers > 0 ? (size_t)v->config->workers : 2 * v->nloops + LIMIT_WAITERS;
}

err_t server_run(struct server *v)
{
	signal(SIGPIPE, SIG_IGN); /* a client that left is an error of write(2), not our end */
	TRY(workers_start(v, count_workers(v), v->limits.queue, &v->workers));
	size_t begun = 1;
	err_t e = OK;
	for (; begun < v->nloops && !e; begun += !e) {
		int failed = pthread_create(&v->loops[begun]->thread, NULL, run_loop,
					    v->loops[begun]);
		if (failed)
			e = err_errno(failed, "start an event loop");
	}
	if (e)
		for (size_t i = 0; i < begun; i++)
			loop_stop(v->loops[i]);
	loop_run(v->loops[0]);
	for (size_t i = 1; i < begun; i++)
		pthread_join(v->loops[i]->thread, NULL);
	workers_stop(v->workers);
	v->workers = NULL;
	return e;
}

void server_stop(struct server *v)
{
	if (atomic_exchange(&v->stopping, true))
		return;
	for (size_t i = 0; i < v->nloops; i++)
		loop_stop(v->loops[i]);
}

err_t server_reload(struct server *v)
{
	return v->tls ? tls_reload(v->tls) : OK;
}

size_t server_listeners(const struct server *v, int *fds, size_t most)
{
	size_t n = v->nlistening < most ? v->nlistening : most;
	if (atomic_load(&v->stopping))
		return 0;
	memcpy(fds, v->listening, n * sizeof *fds);
	return n;
}

void server_handed_over(struct server *v)
{
	atomic_store(&v->handed_over, true);
}

static void send_event(struct server *v, struct event *e)
{
	for (size_t i = 0; e && i < v->nloops; i++)
		loop_event(v->loops[i], e);
	event_drop(e);
}

void server_event(struct server *v, str_t topic, str_t name, str_t data, int64_t id)
{
	send_event(v, event_new(topic, name, data, id));
}

void server_event_last(struct server *v, str_t topic, str_t name, str_t data, int64_t id)
{
	struct event *e = event_new(topic, name, data, id);
	if (e)
		e->last = true;
	send_event(v, e);
}

const char *server_address(const struct server *v)
{
	return v->address;
}

void server_free(struct server *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->nloops; i++)
		loop_free(v->loops[i]);
	tls_free(v->tls);
	clients_free(v->clients);
	arena_free(v->a);
	free(v);
}
