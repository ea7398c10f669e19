/* clean_writer.h: what the files behind clean() share: the writer, and its steps.
 *
 * clean.c parses and is the door; clean_write.c writes a tree in one of two moods, among blocks or within
 * a line; clean_text.c writes text and attributes; clean_import.c knows what other systems write. */
#pragma once

#include "page/clean.h"
#include "page/clean_grammar.h"
#include "page/clean_parts.h"

#include <gumbo.h>

enum {
	CLEAN_DEPTH_MOST = 400, /* elements within each other: no text needs twenty */
};

struct writer {
	arena_t             *a;
	struct buf           out;
	enum grammar         grammar;
	struct clean_report *report;
	int                  depth;
	bool                 in_link;
	bool                 in_pre;
	bool                 captions; /* a picture alone with a title becomes a figure (Markdown) */
	const struct clean_hooks *hooks; /* for imports; NULL otherwise */
	bool                 open;     /* a paragraph that gathers bare text */
	bool                 gap;      /* white space waits for the next text */
	const struct element_rule *parent; /* whose tags stand around; NULL at the top */
	size_t               start;    /* of the open paragraph or line in `out` */
	struct strs          names;    /* the id of every note and reference so far */
};

/* --- clean_text.c --- */

void clean_lose(struct writer *w, str_t what);
bool clean_is_space(char c);
bool clean_is_text(const GumboNode *node);
bool clean_is_element(const GumboNode *node);
str_t clean_name(arena_t *a, const GumboNode *node);
const struct element_rule *clean_rule(struct writer *w, const GumboNode *node);
const GumboAttribute *clean_attribute(const GumboElement *e, const char *name);
void clean_write_text(struct writer *w, str_t s);
void clean_write_plain(struct writer *w, str_t s); /* as an element's whole content */
void clean_flush_gap(struct writer *w);
void clean_add_attribute(struct writer *w, const char *name, str_t value);
void clean_tell_attributes(struct writer *w, const GumboNode *node);
bool clean_is_hollow(const GumboNode *node, const struct element_rule *r);
void clean_open_tag(struct writer *w, const GumboNode *node, const struct element_rule *r);
void clean_close_tag(struct writer *w, const struct element_rule *r);

/* --- clean_import.c: true if it wrote the node --- */

bool clean_has_class(const GumboNode *node, const char *class);
bool clean_is_machinery(const GumboNode *node);
bool clean_write_frame(struct writer *w, const GumboNode *node);
bool clean_write_absent(struct writer *w, const GumboNode *node, const struct element_rule *r);
bool clean_write_address(struct writer *w, const GumboNode *node);
/* A file that is not here, as a link with these words. */
void clean_write_gone(struct writer *w, str_t url, str_t words, const struct element_rule *r);
/* Whether a link is that of a card for a file. */
bool clean_names_file(const GumboNode *node);
/* What other systems' elements are here; NULL if they are what they seem. */
const struct element_rule *clean_import_rule(const GumboNode *node, str_t name);

/* --- clean_media.c --- */

/* A player's source: its own, or that of its first <source>. */
str_t clean_source(const GumboNode *node);
/* An address under /media/, if need be by an import's hook; {NULL, 0} if it is none. */
str_t clean_ours(struct writer *w, str_t url);
void clean_write_player(struct writer *w, const GumboNode *node, const struct element_rule *r);

/* --- clean_write.c --- */

void clean_write_story(struct writer *w, const GumboVector *top);
void clean_write_inline(struct writer *w, const GumboVector *top);
