/* search_fts5.c: search on SQLite's FTS5; the one file of search that knows the engine. With another
 * (PostgreSQL's tsvector and ts_rank) it is written anew behind the same verbs.
 *
 * A document's number is its time of publication, so the newest matches are the last rows of the
 * index: they are read backwards and no further than needed, however many there are. Relevance is
 * bm25 with a weight for each column. */
#include "press/search.h"

#include <stdlib.h>

/* Weights of headline, about, names, body, marks: a word in the headline says more than nine in
 * the text. */
#define RANK_ALL  "-bm25(search_index, 10.0, 5.0, 4.0, 1.0, 0.0)"
#define RANK_HEAD "-bm25(search_head, 10.0, 4.0, 0.0)"

static const struct sql find_all = {
	"SELECT search_index.rowid, d.story, d.section, " RANK_ALL
	" FROM search_index CROSS JOIN search_doc d ON d.doc = search_index.rowid "
	"WHERE search_index MATCH $1 AND search_index.rowid >= $2 AND search_index.rowid < $3 "
	"ORDER BY search_index.rowid DESC LIMIT $4"
};
static const struct sql find_by_date = {
	"SELECT search_index.rowid, d.story, d.section, 0.0 "
	"FROM search_index CROSS JOIN search_doc d ON d.doc = search_index.rowid "
	"WHERE search_index MATCH $1 AND search_index.rowid >= $2 AND search_index.rowid < $3 "
	"ORDER BY search_index.rowid DESC LIMIT $4"
};
static const struct sql find_head = {
	"SELECT search_head.rowid, d.story, d.section, " RANK_HEAD
	" FROM search_head CROSS JOIN search_doc d ON d.doc = search_head.rowid "
	"WHERE search_head MATCH $1 AND search_head.rowid >= $2 AND search_head.rowid < $3 "
	"ORDER BY search_head.rowid DESC LIMIT $4"
};
/* 26 words around the most matches of the body. */
static const struct sql excerpts = {
	"SELECT highlight(search_index, 0, $3, $4), snippet(search_index, 3, $3, $4, '…', 26), "
	"snippet(search_index, 1, $3, $4, '…', 40) FROM search_index "
	"WHERE search_index MATCH $1 AND rowid = $2"
};
static const struct sql headlines = {
	"SELECT s.headline, s.kind, s.slug, c.slug FROM search_head "
	"CROSS JOIN search_doc d ON d.doc = search_head.rowid JOIN story s ON s.id = d.story "
	"LEFT JOIN section c ON c.id = s.section WHERE search_head MATCH $1 "
	"ORDER BY search_head.rowid DESC LIMIT $2"
};
static const struct sql words_of_head = {
	"SELECT term, doc FROM search_head_word WHERE term >= $1 AND term < $2"
};
static const struct sql words_of_all = {
	"SELECT term, doc FROM search_word WHERE term >= $1 AND term < $2"
};
static const struct sql stories_of_word = { "SELECT doc FROM search_head_word WHERE term = $1" };
static const struct sql find_any = {
	"SELECT d.story, " RANK_HEAD " AS score FROM search_head "
	"CROSS JOIN search_doc d ON d.doc = search_head.rowid "
	"WHERE search_head MATCH $1 AND d.story <> $2 ORDER BY score DESC, d.story DESC LIMIT $3"
};
static const struct sql document_of = { "SELECT doc FROM search_doc WHERE story = $1" };
static const struct sql document_taken = { "SELECT 1 FROM search_doc WHERE doc = $1" };
static const struct sql insert_doc = {
	"INSERT INTO search_doc (doc, story, section, revision) VALUES ($1, $2, $3, $4)"
};
static const struct sql insert_index = {
	"INSERT INTO search_index (rowid, headline, about, names, body, marks) "
	"VALUES ($1, $2, $3, $4, $5, $6)"
};
static const struct sql insert_head = {
	"INSERT INTO search_head (rowid, headline, names, marks) VALUES ($1, $2, $3, $4)"
};
static const struct sql delete_doc = { "DELETE FROM search_doc WHERE doc = $1" };
static const struct sql delete_index = { "DELETE FROM search_index WHERE rowid = $1" };
static const struct sql delete_head = { "DELETE FROM search_head WHERE rowid = $1" };
static const struct sql select_text = {
	"SELECT i.headline, i.about, i.names, i.body, i.marks, h.headline, h.names, h.marks "
	"FROM search_doc d JOIN search_index i ON i.rowid = d.doc "
	"JOIN search_head h ON h.rowid = d.doc WHERE d.story = $1"
};
static const struct sql count_matches = {
	"SELECT count(*) FROM search_index WHERE search_index MATCH $1"
};

/* --- documents --- */

/* Milliseconds, then 21 bits: the bounds are those of base/id.h. */
static int64_t document_from(usec_t t)
{
	int64_t ms = t / 1000;
	const int64_t most = ((int64_t)1 << 42) - 2;
	ms = ms < -most ? -most : ms > most ? most : ms;
	return ms * (1 << 21);
}

static usec_t document_time(int64_t doc)
{
	return doc / (1 << 21) * 1000;
}

str_t search_mark(arena_t *a, char kind, id64 id)
{
	return str_format(a, "\xee\x80\x80%c%llx", kind, (unsigned long long)id);
}

static err_t find_document(struct conn *c, id64 story, int64_t *doc, bool *there)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &document_of, ARGS(v_int(story)), &r));
	*there = rows_next(&r, &e);
	*doc = *there ? row_int(&r, 0) : 0;
	return e;
}

/* Stories of one moment differ in the bits of their ids; the few that do not take the next. */
static err_t free_document(struct conn *c, const struct search_document *d, int64_t *doc)
{
	*doc = document_from(d->published) + (d->story & ((1 << 21) - 1));
	for (;; ++*doc) {
		AUTO_ROWS r = { 0 };
		err_t e;
		TRY(db_query(c, &document_taken, ARGS(v_int(*doc)), &r));
		if (!rows_next(&r, &e))
			return e;
	}
}

err_t search_put(struct conn *c, const struct search_document *d)
{
	int64_t doc;
	TRY(free_document(c, d, &doc));
	TRY(db_run(c, &insert_doc,
		   ARGS(v_int(doc), v_int(d->story), v_ref(d->section), v_int(d->revision)), NULL));
	TRY(db_run(c, &insert_index,
		   ARGS(v_int(doc), v_str(d->headline), v_str(d->about), v_str(d->names),
			v_str(d->body), v_str(d->marks)), NULL));
	return db_run(c, &insert_head,
		      ARGS(v_int(doc), v_str(d->headline), v_str(d->names), v_str(d->marks)), NULL);
}

err_t search_remove(struct conn *c, id64 story)
{
	int64_t doc;
	bool there;
	TRY(find_document(c, story, &doc, &there));
	if (!there)
		return OK;
	TRY(db_run(c, &delete_index, ARGS(v_int(doc)), NULL));
	TRY(db_run(c, &delete_head, ARGS(v_int(doc)), NULL));
	return db_run(c, &delete_doc, ARGS(v_int(doc)), NULL);
}

/* Rows would go one by one; tables go at once. They are made as sql/sqlite/0006-search.sql made them. */
err_t search_clear(struct conn *c)
{
	static const struct sql steps[] = {
		{ "DROP TABLE search_index" },
		{ "DROP TABLE search_head" },
		{ "CREATE VIRTUAL TABLE search_index USING fts5 (\n"
		  "\theadline, about, names, body, marks,\n"
		  "\ttokenize = 'unicode61 remove_diacritics 2', prefix = '3 4'\n)" },
		{ "CREATE VIRTUAL TABLE search_head USING fts5 (\n"
		  "\theadline, names, marks,\n"
		  "\ttokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'\n)" },
		{ "DELETE FROM search_doc" },
	};
	for (size_t i = 0; i < COUNT(steps); i++)
		TRY(db_run(c, &steps[i], NO_ARGS, NULL));
	return OK;
}

err_t search_same(struct conn *c, arena_t *a, const struct search_document *d, bool *out)
{
	const str_t want[] = { d->headline, d->about, d->names, d->body, d->marks,
			       d->headline, d->names, d->marks };
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &select_text, ARGS(v_int(d->story)), &r));
	*out = rows_next(&r, &e);
	for (int i = 0; *out && i < (int)COUNT(want); i++)
		*out = str_eq(row_str(&r, a, i), want[i]);
	return e;
}

err_t search_count(struct conn *c, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &count_matches, ARGS(v_str(S("\"\xee\x80\x80x0\""))), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

/* --- the query in FTS5's language --- */

static void add_quoted(struct buf *b, str_t text)
{
	buf_add_char(b, '"');
	buf_add(b, str_replace(b->a, text, S("\""), S(" ")));
	buf_add_char(b, '"');
}

static void add_term(struct buf *b, const struct search_node *n)
{
	static const char kinds[] = { [SEARCH_AUTHOR] = 'a', [SEARCH_SECTION] = 's',
				      [SEARCH_TAG] = 't', [SEARCH_SERIES] = 'e' };
	if (n->field == SEARCH_WORDS) {
		add_quoted(b, n->text);
		if (n->prefix)
			buf_add(b, S(" *"));
	} else if (n->field == SEARCH_AUTHOR && !n->known) {
		buf_add(b, S("names : ")); /* a part of a name */
		add_quoted(b, n->text);
	} else {
		add_quoted(b, search_mark(b->a, kinds[n->field], n->id));
	}
}

static void add_node(struct buf *b, const struct search_node *n);

/* The parts that are, or are not, negations, between brackets; false if there are none. */
static bool add_parts(struct buf *b, const struct search_node *n, bool negations, const char *between)
{
	bool any = false;
	for (size_t i = 0; i < n->nparts; i++) {
		const struct search_node *part = n->parts[i];
		if ((part->op == SEARCH_NOT) != negations)
			continue;
		buf_add(b, str_of(any ? between : "("));
		add_node(b, negations ? part->parts[0] : part);
		any = true;
	}
	if (any)
		buf_add_char(b, ')');
	return any;
}

static void add_everything(struct buf *b)
{
	add_quoted(b, search_mark(b->a, 'x', 0));
}

/* FTS5's NOT stands between two expressions: what is not excluded from anything is excluded from
 * everything. */
static void add_node(struct buf *b, const struct search_node *n)
{
	switch (n->op) {
	case SEARCH_TERM:
		add_term(b, n);
		return;
	case SEARCH_NOT:
		buf_add_char(b, '(');
		add_everything(b);
		buf_add(b, S(" NOT "));
		add_node(b, n->parts[0]);
		buf_add_char(b, ')');
		return;
	case SEARCH_ANY:
		buf_add_char(b, '(');
		for (size_t i = 0; i < n->nparts; i++) {
			if (i)
				buf_add(b, S(" OR "));
			add_node(b, n->parts[i]);
		}
		buf_add_char(b, ')');
		return;
	case SEARCH_ALL:
		break;
	}
	bool without = false;
	for (size_t i = 0; i < n->nparts; i++)
		without |= n->parts[i]->op == SEARCH_NOT;
	buf_add_char(b, '(');
	if (!add_parts(b, n, false, " AND "))
		add_everything(b);
	if (without) {
		buf_add(b, S(" NOT "));
		add_parts(b, n, true, " OR ");
	}
	buf_add_char(b, ')');
}

static str_t expression(arena_t *a, const struct search_query *q)
{
	struct buf b = buf_new(a, 256);
	if (q->root)
		add_node(&b, q->root);
	else
		add_everything(&b);
	return buf_str(&b);
}

/* --- finding --- */

struct span {
	int64_t from, to; /* documents */
};

static struct span span_of(const struct search_query *q)
{
	return (struct span){ q->from ? document_from(q->from) : INT64_MIN,
			      q->to ? document_from(q->to) : INT64_MAX };
}

static err_t collect(struct conn *c, arena_t *a, const struct sql *sql, str_t match, struct span span,
		     struct search_found *found)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, sql, ARGS(v_str(match), v_int(span.from), v_int(span.to),
				  v_int(SEARCH_RANKED_MOST + 1)), &r));
	size_t n = 0;
	for (; rows_next(&r, &e); n++) {
		if (n == SEARCH_RANKED_MOST) {
			found->more = true;
			break;
		}
		found->all = arena_room(a, found->all, found->n, sizeof *found->all);
		int64_t doc = row_int(&r, 0);
		found->all[found->n++] = (struct search_hit){
			.doc = doc, .story = row_int(&r, 1), .section = row_int(&r, 2),
			.score = row_real(&r, 3), .published = document_time(doc) };
	}
	return e;
}

/* Scores of two indexes are no measure of each other: each list's best is 1. Then age: a story of
 * today counts twice, one of a year ago one and a half times, an old one once. */
static void weigh(struct search_hit *hits, size_t n, usec_t now)
{
	const double year = 365.25 * (double)DAY;
	double best = 0;
	for (size_t i = 0; i < n; i++)
		best = hits[i].score > best ? hits[i].score : best;
	for (size_t i = 0; i < n; i++) {
		double age = now > hits[i].published ? (double)(now - hits[i].published) / year : 0;
		double relevance = best > 0 ? hits[i].score / best : 1;
		hits[i].score = relevance * (1 + 1 / (1 + age));
	}
}

static int by_score(const void *x, const void *y)
{
	const struct search_hit *a = x, *b = y;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->doc > b->doc ? -1 : a->doc < b->doc;
}

err_t search_find(struct conn *c, arena_t *a, const struct search_query *q, enum search_sort sort,
		  usec_t now, struct search_found *out)
{
	*out = (struct search_found){ 0 };
	str_t match = expression(a, q);
	struct span span = span_of(q);
	if (sort == SEARCH_BY_DATE)
		return collect(c, a, &find_by_date, match, span, out);
	TRY(collect(c, a, &find_all, match, span, out));
	size_t newest = out->n;
	weigh(out->all, newest, now);
	/* What a headline or a name matches, all of the story does, unless a word is excluded. */
	if (out->more && !q->excludes) {
		span.to = out->all[newest - 1].doc;
		TRY(collect(c, a, &find_head, match, span, out));
		weigh(out->all + newest, out->n - newest, now);
	}
	if (out->n)
		qsort(out->all, out->n, sizeof *out->all, by_score);
	return OK;
}

static str_t without_break(str_t s)
{
	size_t at = str_find(s, S(SEARCH_BREAK), 0);
	return str_trim(str_slice(s, 0, at));
}

static bool has_mark(str_t s)
{
	return str_find(s, S(SEARCH_MARK_ON), 0) != STR_NONE;
}

/* From the text where the words are; from the standfirst where they stand there alone, or nowhere. */
err_t search_excerpt(struct conn *c, arena_t *a, const struct search_query *q,
		     struct search_hit *hit)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	TRY(db_query(c, &excerpts,
		     ARGS(v_str(expression(a, q)), v_int(hit->doc), v_str(S(SEARCH_MARK_ON)),
			  v_str(S(SEARCH_MARK_OFF))), &r));
	if (!rows_next(&r, &e))
		return e;
	hit->headline = row_str(&r, a, 0);
	str_t body = str_replace(a, row_str(&r, a, 1), S(SEARCH_BREAK), S(""));
	str_t about = without_break(row_str(&r, a, 2));
	hit->excerpt = about.n && !has_mark(body) ? about : body;
	return OK;
}

/* --- suggestions and words --- */

err_t search_headlines(struct conn *c, arena_t *a, const struct strs *words, size_t limit,
		       struct strs *found, struct strs *paths)
{
	struct buf b = buf_new(a, 128);
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	for (size_t i = 0; i < words->n; i++) {
		buf_add(&b, str_of(i ? " AND " : "headline : ("));
		add_quoted(&b, words->v[i]);
	}
	if (!words->n)
		return OK;
	buf_add(&b, S(" *)"));
	TRY(db_query(c, &headlines, ARGS(v_str(buf_str(&b)), v_int((int64_t)limit)), &r));
	while (rows_next(&r, &e)) {
		struct card card = { .slug = row_str(&r, a, 2), .section.slug = row_str(&r, a, 3) };
		card.kind = str_eq(row_str(&r, a, 1), S("page")) ? STATIC_PAGE : STORY;
		strs_add(a, found, row_str(&r, a, 0));
		strs_add(a, paths, card_path(a, &card));
	}
	return e;
}

err_t search_words(struct conn *c, arena_t *a, str_t start, bool whole_text,
		   struct search_word **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	str_t end = str_format(a, "%.*s\xf4\x8f\xbf\xbf", STR(start));
	TRY(db_query(c, whole_text ? &words_of_all : &words_of_head, ARGS(v_str(start), v_str(end)),
		     &r));
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = (struct search_word){ row_str(&r, a, 0), row_int(&r, 1) };
	}
	return e;
}

err_t search_word_count(struct conn *c, str_t word, int64_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &stories_of_word, ARGS(v_str(word)), &r));
	*out = rows_next(&r, &e) ? row_int(&r, 0) : 0;
	return e;
}

err_t search_with_any(struct conn *c, arena_t *a, const struct strs *words, id64 except, size_t limit,
		      struct search_hit **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct buf b = buf_new(a, 128);
	buf_add(&b, S("{headline names} : ("));
	for (size_t i = 0; i < words->n; i++) {
		if (i)
			buf_add(&b, S(" OR "));
		add_quoted(&b, words->v[i]);
	}
	buf_add(&b, S(")"));
	TRY(db_query(c, &find_any, ARGS(v_str(buf_str(&b)), v_int(except), v_int((int64_t)limit)), &r));
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		(*out)[(*n)++] = (struct search_hit){ .story = row_int(&r, 0), .score = row_real(&r, 1) };
	}
	return e;
}
