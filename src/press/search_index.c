/* search_index.c: what of a story is searched, and how the index follows the stories: in the act that
 * saves one, by a job for what was there before, by `stet search rebuild` anew. Nothing here knows
 * the engine. */
#include "press/search.h"
#include "press/live.h"

#include "page/clean.h"
#include "record/act.h"
#include "record/jobs.h"

#include <jansson.h>

const struct act_kind ACT_SEARCH_FILL = { "search.fill" };
const struct act_kind ACT_SEARCH_EMPTY = { "search.empty" };

/* Stories in one act of filling: a fifth of a second of the one writer, then others have their turn. */
enum { FILL_STEP = 100 };

static const struct sql public_behind = {
	"SELECT id, published, revision FROM story WHERE kind = $1 AND state = 'published' AND "
	"(published, id) < ($2, $3) ORDER BY published DESC, id DESC LIMIT $4"
};
static const struct sql stale_documents = {
	"SELECT story FROM search_doc WHERE stale = 1 ORDER BY doc DESC LIMIT $1"
};
static const struct sql indexed_revision = {
	"SELECT revision FROM search_doc WHERE story = $1 AND stale = 0"
};
static const struct sql mark_of_section = {
	"UPDATE search_doc SET stale = 1 WHERE section = $1"
};
static const struct sql mark_of_author = {
	"UPDATE search_doc SET stale = 1 WHERE story IN "
	"(SELECT story FROM story_author WHERE author = $1)"
};
static const struct sql mark_of_series = {
	"UPDATE search_doc SET stale = 1 WHERE story IN (SELECT id FROM story WHERE series = $1)"
};
static const struct sql mark_story = {
	"UPDATE search_doc SET stale = 1 WHERE story = $1 AND stale = 0"
};
static const struct sql is_marked = { "SELECT 1 FROM search_doc WHERE story = $1 AND stale = 1" };
static const struct sql live_texts = {
	"SELECT headline, key, body FROM live_entry WHERE story = $1 AND withdrawn = 0 "
	"ORDER BY time DESC, id DESC"
};
static const struct sql waiting_live = { "SELECT 1 FROM job WHERE kind = 'search.live' LIMIT 1" };
static const struct sql filling = { "SELECT 1 FROM job WHERE kind = 'search.fill' LIMIT 1" };

/* --- the document --- */

/* Text without the few private characters that the index means something by. */
static void add_plain(struct buf *b, str_t text)
{
	size_t from = 0;
	for (size_t i = 0; i + 2 < text.n; i++) {
		const unsigned char *p = (const unsigned char *)text.p + i;
		if (p[0] != 0xee || p[1] != 0x80 || p[2] > 0x8f)
			continue;
		buf_add(b, str_slice(text, from, i));
		buf_add_char(b, ' ');
		from = i + 3;
		i += 2;
	}
	buf_add(b, str_slice(text, from, text.n));
}

static void add_piece(struct buf *b, str_t text)
{
	if (!text.n)
		return;
	if (b->n)
		buf_add(b, S(" " SEARCH_BREAK " "));
	add_plain(b, text);
}

static void add_mark(struct buf *b, char kind, id64 id)
{
	if (!id && kind != 'x')
		return;
	if (b->n)
		buf_add_char(b, ' ');
	buf_add(b, search_mark(b->a, kind, id));
}

static str_t names_of(arena_t *a, const struct story *st)
{
	struct buf b = buf_new(a, 256);
	for (size_t i = 0; i < st->nauthors; i++)
		add_piece(&b, st->authors[i].name);
	add_piece(&b, st->section.name);
	for (size_t i = 0; i < st->ntags; i++)
		add_piece(&b, st->tags[i].name);
	add_piece(&b, st->series.name);
	add_piece(&b, st->dateline);
	return buf_str(&b);
}

static str_t marks_of(arena_t *a, const struct story *st)
{
	struct buf b = buf_new(a, 128);
	add_mark(&b, 'x', 0);
	add_mark(&b, 's', st->section.id);
	add_mark(&b, 'e', st->series.id);
	for (size_t i = 0; i < st->nauthors; i++)
		add_mark(&b, 'a', st->authors[i].id);
	for (size_t i = 0; i < st->ntags; i++)
		add_mark(&b, 't', st->tags[i].id);
	return buf_str(&b);
}

static err_t add_entries(struct conn *c, arena_t *a, id64 story, struct buf *body)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &live_texts, ARGS(v_int(story)), &r));
	while (rows_next(&r, &e)) {
		add_piece(body, row_str(&r, a, 0));
		add_piece(body, row_str(&r, a, 1));
		add_piece(body, clean_text(a, row_str(&r, a, 2)));
	}
	return e;
}

err_t search_document_of(struct conn *c, arena_t *a, const struct story *st,
			 struct search_document *out)
{
	struct buf headline = buf_new(a, 128), about = buf_new(a, 256);
	struct buf body = buf_new(a, st->body.n + 256);
	add_plain(&headline, st->headline);
	add_piece(&about, clean_text(a, st->standfirst));
	add_piece(&about, st->kicker);
	add_piece(&body, clean_text(a, st->body));
	add_piece(&body, clean_text(a, st->picture.caption));
	if (st->live != NOT_LIVE)
		TRY(add_entries(c, a, st->id, &body));
	*out = (struct search_document){
		.story = st->id, .section = st->section.id, .revision = st->revision,
		.published = st->published, .headline = buf_str(&headline),
		.about = buf_str(&about), .names = names_of(a, st), .body = buf_str(&body),
		.marks = marks_of(a, st) };
	return OK;
}

err_t search_index_story(struct conn *c, arena_t *a, const struct story *st)
{
	struct search_document d;
	TRY(search_remove(c, st->id));
	if (st->state != PUBLISHED)
		return OK;
	TRY(search_document_of(c, a, st, &d));
	return search_put(c, &d);
}

/* --- live blogs --- */

/* Between two indexings of a long live blog: what it costs is then nothing to the one writer. */
#define LIVE_WAIT (5 * SECOND)

err_t search_index_live(struct conn *c, arena_t *a, struct act *act, const struct story *st)
{
	usec_t saved;
	int64_t entries, marked;
	if (st->state != PUBLISHED || st->live == NOT_LIVE)
		return OK;
	TRY(live_state(c, st->id, &saved, &entries));
	if (entries <= SEARCH_AT_ONCE_MOST)
		return search_index_story(c, a, st);
	/* One that is marked already has its job to come. */
	TRY(db_run(c, &mark_story, ARGS(v_int(st->id)), &marked));
	if (marked)
		act_job(act, SEARCH_LIVE,
			str_format(a, "{\"story\":%lld}", (long long)st->id),
			clock_now(&act->s->clock) + LIVE_WAIT);
	return OK;
}

struct live_fill {
	struct act *act;
	id64        story;
};

static err_t has_row(struct conn *c, const struct sql *sql, struct args args, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, sql, args, &r));
	*out = rows_next(&r, &e);
	return e;
}

static err_t write_live(struct conn *c, arena_t *a, void *ctx)
{
	struct live_fill *f = ctx;
	struct story st;
	bool marked;
	TRY(has_row(c, &is_marked, ARGS(v_int(f->story)), &marked));
	act_detail(f->act, json_pack("{s:I}", "stories", (json_int_t)marked));
	if (!marked)
		return OK;
	TRY(story_load(c, a, f->story, &st));
	return search_index_story(c, a, &st);
}

err_t search_live_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_t *j = json_loadb(job->payload.p, job->payload.n, 0, NULL);
	struct live_fill f = { .story = json_integer_value(json_object_get(j, "story")) };
	json_decref(j);
	struct act act = act_begin(s, a, &ACT_SEARCH_FILL, f.story, S("job"));
	f.act = &act;
	return act_commit(&act, write_live, &f);
}

/* --- names that change --- */

err_t search_names_changed(struct conn *c, enum list_of of, id64 id, bool *any)
{
	static const struct sql *const marks[] = { [LIST_SECTION] = &mark_of_section,
						   [LIST_AUTHOR] = &mark_of_author,
						   [LIST_SERIES] = &mark_of_series };
	int64_t changed;
	TRY(db_run(c, marks[of], ARGS(v_int(id)), &changed));
	*any = changed > 0;
	return OK;
}

/* --- filling --- */

struct fill {
	struct act           *act;
	struct search_cursor *at;
	struct search_cursor  next; /* becomes *at once it is written */
	bool                  follow;
	int64_t               written;
};

static err_t index_by_id(struct conn *c, arena_t *a, struct fill *f, id64 id)
{
	struct story st;
	TRY(story_load(c, a, id, &st));
	f->written++;
	return search_index_story(c, a, &st);
}

static err_t is_indexed(struct conn *c, id64 story, int64_t revision, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &indexed_revision, ARGS(v_int(story)), &r));
	*out = rows_next(&r, &e) && row_int(&r, 0) == revision;
	return e;
}

static err_t fill_stale(struct conn *c, arena_t *a, struct fill *f, bool *some)
{
	id64 ids[FILL_STEP];
	size_t n = 0;
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &stale_documents, ARGS(v_int(FILL_STEP)), &r));
	while (rows_next(&r, &e))
		ids[n++] = row_int(&r, 0);
	rows_end(&r);
	TRY(e);
	for (size_t i = 0; i < n; i++)
		TRY(index_by_id(c, a, f, ids[i]));
	*some = n > 0;
	return OK;
}

/* The next stories behind the cursor; those that are in the index as they are now are passed over. */
static err_t fill_behind(struct conn *c, arena_t *a, struct fill *f)
{
	struct { id64 id; int64_t revision; } found[FILL_STEP];
	struct search_cursor *at = &f->next;
	bool newest = !at->key.published && !at->key.id;
	size_t n = 0;
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &public_behind,
		     ARGS(v_str(story_kind_name(at->kind)),
			  v_int(newest ? INT64_MAX : at->key.published),
			  v_int(newest ? INT64_MAX : at->key.id), v_int(FILL_STEP)), &r));
	while (rows_next(&r, &e)) {
		found[n].id = row_int(&r, 0);
		found[n++].revision = row_int(&r, 2);
		at->key = (struct list_key){ row_int(&r, 1), row_int(&r, 0) };
	}
	rows_end(&r);
	TRY(e);
	for (size_t i = 0; i < n; i++) {
		bool there;
		TRY(is_indexed(c, found[i].id, found[i].revision, &there));
		if (!there)
			TRY(index_by_id(c, a, f, found[i].id));
	}
	at->looked += (int64_t)n;
	if (n == FILL_STEP)
		return OK;
	at->done = at->kind == STATIC_PAGE;
	at->kind = STATIC_PAGE;
	at->key = (struct list_key){ 0 };
	return OK;
}

static str_t cursor_text(arena_t *a, const struct search_cursor *at)
{
	return str_format(a, "{\"kind\":%d,\"published\":%lld,\"id\":%lld,\"looked\":%lld}",
			  at->kind, (long long)at->key.published, (long long)at->key.id,
			  (long long)at->looked);
}

static err_t write_fill(struct conn *c, arena_t *a, void *ctx)
{
	struct fill *f = ctx;
	bool stale;
	f->next = *f->at;
	TRY(fill_stale(c, a, f, &stale));
	if (!stale)
		TRY(fill_behind(c, a, f));
	if (f->follow && !f->next.done)
		act_job(f->act, SEARCH_FILL, cursor_text(a, &f->next), 0);
	act_detail(f->act, json_pack("{s:I}", "stories", (json_int_t)f->written));
	return OK;
}

err_t search_fill(struct stet *s, arena_t *a, str_t actor, bool follow, struct search_cursor *at)
{
	struct act act = act_begin(s, a, &ACT_SEARCH_FILL, 0, actor);
	struct fill f = { .act = &act, .at = at, .follow = follow };
	TRY(act_commit(&act, write_fill, &f));
	*at = f.next;
	return OK;
}

static void cursor_parse(str_t text, struct search_cursor *at)
{
	json_int_t kind = 0, published = 0, id = 0, looked = 0;
	json_t *j = json_loadb(text.p, text.n, 0, NULL);
	if (j && json_unpack(j, "{s?I, s?I, s?I, s?I}", "kind", &kind, "published", &published,
			     "id", &id, "looked", &looked) == 0)
		*at = (struct search_cursor){ .kind = kind ? STATIC_PAGE : STORY,
					      .key = { published, id }, .looked = looked };
	json_decref(j);
}

err_t search_fill_job(struct stet *s, arena_t *a, const struct job *job)
{
	struct search_cursor at = { 0 };
	cursor_parse(job->payload, &at);
	TRY(search_fill(s, a, S("job"), true, &at));
	if (at.done)
		log_line(&s->log, LOG_INFO, "search", "the index is complete; %lld stories were "
			 "looked at", (long long)at.looked);
	return OK;
}

static err_t write_empty(struct conn *c, arena_t *a, void *ctx)
{
	(void)a;
	(void)ctx;
	return search_clear(c);
}

err_t search_empty(struct stet *s, arena_t *a, str_t actor)
{
	struct act act = act_begin(s, a, &ACT_SEARCH_EMPTY, 0, actor);
	return act_commit(&act, write_empty, NULL);
}

err_t search_is_filling(struct conn *c, bool *out)
{
	return has_row(c, &filling, NO_ARGS, out);
}

/* --- the doctor's part --- */

static const struct sql all_public = {
	"SELECT id FROM story WHERE state = 'published' ORDER BY id"
};
static const struct sql not_public = {
	"SELECT s.slug FROM search_doc d JOIN story s ON s.id = d.story WHERE s.state <> 'published'"
};
static const struct sql count_documents = { "SELECT count(*) FROM search_doc" };

static err_t check_story(struct conn *c, arena_t *a, id64 id, str_t *wrong)
{
	struct story st;
	struct search_document d;
	bool there, same;
	*wrong = (str_t){ NULL, 0 };
	TRY(story_load(c, a, id, &st));
	TRY(is_indexed(c, id, st.revision, &there));
	TRY(search_document_of(c, a, &st, &d));
	if (there)
		TRY(search_same(c, a, &d, &same));
	if (!there || !same)
		*wrong = st.slug;
	return OK;
}

static err_t check_stories(struct conn *c, arena_t *a, struct strs *findings)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	arena_t *each = arena_create(0);
	if (!each)
		return err_new(ERR_MEMORY, "out of memory while checking the search index");
	arena_defer(a, (void (*)(void *))arena_free, each);
	TRY(db_query(c, &all_public, NO_ARGS, &r));
	while (rows_next(&r, &e)) {
		str_t wrong;
		TRY(check_story(c, each, row_int(&r, 0), &wrong));
		if (wrong.p)
			strs_add(a, findings, str_format(a, "the story \"%.*s\" is not as it is in "
							 "the search index: `stet search rebuild`",
							 STR(wrong)));
		arena_reset(each);
	}
	return e;
}

static err_t check_strangers(struct conn *c, arena_t *a, struct strs *findings)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &not_public, NO_ARGS, &r));
	while (rows_next(&r, &e))
		strs_add(a, findings, str_format(a, "the story \"%.*s\" is not public, but in the "
						 "search index: `stet search rebuild`",
						 STR(row_str(&r, a, 0))));
	return e;
}

static err_t check_count(struct conn *c, arena_t *a, struct strs *findings)
{
	int64_t found, there;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(search_count(c, &found));
	TRY(db_query(c, &count_documents, NO_ARGS, &r));
	there = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	if (!e && found != there)
		strs_add(a, findings, str_format(a, "search finds %lld of %lld stories in its index: "
						 "`stet search rebuild`", (long long)found,
						 (long long)there));
	return e;
}

/* An index that is being filled is behind; that is no fault. */
err_t search_doctor(struct stet *s, struct conn *c, arena_t *a, struct strs *findings)
{
	bool behind;
	(void)s;
	TRY(check_strangers(c, a, findings));
	TRY(check_count(c, a, findings));
	TRY(search_is_filling(c, &behind));
	if (!behind)
		TRY(has_row(c, &waiting_live, NO_ARGS, &behind));
	return behind ? OK : check_stories(c, a, findings);
}
