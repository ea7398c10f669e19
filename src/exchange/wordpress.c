/* wordpress.c: WordPress's export into stories. What becomes what:
 *
 *	post                 story; page: static page
 *	top category         section (of the first category named); lower ones: tags
 *	tag                  tag
 *	author, co-author    author, by name
 *	featured picture     lead picture; attachments of the media folder: pictures
 *	draft, pending,      draft, with a note
 *	private, protected,
 *	scheduled
 *	comment, pingback    kept whole for the forum
 *	newspack_correction  correction of its story
 *
 * Trash, revisions, menus and plugins' own types are left out and named in the report. */
#include "exchange/import.h"
#include "exchange/wp_body.h"
#include "exchange/wp_index.h"
#include "exchange/wxr.h"

#include "base/file.h"
#include "page/clean.h"
#include "press/media.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct wordpress {
	struct importer              im;
	const struct import_options *options;
	struct wp_index              index;
	int64_t                      read, size; /* progress: both readings count */
};

static str_t meta(const struct wxr_node *item, const char *key)
{
	for (size_t i = 0; i < item->nchildren; i++)
		if (str_eq(item->children[i].name, S("wp:postmeta")) &&
		    str_eq(wxr_get(&item->children[i], "wp:meta_key"), str_of(key)))
			return wxr_get(&item->children[i], "wp:meta_value");
	return S("");
}

/* --- what a post says of itself --- */

/* WordPress gives local and UTC times; drafts have zeros for both. */
static usec_t moment(const struct wxr_node *item, const char *gmt, const char *local)
{
	usec_t t = 0;
	str_t v = wxr_get(item, gmt);
	if (str_starts(v, S("0000")) || !v.n) {
		v = wxr_get(item, local);
		err_t e = str_starts(v, S("0000")) || !v.n ? OK : time_parse(v, &t);
		err_free(e);
		return t;
	}
	err_free(time_parse_utc(v, &t));
	return t;
}

static void set_state(struct wordpress *w, arena_t *a, const struct wxr_node *item,
		      struct import_story *in)
{
	struct story *st = &in->story;
	str_t status = wxr_get(item, "wp:status");
	usec_t published = moment(item, "wp:post_date_gmt", "wp:post_date");
	usec_t modified = moment(item, "wp:post_modified_gmt", "wp:post_modified");
	(void)w;
	if (!published && wxr_get(item, "wp:post_date_gmt").n &&
	    !str_starts(wxr_get(item, "wp:post_date_gmt"), S("0000")))
		import_note(a, &in->notes, "its date \"%.*s\" is none",
			    STR(str_clip(wxr_get(item, "wp:post_date_gmt"), 40)));
	if (str_eq(status, S("publish")) && !wxr_get(item, "wp:post_password").n) {
		st->state = PUBLISHED;
		st->published = published ? published : clock_now(&w->im.s->clock);
		if (modified > st->published + MINUTE)
			st->updated = modified;
		if (!published)
			import_note(a, &in->notes, "it had no date; it has today's");
		return;
	}
	st->state = DRAFT;
	if (wxr_get(item, "wp:post_password").n)
		import_note(a, &in->notes, "it was behind a password; it is a draft here");
	else if (str_eq(status, S("future")))
		import_note(a, &in->notes, "it was scheduled for %.*s; it is a draft here",
			    STR(time_long(a, published)));
	else if (!str_eq(status, S("draft")))
		import_note(a, &in->notes, "it was \"%.*s\"; it is a draft here", STR(status));
}

static void add_tag(arena_t *a, struct story *st, str_t name)
{
	name = str_trim(clean_text(a, name));
	if (!slug_from(a, name).n)
		return;
	st->tags = arena_room(a, st->tags, st->ntags, sizeof *st->tags);
	st->tags[st->ntags++] = (struct tag){ .name = name };
}

/* `login` is that of <wp:author>, or a guest's name; `fallback` says who it is if nobody knows. */
static void add_author(struct wordpress *w, arena_t *a, struct story *st, str_t login, str_t fallback)
{
	const struct wp_author *known = wp_author(&w->index, login);
	str_t name = known ? known->name : str_trim(clean_text(a, fallback));
	str_t slug = known ? known->slug : slug_from(a, name);
	if (!name.n || !slug.n)
		return;
	st->authors = arena_room(a, st->authors, st->nauthors, sizeof *st->authors);
	st->authors[st->nauthors++] = (struct author){ .name = name, .slug = slug };
}

/* Section, tags and co-authors all come as <category>. */
static void set_terms(struct wordpress *w, arena_t *a, const struct wxr_node *item,
		      struct import_story *in)
{
	struct story *st = &in->story;
	for (size_t i = 0; i < item->nfields; i++) {
		const struct wxr_field *f = &item->fields[i];
		if (!str_eq(f->name, S("category")))
			continue;
		if (str_eq(f->domain, S("post_tag"))) {
			add_tag(a, st, f->value);
		} else if (str_eq(f->domain, S("author"))) {
			add_author(w, a, st, f->nicename, f->value);
		} else if (str_eq(f->domain, S("category"))) {
			str_t section = wp_section_of(&w->index, f->nicename);
			if (!st->section.slug.n)
				st->section.slug = section;
			if (!str_eq(section, wp_section_slug(&w->index, f->nicename)) ||
			    !str_eq(section, st->section.slug))
				add_tag(a, st, f->value);
		}
	}
	if (!st->nauthors) {
		str_t login = wxr_get(item, "dc:creator");
		add_author(w, a, st, login, login);
	}
	if (!st->section.slug.n)
		st->section.slug = wp_default_section(&w->index);
}

/* --- pictures --- */

/* The file of an upload's address in the media folder, or NULL: "…/uploads/2020/01/x-300x200.jpg" is
 * tried as it is, then as "x.jpg", which WordPress made it from. */
static char *upload_path(struct wordpress *w, arena_t *a, str_t url)
{
	str_t mark = S("/uploads/");
	size_t at = str_find(url, mark, 0);
	if (!w->options->media || at == STR_NONE)
		return NULL;
	str_t tail = str_slice(url, at + mark.n, str_find_char(url, '?', at));
	tail = import_unescape(a, tail);
	if (import_climbs(tail) || !tail.n)
		return NULL;
	char *path = str_z(a, str_format(a, "%s/%.*s", w->options->media, STR(tail)));
	if (file_exists(path))
		return path;
	return str_z(a, str_format(a, "%s/%.*s", w->options->media,
				   STR(wp_without_size(a, tail))));
}

/* Why upload_path gave none. */
static const char *no_path(const struct wordpress *w)
{
	return w->options->media ? "its address is not below /uploads/"
				 : "no media folder was named (--media)";
}

static err_t set_picture(struct wordpress *w, arena_t *a, const struct wxr_node *item,
			 struct import_story *in)
{
	int64_t id;
	if (!str_int(meta(item, "_thumbnail_id"), &id))
		return OK;
	const struct wp_entry *att = wp_by_id(&w->index, id);
	if (!att) {
		import_note(a, &in->notes, "its picture (attachment %lld) is not in the export",
			    (long long)id);
		return OK;
	}
	struct lead_picture *p = &in->story.picture;
	char *path = upload_path(w, a, att->url);
	if (!path) {
		import_note(a, &in->notes, "its picture %.*s: %s", STR(att->url), no_path(w));
		return OK;
	}
	TRY(import_picture(&w->im, a, path, &in->notes, &p->media));
	p->alt = att->alt;
	p->caption = att->caption;
	return OK;
}

/* --- addresses in a body --- */

struct resolving {
	struct wordpress    *w;
	arena_t             *a;
	struct import_story *in;
	err_t                failed;
};

/* A picture's address in a body: taken in, it is ours; else a remote one is only a link's worth. */
static str_t resolve_picture(void *ctx, str_t url)
{
	struct resolving *r = ctx;
	struct media m;
	char *path = upload_path(r->w, r->a, url);
	if (!path || r->failed)
		return (str_t){ NULL, 0 };
	r->failed = import_file(&r->w->im, r->a, path, &r->in->notes, &m);
	if (r->failed || !m.id)
		return (str_t){ NULL, 0 };
	return import_media_url(r->a, &m);
}

static str_t resolve_attachment(void *ctx, int64_t id, str_t *alt, str_t *caption)
{
	struct resolving *r = ctx;
	const struct wp_entry *att = wp_by_id(&r->w->index, id);
	if (!att)
		return (str_t){ NULL, 0 };
	*alt = att->alt;
	*caption = att->caption;
	return resolve_picture(ctx, att->url);
}

/* A link to a file of the media folder that is no picture: minutes, a table, a recording. */
static str_t resolve_file(struct resolving *r, str_t url)
{
	char *path = upload_path(r->w, r->a, url);
	if (!path || !file_exists(path) || media_name_is_picture(url))
		return (str_t){ NULL, 0 };
	return resolve_picture(r, url);
}

static str_t resolve_link(void *ctx, str_t url)
{
	struct resolving *r = ctx;
	str_t here = resolve_file(r, url);
	return here.p ? here : wp_resolve_link(&r->w->index, r->a, url);
}

static err_t set_body(struct wordpress *w, arena_t *a, const struct wxr_node *item,
		      struct import_story *in)
{
	struct resolving r = { w, a, in, OK };
	str_t content = wp_footnotes(a, wxr_get(item, "content:encoded"), meta(item, "footnotes"),
				     &in->notes);
	TRY(wp_body_import(a, content,
			   &(struct wp_resolver){ .ctx = &r, .picture = resolve_picture,
						  .attachment = resolve_attachment,
						  .link = resolve_link },
			   &in->story.source, &in->notes));
	in->story.format = HTML;
	return r.failed;
}

/* --- comments --- */

static str_t comment_meta(arena_t *a, const struct wxr_node *comment)
{
	json_t *j = json_object();
	for (size_t i = 0; i < comment->nchildren; i++) {
		str_t key = wxr_get(&comment->children[i], "wp:meta_key");
		str_t value = wxr_get(&comment->children[i], "wp:meta_value");
		json_object_set_new(j, str_z(a, key), json_stringn(value.p, value.n));
	}
	char *dump = json_dumps(j, JSON_COMPACT);
	str_t out = dump ? str_copy(a, str_of(dump)) : S("{}");
	free(dump);
	json_decref(j);
	return out;
}

static void set_comments(arena_t *a, const struct wxr_node *item, struct import_story *in)
{
	struct import_comment *all = arena_array(a, item->nchildren, sizeof *all);
	size_t n = 0;
	for (size_t i = 0; i < item->nchildren; i++) {
		const struct wxr_node *c = &item->children[i];
		if (!str_eq(c->name, S("wp:comment")))
			continue;
		all[n++] = (struct import_comment){
			.foreign = wxr_get(c, "wp:comment_id"),
			.parent = wxr_get(c, "wp:comment_parent"),
			.state = wxr_get(c, "wp:comment_approved"),
			.type = wxr_get(c, "wp:comment_type"),
			.name = wxr_get(c, "wp:comment_author"),
			.email = wxr_get(c, "wp:comment_author_email"),
			.url = wxr_get(c, "wp:comment_author_url"),
			.ip = wxr_get(c, "wp:comment_author_IP"),
			.reader = wxr_get(c, "wp:comment_user_id"),
			.written = moment(c, "wp:comment_date_gmt", "wp:comment_date"),
			.content = wxr_get(c, "wp:comment_content"),
			.meta = comment_meta(a, c),
		};
	}
	in->comments = all;
	in->ncomments = n;
}

/* Of an item that does not come. */
static void lose_comments(struct wordpress *w, arena_t *a, const struct wxr_node *item,
			  const char *why)
{
	for (size_t i = 0; i < item->nchildren; i++)
		if (str_eq(item->children[i].name, S("wp:comment")))
			import_left_out(&w->im, "comment",
					wxr_get(&item->children[i], "wp:comment_id"),
					str_clip(wxr_get(&item->children[i], "wp:comment_content"),
						 60),
					str_format(a, "it stood under %s %.*s, which has no "
						   "comments here", why,
						   STR(wxr_get(item, "wp:post_id"))).p);
}

/* --- the second reading --- */

static str_t digest_of(arena_t *a, const struct wxr_node *item)
{
	struct strs parts = { 0 };
	for (size_t i = 0; i < item->nfields; i++) {
		strs_add(a, &parts, item->fields[i].name);
		strs_add(a, &parts, item->fields[i].value);
	}
	strs_add(a, &parts, meta(item, "_thumbnail_id"));
	if (meta(item, "footnotes").n)
		strs_add(a, &parts, meta(item, "footnotes"));
	return import_digest(a, parts.v, parts.n);
}

static err_t bring_post(struct wordpress *w, arena_t *a, const struct wxr_node *item,
			enum story_kind kind)
{
	str_t id = wxr_get(item, "wp:post_id");
	int64_t number = 0;
	struct wp_entry *entry = str_int(id, &number) ? wp_by_id(&w->index, number) : NULL;
	if (!entry || entry->brought) {
		import_left_out(&w->im, kind == STORY ? "story" : "page", id,
				wxr_get(item, "title"),
				entry ? "another item before it has the same number"
				      : "its number is none");
		lose_comments(w, a, item, "the story");
		return OK;
	}
	entry->brought = true;
	struct import_story in = {
		.foreign = id,
		.digest = digest_of(a, item),
		.story = { .kind = kind,
			   .headline = str_trim(clean_text(a, wxr_get(item, "title"))),
			   .slug = entry->slug,
			   .standfirst = wxr_get(item, "excerpt:encoded"),
			   .dateline = S(""), .withdrawn_why = S("") },
	};
	set_state(w, a, item, &in);
	if (kind == STORY)
		set_terms(w, a, item, &in);
	TRY(set_picture(w, a, item, &in));
	TRY(set_body(w, a, item, &in));
	wp_old_paths(&w->index, a, item, number, &in.old_paths);
	wp_corrections(&w->index, a, number, &in.corrections, &in.ncorrections);
	if (str_eq(wxr_get(item, "wp:is_sticky"), S("1")))
		import_note(a, &in.notes, "it was sticky; choose it for the front page here");
	set_comments(a, item, &in);
	return import_story(&w->im, a, &in);
}

static err_t bring_attachment(struct wordpress *w, arena_t *a, const struct wxr_node *item)
{
	str_t url = wxr_get(item, "wp:attachment_url");
	struct strs notes = { 0 };
	struct media m;
	char *path = upload_path(w, a, url);
	lose_comments(w, a, item, "the file");
	if (!path) {
		import_left_out(&w->im, "media", wxr_get(item, "wp:post_id"), url, no_path(w));
		return OK;
	}
	TRY(import_file(&w->im, a, path, &notes, &m));
	return import_media_item(&w->im, a, wxr_get(item, "wp:post_id"), url, &m, &notes);
}

static err_t bring_item(struct wordpress *w, arena_t *a, const struct wxr_node *item)
{
	str_t type = wxr_get(item, "wp:post_type"), status = wxr_get(item, "wp:status");
	str_t id = wxr_get(item, "wp:post_id"), title = wxr_get(item, "title");
	bool post = str_eq(type, S("post")), page = str_eq(type, S("page"));
	if (str_eq(type, S("attachment")))
		return bring_attachment(w, a, item);
	if (str_eq(type, S("newspack_correction")))
		return OK; /* went with its story */
	if (!post && !page) {
		import_left_out(&w->im, "item", id, title,
				str_format(a, "its type \"%.*s\" has no counterpart", STR(type)).p);
		lose_comments(w, a, item, "the item");
		return OK;
	}
	if (str_eq(status, S("trash")) || str_eq(status, S("auto-draft")) ||
	    str_eq(status, S("inherit"))) {
		import_left_out(&w->im, post ? "story" : "page", id, title,
				str_format(a, "it was \"%.*s\"", STR(status)).p);
		lose_comments(w, a, item, "the story");
		return OK;
	}
	return bring_post(w, a, item, post ? STORY : STATIC_PAGE);
}

static err_t bring_author(struct wordpress *w, arena_t *a, const struct wxr_node *node)
{
	str_t login = wxr_get(node, "wp:author_login");
	const struct wp_author *known = wp_author(&w->index, login);
	if (!known || !known->slug.n) {
		import_left_out(&w->im, "author", login, S(""), "the name has no letters");
		return OK;
	}
	struct author author = { .name = known->name, .slug = known->slug, .role = S(""),
				 .bio = S("") };
	return import_author(&w->im, a, login, &author);
}

static err_t second_reading(void *ctx, arena_t *a, const struct wxr_node *node)
{
	struct wordpress *w = ctx;
	if (str_eq(node->name, S("item")))
		return err_wrap(bring_item(w, a, node), "item %.*s",
				STR(wxr_get(node, "wp:post_id")));
	if (str_eq(node->name, S("wp:author")))
		return bring_author(w, a, node);
	return OK;
}

/* --- the first --- */

static err_t first_reading(void *ctx, arena_t *a, const struct wxr_node *node)
{
	struct wordpress *w = ctx;
	(void)a;
	return wp_index_add(&w->index, node);
}

static void on_progress(void *ctx, int64_t bytes, int64_t all)
{
	struct wordpress *w = ctx;
	w->size = all;
	if (w->im.report->progress)
		w->im.report->progress(w->im.report->ctx, w->read + bytes, 2 * all);
}

static err_t bring_sections(struct wordpress *w, arena_t *a)
{
	str_t slug, name, about;
	for (size_t i = 0; wp_section_at(&w->index, i, &slug, &name, &about); i++)
		TRY(import_section(&w->im, a, slug, name, about, (int)i));
	return OK;
}

static err_t bring_all(struct wordpress *w, arena_t *a, const char *path)
{
	struct wxr_reader reader = { .node = first_reading, .progress = on_progress, .ctx = w };
	TRY(wxr_read(path, &reader));
	wp_index_finish(&w->index);
	w->im.source = str_format(a, "wordpress:%.*s", STR(w->index.site));
	w->read = w->size;
	TRY(bring_sections(w, a));
	reader.node = second_reading;
	return wxr_read(path, &reader);
}

err_t import_wordpress(struct stet *s, const struct import_options *o, struct import_report *report)
{
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory while importing");
	struct wordpress w = {
		.im = { .s = s, .report = report, .dry_run = o->dry_run,
			.media = o->media != NULL },
		.options = o,
	};
	wp_index_begin(&w.index, a);
	err_t e = bring_all(&w, a, o->path);
	arena_free(a);
	return e;
}
