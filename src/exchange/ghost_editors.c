/* ghost_editors.c: Ghost's two editors' documents into HTML: Lexical, a tree of nodes, and Mobiledoc
 * 0.3, lists of markers that open and close markups. Depth is bounded by what jansson reads. */
#include "exchange/ghost_body.h"
#include "exchange/body_notes.h"

enum { DEPTH_MOST = 64 };

struct editor {
	arena_t     *a;
	struct buf  *out;
	struct strs *notes;
	int          depth;
};

static str_t text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

static err_t load(arena_t *a, const char *what, str_t text, json_t **out)
{
	json_error_t why;
	*out = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &why);
	if (!*out)
		return err_new(ERR_INPUT, "its %s is not well-formed JSON: %s", what, why.text);
	(void)a;
	return OK;
}

/* --- Lexical --- */

static const struct {
	int         bit;
	const char *tag;
} formats[] = {
	{ 1, "strong" }, { 2, "em" }, { 4, "s" }, { 16, "code" }, { 32, "sub" }, { 64, "sup" },
	{ 128, "mark" },
};

static void lexical_text(struct editor *x, const json_t *node)
{
	json_int_t format = json_integer_value(json_object_get(node, "format"));
	for (size_t i = 0; i < COUNT(formats); i++)
		if (format & formats[i].bit)
			buf_add_format(x->out, "<%s>", formats[i].tag);
	buf_add_html(x->out, text_of(node, "text"));
	for (size_t i = COUNT(formats); i > 0; i--)
		if (format & formats[i - 1].bit)
			buf_add_format(x->out, "</%s>", formats[i - 1].tag);
}

static void lexical_node(struct editor *x, const json_t *node);

static void lexical_children(struct editor *x, const json_t *node)
{
	size_t i;
	json_t *child;
	json_array_foreach(json_object_get(node, "children"), i, child)
		lexical_node(x, child);
}

static void wrap(struct editor *x, const json_t *node, const char *tag)
{
	buf_add_format(x->out, "<%s>", tag);
	lexical_children(x, node);
	buf_add_format(x->out, "</%s>\n", tag);
}

/* The tags a node names itself: only those that are meant. */
static const char *own_tag(const json_t *node, const char *const *allowed)
{
	str_t tag = text_of(node, "tag");
	for (size_t i = 0; allowed[i]; i++)
		if (str_eq(tag, str_of(allowed[i])))
			return allowed[i];
	return allowed[0];
}

static void lexical_link(struct editor *x, const json_t *node)
{
	buf_add(x->out, S("<a href=\""));
	buf_add_html(x->out, text_of(node, "url"));
	buf_add(x->out, S("\">"));
	lexical_children(x, node);
	buf_add(x->out, S("</a>"));
}

static void pull_quote(struct editor *x, const json_t *node)
{
	buf_add(x->out, S("<figure class=\"pull\">"));
	wrap(x, node, "blockquote");
	buf_add(x->out, S("</figure>\n"));
}

static bool lexical_element(struct editor *x, const json_t *node, str_t type)
{
	static const char *const headings[] = { "h2", "h1", "h3", "h4", "h5", "h6", NULL };
	static const char *const lists[] = { "ul", "ol", NULL };
	if (str_eq(type, S("paragraph")))
		wrap(x, node, "p");
	else if (str_eq(type, S("heading")) || str_eq(type, S("extended-heading")))
		wrap(x, node, own_tag(node, headings));
	else if (str_eq(type, S("quote")) || str_eq(type, S("extended-quote")))
		wrap(x, node, "blockquote");
	else if (str_eq(type, S("aside")))
		pull_quote(x, node);
	else if (str_eq(type, S("list")))
		wrap(x, node, own_tag(node, lists));
	else if (str_eq(type, S("listitem")))
		wrap(x, node, "li");
	else if (str_eq(type, S("link")) || str_eq(type, S("autolink")) ||
		 str_eq(type, S("at-link")))
		lexical_link(x, node);
	else
		return false;
	return true;
}

static void lexical_node(struct editor *x, const json_t *node)
{
	str_t type = text_of(node, "type");
	if (x->depth++ >= DEPTH_MOST) {
		body_note(x->a, x->notes, S("text nested too deep was left out"));
	} else if (str_eq(type, S("text")) || str_eq(type, S("extended-text")) ||
		   str_eq(type, S("tk"))) {
		lexical_text(x, node);
	} else if (str_eq(type, S("linebreak"))) {
		buf_add(x->out, S("<br>"));
	} else if (str_eq(type, S("tab"))) {
		buf_add_char(x->out, ' ');
	} else if (!lexical_element(x, node, type)) {
		if (json_object_get(node, "children"))
			lexical_children(x, node);
		else
			ghost_card(x->a, type, node, x->out, x->notes);
	}
	x->depth--;
}

err_t ghost_lexical(arena_t *a, str_t lexical, struct buf *out, struct strs *notes)
{
	json_t *doc;
	TRY(load(a, "lexical", lexical, &doc));
	struct editor x = { .a = a, .out = out, .notes = notes };
	json_t *root = json_object_get(doc, "root");
	err_t e = json_is_object(root) ? OK : err_new(ERR_INPUT, "its lexical has no root");
	if (!e)
		lexical_children(&x, root);
	json_decref(doc);
	return e;
}

/* --- Mobiledoc 0.3 --- */

static const json_t *at(const json_t *array, size_t i)
{
	return json_array_get(array, i);
}

static str_t string_at(const json_t *array, size_t i)
{
	const json_t *v = at(array, i);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

static const char *known_tag(str_t tag)
{
	static const char *const tags[] = { "p",  "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
					    "aside", "ul", "ol", "b", "strong", "i", "em", "s", "del",
					    "code", "sub", "sup", "u", "a", "mark" };
	for (size_t i = 0; i < COUNT(tags); i++)
		if (str_eq_nocase(tag, str_of(tags[i])))
			return tags[i];
	return NULL;
}

static void open_markup(struct editor *x, const json_t *markup)
{
	const char *tag = known_tag(string_at(markup, 0));
	if (!tag)
		return;
	buf_add_format(x->out, "<%s", tag);
	const json_t *pairs = at(markup, 1);
	for (size_t i = 0; i + 1 < json_array_size(pairs); i += 2)
		if (str_eq(string_at(pairs, i), S("href"))) {
			buf_add(x->out, S(" href=\""));
			buf_add_html(x->out, string_at(pairs, i + 1));
			buf_add_char(x->out, '"');
		}
	buf_add_char(x->out, '>');
}

static void close_markup(struct editor *x, const json_t *markup)
{
	const char *tag = known_tag(string_at(markup, 0));
	if (tag)
		buf_add_format(x->out, "</%s>", tag);
}

static const json_t *markup_at(const json_t *doc, const json_t *index)
{
	return at(json_object_get(doc, "markups"), (size_t)json_integer_value(index));
}

static void marker_text(struct editor *x, const json_t *doc, const json_t *marker)
{
	if (json_integer_value(at(marker, 0)) == 0) {
		buf_add_html(x->out, string_at(marker, 3));
		return;
	}
	const json_t *atom = at(json_object_get(doc, "atoms"),
				(size_t)json_integer_value(at(marker, 3)));
	if (str_eq(string_at(atom, 0), S("soft-return")))
		buf_add(x->out, S("<br>"));
	else
		buf_add_html(x->out, string_at(atom, 1));
}

static void markers(struct editor *x, const json_t *doc, const json_t *list)
{
	const json_t *open[DEPTH_MOST];
	size_t n = 0, i, k;
	json_t *marker, *index;
	json_array_foreach(list, i, marker) {
		json_array_foreach(at(marker, 1), k, index) {
			if (n == DEPTH_MOST)
				break;
			open[n] = markup_at(doc, index);
			open_markup(x, open[n++]);
		}
		marker_text(x, doc, marker);
		json_int_t closing = json_integer_value(at(marker, 2));
		while (closing-- > 0 && n > 0)
			close_markup(x, open[--n]);
	}
	while (n > 0)
		close_markup(x, open[--n]);
}

static void mobiledoc_list(struct editor *x, const json_t *doc, const json_t *section)
{
	size_t i;
	json_t *item;
	const char *tag = str_eq(string_at(section, 1), S("ol")) ? "ol" : "ul";
	buf_add_format(x->out, "<%s>", tag);
	json_array_foreach(at(section, 2), i, item) {
		buf_add(x->out, S("<li>"));
		markers(x, doc, item);
		buf_add(x->out, S("</li>"));
	}
	buf_add_format(x->out, "</%s>\n", tag);
}

static void mobiledoc_text(struct editor *x, const json_t *doc, const json_t *section, const char *tag)
{
	bool pull = strcmp(tag, "aside") == 0;
	if (pull)
		buf_add(x->out, S("<figure class=\"pull\">"));
	buf_add_format(x->out, "<%s>", pull ? "blockquote" : tag);
	markers(x, doc, at(section, 2));
	buf_add_format(x->out, "</%s>\n", pull ? "blockquote" : tag);
	if (pull)
		buf_add(x->out, S("</figure>\n"));
}

static void mobiledoc_section(struct editor *x, const json_t *doc, const json_t *section)
{
	const json_t *card;
	const char *tag;
	switch (json_integer_value(at(section, 0))) {
	case 1:
		tag = known_tag(string_at(section, 1));
		mobiledoc_text(x, doc, section, tag ? tag : "p");
		return;
	case 2:
		buf_add(x->out, S("<figure class=\"picture\"><img src=\""));
		buf_add_html(x->out, string_at(section, 1));
		buf_add(x->out, S("\"></figure>\n"));
		return;
	case 3: mobiledoc_list(x, doc, section); return;
	case 10:
		card = at(json_object_get(doc, "cards"),
			  (size_t)json_integer_value(at(section, 1)));
		if (card)
			ghost_card(x->a, string_at(card, 0), at(card, 1), x->out, x->notes);
		return;
	default: body_note(x->a, x->notes, S("a part of an unknown kind was left out")); return;
	}
}

err_t ghost_mobiledoc(arena_t *a, str_t mobiledoc, struct buf *out, struct strs *notes)
{
	json_t *doc, *section;
	size_t i;
	TRY(load(a, "mobiledoc", mobiledoc, &doc));
	struct editor x = { .a = a, .out = out, .notes = notes };
	json_t *sections = json_object_get(doc, "sections");
	err_t e = json_is_array(sections) ? OK : err_new(ERR_INPUT, "its mobiledoc has no sections");
	json_array_foreach(sections, i, section)
		mobiledoc_section(&x, doc, section);
	json_decref(doc);
	return e;
}
