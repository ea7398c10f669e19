/* template_value.c: see template_value.h. */
#include "page/template_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- looking up --- */

static struct value nothing(void)
{
	return (struct value){ .length = -1 };
}

struct value value_of(const json_t *json)
{
	return (struct value){ .json = json, .length = -1 };
}

/* As JavaScript counts a text's length. */
static int64_t utf16_length(str_t s)
{
	int64_t n = 0;
	int32_t rune;
	for (size_t at = 0; (rune = str_next_rune(s, &at)) >= 0;)
		n += rune > 0xffff ? 2 : 1;
	return n;
}

static str_t text_of(const json_t *v)
{
	return str_from(json_string_value(v), json_string_length(v));
}

/* `name` in one value; false if it has none such. */
static bool member(const json_t *of, str_t name, struct value *out)
{
	int64_t index;
	*out = nothing();
	if (json_is_object(of)) {
		out->json = json_object_getn(of, name.p, name.n);
	} else if (json_is_array(of) && str_eq(name, S("length"))) {
		out->length = (int64_t)json_array_size(of);
	} else if (json_is_string(of) && str_eq(name, S("length"))) {
		out->length = utf16_length(text_of(of));
	} else if (json_is_array(of) && str_int(name, &index) && index >= 0 &&
		   (name.n == 1 || (name.p[0] != '0' && name.p[0] != '+' && name.p[0] != '-'))) {
		out->json = json_array_get(of, (size_t)index);
	}
	return out->json || out->length >= 0;
}

static bool look_in(struct value context, str_t name, struct value *out)
{
	*out = context;
	for (str_t rest = name; rest.p;) {
		str_t part = str_cut(&rest, '.');
		if (!member(out->json, part, out))
			return false;
	}
	return true;
}

struct value value_look_up(const struct value *contexts, int n, str_t name)
{
	struct value v;
	if (str_eq(name, S(".")))
		return contexts[n - 1];
	size_t dot = str_find_char(name, '.', 0);
	bool dotted = dot != STR_NONE && dot > 0;
	for (int i = n - 1; i >= 0; i--) {
		/* A text's own length is only seen behind a dot. */
		bool there = dotted ? look_in(contexts[i], name, &v)
				    : !json_is_string(contexts[i].json) &&
					  member(contexts[i].json, name, &v);
		if (there)
			return v;
	}
	return nothing();
}

bool value_is_false(struct value v)
{
	if (v.length >= 0)
		return v.length == 0;
	return !v.json || json_is_null(v.json) || json_is_false(v.json) ||
	       (json_is_integer(v.json) && json_integer_value(v.json) == 0) ||
	       (json_is_real(v.json) && json_real_value(v.json) == 0) ||
	       (json_is_string(v.json) && json_string_length(v.json) == 0);
}

/* --- numbers --- */

enum {
	DIGITS_MOST = 17, /* tell every double apart */
	NUMBER_ROOM = 40,
};

/* The decimal number digits[0].digits[1]digits[2]... * 10^exponent. */
struct decimal {
	char digits[DIGITS_MOST + 1];
	int  n, exponent;
};

static void round_to(double d, int n, struct decimal *out)
{
	char text[NUMBER_ROOM];
	snprintf(text, sizeof text, "%.*e", n - 1, d);
	out->n = 0;
	const char *p = text;
	for (; *p && *p != 'e'; p++)
		if (*p >= '0' && *p <= '9') /* not the locale's point */
			out->digits[out->n++] = *p;
	out->digits[out->n] = '\0';
	out->exponent = *p ? (int)strtol(p + 1, NULL, 10) : 0;
}

static bool is_exact(const struct decimal *x, double d)
{
	char text[NUMBER_ROOM];
	snprintf(text, sizeof text, "%se%d", x->digits, x->exponent - (x->n - 1));
	return strtod(text, NULL) == d;
}

static void step_up(struct decimal *x)
{
	int i = x->n - 1;
	while (i >= 0 && x->digits[i] == '9')
		x->digits[i--] = '0';
	if (i >= 0) {
		x->digits[i]++;
		return;
	}
	x->digits[0] = '1';
	x->exponent++;
}

/* The fewest digits that read back as `d`, which is above 0. Beside the nearest of so many digits the
 * next one up counts too: above a power of two the doubles stand wider apart than below. */
static struct decimal shortest(double d)
{
	struct decimal x;
	for (int n = 1;; n++) {
		round_to(d, n, &x);
		if (n == DIGITS_MOST || is_exact(&x, d))
			return x;
		step_up(&x);
		if (is_exact(&x, d))
			return x;
	}
}

/* ECMA-262, Number::toString. */
static void add_real(struct buf *b, double d)
{
	if (d < 0)
		buf_add_char(b, '-');
	if (d == 0 || !isfinite(d)) {
		buf_add(b, d == 0 ? S("0") : isnan(d) ? S("NaN") : S("Infinity"));
		return;
	}
	struct decimal x = shortest(fabs(d));
	str_t digits = str_of(x.digits);
	int point = x.exponent + 1; /* digits before it */
	while (digits.n > 1 && digits.p[digits.n - 1] == '0')
		digits.n--;
	if (point < -5 || point > 21) {
		buf_add(b, str_slice(digits, 0, 1));
		if (digits.n > 1)
			buf_add_char(b, '.');
		buf_add(b, str_slice(digits, 1, digits.n));
		buf_add_format(b, "e%c%d", x.exponent < 0 ? '-' : '+', abs(x.exponent));
		return;
	}
	if (point <= 0)
		buf_add(b, S("0."));
	for (int i = point; i < 0; i++)
		buf_add_char(b, '0');
	buf_add(b, str_slice(digits, 0, point > 0 ? (size_t)point : 0));
	for (int i = (int)digits.n; i < point; i++)
		buf_add_char(b, '0');
	if (point > 0 && digits.n > (size_t)point)
		buf_add_char(b, '.');
	buf_add(b, str_slice(digits, point > 0 ? (size_t)point : 0, digits.n));
}

/* --- text --- */

static str_t reference(char c)
{
	switch (c) {
	case '&': return S("&amp;");
	case '<': return S("&lt;");
	case '>': return S("&gt;");
	case '"': return S("&quot;");
	case '\'': return S("&#39;");
	case '/': return S("&#x2F;");
	case '`': return S("&#x60;");
	case '=': return S("&#x3D;");
	default: return (str_t){ NULL, 0 };
	}
}

static void add_escaped(struct buf *b, str_t s)
{
	size_t plain = 0;
	for (size_t i = 0; i < s.n; i++) {
		str_t with = reference(s.p[i]);
		if (!with.n)
			continue;
		buf_add(b, str_slice(s, plain, i));
		buf_add(b, with);
		plain = i + 1;
	}
	buf_add(b, str_slice(s, plain, s.n));
}

static void add_json(struct buf *b, const json_t *v, bool escaped)
{
	size_t i;
	json_t *one;
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_NULL: return;
	case JSON_TRUE: buf_add(b, S("true")); return;
	case JSON_FALSE: buf_add(b, S("false")); return;
	case JSON_INTEGER: buf_add_int(b, json_integer_value(v)); return;
	case JSON_REAL: add_real(b, json_real_value(v)); return;
	case JSON_STRING: (escaped ? add_escaped : buf_add)(b, text_of(v)); return;
	case JSON_OBJECT: buf_add(b, S("[object Object]")); return;
	case JSON_ARRAY:
		json_array_foreach(v, i, one) {
			if (i)
				buf_add_char(b, ',');
			add_json(b, one, escaped);
		}
	}
}

void value_write(struct buf *b, struct value v, bool escaped)
{
	if (v.length >= 0)
		buf_add_int(b, v.length);
	else
		add_json(b, v.json, escaped);
}
