/* template_parse.c: Mustache into nodes: one pass over the text, a stack of open sections. */
#include "page/template_tree.h"

enum {
	TEXT_MOST = 4 * 1024 * 1024, /* a template is written by hand */
	DEPTH_MOST = 64,
	DELIMITER_MOST = 16,
};

struct parser {
	arena_t         *a;
	struct template *t;
	str_t            text;
	str_t            open, close;     /* delimiters */
	size_t           line_start;      /* of the current line in the text */
	uint32_t         line;
	uint32_t         stack[DEPTH_MOST];
	int              depth;
};

/* One tag as it stands: "{{# name }}". */
struct tag {
	char   kind; /* '#', '^', '/', '>', '<', '$', '!', '=', '&', '{' or 0 */
	str_t  name;
	size_t from, to; /* of the whole tag */
};

static uint32_t line_of(const struct parser *p, size_t at)
{
	uint32_t line = 1;
	for (size_t i = 0; i < at && i < p->text.n; i++)
		line += p->text.p[i] == '\n';
	return line;
}

static size_t column_of(const struct parser *p, size_t at)
{
	size_t column = 1;
	while (at > 0 && p->text.p[at - 1] != '\n') {
		at--;
		column++;
	}
	return column;
}

static err_t fault(const struct parser *p, size_t at, const char *what, str_t name)
{
	return err_new(ERR_INPUT, "template %.*s:%u:%zu: %s%s%.*s%s", STR(p->t->name),
		       line_of(p, at), column_of(p, at), what, name.n ? " \"" : "",
		       STR(str_clip(name, 80)), name.n ? "\"" : "");
}

static struct node *add_node(struct parser *p, enum node_kind kind, str_t text, bool line_start)
{
	struct template *t = p->t;
	t->nodes = arena_room(p->a, t->nodes, t->n, sizeof *t->nodes);
	struct node *node = &t->nodes[t->n++];
	*node = (struct node){ .kind = kind, .text = text, .line_start = line_start,
			       .line = p->line, .end = t->n };
	return node;
}

/* Adds text[from, to), a node for each line. */
static void add_text(struct parser *p, size_t from, size_t to)
{
	while (from < to) {
		size_t end = str_find_char(p->text, '\n', from);
		end = end == STR_NONE || end >= to ? to : end + 1;
		add_node(p, NODE_TEXT, str_slice(p->text, from, end), from == p->line_start);
		if (p->text.p[end - 1] == '\n') {
			p->line_start = end;
			p->line++;
		}
		from = end;
	}
}

static bool is_blank(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			return false;
	return true;
}

/* If the tag is alone in its line: where the line's white space begins and where the next line does. */
static bool stands_alone(const struct parser *p, const struct tag *tag, size_t *from, size_t *to)
{
	size_t start = tag->from;
	while (start > 0 && p->text.p[start - 1] != '\n')
		start--;
	if (!is_blank(str_slice(p->text, start, tag->from)))
		return false;
	size_t end = tag->to;
	while (end < p->text.n && (p->text.p[end] == ' ' || p->text.p[end] == '\t'))
		end++;
	if (end < p->text.n && p->text.p[end] == '\r' && end + 1 < p->text.n &&
	    p->text.p[end + 1] == '\n')
		end++;
	if (end < p->text.n && p->text.p[end] != '\n')
		return false;
	*from = start;
	*to = end < p->text.n ? end + 1 : end;
	return true;
}

/* --- tags --- */

static err_t read_tag(struct parser *p, size_t from, struct tag *tag)
{
	size_t at = from + p->open.n;
	*tag = (struct tag){ .from = from };
	while (at < p->text.n && (p->text.p[at] == ' ' || p->text.p[at] == '\t' ||
				  p->text.p[at] == '\n' || p->text.p[at] == '\r'))
		at++;
	if (at < p->text.n && strchr("#^/><$!=&{", p->text.p[at]) && p->text.p[at])
		tag->kind = p->text.p[at++];
	str_t close = p->close;
	if (tag->kind == '{')
		close = str_format(p->a, "}%.*s", STR(p->close));
	if (tag->kind == '=')
		close = str_format(p->a, "=%.*s", STR(p->close));
	size_t end = str_find(p->text, close, at);
	if (end == STR_NONE)
		return fault(p, from, "a tag is not closed", S(""));
	tag->name = str_trim(str_slice(p->text, at, end));
	tag->to = end + close.n;
	if (tag->kind != '!' && !tag->name.n)
		return fault(p, from, "a tag has no name", S(""));
	return OK;
}

static err_t set_delimiters(struct parser *p, const struct tag *tag)
{
	str_t rest = tag->name;
	size_t space = 0;
	while (space < rest.n && rest.p[space] != ' ' && rest.p[space] != '\t' &&
	       rest.p[space] != '\n' && rest.p[space] != '\r')
		space++;
	str_t open = str_slice(rest, 0, space), close = str_trim(str_slice(rest, space, rest.n));
	bool one = str_find_char(close, ' ', 0) == STR_NONE &&
		   str_find_char(close, '=', 0) == STR_NONE &&
		   str_find_char(open, '=', 0) == STR_NONE;
	if (!open.n || !close.n || !one || open.n > DELIMITER_MOST || close.n > DELIMITER_MOST)
		return fault(p, tag->from, "delimiters are two words without \"=\", as {{=<% %>=}}",
			     S(""));
	p->open = open;
	p->close = close;
	return OK;
}

static err_t open_section(struct parser *p, enum node_kind kind, const struct tag *tag,
			  bool line_start)
{
	if (p->depth == DEPTH_MOST)
		return fault(p, tag->from, "sections are nested too deep", tag->name);
	p->stack[p->depth++] = p->t->n;
	add_node(p, kind, tag->name, line_start);
	return OK;
}

static err_t close_section(struct parser *p, const struct tag *tag)
{
	if (p->depth == 0)
		return fault(p, tag->from, "there is no open section", tag->name);
	struct node *node = &p->t->nodes[p->stack[--p->depth]];
	if (!str_eq(node->text, tag->name))
		return fault(p, tag->from, "another section is open than", tag->name);
	node->end = p->t->n;
	return OK;
}

static err_t add_tag(struct parser *p, const struct tag *tag, bool line_start, str_t indent)
{
	switch (tag->kind) {
	case 0: add_node(p, NODE_VALUE, tag->name, line_start); return OK;
	case '{':
	case '&': add_node(p, NODE_RAW, tag->name, line_start); return OK;
	case '#': return open_section(p, NODE_SECTION, tag, line_start);
	case '^': return open_section(p, NODE_INVERTED, tag, line_start);
	case '$': return open_section(p, NODE_BLOCK, tag, line_start);
	case '<':
		TRY(open_section(p, NODE_PARENT, tag, line_start));
		p->t->nodes[p->t->n - 1].indent = indent;
		return OK;
	case '>': add_node(p, NODE_PARTIAL, tag->name, line_start)->indent = indent; return OK;
	case '/': return close_section(p, tag);
	case '=': return set_delimiters(p, tag);
	default: return OK; /* a comment */
	}
}

static bool may_stand_alone(char kind)
{
	return kind && strchr("#^/><$!=", kind);
}

static void skip_lines(struct parser *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (p->text.p[i] == '\n') {
			p->line++;
			p->line_start = i + 1;
		}
}

static err_t parse(struct parser *p)
{
	size_t at = 0;
	for (;;) {
		size_t from = str_find(p->text, p->open, at);
		if (from == STR_NONE)
			break;
		struct tag tag;
		size_t before = from, after;
		TRY(read_tag(p, from, &tag));
		after = tag.to;
		bool alone = may_stand_alone(tag.kind) && stands_alone(p, &tag, &before, &after);
		str_t indent = alone ? str_slice(p->text, before, from) : S("");
		if (alone && before < at)
			before = at; /* white space that an earlier tag of the line took */
		add_text(p, at, before);
		TRY(add_tag(p, &tag, !alone && from == p->line_start, indent));
		skip_lines(p, alone ? before : tag.from, after);
		at = after;
	}
	add_text(p, at, p->text.n);
	if (p->depth)
		return err_new(ERR_INPUT, "template %.*s:%u: the section \"%.*s\" is not closed",
			       STR(p->t->name), p->t->nodes[p->stack[p->depth - 1]].line,
			       STR(p->t->nodes[p->stack[p->depth - 1]].text));
	return OK;
}

err_t template_parse(arena_t *a, str_t name, str_t text, struct template *out)
{
	*out = (struct template){ .name = name };
	if (text.n > TEXT_MOST)
		return err_new(ERR_TOO_LARGE, "template %.*s is larger than %d bytes", STR(name),
			       TEXT_MOST);
	struct parser p = { .a = a, .t = out, .text = text, .open = S("{{"), .close = S("}}"),
			    .line = 1 };
	return parse(&p);
}
