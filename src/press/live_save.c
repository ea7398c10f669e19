/* live_save.c: writing live blogs. Every change of an entry ends in write_change, inside one act: the
 * row, its authors, a revision, and the topics of what shows it. A list in which the story has a
 * card is touched only if the card's line changed. */
#include "press/announce.h"
#include "press/limits.h"
#include "press/live.h"
#include "press/press.sql.h"
#include "press/rows.h"
#include "press/search.h"

#include "page/clean.h"
#include "record/act.h"

#include <stdlib.h>

const struct act_kind ACT_LIVE_POST = { "live.post" };
const struct act_kind ACT_LIVE_EDIT = { "live.edit" };
const struct act_kind ACT_LIVE_WITHDRAW = { "live.withdraw" };
const struct act_kind ACT_LIVE_CORRECT = { "live.correct" };
const struct act_kind ACT_LIVE_PIN = { "live.pin" };
const struct act_kind ACT_LIVE_UNPIN = { "live.unpin" };
const struct act_kind ACT_LIVE_ORDER = { "live.order" };
const struct act_kind ACT_LIVE_IMPORT = { "live.import" };

static const struct sql save_entry = {
	"INSERT INTO live_entry (id, story, time, headline, source, body, key, key_position, "
	"withdrawn, why, edited, revision, saved) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
	"ON CONFLICT (id) DO UPDATE SET time = excluded.time, headline = excluded.headline, "
	"source = excluded.source, body = excluded.body, key = excluded.key, "
	"key_position = excluded.key_position, withdrawn = excluded.withdrawn, "
	"why = excluded.why, edited = excluded.edited, revision = excluded.revision, "
	"saved = excluded.saved"
};
static const struct sql delete_authors = { "DELETE FROM live_author WHERE entry = $1" };
static const struct sql insert_entry_author = {
	"INSERT INTO live_author (entry, author, position) VALUES ($1, $2, $3)"
};
static const struct sql insert_live_revision = {
	"INSERT INTO live_revision (entry, number, saved, actor, content) "
	"VALUES ($1, $2, $3, $4, $5) ON CONFLICT (entry, number) DO NOTHING"
};
static const struct sql insert_live_correction = {
	"INSERT INTO live_correction (correction, entry) VALUES ($1, $2)"
};
static const struct sql bring_live_correction = {
	"INSERT INTO live_correction (correction, entry) SELECT id, $2 FROM correction "
	"WHERE id = $1 AND story = $3 ON CONFLICT (correction) DO NOTHING"
};
static const struct sql select_last_position = {
	"SELECT coalesce(max(key_position), 0), count(*) FROM live_entry "
	"WHERE story = $1 AND key_position IS NOT NULL AND id <> $2"
};
static const struct sql update_position = {
	"UPDATE live_entry SET key_position = $1 WHERE id = $2"
};

/* What is being written. */
struct change {
	struct stet       *s;
	struct act        *act;
	struct live_entry *entry;
	int64_t            expect;
	str_t              actor;
	bool               open;       /* only while the blog goes on */
	const struct correction *said; /* NULL: none */
	struct story       story;
	str_t              line;       /* of its cards, before */
};

/* --- the story --- */

err_t live_start(struct stet *s, arena_t *a, struct story *st, str_t actor)
{
	struct story next = *st;
	if (st->kind == STATIC_PAGE)
		return err_new(ERR_INPUT, "a static page cannot be a live blog");
	if (st->live == LIVE)
		return err_new(ERR_CONFLICT, "the story is a live blog already");
	next.live = LIVE;
	next.live_until = 0;
	if (!next.live_from)
		next.live_from = clock_now(&s->clock);
	TRY(story_save(s, a, &next, st->revision, actor));
	*st = next;
	return OK;
}

err_t live_end(struct stet *s, arena_t *a, struct story *st, str_t actor)
{
	struct story next = *st;
	if (st->live != LIVE)
		return err_new(ERR_CONFLICT, "the story is no live blog that goes on");
	next.live = LIVE_ENDED;
	next.live_until = clock_now(&s->clock);
	if (next.live_until < next.live_from)
		next.live_until = next.live_from;
	TRY(story_save(s, a, &next, st->revision, actor));
	*st = next;
	return OK;
}

/* --- judging an entry --- */

static err_t clean_source(arena_t *a, struct live_entry *e)
{
	size_t bad;
	if (e->source.n > LIVE_SOURCE_MOST)
		return err_user(ERR_TOO_LARGE, "body", "body: is %zu bytes; at most %d fit into an "
				"entry", e->source.n, LIVE_SOURCE_MOST);
	if (!str_is_utf8(e->source, &bad))
		return err_user(ERR_INPUT, "body", "body: is not UTF-8 at byte %zu", bad + 1);
	TRY(clean_markdown(a, GRAMMAR_STORY, e->source, &e->body, NULL));
	if (!e->headline.n && !str_trim(e->body).n)
		return err_user(ERR_INPUT, "body", "body: an entry needs a headline or a text");
	return OK;
}

static err_t name_authors(arena_t *a, struct live_entry *e)
{
	size_t n = 0;
	if (e->nauthors > AUTHORS_MOST)
		return err_user(ERR_INPUT, "authors", "authors: at most %d", AUTHORS_MOST);
	struct author *list = arena_array(a, e->nauthors, sizeof *list);
	for (size_t i = 0; i < e->nauthors; i++) {
		struct author au = e->authors[i];
		TRY(check_length("authors", au.name, NAME_MOST, true));
		if (!au.slug.n)
			au.slug = slug_from(a, au.name);
		TRY(slug_check("authors", au.slug));
		bool twice = false;
		for (size_t j = 0; j < n; j++)
			twice |= str_eq(list[j].slug, au.slug);
		if (!twice)
			list[n++] = au;
	}
	e->authors = list;
	e->nauthors = n;
	return OK;
}

/* Everything that can be judged without the database. */
static err_t prepare(arena_t *a, struct live_entry *e)
{
	e->headline = one_line(a, e->headline);
	e->key = one_line(a, e->key);
	e->why = one_line(a, e->why);
	TRY(check_length("headline", e->headline, HEADLINE_MOST, false));
	TRY(check_length("key", e->key, LIVE_KEY_MOST, false));
	TRY(check_length("reason", e->why, CORRECTION_MOST, e->withdrawn));
	TRY(name_authors(a, e));
	return clean_source(a, e);
}

/* --- writing it --- */

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* As its revision keeps it. Keys are added, never renamed. */
static err_t content_of(arena_t *a, const struct live_entry *e, str_t *out)
{
	json_t *authors = json_array(), *j = json_object();
	for (size_t i = 0; i < e->nauthors; i++)
		json_array_append_new(authors, json_pack("{s:o, s:o}", "slug",
							 text(e->authors[i].slug), "name",
							 text(e->authors[i].name)));
	json_object_set_new(j, "time", json_integer(e->time));
	json_object_set_new(j, "headline", text(e->headline));
	json_object_set_new(j, "source", text(e->source));
	json_object_set_new(j, "body", text(e->body));
	json_object_set_new(j, "key", text(e->key));
	json_object_set_new(j, "authors", authors);
	json_object_set_new(j, "withdrawn", json_boolean(e->withdrawn));
	json_object_set_new(j, "why", text(e->why));
	char *dump = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (!dump)
		return err_new(ERR_MEMORY, "out of memory while keeping a revision");
	*out = str_copy(a, str_of(dump));
	free(dump);
	return OK;
}

static err_t write_authors(struct conn *c, arena_t *a, struct stet *s, struct live_entry *e)
{
	TRY(db_run(c, &delete_authors, ARGS(v_int(e->id)), NULL));
	for (size_t i = 0; i < e->nauthors; i++) {
		struct author *au = &e->authors[i];
		TRY(db_run(c, &insert_author,
			   ARGS(v_int(id_new(&s->ids, clock_now(&s->clock))), v_str(au->slug),
				v_str(au->name)), NULL));
		TRY(author_by_slug(c, a, au->slug, au));
		TRY(db_run(c, &insert_entry_author,
			   ARGS(v_int(e->id), v_int(au->id), v_int((int64_t)i)), NULL));
	}
	return OK;
}

/* A new key point comes last. */
static err_t place_key(struct conn *c, struct live_entry *e)
{
	if (!e->key.n) {
		e->position = 0;
		return OK;
	}
	AUTO_ROWS r = { 0 };
	err_t bad;
	TRY(db_query(c, &select_last_position, ARGS(v_int(e->story), v_int(e->id)), &r));
	if (!rows_next(&r, &bad))
		return bad;
	if (row_int(&r, 1) >= LIVE_KEYS_MOST)
		return err_user(ERR_INPUT, "key", "key: there are %d key points already; take one "
				"away first (`stet live unpin`)", LIVE_KEYS_MOST);
	if (!e->position)
		e->position = row_int(&r, 0) + 1;
	return OK;
}

static err_t write_entry(struct conn *c, arena_t *a, struct stet *s, struct live_entry *e)
{
	TRY(place_key(c, e));
	TRY(db_run(c, &save_entry,
		   ARGS(v_int(e->id), v_int(e->story), v_int(e->time), v_str(e->headline),
			v_str(e->source), v_str(e->body), v_str(e->key), v_ref(e->position),
			v_int(e->withdrawn), v_str(e->why), v_ref(e->edited), v_int(e->revision),
			v_int(e->saved)), NULL));
	return write_authors(c, a, s, e);
}

static err_t write_revision(struct conn *c, arena_t *a, const struct live_entry *e, str_t actor)
{
	str_t content;
	TRY(content_of(a, e, &content));
	return db_run(c, &insert_live_revision,
		      ARGS(v_int(e->id), v_int(e->revision), v_int(e->saved), v_str(actor),
			   v_str(content)), NULL);
}

/* The story as it is now, and what its cards say. */
static err_t begin_change(struct conn *c, arena_t *a, struct change *w, id64 story)
{
	TRY(story_load(c, a, story, &w->story));
	if (w->open && w->story.live != LIVE)
		return err_new(ERR_CONFLICT, "\"%.*s\" is %s: `stet live start %.*s`",
			       STR(w->story.headline), w->story.live == LIVE_ENDED
				       ? "a live blog that has ended" : "no live blog yet",
			       STR(w->story.slug));
	return live_line(c, a, story, &w->line);
}

static err_t end_change(struct conn *c, arena_t *a, struct change *w)
{
	str_t line;
	TRY(live_line(c, a, w->story.id, &line));
	if (w->story.state == DRAFT)
		return OK; /* nobody sees it */
	TRY(search_index_live(c, a, w->act, &w->story));
	act_touch(w->act, topic_story(a, w->story.id));
	act_touch(w->act, topic_live(a, w->story.id));
	if (w->story.live == LIVE && !str_eq(line, w->line))
		story_touch_lists(w->act, a, &w->story);
	return OK;
}

/* A correction is the story's, and stands at the entry as well. */
static err_t write_correction(struct conn *c, arena_t *a, struct change *w)
{
	id64 id = id_new(&w->s->ids, clock_now(&w->s->clock));
	const struct correction *k = w->said;
	TRY(db_run(c, &insert_correction,
		   ARGS(v_int(id), v_int(w->entry->story), v_int(k->made), v_str(k->text),
			v_str(correction_kind_name(k->kind)), v_int(k->serious), v_str(k->wrong),
			v_str(k->right)), NULL));
	TRY(db_run(c, &insert_live_correction, ARGS(v_int(id), v_int(w->entry->id)), NULL));
	act_touch(w->act, topic_corrections());
	story_touch_lists(w->act, a, &w->story); /* cards tell that it was corrected */
	return OK;
}

static err_t check_expected(struct conn *c, arena_t *a, const struct change *w)
{
	struct live_entry before;
	if (!w->entry->revision)
		return OK;
	TRY(live_load(c, a, w->entry->id, &before));
	if (w->expect && w->expect != before.revision)
		return err_user(ERR_CONFLICT, "revision",
				"the entry was saved meanwhile (revision %lld, you began from %lld); "
				"look at it again and repeat your change",
				(long long)before.revision, (long long)w->expect);
	w->entry->revision = before.revision;
	if (w->entry->saved <= before.saved)
		w->entry->saved = before.saved + 1;
	return OK;
}

/* The act's rows; runs inside the transaction. */
static err_t write_change(struct conn *c, arena_t *a, void *ctx)
{
	struct change *w = ctx;
	struct live_entry *e = w->entry;
	TRY(begin_change(c, a, w, e->story));
	TRY(check_expected(c, a, w));
	e->revision++;
	TRY(write_entry(c, a, w->s, e));
	TRY(write_revision(c, a, e, w->actor));
	if (w->said)
		TRY(write_correction(c, a, w));
	act_detail(w->act, json_pack("{s:o, s:I}", "entry", text(id_text(a, e->id)), "revision",
				     (json_int_t)e->revision));
	TRY(announce_follow(w->s, c, w->act));
	return end_change(c, a, w);
}

/* Judges and writes `next`; on success it is what `*e` becomes, else `*e` stays as it was. */
static err_t commit(const struct act_kind *kind, struct live_entry next, struct change w, arena_t *a,
		    struct live_entry *e)
{
	next.saved = clock_now(&w.s->clock);
	if (!next.id)
		next.id = id_new(&w.s->ids, next.saved);
	if (!next.time)
		next.time = next.saved;
	TRY(prepare(a, &next));
	struct act act = act_begin(w.s, a, kind, next.story, w.actor);
	w.act = &act;
	w.entry = &next;
	TRY(act_commit(&act, write_change, &w));
	*e = next;
	return OK;
}

err_t live_post(struct stet *s, arena_t *a, struct live_entry *e, str_t actor)
{
	struct live_entry next = *e;
	next.revision = 0;
	next.edited = 0;
	next.withdrawn = false;
	next.why = S("");
	return commit(&ACT_LIVE_POST, next,
		      (struct change){ .s = s, .actor = actor, .open = true }, a, e);
}

static err_t refuse_withdrawn(const struct live_entry *e)
{
	return e->withdrawn ? err_new(ERR_CONFLICT, "the entry was withdrawn") : OK;
}

err_t live_edit(struct stet *s, arena_t *a, struct live_entry *e, int64_t expect, str_t actor)
{
	struct live_entry next = *e;
	TRY(refuse_withdrawn(e));
	next.edited = clock_now(&s->clock);
	return commit(&ACT_LIVE_EDIT, next,
		      (struct change){ .s = s, .expect = expect, .actor = actor }, a, e);
}

err_t live_withdraw(struct stet *s, arena_t *a, struct live_entry *e, str_t why, str_t actor)
{
	struct live_entry next = *e;
	TRY(refuse_withdrawn(e));
	next.withdrawn = true;
	next.why = why;
	next.key = S("");
	return commit(&ACT_LIVE_WITHDRAW, next,
		      (struct change){ .s = s, .expect = e->revision, .actor = actor }, a, e);
}

static err_t correction_text(arena_t *a, const char *field, str_t *markdown, bool needed)
{
	TRY(check_length(field, *markdown, CORRECTION_MOST, needed));
	return clean_markdown(a, GRAMMAR_INLINE, *markdown, markdown, NULL);
}

err_t live_correct(struct stet *s, arena_t *a, struct live_entry *e, const struct correction *said,
		   str_t actor)
{
	struct correction k = *said;
	TRY(refuse_withdrawn(e));
	TRY(correction_text(a, "text", &k.text, true));
	TRY(correction_text(a, "wrong", &k.wrong, false));
	TRY(correction_text(a, "right", &k.right, false));
	if (!k.made)
		k.made = clock_now(&s->clock);
	return commit(&ACT_LIVE_CORRECT, *e,
		      (struct change){ .s = s, .expect = e->revision, .actor = actor, .said = &k },
		      a, e);
}

err_t live_pin(struct stet *s, arena_t *a, struct live_entry *e, str_t key, str_t actor)
{
	struct live_entry next = *e;
	TRY(refuse_withdrawn(e));
	next.key = key.n ? key : e->key.n ? e->key : e->headline;
	TRY(check_length("key", next.key, LIVE_KEY_MOST, true));
	return commit(&ACT_LIVE_PIN, next,
		      (struct change){ .s = s, .expect = e->revision, .actor = actor }, a, e);
}

err_t live_unpin(struct stet *s, arena_t *a, struct live_entry *e, str_t actor)
{
	struct live_entry next = *e;
	if (!e->key.n)
		return err_new(ERR_CONFLICT, "the entry is no key point");
	next.key = S("");
	return commit(&ACT_LIVE_UNPIN, next,
		      (struct change){ .s = s, .expect = e->revision, .actor = actor }, a, e);
}

/* --- the order of key points --- */

struct ordering {
	struct change w;
	id64          story;
	const id64   *entries;
	size_t        n;
};

static bool named(const struct ordering *o, id64 id, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (o->entries[i] == id)
			return true;
	return false;
}

static err_t write_order(struct conn *c, arena_t *a, void *ctx)
{
	struct ordering *o = ctx;
	struct live_entries keys;
	int64_t position = 0;
	json_t *order = json_array();
	act_detail(o->w.act, json_pack("{s:o}", "order", order));
	TRY(begin_change(c, a, &o->w, o->story));
	TRY(live_keys(c, a, o->story, &keys));
	for (size_t i = 0; i < o->n; i++) {
		size_t at = 0;
		while (at < keys.n && keys.v[at].id != o->entries[i])
			at++;
		str_t id = id_text(a, o->entries[i]);
		if (at == keys.n)
			return err_new(ERR_INPUT, "%.*s is no key point of this story", STR(id));
		if (named(o, o->entries[i], i))
			return err_new(ERR_INPUT, "%.*s is named twice", STR(id));
		json_array_append_new(order, text(id));
		TRY(db_run(c, &update_position, ARGS(v_int(++position), v_int(o->entries[i])),
			   NULL));
	}
	for (size_t i = 0; i < keys.n; i++)
		if (!named(o, keys.v[i].id, o->n))
			TRY(db_run(c, &update_position,
				   ARGS(v_int(++position), v_int(keys.v[i].id)), NULL));
	return end_change(c, a, &o->w);
}

err_t live_order(struct stet *s, arena_t *a, id64 story, const id64 *entries, size_t n, str_t actor)
{
	struct act act = act_begin(s, a, &ACT_LIVE_ORDER, story, actor);
	struct ordering o = { .w = { .s = s, .act = &act, .actor = actor }, .story = story,
			      .entries = entries, .n = n };
	return act_commit(&act, write_order, &o);
}

/* --- entries from a file --- */

struct bringing {
	struct change       w;
	id64                story;
	struct live_import *v;
	size_t              n;
	int64_t             changed;
};

/* As a file names its authors: by their slugs. */
static err_t content_by_slugs(arena_t *a, struct live_entry e, str_t *out)
{
	struct author *authors = arena_array(a, e.nauthors, sizeof *authors);
	for (size_t i = 0; i < e.nauthors; i++)
		authors[i] = (struct author){ .slug = e.authors[i].slug, .name = S("") };
	e.authors = authors;
	return content_of(a, &e, out);
}

static bool same_entry(arena_t *a, const struct live_entry *x, const struct live_entry *y)
{
	str_t one, two;
	err_t e = content_by_slugs(a, *x, &one);
	err_t f = content_by_slugs(a, *y, &two);
	bool same = !e && !f && str_eq(one, two) && x->position == y->position &&
		    x->edited == y->edited;
	err_free(e);
	err_free(f);
	return same;
}

/* Whether it was changed here since it was brought: then it is left alone. */
static err_t is_ours(struct conn *c, arena_t *a, const struct live_entry *before,
		     const struct live_entry *e, bool *ours)
{
	struct live_history h;
	TRY(live_history(c, a, before->id, &h));
	*ours = h.n && before->revision > e->revision &&
		!str_eq(h.v[h.n - 1].actor, S("import"));
	return OK;
}

static err_t bring_one(struct conn *c, arena_t *a, struct bringing *b, struct live_import *in)
{
	struct live_entry *e = &in->entry, before;
	err_t missing = live_load(c, a, e->id, &before);
	if (missing && missing->code != ERR_MISSING)
		return missing;
	bool there = !missing;
	err_free(missing);
	if (there && before.story != b->story)
		return err_new(ERR_CONFLICT, "the entry %.*s is another story's",
			       STR(id_text(a, e->id)));
	bool ours = false;
	if (there)
		TRY(is_ours(c, a, &before, e, &ours));
	if (ours || (there && same_entry(a, e, &before)))
		return OK;
	e->story = b->story;
	for (size_t i = 0; !there && i < in->history.n; i++) {
		const struct live_revision *r = &in->history.v[i];
		if (r->number > e->revision)
			e->revision = r->number;
	}
	e->revision = there ? before.revision + 1 : e->revision ? e->revision : 1;
	if (!e->saved || there)
		e->saved = clock_now(&b->w.s->clock);
	TRY(write_entry(c, a, b->w.s, e));
	for (size_t i = 0; i < e->ncorrections; i++)
		TRY(db_run(c, &bring_live_correction,
			   ARGS(v_int(e->corrections[i].id), v_int(e->id), v_int(e->story)), NULL));
	for (size_t i = 0; !there && i < in->history.n; i++) {
		const struct live_revision *r = &in->history.v[i];
		TRY(db_run(c, &insert_live_revision,
			   ARGS(v_int(e->id), v_int(r->number), v_int(r->saved), v_str(r->actor),
				v_str(r->content)), NULL));
	}
	b->changed++;
	return write_revision(c, a, e, b->w.actor);
}

static err_t write_brought(struct conn *c, arena_t *a, void *ctx)
{
	struct bringing *b = ctx;
	TRY(begin_change(c, a, &b->w, b->story));
	for (size_t i = 0; i < b->n; i++)
		TRY(bring_one(c, a, b, &b->v[i]));
	act_detail(b->w.act, json_pack("{s:I}", "entries", (json_int_t)b->changed));
	return end_change(c, a, &b->w);
}

/* Whether all of it is there already: then there is nothing to record. */
static err_t find_news(struct conn *c, arena_t *a, void *ctx)
{
	struct bringing *b = ctx;
	for (size_t i = 0; i < b->n && !b->changed; i++) {
		struct live_entry before;
		err_t e = live_load(c, a, b->v[i].entry.id, &before);
		if (e && e->code != ERR_MISSING)
			return e;
		b->changed = e || before.story != b->story ||
			     !same_entry(a, &b->v[i].entry, &before);
		err_free(e);
	}
	return OK;
}

err_t live_bring(struct stet *s, arena_t *a, id64 story, struct live_import *v, size_t n, str_t actor,
		 int64_t *changed)
{
	struct act act = act_begin(s, a, &ACT_LIVE_IMPORT, story, actor);
	struct bringing b = { .w = { .s = s, .act = &act, .actor = actor }, .story = story, .v = v,
			      .n = n };
	*changed = 0;
	for (size_t i = 0; i < n; i++) {
		if (!v[i].entry.id)
			v[i].entry.id = id_new(&s->ids, v[i].entry.time);
		TRY(err_wrap(prepare(a, &v[i].entry), "entry %.*s",
			     STR(id_text(a, v[i].entry.id))));
	}
	TRY(store_read(s->store, a, find_news, &b));
	if (!b.changed)
		return OK;
	b.changed = 0;
	TRY(act_commit(&act, write_brought, &b));
	*changed = b.changed;
	return OK;
}
