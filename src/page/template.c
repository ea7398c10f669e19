/* template.c: rendering: nodes against a stack of contexts. Names are looked up as npm's mustache does:
 * from the innermost context outward, a dotted name whole in each. */
#include "page/template.h"
#include "page/template_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	CONTEXTS_MOST = 128,
	DEPTH_MOST = 64,               /* partials and parents within each other */
	OUTPUT_MOST = 64 * 1024 * 1024,
	NUMBER_ROOM = 32,
};

struct templates {
	arena_t         *a;
	struct template *v; /* ascending by name */
	size_t           n;
};

/* Blocks that a {{<parent}} tag overrides. */
struct overrides {
	const struct template *t;
	uint32_t               from, to; /* its nodes */
};

struct rendering {
	const struct templates *all;
	struct buf             *out;
	size_t                  begin;     /* of ours in `out` */
	json_t                 *stack[CONTEXTS_MOST];
	int                     contexts;
	struct overrides        over[DEPTH_MOST];
	int                     overs;
	int                     depth;
	char                    indent[256];
	size_t                  nindent;
};

static err_t render_nodes(struct rendering *r, const struct template *t, uint32_t from, uint32_t to);

/* --- looking up --- */

static json_t *member(const json_t *of, str_t name, bool *there)
{
	char key[256];
	*there = false;
	if (name.n >= sizeof key)
		return NULL;
	memcpy(key, name.p, name.n);
	key[name.n] = '\0';
	json_t *v = json_object_get(of, key);
	*there = v != NULL;
	return v;
}

static json_t *look_in(json_t *context, str_t name, bool *there)
{
	json_t *v = context;
	*there = true;
	for (str_t rest = name; rest.p && *there;) {
		str_t part = str_cut(&rest, '.');
		v = member(v, part, there);
	}
	return *there ? v : NULL;
}

static json_t *look_up(const struct rendering *r, str_t name)
{
	if (str_eq(name, S(".")))
		return r->stack[r->contexts - 1];
	for (int i = r->contexts - 1; i >= 0; i--) {
		bool there;
		json_t *v = look_in(r->stack[i], name, &there);
		if (there)
			return v;
	}
	return NULL;
}

/* --- values as text, the way JavaScript writes them --- */

static void add_real(struct buf *b, double d)
{
	char digits[NUMBER_ROOM];
	if (isnan(d) || isinf(d)) {
		buf_add(b, isnan(d) ? S("NaN") : d < 0 ? S("-Infinity") : S("Infinity"));
		return;
	}
	int precision = 1;
	do
		snprintf(digits, sizeof digits, "%.*e", precision - 1, d);
	while (strtod(digits, NULL) != d && ++precision <= 17);
	const char *e = strchr(digits, 'e');
	long exponent = strtol(e + 1, NULL, 10);
	if (d == 0) {
		buf_add(b, S("0"));
	} else if (exponent >= -7 && exponent < 21) {
		int decimals = precision - 1 - (int)exponent;
		buf_add_format(b, "%.*f", decimals > 0 ? decimals : 0, d);
	} else {
		buf_add(b, str_from(digits, (size_t)(e - digits)));
		buf_add_format(b, "e%c%ld", exponent < 0 ? '-' : '+', labs(exponent));
	}
}

static void add_plain(struct buf *b, const json_t *v)
{
	size_t i;
	json_t *one;
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_NULL: return;
	case JSON_TRUE: buf_add(b, S("true")); return;
	case JSON_FALSE: buf_add(b, S("false")); return;
	case JSON_INTEGER: buf_add_int(b, json_integer_value(v)); return;
	case JSON_REAL: add_real(b, json_real_value(v)); return;
	case JSON_STRING:
		buf_add(b, str_from(json_string_value(v), json_string_length(v)));
		return;
	case JSON_OBJECT: buf_add(b, S("[object Object]")); return;
	case JSON_ARRAY:
		json_array_foreach(v, i, one) {
			if (i)
				buf_add_char(b, ',');
			add_plain(b, one);
		}
	}
}

static str_t escape_of(char c)
{
	switch (c) {
	case '&': return S("&amp;");
	case '<': return S("&lt;");
	case '>': return S("&gt;");
	case '"': return S("&quot;");
	case '\'': return S("&#39;");
	case '/': return S("&#x2F;");
	case '`': return S("&#x60;");
	case '=': return S("&#x3D;");
	default: return (str_t){ NULL, 0 };
	}
}

static void add_escaped(struct buf *b, str_t s)
{
	size_t plain = 0;
	for (size_t i = 0; i < s.n; i++) {
		str_t e = escape_of(s.p[i]);
		if (!e.n)
			continue;
		buf_add(b, str_slice(s, plain, i));
		buf_add(b, e);
		plain = i + 1;
	}
	buf_add(b, str_slice(s, plain, s.n));
}

static void add_value(struct rendering *r, const json_t *v, bool escape)
{
	if (!escape || !v) {
		add_plain(r->out, v);
		return;
	}
	if (json_is_string(v)) {
		add_escaped(r->out, str_from(json_string_value(v), json_string_length(v)));
		return;
	}
	struct buf plain = buf_new(r->out->a, NUMBER_ROOM);
	add_plain(&plain, v);
	add_escaped(r->out, buf_str(&plain));
}

/* --- nodes --- */

static bool is_false(const json_t *v)
{
	return !v || json_is_null(v) || json_is_false(v) ||
	       (json_is_integer(v) && json_integer_value(v) == 0) ||
	       (json_is_real(v) && json_real_value(v) == 0) ||
	       (json_is_string(v) && json_string_length(v) == 0);
}

static err_t render_with(struct rendering *r, const struct template *t, const struct node *node,
			 uint32_t at, json_t *context)
{
	if (r->contexts == CONTEXTS_MOST)
		return err_new(ERR_INPUT, "template %.*s:%u: contexts are nested too deep",
			       STR(t->name), node->line);
	r->stack[r->contexts++] = context;
	err_t e = render_nodes(r, t, at + 1, node->end);
	r->contexts--;
	return e;
}

static err_t render_section(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	json_t *v = look_up(r, node->text), *one;
	size_t i;
	if (is_false(v))
		return OK;
	if (json_is_true(v))
		return render_nodes(r, t, at + 1, node->end);
	if (!json_is_array(v))
		return render_with(r, t, node, at, v);
	json_array_foreach(v, i, one)
		TRY(render_with(r, t, node, at, one));
	return OK;
}

static err_t render_inverted(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	const json_t *v = look_up(r, node->text);
	if (!is_false(v) && !(json_is_array(v) && json_array_size(v) == 0))
		return OK;
	return render_nodes(r, t, at + 1, node->end);
}

static const struct template *find(const struct templates *all, str_t name)
{
	size_t low = 0, high = all ? all->n : 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int c = str_cmp(name, all->v[middle].name);
		if (c == 0)
			return &all->v[middle];
		if (c < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Renders another template in place, its lines behind the indentation of the tag. */
static err_t render_other(struct rendering *r, const struct template *from, const struct node *node)
{
	const struct template *t = find(r->all, node->text);
	if (!t)
		return OK;
	size_t had = r->nindent;
	if (r->depth == DEPTH_MOST || had + node->indent.n > sizeof r->indent)
		return err_new(ERR_INPUT, "template %.*s:%u: \"%.*s\" is nested too deep",
			       STR(from->name), node->line, STR(node->text));
	memcpy(r->indent + had, node->indent.p, node->indent.n);
	r->nindent += node->indent.n;
	r->depth++;
	err_t e = render_nodes(r, t, 0, t->n);
	r->depth--;
	r->nindent = had;
	return e;
}

static err_t render_parent(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	if (r->overs == DEPTH_MOST)
		return err_new(ERR_INPUT, "template %.*s:%u: parents are nested too deep",
			       STR(t->name), node->line);
	r->over[r->overs++] = (struct overrides){ t, at + 1, node->end };
	err_t e = render_other(r, t, node);
	r->overs--;
	return e;
}

/* The node of block `name` right among those of an override; 0 if it has none. */
static uint32_t find_block(const struct overrides *o, str_t name)
{
	for (uint32_t i = o->from; i < o->to; i = o->t->nodes[i].end)
		if (o->t->nodes[i].kind == NODE_BLOCK && str_eq(o->t->nodes[i].text, name))
			return i;
	return 0;
}

/* The outermost child that overrides the block has the last word. What it says is rendered with only
 * the overrides outside of it in sight. */
static err_t render_block(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	for (int i = 0; i < r->overs; i++) {
		const struct overrides *o = &r->over[i];
		uint32_t block = find_block(o, node->text);
		if (!block)
			continue;
		int had = r->overs;
		struct overrides kept[DEPTH_MOST];
		memcpy(kept, r->over, sizeof kept);
		r->overs = i;
		err_t e = render_nodes(r, kept[i].t, block + 1, kept[i].t->nodes[block].end);
		memcpy(r->over, kept, sizeof kept);
		r->overs = had;
		return e;
	}
	return render_nodes(r, t, at + 1, node->end);
}

static err_t render_node(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	bool empty_line = node->kind == NODE_TEXT && node->text.n == 1 && node->text.p[0] == '\n';
	if (node->line_start && r->nindent && !empty_line)
		buf_add(r->out, str_from(r->indent, r->nindent));
	switch (node->kind) {
	case NODE_TEXT: buf_add(r->out, node->text); return OK;
	case NODE_VALUE: add_value(r, look_up(r, node->text), true); return OK;
	case NODE_RAW: add_value(r, look_up(r, node->text), false); return OK;
	case NODE_SECTION: return render_section(r, t, at);
	case NODE_INVERTED: return render_inverted(r, t, at);
	case NODE_PARTIAL: return render_other(r, t, node);
	case NODE_PARENT: return render_parent(r, t, at);
	case NODE_BLOCK: return render_block(r, t, at);
	}
	return OK;
}

static err_t render_nodes(struct rendering *r, const struct template *t, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i = t->nodes[i].end) {
		TRY(render_node(r, t, i));
		if (r->out->n - r->begin > OUTPUT_MOST)
			return err_new(ERR_TOO_LARGE, "template %.*s:%u: the page is larger than %d MB",
				       STR(t->name), t->nodes[i].line, OUTPUT_MOST >> 20);
	}
	return OK;
}

static err_t render(const struct templates *all, const struct template *t, json_t *view,
		    struct buf *out)
{
	struct rendering r = { .all = all, .out = out, .begin = out->n };
	r.stack[r.contexts++] = view;
	return render_nodes(&r, t, 0, t->n);
}

/* --- the door --- */

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
	const struct template *found = find(t, name);
	if (!found)
		return err_new(ERR_MISSING, "there is no template \"%.*s\"", STR(name));
	return render(t, found, view, out);
}

err_t template_render_text(arena_t *a, str_t text, json_t *view, struct buf *out)
{
	struct template t;
	TRY(template_parse(a, S("text"), text, &t));
	return render(NULL, &t, view, out);
}

void template_check(const struct templates *t, arena_t *a, struct strs *report)
{
	for (size_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < t->v[i].n; k++) {
			const struct node *node = &t->v[i].nodes[k];
			bool names = node->kind == NODE_PARTIAL || node->kind == NODE_PARENT;
			if (names && !find(t, node->text))
				strs_add(a, report, str_format(a, "template %.*s:%u: there is no "
							       "template \"%.*s\"",
							       STR(t->v[i].name), node->line,
							       STR(node->text)));
		}
}
