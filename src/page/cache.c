/* cache.c: see cache.h. One lock over two hash tables: pages by key, and topics by name, each with
 * the list of its pages. A hit takes the lock for a look-up and two list moves; measured it is well under a
 * microsecond, less than a hundredth of what writing the page costs. */
#include "page/cache.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	SHELVES = 16384,     /* of pages; a power of two */
	TOPIC_SHELVES = 4096,
	LABELS_MOST = 64,    /* topics of one page that are kept apart; more: it is not kept */
	DROPS_KEPT = 1024,   /* drops remembered for pages that are being made */
};

struct label;

struct cached {
	struct cached *next;          /* on its shelf */
	struct cached *newer, *older; /* by last use */
	uint64_t       hash;
	struct answer *answer;
	struct label  *labels;        /* a page's place in each of its topics */
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

/* A page that somebody makes while others may wait. */
struct making {
	struct making *next;
	uint64_t       hash;
	str_t          key;
	bool           done;
	err_t          failed;  /* the maker's; waiters get a copy of its sense */
	struct answer *answer;
	int            waiting;
};

struct cache {
	pthread_mutex_t lock; /* everything below */
	pthread_cond_t  made;
	struct cached  *shelf[SHELVES];
	struct topic   *topics[TOPIC_SHELVES];
	struct cached  *newest, *oldest;
	struct making  *making;
	size_t          bytes, most;
	uint64_t        drops;                /* how many there were */
	uint64_t        dropped[DROPS_KEPT];  /* hashes of the last topics dropped */
	uint64_t        all_dropped;          /* `drops` at the last cache_drop_all */
	struct cache_figures figures;
};

static uint64_t hash_of(str_t s)
{
	uint64_t h = 1469598103934665603u; /* FNV-1a: keys are our own addresses, bounded in length */
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h ^ h >> 32;
}

/* --- lists; all with the lock held --- */

static struct cached *find(const struct cache *c, str_t key, uint64_t hash)
{
	struct cached *page = c->shelf[hash % SHELVES];
	while (page && !(page->hash == hash && page->nkey == key.n &&
			 memcmp(page->key, key.p, key.n) == 0))
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
	while (t && !(t->hash == hash && t->nname == name.n &&
		      memcmp(t->name, name.p, name.n) == 0))
		t = t->next;
	return t;
}

static struct topic *make_topic(struct cache *c, str_t name)
{
	uint64_t hash = hash_of(name);
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

static void free_topic(struct cache *c, struct topic *t)
{
	struct topic **at = &c->topics[t->hash % TOPIC_SHELVES];
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

static void unfile(struct cache *c, struct label *l)
{
	*(l->before ? &l->before->next : &l->topic->first) = l->next;
	if (l->next)
		l->next->before = l->before;
	if (!l->topic->first)
		free_topic(c, l->topic);
}

static void remove_page(struct cache *c, struct cached *page)
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
	answer_drop(page->answer);
	free(page->labels);
	free(page);
}

/* --- keeping --- */

static bool was_dropped_since(const struct cache *c, uint64_t since, const struct strs *topics)
{
	if (c->all_dropped > since || c->drops - since > DROPS_KEPT)
		return true; /* or too long ago to know */
	for (uint64_t i = since; i < c->drops; i++)
		for (size_t k = 0; k < topics->n; k++)
			if (c->dropped[i % DROPS_KEPT] == hash_of(topics->v[k]))
				return true;
	return false;
}

static bool file_under(struct cache *c, struct cached *page, const struct strs *topics)
{
	for (size_t i = 0; i < topics->n; i++) {
		bool twice = false;
		for (size_t k = 0; k < i; k++)
			twice |= str_eq(topics->v[k], topics->v[i]);
		struct topic *t = twice ? NULL : make_topic(c, topics->v[i]);
		if (twice)
			continue;
		if (!t)
			return false;
		struct label *l = &page->labels[page->nlabels++];
		*l = (struct label){ .page = page, .topic = t, .next = t->first };
		if (t->first)
			t->first->before = l;
		t->first = l;
	}
	return true;
}

static void keep(struct cache *c, str_t key, uint64_t hash, struct answer *answer,
		 const struct strs *topics)
{
	size_t size = sizeof(struct cached) + key.n + topics->n * sizeof(struct label) +
		      answer->size;
	if (topics->n > LABELS_MOST || size > c->most / 4 || find(c, key, hash))
		return;
	struct cached *page = calloc(1, sizeof *page + key.n);
	struct label *labels = calloc(topics->n ? topics->n : 1, sizeof *labels);
	if (!page || !labels) {
		free(page);
		free(labels);
		return; /* it is answered, only not kept */
	}
	page->labels = labels;
	page->hash = hash;
	page->nkey = key.n;
	memcpy(page->key, key.p, key.n);
	page->size = size;
	page->answer = answer_keep(answer);
	page->next = c->shelf[hash % SHELVES];
	c->shelf[hash % SHELVES] = page;
	link_use(c, page);
	c->bytes += size;
	c->figures.pages++;
	if (!file_under(c, page, topics)) {
		remove_page(c, page);
		return;
	}
	while (c->bytes > c->most && c->oldest != page) {
		c->figures.evicted++;
		remove_page(c, c->oldest);
	}
}

/* --- the door --- */

err_t cache_new(size_t most_bytes, struct cache **out)
{
	struct cache *c = calloc(1, sizeof *c);
	if (!c)
		return err_new(ERR_MEMORY, "out of memory while making the page cache");
	c->most = most_bytes;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->made, NULL);
	*out = c;
	return OK;
}

void cache_free(struct cache *c)
{
	if (!c)
		return;
	while (c->oldest)
		remove_page(c, c->oldest);
	pthread_cond_destroy(&c->made);
	pthread_mutex_destroy(&c->lock);
	free(c);
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

struct answer *cache_get(struct cache *c, str_t key)
{
	uint64_t hash = hash_of(key);
	pthread_mutex_lock(&c->lock);
	struct answer *answer = hit(c, key, hash);
	pthread_mutex_unlock(&c->lock);
	return answer;
}

static struct making *find_making(struct cache *c, str_t key, uint64_t hash)
{
	struct making *m = c->making;
	while (m && !(m->hash == hash && str_eq(m->key, key)))
		m = m->next;
	return m;
}

static void end_making(struct cache *c, struct making *m)
{
	struct making **at = &c->making;
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	m->done = true;
	pthread_cond_broadcast(&c->made);
	while (m->waiting > 0)
		pthread_cond_wait(&c->made, &c->lock);
}

/* Somebody makes it already: their result is ours. */
static err_t wait_for(struct cache *c, struct making *m, struct answer **out)
{
	err_t e = OK;
	c->figures.waits++;
	m->waiting++;
	while (!m->done)
		pthread_cond_wait(&c->made, &c->lock);
	if (m->answer)
		*out = answer_keep(m->answer);
	else
		e = err_new(m->failed ? m->failed->code : ERR_SYSTEM, "%s", err_text(m->failed));
	m->waiting--;
	pthread_cond_broadcast(&c->made);
	return e;
}

err_t cache_get_or_make(struct cache *c, arena_t *a, str_t key, cache_make make, void *ctx,
			struct answer **out)
{
	uint64_t hash = hash_of(key);
	struct strs topics = { 0 };
	pthread_mutex_lock(&c->lock);
	*out = hit(c, key, hash);
	struct making *other = *out ? NULL : find_making(c, key, hash);
	if (*out || other) {
		err_t e = other ? wait_for(c, other, out) : OK;
		pthread_mutex_unlock(&c->lock);
		return e;
	}
	struct making mine = { .hash = hash, .key = key, .next = c->making };
	c->making = &mine;
	c->figures.misses++;
	uint64_t since = c->drops;
	pthread_mutex_unlock(&c->lock);

	mine.failed = make(ctx, a, &mine.answer, &topics);

	pthread_mutex_lock(&c->lock);
	if (!mine.failed && !was_dropped_since(c, since, &topics))
		keep(c, key, hash, mine.answer, &topics);
	end_making(c, &mine);
	pthread_mutex_unlock(&c->lock);
	*out = mine.answer;
	return mine.failed;
}

void cache_drop(struct cache *c, str_t topic)
{
	uint64_t hash = hash_of(topic);
	pthread_mutex_lock(&c->lock);
	c->dropped[c->drops++ % DROPS_KEPT] = hash;
	for (struct topic *t; (t = find_topic(c, topic, hash)) != NULL;) {
		c->figures.dropped++;
		remove_page(c, t->first->page);
	}
	pthread_mutex_unlock(&c->lock);
}

void cache_drop_all(struct cache *c)
{
	pthread_mutex_lock(&c->lock);
	c->all_dropped = ++c->drops;
	while (c->oldest)
		remove_page(c, c->oldest);
	pthread_mutex_unlock(&c->lock);
}

struct cache_figures cache_figures(struct cache *c)
{
	pthread_mutex_lock(&c->lock);
	struct cache_figures f = c->figures;
	f.bytes = (int64_t)c->bytes;
	pthread_mutex_unlock(&c->lock);
	return f;
}
