/* fuzz_parts.c: what strangers put into request lines and header fields. The first byte chooses the
 * parser; canonical paths must stay as they are when read again, chosen ranges must lie inside. */
#include "http/conditional.h"
#include "http/cookie.h"
#include "http/form.h"
#include "http/limits.h"
#include "http/path.h"
#include "http/values.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void path(arena_t *a, str_t text)
{
	struct request q = { .a = a };
	str_t authority, again;
	err_t e = target_parse(&q, text, &authority);
	if (!e) {
		err_t f = path_canonical(a, path_encode(a, q.path), &again);
		if (f || !str_eq(again, q.path) || str_find(q.path, S("//"), 0) != STR_NONE ||
		    str_find(q.path, S("/../"), 0) != STR_NONE)
			abort();
	}
	err_free(e);
}

static void form(arena_t *a, str_t text)
{
	struct params p, again;
	err_t e = form_parse(a, text, LIMIT_FORM_FIELDS, &p);
	if (!e) {
		err_t f = form_parse(a, form_format(a, &p), LIMIT_FORM_FIELDS, &again);
		if (f || again.n > p.n)
			abort();
	}
	err_free(e);
}

static void conditions(arena_t *a, str_t text)
{
	static const char *const names[] = { "if-match", "if-none-match", "if-modified-since",
					     "if-unmodified-since", "range", "if-range" };
	struct header h[COUNT(names)];
	struct request q = { .a = a, .method = GET, .headers = h };
	for (str_t rest = text; rest.p && q.nheaders < COUNT(names);) {
		str_t line = str_cut(&rest, '\n');
		if (line.n)
			h[q.nheaders++] = (struct header){
				str_of(names[(unsigned char)line.p[0] % COUNT(names)]),
				str_slice(line, 1, line.n) };
	}
	condition_check(&q, S("\"v1\""), 1644518220 * SECOND);
	struct range r[LIMIT_RANGES];
	size_t n;
	int64_t last = -1;
	if (range_select(&q, S("\"v1\""), 1644518220 * SECOND, 1000, r, &n) == RANGE_PARTS)
		for (size_t i = 0; i < n; last = r[i++].to)
			if (r[i].from <= last || r[i].to < r[i].from || r[i].to >= 1000)
				abort();
}

static void values(arena_t *a, str_t text)
{
	str_t out, rest = text;
	cookie_find(text, "session");
	if (value_param(a, text, "boundary", &out) && !out.p)
		abort();
	for (str_t each; (each = list_next(&rest)).p;)
		if (value_quality(each) > 1000)
			abort();
	struct answer *answer;
	struct answer_draft d = { .type = text, .cache_control = text, .body = text };
	err_t e = answer_new(&d, &answer);
	if (!e) {
		answer_coding(answer, text);
		answer_drop(answer);
	}
	err_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parsers[])(arena_t *, str_t) = { path, form, conditions, values };
	if (!size)
		return 0;
	arena_t *a = arena_create(0);
	parsers[data[0] % COUNT(parsers)](a, str_from((const char *)data + 1, size - 1));
	arena_free(a);
	return 0;
}
