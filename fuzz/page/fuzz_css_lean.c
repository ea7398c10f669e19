/* fuzz_css_lean.c: a style sheet from a stranger. What comes out is no longer than it was, stays as it is
 * when made lean again, and no string in it has changed. */
#include "page/css_lean.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static str_t lean(arena_t *a, str_t css)
{
	struct buf out = buf_new(a, css.n);
	css_lean(css, &out);
	return buf_str(&out);
}

/* Between quotes everything is the writer's. */
static void check_string(arena_t *a, str_t bytes)
{
	struct buf css = buf_new(a, bytes.n + 16);
	buf_add(&css, S("a{b:\""));
	for (size_t i = 0; i < bytes.n; i++)
		buf_add_char(&css, bytes.p[i] && strchr("\"\\\n\r\f", bytes.p[i]) ? '.' : bytes.p[i]);
	buf_add(&css, S("\"}"));
	if (!str_eq(lean(a, buf_str(&css)), buf_str(&css)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena_t *a = arena_create(0);
	str_t in = str_from((const char *)data, size), once = lean(a, in);
	if (once.n > in.n || !str_eq(lean(a, once), once))
		abort();
	check_string(a, in);
	arena_free(a);
	return 0;
}
