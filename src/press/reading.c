/* reading.c: see reading.h. The worker that keeps stories for reading without a connection is
 * script/worker.js; /sw.js tells it which files the look is made of, so that it is a new one whenever
 * they are. */
#include "press/reading.h"

#include "press/view.h"
#include "record/act.h"

#include <stdlib.h>

enum {
	WORDS_A_MINUTE = 230, /* what adults read silently, in English non-fiction (Brysbaert 2019: 238) */
	KEPT_MOST = 20,       /* stories that the worker keeps */
};

/* --- on a story --- */

static err_t dump(struct view *v, json_t *j, str_t *out)
{
	char *text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory while writing JSON");
	*out = str_copy(v->a, str_of(text));
	free(text);
	return OK;
}

static json_t *share_of(struct stet *s, struct view *v, const struct story *st)
{
	str_t url = view_absolute(s, v->a, story_path(v->a, st));
	str_t mail = str_format(v->a, "mailto:?subject=%.*s&body=%.*s",
				STR(str_percent(v->a, st->headline)), STR(str_percent(v->a, url)));
	return json_pack("{s:o, s:o}", "url", view_text(url), "mail", view_text(mail));
}

/* What a browser keeps of a story to list it: as JSON, for a data- attribute. */
static err_t set_kept(struct view *v, const struct story *st)
{
	str_t text;
	json_t *j = json_pack("{s:o, s:o, s:o, s:o}", "url", view_text(story_path(v->a, st)),
			      "headline", view_text(st->headline), "section", view_text(st->section.name),
			      "published", view_text(messages_date(v->a, v->tongue, "date.day",
								   st->published)));
	TRY(dump(v, j, &text));
	json_object_set_new(v->json, "kept", view_text(text));
	return OK;
}

err_t part_reading(struct stet *s, struct view *v, const struct story *st)
{
	int64_t minutes = (st->words + WORDS_A_MINUTE / 2) / WORDS_A_MINUTE;
	json_object_set_new(v->json, "minutes", st->words
		? view_text(say_count(v, "reading.minutes", minutes ? minutes : 1)) : json_null());
	json_object_set_new(v->json, "share", share_of(s, v, st));
	return set_kept(v, st);
}

/* --- pages of the reader's own --- */

static void set_head(struct stet *s, struct view *v, const char *title, str_t path)
{
	view_head(s, v, &(struct page_head){ .kind = "reading", .title = say(v, title), .path = path });
	json_object_set_new(json_object_get(v->json, "page"), "robots", json_string("noindex"));
}

static err_t saved_view(struct stet *s, struct view *v)
{
	v->template = "saved";
	set_head(s, v, "saved.title", S("/saved"));
	return OK;
}

static err_t offline_view(struct stet *s, struct view *v)
{
	v->template = "offline";
	set_head(s, v, "offline.title", S("/offline"));
	return OK;
}

/* --- the paper as an application --- */

static str_t asset(const struct view *v, const char *name)
{
	return str_of(json_string_value(json_object_get(assets_view(v->theme->assets), name)));
}

static void add_icon(const struct view *v, json_t *icons, const char *name, const char *sizes,
		     const char *type, const char *purpose)
{
	str_t src = asset(v, name);
	if (src.n)
		json_array_append_new(icons, json_pack("{s:o, s:s, s:s, s:s}", "src", view_text(src),
						       "sizes", sizes, "type", type, "purpose", purpose));
}

static json_t *icons_of(const struct view *v)
{
	json_t *icons = json_array();
	add_icon(v, icons, "icon-192", "192x192", "image/png", "any");
	add_icon(v, icons, "icon-512", "512x512", "image/png", "any");
	add_icon(v, icons, "icon-maskable-512", "512x512", "image/png", "maskable");
	add_icon(v, icons, "icon", "any", "image/svg+xml", "any");
	return icons;
}

/* W3C Web Application Manifest. */
static err_t manifest_view(struct stet *s, struct view *v)
{
	json_t *j = json_object();
	str_t name = s->config.name;
	json_object_set_new(j, "id", json_string("/"));
	json_object_set_new(j, "name", view_text(name));
	json_object_set_new(j, "short_name", view_text(str_clip(name, 30)));
	if (s->config.tagline.n)
		json_object_set_new(j, "description", view_text(s->config.tagline));
	json_object_set_new(j, "lang", view_text(s->config.language));
	json_object_set_new(j, "dir", json_string(view_direction(s->config.language)));
	json_object_set_new(j, "start_url", json_string("/"));
	json_object_set_new(j, "scope", json_string("/"));
	json_object_set_new(j, "display", json_string("minimal-ui"));
	json_object_set_new(j, "theme_color", json_string("#ffffff"));
	json_object_set_new(j, "background_color", json_string("#ffffff"));
	json_object_set_new(j, "categories", json_pack("[s]", "news"));
	json_object_set_new(j, "icons", icons_of(v));
	json_object_set_new(j, "shortcuts", json_pack("[{s:o, s:s}]", "name",
						      view_text(say(v, "saved.title")), "url", "/saved"));
	v->type = S("application/manifest+json; charset=utf-8");
	strs_add(v->a, &v->topics, topic_site());
	return dump(v, j, &v->body);
}

/* What the look needs at once. Faces for other letters are kept when they are used. */
static bool is_needed(str_t url)
{
	return str_find(url, S("-ext."), 0) == STR_NONE && str_find(url, S("-west."), 0) == STR_NONE &&
	       str_find(url, S("/worker."), 0) == STR_NONE && !str_starts(url, S("/assets/icon-"));
}

static uint64_t fold(uint64_t hash, str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 1099511628211u;
	return hash;
}

static err_t worker_view(struct stet *s, struct view *v)
{
	const char *name;
	json_t *url, *files = json_array(), *all = assets_view(v->theme->assets);
	uint64_t version = 1469598103934665603u;
	str_t settings;
	(void)s;
	json_object_foreach(all, name, url) {
		version = fold(version, str_of(json_string_value(url)));
		if (is_needed(str_of(json_string_value(url))))
			json_array_append(files, url);
	}
	str_t number = str_format(v->a, "%016llx", (unsigned long long)version);
	TRY(dump(v, json_pack("{s:o, s:s, s:i, s:o}", "version", view_text(number), "offline", "/offline",
			      "most", KEPT_MOST, "files", files), &settings));
	v->type = S("text/javascript; charset=utf-8");
	v->body = str_format(v->a, "self.paper = %.*s;\nimportScripts('%.*s');\n", STR(settings),
			     STR(asset(v, "worker")));
	strs_add(v->a, &v->topics, topic_site());
	return OK;
}

/* --- addresses --- */

static err_t saved_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, saved_view);
}

static err_t offline_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, offline_view);
}

static err_t manifest_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, manifest_view);
}

static err_t worker_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, worker_view);
}

const struct route reading_routes[] = {
	{ GET, "/saved", saved_page },
	{ GET, "/saved.json", saved_page },
	{ GET, "/offline", offline_page },
	{ GET, "/offline.json", offline_page },
	{ GET, "/manifest.webmanifest", manifest_page },
	{ GET, "/sw.js", worker_page },
	{ METHOD_OTHER, NULL, NULL },
};
