/* fuzz_clean.c: text from a stranger. What comes out of clean() must stay as it is when cleaned again,
 * and hold nothing that could run. */
#include "page/clean.h"
#include "page/clean_parts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool holds(str_t html, const char *what)
{
	return str_find(html, str_of(what), 0) != STR_NONE;
}

/* Clean text has '<' only as the beginning of a tag it wrote. */
static void check(arena_t *a, enum grammar grammar, str_t html)
{
	static const char *const never[] = { "<script", "<style", "<iframe", "<svg", "<math",
					     "<object", "<!--", "<form" };
	str_t again;
	if (clean_html(a, grammar, html, &again, NULL) || !str_eq(html, again))
		abort();
	for (size_t i = 0; i < COUNT(never); i++)
		if (holds(html, never[i]))
			abort();
}

static str_t same_source(void *ctx, str_t url)
{
	(void)ctx;
	return url.n % 2 ? S("/media/x") : (str_t){ NULL, 0 };
}

static str_t same_link(void *ctx, str_t url)
{
	(void)ctx;
	(void)url;
	return (str_t){ NULL, 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	str_t in = str_from((const char *)data, size), out;
	struct clean_report loss = { 0 };
	struct clean_hooks hooks = { NULL, same_source, same_link };
	for (int grammar = GRAMMAR_STORY; grammar <= GRAMMAR_INLINE; grammar++) {
		err_t e = clean_html(a, (enum grammar)grammar, in, &out, &loss);
		if (!e)
			check(a, (enum grammar)grammar, out);
		err_free(e);
		e = clean_markdown(a, (enum grammar)grammar, in, &out, NULL);
		if (!e)
			check(a, (enum grammar)grammar, out);
		err_free(e);
	}
	err_t e = clean_imported(a, in, &hooks, &out, &loss);
	if (!e)
		check(a, GRAMMAR_STORY, out);
	err_free(e);
	clean_text(a, in);
	clean_words(in);
	arena_free(a);
	return 0;
}
