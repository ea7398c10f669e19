/* markdown_fill.c: marks, and what becomes of them in the HTML that CommonMark made. */
#include "page/markdown_parts.h"

/* --- into the Markdown --- */

/* A reference stands between commas: to CommonMark it must be punctuation, as "[^1]" is. */
err_t blocks_mark(struct markdown_blocks *x, const struct mark *m, bool alone)
{
	if (x->nmarks == MARKS_MOST)
		return err_new(ERR_INPUT, "line %d: there are more than %d blocks and notes", m->line,
			       MARKS_MOST);
	x->marks = arena_room(x->a, x->marks, x->nmarks, sizeof *x->marks);
	x->marks[x->nmarks] = *m;
	buf_add_format(&x->out, alone ? "\n\n\x02%zu\x03\n\n" : ",\x02%zu\x03,", x->nmarks);
	x->nmarks++;
	return OK;
}

/* --- out of the HTML --- */

struct filling {
	struct markdown_blocks *x;
	struct buf              out;
	struct note           **used; /* in the order of their numbers */
	size_t                  nused;
	bool                    code;
	bool                    table;     /* within ":::table" */
	bool                    row;       /* a row of it has begun: the next cell names it */
	bool                    row_head;  /* within that cell */
	str_t                   caption;   /* that waits for its table */
};

/* The mark at `at`, which must be a \x02; `*end` is behind its \x03. */
static struct mark *mark_at(struct markdown_blocks *x, str_t html, size_t at, size_t *end)
{
	int64_t number;
	size_t close = str_find_char(html, '\x03', at);
	if (close == STR_NONE || !str_int(str_slice(html, at + 1, close), &number) || number < 0 ||
	    (size_t)number >= x->nmarks)
		return NULL;
	*end = close + 1;
	return &x->marks[number];
}

/* A mark that stands alone in a paragraph which begins at `at`. */
static struct mark *block_at(struct markdown_blocks *x, str_t html, size_t at, size_t *end)
{
	if (!str_starts(str_slice(html, at, html.n), S("<p>\x02")))
		return NULL;
	struct mark *m = mark_at(x, html, at + 3, end);
	if (!m || !str_starts(str_slice(html, *end, html.n), S("</p>")))
		return NULL;
	*end += 4;
	return m;
}

static struct note *find_note(struct markdown_blocks *x, str_t label)
{
	for (size_t i = 0; i < x->nnotes; i++)
		if (str_eq(x->notes[i].label, label))
			return &x->notes[i];
	return NULL;
}

static err_t add_reference(struct filling *f, struct mark *m)
{
	if (f->code) {
		buf_add_html(&f->out, m->words);
		return OK;
	}
	struct note *n = find_note(f->x, m->label);
	if (!n)
		return err_new(ERR_INPUT, "line %d: there is no note [^%.*s]; write it as \"[^%.*s]: its "
			       "text\", or \"\\[^%.*s]\" if none is meant", m->line, STR(m->label),
			       STR(m->label), STR(m->label));
	if (!n->number) {
		f->used[f->nused++] = n;
		n->number = (int)f->nused;
	}
	n->references++;
	buf_add_format(&f->out, "<sup><a id=\"fnref-%d", n->number);
	if (n->references > 1)
		buf_add_format(&f->out, "-%d", n->references);
	buf_add_format(&f->out, "\" href=\"#fn-%d\">%d</a></sup>", n->number, n->number);
	return OK;
}

static err_t add_block(struct filling *f, struct mark *m)
{
	if (m->kind == MARK_TABLE_END && f->table && f->caption.p)
		return err_new(ERR_INPUT, "line %d: \":::table\" holds no table", m->line);
	m->placed = true;
	if (m->kind == MARK_TABLE) {
		f->table = true;
		f->caption = m->words.p ? m->words : S("");
		buf_add(&f->out, S("<figure class=\"table\">"));
		return OK;
	}
	if (m->kind == MARK_TABLE_END)
		f->table = false;
	buf_add(&f->out, m->html);
	return OK;
}

/* Whether a tag is a cell's beginning, and how it is aligned. */
static bool is_cell(str_t tag, const char **class)
{
	bool cell = str_starts(tag, S("<td")) || str_starts(tag, S("<th>")) ||
		    str_starts(tag, S("<th "));
	*class = str_find(tag, S("align=\"right\""), 0) != STR_NONE    ? " class=\"number\""
		 : str_find(tag, S("align=\"center\""), 0) != STR_NONE ? " class=\"center\""
								       : "";
	return cell;
}

/* A tag of CommonMark's; in a table of ours the first cell of a row names the row. */
static void add_tag(struct filling *f, str_t tag)
{
	const char *class;
	if (str_starts(tag, S("<code")) || str_starts(tag, S("</code")))
		f->code = tag.p[1] != '/';
	bool head = str_starts(tag, S("<td")) && f->row;
	if (f->table && f->caption.p && str_eq(tag, S("<table>"))) {
		buf_add(&f->out, tag);
		if (f->caption.n)
			buf_add_format(&f->out, "<caption>%.*s</caption>", STR(f->caption));
		f->caption = (str_t){ NULL, 0 };
	} else if (head && is_cell(tag, &class)) {
		buf_add_format(&f->out, "<th scope=\"row\"%s>", class);
		f->row_head = true;
	} else if (is_cell(tag, &class)) {
		buf_add_format(&f->out, "%.*s%s>", STR(str_slice(tag, 0, 3)), class);
	} else if (f->row_head && str_eq(tag, S("</td>"))) {
		buf_add(&f->out, S("</th>"));
		f->row_head = false;
	} else {
		buf_add(&f->out, tag);
	}
	f->row = f->table && str_eq(tag, S("<tr>"));
}

/* Marks within a tag are what stood in the words for a picture: a note has no place there. */
static str_t without_marks(struct filling *f, str_t tag)
{
	if (str_find_char(tag, '\x02', 0) == STR_NONE)
		return tag;
	struct buf b = buf_new(f->x->a, tag.n);
	for (size_t i = 0; i < tag.n; i++) {
		size_t end, open = i + (tag.p[i] == ',');
		if (open < tag.n && tag.p[open] == '\x02' && mark_at(f->x, tag, open, &end))
			i = end - (tag.p[i] != ',');
		else
			buf_add_char(&b, tag.p[i]);
	}
	return buf_str(&b);
}

static err_t fill(struct filling *f, str_t html)
{
	for (size_t at = 0; at < html.n;) {
		struct mark *m = NULL;
		size_t end = at;
		if (html.p[at] == '<' && (m = block_at(f->x, html, at, &end))) {
			TRY(add_block(f, m));
		} else if (html.p[at] == '<') {
			end = str_find_char(html, '>', at);
			end = end == STR_NONE ? html.n : end + 1;
			add_tag(f, without_marks(f, str_slice(html, at, end)));
		} else if (html.p[at] == ',' && at + 1 < html.n && html.p[at + 1] == '\x02' &&
			   (m = mark_at(f->x, html, at + 1, &end))) {
			TRY(add_reference(f, m));
			end++; /* the comma behind it */
		} else {
			end = at + 1;
			buf_add_char(&f->out, html.p[at]);
		}
		at = end;
	}
	return OK;
}

/* Cuts the notes off the end; what is left is the text. */
static str_t take_notes(struct markdown_blocks *x, str_t html)
{
	size_t text = html.n, from = 0, at = 0, end = 0;
	struct note *open = NULL;
	while ((at = str_find(html, S("<p>\x02"), at)) != STR_NONE) {
		struct mark *m = block_at(x, html, at, &end);
		if (m && m->kind == MARK_NOTE) {
			if (open)
				open->html = str_slice(html, from, at);
			else
				text = at;
			m->placed = true;
			open = find_note(x, m->label);
			from = end;
		}
		at++;
	}
	if (open)
		open->html = str_slice(html, from, html.n);
	return str_slice(html, 0, text);
}

static err_t add_notes(struct filling *f)
{
	if (!f->nused)
		return OK;
	buf_add(&f->out, S("<section class=\"footnotes\"><ol>\n"));
	for (size_t i = 0; i < f->nused; i++) { /* which may use others in turn */
		buf_add_format(&f->out, "<li id=\"fn-%zu\">", i + 1);
		TRY(fill(f, f->used[i]->html));
		buf_add(&f->out, S("</li>\n"));
	}
	buf_add(&f->out, S("</ol></section>\n"));
	return OK;
}

static err_t check_all_used(struct markdown_blocks *x)
{
	for (size_t i = 0; i < x->nmarks; i++)
		if (x->marks[i].kind != MARK_REFERENCE && !x->marks[i].placed)
			return err_new(ERR_INPUT, "line %d: a block cannot begin or end within a list, "
				       "a quotation or a table", x->marks[i].line);
	for (size_t i = 0; i < x->nnotes; i++)
		if (!x->notes[i].number)
			return err_new(ERR_INPUT, "line %d: nothing refers to the note [^%.*s]; write "
				       "[^%.*s] where it belongs", x->notes[i].line,
				       STR(x->notes[i].label), STR(x->notes[i].label));
	return OK;
}

err_t blocks_fill(struct markdown_blocks *x, str_t html, str_t *out)
{
	struct filling f = { .x = x, .out = buf_new(x->a, html.n + html.n / 4 + 256) };
	f.used = arena_array(x->a, x->nnotes + 1, sizeof *f.used);
	TRY(fill(&f, take_notes(x, html)));
	TRY(add_notes(&f));
	TRY(check_all_used(x));
	*out = buf_str(&f.out);
	return OK;
}
