/* template_lines.c: see template_lines.h. */
#include "page/template_lines.h"

size_t template_space(str_t s, size_t at)
{
	unsigned char c = (unsigned char)s.p[at];
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	if (c < 0x80)
		return 0;
	size_t next = at;
	int32_t rune = str_next_rune(s, &next);
	bool space = rune == 0xa0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) ||
		     rune == 0x2028 || rune == 0x2029 || rune == 0x202f || rune == 0x205f ||
		     rune == 0x3000 || rune == 0xfeff;
	return space ? next - at : 0;
}

bool template_blank(str_t s)
{
	for (size_t i = 0, n; i < s.n; i += n)
		if (!(n = template_space(s, i)))
			return false;
	return true;
}

struct node *lines_node(struct parser *p, enum node_kind kind, str_t text, size_t at)
{
	struct template *t = p->t;
	t->nodes = arena_room(p->a, t->nodes, t->n, sizeof *t->nodes);
	struct node *node = &t->nodes[t->n++];
	*node = (struct node){ .kind = kind, .text = text, .at = (uint32_t)at, .end = t->n,
			       .first = p->line.at == 0 };
	return node;
}

/* Only blocks count in a parent; text between them is not written. */
static bool in_parent(const struct parser *p)
{
	return p->depth && p->t->nodes[p->stack[p->depth - 1].node].kind == NODE_PARENT;
}

static void clear_text(struct node *node)
{
	if (node->kind == NODE_TEXT) {
		node->text.n = 0;
		node->begins = false;
	}
}

/* Takes the text of the line away; what stands in a parent is not of the line. */
static void strip_line(struct parser *p)
{
	struct node *nodes = p->t->nodes;
	for (uint32_t i = p->line.from; i < p->t->n;) {
		clear_text(&nodes[i]);
		i = nodes[i].kind == NODE_PARENT ? nodes[i].end : i + 1;
	}
}

static void end_line(struct parser *p)
{
	if (p->line.tag && !p->line.solid)
		strip_line(p);
}

void lines_text(struct parser *p, size_t from, size_t to)
{
	if (in_parent(p))
		return;
	while (from < to) {
		size_t end = str_find_char(p->text, '\n', from);
		end = end == STR_NONE || end >= to ? to : end + 1;
		str_t piece = str_slice(p->text, from, end);
		bool begins = from == p->line.at && !str_eq(piece, S("\n"));
		lines_node(p, NODE_TEXT, piece, from)->begins = begins;
		p->line.solid |= !template_blank(piece);
		if (piece.p[piece.n - 1] == '\n') {
			end_line(p);
			p->line = (struct line){ .at = end, .from = p->t->n };
		}
		from = end;
	}
}

/* Marks where a line begins that begins with a tag. The end of a parent's block is no content of it. */
void lines_tag(struct parser *p, const struct tag *tag)
{
	bool ends_argument = tag->kind == '/' && p->depth && p->stack[p->depth - 1].argument;
	if (tag->from == p->line.at && !in_parent(p) && !ends_argument)
		lines_node(p, NODE_TEXT, S(""), tag->from)->begins = true;
	p->line.tag = true;
	if (tag->kind == 0 || tag->kind == '&' || tag->kind == '{')
		p->line.solid = true;
}

/* --- indentation --- */

static str_t before_in_line(const struct parser *p, size_t at)
{
	return str_slice(p->text, p->line.at, at);
}

static bool clear_behind(const struct parser *p, size_t at)
{
	size_t end = str_find_char(p->text, '\n', at);
	return template_blank(str_slice(p->text, at, end == STR_NONE ? p->text.n : end));
}

/* What stands before a tag as indentation: tabs stay, what is no white space counts as so many spaces
 * as UTF-16 has units for it. */
static str_t as_indent(arena_t *a, str_t before)
{
	struct buf b = buf_new(a, before.n + 1);
	for (size_t i = 0; i < before.n;) {
		size_t space = template_space(before, i), next = i;
		if (space) {
			if (before.p[i] == ' ' || before.p[i] == '\t')
				buf_add_char(&b, before.p[i]);
			i += space;
			continue;
		}
		bool two = str_next_rune(before, &next) > 0xffff;
		buf_add(&b, two ? S("  ") : S(" "));
		i = next;
	}
	return buf_str(&b);
}

static str_t leading_space(str_t s)
{
	size_t n = 0;
	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return str_slice(s, 0, n);
}

/* Takes `indent` off the lines of a block, but not off those of blocks in it that are relative. */
static void take_off(struct parser *p, uint32_t block, str_t indent)
{
	struct node *nodes = p->t->nodes;
	for (uint32_t i = block + 1; indent.n && i < p->t->n;) {
		struct node *node = &nodes[i];
		if (node->begins && str_starts(node->text, indent)) {
			node->text = str_slice(node->text, indent.n, node->text.n);
			node->begins = !str_eq(node->text, S("\n"));
		}
		if (str_starts(node->indent, indent))
			node->indent = str_slice(node->indent, indent.n, node->indent.n);
		i = node->kind == NODE_BLOCK && node->relative ? node->end : i + 1;
	}
}

/* --- blocks and parents --- */

void lines_open(struct parser *p, const struct tag *tag, enum node_kind kind)
{
	struct node *node = &p->t->nodes[p->t->n - 1];
	struct opened *o = &p->stack[p->depth];
	bool first_tag = p->line.tags++ == 0;
	str_t before = before_in_line(p, tag->from);
	if (kind == NODE_PARTIAL || kind == NODE_PARENT) {
		node->leads = first_tag;
		node->mid_line = !template_blank(before);
		node->indent = first_tag ? as_indent(p->a, before) : S("");
	}
	if (kind != NODE_SECTION && kind != NODE_INVERTED && kind != NODE_PARENT &&
	    kind != NODE_BLOCK)
		return;
	*o = (struct opened){ .node = p->t->n - 1, .line = p->line, .content = tag->to,
			      .argument = kind == NODE_BLOCK && in_parent(p),
			      .clear_left = first_tag && leading_space(before).n == before.n,
			      .clear_right = clear_behind(p, tag->to) };
	p->depth++;
	if (o->argument)
		p->line = (struct line){ .at = tag->to, .from = p->t->n, .tag = true };
	else if (kind == NODE_BLOCK)
		lines_node(p, NODE_TEXT, S(""), tag->to);
}

/* The source of a block's content from its first whole line on; empty if there is nothing in it. */
static str_t content_lines(const struct parser *p, const struct opened *o, size_t end)
{
	size_t from = str_find_char(p->text, '\n', o->content);
	str_t s = from == STR_NONE || from >= end ? S("") : str_slice(p->text, from + 1, end);
	return template_blank(s) ? S("") : s;
}

static void close_argument(struct parser *p, const struct opened *o, const struct tag *tag)
{
	if (p->line.at != o->content)
		end_line(p);
	str_t lines = content_lines(p, o, tag->from);
	if (o->clear_right && lines.n) {
		take_off(p, o->node, leading_space(lines));
		p->t->nodes[o->node].relative = true;
	}
}

/* A block that stands alone, in one line or several, indents what is put in its place. */
static void close_site(struct parser *p, const struct opened *o, const struct tag *tag)
{
	struct node *nodes = p->t->nodes, *block = &nodes[o->node];
	bool one_line = p->line.at == o->line.at;
	p->line.solid |= one_line;
	if (!o->clear_left || !clear_behind(p, tag->to))
		return;
	str_t lines = content_lines(p, o, tag->from);
	block->alone = true;
	if (!one_line && o->clear_right && lines.n) {
		block->indent = leading_space(lines);
		take_off(p, o->node, block->indent);
		block->relative = true;
		return;
	}
	block->indent = leading_space(str_slice(p->text, o->line.at, p->text.n));
	if (one_line || !o->clear_right) {
		clear_text(&nodes[o->node - 1]); /* the line's white space before the tag */
		nodes[o->node + 1].begins = tag->from > o->content;
	}
}

/* Beside other tags what a parent writes counts as text. */
static void close_parent(struct parser *p, const struct opened *o, const struct tag *tag)
{
	p->line = o->line;
	p->line.solid |= !o->clear_left || !clear_behind(p, tag->to);
}

void lines_close(struct parser *p, const struct tag *tag)
{
	struct opened o = p->stack[--p->depth];
	enum node_kind kind = p->t->nodes[o.node].kind;
	p->line.tags++;
	if (o.argument)
		close_argument(p, &o, tag);
	else if (kind == NODE_BLOCK)
		close_site(p, &o, tag);
	else if (kind == NODE_PARENT)
		close_parent(p, &o, tag);
	p->t->nodes[o.node].end = p->t->n;
}

/* Drops text that became nothing. */
static void compact(struct template *t, arena_t *a)
{
	uint32_t *moved = arena_array(a, (size_t)t->n + 1, sizeof *moved), n = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		moved[i] = n;
		if (t->nodes[i].kind != NODE_TEXT || t->nodes[i].text.n || t->nodes[i].begins)
			t->nodes[n++] = t->nodes[i];
	}
	moved[t->n] = n;
	for (uint32_t i = 0; i < n; i++)
		t->nodes[i].end = moved[t->nodes[i].end];
	t->n = n;
}

void lines_end(struct parser *p)
{
	end_line(p);
	compact(p->t, p->a);
}
