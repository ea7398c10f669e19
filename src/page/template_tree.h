/* template_tree.h: a compiled template, shared by the parser and the renderer.
 *
 * Nodes stand in one array in the order of the source; a node that holds others says where they end.
 * Text is cut at line breaks, so that a partial's indentation can be put before each line. */
#pragma once

#include "base/base.h"

enum node_kind {
	NODE_TEXT,     /* to the end of its line at most */
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
	bool           line_start; /* what it writes begins a line of the source */
	uint32_t       end;        /* index behind its last child; for those that hold others */
	uint32_t       line;       /* in the source, for messages */
	str_t          text;       /* of NODE_TEXT, or the name */
	str_t          indent;     /* of a NODE_PARTIAL or NODE_PARENT alone in its line */
};

struct template {
	str_t        name;
	struct node *nodes;
	uint32_t     n;
};

/* Compiles `text`, which must outlive the template, as must `name`. */
err_t template_parse(arena_t *a, str_t name, str_t text, struct template *out) CHECKED;
