/* fuzz_template.c: Mustache. The input is templates, each ended by a NUL: the first is drawn, the others are
 * its partials a, b, c ... Whatever comes in, drawing ends, within its bounds. */
#include "page/template.h"

#include <stdlib.h>

enum { TEMPLATES_MOST = 6, TEXT_MOST = 4096 };

static const char view_text[] =
	"{\"a\":\"<A & B>\",\"b\":true,\"c\":false,\"n\":null,\"x\":1.5,\"v\":[1,\"two\",[3],{\"a\":4}],"
	"\"o\":{\"a\":\"inner\",\"o\":{\"b\":0}},\"e\":[]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[TEMPLATES_MOST] = { "main", "a", "b", "c", "d", "e" };
	struct template_source sources[TEMPLATES_MOST];
	struct templates *t;
	struct strs report = { 0 };
	size_t n = 0;
	if (size > TEXT_MOST)
		return 0;
	for (str_t rest = str_from((const char *)data, size); rest.p && n < TEMPLATES_MOST; n++)
		sources[n] = (struct template_source){ str_of(names[n]), str_cut(&rest, '\0') };
	arena_t *a = arena_create(0);
	json_t *view = json_loads(view_text, 0, NULL);
	if (!a || !view)
		abort();
	err_t e = templates_new(sources, n, &t);
	if (!e) {
		struct buf out = buf_new(a, 256);
		e = template_render(t, S("main"), view, &out);
		if (!e && !str_is_utf8(buf_str(&out), NULL))
			abort();
		template_check(t, a, &report);
		templates_free(t);
	}
	err_free(e);
	json_decref(view);
	arena_free(a);
	return 0;
}
