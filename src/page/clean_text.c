/* clean_text.c: text, names and attributes of what clean() writes. */
#include "page/clean_writer.h"

/* --- the report --- */

void clean_lose(struct writer *w, str_t what)
{
	struct clean_report *r = w->report;
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->v[i].what, what)) {
			r->v[i].count++;
			return;
		}
	r->v = arena_room(w->a, r->v, r->n, sizeof *r->v);
	r->v[r->n++] = (struct clean_loss){ .what = str_copy(w->a, what), .count = 1 };
}

/* --- names --- */

str_t clean_name(arena_t *a, const GumboNode *node)
{
	const GumboElement *e = &node->v.element;
	if (e->tag != GUMBO_TAG_UNKNOWN)
		return str_of(gumbo_normalized_tagname(e->tag));
	GumboStringPiece piece = e->original_tag;
	gumbo_tag_from_original_text(&piece);
	return str_lower(a, str_from(piece.data ? piece.data : "", piece.length));
}

/* Something that opens needs a line that says what is behind it. */
static bool has_summary(const GumboNode *node)
{
	const GumboVector *below = &node->v.element.children;
	for (unsigned i = 0; i < below->length; i++) {
		const GumboNode *child = below->data[i];
		if (child->type == GUMBO_NODE_ELEMENT && child->v.element.tag == GUMBO_TAG_SUMMARY)
			return true;
	}
	return false;
}

static const struct element_rule *rule_of(struct writer *w, const GumboNode *node)
{
	static const struct element_rule drop = { "", "", FATE_DROP, false, NULL, NULL };
	if (node->type == GUMBO_NODE_TEMPLATE ||
	    node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return &drop;
	str_t name = clean_name(w->a, node);
	if (w->hooks && clean_is_machinery(node))
		return &drop;
	if (node->v.element.tag == GUMBO_TAG_DETAILS && !has_summary(node))
		return element_rule(S("div"));
	const struct element_rule *other = w->hooks ? clean_import_rule(node, name) : NULL;
	return other ? other : element_rule(name);
}

const struct element_rule *clean_rule(struct writer *w, const GumboNode *node)
{
	const struct element_rule *r = rule_of(w, node);
	return w->grammar == GRAMMAR_COMMENT ? comment_rule(r) : r;
}

bool clean_is_element(const GumboNode *node)
{
	return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

bool clean_is_text(const GumboNode *node)
{
	return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
	       node->type == GUMBO_NODE_CDATA;
}

/* --- text --- */

bool clean_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static void add_escaped(struct writer *w, char c)
{
	switch (c) {
	case '&': buf_add(&w->out, S("&amp;")); break;
	case '<': buf_add(&w->out, S("&lt;")); break;
	case '>': buf_add(&w->out, S("&gt;")); break;
	default:
		if ((unsigned char)c >= 0x20 && c != 0x7f)
			buf_add_char(&w->out, c);
	}
}

/* White space that waited; at the start of a line and behind a break it is nothing. */
static void add_gap(struct writer *w)
{
	bool broken = w->out.n >= 4 && memcmp(w->out.p + w->out.n - 4, "<br>", 4) == 0;
	if (w->gap && w->out.n > w->start && !broken)
		buf_add_char(&w->out, ' ');
	w->gap = false;
}

/* Runs of white space are one space; at the start of a line of text they are nothing. */
void clean_write_text(struct writer *w, str_t s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (w->in_pre) {
			if (s.p[i] == '\n' || s.p[i] == '\t')
				buf_add_char(&w->out, s.p[i]);
			else
				add_escaped(w, s.p[i]);
			continue;
		}
		if (clean_is_space(s.p[i])) {
			w->gap = true;
			continue;
		}
		add_gap(w);
		add_escaped(w, s.p[i]);
	}
}

/* Text that is an element's whole content. */
void clean_write_plain(struct writer *w, str_t s)
{
	size_t start = w->start;
	w->start = w->out.n;
	w->gap = false;
	clean_write_text(w, str_trim(s));
	w->gap = false;
	w->start = start;
}

void clean_flush_gap(struct writer *w)
{
	if (!w->in_pre)
		add_gap(w);
	w->gap = false;
}

/* --- attributes --- */

const GumboAttribute *clean_attribute(const GumboElement *e, const char *name)
{
	return gumbo_get_attribute(&e->attributes, name);
}

void clean_add_attribute(struct writer *w, const char *name, str_t value)
{
	buf_add_char(&w->out, ' ');
	buf_add(&w->out, str_of(name));
	buf_add(&w->out, S("=\""));
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if (c == '"')
			buf_add(&w->out, S("&quot;"));
		else if (c == '\'')
			buf_add(&w->out, S("&#39;"));
		else if (c == '\n' || c == '\t')
			buf_add_char(&w->out, ' ');
		else
			add_escaped(w, (char)c);
	}
	buf_add_char(&w->out, '"');
}

void clean_tell_attributes(struct writer *w, const GumboNode *node)
{
	const GumboElement *e = &node->v.element;
	str_t element = clean_name(w->a, node);
	for (unsigned i = 0; i < e->attributes.length; i++) {
		const GumboAttribute *at = e->attributes.data[i];
		str_t name = str_lower(w->a, str_of(at->name));
		if (str_starts(name, S("on")) || str_eq(name, S("srcdoc")) ||
		    str_eq(name, S("formaction")) || str_eq(name, S("style")))
			clean_lose(w, str_format(w->a, "%.*s on <%.*s>", STR(str_clip(name, 40)),
					   STR(str_clip(element, 40))));
	}
}

static str_t hooked(struct writer *w, const GumboNode *node, const struct attribute_rule *at,
		    str_t value)
{
	str_t other = { NULL, 0 };
	if (!w->hooks || !value.p)
		return value;
	if (strcmp(at->name, "href") == 0 && clean_names_file(node))
		other = w->hooks->source(w->hooks->ctx, value);
	if (!other.p && strcmp(at->name, "href") == 0)
		other = w->hooks->link(w->hooks->ctx, value);
	else if (at->rule == RULE_SOURCE)
		other = w->hooks->source(w->hooks->ctx, value);
	return other.p ? other : value;
}

enum { NAMES_MOST = 2000 }; /* notes and references in one text */

/* The name of a note may stand once; a second would lead readers astray. */
static bool takes_name(struct writer *w, str_t name)
{
	if (w->names.n == NAMES_MOST)
		return false;
	for (size_t i = 0; i < w->names.n; i++)
		if (str_eq(w->names.v[i], name))
			return false;
	strs_add(w->a, &w->names, str_copy(w->a, name));
	return true;
}

/* Within a line of its own, as a standfirst is, there are no notes; in a comment no titles either, which
 * nobody would moderate. */
static bool has_place(const struct writer *w, const struct attribute_rule *at,
		      const struct element_rule *r)
{
	bool body = at->rule == RULE_NOTE || at->rule == RULE_CLASS;
	if (w->grammar == GRAMMAR_COMMENT)
		return at->rule == RULE_URL || at->rule == RULE_START;
	return w->grammar == GRAMMAR_STORY || !body || strcmp(r->as, "a") != 0;
}

static str_t value_for(struct writer *w, const GumboNode *node, const struct element_rule *r,
		       const struct attribute_rule *at, const GumboAttribute *given)
{
	str_t value = str_of(given ? given->value : "");
	if (at->rule == RULE_OURS)
		return clean_ours(w, value);
	value = hooked(w, node, at, attribute_value(w->a, r, at, value));
	return value.p && at->rule == RULE_NOTE && !takes_name(w, value) ? (str_t){ NULL, 0 } : value;
}

static void write_attributes(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	const GumboElement *e = &node->v.element;
	for (const struct attribute_rule *at = r->attributes; at && at->name; at++) {
		const GumboAttribute *given = clean_attribute(e, at->name);
		if (at->rule == RULE_SWITCH) {
			buf_add_format(&w->out, " %s", at->name);
			continue;
		}
		bool always = strcmp(at->name, "alt") == 0 || at->rule == RULE_TRACK;
		bool player = r->fate == FATE_PLAYER && strcmp(at->name, "src") == 0;
		if ((!given && !always && !player) || !has_place(w, at, r))
			continue;
		str_t value = player ? clean_ours(w, clean_source(node))
				     : value_for(w, node, r, at, given);
		if (value.p)
			clean_add_attribute(w, at->name, value);
		else if (at->rule == RULE_URL || at->rule == RULE_SOURCE || at->rule == RULE_OURS)
			clean_lose(w, str_format(w->a, "the address in %s of <%s>", at->name, r->as));
	}
}

/* Whether the element, as it came, is worth its tags: a picture without a source is none. */
bool clean_is_hollow(const GumboNode *node, const struct element_rule *r)
{
	const GumboElement *e = &node->v.element;
	const GumboAttribute *src = clean_attribute(e, "src"), *class = clean_attribute(e, "class");
	if (r->fate == FATE_PLAYER)
		return !url_is_safe(clean_source(node), true);
	if (r->fate == FATE_VOID && r->attributes)
		return !src || !url_is_safe(str_trim(str_of(src->value)), true);
	if (strcmp(r->as, "span") == 0 || strcmp(r->as, "div") == 0 ||
	    strcmp(r->as, "section") == 0) {
		const struct attribute_rule rule = { "class", RULE_CLASS };
		return !class || !attribute_value(NULL, r, &rule, str_of(class->value)).p;
	}
	if (strcmp(r->as, "a") == 0) {
		const GumboAttribute *href = clean_attribute(e, "href");
		return !href || !url_is_safe(str_trim(str_of(href->value)), false);
	}
	return false;
}

/* Search engines shall not take a reader's link for the newspaper's word. */
static bool leads_away(const GumboNode *node)
{
	const GumboAttribute *href = clean_attribute(&node->v.element, "href");
	str_t to = str_trim(str_of(href ? href->value : ""));
	return !str_starts(to, S("/")) || str_starts(to, S("//")) || str_starts(to, S("/\\"));
}

void clean_open_tag(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	buf_add_char(&w->out, '<');
	buf_add(&w->out, str_of(r->as));
	write_attributes(w, node, r);
	if (w->grammar == GRAMMAR_COMMENT && strcmp(r->as, "a") == 0 && leads_away(node))
		buf_add(&w->out, S(" rel=\"nofollow ugc\""));
	buf_add_char(&w->out, '>');
}

void clean_close_tag(struct writer *w, const struct element_rule *r)
{
	buf_add_format(&w->out, "</%s>", r->as);
}
