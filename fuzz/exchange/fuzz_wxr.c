/* fuzz_wxr.c: a WordPress export from a stranger: its XML, the index of its names, its bodies. */
#include "exchange/wp_body.h"
#include "exchange/wp_index.h"
#include "exchange/wxr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str_t none(void *ctx, str_t url)
{
	(void)ctx;
	(void)url;
	return (str_t){ NULL, 0 };
}

static str_t no_attachment(void *ctx, int64_t id, str_t *alt, str_t *caption)
{
	(void)ctx;
	*alt = *caption = S("x");
	return id % 2 ? S("/media/x") : (str_t){ NULL, 0 };
}

static err_t on_node(void *ctx, arena_t *a, const struct wxr_node *node)
{
	struct wp_index *x = ctx;
	struct wp_resolver resolver = { NULL, none, no_attachment, none };
	struct strs notes = { 0 };
	str_t html;
	TRY(wp_index_add(x, node));
	str_t content = wxr_get(node, "content:encoded");
	if (content.n)
		err_free(wp_body_import(a, content, &resolver, &html, &notes));
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	struct wp_index x;
	wp_index_begin(&x, a);
	struct wxr_reader reader = { .node = on_node, .ctx = &x };
	err_t e = wxr_read_text(S("fuzz.xml"), str_from((const char *)data, size), &reader);
	wp_index_finish(&x);
	wp_resolve_link(&x, a, S("https://old.example/?p=3"));
	wp_resolve_link(&x, a, S("/2020/01/a/#b"));
	err_free(e);
	arena_free(a);
	return 0;
}
