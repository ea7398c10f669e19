/* stream.c: see stream.h.
 *
 *	topic "front" -> subscription -> subscription ...     (of all streams that listen to it)
 *	stream        -> subscriptions[]                      (of all topics it listens to)
 *
 * Streams also stand in one list in the order of their last heartbeat, so a tick looks only at those
 * whose turn it is. */
#include "http/stream.h"

#include "http/exchange.h"
#include "http/limits.h"
#include "http/loop.h"

#include <stdio.h>
#include <stdlib.h>

#define CHAINS 1024

struct subscription {
	struct subscription  *next, **link; /* of the topic */
	struct topic         *topic;
	struct stream        *stream;
};

struct topic {
	struct topic        *next;
	struct subscription *first;
	uint32_t             hash;
	size_t               n;
	char                 name[];
};

struct stream {
	struct exchange    *x;
	struct stream      *next, **link; /* by heartbeat, the longest silent first */
	usec_t              beat;
	int64_t             after; /* events up to this id have reached it otherwise */
	size_t              n;
	struct subscription subscriptions[];
};

struct streams {
	size_t         count;
	struct stream *first, **end;
	struct event  *heartbeat;
	struct event  *kept[LIMIT_EVENTS_KEPT]; /* the last with an id, as a ring */
	size_t         nkept;                   /* ever */
	int64_t        forgotten;               /* highest id that is no longer among them */
	struct topic  *chains[CHAINS];
};

/* -- events ---------------------------------------------------------------------------------- */

static size_t count_lines(str_t data)
{
	size_t n = 0;
	for (str_t rest = data.p ? data : S(""); rest.p; n++)
		str_cut(&rest, '\n');
	return n;
}

static void put(char **to, str_t s)
{
	if (s.n)
		memcpy(*to, s.p, s.n);
	*to += s.n;
}

/* A value that stands in one line: ends at a line end, should there be one. */
static str_t one_line(str_t s)
{
	size_t n = 0;
	while (n < s.n && s.p[n] != '\r' && s.p[n] != '\n')
		n++;
	return str_slice(s, 0, n);
}

static void put_data(char **to, str_t data)
{
	for (str_t rest = data.p ? data : S(""); rest.p;) {
		put(to, S("data: "));
		str_t line = str_cut(&rest, '\n');
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		for (size_t i = 0; i < line.n; i++) /* the format takes a lone one for a line end */
			*(*to)++ = line.p[i] == '\r' ? ' ' : line.p[i];
		put(to, S("\n"));
	}
}

struct event *event_new(str_t topic, str_t name, str_t data, int64_t id)
{
	size_t most = topic.n + name.n + data.n + 6 * count_lines(data) + 64;
	struct event *e = malloc(sizeof *e + most);
	if (!e)
		return NULL;
	char *p = (char *)(e + 1);
	*e = (struct event){ .id = id };
	atomic_init(&e->refs, 1);
	put(&p, topic);
	e->topic = str_from((const char *)(e + 1), topic.n);
	const char *begin = p;
	name = one_line(name);
	if (name.n) {
		put(&p, S("event: "));
		put(&p, name);
		put(&p, S("\n"));
	}
	if (id)
		p += snprintf(p, 32, "id: %lld\n", (long long)id);
	put_data(&p, data);
	put(&p, S("\n"));
	e->bytes = str_from(begin, (size_t)(p - begin));
	return e;
}

struct event *event_keep(struct event *e)
{
	atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
	return e;
}

void event_drop(struct event *e)
{
	if (e && atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) == 1)
		free(e);
}

struct event *event_raw(str_t first, str_t second)
{
	struct event *e = malloc(sizeof *e + first.n + second.n);
	if (!e)
		return NULL;
	char *begin = (char *)(e + 1), *p = begin;
	put(&p, first);
	put(&p, second);
	*e = (struct event){ .topic = S(""), .bytes = str_from(begin, first.n + second.n) };
	atomic_init(&e->refs, 1);
	return e;
}

/* -- topics ---------------------------------------------------------------------------------- */

static uint32_t hash_of(str_t s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

static struct topic **find(struct streams *s, str_t name, uint32_t hash)
{
	struct topic **at = &s->chains[hash % CHAINS];
	while (*at && ((*at)->hash != hash || !str_eq(str_from((*at)->name, (*at)->n), name)))
		at = &(*at)->next;
	return at;
}

static struct topic *topic_of(struct streams *s, str_t name)
{
	uint32_t hash = hash_of(name);
	struct topic **at = find(s, name, hash);
	if (*at)
		return *at;
	struct topic *t = malloc(sizeof *t + name.n);
	if (!t)
		return NULL;
	*t = (struct topic){ .hash = hash, .n = name.n };
	memcpy(t->name, name.p, name.n);
	return *at = t;
}

static void topic_leave(struct streams *s, struct subscription *sub)
{
	struct topic *t = sub->topic;
	*sub->link = sub->next;
	if (sub->next)
		sub->next->link = sub->link;
	if (t->first)
		return;
	struct topic **at = find(s, str_from(t->name, t->n), t->hash);
	*at = t->next;
	free(t);
}

static void topic_join(struct topic *t, struct subscription *sub)
{
	sub->topic = t;
	sub->next = t->first;
	sub->link = &t->first;
	if (sub->next)
		sub->next->link = &sub->next;
	t->first = sub;
}

/* -- streams --------------------------------------------------------------------------------- */

static void to_end(struct streams *s, struct stream *stream)
{
	stream->next = NULL;
	stream->link = s->end;
	*s->end = stream;
	s->end = &stream->next;
}

static void unlink_stream(struct streams *s, struct stream *stream)
{
	*stream->link = stream->next;
	if (stream->next)
		stream->next->link = stream->link;
	else
		s->end = stream->link;
}

struct streams *streams_new(void)
{
	struct streams *s = calloc(1, sizeof *s);
	if (!s || !(s->heartbeat = event_raw(S(":\n\n"), S("")))) {
		free(s);
		return NULL;
	}
	s->end = &s->first;
	return s;
}

void streams_free(struct streams *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < LIMIT_EVENTS_KEPT; i++)
		event_drop(s->kept[i]);
	event_drop(s->heartbeat);
	free(s);
}

size_t streams_count(const struct streams *s)
{
	return s->count;
}

void stream_close(struct streams *s, struct stream *stream)
{
	for (size_t i = 0; i < stream->n; i++)
		topic_leave(s, &stream->subscriptions[i]);
	unlink_stream(s, stream);
	s->count--;
	free(stream);
}

static bool listens(const struct stream *stream, const struct topic *t)
{
	for (size_t i = 0; i < stream->n; i++)
		if (stream->subscriptions[i].topic == t)
			return true;
	return false;
}

struct stream *stream_open(struct streams *s, struct exchange *x, const struct strs *topics,
			   int64_t after)
{
	struct stream *stream = calloc(1, sizeof *stream +
						  topics->n * sizeof *stream->subscriptions);
	if (!stream)
		return NULL;
	stream->x = x;
	stream->after = after;
	stream->beat = loop_now(x->loop);
	to_end(s, stream);
	s->count++;
	for (size_t i = 0; i < topics->n; i++) {
		struct topic *t = topic_of(s, topics->v[i]);
		if (!t) {
			stream_close(s, stream);
			return NULL;
		}
		if (listens(stream, t))
			continue; /* named twice */
		struct subscription *sub = &stream->subscriptions[stream->n++];
		sub->stream = stream;
		topic_join(t, sub);
	}
	return stream;
}

/* -- events that a stream must not miss while it opens ------------------------------------------ */

static void keep(struct streams *s, struct event *e)
{
	struct event **place = &s->kept[s->nkept++ % LIMIT_EVENTS_KEPT];
	if (*place && (*place)->id > s->forgotten)
		s->forgotten = (*place)->id;
	event_drop(*place);
	*place = event_keep(e);
}

static bool is_among(const struct strs *topics, str_t topic)
{
	for (size_t i = 0; i < topics->n; i++)
		if (str_eq(topics->v[i], topic))
			return true;
	return false;
}

struct event *streams_first(const struct streams *s, str_t head, str_t body,
			    const struct strs *topics, int64_t after)
{
	struct event *missed[LIMIT_EVENTS_KEPT];
	size_t n = 0, size = 0;
	if (after && s->forgotten > after)
		return NULL;
	size_t begin = s->nkept > LIMIT_EVENTS_KEPT ? s->nkept - LIMIT_EVENTS_KEPT : 0;
	for (size_t i = begin; after && i < s->nkept; i++) {
		struct event *e = s->kept[i % LIMIT_EVENTS_KEPT];
		if (e->id <= after || !is_among(topics, e->topic))
			continue;
		missed[n++] = e;
		size += e->bytes.n;
	}
	struct event *first = malloc(sizeof *first + head.n + body.n + size);
	if (!first)
		return NULL;
	char *p = (char *)(first + 1);
	const char *begin_bytes = p;
	*first = (struct event){ .topic = S("") };
	atomic_init(&first->refs, 1);
	put(&p, head);
	put(&p, body);
	for (size_t i = 0; i < n; i++) {
		put(&p, missed[i]->bytes);
		first->last |= missed[i]->last;
	}
	first->bytes = str_from(begin_bytes, head.n + body.n + size);
	return first;
}

void streams_event(struct streams *s, struct event *e)
{
	if (e->id)
		keep(s, e);
	struct topic *t = *find(s, e->topic, hash_of(e->topic));
	if (!t)
		return;
	/* One that is too slow leaves while we walk; with the last one goes the topic. */
	for (struct subscription *sub = t->first, *next; sub; sub = next) {
		struct exchange *x = sub->stream->x;
		next = sub->next;
		if (!e->id || e->id > sub->stream->after)
			x->conn->protocol->event(x, e);
	}
}

void streams_beat(struct streams *s, usec_t now, usec_t every)
{
	while (s->first && s->first->beat + every <= now) {
		struct stream *stream = s->first;
		stream->beat = now;
		unlink_stream(s, stream);
		to_end(s, stream);
		stream->x->conn->protocol->event(stream->x, s->heartbeat);
	}
}
