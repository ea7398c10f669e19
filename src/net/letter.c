/* letter.c: see letter.h. */
#include "net/letter.h"

#include <sodium.h>

enum {
	LINE_MOST = 76,     /* of quoted-printable: RFC 2045 section 6.7 */
	WORD_BYTES = 42,    /* of text in an encoded word: 56 of base 64, within 75 (RFC 2047) */
	ADDRESS_MOST = 254, /* RFC 5321 section 4.5.3.1.3, without the brackets */
	LOCAL_MOST = 64,
	LABEL_MOST = 63,
};

/* --- addresses --- */

static bool is_atom(char c)
{
	static const char others[] = "!#$%&'*+-/=?^_`{|}~";
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80 || (c && strchr(others, c));
}

static bool is_dot_atom(str_t s)
{
	bool dot = true; /* none at the start, none after another */
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' ? dot : !is_atom(s.p[i]))
			return false;
		dot = s.p[i] == '.';
	}
	return s.n && !dot;
}

static bool is_label(str_t s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool inner = i > 0 && i + 1 < s.n;
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (unsigned char)c >= 0x80 || (c == '-' && inner)))
			return false;
	}
	return s.n > 0 && s.n <= LABEL_MOST;
}

bool address_is_mail(str_t s)
{
	size_t at = str_find_char(s, '@', 0), labels = 0;
	if (at == STR_NONE || s.n > ADDRESS_MOST || at > LOCAL_MOST || !str_is_utf8(s, NULL))
		return false;
	str_t domain = str_slice(s, at + 1, s.n);
	if (!is_dot_atom(str_slice(s, 0, at)))
		return false;
	while (domain.p) {
		if (!is_label(str_cut(&domain, '.')))
			return false;
		labels++;
	}
	return labels > 1;
}

/* --- headers --- */

static bool is_ascii(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static str_t one_line(arena_t *a, str_t s)
{
	str_t copy = str_copy(a, str_trim(s));
	char *p = (char *)copy.p;
	for (size_t i = 0; i < copy.n; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			p[i] = ' ';
	return copy;
}

/* As many encoded words as it takes, each of whole characters, one a line. */
static void add_words(struct buf *b, str_t s)
{
	for (bool first = true; s.n; first = false) {
		str_t part = str_clip(s, WORD_BYTES);
		char coded[sodium_base64_ENCODED_LEN(WORD_BYTES, sodium_base64_VARIANT_ORIGINAL)];
		sodium_bin2base64(coded, sizeof coded, (const unsigned char *)part.p, part.n,
				  sodium_base64_VARIANT_ORIGINAL);
		buf_add_format(b, "%s=?UTF-8?B?%s?=", first ? "" : "\r\n ", coded);
		s = str_slice(s, part.n, s.n);
	}
}

/* Plain words, folded where a line gets long (RFC 5322 section 2.2.3). */
static void add_folded(struct buf *b, str_t s, size_t column)
{
	while (s.p) {
		str_t word = str_cut(&s, ' ');
		if (column > 20 && column + word.n > LINE_MOST) {
			buf_add(b, S("\r\n"));
			column = 0;
		}
		buf_add(b, word);
		column += word.n + 1;
		if (s.p)
			buf_add_char(b, ' ');
	}
}

static void add_header(struct buf *b, const char *name, str_t value)
{
	value = one_line(b->a, value);
	buf_add_format(b, "%s: ", name);
	if (is_ascii(value) && str_find(value, S("=?"), 0) == STR_NONE)
		add_folded(b, value, strlen(name) + 2);
	else
		add_words(b, value);
	buf_add(b, S("\r\n"));
}

/* A name is quoted or encoded, so that no character of it means anything. */
static void add_from(struct buf *b, str_t name, str_t address)
{
	name = one_line(b->a, name);
	buf_add(b, S("From: "));
	if (name.n && is_ascii(name)) {
		buf_add_char(b, '"');
		for (size_t i = 0; i < name.n; i++) {
			if (name.p[i] == '"' || name.p[i] == '\\')
				buf_add_char(b, '\\');
			buf_add_char(b, name.p[i]);
		}
		buf_add(b, S("\"\r\n "));
	} else if (name.n) {
		add_words(b, name);
		buf_add(b, S("\r\n "));
	}
	buf_add_format(b, "<%.*s>\r\n", STR(address));
}

/* --- bodies --- */

static bool stands_for_itself(unsigned char c)
{
	return (c > ' ' && c < 0x7f && c != '=') || c == ' ' || c == '\t';
}

/* Quoted-printable of one line; a space at its end and a dot at its start are encoded: the first gets
 * lost on the way, the second ends a letter. */
static void add_quoted_line(struct buf *b, str_t line)
{
	size_t column = 0;
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		bool last = i + 1 == line.n;
		bool plain = stands_for_itself(c) && !((c == ' ' || c == '\t') && last) &&
			     !(c == '.' && column == 0);
		size_t wide = plain ? 1 : 3;
		if (column + wide > LINE_MOST - 1) {
			buf_add(b, S("=\r\n"));
			column = 0;
			plain = plain && c != '.';
			wide = plain ? 1 : 3;
		}
		if (plain)
			buf_add_char(b, (char)c);
		else
			buf_add_format(b, "=%02X", c);
		column += wide;
	}
	buf_add(b, S("\r\n"));
}

static void add_part(struct buf *b, const char *type, str_t text)
{
	buf_add_format(b, "Content-Type: %s; charset=utf-8\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n\r\n", type);
	while (text.n) {
		str_t line = str_cut(&text, '\n');
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		add_quoted_line(b, line);
	}
}

str_t letter_write(arena_t *a, const struct letter *l)
{
	struct buf b = buf_new(a, 4096 + l->text.n * 2 + l->html.n * 2);
	str_t date = time_http(a, l->date);
	add_from(&b, l->from_name, l->from);
	buf_add_format(&b, "To: <%.*s>\r\n", STR(l->to));
	add_header(&b, "Subject", l->subject);
	buf_add_format(&b, "Date: %.*s +0000\r\n", STR(str_slice(date, 0, date.n - 4)));
	buf_add_format(&b, "Message-ID: <%.*s>\r\n", STR(l->id));
	if (l->language.n)
		add_header(&b, "Content-Language", l->language);
	if (l->automatic)
		buf_add(&b, S("Auto-Submitted: auto-generated\r\n"
			      "X-Auto-Response-Suppress: All\r\n"));
	buf_add(&b, S("MIME-Version: 1.0\r\n"));
	if (!l->html.n) {
		add_part(&b, "text/plain", l->text);
		return buf_str(&b);
	}
	/* Quoted-printable never has "=_": no line of a part is the boundary. */
	buf_add(&b, S("Content-Type: multipart/alternative; boundary=\"=_parts\"\r\n\r\n--=_parts\r\n"));
	add_part(&b, "text/plain", l->text);
	buf_add(&b, S("--=_parts\r\n"));
	add_part(&b, "text/html", l->html);
	buf_add(&b, S("--=_parts--\r\n"));
	return buf_str(&b);
}
