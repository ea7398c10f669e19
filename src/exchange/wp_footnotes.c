/* wp_footnotes.c: WordPress keeps the texts of notes beside the post, as JSON, and in it only marks:
 *
 *	words<sup data-fn="UUID" class="fn"><a href="#UUID" id="UUID-link">1</a></sup>
 *	<!-- wp:footnotes /-->
 */
#include "exchange/wp_body.h"
#include "exchange/body_notes.h"

#include <jansson.h>

enum { NOTES_MOST = 500 };

struct footnotes {
	arena_t    *a;
	json_t     *list;
	struct strs names; /* in the order of their first marks */
};

static str_t text_of(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : S("");
}

static const json_t *find(const struct footnotes *f, str_t name)
{
	size_t i;
	json_t *one;
	json_array_foreach(f->list, i, one)
		if (name.n && str_eq(text_of(one, "id"), name))
			return one;
	return NULL;
}

/* The number of a note; 0 if its text is not there, or there are too many. */
static size_t number_of(struct footnotes *f, str_t name)
{
	for (size_t i = 0; i < f->names.n; i++)
		if (str_eq(f->names.v[i], name))
			return i + 1;
	if (!find(f, name) || f->names.n == NOTES_MOST)
		return 0;
	strs_add(f->a, &f->names, name);
	return f->names.n;
}

/* The name in data-fn="..." of a mark's first tag; empty if it is another <sup>. */
static str_t name_in(str_t mark)
{
	str_t tag = str_slice(mark, 0, str_find_char(mark, '>', 0));
	size_t at = str_find(tag, S("data-fn=\""), 0);
	if (at == STR_NONE)
		return S("");
	at += strlen("data-fn=\"");
	return str_slice(tag, at, str_find_char(tag, '"', at));
}

static void add_marks(struct footnotes *f, str_t content, struct buf *out)
{
	size_t at = 0, open;
	while ((open = str_find(content, S("<sup "), at)) != STR_NONE) {
		size_t close = str_find(content, S("</sup>"), open);
		str_t mark = str_slice(content, open, close);
		str_t name = name_in(mark);
		buf_add(out, str_slice(content, at, open));
		if (close == STR_NONE || !name.n) {
			buf_add(out, S("<sup "));
			at = open + strlen("<sup ");
			continue;
		}
		size_t n = number_of(f, name);
		if (n)
			buf_add_format(out, "<sup><a id=\"fnref-%zu\" href=\"#fn-%zu\">%zu</a></sup>",
				       n, n, n);
		at = close + strlen("</sup>");
	}
	buf_add(out, str_slice(content, at, content.n));
}

static void add_texts(struct footnotes *f, struct buf *out)
{
	if (!f->names.n)
		return;
	buf_add(out, S("\n<section class=\"footnotes\"><ol>"));
	for (size_t i = 0; i < f->names.n; i++) {
		buf_add_format(out, "<li id=\"fn-%zu\">", i + 1);
		buf_add(out, text_of(find(f, f->names.v[i]), "content")); /* HTML */
		buf_add(out, S("</li>"));
	}
	buf_add(out, S("</ol></section>\n"));
}

str_t wp_footnotes(arena_t *a, str_t content, str_t texts, struct strs *notes)
{
	json_error_t why;
	if (!texts.n || str_find(content, S("data-fn=\""), 0) == STR_NONE)
		return content;
	struct footnotes f = { .a = a, .list = json_loadb(texts.p, texts.n, JSON_ALLOW_NUL, &why) };
	if (!json_is_array(f.list)) {
		body_note(a, notes, S("the texts of its notes could not be read; their marks stay"));
		json_decref(f.list);
		return content;
	}
	struct buf out = buf_new(a, content.n + texts.n + 256);
	add_marks(&f, content, &out);
	add_texts(&f, &out);
	json_decref(f.list);
	return str_replace(a, buf_str(&out), S("<!-- wp:footnotes /-->"), S(""));
}
