/* test_vtt.c: captions: what is taken in, what is refused and with which line, what is read aloud. */
#include "room.h"

#include "press/vtt.h"

static const struct {
	const char *text, *why; /* why: part of the refusal */
} refusals[] = {
	{ "WEBVT\n\n00:01.000 --> 00:02.000\nx\n", "line 1: a WebVTT file begins" },
	{ "WEBVTTx\n\n00:01.000 --> 00:02.000\nx\n", "line 1" },
	{ "WEBVTT\n00:01.000 --> 00:02.000\nx\n", "line 2: an empty line stands behind" },
	{ "WEBVTT\n\n0:01.000 --> 00:02.000\nx\n", "line 3: a cue begins with a time" },
	{ "WEBVTT\n\n00:01,000 --> 00:02.000\nx\n", "line 3: a cue begins with a time" },
	{ "WEBVTT\n\n00:61.000 --> 01:02.000\nx\n", "line 3" },
	{ "WEBVTT\n\n00:01.00 --> 00:02.000\nx\n", "line 3" },
	{ "WEBVTT\n\n00:01.000-->00:02.000\nx\n", "line 3: \" --> \"" },
	{ "WEBVTT\n\n00:02.000 --> 00:02.000\nx\n", "line 3: a cue ends after it begins" },
	{ "WEBVTT\n\n00:03.000 --> 00:04.000\nx\n\n00:01.000 --> 00:02.000\ny\n", "line 6: a cue begins no" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000 colour:red\nx\n", "line 3: there is no such cue setting" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000 align:middle\nx\n", "line 3: a cue setting has a value" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000 size:101%\nx\n", "line 3" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000 size:5% size:6%\nx\n", "line 3: a cue setting stands twice" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000 region:r\nx\n", "line 3" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\n<blink>x</blink>\n", "line 4: there is no such tag" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\n<i>x\n", "line 4: a tag is not closed" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\n<i><b>x</i></b>\n", "line 4: an end tag" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\na\nb & c\n", "line 5: & is written" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\n<v>x\n", "line 4: <v> names who speaks" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\nx <00:03.000>y\n", "line 4: a time within a cue lies" },
	{ "WEBVTT\n\nfloating words\n", "line 3: here a cue is expected" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:02.000 --> 00:03.000\ny\n", "line 5: an empty line stands" },
	{ "WEBVTT\n\nSTYLE\n::cue { background: url(https://a.example/) }\n\n00:01.000 --> 00:02.000\nx\n",
	  "line 3: STYLE fetches nothing" },
	{ "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n\nREGION\nid:r\n", "line 6: REGION stands before" },
	{ "WEBVTT\n\nREGION\nwidth:40%\n\n00:01.000 --> 00:02.000\nx\n", "line 3: a region needs an id" },
	{ "WEBVTT\n", "there is no cue" },
	{ "", "line 1" },
};

static void what_is_wrong_is_told_with_its_line(void **state)
{
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(refusals); i++) {
		str_t out;
		err_t e = vtt_take_in(r->world.a, str_of(refusals[i].text), &out);
		if (!e || !strstr(err_text(e), refusals[i].why))
			fail_msg("%zu: \"%s\" is not in \"%s\"", i, refusals[i].why,
				 e ? err_text(e) : "(taken)");
		assert_string_equal(e->field, "track");
		err_free(e);
	}
}

static const char *const sound[] = {
	"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n",
	"\xef\xbb\xbfWEBVTT - a title\r\n\r\n1\r\n100:00:01.000 --> 100:00:02.000\r\nx\r\n",
	"WEBVTT\n\nNOTE a remark\nof two lines\n\nid\n00:01.000 -->\t00:02.000 line:-1 position:50%,center "
	"size:33.5% align:start vertical:rl\n<v.loud Ann>Hello <i>you</i> &amp; me</v>\n<00:01.500>there",
	"WEBVTT\n\nREGION\nid:fred width:40% lines:3\nregionanchor:0%,100% viewportanchor:10%,90% scroll:up\n\n"
	"STYLE\n::cue { color: red }\n\n00:01.000 --> 00:02.000 region:fred\n<v Ann>Hi\n",
	"WEBVTT\n\n00:00:00.000 --> 00:00:00.001\n<ruby>a<rt>b</ruby>&#233;&eacute;\n\n\n\n00:01.000 --> 00:02.000\n",
};

static void what_is_right_is_taken(void **state)
{
	struct room *r = *state;
	for (size_t i = 0; i < COUNT(sound); i++) {
		str_t out;
		assert_ok(vtt_take_in(r->world.a, str_of(sound[i]), &out));
		assert_true(str_starts(out, S("WEBVTT")));
		assert_true(str_find_char(out, '\r', 0) == STR_NONE);
	}
}

static void subtitles_of_another_kind_are_turned_into_ours(void **state)
{
	struct room *r = *state;
	str_t out;
	assert_ok(vtt_take_in(r->world.a,
			      S("1\r\n00:00:01,500 --> 00:00:04,000 X1:40\r\n<font color=\"#fff\">Tea & <i>bread</i></font>\r\n"
				"3 < 4 {\\an8}\r\n\r\n2\r\n0:01:02,5 --> 00:01:04,000\r\n7\r\n"), &out));
	assert_text(out, "WEBVTT\n\n00:00:01.500 --> 00:00:04.000\nTea &amp; <i>bread</i>\n3 &lt; 4 \n\n"
			 "00:01:02.500 --> 00:01:04.000\n7\n");
}

static void a_transcript_reads_as_people_speak(void **state)
{
	struct room *r = *state;
	str_t out;
	assert_ok(vtt_transcript(r->world.a,
		S("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Good <b>day</b>\n\n00:02.000 --> 00:03.000\n<v Ann>to\nyou.\n\n"
		  "00:03.500 --> 00:04.000\n<v Bo>Hi &amp; bye.\n\n00:09.000 --> 00:10.000\n<v Bo>Well&nbsp;then.\n"), &out));
	assert_text(out, "Ann: Good day to you.\n\nBo: Hi & bye.\n\nWell\xc2\xa0then.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(what_is_wrong_is_told_with_its_line), ROOM_TEST(what_is_right_is_taken),
		ROOM_TEST(subtitles_of_another_kind_are_turned_into_ours),
		ROOM_TEST(a_transcript_reads_as_people_speak),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
