/* clean_grammar.c: see clean_grammar.h. */
#include "page/clean_grammar.h"

static const struct attribute_rule link_attributes[] = {
	{ "id", RULE_NOTE },  { "class", RULE_CLASS }, { "href", RULE_URL },
	{ "title", RULE_TEXT }, { NULL, RULE_TEXT },
};
static const struct attribute_rule item_attributes[] = {
	{ "id", RULE_NOTE }, { NULL, RULE_TEXT },
};
static const struct attribute_rule title_attribute[] = {
	{ "title", RULE_TEXT }, { NULL, RULE_TEXT },
};
static const struct attribute_rule time_attributes[] = {
	{ "datetime", RULE_TEXT }, { NULL, RULE_TEXT },
};
static const struct attribute_rule cite_attribute[] = {
	{ "cite", RULE_SOURCE }, { NULL, RULE_TEXT },
};
static const struct attribute_rule image_attributes[] = {
	{ "src", RULE_SOURCE },     { "alt", RULE_TEXT },  { "width", RULE_NUMBER },
	{ "height", RULE_NUMBER },  { "loading", RULE_LAZY }, { NULL, RULE_TEXT },
};
static const struct attribute_rule audio_attributes[] = {
	{ "src", RULE_OURS }, { "controls", RULE_SWITCH }, { NULL, RULE_TEXT },
};
static const struct attribute_rule video_attributes[] = {
	{ "src", RULE_OURS },     { "poster", RULE_OURS },    { "width", RULE_NUMBER },
	{ "height", RULE_NUMBER }, { "controls", RULE_SWITCH }, { NULL, RULE_TEXT },
};
static const struct attribute_rule track_attributes[] = {
	{ "kind", RULE_TRACK }, { "src", RULE_OURS }, { "srclang", RULE_LANGUAGE },
	{ "label", RULE_TEXT }, { NULL, RULE_TEXT },
};
static const struct attribute_rule list_attributes[] = {
	{ "start", RULE_START }, { NULL, RULE_TEXT },
};
static const struct attribute_rule cell_attributes[] = {
	{ "colspan", RULE_SPAN }, { "rowspan", RULE_SPAN }, { "class", RULE_CLASS },
	{ NULL, RULE_TEXT },
};
static const struct attribute_rule head_cell_attributes[] = {
	{ "colspan", RULE_SPAN }, { "rowspan", RULE_SPAN }, { "scope", RULE_SCOPE },
	{ "class", RULE_CLASS }, { NULL, RULE_TEXT },
};
static const struct attribute_rule class_attribute[] = {
	{ "class", RULE_CLASS }, { NULL, RULE_TEXT },
};

static const char *const figure_classes[] = { "picture", "gallery", "video", "audio", "file",
					      "embed",   "table",   "pull",  "wide",  NULL };
static const char *const aside_classes[] = { "facts", "box", "note", NULL };
static const char *const notes_class[] = { "footnotes", NULL };
static const char *const transcript_class[] = { "transcript", NULL };
static const char *const cell_classes[] = { "number", "center", NULL };
static const char *const credit_class[] = { "credit", NULL };
static const char *const pictures_class[] = { "pictures", NULL };

static const struct element_rule elements[] = {
	{ "p", "p", FATE_BLOCK, false, NULL, NULL },
	{ "h1", "h2", FATE_BLOCK, false, NULL, NULL },
	{ "h2", "h2", FATE_BLOCK, false, NULL, NULL },
	{ "h3", "h3", FATE_BLOCK, false, NULL, NULL },
	{ "h4", "h4", FATE_BLOCK, false, NULL, NULL },
	{ "h5", "h4", FATE_BLOCK, false, NULL, NULL },
	{ "h6", "h4", FATE_BLOCK, false, NULL, NULL },
	{ "summary", "summary", FATE_BLOCK, false, NULL, NULL },
	{ "figcaption", "figcaption", FATE_BLOCK, false, NULL, NULL },
	{ "caption", "caption", FATE_BLOCK, false, NULL, NULL },
	{ "dt", "dt", FATE_BLOCK, false, NULL, NULL },
	{ "pre", "pre", FATE_PRE, false, NULL, NULL },
	{ "hr", "hr", FATE_BLOCK, false, NULL, NULL },
	{ "blockquote", "blockquote", FATE_FLOW, false, cite_attribute, NULL },
	{ "aside", "aside", FATE_FLOW, false, class_attribute, aside_classes },
	{ "section", "section", FATE_FLOW, false, class_attribute, notes_class },
	{ "details", "details", FATE_FLOW, false, NULL, NULL },
	{ "figure", "figure", FATE_LOOSE, false, class_attribute, figure_classes },
	{ "div", "div", FATE_LOOSE, false, class_attribute, pictures_class },
	{ "li", "li", FATE_LOOSE, false, item_attributes, NULL },
	{ "dd", "dd", FATE_LOOSE, false, NULL, NULL },
	{ "td", "td", FATE_LOOSE, false, cell_attributes, cell_classes },
	{ "th", "th", FATE_LOOSE, false, head_cell_attributes, cell_classes },
	{ "ul", "ul", FATE_LIST, false, NULL, NULL },
	{ "ol", "ol", FATE_LIST, false, list_attributes, NULL },
	{ "dl", "dl", FATE_LIST, false, NULL, NULL },
	{ "table", "table", FATE_TABLE, false, NULL, NULL },
	{ "thead", "thead", FATE_TABLE, false, NULL, NULL },
	{ "tbody", "tbody", FATE_TABLE, false, NULL, NULL },
	{ "tfoot", "tbody", FATE_TABLE, false, NULL, NULL },
	{ "tr", "tr", FATE_TABLE, false, NULL, NULL },
	{ "audio", "audio", FATE_PLAYER, false, audio_attributes, NULL },
	{ "video", "video", FATE_PLAYER, false, video_attributes, NULL },
	{ "img", "img", FATE_VOID, false, image_attributes, NULL },
	{ "br", "br", FATE_VOID, true, NULL, NULL },
	{ "a", "a", FATE_INLINE, true, link_attributes, transcript_class },
	{ "em", "em", FATE_INLINE, true, NULL, NULL },
	{ "i", "em", FATE_INLINE, true, NULL, NULL },
	{ "strong", "strong", FATE_INLINE, true, NULL, NULL },
	{ "b", "strong", FATE_INLINE, true, NULL, NULL },
	{ "s", "s", FATE_INLINE, true, NULL, NULL },
	{ "del", "s", FATE_INLINE, true, NULL, NULL },
	{ "strike", "s", FATE_INLINE, true, NULL, NULL },
	{ "sub", "sub", FATE_INLINE, true, NULL, NULL },
	{ "sup", "sup", FATE_INLINE, true, NULL, NULL },
	{ "code", "code", FATE_INLINE, true, NULL, NULL },
	{ "tt", "code", FATE_INLINE, true, NULL, NULL },
	{ "kbd", "code", FATE_INLINE, true, NULL, NULL },
	{ "samp", "code", FATE_INLINE, true, NULL, NULL },
	{ "abbr", "abbr", FATE_INLINE, true, title_attribute, NULL },
	{ "acronym", "abbr", FATE_INLINE, true, title_attribute, NULL },
	{ "cite", "cite", FATE_INLINE, true, NULL, NULL },
	{ "q", "q", FATE_INLINE, true, cite_attribute, NULL },
	{ "small", "small", FATE_INLINE, true, NULL, NULL },
	{ "mark", "mark", FATE_INLINE, true, NULL, NULL },
	{ "time", "time", FATE_INLINE, true, time_attributes, NULL },
	{ "span", "span", FATE_INLINE, true, class_attribute, credit_class },
};

/* What goes with all that is in it. */
static const char *const dropped[] = {
	"script", "style",    "template", "noscript", "iframe",   "object",  "embed",   "applet",
	"frame",  "frameset", "noframes", "noembed",  "svg",      "math",    "canvas",  "textarea",
	"select", "option",   "button",   "input",    "datalist", "meter",   "progress", "dialog",
	"title",  "head",     "link",     "meta",     "base",     "xmp",     "listing", "plaintext",
	"param",  "source",   "track",    "area",     "map",      "image",   "col",     "colgroup",
	"isindex", "keygen",  "marquee",  "bgsound",  "portal",   "slot",    "command", "menuitem",
};

static const char *const neutral[] = {
	"div",  "span",   "section", "article", "header", "footer", "main",   "nav",  "center",
	"font", "u",      "ins",     "big",     "address", "hgroup", "picture", "source", "tbody",
	"body", "html",   "bdi",     "bdo",     "var",    "dfn",    "wbr",    "label", "form",
	"col",  "colgroup", "search", "nobr",   "ruby",
};

static bool contains(const char *const *list, size_t n, str_t name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(name, str_of(list[i])))
			return true;
	return false;
}

/* As they are written. */
static const char *const in_comments[] = {
	"p", "pre", "blockquote", "ul", "ol", "li", "br", "a", "em", "strong", "s", "sub", "sup", "code", "q",
};

const struct element_rule *comment_rule(const struct element_rule *r)
{
	static const struct element_rule unwrap = { "", "", FATE_UNWRAP, false, NULL, NULL };
	if (r->fate == FATE_DROP || contains(in_comments, COUNT(in_comments), str_of(r->as)))
		return r;
	return &unwrap;
}

const struct element_rule *track_rule(void)
{
	static const struct element_rule track = { "track", "track", FATE_VOID, false,
						   track_attributes, NULL };
	return &track;
}

const struct element_rule *element_rule(str_t name)
{
	static const struct element_rule unwrap = { "", "", FATE_UNWRAP, false, NULL, NULL };
	static const struct element_rule drop = { "", "", FATE_DROP, false, NULL, NULL };
	for (size_t i = 0; i < COUNT(elements); i++)
		if (str_eq_nocase(name, str_of(elements[i].name)))
			return &elements[i];
	return contains(dropped, COUNT(dropped), name) ? &drop : &unwrap;
}

bool element_is_neutral(str_t name)
{
	return contains(neutral, COUNT(neutral), name);
}

/* The scheme of an address as a browser would find it: it skips control characters and spaces at the
 * start, and tabs and line breaks anywhere. Empty for a relative address. */
static str_t scheme_of(str_t url, char *room, size_t size)
{
	size_t n = 0;
	bool begun = false;
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];
		if (c == '\t' || c == '\n' || c == '\r' || (!begun && c <= 0x20))
			continue;
		begun = true;
		if (c == ':')
			return str_from(room, n);
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
		if (!(letter || (n && other)) || n == size)
			break;
		room[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	return S("");
}

bool url_is_safe(str_t url, bool source)
{
	char room[16];
	bool control = false;
	for (size_t i = 0; i < url.n; i++)
		control |= (unsigned char)url.p[i] < 0x20 || url.p[i] == 0x7f || url.p[i] == '\\';
	if (control || !url.n || url.n > 2048)
		return false;
	str_t scheme = scheme_of(url, room, sizeof room);
	if (!scheme.n) {
		/* Relative, and no colon before the first slash that a browser might still take for a
		 * scheme's; "//host" names another site without saying how to reach it. */
		size_t colon = str_find_char(url, ':', 0), slash = str_find_char(url, '/', 0);
		size_t mark = str_find_char(url, '?', 0), hash = str_find_char(url, '#', 0);
		return !str_starts(url, S("//")) &&
		       (colon == STR_NONE || slash < colon || mark < colon || hash < colon);
	}
	if (str_eq(scheme, S("http")) || str_eq(scheme, S("https")))
		return str_find(url, S("://"), 0) == scheme.n;
	return !source && (str_eq(scheme, S("mailto")) || str_eq(scheme, S("tel")));
}

bool url_is_ours(str_t url)
{
	return str_starts(url, S("/media/")) && url.n > 7 && url_is_safe(url, true) &&
	       str_find(url, S(".."), 0) == STR_NONE;
}

bool language_is_tag(str_t tag)
{
	for (size_t i = 0; i < tag.n; i++) {
		char c = tag.p[i] | 32;
		bool letter = c >= 'a' && c <= 'z', digit = tag.p[i] >= '0' && tag.p[i] <= '9';
		if (!letter && (i < 2 || !(digit || tag.p[i] == '-')))
			return false;
	}
	return tag.n >= 2 && tag.n <= 35;
}

/* "fn-12", "fnref-12", "fnref-12-3" */
static bool is_note_name(str_t s)
{
	size_t groups = 1, digits = 0;
	bool reference = str_starts(s, S("fnref-"));
	if (!reference && !str_starts(s, S("fn-")))
		return false;
	for (size_t i = reference ? 6 : 3; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9') {
			digits++;
			continue;
		}
		if (s.p[i] != '-' || !digits || !reference || ++groups > 2)
			return false;
		digits = 0;
	}
	return digits > 0 && s.n <= 20;
}

static bool is_track_kind(str_t s)
{
	return str_eq(s, S("captions")) || str_eq(s, S("subtitles")) || str_eq(s, S("descriptions"));
}

static str_t number_in(str_t value, int64_t low, int64_t high)
{
	int64_t n;
	value = str_trim(value);
	return str_int(value, &n) && n >= low && n <= high ? value : (str_t){ NULL, 0 };
}

/* What other systems call the same. */
static const struct {
	const char *theirs, *ours;
} aliases[] = {
	{ "wp-block-image", "picture" },     { "wp-caption", "picture" },
	{ "wp-block-gallery", "gallery" },   { "wp-block-embed", "embed" },
	{ "wp-block-table", "table" },       { "wp-block-pullquote", "pull" },
	{ "wp-block-media-text__media", "picture" }, { "wp-block-video", "video" },
	{ "wp-block-audio", "audio" },       { "wp-block-file", "file" },
	{ "wp-video", "video" },             { "quote", "pull" },
	{ "has-text-align-right", "number" }, { "has-text-align-center", "center" },
	{ "kg-image-card", "picture" },      { "kg-gallery-card", "gallery" },
	{ "kg-embed-card", "embed" },        { "kg-bookmark-card", "embed" },
	{ "kg-video-card", "video" },        { "kg-audio-card", "audio" },
	{ "kg-file-card", "file" },          { "kg-gallery-image", "picture" },
	{ "kg-callout-card", "box" },
};

static str_t our_class(str_t class)
{
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (str_eq(class, str_of(aliases[i].theirs)))
			return str_of(aliases[i].ours);
	return class;
}

static str_t class_in(const char *const *classes, str_t value)
{
	for (str_t rest = value; rest.p;) {
		str_t one = our_class(str_cut(&rest, ' '));
		for (size_t i = 0; classes && classes[i]; i++)
			if (str_eq(one, str_of(classes[i])))
				return str_of(classes[i]);
	}
	return (str_t){ NULL, 0 };
}

str_t attribute_value(arena_t *a, const struct element_rule *e, const struct attribute_rule *rule,
		      str_t value)
{
	const str_t none = { NULL, 0 };
	(void)a;
	switch (rule->rule) {
	case RULE_URL: return url_is_safe(str_trim(value), false) ? str_trim(value) : none;
	case RULE_SOURCE: return url_is_safe(str_trim(value), true) ? str_trim(value) : none;
	case RULE_OURS: return url_is_ours(str_trim(value)) ? str_trim(value) : none;
	case RULE_NOTE: return is_note_name(value) ? value : none;
	case RULE_TRACK: return is_track_kind(value) ? value : S("captions");
	case RULE_LANGUAGE: return language_is_tag(value) ? value : none;
	case RULE_TEXT: return str_clip(value, 2048);
	case RULE_NUMBER: return number_in(value, 1, 10000);
	case RULE_SPAN: return number_in(value, 1, 100);
	case RULE_START: return number_in(value, -999999, 999999);
	case RULE_SCOPE:
		return str_eq(value, S("row")) || str_eq(value, S("col")) ? value : none;
	case RULE_CLASS: return class_in(e->classes, value);
	case RULE_LAZY: return str_eq(value, S("lazy")) ? value : none;
	case RULE_SWITCH: return S("");
	}
	return none;
}
