/* fuzz_blocks.c: a story's Markdown from a stranger, with all of our notation. What comes out must stay as it
 * is when cleaned again; files are found without an end. */
#include "page/clean.h"
#include "page/embed.h"
#include "page/markdown_lines.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static err_t named(void *ctx, str_t name, str_t *address)
{
	*address = str_format(ctx, "/media/%zu", name.n);
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	str_t in = str_from((const char *)data, size), out, again;
	struct embed embed;
	err_t e = clean_markdown(a, GRAMMAR_STORY, in, &out, NULL);
	if (!e && (clean_html(a, GRAMMAR_STORY, out, &again, NULL) || !str_eq(out, again)))
		abort();
	if (!e && (str_find(out, S("\x02"), 0) != STR_NONE || str_find(out, S("<script"), 0) != STR_NONE))
		abort();
	err_free(e);
	err_free(markdown_files(a, in, named, a, &out));
	err_free(html_files(a, in, named, a, &out));
	if (embed_find(a, in, S("tube.example"), &embed) && !str_starts(embed.frame, S("https://")))
		abort();
	arena_free(a);
	return 0;
}
