/* test_bodies.c: what stands in a WordPress or Ghost post, as clean HTML. */
#include "exchange/ghost_body.h"
#include "exchange/inline_markdown.h"
#include "exchange/wp_body.h"
#include "page/clean.h"

#include <setjmp.h>
#include <stdarg.h>
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

static str_t picture(void *ctx, str_t url)
{
	(void)ctx;
	return str_find(url, S("here"), 0) != STR_NONE ? S("/media/new") : (str_t){ NULL, 0 };
}

static str_t attachment(void *ctx, int64_t id, str_t *alt, str_t *caption)
{
	(void)ctx;
	*alt = S("alt");
	*caption = S("cap");
	return id == 1 ? S("/media/one-here") : (str_t){ NULL, 0 };
}

static str_t link_to(void *ctx, str_t url)
{
	(void)ctx;
	return str_eq(url, S("https://old.example/a")) ? S("/new/a") : (str_t){ NULL, 0 };
}

static void wp(arena_t *a, const char *in, const char *out)
{
	struct wp_resolver resolver = { NULL, picture, attachment, link_to };
	struct strs notes = { 0 };
	str_t html;
	assert_null(wp_body_import(a, str_of(in), &resolver, &html, &notes));
	if (!str_eq(html, str_of(out)))
		fail_msg("\n in:   %s\n got:  %.*s\n want: %s", in, STR(html), out);
}

static void ghost(arena_t *a, const struct ghost_source *in, const char *out)
{
	struct ghost_resolver resolver = { NULL, picture, link_to };
	struct strs notes = { 0 };
	str_t html;
	assert_null(ghost_body_import(a, in, &resolver, &html, &notes));
	if (!str_eq(html, str_of(out)))
		fail_msg("\n got:  %.*s\n want: %s", STR(html), out);
}

static void blank_lines_of_classic_text_are_paragraphs(void **state)
{
	wp(*state, "One\ntwo\n\nThree", "<p>One<br>two</p>\n<p>Three</p>");
	wp(*state, "<h2>H</h2>\nText\n<ul>\n<li>a</li>\n</ul>",
	   "<h2>H</h2>\n<p>Text</p>\n<ul><li>a</li>\n</ul>");
}

static void block_comments_give_way(void **state)
{
	wp(*state, "<!-- wp:paragraph -->\n<p>a</p>\n<!-- /wp:paragraph -->", "<p>a</p>");
}

static void captions_and_galleries(void **state)
{
	wp(*state, "[caption id=\"x\"]<img src=\"https://o/here.jpg\" alt=\"a\" /> Words[/caption]",
	   "<figure class=\"picture\"><img src=\"/media/new\" alt=\"a\"><figcaption>Words</figcaption>\n"
	   "</figure>");
	wp(*state, "[gallery ids=\"1,2\"]",
	   "<figure class=\"gallery\"><figure class=\"picture\"><img src=\"/media/new\" alt=\"alt\">"
	   "<figcaption>cap</figcaption>\n</figure>\n</figure>");
}

static void recordings_files_and_quotes_stay_what_they_are(void **state)
{
	wp(*state, "[video src=\"https://o/here.mp4\" poster=\"https://o/here.jpg\"][/video]",
	   "<figure class=\"video\"><video src=\"/media/new\" poster=\"/media/new\" controls></video></figure>");
	wp(*state, "[audio mp3=\"https://o/gone.mp3\"]",
	   "<figure class=\"audio\"><a href=\"https://o/gone.mp3\">o</a></figure>");
	wp(*state, "<div class=\"wp-block-file\"><a href=\"https://o/here.pdf\">Report</a>"
	   "<a class=\"wp-block-file__button\" href=\"https://o/here.pdf\" download>Download</a></div>",
	   "<figure class=\"file\"><a href=\"/media/new\">Report</a></figure>");
	wp(*state, "<figure class=\"wp-block-pullquote\"><blockquote><p>q</p></blockquote></figure>",
	   "<figure class=\"pull\"><blockquote><p>q</p>\n</blockquote>\n</figure>");
	ghost(*state, &(struct ghost_source){ .html = S(
		"<blockquote class=\"kg-blockquote-alt\">q</blockquote><div class=\"kg-card kg-toggle-card\">"
		"<div class=\"kg-toggle-heading\"><h4>H</h4></div><div class=\"kg-toggle-content\"><p>c</p></div></div>"
		"<figure class=\"kg-card kg-gallery-card\"><div class=\"kg-gallery-container\">"
		"<div class=\"kg-gallery-image\"><img src=\"here\" alt=\"a\"></div></div></figure>") },
	      "<figure class=\"pull\"><blockquote><p>q</p>\n</blockquote>\n</figure>\n"
	      "<details><summary>H</summary>\n<p>c</p>\n</details>\n"
	      "<figure class=\"gallery\"><figure class=\"picture\"><img src=\"/media/new\" alt=\"a\"></figure>\n"
	      "</figure>");
	ghost(*state, &(struct ghost_source){ .lexical = S(
		"{\"root\":{\"children\":[{\"type\":\"aside\",\"children\":[{\"type\":\"text\",\"text\":\"q\"}]},"
		"{\"type\":\"audio\",\"src\":\"here.mp3\",\"title\":\"T\"},"
		"{\"type\":\"file\",\"src\":\"here.pdf\",\"fileTitle\":\"F\"}]}}") },
	      "<figure class=\"pull\"><blockquote><p>q</p>\n</blockquote>\n</figure>\n"
	      "<figure class=\"audio\"><audio src=\"/media/new\" controls></audio><figcaption><strong>T</strong>"
	      "</figcaption>\n</figure>\n<figure class=\"file\"><a href=\"/media/new\">F</a></figure>");
}

static void notes_of_wordpress_come_along(void **state)
{
	struct strs notes = { 0 };
	str_t made = wp_footnotes(*state,
		S("<!-- wp:paragraph --><p>a<sup data-fn=\"u-1\" class=\"fn\"><a href=\"#u-1\" id=\"u-1-link\">1</a></sup>"
		  "</p><!-- /wp:paragraph --><!-- wp:footnotes /-->"),
		S("[{\"content\":\"The <em>note</em>.\",\"id\":\"u-1\"}]"), &notes);
	wp(*state, str_z(*state, made),
	   "<p>a<sup><a id=\"fnref-1\" href=\"#fn-1\">1</a></sup></p>\n"
	   "<section class=\"footnotes\"><ol><li id=\"fn-1\">The <em>note</em>.</li>\n</ol>\n</section>");
	assert_int_equal(notes.n, 0);
	wp_footnotes(*state, S("<sup data-fn=\"x\">"), S("no JSON"), &notes);
	assert_int_equal(notes.n, 1);
}

static void unknown_shortcodes_go_and_words_in_brackets_stay(void **state)
{
	wp(*state, "a [my_code x=\"1\"]in[/my_code] [sic] [[caption]]",
	   "<p>a in [sic] [caption]</p>");
}

static void frames_and_addresses_become_links(void **state)
{
	wp(*state, "https://www.youtube.com/watch?v=1",
	   "<figure class=\"embed\"><a href=\"https://www.youtube.com/watch?v=1\">"
	   "https://www.youtube.com/watch?v=1</a></figure>");
	wp(*state, "<iframe src=\"https://www.youtube.com/embed/1?x=2\"></iframe>",
	   "<p><a href=\"https://www.youtube.com/watch?v=1\">youtube.com</a></p>");
}

static void absent_pictures_become_links(void **state)
{
	wp(*state, "<img src=\"https://o/gone.jpg\" alt=\"A boat\">",
	   "<p><a href=\"https://o/gone.jpg\">A boat</a></p>");
}

static void links_lead_to_the_new_addresses(void **state)
{
	wp(*state, "<a href=\"https://old.example/a\">x</a> <a href=\"https://other.example/\">y</a>",
	   "<p><a href=\"/new/a\">x</a> <a href=\"https://other.example/\">y</a></p>");
}

static void ghost_html_comes_before_the_editors(void **state)
{
	ghost(*state, &(struct ghost_source){ .html = S("<p>a</p>"), .lexical = S("{}") },
	      "<p>a</p>");
}

static void lexical_text_and_cards(void **state)
{
	ghost(*state, &(struct ghost_source){ .lexical = S(
		"{\"root\":{\"children\":[{\"type\":\"paragraph\",\"children\":[{\"type\":\"extended-text\","
		"\"text\":\"a<\",\"format\":3}]},{\"type\":\"extended-heading\",\"tag\":\"h3\",\"children\":"
		"[{\"type\":\"text\",\"text\":\"b\"}]},{\"type\":\"image\",\"src\":\"here.jpg\",\"alt\":\"c\","
		"\"caption\":\"<b>d</b>\"},{\"type\":\"paywall\"},{\"type\":\"list\",\"tag\":\"ol\",\"children\":"
		"[{\"type\":\"listitem\",\"children\":[{\"type\":\"text\",\"text\":\"e\"}]}]}]}}") },
	      "<p><strong><em>a&lt;</em></strong></p>\n<h3>b</h3>\n"
	      "<figure class=\"picture\"><img src=\"/media/new\" alt=\"c\"><figcaption><strong>d</strong>"
	      "</figcaption>\n</figure>\n<ol><li>e</li>\n</ol>");
}

static void mobiledoc_markups_and_cards(void **state)
{
	ghost(*state, &(struct ghost_source){ .mobiledoc = S(
		"{\"version\":\"0.3.1\",\"markups\":[[\"strong\"],[\"a\",[\"href\",\"https://old.example/a\"]]],"
		"\"atoms\":[[\"soft-return\",\"\",{}]],\"cards\":[[\"hr\",{}],[\"code\",{\"code\":\"x<\"}]],"
		"\"sections\":[[1,\"p\",[[0,[0],0,\"a\"],[0,[1],2,\"b\"],[1,[],0,0],[0,[],0,\"c\"]]],[10,0],"
		"[3,\"ul\",[[[0,[],0,\"d\"]]]],[10,1]]}") },
	      "<p><strong>a<a href=\"/new/a\">b</a></strong><br>c</p>\n<hr>\n<ul><li>d</li>\n</ul>\n"
	      "<pre>\nx&lt;</pre>");
}

static void broken_sources_are_refused(void **state)
{
	struct ghost_resolver resolver = { NULL, picture, link_to };
	struct strs notes = { 0 };
	str_t html;
	err_t e = ghost_body_import(*state, &(struct ghost_source){ .lexical = S("{\"root\":") },
				    &resolver, &html, &notes);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_INPUT);
	err_free(e);
}

static void inline_html_survives_markdown(void **state)
{
	static const char *const cases[] = {
		"a <em>b</em> <strong>c</strong>", "2 * 3 &lt; [x] _y_ `z` ~~w~~ \\",
		"<a href=\"https://x.example/?a=1&amp;b=2\">link</a>", "<code>a*b</code>", "#1 &amp; more",
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_t again;
		str_t markdown = inline_to_markdown(*state, str_of(cases[i]));
		assert_null(clean_markdown(*state, GRAMMAR_INLINE, markdown, &again, NULL));
		if (!str_eq(again, str_of(cases[i])))
			fail_msg("\n was: %s\n md:  %.*s\n now: %.*s", cases[i], STR(markdown),
				 STR(again));
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		T(blank_lines_of_classic_text_are_paragraphs),
		T(block_comments_give_way),
		T(captions_and_galleries),
		T(recordings_files_and_quotes_stay_what_they_are),
		T(notes_of_wordpress_come_along),
		T(unknown_shortcodes_go_and_words_in_brackets_stay),
		T(frames_and_addresses_become_links),
		T(absent_pictures_become_links),
		T(links_lead_to_the_new_addresses),
		T(ghost_html_comes_before_the_editors),
		T(lexical_text_and_cards),
		T(mobiledoc_markups_and_cards),
		T(broken_sources_are_refused),
		T(inline_html_survives_markdown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
