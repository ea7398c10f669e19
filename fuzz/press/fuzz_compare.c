/* fuzz_compare.c: two texts, a NUL between them, cleaned and compared. Whatever they are: what a row
 * says of either side is that side's words, the marks stand in pairs, and what is shown is clean. */
#include "page/clean.h"
#include "press/compare.h"

#include <stdlib.h>

enum { TEXT_MOST = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The words of one side, by what the runs say, are the words of that side's block. */
static void check_runs(const struct row_words *w)
{
	size_t i = 0, j = 0;
	for (size_t k = 0; k < w->runs.n; k++) {
		const struct run *r = &w->runs.v[k];
		if (r->a != i || r->b != j || !r->n)
			abort();
		for (size_t n = 0; r->kind == RUN_SAME && n < r->n; n++)
			if (w->was.v[i + n].id != w->is.v[j + n].id)
				abort();
		i += r->kind != RUN_NEW ? r->n : 0;
		j += r->kind != RUN_GONE ? r->n : 0;
	}
	if (i != w->was.n || j != w->is.n)
		abort();
}

/* What is written is a clean line: cleaning it again changes nothing but our own marks. */
static void check_html(arena_t *a, const struct row_words *w)
{
	static const struct pen pen = { .html = true };
	str_t again;
	struct buf b = buf_new(a, 256);
	row_write(&b, w, SIDE_BOTH, &pen);
	err_t e = clean_html(a, GRAMMAR_INLINE, buf_str(&b), &again, NULL);
	if (e || !str_eq(clean_text(a, again), clean_text(a, buf_str(&b))))
		abort();
	size_t open = 0, close = 0;
	for (size_t at = 0; (at = str_find(buf_str(&b), S("<"), at)) != STR_NONE; at++)
		if (at + 1 < b.n && b.p[at + 1] == '/')
			close++;
		else
			open++;
	if (open != close)
		abort();
}

static void check_rows(arena_t *a, struct comparison *c, size_t was, size_t is)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct row *r = &c->v[i];
		struct row_words w;
		if (r->field == FIELD_BODY) {
			was -= r->was.html.p != NULL;
			is -= r->is.html.p != NULL;
		}
		row_words(a, r, &c->budget, &w);
		check_runs(&w);
		check_html(a, &w);
	}
	if (was || is)
		abort(); /* a block was lost, or came twice */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > TEXT_MOST)
		return 0;
	arena_t *a = arena_create(0);
	str_t rest = str_from((const char *)data, size), first = str_cut(&rest, '\0');
	struct story was = { 0 }, is = { 0 };
	struct comparison c;
	err_t e = clean_html(a, GRAMMAR_STORY, first, &was.body, NULL);
	if (!e)
		e = clean_html(a, GRAMMAR_STORY, rest.p ? rest : S(""), &is.body, NULL);
	if (!e) {
		struct names names = names_new(a);
		size_t n = blocks_of(a, &names, was.body).n, m = blocks_of(a, &names, is.body).n;
		compare_stories(a, &was, &is, S("and"), &c);
		check_rows(a, &c, n, m);
	}
	err_free(e);
	arena_free(a);
	return 0;
}
