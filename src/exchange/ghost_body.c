/* ghost_body.c: choosing the source; cards, which both editors share. */
#include "exchange/ghost_body.h"
#include "exchange/body_notes.h"

static str_t text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

static void add_attribute(struct buf *out, const char *name, str_t value)
{
	buf_add_format(out, " %s=\"", name);
	buf_add_html(out, value);
	buf_add_char(out, '"');
}

static void add_caption(struct buf *out, const json_t *p)
{
	str_t caption = text_of(p, "caption");
	if (!caption.n)
		return;
	buf_add(out, S("<figcaption>"));
	buf_add(out, caption); /* HTML */
	buf_add(out, S("</figcaption>"));
}

static void add_picture(struct buf *out, const json_t *p)
{
	buf_add(out, S("<img"));
	add_attribute(out, "src", text_of(p, "src"));
	add_attribute(out, "alt", text_of(p, "alt"));
	buf_add(out, S(">"));
}

static void image(struct buf *out, const json_t *p)
{
	buf_add(out, S("<figure class=\"picture\">"));
	add_picture(out, p);
	add_caption(out, p);
	buf_add(out, S("</figure>\n"));
}

static void gallery(struct buf *out, const json_t *p)
{
	size_t i;
	json_t *one;
	buf_add(out, S("<figure class=\"gallery\">"));
	json_array_foreach(json_object_get(p, "images"), i, one) {
		/* A gallery's pictures have no folder of their own in old posts, only a name. */
		buf_add(out, S("<figure class=\"picture\">"));
		add_picture(out, one);
		add_caption(out, one);
		buf_add(out, S("</figure>"));
	}
	add_caption(out, p);
	buf_add(out, S("</figure>\n"));
}

static void add_link(struct buf *out, str_t url, str_t text)
{
	buf_add(out, S("<a"));
	add_attribute(out, "href", url);
	buf_add_char(out, '>');
	buf_add_html(out, text.n ? text : url);
	buf_add(out, S("</a>"));
}

static void bookmark(struct buf *out, const json_t *p)
{
	const json_t *meta = json_object_get(p, "metadata");
	str_t title = text_of(meta, "title"), about = text_of(meta, "description");
	buf_add(out, S("<figure class=\"embed\"><p>"));
	add_link(out, text_of(p, "url"), title);
	buf_add(out, S("</p>"));
	if (about.n) {
		buf_add(out, S("<p>"));
		buf_add_html(out, about);
		buf_add(out, S("</p>"));
	}
	add_caption(out, p);
	buf_add(out, S("</figure>\n"));
}

static void embed(struct buf *out, const json_t *p)
{
	str_t url = text_of(p, "url");
	buf_add(out, S("<figure class=\"embed\">"));
	if (url.n)
		add_link(out, url, text_of(json_object_get(p, "metadata"), "title"));
	else
		buf_add(out, text_of(p, "html"));
	add_caption(out, p);
	buf_add(out, S("</figure>\n"));
}

static void recording(struct buf *out, const json_t *p, const char *element)
{
	str_t title = text_of(p, "title"), poster = text_of(p, "customThumbnailSrc");
	if (!poster.n)
		poster = text_of(p, "thumbnailSrc");
	buf_add_format(out, "<figure class=\"%s\"><%s", element, element);
	add_attribute(out, "src", text_of(p, "src"));
	if (poster.n)
		add_attribute(out, "poster", poster);
	buf_add_format(out, "></%s>", element);
	if (title.n || text_of(p, "caption").n)
		buf_add(out, S("<figcaption>"));
	if (title.n) {
		buf_add(out, S("<strong>"));
		buf_add_html(out, title);
		buf_add(out, S("</strong> "));
	}
	buf_add(out, text_of(p, "caption")); /* HTML */
	if (title.n || text_of(p, "caption").n)
		buf_add(out, S("</figcaption>"));
	buf_add(out, S("</figure>\n"));
}

static void file(struct buf *out, const json_t *p)
{
	str_t title = text_of(p, "fileTitle");
	str_t about = text_of(p, "fileCaption");
	buf_add(out, S("<figure class=\"file\">"));
	add_link(out, text_of(p, "src"), title.n ? title : text_of(p, "fileName"));
	if (about.n) {
		buf_add(out, S("<figcaption>"));
		buf_add_html(out, about);
		buf_add(out, S("</figcaption>"));
	}
	buf_add(out, S("</figure>\n"));
}

static void code(struct buf *out, const json_t *p)
{
	buf_add(out, S("<pre><code>"));
	buf_add_html(out, text_of(p, "code"));
	buf_add(out, S("</code></pre>\n"));
}

static void callout(struct buf *out, const json_t *p)
{
	buf_add(out, S("<aside class=\"box\"><p>"));
	buf_add_html(out, text_of(p, "calloutEmoji"));
	buf_add(out, S(" "));
	buf_add(out, text_of(p, "calloutText"));
	buf_add(out, S("</p></aside>\n"));
}

static void toggle(struct buf *out, const json_t *p)
{
	buf_add(out, S("<details><summary>"));
	buf_add(out, text_of(p, "heading"));
	buf_add(out, S("</summary>"));
	buf_add(out, text_of(p, "content"));
	buf_add(out, S("</details>\n"));
}

static void button(struct buf *out, const json_t *p)
{
	buf_add(out, S("<p>"));
	add_link(out, text_of(p, "buttonUrl"), text_of(p, "buttonText"));
	buf_add(out, S("</p>\n"));
}

static void header(struct buf *out, const json_t *p)
{
	buf_add(out, S("<h2>"));
	buf_add(out, text_of(p, "header"));
	buf_add(out, S("</h2><p>"));
	buf_add(out, text_of(p, "subheader"));
	buf_add(out, S("</p>"));
	if (text_of(p, "buttonUrl").n)
		button(out, p);
}

static void product(struct buf *out, const json_t *p)
{
	buf_add(out, S("<aside class=\"box\">"));
	if (text_of(p, "productImageSrc").n) {
		buf_add(out, S("<figure class=\"picture\"><img"));
		add_attribute(out, "src", text_of(p, "productImageSrc"));
		buf_add(out, S("></figure>"));
	}
	buf_add(out, S("<h4>"));
	buf_add(out, text_of(p, "productTitle"));
	buf_add(out, S("</h4>"));
	buf_add(out, text_of(p, "productDescription"));
	if (text_of(p, "productUrl").n) {
		buf_add(out, S("<p>"));
		add_link(out, text_of(p, "productUrl"), text_of(p, "productButton"));
		buf_add(out, S("</p>"));
	}
	buf_add(out, S("</aside>\n"));
}

static void call_to_action(struct buf *out, const json_t *p)
{
	buf_add(out, S("<aside class=\"box\">"));
	buf_add(out, text_of(p, "textValue"));
	if (text_of(p, "buttonUrl").n)
		button(out, p);
	buf_add(out, S("</aside>\n"));
}

/* Ghost's Markdown knows notes as ours does. A text that ours would refuse is CommonMark all the same. */
static void markdown(arena_t *a, struct buf *out, str_t text)
{
	str_t html;
	err_t e = clean_markdown(a, GRAMMAR_STORY, text, &html, NULL);
	if (e) {
		err_free(e);
		e = clean_commonmark(a, GRAMMAR_STORY, text, &html, NULL);
	}
	if (!e)
		buf_add(out, html);
	err_free(e);
}

/* Cards that only make sense in mail or before a paywall. */
static bool is_left_out(str_t kind)
{
	static const char *const kinds[] = { "email", "email-cta", "paywall", "signup" };
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(kind, str_of(kinds[i])))
			return true;
	return false;
}

void ghost_card(arena_t *a, str_t kind, const json_t *p, struct buf *out, struct strs *notes)
{
	static const struct {
		const char *kind;
		void (*write)(struct buf *out, const json_t *p);
	} cards[] = {
		{ "image", image },       { "gallery", gallery },   { "bookmark", bookmark },
		{ "embed", embed },       { "file", file },         { "codeblock", code },
		{ "code", code },         { "callout", callout },   { "toggle", toggle },
		{ "button", button },     { "header", header },     { "product", product },
		{ "call-to-action", call_to_action },
	};
	for (size_t i = 0; i < COUNT(cards); i++)
		if (str_eq(kind, str_of(cards[i].kind))) {
			cards[i].write(out, p);
			return;
		}
	if (str_eq(kind, S("html")))
		buf_add(out, text_of(p, "html"));
	else if (str_eq(kind, S("markdown")) || str_eq(kind, S("card-markdown")))
		markdown(a, out, text_of(p, "markdown"));
	else if (str_eq(kind, S("horizontalrule")) || str_eq(kind, S("hr")))
		buf_add(out, S("<hr>\n"));
	else if (str_eq(kind, S("audio")))
		recording(out, p, "audio");
	else if (str_eq(kind, S("video")))
		recording(out, p, "video");
	else if (is_left_out(kind))
		body_note(a, notes, str_format(a, "the card \"%.*s\" is for mail or members; it was "
					       "left out", STR(kind)));
	else
		body_note(a, notes, str_format(a, "the card \"%.*s\" is not known here; it was left "
					       "out", STR(kind)));
}

static str_t on_source(void *ctx, str_t url)
{
	const struct ghost_resolver *r = ctx;
	return r->picture(r->ctx, url);
}

static str_t on_link(void *ctx, str_t url)
{
	const struct ghost_resolver *r = ctx;
	return r->link(r->ctx, url);
}

/* Ghost's other kind of quotation is a pull quote. */
static void add_html(struct buf *out, str_t html)
{
	str_t open = S("<blockquote class=\"kg-blockquote-alt\">"), close = S("</blockquote>");
	size_t at = 0, from;
	while ((from = str_find(html, open, at)) != STR_NONE) {
		size_t end = str_find(html, close, from);
		if (end == STR_NONE)
			break;
		buf_add(out, str_slice(html, at, from));
		buf_add(out, S("<figure class=\"pull\"><blockquote>"));
		buf_add(out, str_slice(html, from + open.n, end + close.n));
		buf_add(out, S("</figure>"));
		at = end + close.n;
	}
	buf_add(out, str_slice(html, at, html.n));
}

err_t ghost_body_import(arena_t *a, const struct ghost_source *source,
			const struct ghost_resolver *resolver, str_t *html, struct strs *notes)
{
	struct buf made = buf_new(a, source->html.n + 1024);
	if (str_trim(source->html).n)
		add_html(&made, source->html);
	else if (source->lexical.n)
		TRY(ghost_lexical(a, source->lexical, &made, notes));
	else if (source->mobiledoc.n)
		TRY(ghost_mobiledoc(a, source->mobiledoc, &made, notes));
	else if (source->markdown.n)
		markdown(a, &made, source->markdown);
	struct clean_hooks hooks = { (void *)(uintptr_t)resolver, on_source, on_link };
	return body_clean(a, buf_str(&made), &hooks, html, notes);
}
