/* live_view.c: see live_view.h. The same two partials, live-entry and live-keys, make the page and the
 * events, so what comes later looks like what was there. */
#include "press/live_view.h"
#include "press/body.h"
#include "press/pages.h"
#include "press/rows.h"

#include "page/clean.h"
#include "record/act.h"

#include <stdlib.h>

/* --- an entry --- */

static json_t *clock_of(const struct view *v, usec_t t)
{
	json_t *j = view_date(v, t);
	if (t)
		json_object_set_new(j, "clock", view_text(messages_date(v->a, v->tongue,
									"live.clock", t)));
	return j;
}

str_t live_permalink(arena_t *a, const struct story *st, id64 entry)
{
	str_t id = id_text(a, entry);
	return str_format(a, "%.*s?entry=%.*s#entry-%.*s", STR(story_path(a, st)), STR(id), STR(id));
}

str_t live_entry_title(arena_t *a, const struct live_entry *e)
{
	enum { TITLE_MOST = 110 };
	if (e->headline.n || e->key.n)
		return e->headline.n ? e->headline : e->key;
	str_t words = one_line(a, clean_text(a, e->body)), title = str_clip(words, TITLE_MOST);
	if (title.n == words.n)
		return title;
	size_t end = title.n;
	while (end > TITLE_MOST / 2 && title.p[end - 1] != ' ')
		end--;
	if (end == TITLE_MOST / 2)
		end = title.n; /* a language without spaces */
	return str_format(a, "%.*s…", STR(str_trim(str_slice(title, 0, end))));
}

static json_t *corrections_of(const struct view *v, const struct live_entry *e)
{
	json_t *list = json_array();
	for (size_t i = e->ncorrections; i > 0; i--) {
		const struct correction *k = &e->corrections[i - 1];
		json_array_append_new(list, json_pack("{s:o, s:o, s:b}", "date",
						      clock_of(v, k->made), "text",
						      view_text(k->text), "clarification",
						      k->kind == CLARIFICATION));
	}
	return list;
}

err_t live_entry_view(struct stet *s, struct view *v, const struct story *st,
		      const struct live_entry *e, json_t **out)
{
	str_t body = S("");
	json_t *j = *out = json_object();
	if (!e->withdrawn)
		TRY(body_expand(s, v, e->body, BODY_PAGE, id_text(v->a, e->id), &body));
	json_object_set_new(j, "id", view_text(id_text(v->a, e->id)));
	json_object_set_new(j, "url", view_text(live_permalink(v->a, st, e->id)));
	json_object_set_new(j, "time", clock_of(v, e->time));
	json_object_set_new(j, "order", view_text(str_format(v->a, "%.*s%.*s",
							     STR(id_text(v->a, e->time)),
							     STR(id_text(v->a, e->id)))));
	view_set_text(j, "headline", e->withdrawn ? S("") : e->headline);
	view_set_text(j, "body", body);
	view_set_text(j, "key", e->key);
	view_set_text(j, "byline", e->withdrawn ? S("") : view_byline(v, e->authors, e->nauthors));
	json_object_set_new(j, "edited", e->withdrawn ? json_null() : clock_of(v, e->edited));
	json_object_set_new(j, "withdrawn", json_boolean(e->withdrawn));
	view_set_text(j, "why", e->why);
	json_object_set_new(j, "corrections", e->withdrawn ? json_array() : corrections_of(v, e));
	return OK;
}

/* --- key points --- */

static bool is_shown(const struct live_entries *page, id64 id)
{
	for (size_t i = 0; page && i < page->n; i++)
		if (page->v[i].id == id)
			return true;
	return false;
}

/* `page`: the entries that stand on the same page, so that the way to them is short; or NULL. */
static err_t keys_view(struct view *v, const struct story *st, const struct live_entries *page,
		       json_t **out)
{
	struct live_entries keys;
	json_t *list = *out = json_array();
	TRY(live_keys(v->c, v->a, st->id, &keys));
	for (size_t i = 0; i < keys.n; i++) {
		const struct live_entry *e = &keys.v[i];
		str_t url = is_shown(page, e->id)
				    ? str_format(v->a, "#entry-%.*s", STR(id_text(v->a, e->id)))
				    : live_permalink(v->a, st, e->id);
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "id",
						      view_text(id_text(v->a, e->id)), "text",
						      view_text(e->key), "url", view_text(url),
						      "time", clock_of(v, e->time)));
	}
	return OK;
}

/* --- the page --- */

err_t live_key_asked(const struct request *q, struct live_key *out)
{
	struct list_key key;
	TRY(list_key_asked(q, &key));
	*out = (struct live_key){ key.published, key.id };
	return OK;
}

/* "?before=KEY" and "?entry=ID": which page of entries is asked for. */
static err_t key_asked(struct view *v, const struct story *st, struct live_key *out)
{
	TRY(live_key_asked(v->q, out));
	str_t name = params_get(&v->q->query, "entry");
	struct live_entry e;
	int64_t newer;
	if (!name.p || out->id)
		return OK;
	TRY(live_find(v->c, v->a, name, &e));
	if (e.story != st->id)
		return err_new(ERR_MISSING, "the entry is another story's");
	TRY(live_newer(v->c, st->id, (struct live_key){ e.time, e.id }, &newer));
	if (newer >= LIVE_PAGE)
		*out = (struct live_key){ e.time, e.id + 1 }; /* it comes first on its page */
	return OK;
}

str_t live_key_text(arena_t *a, const struct live_entries *page)
{
	const struct live_entry *last = &page->v[page->n - 1];
	return str_format(a, "%.*s%.*s", STR(id_text(a, last->time)), STR(id_text(a, last->id)));
}

static err_t entries_of(struct stet *s, struct view *v, const struct story *st, json_t *blog, str_t path)
{
	struct live_key key;
	struct live_entries page;
	json_t *list = json_array(), *keys, *one;
	json_object_set_new(blog, "entries", list);
	TRY(key_asked(v, st, &key));
	TRY(live_entries(v->c, v->a, st->id, key, LIVE_PAGE, &page));
	for (size_t i = 0; i < page.n; i++) {
		err_t e = live_entry_view(s, v, st, &page.v[i], &one);
		json_array_append_new(list, one);
		TRY(e);
	}
	json_object_set_new(blog, "top", json_boolean(!key.id));
	view_set_text(blog, "older", page.more ? str_format(v->a, "%.*s?before=%.*s", STR(path),
							     STR(live_key_text(v->a, &page)))
						: S(""));
	view_set_text(blog, "newest", key.id ? path : S(""));
	err_t e = keys_view(v, st, &page, &keys);
	json_object_set_new(blog, "has_keys", json_boolean(json_array_size(keys) > 0));
	json_object_set_new(blog, "keys", keys);
	return e;
}

err_t part_live(struct stet *s, struct view *v, const struct story *st)
{
	usec_t changed;
	int64_t count, number;
	json_object_set_new(v->json, "live_blog", json_null());
	if (st->live == NOT_LIVE)
		return OK;
	str_t path = story_path(v->a, st);
	json_t *blog = json_object();
	json_object_set_new(v->json, "live_blog", blog);
	TRY(record_last(v->c, &number));
	TRY(live_state(v->c, st->id, &changed, &count));
	json_object_set_new(blog, "goes_on", json_boolean(st->live == LIVE));
	json_object_set_new(blog, "url", view_text(path));
	json_object_set_new(blog, "events", view_text(str_format(v->a, "%.*s/events", STR(path))));
	json_object_set_new(blog, "after", json_integer(number));
	json_object_set_new(blog, "count", json_integer(count));
	json_object_set_new(blog, "from", view_date(v, st->live_from));
	json_object_set_new(blog, "until", view_date(v, st->live_until));
	if (changed > st->updated && changed > st->published)
		json_object_set_new(v->json, "updated", view_date(v, changed));
	return entries_of(s, v, st, blog, path);
}

/* --- events --- */

static void drop_json(void *json)
{
	json_decref(json);
}

/* A partial by itself. */
static err_t render(struct view *v, const char *name, json_t *json, str_t *out)
{
	struct buf b = buf_new(v->a, 4096);
	arena_defer(v->a, drop_json, json);
	json_object_set(json, "t", tongue_view(v->tongue));
	TRY(template_render(v->theme->templates, str_of(name), json, &b));
	*out = buf_str(&b);
	return OK;
}

static err_t add_entry(struct stet *s, struct view *v, const struct story *st, str_t id,
		       json_t *event)
{
	struct live_entry e;
	json_t *one;
	str_t html;
	TRY(live_find(v->c, v->a, id, &e));
	TRY(live_entry_view(s, v, st, &e, &one));
	TRY(render(v, "live-entry", one, &html));
	json_object_set_new(event, "id", view_text(id));
	json_object_set_new(event, "time", view_text(time_iso(v->a, e.time)));
	json_object_set_new(event, "html", view_text(html));
	return OK;
}

static err_t add_keys(struct view *v, const struct story *st, json_t *event)
{
	json_t *keys;
	str_t html;
	err_t e = keys_view(v, st, NULL, &keys);
	json_t *holder = json_pack("{s:b, s:o}", "has_keys", json_array_size(keys) > 0, "keys",
				   keys);
	TRY(e);
	TRY(render(v, "live-keys", holder, &html));
	json_object_set_new(event, "keys", view_text(html));
	return OK;
}

static void add_story(struct view *v, const struct story *st, json_t *event, bool *last)
{
	bool gone = st->state != PUBLISHED, ended = st->live != LIVE;
	json_object_set_new(event, "kind", json_string(gone ? "reset" : ended ? "end" : "headline"));
	json_object_set_new(event, "headline", view_text(st->headline));
	json_object_set_new(event, "standfirst", view_text(st->standfirst));
	*last = gone || ended;
	(void)v;
}

static const char *kind_of(str_t act)
{
	static const struct {
		const struct act_kind *act;
		const char            *kind;
	} kinds[] = {
		{ &ACT_LIVE_POST, "post" },	    { &ACT_LIVE_EDIT, "edit" },
		{ &ACT_LIVE_CORRECT, "edit" },	    { &ACT_LIVE_WITHDRAW, "withdraw" },
		{ &ACT_LIVE_PIN, "pin" },	    { &ACT_LIVE_UNPIN, "pin" },
		{ &ACT_LIVE_ORDER, "pin" },	    { &ACT_LIVE_IMPORT, "reset" },
	};
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(act, str_of(kinds[i].act->name)))
			return kinds[i].kind;
	return NULL; /* of the story itself */
}

static err_t fill_event(struct stet *s, struct view *v, const struct entry *record, json_t *event,
			bool *last)
{
	struct story st;
	TRY(story_load(v->c, v->a, record->subject, &st));
	if (st.language.n)
		view_language(v, st.language);
	const char *kind = kind_of(record->kind);
	if (!kind) {
		add_story(v, &st, event, last);
		return OK;
	}
	json_t *detail = json_loadb(record->detail.p, record->detail.n, 0, NULL);
	str_t id = str_copy(v->a, str_of(json_string_value(json_object_get(detail, "entry"))));
	json_decref(detail);
	json_object_set_new(event, "kind", json_string(kind));
	if (id.n)
		TRY(add_entry(s, v, &st, id, event));
	if (strcmp(kind, "reset") == 0)
		return OK;
	usec_t changed;
	int64_t count;
	TRY(live_state(v->c, st.id, &changed, &count));
	json_object_set_new(event, "updated", view_date(v, changed));
	return add_keys(v, &st, event);
}

static err_t dump(arena_t *a, const json_t *event, str_t *out)
{
	char *text = json_dumps(event, JSON_COMPACT);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while making an event");
	*out = str_copy(a, str_of(text));
	free(text);
	return OK;
}

struct live_event live_event_reset(int64_t number)
{
	return (struct live_event){ .number = number, .data = S("{\"kind\":\"reset\"}") };
}

err_t live_event_make(struct stet *s, arena_t *a, struct conn *c, const struct entry *record,
		      struct live_event *out)
{
	enum { EVENT_MOST = 32 * 1024 }; /* larger, and a reader on a slow line would be dropped */
	const struct theme_set *theme;
	json_t *event = json_object();
	arena_defer(a, drop_json, event);
	*out = live_event_reset(record->number);
	TRY(theme_hold(s->theme, &theme));
	struct view v = { .a = a, .c = c, .theme = theme };
	view_language(&v, s->config.language);
	err_t e = fill_event(s, &v, record, event, &out->last);
	theme_release(s->theme, theme);
	TRY(e);
	str_t data;
	TRY(dump(a, event, &data));
	if (data.n <= EVENT_MOST)
		out->data = data;
	return OK;
}
