/* body.c: see body.h. Clean HTML is well-formed and has no ">" within values, so a walk from tag to tag
 * is enough. */
#include "press/body_parts.h"
#include "press/view.h"

#include <string.h>

/* --- tags --- */

str_t tag_value(arena_t *a, str_t tag, const char *name)
{
	str_t mark = str_format(a, " %s=\"", name);
	size_t from = str_find(tag, mark, 0);
	if (from == STR_NONE)
		return S("");
	from += mark.n;
	return str_slice(tag, from, str_find_char(tag, '"', from));
}

str_t hash_in(str_t url)
{
	enum { HASH_TEXT = 32 };
	str_t hash = str_slice(url, 7, 7 + HASH_TEXT);
	if (!str_starts(url, S("/media/")) || hash.n != HASH_TEXT ||
	    (url.n > 7 + HASH_TEXT && url.p[7 + HASH_TEXT] != '/'))
		return (str_t){ NULL, 0 };
	return hash;
}

void add_value(struct buf *b, const char *name, str_t value)
{
	buf_add_format(b, " %s=\"", name);
	buf_add_html(b, value);
	buf_add_char(b, '"');
}

static bool is_tag(str_t tag, const char *name)
{
	size_t n = strlen(name);
	return str_starts(tag, str_of(name)) && tag.n > n &&
	       (tag.p[n] == ' ' || tag.p[n] == '>');
}

/* --- figures --- */

enum figure_kind walk_figure(const struct walk *w)
{
	return w->nfigures ? w->figures[w->nfigures - 1] : FIGURE_OTHER;
}

static enum figure_kind kind_of(str_t class)
{
	static const struct {
		const char      *class;
		enum figure_kind kind;
	} known[] = {
		{ "gallery", FIGURE_GALLERY }, { "video", FIGURE_RECORDING },
		{ "audio", FIGURE_RECORDING }, { "table", FIGURE_TABLE },
		{ "embed", FIGURE_EMBED },     { "file", FIGURE_FILE },
	};
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(class, str_of(known[i].class)))
			return known[i].kind;
	return FIGURE_OTHER;
}

/* Tells the page what it needs for this body. */
static void walk_needs(struct walk *w, const char *key)
{
	if (w->use == BODY_PAGE)
		json_object_set_new(w->v->json, key, json_true());
}

static bool in_gallery(const struct walk *w)
{
	for (size_t i = 0; i < w->nfigures; i++)
		if (w->figures[i] == FIGURE_GALLERY)
			return true;
	return false;
}

static err_t open_figure(struct walk *w, str_t tag)
{
	enum figure_kind kind = kind_of(tag_value(w->a, tag, "class"));
	if (kind == FIGURE_EMBED) {
		body_embed(w);
		return OK;
	}
	if (w->nfigures < BODY_DEPTH_MOST)
		w->figures[w->nfigures++] = kind;
	if (kind == FIGURE_GALLERY)
		walk_needs(w, "galleries");
	buf_add(&w->out, tag);
	return kind == FIGURE_FILE ? body_file(w) : OK;
}

/* --- notes --- */

/* The names of all references, so that a note can lead back to each. */
static void find_references(struct walk *w)
{
	str_t mark = S("<a id=\"fnref-");
	for (size_t at = 0; (at = str_find(w->html, mark, at)) != STR_NONE;) {
		at += mark.n;
		strs_add(w->a, &w->references,
			 str_slice(w->html, at, str_find_char(w->html, '"', at)));
	}
}

static void open_notes(struct walk *w, str_t tag)
{
	if (!str_eq(tag_value(w->a, tag, "class"), S("footnotes"))) {
		buf_add(&w->out, tag);
		return;
	}
	buf_add(&w->out, w->use == BODY_PAGE
				 ? S("<section class=\"footnotes\" role=\"doc-endnotes\">\n<h2>")
				 : S("<section>\n<h2>"));
	buf_add_html(&w->out, say(w->v, "body.notes"));
	buf_add(&w->out, S("</h2>\n"));
}

static void add_way_back(struct walk *w, str_t note)
{
	int n = 0;
	for (size_t i = 0; i < w->references.n; i++) {
		str_t name = w->references.v[i];
		if (!str_eq(str_slice(name, 0, str_find_char(name, '-', 0)), note))
			continue;
		buf_add_format(&w->out, " <a href=\"#%.*sfnref-%.*s\"", STR(w->prefix), STR(name));
		if (w->use == BODY_PAGE) {
			struct message_value number = { "n", str_format(w->a, "%d", ++n) };
			buf_add(&w->out, S(" class=\"back\" role=\"doc-backlink\""));
			add_value(&w->out, "aria-label",
				  n > 1 ? say_with(w->v, "body.note-back-again", &number, 1)
					: say(w->v, "body.note-back"));
		}
		/* U+FE0E: as text, not as a picture of an arrow */
		buf_add(&w->out, S(">\xe2\x86\xa9\xef\xb8\x8e</a>"));
	}
}

static void open_item(struct walk *w, str_t tag)
{
	str_t name = tag_value(w->a, tag, "id");
	str_t note = str_starts(name, S("fn-")) ? str_slice(name, 3, name.n) : S("");
	if (w->nitems < BODY_DEPTH_MOST)
		w->items[w->nitems++] = note;
	if (note.n)
		buf_add_format(&w->out, "<li id=\"%.*sfn-%.*s\">", STR(w->prefix), STR(note));
	else
		buf_add(&w->out, tag);
}

/* The way back stands at the end of the note's last line. */
static void close_item(struct walk *w)
{
	str_t note = w->nitems ? w->items[--w->nitems] : S("");
	if (!note.n) {
		buf_add(&w->out, S("</li>"));
		return;
	}
	str_t written = str_trim(buf_str(&w->out));
	bool paragraph = str_ends(written, S("</p>"));
	if (paragraph) {
		w->out.n = (size_t)(written.p - w->out.p) + written.n - 4;
		w->out.p[w->out.n] = '\0';
	}
	add_way_back(w, note);
	buf_add(&w->out, paragraph ? S("</p>\n</li>") : S("</li>"));
}

/* --- links --- */

static err_t open_link(struct walk *w, str_t tag)
{
	str_t id = tag_value(w->a, tag, "id"), href = tag_value(w->a, tag, "href");
	w->in_link = true;
	if (str_starts(id, S("fnref-"))) {
		struct message_value number = {
			"n", str_slice(href, str_starts(href, S("#fn-")) ? 4 : 0, href.n) };
		buf_add_format(&w->out, "<a id=\"%.*s%.*s\" href=\"", STR(w->prefix), STR(id));
		if (str_starts(href, S("#fn-")))
			buf_add_format(&w->out, "#%.*s%.*s\"", STR(w->prefix),
				       STR(str_slice(href, 1, href.n)));
		else
			buf_add_format(&w->out, "%.*s\"", STR(href));
		if (w->use == BODY_PAGE) {
			buf_add(&w->out, S(" role=\"doc-noteref\""));
			add_value(&w->out, "aria-label",
				  say_with(w->v, "body.note-reference", &number, 1));
		}
		buf_add_char(&w->out, '>');
		return OK;
	}
	str_t to;
	TRY(body_media_link(w, href, &to));
	if (str_eq(tag_value(w->a, tag, "class"), S("transcript"))) {
		size_t end = str_find(w->html, S("</a>"), w->at);
		buf_add_format(&w->out, "<a class=\"transcript\" href=\"%.*s\">", STR(to));
		buf_add_html(&w->out, say(w->v, "body.transcript"));
		w->at = end == STR_NONE ? w->html.n : end;
	} else if (!str_eq(to, href)) {
		buf_add_format(&w->out, "<a href=\"%.*s\">", STR(to));
	} else {
		buf_add(&w->out, tag);
	}
	return OK;
}

/* --- tables --- */

static void open_table(struct walk *w, str_t tag)
{
	if (w->tables++ == 0) {
		walk_needs(w, "tables");
		w->wrapped = w->use == BODY_PAGE && walk_figure(w) != FIGURE_TABLE;
		if (w->wrapped)
			buf_add(&w->out, S("<figure class=\"table\">"));
	}
	buf_add(&w->out, tag);
}

static void close_table(struct walk *w)
{
	buf_add(&w->out, S("</table>"));
	w->head = false;
	if (w->tables && --w->tables == 0 && w->wrapped)
		buf_add(&w->out, S("</figure>"));
}

/* A heading says whether it heads a column or a row: screen readers then read it with each cell. */
static void open_heading(struct walk *w, str_t tag)
{
	if (str_find(tag, S(" scope=\""), 0) != STR_NONE) {
		buf_add(&w->out, tag);
		return;
	}
	buf_add_format(&w->out, "%.*s scope=\"%s\">", STR(str_slice(tag, 0, tag.n - 1)),
		       w->head ? "col" : "row");
}

/* --- the walk --- */

static err_t one_tag(struct walk *w, str_t tag)
{
	if (is_tag(tag, "<figure"))
		return open_figure(w, tag);
	if (is_tag(tag, "<a"))
		return open_link(w, tag);
	if (is_tag(tag, "<video") || is_tag(tag, "<audio"))
		return body_player(w, tag);
	if (is_tag(tag, "<img") && in_gallery(w) && !w->in_link && w->use == BODY_PAGE)
		return body_enlarged(w, tag);
	if (is_tag(tag, "<section"))
		open_notes(w, tag);
	else if (is_tag(tag, "<li"))
		open_item(w, tag);
	else if (is_tag(tag, "<table"))
		open_table(w, tag);
	else if (is_tag(tag, "<th"))
		open_heading(w, tag);
	else if (str_eq(tag, S("</li>")))
		close_item(w);
	else if (str_eq(tag, S("</table>")))
		close_table(w);
	else
		buf_add(&w->out, tag);
	if (str_eq(tag, S("</figure>")) && w->nfigures)
		w->nfigures--;
	if (str_eq(tag, S("</a>")))
		w->in_link = false;
	if (is_tag(tag, "<thead") || str_eq(tag, S("</thead>")))
		w->head = tag.p[1] != '/';
	return OK;
}

err_t body_expand(struct stet *s, struct view *v, str_t html, enum body_use use, str_t prefix,
		  str_t *out)
{
	struct walk *w = arena_new(v->a, struct walk);
	size_t open;
	*w = (struct walk){ .s = s, .v = v, .a = v->a, .use = use, .prefix = prefix, .html = html };
	w->out = buf_new(v->a, html.n + html.n / 2 + 256);
	find_references(w);
	while ((open = str_find_char(html, '<', w->at)) != STR_NONE) {
		size_t end = str_find_char(html, '>', open);
		if (end == STR_NONE)
			break;
		buf_add(&w->out, str_slice(html, w->at, open));
		w->at = end + 1;
		TRY(one_tag(w, str_slice(html, open, end + 1)));
	}
	buf_add(&w->out, str_slice(html, w->at, html.n));
	return media_expand(v->c, v->a, buf_str(&w->out), out);
}
