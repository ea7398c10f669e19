/* vtt_text.c: within a cue: tags, character references; the words of it alone. */
#include "press/vtt_text.h"

enum { DEEPEST = 16 };

static const struct {
	const char *name, *text;
} references[] = {
	{ "amp", "&" }, { "lt", "<" }, { "gt", ">" }, { "nbsp", "\xc2\xa0" }, { "quot", "\"" },
	{ "lrm", "\xe2\x80\x8e" }, { "rlm", "\xe2\x80\x8f" }, { "apos", "'" },
};

static const char *const tags[] = { "c", "i", "b", "u", "ruby", "rt", "v", "lang", NULL };

/* --- checking --- */

struct text_check {
	arena_t              *a;
	const struct vtt_cue *cue;
	struct vtt           *out;
	int                   line;
	str_t                 open[DEEPEST];
	int                   deep;
	usec_t                last; /* time within the cue */
};

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '#';
}

/* The reference at `at`, which begins with '&': the name, empty if it is none. */
static str_t reference(str_t s, size_t at)
{
	enum { LONGEST = 32 };
	size_t end = at + 1;
	while (end < s.n && end - at < LONGEST && name_char(s.p[end]))
		end++;
	return end < s.n && s.p[end] == ';' ? str_slice(s, at + 1, end) : S("");
}

static bool is_tag(str_t name)
{
	for (size_t i = 0; tags[i]; i++)
		if (str_eq(name, str_of(tags[i])))
			return true;
	return false;
}

/* "v.loud Mary" is the tag v with the class loud. */
static str_t tag_name(str_t tag)
{
	size_t n = 0;
	while (n < tag.n && tag.p[n] != '.' && tag.p[n] != ' ' && tag.p[n] != '\t' && tag.p[n] != '\n')
		n++;
	return str_slice(tag, 0, n);
}

static void inner_time(struct text_check *x, str_t tag)
{
	usec_t t;
	size_t at = 0;
	if (!vtt_time(tag, &at, &t) || at != tag.n)
		vtt_fault(x->a, x->out, x->line, "a time within a cue is written as <00:02.500>");
	else if (t <= x->cue->from || t >= x->cue->to || t <= x->last)
		vtt_fault(x->a, x->out, x->line, "a time within a cue lies between its times, and "
			  "later than the one before");
	else
		x->last = t;
}

static void close_tag(struct text_check *x, str_t name)
{
	/* The end of a speaker may be left out when the cue is all theirs; an end of another tag ends
	 * what is left open in it only for <rt>. */
	if (x->deep && str_eq(x->open[x->deep - 1], S("rt")) && str_eq(name, S("ruby")))
		x->deep--;
	if (x->deep && str_eq(x->open[x->deep - 1], name))
		x->deep--;
	else
		vtt_fault(x->a, x->out, x->line, "an end tag closes the tag that was opened last");
}

static void open_tag(struct text_check *x, str_t tag)
{
	str_t name = tag_name(tag);
	str_t note = str_trim(str_slice(tag, str_find_char(tag, ' ', 0), tag.n));
	if (!is_tag(name)) {
		vtt_fault(x->a, x->out, x->line, "there is no such tag; there are c, i, b, u, ruby, rt, "
			  "v and lang (and < is written &lt;)");
		return;
	}
	bool notes = str_eq(name, S("v")) || str_eq(name, S("lang"));
	if (notes != (note.n > 0) && !str_eq(name, S("lang")))
		vtt_fault(x->a, x->out, x->line, notes ? "<v> names who speaks"
						       : "only <v> and <lang> have a value");
	if (x->deep == DEEPEST)
		vtt_fault(x->a, x->out, x->line, "tags are nested too deep");
	else
		x->open[x->deep++] = name;
}

static size_t check_tag(struct text_check *x, str_t s, size_t at)
{
	size_t end = str_find_char(s, '>', at);
	if (end == STR_NONE) {
		vtt_fault(x->a, x->out, x->line, "a tag has no end (and < is written &lt;)");
		return s.n;
	}
	str_t tag = str_slice(s, at + 1, end);
	if (tag.n && tag.p[0] == '/')
		close_tag(x, str_slice(tag, 1, tag.n));
	else if (tag.n && tag.p[0] >= '0' && tag.p[0] <= '9')
		inner_time(x, tag);
	else
		open_tag(x, tag);
	return end + 1;
}

void vtt_check_text(arena_t *a, const struct vtt_cue *cue, struct vtt *out)
{
	struct text_check x = { .a = a, .cue = cue, .out = out, .line = cue->line + 1,
				.last = cue->from };
	str_t s = cue->text;
	size_t at = 0;
	while (at < s.n) {
		char c = s.p[at];
		if (c == '<') {
			at = check_tag(&x, s, at);
			continue;
		}
		x.line += c == '\n';
		if (c == '&' && !reference(s, at).n)
			vtt_fault(a, out, x.line, "& is written &amp;");
		at++;
	}
	bool speaker_alone = x.deep == 1 && str_eq(x.open[0], S("v"));
	if (x.deep && !speaker_alone)
		vtt_fault(a, out, x.line, "a tag is not closed");
}

/* --- the words alone --- */

static void add_reference(struct buf *b, str_t name)
{
	int64_t n;
	for (size_t i = 0; i < COUNT(references); i++)
		if (str_eq(name, str_of(references[i].name))) {
			buf_add(b, str_of(references[i].text));
			return;
		}
	if (name.n > 1 && name.p[0] == '#' && str_int(str_slice(name, 1, name.n), &n) && n >= 32 &&
	    n < 0x110000)
		buf_add_rune(b, (uint32_t)n);
	else
		buf_add_format(b, "&%.*s;", STR(name));
}

static str_t speaker_of(str_t tag)
{
	return str_eq(tag_name(tag), S("v"))
		       ? str_trim(str_slice(tag, str_find_char(tag, ' ', 0), tag.n))
		       : (str_t){ NULL, 0 };
}

str_t vtt_plain(arena_t *a, str_t cue, str_t *speaker)
{
	struct buf b = buf_new(a, cue.n + 8);
	for (size_t at = 0; at < cue.n;) {
		char c = cue.p[at];
		size_t end = c == '<' ? str_find_char(cue, '>', at) : STR_NONE;
		str_t name = c == '&' ? reference(cue, at) : S("");
		if (end != STR_NONE) {
			str_t who = speaker_of(str_slice(cue, at + 1, end));
			if (who.p)
				*speaker = who;
			at = end + 1;
		} else if (name.n) {
			add_reference(&b, name);
			at += name.n + 2;
		} else {
			buf_add_char(&b, c == '\n' ? ' ' : c);
			at++;
		}
	}
	return str_trim(buf_str(&b));
}

err_t vtt_transcript(arena_t *a, str_t text, str_t *out)
{
	const usec_t silence = 2 * SECOND;
	struct vtt parsed;
	struct buf b = buf_new(a, text.n);
	str_t last = S("");
	usec_t ended = 0;
	vtt_parse(a, text, &parsed);
	for (size_t i = 0; i < parsed.n; i++) {
		const struct vtt_cue *cue = &parsed.v[i];
		str_t speaker = S(""), words = vtt_plain(a, cue->text, &speaker);
		if (!words.n)
			continue;
		bool other = !str_eq(speaker, last);
		if (b.n)
			buf_add(&b, other || cue->from - ended > silence ? S("\n\n") : S(" "));
		if (other && speaker.n)
			buf_add_format(&b, "%.*s: ", STR(speaker));
		buf_add(&b, words);
		last = speaker;
		ended = cue->to;
	}
	buf_add(&b, S("\n"));
	*out = buf_str(&b);
	return OK;
}

/* --- SRT --- */

static bool is_number(str_t s)
{
	int64_t n;
	return str_int(str_trim(s), &n);
}

/* SRT's tags are HTML's; of them those that WebVTT has stay, all others go. */
static void add_srt_text(struct buf *b, str_t s)
{
	for (size_t at = 0; at < s.n; at++) {
		static const char *const kept[] = { "<i>", "</i>", "<b>", "</b>", "<u>", "</u>" };
		str_t rest = str_slice(s, at, s.n);
		size_t k = 0, end;
		while (k < COUNT(kept) && !str_starts(rest, str_of(kept[k])))
			k++;
		if (k < COUNT(kept)) {
			buf_add(b, str_of(kept[k]));
			at += strlen(kept[k]) - 1;
		} else if (s.p[at] == '{' && str_starts(rest, S("{\\")) &&
			   (end = str_find_char(rest, '}', 0)) != STR_NONE) {
			at += end; /* where on the picture it stands, in another program's way */
		} else if (s.p[at] == '<' && (str_starts(rest, S("<font")) ||
					      str_starts(rest, S("</font"))) &&
			   (end = str_find_char(rest, '>', 0)) != STR_NONE) {
			at += end;
		} else if (s.p[at] == '<') {
			buf_add(b, S("&lt;"));
		} else if (s.p[at] == '&' && !reference(s, at).n) {
			buf_add(b, S("&amp;"));
		} else {
			buf_add_char(b, s.p[at]);
		}
	}
}

/* "1:02:03,4 --> ..." with a comma, and whatever stands behind the times left out. */
static void add_srt_times(struct buf *b, str_t line)
{
	size_t arrow = str_find(line, S("-->"), 0);
	str_t ends[] = { str_trim(str_slice(line, 0, arrow)),
			 str_trim(str_slice(line, arrow + 3, line.n)) };
	for (size_t i = 0; i < COUNT(ends); i++) {
		str_t fraction = str_slice(ends[i], 0, str_find_char(ends[i], ' ', 0));
		str_t whole = str_cut(&fraction, str_find_char(fraction, ',', 0) != STR_NONE ? ',' : '.');
		if (i)
			buf_add(b, S(" --> "));
		if (whole.n > 1 && whole.p[1] == ':')
			buf_add_char(b, '0');
		buf_add_format(b, "%.*s.%.*s", STR(whole), STR(fraction.p ? fraction : S("")));
		for (size_t k = fraction.n; k < 3; k++)
			buf_add_char(b, '0');
	}
}

str_t vtt_from_srt(arena_t *a, str_t text)
{
	struct buf b = buf_new(a, text.n + 64);
	bool fresh = true; /* at the beginning of a block */
	buf_add(&b, S("WEBVTT\n"));
	while (text.p) {
		str_t line = str_cut(&text, '\n');
		bool times = str_find(line, S(" --> "), 0) != STR_NONE;
		if (!str_trim(line).n) {
			fresh = true;
			continue;
		}
		if (fresh && !times && is_number(line))
			continue;
		if (times || fresh)
			buf_add_char(&b, '\n');
		fresh = false;
		if (times)
			add_srt_times(&b, line);
		else
			add_srt_text(&b, line);
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}
