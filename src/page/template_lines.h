/* template_lines.h: what white space of a template's source is written, and before which lines
 * indentation goes. The parser tells of text and tags in order; this keeps the line.
 *
 * A line that holds tags but nothing else that is written goes, with its break. That is
 * the specification's rule for a tag alone in its line, said so that it also covers several; npm's
 * mustache does the same. A partial's lines stand behind what stands before its tag. A {{<parent}} with
 * all that is in it counts as one tag; each block in it has lines of its own. */
#pragma once

#include "page/template_tree.h"

enum { TEMPLATE_NESTED_MOST = 64 };

struct line {
	size_t   at;    /* of its first byte in the source */
	uint32_t from;  /* its first node */
	uint32_t tags;  /* in it so far */
	bool     tag;   /* it holds one */
	bool     solid; /* something in it is written */
};

/* A section, parent or block whose end has not come. */
struct opened {
	uint32_t    node;
	struct line line;        /* as it stood at the tag */
	size_t      content;     /* offset behind the tag */
	bool        argument;    /* a block right in a parent */
	bool        clear_left;  /* white space alone before the tag in its line ... */
	bool        clear_right; /* ... and behind */
};

struct parser {
	arena_t         *a;
	struct template *t;
	str_t            text;
	str_t            open, close; /* delimiters */
	struct line      line;
	struct opened    stack[TEMPLATE_NESTED_MOST];
	uint32_t         depth;
};

/* One tag as it stands: "{{# name }}". */
struct tag {
	char   kind; /* '#', '^', '/', '>', '<', '$', '!', '=', '&', '{' or 0 */
	str_t  name;
	size_t from, to; /* of the whole tag */
};

/* The bytes of the white space character at s.p[at], as JavaScript's \s counts it; 0 if it is none. */
size_t template_space(str_t s, size_t at);
bool   template_blank(str_t s);

struct node *lines_node(struct parser *p, enum node_kind kind, str_t text, size_t at);

void lines_text(struct parser *p, size_t from, size_t to);
void lines_tag(struct parser *p, const struct tag *tag); /* before its node is added */
void lines_open(struct parser *p, const struct tag *tag, enum node_kind kind);
void lines_close(struct parser *p, const struct tag *tag);
void lines_end(struct parser *p);
