/* storyfile.c: see storyfile.h. */
#include "exchange/storyfile.h"

#include "base/file.h"
#include "exchange/frontmatter.h"
#include "exchange/inline_markdown.h"
#include "exchange/storytracks.h"
#include "page/clean.h"
#include "page/markdown_lines.h"
#include "press/media.h"

/* --- reading --- */

struct applying {
	struct stet             *s;
	arena_t                 *a;
	const struct story_file *file;
	str_t                    actor;
	struct story            *st;
	struct story_wish       *wish;
};

static err_t text_value(const char *key, const json_t *v, str_t *out)
{
	if (!v || json_is_null(v)) {
		*out = S("");
		return OK;
	}
	if (!json_is_string(v))
		return err_user(ERR_INPUT, key, "%s: must be one text", key);
	*out = str_from(json_string_value(v), json_string_length(v));
	return OK;
}

static err_t moment_value(const char *key, const json_t *v, usec_t *out)
{
	str_t text;
	TRY(text_value(key, v, &text));
	err_t e = time_parse(text, out);
	return err_wrap(e, "%s", key);
}

static bool truth(const json_t *v)
{
	return json_is_true(v) || (json_is_string(v) && strcmp(json_string_value(v), "true") == 0);
}

/* "a, b" or a list of texts. */
static err_t list_value(arena_t *a, const char *key, const json_t *v, struct strs *out)
{
	size_t i;
	json_t *one;
	if (json_is_string(v)) {
		str_t rest = str_of(json_string_value(v));
		while (rest.p) {
			str_t name = str_trim(str_cut(&rest, ','));
			if (name.n)
				strs_add(a, out, str_copy(a, name));
		}
		return OK;
	}
	if (!json_is_array(v) && !json_is_null(v))
		return err_user(ERR_INPUT, key, "%s: must be a list", key);
	json_array_foreach(v, i, one) {
		str_t name;
		TRY(text_value(key, one, &name));
		strs_add(a, out, str_copy(a, name));
	}
	return OK;
}

static err_t inline_markdown(struct applying *x, const char *key, const json_t *v, str_t *out)
{
	str_t text;
	TRY(text_value(key, v, &text));
	return clean_markdown(x->a, GRAMMAR_INLINE, text, out, NULL);
}

/* A picture named by a file beside the story, or by the address of one taken in before. */
static err_t find_picture(struct applying *x, str_t name, struct media *out)
{
	struct conn *c;
	if (str_starts(name, S("/media/"))) {
		str_t hash = str_slice(name, 7, name.n);
		hash = str_slice(hash, 0, str_find_char(hash, '/', 0));
		TRY(store_reader(x->s->store, &c));
		err_t e = media_by_hash(c, x->a, hash, out);
		store_done(x->s->store, c);
		return err_wrap(e, "picture %.*s", STR(name));
	}
	if (!x->file->folder || str_find(name, S(".."), 0) != STR_NONE ||
	    str_starts(name, S("/")))
		return err_user(ERR_INPUT, "picture", "picture: \"%.*s\" must be a file below the "
				"story's folder, or an address under /media/", STR(name));
	char *path = path_join(x->a, x->file->folder, str_z(x->a, name));
	return err_wrap(media_add_file(x->s, x->a, path, x->actor, out), "picture");
}

static err_t set_headline(struct applying *x, const json_t *v)
{
	return text_value("headline", v, &x->st->headline);
}

static err_t set_standfirst(struct applying *x, const json_t *v)
{
	return inline_markdown(x, "standfirst", v, &x->st->standfirst);
}

static err_t set_slug(struct applying *x, const json_t *v)
{
	return text_value("slug", v, &x->st->slug);
}

static err_t set_section(struct applying *x, const json_t *v)
{
	x->st->section = (struct section){ 0 };
	return text_value("section", v, &x->st->section.slug);
}

static err_t set_dateline(struct applying *x, const json_t *v)
{
	return text_value("dateline", v, &x->st->dateline);
}

/* A slug names an author who is there; any other text is a name. */
static err_t set_authors(struct applying *x, const json_t *v)
{
	struct strs names = { 0 };
	struct conn *c;
	TRY(list_value(x->a, "authors", v, &names));
	x->st->nauthors = names.n;
	x->st->authors = arena_array(x->a, names.n, sizeof *x->st->authors);
	TRY(store_reader(x->s->store, &c));
	err_t e = OK;
	for (size_t i = 0; i < names.n && !e; i++) {
		e = author_by_slug(c, x->a, names.v[i], &x->st->authors[i]);
		if (e && e->code == ERR_MISSING) {
			err_free(e);
			e = OK;
			x->st->authors[i] = (struct author){ .name = names.v[i] };
		}
	}
	store_done(x->s->store, c);
	return e;
}

static err_t set_tags(struct applying *x, const json_t *v)
{
	struct strs names = { 0 };
	TRY(list_value(x->a, "tags", v, &names));
	x->st->ntags = names.n;
	x->st->tags = arena_array(x->a, names.n, sizeof *x->st->tags);
	for (size_t i = 0; i < names.n; i++)
		x->st->tags[i] = (struct tag){ .name = names.v[i] };
	return OK;
}

static err_t set_published(struct applying *x, const json_t *v)
{
	x->wish->published_given = true;
	return moment_value("published", v, &x->wish->published);
}

static err_t set_updated(struct applying *x, const json_t *v)
{
	return moment_value("updated", v, &x->st->updated);
}

static err_t set_picture(struct applying *x, const json_t *v)
{
	str_t name;
	TRY(text_value("picture", v, &name));
	if (!name.n) {
		x->st->picture = (struct lead_picture){ 0 };
		return OK;
	}
	TRY(find_picture(x, name, &x->st->picture.media));
	if (x->st->picture.media.kind != PICTURE)
		return err_user(ERR_INPUT, "picture", "picture: \"%.*s\" is no picture", STR(name));
	return OK;
}

static err_t set_alt(struct applying *x, const json_t *v)
{
	return text_value("alt", v, &x->st->picture.alt);
}

static err_t set_caption(struct applying *x, const json_t *v)
{
	return inline_markdown(x, "caption", v, &x->st->picture.caption);
}

static err_t set_credit(struct applying *x, const json_t *v)
{
	return text_value("credit", v, &x->st->picture.credit);
}

static err_t set_kind(struct applying *x, const json_t *v)
{
	str_t kind;
	TRY(text_value("kind", v, &kind));
	if (!str_eq(kind, S("story")) && !str_eq(kind, S("page")))
		return err_user(ERR_INPUT, "kind", "kind: is \"story\" or \"page\"");
	x->st->kind = str_eq(kind, S("page")) ? STATIC_PAGE : STORY;
	return OK;
}

static err_t set_state(struct applying *x, const json_t *v)
{
	str_t name;
	TRY(text_value("state", v, &name));
	x->wish->state_given = true;
	if (!story_state_parse(name, &x->wish->state))
		return err_user(ERR_INPUT, "state", "state: is draft, published or withdrawn");
	return OK;
}

static err_t set_reason(struct applying *x, const json_t *v)
{
	return text_value("reason", v, &x->st->withdrawn_why);
}

static err_t set_withdrawn(struct applying *x, const json_t *v)
{
	return moment_value("withdrawn", v, &x->st->withdrawn);
}

static err_t set_format(struct applying *x, const json_t *v)
{
	str_t name;
	TRY(text_value("format", v, &name));
	if (!str_eq(name, S("markdown")) && !str_eq(name, S("html")))
		return err_user(ERR_INPUT, "format", "format: is markdown or html");
	x->st->format = str_eq(name, S("html")) ? HTML : MARKDOWN;
	return OK;
}

static err_t set_long(struct applying *x, const json_t *v)
{
	x->st->long_read = truth(v);
	return OK;
}

static err_t set_kicker(struct applying *x, const json_t *v)
{
	return text_value("kicker", v, &x->st->kicker);
}

static err_t set_genre(struct applying *x, const json_t *v)
{
	str_t name;
	TRY(text_value("genre", v, &name));
	if (!story_genre_parse(name, &x->st->genre))
		return err_user(ERR_INPUT, "genre", "genre: is report, analysis, opinion, review, "
				"background or sponsored");
	return OK;
}

/* A slug, or a name from which one is made. */
static err_t set_series(struct applying *x, const json_t *v)
{
	str_t name;
	TRY(text_value("series", v, &name));
	x->st->series = (struct series){ .slug = slug_from(x->a, name), .name = name };
	return OK;
}

static err_t set_related(struct applying *x, const json_t *v)
{
	struct strs slugs = { 0 };
	TRY(list_value(x->a, "related", v, &slugs));
	x->st->nrelated = slugs.n;
	x->st->related = arena_array(x->a, slugs.n, sizeof *x->st->related);
	for (size_t i = 0; i < slugs.n; i++)
		x->st->related[i] = (struct story_ref){ .slug = slugs.v[i] };
	return OK;
}

static err_t set_language(struct applying *x, const json_t *v)
{
	return text_value("language", v, &x->st->language);
}

static err_t set_translates(struct applying *x, const json_t *v)
{
	x->st->translates = (struct story_ref){ 0 };
	return text_value("translates", v, &x->st->translates.slug);
}

static err_t set_live(struct applying *x, const json_t *v)
{
	str_t said;
	TRY(text_value("live", v, &said));
	if (!story_live_parse(said, &x->st->live))
		return err_user(ERR_INPUT, "live", "live: is live or ended");
	return OK;
}

static err_t set_live_from(struct applying *x, const json_t *v)
{
	return moment_value("live_from", v, &x->st->live_from);
}

static err_t set_live_until(struct applying *x, const json_t *v)
{
	return moment_value("live_until", v, &x->st->live_until);
}

static err_t set_no_ask(struct applying *x, const json_t *v)
{
	x->st->no_ask = truth(v);
	return OK;
}

static err_t set_sensitive(struct applying *x, const json_t *v)
{
	x->st->sensitive = truth(v);
	return OK;
}

static err_t set_embargo(struct applying *x, const json_t *v)
{
	return moment_value("embargo", v, &x->st->embargo);
}

static err_t set_scheduled(struct applying *x, const json_t *v)
{
	return moment_value("scheduled", v, &x->st->scheduled);
}

static err_t one_correction(struct applying *x, const json_t *v, struct correction *k)
{
	const json_t *kind = json_object_get(v, "kind");
	TRY(moment_value("corrections: date", json_object_get(v, "date"), &k->made));
	TRY(inline_markdown(x, "corrections: text", json_object_get(v, "text"), &k->text));
	TRY(inline_markdown(x, "corrections: wrong", json_object_get(v, "wrong"), &k->wrong));
	TRY(inline_markdown(x, "corrections: right", json_object_get(v, "right"), &k->right));
	k->serious = truth(json_object_get(v, "serious"));
	if (kind && !correction_kind_parse(str_of(json_string_value(kind)), &k->kind))
		return err_user(ERR_INPUT, "corrections",
				"corrections: kind is \"correction\" or \"clarification\"");
	return OK;
}

static err_t set_corrections(struct applying *x, const json_t *v)
{
	size_t i;
	json_t *one;
	struct story_wish *wish = x->wish;
	wish->corrections = arena_array(x->a, json_array_size(v), sizeof *wish->corrections);
	json_array_foreach(v, i, one)
		TRY(one_correction(x, one, &wish->corrections[wish->ncorrections++]));
	return OK;
}

static const struct {
	const char *name;
	err_t (*set)(struct applying *x, const json_t *v);
} keys[] = {
	{ "headline", set_headline },   { "standfirst", set_standfirst },
	{ "slug", set_slug },           { "section", set_section },
	{ "dateline", set_dateline },   { "authors", set_authors },
	{ "tags", set_tags },           { "published", set_published },
	{ "updated", set_updated },     { "picture", set_picture },
	{ "alt", set_alt },             { "caption", set_caption },
	{ "credit", set_credit },       { "kind", set_kind },
	{ "state", set_state },         { "reason", set_reason },
	{ "withdrawn", set_withdrawn },
	{ "format", set_format },       { "long", set_long },
	{ "corrections", set_corrections }, { "kicker", set_kicker },
	{ "genre", set_genre },         { "series", set_series },
	{ "related", set_related },     { "language", set_language },
	{ "translates", set_translates }, { "no_ask", set_no_ask },
	{ "sensitive", set_sensitive }, { "embargo", set_embargo },
	{ "scheduled", set_scheduled }, { "live", set_live },
	{ "live_from", set_live_from }, { "live_until", set_live_until },
};

static err_t apply_key(struct applying *x, const char *name, const json_t *v)
{
	size_t nearest = 0, least = SIZE_MAX;
	for (size_t i = 0; i < COUNT(keys); i++) {
		size_t d = str_distance(str_of(name), str_of(keys[i].name));
		if (d == 0)
			return keys[i].set(x, v);
		if (d < least) {
			least = d;
			nearest = i;
		}
	}
	return err_user(ERR_INPUT, keys[nearest].name, "unknown key \"%s\"; did you mean \"%s\"?",
			name, keys[nearest].name);
}

/* A file that a body names becomes the address of what was taken in. */
static err_t take_file(void *ctx, str_t name, str_t *address)
{
	struct applying *x = ctx;
	struct media m;
	TRY(find_picture(x, name, &m));
	*address = str_format(x->a, "/media/%.*s", STR(m.hash));
	return OK;
}

/* HTML from elsewhere names what is not here: that stays as it is. */
static err_t take_file_if_there(void *ctx, str_t name, str_t *address)
{
	struct applying *x = ctx;
	bool climbs = str_find(name, S(".."), 0) != STR_NONE;
	if (!x->file->folder || climbs ||
	    !file_exists(path_join(x->a, x->file->folder, str_z(x->a, name))))
		return OK;
	return take_file(ctx, name, address);
}

static err_t find_recording(void *ctx, str_t name, struct media *out)
{
	return find_picture(ctx, name, out);
}

static str_t language_of(const struct applying *x)
{
	return x->st->language.n ? x->st->language : x->s->config.language;
}

static err_t apply(struct applying *x)
{
	json_t *front;
	str_t body;
	const char *key;
	json_t *v;
	TRY(frontmatter_split(x->a, x->file->text, &front, &body));
	x->st->format = MARKDOWN;
	json_object_foreach(front, key, v)
		TRY(apply_key(x, key, v));
	if (x->st->format == HTML)
		return html_files(x->a, body, take_file_if_there, x, &x->st->source);
	struct story_tracks tracks = { .s = x->s, .folder = x->file->folder, .actor = x->actor,
				       .language = language_of(x), .recording = find_recording, .ctx = x };
	TRY(story_tracks_give(&tracks, x->a, body, &body));
	return markdown_files(x->a, body, take_file, x, &x->st->source);
}

err_t storyfile_apply(struct stet *s, arena_t *a, const struct story_file *file, str_t actor,
		      struct story *st, struct story_wish *wish)
{
	struct applying x = { s, a, file, actor, st, wish };
	*wish = (struct story_wish){ 0 };
	size_t bad;
	if (!str_is_utf8(file->text, &bad))
		return err_new(ERR_INPUT, "%s: is not UTF-8 at byte %zu", file->name, bad + 1);
	return err_wrap(apply(&x), "%s", file->name);
}

/* --- writing --- */

/* What a story does not have is not named. */
static void add_line(struct buf *b, const char *key, str_t value)
{
	if (value.n)
		frontmatter_add_line(b, key, value);
}

static void add_moment(struct buf *b, arena_t *a, const char *key, usec_t t)
{
	if (t)
		buf_add_format(b, "%s: %.*s\n", key, STR(time_iso_utc(a, t)));
}

str_t tag_in_file(arena_t *a, const struct tag *tag)
{
	return str_eq(slug_from(a, tag->name), tag->slug) || !tag->slug.n ? tag->name : tag->slug;
}

static void add_people(struct buf *b, arena_t *a, const struct story *st)
{
	if (st->nauthors) {
		buf_add(b, S("authors: ["));
		for (size_t i = 0; i < st->nauthors; i++) {
			if (i)
				buf_add(b, S(", "));
			frontmatter_add_text(b, st->authors[i].slug.n ? st->authors[i].slug
							    : st->authors[i].name);
		}
		buf_add(b, S("]\n"));
	}
	if (st->ntags) {
		buf_add(b, S("tags: ["));
		for (size_t i = 0; i < st->ntags; i++) {
			if (i)
				buf_add(b, S(", "));
			frontmatter_add_text(b, tag_in_file(a, &st->tags[i]));
		}
		buf_add(b, S("]\n"));
	}
}

static void add_corrections(struct buf *b, arena_t *a, const struct story *st)
{
	if (!st->ncorrections)
		return;
	buf_add(b, S("corrections:\n"));
	for (size_t i = 0; i < st->ncorrections; i++) {
		buf_add_format(b, "  - date: %.*s\n    text: ",
			       STR(time_iso_utc(a, st->corrections[i].made)));
		const struct correction *k = &st->corrections[i];
		frontmatter_add_text(b, inline_to_markdown(a, k->text));
		buf_add_char(b, '\n');
		add_line(b, "    wrong", inline_to_markdown(a, k->wrong));
		add_line(b, "    right", inline_to_markdown(a, k->right));
		if (k->kind != CORRECTION)
			add_line(b, "    kind", correction_kind_name(k->kind));
		if (k->serious)
			buf_add(b, S("    serious: true\n"));
	}
}

/* The fields that most stories do without. */
static void add_more(struct buf *b, arena_t *a, const struct story *st)
{
	add_line(b, "kicker", st->kicker);
	if (st->genre != REPORT)
		add_line(b, "genre", story_genre_name(st->genre));
	add_line(b, "series", st->series.slug);
	if (st->nrelated)
		buf_add(b, S("related: ["));
	for (size_t i = 0; i < st->nrelated; i++)
		buf_add_format(b, "%s%.*s", i ? ", " : "", STR(st->related[i].slug));
	if (st->nrelated)
		buf_add(b, S("]\n"));
	add_line(b, "language", st->language);
	add_line(b, "translates", st->translates.slug);
	if (st->no_ask)
		buf_add(b, S("no_ask: true\n"));
	if (st->sensitive)
		buf_add(b, S("sensitive: true\n"));
	add_moment(b, a, "embargo", st->embargo);
	add_moment(b, a, "scheduled", st->scheduled);
	if (st->live != NOT_LIVE)
		add_line(b, "live", story_live_name(st->live));
	add_moment(b, a, "live_from", st->live_from);
	add_moment(b, a, "live_until", st->live_until);
}

str_t storyfile_write(arena_t *a, const struct story *st)
{
	struct buf b = buf_new(a, st->source.n + 1024);
	buf_add(&b, S("---\n"));
	add_line(&b, "headline", st->headline);
	add_line(&b, "standfirst", inline_to_markdown(a, st->standfirst));
	add_line(&b, "slug", st->slug);
	if (st->kind == STATIC_PAGE)
		buf_add(&b, S("kind: page\n"));
	add_line(&b, "section", st->section.slug);
	add_people(&b, a, st);
	add_line(&b, "dateline", st->dateline);
	if (st->id)
		buf_add_format(&b, "state: %.*s\n", STR(story_state_name(st->state)));
	add_moment(&b, a, "published", st->published);
	add_moment(&b, a, "updated", st->updated);
	add_moment(&b, a, "withdrawn", st->withdrawn);
	add_line(&b, "reason", st->withdrawn_why);
	if (st->picture.media.id)
		buf_add_format(&b, "picture: /media/%.*s\n", STR(st->picture.media.hash));
	add_line(&b, "alt", st->picture.alt);
	add_line(&b, "caption", inline_to_markdown(a, st->picture.caption));
	add_line(&b, "credit", st->picture.credit);
	if (st->long_read)
		buf_add(&b, S("long: true\n"));
	add_more(&b, a, st);
	if (st->format == HTML)
		buf_add(&b, S("format: html\n"));
	add_corrections(&b, a, st);
	buf_add(&b, S("---\n"));
	if (str_starts(st->source, S("\n")) || str_starts(st->source, S("\r\n")))
		buf_add_char(&b, '\n'); /* the empty line behind front matter is not of the body */
	buf_add(&b, st->source);
	return buf_str(&b);
}
