/* wp_body.c: see wp_body.h. Three passes: shortcodes, then paragraphs (classic text only), then
 * clean_imported. */
#include "exchange/wp_body.h"
#include "exchange/body_notes.h"

#include <stdio.h>

struct body {
	arena_t                  *a;
	const struct wp_resolver *resolver;
	struct strs              *notes;
	struct buf                out;
	int                       depth; /* of shortcodes within each other */
};

/* --- attributes of a shortcode: name="value" name='value' name=value --- */

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static str_t attribute(str_t tag, const char *name)
{
	str_t wanted = str_of(name);
	for (size_t at = 0; (at = str_find(tag, wanted, at)) != STR_NONE; at++) {
		size_t i = at + wanted.n;
		if (at == 0 || is_name(tag.p[at - 1]) || i >= tag.n || tag.p[i] != '=')
			continue;
		char quote = i + 1 < tag.n ? tag.p[i + 1] : 0;
		if (quote == '"' || quote == '\'')
			return str_slice(tag, i + 2, str_find_char(tag, quote, i + 2));
		size_t end = i + 1;
		while (end < tag.n && tag.p[end] != ' ' && tag.p[end] != ']' && tag.p[end] != '/')
			end++;
		return str_slice(tag, i + 1, end);
	}
	return S("");
}

/* --- shortcodes --- */

struct shortcode {
	str_t  name;
	str_t  tag;   /* with its brackets' inside: name and attributes */
	str_t  inner; /* between it and its closing tag */
	bool   closed;
	size_t end;   /* behind all of it */
};

static bool read_shortcode(str_t s, size_t at, struct shortcode *out)
{
	size_t from = at + 1, to = from;
	while (to < s.n && is_name(s.p[to]))
		to++;
	size_t close = str_find_char(s, ']', to);
	if (to == from || close == STR_NONE || close - at > 4096)
		return false;
	if (to < close && s.p[to] != ' ' && s.p[to] != '/' && s.p[to] != '\n')
		return false;
	*out = (struct shortcode){ .name = str_slice(s, from, to),
				   .tag = str_slice(s, from, close), .end = close + 1 };
	char room[128];
	int n = snprintf(room, sizeof room, "[/%.*s]", STR(out->name));
	if (n <= 0 || n >= (int)sizeof room || str_ends(out->tag, S("/")))
		return true;
	size_t end = str_find(s, str_from(room, (size_t)n), out->end);
	if (end != STR_NONE) {
		out->inner = str_slice(s, out->end, end);
		out->closed = true;
		out->end = end + (size_t)n;
	}
	return true;
}

static void shortcodes(struct body *b, str_t s);

static void add_embed(struct body *b, str_t url)
{
	buf_add(&b->out, S("\n\n<figure class=\"embed\">"));
	buf_add_html(&b->out, str_trim(url));
	buf_add(&b->out, S("</figure>\n\n"));
}

/* [caption]<img ...> words[/caption] */
static void add_caption(struct body *b, const struct shortcode *c)
{
	size_t img = str_find(c->inner, S("<img"), 0);
	size_t end = img == STR_NONE ? STR_NONE : str_find_char(c->inner, '>', img);
	if (end == STR_NONE) {
		shortcodes(b, c->inner);
		return;
	}
	str_t after = str_slice(c->inner, end + 1, c->inner.n);
	if (str_starts(after, S("</a>")))
		after = str_slice(after, 4, after.n);
	str_t words = str_trim(after).n ? str_trim(after) : attribute(c->tag, "caption");
	buf_add(&b->out, S("\n\n<figure class=\"picture\">"));
	buf_add(&b->out, str_slice(c->inner, img, end + 1));
	buf_add(&b->out, S("<figcaption>"));
	buf_add(&b->out, words);
	buf_add(&b->out, S("</figcaption></figure>\n\n"));
}

static void add_gallery(struct body *b, const struct shortcode *c)
{
	str_t ids = attribute(c->tag, "ids");
	if (!ids.n) {
		body_note(b->a, b->notes, S("a gallery of whatever was attached to the post was left "
					    "out: it names no pictures"));
		return;
	}
	buf_add(&b->out, S("\n\n<figure class=\"gallery\">"));
	for (str_t rest = ids; rest.p;) {
		int64_t id;
		str_t alt = S(""), caption = S("");
		if (!str_int(str_trim(str_cut(&rest, ',')), &id))
			continue;
		str_t url = b->resolver->attachment(b->resolver->ctx, id, &alt, &caption);
		if (!url.p) {
			body_note(b->a, b->notes,
				  str_format(b->a, "picture %lld of a gallery did not come along",
					     (long long)id));
			continue;
		}
		buf_add_format(&b->out, "<figure class=\"picture\"><img src=\"%.*s\" alt=\"",
			       STR(url));
		buf_add_html(&b->out, alt);
		buf_add_format(&b->out, "\">%s%.*s%s</figure>", caption.n ? "<figcaption>" : "",
			       STR(caption), caption.n ? "</figcaption>" : "");
	}
	buf_add(&b->out, S("</figure>\n\n"));
}

static void add_recording(struct body *b, const struct shortcode *c, const char *element)
{
	static const char *const sources[] = { "src", "mp3", "m4a", "ogg", "wav", "mp4", "m4v",
					       "webm", "ogv", "flv" };
	for (size_t i = 0; i < COUNT(sources); i++) {
		str_t url = attribute(c->tag, sources[i]);
		if (!url.n)
			continue;
		buf_add_format(&b->out, "\n\n<figure class=\"%s\"><%s src=\"", element, element);
		buf_add_html(&b->out, url);
		buf_add(&b->out, S("\""));
		if (attribute(c->tag, "poster").n) {
			buf_add(&b->out, S(" poster=\""));
			buf_add_html(&b->out, attribute(c->tag, "poster"));
			buf_add(&b->out, S("\""));
		}
		buf_add_format(&b->out, "></%s></figure>\n\n", element);
		return;
	}
}

/* "[sic]" is somebody's word; a shortcode of a plugin gives itself away. */
static bool is_stray(const struct shortcode *c)
{
	bool odd = str_find_char(c->name, '-', 0) != STR_NONE ||
		   str_find_char(c->name, '_', 0) != STR_NONE;
	return !c->closed && !odd && str_find_char(c->tag, '=', 0) == STR_NONE;
}

static bool add_shortcode(struct body *b, const struct shortcode *c)
{
	if (str_eq(c->name, S("caption")) || str_eq(c->name, S("wp_caption")))
		add_caption(b, c);
	else if (str_eq(c->name, S("gallery")))
		add_gallery(b, c);
	else if (str_eq(c->name, S("embed")))
		add_embed(b, c->inner.n ? c->inner : attribute(c->tag, "src"));
	else if (str_eq(c->name, S("audio")))
		add_recording(b, c, "audio");
	else if (str_eq(c->name, S("video")))
		add_recording(b, c, "video");
	else if (is_stray(c))
		return false;
	else {
		body_note(b->a, b->notes,
			  str_format(b->a, "the shortcode [%.*s] means nothing here%s",
				     STR(c->name), c->closed ? "; the text in it stays" : ""));
		shortcodes(b, c->inner);
	}
	return true;
}

static void shortcodes(struct body *b, str_t s)
{
	enum { DEPTH_MOST = 16 };
	size_t at = 0, open;
	if (b->depth++ >= DEPTH_MOST) {
		buf_add(&b->out, s);
		b->depth--;
		return;
	}
	while ((open = str_find_char(s, '[', at)) != STR_NONE) {
		struct shortcode c;
		buf_add(&b->out, str_slice(s, at, open));
		at = open;
		if (str_starts(str_slice(s, at, s.n), S("[[")) &&
		    read_shortcode(s, at + 1, &c) && c.end < s.n && s.p[c.end] == ']') {
			buf_add(&b->out, str_slice(s, at + 1, c.end)); /* escaped */
			at = c.end + 1;
		} else if (read_shortcode(s, at, &c) && add_shortcode(b, &c)) {
			at = c.end;
		} else {
			buf_add_char(&b->out, '[');
			at++;
		}
	}
	buf_add(&b->out, str_slice(s, at, s.n));
	b->depth--;
}

/* --- classic text: blank lines are paragraphs, line breaks are breaks --- */

static bool is_block_tag(str_t s)
{
	static const char *const names[] = {
		"p",   "div",  "h1",    "h2",    "h3",     "h4",     "h5",     "h6",     "ul",
		"ol",  "li",   "dl",    "dt",    "dd",     "table",  "thead",  "tbody",  "tfoot",
		"tr",  "td",   "th",    "blockquote", "pre", "hr",   "figure", "figcaption",
		"section", "article", "aside", "header", "footer", "form", "address", "details",
		"summary", "br", "script", "style", "iframe", "caption", "noscript", "video",
		"audio", "object",
	};
	size_t from = str_starts(s, S("</")) ? 2 : 1, to = from;
	while (to < s.n && is_name(s.p[to]))
		to++;
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq_nocase(str_slice(s, from, to), str_of(names[i])))
			return true;
	return str_starts(s, S("<!--"));
}

/* Hosts whose addresses WordPress makes players and cards of when they stand alone in a line. */
static bool is_embed_line(str_t line)
{
	static const char *const hosts[] = {
		"youtube.com/", "youtu.be/",   "vimeo.com/",     "twitter.com/",    "x.com/",
		"instagram.com/", "facebook.com/", "soundcloud.com/", "spotify.com/", "tiktok.com/",
		"flickr.com/",  "dailymotion.com/", "ted.com/", "reddit.com/", "bsky.app/",
	};
	if (!str_starts(line, S("http")) || str_find_char(line, ' ', 0) != STR_NONE ||
	    str_find_char(line, '<', 0) != STR_NONE)
		return false;
	for (size_t i = 0; i < COUNT(hosts); i++)
		if (str_find(str_slice(line, 0, 64), str_of(hosts[i]), 0) != STR_NONE)
			return true;
	return false;
}

/* Text that keeps its line breaks as they are: from here to its end, or 0. */
static size_t verbatim_end(str_t s, size_t at)
{
	static const struct {
		const char *open, *close;
	} kinds[] = {
		{ "<pre", "</pre>" },       { "<script", "</script>" }, { "<style", "</style>" },
		{ "<textarea", "</textarea>" }, { "<!--", "-->" },
	};
	str_t rest = str_slice(s, at, s.n);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (!str_eq_nocase(str_slice(rest, 0, strlen(kinds[i].open)),
				   str_of(kinds[i].open)))
			continue;
		size_t end = str_find(s, str_of(kinds[i].close), at);
		return end == STR_NONE ? s.n : end + strlen(kinds[i].close);
	}
	return 0;
}

static str_t last_tag(str_t before)
{
	before = str_trim(before);
	if (!str_ends(before, S(">")))
		return S("");
	size_t at = before.n;
	while (at > 0 && before.p[at - 1] != '<')
		at--;
	return at ? str_slice(before, at - 1, before.n) : S("");
}

/* What a run of white space with line breaks in it stands for. */
static void add_break(struct body *b, str_t rest, int breaks)
{
	str_t tag = last_tag(buf_str(&b->out));
	bool after = tag.n && is_block_tag(tag);
	bool before = str_starts(rest, S("<")) && is_block_tag(rest);
	if (breaks > 1)
		buf_add(&b->out, before ? S("\n") : S("\n<p>"));
	else
		buf_add(&b->out, after || before || !rest.n ? S("\n") : S("<br>\n"));
}

static str_t line_at(str_t s, size_t at)
{
	return str_trim(str_slice(s, at, str_find_char(s, '\n', at)));
}

static void paragraphs(struct body *b, str_t s)
{
	bool line_start = true;
	for (size_t at = 0; at < s.n;) {
		size_t verbatim = s.p[at] == '<' ? verbatim_end(s, at) : 0;
		if (line_start && is_embed_line(line_at(s, at))) {
			add_embed(b, line_at(s, at));
			at = str_find_char(s, '\n', at);
			at = at == STR_NONE ? s.n : at;
			line_start = false;
			continue;
		}
		line_start = false;
		if (verbatim) {
			buf_add(&b->out, str_slice(s, at, verbatim));
			at = verbatim;
			continue;
		}
		if (s.p[at] != '\n') {
			buf_add_char(&b->out, s.p[at++]);
			continue;
		}
		int breaks = 0;
		while (at < s.n && (s.p[at] == '\n' || s.p[at] == ' ' || s.p[at] == '\t' ||
				    s.p[at] == '\r'))
			breaks += s.p[at++] == '\n';
		add_break(b, str_slice(s, at, s.n), breaks);
		line_start = true;
	}
}

/* --- blocks --- */

/* Blocks that end where they begin have no HTML: WordPress makes it when the page is shown. */
static void note_dynamic(struct body *b, str_t s)
{
	static const char *const harmless[] = { "more", "nextpage", "spacer", "separator",
						"page-break" };
	for (size_t at = 0; (at = str_find(s, S("<!-- wp:"), at)) != STR_NONE; at++) {
		size_t from = at + 8, to = from, end = str_find(s, S("-->"), at);
		while (to < s.n && (is_name(s.p[to]) || s.p[to] == '/'))
			to++;
		if (end == STR_NONE || end < 1 || s.p[end - 1] != '/')
			continue;
		str_t name = str_slice(s, from, to);
		bool fine = false;
		for (size_t i = 0; i < COUNT(harmless); i++)
			fine |= str_eq(name, str_of(harmless[i]));
		if (str_eq(name, S("block")))
			body_note(b->a, b->notes, S("a reusable block was left out: its text is not "
						    "in the post"));
		else if (!fine)
			body_note(b->a, b->notes,
				  str_format(b->a, "the block \"%.*s\" makes its content when it is "
					     "shown; it was left out", STR(name)));
	}
}

static str_t on_source(void *ctx, str_t url)
{
	const struct wp_resolver *r = ctx;
	return r->picture(r->ctx, url);
}

static str_t on_link(void *ctx, str_t url)
{
	const struct wp_resolver *r = ctx;
	return r->link(r->ctx, url);
}

err_t wp_body_import(arena_t *a, str_t content, const struct wp_resolver *resolver, str_t *html,
		     struct strs *notes)
{
	struct body b = { .a = a, .resolver = resolver, .notes = notes };
	bool blocks = str_find(content, S("<!-- wp:"), 0) != STR_NONE;
	b.out = buf_new(a, content.n + 256);
	if (blocks)
		note_dynamic(&b, content);
	shortcodes(&b, content);
	str_t made = buf_str(&b.out);
	if (!blocks) {
		b.out = buf_new(a, made.n + made.n / 8 + 256);
		paragraphs(&b, str_replace(a, made, S("\r\n"), S("\n")));
		made = buf_str(&b.out);
	}
	struct clean_hooks hooks = { (void *)(uintptr_t)resolver, on_source, on_link };
	return body_clean(a, made, &hooks, html, notes);
}
