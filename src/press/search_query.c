/* search_query.c: what a reader types, as a tree. Every text has a meaning: what is no operator is a
 * word, what is not closed ends with the text, what has no letters is left out.
 *
 *	all  = any { any }              words beside each other: all of them
 *	any  = item { "OR" item }       binds tighter: "flood river OR lake"
 *	item = [ "-" | "NOT" ] ( "(" all ")" | [ field ":" ] ( quoted | word [ "*" ] ) )
 *
 * Dates bound the whole search, wherever they stand. */
#include "press/search.h"

static const char *const field_names[] = {
	[SEARCH_WORDS] = "", [SEARCH_AUTHOR] = "author", [SEARCH_SECTION] = "section",
	[SEARCH_TAG] = "tag", [SEARCH_SERIES] = "series", [SEARCH_BEFORE] = "before",
	[SEARCH_AFTER] = "after",
};

struct parsing {
	arena_t             *a;
	str_t                s;
	size_t               at;
	bool                 full; /* a term more than there may be was met, and noted */
	struct search_query *q;
};

str_t search_field_name(enum search_field f)
{
	return str_of(field_names[f]);
}

static void note(arena_t *a, struct search_query *q, const char *key, str_t about)
{
	for (size_t i = 0; i < q->nnotes; i++)
		if (q->notes[i].key == key && str_eq(q->notes[i].about, about))
			return;
	q->notes = arena_room(a, q->notes, q->nnotes, sizeof *q->notes);
	q->notes[q->nnotes++] = (struct search_note){ key, about };
}

/* --- the text --- */

static bool is_quote(int32_t r)
{
	return r == '"' || (r >= 0x201c && r <= 0x201f) || r == 0xab || r == 0xbb || r == 0xff02;
}

/* Spaces, and what no text of ours has: controls, and the private characters that marks are made
 * of. */
static bool is_blank(int32_t r)
{
	return r <= 0x20 || (r >= 0x7f && r <= 0xa0) || (r >= 0x2000 && r <= 0x200a) ||
	       r == 0x2028 || r == 0x2029 || r == 0x202f || r == 0x3000 ||
	       (r >= 0xe000 && r <= 0xf8ff) || r >= 0xf0000;
}

/* One kind of quote, one kind of space, none at the ends or doubled. */
static str_t plain_text(arena_t *a, str_t text)
{
	struct buf b = buf_new(a, text.n + 1);
	int32_t r;
	for (size_t at = 0; (r = str_next_rune(text, &at)) >= 0;) {
		if (is_blank(r)) {
			if (b.n && b.p[b.n - 1] != ' ')
				buf_add_char(&b, ' ');
		} else {
			buf_add_rune(&b, is_quote(r) ? '"' : (uint32_t)r);
		}
	}
	return str_trim(buf_str(&b));
}

/* Whether there is a letter or digit in it, near enough: the index has words of nothing else, and
 * all of what is typed in punctuation alone is in these blocks. */
static bool has_letters(str_t s)
{
	int32_t r;
	for (size_t at = 0; (r = str_next_rune(s, &at)) >= 0;) {
		if (r < 0x80 ? (r >= '0' && r <= '9') || ((r | 0x20) >= 'a' && (r | 0x20) <= 'z')
			     : r == 0xaa || r == 0xb5 || r == 0xba ||
			       (r >= 0xc0 && r != 0xd7 && r != 0xf7 && r < 0x2000 &&
				!(r >= 0x300 && r < 0x370)) ||
			       (r >= 0x2c00 && r < 0x2e00) || (r >= 0x3005 && r < 0xe000 && r > 0x3006) ||
			       (r >= 0xf900 && r < 0xfe00) || (r >= 0xff10 && r < 0xffe0) ||
			       (r >= 0x10000 && (r < 0x1f000 || r >= 0x20000)))
			return true;
	}
	return false;
}

/* --- nodes --- */

static struct search_node *node(arena_t *a, enum search_op op)
{
	struct search_node *n = arena_new(a, struct search_node);
	n->op = op;
	return n;
}

static void add_part(arena_t *a, struct search_node *whole, struct search_node *part)
{
	if (!part)
		return;
	whole->parts = arena_room(a, whole->parts, whole->nparts, sizeof *whole->parts);
	whole->parts[whole->nparts++] = part;
}

/* A whole of one part is that part, of none nothing. */
static struct search_node *simplest(struct search_node *n)
{
	if (!n->nparts)
		return NULL;
	return n->nparts == 1 && n->op != SEARCH_NOT ? n->parts[0] : n;
}

/* --- dates --- */

/* "2026", "2026-11", "2026-11-25": the moment at which it begins. */
static bool parse_day(arena_t *a, str_t s, usec_t *out)
{
	if (s.n != 4 && s.n != 7 && s.n != 10)
		return false;
	str_t whole = s.n == 4 ? str_format(a, "%.*s-01-01", STR(s))
		    : s.n == 7 ? str_format(a, "%.*s-01", STR(s)) : s;
	whole = str_replace(a, whole, S("/"), S("-"));
	err_t e = time_parse(whole, out);
	bool ok = !e;
	err_free(e);
	return ok;
}

/* After a day is from its beginning on, before it until its beginning: so that "after:2026-11
 * before:2026-12" is November. */
static void bound(struct parsing *p, const struct search_node *n)
{
	usec_t day;
	if (!parse_day(p->a, n->text, &day)) {
		note(p->a, p->q, "search.bad-date", n->text);
		return;
	}
	bool from = (n->field == SEARCH_AFTER) != n->negated;
	if (from && (!p->q->from || day > p->q->from))
		p->q->from = day;
	if (!from && (!p->q->to || day < p->q->to))
		p->q->to = day;
}

/* --- reading --- */

static bool at_end(const struct parsing *p)
{
	return p->at >= p->s.n;
}

static void skip_spaces(struct parsing *p)
{
	while (!at_end(p) && p->s.p[p->at] == ' ')
		p->at++;
}

/* A word in capitals that stands alone is an operator. */
static bool take_operator(struct parsing *p, str_t name)
{
	str_t rest = str_slice(p->s, p->at, p->s.n);
	if (!str_starts(rest, name) || (rest.n > name.n && rest.p[name.n] != ' ' &&
					rest.p[name.n] != '('))
		return false;
	p->at += name.n;
	skip_spaces(p);
	return true;
}

static bool ends_word(char c)
{
	return c == ' ' || c == '"' || c == '(' || c == ')';
}

static str_t read_value(struct parsing *p, bool *quoted)
{
	*quoted = !at_end(p) && p->s.p[p->at] == '"';
	if (*quoted) {
		size_t from = ++p->at, end = str_find_char(p->s, '"', from);
		p->at = end == STR_NONE ? p->s.n : end + 1;
		return str_trim(str_slice(p->s, from, end));
	}
	size_t from = p->at;
	while (!at_end(p) && !ends_word(p->s.p[p->at]))
		p->at++;
	return str_slice(p->s, from, p->at);
}

/* "author:" and the like, in any case, with something behind it. */
static enum search_field read_field(struct parsing *p)
{
	str_t rest = str_slice(p->s, p->at, p->s.n);
	for (enum search_field f = SEARCH_AUTHOR; f <= SEARCH_AFTER; f++) {
		str_t name = search_field_name(f);
		if (rest.n < name.n + 2 || rest.p[name.n] != ':' || rest.p[name.n + 1] == ' ' ||
		    !str_eq_nocase(str_slice(rest, 0, name.n), name))
			continue;
		p->at += name.n + 1;
		return f;
	}
	return SEARCH_WORDS;
}

static void set_prefix(struct parsing *p, struct search_node *n)
{
	while (str_ends(n->text, S("*"))) {
		n->text = str_slice(n->text, 0, n->text.n - 1);
		n->prefix = true;
	}
	if (n->prefix && str_runes(n->text) < SEARCH_PREFIX_LEAST) {
		n->prefix = false;
		if (has_letters(n->text))
			note(p->a, p->q, "search.short-prefix", n->text);
	}
}

/* NULL for what is nothing to look for. */
static struct search_node *read_term(struct parsing *p, size_t from, bool negated)
{
	struct search_node *n = node(p->a, SEARCH_TERM);
	n->field = read_field(p);
	n->text = read_value(p, &n->phrase);
	n->negated = negated;
	n->from = from;
	n->to = p->at;
	if (n->field == SEARCH_WORDS && !n->phrase)
		set_prefix(p, n);
	if (!has_letters(n->text))
		return NULL;
	if (p->q->nterms == SEARCH_TERMS_MOST) {
		p->full = true;
		return NULL;
	}
	p->q->terms = arena_room(p->a, p->q->terms, p->q->nterms, sizeof *p->q->terms);
	p->q->terms[p->q->nterms++] = n;
	if (n->field != SEARCH_BEFORE && n->field != SEARCH_AFTER)
		return n;
	bound(p, n);
	return NULL;
}

static struct search_node *read_all(struct parsing *p, int depth, bool negated);

static struct search_node *read_item(struct parsing *p, int depth, bool negated)
{
	size_t from = p->at;
	bool minus = p->s.p[p->at] == '-' && p->at + 1 < p->s.n && p->s.p[p->at + 1] != ' ';
	if (minus)
		p->at++;
	else
		minus = take_operator(p, S("NOT"));
	if (at_end(p))
		return NULL;
	struct search_node *n;
	if (p->s.p[p->at] == '(') {
		p->at++;
		/* Deeper ones group nothing more; they are read all the same. */
		n = depth < SEARCH_DEPTH_MOST ? read_all(p, depth + 1, negated != minus) : NULL;
	} else if (p->s.p[p->at] == ')') {
		return NULL;
	} else {
		n = read_term(p, from, negated != minus);
	}
	if (!n || !minus)
		return n;
	struct search_node *not = node(p->a, SEARCH_NOT);
	add_part(p->a, not, n);
	p->q->excludes = true;
	return not;
}

static struct search_node *read_any(struct parsing *p, int depth, bool negated)
{
	struct search_node *any = node(p->a, SEARCH_ANY);
	add_part(p->a, any, read_item(p, depth, negated));
	skip_spaces(p);
	while (!at_end(p) && take_operator(p, S("OR"))) {
		if (at_end(p))
			break;
		add_part(p->a, any, read_item(p, depth, negated));
		skip_spaces(p);
	}
	return simplest(any);
}

static struct search_node *read_all(struct parsing *p, int depth, bool negated)
{
	struct search_node *all = node(p->a, SEARCH_ALL);
	for (skip_spaces(p); !at_end(p); skip_spaces(p)) {
		if (p->s.p[p->at] == ')') {
			p->at++;
			if (depth)
				break;
			continue; /* one that closes nothing */
		}
		if (take_operator(p, S("AND")) || take_operator(p, S("OR")))
			continue;
		add_part(p->a, all, read_any(p, depth, negated));
	}
	return simplest(all);
}

void search_parse(arena_t *a, str_t text, struct search_query *out)
{
	*out = (struct search_query){ 0 };
	str_t clipped = str_clip(text, SEARCH_QUERY_MOST);
	if (clipped.n < text.n)
		note(a, out, "search.too-long", S(""));
	out->text = plain_text(a, clipped);
	struct parsing p = { .a = a, .s = out->text, .q = out };
	out->root = read_all(&p, 0, false);
	if (p.full)
		note(a, out, "search.too-many", S(""));
}

/* --- what filters name --- */

static err_t resolve_one(struct conn *c, arena_t *a, struct search_node *n)
{
	struct section section;
	struct author author;
	struct tag tag;
	struct series series;
	str_t slug = slug_from(a, n->text);
	err_t e = OK;
	switch (n->field) {
	case SEARCH_SECTION:
		e = section_by_slug(c, a, slug, &section);
		n->id = e ? 0 : section.id;
		break;
	case SEARCH_AUTHOR:
		e = author_by_slug(c, a, slug, &author);
		n->id = e ? 0 : author.id;
		break;
	case SEARCH_TAG:
		e = tag_by_slug(c, a, slug, &tag);
		n->id = e ? 0 : tag.id;
		break;
	case SEARCH_SERIES:
		e = series_by_slug(c, a, slug, &series);
		n->id = e ? 0 : series.id;
		break;
	case SEARCH_WORDS:
	case SEARCH_BEFORE:
	case SEARCH_AFTER:
		return OK;
	}
	n->known = !e;
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	return OK;
}

err_t search_resolve(struct conn *c, arena_t *a, struct search_query *q)
{
	static const char *const keys[] = { [SEARCH_SECTION] = "search.no-section",
					    [SEARCH_TAG] = "search.no-tag",
					    [SEARCH_SERIES] = "search.no-series",
					    [SEARCH_AFTER] = NULL };
	for (size_t i = 0; i < q->nterms; i++) {
		struct search_node *n = q->terms[i];
		TRY(resolve_one(c, a, n));
		if (!n->known && keys[n->field])
			note(a, q, keys[n->field], n->text);
	}
	return OK;
}

/* --- the query, changed --- */

str_t search_with(arena_t *a, const struct search_query *q, const struct search_node *term,
		  str_t word)
{
	return plain_text(a, str_format(a, "%.*s %.*s %.*s", STR(str_slice(q->text, 0, term->from)),
					STR(word), STR(str_slice(q->text, term->to, q->text.n))));
}

str_t search_without(arena_t *a, const struct search_query *q, const struct search_node *term)
{
	return search_with(a, q, term, S(""));
}
