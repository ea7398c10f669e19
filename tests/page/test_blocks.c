/* test_blocks.c: the notation beyond CommonMark: what each block and note becomes, and what is refused. */
#include "page/clean.h"
#include "page/embed.h"
#include "page/markdown_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define HASH "0123456789abcdef0123456789abcdef"

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
	err_t e = clean_markdown(a, GRAMMAR_STORY, str_of(in), &got, NULL);
	if (e)
		fail_msg("\n in:   %s\n refused: %s", in, err_text(e));
	if (!str_eq(got, str_of(out)))
		fail_msg("\n in:   %s\n got:  %.*s\n want: %s", in, STR(got), out);
	assert_null(clean_html(a, GRAMMAR_STORY, got, &again, NULL));
	if (!str_eq(got, again))
		fail_msg("\n once:  %.*s\n twice: %.*s", STR(got), STR(again));
}

/* The message begins as given. */
static void refuse(arena_t *a, const char *in, const char *why)
{
	str_t got;
	err_t e = clean_markdown(a, GRAMMAR_STORY, str_of(in), &got, NULL);
	if (!e)
		fail_msg("\n in:   %s\n got:  %.*s\n want: %s", in, STR(got), why);
	assert_int_equal(e->code, ERR_INPUT);
	if (!str_starts(str_of(err_text(e)), str_of(why)))
		fail_msg("\n in:   %s\n got:  %s\n want: %s", in, err_text(e), why);
	err_free(e);
}

static void boxes_hold_markdown(void **state)
{
	expect(*state, "a\n:::facts The *harbour*\n- one\n- two\n:::\nb",
	       "<p>a</p>\n<aside class=\"facts\"><h2>The <em>harbour</em></h2>\n<ul><li>one</li>\n"
	       "<li>two</li>\n</ul>\n</aside>\n<p>b</p>");
	expect(*state, "::: box\nx\n:::", "<aside class=\"box\"><p>x</p>\n</aside>");
	expect(*state, ":::note\nWe erred.\n:::", "<aside class=\"note\"><p>We erred.</p>\n</aside>");
	expect(*state, ":::details Why\nBecause.\n:::",
	       "<details><summary>Why</summary>\n<p>Because.</p>\n</details>");
}

static void boxes_hold_other_blocks(void **state)
{
	expect(*state, ":::facts\n:::embed https://youtu.be/abc_1 :::\nx\n:::",
	       "<aside class=\"facts\"><figure class=\"embed\"><a href=\"https://www.youtube.com/watch?v=abc_1\">"
	       "YouTube</a></figure>\n<p>x</p>\n</aside>");
}

static void a_pull_quote_names_who_said_it(void **state)
{
	expect(*state, ":::pull\nNever so low.\n-- Ann *Lee*\n:::",
	       "<figure class=\"pull\"><blockquote><p>Never so low.</p>\n</blockquote>\n"
	       "<figcaption>Ann <em>Lee</em></figcaption>\n</figure>");
	expect(*state, ":::pull\nNever.\n:::",
	       "<figure class=\"pull\"><blockquote><p>Never.</p>\n</blockquote>\n</figure>");
}

static void a_gallery_is_pictures(void **state)
{
	expect(*state, ":::gallery All. | Ann\n![a](/media/x \"One. | Bo\")\n![b](/media/y)\n:::",
	       "<figure class=\"gallery\"><figure class=\"picture\"><img src=\"/media/x\" alt=\"a\">"
	       "<figcaption>One. <span class=\"credit\">Bo</span></figcaption>\n</figure>\n"
	       "<figure class=\"picture\"><img src=\"/media/y\" alt=\"b\"></figure>\n"
	       "<figcaption>All. <span class=\"credit\">Ann</span></figcaption>\n</figure>");
}

static void recordings_have_tracks_and_words(void **state)
{
	expect(*state,
	       ":::video /media/" HASH "\ntitle: Ferry\ncaption: It *leaves*.\ncredit: Ann\n"
	       "poster: /media/p\ncaptions: /media/c en English text\nsubtitles: /media/d fr\n"
	       "transcript: /media/t\n:::",
	       "<figure class=\"video\"><video src=\"/media/" HASH "\" poster=\"/media/p\" controls>"
	       "<track kind=\"captions\" src=\"/media/c\" srclang=\"en\" label=\"English text\">"
	       "<track kind=\"subtitles\" src=\"/media/d\" srclang=\"fr\"></video><figcaption>"
	       "<strong>Ferry</strong> It <em>leaves</em>. <span class=\"credit\">Ann</span> "
	       "<a class=\"transcript\" href=\"/media/t\">Transcript</a></figcaption>\n</figure>");
	expect(*state, ":::audio /media/a :::",
	       "<figure class=\"audio\"><audio src=\"/media/a\" controls></audio></figure>");
	expect(*state, ":::file /media/f\ntitle: Report\n:::",
	       "<figure class=\"file\"><a href=\"/media/f\">Report</a></figure>");
}

static void an_embed_is_a_link_to_the_page(void **state)
{
	expect(*state, ":::embed https://www.youtube.com/watch?list=x&v=abc&t=3\ntitle: A *b*\ncaption: c\n:::",
	       "<figure class=\"embed\"><a href=\"https://www.youtube.com/watch?v=abc\">A <em>b</em></a>"
	       "<figcaption>c</figcaption>\n</figure>");
	expect(*state, ":::embed https://other.example/x :::",
	       "<figure class=\"embed\"><a href=\"https://other.example/x\">https://other.example/x</a></figure>");
}

static void a_table_has_a_caption_and_names_its_rows(void **state)
{
	expect(*state, ":::table Ships\n| Year | n |\n|---|--:|\n| 1901 | 2 |\n\nSource: us\n:::",
	       "<figure class=\"table\"><table><caption>Ships</caption>\n<thead><tr><th>Year</th>\n"
	       "<th class=\"number\">n</th>\n</tr>\n</thead>\n<tbody><tr><th scope=\"row\">1901</th>\n"
	       "<td class=\"number\">2</td>\n</tr>\n</tbody>\n</table>\n<p>Source: us</p>\n</figure>");
	expect(*state, "|a|\n|---|\n|b|",
	       "<table><thead><tr><th>a</th>\n</tr>\n</thead>\n<tbody><tr><td>b</td>\n</tr>\n</tbody>\n</table>");
}

#define REF(n, id) "<sup><a id=\"fnref-" id "\" href=\"#fn-" n "\">" n "</a></sup>"

static void notes_are_numbered_as_they_come(void **state)
{
	expect(*state, "One[^b] two[^a] again[^b].\n\n[^a]: The first.\n[^b]: The *second*.\n    More.\n\n    Par.\n\nEnd",
	       "<p>One" REF("1", "1") " two" REF("2", "2") " again" REF("1", "1-2") ".</p>\n<p>End</p>\n"
	       "<section class=\"footnotes\"><ol><li id=\"fn-1\"><p>The <em>second</em>. More.</p>\n<p>Par.</p>\n</li>\n"
	       "<li id=\"fn-2\"><p>The first.</p>\n</li>\n</ol>\n</section>");
}

static void notes_may_stand_anywhere_words_do(void **state)
{
	expect(*state, "_a_[^1]\n\n- b[^1]\n\n:::facts T[^1]\nc[^1]\n:::\n[^1]: n[^2]\n[^2]: m [x]\n\n[x]: /y",
	       "<p><em>a</em>" REF("1", "1") "</p>\n<ul><li>b" REF("1", "1-2") "</li>\n</ul>\n"
	       "<aside class=\"facts\"><h2>T[^1]</h2>\n<p>c" REF("1", "1-3") "</p>\n</aside>\n"
	       "<section class=\"footnotes\"><ol><li id=\"fn-1\"><p>n" REF("2", "2") "</p>\n</li>\n"
	       "<li id=\"fn-2\"><p>m <a href=\"/y\">x</a></p>\n</li>\n</ol>\n</section>");
	expect(*state, "Great![^1]\n\n[^1]: x",
	       "<p>Great!" REF("1", "1") "</p>\n<section class=\"footnotes\"><ol><li id=\"fn-1\"><p>x</p>\n</li>\n"
	       "</ol>\n</section>");
}

static void code_is_left_alone(void **state)
{
	expect(*state, "```\n:::facts\n[^1]: x\n[^2]\n```\n\n    :::pull\n    [^3]\n\n`:::` `[^4]` \\[^5]",
	       "<pre>\n:::facts\n[^1]: x\n[^2]\n</pre>\n<pre>\n:::pull\n[^3]\n</pre>\n"
	       "<p><code>:::</code> <code>[^4]</code> [^5]</p>");
	expect(*state, "~~~\n:::\n~~\n", "<pre>\n:::\n~~\n</pre>");
	expect(*state, "a ::: b", "<p>a ::: b</p>");
}

static void link_definitions_hold_across_blocks(void **state)
{
	expect(*state, "[a]\n:::facts\n[a]\n:::\n\n[a]: /x",
	       "<p><a href=\"/x\">a</a></p>\n<aside class=\"facts\"><p><a href=\"/x\">a</a></p>\n</aside>");
}

static void faults_name_their_line(void **state)
{
	static const char *const cases[][2] = {
		{ "a\n\n:::facts\nb", "line 3: the \":::facts\" that begins here is not closed" },
		{ "a\n:::\n", "line 2: \":::\" closes a block, and none is open" },
		{ "\n:::fact x\n:::", "line 2: there is no block \":::fact\"; did you mean \":::facts\"?" },
		{ ":::gallery\n![a](/media/x)\nwords\n:::", "line 3: the \":::gallery\" of line 1 holds pictures only" },
		{ ":::pull\n:::facts\n:::\n:::", "line 2: \":::facts\" cannot stand within the \":::pull\" of line 1" },
		{ ":::table\nwords\n:::", "line 1: \":::table\" holds no table" },
		{ ":::details\nx\n:::", "line 1: \":::details\" needs the words" },
		{ ":::video\n:::", "line 1: \"\" must be a file beside the story's file" },
		{ ":::video https://x.example/a.mp4\n:::", "line 1: \"https://x.example/a.mp4\" must be a file" },
		{ ":::video /media/a\ncaptoin: x\n:::", "line 2: unknown line \"captoin:\"; did you mean \"caption:\"?" },
		{ ":::audio /media/a\n\nposter: /media/b\n:::", "line 3: unknown line \"poster:\"" },
		{ ":::video /media/a\nwords\n:::", "line 2: must be a line as \"caption: words\"" },
		{ ":::video /media/a\nsubtitles: /media/b\n:::", "line 2: subtitles need the tag of their language" },
		{ ":::video /media/a\ncaptions: /media/b 1x\n:::", "line 2: \"1x\" must be the tag of a language" },
		{ ":::embed javascript:alert(1)\n:::", "line 1: \"javascript:alert(1)\" must be an address that begins" },
		{ ":::file /media/a b\n:::", "line 1: one name belongs here; \"b\" is too much" },
		{ "a[^x]\n", "line 1: there is no note [^x]" },
		{ "a\n\n[^x]: b", "line 3: nothing refers to the note [^x]" },
		{ "a[^x]\n\n[^x]: b\n[^x]: c", "line 4: the note [^x] is there already, in line 3" },
		{ "a[^x]\n\n[^x]:\n\nb", "line 3: the note [^x] is empty" },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		refuse(*state, cases[i][0], cases[i][1]);
}

static void line_ends_of_windows_are_line_ends(void **state)
{
	expect(*state, ":::facts T\r\na[^1]\r\n:::\r\n[^1]: b\r\n",
	       "<aside class=\"facts\"><h2>T</h2>\n<p>a" REF("1", "1") "</p>\n</aside>\n"
	       "<section class=\"footnotes\"><ol><li id=\"fn-1\"><p>b</p>\n</li>\n</ol>\n</section>");
}

static void the_inline_grammar_has_no_notation(void **state)
{
	str_t got;
	assert_null(clean_markdown(*state, GRAMMAR_INLINE, S(":::facts a[^1]"), &got, NULL));
	assert_true(str_eq(got, S(":::facts a[^1]")));
	assert_null(clean_html(*state, GRAMMAR_INLINE, S("<a id=fn-1 class=transcript href=/x>a</a>"), &got, NULL));
	assert_true(str_eq(got, S("<a href=\"/x\">a</a>")));
}

/* --- who may be embedded --- */

static void providers_are_known_by_their_pages(void **state)
{
	static const char *const cases[][4] = {
		{ "https://youtu.be/a-b_1?si=x", "YouTube", "https://www.youtube.com/watch?v=a-b_1", "https://www.youtube-nocookie.com/embed/a-b_1" },
		{ "https://m.youtube.com/watch?v=abc", "YouTube", "https://www.youtube.com/watch?v=abc", "https://www.youtube-nocookie.com/embed/abc" },
		{ "https://WWW.YouTube.com/shorts/abc", "YouTube", "https://www.youtube.com/watch?v=abc", "https://www.youtube-nocookie.com/embed/abc" },
		{ "//player.vimeo.com/video/12?h=1", "Vimeo", "https://vimeo.com/12", "https://player.vimeo.com/video/12?dnt=1" },
		{ "https://tube.example/w/aB1", "PeerTube", "https://tube.example/w/aB1", "https://tube.example/videos/embed/aB1" },
		{ "https://social.example/@ann/123", "Mastodon", "https://social.example/@ann/123", "https://social.example/@ann/123/embed" },
		{ "https://open.spotify.com/episode/x1?si=2", "Spotify", "https://open.spotify.com/episode/x1", "https://open.spotify.com/embed/episode/x1" },
		{ "https://soundcloud.com/a-b/c", "SoundCloud", "https://soundcloud.com/a-b/c", "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/a-b/c" },
		{ "https://bsky.app/profile/ann.example/post/3k", "Bluesky", "https://bsky.app/profile/ann.example/post/3k", "https://embed.bsky.app/embed/ann.example/app.bsky.feed.post/3k" },
		{ "https://twitter.com/ann/status/12?s=20", "X", "https://x.com/ann/status/12", "https://platform.twitter.com/embed/Tweet.html?dnt=true&id=12" },
		{ "https://www.instagram.com/reel/Ab/", "Instagram", "https://www.instagram.com/reel/Ab/", "https://www.instagram.com/reel/Ab/embed/" },
		{ "https://www.tiktok.com/@ann/video/12", "TikTok", "https://www.tiktok.com/@ann/video/12", "https://www.tiktok.com/player/v1/12" },
		{ "https://datawrapper.dwcdn.net/aBc/3/", "Datawrapper", "https://datawrapper.dwcdn.net/aBc/", "https://datawrapper.dwcdn.net/aBc/" },
		{ "https://flo.uri.sh/visualisation/12/embed", "Flourish", "https://public.flourish.studio/visualisation/12/", "https://flo.uri.sh/visualisation/12/embed" },
		{ "https://www.openstreetmap.org/?mlat=1#map=8/44.0/-76.5", "OpenStreetMap", "https://www.openstreetmap.org/#map=8/44.0/-76.5",
		  "https://www.openstreetmap.org/export/embed.html?bbox=-78.25781,43.11487,-74.74219,44.88513&layer=mapnik" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct embed e;
		if (!embed_find(*state, str_of(cases[i][0]), S("tube.example, social.example"), &e))
			fail_msg("%s is not known", cases[i][0]);
		if (!str_eq(e.provider, str_of(cases[i][1])) || !str_eq(e.link, str_of(cases[i][2])) ||
		    !str_eq(e.frame, str_of(cases[i][3])))
			fail_msg("%s: %.*s\n%.*s\n%.*s", cases[i][0], STR(e.provider), STR(e.link), STR(e.frame));
	}
}

static void look_alikes_are_not_embedded(void **state)
{
	static const char *const others[] = {
		"https://youtube.com.evil.example/watch?v=a", "https://youtube.com@evil.example/watch?v=a",
		"https://evil.example/https://youtu.be/a", "https://youtube.com/watch?v=", "https://youtube.com/watch",
		"javascript://youtube.com/watch?v=a", "https://youtube.com/watch?v=a\"onload=x", "https://vimeo.com/12abc",
		"https://tube.example/w/a", "https://xtube.test/w/a", "https://youtu.be/a;x", "youtu.be/a", "",
		"https://open.spotify.com/user/x", "https://x.com/ann/status/", "https://youtu.be/<script>",
	};
	for (size_t i = 0; i < COUNT(others); i++) {
		struct embed e;
		if (embed_find(*state, str_of(others[i]), S("tube.test"), &e))
			fail_msg("%s became %.*s", others[i], STR(e.frame));
	}
}

/* --- files that a text names --- */

static err_t rename_file(void *ctx, str_t name, str_t *address)
{
	*address = str_format(ctx, "/media/<%.*s>", STR(name));
	return OK;
}

static void files_beside_a_story_are_found(void **state)
{
	static const char *const cases[][2] = {
		{ "![a](p/x.jpg \"t\") ![b](/y) ![c](https://z/q.png)", "![a](/media/<p/x.jpg> \"t\") ![b](/y) ![c](https://z/q.png)" },
		{ "`![a](x.jpg)` \\![a](x.jpg)", "`![a](x.jpg)` \\![a](x.jpg)" },
		{ "```\n![a](x.jpg)\n:::video x.mp4\n```\n", "```\n![a](x.jpg)\n:::video x.mp4\n```\n" },
		{ "1. a\n\n   ![a](x.jpg)\n\n    ![b](y.jpg)\n", "1. a\n\n   ![a](/media/<x.jpg>)\n\n    ![b](/media/<y.jpg>)\n" },
		{ "    ![a](x.jpg)\n", "    ![a](x.jpg)\n" },
		{ ":::video v.mp4\r\nposter: p.jpg\r\ncaptions: c.vtt en\ntranscript: t.txt\n:::\nposter: x\n",
		  ":::video /media/<v.mp4>\r\nposter: /media/<p.jpg>\r\ncaptions: /media/<c.vtt> en\ntranscript: /media/<t.txt>\n:::\nposter: x\n" },
		{ "::: audio a.mp3 :::\n:::file r.pdf\n:::\n:::video /media/x\n:::", "::: audio /media/<a.mp3> :::\n:::file /media/<r.pdf>\n:::\n:::video /media/x\n:::" },
		{ ":::gallery\n![a](a.jpg)\n:::\n:::files x", ":::gallery\n![a](/media/<a.jpg>)\n:::\n:::files x" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		str_t out;
		assert_null(markdown_files(*state, str_of(cases[i][0]), rename_file, *state, &out));
		if (!str_eq(out, str_of(cases[i][1])))
			fail_msg("\n in:   %s\n got:  %.*s\n want: %s", cases[i][0], STR(out), cases[i][1]);
	}
	str_t out;
	assert_null(html_files(*state, S("<p src=\"x\"><img alt=\"a\" src=\"x.jpg\"><VIDEO src=\"v\" poster=\"/p\"><"),
			       rename_file, *state, &out));
	assert_true(str_eq(out, S("<p src=\"x\"><img alt=\"a\" src=\"/media/<x.jpg>\"><VIDEO src=\"/media/<v>\" poster=\"/p\"><")));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		T(boxes_hold_markdown),
		T(boxes_hold_other_blocks),
		T(a_pull_quote_names_who_said_it),
		T(a_gallery_is_pictures),
		T(recordings_have_tracks_and_words),
		T(an_embed_is_a_link_to_the_page),
		T(a_table_has_a_caption_and_names_its_rows),
		T(notes_are_numbered_as_they_come),
		T(notes_may_stand_anywhere_words_do),
		T(code_is_left_alone),
		T(link_definitions_hold_across_blocks),
		T(faults_name_their_line),
		T(line_ends_of_windows_are_line_ends),
		T(the_inline_grammar_has_no_notation),
		T(providers_are_known_by_their_pages),
		T(look_alikes_are_not_embedded),
		T(files_beside_a_story_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
