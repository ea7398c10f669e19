/* import.c: see import.h. */
#include "exchange/import.h"

#include "base/file.h"
#include "press/limits.h"
#include "press/media.h"
#include "record/act.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

static const struct act_kind ACT_IMPORT_KEEP = { "import.keep" };
static const struct act_kind ACT_IMPORT_COMMENTS = { "import.comments" };

static const str_t actor = { "import", 6 };

static const struct sql select_imported = {
	"SELECT local, digest, revision FROM imported "
	"WHERE source = $1 AND kind = $2 AND foreign_id = $3"
};
static const struct sql save_imported = {
	"INSERT INTO imported (source, kind, foreign_id, local, digest, revision) "
	"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (source, kind, foreign_id) DO UPDATE SET "
	"local = excluded.local, digest = excluded.digest, revision = excluded.revision"
};
static const struct sql insert_redirect = {
	"INSERT INTO redirect (path, story) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING"
};
static const struct sql save_comment = {
	"INSERT INTO imported_comment (source, foreign_id, story, parent, state, type, author_name, "
	"author_email, author_url, author_ip, author_id, written, content, meta) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
	"ON CONFLICT (source, foreign_id) DO UPDATE SET story = excluded.story, "
	"parent = excluded.parent, state = excluded.state, type = excluded.type, "
	"author_name = excluded.author_name, author_email = excluded.author_email, "
	"author_url = excluded.author_url, author_ip = excluded.author_ip, "
	"author_id = excluded.author_id, written = excluded.written, "
	"content = excluded.content, meta = excluded.meta"
};

void import_note(arena_t *a, struct strs *notes, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	strs_add(a, notes, str_vformat(a, format, ap));
	va_end(ap);
}

void import_tell(struct importer *im, const struct import_item *item)
{
	im->report->counts[item->outcome]++;
	if (im->report->item)
		im->report->item(im->report->ctx, item);
}

void import_left_out(struct importer *im, const char *kind, str_t name, str_t title,
		     const char *why)
{
	str_t note = str_of(why);
	import_tell(im, &(struct import_item){ .kind = kind, .name = name, .title = title,
					  .outcome = LEFT_OUT, .notes = { &note, 1, 1 } });
}

str_t import_digest(arena_t *a, const str_t *parts, size_t n)
{
	crypto_generichash_state state;
	unsigned char digest[16];
	char hex[2 * sizeof digest + 1];
	crypto_generichash_init(&state, NULL, 0, sizeof digest);
	for (size_t i = 0; i < n; i++) {
		uint64_t length = parts[i].n; /* so that "ab" "c" and "a" "bc" differ */
		crypto_generichash_update(&state, (const unsigned char *)&length, sizeof length);
		crypto_generichash_update(&state, (const unsigned char *)parts[i].p, parts[i].n);
	}
	crypto_generichash_final(&state, digest, sizeof digest);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	return str_copy(a, str_of(hex));
}

err_t imported_find(struct importer *im, arena_t *a, const char *kind, str_t foreign,
		    struct imported *out)
{
	struct conn *c;
	*out = (struct imported){ 0 };
	TRY(store_reader(im->s->store, &c));
	struct rows r = { 0 };
	err_t e = db_query(c, &select_imported,
			   ARGS(v_str(im->source), v_str(str_of(kind)), v_str(foreign)), &r);
	if (!e && rows_next(&r, &e))
		*out = (struct imported){ row_int(&r, 0), row_str(&r, a, 1), row_int(&r, 2) };
	rows_end(&r);
	store_done(im->s->store, c);
	return e;
}

struct keeping {
	struct importer *im;
	const char      *kind;
	str_t            foreign, digest;
	id64             local;
	int64_t          revision;
};

static err_t write_imported(struct conn *c, arena_t *a, void *ctx)
{
	const struct keeping *k = ctx;
	(void)a;
	return db_run(c, &save_imported,
		      ARGS(v_str(k->im->source), v_str(str_of(k->kind)), v_str(k->foreign),
			   v_int(k->local), v_str(k->digest), v_int(k->revision)), NULL);
}

err_t imported_keep(struct importer *im, arena_t *a, const char *kind, str_t foreign, id64 local,
		    str_t digest, int64_t revision)
{
	struct keeping k = { im, kind, foreign, digest, local, revision };
	struct act act = act_begin(im->s, a, &ACT_IMPORT_KEEP, local, actor);
	return act_commit(&act, write_imported, &k);
}

/* --- comments --- */

static str_t digest_of_comments(arena_t *a, const struct import_story *in)
{
	struct strs parts = { 0 };
	for (size_t i = 0; i < in->ncomments; i++) {
		const struct import_comment *k = &in->comments[i];
		const str_t fields[] = { k->foreign, k->parent, k->state, k->type, k->name, k->email,
					 k->url, k->ip, k->reader, k->content, k->meta };
		for (size_t f = 0; f < COUNT(fields); f++)
			strs_add(a, &parts, fields[f]);
		strs_add(a, &parts, str_format(a, "%lld", (long long)k->written));
	}
	return import_digest(a, parts.v, parts.n);
}

struct commenting {
	struct importer     *im;
	struct import_story *in;
	id64                 story;
	str_t                digest;
};

static err_t write_comments(struct conn *c, arena_t *a, void *ctx)
{
	const struct commenting *w = ctx;
	(void)a;
	for (size_t i = 0; i < w->in->ncomments; i++) {
		const struct import_comment *k = &w->in->comments[i];
		TRY(db_run(c, &save_comment,
			   ARGS(v_str(k->source.n ? k->source : w->im->source), v_str(k->foreign),
				v_int(w->story),
				v_str(k->parent), v_str(k->state), v_str(k->type), v_str(k->name),
				v_str(k->email), v_str(k->url), v_str(k->ip), v_str(k->reader),
				v_ref(k->written), v_str(k->content), v_str(k->meta)), NULL));
	}
	return db_run(c, &save_imported,
		      ARGS(v_str(w->im->source), v_str(S("comments")), v_str(w->in->foreign),
			   v_int(w->story), v_str(w->digest), v_int(0)), NULL);
}

/* Of a story that stays as it is: comments may have come since. */
static err_t keep_comments(struct importer *im, arena_t *a, struct import_story *in)
{
	struct imported was;
	im->report->comments += (int64_t)in->ncomments;
	if (!in->ncomments || im->dry_run)
		return OK;
	struct commenting w = { im, in, in->story.id, digest_of_comments(a, in) };
	TRY(imported_find(im, a, "comments", in->foreign, &was));
	if (was.local && str_eq(was.digest, w.digest))
		return OK;
	struct act act = act_begin(im->s, a, &ACT_IMPORT_COMMENTS, in->story.id, actor);
	act_detail(&act, json_pack("{s:I}", "comments", (json_int_t)in->ncomments));
	return act_commit(&act, write_comments, &w);
}

/* Comments have a place only under a story. */
static void lose_comments(struct importer *im, arena_t *a, const struct import_story *in)
{
	for (size_t i = 0; i < in->ncomments; i++)
		import_left_out(im, "comment", in->comments[i].foreign,
				str_clip(in->comments[i].content, 60),
				str_format(a, "what it stood under (%.*s) was left out",
					   STR(in->foreign)).p);
}

/* --- stories --- */

/* A refusal of this item, not a failure of the machine. */
static bool is_refusal(const struct err *e)
{
	return e->code == ERR_INPUT || e->code == ERR_REFUSED || e->code == ERR_CONFLICT ||
	       e->code == ERR_TOO_LARGE;
}

static err_t slug_taken(struct importer *im, arena_t *a, const struct story *st, bool *taken)
{
	struct conn *c;
	struct story other;
	struct section section;
	TRY(store_reader(im->s->store, &c));
	err_t e = story_by_slug(c, a, st->kind, st->slug, &other);
	*taken = !e && other.id != st->id;
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		e = OK;
	}
	if (!e && !*taken && st->kind == STATIC_PAGE) {
		e = section_by_slug(c, a, st->slug, &section);
		*taken = !e;
		if (e && e->code == ERR_MISSING) {
			err_free(e);
			e = OK;
		}
	}
	store_done(im->s->store, c);
	return e;
}

static err_t free_slug(struct importer *im, arena_t *a, struct import_story *in)
{
	enum { TRIES = 1000 };
	struct story *st = &in->story;
	str_t wanted = slug_from(a, st->slug.n ? st->slug : st->headline);
	if (!wanted.n)
		wanted = str_format(a, "story-%.*s", STR(slug_from(a, in->foreign)));
	st->slug = wanted;
	err_t reserved = st->kind == STATIC_PAGE ? slug_check_top("slug", wanted) : OK;
	bool taken = reserved != OK;
	err_free(reserved);
	if (!taken)
		TRY(slug_taken(im, a, st, &taken));
	for (int i = 2; taken && i < TRIES; i++) {
		st->slug = str_format(a, "%.*s-%d", STR(str_clip(wanted, SLUG_MOST - 5)), i);
		TRY(slug_taken(im, a, st, &taken));
	}
	if (!str_eq(wanted, st->slug))
		import_note(a, &in->notes, "the address \"%.*s\" is taken; it is \"%.*s\" here",
			    STR(wanted), STR(st->slug));
	return OK;
}

static err_t notes_of_cleaning(arena_t *a, struct import_story *in)
{
	str_t cleaned;
	if (in->story.format == HTML)
		TRY(clean_html(a, GRAMMAR_STORY, in->story.source, &cleaned, &in->loss));
	for (size_t i = 0; i < in->loss.n; i++)
		import_note(a, &in->notes, "cleaned: %.*s%s", STR(in->loss.v[i].what),
			    in->loss.v[i].count > 1
				    ? str_format(a, " (%d times)", in->loss.v[i].count).p
				    : "");
	return OK;
}

/* At most `n` code points of s. */
static str_t clip_runes(str_t s, size_t n)
{
	size_t at = 0;
	for (size_t i = 0; i < n && at < s.n; i++)
		str_next_rune(s, &at);
	return str_slice(s, 0, at);
}

/* What is too long for its place is cut, and said. */
static void clip_fields(arena_t *a, struct import_story *in)
{
	struct story *st = &in->story;
	if (!str_trim(st->headline).n) {
		st->headline = S("Untitled");
		import_note(a, &in->notes, "it had no headline");
	}
	if (str_runes(st->headline) > HEADLINE_MOST) {
		st->headline = clip_runes(st->headline, HEADLINE_MOST);
		import_note(a, &in->notes, "the headline was cut to %d characters", HEADLINE_MOST);
	}
	if (str_runes(st->standfirst) > STANDFIRST_MOST) {
		struct buf b = buf_new(a, STANDFIRST_MOST);
		buf_add_html(&b, clip_runes(clean_text(a, st->standfirst), STANDFIRST_MOST));
		st->standfirst = buf_str(&b);
		import_note(a, &in->notes, "the standfirst was cut to %d characters", STANDFIRST_MOST);
	}
	if (st->ntags > TAGS_MOST) {
		import_note(a, &in->notes, "%zu tags were left out", st->ntags - TAGS_MOST);
		st->ntags = TAGS_MOST;
	}
}

/* The import's own rows, in the act that saves the story: where it came from, and the addresses that
 * led to it. */
struct booking {
	struct importer     *im;
	struct import_story *in;
	int64_t              redirects;
};

static err_t write_books(struct conn *c, arena_t *a, const struct story *st, void *ctx)
{
	struct booking *w = ctx;
	const struct import_story *in = w->in;
	str_t own = story_path(a, st);
	for (size_t i = 0; i < in->old_paths.n; i++) {
		int64_t changed = 0;
		if (str_eq(in->old_paths.v[i], own))
			continue;
		TRY(db_run(c, &insert_redirect, ARGS(v_str(in->old_paths.v[i]), v_int(st->id)),
			   &changed));
		w->redirects += changed;
	}
	if (in->ncomments) {
		struct commenting k = { w->im, w->in, st->id, digest_of_comments(a, in) };
		TRY(write_comments(c, a, &k));
	}
	return db_run(c, &save_imported,
		      ARGS(v_str(w->im->source), v_str(S("story")), v_str(in->foreign),
			   v_int(st->id), v_str(in->digest), v_int(st->revision)), NULL);
}

/* Corrections that came and do not stand here yet, by their time. */
static void add_corrections(arena_t *a, struct import_story *in)
{
	struct story *st = &in->story;
	struct correction *all = arena_array(a, st->ncorrections + in->ncorrections, sizeof *all);
	size_t n = st->ncorrections;
	if (n)
		memcpy(all, st->corrections, n * sizeof *all);
	for (size_t i = 0; i < in->ncorrections; i++) {
		bool there = false;
		for (size_t j = 0; j < n; j++)
			there |= all[j].made == in->corrections[i].made;
		if (!there)
			all[n++] = in->corrections[i];
	}
	st->corrections = all;
	st->ncorrections = n;
}

/* It is here as the export had it. */
static bool is_home(const struct import_story *in)
{
	const struct story_past *past = in->past;
	return past && past->exact && !in->rest && in->story.id == past->id &&
	       in->story.revision == past->revisions[past->nrevisions - 1].number;
}

/* What stands here already of this item: ids and revision to go on from. */
static err_t load_ours(struct importer *im, arena_t *a, struct import_story *in,
		       const struct imported *was, bool *ours_changed)
{
	struct conn *c;
	struct story ours;
	TRY(store_reader(im->s->store, &c));
	err_t e = story_load(c, a, was->local, &ours);
	store_done(im->s->store, c);
	if (e)
		return e;
	*ours_changed = ours.revision != was->revision;
	in->story.id = ours.id;
	in->story.revision = ours.revision;
	in->story.corrections = ours.corrections;
	in->story.ncorrections = ours.ncorrections;
	in->story.slug = ours.slug; /* an address that was given out is kept */
	return OK;
}

/* A past that ends in this very story, or no longer: another address was free, a picture was not there. */
static void settle_past(arena_t *a, struct import_story *in, str_t slug)
{
	if (!in->past || !in->past->exact || str_eq(slug, in->story.slug))
		return;
	struct story_past *past = arena_new(a, struct story_past);
	*past = *in->past;
	past->exact = false;
	in->past = past;
}

static err_t save_item(struct importer *im, arena_t *a, struct import_story *in)
{
	clip_fields(a, in);
	TRY(notes_of_cleaning(a, in));
	str_t slug = in->story.slug;
	if (!in->story.revision)
		TRY(free_slug(im, a, in));
	settle_past(a, in, slug);
	add_corrections(a, in);
	if (im->dry_run)
		return OK;
	struct booking w = { .im = im, .in = in };
	if (in->past)
		TRY(story_bring(im->s, a, &in->story, in->past, actor, write_books, &w));
	else
		TRY(story_save_also(im->s, a, &in->story, 0, actor, write_books, &w));
	im->report->redirects += w.redirects;
	return OK;
}

/* "CAME/FOUND": a digest of what the file says, and one of the text with its pictures as they were
 * found. The second part tells nothing when there was no folder to look in. */
static str_t whole_digest(struct importer *im, arena_t *a, const struct import_story *in)
{
	const struct story *st = &in->story;
	struct strs parts = { 0 };
	strs_add(a, &parts, in->digest);
	strs_add(a, &parts, st->section.slug);
	for (size_t i = 0; i < st->ntags; i++)
		strs_add(a, &parts, st->tags[i].name);
	for (size_t i = 0; i < st->nauthors; i++)
		strs_add(a, &parts, st->authors[i].slug);
	for (size_t i = 0; i < in->ncorrections; i++)
		strs_add(a, &parts, in->corrections[i].text);
	str_t found[] = { st->source, st->picture.media.hash, st->picture.alt,
			  st->picture.caption };
	str_t came = import_digest(a, parts.v, parts.n);
	return str_format(a, "%.*s/%.*s", STR(came),
			  STR(im->media ? import_digest(a, found, COUNT(found)) : S("")));
}

static bool same_digest(const struct importer *im, str_t was, str_t is)
{
	size_t slash = str_find_char(is, '/', 0);
	if (!im->media || im->dry_run)
		return str_eq(str_slice(was, 0, slash), str_slice(is, 0, slash));
	return str_eq(was, is);
}

/* A story of that very id is this one, whoever brought it: the export comes home. */
static err_t find_at_home(struct importer *im, arena_t *a, const struct import_story *in,
			  struct imported *was)
{
	struct conn *c;
	struct story ours;
	const struct story_past *past = in->past;
	if (was->local || !past)
		return OK;
	TRY(store_reader(im->s->store, &c));
	err_t e = story_load(c, a, past->id, &ours);
	store_done(im->s->store, c);
	if (!e)
		*was = (struct imported){ .local = past->id,
					  .digest = S(""),
					  .revision = past->revisions[past->nrevisions - 1].number };
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	return OK;
}

err_t import_story(struct importer *im, arena_t *a, struct import_story *in)
{
	struct imported was;
	bool ours_changed = false;
	in->digest = whole_digest(im, a, in);
	struct import_item item = {
		.kind = in->story.kind == STORY ? "story" : "page",
		.name = in->foreign, .title = in->story.headline,
	};
	TRY(imported_find(im, a, "story", in->foreign, &was));
	TRY(find_at_home(im, a, in, &was));
	if (was.local)
		TRY(load_ours(im, a, in, &was, &ours_changed));
	item.outcome = !was.local ? ADDED
		       : is_home(in) || same_digest(im, was.digest, in->digest) ? UNCHANGED
		       : ours_changed ? KEPT_OURS : UPDATED;
	if (item.outcome == KEPT_OURS)
		import_note(a, &in->notes, "it changed there, but was edited here since; left alone");
	if (item.outcome == ADDED || item.outcome == UPDATED) {
		err_t e = save_item(im, a, in);
		if (e && !is_refusal(e))
			return err_wrap(e, "%s \"%.*s\"", item.kind, STR(item.title));
		if (e) {
			import_note(a, &in->notes, "%s", err_text(e));
			item.outcome = LEFT_OUT;
			err_free(e);
		}
	}
	if (item.outcome == ADDED || item.outcome == UPDATED)
		im->report->comments += (int64_t)in->ncomments;
	else if (item.outcome != LEFT_OUT || was.local)
		TRY(keep_comments(im, a, in));
	else
		lose_comments(im, a, in);
	if (item.outcome != LEFT_OUT)
		item.path = story_path(a, &in->story);
	item.notes = in->notes;
	import_tell(im, &item);
	return OK;
}

/* --- what surrounds them --- */

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

str_t import_unescape(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n && s.p[i] == '%' ? hex_value(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex_value(s.p[i + 2]) : -1;
		buf_add_char(&b, low >= 0 ? (char)(high * 16 + low) : s.p[i]);
		if (low >= 0)
			i += 2;
	}
	return str_is_utf8(buf_str(&b), NULL) ? buf_str(&b) : s;
}

bool import_climbs(str_t path)
{
	if (str_find_char(path, '\0', 0) != STR_NONE)
		return true;
	while (path.p)
		if (str_eq(str_cut(&path, '/'), S("..")))
			return true;
	return false;
}

static err_t take_file(struct importer *im, arena_t *a, const char *path, const char *noun,
		       struct strs *notes, struct media *out)
{
	*out = (struct media){ 0 };
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	if (!file_exists(path)) {
		import_note(a, notes, "%s %s: the file is not there", noun, name);
		return OK;
	}
	if (im->dry_run)
		return OK;
	bool picture = strcmp(noun, "picture") == 0;
	err_t e = picture ? media_add_picture(im->s, a, path, actor, out)
			  : media_add_file(im->s, a, path, actor, out);
	if (!e || !is_refusal(e))
		return e;
	import_note(a, notes, "%s %s", noun, err_text(e));
	err_free(e);
	*out = (struct media){ 0 };
	return OK;
}

err_t import_picture(struct importer *im, arena_t *a, const char *path, struct strs *notes,
		     struct media *out)
{
	return take_file(im, a, path, "picture", notes, out);
}

err_t import_file(struct importer *im, arena_t *a, const char *path, struct strs *notes,
		  struct media *out)
{
	return take_file(im, a, path, "file", notes, out);
}

str_t import_media_url(arena_t *a, const struct media *m)
{
	return m->kind == PICTURE ? str_format(a, "/media/%.*s", STR(m->hash))
				  : media_original_url(a, m);
}

err_t import_media_item(struct importer *im, arena_t *a, str_t foreign, str_t name,
			const struct media *m, const struct strs *notes)
{
	struct imported was;
	struct import_item item = { .kind = "media", .name = foreign, .title = name,
				    .notes = *notes };
	TRY(imported_find(im, a, "media", foreign, &was));
	item.outcome = im->dry_run ? ADDED : !m->id ? LEFT_OUT
		       : was.local == m->id ? UNCHANGED : was.local ? UPDATED : ADDED;
	if (m->id && was.local != m->id && !im->dry_run)
		TRY(imported_keep(im, a, "media", foreign, m->id, m->hash, 0));
	import_tell(im, &item);
	return OK;
}

err_t import_section(struct importer *im, arena_t *a, str_t slug, str_t name, str_t description,
		     int position)
{
	struct conn *c;
	struct section there;
	TRY(store_reader(im->s->store, &c));
	err_t e = section_by_slug(c, a, slug, &there);
	store_done(im->s->store, c);
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	if (im->dry_run)
		return OK;
	struct section section = { .slug = slug, .name = name, .description = description,
				   .position = position };
	return section_save(im->s, a, &section, actor);
}

static err_t same_author(struct importer *im, arena_t *a, struct author *author, bool *same)
{
	struct conn *c;
	struct author ours;
	TRY(store_reader(im->s->store, &c));
	err_t e = author_by_slug(c, a, author->slug, &ours);
	store_done(im->s->store, c);
	*same = !e && str_eq(ours.name, author->name) && str_eq(ours.role, author->role) &&
		str_eq(ours.bio, author->bio) && str_eq(ours.picture.hash, author->picture.hash);
	if (*same)
		author->id = ours.id;
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	return OK;
}

err_t import_author(struct importer *im, arena_t *a, str_t foreign, struct author *author)
{
	struct imported was;
	str_t parts[] = { author->slug, author->name, author->role, author->bio,
			  author->picture.hash };
	str_t digest = import_digest(a, parts, COUNT(parts));
	struct import_item item = { .kind = "author", .name = foreign, .title = author->name };
	TRY(imported_find(im, a, "author", foreign, &was));
	bool same = false;
	if (!was.local)
		TRY(same_author(im, a, author, &same));
	item.outcome = same ? UNCHANGED : !was.local ? ADDED
		       : str_eq(was.digest, digest) ? UNCHANGED : UPDATED;
	item.path = str_format(a, "/author/%.*s", STR(author->slug));
	if (item.outcome != UNCHANGED && !im->dry_run)
		TRY(author_save(im->s, a, author, actor));
	/* Also of one who is the same already: a run that was cut short may have saved, but not kept. */
	if ((item.outcome != UNCHANGED || same) && !im->dry_run)
		TRY(imported_keep(im, a, "author", foreign, author->id, digest, 0));
	import_tell(im, &item);
	return OK;
}
