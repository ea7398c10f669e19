/* clean_import.c: what other systems write: frames, pictures that did not come along, players' parts. */
#include "page/clean_writer.h"
#include "page/embed.h"

bool clean_has_class(const GumboNode *node, const char *class)
{
	const GumboAttribute *at = gumbo_get_attribute(&node->v.element.attributes, "class");
	for (str_t rest = str_of(at ? at->value : NULL); rest.p;)
		if (str_eq(str_cut(&rest, ' '), str_of(class)))
			return true;
	return false;
}

bool clean_names_file(const GumboNode *node)
{
	static const char *const classes[] = { "wp-block-file", "kg-file-card", "file" };
	const GumboNode *up = node->parent;
	for (size_t i = 0; up && clean_is_element(up) && i < COUNT(classes); i++)
		if (clean_has_class(up, classes[i]))
			return true;
	return false;
}

/* Parts of other systems' players and forms, which mean nothing without their scripts. */
bool clean_is_machinery(const GumboNode *node)
{
	static const char *const classes[] = {
		"kg-audio-player", "kg-audio-thumbnail", "kg-video-player-container",
		"kg-audio-hide", "kg-toggle-heading-icon", "wp-block-file__button",
		"kg-video-overlay", "kg-signup-card", "kg-file-card-icon", "kg-bookmark-icon",
		"kg-email-cta", "kg-toggle-card-icon", "wp-block-file__embed",
	};
	for (size_t i = 0; i < COUNT(classes); i++)
		if (clean_has_class(node, classes[i]))
			return true;
	return false;
}

/* What is the same as an element of ours under another name; "" as one that only groups. */
const struct element_rule *clean_import_rule(const GumboNode *node, str_t name)
{
	static const struct {
		const char *element, *class, *as;
	} known[] = {
		{ "div", "kg-callout-card", "aside" },     { "div", "kg-audio-card", "figure" },
		{ "div", "kg-audio-title", "figcaption" }, { "div", "kg-file-card", "figure" },
		{ "div", "kg-file-card-caption", "figcaption" },
		{ "div", "kg-toggle-card", "details" },    { "div", "kg-toggle-heading", "summary" },
		{ "div", "kg-gallery-image", "figure" },   { "div", "wp-block-file", "figure" },
		{ "div", "wp-video", "figure" },           { "ul", "blocks-gallery-grid", "" },
		{ "ul", "wp-block-gallery", "figure" },    { "li", "blocks-gallery-item", "" },
	};
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(name, str_of(known[i].element)) && clean_has_class(node, known[i].class))
			return element_rule(str_of(known[i].as));
	return NULL;
}

/* "https://www.youtube.com/embed/ID?x" shows what "https://www.youtube.com/watch?v=ID" does. */
static str_t shown_by(arena_t *a, str_t frame)
{
	struct embed e;
	if (str_starts(frame, S("//")))
		frame = str_format(a, "https:%.*s", STR(frame));
	return embed_find(a, frame, S(""), &e) ? e.link : frame;
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
	clean_flush_gap(w);
	buf_add(&w->out, S("<a"));
	clean_add_attribute(w, "href", url);
	buf_add_char(&w->out, '>');
	clean_write_plain(w, str_trim(text).n ? text : url);
	buf_add(&w->out, S("</a>"));
}

static str_t source_of(const GumboNode *node)
{
	const GumboAttribute *src = clean_attribute(&node->v.element, "src");
	return src ? str_trim(str_of(src->value)) : S("");
}

/* A frame as a link to what it showed; true if it was one. */
bool clean_write_frame(struct writer *w, const GumboNode *node)
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
bool clean_write_absent(struct writer *w, const GumboNode *node, const struct element_rule *r)
{
	str_t url = source_of(node);
	if (!w->hooks || w->hooks->source(w->hooks->ctx, url).p)
		return false;
	const GumboAttribute *alt = clean_attribute(&node->v.element, "alt");
	clean_write_gone(w, url, str_of(alt ? alt->value : ""), r);
	return true;
}

void clean_write_gone(struct writer *w, str_t url, str_t words, const struct element_rule *r)
{
	str_t text = words.n ? words : host_of(url);
	clean_lose(w, str_format(w->a, "a file that did not come along (<%s>, now a link)", r->as));
	if (w->in_link)
		clean_write_text(w, text);
	else if (str_starts(url, S("http")))
		write_link(w, url, text);
}

/* Within an embed, an address alone is what WordPress makes a frame of. */
bool clean_write_address(struct writer *w, const GumboNode *node)
{
	str_t text = str_trim(str_of(node->v.text.text));
	if (!w->hooks || w->in_link || !str_starts(text, S("http")) ||
	    str_find_char(text, ' ', 0) != STR_NONE || !url_is_safe(text, true))
		return false;
	for (const GumboNode *up = node->parent; up && clean_is_element(up); up = up->parent)
		if (clean_has_class(up, "wp-block-embed") || clean_has_class(up, "embed")) {
			write_link(w, text, text);
			return true;
		}
	return false;
}
