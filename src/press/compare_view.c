/* compare_view.c: a comparison as a view: rows of HTML, long unchanged stretches folded. */
#include "press/history.h"

#include "press/media.h"
#include "press/view.h"

enum {
	SHOWN_MOST = 4000,          /* rows on a page */
	BYTES_MOST = 4 * 1024 * 1024, /* of HTML in them */
	FOLD_LEAST = 3,             /* unchanged blocks that are worth folding away */
};

/* --- what changed, in a sentence --- */

static const struct {
	enum block_kind kind;
	const char     *key;
} counted[] = {
	{ BLOCK_PARAGRAPH, "change.paragraph" }, { BLOCK_QUOTE, "change.paragraph" },
	{ BLOCK_CODE, "change.paragraph" }, { BLOCK_HEADING, "change.heading" },
	{ BLOCK_ITEM, "change.item" }, { BLOCK_ROW, "change.row" }, { BLOCK_MEDIA, "change.media" },
	{ BLOCK_CAPTION, "change.picture-caption" }, { BLOCK_RULE, "change.rule" },
};

static void add_clause(struct buf *b, str_t clause)
{
	if (b->n)
		buf_add(b, S(", "));
	buf_add(b, clause);
}

/* A moved block is two rows and one change. */
static int64_t count_kind(const struct comparison *c, const char *key)
{
	int64_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		const struct row *r = &c->v[i];
		const struct block *b = r->is.html.p ? &r->is : &r->was;
		if (r->field == FIELD_BODY && r->kind != ROW_SAME && r->kind != ROW_LEFT)
			for (size_t k = 0; k < COUNT(counted); k++)
				n += counted[k].kind == b->kind && strcmp(counted[k].key, key) == 0;
	}
	return n;
}

static bool field_changed(const struct comparison *c, enum field f)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].field == f && c->v[i].kind != ROW_SAME)
			return true;
	return false;
}

str_t comparison_sentence(arena_t *a, const struct tongue *t, const struct comparison *c)
{
	struct buf b = buf_new(a, 128);
	char key[48];
	for (int f = 0; f < FIELDS; f++) {
		if (f != FIELD_BODY && field_changed(c, (enum field)f)) {
			snprintf(key, sizeof key, "change.%s", field_name((enum field)f));
			add_clause(&b, messages_get(t, key));
		}
		for (size_t k = 0; f == FIELD_BODY && k < COUNT(counted); k++) {
			bool again = k && strcmp(counted[k].key, counted[k - 1].key) == 0;
			int64_t n = again ? 0 : count_kind(c, counted[k].key);
			if (n)
				add_clause(&b, messages_count(a, t, counted[k].key, n));
		}
	}
	if (!b.n)
		add_clause(&b, messages_get(t, "change.nothing"));
	return buf_str(&b);
}

/* --- rows --- */

struct drawing {
	struct view       *v;
	struct comparison *c;
	struct pen         pen, quiet; /* quiet marks nothing */
	json_t            *rows;
	size_t             bytes;
	int64_t            gone, fresh;
	const struct row  *row;        /* the one being drawn */
	json_t            *item;
};

static str_t unseen(struct view *v, const char *open, const char *key, const char *close)
{
	return str_format(v->a, "%s<span class=\"unseen\"> [%.*s] </span>%s", open, STR(say(v, key)),
			  close);
}

static void set_html(struct drawing *d, const char *key, const struct row_words *w, enum row_side side,
		     const struct pen *pen, arena_t *aside)
{
	struct buf b = buf_new(aside, 512);
	row_write(&b, w, side, pen);
	d->bytes += b.n;
	view_set_text(d->item, key, buf_str(&b));
}

/* aside_do: the words of the row, as the columns and the one column show them. */
static void draw_words(arena_t *aside, void *ctx)
{
	struct drawing *d = ctx;
	struct row_words w;
	bool told = d->row->kind == ROW_CHANGED || d->row->kind == ROW_GONE ||
		    d->row->kind == ROW_NEW;
	const struct pen *pen = told ? &d->pen : &d->quiet;
	if (d->row->field == FIELD_PICTURE)
		return;
	row_words(aside, d->row, &d->c->budget, &w);
	if (told) {
		d->gone += (int64_t)w.gone;
		d->fresh += (int64_t)w.fresh;
	}
	set_html(d, "both", &w, SIDE_BOTH, pen, aside);
	if (d->row->kind == ROW_SAME)
		return;
	set_html(d, "before", &w, SIDE_WAS, pen, aside);
	set_html(d, "after", &w, SIDE_IS, pen, aside);
}

/* {src, width, height} of a picture of ours. */
static json_t *picture_of(struct view *v, const struct block *b)
{
	struct media m;
	if (!b->html.p || b->kind != BLOCK_MEDIA)
		return json_null();
	str_t src = tag_attribute(v->a, b->html, "src");
	if (!str_starts(src, S("/media/")))
		return json_null();
	str_t hash = str_slice(src, 7, str_find_char(src, '/', 7));
	err_t e = media_by_hash(v->c, v->a, hash, &m);
	if (e) {
		err_free(e); /* its words stay */
		return json_null();
	}
	json_t *j = media_view(v->a, &m);
	return j ? j : json_null();
}

static str_t label_of(const struct view *v, const struct row *r)
{
	char key[48];
	const struct block *b = r->is.html.p ? &r->is : &r->was;
	if (r->field != FIELD_BODY)
		snprintf(key, sizeof key, "compare.field.%s", field_name(r->field));
	else if (b->kind != BLOCK_PARAGRAPH)
		snprintf(key, sizeof key, "compare.block.%s", block_kind_name(b->kind));
	else
		return S("");
	return say(v, key);
}

static json_t *new_item(void)
{
	static const char *const keys[] = { "label", "both", "before", "after", "picture_before",
					    "picture_after", "moved", "folded" };
	json_t *j = json_object();
	for (size_t i = 0; i < COUNT(keys); i++)
		json_object_set_new(j, keys[i], json_null());
	return j;
}

static void draw_row(struct drawing *d, arena_t *aside, const struct row *r)
{
	static const char *const names[] = { "same", "changed", "gone", "new", "left", "came" };
	const struct block *b = r->is.html.p ? &r->is : &r->was;
	d->row = r;
	d->item = new_item();
	json_object_set_new(d->item, "change", json_string(names[r->kind]));
	json_object_set_new(d->item, "same", json_boolean(r->kind == ROW_SAME));
	json_object_set_new(d->item, "kind", json_string(r->field == FIELD_BODY ? block_kind_name(b->kind)
								 : field_name(r->field)));
	view_set_text(d->item, "label", label_of(d->v, r));
	if (r->kind == ROW_LEFT || r->kind == ROW_CAME)
		view_set_text(d->item, "moved", say(d->v, r->kind == ROW_LEFT ? "compare.left"
									 : "compare.came"));
	json_object_set_new(d->item, "picture_before", picture_of(d->v, &r->was));
	json_object_set_new(d->item, "picture_after", picture_of(d->v, &r->is));
	json_array_append_new(d->rows, d->item);
	aside_do(d->v->a, aside, draw_words, d);
}

/* Unchanged blocks from `from` to `to`, behind one line. */
static void draw_fold(struct drawing *d, arena_t *aside, size_t from, size_t to)
{
	json_t *all = d->rows, *fold = new_item(), *inside = json_array();
	json_object_set_new(fold, "change", json_string("same"));
	json_object_set_new(fold, "same", json_false());
	json_object_set_new(fold, "kind", json_string("folded"));
	d->rows = inside;
	for (size_t i = from; i < to && d->bytes < BYTES_MOST; i++)
		draw_row(d, aside, &d->c->v[i]);
	d->rows = all;
	json_object_set_new(fold, "folded",
			    json_pack("{s:o, s:o}", "text",
				      view_text(say_count(d->v, "compare.folded", (int64_t)(to - from))),
				      "inside", inside));
	json_array_append_new(d->rows, fold);
}

static bool is_plain(const struct row *r)
{
	return r->kind == ROW_SAME && r->field == FIELD_BODY;
}

/* From `i` on blocks that did not change: those next to a change are shown, the others folded. */
static size_t draw_unchanged(struct drawing *d, arena_t *aside, size_t i)
{
	const struct comparison *c = d->c;
	size_t end = i, from = i, to;
	while (end < c->n && is_plain(&c->v[end]))
		end++;
	bool opens = i > 0 && c->v[i - 1].field == FIELD_BODY;
	bool closes = end < c->n && c->v[end].field == FIELD_BODY;
	from += opens;
	to = end - closes;
	if (to < from + FOLD_LEAST)
		from = to = end;
	for (; i < from; i++)
		draw_row(d, aside, &c->v[i]);
	if (to > from)
		draw_fold(d, aside, from, to);
	for (i = to; i < end; i++)
		draw_row(d, aside, &c->v[i]);
	return end;
}

void view_comparison(struct view *v, struct comparison *c)
{
	struct drawing d = { .v = v, .c = c, .rows = json_array(), .pen.html = true, .quiet.html = true };
	arena_t *aside = aside_new(v->a);
	size_t i = 0;
	d.pen.gone = unseen(v, "<del>", "compare.removed", "");
	d.pen.gone_end = unseen(v, "", "compare.removed-end", "</del>");
	d.pen.fresh = unseen(v, "<ins>", "compare.added", "");
	d.pen.fresh_end = unseen(v, "", "compare.added-end", "</ins>");
	json_object_set_new(v->json, "rows", d.rows);
	while (i < c->n && json_array_size(d.rows) < SHOWN_MOST && d.bytes < BYTES_MOST) {
		if (is_plain(&c->v[i])) {
			i = draw_unchanged(&d, aside, i);
			continue;
		}
		if (c->v[i].kind != ROW_SAME)
			draw_row(&d, aside, &c->v[i]);
		i++;
	}
	json_object_set_new(v->json, "cut", json_boolean(i < c->n));
	json_object_set_new(v->json, "words", json_pack("{s:I, s:I}", "gone", (json_int_t)d.gone, "new",
							(json_int_t)d.fresh));
}
