/* stream.c: see stream.h. */
#include "forum/stream.h"

#include "forum/limits.h"
#include "forum/pages.h"
#include "http/server.h"
#include "record/act.h"

#include <pthread.h>
#include <stdlib.h>

enum { REPLAYED_MOST = 10 }; /* events for who comes back; further behind, the page is read again */
enum { FOLLOWED_MOST = 4096 }; /* conversations that somebody listened to; the oldest make room */

/* A conversation that somebody listens to, or did. */
struct followed {
	id64    story;
	int64_t told;  /* to this change */
	int64_t comments; /* that there were then */
	bool    dirty; /* there may be more */
	usec_t  asked; /* last, by steady clock */
};

struct forum_stream {
	struct stet    *s;
	arena_t        *a; /* the thread's, emptied for each event */

	pthread_mutex_t lock; /* over the rest */
	pthread_cond_t  wake;
	struct followed v[FOLLOWED_MOST];
	size_t          n;
	bool            woken, stop, running;
	pthread_t       thread;
};

/* --- what an event says --- */

static const struct sql select_changed = {
	"SELECT id, parent, state, ups, change FROM comment WHERE story = $1 AND change > $2 AND "
	"(state <> 'held' OR stands = 1) ORDER BY change LIMIT $3"
};
static const struct sql select_gone = {
	"SELECT id, parent, state, ups, change FROM comment WHERE story = $1 AND change > $2 AND "
	"state <> 'shown' AND (state <> 'held' OR stands = 1) ORDER BY change LIMIT $3"
};

/* What there is to tell, and how far it goes. */
struct news_of {
	id64               story;
	int64_t            after, change, comments;
	bool               more; /* `change` is that of the last that is told, and the rest follows */
	int64_t            added; /* comments, where they were too many to be named; else 0 */
	str_t              changed; /* JSON, each with a comma before it but the first */
};

static err_t read_changed(struct conn *c, arena_t *a, const struct sql *sql, int64_t newest, struct news_of *x)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct buf b = buf_new(a, 512);
	x->change = newest;
	x->more = false;
	int64_t last = x->after;
	TRY(db_query(c, sql, ARGS(v_int(x->story), v_int(x->after), v_int(CHANGES_TOLD + 1)), &r));
	for (size_t n = 0; !x->more && rows_next(&r, &e); n++) {
		id64 parent = row_int(&r, 1);
		if (n == CHANGES_TOLD) {
			x->more = true;
			x->change = last;
			break;
		}
		last = row_int(&r, 4);
		buf_add_format(&b, "%s{\"id\":\"%.*s\",\"answers\":\"%.*s\",\"state\":\"%.*s\",\"ups\":%lld}",
			       n ? "," : "", STR(id_text(a, row_int(&r, 0))),
			       STR(parent ? id_text(a, parent) : S("")), STR(row_str(&r, a, 2)),
			       (long long)row_int(&r, 3));
	}
	x->changed = buf_str(&b);
	return e;
}

/* {comments, added, changed: [{id, answers, state, ups}], change, more} */
static str_t event_data(arena_t *a, const struct news_of *x)
{
	return str_format(a, "{\"comments\":%lld,\"added\":%lld,\"changed\":[%.*s],\"change\":%lld,\"more\":%s}",
			  (long long)x->comments, (long long)x->added, STR(x->changed), (long long)x->change,
			  x->more ? "true" : "false");
}

/* --- the thread --- */

struct telling {
	struct followed f;
	struct news_of  news;
};

/* In a storm those that went are named, for they must go from open pages, and the others counted. */
static err_t read_event(struct conn *c, arena_t *a, void *ctx)
{
	struct telling *x = ctx;
	struct news_of *news = &x->news;
	struct conversation about;
	TRY(conversation_load(c, x->f.story, &about));
	*news = (struct news_of){ .story = x->f.story, .after = x->f.told, .comments = about.comments };
	TRY(read_changed(c, a, &select_changed, about.change, news));
	if (!news->more)
		return OK;
	if (about.comments > x->f.comments)
		news->added = about.comments - x->f.comments;
	return read_changed(c, a, &select_gone, about.change, news);
}

static err_t read_guarded(struct forum_stream *f, struct telling *x)
{
	struct oom_guard guard;
	if (arena_guard(f->a, &guard))
		return err_new(ERR_MEMORY, "out of memory while telling what is new");
	err_t e = store_read(f->s->store, f->a, read_event, x);
	arena_unguard(f->a, &guard);
	return e;
}

static void settle(struct forum_stream *f, const struct telling *x, bool told)
{
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].story != x->f.story)
			continue;
		if (told && f->v[i].told < x->news.change) {
			f->v[i].told = x->news.change;
			f->v[i].comments = x->news.comments;
		}
		if (!told || x->news.more)
			f->v[i].dirty = f->woken = true;
	}
	pthread_mutex_unlock(&f->lock);
}

static void tell(struct forum_stream *f, struct telling *x)
{
	arena_reset(f->a);
	err_t e = read_guarded(f, x);
	if (e)
		log_line(&f->s->log, LOG_ERROR, "forum", "%s", err_text(e));
	else if (x->news.change > x->f.told)
		server_event(f->s->server, topic_comments(f->a, x->f.story), S(""), event_data(f->a, &x->news),
			     x->news.change);
	settle(f, x, !e);
	err_free(e);
}

/* One that there is more to tell of; false if there is none. */
static bool take_dirty(struct forum_stream *f, size_t from, struct telling *x, size_t *at)
{
	bool found = false;
	pthread_mutex_lock(&f->lock);
	for (size_t i = from; i < f->n && !found; i++) {
		if (!f->v[i].dirty)
			continue;
		f->v[i].dirty = false;
		*x = (struct telling){ .f = f->v[i] };
		*at = i + 1;
		found = true;
	}
	pthread_mutex_unlock(&f->lock);
	return found;
}

static void pause_for(struct forum_stream *f, usec_t time)
{
	usec_t until = clock_steady() + time;
	struct timespec at = { .tv_sec = until / SECOND, .tv_nsec = until % SECOND * 1000 };
	pthread_mutex_lock(&f->lock);
	while (!f->stop && clock_steady() < until)
		pthread_cond_timedwait(&f->wake, &f->lock, &at);
	pthread_mutex_unlock(&f->lock);
}

static bool wait_for_more(struct forum_stream *f)
{
	pthread_mutex_lock(&f->lock);
	while (!f->woken && !f->stop)
		pthread_cond_wait(&f->wake, &f->lock);
	bool go_on = !f->stop;
	f->woken = false;
	pthread_mutex_unlock(&f->lock);
	return go_on;
}

static void *run(void *arg)
{
	struct forum_stream *f = arg;
	while (wait_for_more(f)) {
		struct telling x;
		for (size_t at = 0; take_dirty(f, at, &x, &at);)
			tell(f, &x);
		pause_for(f, STREAM_PACE);
	}
	return NULL;
}

void forum_stream_wake(void *forum_stream, const str_t *topics, size_t n, int64_t entry)
{
	struct forum_stream *f = forum_stream;
	str_t prefix = S("comments:");
	(void)entry;
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < n; i++) {
		id64 story;
		if (!str_starts(topics[i], prefix) ||
		    !id_parse(str_slice(topics[i], prefix.n, topics[i].n), &story))
			continue;
		for (size_t j = 0; j < f->n; j++) {
			if (f->v[j].story != story)
				continue;
			f->v[j].dirty = true;
			f->v[j].asked = clock_steady(); /* it is alive: others make room first */
			f->woken = true;
		}
	}
	if (f->woken)
		pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

/* Somebody listens, who has all to `change`. */
static void follow(struct forum_stream *f, id64 story, int64_t change, int64_t comments)
{
	size_t at = 0, oldest = 0;
	pthread_mutex_lock(&f->lock);
	while (at < f->n && f->v[at].story != story) {
		if (f->v[at].asked < f->v[oldest].asked)
			oldest = at;
		at++;
	}
	if (at == f->n && f->n == FOLLOWED_MOST)
		at = oldest;
	if (at == f->n)
		f->n++;
	if (f->v[at].story != story)
		f->v[at] = (struct followed){ .story = story, .told = change, .comments = comments };
	f->v[at].asked = clock_steady();
	f->v[at].dirty = f->woken = true; /* what came between reading and now */
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

/* --- beginning and end --- */

err_t forum_stream_new(struct stet *s, struct forum_stream **out)
{
	struct forum_stream *f = calloc(1, sizeof *f);
	arena_t *a = f ? arena_create(0) : NULL;
	if (!a) {
		free(f);
		return err_new(ERR_MEMORY, "out of memory while starting");
	}
	f->s = s;
	f->a = a;
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&f->wake, &attr);
	pthread_condattr_destroy(&attr);
	*out = f;
	return OK;
}

err_t forum_stream_start(struct forum_stream *f)
{
	int number = pthread_create(&f->thread, NULL, run, f);
	if (number)
		return err_errno(number, "start a thread");
	f->running = true;
	return OK;
}

void forum_stream_stop(struct forum_stream *f)
{
	if (!f || !f->running)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->thread, NULL);
	f->running = false;
}

void forum_stream_free(struct forum_stream *f)
{
	if (!f)
		return;
	forum_stream_stop(f);
	pthread_cond_destroy(&f->wake);
	pthread_mutex_destroy(&f->lock);
	arena_free(f->a);
	free(f);
}

/* --- who comes to listen --- */

struct opening {
	struct stet          *s;
	struct request       *q;
	struct story          st;
	struct forum_settings set;
	int64_t               after, now, comments;
	struct buf            body;
};

static err_t open_stream(struct conn *c, arena_t *a, void *ctx)
{
	struct opening *o = ctx;
	struct conversation about;
	TRY(conversation_at(o->s, c, o->q, a, &o->st, &o->set));
	TRY(conversation_load(c, o->st.id, &about));
	o->now = about.change;
	o->comments = about.comments;
	int64_t from = o->after >= 0 && o->after <= o->now ? o->after : o->now;
	for (int i = 0; from < o->now && i < REPLAYED_MOST; i++) {
		struct news_of x = { .story = o->st.id, .after = from, .comments = about.comments };
		TRY(read_changed(c, a, &select_changed, o->now, &x));
		from = x.change;
		buf_add_format(&o->body, "id: %lld\ndata: %.*s\n\n", (long long)from, STR(event_data(a, &x)));
	}
	if (from < o->now)
		buf_add_format(&o->body, "id: %lld\nevent: far\ndata: {}\n\n", (long long)o->now);
	return OK;
}

/* The last change that the client names, in its header or (a page that was just loaded) the address. */
static int64_t last_seen(const struct request *q)
{
	int64_t header = -1, query = -1;
	str_t said = request_header(q, "last-event-id"), asked = params_get(&q->query, "after");
	if (said.p && (!str_int(said, &header) || header < 0))
		header = -1;
	if (asked.p && (!str_int(asked, &query) || query < 0))
		query = -1;
	return header > query ? header : query;
}

static err_t events(struct stet *s, struct request *q, struct response *r)
{
	struct opening o = { .s = s, .q = q, .after = last_seen(q), .body = buf_new(q->a, 256) };
	struct who who;
	TRY(store_read(s->store, q->a, open_stream, &o));
	buf_add_format(&o.body, "id: %lld\n\n", (long long)o.now); /* nothing is shown for it */
	strs_add(q->a, &r->stream, topic_comments(q->a, o.st.id));
	TRY(who_asks(s, q, &who));
	if (who.reader.id)
		strs_add(q->a, &r->stream, topic_reader(q->a, who.reader.id));
	r->stream_after = o.now;
	r->body = buf_str(&o.body);
	follow(s->forum_stream, o.st.id, o.now, o.comments);
	return OK;
}

/* --- the new ones themselves --- */

static const struct sql select_new = {
	"SELECT id FROM comment WHERE story = $1 AND change > $2 AND state = 'shown' ORDER BY change LIMIT $3"
};

static err_t load_new(struct view *v, id64 story, int64_t after, struct branches *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = (struct branches){ 0 };
	TRY(db_query(v->c, &select_new, ARGS(v_int(story), v_int(after), v_int(NEW_MOST)), &r));
	while (rows_next(&r, &e)) {
		out->v = arena_room(v->a, out->v, out->n, sizeof *out->v);
		out->v[out->n] = (struct branch){ 0 };
		TRY(comment_load(v->c, v->a, row_int(&r, 0), &out->v[out->n++].k));
	}
	return e;
}

static err_t new_view(struct stet *s, struct view *v)
{
	struct story st;
	struct forum_settings set;
	struct talk t;
	struct branches list;
	int64_t after = 0;
	TRY(conversation_at(s, v->c, v->q, v->a, &st, &set));
	str_t asked = params_get(&v->q->query, "after");
	if (asked.p && (!str_int(asked, &after) || after < 0))
		return err_new(ERR_MISSING, "there is no such page");
	TRY(load_new(v, st.id, after, &list));
	TRY(talk_begin(s, v, &st, &set, SORT_OLDEST, &t));
	talk_head(&t, st.headline, conversation_path(v->a, &st));
	TRY(talk_frame(&t, 0));
	bool more = list.n == NEW_MOST;
	int64_t till = json_integer_value(json_object_get(json_object_get(v->json, "talk"), "change"));
	if (more)
		till = list.v[list.n - 1].k.change;
	json_object_set_new(v->json, "comments", talk_comments(&t, &list));
	json_object_set_new(v->json, "till", json_integer(till));
	json_object_set_new(v->json, "till_more", json_boolean(more));
	v->template = "comments-new";
	return OK;
}

static const char *const parameters[] = { "after", NULL };

static err_t new_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page_for(s, q, r, new_view, parameters);
}

/* --- how many --- */

struct counting {
	struct request *q;
	struct buf      b;
	int             n;
};

static const struct sql select_count = {
	"SELECT c.comments FROM story s JOIN conversation c ON c.story = s.id "
	"WHERE s.slug = $1 AND s.kind = 'story' AND s.state = 'published'"
};

static err_t count_all(struct conn *c, arena_t *a, void *ctx)
{
	struct counting *x = ctx;
	str_t rest = params_get(&x->q->query, "stories");
	(void)a;
	while (rest.n && x->n < COUNTS_MOST) {
		str_t slug = str_cut(&rest, ',');
		AUTO_ROWS r = { 0 };
		err_t e = OK;
		err_t bad = slug_check("stories", slug);
		err_free(bad);
		if (bad) /* nothing of ours: left out */
			continue;
		TRY(db_query(c, &select_count, ARGS(v_str(slug)), &r));
		int64_t comments = rows_next(&r, &e) ? row_int(&r, 0) : 0;
		TRY(e);
		buf_add_format(&x->b, "%s\"%.*s\":%lld", x->n++ ? "," : "", STR(slug), (long long)comments);
	}
	return OK;
}

static err_t counts(struct stet *s, struct request *q, struct response *r)
{
	struct counting x = { q, buf_new(q->a, 512), 0 };
	buf_add_char(&x.b, '{');
	TRY(store_read(s->store, q->a, count_all, &x));
	buf_add_char(&x.b, '}');
	response_header(q, r, "Content-Type", S("application/json; charset=utf-8"));
	response_header(q, r, "Cache-Control", S("public, max-age=5"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	response_header(q, r, "Access-Control-Allow-Origin", S("*"));
	r->status = 200;
	r->body = buf_str(&x.b);
	return OK;
}

const struct route forum_stream_routes[] = {
	{ GET, "/:section/:slug/comments/events", events },
	{ GET, "/:section/:slug/comments/new", new_page },
	{ GET, "/comments/counts.json", counts },
	{ 0 },
};
