/* template_render.c: nodes against a stack of contexts. What grows with a template's or view's malice
 * has a bound: depth, steps, indentation, output. */
#include "page/template_render.h"
#include "page/template_value.h"

enum {
	CONTEXTS_MOST = 256,
	PARTIALS_MOST = 64,              /* partials and parents within each other */
	NESTED_MOST = 1024,              /* sections, blocks and partials within each other */
	STEPS_MOST = 5 * 1000 * 1000,    /* a large page takes some thousands */
	INDENT_MOST = 4096,              /* of all indentation that is waiting */
	OUTPUT_MOST = 64 * 1024 * 1024,
};

/* Blocks that a {{<parent}} tag overrides; the outer ones go before. */
struct overrides {
	const struct template  *t;
	uint32_t                from, to; /* its nodes */
	const struct overrides *outer;
};

/* What goes before each line. */
struct indent {
	size_t from, n;    /* in the rendering's `indents` */
	bool   skip_first; /* not before the template's first line: it stands behind other text */
};

struct rendering {
	const struct templates *all;
	struct buf             *out;
	size_t                  begin; /* of ours in `out` */
	struct value            contexts[CONTEXTS_MOST];
	int                     ncontexts, partials, nested;
	int64_t                 steps;
	const struct overrides *over; /* the innermost */
	struct indent           indent;
	char                    indents[INDENT_MOST];
};

static err_t write_nodes(struct rendering *r, const struct template *t, uint32_t from, uint32_t to);

static err_t too_deep(const struct template *t, const struct node *node)
{
	return template_fault(t, ERR_INPUT, node->at, "\"%.*s\" is nested too deep",
			      STR(str_clip(node->text, 80)));
}

/* --- sections --- */

static struct value look_up(const struct rendering *r, const struct node *node)
{
	return value_look_up(r->contexts, r->ncontexts, node->text);
}

static err_t write_children(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	if (r->nested == NESTED_MOST)
		return too_deep(t, node);
	r->nested++;
	err_t e = write_nodes(r, t, at + 1, node->end);
	r->nested--;
	return e;
}

static err_t write_with(struct rendering *r, const struct template *t, uint32_t at,
			struct value context)
{
	if (r->ncontexts == CONTEXTS_MOST)
		return too_deep(t, &t->nodes[at]);
	r->contexts[r->ncontexts++] = context;
	err_t e = write_children(r, t, at);
	r->ncontexts--;
	return e;
}

static err_t write_section(struct rendering *r, const struct template *t, uint32_t at)
{
	struct value v = look_up(r, &t->nodes[at]);
	size_t i;
	json_t *one;
	if (value_is_false(v))
		return OK;
	if (json_is_true(v.json))
		return write_children(r, t, at);
	if (!json_is_array(v.json))
		return write_with(r, t, at, v);
	json_array_foreach(v.json, i, one)
		TRY(write_with(r, t, at, value_of(one)));
	return OK;
}

static err_t write_inverted(struct rendering *r, const struct template *t, uint32_t at)
{
	struct value v = look_up(r, &t->nodes[at]);
	bool empty = json_is_array(v.json) && json_array_size(v.json) == 0;
	return value_is_false(v) || empty ? write_children(r, t, at) : OK;
}

/* --- indentation --- */

/* That of the lines of something in `node`'s place: that of the node's own line, if it has any, and
 * `more`. */
static bool indent_more(struct rendering *r, const struct node *node, str_t more, struct indent *out)
{
	struct indent now = r->indent;
	bool bare = now.skip_first && node->first;
	*out = (struct indent){ now.from, now.n, false };
	if (bare)
		*out = (struct indent){ now.from + now.n, 0, false };
	if (out->from + out->n + more.n > INDENT_MOST)
		return false;
	if (more.n)
		memcpy(r->indents + out->from + out->n, more.p, more.n);
	out->n += more.n;
	return true;
}

static struct indent no_indent(const struct rendering *r)
{
	return (struct indent){ r->indent.from + r->indent.n, 0, false };
}

/* --- other templates --- */

/* A partial is a parent without overrides of its own: those around it hold in it, too. */
static err_t write_other(struct rendering *r, const struct template *from, const struct node *node)
{
	const struct template *t = templates_find(r->all, node->text);
	struct indent had = r->indent, more = no_indent(r);
	if (!t)
		return OK;
	if (r->partials == PARTIALS_MOST || r->nested == NESTED_MOST ||
	    (node->leads && !indent_more(r, node, node->indent, &more)))
		return too_deep(from, node);
	more.skip_first = node->mid_line;
	r->indent = more;
	r->partials++;
	r->nested++;
	err_t e = write_nodes(r, t, 0, t->n);
	r->nested--;
	r->partials--;
	r->indent = had;
	return e;
}

static err_t write_parent(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	struct overrides mine = { t, at + 1, node->end, r->over };
	r->over = &mine;
	err_t e = write_other(r, t, node);
	r->over = mine.outer;
	return e;
}

/* The block `name` right among the nodes of an override; 0 if it has none (a parent's tag stands before
 * it). */
static uint32_t find_block(const struct overrides *o, str_t name)
{
	for (uint32_t i = o->from; i < o->to; i = o->t->nodes[i].end)
		if (o->t->nodes[i].kind == NODE_BLOCK && str_eq(o->t->nodes[i].text, name))
			return i;
	return 0;
}

static err_t write_block_content(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct overrides *found = NULL, *had = r->over;
	uint32_t block = 0;
	for (const struct overrides *o = r->over; o; o = o->outer) {
		uint32_t it = find_block(o, t->nodes[at].text);
		if (it) {
			found = o;
			block = it;
		}
	}
	if (!found)
		return write_children(r, t, at);
	if (!t->nodes[at].alone)
		r->indent = no_indent(r);
	/* Blocks in what it says are its own template's: those around it may override them. */
	r->over = found->outer;
	err_t e = write_children(r, found->t, block);
	r->over = had;
	return e;
}

/* The outermost override has the last word. */
static err_t write_block(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	struct indent had = r->indent;
	if (node->alone && !indent_more(r, node, node->indent, &r->indent))
		return too_deep(t, node);
	err_t e = write_block_content(r, t, at);
	r->indent = had;
	return e;
}

/* --- all --- */

static void write_text(struct rendering *r, const struct node *node)
{
	if (node->begins && r->indent.n && !(r->indent.skip_first && node->first))
		buf_add(r->out, str_from(r->indents + r->indent.from, r->indent.n));
	buf_add(r->out, node->text);
}

static err_t write_node(struct rendering *r, const struct template *t, uint32_t at)
{
	const struct node *node = &t->nodes[at];
	switch (node->kind) {
	case NODE_TEXT: write_text(r, node); return OK;
	case NODE_VALUE: value_write(r->out, look_up(r, node), true); return OK;
	case NODE_RAW: value_write(r->out, look_up(r, node), false); return OK;
	case NODE_SECTION: return write_section(r, t, at);
	case NODE_INVERTED: return write_inverted(r, t, at);
	case NODE_PARTIAL: return write_other(r, t, node);
	case NODE_PARENT: return write_parent(r, t, at);
	case NODE_BLOCK: return write_block(r, t, at);
	}
	return OK;
}

static err_t check_bounds(struct rendering *r, const struct template *t, uint32_t at)
{
	size_t place = at < t->n ? t->nodes[at].at : t->source.n;
	if (++r->steps > STEPS_MOST)
		return template_fault(t, ERR_TOO_LARGE, place, "the page takes more than %d steps",
				      STEPS_MOST);
	if (r->out->n - r->begin > OUTPUT_MOST)
		return template_fault(t, ERR_TOO_LARGE, place, "the page is larger than %d MB",
				      OUTPUT_MOST >> 20);
	return OK;
}

static err_t write_nodes(struct rendering *r, const struct template *t, uint32_t from, uint32_t to)
{
	TRY(check_bounds(r, t, from)); /* an empty section in a list costs, too */
	for (uint32_t i = from; i < to; i = t->nodes[i].end) {
		TRY(write_node(r, t, i));
		TRY(check_bounds(r, t, i));
	}
	return OK;
}

err_t template_write(const struct templates *all, const struct template *t, const json_t *view,
		     struct buf *out)
{
	struct rendering r = { .all = all, .out = out, .begin = out->n };
	r.contexts[r.ncontexts++] = value_of(view);
	return write_nodes(&r, t, 0, t->n);
}
