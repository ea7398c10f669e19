/* template_tree.h: a compiled template, shared by the parser and the renderer.
 *
 * Nodes stand in one array in the order of the source; a node that holds others says where they end.
 * Text is cut at line breaks, so that indentation can be put before each line. White space that
 * belongs to tags is gone: what stands here is written. */
#pragma once

#include "base/base.h"

enum node_kind {
	NODE_TEXT,     /* to the end of its line at most; empty where a line begins with a tag */
	NODE_VALUE,    /* {{x}} */
	NODE_RAW,      /* {{{x}}}, {{&x}} */
	NODE_SECTION,  /* {{#x}} */
	NODE_INVERTED, /* {{^x}} */
	NODE_PARTIAL,  /* {{>x}} */
	NODE_PARENT,   /* {{<x}}: its NODE_BLOCKs override those of x */
	NODE_BLOCK,    /* {{$x}}default{{/x}} */
};

struct node {
	enum node_kind kind;
	bool           begins;    /* text: begins a line, so indentation goes before it */
	bool           first;     /* in the first line of the template */
	bool           leads;     /* a partial or parent: no other tag before it in its line */
	bool           mid_line;  /* a partial or parent: text before it in its line */
	bool           alone;     /* a block: its content takes whole lines, indented by `indent` */
	bool           relative;  /* a block: its own indentation was taken off its content */
	uint32_t       end;       /* index behind its last child */
	uint32_t       at;        /* in the source, for messages */
	str_t          text;      /* of NODE_TEXT, or the name */
	str_t          indent;    /* of a partial, parent or block */
};

struct template {
	str_t        name;
	str_t        source;
	struct node *nodes;
	uint32_t     n;
};

/* Compiles `text`, which must outlive the template, as must `name`. */
err_t template_parse(arena_t *a, str_t name, str_t text, struct template *out) CHECKED;

/* An error at a place of the template: "template story:12:3: ...". */
err_t template_fault(const struct template *t, enum err_code code, size_t at, const char *format, ...)
	__attribute__((format(printf, 4, 5))) CHECKED;
