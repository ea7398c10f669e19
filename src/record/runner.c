/* runner.c: the threads that run jobs.
 *
 * Threads without work sleep; one of them, the watcher, sleeps only until the next job is due, and
 * at most a second, for jobs of other processes. Whoever takes a job first wakes another thread,
 * which finds the next job or becomes the watcher; so there is always one, and never a crowd. */
#include "record/limits.h"
#include "record/runner.h"

#include <pthread.h>
#include <stdlib.h>

struct jobs {
	struct stet           *s;
	const struct job_kind *kinds;
	pthread_mutex_t        lock; /* over the next three */
	pthread_cond_t         wake;
	uint64_t               woken; /* calls to jobs_wake */
	bool                   watched;
	bool                   stop;
	int                    threads;
	pthread_t              thread[];
};

void jobs_wake(struct jobs *j)
{
	pthread_mutex_lock(&j->lock);
	j->woken++;
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
}

void jobs_wake_all(const struct stet *s)
{
	struct jobs *const all[] = { s->jobs, s->slow_jobs, s->calls, s->letters };
	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i])
			jobs_wake(all[i]);
}

static void wake_next(void *jobs)
{
	struct jobs *j = jobs;
	pthread_mutex_lock(&j->lock);
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
}

/* Under the lock. */
static void rest(struct jobs *j, usec_t next)
{
	if (j->watched) {
		pthread_cond_wait(&j->wake, &j->lock);
		return;
	}
	usec_t now = clock_now(&j->s->clock);
	usec_t nap = next <= now ? 0 : next - now < BUS_PACE ? next - now : BUS_PACE;
	usec_t until = clock_steady() + nap;
	struct timespec at = { .tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000 };
	j->watched = true;
	pthread_cond_timedwait(&j->wake, &j->lock, &at);
	j->watched = false;
}

static void *work(void *jobs)
{
	struct jobs *j = jobs;
	bool failing = false;
	pthread_mutex_lock(&j->lock);
	while (!j->stop) {
		uint64_t woken = j->woken;
		pthread_mutex_unlock(&j->lock);
		bool ran;
		usec_t next;
		err_t e = job_run_next(j->s, j->kinds, wake_next, j, &ran, &next);
		if (e) {
			if (!failing)
				log_line(&j->s->log, LOG_ERROR, "jobs", "%s", err_text(e));
			ran = false;
			next = INT64_MAX; /* a pause before the next try */
		}
		failing = e != OK;
		err_free(e);
		pthread_mutex_lock(&j->lock);
		if (!ran && !j->stop && (failing || j->woken == woken))
			rest(j, next);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

static struct jobs *jobs_new(struct stet *s, const struct job_kind *kinds, int threads)
{
	struct jobs *j = calloc(1, sizeof *j + (size_t)threads * sizeof(pthread_t));
	if (!j)
		return NULL;
	j->s = s;
	j->kinds = kinds;
	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->wake, &attr);
	pthread_condattr_destroy(&attr);
	return j;
}

err_t jobs_start(struct stet *s, const struct job_kind *kinds, int threads, struct jobs **out)
{
	TRY(job_kinds_check(kinds));
	if (threads < 1 || threads > RUNNERS_MOST)
		return err_new(ERR_SYSTEM, "%d is no number of job runners", threads);
	struct jobs *j = jobs_new(s, kinds, threads);
	if (!j)
		return err_new(ERR_MEMORY, "out of memory");
	*out = j;
	while (j->threads < threads) {
		int number = pthread_create(&j->thread[j->threads], NULL, work, j);
		if (number) {
			*out = NULL;
			jobs_stop(j);
			return err_errno(number, "start a thread");
		}
		j->threads++;
	}
	return OK;
}

void jobs_end(struct jobs *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_broadcast(&j->wake);
	pthread_mutex_unlock(&j->lock);
	for (int i = 0; i < j->threads; i++)
		pthread_join(j->thread[i], NULL);
	j->threads = 0;
}

void jobs_stop(struct jobs *j)
{
	if (!j)
		return;
	jobs_end(j);
	pthread_cond_destroy(&j->wake);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
