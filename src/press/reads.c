/* reads.c: see reads.h. */
#include "press/reads.h"
#include "press/limits.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/view.h"

#include "record/act.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

const struct act_kind ACT_READS_COUNT = { "reads.count" };

enum {
	STORIES_MOST = 4096,        /* different stories between two writings; a crowd reads hundreds */
	SLOTS = 2 * STORIES_MOST,   /* half empty, so that searching is short */
	FILTER_BITS = 1 << 20,      /* 128 KB: 50,000 readers an hour are told apart in 99 of 100 cases */
	FILTER_HASHES = 2,
	PAGE_MOST = 25,
	KEEP_HOURS = 31 * 24,
	DAY_HOURS = 24,
	WEEK_HOURS = 7 * 24,
};

#define WRITE_PACE (5 * MINUTE) /* an act each, so not sooner; later, and the list is stale */

struct slot {
	char    slug[SLUG_MOST + 1]; /* empty: free */
	int64_t n;
};

struct reads {
	struct stet    *s;
	pthread_mutex_t lock;  /* what follows */
	struct slot     slots[SLOTS];
	size_t          used;
	unsigned char   key[crypto_shorthash_KEYBYTES];
	int64_t         hour;  /* the filter's */
	unsigned char   filter[FILTER_BITS / 8];
	bool            stopping;
	pthread_cond_t  wake;
	pthread_t       thread;
	bool            running;
};

static int64_t hour_of(usec_t t)
{
	return t / HOUR;
}

/* --- who counts --- */

/* Words by which programs name themselves. */
static const char *const programs[] = {
	"bot",    "crawl", "spider", "slurp",  "curl",    "wget",     "python", "java/",
	"go-http", "http", "scan",   "fetch",  "preview", "headless", "monitor", "lighthouse",
	"feed",   "rss",   "archive", "node",  "axios",   "ruby",     "perl",   "php",
};

static bool is_program(const struct request *q)
{
	char low[256];
	str_t agent = request_header(q, "user-agent");
	size_t n = agent.n < sizeof low ? agent.n : sizeof low;
	for (size_t i = 0; i < n; i++)
		low[i] = agent.p[i] >= 'A' && agent.p[i] <= 'Z' ? (char)(agent.p[i] + 32)
								: agent.p[i];
	for (size_t i = 0; i < COUNT(programs); i++)
		if (str_find(str_from(low, n), str_of(programs[i]), 0) != STR_NONE)
			return true;
	return agent.n == 0;
}

/* Browsers since 2023 say for what they ask; from others the address and the name must do. */
bool reads_counts(const struct request *q)
{
	str_t dest = request_header(q, "sec-fetch-dest"), mode = request_header(q, "sec-fetch-mode");
	str_t accept = request_header(q, "accept");
	if (q->method != GET || request_header(q, "sec-purpose").p || request_header(q, "purpose").p ||
	    request_header(q, "x-moz").p)
		return false;
	if (dest.p && (!str_eq(dest, S("document")) || !str_eq(mode, S("navigate"))))
		return false;
	if (!dest.p && str_find(accept, S("text/html"), 0) == STR_NONE)
		return false;
	return !is_program(q);
}

/* The slug of "/section/slug", or nothing. */
static str_t slug_of(str_t path)
{
	size_t second = path.n ? str_find_char(path, '/', 1) : STR_NONE;
	if (second == STR_NONE)
		return (str_t){ NULL, 0 };
	str_t slug = str_slice(path, second + 1, path.n);
	if (!slug.n || slug.n > SLUG_MOST || str_find_char(slug, '/', 0) != STR_NONE ||
	    str_find_char(slug, '.', 0) != STR_NONE)
		return (str_t){ NULL, 0 };
	return slug;
}

static uint64_t hash(const struct reads *r, str_t s, unsigned char salt)
{
	unsigned char key[sizeof r->key];
	uint64_t h;
	memcpy(key, r->key, sizeof key);
	key[0] ^= salt;
	crypto_shorthash((unsigned char *)&h, (const unsigned char *)s.p, s.n, key);
	return h;
}

/* A new hour: nobody is known any more, and nobody can be told again. */
static void turn_hour(struct reads *r, int64_t hour)
{
	if (r->hour == hour)
		return;
	r->hour = hour;
	randombytes_buf(r->key, sizeof r->key);
	memset(r->filter, 0, sizeof r->filter);
}

/* True the first time in this hour that this reader opens this story. */
static bool first_time(struct reads *r, const struct request *q, str_t slug)
{
	char who[512];
	str_t agent = str_slice(request_header(q, "user-agent"), 0, 256);
	int n = snprintf(who, sizeof who, "%.*s\n%.*s\n%.*s", STR(str_slice(q->client, 0, 64)),
			 STR(agent), STR(slug));
	bool seen = true;
	for (unsigned char i = 1; i <= FILTER_HASHES; i++) {
		uint64_t bit = hash(r, str_from(who, (size_t)n), i) % FILTER_BITS;
		unsigned char mask = (unsigned char)(1u << (bit & 7));
		seen = seen && (r->filter[bit >> 3] & mask);
		r->filter[bit >> 3] |= mask;
	}
	return !seen;
}

static void add(struct reads *r, str_t slug)
{
	size_t at = hash(r, slug, 0) % SLOTS;
	for (; r->slots[at].slug[0]; at = (at + 1) % SLOTS)
		if (str_eq(str_of(r->slots[at].slug), slug)) {
			r->slots[at].n++;
			return;
		}
	if (r->used == STORIES_MOST)
		return;
	r->used++;
	memcpy(r->slots[at].slug, slug.p, slug.n);
	r->slots[at].slug[slug.n] = '\0';
	r->slots[at].n = 1;
}

void reads_seen(struct reads *r, const struct request *q)
{
	str_t slug = slug_of(q->path);
	if (!slug.n || !reads_counts(q))
		return;
	int64_t hour = hour_of(clock_now(&r->s->clock));
	pthread_mutex_lock(&r->lock);
	if (r->used == 0) /* slots are found by the key: it changes only while there are none */
		turn_hour(r, hour);
	if (first_time(r, q, slug))
		add(r, slug);
	pthread_mutex_unlock(&r->lock);
}

/* --- writing --- */

static const struct sql add_reads = {
	"INSERT INTO story_read (hour, story, n) SELECT $1, s.id, $2 FROM story s "
	"WHERE s.kind = 'story' AND s.slug = $3 AND s.state = 'published' "
	"ON CONFLICT (hour, story) DO UPDATE SET n = story_read.n + excluded.n"
};
static const struct sql forget_reads = { "DELETE FROM story_read WHERE hour < $1" };
static const struct sql most_read = {
	"SELECT story FROM story_read WHERE hour > $1 GROUP BY story "
	"ORDER BY sum(n) DESC, story DESC LIMIT $2"
};
static const struct sql select_card = {
	"SELECT " CARD_COLUMNS STORY_TABLES "WHERE s.id = $1 AND s.state = 'published'"
};

struct ids_list {
	id64   v[PAGE_MOST];
	size_t n;
};

static err_t find_most(struct conn *c, int64_t after, size_t most, struct ids_list *out)
{
	AUTO_ROWS r = { 0 };
	out->n = 0;
	TRY(db_query(c, &most_read, ARGS(v_int(after), v_int((int64_t)most)), &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		out->v[out->n++] = row_int(&r, 0);
	return e;
}

struct writing {
	struct slot *slots;
	size_t       n;
	int64_t      hour;
	struct act  *act;
};

static err_t write_counts(struct conn *c, arena_t *a, void *ctx)
{
	struct writing *w = ctx;
	struct ids_list before, after;
	int64_t all = 0;
	(void)a;
	TRY(find_most(c, w->hour - DAY_HOURS, PAGE_MOST, &before));
	for (size_t i = 0; i < w->n; i++) {
		int64_t changed;
		TRY(db_run(c, &add_reads,
			   ARGS(v_int(w->hour), v_int(w->slots[i].n),
				v_str(str_of(w->slots[i].slug))), &changed));
		all += changed ? w->slots[i].n : 0;
	}
	TRY(db_run(c, &forget_reads, ARGS(v_int(w->hour - KEEP_HOURS)), NULL));
	TRY(find_most(c, w->hour - DAY_HOURS, PAGE_MOST, &after));
	/* Only another order changes a page. */
	if (before.n != after.n || memcmp(before.v, after.v, after.n * sizeof *after.v) != 0)
		act_touch(w->act, topic_most_read());
	act_detail(w->act, json_pack("{s:I}", "reads", (json_int_t)all));
	return OK;
}

/* Takes the counts out, so that others count on while they are written. */
static struct writing take(struct reads *r, arena_t *a)
{
	struct writing w = { .slots = arena_array(a, STORIES_MOST, sizeof *w.slots) };
	pthread_mutex_lock(&r->lock);
	w.hour = hour_of(clock_now(&r->s->clock));
	for (size_t i = 0; i < SLOTS && w.n < r->used; i++)
		if (r->slots[i].slug[0])
			w.slots[w.n++] = r->slots[i];
	memset(r->slots, 0, sizeof r->slots);
	r->used = 0;
	pthread_mutex_unlock(&r->lock);
	return w;
}

err_t reads_write(struct reads *r, arena_t *a)
{
	struct writing w = take(r, a);
	if (!w.n)
		return OK;
	struct act act = act_begin(r->s, a, &ACT_READS_COUNT, 0, S("clock"));
	w.act = &act;
	return act_commit(&act, write_counts, &w);
}

static void write_now(struct reads *r)
{
	arena_t *a = arena_create(0);
	struct oom_guard guard;
	if (!a)
		return;
	if (!arena_guard(a, &guard)) {
		err_t e = reads_write(r, a);
		if (e)
			log_line(&r->s->log, LOG_WARN, "reads", "%s", err_text(e));
		err_free(e);
		arena_unguard(a, &guard);
	}
	arena_free(a);
}

static void *run(void *ctx)
{
	struct reads *r = ctx;
	pthread_mutex_lock(&r->lock);
	while (!r->stopping) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += WRITE_PACE / SECOND;
		while (!r->stopping &&
		       pthread_cond_timedwait(&r->wake, &r->lock, &until) == 0)
			continue;
		pthread_mutex_unlock(&r->lock);
		write_now(r);
		pthread_mutex_lock(&r->lock);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

err_t reads_new(struct stet *s, struct reads **out)
{
	struct reads *r = calloc(1, sizeof *r);
	if (!r)
		return err_new(ERR_MEMORY, "out of memory while starting");
	r->s = s;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->wake, NULL);
	turn_hour(r, hour_of(clock_now(&s->clock)));
	*out = r;
	return OK;
}

err_t reads_start(struct reads *r)
{
	if (pthread_create(&r->thread, NULL, run, r) != 0)
		return err_new(ERR_SYSTEM, "no thread for counting could be started");
	r->running = true;
	return OK;
}

void reads_stop(struct reads *r)
{
	if (!r->running)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	r->running = false;
}

void reads_free(struct reads *r)
{
	if (!r)
		return;
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* --- showing --- */

static err_t add_card(struct view *v, json_t *list, id64 story)
{
	struct card card;
	AUTO_ROWS r = { 0 };
	TRY(db_query(v->c, &select_card, ARGS(v_int(story)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e; /* withdrawn since */
	row_card(&r, v->a, &card);
	rows_end(&r);
	TRY(card_complete(v->c, v->a, &card));
	json_t *j = view_card(v, &card);
	json_object_set_new(j, "rank", json_integer((json_int_t)json_array_size(list) + 1));
	json_array_append_new(list, j);
	return OK;
}

static err_t add_list(struct stet *s, struct view *v, const char *key, int64_t hours, size_t most)
{
	struct ids_list ids;
	TRY(find_most(v->c, hour_of(clock_now(&s->clock)) - hours, most, &ids));
	json_t *list = json_array();
	json_object_set_new(v->json, key, list);
	for (size_t i = 0; i < ids.n; i++)
		TRY(add_card(v, list, ids.v[i]));
	strs_add(v->a, &v->topics, topic_most_read());
	return OK;
}

err_t reads_add(struct stet *s, struct view *v, size_t most)
{
	return add_list(s, v, "most_read", DAY_HOURS, most);
}

static err_t most_read_view(struct stet *s, struct view *v)
{
	view_head(s, v, &(struct page_head){ .kind = "most-read", .title = say(v, "front.most-read"),
					     .path = S("/most-read") });
	TRY(add_list(s, v, "day", DAY_HOURS, PAGE_MOST));
	TRY(add_list(s, v, "week", WEEK_HOURS, PAGE_MOST));
	strs_add(v->a, &v->topics, topic_front()); /* a headline may change */
	v->template = "most-read";
	return OK;
}

static err_t most_read_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, most_read_view);
}

const struct route reads_routes[] = {
	{ GET, "/most-read", most_read_page },
	{ GET, "/most-read.json", most_read_page },
	{ METHOD_OTHER, NULL, NULL },
};
