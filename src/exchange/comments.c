/* comments.c: see comments.h. */
#include "exchange/comments.h"

#include "base/file.h"
#include "forum/forum.h"
#include "forum/tame.h"
#include "page/clean.h"
#include "record/act.h"

static const struct act_kind ACT_READ = { "comment.read" };
static const struct act_kind ACT_PLACE = { "comment.place" };

enum { FILE_MOST = 1 << 30, BATCH = 300 /* comments in an act: others want to write, too */ };

/* --- a file --- */

static const struct sql insert_kept = {
	"INSERT INTO imported_comment (source, foreign_id, story, parent, state, type, author_name, author_email, "
	"author_url, author_ip, author_id, written, content, meta, ups) "
	"SELECT $1, $2, id, $3, '1', 'markdown', $4, $5, '', '', '', $6, $7, '{}', $8 FROM story "
	"WHERE slug = $9 AND kind = 'story' ON CONFLICT (source, foreign_id) DO NOTHING"
};
static const struct sql select_story = { "SELECT count(*) FROM story WHERE slug = $1 AND kind = 'story'" };

struct reading {
	struct stet            *s;
	str_t                   text, source;
	struct comments_report *out;
};

static str_t text_in(const json_t *j, const char *key)
{
	const json_t *t = json_object_get(j, key);
	return json_is_string(t) ? str_from(json_string_value(t), json_string_length(t)) : S("");
}

static err_t story_is(struct conn *c, str_t slug, bool *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_story, ARGS(v_str(slug)), &r));
	*out = rows_next(&r, &e) && row_int(&r, 0) > 0;
	return e;
}

static err_t read_line(struct conn *c, struct reading *x, const json_t *j)
{
	str_t id = text_in(j, "id"), story = text_in(j, "story"), name = text_in(j, "name"), text = text_in(j, "text");
	usec_t written;
	bool there;
	int64_t changed;
	if (!id.n || !name.n || !text.n)
		return err_new(ERR_INPUT, "\"id\", \"name\" and \"text\" are texts that must be there");
	TRY(err_wrap(time_parse(text_in(j, "written"), &written), "\"written\""));
	TRY(story_is(c, story, &there));
	if (!there)
		return err_new(ERR_INPUT, "there is no story \"%.*s\"", STR(story));
	TRY(db_run(c, &insert_kept, ARGS(v_str(x->source), v_str(id), v_str(text_in(j, "answers")), v_str(name),
					 v_str(text_in(j, "address")), v_int(written), v_str(text),
					 v_int(json_integer_value(json_object_get(j, "ups"))), v_str(story)), &changed));
	x->out->read += changed;
	return OK;
}

static err_t write_lines(struct conn *c, arena_t *a, void *ctx)
{
	struct reading *x = ctx;
	str_t rest = x->text;
	(void)a;
	for (int line = 1; rest.p; line++) {
		str_t one = str_trim(str_cut(&rest, '\n'));
		if (!one.n || one.p[0] == '#')
			continue;
		json_error_t bad;
		json_t *j = json_loadb(one.p, one.n, 0, &bad);
		err_t e = j ? read_line(c, x, j) : err_new(ERR_INPUT, "is no JSON: %s", bad.text);
		json_decref(j);
		TRY(err_wrap(e, "line %d", line));
	}
	return OK;
}

err_t comments_read(struct stet *s, arena_t *a, const char *path, str_t source, struct comments_report *out)
{
	struct reading x = { .s = s, .source = source, .out = out };
	TRY(file_read(a, path, FILE_MOST, &x.text));
	struct act act = act_begin(s, a, &ACT_READ, 0, S("import"));
	return err_wrap(act_commit(&act, write_lines, &x), "%s", path);
}

/* --- placing --- */

/* Pingbacks are no comments. */
#define WAITS "i.comment IS NULL AND i.type NOT IN ('pingback', 'trackback', 'note') "
#define COLUMNS                                                                                    \
	"i.source, i.foreign_id, i.story, i.state, i.type, i.author_name, i.author_email, i.author_id, "    \
	"coalesce(i.written, 0), i.content, i.ups, i.parent NOT IN ('', '0') "

/* Those that answer nothing that is here: each is looked at once, behind the key of the one before. */
static const struct sql select_tops = {
	"SELECT " COLUMNS "FROM imported_comment i WHERE " WAITS "AND (i.source, i.foreign_id) > ($1, $2) AND (i.parent IN ('', '0') OR NOT EXISTS "
	"(SELECT 1 FROM imported_comment p WHERE p.source = i.source AND p.foreign_id = i.parent AND "
	"p.foreign_id <> i.foreign_id AND p.story = i.story AND p.type NOT IN ('pingback', 'trackback', 'note'))) "
	"ORDER BY i.source, i.foreign_id LIMIT $3"
};
/* Whose parent was placed before, by an earlier import. */
static const struct sql select_late = {
	"SELECT " COLUMNS ", p.comment FROM imported_comment i JOIN imported_comment p ON p.source = i.source AND "
	"p.foreign_id = i.parent AND p.story = i.story AND p.comment IS NOT NULL WHERE " WAITS
	"AND (i.source, i.foreign_id) > ($1, $2) ORDER BY i.source, i.foreign_id LIMIT $3"
};
static const struct sql select_below = {
	"SELECT " COLUMNS "FROM imported_comment i WHERE " WAITS "AND i.source = $1 AND i.parent = $2 AND i.story = $3 "
	"ORDER BY i.written DESC, i.foreign_id DESC"
};
/* What is left answers itself in a ring: one of them comes loose. */
static const struct sql select_ring = {
	"SELECT " COLUMNS "FROM imported_comment i WHERE " WAITS "ORDER BY i.source, i.foreign_id LIMIT $1"
};
/* Addresses have served their purpose then: whose account it is. */
static const struct sql set_comment = {
	"UPDATE imported_comment SET comment = $1, author_email = '', author_ip = '' "
	"WHERE source = $2 AND foreign_id = $3"
};

struct kept {
	str_t   source, id, state, type, name, address, content, author;
	id64    story, parent;
	usec_t  written;
	int64_t ups;
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
	str_t                   source, id; /* the key behind which the next begin */
	const struct sql       *from;  /* where those come from */
	bool                    began; /* there was something to place */
	char                    key[2][256]; /* where `source` and `id` are kept while the stack's memory is let go */
};

static struct kept row_kept(const struct rows *r, arena_t *a)
{
	return (struct kept){ .source = row_str(r, a, 0), .id = row_str(r, a, 1), .story = row_int(r, 2),
			      .state = row_str(r, a, 3), .type = row_str(r, a, 4), .name = row_str(r, a, 5),
			      .address = row_str(r, a, 6), .author = row_str(r, a, 7), .written = row_int(r, 8),
			      .content = row_str(r, a, 9), .ups = row_int(r, 10), .orphan = row_int(r, 11) != 0 };
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

/* Raw text with markup in it, as WordPress keeps it: a blank line ends a paragraph, a line end is one. */
static str_t paragraphs(arena_t *a, str_t s)
{
	s = str_replace(a, str_replace(a, s, S("\r"), S("")), S("\n\n"), S("<p>"));
	return str_format(a, "<p>%.*s", STR(str_replace(a, s, S("\n"), S("<br>"))));
}

static err_t body_of(arena_t *a, const struct kept *k, struct comment *out)
{
	if (str_eq(k->type, S("markdown"))) {
		out->source = tame(a, k->content);
		return clean_markdown(a, GRAMMAR_COMMENT, out->source, &out->body, NULL);
	}
	TRY(clean_html(a, GRAMMAR_COMMENT, paragraphs(a, tame(a, k->content)), &out->body, NULL));
	out->source = clean_text(a, out->body); /* what its writer finds, should they have an account */
	return OK;
}

static enum comment_state state_of(const struct kept *k)
{
	if (str_eq(k->state, S("1")) || str_eq(k->state, S("approved")))
		return COMMENT_SHOWN;
	return str_eq(k->state, S("0")) || str_eq(k->state, S("hold")) ? COMMENT_HELD : COMMENT_DELETED;
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
				.state = state_of(k), .made = k->written ? k->written : now, .ups = k->ups,
				.source = S(""), .body = S(""), .quote = S("") };
	/* Anybody may have typed an address; who was signed in there had shown that it is theirs. A file is the
	 * word of whoever runs the machine. */
	bool ours = str_eq(k->type, S("markdown")), signed_in = k->author.n && !str_eq(k->author, S("0"));
	if (k->address.n && (ours || signed_in))
		TRY(reader_by_address(c, a, k->address, &made.reader));
	if (made.reader.state == READER_GONE)
		made.reader = (struct reader){ 0 };
	made.staff = ours && made.reader.id && role_is_staff(made.reader.role);
	if (made.state != COMMENT_DELETED)
		TRY(body_of(a, k, &made));
	if (!clean_text(a, made.body).n)
		made.state = COMMENT_DELETED;
	TRY(stand_below(c, a, k->parent, &made));
	TRY(comment_insert(x->act, c, &made));
	x->out->placed += made.state == COMMENT_SHOWN;
	x->out->waiting += made.state == COMMENT_HELD;
	x->out->stones += made.state == COMMENT_DELETED;
	x->out->orphans += k->orphan && !k->parent;
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
	struct args key = ARGS(v_str(x->source), v_str(x->id), v_int(BATCH)), one = ARGS(v_int(1));
	(void)a;
	TRY(db_query(c, x->from, x->from == &select_ring ? one : key, &r));
	while (rows_next(&r, &e) && n < BATCH) {
		list[n] = row_kept(&r, x->a);
		if (x->from == &select_late)
			list[n].parent = row_int(&r, 12);
		if (x->from == &select_ring)
			list[n].orphan = false; /* what it answers is here: below it */
		n++;
	}
	TRY(e);
	if (n) {
		x->source = list[n - 1].source;
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
	}
	return OK;
}

/* All that begin where `from` says, and everything below. */
static err_t place_from(struct placing *x, const struct sql *from)
{
	x->from = from;
	x->source = x->id = S("");
	do {
		arena_t *own = arena_create(0); /* a million of them take no more memory than some hundred */
		if (!own)
			return err_new(ERR_MEMORY, "out of memory");
		struct act act = act_begin(x->s, own, &ACT_PLACE, 0, S("import"));
		x->act = &act;
		err_t e = act_commit(&act, write_some, x);
		arena_free(own);
		TRY(e);
		if (!x->n)
			empty_stack(x);
	} while (x->began);
	return OK;
}

err_t comments_place(struct stet *s, arena_t *a, struct comments_report *out)
{
	static const struct sql *const from[] = { &select_late, &select_tops, &select_ring };
	struct placing x = { .s = s, .out = out };
	(void)a;
	x.a = arena_create(0);
	if (!x.a)
		return err_new(ERR_MEMORY, "out of memory");
	err_t e = OK;
	for (size_t i = 0; i < COUNT(from) && !e; i++)
		e = place_from(&x, from[i]);
	arena_free(x.a);
	return e;
}
