/* blocks.c: see blocks.h. */
#include "press/blocks.h"

/* --- names --- */

enum { NAMES_FIRST = 64 };

struct names names_new(arena_t *a)
{
	return (struct names){ .a = a, .cap = NAMES_FIRST,
			       .slots = arena_array(a, NAMES_FIRST, sizeof(uint32_t)) };
}

/* FNV-1a: the strings are one story's own, and a bad day costs time within the request's bounds. */
static size_t hash_of(struct name name)
{
	uint64_t h = 1469598103934665603u ^ name.sort;
	for (size_t i = 0; i < name.text.n; i++)
		h = (h ^ (unsigned char)name.text.p[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static bool same_name(struct name a, struct name b)
{
	return a.sort == b.sort && str_eq(a.text, b.text);
}

static uint32_t *find_slot(const struct names *s, struct name name)
{
	size_t at = hash_of(name) & (s->cap - 1);
	while (s->slots[at] && !same_name(s->v[s->slots[at] - 1], name))
		at = (at + 1) & (s->cap - 1);
	return &s->slots[at];
}

static void grow_names(struct names *s)
{
	s->cap *= 2;
	s->slots = arena_array(s->a, s->cap, sizeof *s->slots);
	for (size_t i = 0; i < s->n; i++)
		*find_slot(s, s->v[i]) = (uint32_t)i + 1;
}

uint32_t names_number(struct names *s, uint16_t sort, str_t text)
{
	struct name name = { text, sort };
	uint32_t *slot = find_slot(s, name);
	if (*slot)
		return *slot - 1;
	s->v = arena_room(s->a, s->v, s->n, sizeof *s->v);
	s->v[s->n++] = name;
	*slot = (uint32_t)s->n;
	if (2 * s->n > s->cap)
		grow_names(s);
	return (uint32_t)s->n - 1;
}

/* --- tags --- */

struct tag_at {
	str_t whole; /* <p class="box"> */
	str_t name;
	bool  closes;
};

/* The tag at `*at`, which moves behind it. Clean text has no '>' inside of one. */
static struct tag_at read_tag(str_t html, size_t *at)
{
	size_t end = str_find_char(html, '>', *at);
	end = end == STR_NONE ? html.n : end + 1;
	struct tag_at t = { .whole = str_slice(html, *at, end) };
	size_t from = 1;
	t.closes = t.whole.n > 1 && t.whole.p[1] == '/';
	from += t.closes;
	size_t to = from;
	while (to < t.whole.n && t.whole.p[to] != ' ' && t.whole.p[to] != '>')
		to++;
	t.name = str_slice(t.whole, from, to);
	*at = end;
	return t;
}

static const struct {
	const char *reference, *text;
} references[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&#39;", "'" },
};

/* The sign that a reference at `at` stands for; `*n` is the reference's length. */
static str_t resolve(str_t s, size_t at, size_t *n)
{
	for (size_t i = 0; i < COUNT(references); i++) {
		str_t r = str_of(references[i].reference);
		if (str_eq(str_slice(s, at, at + r.n), r)) {
			*n = r.n;
			return str_of(references[i].text);
		}
	}
	*n = 1;
	return str_slice(s, at, at + 1);
}

static str_t resolved(arena_t *a, str_t s)
{
	if (str_find_char(s, '&', 0) == STR_NONE)
		return s;
	struct buf b = buf_new(a, s.n);
	for (size_t i = 0, n; i < s.n; i += n)
		buf_add(&b, resolve(s, i, &n));
	return buf_str(&b);
}

str_t tag_attribute(arena_t *a, str_t tag, const char *name)
{
	str_t mark = str_format(a, " %s=\"", name);
	size_t at = str_find(tag, mark, 0);
	if (at == STR_NONE)
		return S("");
	at += mark.n;
	return resolved(a, str_slice(tag, at, str_find_char(tag, '"', at)));
}

/* --- blocks --- */

static const struct {
	const char *name;
	uint16_t    style; /* 0: it is not shown by itself */
} phrasing[] = {
	{ "em", STYLE_EM }, { "strong", STYLE_STRONG }, { "s", STYLE_S }, { "sub", STYLE_SUB },
	{ "sup", STYLE_SUP }, { "code", STYLE_CODE }, { "mark", STYLE_MARK }, { "q", STYLE_Q },
	{ "small", STYLE_SMALL }, { "a", 0 }, { "abbr", 0 }, { "cite", 0 }, { "time", 0 }, { "span", 0 },
	{ "br", 0 },
};

static bool is_phrasing(str_t name, uint16_t *style)
{
	for (size_t i = 0; i < COUNT(phrasing); i++)
		if (str_eq(name, str_of(phrasing[i].name))) {
			*style = phrasing[i].style;
			return true;
		}
	return false;
}

static const struct {
	const char     *name;
	enum block_kind kind;
} kinds[] = {
	{ "h2", BLOCK_HEADING }, { "h3", BLOCK_HEADING }, { "h4", BLOCK_HEADING },
	{ "summary", BLOCK_HEADING }, { "dt", BLOCK_HEADING }, { "li", BLOCK_ITEM },
	{ "dd", BLOCK_ITEM }, { "blockquote", BLOCK_QUOTE }, { "tr", BLOCK_ROW }, { "pre", BLOCK_CODE },
	{ "figcaption", BLOCK_CAPTION }, { "caption", BLOCK_CAPTION },
};

/* What the text that follows belongs to. */
struct splitter {
	arena_t        *a;
	struct names   *names;
	struct blocks   out;
	str_t           html;
	size_t          from;     /* where the block that is open begins */
	enum block_kind kind;     /* of the innermost tag that says so */
	int             items, quotes, rows;
};

static void add_block(struct splitter *s, enum block_kind kind, str_t html)
{
	struct blocks *o = &s->out;
	o->v = arena_room(s->a, o->v, o->n, sizeof *o->v);
	o->v[o->n++] = (struct block){ kind, html, names_number(s->names, (uint16_t)kind, html) };
}

/* Whether there is anything in it but tags. */
static bool has_text(str_t html)
{
	for (size_t i = 0; i < html.n;) {
		if (html.p[i] == '<')
			read_tag(html, &i);
		else if (html.p[i++] > ' ' || (unsigned char)html.p[i - 1] > 0x7f)
			return true;
	}
	return false;
}

static void end_block(struct splitter *s, size_t at)
{
	str_t html = str_trim(str_slice(s->html, s->from, at));
	if (has_text(html))
		add_block(s, s->kind, html);
}

/* What a plain paragraph is where it stands. */
static enum block_kind kind_here(const struct splitter *s)
{
	return s->rows ? BLOCK_ROW : s->items ? BLOCK_ITEM : s->quotes ? BLOCK_QUOTE : BLOCK_PARAGRAPH;
}

static void take_block_tag(struct splitter *s, const struct tag_at *t)
{
	int step = t->closes ? -1 : 1;
	if (str_eq(t->name, S("li")) || str_eq(t->name, S("dd")))
		s->items += step;
	if (str_eq(t->name, S("blockquote")))
		s->quotes += step;
	if (str_eq(t->name, S("tr")))
		s->rows += step;
	s->kind = kind_here(s);
	for (size_t i = 0; i < COUNT(kinds) && !t->closes; i++)
		if (str_eq(t->name, str_of(kinds[i].name)))
			s->kind = kinds[i].kind;
	if (str_eq(t->name, S("hr")))
		add_block(s, BLOCK_RULE, S(""));
}

static bool is_media(str_t name)
{
	return str_eq(name, S("img")) || str_eq(name, S("audio")) || str_eq(name, S("video"));
}

/* Cells stand in their row's block as phrasing does. */
static bool is_cell(const struct splitter *s, str_t name)
{
	return s->rows && (str_eq(name, S("td")) || str_eq(name, S("th")));
}

struct blocks blocks_of(arena_t *a, struct names *names, str_t html)
{
	struct splitter s = { .a = a, .names = names, .html = html };
	uint16_t style;
	for (size_t at = 0; at < html.n;) {
		if (html.p[at] != '<') {
			at++;
			continue;
		}
		size_t begin = at;
		struct tag_at t = read_tag(html, &at);
		if (is_phrasing(t.name, &style) || is_cell(&s, t.name))
			continue;
		end_block(&s, begin);
		if (!is_media(t.name))
			take_block_tag(&s, &t);
		else if (!t.closes)
			add_block(&s, BLOCK_MEDIA, t.whole);
		s.from = at;
	}
	end_block(&s, html.n);
	if (!s.out.v)
		s.out.v = arena_new(a, struct block);
	return s.out;
}

/* --- words --- */

struct reader {
	arena_t      *a;
	struct names *names;
	struct words  out;
	uint16_t      style;
	bool          space;
	str_t         address; /* of the link that is open */
};

static void add_word(struct reader *r, str_t text, uint16_t style)
{
	struct words *o = &r->out;
	o->v = arena_room(r->a, o->v, o->n, sizeof *o->v);
	o->v[o->n++] = (struct word){ text, style, r->space,
					    names_number(r->names, style, text) };
	r->space = false;
}

static bool between(int32_t c, int32_t low, int32_t high)
{
	return c >= low && c <= high;
}

/* Letters, digits and their marks. What is not ASCII counts as one, but for the blocks of Unicode that
 * hold signs, and scripts written without spaces, whose signs are words each. */
static bool is_wordly(int32_t c)
{
	if (c < 0x80)
		return between(c, '0', '9') || between(c, 'A', 'Z') || between(c, 'a', 'z');
	return !(between(c, 0x80, 0xbf) || c == 0xd7 || c == 0xf7 || between(c, 0xe00, 0xedf) ||
		 between(c, 0x2000, 0x2bff) || between(c, 0x2e00, 0x2e7f) ||
		 between(c, 0x3000, 0x9fff) || between(c, 0xfe30, 0xfe4f) ||
		 between(c, 0xff00, 0xff65) || c >= 0x1f000);
}

/* The word at `*at`, which moves behind it. */
static str_t next_word(str_t html, size_t *at)
{
	size_t from = *at, n;
	if (html.p[from] == '&') {
		str_t sign = resolve(html, from, &n);
		*at += n;
		return sign;
	}
	bool wordly = is_wordly(str_next_rune(html, at));
	for (size_t next = *at; wordly && next < html.n && is_wordly(str_next_rune(html, &next));)
		*at = next;
	return str_slice(html, from, *at);
}

static void take_phrasing(struct reader *r, const struct tag_at *t)
{
	uint16_t style = 0;
	is_phrasing(t->name, &style);
	r->style = (uint16_t)(t->closes ? r->style & ~style : r->style | style);
	if (str_eq(t->name, S("br")))
		r->space = true;
	if (str_eq(t->name, S("a")) && !t->closes)
		r->address = tag_attribute(r->a, t->whole, "href");
	if (str_eq(t->name, S("a")) && t->closes && r->address.n) {
		bool space = r->space;
		r->space = true;
		add_word(r, r->address, STYLE_ADDRESS);
		r->space = space;
		r->address = S("");
	}
	if ((str_eq(t->name, S("td")) || str_eq(t->name, S("th"))) && !t->closes && r->out.n) {
		r->space = true;
		add_word(r, S("|"), 0);
		r->space = true;
	}
}

struct words words_of(arena_t *a, struct names *names, str_t html)
{
	struct reader r = { .a = a, .names = names, .address = S("") };
	for (size_t at = 0; at < html.n;) {
		if (html.p[at] == '<') {
			struct tag_at t = read_tag(html, &at);
			take_phrasing(&r, &t);
		} else if (html.p[at] == ' ' || html.p[at] == '\n' || html.p[at] == '\t') {
			r.space = true;
			at++;
		} else {
			str_t text = next_word(html, &at);
			add_word(&r, text, r.style);
		}
	}
	return r.out;
}
