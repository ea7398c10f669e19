/* clean.c: see clean.h. gumbo makes a tree as a browser would; the writer below walks it and writes
 * what the grammar (clean_grammar.c) allows, in one of two moods: among blocks, where bare text is
 * gathered into paragraphs, or within a line, where blocks give way to their content. */
#include "page/clean.h"
#include "page/clean_grammar.h"
#include "page/clean_parts.h"

#include <gumbo.h>

enum {
	INPUT_MOST = 8 * 1024 * 1024, /* bytes; the press takes at most half of it */
	DEPTH_MOST = 400,             /* elements within each other: no text needs twenty */
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
};

static void write_flow(struct writer *w, const GumboVector *children, enum fate mood);
static void write_line(struct writer *w, const GumboNode *node);

/* --- the report --- */

static void lose(struct writer *w, str_t what)
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

static str_t name_of(arena_t *a, const GumboNode *node)
{
	const GumboElement *e = &node->v.element;
	if (e->tag != GUMBO_TAG_UNKNOWN)
		return str_of(gumbo_normalized_tagname(e->tag));
	GumboStringPiece piece = e->original_tag;
	gumbo_tag_from_original_text(&piece);
	return str_lower(a, str_from(piece.data ? piece.data : "", piece.length));
}

static bool has_class(const GumboNode *node, const char *class)
{
	const GumboAttribute *at = gumbo_get_attribute(&node->v.element.attributes, "class");
	for (str_t rest = str_of(at ? at->value : NULL); rest.p;)
		if (str_eq(str_cut(&rest, ' '), str_of(class)))
			return true;
	return false;
}

/* Parts of other systems' players and forms, which mean nothing without their scripts. */
static bool is_machinery(const GumboNode *node)
{
	static const char *const classes[] = {
		"kg-audio-player", "kg-audio-thumbnail", "kg-video-player-container",
		"kg-video-overlay", "kg-signup-card", "kg-file-card-icon", "kg-bookmark-icon",
		"kg-email-cta", "kg-toggle-card-icon",
	};
	for (size_t i = 0; i < COUNT(classes); i++)
		if (has_class(node, classes[i]))
			return true;
	return false;
}

static const struct element_rule *rule_of(struct writer *w, const GumboNode *node)
{
	static const struct element_rule drop = { "", "", FATE_DROP, false, NULL, NULL };
	if (node->type == GUMBO_NODE_TEMPLATE ||
	    node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return &drop;
	str_t name = name_of(w->a, node);
	if (w->hooks && is_machinery(node))
		return &drop;
	if (w->hooks && str_eq(name, S("div")) && has_class(node, "kg-callout-card"))
		return element_rule(S("aside"));
	return element_rule(name);
}

static bool is_element(const GumboNode *node)
{
	return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

static bool is_text(const GumboNode *node)
{
	return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
	       node->type == GUMBO_NODE_CDATA;
}

/* --- text --- */

static bool is_space(char c)
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
static void write_text(struct writer *w, str_t s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (w->in_pre) {
			if (s.p[i] == '\n' || s.p[i] == '\t')
				buf_add_char(&w->out, s.p[i]);
			else
				add_escaped(w, s.p[i]);
			continue;
		}
		if (is_space(s.p[i])) {
			w->gap = true;
			continue;
		}
		add_gap(w);
		add_escaped(w, s.p[i]);
	}
}

/* Text that is an element's whole content. */
static void write_plain(struct writer *w, str_t s)
{
	size_t start = w->start;
	w->start = w->out.n;
	w->gap = false;
	write_text(w, str_trim(s));
	w->gap = false;
	w->start = start;
}

static void flush_gap(struct writer *w)
{
	if (!w->in_pre)
		add_gap(w);
	w->gap = false;
}

/* --- attributes --- */

static const GumboAttribute *find_attribute(const GumboElement *e, const char *name)
{
	return gumbo_get_attribute(&e->attributes, name);
}

static void add_attribute(struct writer *w, const char *name, str_t value)
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

static void tell_lost_attributes(struct writer *w, const GumboNode *node)
{
	const GumboElement *e = &node->v.element;
	str_t element = name_of(w->a, node);
	for (unsigned i = 0; i < e->attributes.length; i++) {
		const GumboAttribute *at = e->attributes.data[i];
		str_t name = str_lower(w->a, str_of(at->name));
		if (str_starts(name, S("on")) || str_eq(name, S("srcdoc")) ||
		    str_eq(name, S("formaction")) || str_eq(name, S("style")))
			lose(w, str_format(w->a, "%.*s on <%.*s>", STR(str_clip(name, 40)),
					   STR(str_clip(element, 40))));
	}
}

static str_t hooked(struct writer *w, const struct attribute_rule *at, str_t value)
{
	str_t other = { NULL, 0 };
	if (!w->hooks || !value.p)
		return value;
	if (strcmp(at->name, "href") == 0)
		other = w->hooks->link(w->hooks->ctx, value);
	else if (at->rule == RULE_SOURCE)
		other = w->hooks->source(w->hooks->ctx, value);
	return other.p ? other : value;
}

static void write_attributes(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	const GumboElement *e = &node->v.element;
	for (const struct attribute_rule *at = r->attributes; at && at->name; at++) {
		const GumboAttribute *given = find_attribute(e, at->name);
		if (at->rule == RULE_SWITCH) {
			buf_add_format(&w->out, " %s", at->name);
			continue;
		}
		bool alt = strcmp(at->name, "alt") == 0;
		if (!given && !alt)
			continue;
		str_t value = attribute_value(w->a, r, at, str_of(given ? given->value : ""));
		value = hooked(w, at, value);
		if (value.p)
			add_attribute(w, at->name, value);
		else if (at->rule == RULE_URL || at->rule == RULE_SOURCE)
			lose(w, str_format(w->a, "the address in %s of <%s>", at->name, r->as));
	}
}

/* Whether the element, as it came, is worth its tags: a picture without a source is none. */
static bool is_hollow(const GumboNode *node, const struct element_rule *r)
{
	const GumboElement *e = &node->v.element;
	const GumboAttribute *src = find_attribute(e, "src"), *class = find_attribute(e, "class");
	if (r->fate == FATE_VOID && r->attributes)
		return !src || !url_is_safe(str_trim(str_of(src->value)), true);
	if (r->classes && (strcmp(r->as, "span") == 0 || strcmp(r->as, "div") == 0)) {
		const struct attribute_rule rule = { "class", RULE_CLASS };
		return !class || !attribute_value(NULL, r, &rule, str_of(class->value)).p;
	}
	if (strcmp(r->as, "a") == 0) {
		const GumboAttribute *href = find_attribute(e, "href");
		return !href || !url_is_safe(str_trim(str_of(href->value)), false);
	}
	return false;
}

static void open_tag(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	buf_add_char(&w->out, '<');
	buf_add(&w->out, str_of(r->as));
	write_attributes(w, node, r);
	buf_add_char(&w->out, '>');
}

static void close_tag(struct writer *w, const struct element_rule *r)
{
	buf_add_format(&w->out, "</%s>", r->as);
}

/* --- what comes from elsewhere --- */

/* "https://www.youtube.com/embed/ID?x" shows what "https://www.youtube.com/watch?v=ID" does. */
static str_t shown_by(arena_t *a, str_t frame)
{
	static const struct {
		const char *frame, *page;
	} known[] = {
		{ "youtube.com/embed/", "https://www.youtube.com/watch?v=" },
		{ "youtube-nocookie.com/embed/", "https://www.youtube.com/watch?v=" },
		{ "player.vimeo.com/video/", "https://vimeo.com/" },
		{ "open.spotify.com/embed/", "https://open.spotify.com/" },
	};
	if (str_starts(frame, S("//")))
		frame = str_format(a, "https:%.*s", STR(frame));
	for (size_t i = 0; i < COUNT(known); i++) {
		size_t at = str_find(frame, str_of(known[i].frame), 0);
		if (at == STR_NONE)
			continue;
		str_t id = str_slice(frame, at + strlen(known[i].frame), frame.n);
		id = str_slice(id, 0, str_find_char(id, '?', 0));
		return str_format(a, "%s%.*s", known[i].page, STR(id));
	}
	return frame;
}

static str_t host_of(str_t url)
{
	size_t from = str_find(url, S("://"), 0);
	str_t host = from == STR_NONE ? url : str_slice(url, from + 3, url.n);
	host = str_slice(host, 0, str_find_char(host, '/', 0));
	return str_starts(host, S("www.")) ? str_slice(host, 4, host.n) : host;
}

static void write_link(struct writer *w, str_t url, str_t text)
{
	flush_gap(w);
	buf_add(&w->out, S("<a"));
	add_attribute(w, "href", url);
	buf_add_char(&w->out, '>');
	write_plain(w, str_trim(text).n ? text : url);
	buf_add(&w->out, S("</a>"));
}

static str_t source_of(const GumboNode *node)
{
	const GumboAttribute *src = find_attribute(&node->v.element, "src");
	return src ? str_trim(str_of(src->value)) : S("");
}

/* A frame as a link to what it showed; true if it was one. */
static bool write_frame(struct writer *w, const GumboNode *node)
{
	if (!w->hooks || node->v.element.tag != GUMBO_TAG_IFRAME || w->in_link)
		return false;
	str_t url = shown_by(w->a, source_of(node));
	if (!url_is_safe(url, true) || !str_starts(url, S("http")))
		return false;
	write_link(w, url, host_of(url));
	return true;
}

/* A picture or recording that did not come along, as a link; true if it was one. */
static bool write_absent(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	str_t url = source_of(node);
	if (!w->hooks || w->hooks->source(w->hooks->ctx, url).p)
		return false;
	const GumboAttribute *alt = find_attribute(&node->v.element, "alt");
	str_t text = alt && *alt->value ? str_of(alt->value) : host_of(url);
	lose(w, str_format(w->a, "a file that did not come along (<%s>, now a link)", r->as));
	if (w->in_link)
		write_text(w, text);
	else if (str_starts(url, S("http")))
		write_link(w, url, text);
	return true;
}

/* Within an embed, an address alone is what WordPress makes a frame of. */
static bool write_address(struct writer *w, const GumboNode *node)
{
	str_t text = str_trim(str_of(node->v.text.text));
	if (!w->hooks || w->in_link || !str_starts(text, S("http")) ||
	    str_find_char(text, ' ', 0) != STR_NONE || !url_is_safe(text, true))
		return false;
	for (const GumboNode *up = node->parent; up && is_element(up); up = up->parent)
		if (has_class(up, "wp-block-embed") || has_class(up, "embed")) {
			write_link(w, text, text);
			return true;
		}
	return false;
}

/* --- within a line --- */

static void write_children_in_line(struct writer *w, const GumboNode *node)
{
	const GumboVector *v = &node->v.element.children;
	for (unsigned i = 0; i < v->length; i++)
		write_line(w, v->data[i]);
}

static bool fits_in_line(const struct writer *w, const struct element_rule *r)
{
	if (w->grammar == GRAMMAR_INLINE)
		return r->in_line;
	return r->fate == FATE_INLINE || r->fate == FATE_VOID;
}

/* Whether clean HTML has words, if only those that stand for a picture. */
static bool says_something(str_t html)
{
	bool tag = false;
	for (size_t i = 0; i < html.n; i++) {
		str_t rest = str_slice(html, i, html.n);
		if (html.p[i] == '<' || html.p[i] == '>')
			tag = html.p[i] == '<';
		else if (tag && str_starts(rest, S(" alt=\"")) && !str_starts(rest, S(" alt=\"\"")))
			return true;
		else if (!tag && !is_space(html.p[i]))
			return true;
	}
	return false;
}

/* A link around a picture that nobody described leads readers who do not see it they know not where:
 * the picture stays, the link goes. */
static void close_link(struct writer *w, const struct element_rule *r, size_t tag, size_t inside)
{
	str_t content = str_slice(buf_str(&w->out), inside, w->out.n);
	if (says_something(content)) {
		close_tag(w, r);
		return;
	}
	lose(w, S("the link of a picture without words for it"));
	memmove(w->out.p + tag, w->out.p + inside, content.n + 1);
	w->out.n -= inside - tag;
}

static void write_inline_element(struct writer *w, const GumboNode *node,
				 const struct element_rule *r)
{
	bool link = strcmp(r->as, "a") == 0;
	if (r->fate == FATE_VOID && r->attributes && write_absent(w, node, r))
		return;
	if (r->fate == FATE_VOID) {
		flush_gap(w);
		open_tag(w, node, r);
		if (strcmp(r->as, "audio") == 0 || strcmp(r->as, "video") == 0)
			close_tag(w, r);
		if (strcmp(r->as, "br") == 0)
			w->gap = false;
		return;
	}
	size_t before = w->out.n;
	bool gap = w->gap;
	flush_gap(w);
	size_t tag = w->out.n;
	open_tag(w, node, r);
	size_t inside = w->out.n, start = w->start;
	bool was = w->in_link;
	w->in_link |= link;
	w->start = inside; /* no space right behind the tag: it was written before it */
	write_children_in_line(w, node);
	w->in_link = was;
	if (w->out.n == inside) {
		w->out.n = before; /* nothing in it but, perhaps, a gap */
		w->out.p[before] = '\0';
		w->gap |= gap;
	} else if (link) {
		close_link(w, r, tag, inside);
	} else {
		close_tag(w, r);
	}
	w->start = start;
}

static void tell_element(struct writer *w, const GumboNode *node)
{
	str_t name = name_of(w->a, node);
	if (!element_is_neutral(name))
		lose(w, str_format(w->a, "<%.*s>", STR(str_clip(name, 40))));
}

static void write_line(struct writer *w, const GumboNode *node)
{
	if (is_text(node)) {
		if (!write_address(w, node))
			write_text(w, str_of(node->v.text.text));
		return;
	}
	if (!is_element(node))
		return;
	const struct element_rule *r = rule_of(w, node);
	tell_lost_attributes(w, node);
	if (r->fate == FATE_DROP) {
		if (!write_frame(w, node))
			tell_element(w, node);
		return;
	}
	bool hollow = is_hollow(node, r);
	bool nested_link = w->in_link && strcmp(r->as, "a") == 0;
	if (hollow && r->attributes && strcmp(r->as, "span") != 0 && strcmp(r->as, "div") != 0)
		lose(w, str_format(w->a, "the address of <%s>", r->as));
	if (fits_in_line(w, r) && !hollow && !nested_link && w->depth < DEPTH_MOST) {
		w->depth++;
		write_inline_element(w, node, r);
		w->depth--;
		return;
	}
	/* A block or a stranger: its text, kept apart from what stands beside it. */
	if (r->fate != FATE_INLINE && r->fate != FATE_UNWRAP)
		w->gap = true;
	if (r->fate == FATE_UNWRAP)
		tell_element(w, node);
	w->depth++;
	if (w->depth < DEPTH_MOST)
		write_children_in_line(w, node);
	w->depth--;
	if (r->fate != FATE_INLINE && r->fate != FATE_UNWRAP)
		w->gap = true;
}

/* --- among blocks --- */

static void open_paragraph(struct writer *w)
{
	if (w->open)
		return;
	buf_add(&w->out, S("<p>"));
	w->open = true;
	w->gap = false;
	w->start = w->out.n;
}

/* A line that says nothing: no character, or only breaks and no-break spaces. */
static bool is_blank(str_t html)
{
	while (html.n) {
		if (str_starts(html, S("<br>")))
			html = str_slice(html, 4, html.n);
		else if (str_starts(html, S("\xc2\xa0")))
			html = str_slice(html, 2, html.n);
		else if (is_space(html.p[0]))
			html = str_slice(html, 1, html.n);
		else
			return false;
	}
	return true;
}

static void cut(struct writer *w, size_t to)
{
	w->out.n = to;
	w->out.p[to] = '\0';
}

/* Breaks at the ends of a line of text do nothing. */
static void trim_line(struct writer *w)
{
	while (w->out.n >= w->start + 4 &&
	       memcmp(w->out.p + w->out.n - 4, "<br>", 4) == 0)
		cut(w, w->out.n - 4);
	while (w->out.n > w->start && w->out.p[w->out.n - 1] == ' ')
		cut(w, w->out.n - 1);
}

static void close_paragraph(struct writer *w)
{
	if (!w->open)
		return;
	w->open = false;
	w->gap = false;
	str_t line = str_slice(buf_str(&w->out), w->start, w->out.n);
	if (is_blank(line)) {
		cut(w, w->start - 3);
		return;
	}
	trim_line(w);
	buf_add(&w->out, S("</p>\n"));
}

static void write_pre_text(struct writer *w, const GumboNode *node)
{
	const GumboVector *v = &node->v.element.children;
	for (unsigned i = 0; i < v->length; i++) {
		const GumboNode *child = v->data[i];
		if (is_text(child))
			write_text(w, str_of(child->v.text.text));
		else if (is_element(child) && rule_of(w, child)->fate != FATE_DROP) {
			if (strcmp(rule_of(w, child)->as, "br") == 0)
				buf_add_char(&w->out, '\n');
			w->depth++;
			if (w->depth < DEPTH_MOST)
				write_pre_text(w, child);
			w->depth--;
		}
	}
}

/* Verbatim text; a first line break is the parser's to swallow, so there is always one. */
static void write_pre(struct writer *w, const GumboNode *node)
{
	size_t before = w->out.n;
	buf_add(&w->out, S("<pre>\n"));
	w->in_pre = true;
	size_t inside = w->out.n;
	write_pre_text(w, node);
	w->in_pre = false;
	if (is_blank(str_slice(buf_str(&w->out), inside, w->out.n)))
		cut(w, before);
	else
		buf_add(&w->out, S("</pre>\n"));
}

static const GumboNode *only_picture(struct writer *w, const GumboNode *node)
{
	const GumboVector *v = &node->v.element.children;
	const GumboNode *found = NULL;
	for (unsigned i = 0; i < v->length; i++) {
		const GumboNode *child = v->data[i];
		if (child->type == GUMBO_NODE_WHITESPACE)
			continue;
		if (found || !is_element(child) || strcmp(rule_of(w, child)->as, "img") != 0)
			return NULL;
		found = child;
	}
	return found;
}

/* Markdown's ![alt](src "Caption. | Credit") alone in its paragraph. */
static bool write_captioned(struct writer *w, const GumboNode *node)
{
	const GumboNode *picture = w->captions ? only_picture(w, node) : NULL;
	if (!picture || is_hollow(picture, rule_of(w, picture)))
		return false;
	buf_add(&w->out, S("<figure class=\"picture\">"));
	open_tag(w, picture, rule_of(w, picture));
	const GumboAttribute *title = find_attribute(&picture->v.element, "title");
	str_t credit = str_of(title ? title->value : ""), caption = str_trim(str_cut(&credit, '|'));
	credit = str_trim(credit);
	if (caption.n || credit.n) {
		buf_add(&w->out, S("<figcaption>"));
		write_plain(w, caption);
		if (credit.n) {
			buf_add(&w->out, caption.n ? S(" <span class=\"credit\">")
						   : S("<span class=\"credit\">"));
			write_plain(w, credit);
			buf_add(&w->out, S("</span>"));
		}
		buf_add(&w->out, S("</figcaption>\n"));
	}
	buf_add(&w->out, S("</figure>\n"));
	return true;
}

static void write_block(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	if (strcmp(r->as, "hr") == 0) {
		buf_add(&w->out, S("<hr>\n"));
		return;
	}
	if (strcmp(r->as, "p") == 0 && write_captioned(w, node))
		return;
	size_t before = w->out.n;
	open_tag(w, node, r);
	w->start = w->out.n;
	w->gap = false;
	write_children_in_line(w, node);
	w->gap = false;
	if (is_blank(str_slice(buf_str(&w->out), w->start, w->out.n))) {
		cut(w, before);
		return;
	}
	trim_line(w);
	close_tag(w, r);
	buf_add_char(&w->out, '\n');
}

/* An element that holds others: written, filled, and taken back if nothing came of it. */
static void write_container(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	size_t before = w->out.n;
	bool cell = strcmp(r->as, "td") == 0 || strcmp(r->as, "th") == 0;
	bool link = w->in_link;
	const struct element_rule *parent = w->parent;
	w->in_link = false;
	w->parent = r;
	open_tag(w, node, r);
	size_t inside = w->out.n;
	write_flow(w, &node->v.element.children, r->fate);
	w->in_link = link;
	w->parent = parent;
	if (!cell && is_blank(str_slice(buf_str(&w->out), inside, w->out.n))) {
		cut(w, before);
		return;
	}
	close_tag(w, r);
	buf_add_char(&w->out, '\n');
}

static bool is_item(const struct element_rule *r)
{
	return strcmp(r->as, "li") == 0;
}

static bool is_term(const struct element_rule *r)
{
	return strcmp(r->as, "dt") == 0 || strcmp(r->as, "dd") == 0;
}

static bool is_table_part(const struct element_rule *r)
{
	return r->fate == FATE_TABLE || strcmp(r->as, "td") == 0 || strcmp(r->as, "th") == 0 ||
	       strcmp(r->as, "caption") == 0;
}

/* Which elements may stand right within which: what is elsewhere loses its tags. */
static bool stands_right(const struct element_rule *parent, const struct element_rule *r)
{
	const char *in = parent ? parent->as : "";
	if (is_item(r))
		return strcmp(in, "ul") == 0 || strcmp(in, "ol") == 0;
	if (is_term(r))
		return strcmp(in, "dl") == 0;
	if (strcmp(r->as, "figcaption") == 0)
		return strcmp(in, "figure") == 0;
	if (strcmp(r->as, "summary") == 0)
		return strcmp(in, "details") == 0;
	if (strcmp(r->as, "div") == 0)
		return strcmp(in, "figure") == 0;
	if (strcmp(r->as, "table") == 0)
		return true;
	if (is_table_part(r))
		return parent && parent->fate == FATE_TABLE;
	return true;
}

static void write_node(struct writer *w, const GumboNode *node, enum fate mood)
{
	if (!is_element(node)) {
		bool blank = node->type == GUMBO_NODE_WHITESPACE;
		if (!is_text(node) || (blank && !w->open && mood != FATE_LOOSE))
			return;
		if (mood == FATE_FLOW)
			open_paragraph(w);
		if (mood == FATE_FLOW || mood == FATE_LOOSE)
			write_line(w, node);
		return;
	}
	const struct element_rule *r = rule_of(w, node);
	bool hollow = is_hollow(node, r);
	bool line = r->fate == FATE_INLINE || r->fate == FATE_VOID;
	bool frame = w->hooks && node->v.element.tag == GUMBO_TAG_IFRAME;
	if (r->fate == FATE_DROP && mood != FATE_FLOW && mood != FATE_LOOSE) {
		tell_element(w, node); /* between items or rows there is no place for a link */
		return;
	}
	if (r->fate == FATE_DROP || (line && (mood == FATE_FLOW || mood == FATE_LOOSE))) {
		if (mood == FATE_FLOW && (r->fate != FATE_DROP || frame))
			open_paragraph(w);
		write_line(w, node);
		return;
	}
	tell_lost_attributes(w, node);
	bool tags = !hollow && r->fate != FATE_UNWRAP && stands_right(w->parent, r) &&
		    w->depth < DEPTH_MOST;
	if (mood == FATE_LIST && !(is_item(r) || is_term(r)))
		tags = false;
	if (mood == FATE_TABLE && !is_table_part(r))
		tags = false;
	if (r->fate == FATE_UNWRAP)
		tell_element(w, node);
	if (w->open)
		close_paragraph(w);
	w->gap = false;
	w->start = w->out.n;
	w->depth++;
	if (!tags && w->depth < DEPTH_MOST)
		write_flow(w, &node->v.element.children, mood);
	else if (tags && r->fate == FATE_PRE)
		write_pre(w, node);
	else if (tags && r->fate == FATE_BLOCK)
		write_block(w, node, r);
	else if (tags)
		write_container(w, node, r);
	w->depth--;
	if (mood == FATE_FLOW)
		close_paragraph(w);
	w->start = w->out.n;
}

static void write_flow(struct writer *w, const GumboVector *children, enum fate mood)
{
	bool outer = w->open;
	size_t begin = w->out.n;
	if (mood == FATE_LOOSE && !outer) {
		w->start = begin;
		w->gap = false;
	}
	for (unsigned i = 0; i < children->length; i++)
		write_node(w, children->data[i], mood);
	if (mood == FATE_FLOW && w->open && !outer)
		close_paragraph(w);
	if (mood == FATE_LOOSE)
		w->gap = false;
}

/* --- parsing --- */

static void *take(void *a, size_t n)
{
	return arena_alloc(a, n);
}

static void let_go(void *a, void *p)
{
	(void)a;
	(void)p; /* with the arena */
}

static bool is_void_name(str_t name)
{
	static const char *const names[] = { "br",  "hr",   "img",  "input",  "meta",  "link",
					     "col", "area", "base", "embed", "source", "track",
					     "wbr", "param" };
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq_nocase(name, str_of(names[i])))
			return true;
	return false;
}

/* An upper bound of how deep the tree will be: tags that open and are not closed right. The parser is
 * quadratic in it. */
static bool too_deep(arena_t *a, str_t html)
{
	struct strs open = { 0 };
	for (size_t i = 0; i + 1 < html.n; i++) {
		if (html.p[i] != '<')
			continue;
		bool closing = html.p[i + 1] == '/';
		size_t from = i + 1 + closing, to = from;
		while (to < html.n && ((html.p[to] | 32) >= 'a' && (html.p[to] | 32) <= 'z'))
			to++;
		while (to > from && to < html.n && html.p[to] >= '0' && html.p[to] <= '9')
			to++;
		str_t name = str_slice(html, from, to);
		if (!name.n || is_void_name(name))
			continue;
		if (!closing)
			strs_add(a, &open, name);
		else if (open.n && str_eq_nocase(open.v[open.n - 1], name))
			open.n--;
		if (open.n > 4096)
			return true;
	}
	return false;
}

static err_t parse(arena_t *a, str_t html, GumboOutput **out)
{
	if (html.n > INPUT_MOST)
		return err_new(ERR_TOO_LARGE, "the text is %zu bytes; at most %d are taken", html.n,
			       INPUT_MOST);
	if (too_deep(a, html))
		return err_new(ERR_INPUT, "the text has more than 4096 elements open within each "
			       "other");
	GumboOptions options = kGumboDefaultOptions;
	options.allocator = take;
	options.deallocator = let_go;
	options.userdata = a;
	options.fragment_context = GUMBO_TAG_BODY;
	options.max_errors = 0;
	*out = gumbo_parse_with_options(&options, html.n ? html.p : "", html.n);
	return OK;
}

static err_t clean(struct writer w, str_t html, str_t *out)
{
	GumboOutput *tree;
	enum grammar grammar = w.grammar;
	TRY(parse(w.a, html, &tree));
	w.out = buf_new(w.a, html.n + 64);
	const GumboVector *top = &tree->root->v.element.children;
	if (grammar == GRAMMAR_STORY) {
		write_flow(&w, top, FATE_FLOW);
	} else {
		for (unsigned i = 0; i < top->length; i++)
			write_line(&w, top->data[i]);
		trim_line(&w);
	}
	str_t s = buf_str(&w.out);
	while (s.n && (s.p[s.n - 1] == '\n' || (grammar == GRAMMAR_INLINE && s.p[s.n - 1] == ' ')))
		s.n--;
	*out = s;
	return OK;
}

err_t clean_html(arena_t *a, enum grammar grammar, str_t html, str_t *out,
		 struct clean_report *report)
{
	return clean((struct writer){ .a = a, .grammar = grammar, .report = report }, html, out);
}

err_t clean_parsed_markdown(arena_t *a, enum grammar grammar, str_t html, str_t *out,
			    struct clean_report *report)
{
	return clean((struct writer){ .a = a, .grammar = grammar, .report = report,
				      .captions = true }, html, out);
}

err_t clean_imported(arena_t *a, str_t html, const struct clean_hooks *hooks, str_t *out,
		     struct clean_report *report)
{
	return clean((struct writer){ .a = a, .grammar = GRAMMAR_STORY, .report = report,
				      .hooks = hooks }, html, out);
}

/* --- text --- */

static void gather_text(arena_t *a, const GumboNode *node, struct buf *b, int depth)
{
	if (is_text(node)) {
		for (const char *c = node->v.text.text; *c; c++) {
			bool space = is_space(*c);
			if (!space)
				buf_add_char(b, *c);
			else if (b->n && b->p[b->n - 1] != ' ')
				buf_add_char(b, ' ');
		}
		return;
	}
	if (!is_element(node) || depth > DEPTH_MOST)
		return;
	const struct element_rule *r = element_rule(name_of(a, node));
	bool line = r->fate == FATE_INLINE;
	if (r->fate == FATE_DROP || node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return;
	if (!line && b->n && b->p[b->n - 1] != ' ')
		buf_add_char(b, ' ');
	const GumboVector *v = &node->v.element.children;
	for (unsigned i = 0; i < v->length; i++)
		gather_text(a, v->data[i], b, depth + 1);
	if (!line && b->n && b->p[b->n - 1] != ' ')
		buf_add_char(b, ' ');
}

str_t clean_text(arena_t *a, str_t html)
{
	GumboOutput *tree;
	if (str_find_char(html, '<', 0) == STR_NONE && str_find_char(html, '&', 0) == STR_NONE)
		return str_trim(html);
	err_t e = parse(a, html, &tree);
	if (e) {
		err_free(e);
		return S("");
	}
	struct buf b = buf_new(a, html.n);
	const GumboVector *top = &tree->root->v.element.children;
	for (unsigned i = 0; i < top->length; i++)
		gather_text(a, top->data[i], &b, 0);
	return str_trim(buf_str(&b));
}

int64_t clean_words(str_t html)
{
	int64_t words = 0;
	bool in_word = false, in_tag = false;
	for (size_t i = 0; i < html.n; i++) {
		char c = html.p[i];
		if (c == '<')
			in_tag = true;
		bool part = !in_tag && !is_space(c) && c != '-' && c != '.' && c != ',';
		if (part && !in_word)
			words++;
		/* An inline tag does not end a word, but blocks are followed by a line break. */
		if (!in_tag)
			in_word = part || (in_word && (c == '-' || c == '.' || c == ','));
		if (c == '>' && in_tag)
			in_tag = false;
	}
	return words;
}
