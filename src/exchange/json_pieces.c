/* json_pieces.c: see json_pieces.h. A machine that is fed byte by byte. */
#include "exchange/json_pieces.h"

enum state {
	BEFORE,  /* the document's { */
	KEY,     /* a key's quote, or } */
	IN_KEY,
	COLON,
	VALUE,   /* the first byte of a value, or [ */
	ELEMENT, /* the first byte of an element, or ] at once */
	MORE,    /* the same behind a comma */
	IN_VALUE,
	BETWEEN, /* behind a value: , or the end */
	AFTER,   /* nothing */
};

void json_pieces_begin(struct json_pieces *p, arena_t *a,
		       err_t (*element)(void *ctx, str_t key, str_t text, bool in_array), void *ctx)
{
	*p = (struct json_pieces){ .element = element, .ctx = ctx, .state = BEFORE, .key = buf_new(a, 64),
				   .text = buf_new(a, 4096), .line = 1, .from = 1 };
}

static err_t fault(const struct json_pieces *p, const char *what)
{
	return err_new(ERR_INPUT, "line %lld: %s (byte %lld)", (long long)p->line, what, (long long)p->byte);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static err_t keep(const struct json_pieces *p, struct buf *b, char c)
{
	if (b->n >= JSON_ELEMENT_MOST)
		return fault(p, "one value is longer than 4 MB");
	buf_add_char(b, c);
	return OK;
}

static err_t begin_value(struct json_pieces *p, char c)
{
	if (c == ',' || c == ':' || c == '}' || c == ']')
		return fault(p, "a value is missing");
	p->state = IN_VALUE;
	p->from = p->line;
	p->nested = c == '{' || c == '[';
	p->quoted = c == '"';
	p->escaped = false;
	buf_clear(&p->text);
	return keep(p, &p->text, c);
}

static err_t end_value(struct json_pieces *p, char c)
{
	str_t text = str_trim(buf_str(&p->text));
	if (!text.n)
		return fault(p, "a value is missing"); /* there was a form feed, which JSON does not count as a space */
	TRY(p->element(p->ctx, buf_str(&p->key), text, p->in_array));
	if (c == (p->in_array ? ']' : '}')) {
		p->state = p->in_array ? BETWEEN : AFTER;
		p->in_array = false;
	} else {
		p->state = p->in_array ? MORE : KEY;
	}
	return OK;
}

/* Within a value: where it ends is all that matters. */
static err_t value_byte(struct json_pieces *p, char c)
{
	if (p->quoted) {
		p->quoted = p->escaped || c != '"';
		p->escaped = !p->escaped && c == '\\';
		return keep(p, &p->text, c);
	}
	if (!p->nested && (c == ',' || c == '}' || c == ']')) {
		if (c == (p->in_array ? '}' : ']'))
			return fault(p, "a bracket closes what it did not open");
		return end_value(p, c);
	}
	p->quoted = c == '"';
	p->nested += (c == '{' || c == '[') - (c == '}' || c == ']');
	return keep(p, &p->text, c);
}

static err_t key_byte(struct json_pieces *p, char c)
{
	if (!p->escaped && c == '"') {
		p->state = COLON;
		return OK;
	}
	p->escaped = !p->escaped && c == '\\';
	return keep(p, &p->key, c);
}

static err_t begin_key(struct json_pieces *p, char c)
{
	if (c == '}') {
		p->state = AFTER;
		return OK;
	}
	if (c != '"')
		return fault(p, "a key in quotes is missing");
	p->state = IN_KEY;
	p->escaped = false;
	buf_clear(&p->key);
	return OK;
}

/* Between values, where white space means nothing. */
static err_t sign(struct json_pieces *p, char c)
{
	switch ((enum state)p->state) {
	case BEFORE:
		p->state = KEY;
		return c == '{' ? OK : fault(p, "this is no JSON object");
	case COLON:
		p->state = VALUE;
		return c == ':' ? OK : fault(p, "a colon is missing behind a key");
	case VALUE:
		p->in_array = c == '[';
		if (!p->in_array)
			return begin_value(p, c);
		p->state = ELEMENT;
		return OK;
	case ELEMENT:
		if (c != ']')
			return begin_value(p, c);
		p->in_array = false;
		p->state = BETWEEN;
		return OK;
	case MORE:
		return begin_value(p, c);
	case BETWEEN:
		p->state = c == ',' ? KEY : AFTER;
		return c == ',' || c == '}' ? OK : fault(p, "a comma is missing");
	case KEY:
		return begin_key(p, c);
	default:
		return fault(p, "something follows the end of the document");
	}
}

err_t json_pieces_add(struct json_pieces *p, str_t piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		char c = piece.p[i];
		if (p->state == IN_VALUE)
			TRY(value_byte(p, c));
		else if (p->state == IN_KEY)
			TRY(key_byte(p, c));
		else if (!is_space(c))
			TRY(sign(p, c));
		p->line += c == '\n';
		p->byte++;
	}
	return OK;
}

err_t json_pieces_end(struct json_pieces *p)
{
	return p->state == AFTER ? OK : fault(p, "the file ends in the middle");
}

/* --- a value --- */

static int32_t unit(str_t s, size_t at)
{
	int32_t v = 0;
	if (at + 6 > s.n || s.p[at] != '\\' || s.p[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		char c = s.p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

static str_t join_halves(arena_t *a, str_t s)
{
	struct buf b = buf_new(a, s.n);
	for (size_t at = 0; at < s.n;) {
		int32_t first = unit(s, at), second = first >= 0 ? unit(s, at + 6) : -1;
		bool high = first >= 0xd800 && first < 0xdc00, low = first >= 0xdc00 && first < 0xe000;
		bool pair = high && second >= 0xdc00 && second < 0xe000;
		size_t step = pair ? 12 : first >= 0 ? 6 : s.p[at] == '\\' && at + 1 < s.n ? 2 : 1;
		buf_add(&b, (high && !pair) || low ? S("\\ufffd") : str_slice(s, at, at + step));
		at += step;
	}
	return buf_str(&b);
}

err_t json_object_load(arena_t *a, str_t text, json_t **out)
{
	json_error_t bad;
	*out = json_loadb(text.p ? text.p : "", text.n, JSON_ALLOW_NUL, &bad);
	if (!*out && str_find(text, S("\\u"), 0) != STR_NONE) {
		str_t mended = join_halves(a, text);
		*out = json_loadb(mended.p, mended.n, JSON_ALLOW_NUL, &bad);
	}
	if (!*out)
		return err_new(ERR_INPUT, "is no JSON: %s", bad.text);
	if (json_is_object(*out))
		return OK;
	json_decref(*out);
	*out = NULL;
	return err_new(ERR_INPUT, "is no JSON object");
}
