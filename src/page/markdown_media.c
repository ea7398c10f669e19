/* markdown_media.c: blocks that are all fields: recordings, files, embeds.
 *
 *	:::video /media/0123...
 *	title: The ferry's last trip
 *	caption: Filmed from the pier.
 *	credit: Ann Lee
 *	:::
 */
#include "page/markdown_parts.h"

#include "page/clean.h"
#include "page/clean_grammar.h"
#include "page/embed.h"

static void add_attribute(struct buf *b, const char *name, str_t value)
{
	if (!value.n)
		return;
	buf_add_format(b, " %s=\"", name);
	buf_add_html(b, value);
	buf_add_char(b, '"');
}

/* --- values --- */

/* The address of something taken in; files beside a story have become such by now. */
static err_t own_address(str_t value, int line, str_t *out)
{
	*out = str_trim(value);
	if (url_is_ours(*out))
		return OK;
	return err_new(ERR_INPUT, "line %d: \"%.*s\" must be a file beside the story's file, or an address "
		       "under /media/", line, STR(str_clip(*out, 200)));
}

static err_t web_address(str_t value, int line, str_t *out)
{
	*out = str_trim(value);
	bool web = str_starts(*out, S("https://")) || str_starts(*out, S("http://"));
	if (web && url_is_safe(*out, true))
		return OK;
	return err_new(ERR_INPUT, "line %d: \"%.*s\" must be an address that begins with https://", line,
		       STR(str_clip(*out, 200)));
}

static str_t first_word(str_t *rest)
{
	str_t s = str_trim(*rest);
	size_t end = 0;
	while (end < s.n && s.p[end] != ' ' && s.p[end] != '\t')
		end++;
	*rest = str_trim(str_slice(s, end, s.n));
	return str_slice(s, 0, end);
}

/* "captions: FILE LANGUAGE the words of the menu" */
static err_t add_track(struct markdown_blocks *x, struct fields *f, const char *kind, str_t value, int line)
{
	str_t address, language;
	TRY(own_address(first_word(&value), line, &address));
	language = first_word(&value);
	if (language.n && !language_is_tag(language))
		return err_new(ERR_INPUT, "line %d: \"%.*s\" must be the tag of a language, as \"en\" or "
			       "\"fr-CA\"", line, STR(str_clip(language, 40)));
	if (!language.n && strcmp(kind, "subtitles") == 0)
		return err_new(ERR_INPUT, "line %d: subtitles need the tag of their language behind the "
			       "file: \"subtitles: %.*s fr\"", line, STR(address));
	struct buf b = buf_new(x->a, 256);
	buf_add(&b, f->tracks);
	buf_add_format(&b, "<track kind=\"%s\"", kind);
	add_attribute(&b, "src", address);
	add_attribute(&b, "srclang", language);
	add_attribute(&b, "label", value);
	buf_add_char(&b, '>');
	f->tracks = buf_str(&b);
	return OK;
}

/* --- lines --- */

enum key {
	KEY_TITLE, KEY_CAPTION, KEY_CREDIT, KEY_POSTER, KEY_TRANSCRIPT, KEY_CAPTIONS, KEY_SUBTITLES,
	KEY_DESCRIPTIONS, KEYS,
};

static const struct {
	const char *name;
	bool        video, audio, file, embed; /* where it may stand */
} keys[KEYS] = {
	[KEY_TITLE] = { "title", true, true, true, true },
	[KEY_CAPTION] = { "caption", true, true, true, true },
	[KEY_CREDIT] = { "credit", true, true, true, true },
	[KEY_POSTER] = { "poster", true, false, false, false },
	[KEY_TRANSCRIPT] = { "transcript", true, true, false, false },
	[KEY_CAPTIONS] = { "captions", true, true, false, false },
	[KEY_SUBTITLES] = { "subtitles", true, false, false, false },
	[KEY_DESCRIPTIONS] = { "descriptions", true, false, false, false },
};

static bool may_stand(enum key key, enum block_kind kind)
{
	switch (kind) {
	case BLOCK_VIDEO: return keys[key].video;
	case BLOCK_AUDIO: return keys[key].audio;
	case BLOCK_FILE: return keys[key].file;
	default: return keys[key].embed;
	}
}

static err_t find_key(enum block_kind kind, str_t line, int number, enum key *out, str_t *value)
{
	size_t colon = str_find_char(line, ':', 0), nearest = 0, least = SIZE_MAX;
	str_t name = str_trim(str_slice(line, 0, colon));
	for (size_t i = 0; i < KEYS && colon != STR_NONE; i++) {
		size_t d = str_distance(name, str_of(keys[i].name));
		if (d < least && may_stand((enum key)i, kind)) {
			least = d;
			nearest = i;
		}
	}
	*out = (enum key)nearest;
	*value = str_trim(str_slice(line, colon + 1, line.n));
	if (colon == STR_NONE)
		return err_new(ERR_INPUT, "line %d: must be a line as \"caption: words\"; a line of \":::\" "
			       "ends the block", number);
	if (least > 0)
		return err_new(ERR_INPUT, "line %d: unknown line \"%.*s:\"; did you mean \"%s:\"?", number,
			       STR(str_clip(name, 40)), keys[nearest].name);
	return OK;
}

err_t media_block_line(struct markdown_blocks *x, struct open_block *b, str_t line, int number)
{
	struct fields *f = &b->fields;
	enum key key;
	str_t value;
	if (!str_trim(line).n)
		return OK;
	TRY(find_key(b->kind, str_trim(line), number, &key, &value));
	switch (key) {
	case KEY_TITLE: return blocks_inline(x, value, &f->title);
	case KEY_CAPTION: return blocks_inline(x, value, &f->caption);
	case KEY_CREDIT: return blocks_inline(x, value, &f->credit);
	case KEY_POSTER: return own_address(value, number, &f->poster);
	case KEY_TRANSCRIPT:
		f->transcript = value;
		return str_starts(value, S("http")) ? web_address(value, number, &f->transcript)
						    : own_address(value, number, &f->transcript);
	case KEY_CAPTIONS: return add_track(x, f, "captions", value, number);
	case KEY_SUBTITLES: return add_track(x, f, "subtitles", value, number);
	case KEY_DESCRIPTIONS: return add_track(x, f, "descriptions", value, number);
	case KEYS: break;
	}
	return OK;
}

err_t media_block_begin(struct markdown_blocks *x, struct open_block *b, str_t words)
{
	str_t address = first_word(&words);
	(void)x;
	if (words.n)
		return err_new(ERR_INPUT, "line %d: one name belongs here; \"%.*s\" is too much", b->line,
			       STR(str_clip(words, 80)));
	return b->kind == BLOCK_EMBED ? web_address(address, b->line, &b->fields.address)
				      : own_address(address, b->line, &b->fields.address);
}

/* --- HTML --- */

static void add_credit(struct buf *b, str_t credit)
{
	if (credit.n)
		buf_add_format(b, "%s<span class=\"credit\">%.*s</span>", b->n ? " " : "", STR(credit));
}

err_t blocks_caption(struct markdown_blocks *x, str_t words, str_t *html)
{
	str_t credit = words, caption = str_trim(str_cut(&credit, '|'));
	struct buf b = buf_new(x->a, words.n + 64);
	TRY(blocks_inline(x, caption, &caption));
	TRY(blocks_inline(x, str_trim(credit), &credit));
	buf_add(&b, caption);
	add_credit(&b, credit);
	*html = buf_str(&b);
	return OK;
}

static str_t caption_of(struct markdown_blocks *x, const struct fields *f, bool title)
{
	struct buf b = buf_new(x->a, 256);
	if (title && f->title.n)
		buf_add_format(&b, "<strong>%.*s</strong>", STR(f->title));
	if (b.n && f->caption.n)
		buf_add_char(&b, ' ');
	buf_add(&b, f->caption);
	add_credit(&b, f->credit);
	if (f->transcript.n) {
		/* A page says this in its own language. */
		buf_add(&b, b.n ? S(" <a class=\"transcript\"") : S("<a class=\"transcript\""));
		add_attribute(&b, "href", f->transcript);
		buf_add(&b, S(">Transcript</a>"));
	}
	return b.n ? str_format(x->a, "<figcaption>%.*s</figcaption>", STR(buf_str(&b))) : S("");
}

static void add_player(struct buf *b, const struct fields *f, const char *element)
{
	buf_add_format(b, "<figure class=\"%s\"><%s", element, element);
	add_attribute(b, "src", f->address);
	add_attribute(b, "poster", f->poster);
	buf_add_format(b, " controls>%.*s</%s>", STR(f->tracks), element);
}

/* A link with the title as its words, or the words given. */
static void add_link(struct buf *b, const char *class, str_t address, str_t title, str_t otherwise)
{
	buf_add_format(b, "<figure class=\"%s\"><a", class);
	add_attribute(b, "href", address);
	buf_add_char(b, '>');
	if (title.n)
		buf_add(b, title);
	else
		buf_add_html(b, otherwise);
	buf_add(b, S("</a>"));
}

err_t media_block_html(struct markdown_blocks *x, const struct open_block *b, str_t *html)
{
	const struct fields *f = &b->fields;
	struct buf out = buf_new(x->a, 512);
	struct embed e;
	bool player = b->kind == BLOCK_VIDEO || b->kind == BLOCK_AUDIO;
	if (player)
		add_player(&out, f, b->kind == BLOCK_VIDEO ? "video" : "audio");
	else if (b->kind == BLOCK_FILE)
		add_link(&out, "file", f->address, f->title, f->address);
	else if (embed_find(x->a, f->address, S(""), &e))
		add_link(&out, "embed", e.link, f->title, e.provider);
	else
		add_link(&out, "embed", f->address, f->title, f->address);
	buf_add(&out, caption_of(x, f, player));
	buf_add(&out, S("</figure>"));
	*html = buf_str(&out);
	return OK;
}
