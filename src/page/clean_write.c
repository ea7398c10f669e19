/* clean_write.c: a tree as a browser sees it, written as the grammar allows, in one of two moods: among
 * blocks, where bare text is gathered into paragraphs, or within a line, where blocks give way to their
 * content. */
#include "page/clean_writer.h"

static void write_flow(struct writer *w, const GumboVector *children, enum fate mood);
static void write_line(struct writer *w, const GumboNode *node);

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
	return r->fate == FATE_INLINE || r->fate == FATE_VOID || r->fate == FATE_PLAYER;
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
		else if (!tag && !clean_is_space(html.p[i]))
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
		clean_close_tag(w, r);
		return;
	}
	clean_lose(w, S("the link of a picture without words for it"));
	memmove(w->out.p + tag, w->out.p + inside, content.n + 1);
	w->out.n -= inside - tag;
}

static void write_inline_element(struct writer *w, const GumboNode *node,
				 const struct element_rule *r)
{
	bool link = strcmp(r->as, "a") == 0;
	if (r->fate == FATE_PLAYER) {
		clean_write_player(w, node, r);
		return;
	}
	if (r->fate == FATE_VOID && r->attributes && clean_write_absent(w, node, r))
		return;
	if (r->fate == FATE_VOID) {
		clean_flush_gap(w);
		clean_open_tag(w, node, r);
		if (strcmp(r->as, "br") == 0)
			w->gap = false;
		return;
	}
	size_t before = w->out.n;
	bool gap = w->gap;
	clean_flush_gap(w);
	size_t tag = w->out.n;
	clean_open_tag(w, node, r);
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
		clean_close_tag(w, r);
	}
	w->start = start;
}

static void tell_element(struct writer *w, const GumboNode *node)
{
	str_t name = clean_name(w->a, node);
	if (!element_is_neutral(name))
		clean_lose(w, str_format(w->a, "<%.*s>", STR(str_clip(name, 40))));
}

static void write_line(struct writer *w, const GumboNode *node)
{
	if (clean_is_text(node)) {
		if (!clean_write_address(w, node))
			clean_write_text(w, str_of(node->v.text.text));
		return;
	}
	if (!clean_is_element(node))
		return;
	const struct element_rule *r = clean_rule(w, node);
	clean_tell_attributes(w, node);
	if (r->fate == FATE_DROP) {
		if (!clean_write_frame(w, node))
			tell_element(w, node);
		return;
	}
	bool hollow = clean_is_hollow(node, r);
	bool nested_link = w->in_link && strcmp(r->as, "a") == 0;
	if (hollow && r->attributes && r->attributes[0].rule != RULE_CLASS)
		clean_lose(w, str_format(w->a, "the address of <%s>", r->as));
	if (fits_in_line(w, r) && !hollow && !nested_link && w->depth < CLEAN_DEPTH_MOST) {
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
	if (w->depth < CLEAN_DEPTH_MOST)
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
		else if (clean_is_space(html.p[0]))
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
		if (clean_is_text(child))
			clean_write_text(w, str_of(child->v.text.text));
		else if (clean_is_element(child) && clean_rule(w, child)->fate != FATE_DROP) {
			if (strcmp(clean_rule(w, child)->as, "br") == 0)
				buf_add_char(&w->out, '\n');
			w->depth++;
			if (w->depth < CLEAN_DEPTH_MOST)
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
		if (found || !clean_is_element(child) || strcmp(clean_rule(w, child)->as, "img") != 0)
			return NULL;
		found = child;
	}
	return found;
}

/* Markdown's ![alt](src "Caption. | Credit") alone in its paragraph. */
static bool write_captioned(struct writer *w, const GumboNode *node)
{
	const GumboNode *picture = w->captions ? only_picture(w, node) : NULL;
	if (!picture || clean_is_hollow(picture, clean_rule(w, picture)))
		return false;
	buf_add(&w->out, S("<figure class=\"picture\">"));
	clean_open_tag(w, picture, clean_rule(w, picture));
	const GumboAttribute *title = clean_attribute(&picture->v.element, "title");
	str_t credit = str_of(title ? title->value : ""), caption = str_trim(str_cut(&credit, '|'));
	credit = str_trim(credit);
	if (caption.n || credit.n) {
		buf_add(&w->out, S("<figcaption>"));
		clean_write_plain(w, caption);
		if (credit.n) {
			buf_add(&w->out, caption.n ? S(" <span class=\"credit\">")
						   : S("<span class=\"credit\">"));
			clean_write_plain(w, credit);
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
	clean_open_tag(w, node, r);
	w->start = w->out.n;
	w->gap = false;
	write_children_in_line(w, node);
	w->gap = false;
	if (is_blank(str_slice(buf_str(&w->out), w->start, w->out.n))) {
		cut(w, before);
		return;
	}
	trim_line(w);
	clean_close_tag(w, r);
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
	clean_open_tag(w, node, r);
	size_t inside = w->out.n;
	write_flow(w, &node->v.element.children, r->fate);
	w->in_link = link;
	w->parent = parent;
	if (!cell && is_blank(str_slice(buf_str(&w->out), inside, w->out.n))) {
		cut(w, before);
		return;
	}
	clean_close_tag(w, r);
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
	if (strcmp(r->as, "section") == 0)
		return !parent;
	if (strcmp(r->as, "table") == 0)
		return true;
	if (is_table_part(r))
		return parent && parent->fate == FATE_TABLE;
	return true;
}

static void write_node(struct writer *w, const GumboNode *node, enum fate mood)
{
	if (!clean_is_element(node)) {
		bool blank = node->type == GUMBO_NODE_WHITESPACE;
		if (!clean_is_text(node) || (blank && !w->open && mood != FATE_LOOSE))
			return;
		if (mood == FATE_FLOW)
			open_paragraph(w);
		if (mood == FATE_FLOW || mood == FATE_LOOSE)
			write_line(w, node);
		return;
	}
	const struct element_rule *r = clean_rule(w, node);
	bool hollow = clean_is_hollow(node, r);
	bool line = r->fate == FATE_INLINE || r->fate == FATE_VOID || r->fate == FATE_PLAYER;
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
	clean_tell_attributes(w, node);
	bool tags = !hollow && r->fate != FATE_UNWRAP && stands_right(w->parent, r) &&
		    w->depth < CLEAN_DEPTH_MOST;
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
	if (!tags && w->depth < CLEAN_DEPTH_MOST)
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

void clean_write_story(struct writer *w, const GumboVector *top)
{
	write_flow(w, top, FATE_FLOW);
}

void clean_write_inline(struct writer *w, const GumboVector *top)
{
	for (unsigned i = 0; i < top->length; i++)
		write_line(w, top->data[i]);
	trim_line(w);
}
