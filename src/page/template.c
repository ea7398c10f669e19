/* template.c: the set of templates, found by name. */
#include "page/template.h"
#include "page/template_render.h"

#include <stdlib.h>

struct templates {
	arena_t         *a;
	struct template *v; /* ascending by name */
	size_t           n;
};

const struct template *templates_find(const struct templates *t, str_t name)
{
	size_t low = 0, high = t ? t->n : 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int c = str_cmp(name, t->v[middle].name);
		if (c == 0)
			return &t->v[middle];
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct template *x = a, *y = b;
	return str_cmp(x->name, y->name);
}

static err_t compile(struct templates *t, const struct template_source *sources, size_t n)
{
	t->v = arena_array(t->a, n, sizeof *t->v);
	for (size_t i = 0; i < n; i++) {
		TRY(template_parse(t->a, str_copy(t->a, sources[i].name),
				   str_copy(t->a, sources[i].text), &t->v[i]));
		t->n++;
	}
	if (n)
		qsort(t->v, t->n, sizeof *t->v, by_name);
	for (size_t i = 1; i < t->n; i++)
		if (str_eq(t->v[i - 1].name, t->v[i].name))
			return err_new(ERR_CONFLICT, "there are two templates \"%.*s\"",
				       STR(t->v[i].name));
	return OK;
}

err_t templates_new(const struct template_source *sources, size_t n, struct templates **out)
{
	arena_t *a = arena_create(0);
	if (!a)
		return err_new(ERR_MEMORY, "out of memory while compiling templates");
	struct templates *t = arena_new(a, struct templates);
	t->a = a;
	err_t e = compile(t, sources, n);
	if (e)
		arena_free(a);
	else
		*out = t;
	return e;
}

void templates_free(struct templates *t)
{
	if (t)
		arena_free(t->a);
}

err_t template_render(const struct templates *t, str_t name, json_t *view, struct buf *out)
{
	const struct template *found = templates_find(t, name);
	if (!found)
		return err_new(ERR_MISSING, "there is no template \"%.*s\"", STR(name));
	return template_write(t, found, view, out);
}

err_t template_render_text(arena_t *a, str_t text, json_t *view, struct buf *out)
{
	struct template t;
	TRY(template_parse(a, S("text"), text, &t));
	return template_write(NULL, &t, view, out);
}

void template_check(const struct templates *t, arena_t *a, struct strs *report)
{
	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < t->v[i].n; k++) {
			const struct node *node = &t->v[i].nodes[k];
			if ((node->kind != NODE_PARTIAL && node->kind != NODE_PARENT) ||
			    templates_find(t, node->text))
				continue;
			err_t e = template_fault(&t->v[i], ERR_MISSING, node->at,
						 "there is no template \"%.*s\"",
						 STR(str_clip(node->text, 80)));
			strs_add(a, report, str_copy(a, str_of(err_text(e))));
			err_free(e);
		}
}
