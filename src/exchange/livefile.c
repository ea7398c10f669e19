/* livefile.c: see livefile.h. */
#include "exchange/livefile.h"
#include "exchange/json_parts.h"
#include "exchange/storyfile.h"

/* --- writing --- */

static err_t add_history(struct conn *c, arena_t *a, const struct live_entry *e, json_t *j)
{
	struct live_history h;
	json_t *list = json_array();
	json_object_set_new(j, "history", list);
	TRY(live_history(c, a, e->id, &h));
	for (size_t i = 0; i < h.n; i++) {
		json_t *one = json_object();
		json_array_append_new(list, one);
		json_object_set_new(one, "number", json_integer(h.v[i].number));
		json_set_moment(one, a, "saved", h.v[i].saved);
		json_set_text(one, "actor", h.v[i].actor);
		json_object_set_new(one, "content",
				    json_loadb(h.v[i].content.p, h.v[i].content.n, 0, NULL));
	}
	return OK;
}

static err_t add_entry(struct conn *c, arena_t *a, const struct live_entry *e, json_t *list)
{
	json_t *j = json_object(), *authors = json_array();
	json_array_append_new(list, j);
	json_object_set_new(j, "id", json_new_text(id_text(a, e->id)));
	json_set_moment(j, a, "time", e->time);
	json_set_text(j, "headline", e->headline);
	json_object_set_new(j, "body", json_new_text(e->source));
	json_set_text(j, "key", e->key);
	if (e->position)
		json_object_set_new(j, "position", json_integer(e->position));
	for (size_t i = 0; i < e->nauthors; i++)
		json_array_append_new(authors, json_new_text(e->authors[i].slug));
	json_object_set_new(j, "authors", authors);
	if (e->withdrawn)
		json_object_set_new(j, "reason", json_new_text(e->why));
	json_set_moment(j, a, "edited", e->edited);
	json_set_moment(j, a, "saved", e->saved);
	json_object_set_new(j, "revision", json_integer(e->revision));
	json_t *corrections = json_array();
	for (size_t i = 0; i < e->ncorrections; i++)
		json_array_append_new(corrections, json_new_text(id_text(a, e->corrections[i].id)));
	if (e->ncorrections)
		json_object_set(j, "corrections", corrections);
	json_decref(corrections);
	return add_history(c, a, e, j);
}

err_t livefile_write(struct conn *c, arena_t *a, id64 story, str_t *out)
{
	struct live_entries all;
	*out = (str_t){ NULL, 0 };
	TRY(live_entries(c, a, story, (struct live_key){ 0 }, SIZE_MAX, &all));
	if (!all.n)
		return OK;
	json_t *list = json_array(), *whole = json_pack("{s:o}", "entries", list);
	err_t e = OK;
	for (size_t i = all.n; i > 0 && !e; i--)
		e = add_entry(c, a, &all.v[i - 1], list);
	if (e) {
		json_decref(whole);
		return e;
	}
	return json_file(a, whole, out);
}

/* --- reading --- */

struct reading {
	struct stet            *s;
	arena_t                *a;
	const struct live_file *file;
	id64                    story;
	str_t                   actor;
};

static void read_authors(const struct reading *r, const json_t *list, struct live_entry *e)
{
	size_t i;
	json_t *one;
	e->authors = arena_array(r->a, json_array_size(list), sizeof *e->authors);
	json_array_foreach(list, i, one) {
		str_t name = str_of(json_string_value(one));
		if (name.n)
			e->authors[e->nauthors++] = (struct author){ .slug = slug_from(r->a, name),
								     .name = name };
	}
}

/* Those of the story that stand at this entry, by their ids. */
static err_t read_corrections(const struct reading *r, const json_t *list, struct live_entry *e)
{
	size_t i;
	json_t *one;
	e->corrections = arena_array(r->a, json_array_size(list), sizeof *e->corrections);
	json_array_foreach(list, i, one) {
		struct correction *k = &e->corrections[e->ncorrections++];
		*k = (struct correction){ 0 };
		TRY(json_id(one, "corrections", &k->id));
	}
	return OK;
}

/* Pictures of the folder are taken in as those of a story's body. */
static err_t read_body(const struct reading *r, const json_t *j, struct live_entry *e)
{
	struct story holder = { 0 };
	struct story_wish wish;
	struct story_file part = { .name = r->file->name, .folder = r->file->folder,
				   .text = str_format(r->a, "---\nslug: entry\n---\n%.*s",
						      STR(json_get_text(j, "body"))) };
	TRY(storyfile_apply(r->s, r->a, &part, r->actor, &holder, &wish));
	e->source = holder.source;
	return OK;
}

static err_t read_history(const struct reading *r, const json_t *list, struct live_history *out)
{
	size_t i;
	json_t *one;
	out->v = arena_array(r->a, json_array_size(list), sizeof *out->v);
	json_array_foreach(list, i, one) {
		struct live_revision *v = &out->v[out->n++];
		const json_t *content = json_object_get(one, "content");
		*v = (struct live_revision){
			.number = json_integer_value(json_object_get(one, "number")),
			.actor = json_get_text(one, "actor") };
		if (v->number < 1 || !json_is_object(content) || !v->actor.n)
			return err_new(ERR_INPUT, "history: an earlier text has number, saved, actor "
				       "and content");
		TRY(json_line(r->a, content, &v->content));
		TRY(json_get_moment(one, "saved", true, &v->saved));
	}
	return OK;
}

/* An entry without id gets one that the same file gives again: of its time, story and place. */
static id64 id_made(const struct reading *r, usec_t time, size_t place)
{
	uint64_t h = (uint64_t)r->story * 0x9e3779b97f4a7c15u + place * 0xd1b54a32d192ed03u;
	h ^= h >> 29;
	return (id64)(((uint64_t)(time / 1000) << 21 | (h & 0x1fffff)) & INT64_MAX);
}

static err_t read_entry(const struct reading *r, const json_t *j, size_t place,
			struct live_import *out)
{
	struct live_entry *e = &out->entry;
	*out = (struct live_import){ .entry = { .story = r->story, .key = json_get_text(j, "key"),
						.headline = json_get_text(j, "headline"),
						.why = json_get_text(j, "reason") } };
	TRY(json_get_moment(j, "time", true, &e->time));
	TRY(json_get_moment(j, "edited", false, &e->edited));
	TRY(json_get_moment(j, "saved", false, &e->saved));
	e->position = json_integer_value(json_object_get(j, "position"));
	e->revision = json_integer_value(json_object_get(j, "revision"));
	e->withdrawn = e->why.n > 0;
	if (e->position < 0 || e->revision < 0)
		return err_new(ERR_INPUT, "position and revision are numbers from 1");
	if (!e->key.n)
		e->position = 0;
	TRY(json_get_id(j, "id", &e->id));
	if (!e->id)
		e->id = id_made(r, e->time, place);
	read_authors(r, json_object_get(j, "authors"), e);
	TRY(read_corrections(r, json_object_get(j, "corrections"), e));
	TRY(read_body(r, j, e));
	return read_history(r, json_object_get(j, "history"), &out->history);
}

static err_t read_entries(const struct reading *r, const json_t *whole, struct live_import **out,
			  size_t *n)
{
	size_t i;
	json_t *one, *list = json_object_get(whole, "entries");
	int64_t position = 0;
	if (!json_is_array(list))
		return err_new(ERR_INPUT, "a live blog's file is {\"entries\": [...]}");
	struct live_import *v = *out = arena_array(r->a, json_array_size(list), sizeof *v);
	json_array_foreach(list, i, one) {
		TRY(err_wrap(read_entry(r, one, i, &v[i]), "entry %zu", i + 1));
		/* Key points that somebody wrote down by hand stand in the order of the file. */
		if (v[i].entry.key.n && !v[i].entry.position)
			v[i].entry.position = ++position;
	}
	*n = json_array_size(list);
	return OK;
}

err_t livefile_read(struct stet *s, arena_t *a, const struct live_file *file, id64 story, str_t actor,
		    struct live_import **out, size_t *n)
{
	struct reading r = { s, a, file, story, actor };
	json_t *whole;
	*n = 0;
	TRY(json_read(a, file->name, file->text, &whole));
	return err_wrap(read_entries(&r, whole, out, n), "%s", file->name);
}

err_t livefile_bring(struct stet *s, arena_t *a, const struct live_file *file, id64 story, str_t actor,
		     int64_t *changed)
{
	struct live_import *v;
	size_t n;
	*changed = 0;
	TRY(livefile_read(s, a, file, story, actor, &v, &n));
	return err_wrap(live_bring(s, a, story, v, n, actor, changed), "%s", file->name);
}
