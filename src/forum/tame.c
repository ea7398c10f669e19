/* tame.c: see tame.h. */
#include "forum/tame.h"

#include "forum/limits.h"

#include <unicode/uchar.h>

/* Characters that are not seen and change how others are. */
static bool is_hidden(int32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || /* direction, forced */
	       c == 0x200b || c == 0x2060 || c == 0xfeff || c == 0x00ad ||       /* without width */
	       (c >= 0x2061 && c <= 0x2064) || (c >= 0x206a && c <= 0x206f) ||
	       c == 0x180e || c == 0x115f || c == 0x1160 || c == 0x3164 || c == 0xffa0 || /* "empty" letters */
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff && !(c >= 0xe0020 && c <= 0xe007f));
}

static bool is_control(int32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

static bool is_joiner(int32_t c)
{
	return c == 0x200c || c == 0x200d;
}

static bool is_mark(int32_t c)
{
	int8_t type = u_charType(c);
	return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
}

str_t tame(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n + 1);
	int marks = 0, ends = 0;
	int32_t before = '\n', c;
	for (size_t at = 0, from = 0; (c = str_next_rune(s, &at)) >= 0; from = at) {
		if (c == '\r') { /* with its '\n', or alone on old machines */
			if (at < s.n && s.p[at] == '\n')
				continue;
			c = '\n';
		}
		if (is_control(c) || is_hidden(c) || (is_joiner(c) && is_joiner(before)))
			continue;
		marks = is_mark(c) ? marks + 1 : 0;
		ends = c == '\n' ? ends + 1 : c == ' ' || c == '\t' ? ends : 0;
		if (marks > MARKS_MOST || ends > 2)
			continue;
		before = c;
		if (c == '\n')
			buf_add_char(&b, '\n');
		else
			buf_add(&b, str_slice(s, from, at));
	}
	return str_trim(buf_str(&b));
}

str_t tame_line(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n + 1);
	bool gap = false;
	int32_t c;
	s = tame(a, s);
	for (size_t at = 0, from = 0; (c = str_next_rune(s, &at)) >= 0; from = at) {
		if (u_isUWhiteSpace(c)) {
			gap = b.n > 0;
			continue;
		}
		if (gap)
			buf_add_char(&b, ' ');
		gap = false;
		buf_add(&b, str_slice(s, from, at));
	}
	return buf_str(&b);
}
