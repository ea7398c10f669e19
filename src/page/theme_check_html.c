/* theme_check_html.c: a folder's templates as a browser would read them.
 *
 * Mustache tags are blanked, values by letters so that an attribute has a value, everything else by
 * spaces; bytes keep their places, so a finding's line is the template's. */
#include "page/theme_check.h"

#include <gumbo.h>
#include <string.h>

struct reading {
	struct checking *c;
	str_t            path;
	bool             lang, title, main, viewport, skip;
	bool             leaves; /* it is no page of the site: it bears its style within it */
};

/* --- blanking --- */

static size_t tag_end(str_t s, size_t at)
{
	str_t close = str_starts(str_slice(s, at, s.n), S("{{{")) ? S("}}}") : S("}}");
	size_t end = str_find(s, close, at);
	return end == STR_NONE ? s.n : end + close.n;
}

static str_t blank(arena_t *a, str_t source)
{
	struct buf b = buf_new(a, source.n + 1);
	size_t at = 0, tag;
	while ((tag = str_find(source, S("{{"), at)) != STR_NONE) {
		size_t end = tag_end(source, tag);
		bool value = tag + 2 < source.n && !strchr("#^/!>$<=", source.p[tag + 2]);
		buf_add(&b, str_slice(source, at, tag));
		for (size_t i = tag; i < end; i++)
			buf_add_char(&b, source.p[i] == '\n' ? '\n' : value ? 'x' : ' ');
		at = end;
	}
	buf_add(&b, str_slice(source, at, source.n));
	return buf_str(&b);
}

/* --- looking --- */

static const char *attribute(const GumboElement *e, const char *name)
{
	const GumboAttribute *v = gumbo_get_attribute(&e->attributes, name);
	return v ? v->value : NULL;
}

static void tell(struct reading *r, bool error, const GumboElement *e, const char *text)
{
	finding_of(r->c, error, r->path, (int)e->start_pos.line, (int)e->start_pos.column, "%s", text);
}

static bool is_elsewhere(const char *address)
{
	str_t v = str_trim(str_of(address));
	return str_starts(v, S("http:")) || str_starts(v, S("https:")) || str_starts(v, S("//"));
}

static void check_attributes(struct reading *r, const GumboElement *e)
{
	for (unsigned i = 0; i < e->attributes.length; i++) {
		const GumboAttribute *v = e->attributes.data[i];
		str_t name = str_of(v->name), value = str_trim(str_of(v->value));
		if (str_eq(name, S("style")) && !r->leaves)
			tell(r, true, e, "style=\"…\" is refused by the Content-Security-Policy: give it a "
			     "class, and a rule in a sheet");
		else if (str_starts(name, S("on")) && name.n > 2)
			tell(r, true, e, "scripts in attributes are refused by the Content-Security-Policy: "
			     "listen in a file under script/");
		else if (str_eq_nocase(str_slice(value, 0, 11), S("javascript:")))
			tell(r, true, e, "\"javascript:\" is refused by the Content-Security-Policy");
	}
}

static void check_address(struct reading *r, const GumboElement *e, const char *name)
{
	const char *v = attribute(e, name);
	if (v && is_elsewhere(v))
		tell(r, true, e, "it is fetched from elsewhere, which the Content-Security-Policy refuses: "
		     "put the file into the theme");
}

static void check_meta(struct reading *r, const GumboElement *e)
{
	const char *name = attribute(e, "name");
	r->viewport = r->viewport || (name && strcmp(name, "viewport") == 0);
}

static void check_link(struct reading *r, const GumboElement *e)
{
	static const char *const fetched[] = { "stylesheet", "icon", "preload", "manifest",
					       "apple-touch-icon", "modulepreload" };
	const char *rel = attribute(e, "rel");
	for (size_t i = 0; rel && i < COUNT(fetched); i++)
		if (strcmp(rel, fetched[i]) == 0)
			check_address(r, e, "href");
}

static void check_element(struct reading *r, const GumboElement *e)
{
	const char *href;
	check_attributes(r, e);
	switch (e->tag) {
	case GUMBO_TAG_HTML: r->lang = r->lang || attribute(e, "lang"); break;
	case GUMBO_TAG_TITLE: r->title = true; break;
	case GUMBO_TAG_MAIN: r->main = true; break;
	case GUMBO_TAG_META: check_meta(r, e); break;
	case GUMBO_TAG_LINK: check_link(r, e); break;
	case GUMBO_TAG_A:
		href = attribute(e, "href");
		r->skip = r->skip || (href && href[0] == '#');
		break;
	case GUMBO_TAG_STYLE:
		if (r->leaves)
			break;
		tell(r, true, e, "<style> is refused by the Content-Security-Policy: write a sheet under "
		     "style/ and name it in style/ORDER");
		break;
	case GUMBO_TAG_SCRIPT:
		if (!attribute(e, "src") && !attribute(e, "type"))
			tell(r, true, e, "a script in the page is refused by the Content-Security-Policy: "
			     "put it under script/");
		check_address(r, e, "src");
		break;
	case GUMBO_TAG_IMG:
		if (!attribute(e, "alt"))
			tell(r, true, e, "<img> has no alt: those who do not see it are told nothing");
		check_address(r, e, "src");
		break;
	case GUMBO_TAG_SOURCE: case GUMBO_TAG_VIDEO: case GUMBO_TAG_AUDIO: case GUMBO_TAG_IFRAME:
		check_address(r, e, "src");
		break;
	default: break;
	}
}

static void walk(struct reading *r, const GumboNode *n, unsigned depth)
{
	enum { DEPTH_MOST = 400 };
	const GumboVector *children = n->type == GUMBO_NODE_DOCUMENT ? &n->v.document.children
								     : &n->v.element.children;
	if (n->type == GUMBO_NODE_ELEMENT)
		check_element(r, &n->v.element);
	if (depth < DEPTH_MOST && (n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_DOCUMENT))
		for (unsigned i = 0; i < children->length; i++)
			walk(r, children->data[i], depth + 1);
}

/* The frame of every page. */
static void check_frame(const struct reading *r)
{
	static const char *const wanted[] = {
		"<html> has no lang: screen readers guess the language",
		"there is no <title>",
		"there is no <main>: nobody can go to what the page is about",
		"there is no <meta name=\"viewport\">: telephones show the page as on a desk",
		"there is no link past the masthead (\"#main\") for those who use the keyboard",
	};
	const bool there[] = { r->lang, r->title, r->main, r->viewport, r->skip };
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!there[i])
			finding_of(r->c, true, r->path, 0, 0, "%s", wanted[i]);
}

/* Letters, and what a reader takes away: no sheet of ours reaches them, no policy forbids theirs. */
static bool is_sent_away(str_t path)
{
	return str_eq(path, S("templates/letter.html")) || str_eq(path, S("templates/copy.html"));
}

void theme_check_html(struct checking *c)
{
	for (size_t i = 0; i < c->own.n; i++) {
		struct reading r = { .c = c, .path = c->own.v[i].path,
				     .leaves = is_sent_away(c->own.v[i].path) };
		if (!str_starts(r.path, S("templates/")))
			continue;
		str_t text = blank(c->a, c->own.v[i].bytes);
		GumboOutput *page = gumbo_parse_with_options(&kGumboDefaultOptions, text.p, text.n);
		walk(&r, page->document, 0);
		gumbo_destroy_output(&kGumboDefaultOptions, page);
		if (str_eq(r.path, S("templates/layout.html")))
			check_frame(&r);
	}
}
