/* fuzz_theme_conf.c: theme.conf from a stranger. What is accepted must survive being written out and read
 * again, and none of it may end the declaration it becomes in the style sheet. */
#include "page/manifest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(str_t text, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == c;
	return n;
}

static size_t said(const struct token_values *values)
{
	size_t n = 0;
	for (size_t i = 0; i < TOKENS; i++)
		n += values->v[i].n > 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	struct manifest first, second;
	err_t e = manifest_parse(a, S("theme.conf"), str_from((const char *)data, size), &first);
	if (!e) {
		str_t text = manifest_write(a, &first), css = tokens_css(a, &first.tokens);
		err_t again = manifest_parse(a, S("theme.conf"), text, &second);
		if (again || !str_eq(text, manifest_write(a, &second)))
			abort();
		/* ":root{color-scheme:…;" and one declaration for each. */
		if (count(css, '{') != 3 || count(css, '}') != 3 || count(css, ';') != said(&first.tokens) + 1)
			abort();
		struct strs report = { 0 };
		tokens_legible(a, &first.tokens, &report);
	}
	err_free(e);
	arena_free(a);
	return 0;
}
