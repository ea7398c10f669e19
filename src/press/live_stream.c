/* live_stream.c: see live_stream.h. */
#include "press/live_stream.h"
#include "readers/readers.h"
#include "press/live_view.h"
#include "press/pages.h"

#include "record/act.h"
#include "record/bus.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	BATCH = 64,
	KEPT = 64,           /* events rendered, for those who come back: a whole town after a restart */
	REPLAY_MOST = 100,   /* acts; further behind, the page is less than its events */
	REPLAY_BYTES = 48 * 1024,
};

struct kept {
	int64_t number;
	char   *data; /* malloced */
	size_t  n;
};

struct live_stream {
	struct stet    *s;
	arena_t        *a;    /* the thread's, emptied for each batch */
	int64_t         seen; /* last entry of the record that was told; the thread's */
	bool            failing;

	pthread_mutex_t lock; /* over the rest */
	pthread_cond_t  wake;
	bool            woken, stop, running;
	int64_t         others; /* last entry that is no live blog's, and has nothing untold before it */
	pthread_t       thread;
	struct kept     kept[KEPT];
	size_t          nkept;
};

/* --- rendered once --- */

static void keep(struct live_stream *l, const struct live_event *e)
{
	char *copy = malloc(e->data.n);
	if (!copy)
		return;
	memcpy(copy, e->data.p, e->data.n);
	pthread_mutex_lock(&l->lock);
	struct kept *k = &l->kept[l->nkept++ % KEPT];
	free(k->data);
	*k = (struct kept){ e->number, copy, e->data.n };
	pthread_mutex_unlock(&l->lock);
}

static str_t find_kept(struct live_stream *l, arena_t *a, int64_t number)
{
	str_t found = { NULL, 0 };
	char *room = arena_alloc(a, REPLAY_BYTES); /* before the lock: memory may run out here */
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < KEPT; i++)
		if (l->kept[i].data && l->kept[i].number == number &&
		    l->kept[i].n <= REPLAY_BYTES) {
			memcpy(room, l->kept[i].data, l->kept[i].n);
			found = str_from(room, l->kept[i].n);
		}
	pthread_mutex_unlock(&l->lock);
	return found;
}

/* --- the thread --- */

/* The topic of a stream among these; {NULL, 0} if there is none. */
static str_t live_topic(const str_t *topics, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(topics[i], S("live:")))
			return topics[i];
	return (str_t){ NULL, 0 };
}

static err_t tell(struct live_stream *l, struct conn *c, const struct entry *record)
{
	struct live_event e;
	str_t topic = live_topic(record->topics.v, record->topics.n);
	if (!topic.p)
		return OK;
	err_t bad = live_event_make(l->s, l->a, c, record, &e);
	if (bad) { /* it must not hold up those behind it */
		log_line(&l->s->log, LOG_ERROR, "live", "entry %lld: %s", (long long)record->number,
			 err_text(bad));
		e = live_event_reset(record->number);
	}
	err_free(bad);
	keep(l, &e);
	if (e.last)
		server_event_last(l->s->server, topic, S(""), e.data, e.number);
	else
		server_event(l->s->server, topic, S(""), e.data, e.number);
	return OK;
}

struct batch {
	struct live_stream *l;
	size_t              n;
};

/* One snapshot for the batch; a failure is told again with the next. */
static err_t tell_batch(struct conn *c, arena_t *a, void *ctx)
{
	struct batch *b = ctx;
	struct entries list;
	TRY(record_after(c, a, b->l->seen, BATCH, &list));
	b->n = list.n;
	for (size_t i = 0; i < list.n; i++) {
		TRY(tell(b->l, c, &list.v[i]));
		b->l->seen = list.v[i].number;
	}
	return OK;
}

static err_t tell_guarded(struct live_stream *l, struct batch *b)
{
	struct oom_guard guard;
	if (arena_guard(l->a, &guard))
		return err_new(ERR_MEMORY, "out of memory while telling what is new");
	err_t e = store_read(l->s->store, l->a, tell_batch, b);
	arena_unguard(l->a, &guard);
	return e;
}

static void tell_all(struct live_stream *l)
{
	struct batch b = { .l = l };
	err_t e;
	do {
		arena_reset(l->a);
		e = tell_guarded(l, &b);
	} while (!e && b.n == BATCH);
	if (e && !l->failing)
		log_line(&l->s->log, LOG_ERROR, "live", "%s", err_text(e));
	l->failing = e != OK;
	err_free(e);
}

/* For an entry to come; what failed is tried again in a second. */
static bool wait_for_more(struct live_stream *l)
{
	usec_t until = clock_steady() + SECOND;
	struct timespec at = { .tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000 };
	pthread_mutex_lock(&l->lock);
	while (!l->woken && !l->stop && !(l->failing && clock_steady() >= until)) {
		if (l->failing)
			pthread_cond_timedwait(&l->wake, &l->lock, &at);
		else
			pthread_cond_wait(&l->wake, &l->lock);
	}
	bool go_on = !l->stop;
	l->woken = false;
	if (!l->failing && l->others > l->seen)
		l->seen = l->others;
	pthread_mutex_unlock(&l->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct live_stream *l = arg;
	while (wait_for_more(l))
		tell_all(l);
	return NULL;
}

void live_stream_wake(void *live_stream, const str_t *topics, size_t n, int64_t entry)
{
	struct live_stream *l = live_stream;
	bool live = live_topic(topics, n).p != NULL;
	pthread_mutex_lock(&l->lock);
	if (live) {
		l->woken = true;
		pthread_cond_signal(&l->wake);
	} else if (!l->woken && entry) {
		l->others = entry; /* a storm of comments is not read here */
	}
	pthread_mutex_unlock(&l->lock);
}

static err_t read_last(struct conn *c, arena_t *a, void *last)
{
	(void)a;
	return record_last(c, last);
}

err_t live_stream_new(struct stet *s, struct live_stream **out)
{
	struct live_stream *l = calloc(1, sizeof *l);
	arena_t *a = l ? arena_create(0) : NULL;
	if (!a) {
		free(l);
		return err_new(ERR_MEMORY, "out of memory while starting");
	}
	l->s = s;
	l->a = a;
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->wake, &attr);
	pthread_condattr_destroy(&attr);
	*out = l;
	return store_read(s->store, a, read_last, &l->seen);
}

err_t live_stream_start(struct live_stream *l)
{
	int number = pthread_create(&l->thread, NULL, run, l);
	if (number)
		return err_errno(number, "start a thread");
	l->running = true;
	return OK;
}

void live_stream_stop(struct live_stream *l)
{
	if (!l || !l->running)
		return;
	pthread_mutex_lock(&l->lock);
	l->stop = true;
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	l->running = false;
}

void live_stream_free(struct live_stream *l)
{
	if (!l)
		return;
	live_stream_stop(l);
	for (size_t i = 0; i < KEPT; i++)
		free(l->kept[i].data);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	arena_free(l->a);
	free(l);
}

/* --- who comes to listen --- */

struct opening {
	struct stet    *s;
	struct request *q;
	struct story    st;
	int64_t         after; /* the client has all to this entry of the record; 0: says nothing */
	int64_t         now;   /* and with what it is sent, to this */
	struct buf      body;
	size_t          told;
};

static void add_event(struct opening *o, int64_t number, str_t data)
{
	buf_add_format(&o->body, "id: %lld\ndata: %.*s\n\n", (long long)number, STR(data));
	o->told++;
}

/* The last id that the client names, in its header or (a page that was just loaded) the address. */
static int64_t last_seen(const struct request *q)
{
	int64_t header = 0, query = 0;
	str_t said = request_header(q, "last-event-id"), asked = params_get(&q->query, "after");
	if (said.p && (!str_int(said, &header) || header < 0))
		header = 0;
	if (asked.p && (!str_int(asked, &query) || query < 0))
		query = 0;
	return header > query ? header : query;
}

static str_t entry_named(arena_t *a, const struct entry *record)
{
	json_t *detail = json_loadb(record->detail.p, record->detail.n, 0, NULL);
	str_t id = str_copy(a, str_of(json_string_value(json_object_get(detail, "entry"))));
	json_decref(detail);
	return id;
}

/* Of several changes of one entry the last tells all. `list` is newest first. */
static bool is_outdone(const struct strs *ids, size_t i)
{
	for (size_t j = 0; j < i && ids->v[i].n; j++)
		if (str_eq(ids->v[i], ids->v[j]))
			return true;
	return false;
}

static err_t replay_one(struct opening *o, struct conn *c, const struct entry *record)
{
	arena_t *a = o->q->a;
	struct live_event e;
	str_t data = find_kept(o->s->live, a, record->number);
	if (!data.p) {
		TRY(live_event_make(o->s, a, c, record, &e));
		data = e.data;
	}
	add_event(o, record->number, data);
	return OK;
}

static err_t replay(struct opening *o, struct conn *c, arena_t *a)
{
	struct entries list;
	struct strs ids = { 0 };
	size_t n = 0;
	TRY(record_of(c, a, o->st.id, 0, REPLAY_MOST + 1, &list));
	for (; n < list.n && list.v[n].number > o->after; n++)
		strs_add(a, &ids, entry_named(a, &list.v[n]));
	bool too_far = n > REPLAY_MOST || o->after > o->now;
	for (size_t i = n; i > 0 && !too_far; i--) {
		if (live_topic(list.v[i - 1].topics.v, list.v[i - 1].topics.n).p && !is_outdone(&ids, i - 1))
			TRY(replay_one(o, c, &list.v[i - 1]));
		too_far = o->body.n > REPLAY_BYTES;
	}
	if (too_far) {
		buf_clear(&o->body);
		add_event(o, o->now, live_event_reset(o->now).data);
	}
	return OK;
}

static err_t open_stream(struct conn *c, arena_t *a, void *ctx)
{
	struct opening *o = ctx;
	const struct params *route = &o->q->route;
	TRY(story_by_slug(c, a, STORY, params_get(route, "slug"), &o->st));
	if (o->st.state != PUBLISHED || o->st.live == NOT_LIVE ||
	    !str_eq(o->st.section.slug, params_get(route, "section")))
		return err_new(ERR_MISSING, "there is no such stream");
	TRY(record_last(c, &o->now));
	if (o->after)
		TRY(replay(o, c, a));
	/* Nothing is shown for it, but the client knows where it stands. */
	buf_add_format(&o->body, "id: %lld\n\n", (long long)o->now);
	return OK;
}

/* A reader who is signed out elsewhere is so here at once. */
static err_t hear_of_reader(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	TRY(who_asks(s, q, &who));
	if (who.reader.id)
		strs_add(q->a, &r->stream, topic_reader(q->a, who.reader.id));
	return OK;
}

static err_t events(struct stet *s, struct request *q, struct response *r)
{
	struct opening o = { .s = s, .q = q, .after = last_seen(q), .body = buf_new(q->a, 256) };
	TRY(store_read(s->store, q->a, open_stream, &o));
	if (o.st.live == LIVE) {
		strs_add(q->a, &r->stream, topic_live(q->a, o.st.id));
		TRY(hear_of_reader(s, q, r));
		r->stream_after = o.now;
		r->body = buf_str(&o.body);
	} else if (!o.told) {
		r->status = 204; /* which says: do not come again */
	} else {
		response_header(q, r, "Content-Type", S("text/event-stream"));
		response_header(q, r, "Cache-Control", S("no-store"));
		r->body = buf_str(&o.body);
	}
	return OK;
}

const struct route live_routes[] = {
	{ GET, "/:section/:slug/events", events },
	{ METHOD_OTHER, NULL, NULL },
};
