/* vtt.c: blocks, times and settings of WebVTT; what stands within a cue is in vtt_text.c. */
#include "press/vtt.h"
#include "press/vtt_text.h"

enum {
	FAULTS_MOST = 20,
	CUES_MOST = 100000, /* a day of speech */
};

struct reading {
	arena_t    *a;
	struct vtt *out;
	str_t       rest;
	str_t       line;   /* the one being looked at; .p NULL behind the last */
	int         number;
	struct strs regions;
	usec_t      last;   /* beginning of the cue before */
};

static void fault(struct reading *x, int line, const char *what)
{
	vtt_fault(x->a, x->out, line, what);
}

void vtt_fault(arena_t *a, struct vtt *out, int line, const char *what)
{
	if (out->faults.n < FAULTS_MOST)
		strs_add(a, &out->faults, str_format(a, "line %d: %s", line, what));
}

static void next_line(struct reading *x)
{
	x->number++;
	x->line = x->rest.p ? str_cut(&x->rest, '\n') : (str_t){ NULL, 0 };
	/* What ends with a line end has no line behind it. */
	if (x->line.p && !x->line.n && !x->rest.p)
		x->line.p = NULL;
}

static bool has_arrow(str_t s)
{
	return str_find(s, S("-->"), 0) != STR_NONE;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* --- times --- */

/* The number at `*at`; how many digits it has. */
static size_t digits(str_t s, size_t *at, int64_t *out)
{
	enum { MOST = 9 };
	size_t from = *at;
	*out = 0;
	while (*at < s.n && *at - from < MOST && s.p[*at] >= '0' && s.p[*at] <= '9')
		*out = *out * 10 + (s.p[(*at)++] - '0');
	return *at - from;
}

bool vtt_time(str_t s, size_t *at, usec_t *out)
{
	int64_t parts[3], milli;
	size_t n = 0, first = digits(s, at, &parts[0]);
	while (++n < COUNT(parts) && *at < s.n && s.p[*at] == ':') {
		(*at)++;
		if (digits(s, at, &parts[n]) != 2)
			return false;
	}
	if (n < 2 || first < 2 || (n == 2 && first != 2) || *at == s.n || s.p[*at] != '.')
		return false;
	(*at)++;
	int64_t hours = n == 3 ? parts[0] : 0, minutes = parts[n - 2], seconds = parts[n - 1];
	if (digits(s, at, &milli) != 3 || minutes > 59 || seconds > 59)
		return false;
	*out = ((hours * 60 + minutes) * 60 + seconds) * SECOND + milli * (SECOND / 1000);
	return true;
}

/* --- settings --- */

/* "50%", "33.3%" */
static bool percent(str_t s)
{
	if (s.n < 2 || s.p[s.n - 1] != '%')
		return false;
	s.n--;
	str_t fraction = s, whole = str_cut(&fraction, '.');
	int64_t n, m = 0;
	if (!whole.n || !str_int(whole, &n) || whole.p[0] == '-' || whole.p[0] == '+' ||
	    (fraction.p && (!fraction.n || !str_int(fraction, &m) || fraction.p[0] == '-' ||
			    fraction.p[0] == '+')))
		return false;
	return n < 100 || (n == 100 && m == 0);
}

static bool one_of(str_t s, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(s, str_of(*names)))
			return true;
	return false;
}

static bool line_value(str_t v)
{
	static const char *const aligns[] = { "start", "center", "end", NULL };
	str_t align = v, where = str_cut(&align, ',');
	int64_t n;
	return (percent(where) || (str_int(where, &n) && where.p[0] != '+')) &&
	       (!align.p || one_of(align, aligns));
}

static bool position_value(str_t v)
{
	static const char *const aligns[] = { "line-left", "center", "line-right", NULL };
	str_t align = v, where = str_cut(&align, ',');
	return percent(where) && (!align.p || one_of(align, aligns));
}

static const char *const setting_names[] = { "vertical", "line", "position", "size", "align",
					     "region", NULL };

static bool setting_value(const struct reading *x, size_t which, str_t v)
{
	static const char *const verticals[] = { "rl", "lr", NULL };
	static const char *const aligns[] = { "start", "center", "end", "left", "right", NULL };
	switch (which) {
	case 0: return one_of(v, verticals);
	case 1: return line_value(v);
	case 2: return position_value(v);
	case 3: return percent(v);
	case 4: return one_of(v, aligns);
	default: break;
	}
	for (size_t i = 0; i < x->regions.n; i++)
		if (str_eq(x->regions.v[i], v))
			return true;
	return false;
}

static void check_settings(struct reading *x, str_t settings, int line)
{
	unsigned seen = 0;
	settings = str_replace(x->a, settings, S("\t"), S(" "));
	while (settings.p) {
		str_t value = str_cut(&settings, ' ');
		if (!value.n)
			continue;
		str_t name = str_cut(&value, ':');
		size_t k = 0;
		while (setting_names[k] && !str_eq(name, str_of(setting_names[k])))
			k++;
		if (!setting_names[k] || !value.p)
			fault(x, line, "there is no such cue setting; there are vertical, line, "
			      "position, size, align and region");
		else if (seen & 1u << k)
			fault(x, line, "a cue setting stands twice");
		else if (!setting_value(x, k, value))
			fault(x, line, "a cue setting has a value that it cannot have");
		seen |= 1u << k;
	}
}

/* --- blocks --- */

static bool begins_block(str_t line, str_t word)
{
	return str_starts(line, word) &&
	       (line.n == word.n || is_blank(line.p[word.n]));
}

/* Lines up to an empty one. */
static str_t block_lines(struct reading *x)
{
	const char *from = x->line.p ? x->line.p : "", *end = from;
	while (x->line.p && x->line.n && !has_arrow(x->line)) {
		end = x->line.p + x->line.n;
		next_line(x);
	}
	return str_from(from, (size_t)(end - from));
}

static void read_style(struct reading *x, int line)
{
	next_line(x);
	str_t css = str_lower(x->a, block_lines(x));
	if (x->out->n)
		fault(x, line, "STYLE stands before the first cue");
	/* Watching must tell nobody but us. */
	if (str_find(css, S("url("), 0) != STR_NONE || str_find(css, S("@import"), 0) != STR_NONE ||
	    str_find_char(css, '\\', 0) != STR_NONE)
		fault(x, line, "STYLE fetches nothing from elsewhere: no url(), no @import, no "
		      "escapes");
}

static bool region_anchor(str_t v)
{
	str_t y = v, first = str_cut(&y, ',');
	return y.p && percent(first) && percent(y);
}

static void read_region(struct reading *x, int line)
{
	next_line(x);
	str_t text = str_replace(x->a, block_lines(x), S("\n"), S(" ")), id = { NULL, 0 };
	text = str_replace(x->a, text, S("\t"), S(" "));
	while (text.p) {
		str_t value = str_cut(&text, ' ');
		if (!value.n)
			continue;
		str_t name = str_cut(&value, ':');
		int64_t n;
		bool ok = value.n && ((str_eq(name, S("id"))) ||
				      (str_eq(name, S("width")) && percent(value)) ||
				      (str_eq(name, S("lines")) && str_int(value, &n) && n >= 0) ||
				      (str_eq(name, S("regionanchor")) && region_anchor(value)) ||
				      (str_eq(name, S("viewportanchor")) && region_anchor(value)) ||
				      (str_eq(name, S("scroll")) && str_eq(value, S("up"))));
		if (str_eq(name, S("id")))
			id = value;
		if (!ok)
			fault(x, line, "a region has a setting that it cannot have");
	}
	if (!id.n)
		fault(x, line, "a region needs an id");
	else
		strs_add(x->a, &x->regions, id);
	if (x->out->n)
		fault(x, line, "REGION stands before the first cue");
}

/* --- cues --- */

static bool read_timing(struct reading *x, struct vtt_cue *cue)
{
	str_t s = x->line;
	size_t at = 0;
	if (!vtt_time(s, &at, &cue->from)) {
		fault(x, x->number, "a cue begins with a time as 00:01.500 or 01:02:03.004");
		return false;
	}
	size_t gap = at;
	while (at < s.n && is_blank(s.p[at]))
		at++;
	if (at == gap || !str_starts(str_slice(s, at, s.n), S("-->"))) {
		fault(x, x->number, "\" --> \" stands between the two times of a cue");
		return false;
	}
	at += 3;
	gap = at;
	while (at < s.n && is_blank(s.p[at]))
		at++;
	if (at == gap || !vtt_time(s, &at, &cue->to)) {
		fault(x, x->number, "a cue ends with a time as 00:04.000, behind \"--> \"");
		return false;
	}
	if (at < s.n && !is_blank(s.p[at])) {
		fault(x, x->number, "a space stands before the settings of a cue");
		return false;
	}
	cue->settings = str_trim(str_slice(s, at, s.n));
	return true;
}

static void judge_cue(struct reading *x, const struct vtt_cue *cue)
{
	if (cue->to <= cue->from)
		fault(x, cue->line, "a cue ends after it begins");
	if (cue->from < x->last)
		fault(x, cue->line, "a cue begins no earlier than the one before it");
	if (has_arrow(cue->settings))
		fault(x, cue->line, "\"-->\" stands once in a line");
	else
		check_settings(x, cue->settings, cue->line);
	x->last = cue->from;
	vtt_check_text(x->a, cue, x->out);
}

static void read_cue(struct reading *x)
{
	struct vtt_cue cue = { .id = S(""), .settings = S(""), .text = S("") };
	int first = x->number;
	if (!has_arrow(x->line)) {
		cue.id = x->line;
		next_line(x);
		if (!x->line.p || !has_arrow(x->line)) {
			fault(x, first, "here a cue is expected: a line with its times");
			block_lines(x);
			return;
		}
	}
	cue.line = x->number;
	bool timed = read_timing(x, &cue);
	next_line(x);
	cue.text = block_lines(x);
	if (x->line.p && has_arrow(x->line))
		fault(x, x->number, "an empty line stands between two cues");
	if (!timed)
		return;
	judge_cue(x, &cue);
	if (x->out->n == CUES_MOST)
		return;
	x->out->v = arena_room(x->a, x->out->v, x->out->n, sizeof *x->out->v);
	x->out->v[x->out->n++] = cue;
}

static void read_block(struct reading *x)
{
	int line = x->number;
	bool arrow = has_arrow(x->line);
	if (!arrow && begins_block(x->line, S("NOTE")))
		block_lines(x);
	else if (!arrow && str_eq(str_trim(x->line), S("STYLE")))
		read_style(x, line);
	else if (!arrow && str_eq(str_trim(x->line), S("REGION")))
		read_region(x, line);
	else
		read_cue(x);
}

static bool read_header(struct reading *x)
{
	next_line(x);
	if (!x->line.p || !begins_block(x->line, S("WEBVTT"))) {
		fault(x, 1, "a WebVTT file begins with the word WEBVTT");
		return false;
	}
	if (has_arrow(x->line))
		fault(x, 1, "\"-->\" stands in cues alone");
	next_line(x);
	if (x->line.p && x->line.n) {
		fault(x, x->number, "an empty line stands behind the first line");
		block_lines(x);
	}
	return true;
}

void vtt_parse(arena_t *a, str_t text, struct vtt *out)
{
	struct reading x = { .a = a, .out = out, .rest = text };
	*out = (struct vtt){ 0 };
	if (!read_header(&x))
		return;
	while (x.line.p) {
		if (!x.line.n)
			next_line(&x);
		else
			read_block(&x);
	}
	if (out->n == CUES_MOST)
		fault(&x, x.number, "there are too many cues");
}

/* --- what comes from people --- */

static str_t plain_lines(arena_t *a, str_t s)
{
	if (str_starts(s, S("\xef\xbb\xbf")))
		s = str_slice(s, 3, s.n);
	s = str_replace(a, s, S("\r\n"), S("\n"));
	s = str_replace(a, s, S("\r"), S("\n"));
	return str_ends(s, S("\n")) ? s : str_format(a, "%.*s\n", STR(s));
}

/* SRT has a comma where WebVTT has a point. */
static bool has_srt_times(str_t text)
{
	size_t at = str_find(text, S(" --> "), 0);
	if (at == STR_NONE)
		return false;
	str_t before = str_slice(text, at > 4 ? at - 4 : 0, at);
	return str_find_char(before, ',', 0) != STR_NONE;
}

err_t vtt_take_in(arena_t *a, str_t text, str_t *out)
{
	enum { MOST = 4 << 20, TOLD = 5 };
	struct vtt parsed;
	size_t bad;
	if (text.n > MOST)
		return err_user(ERR_TOO_LARGE, "track", "the track has %zu KB; at most %d are taken",
				text.n >> 10, MOST >> 10);
	if (!str_is_utf8(text, &bad))
		return err_user(ERR_INPUT, "track", "the track is not UTF-8 at byte %zu", bad + 1);
	if (str_find_char(text, '\0', 0) != STR_NONE)
		return err_user(ERR_INPUT, "track", "the track holds a NUL character");
	text = plain_lines(a, text);
	if (!str_starts(text, S("WEBVTT")) && has_srt_times(text))
		text = vtt_from_srt(a, text);
	vtt_parse(a, text, &parsed);
	if (!parsed.faults.n && !parsed.n)
		vtt_fault(a, &parsed, 1, "there is no cue in it");
	*out = text;
	if (!parsed.faults.n)
		return OK;
	size_t told = parsed.faults.n < TOLD ? parsed.faults.n : TOLD;
	return err_user(ERR_INPUT, "track", "the track has faults: %.*s%s",
			STR(str_join(a, parsed.faults.v, told, S("; "))),
			told < parsed.faults.n ? "; and more" : "");
}
