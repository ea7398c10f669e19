/* render_lines.c: renders what comes in on standard input, a JSON object a line: {"template": text,
 * "partials": {name: text}, "view": any}; writes {"out": text} or {"error": text}. For comparing
 * with other implementations. */
#include "page/template.h"

#include <stdio.h>
#include <stdlib.h>

enum { PARTIALS_MOST = 64 };

static str_t text_of(const json_t *v)
{
	return str_from(json_string_value(v), json_string_length(v));
}

static err_t render(arena_t *a, json_t *line, struct buf *out)
{
	struct template_source sources[PARTIALS_MOST];
	struct templates *templates;
	const char *name;
	json_t *text;
	size_t n = 0;
	sources[n++] = (struct template_source){ S(""), text_of(json_object_get(line, "template")) };
	json_object_foreach(json_object_get(line, "partials"), name, text)
		if (n < PARTIALS_MOST)
			sources[n++] = (struct template_source){ str_of(name), text_of(text) };
	TRY(templates_new(sources, n, &templates));
	*out = buf_new(a, 256);
	err_t e = template_render(templates, S(""), json_object_get(line, "view"), out);
	templates_free(templates);
	return e;
}

int main(void)
{
	char *text = NULL;
	size_t room = 0;
	while (getline(&text, &room, stdin) > 0) {
		arena_t *a = arena_create(0);
		struct buf out;
		json_error_t error;
		json_t *line = json_loads(text, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
		if (!a || !line) {
			fprintf(stderr, "render_lines: %s\n", line ? "out of memory" : error.text);
			return 1;
		}
		err_t e = render(a, line, &out);
		json_t *answer = e ? json_pack("{s:s}", "error", err_text(e))
				   : json_pack("{s:s%}", "out", out.p, out.n);
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(answer);
		json_decref(line);
		err_free(e);
		arena_free(a);
	}
	free(text);
	return 0;
}
