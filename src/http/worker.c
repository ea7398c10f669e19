/* worker.c: see worker.h. */
#include "http/worker.h"

#include "http/exchange.h"
#include "http/serving.h"

#include <stdlib.h>

struct workers {
	struct server   *server;
	pthread_mutex_t  lock; /* of the queue */
	pthread_cond_t   more;
	struct exchange *first, **end;
	size_t           count, most;
	bool             stopping;
	size_t           nthreads;
	pthread_t        threads[];
};

static struct exchange *take(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->first && !w->stopping)
		pthread_cond_wait(&w->more, &w->lock);
	struct exchange *x = w->first;
	if (x) {
		w->first = x->next;
		if (!w->first)
			w->end = &w->first;
		w->count--;
	}
	pthread_mutex_unlock(&w->lock);
	return x;
}

static void *run(void *arg)
{
	struct workers *w = arg;
	const struct site *site = &w->server->site;
	void *own = site->worker_begin ? site->worker_begin(site->ctx) : NULL;
	for (struct exchange *x; (x = take(w));) {
		struct loop *l = x->loop;
		exchange_work(x, w->server, own);
		loop_done(l, x);
	}
	if (site->worker_end)
		site->worker_end(site->ctx, own);
	return NULL;
}

bool workers_give(struct workers *w, struct exchange *x)
{
	pthread_mutex_lock(&w->lock);
	bool room = w->count < w->most && !w->stopping;
	if (room) {
		x->next = NULL;
		*w->end = x;
		w->end = &x->next;
		w->count++;
		pthread_cond_signal(&w->more);
	}
	pthread_mutex_unlock(&w->lock);
	return room;
}

void workers_stop(struct workers *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < w->nthreads; i++)
		pthread_join(w->threads[i], NULL);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

err_t workers_start(struct server *v, size_t count, size_t most, struct workers **out)
{
	struct workers *w = calloc(1, sizeof *w + count * sizeof *w->threads);
	if (!w)
		return err_new(ERR_MEMORY, "no memory for workers");
	w->server = v;
	w->most = most;
	w->end = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	for (; w->nthreads < count; w->nthreads++) {
		int failed = pthread_create(&w->threads[w->nthreads], NULL, run, w);
		if (failed) {
			workers_stop(w);
			return err_errno(failed, "start a worker");
		}
	}
	*out = w;
	return OK;
}
