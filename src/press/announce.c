/* announce.c: see announce.h. */
#include "press/announce.h"
#include "press/view.h"

#include "net/http_client.h"
#include "record/act.h"
#include "record/jobs.h"
#include "record/record.h"

#include <stdlib.h>

enum {
	ENTRIES = 256,          /* of the record, read at a time */
	FEEDS_MOST = 300,       /* told to a hub in one call: a form of some 30 KB */
	ADDRESSES_MOST = 10000, /* in one call: IndexNow's bound */
};

/* What waits to be run for the first time: it will read the record when it does. */
static const struct sql select_waiting = {
	"SELECT 1 FROM job WHERE kind = $1 AND payload = $2 AND attempt = 0"
};
static const struct sql select_begin = { "SELECT entry FROM job WHERE id = $1" };

static bool may_tell(const struct stet *s)
{
	return http_is_public(s->config.url) || config_allows(s->config.private_calls);
}

static err_t leave(struct stet *s, struct conn *c, struct act *act, const char *kind, str_t payload)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_waiting, ARGS(v_str(str_of(kind)), v_str(payload)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e) && !e)
		act_job(act, kind, payload,
			clock_now(&s->clock) + s->config.announce_after * SECOND);
	return e;
}

err_t announce_follow(struct stet *s, struct conn *c, struct act *act)
{
	if (!may_tell(s))
		return OK;
	for (str_t rest = s->config.hubs; rest.n;) {
		str_t hub = str_trim(str_cut(&rest, ','));
		json_t *j = json_pack("{s:o}", "hub", view_text(hub));
		char *text = json_dumps(j, JSON_COMPACT);
		json_decref(j);
		if (!text)
			return err_new(ERR_MEMORY, "out of memory");
		str_t payload = str_copy(act->a, str_of(text));
		free(text);
		TRY(leave(s, c, act, WEBSUB_PING, payload));
	}
	return s->config.indexnow.n ? leave(s, c, act, INDEXNOW_TELL, S("{}")) : OK;
}

/* --- what changed --- */

struct news {
	struct stet *s;
	id64         job;
	struct strs  topics;
	struct strs  addresses; /* of stories */
};

static void add_once(arena_t *a, struct strs *list, str_t s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i], s))
			return;
	strs_add(a, list, s);
}

/* The address of what an entry is about, if the public may see it or might have. */
static err_t add_address(struct news *n, struct conn *c, arena_t *a, const struct entry *entry)
{
	struct story st;
	if (!str_starts(entry->kind, S("story.")) && !str_starts(entry->kind, S("live.")))
		return OK;
	err_t e = story_load(c, a, entry->subject, &st);
	if (e && e->code != ERR_MISSING)
		return e;
	if (!e && st.state != DRAFT)
		add_once(a, &n->addresses, view_absolute(n->s, a, story_path(a, &st)));
	err_free(e);
	return OK;
}

static err_t read_news(struct conn *c, arena_t *a, void *ctx)
{
	struct news *n = ctx;
	struct entries entries;
	int64_t after = 0;
	{
		AUTO_ROWS r = { 0 };
		err_t e = OK;
		TRY(db_query(c, &select_begin, ARGS(v_int(n->job)), &r));
		if (!rows_next(&r, &e))
			return e; /* taken by another meanwhile */
		after = row_int(&r, 0) - 1;
	}
	do {
		TRY(record_after(c, a, after, ENTRIES, &entries));
		for (size_t i = 0; i < entries.n; i++) {
			const struct entry *entry = &entries.v[i];
			after = entry->number;
			for (size_t t = 0; t < entry->topics.n; t++)
				add_once(a, &n->topics, entry->topics.v[t]);
			if (n->addresses.n < ADDRESSES_MOST)
				TRY(add_address(n, c, a, entry));
		}
	} while (entries.n == ENTRIES);
	return OK;
}

/* --- WebSub --- */

/* Where the feeds of a topic are; false for one that has none. */
static bool feeds_of(arena_t *a, str_t topic, str_t *base)
{
	static const struct {
		const char *topic, *base;
	} kinds[] = {
		{ "section:", "/" }, { "tag:", "/tag/" }, { "author:", "/author/" },
		{ "series:", "/series/" },
	};
	*base = S("");
	if (str_eq(topic, topic_front()))
		return true;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		size_t n = strlen(kinds[i].topic);
		if (!str_starts(topic, str_of(kinds[i].topic)))
			continue;
		*base = str_format(a, "%s%.*s", kinds[i].base, STR(str_slice(topic, n, topic.n)));
		return true;
	}
	return false;
}

/* "hub.mode=publish&hub.url=...&hub.url=...": each feed in its three formats. */
static str_t ping_form(struct stet *s, arena_t *a, const struct news *n, size_t *feeds)
{
	static const char *const files[] = { "rss.xml", "atom.xml", "feed.json" };
	struct buf b = buf_new(a, 1024);
	buf_add(&b, S("hub.mode=publish"));
	for (size_t i = 0; i < n->topics.n && *feeds < FEEDS_MOST; i++) {
		str_t base;
		if (!feeds_of(a, n->topics.v[i], &base))
			continue;
		for (size_t f = 0; f < COUNT(files); f++, ++*feeds) {
			str_t feed = view_absolute(s, a, str_format(a, "%.*s/%s", STR(base), files[f]));
			buf_add(&b, S("&hub.url="));
			buf_add(&b, form_encode(a, feed));
		}
	}
	return buf_str(&b);
}

static err_t post(struct stet *s, arena_t *a, str_t url, const char *type, str_t body)
{
	struct http_result r;
	struct http_call call = { .url = url, .type = str_of(type), .body = body,
				  .private_allowed = config_allows(s->config.private_calls) };
	TRY(http_call(a, &call, &r));
	if (r.status < 200 || r.status > 299)
		return err_new(ERR_BUSY, "%.*s answered %d: %.*s", STR(url), r.status,
			       STR(str_clip(str_trim(r.body), 200)));
	return OK;
}

static bool is_set(const struct stet *s, str_t hub)
{
	for (str_t rest = s->config.hubs; rest.n;)
		if (str_eq(str_trim(str_cut(&rest, ',')), hub))
			return true;
	return false;
}

err_t websub_ping_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_t *j = json_loadb(job->payload.p, job->payload.n, 0, NULL);
	str_t hub = str_copy(a, str_of(json_string_value(json_object_get(j, "hub"))));
	json_decref(j);
	struct news news = { .s = s, .job = job->id };
	size_t feeds = 0;
	if (!is_set(s, hub) || !may_tell(s))
		return OK; /* the settings have changed since */
	TRY(store_read(s->store, a, read_news, &news));
	str_t form = ping_form(s, a, &news, &feeds);
	return feeds ? post(s, a, hub, "application/x-www-form-urlencoded", form) : OK;
}

/* --- IndexNow --- */

static str_t host_of(const struct stet *s)
{
	return str_slice(s->config.url, str_find(s->config.url, S("//"), 0) + 2, s->config.url.n);
}

err_t indexnow_tell_job(struct stet *s, arena_t *a, const struct job *job)
{
	struct news news = { .s = s, .job = job->id };
	if (!s->config.indexnow.n || !may_tell(s))
		return OK;
	TRY(store_read(s->store, a, read_news, &news));
	if (!news.addresses.n)
		return OK;
	json_t *list = json_array();
	for (size_t i = 0; i < news.addresses.n; i++)
		json_array_append_new(list, view_text(news.addresses.v[i]));
	str_t key_at = view_absolute(s, a, str_format(a, "/%.*s.txt", STR(s->config.indexnow)));
	json_t *j = json_pack("{s:o, s:o, s:o, s:o}", "host", view_text(host_of(s)), "key",
			      view_text(s->config.indexnow), "keyLocation", view_text(key_at),
			      "urlList", list);
	char *text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory");
	str_t body = str_copy(a, str_of(text));
	free(text);
	return post(s, a, s->config.indexnow_to, "application/json; charset=utf-8", body);
}
