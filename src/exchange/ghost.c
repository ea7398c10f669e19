/* ghost.c: Ghost's export into stories. What becomes what:
 *
 *	post                  story; page: static page
 *	first public tag      section, for the most used of them; further tags: tags
 *	internal tag (#name)  left out, noted
 *	user                  author
 *	feature image         lead picture
 *	scheduled, sent,      draft, with a note
 *	for members only
 *
 * The export is one JSON value; it is read whole, checked whole, and only then brought in. */
#include "exchange/ghost_body.h"
#include "exchange/import.h"

#include "base/file.h"
#include "page/clean.h"
#include "press/media.h"

#include <jansson.h>
#include <stdlib.h>

enum {
	SECTIONS_MOST = 7, /* a navigation people can read */
	FILE_MOST_MB = 1024,
};

struct ghost {
	struct importer              im;
	const struct import_options *options;
	arena_t                     *a;       /* for the whole run */
	json_t                      *data;    /* tables */
	json_t                      *tags;    /* id -> tag */
	json_t                      *users;   /* id -> user */
	json_t                      *meta;    /* post id -> posts_meta row */
	json_t                      *of_tags; /* post id -> [posts_tags rows] */
	json_t                      *of_authors;
	json_t                      *brought; /* post id -> true */
	json_t                      *slugs;   /* slug -> new path */
	struct strs                  sections; /* slugs of tags that are sections */
};

static str_t text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

/* Ids are texts of 24 digits, in old files numbers. */
static str_t id_of(arena_t *a, const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	if (json_is_integer(v))
		return str_format(a, "%lld", (long long)json_integer_value(v));
	return text_of(object, key);
}

static bool flag(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_true(v) || (json_is_integer(v) && json_integer_value(v) != 0);
}

/* Dates are ISO texts, "YYYY-MM-DD HH:MM:SS" in UTC, or milliseconds. */
static usec_t moment(const json_t *object, const char *key)
{
	usec_t t = 0;
	const json_t *v = json_object_get(object, key);
	if (json_is_integer(v))
		return json_integer_value(v) * 1000;
	if (json_is_string(v))
		err_free(time_parse_utc(text_of(object, key), &t));
	return t;
}

/* --- reading and checking --- */

static err_t unwrap(const char *name, json_t *file, json_t **data)
{
	json_t *db = json_object_get(file, "db"), *top = file;
	if (json_object_size(file) == 1 && json_is_array(db))
		top = json_array_get(db, 0);
	*data = json_object_get(top, "data");
	if (!json_is_object(*data))
		return err_new(ERR_INPUT, "%s: this is no Ghost export: it has no \"data\"", name);
	if (!json_is_array(json_object_get(*data, "posts")))
		return err_new(ERR_INPUT, "%s: data.posts: the table is missing or no list", name);
	return OK;
}

/* The field of a post that is not what it must be; NULL if all are. */
static const char *wrong_field(arena_t *a, const json_t *post)
{
	static const char *const texts[] = { "title", "slug", "html", "lexical", "mobiledoc",
					     "status", "type", "visibility" };
	if (!json_is_object(post) || !id_of(a, post, "id").n)
		return "id";
	for (size_t k = 0; k < COUNT(texts); k++) {
		const json_t *v = json_object_get(post, texts[k]);
		if (v && !json_is_null(v) && !json_is_string(v))
			return texts[k];
	}
	return NULL;
}

static err_t check(const char *name, const json_t *data)
{
	static const char *const tables[] = { "tags", "users", "posts_tags", "posts_authors",
					      "posts_meta", "settings" };
	size_t i;
	json_t *row;
	for (size_t t = 0; t < COUNT(tables); t++) {
		json_t *table = json_object_get(data, tables[t]);
		if (table && !json_is_array(table))
			return err_new(ERR_INPUT, "%s: data.%s: is no list", name, tables[t]);
		json_array_foreach(table, i, row)
			if (!json_is_object(row))
				return err_new(ERR_INPUT, "%s: data.%s[%zu]: is no object", name,
					       tables[t], i);
	}
	return OK;
}

static void drop(void *json)
{
	json_decref(json);
}

static json_t *new_map(struct ghost *g)
{
	json_t *map = json_object();
	arena_defer(g->a, drop, map);
	return map;
}

/* Rows of a table by the text of one key. */
static json_t *index_by(struct ghost *g, const char *table, const char *key)
{
	json_t *map = new_map(g), *row;
	size_t i;
	json_array_foreach(json_object_get(g->data, table), i, row)
		json_object_set(map, str_z(g->a, id_of(g->a, row, key)), row);
	return map;
}

static json_int_t sort_order(const json_t *row)
{
	return json_integer_value(json_object_get(row, "sort_order"));
}

/* Rows of a table that belong to one post, in their order. */
static json_t *group_by_post(struct ghost *g, const char *table)
{
	json_t *map = new_map(g), *row;
	size_t i;
	json_array_foreach(json_object_get(g->data, table), i, row) {
		char *post = str_z(g->a, id_of(g->a, row, "post_id"));
		json_t *list = json_object_get(map, post);
		if (!list) {
			list = json_array();
			json_object_set_new(map, post, list);
		}
		size_t at = json_array_size(list);
		while (at > 0 && sort_order(json_array_get(list, at - 1)) > sort_order(row))
			at--;
		json_array_insert(list, at, row);
	}
	return map;
}

static str_t setting(struct ghost *g, const char *key)
{
	json_t *row;
	size_t i;
	json_array_foreach(json_object_get(g->data, "settings"), i, row)
		if (str_eq(text_of(row, "key"), str_of(key)))
			return text_of(row, "value");
	return S("");
}

/* --- sections --- */

static enum story_kind kind_of(const json_t *post)
{
	str_t type = text_of(post, "type");
	bool page = type.n ? str_eq(type, S("page")) : flag(post, "page");
	return page ? STATIC_PAGE : STORY;
}

static bool is_internal(const json_t *tag)
{
	return str_eq(text_of(tag, "visibility"), S("internal")) ||
	       str_starts(text_of(tag, "name"), S("#"));
}

static const json_t *tag_at(struct ghost *g, const json_t *row)
{
	return json_object_get(g->tags, str_z(g->a, id_of(g->a, row, "tag_id")));
}

/* A post's first tag that readers saw. */
static const json_t *primary_tag(struct ghost *g, str_t post)
{
	json_t *row;
	size_t i;
	json_array_foreach(json_object_get(g->of_tags, str_z(g->a, post)), i, row) {
		const json_t *tag = tag_at(g, row);
		if (tag && !is_internal(tag))
			return tag;
	}
	return NULL;
}

static str_t section_slug(arena_t *a, const json_t *tag)
{
	str_t slug = slug_from(a, text_of(tag, "slug"));
	if (!slug.n)
		slug = slug_from(a, text_of(tag, "name"));
	err_t reserved = slug_check_top("slug", slug);
	if (reserved)
		slug = str_format(a, "%.*s-section", STR(slug));
	err_free(reserved);
	return slug;
}

static bool is_section(const struct ghost *g, str_t slug)
{
	for (size_t i = 0; i < g->sections.n; i++)
		if (str_eq(g->sections.v[i], slug))
			return true;
	return false;
}

static str_t section_of(struct ghost *g, str_t post)
{
	const json_t *tag = primary_tag(g, post);
	str_t slug = tag ? section_slug(g->a, tag) : S("");
	return is_section(g, slug) ? slug : S("news");
}

/* The most used first tags become sections, in the order of their use. */
static err_t bring_sections(struct ghost *g)
{
	json_t *uses = new_map(g), *row;
	size_t i;
	json_array_foreach(json_object_get(g->data, "posts"), i, row) {
		const json_t *tag = primary_tag(g, id_of(g->a, row, "id"));
		if (!tag || kind_of(row) != STORY)
			continue;
		char *slug = str_z(g->a, section_slug(g->a, tag));
		json_int_t n = json_integer_value(json_object_get(uses, slug));
		json_object_set_new(uses, slug, json_integer(n + 1));
	}
	for (int place = 0; place < SECTIONS_MOST && json_object_size(uses); place++) {
		const char *slug, *best = NULL;
		json_t *n;
		json_int_t most = 0;
		json_object_foreach(uses, slug, n)
			if (json_integer_value(n) > most) {
				most = json_integer_value(n);
				best = slug;
			}
		str_t kept = str_copy(g->a, str_of(best));
		json_object_del(uses, kept.p);
		strs_add(g->a, &g->sections, kept);
	}
	return OK;
}

static err_t save_sections(struct ghost *g)
{
	json_t *row;
	size_t i;
	for (size_t k = 0; k < g->sections.n; k++)
		json_array_foreach(json_object_get(g->data, "tags"), i, row)
			if (str_eq(section_slug(g->a, row), g->sections.v[k]))
				TRY(import_section(&g->im, g->a, g->sections.v[k],
						   text_of(row, "name"),
						   text_of(row, "description"), (int)k));
	json_array_foreach(json_object_get(g->data, "posts"), i, row)
		if (kind_of(row) == STORY &&
		    !is_section(g, section_of(g, id_of(g->a, row, "id"))))
			return import_section(&g->im, g->a, S("news"), S("News"), S(""),
					      SECTIONS_MOST);
	return OK;
}

/* --- files --- */

/* The file behind "__GHOST_URL__/content/images/2021/03/x.jpg" in the media folder, which may be
 * Ghost's content folder, the one above it, or its images; NULL if there is none. */
static char *content_path(struct ghost *g, arena_t *a, str_t url)
{
	size_t at = str_find(url, S("/content/"), 0);
	if (!g->options->media || at == STR_NONE)
		return NULL;
	str_t tail = import_unescape(a, str_slice(url, at + 1, str_find_char(url, '?', at)));
	if (import_climbs(tail))
		return NULL;
	/* "content/images/size/w600/2021/03/x.jpg" was made from ".../images/2021/03/x.jpg". */
	size_t size = str_find(tail, S("/size/w"), 0);
	if (size != STR_NONE) {
		size_t end = str_find_char(tail, '/', size + 7);
		if (end != STR_NONE)
			tail = str_format(a, "%.*s%.*s", STR(str_slice(tail, 0, size)),
					  STR(str_slice(tail, end, tail.n)));
	}
	for (int strip = 0; strip < 3; strip++) {
		char *path = str_z(a, str_format(a, "%s/%.*s", g->options->media, STR(tail)));
		if (file_exists(path))
			return path;
		size_t slash = str_find_char(tail, '/', 0);
		if (slash == STR_NONE)
			break;
		tail = str_slice(tail, slash + 1, tail.n);
	}
	return NULL;
}

struct resolving {
	struct ghost *g;
	arena_t      *a;
	struct strs  *notes;
	err_t         failed;
};

static str_t resolve_picture(void *ctx, str_t url)
{
	struct resolving *r = ctx;
	struct media m;
	char *path = content_path(r->g, r->a, url);
	if (!path || r->failed)
		return (str_t){ NULL, 0 };
	r->failed = import_file(&r->g->im, r->a, path, r->notes, &m);
	if (r->failed || !m.id)
		return (str_t){ NULL, 0 };
	return import_media_url(r->a, &m);
}

/* Links within the site become the new addresses, or paths that a redirect may know. */
static str_t resolve_link(void *ctx, str_t url)
{
	struct resolving *r = ctx;
	str_t mark = S("__GHOST_URL__");
	if (!str_starts(url, mark))
		return (str_t){ NULL, 0 };
	/* A file that came along and is no picture: minutes, a table, a recording. */
	if (content_path(r->g, r->a, url) && !media_name_is_picture(url)) {
		str_t here = resolve_picture(ctx, url);
		if (here.p)
			return here;
	}
	str_t path = str_slice(url, mark.n, url.n);
	str_t bare = str_trim(path);
	while (str_starts(bare, S("/")))
		bare = str_slice(bare, 1, bare.n);
	str_t slug = str_slice(bare, 0, str_find_char(bare, '/', 0));
	const json_t *to = json_object_get(r->g->slugs, str_z(r->a, slug));
	if (to)
		return str_of(json_string_value(to));
	return path.n ? path : S("/");
}

/* --- authors --- */

static err_t bring_author(struct ghost *g, arena_t *a, const json_t *user)
{
	str_t name = str_trim(text_of(user, "name"));
	struct author author = { .name = name, .slug = slug_from(a, text_of(user, "slug")),
				 .role = S("") };
	struct strs notes = { 0 };
	struct buf bio = buf_new(a, 256);
	if (!author.slug.n)
		author.slug = slug_from(a, name);
	if (!name.n || !author.slug.n) {
		import_left_out(&g->im, "author", id_of(a, user, "id"), name, "it has no name");
		return OK;
	}
	buf_add_html(&bio, text_of(user, "bio"));
	author.bio = buf_str(&bio);
	char *portrait = content_path(g, a, text_of(user, "profile_image"));
	if (portrait)
		TRY(import_picture(&g->im, a, portrait, &notes, &author.picture));
	return import_author(&g->im, a, id_of(a, user, "id"), &author);
}

static err_t bring_authors(struct ghost *g)
{
	json_t *user;
	size_t i;
	arena_t *a = arena_create(0);
	err_t e = a ? OK : err_new(ERR_MEMORY, "out of memory while importing");
	json_array_foreach(json_object_get(g->data, "users"), i, user) {
		if (e)
			break;
		e = bring_author(g, a, user);
		arena_reset(a);
	}
	arena_free(a);
	return e;
}

/* --- posts --- */

static void set_state(struct stet *s, arena_t *a, const json_t *post, const json_t *meta, struct import_story *in)
{
	struct story *st = &in->story;
	str_t status = text_of(post, "status"), seen_by = text_of(post, "visibility");
	usec_t published = moment(post, "published_at"), updated = moment(post, "updated_at");
	st->state = DRAFT;
	if (str_eq(status, S("scheduled"))) {
		import_note(a, &in->notes, "it was scheduled for %.*s; it is a draft here",
			    STR(time_long(a, published)));
	} else if (str_eq(status, S("sent")) || flag(meta, "email_only")) {
		import_note(a, &in->notes, "it was sent by mail only; it is a draft here");
	} else if (seen_by.n && !str_eq(seen_by, S("public"))) {
		import_note(a, &in->notes, "it was for \"%.*s\" only; there is no paywall here, so it "
			    "is a draft", STR(seen_by));
	} else if (str_eq(status, S("published"))) {
		st->state = PUBLISHED;
		st->published = published ? published : moment(post, "created_at");
		if (!st->published) {
			st->published = clock_now(&s->clock);
			import_note(a, &in->notes, "it had no date that is one; it has today's");
		}
		if (updated > st->published + MINUTE)
			st->updated = updated;
	}
}

static void set_tags(struct ghost *g, arena_t *a, str_t id, struct import_story *in)
{
	struct story *st = &in->story;
	json_t *row;
	size_t i;
	json_array_foreach(json_object_get(g->of_tags, str_z(a, id)), i, row) {
		const json_t *tag = tag_at(g, row);
		str_t name = str_trim(text_of(tag, "name"));
		if (!tag || !name.n)
			continue;
		if (is_internal(tag)) {
			import_note(a, &in->notes, "the internal tag %.*s was left out", STR(name));
			continue;
		}
		str_t slug = slug_from(a, text_of(tag, "slug"));
		if (str_eq(section_slug(a, tag), st->section.slug) || !slug.n)
			continue;
		st->tags = arena_room(a, st->tags, st->ntags, sizeof *st->tags);
		st->tags[st->ntags++] = (struct tag){ .name = name, .slug = slug };
	}
}

static void set_authors(struct ghost *g, arena_t *a, str_t id, const json_t *post,
			struct import_story *in)
{
	struct story *st = &in->story;
	json_t *row, *rows = json_object_get(g->of_authors, str_z(a, id));
	size_t i;
	size_t n = json_array_size(rows);
	st->authors = arena_array(a, n + 1, sizeof *st->authors);
	json_array_foreach(rows, i, row) {
		const json_t *user =
			json_object_get(g->users, str_z(a, id_of(a, row, "author_id")));
		if (user)
			st->authors[st->nauthors++] = (struct author){
				.name = str_trim(text_of(user, "name")),
				.slug = slug_from(a, text_of(user, "slug")) };
		else
			import_note(a, &in->notes, "its author %.*s is not in the export",
				    STR(id_of(a, row, "author_id")));
	}
	/* Before there were several, a post had one author_id. */
	const json_t *user = json_object_get(g->users, str_z(a, id_of(a, post, "author_id")));
	if (!st->nauthors && user)
		st->authors[st->nauthors++] = (struct author){
			.name = str_trim(text_of(user, "name")),
			.slug = slug_from(a, text_of(user, "slug")) };
}

static str_t either(const json_t *meta, const json_t *post, const char *key)
{
	str_t v = text_of(meta, key);
	return v.n ? v : text_of(post, key);
}

static err_t set_picture(struct ghost *g, arena_t *a, const json_t *post, const json_t *meta,
			 struct import_story *in)
{
	str_t url = text_of(post, "feature_image");
	struct lead_picture *p = &in->story.picture;
	if (!url.n)
		url = text_of(post, "image"); /* its name before version 1 */
	if (!url.n)
		return OK;
	char *path = content_path(g, a, url);
	if (!path) {
		import_note(a, &in->notes, "its picture %.*s is not in the media folder", STR(url));
		return OK;
	}
	p->alt = either(meta, post, "feature_image_alt");
	p->caption = either(meta, post, "feature_image_caption");
	return import_picture(&g->im, a, path, &in->notes, &p->media);
}

/* What the export rendered is nearest to what readers saw; the sources are for posts that were never
 * rendered. */
static err_t set_body(struct ghost *g, arena_t *a, const json_t *post, struct import_story *in)
{
	struct resolving r = { g, a, &in->notes, OK };
	struct ghost_resolver resolver = { .ctx = &r, .picture = resolve_picture,
					   .link = resolve_link };
	struct ghost_source source = {
		.html = text_of(post, "html"), .lexical = text_of(post, "lexical"),
		.mobiledoc = text_of(post, "mobiledoc"), .markdown = text_of(post, "markdown"),
	};
	TRY(ghost_body_import(a, &source, &resolver, &in->story.source, &in->notes));
	in->story.format = HTML;
	return r.failed;
}

static void note_rest(arena_t *a, const json_t *post, struct import_story *in)
{
	if (text_of(post, "codeinjection_head").n || text_of(post, "codeinjection_foot").n)
		import_note(a, &in->notes, "its injected code was left out");
	if (text_of(post, "canonical_url").n)
		import_note(a, &in->notes, "its canonical address %.*s was left out",
			    STR(text_of(post, "canonical_url")));
	if (flag(post, "featured"))
		import_note(a, &in->notes, "it was featured; choose it for the front page here");
}

static str_t digest_of(arena_t *a, const json_t *post, const json_t *meta, const struct story *st)
{
	char *post_dump = json_dumps(post, JSON_COMPACT | JSON_SORT_KEYS);
	char *meta_dump = meta ? json_dumps(meta, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	struct strs parts = { 0 };
	strs_add(a, &parts, str_of(post_dump));
	strs_add(a, &parts, str_of(meta_dump));
	strs_add(a, &parts, st->section.slug);
	for (size_t i = 0; i < st->ntags; i++)
		strs_add(a, &parts, st->tags[i].name);
	for (size_t i = 0; i < st->nauthors; i++)
		strs_add(a, &parts, st->authors[i].slug);
	str_t digest = import_digest(a, parts.v, parts.n);
	free(post_dump);
	free(meta_dump);
	return digest;
}

/* One that the rest can do without. */
static void leave_out(struct ghost *g, arena_t *a, size_t at, const json_t *post, const char *why)
{
	import_left_out(&g->im, kind_of(post) == STORY ? "story" : "page", id_of(a, post, "id"),
			text_of(post, "title"), str_format(a, "data.posts[%zu]: %s", at, why).p);
}

static err_t bring_post(struct ghost *g, arena_t *a, size_t at, const json_t *post)
{
	str_t id = id_of(a, post, "id"), slug = text_of(post, "slug");
	const char *wrong = wrong_field(a, post);
	if (wrong || json_object_get(g->brought, str_z(a, id))) {
		leave_out(g, a, at, post,
			  wrong ? str_format(a, "its %s is missing or no text", wrong).p
				: "another post before it has the same id");
		return OK;
	}
	json_object_set_new(g->brought, str_z(a, id), json_true());
	const json_t *meta = json_object_get(g->meta, str_z(a, id));
	struct buf standfirst = buf_new(a, 256);
	buf_add_html(&standfirst, text_of(post, "custom_excerpt"));
	struct import_story in = {
		.foreign = id,
		.story = { .kind = kind_of(post), .headline = str_trim(text_of(post, "title")),
			   .slug = slug_from(a, slug), .standfirst = buf_str(&standfirst),
			   .dateline = S(""), .withdrawn_why = S("") },
	};
	set_state(g->im.s, a, post, meta, &in);
	if (in.story.kind == STORY) {
		in.story.section.slug = section_of(g, id);
		set_tags(g, a, id, &in);
		set_authors(g, a, id, post, &in);
	}
	in.digest = digest_of(a, post, meta, &in.story);
	TRY(set_picture(g, a, post, meta, &in));
	err_t e = set_body(g, a, post, &in);
	if (e && e->code != ERR_INPUT)
		return e;
	if (e) {
		leave_out(g, a, at, post, err_text(e));
		err_free(e);
		return OK;
	}
	note_rest(a, post, &in);
	if (slug.n)
		strs_add(a, &in.old_paths, str_format(a, "/%.*s/", STR(slug)));
	return import_story(&g->im, a, &in);
}

/* Where each post will stand, for links between them. */
static void plan_addresses(struct ghost *g)
{
	json_t *post;
	size_t i;
	g->slugs = new_map(g);
	json_array_foreach(json_object_get(g->data, "posts"), i, post) {
		str_t old = text_of(post, "slug"), slug = slug_from(g->a, old);
		str_t section = section_of(g, id_of(g->a, post, "id"));
		str_t path = kind_of(post) == STATIC_PAGE
				     ? str_format(g->a, "/%.*s", STR(slug))
				     : str_format(g->a, "/%.*s/%.*s", STR(section), STR(slug));
		char *key = str_z(g->a, old);
		if (slug.n && !json_object_get(g->slugs, key))
			json_object_set_new(g->slugs, key, json_stringn(path.p, path.n));
	}
}

static err_t bring_posts(struct ghost *g)
{
	json_t *posts = json_object_get(g->data, "posts"), *post;
	size_t i, n = json_array_size(posts);
	arena_t *a = arena_create(0);
	err_t e = a ? OK : err_new(ERR_MEMORY, "out of memory while importing");
	json_array_foreach(posts, i, post) {
		if (e)
			break;
		e = err_wrap(bring_post(g, a, i, post), "data.posts[%zu]", i);
		arena_reset(a);
		if (g->im.report->progress)
			g->im.report->progress(g->im.report->ctx, (int64_t)i + 1, (int64_t)n);
	}
	arena_free(a);
	return e;
}

static err_t bring_all(struct ghost *g, const char *name)
{
	TRY(check(name, g->data));
	str_t site = setting(g, "db_hash");
	g->im.source = str_format(g->a, "ghost:%.*s", STR(site.n ? site : setting(g, "title")));
	g->tags = index_by(g, "tags", "id");
	g->users = index_by(g, "users", "id");
	g->meta = index_by(g, "posts_meta", "post_id");
	g->of_tags = group_by_post(g, "posts_tags");
	g->of_authors = group_by_post(g, "posts_authors");
	g->brought = new_map(g);
	TRY(bring_sections(g));
	TRY(save_sections(g));
	plan_addresses(g);
	TRY(bring_authors(g));
	return bring_posts(g);
}

err_t import_ghost(struct stet *s, const struct import_options *o, struct import_report *report)
{
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory while importing");
	struct ghost g = { .im = { .s = s, .report = report, .dry_run = o->dry_run,
				   .media = o->media != NULL },
			   .options = o, .a = a };
	const char *slash = strrchr(o->path, '/'), *name = slash ? slash + 1 : o->path;
	json_error_t why;
	str_t text;
	json_t *file = NULL;
	err_t e = file_read(a, o->path, (size_t)FILE_MOST_MB << 20, &text);
	if (!e && !(file = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &why)))
		e = err_new(ERR_INPUT, "%s:%d: not well-formed JSON: %s (column %d, byte %d)", name,
			    why.line, why.text, why.column, why.position);
	if (!e)
		e = unwrap(name, file, &g.data);
	if (!e)
		e = bring_all(&g, name);
	arena_free(a); /* the maps borrow from the file */
	json_decref(file);
	return e;
}
