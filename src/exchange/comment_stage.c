/* comment_stage.c: comments_read (comments.h): what a reader of some format tells, some hundred at a time, is given its
 * story and kept in imported_comment. */
#include "exchange/comments.h"

#include "exchange/comment_body.h"
#include "exchange/comment_file.h"
#include "exchange/story_finder.h"
#include "forum/tame.h"
#include "record/act.h"

#include <stdlib.h>

static const struct act_kind ACT_READ = { "comment.read" };

enum {
	BATCH = 2000,            /* in an act, a tenth of a second: others want to write, too */
	BATCH_BYTES = 4 << 20,
	NAME_BYTES = 120,
};

static const struct sql insert_kept = {
	"INSERT INTO imported_comment (source, foreign_id, story, parent, state, type, author_name, author_email, "
	"author_url, author_ip, author_id, written, content, meta, ups, downs, edited) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', $9, $10, $11, $15, $12, $13, $14) "
	"ON CONFLICT (source, foreign_id) DO NOTHING"
};
static const struct sql select_kept = {
	"SELECT story, coalesce(written, 0) FROM imported_comment WHERE source = $1 AND foreign_id = $2"
};
static const struct sql select_story = { "SELECT id FROM story WHERE slug = $1 AND kind = 'story'" };

struct staging {
	struct stet                   *s;
	const struct comments_options *o;
	struct comments_report        *out, *counted; /* `counted`: of the batch, which may fail */
	struct comment_file           *f;
	struct story_finder            finder;
	arena_t                       *a;     /* the batch's */
	struct told                   *batch;
	size_t                         n, bytes;
	str_t                          site;  /* plain */
};

/* --- one --- */

static err_t story_of(struct staging *x, struct conn *c, arena_t *a, const struct told *k, id64 *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = 0;
	if (!k->slug.n)
		return story_finder_ask(&x->finder, c, a, k->source, k->url, k->thread, out);
	TRY(db_query(c, &select_story, ARGS(v_str(k->slug)), &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

static err_t lose(struct staging *x, const struct told *k)
{
	str_t where = k->url.n ? k->url : k->slug.n ? k->slug : k->thread.n ? k->thread : S("(no address)");
	x->counted->lost++;
	return jot_add(x->f->notes, "lost", where, 1);
}

/* One that was kept before, or another that has its id. */
static err_t kept_before(struct staging *x, struct conn *c, const struct told *k, bool *there)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_kept, ARGS(v_str(k->source), v_str(k->id)), &r));
	*there = rows_next(&r, &e);
	if (*there) {
		bool same = row_int(&r, 0) == k->story && (!k->written || row_int(&r, 1) == k->written);
		x->counted->there += same;
		x->counted->doubles += !same;
	}
	return e;
}

/* In a trial: as if it were kept. */
static err_t pretend(struct staging *x, struct conn *c, arena_t *a, const struct told *k)
{
	struct note seen;
	bool there;
	str_t key = str_format(a, "%.*s %.*s", STR(k->source), STR(k->id)), place = id_text(a, k->story);
	str_t above = k->parent.n ? str_format(a, "%.*s %.*s", STR(k->source), STR(k->parent)) : S("");
	struct comments_report *r = x->counted;
	TRY(jot_find(x->f->notes, a, "seen", key, &seen, &there));
	if (there) {
		r->there += str_eq(seen.one, place) && seen.n == k->written;
		r->doubles += !(str_eq(seen.one, place) && seen.n == k->written);
		return OK;
	}
	TRY(jot(x->f->notes, "seen", key, place, above, k->written));
	TRY(kept_before(x, c, k, &there));
	if (there)
		return OK;
	bool spam = str_eq(k->state, S("spam"));
	enum comment_state state = comment_state_there(k->state);
	r->added++;
	r->spam += spam;
	r->waiting += state == COMMENT_HELD;
	r->deleted += state == COMMENT_DELETED && !spam;
	r->undated += !k->written;
	return OK;
}

static err_t keep(struct staging *x, struct conn *c, const struct told *k)
{
	int64_t changed;
	bool there;
	TRY(db_run(c, &insert_kept,
		   ARGS(v_str(k->source), v_str(k->id), v_int(k->story), v_str(k->parent), v_str(k->state), v_str(k->type),
			v_str(k->name), v_str(k->address), v_str(k->author), k->written ? v_int(k->written) : v_null(),
			v_str(k->content), v_int(k->ups), v_int(k->downs), v_int(k->edited),
			v_str(k->meta.n ? k->meta : S("{}"))), &changed));
	if (!changed)
		return kept_before(x, c, k, &there);
	x->counted->added++;
	x->counted->undated += !k->written;
	return OK;
}

static err_t stage_one(struct staging *x, struct conn *c, arena_t *a, const struct told *k)
{
	if (!k->story)
		return lose(x, k);
	return x->o->dry_run ? pretend(x, c, a, k) : keep(x, c, k);
}

/* --- a batch --- */

static int by_story(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	return x->story != y->story ? (x->story > y->story) - (x->story < y->story) : (x->order > y->order) - (x->order < y->order);
}

/* A story after the other: the indexes' pages are then touched once each, not once for each comment. */
static err_t stage_batch(struct conn *c, arena_t *a, void *ctx)
{
	struct staging *x = ctx;
	for (size_t i = 0; i < x->n; i++)
		TRY(story_of(x, c, a, &x->batch[i], &x->batch[i].story));
	if (x->n)
		qsort(x->batch, x->n, sizeof *x->batch, by_story);
	for (size_t i = 0; i < x->n; i++)
		TRY(stage_one(x, c, a, &x->batch[i]));
	return OK;
}

static void add_counts(struct comments_report *to, const struct comments_report *of)
{
	to->added += of->added;
	to->there += of->there;
	to->doubles += of->doubles;
	to->lost += of->lost;
	to->undated += of->undated;
	to->spam += of->spam;
	to->deleted += of->deleted;
	to->waiting += of->waiting;
}

static err_t flush(struct staging *x)
{
	struct comments_report counted = { 0 };
	err_t e;
	x->counted = &counted;
	if (x->o->dry_run) {
		e = store_read(x->s->store, x->a, stage_batch, x);
	} else {
		struct act act = act_begin(x->s, x->a, &ACT_READ, 0, S("import"));
		e = act_commit(&act, stage_batch, x);
	}
	add_counts(x->out, &counted);
	arena_reset(x->a);
	x->batch = NULL;
	x->n = x->bytes = 0;
	return e;
}

static bool is_of_site(const struct staging *x, const struct told *k)
{
	str_t host = address_host(k->url);
	if (!host.n)
		host = address_plain(k->site);
	return !x->site.n || str_eq_nocase(host, x->site);
}

static str_t copy(struct staging *x, str_t s)
{
	x->bytes += s.n;
	return str_copy(x->a, s);
}

static err_t take(void *ctx, const struct told *k)
{
	struct staging *x = ctx;
	usec_t now = clock_now(&x->s->clock);
	x->out->read++;
	if (!is_of_site(x, k)) {
		x->out->elsewhere++;
		return OK;
	}
	x->batch = arena_room(x->a, x->batch, x->n, sizeof *x->batch);
	bool mine = x->o->accounts || str_starts(k->source, S("wordpress:")) || comment_is_ours(k->type);
	x->batch[x->n] = (struct told){
		.order = x->n, .source = copy(x, k->source), .id = copy(x, str_clip(k->id, 250)), .parent = copy(x, str_clip(k->parent, 250)),
		.url = copy(x, k->url), .thread = copy(x, k->thread), .slug = copy(x, k->slug),
		.name = copy(x, str_clip(tame_line(x->a, k->name), NAME_BYTES)),
		.address = mine ? copy(x, k->address) : S(""), .author = copy(x, k->author), .state = copy(x, k->state),
		.type = copy(x, k->type), .content = copy(x, k->content), .meta = copy(x, k->meta), .ups = k->ups, .downs = k->downs,
		.written = k->written > 0 && k->written <= now ? k->written : 0,
		.edited = k->edited <= now && k->edited > k->written ? k->edited : 0,
	};
	x->n++;
	return x->n == BATCH || x->bytes > BATCH_BYTES ? flush(x) : OK;
}

/* --- a file --- */

static void tell_progress(void *ctx, int64_t done, int64_t all)
{
	const struct staging *x = ctx;
	if (x->out->progress)
		x->out->progress(x->out->ctx, done, all);
}

static err_t tell_lost(struct staging *x, arena_t *a)
{
	struct note *list;
	size_t n;
	TRY(jot_list(x->f->notes, a, "lost", LOST_PAGES_MOST, &list, &n, &x->out->allpages));
	x->out->pages = arena_array(a, n, sizeof *x->out->pages);
	for (size_t i = 0; i < n; i++)
		x->out->pages[x->out->npages++] = (struct lost_page){ list[i].key, list[i].n };
	return OK;
}

static err_t read_twice(struct staging *x, arena_t *a)
{
	const struct comment_format *format;
	struct comment_file *f = x->f;
	TRY(comment_format_find(f->file, x->o->format, &format));
	x->out->format = format->what;
	if (x->o->map)
		TRY(story_finder_map(&x->finder, x->o->map));
	f->first = true;
	TRY(format->read(f));
	TRY(infile_rewind(f->file));
	f->first = false;
	TRY(format->read(f));
	TRY(flush(x));
	x->out->mended = infile_mended(f->file);
	x->out->other = f->other;
	if (x->o->dry_run)
		TRY(jot_dangling(f->notes, "seen", &x->out->orphans));
	return tell_lost(x, a);
}

static err_t read_open(struct staging *x, arena_t *a)
{
	struct comment_file *f = x->f;
	str_t name = infile_name(f->file);
	f->take = take;
	f->progress = tell_progress;
	f->ctx = x;
	f->source = str_format(a, "file:%.*s", STR(x->o->source.n ? x->o->source : name));
	x->site = address_plain(x->o->site);
	x->finder = (struct story_finder){ .notes = f->notes, .a = a };
	x->a = arena_create(0);
	f->a = arena_create(0);
	err_t e = x->a && f->a ? read_twice(x, a) : err_new(ERR_MEMORY, "out of memory while reading comments");
	arena_free(x->a);
	arena_free(f->a);
	return e;
}

err_t comments_read(struct stet *s, arena_t *a, const struct comments_options *o, struct comments_report *out)
{
	struct comment_file f = { .path = o->path };
	struct staging x = { .s = s, .o = o, .out = out, .f = &f };
	TRY(infile_open(o->path, &f.file));
	err_t e = jotter_new(&f.notes);
	if (!e)
		e = read_open(&x, a);
	jotter_free(f.notes);
	infile_close(f.file);
	return e;
}
