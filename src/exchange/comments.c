/* comments.c: see comments.h: placing what was kept. */
#include "exchange/comments.h"

#include "exchange/comment_body.h"
#include "exchange/json_parts.h"
#include "forum/forum.h"
#include "forum/limits.h"
#include "forum/tame.h"
#include "page/clean.h"
#include "record/act.h"

static const struct act_kind ACT_PLACE = { "comment.place" };

enum { BATCH = 300 /* comments in an act: others want to write, too */ };

/* --- placing --- */

/* Pingbacks are no comments. */
#define WAITS "i.comment IS NULL AND i.type NOT IN ('pingback', 'trackback', 'note') "
#define COLUMNS                                                                                    \
	"i.source, i.foreign_id, i.story, i.state, i.type, i.author_name, i.author_email, i.author_id, "    \
	"coalesce(i.written, 0), i.content, i.ups, i.parent NOT IN ('', '0'), i.downs, i.edited, i.meta "

/* Those that answer nothing that is here: each is looked at once, behind the key of the one before. */
static const struct sql select_tops = {
	"SELECT " COLUMNS "FROM imported_comment i WHERE " WAITS "AND (i.source, i.story, i.foreign_id) > ($1, $2, $3) AND (i.parent IN ('', '0') OR NOT EXISTS "
	"(SELECT 1 FROM imported_comment p WHERE p.source = i.source AND p.foreign_id = i.parent AND "
	"p.foreign_id <> i.foreign_id AND p.story = i.story AND p.type NOT IN ('pingback', 'trackback', 'note'))) "
	"ORDER BY i.source, i.story, i.foreign_id LIMIT $4"
};
/* Whose parent was placed before, by an earlier import. */
static const struct sql select_late = {
	"SELECT " COLUMNS ", p.comment FROM imported_comment i JOIN imported_comment p ON p.source = i.source AND "
	"p.foreign_id = i.parent AND p.story = i.story AND p.comment IS NOT NULL WHERE " WAITS
	"AND (i.source, i.story, i.foreign_id) > ($1, $2, $3) ORDER BY i.source, i.story, i.foreign_id LIMIT $4"
};
static const struct sql select_below = {
	"SELECT " COLUMNS "FROM imported_comment i WHERE " WAITS "AND i.source = $1 AND i.parent = $2 AND i.story = $3 "
	"ORDER BY i.written DESC, i.foreign_id DESC"
};
/* What is left answers itself in a ring: one of them comes loose. */
static const struct sql select_ring = {
	"SELECT " COLUMNS "FROM imported_comment i WHERE " WAITS "ORDER BY i.source, i.story, i.foreign_id LIMIT $1"
};
/* Addresses have served their purpose then: whose account it is. */
static const struct sql set_comment = {
	"UPDATE imported_comment SET comment = $1, author_email = '', author_ip = '' "
	"WHERE source = $2 AND foreign_id = $3"
};

struct kept {
	str_t   source, id, state, type, name, address, content, author, meta;
	id64    story, parent;
	usec_t  written, edited;
	int64_t ups, downs;
	bool    orphan;
};

/* What is to be placed next stands on top of the stack: a branch is placed before the next one begins, and may go on
 * in the next act. */
struct placing {
	struct stet            *s;
	struct act             *act;
	struct comments_report *out;
	arena_t                *a;     /* the stack's */
	struct kept            *stack;
	size_t                  n;
	str_t                   source, id; /* with `story` the key behind which the next begin */
	id64                    story;
	const struct sql       *from;  /* where those come from */
	bool                    began; /* there was something to place */
	int64_t                 done, all;
	char                    key[2][256]; /* where `source` and `id` are kept while the stack's memory is let go */
};

static struct kept row_kept(const struct rows *r, arena_t *a)
{
	return (struct kept){ .source = row_str(r, a, 0), .id = row_str(r, a, 1), .story = row_int(r, 2),
			      .state = row_str(r, a, 3), .type = row_str(r, a, 4), .name = row_str(r, a, 5),
			      .address = row_str(r, a, 6), .author = row_str(r, a, 7), .written = row_int(r, 8),
			      .content = row_str(r, a, 9), .ups = row_int(r, 10), .orphan = row_int(r, 11) != 0,
			      .downs = row_int(r, 12), .edited = row_int(r, 13), .meta = row_str(r, a, 14) };
}

static struct kept *push(struct placing *x, struct kept k)
{
	x->stack = arena_room(x->a, x->stack, x->n, sizeof *x->stack);
	x->stack[x->n] = k;
	return &x->stack[x->n++];
}

/* Its memory is let go; where it stands is kept. */
static void empty_stack(struct placing *x)
{
	str_t *const keys[] = { &x->source, &x->id };
	for (size_t i = 0; i < COUNT(keys); i++) {
		size_t n = keys[i]->n < sizeof x->key[i] ? keys[i]->n : sizeof x->key[i];
		memmove(x->key[i], keys[i]->p ? keys[i]->p : "", n);
		*keys[i] = str_from(x->key[i], n);
	}
	arena_reset(x->a);
	x->stack = NULL;
}

static err_t read_body(arena_t *a, const struct kept *k, struct comment *out)
{
	if (str_eq(k->type, S("markdown"))) {
		out->source = tame(a, k->content);
		return clean_markdown(a, GRAMMAR_COMMENT, out->source, &out->body, NULL);
	}
	bool html_there = str_eq(k->type, S("html")) || str_eq(k->type, S("markup"));
	str_t html = comment_body(a, k->content, html_there);
	TRY(clean_html(a, GRAMMAR_COMMENT, html, &out->body, NULL));
	out->body = tame(a, out->body); /* what stood there as a reference, "&#8238;", is a sign now */
	out->source = clean_text(a, out->body); /* what its writer finds, should they have an account */
	return OK;
}

/* One whose markup is past reading has no words. */
static err_t body_of(arena_t *a, const struct kept *k, struct comment *out)
{
	err_t e = read_body(a, k, out);
	if (!e || (e->code != ERR_INPUT && e->code != ERR_TOO_LARGE))
		return e;
	err_free(e);
	out->source = out->body = S("");
	return OK;
}

static const struct sql select_published = { "SELECT coalesce(published, saved) FROM story WHERE id = $1" };

/* When it was written; when its story came out, where nobody can tell. */
static err_t moment_of(struct conn *c, const struct kept *k, usec_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = k->written;
	if (k->written)
		return OK;
	TRY(db_query(c, &select_published, ARGS(v_int(k->story)), &r));
	if (rows_next(&r, &e))
		*out = row_int(&r, 0);
	return e;
}

static void count(struct comments_report *out, const struct kept *k, const struct comment *made)
{
	bool gone = made->state == COMMENT_DELETED, spam = str_eq(k->state, S("spam"));
	out->placed += made->state == COMMENT_SHOWN;
	out->waiting += made->state == COMMENT_HELD;
	out->spam += gone && spam;
	out->deleted += gone && !spam && comment_state_there(k->state) == COMMENT_DELETED;
	out->empty += gone && comment_state_there(k->state) != COMMENT_DELETED;
	out->orphans += k->orphan && !k->parent;
}

static err_t stand_below(struct conn *c, arena_t *a, id64 parent, struct comment *k)
{
	struct comment above;
	k->root = k->id;
	if (!parent)
		return OK;
	TRY(comment_load(c, a, parent, &above));
	k->parent = parent;
	k->root = above.root;
	k->depth = above.depth + 1;
	return OK;
}

/* What our own lines tell besides. */
static void read_meta(arena_t *a, const struct kept *k, struct comment *out)
{
	json_t *j = json_loadb(k->meta.p ? k->meta.p : "", k->meta.n, 0, NULL);
	out->quote = str_clip(tame_line(a, json_get_text(j, "quote")), 4 * QUOTE_MOST);
	out->quote_revision = out->quote.n ? json_integer_value(json_object_get(j, "quote_revision")) : 0;
	out->picked = json_integer_value(json_object_get(j, "picked"));
	json_decref(j);
}

/* What answers it comes next, the oldest first. */
static err_t push_below(struct placing *x, struct conn *c, const struct kept *k, id64 placed)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_below, ARGS(v_str(k->source), v_str(k->id), v_int(k->story)), &r));
	while (rows_next(&r, &e))
		push(x, row_kept(&r, x->a))->parent = placed;
	return e;
}

static err_t place_one(struct placing *x, struct conn *c, arena_t *a, const struct kept *k)
{
	usec_t now = clock_now(&x->s->clock);
	struct comment made = { .id = id_new(&x->s->ids, now), .story = k->story, .name = str_clip(k->name, 120),
				.state = comment_state_there(k->state), .edited = k->edited, .ups = k->ups, .downs = k->downs,
				.source = S(""), .body = S(""), .quote = S("") };
	/* Anybody may have typed an address; who was signed in there had shown that it is theirs. A file is the
	 * word of whoever runs the machine. */
	bool ours = comment_is_ours(k->type), signed_in = k->author.n && !str_eq(k->author, S("0"));
	if (k->address.n && (ours || signed_in))
		TRY(reader_by_address(c, a, k->address, &made.reader));
	if (made.reader.state == READER_GONE)
		made.reader = (struct reader){ 0 };
	if (ours)
		read_meta(a, k, &made);
	made.staff = ours && made.reader.id && role_is_staff(made.reader.role);
	TRY(moment_of(c, k, &made.made));
	if (made.state != COMMENT_DELETED)
		TRY(body_of(a, k, &made));
	if (!clean_text(a, made.body).n)
		made.state = COMMENT_DELETED;
	TRY(stand_below(c, a, k->parent, &made));
	TRY(comment_insert(x->act, c, &made));
	count(x->out, k, &made);
	TRY(db_run(c, &set_comment, ARGS(v_int(made.id), v_str(k->source), v_str(k->id)), NULL));
	return push_below(x, c, k, made.id);
}

/* The next that begin a branch, in reverse: the first shall be on top. */
static err_t push_next(struct placing *x, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct kept list[BATCH];
	size_t n = 0;
	struct args key = ARGS(v_str(x->source), v_int(x->story), v_str(x->id), v_int(BATCH)), one = ARGS(v_int(1));
	(void)a;
	TRY(db_query(c, x->from, x->from == &select_ring ? one : key, &r));
	while (rows_next(&r, &e) && n < BATCH) {
		list[n] = row_kept(&r, x->a);
		if (x->from == &select_late)
			list[n].parent = row_int(&r, 15);
		if (x->from == &select_ring)
			list[n].orphan = false; /* what it answers is here: below it */
		n++;
	}
	TRY(e);
	if (n) {
		x->source = list[n - 1].source;
		x->story = list[n - 1].story;
		x->id = list[n - 1].id;
	}
	while (n > 0)
		push(x, list[--n]);
	return OK;
}

static err_t write_some(struct conn *c, arena_t *a, void *ctx)
{
	struct placing *x = ctx;
	x->began = x->n > 0;
	if (!x->n) {
		TRY(push_next(x, c, a));
		x->began = x->n > 0;
	}
	for (int i = 0; x->n && i < BATCH; i++) {
		struct kept k = x->stack[--x->n];
		TRY(place_one(x, c, a, &k));
		x->done++;
	}
	return OK;
}

/* All that begin where `from` says, and everything below. */
static err_t place_from(struct placing *x, const struct sql *from)
{
	x->from = from;
	x->source = x->id = S("");
	x->story = 0;
	do {
		arena_t *own = arena_create(0); /* a million of them take no more memory than some hundred */
		if (!own)
			return err_new(ERR_MEMORY, "out of memory");
		struct act act = act_begin(x->s, own, &ACT_PLACE, 0, S("import"));
		x->act = &act;
		err_t e = act_commit(&act, write_some, x);
		arena_free(own);
		TRY(e);
		if (x->out->progress)
			x->out->progress(x->out->ctx, x->done, x->all);
		if (!x->n)
			empty_stack(x);
	} while (x->began);
	return OK;
}

static const struct sql count_waiting = { "SELECT count(*) FROM imported_comment i WHERE " WAITS };

static err_t count_all(struct conn *c, arena_t *a, void *ctx)
{
	struct placing *x = ctx;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	(void)a;
	TRY(db_query(c, &count_waiting, NO_ARGS, &r));
	if (rows_next(&r, &e))
		x->all = row_int(&r, 0);
	return e;
}

err_t comments_place(struct stet *s, arena_t *a, struct comments_report *out)
{
	static const struct sql *const from[] = { &select_late, &select_tops, &select_ring };
	struct placing x = { .s = s, .out = out };
	x.a = arena_create(0);
	if (!x.a)
		return err_new(ERR_MEMORY, "out of memory");
	err_t e = out->progress ? store_read(s->store, a, count_all, &x) : OK;
	for (size_t i = 0; i < COUNT(from) && !e; i++)
		e = place_from(&x, from[i]);
	arena_free(x.a);
	return e;
}
