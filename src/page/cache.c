/* cache.c: see cache.h. One lock over two hash tables, pages by key and topics by name, and a list of
 * pages by last use. A hit holds it for a look-up and a move in the list: 80 ns with all that belongs
 * to it, so one lock serves millions a second. What takes longer (making, freeing) happens outside. */
#include "page/cache.h"

#include "base/random.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

enum {
	SHELVES = 16384,      /* of pages; a power of two */
	TOPIC_SHELVES = 4096,
	TOPICS_MOST = 1024,   /* of one page; with more it is not kept */
	DROPS_KEPT = 1024,    /* drops remembered for pages that are being made */
	LARGEST_SHARE = 4,    /* a page over a fourth of the bound would drive out too many */
};

struct label;

struct cached {
	struct cached *next;          /* on its shelf, or of those to be freed */
	struct cached *newer, *older; /* by last use */
	uint64_t       hash;
	struct answer *answer;
	struct label  *labels;        /* its place in each of its topics */
	size_t         nlabels;
	size_t         size;
	size_t         nkey;
	char           key[];
};

struct topic {
	struct topic *next;
	struct label *first;
	uint64_t      hash;
	size_t        nname;
	char          name[];
};

struct label {
	struct cached *page;
	struct topic  *topic;
	struct label  *next, *before; /* in the topic's list */
};

/* A page that somebody makes while others may wait. Its maker and those who wait hold it. */
struct making {
	struct making *next;
	pthread_cond_t made;
	int            holders;
	uint64_t       hash;
	uint64_t       since;    /* drops before it began */
	bool           done;     /* what follows no longer changes */
	uint64_t       outdated; /* the first drop since then that touches it; or NEVER */
	err_t          failed;
	struct answer *answer;
	size_t         nkey;
	char           key[];
};

#define NEVER UINT64_MAX

struct cache {
	pthread_mutex_t lock; /* everything below but the seed and the bound */
	unsigned char   seed[crypto_shorthash_KEYBYTES];
	size_t          most;
	struct cached  *shelf[SHELVES];
	struct topic   *topics[TOPIC_SHELVES];
	struct cached  *newest, *oldest;
	struct making  *making;
	size_t          bytes;
	uint64_t        drops;               /* how many there were */
	uint64_t        dropped[DROPS_KEPT]; /* hashes of the last topics dropped */
	uint64_t        all_dropped;         /* `drops` behind the last cache_drop_all */
	struct cache_figures figures;
};

/* With a seed: readers choose the addresses, and must not choose those that share a shelf. */
static uint64_t hash_of(const struct cache *c, str_t s)
{
	uint64_t h;
	_Static_assert(sizeof h == crypto_shorthash_BYTES, "SipHash gives 64 bits");
	crypto_shorthash((unsigned char *)&h, (const unsigned char *)(s.p ? s.p : ""), s.n, c->seed);
	return h;
}

/* --- lists; all with the lock held --- */

static struct cached *find(const struct cache *c, str_t key, uint64_t hash)
{
	struct cached *page = c->shelf[hash % SHELVES];
	while (page && !(page->hash == hash && str_eq(str_from(page->key, page->nkey), key)))
		page = page->next;
	return page;
}

static void unlink_use(struct cache *c, struct cached *page)
{
	*(page->newer ? &page->newer->older : &c->newest) = page->older;
	*(page->older ? &page->older->newer : &c->oldest) = page->newer;
}

static void link_use(struct cache *c, struct cached *page)
{
	page->newer = NULL;
	page->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = page;
	c->newest = page;
}

static struct topic *find_topic(const struct cache *c, str_t name, uint64_t hash)
{
	struct topic *t = c->topics[hash % TOPIC_SHELVES];
	while (t && !(t->hash == hash && str_eq(str_from(t->name, t->nname), name)))
		t = t->next;
	return t;
}

static struct topic *make_topic(struct cache *c, str_t name, uint64_t hash)
{
	struct topic *t = find_topic(c, name, hash);
	if (t || !(t = calloc(1, sizeof *t + name.n)))
		return t;
	t->hash = hash;
	t->nname = name.n;
	memcpy(t->name, name.p, name.n);
	t->next = c->topics[hash % TOPIC_SHELVES];
	c->topics[hash % TOPIC_SHELVES] = t;
	return t;
}

static void unfile(struct cache *c, struct label *l)
{
	struct topic *t = l->topic, **at = &c->topics[t->hash % TOPIC_SHELVES];
	*(l->before ? &l->before->next : &t->first) = l->next;
	if (l->next)
		l->next->before = l->before;
	if (t->first)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

/* Takes a page out; it goes on the list `gone`, to be freed without the lock. */
static void take_out(struct cache *c, struct cached *page, struct cached **gone)
{
	struct cached **at = &c->shelf[page->hash % SHELVES];
	while (*at != page)
		at = &(*at)->next;
	*at = page->next;
	unlink_use(c, page);
	for (size_t i = 0; i < page->nlabels; i++)
		unfile(c, &page->labels[i]);
	c->bytes -= page->size;
	c->figures.pages--;
	page->next = *gone;
	*gone = page;
}

/* --- without the lock --- */

static void free_pages(struct cached *gone)
{
	while (gone) {
		struct cached *page = gone;
		gone = page->next;
		answer_drop(page->answer);
		free(page->labels);
		free(page);
	}
}

/* A page's topics with their hashes. `hashes` is NULL if there are too many, or no memory: then it is
 * not kept. Nothing here is from a request's arena: running out would jump away from those who wait. */
struct filing {
	const str_t *names;
	uint64_t    *hashes;
	size_t       n, bytes;
};

static struct filing make_filing(const struct cache *c, const struct strs *topics)
{
	struct filing f = { .names = topics->v, .n = topics->n };
	if (f.n > TOPICS_MOST || !(f.hashes = calloc(f.n + 1, sizeof *f.hashes)))
		return f;
	for (size_t i = 0; i < f.n; i++) {
		f.hashes[i] = hash_of(c, f.names[i]);
		f.bytes += sizeof(struct label) + sizeof(struct topic) + f.names[i].n;
	}
	return f;
}

/* A page for `answer`, in no list yet; NULL if it is not to be kept. */
static struct cached *make_page(const struct cache *c, str_t key, uint64_t hash,
				struct answer *answer, const struct filing *f)
{
	size_t size = sizeof(struct cached) + key.n + f->bytes + answer->size;
	if (!f->hashes || size > c->most / LARGEST_SHARE)
		return NULL;
	struct cached *page = calloc(1, sizeof *page + key.n);
	struct label *labels = calloc(f->n + 1, sizeof *labels);
	if (!page || !labels) {
		free(page);
		free(labels);
		return NULL; /* it is answered, only not kept */
	}
	page->labels = labels;
	page->hash = hash;
	page->nkey = key.n;
	memcpy(page->key, key.p, key.n);
	page->size = size;
	page->answer = answer_keep(answer);
	return page;
}

/* --- keeping; with the lock held --- */

/* The first drop since `since` that touches one of the topics; any, where that cannot be told. */
static uint64_t first_drop(const struct cache *c, uint64_t since, const struct filing *f)
{
	if (c->drops == since)
		return NEVER;
	if (!f->hashes || c->all_dropped > since || c->drops - since > DROPS_KEPT)
		return since;
	for (uint64_t i = since; i < c->drops; i++)
		for (size_t k = 0; k < f->n; k++)
			if (c->dropped[i % DROPS_KEPT] == f->hashes[k])
				return i;
	return NEVER;
}

static bool is_filed(const struct cached *page, const struct topic *t)
{
	/* Labels go to the front: a topic named twice by the page has it there. */
	return t->first && t->first->page == page;
}

static bool file_under(struct cache *c, struct cached *page, const struct filing *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct topic *t = make_topic(c, f->names[i], f->hashes[i]);
		if (!t)
			return false;
		if (is_filed(page, t))
			continue;
		struct label *l = &page->labels[page->nlabels++];
		*l = (struct label){ .page = page, .topic = t, .next = t->first };
		if (t->first)
			t->first->before = l;
		t->first = l;
	}
	return true;
}

static void put_in(struct cache *c, struct cached *page, const struct filing *f,
		   struct cached **gone)
{
	struct cached *old = find(c, str_from(page->key, page->nkey), page->hash);
	if (old)
		take_out(c, old, gone);
	page->next = c->shelf[page->hash % SHELVES];
	c->shelf[page->hash % SHELVES] = page;
	link_use(c, page);
	c->bytes += page->size;
	c->figures.pages++;
	if (!file_under(c, page, f))
		take_out(c, page, gone);
	while (c->bytes > c->most) {
		c->figures.evicted++;
		take_out(c, c->oldest, gone);
	}
}

static struct answer *hit(struct cache *c, str_t key, uint64_t hash)
{
	struct cached *page = find(c, key, hash);
	if (!page)
		return NULL;
	c->figures.hits++;
	if (page->newer) {
		unlink_use(c, page);
		link_use(c, page);
	}
	return answer_keep(page->answer);
}

/* --- one making for many askers --- */

static struct making *find_making(const struct cache *c, str_t key, uint64_t hash)
{
	struct making *m = c->making;
	while (m && !(m->hash == hash && str_eq(str_from(m->key, m->nkey), key)))
		m = m->next;
	return m;
}

static struct making *begin_making(struct cache *c, str_t key, uint64_t hash)
{
	struct making *m = calloc(1, sizeof *m + key.n);
	if (!m)
		return NULL;
	pthread_cond_init(&m->made, NULL);
	m->holders = 1;
	m->hash = hash;
	m->since = c->drops;
	m->nkey = key.n;
	memcpy(m->key, key.p, key.n);
	m->next = c->making;
	c->making = m;
	c->figures.misses++;
	return m;
}

static void let_go(struct cache *c, struct making *m)
{
	pthread_mutex_lock(&c->lock);
	bool last = --m->holders == 0;
	pthread_mutex_unlock(&c->lock);
	if (!last)
		return;
	answer_drop(m->answer);
	err_free(m->failed);
	pthread_cond_destroy(&m->made);
	free(m);
}

/* Keeps the page unless a drop overtook it, and tells those who wait. */
static void end_making(struct cache *c, struct making *m, struct cached *page, const struct filing *f)
{
	struct cached *gone = NULL;
	pthread_mutex_lock(&c->lock);
	m->outdated = first_drop(c, m->since, f);
	if (page && m->outdated == NEVER) {
		put_in(c, page, f, &gone);
	} else if (page) {
		page->next = NULL;
		gone = page;
	}
	struct making **at = &c->making;
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	m->done = true;
	pthread_cond_broadcast(&m->made);
	pthread_mutex_unlock(&c->lock);
	free_pages(gone);
}

static err_t run_making(struct cache *c, struct making *m, arena_t *a, str_t key, cache_make make,
			void *ctx, struct answer **out)
{
	struct strs topics = { 0 };
	struct filing f = { 0 };
	struct cached *page = NULL;
	err_t e = make(ctx, a, out, &topics);
	if (!e && !*out)
		e = err_new(ERR_SYSTEM, "a page was made without an answer");
	if (e) {
		/* What it would have been filed under is not known: any drop outdates it. */
		m->failed = err_new(e->code, "%s", err_text(e));
	} else {
		f = make_filing(c, &topics);
		page = make_page(c, key, m->hash, *out, &f);
		m->answer = answer_keep(*out);
	}
	end_making(c, m, page, &f);
	free(f.hashes);
	return e;
}

static err_t take_result(const struct making *m, struct answer **out)
{
	if (m->failed)
		return err_new(m->failed->code, "%s", err_text(m->failed));
	*out = answer_keep(m->answer);
	return OK;
}

/* --- the door --- */

err_t cache_new(size_t most_bytes, struct cache **out)
{
	struct cache *c = calloc(1, sizeof *c);
	if (!c)
		return err_new(ERR_MEMORY, "out of memory while making the page cache");
	c->most = most_bytes;
	random_bytes(c->seed, sizeof c->seed);
	pthread_mutex_init(&c->lock, NULL);
	*out = c;
	return OK;
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	cache_drop_all(c);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

struct answer *cache_get(struct cache *c, str_t key)
{
	uint64_t hash = hash_of(c, key);
	pthread_mutex_lock(&c->lock);
	struct answer *answer = hit(c, key, hash);
	pthread_mutex_unlock(&c->lock);
	return answer;
}

/* One asker's way to a page. */
struct asking {
	str_t    key;
	uint64_t hash;
	uint64_t asked; /* drops before it asked */
	bool     maker; /* it makes the page itself */
};

/* A hit in *out, or the making to run or, when this returns, to take from; NULL without memory. */
static struct making *ask(struct cache *c, struct asking *q, struct answer **out)
{
	pthread_mutex_lock(&c->lock);
	if (q->asked == NEVER)
		q->asked = c->drops;
	*out = hit(c, q->key, q->hash);
	struct making *m = *out ? NULL : find_making(c, q->key, q->hash);
	q->maker = !*out && !m;
	if (q->maker) {
		m = begin_making(c, q->key, q->hash);
	} else if (m) {
		c->figures.waits++;
		m->holders++;
		while (!m->done)
			pthread_cond_wait(&m->made, &c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return m;
}

/* Who waits gets what was made, or the same error: to try again at once would only add to what is wrong.
 * But who asked after a drop must not get what was read before it; a making found then is newer. */
err_t cache_get_or_make(struct cache *c, arena_t *a, str_t key, cache_make make, void *ctx,
			struct answer **out)
{
	struct asking q = { .key = key, .hash = hash_of(c, key), .asked = NEVER };
	for (;;) {
		struct making *m = ask(c, &q, out);
		if (*out)
			return OK;
		if (!m)
			return err_new(ERR_MEMORY, "out of memory while making a page");
		bool outdated = !q.maker && m->outdated < q.asked;
		err_t e = OK;
		if (q.maker)
			e = run_making(c, m, a, key, make, ctx, out);
		else if (!outdated)
			e = take_result(m, out);
		let_go(c, m);
		if (!outdated)
			return e;
	}
}

void cache_drop(struct cache *c, str_t topic)
{
	uint64_t hash = hash_of(c, topic);
	struct cached *gone = NULL;
	pthread_mutex_lock(&c->lock);
	c->dropped[c->drops++ % DROPS_KEPT] = hash;
	for (struct topic *t; (t = find_topic(c, topic, hash)) != NULL;) {
		c->figures.dropped++;
		take_out(c, t->first->page, &gone);
	}
	pthread_mutex_unlock(&c->lock);
	free_pages(gone);
}

void cache_drop_all(struct cache *c)
{
	struct cached *gone = NULL;
	pthread_mutex_lock(&c->lock);
	c->all_dropped = ++c->drops;
	while (c->oldest) {
		c->figures.dropped++;
		take_out(c, c->oldest, &gone);
	}
	pthread_mutex_unlock(&c->lock);
	free_pages(gone);
}

struct cache_figures cache_figures(struct cache *c)
{
	pthread_mutex_lock(&c->lock);
	struct cache_figures f = c->figures;
	f.bytes = (int64_t)c->bytes;
	pthread_mutex_unlock(&c->lock);
	return f;
}
