/* values.c: see values.h. Nothing here copies unless a quoted string has to lose its escapes. */
#include "http/values.h"

bool token_char(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool str_is_token(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!token_char(s.p[i]))
			return false;
	return s.n > 0;
}

bool str_is_field_value(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

/* The position of the first `separator` outside quoted strings; s.n if there is none. */
static size_t find_outside_quotes(str_t s, char separator)
{
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] == separator)
			return i;
	}
	return s.n;
}

static str_t next(str_t *rest, char separator)
{
	while (rest->p) {
		size_t at = find_outside_quotes(*rest, separator);
		str_t element = str_trim(str_slice(*rest, 0, at));
		*rest = at < rest->n ? str_slice(*rest, at + 1, rest->n) : (str_t){ NULL, 0 };
		if (element.n)
			return element;
	}
	return (str_t){ NULL, 0 };
}

str_t list_next(str_t *rest)
{
	return next(rest, ',');
}

str_t part_next(str_t *rest)
{
	return next(rest, ';');
}

bool unquote(arena_t *a, str_t s, str_t *out)
{
	if (s.n < 2 || s.p[0] != '"')
		return false;
	char *p = arena_alloc(a, s.n);
	size_t n = 0;
	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"') {
			*out = (str_t){ p, n };
			return i == s.n - 1;
		}
		if (c == '\\' && ++i < s.n)
			c = s.p[i];
		if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f)
			return false;
		p[n++] = c;
	}
	return false;
}

bool value_param(arena_t *a, str_t value, const char *name, str_t *out)
{
	bool found = false;
	str_t rest = value;
	part_next(&rest); /* what the parameters belong to */
	for (str_t part; (part = part_next(&rest)).p;) {
		size_t equals = str_find_char(part, '=', 0);
		if (equals == STR_NONE || !str_eq_nocase(str_slice(part, 0, equals), str_of(name)))
			continue;
		str_t raw = str_slice(part, equals + 1, part.n);
		if (found)
			return false;
		if (str_is_token(raw))
			*out = raw;
		else if (!unquote(a, raw, out))
			return false;
		found = true;
	}
	return found;
}

/* qvalue of RFC 9110 section 12.4.2: "0" or "1" with at most three decimals. */
static int quality(str_t s)
{
	if (!s.n || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1'))
		return -1;
	if (s.n > 1 && s.p[1] != '.')
		return -1;
	int thousandths = (s.p[0] - '0') * 1000;
	for (size_t i = 2, unit = 100; i < s.n; i++, unit /= 10) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		thousandths += (s.p[i] - '0') * (int)unit;
	}
	return thousandths <= 1000 ? thousandths : -1;
}

int value_quality(str_t element)
{
	part_next(&element);
	for (str_t part; (part = part_next(&element)).p;)
		if (part.n >= 2 && (part.p[0] | 0x20) == 'q' && part.p[1] == '=')
			return quality(str_slice(part, 2, part.n));
	return 1000;
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

const char *status_reason(int status)
{
	switch (status) {
	case 200: return "OK";
	case 201: return "Created";
	case 202: return "Accepted";
	case 204: return "No Content";
	case 206: return "Partial Content";
	case 301: return "Moved Permanently";
	case 302: return "Found";
	case 303: return "See Other";
	case 304: return "Not Modified";
	case 307: return "Temporary Redirect";
	case 308: return "Permanent Redirect";
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 406: return "Not Acceptable";
	case 408: return "Request Timeout";
	case 409: return "Conflict";
	case 410: return "Gone";
	case 411: return "Length Required";
	case 412: return "Precondition Failed";
	case 413: return "Content Too Large";
	case 414: return "URI Too Long";
	case 415: return "Unsupported Media Type";
	case 416: return "Range Not Satisfiable";
	case 417: return "Expectation Failed";
	case 421: return "Misdirected Request";
	case 422: return "Unprocessable Content";
	case 426: return "Upgrade Required";
	case 429: return "Too Many Requests";
	case 431: return "Request Header Fields Too Large";
	case 500: return "Internal Server Error";
	case 501: return "Not Implemented";
	case 502: return "Bad Gateway";
	case 503: return "Service Unavailable";
	case 504: return "Gateway Timeout";
	case 505: return "HTTP Version Not Supported";
	case 507: return "Insufficient Storage";
	default: return "Unknown";
	}
}
