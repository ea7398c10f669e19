/* markdown_blocks.c: see markdown_blocks.h. The reading: lines into marks and what stays Markdown. */
#include "page/markdown_parts.h"

#include "page/clean.h"

static const char *const names[BLOCK_KINDS] = {
	[BLOCK_FACTS] = "facts",     [BLOCK_BOX] = "box",     [BLOCK_NOTE] = "note",
	[BLOCK_DETAILS] = "details", [BLOCK_PULL] = "pull",   [BLOCK_GALLERY] = "gallery",
	[BLOCK_TABLE] = "table",     [BLOCK_VIDEO] = "video", [BLOCK_AUDIO] = "audio",
	[BLOCK_FILE] = "file",       [BLOCK_EMBED] = "embed",
};

static bool has_fields(enum block_kind kind)
{
	return kind == BLOCK_VIDEO || kind == BLOCK_AUDIO || kind == BLOCK_FILE ||
	       kind == BLOCK_EMBED;
}

err_t blocks_inline(struct markdown_blocks *x, str_t markdown, str_t *out)
{
	return clean_markdown(x->a, GRAMMAR_INLINE, markdown, out, NULL);
}

static str_t element(struct markdown_blocks *x, const char *open, str_t words, const char *close)
{
	return words.n ? str_format(x->a, "%s%.*s%s", open, STR(words), close) : S("");
}

/* --- what a block begins and ends with --- */

static err_t begin_html(struct markdown_blocks *x, const struct open_block *b, struct mark *m)
{
	str_t title;
	TRY(blocks_inline(x, b->title, &title));
	*m = (struct mark){ .kind = MARK_BLOCK, .line = b->line };
	switch (b->kind) {
	case BLOCK_FACTS:
	case BLOCK_BOX:
	case BLOCK_NOTE:
		m->html = str_format(x->a, "<aside class=\"%s\">%.*s", names[b->kind],
				     STR(element(x, "<h2>", title, "</h2>")));
		break;
	case BLOCK_DETAILS:
		if (!title.n)
			return err_new(ERR_INPUT, "line %d: \":::details\" needs the words to click on "
				       "behind it", b->line);
		m->html = str_format(x->a, "<details><summary>%.*s</summary>", STR(title));
		break;
	case BLOCK_PULL: m->html = S("<figure class=\"pull\"><blockquote>"); break;
	case BLOCK_GALLERY: m->html = S("<figure class=\"gallery\">"); break;
	case BLOCK_TABLE:
		m->kind = MARK_TABLE;
		m->words = title;
		break;
	default: break;
	}
	return OK;
}

static err_t end_html(struct markdown_blocks *x, const struct open_block *b, struct mark *m)
{
	str_t words = S("");
	*m = (struct mark){ .kind = MARK_BLOCK, .line = b->line };
	switch (b->kind) {
	case BLOCK_DETAILS: m->html = S("</details>"); return OK;
	case BLOCK_PULL:
		TRY(blocks_inline(x, b->attribution, &words));
		m->html = str_format(x->a, "</blockquote>%.*s</figure>",
				     STR(element(x, "<figcaption>", words, "</figcaption>")));
		return OK;
	case BLOCK_GALLERY:
		TRY(blocks_caption(x, b->title, &words));
		m->html = str_format(x->a, "%.*s</figure>",
				     STR(element(x, "<figcaption>", words, "</figcaption>")));
		return OK;
	case BLOCK_TABLE:
		m->kind = MARK_TABLE_END;
		m->html = S("</figure>");
		return OK;
	case BLOCK_FACTS:
	case BLOCK_BOX:
	case BLOCK_NOTE: m->html = S("</aside>"); return OK;
	default: return media_block_html(x, b, &m->html);
	}
}

static err_t close_block(struct markdown_blocks *x)
{
	struct mark m;
	TRY(end_html(x, &x->open[x->depth - 1], &m));
	x->depth--;
	return blocks_mark(x, &m, true);
}

/* --- lines of colons --- */

static err_t find_kind(str_t name, int line, enum block_kind *out)
{
	size_t nearest = 0, least = SIZE_MAX;
	for (size_t i = 0; i < BLOCK_KINDS; i++) {
		size_t d = str_distance(name, str_of(names[i]));
		if (d < least) {
			least = d;
			nearest = i;
		}
	}
	*out = (enum block_kind)nearest;
	if (least == 0)
		return OK;
	return err_new(ERR_INPUT, "line %d: there is no block \":::%.*s\"; did you mean \":::%s\"?", line,
		       STR(str_clip(name, 40)), names[nearest]);
}

static err_t may_open(const struct markdown_blocks *x, enum block_kind kind, int line)
{
	if (!x->depth)
		return OK;
	const struct open_block *outer = &x->open[x->depth - 1];
	bool holds = outer->kind == BLOCK_FACTS || outer->kind == BLOCK_BOX ||
		     outer->kind == BLOCK_NOTE || outer->kind == BLOCK_DETAILS;
	if (!holds || x->depth == OPEN_MOST)
		return err_new(ERR_INPUT, "line %d: \":::%s\" cannot stand within the \":::%s\" of line "
			       "%d; close that first, with \":::\" in a line of its own", line,
			       names[kind], names[outer->kind], outer->line);
	return OK;
}

static err_t open_block(struct markdown_blocks *x, str_t words, int line)
{
	size_t end = 0;
	while (end < words.n && words.p[end] != ' ' && words.p[end] != '\t')
		end++;
	enum block_kind kind;
	TRY(find_kind(str_slice(words, 0, end), line, &kind));
	TRY(may_open(x, kind, line));
	words = str_trim(str_slice(words, end, words.n));
	bool whole = str_eq(words, S(":::")) || str_ends(words, S(" :::"));
	if (whole)
		words = str_trim(str_slice(words, 0, words.n - 3));
	struct open_block *b = &x->open[x->depth++];
	*b = (struct open_block){ .kind = kind, .line = line, .title = words };
	if (has_fields(kind)) {
		TRY(media_block_begin(x, b, words));
	} else {
		struct mark m;
		TRY(begin_html(x, b, &m));
		TRY(blocks_mark(x, &m, true));
	}
	return whole ? close_block(x) : OK;
}

static err_t colons(struct markdown_blocks *x, str_t s, int line)
{
	str_t words = str_trim(str_slice(s, 3, s.n));
	if (words.n)
		return open_block(x, words, line);
	if (!x->depth)
		return err_new(ERR_INPUT, "line %d: \":::\" closes a block, and none is open", line);
	return close_block(x);
}

/* --- notes --- */

/* "[^label]" at `at`: its label, and where it ends; 0 if there is none. */
static size_t label_at(str_t s, size_t at, str_t *label)
{
	enum { LABEL_MOST = 64 };
	if (!str_starts(str_slice(s, at, s.n), S("[^")))
		return 0;
	size_t end = at + 2;
	while (end < s.n && s.p[end] != ']' && s.p[end] != '[' && s.p[end] != ' ' &&
	       s.p[end] != '\t' && end - at < LABEL_MOST)
		end++;
	*label = str_slice(s, at + 2, end);
	return end < s.n && s.p[end] == ']' && label->n ? end + 1 : 0;
}

/* "[^label]: text" begins a note; `*text` is its first line. */
static bool begins_note(str_t line, str_t *label, str_t *text)
{
	str_t s = markdown_flush_left(line);
	size_t end = s.p ? label_at(s, 0, label) : 0;
	if (!end || end >= s.n || s.p[end] != ':')
		return false;
	*text = str_trim(str_slice(s, end + 1, s.n));
	return true;
}

static err_t marked_line(struct markdown_blocks *x, str_t line, int number)
{
	size_t at = 0;
	for (size_t i = 0; i < line.n;) {
		str_t label;
		size_t end = line.p[i] == '[' ? label_at(line, i, &label) : 0;
		bool picture = end && i && line.p[i - 1] == '!' && end < line.n && line.p[end] == '(';
		if (line.p[i] == '\\')
			i++;
		if (!end || picture) {
			i++;
			continue;
		}
		struct mark m = { .kind = MARK_REFERENCE, .line = number, .label = label,
				  .words = str_slice(line, i, end) };
		buf_add(&x->out, str_slice(line, at, i));
		TRY(blocks_mark(x, &m, false));
		at = i = end;
	}
	buf_add(&x->out, str_slice(line, at, line.n));
	return OK;
}

/* Reads on while lines belong to the note: those that are not blank and begin nothing else, and, behind
 * blank ones, those that are indented. */
static str_t rest_of_note(struct markdown_blocks *x, struct markdown_lines *l, str_t first)
{
	struct buf b = buf_new(x->a, first.n + 128);
	bool blank = false;
	buf_add(&b, first);
	for (struct markdown_lines next = *l; markdown_line(&next);) {
		str_t label, text, s = markdown_flush_left(next.line);
		bool indented = !s.p || str_starts(next.line, S("  "));
		bool empty = !str_trim(next.line).n;
		if (!empty && !indented &&
		    (blank || begins_note(next.line, &label, &text) || str_starts(s, S(":::"))))
			break;
		blank = empty;
		buf_add_char(&b, '\n');
		size_t spaces = 0;
		while (spaces < 4 && spaces < next.line.n && next.line.p[spaces] == ' ')
			spaces++;
		if (next.line.n && next.line.p[0] == '\t')
			spaces = 1;
		buf_add(&b, str_slice(next.line, spaces, next.line.n));
		/* What stands in a note is not code to the lines behind it. */
		l->at = next.at;
		l->number = next.number;
		l->blank = empty;
	}
	return buf_str(&b);
}

static err_t add_note(struct markdown_blocks *x, struct markdown_lines *l, str_t label, str_t first)
{
	for (size_t i = 0; i < x->nnotes; i++)
		if (str_eq(x->notes[i].label, label))
			return err_new(ERR_INPUT, "line %d: the note [^%.*s] is there already, in line %d",
				       l->number, STR(label), x->notes[i].line);
	if (x->nnotes == NOTES_MOST)
		return err_new(ERR_INPUT, "line %d: there are more than %d notes", l->number,
			       NOTES_MOST);
	int line = l->number;
	x->notes = arena_room(x->a, x->notes, x->nnotes, sizeof *x->notes);
	struct note *n = &x->notes[x->nnotes++];
	*n = (struct note){ .label = label, .line = line };
	n->text = rest_of_note(x, l, first);
	if (!str_trim(n->text).n)
		return err_new(ERR_INPUT, "line %d: the note [^%.*s] is empty", line, STR(label));
	return OK;
}

/* --- other lines --- */

static err_t gallery_line(struct markdown_blocks *x, const struct open_block *b, str_t line,
			  int number)
{
	str_t s = str_trim(line);
	if (!s.n)
		return OK;
	if (!str_starts(s, S("![")) || !str_ends(s, S(")")))
		return err_new(ERR_INPUT, "line %d: the \":::gallery\" of line %d holds pictures only, "
			       "one a line: ![what it shows](file \"Caption. | Credit\")", number,
			       b->line);
	buf_add_format(&x->out, "\n%.*s\n", STR(s));
	return OK;
}

/* "-- Ann Lee, harbour master" */
static bool is_attribution(str_t line, str_t *name)
{
	static const char *const dashes[] = { "-- ", "\xe2\x80\x94 ", "\xe2\x80\x93 " };
	str_t s = str_trim(line);
	for (size_t i = 0; i < COUNT(dashes); i++)
		if (str_starts(s, str_of(dashes[i]))) {
			*name = str_trim(str_slice(s, strlen(dashes[i]), s.n));
			return name->n > 0;
		}
	return false;
}

static err_t plain_line(struct markdown_blocks *x, struct markdown_lines *l)
{
	struct open_block *b = x->depth ? &x->open[x->depth - 1] : NULL;
	str_t label, text, s = markdown_flush_left(l->line);
	if (!l->code && str_starts(s, S(":::")))
		return colons(x, s, l->number);
	if (b && has_fields(b->kind))
		return media_block_line(x, b, l->line, l->number);
	if (!l->code && begins_note(l->line, &label, &text))
		return add_note(x, l, label, text);
	if (b && b->kind == BLOCK_GALLERY)
		return gallery_line(x, b, l->line, l->number);
	if (!l->code && b && b->kind == BLOCK_PULL && is_attribution(l->line, &b->attribution))
		return OK;
	TRY(marked_line(x, l->line, l->number));
	buf_add_char(&x->out, '\n');
	return OK;
}

static err_t add_notes(struct markdown_blocks *x)
{
	for (size_t i = 0; i < x->nnotes; i++) {
		struct mark m = { .kind = MARK_NOTE, .line = x->notes[i].line,
				  .label = x->notes[i].label };
		TRY(blocks_mark(x, &m, true));
		TRY(marked_line(x, x->notes[i].text, x->notes[i].line));
		buf_add_char(&x->out, '\n');
	}
	return OK;
}

/* The characters that marks are made of mean nothing in a text. */
static str_t without_marks(arena_t *a, str_t s)
{
	if (str_find_char(s, '\x02', 0) == STR_NONE && str_find_char(s, '\x03', 0) == STR_NONE)
		return s;
	s = str_replace(a, s, S("\x02"), S(" "));
	return str_replace(a, s, S("\x03"), S(" "));
}

err_t blocks_read(arena_t *a, str_t source, struct markdown_blocks **out, str_t *marked)
{
	struct markdown_blocks *x = arena_new(a, struct markdown_blocks);
	struct markdown_lines l = { .text = without_marks(a, source) };
	*x = (struct markdown_blocks){ .a = a, .out = buf_new(a, source.n + 256) };
	while (markdown_line(&l))
		TRY(plain_line(x, &l));
	if (x->depth) {
		const struct open_block *b = &x->open[x->depth - 1];
		return err_new(ERR_INPUT, "line %d: the \":::%s\" that begins here is not closed; write "
			       "\":::\" in a line of its own where it ends", b->line, names[b->kind]);
	}
	for (size_t i = 0; x->nnotes && l.fence && i < l.length; i++)
		buf_add_char(&x->out, l.fence); /* or the notes would be code, too */
	TRY(add_notes(x));
	*out = x;
	*marked = buf_str(&x->out);
	return OK;
}
