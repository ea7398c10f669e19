/* drawing.c: see drawing.h. */
#include "drawing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static err_t render(const struct drawing *d, struct buf *out)
{
	struct template_source sources[OTHERS_MOST + 1] = { { S("main"), str_of(d->template) } };
	struct templates *t;
	size_t n = 1;
	for (int i = 0; i < OTHERS_MOST && d->others[i][0]; i++)
		sources[n++] = (struct template_source){ str_of(d->others[i][0]),
							 str_of(d->others[i][1]) };
	json_error_t error;
	json_t *view = json_loads(d->view ? d->view : "{}", JSON_DECODE_ANY, &error);
	if (!view)
		return err_new(ERR_INPUT, "the test's view: %s", error.text);
	err_t e = templates_new(sources, n, &t);
	if (!e) {
		e = template_render(t, S("main"), view, out);
		templates_free(t);
	}
	json_decref(view);
	return e;
}

const char *draw(arena_t *a, const struct drawing *d)
{
	struct buf out = buf_new(a, 64);
	err_t e = render(d, &out);
	if (!e)
		return out.p;
	const char *text = str_format(a, "error: %s", err_text(e)).p;
	err_free(e);
	return text;
}

void draws(const struct drawing *d, const char *expected)
{
	arena_t *a = arena_create(0);
	const char *got = draw(a, d);
	if (strcmp(got, expected) != 0)
		fail_msg("%s\ngives    \"%s\"\nand not  \"%s\"", d->template, got, expected);
	arena_free(a);
}

void gives(const char *template, const char *view, const char *expected)
{
	draws(&(struct drawing){ .template = template, .view = view }, expected);
}
