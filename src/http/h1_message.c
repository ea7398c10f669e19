/* h1_message.c: see h1_message.h. */
#include "http/h1_message.h"

#include "http/path.h"
#include "http/values.h"

#include <ctype.h>

/* -- where the head ends --------------------------------------------------------------------- */

static enum scanned bad(struct h1_scan *s, int status, const char *why)
{
	s->status = status;
	s->why = why;
	return HEAD_BAD;
}

/* One line without its end. Carriage returns stand only before line feeds, so that nobody can see
 * another line end than we do (CVE-2025-23167 was one such). */
static enum scanned check_line(struct h1_scan *s, str_t line, const struct limits *limits)
{
	if (memchr(line.p, '\r', line.n))
		return bad(s, 400, "A carriage return stands alone.");
	if (memchr(line.p, '\0', line.n))
		return bad(s, 400, "The head holds a NUL.");
	if (!s->lines)
		return line.n > limits->target + 32 ? bad(s, 414, "The address is too long.")
						    : HEAD_PARTIAL;
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return bad(s, 400, "A header field is folded.");
	if (!token_char(line.p[0]))
		return bad(s, 400, "A header field has no name.");
	return HEAD_PARTIAL;
}

static enum scanned check_size(struct h1_scan *s, size_t n, const struct limits *limits)
{
	if (!s->lines && n - s->at > limits->target + 32)
		return bad(s, 414, "The address is too long.");
	if (s->lines > limits->headers + 1 || n > limits->head + limits->target)
		return bad(s, 431, "The header fields are too many or too large.");
	return HEAD_PARTIAL;
}

enum scanned h1_scan(struct h1_scan *s, str_t bytes, const struct limits *limits)
{
	if (bytes.n && !token_char(bytes.p[0]))
		return bad(s, 400, "The request line is malformed."); /* TLS, for instance */
	for (;;) {
		const char *line = bytes.p + s->at;
		const char *lf = memchr(line, '\n', bytes.n - s->at);
		if (!lf)
			return check_size(s, bytes.n, limits);
		if (lf == line || lf[-1] != '\r')
			return bad(s, 400, "A line ends without a carriage return.");
		str_t text = str_from(line, (size_t)(lf - 1 - line));
		s->at = (size_t)(lf + 1 - bytes.p);
		if (!text.n && s->lines) {
			s->head = s->at;
			return HEAD_WHOLE;
		}
		if (check_line(s, text, limits) == HEAD_BAD)
			return HEAD_BAD;
		s->lines++;
		if (check_size(s, s->at, limits) == HEAD_BAD)
			return HEAD_BAD;
	}
}

/* -- what llhttp finds ----------------------------------------------------------------------- */

static int stop(struct h1_message *m, int status, const char *why)
{
	if (!m->status) {
		m->status = status;
		m->why = why;
	}
	return HPE_USER;
}

static int refuse(struct h1_message *m, int status, const char *why)
{
	stop(m, status, why);
	return m->status;
}

static int on_url(llhttp_t *p, const char *at, size_t n)
{
	struct h1_message *m = p->data;
	m->target = str_from(at, n);
	return 0;
}

static int on_field(llhttp_t *p, const char *at, size_t n)
{
	struct h1_message *m = p->data;
	if (m->trailers)
		return 0;
	if (m->q->nheaders == m->cap)
		return stop(m, 431, "The header fields are too many.");
	union {
		const char *given;
		char       *ours; /* it points into the head we were given to change */
	} name = { .given = at };
	for (size_t i = 0; i < n; i++)
		if (at[i] >= 'A' && at[i] <= 'Z')
			name.ours[i] = (char)(at[i] | 0x20);
	m->q->headers[m->q->nheaders++] = (struct header){ str_from(at, n), S("") };
	return 0;
}

static void note(str_t *value, unsigned *times, str_t v)
{
	*value = v;
	++*times;
}

/* The few fields that decide how the message is read. */
static void note_field(struct h1_message *m, const struct header *h)
{
	if (str_eq(h->name, S("host")))
		note(&m->host, &m->hosts, h->value);
	else if (str_eq(h->name, S("content-length")))
		note(&m->length_text, &m->lengths, h->value);
	else if (str_eq(h->name, S("transfer-encoding")))
		note(&m->coding, &m->codings, h->value);
	else if (str_eq(h->name, S("expect")))
		note(&m->expect, &m->expects, h->value);
}

static int on_value(llhttp_t *p, const char *at, size_t n)
{
	struct h1_message *m = p->data;
	if (m->trailers)
		return 0;
	while (n && (at[n - 1] == ' ' || at[n - 1] == '\t'))
		n--;
	if (!m->q->nheaders || !str_is_field_value(str_from(at, n)))
		return stop(m, 400, "A header field holds a control character.");
	m->q->headers[m->q->nheaders - 1].value = str_from(at, n);
	return 0;
}

static int on_head(llhttp_t *p)
{
	p->upgrade = 0; /* we speak nothing else; RFC 9110 section 7.8 lets us go on */
	return 0;
}

static int on_content(llhttp_t *p, const char *at, size_t n)
{
	struct h1_message *m = p->data;
	m->taken += (int64_t)n;
	m->chunk_left -= m->length < 0 ? n : 0;
	m->framing = 0;
	int status = m->take(m->to, str_from(at, n), &m->why);
	if (!status)
		return 0;
	m->status = status;
	return HPE_USER;
}

static int on_chunk(llhttp_t *p)
{
	struct h1_message *m = p->data;
	m->chunk_left = p->content_length;
	m->trailers = m->chunk_left == 0;
	if (m->trailers)
		m->framing = 0;
	return 0;
}

static int on_end(llhttp_t *p)
{
	struct h1_message *m = p->data;
	m->body_done = true;
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_url = on_url,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
	.on_body = on_content,
	.on_chunk_header = on_chunk,
	.on_message_complete = on_end,
};

/* -- the head -------------------------------------------------------------------------------- */

static enum method method_of(uint8_t method)
{
	switch (method) {
	case HTTP_GET: return GET;
	case HTTP_HEAD: return HEAD;
	case HTTP_POST: return POST;
	case HTTP_PUT: return PUT;
	case HTTP_PATCH: return PATCH;
	case HTTP_DELETE: return DELETE;
	case HTTP_OPTIONS: return OPTIONS;
	default: return METHOD_OTHER;
	}
}

/* llhttp says only that it does not go on; what is it that the client sent? */
static int judge_line(struct h1_message *m, str_t line)
{
	str_t rest = line, method = str_cut(&rest, ' ');
	str_t target = rest.p ? str_cut(&rest, ' ') : rest, version = rest;
	if (!str_is_token(method) || !target.n || !version.p)
		return refuse(m, 400, "The request line is malformed.");
	bool shape = version.n == 8 && str_starts(version, S("HTTP/")) && isdigit(version.p[5]) &&
		     version.p[6] == '.' && isdigit(version.p[7]);
	if (!shape)
		return refuse(m, 400, "The request line is malformed.");
	if (!str_eq(version, S("HTTP/1.1")) && !str_eq(version, S("HTTP/1.0")))
		return refuse(m, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
	static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
					     "OPTIONS" };
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(method, str_of(known[i])))
			return 0;
	return refuse(m, 501, "This method is not known here.");
}

/* RFC 3986 host and port, as far as a name we could be called by goes. */
static bool is_host(str_t s)
{
	size_t i = 0;
	if (s.n && s.p[0] == '[') {
		for (i = 1; i < s.n && (hex_digit(s.p[i]) >= 0 || s.p[i] == ':' || s.p[i] == '.');)
			i++;
		if (i < 4 || i >= s.n || s.p[i++] != ']')
			return false;
	} else {
		while (i < s.n && (isalnum((unsigned char)s.p[i]) || strchr("-._~", s.p[i])))
			i++;
		if (!i)
			return false;
	}
	if (i == s.n)
		return true;
	str_t port = str_slice(s, i + 1, s.n);
	int64_t number;
	for (size_t k = 0; k < port.n; k++)
		if (!isdigit((unsigned char)port.p[k]))
			return false;
	return s.p[i] == ':' && port.n <= 5 && str_int(port, &number) && number <= 65535;
}

static int check_host(struct h1_message *m)
{
	bool old = m->parser.http_minor == 0;
	if (m->hosts > 1)
		return refuse(m, 400, "The Host field stands there more than once.");
	if (!m->hosts)
		return old ? 0 : refuse(m, 400, "The Host field is missing.");
	if (!is_host(m->host))
		return refuse(m, 400, "The Host field is malformed.");
	m->q->host = m->host;
	return 0;
}

/* How long the body is: the question that smuggling lives on. */
static int check_length(struct h1_message *m)
{
	if (m->codings) {
		if (m->lengths)
			return refuse(m, 400, "Content-Length beside Transfer-Encoding.");
		if (m->codings > 1 || !str_eq_nocase(m->coding, S("chunked")) ||
		    m->parser.http_minor == 0)
			return refuse(m, 400, "Only the transfer encoding \"chunked\" is taken.");
		m->length = -1;
		return 0;
	}
	if (!m->lengths)
		return 0;
	if (m->lengths > 1)
		return refuse(m, 400, "The Content-Length field stands there more than once.");
	for (size_t i = 0; i < m->length_text.n; i++)
		if (!isdigit((unsigned char)m->length_text.p[i]))
			return refuse(m, 400, "The Content-Length field is malformed.");
	if (!str_int(m->length_text, &m->length) ||
	    (uint64_t)m->length != m->parser.content_length)
		return refuse(m, 400, "The Content-Length field is malformed.");
	return 0;
}

static int check_expect(struct h1_message *m)
{
	if (!m->expects || m->parser.http_minor == 0)
		return 0;
	if (m->expects > 1 || !str_eq_nocase(m->expect, S("100-continue")))
		return refuse(m, 417, "Only \"100-continue\" can be expected here.");
	m->wants_100 = m->length != 0;
	return 0;
}

static int check_target(struct h1_message *m, const struct limits *limits)
{
	struct request *q = m->q;
	str_t authority;
	if (m->target.n > limits->target)
		return refuse(m, 414, "The address is too long.");
	if (str_eq(m->target, S("*"))) {
		q->target = q->path = m->target;
		return q->method == OPTIONS ? 0 : refuse(m, 400, "The address is malformed.");
	}
	err_t e = target_parse(q, m->target, &authority);
	if (e) {
		const char *why = str_z(q->a, str_of(err_text(e)));
		err_free(e);
		return refuse(m, 400, why);
	}
	if (authority.p && (!is_host(authority) || !str_eq_nocase(authority, m->host)))
		return refuse(m, 400, "The address names another host than the Host field.");
	return 0;
}

static int check(struct h1_message *m, const struct limits *limits)
{
	int status = check_host(m);
	if (!status)
		status = check_length(m);
	if (!status)
		status = check_target(m, limits);
	return status ? status : check_expect(m);
}

int h1_parse(struct h1_message *m, struct request *q, char *head, const struct h1_scan *scan,
	     const struct limits *limits)
{
	m->q = q;
	m->cap = scan->lines - 1;
	q->headers = arena_array(q->a, m->cap, sizeof *q->headers);
	str_t text = str_from(head, scan->head);
	int status = judge_line(m, str_slice(text, 0, str_find_char(text, '\r', 0)));
	if (status)
		return status;
	llhttp_init(&m->parser, HTTP_REQUEST, &settings);
	m->parser.data = m;
	llhttp_errno_t e = llhttp_execute(&m->parser, head, scan->head);
	if (e == HPE_PAUSED && m->body_done)
		m->body_done = false; /* there is none, it means; `length` says so, too */
	else if (e != HPE_OK)
		return refuse(m, 400, "The header fields are malformed.");
	q->method = method_of(m->parser.method);
	for (size_t i = 0; i < q->nheaders; i++)
		note_field(m, &q->headers[i]);
	status = check(m, limits);
	m->keep = !status && llhttp_should_keep_alive(&m->parser) && m->parser.http_minor == 1;
	return status;
}

/* -- the body -------------------------------------------------------------------------------- */

/* What stands between the content of chunks, byte by byte: as in the head, line ends are whole. Most
 * parsers let anything pass in chunk extensions, so that is where requests are smuggled now. */
static int check_framing(struct h1_message *m, char byte)
{
	unsigned char c = (unsigned char)byte;
	m->framing++;
	m->overhead++;
	if (m->trailers && m->framing > LIMIT_TRAILERS)
		return refuse(m, 431, "The trailer fields are too large.");
	if (!m->trailers && (m->framing > LIMIT_CHUNK_LINE ||
			     m->overhead > 16 * m->taken + LIMIT_CHUNK_LINE))
		return refuse(m, 400, "The heads of chunks are too long.");
	if ((c == '\n') != m->after_cr || (c < 0x20 && !strchr("\r\n\t", c)) || c == 0x7f || !c)
		return refuse(m, 400, "A chunk's head is malformed.");
	m->after_cr = c == '\r';
	return 0;
}

static int step_length(struct h1_message *m, str_t bytes, size_t *used)
{
	int64_t left = m->length - m->taken;
	*used = (uint64_t)left < bytes.n ? (size_t)left : bytes.n;
	llhttp_errno_t e = llhttp_execute(&m->parser, bytes.p, *used);
	m->body_done = m->taken == m->length;
	return e == HPE_OK || (e == HPE_PAUSED && m->body_done)
		       ? 0
		       : refuse(m, 400, "The body is malformed.");
}

/* Whole stretches through content, one byte at a time through what is between: so each byte of
 * framing is seen by both readers before the next is. */
static int step_chunked(struct h1_message *m, str_t bytes, size_t *used)
{
	bool content = m->chunk_left > 0;
	*used = !content ? 1 : m->chunk_left < bytes.n ? (size_t)m->chunk_left : bytes.n;
	if (!content) {
		int status = check_framing(m, bytes.p[0]);
		if (status)
			return status;
	}
	llhttp_errno_t e = llhttp_execute(&m->parser, bytes.p, *used);
	return e == HPE_OK || (e == HPE_PAUSED && m->body_done)
		       ? 0
		       : refuse(m, 400, "The body's chunks are malformed.");
}

int h1_body(struct h1_message *m, str_t bytes, size_t *used)
{
	*used = 0;
	while (*used < bytes.n && !m->body_done) {
		size_t n;
		int status = (m->length < 0 ? step_chunked : step_length)(
			m, str_slice(bytes, *used, bytes.n), &n);
		if (status)
			return status;
		*used += n;
	}
	return 0;
}
