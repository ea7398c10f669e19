/* clean.c: see clean.h. gumbo makes a tree as a browser would; clean_write.c writes what the grammar
 * (clean_grammar.c) allows. */
#include "page/clean_writer.h"

enum {
	INPUT_MOST = 8 * 1024 * 1024, /* bytes; the press takes at most half of it */
};

/* --- parsing --- */

static void *take(void *a, size_t n)
{
	return arena_alloc(a, n);
}

static void let_go(void *a, void *p)
{
	(void)a;
	(void)p; /* with the arena */
}

static bool is_void_name(str_t name)
{
	static const char *const names[] = { "br",  "hr",   "img",  "input",  "meta",  "link",
					     "col", "area", "base", "embed", "source", "track",
					     "wbr", "param" };
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq_nocase(name, str_of(names[i])))
			return true;
	return false;
}

/* An upper bound of how deep the tree will be: tags that open and are not closed right. The parser is
 * quadratic in it. */
static bool too_deep(arena_t *a, str_t html)
{
	struct strs open = { 0 };
	for (size_t i = 0; i + 1 < html.n; i++) {
		if (html.p[i] != '<')
			continue;
		bool closing = html.p[i + 1] == '/';
		size_t from = i + 1 + closing, to = from;
		while (to < html.n && ((html.p[to] | 32) >= 'a' && (html.p[to] | 32) <= 'z'))
			to++;
		while (to > from && to < html.n && html.p[to] >= '0' && html.p[to] <= '9')
			to++;
		str_t name = str_slice(html, from, to);
		if (!name.n || is_void_name(name))
			continue;
		if (!closing)
			strs_add(a, &open, name);
		else if (open.n && str_eq_nocase(open.v[open.n - 1], name))
			open.n--;
		if (open.n > 4096)
			return true;
	}
	return false;
}

static err_t parse(arena_t *a, str_t html, GumboOutput **out)
{
	if (html.n > INPUT_MOST)
		return err_new(ERR_TOO_LARGE, "the text is %zu bytes; at most %d are taken", html.n,
			       INPUT_MOST);
	if (too_deep(a, html))
		return err_new(ERR_INPUT, "the text has more than 4096 elements open within each "
			       "other");
	GumboOptions options = kGumboDefaultOptions;
	options.allocator = take;
	options.deallocator = let_go;
	options.userdata = a;
	options.fragment_context = GUMBO_TAG_BODY;
	options.max_errors = 0;
	*out = gumbo_parse_with_options(&options, html.n ? html.p : "", html.n);
	return OK;
}

static err_t clean(struct writer w, str_t html, str_t *out)
{
	GumboOutput *tree;
	enum grammar grammar = w.grammar;
	TRY(parse(w.a, html, &tree));
	w.out = buf_new(w.a, html.n + 64);
	const GumboVector *top = &tree->root->v.element.children;
	if (grammar != GRAMMAR_INLINE) {
		clean_write_story(&w, top);
	} else {
		clean_write_inline(&w, top);
	}
	str_t s = buf_str(&w.out);
	while (s.n && (s.p[s.n - 1] == '\n' || (grammar == GRAMMAR_INLINE && s.p[s.n - 1] == ' ')))
		s.n--;
	*out = s;
	return OK;
}

err_t clean_html(arena_t *a, enum grammar grammar, str_t html, str_t *out,
		 struct clean_report *report)
{
	return clean((struct writer){ .a = a, .grammar = grammar, .report = report }, html, out);
}

err_t clean_parsed_markdown(arena_t *a, enum grammar grammar, str_t html, str_t *out,
			    struct clean_report *report)
{
	return clean((struct writer){ .a = a, .grammar = grammar, .report = report,
				      .captions = true }, html, out);
}

err_t clean_imported(arena_t *a, str_t html, const struct clean_hooks *hooks, str_t *out,
		     struct clean_report *report)
{
	return clean((struct writer){ .a = a, .grammar = GRAMMAR_STORY, .report = report,
				      .hooks = hooks }, html, out);
}

/* --- text --- */

/* The number of a note is no word, nor is a link that a page words anew. */
static bool is_mark(const GumboNode *node)
{
	const GumboAttribute *id = clean_attribute(&node->v.element, "id");
	return node->v.element.tag == GUMBO_TAG_A &&
	       ((id && str_starts(str_of(id->value), S("fnref-"))) ||
		clean_has_class(node, "transcript"));
}

static void gather_text(arena_t *a, const GumboNode *node, struct buf *b, int depth)
{
	if (clean_is_text(node)) {
		for (const char *c = node->v.text.text; *c; c++) {
			bool space = clean_is_space(*c);
			if (!space)
				buf_add_char(b, *c);
			else if (b->n && b->p[b->n - 1] != ' ')
				buf_add_char(b, ' ');
		}
		return;
	}
	if (!clean_is_element(node) || depth > CLEAN_DEPTH_MOST)
		return;
	const struct element_rule *r = element_rule(clean_name(a, node));
	bool line = r->fate == FATE_INLINE;
	if (r->fate == FATE_DROP || is_mark(node) || node->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return;
	if (!line && b->n && b->p[b->n - 1] != ' ')
		buf_add_char(b, ' ');
	const GumboVector *v = &node->v.element.children;
	for (unsigned i = 0; i < v->length; i++)
		gather_text(a, v->data[i], b, depth + 1);
	if (!line && b->n && b->p[b->n - 1] != ' ')
		buf_add_char(b, ' ');
}

str_t clean_text(arena_t *a, str_t html)
{
	GumboOutput *tree;
	if (str_find_char(html, '<', 0) == STR_NONE && str_find_char(html, '&', 0) == STR_NONE)
		return str_trim(html);
	err_t e = parse(a, html, &tree);
	if (e) {
		err_free(e);
		return S("");
	}
	struct buf b = buf_new(a, html.n);
	const GumboVector *top = &tree->root->v.element.children;
	for (unsigned i = 0; i < top->length; i++)
		gather_text(a, top->data[i], &b, 0);
	return str_trim(buf_str(&b));
}

static bool begins_mark(str_t tag)
{
	return str_starts(tag, S("<a id=\"fnref-")) || str_starts(tag, S("<a class=\"transcript\""));
}

int64_t clean_words(str_t html)
{
	int64_t words = 0;
	bool in_word = false, in_tag = false;
	for (size_t i = 0; i < html.n; i++) {
		char c = html.p[i];
		if (c == '<')
			in_tag = true;
		if (c == '<' && begins_mark(str_slice(html, i, html.n))) {
			size_t end = str_find(html, S("</a"), i);
			i = end == STR_NONE ? html.n : end;
			continue;
		}
		bool part = !in_tag && !clean_is_space(c) && c != '-' && c != '.' && c != ',';
		if (part && !in_word)
			words++;
		/* An inline tag does not end a word, but blocks are followed by a line break. */
		if (!in_tag)
			in_word = part || (in_word && (c == '-' || c == '.' || c == ','));
		if (c == '>' && in_tag)
			in_tag = false;
	}
	return words;
}
