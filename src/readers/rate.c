/* rate.c: see rate.h.
 *
 * Each kind lets `burst` through at once and one more every `pace` (a leaky bucket, kept as the one
 * moment at which it will be empty: the generic cell rate algorithm). One that grows makes each wait
 * twice as long as the one before. */
#include "readers/rate.h"

#include "readers/limits.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

struct rule {
	int    burst;
	usec_t pace;
	usec_t most; /* that the pace grows to; 0: it does not */
};

static const struct rule rules[RATES] = {
	/* Five mails in ten minutes are one person who does not find them; what others ask for does not
	 * take theirs away, as long as it is no flood. */
	[RATE_MAIL_PAIR] = { 5, 2 * MINUTE, 0 },
	[RATE_MAIL_ADDRESS] = { 30, MINUTE, 0 },
	/* A school or a library is one network address. */
	[RATE_MAIL_CLIENT] = { 30, 20 * SECOND, 0 },
	[RATE_CODE_CLIENT] = { 30, 20 * SECOND, 0 },
	[RATE_PASSWORD_CLIENT] = { 60, 5 * SECOND, 0 },
	/* A hundred wrong ones in a row is what NIST SP 800-63B-4, 3.2.2 allows; a link by mail or a
	 * passkey opens the door meanwhile, so nobody can lock another out. */
	[RATE_PASSWORD_ACCOUNT] = { 100, HOUR, 0 },
	[RATE_PASSWORD_PAIR] = { 5, 2 * SECOND, 15 * MINUTE },
	[RATE_NAME_CLIENT] = { 30, 10 * SECOND, 0 },
	[RATE_CEREMONY_CLIENT] = { 60, 2 * SECOND, 0 },
	[RATE_COPY_ACCOUNT] = { 2, DAY, 0 },
	/* Only who was right with the first factor counts here; 1 in 300,000 each. */
	[RATE_FACTOR_ACCOUNT] = { 10, 5 * MINUTE, 0 },
	[RATE_CHANGE_ACCOUNT] = { 30, 10 * SECOND, 0 },
	/* Nobody has something to say every five seconds for long. */
	[RATE_COMMENT_ACCOUNT] = { 10, 5 * SECOND, 0 },
	[RATE_VOTE_ACCOUNT] = { 60, SECOND, 0 },
	[RATE_REPORT_ACCOUNT] = { 10, 20 * SECOND, 0 },
	[RATE_TIE_ACCOUNT] = { 60, SECOND, 0 },
	[RATE_DRAFT_CLIENT] = { 20, 20 * SECOND, 0 },
	/* Each sends a letter. */
	[RATE_NOTICE_CLIENT] = { 5, 5 * MINUTE, 0 },
};

enum { WAYS = 8 }; /* places that one key may stand in */

struct entry {
	uint64_t key;     /* 0: none */
	usec_t   free;    /* when one more may come */
	usec_t   empty;   /* when the bucket will be */
	usec_t   counted; /* one that grows: the last */
	int      count;
	usec_t   seen;
};

struct rates {
	pthread_mutex_t lock; /* over the table */
	unsigned char   secret[crypto_shorthash_KEYBYTES];
	struct entry    v[RATE_ENTRIES];
};

err_t rates_new(struct rates **out)
{
	struct rates *r = calloc(1, sizeof *r);
	if (!r)
		return err_new(ERR_MEMORY, "out of memory");
	pthread_mutex_init(&r->lock, NULL);
	randombytes_buf(r->secret, sizeof r->secret);
	*out = r;
	return OK;
}

void rates_free(struct rates *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static uint64_t hash_of(const struct rates *r, enum rate what, str_t key)
{
	unsigned char out[crypto_shorthash_BYTES], text[64 + 1];
	uint64_t h;
	text[0] = (unsigned char)what;
	crypto_generichash(text + 1, 64, (const unsigned char *)key.p, key.n, NULL, 0);
	crypto_shorthash(out, text, sizeof text, r->secret);
	memcpy(&h, out, sizeof h);
	return h ? h : 1;
}

/* Its place, or the one it may have. The lock is held. */
static struct entry *place_of(struct rates *r, uint64_t key)
{
	struct entry *oldest = NULL;
	for (size_t i = 0; i < WAYS; i++) {
		struct entry *e = &r->v[(key + i) % RATE_ENTRIES];
		if (e->key == key)
			return e;
		if (!oldest || e->seen < oldest->seen)
			oldest = e;
	}
	*oldest = (struct entry){ .key = key };
	return oldest;
}

static err_t refuse(usec_t wait)
{
	long long s = (long long)((wait + SECOND - 1) / SECOND);
	if (s < 90)
		return err_say_with(ERR_BUSY, "form", "refused.seconds", "n=%lld", s);
	return err_say_with(ERR_BUSY, "form", "refused.minutes", "n=%lld", (s + 59) / 60);
}

/* One more than the burst waits for the pace, the next for twice that ... An hour's peace ends it. */
static void grow(struct entry *e, const struct rule *rule, usec_t now)
{
	if (now - e->counted > HOUR)
		e->count = 0;
	e->counted = now;
	e->count++;
	int over = e->count - rule->burst;
	usec_t wait = over < 0 ? 0 : over > 20 ? rule->most : rule->pace << over;
	e->free = now + (wait < rule->most ? wait : rule->most);
}

static void fill(struct entry *e, const struct rule *rule, usec_t now)
{
	e->empty = (e->empty > now ? e->empty : now) + rule->pace;
	e->free = e->empty - rule->pace * (rule->burst - 1);
}

static err_t judge(struct rates *r, enum rate what, str_t key, usec_t now, bool count)
{
	const struct rule *rule = &rules[what];
	uint64_t hash = hash_of(r, what, key);
	pthread_mutex_lock(&r->lock);
	struct entry *e = place_of(r, hash);
	usec_t wait = e->free > now ? e->free - now : 0;
	e->seen = now;
	if (!wait && count && rule->most)
		grow(e, rule, now);
	else if (!wait && count)
		fill(e, rule, now);
	pthread_mutex_unlock(&r->lock);
	return wait ? refuse(wait) : OK;
}

err_t rate_take(struct rates *r, enum rate what, str_t key, usec_t now)
{
	return judge(r, what, key, now, true);
}

err_t rate_look(struct rates *r, enum rate what, str_t key, usec_t now)
{
	return judge(r, what, key, now, false);
}

void rate_forget(struct rates *r, enum rate what, str_t key)
{
	uint64_t hash = hash_of(r, what, key);
	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < WAYS; i++)
		if (r->v[(hash + i) % RATE_ENTRIES].key == hash)
			r->v[(hash + i) % RATE_ENTRIES] = (struct entry){ 0 };
	pthread_mutex_unlock(&r->lock);
}
