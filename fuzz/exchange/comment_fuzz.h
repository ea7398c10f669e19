/* comment_fuzz.h: a stranger's file of comments, read as comments_read does: twice, in pieces. What is handed over must be
 * UTF-8, whatever came in, and the second reading must tell what the first would have. */
#pragma once

#include "exchange/comment_body.h"
#include "exchange/comment_file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static err_t fuzz_take(void *ctx, const struct told *k)
{
	const str_t texts[] = { k->source, k->id, k->parent, k->url, k->thread, k->slug, k->site, k->name, k->address,
				k->author, k->state, k->type, k->content };
	arena_t *a = ctx;
	for (size_t i = 0; i < COUNT(texts); i++)
		if (!str_is_utf8(texts[i], NULL))
			abort();
	if (!k->id.n || !k->source.n)
		abort();
	str_t body = comment_body(a, k->content, !str_eq(k->type, S("comment")));
	if (!str_is_utf8(body, NULL))
		abort();
	return OK;
}

static int fuzz_format(const struct comment_format *format, bool twice, const uint8_t *data, size_t size)
{
	const struct comment_format *found;
	arena_t *a = arena_create(0);
	struct comment_file f = { .path = "/nowhere/comments.csv", .source = S("file:x"), .take = fuzz_take, .ctx = a };
	f.a = arena_create(0);
	err_t e = infile_of(S("fuzz"), str_from((const char *)data, size), &f.file);
	if (!e)
		e = jotter_new(&f.notes);
	if (e)
		abort();
	err_free(comment_format_find(f.file, S(""), &found));
	f.first = twice;
	e = format->read(&f);
	bool bad = e != OK;
	err_free(e);
	if (twice && !bad) {
		f.first = false;
		err_free(infile_rewind(f.file));
		e = format->read(&f);
		if (e)
			abort();
	}
	jotter_free(f.notes);
	infile_close(f.file);
	arena_free(f.a);
	arena_free(a);
	return 0;
}
