/* test_clean.c: the one door for text: what its grammar keeps, and that nothing passes that could run. */
#include "base/file.h"
#include "page/clean.h"
#include "page/clean_parts.h"

#include <gumbo.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static int begin(void **state)
{
	*state = arena_create(0);
	return *state ? 0 : -1;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

static void expect(arena_t *a, const char *in, const char *out)
{
	str_t got, again;
	assert_null(clean_html(a, GRAMMAR_STORY, str_of(in), &got, NULL));
	if (!str_eq(got, str_of(out)))
		fail_msg("\n in:   %s\n got:  %.*s\n want: %s", in, STR(got), out);
	assert_null(clean_html(a, GRAMMAR_STORY, got, &again, NULL));
	if (!str_eq(got, again))
		fail_msg("\n once:  %.*s\n twice: %.*s", STR(got), STR(again));
}

static void bare_text_becomes_paragraphs(void **state)
{
	expect(*state, "one <b>two</b><p>three</p>four",
	       "<p>one <strong>two</strong></p>\n<p>three</p>\n<p>four</p>");
	expect(*state, "<div>a</div><div>b</div>", "<p>a</p>\n<p>b</p>");
}

static void headings_begin_at_the_second_rank(void **state)
{
	expect(*state, "<h1>a</h1><h5>b</h5>", "<h2>a</h2>\n<h4>b</h4>");
}

static void empty_elements_vanish(void **state)
{
	expect(*state, "<p> &nbsp;<br></p><p><em></em></p><ul></ul><h2></h2>", "");
	expect(*state, "a <em> </em> b", "<p>a b</p>");
}

static void lists_hold_items_only(void **state)
{
	expect(*state, "<ul><li>a<li>b</ul>", "<ul><li>a</li>\n<li>b</li>\n</ul>");
	expect(*state, "<li>a</li>", "<p>a</p>");
	expect(*state, "<ol start=\"3\"><li>a</ol>", "<ol start=\"3\"><li>a</li>\n</ol>");
}

static void links_do_not_nest(void **state)
{
	expect(*state, "<a href=/a><div>x <a href=/b>y</a></div></a>",
	       "<p><a href=\"/a\">x</a> <a href=\"/b\">y</a></p>");
}

static void pictures_have_an_alternative_text(void **state)
{
	expect(*state, "<img src=/media/x>", "<p><img src=\"/media/x\" alt=\"\"></p>");
	expect(*state, "<img alt=x>", "");
}

static void known_classes_stay_and_others_go(void **state)
{
	expect(*state, "<figure class=\"x wp-block-image\"><img src=/a alt=b></figure>",
	       "<figure class=\"picture\"><img src=\"/a\" alt=\"b\"></figure>");
	expect(*state, "<aside class=box>a</aside>",
	       "<aside class=\"box\"><p>a</p>\n</aside>");
	expect(*state, "<span class=x>a</span>", "<p>a</p>");
}

static void verbatim_text_keeps_its_lines(void **state)
{
	expect(*state, "<pre>\n\n a\n  b &lt;</pre>", "<pre>\n\n a\n  b &lt;</pre>");
}

static void tables_keep_their_parts(void **state)
{
	expect(*state, "<table><tr><th scope=row>a<td colspan=2>b</table>",
	       "<table><tbody><tr><th scope=\"row\">a</th>\n<td colspan=\"2\">b</td>\n</tr>\n"
	       "</tbody>\n</table>");
}

static void only_safe_addresses_are_links(void **state)
{
	expect(*state, "<a href=\"mailto:a@b.example\">x</a>",
	       "<p><a href=\"mailto:a@b.example\">x</a></p>");
	expect(*state, "<a href=\"java&#10;script:x\">x</a>", "<p>x</p>");
	expect(*state, "<a href=\"//b.example\">x</a>", "<p>x</p>");
	expect(*state, "<a href=\"a:b\">x</a>", "<p>x</p>");
	expect(*state, "<a href=\"/a:b?c#d\">x</a>", "<p><a href=\"/a:b?c#d\">x</a></p>");
}

static void inline_grammar_has_no_blocks(void **state)
{
	str_t got;
	assert_null(clean_html(*state, GRAMMAR_INLINE, S("<h1>a</h1><p>b <em>c</em></p><img src=x>"),
			       &got, NULL));
	assert_true(str_eq(got, S("a b <em>c</em>")));
}

static void markdown_has_no_html(void **state)
{
	str_t got;
	assert_null(clean_markdown(*state, GRAMMAR_STORY, S("a <b>b</b>\n\n~~c~~ *d*"), &got, NULL));
	assert_true(str_eq(got, S("<p>a &lt;b&gt;b&lt;/b&gt;</p>\n<p><s>c</s> <em>d</em></p>")));
}

static void a_titled_picture_alone_becomes_a_figure(void **state)
{
	str_t got;
	assert_null(clean_markdown(*state, GRAMMAR_STORY, S("![a](/media/x \"Words. | Ann\")"), &got,
				   NULL));
	assert_true(str_eq(got, S("<figure class=\"picture\"><img src=\"/media/x\" alt=\"a\">"
				  "<figcaption>Words. <span class=\"credit\">Ann</span></figcaption>\n"
				  "</figure>")));
}

static void what_goes_is_reported(void **state)
{
	struct clean_report r = { 0 };
	str_t got;
	assert_null(clean_html(*state, GRAMMAR_STORY,
			       S("<script>a</script><p onclick=a onclick=b>x<p onclick=c>y"), &got, &r));
	assert_int_equal(r.n, 2);
	assert_true(str_eq(r.v[0].what, S("<script>")));
	assert_true(str_eq(r.v[1].what, S("onclick on <p>")));
	assert_int_equal(r.v[1].count, 2);
}

static void text_too_deep_is_refused(void **state)
{
	struct buf b = buf_new(*state, 40000);
	str_t got;
	for (int i = 0; i < 5000; i++)
		buf_add(&b, S("<b><i>"));
	err_t e = clean_html(*state, GRAMMAR_STORY, buf_str(&b), &got, NULL);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INPUT);
	err_free(e);
}

static void only_what_is_ours_plays(void **state)
{
	expect(*state, "<video poster=x><source src=/media/v><track src=/media/t srclang=e label=\"a&quot;b\">"
	       "<track src=//x><p>words</video>",
	       "<p><video src=\"/media/v\" controls><track kind=\"captions\" src=\"/media/t\" "
	       "label=\"a&quot;b\"></video></p>");
	expect(*state, "<video src=https://x.example/v.mp4></video>",
	       "<p><a href=\"https://x.example/v.mp4\">x.example</a></p>");
	expect(*state, "<audio src=/other/a></audio><audio src=/media/../x></audio>", "");
}

static void names_of_notes_are_ours_and_stand_once(void **state)
{
	expect(*state, "a<sup><a id=fnref-1 href=#fn-1>1</a></sup> <a id=main href=/x>b</a>"
	       "<section class=footnotes><ol><li id=fn-1>c<li id=fn-1>d<li id=corrections>e</ol></section>",
	       "<p>a<sup><a id=\"fnref-1\" href=\"#fn-1\">1</a></sup> <a href=\"/x\">b</a></p>\n"
	       "<section class=\"footnotes\"><ol><li id=\"fn-1\">c</li>\n<li>d</li>\n<li>e</li>\n</ol>\n</section>");
	expect(*state, "<section>a</section><ul><li><section class=footnotes>b</section></ul>",
	       "<p>a</p>\n<ul><li>b</li>\n</ul>");
}

static void text_without_tags(void **state)
{
	assert_true(str_eq(clean_text(*state, S("<p>a &amp; <b>b</b></p><p>c")), S("a & b c")));
	assert_int_equal(clean_words(S("<p>one two-three</p>\n<p>four</p>")), 3);
	str_t noted = S("<p>one<sup><a id=\"fnref-1\" href=\"#fn-1\">1</a></sup> two</p>\n"
			"<figure class=\"audio\"><audio src=\"/media/a\" controls></audio><figcaption>three "
			"<a class=\"transcript\" href=\"/media/t\">Transcript</a></figcaption>\n</figure>");
	assert_true(str_eq(clean_text(*state, noted), S("one two three")));
	assert_int_equal(clean_words(noted), 3);
}

/* --- what could run --- */

static bool is_allowed(const char *tag)
{
	static const char *const tags[] = {
		"p", "h2", "h3", "h4", "summary", "figcaption", "caption", "dt", "dd", "pre", "hr",
		"blockquote", "aside", "details", "figure", "div", "li", "td", "th", "ul", "ol", "dl",
		"table", "thead", "tbody", "tr", "audio", "video", "img", "br", "a", "em", "strong",
		"s", "sub", "sup", "code", "abbr", "cite", "q", "small", "mark", "time", "span", "section",
		"track",
	};
	for (size_t i = 0; i < COUNT(tags); i++)
		if (strcmp(tag, tags[i]) == 0)
			return true;
	return false;
}

static bool is_safe_attribute(const GumboAttribute *at)
{
	static const char *const names[] = { "href", "src", "alt", "title", "class", "width", "height",
					     "loading", "datetime", "cite", "start", "colspan",
					     "rowspan", "scope", "poster", "controls", "id", "kind",
					     "srclang", "label" };
	static const char *const addresses[] = { "href", "src", "cite", "poster" };
	bool known = false, address = false;
	for (size_t i = 0; i < COUNT(names); i++)
		known |= strcmp(at->name, names[i]) == 0;
	for (size_t i = 0; i < COUNT(addresses); i++)
		address |= strcmp(at->name, addresses[i]) == 0;
	str_t v = str_of(at->value);
	size_t colon = str_find_char(v, ':', 0), slash = str_find_char(v, '/', 0);
	bool scheme = colon != STR_NONE && colon < slash;
	bool good = str_starts(v, S("http://")) || str_starts(v, S("https://")) ||
		    str_starts(v, S("mailto:")) || str_starts(v, S("tel:"));
	return known && (!address || !scheme || good || str_find_char(v, '?', 0) < colon ||
			 str_find_char(v, '#', 0) < colon);
}

static void judge(const GumboNode *node, const char *name)
{
	if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE)
		return;
	if (node->type != GUMBO_NODE_ELEMENT)
		fail_msg("%s: something that is neither text nor element passed", name);
	const GumboElement *e = &node->v.element;
	if (e->tag_namespace != GUMBO_NAMESPACE_HTML || !is_allowed(gumbo_normalized_tagname(e->tag)))
		fail_msg("%s: <%s> passed", name, gumbo_normalized_tagname(e->tag));
	for (unsigned i = 0; i < e->attributes.length; i++) {
		const GumboAttribute *at = e->attributes.data[i];
		if (!is_safe_attribute(at))
			fail_msg("%s: %s=\"%s\" passed", name, at->name, at->value);
	}
	for (unsigned i = 0; i < e->children.length; i++)
		judge(e->children.data[i], name);
}

static void judge_html(arena_t *a, str_t html, const char *name)
{
	str_t again;
	GumboOptions options = kGumboDefaultOptions;
	options.fragment_context = GUMBO_TAG_BODY;
	GumboOutput *tree = gumbo_parse_with_options(&options, html.p, html.n);
	const GumboVector *top = &tree->root->v.element.children;
	for (unsigned i = 0; i < top->length; i++)
		judge(top->data[i], name);
	gumbo_destroy_output(&options, tree);
	assert_null(clean_html(a, GRAMMAR_STORY, html, &again, NULL));
	if (!str_eq(html, again))
		fail_msg("%s: is not the same when cleaned again:\n%.*s\n%.*s", name, STR(html),
			 STR(again));
}

static str_t nothing(void *ctx, str_t url)
{
	(void)ctx;
	(void)url;
	return (str_t){ NULL, 0 };
}

static void no_vector_leaves_anything_that_runs(void **state)
{
	arena_t *a = *state;
	str_t text, out;
	json_error_t why;
	size_t i;
	json_t *one;
	struct clean_hooks hooks = { NULL, nothing, nothing };
	assert_null(file_read(a, "tests/page/xss/vectors.json", 1 << 20, &text));
	json_t *all = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &why);
	assert_non_null(all);
	assert_true(json_array_size(all) >= 150);
	json_array_foreach(all, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));
		const json_t *html = json_object_get(one, "html");
		str_t in = str_from(json_string_value(html), json_string_length(html));
		assert_null(clean_html(a, GRAMMAR_STORY, in, &out, NULL));
		judge_html(a, out, name);
		assert_null(clean_html(a, GRAMMAR_INLINE, in, &out, NULL));
		assert_null(clean_html(a, GRAMMAR_STORY, out, &out, NULL)); /* as a body would hold it */
		judge_html(a, out, name);
		assert_null(clean_markdown(a, GRAMMAR_STORY, in, &out, NULL));
		judge_html(a, out, name);
		assert_null(clean_imported(a, in, &hooks, &out, NULL));
		judge_html(a, out, name);
	}
	json_decref(all);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		T(bare_text_becomes_paragraphs),
		T(headings_begin_at_the_second_rank),
		T(empty_elements_vanish),
		T(lists_hold_items_only),
		T(links_do_not_nest),
		T(pictures_have_an_alternative_text),
		T(known_classes_stay_and_others_go),
		T(verbatim_text_keeps_its_lines),
		T(tables_keep_their_parts),
		T(only_safe_addresses_are_links),
		T(inline_grammar_has_no_blocks),
		T(markdown_has_no_html),
		T(a_titled_picture_alone_becomes_a_figure),
		T(what_goes_is_reported),
		T(text_too_deep_is_refused),
		T(only_what_is_ours_plays),
		T(names_of_notes_are_ours_and_stand_once),
		T(text_without_tags),
		T(no_vector_leaves_anything_that_runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
