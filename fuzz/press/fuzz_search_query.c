/* fuzz_search_query.c: what a reader types. Whatever it is, it has a meaning that the database takes:
 * it is asked for, in both orders, with excerpts and a better spelling, of an index with one
 * document. */
#include "press/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(err_t e)
{
	if (!e)
		return;
	fprintf(stderr, "%s\n", err_text(e));
	abort();
}

static err_t put_one(struct conn *c, arena_t *a, void *ctx)
{
	static const struct sql draft = {
		"INSERT INTO story (id, kind, slug, state, headline, format, source, body, words, "
		"revision, saved) VALUES (1, 'page', 'one', 'draft', 'x', 'html', '', '', 0, 1, 1)"
	};
	struct search_document d = {
		.story = 1, .published = 1700000000 * SECOND, .headline = S("Harbour ferry"),
		.about = S("A night"), .names = S("Ann Lee"), .body = S("The ferry sails at night."),
		.marks = search_mark(a, 'x', 0) };
	(void)ctx;
	TRY(db_run(c, &draft, NO_ARGS, NULL));
	return search_put(c, &d);
}

static char folder[] = "/tmp/stet-fuzz-XXXXXX";

static void remove_files(void)
{
	static const char *const names[] = { "stet.db", "stet.db-wal", "stet.db-shm" };
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

/* One database for the whole run. */
static struct store *opened(void)
{
	static struct store *store;
	char path[64];
	if (store)
		return store;
	if (!mkdtemp(folder))
		abort();
	atexit(remove_files);
	snprintf(path, sizeof path, "%s/stet.db", folder);
	must(store_open(&(struct store_options){ .path = path, .readers = 1, .may_create = true },
			&store));
	arena_t *a = arena_create(0);
	must(store_write(store, a, put_one, NULL));
	arena_free(a);
	return store;
}

static err_t ask(struct conn *c, arena_t *a, void *ctx)
{
	const str_t *text = ctx;
	struct search_query q;
	struct search_found found;
	str_t better;
	search_parse(a, *text, &q);
	if (!str_is_utf8(q.text, NULL) || q.text.n > 3 * SEARCH_QUERY_MOST ||
	    q.nterms > SEARCH_TERMS_MOST)
		abort();
	TRY(search_resolve(c, a, &q));
	TRY(search_find(c, a, &q, SEARCH_BY_DATE, 0, &found));
	TRY(search_find(c, a, &q, SEARCH_BY_RELEVANCE, 1800000000 * SECOND, &found));
	for (size_t i = 0; i < found.n; i++)
		TRY(search_excerpt(c, a, &q, &found.all[i]));
	for (size_t i = 0; i < q.nterms; i++) {
		struct search_query less;
		search_parse(a, search_without(a, &q, q.terms[i]), &less);
	}
	return search_did_you_mean(c, a, &q, &better);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str_t text = str_from((const char *)data, size);
	arena_t *a = arena_create(0);
	must(store_read(opened(), a, ask, &text));
	arena_free(a);
	return 0;
}
