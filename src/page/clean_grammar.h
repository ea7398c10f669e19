/* clean_grammar.h: what may be written, as data: elements, their attributes, the rule of each. */
#pragma once

#include "base/base.h"

#include <gumbo.h>

/* What becomes of an element. Those that are in no table give way to their content. */
enum fate {
	FATE_UNWRAP, /* its content stays */
	FATE_DROP,   /* and its content goes too */
	FATE_INLINE, /* phrasing: within lines of text */
	FATE_VOID,   /* phrasing without content */
	FATE_PLAYER, /* a recording: phrasing that holds tracks only */
	FATE_BLOCK,  /* holds phrasing only: p, h2, summary */
	FATE_FLOW,   /* holds blocks; bare text in it becomes paragraphs: blockquote, aside */
	FATE_LOOSE,  /* holds blocks or bare text: li, td, figure */
	FATE_LIST,   /* holds items only */
	FATE_TABLE,  /* holds table parts only */
	FATE_PRE,
};

enum value_rule {
	RULE_URL,     /* http, https, mailto, tel, or relative */
	RULE_SOURCE,  /* http, https or relative */
	RULE_OURS,    /* under /media/: what was taken in here */
	RULE_TEXT,
	RULE_NUMBER,  /* 1 to 10000 */
	RULE_SPAN,    /* 1 to 100 */
	RULE_START,   /* any whole number of at most six digits */
	RULE_SCOPE,   /* row, col */
	RULE_CLASS,   /* one of the element's classes */
	RULE_LAZY,
	RULE_NOTE,    /* "fn-1", "fnref-1", "fnref-1-2": each once in a text */
	RULE_TRACK,   /* captions, subtitles, descriptions */
	RULE_LANGUAGE,
	RULE_SWITCH,  /* written without value */
};

struct attribute_rule {
	const char     *name;
	enum value_rule rule;
};

struct element_rule {
	const char                  *name;    /* as it comes */
	const char                  *as;      /* as it is written */
	enum fate                    fate;
	bool                         in_line; /* allowed in GRAMMAR_INLINE */
	const struct attribute_rule *attributes; /* ended by a NULL name; NULL: none */
	const char *const           *classes;    /* for RULE_CLASS, ended by NULL */
};

/* The rule for an element of HTML; never NULL. */
const struct element_rule *element_rule(str_t name);

/* The same within a comment: what has no place there gives way to its content. */
const struct element_rule *comment_rule(const struct element_rule *r);

/* That of a <track>, which stands within a player only. */
const struct element_rule *track_rule(void);

/* Elements whose going is nothing to tell about: they only grouped. */
bool element_is_neutral(str_t name);

/* The value as it may be written, or {NULL, 0}. `why`, if not NULL, is what to report of a refusal. */
str_t attribute_value(arena_t *a, const struct element_rule *e, const struct attribute_rule *rule,
		      str_t value);

/* True for what RULE_OURS takes, and for what RULE_LANGUAGE does. */
bool url_is_ours(str_t url);
bool language_is_tag(str_t tag);

/* True for http:, https:, mailto: and tel: addresses and for relative ones; nothing else. */
bool url_is_safe(str_t url, bool source);
