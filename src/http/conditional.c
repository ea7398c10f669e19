/* conditional.c: see conditional.h. */
#include "http/conditional.h"

#include "http/limits.h"
#include "http/values.h"

#include <stdlib.h>

/* RFC 9110 section 8.8.3: W/"..." or "..."; no quotes, spaces or control characters inside. */
static bool is_etag(str_t s)
{
	if (str_starts(s, S("W/")))
		s = str_slice(s, 2, s.n);
	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= 0x20 || c == '"' || c == 0x7f)
			return false;
	}
	return true;
}

static bool is_weak(str_t etag)
{
	return str_starts(etag, S("W/"));
}

static bool same_strong(str_t a, str_t b)
{
	return !is_weak(a) && !is_weak(b) && str_eq(a, b);
}

static bool same_weak(str_t a, str_t b)
{
	str_t opaque_a = is_weak(a) ? str_slice(a, 2, a.n) : a;
	str_t opaque_b = is_weak(b) ? str_slice(b, 2, b.n) : b;
	return str_eq(opaque_a, opaque_b);
}

static str_t skip_commas(str_t s)
{
	while (s.n && (s.p[0] == ',' || s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_slice(s, 1, s.n);
	return s;
}

/* The next entity tag of a list; commas inside the quotes belong to it, a backslash is a letter
 * like others (which is why list_next will not do). */
static str_t etag_next(str_t *rest)
{
	size_t open = str_find_char(*rest, '"', 0);
	size_t close = open == STR_NONE ? STR_NONE : str_find_char(*rest, '"', open + 1);
	size_t end = close == STR_NONE ? rest->n : close + 1;
	str_t etag = str_slice(*rest, 0, end);
	*rest = str_trim(str_slice(*rest, end, rest->n));
	if (rest->n && rest->p[0] != ',')
		return (str_t){ NULL, 0 };
	*rest = skip_commas(*rest);
	return etag;
}

enum list_match { LIST_MATCHES, LIST_DIFFERS, LIST_MALFORMED };

static enum list_match etag_in_list(str_t list, str_t etag, bool (*same)(str_t, str_t))
{
	if (str_eq(str_trim(list), S("*")))
		return LIST_MATCHES; /* it exists, or we would not be asked */
	list = skip_commas(list);
	for (size_t seen = 0; list.n; seen++) {
		str_t each = etag_next(&list);
		if (seen >= LIMIT_ETAGS || !is_etag(each))
			return LIST_MALFORMED;
		if (etag.n && same(each, etag))
			return LIST_MATCHES;
	}
	return LIST_DIFFERS;
}

/* HTTP dates have whole seconds. */
static usec_t whole_seconds(usec_t t)
{
	return t - t % SECOND;
}

/* What a request asks, picked in one pass over its header fields. */
struct conditions {
	str_t if_match, if_none_match, if_modified, if_unmodified;
};

static void pick(str_t *field, const struct request *q, const struct header *h)
{
	/* Said twice: as one list (an entity tag list may be, a date is malformed by it). */
	*field = field->p ? request_header(q, str_z(q->a, h->name)) : h->value;
}

static void read_conditions(const struct request *q, struct conditions *c)
{
	*c = (struct conditions){ 0 };
	for (size_t i = 0; i < q->nheaders; i++) {
		const struct header *h = &q->headers[i];
		if (!str_starts(h->name, S("if-")))
			continue;
		if (str_eq(h->name, S("if-none-match")))
			pick(&c->if_none_match, q, h);
		else if (str_eq(h->name, S("if-modified-since")))
			pick(&c->if_modified, q, h);
		else if (str_eq(h->name, S("if-match")))
			pick(&c->if_match, q, h);
		else if (str_eq(h->name, S("if-unmodified-since")))
			pick(&c->if_unmodified, q, h);
	}
}

static bool reads_only(const struct request *q)
{
	return q->method == GET || q->method == HEAD;
}

/* The order is that of RFC 9110 section 13.2.2. */
static enum precondition evaluate(const struct request *q, const str_t *etags, size_t count,
				  usec_t modified)
{
	struct conditions c;
	read_conditions(q, &c);
	usec_t since;

	if (c.if_match.p) {
		bool found = false;
		for (size_t i = 0; i < count && !found; i++)
			found = etag_in_list(c.if_match, etags[i], same_strong) == LIST_MATCHES;
		if (!found)
			return CONDITION_FAILED;
	} else if (c.if_unmodified.p && modified) {
		if (!time_parse_http(c.if_unmodified, &since) || whole_seconds(modified) > since)
			return CONDITION_FAILED;
	}

	if (c.if_none_match.p) {
		for (size_t i = 0; i < count; i++)
			if (etag_in_list(c.if_none_match, etags[i], same_weak) == LIST_MATCHES)
				return reads_only(q) ? CONDITION_NOT_MODIFIED : CONDITION_FAILED;
	} else if (c.if_modified.p && modified && reads_only(q)) {
		if (time_parse_http(c.if_modified, &since) && whole_seconds(modified) <= since)
			return CONDITION_NOT_MODIFIED;
	}
	return CONDITION_NONE;
}

enum precondition condition_check(const struct request *q, str_t etag, usec_t modified)
{
	return evaluate(q, &etag, 1, modified);
}

enum precondition condition_check_answer(const struct request *q, const struct answer *answer)
{
	return evaluate(q, answer->etags, CODINGS, answer->modified);
}

/* The spec "5-9", "5-" or "-3" of something of `size` bytes. False if it is malformed; `out->from`
 * is -1 if it lies outside. */
static bool parse_spec(str_t spec, int64_t size, struct range *out)
{
	size_t dash = str_find_char(spec, '-', 0);
	if (dash == STR_NONE)
		return false;
	str_t first = str_slice(spec, 0, dash), last = str_slice(spec, dash + 1, spec.n);
	int64_t from = 0, to = size - 1;
	if (str_find_char(last, '-', 0) != STR_NONE || str_find_char(spec, '+', 0) != STR_NONE)
		return false;
	if (!first.n) {
		if (!str_int(last, &to))
			return false;
		from = to >= size ? 0 : size - to;
		to = size - 1;
	} else {
		if (!str_int(first, &from) || (last.n && !str_int(last, &to)) ||
		    (last.n && to < from))
			return false;
		if (to >= size)
			to = size - 1;
	}
	*out = from <= to ? (struct range){ from, to } : (struct range){ -1, -1 };
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	return (x->from > y->from) - (x->from < y->from);
}

static size_t join(struct range *v, size_t n)
{
	qsort(v, n, sizeof *v, by_start);
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		if (kept && v[i].from - v[kept - 1].to <= RANGE_GAP) {
			if (v[i].to > v[kept - 1].to)
				v[kept - 1].to = v[i].to;
		} else {
			v[kept++] = v[i];
		}
	}
	return kept;
}

/* If-Range names exactly this version, by a strong comparison; or the header is not there. */
static bool range_holds(const struct request *q, str_t etag, usec_t modified)
{
	str_t condition = request_header(q, "if-range");
	usec_t since;
	if (!condition.p)
		return true;
	if (is_etag(condition))
		return same_strong(condition, etag);
	return modified && time_parse_http(condition, &since) && since == whole_seconds(modified);
}

enum ranged range_select(const struct request *q, str_t etag, usec_t modified, int64_t size,
			 struct range *ranges, size_t *n)
{
	*n = 0;
	str_t rest = q->method == GET ? request_header(q, "range") : (str_t){ NULL, 0 };
	if (!rest.p || !str_eq_nocase(str_slice(rest, 0, 6), S("bytes=")) ||
	    !range_holds(q, etag, modified))
		return RANGE_WHOLE;
	rest = str_slice(rest, 6, rest.n);

	struct range all[LIMIT_RANGE_SPECS];
	size_t specs = 0, inside = 0;
	for (str_t spec; (spec = list_next(&rest)).p; specs++) {
		struct range r;
		if (specs == LIMIT_RANGE_SPECS || !parse_spec(spec, size, &r))
			return RANGE_WHOLE;
		if (r.from >= 0)
			all[inside++] = r;
	}
	if (!specs)
		return RANGE_WHOLE;
	if (!inside)
		return RANGE_UNSATISFIABLE;
	inside = join(all, inside);
	if (inside > LIMIT_RANGES)
		return RANGE_WHOLE;
	memcpy(ranges, all, inside * sizeof *all);
	*n = inside;
	return RANGE_PARTS;
}
