/* hash.c: passwords: Argon2id by libsodium, on threads of their own.
 *
 * A hash takes tens of milliseconds and 7 MB on purpose. So that pages are not served more slowly while
 * many sign in, threads of the lowest priority do it, and leave one core to pages; requests wait in a line
 * of bounded length. Before Argon2 the password is hashed with the key (a pepper): whoever has the
 * database alone cannot try any. */
#include "readers/room.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREADS_MOST = 8, NICE = 19 };

enum task { TASK_HASH, TASK_VERIFY };

struct work {
	enum task    task;
	char         peppered[64]; /* base 64: Argon2's text wants no NUL */
	char         hashed[crypto_pwhash_STRBYTES];
	bool         done, right;
	struct work *next;
};

struct hashers {
	const struct readers *r;
	pthread_mutex_t lock; /* over all that follows */
	pthread_cond_t  more, done;
	struct work    *first, **last;
	int             waiting;
	bool            stop;
	int             nthreads;
	pthread_t       threads[THREADS_MOST];
	char            dummy[crypto_pwhash_STRBYTES]; /* what nobody's password gives */
};

static bool run_task(struct work *w)
{
	size_t n = strlen(w->peppered);
	if (w->task == TASK_VERIFY)
		return crypto_pwhash_str_verify(w->hashed, w->peppered, n) == 0;
	return crypto_pwhash_str_alg(w->hashed, w->peppered, n, HASH_PASSES, (size_t)HASH_MEMORY * 1024,
				     crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static void *work(void *hashers)
{
	struct hashers *h = hashers;
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	pthread_mutex_lock(&h->lock);
	for (;;) {
		while (!h->first && !h->stop)
			pthread_cond_wait(&h->more, &h->lock);
		struct work *w = h->first;
		if (!w)
			break;
		h->first = w->next;
		if (!h->first)
			h->last = &h->first;
		pthread_mutex_unlock(&h->lock);
		bool right = run_task(w);
		pthread_mutex_lock(&h->lock);
		w->right = right;
		w->done = true;
		pthread_cond_broadcast(&h->done);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

err_t hashers_new(const struct readers *r, struct hashers **out)
{
	struct hashers *h = calloc(1, sizeof *h);
	if (!h)
		return err_new(ERR_MEMORY, "out of memory");
	h->r = r;
	h->last = &h->first;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->more, NULL);
	pthread_cond_init(&h->done, NULL);
	*out = h;
	return OK;
}

void hashers_free(struct hashers *h)
{
	if (!h)
		return;
	pthread_mutex_lock(&h->lock);
	h->stop = true;
	pthread_cond_broadcast(&h->more);
	pthread_mutex_unlock(&h->lock);
	for (int i = 0; i < h->nthreads; i++)
		pthread_join(h->threads[i], NULL);
	pthread_cond_destroy(&h->done);
	pthread_cond_destroy(&h->more);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* Threads are made when they are first needed: most runs of the program check no password. The lock
 * is held. */
static err_t start_threads(struct hashers *h)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	while (h->nthreads < (cores < 3 ? 1 : cores - 1) && h->nthreads < THREADS_MOST) {
		if (pthread_create(&h->threads[h->nthreads], NULL, work, h) != 0)
			break;
		h->nthreads++;
	}
	return h->nthreads ? OK : err_say(ERR_BUSY, "form", "refused.busy");
}

static err_t wait_for(struct hashers *h, struct work *w)
{
	pthread_mutex_lock(&h->lock);
	err_t e = h->waiting >= HASH_WAITING ? err_say(ERR_BUSY, "form", "refused.busy")
					     : start_threads(h);
	if (!e) {
		h->waiting++;
		*h->last = w;
		h->last = &w->next;
		pthread_cond_signal(&h->more);
		while (!w->done)
			pthread_cond_wait(&h->done, &h->lock);
		h->waiting--;
	}
	pthread_mutex_unlock(&h->lock);
	return e;
}

/* The same characters, however they were typed, then the pepper. */
static err_t prepare(struct readers *r, arena_t *a, str_t password, struct work *w)
{
	unsigned char bytes[KEYED];
	str_t normal;
	if (password.n > PASSWORD_BYTES)
		return err_say_with(ERR_TOO_LARGE, "password", "refused.password-long", "n=%d", PASSWORD_BYTES);
	TRY(text_normal(r->spoof, a, password, &normal));
	keyed(r, "password", normal, bytes);
	sodium_bin2base64(w->peppered, sizeof w->peppered, bytes, sizeof bytes,
			  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	sodium_memzero(bytes, sizeof bytes);
	return OK;
}

err_t password_hash(struct stet *s, arena_t *a, str_t password, str_t *out)
{
	struct work w = { .task = TASK_HASH };
	TRY(prepare(s->readers, a, password, &w));
	TRY(wait_for(s->readers->hashers, &w));
	sodium_memzero(w.peppered, sizeof w.peppered);
	if (!w.right)
		return err_say(ERR_BUSY, "form", "refused.busy");
	*out = str_copy(a, str_of(w.hashed));
	return OK;
}

/* Made once, of what nobody types. */
static err_t fill_dummy(struct stet *s, arena_t *a, char *out)
{
	struct hashers *h = s->readers->hashers;
	pthread_mutex_lock(&h->lock);
	memcpy(out, h->dummy, sizeof h->dummy);
	pthread_mutex_unlock(&h->lock);
	if (*out)
		return OK;
	char random[32];
	str_t hashed;
	randombytes_buf(random, sizeof random);
	TRY(password_hash(s, a, base64_of(a, str_from(random, sizeof random)), &hashed));
	pthread_mutex_lock(&h->lock);
	memcpy(h->dummy, hashed.p, hashed.n + 1);
	memcpy(out, h->dummy, sizeof h->dummy);
	pthread_mutex_unlock(&h->lock);
	return OK;
}

err_t password_verify(struct stet *s, arena_t *a, str_t password, str_t hashed, bool *right, bool *old)
{
	struct work w = { .task = TASK_VERIFY };
	*right = *old = false;
	TRY(prepare(s->readers, a, password, &w));
	if (hashed.n >= sizeof w.hashed)
		return err_new(ERR_CORRUPT, "a stored password is too long to be one");
	if (hashed.n)
		memcpy(w.hashed, hashed.p, hashed.n);
	else
		TRY(fill_dummy(s, a, w.hashed));
	TRY(wait_for(s->readers->hashers, &w));
	sodium_memzero(w.peppered, sizeof w.peppered);
	*right = w.right && hashed.n;
	*old = *right && crypto_pwhash_str_needs_rehash(w.hashed, HASH_PASSES,
							(size_t)HASH_MEMORY * 1024) != 0;
	return OK;
}
