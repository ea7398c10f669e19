/* template_parse.c: Mustache into nodes: one pass over the text, a stack of open sections. Which white
 * space is written is told in template_lines.c. */
#include "page/template_lines.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	TEXT_MOST = 4 * 1024 * 1024, /* a template is written by hand */
	DELIMITER_MOST = 16,
};

static void place_of(str_t text, size_t at, size_t *line, size_t *column)
{
	size_t start = 0;
	*line = 1;
	for (size_t i = 0; i < at && i < text.n; i++)
		if (text.p[i] == '\n') {
			++*line;
			start = i + 1;
		}
	*column = 1 + str_runes(str_slice(text, start, at));
}

err_t template_fault(const struct template *t, enum err_code code, size_t at, const char *format, ...)
{
	char what[400];
	size_t line, column;
	va_list ap;
	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	place_of(t->source, at, &line, &column);
	return err_new(code, "template %.*s:%zu:%zu: %s", STR(t->name), line, column, what);
}

/* A name in a message. */
#define NAMED(s) STR(str_clip((s), 80))

static err_t fault(const struct parser *p, size_t at, const char *what)
{
	return template_fault(p->t, ERR_INPUT, at, "%s", what);
}

/* --- tags --- */

static size_t skip_space(str_t s, size_t at)
{
	for (size_t n; at < s.n && (n = template_space(s, at)) > 0;)
		at += n;
	return at;
}

static str_t trim_end(str_t s)
{
	size_t n = 0;
	for (size_t i = 0, space; i < s.n; i += space ? space : 1) {
		space = template_space(s, i);
		if (!space)
			n = i + 1;
	}
	return str_slice(s, 0, n);
}

/* The tag that begins at `from`. In {{=a b=}} the name is what stands between the two signs. */
static err_t read_tag(struct parser *p, size_t from, struct tag *tag)
{
	size_t at = skip_space(p->text, from + p->open.n), end;
	*tag = (struct tag){ .from = from };
	if (at < p->text.n && p->text.p[at] && strchr("#^/><$!=&{", p->text.p[at]))
		tag->kind = p->text.p[at++];
	at = skip_space(p->text, at);
	str_t close = p->close;
	if (tag->kind == '{')
		close = str_format(p->a, "}%.*s", STR(p->close));
	end = tag->kind == '=' ? str_find_char(p->text, '=', at) : str_find(p->text, close, at);
	if (end == STR_NONE)
		return fault(p, from, "the tag is not closed");
	tag->name = trim_end(str_slice(p->text, at, end));
	if (tag->kind == '=' && (end = str_find(p->text, close, end)) == STR_NONE)
		return fault(p, from, "the tag is not closed");
	tag->to = end + close.n;
	if (tag->kind != '!' && !tag->name.n)
		return fault(p, from, "the tag has no name");
	return OK;
}

static err_t set_delimiters(struct parser *p, const struct tag *tag)
{
	str_t name = tag->name;
	size_t n = 0;
	while (n < name.n && !template_space(name, n))
		n++;
	str_t open = str_slice(name, 0, n);
	str_t close = str_slice(name, skip_space(name, n), name.n);
	bool one = true;
	for (size_t i = 0; i < close.n; i++)
		one &= !template_space(close, i);
	if (!close.n || !one || open.n > DELIMITER_MOST || close.n > DELIMITER_MOST)
		return fault(p, tag->from, "delimiters are two words, as in {{=<% %>=}}");
	p->open = open;
	p->close = close;
	return OK;
}

static err_t add(struct parser *p, const struct tag *tag, enum node_kind kind)
{
	bool holds = kind != NODE_VALUE && kind != NODE_RAW && kind != NODE_PARTIAL;
	if (holds && p->depth == TEMPLATE_NESTED_MOST)
		return template_fault(p->t, ERR_INPUT, tag->from,
				      "\"%.*s\" is in more than %d sections", NAMED(tag->name),
				      TEMPLATE_NESTED_MOST);
	lines_node(p, kind, tag->name, tag->from);
	lines_open(p, tag, kind);
	return OK;
}

static err_t close_section(struct parser *p, const struct tag *tag)
{
	if (p->depth == 0)
		return template_fault(p->t, ERR_INPUT, tag->from,
				      "\"%.*s\" is closed but not open", NAMED(tag->name));
	const struct node *node = &p->t->nodes[p->stack[p->depth - 1].node];
	if (!str_eq(node->text, tag->name))
		return template_fault(p->t, ERR_INPUT, tag->from,
				      "\"%.*s\" is closed while \"%.*s\" is open",
				      NAMED(tag->name), NAMED(node->text));
	lines_close(p, tag);
	return OK;
}

static err_t add_tag(struct parser *p, const struct tag *tag)
{
	switch (tag->kind) {
	case 0: return add(p, tag, NODE_VALUE);
	case '{':
	case '&': return add(p, tag, NODE_RAW);
	case '#': return add(p, tag, NODE_SECTION);
	case '^': return add(p, tag, NODE_INVERTED);
	case '$': return add(p, tag, NODE_BLOCK);
	case '<': return add(p, tag, NODE_PARENT);
	case '>': return add(p, tag, NODE_PARTIAL);
	case '/': return close_section(p, tag);
	default:
		p->line.tags++;
		return tag->kind == '=' ? set_delimiters(p, tag) : OK; /* or a comment */
	}
}

static err_t parse(struct parser *p)
{
	size_t at = 0;
	for (size_t from; (from = str_find(p->text, p->open, at)) != STR_NONE;) {
		struct tag tag;
		TRY(read_tag(p, from, &tag));
		lines_text(p, at, from);
		lines_tag(p, &tag);
		TRY(add_tag(p, &tag));
		at = tag.to;
	}
	if (p->depth) {
		const struct node *node = &p->t->nodes[p->stack[p->depth - 1].node];
		return template_fault(p->t, ERR_INPUT, node->at, "\"%.*s\" is not closed",
				      NAMED(node->text));
	}
	lines_text(p, at, p->text.n);
	lines_end(p);
	return OK;
}

err_t template_parse(arena_t *a, str_t name, str_t text, struct template *out)
{
	size_t bad = 0;
	*out = (struct template){ .name = name, .source = text };
	if (text.n > TEXT_MOST)
		return err_new(ERR_TOO_LARGE, "template %.*s is larger than %d MB", STR(name),
			       TEXT_MOST >> 20);
	if (!str_is_utf8(text, &bad))
		return template_fault(out, ERR_INPUT, bad, "this is not UTF-8");
	struct parser p = { .a = a, .t = out, .text = text, .open = S("{{"), .close = S("}}") };
	return parse(&p);
}
