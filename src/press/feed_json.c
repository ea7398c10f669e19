/* feed_json.c: a filled feed as JSON Feed 1.1. */
#include "press/feeds.h"
#include "press/view.h"

#include <stdlib.h>

static json_t *authors_of(struct view *v, const struct feed *f, const struct feed_entry *e)
{
	json_t *list = json_array();
	for (size_t i = 0; i < e->nauthors; i++) {
		json_t *j = json_object();
		json_object_set_new(j, "name", view_text(e->authors[i].name));
		str_t url = feed_author_url(v->a, f, &e->authors[i]);
		if (url.n)
			json_object_set_new(j, "url", view_text(url));
		json_array_append_new(list, j);
	}
	return list;
}

/* Pictures stand in "image"; what can be played or read is attached. */
static void set_files(json_t *j, const struct feed_entry *e)
{
	json_t *attached = json_array();
	for (size_t i = 0; i < e->nfiles; i++) {
		const struct feed_file *file = &e->files[i];
		if (str_starts(file->type, S("image/"))) {
			if (!json_object_get(j, "image"))
				json_object_set_new(j, "image", view_text(file->url));
			continue;
		}
		json_t *one = json_pack("{s:o, s:o}", "url", view_text(file->url), "mime_type",
					view_text(file->type));
		if (file->bytes)
			json_object_set_new(one, "size_in_bytes", json_integer(file->bytes));
		if (file->about.n)
			json_object_set_new(one, "title", view_text(file->about));
		json_array_append_new(attached, one);
	}
	if (json_array_size(attached))
		json_object_set(j, "attachments", attached);
	json_decref(attached);
}

static json_t *item_of(struct view *v, const struct feed *f, const struct feed_entry *e)
{
	json_t *j = json_object(), *tags = json_array();
	json_object_set_new(j, "id", view_text(e->id));
	json_object_set_new(j, "url", view_text(e->url));
	json_object_set_new(j, "title", view_text(e->title));
	json_object_set_new(j, "content_html", view_text(e->html));
	if (e->summary.n)
		json_object_set_new(j, "summary", view_text(e->summary));
	set_files(j, e);
	json_object_set_new(j, "date_published", view_text(time_iso(v->a, e->published)));
	json_object_set_new(j, "date_modified", view_text(time_iso(v->a, e->updated)));
	for (size_t i = 0; i < e->nlabels; i++)
		json_array_append_new(tags, view_text(e->labels[i].name));
	json_object_set_new(j, "authors", authors_of(v, f, e));
	json_object_set_new(j, "tags", tags);
	json_object_set_new(j, "language", view_text(e->language.n ? e->language : f->language));
	return j;
}

static void set_hubs(json_t *j, const struct feed *f)
{
	if (!f->hubs.n)
		return;
	json_t *list = json_array();
	for (size_t i = 0; i < f->hubs.n; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "type", "WebSub", "url",
						      view_text(f->hubs.v[i])));
	json_object_set_new(j, "hubs", list);
}

err_t feed_write_json(struct view *v, const struct feed *f)
{
	json_t *j = v->json, *items = json_array();
	json_object_set_new(j, "version", json_string("https://jsonfeed.org/version/1.1"));
	json_object_set_new(j, "title", view_text(f->title));
	if (f->about.n)
		json_object_set_new(j, "description", view_text(f->about));
	json_object_set_new(j, "home_page_url", view_text(f->page));
	json_object_set_new(j, "feed_url", view_text(f->self));
	if (f->next.p)
		json_object_set_new(j, "next_url", view_text(f->next));
	json_object_set_new(j, "language", view_text(f->language));
	json_object_set_new(j, "authors", json_pack("[{s:o, s:o}]", "name", view_text(f->publisher),
						    "url", view_text(f->site)));
	set_hubs(j, f);
	json_object_set_new(j, "items", items);
	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(items, item_of(v, f, &f->entries[i]));
	char *dump = json_dumps(j, JSON_COMPACT);
	if (!dump)
		return err_new(ERR_MEMORY, "out of memory while making a feed");
	v->body = str_copy(v->a, str_of(dump));
	free(dump);
	return OK;
}
