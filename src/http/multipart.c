/* multipart.c: see multipart.h.
 *
 *	preamble  CRLF--boundary CRLF  head  CRLF CRLF  content  CRLF--boundary-- epilogue
 *	SEARCH    (matched)      TAIL  HEAD             CONTENT  (matched)     TAIL  EPILOGUE
 *
 * A carriage return stands only at the beginning of a delimiter, so a match that breaks off in the
 * middle cannot have begun later inside itself: what matched so far is content, and the byte that
 * broke it is looked at afresh. The body begins as if a line had just ended. */
#include "http/multipart.h"

#include "http/limits.h"
#include "http/values.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define BOUNDARY_MOST 70 /* RFC 2046 section 5.1.1 */

enum state { SEARCH, TAIL, HEAD_LINES, CONTENT, EPILOGUE };

/* What the head of the present part says. */
struct part {
	str_t   name, filename, type;
	bool    is_file;
	int     fd;   /* once spilled; else -1 */
	int64_t size;
};

struct multipart {
	arena_t    *a;
	const char *folder;
	char        delimiter[4 + BOUNDARY_MOST];
	size_t      ndelimiter, matched;
	size_t      borrowed; /* of matched: the line end that belongs to what came before */
	enum state  state;
	struct buf  head;    /* header lines of the present part */
	struct buf  tail;    /* what stands behind a delimiter until its line ends */
	struct buf  content; /* what is in memory of the present part; used for all of them */
	struct part part;

	struct params  fields;
	struct upload *uploads;
	size_t         nuploads;
};

static err_t malformed(const char *why)
{
	return err_new(ERR_INPUT, "the form is malformed: %s", why);
}

static bool is_boundary(str_t s)
{
	if (!s.n || s.n > BOUNDARY_MOST || s.p[s.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return true;
}

err_t multipart_new(arena_t *a, str_t content_type, const char *folder, struct multipart **out)
{
	str_t boundary;
	if (!value_param(a, content_type, "boundary", &boundary) || !is_boundary(boundary))
		return malformed("its Content-Type has no usable boundary");
	struct multipart *m = arena_new(a, struct multipart);
	m->a = a;
	m->folder = folder;
	memcpy(m->delimiter, "\r\n--", 4);
	memcpy(m->delimiter + 4, boundary.p, boundary.n);
	m->ndelimiter = 4 + boundary.n;
	m->matched = m->borrowed = 2;
	m->head = buf_new(a, 512);
	m->tail = buf_new(a, 8);
	m->content = buf_new(a, 1024);
	m->fields.v = arena_array(a, LIMIT_FORM_FIELDS, sizeof *m->fields.v);
	m->uploads = arena_array(a, LIMIT_UPLOADS, sizeof *m->uploads);
	*out = m;
	return OK;
}

/* -- the head of a part ---------------------------------------------------------------------- */

/* RFC 8187: UTF-8'language'percent-encoded. */
static bool decode_extended(arena_t *a, str_t s, str_t *out)
{
	str_t rest = s, charset = str_cut(&rest, '\'');
	if (!str_eq_nocase(charset, S("utf-8")) || !rest.p)
		return false;
	str_cut(&rest, '\'');
	if (!rest.p)
		return false;
	struct buf b = buf_new(a, rest.n);
	for (size_t i = 0; i < rest.n; i++) {
		char c = rest.p[i];
		if (c == '%') {
			int high = i + 2 < rest.n ? hex_digit(rest.p[i + 1]) : -1;
			int low = i + 2 < rest.n ? hex_digit(rest.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		}
		buf_add_char(&b, c);
	}
	*out = buf_str(&b);
	return true;
}

static err_t read_disposition(struct multipart *m, str_t value)
{
	str_t rest = value, kind = part_next(&rest), extended;
	struct part *p = &m->part;
	if (p->name.p)
		return malformed("a part has two Content-Disposition lines");
	if (!str_eq_nocase(kind, S("form-data")) || !value_param(m->a, value, "name", &p->name))
		return malformed("a part has no name");
	if (p->name.n > LIMIT_FIELD_NAME)
		return err_new(ERR_TOO_LARGE, "a field name longer than %d bytes",
			       LIMIT_FIELD_NAME);
	p->is_file = value_param(m->a, value, "filename", &p->filename);
	if (value_param(m->a, value, "filename*", &extended) &&
	    decode_extended(m->a, extended, &p->filename))
		p->is_file = true;
	if (!str_is_utf8(p->name, NULL) || !str_is_utf8(p->filename, NULL))
		return malformed("a name is not UTF-8");
	if (!str_is_field_value(p->name) || !str_is_field_value(p->filename))
		return malformed("a name holds a control character");
	return OK;
}

static err_t read_line(struct multipart *m, str_t line)
{
	str_t value = line, name = str_cut(&value, ':');
	if (!value.p || !str_is_token(name))
		return malformed("a part has a broken header line");
	value = str_trim(value);
	if (!str_is_field_value(value))
		return malformed("a part's header holds a control character");
	if (str_eq_nocase(name, S("content-disposition")))
		return read_disposition(m, value);
	if (str_eq_nocase(name, S("content-type")))
		m->part.type = value;
	if (str_eq_nocase(name, S("content-transfer-encoding")) &&
	    !str_eq_nocase(value, S("binary")) && !str_eq_nocase(value, S("8bit")) &&
	    !str_eq_nocase(value, S("7bit")))
		return malformed("a part has a transfer encoding");
	return OK;
}

static err_t read_head(struct multipart *m)
{
	m->part = (struct part){ .fd = -1, .type = S("text/plain") };
	str_t rest = str_copy(m->a, buf_str(&m->head)); /* names and types point into it */
	for (size_t lines = 0; rest.n > 2;) { /* the last line is empty */
		size_t end = str_find(rest, S("\r\n"), 0);
		if (++lines > LIMIT_PART_LINES)
			return err_new(ERR_TOO_LARGE, "a part has more than %d header lines",
				       LIMIT_PART_LINES);
		TRY(read_line(m, str_slice(rest, 0, end)));
		rest = str_slice(rest, end + 2, rest.n);
	}
	return m->part.name.p ? OK : malformed("a part has no name");
}

/* -- its content ----------------------------------------------------------------------------- */

static void close_file(void *what)
{
	close(*(int *)what);
}

static err_t open_spill(struct multipart *m)
{
	int *fd = arena_new(m->a, int);
	*fd = open(m->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		char *name = str_z(m->a, str_format(m->a, "%s/.upload-XXXXXX", m->folder));
		*fd = mkostemp(name, O_CLOEXEC);
		if (*fd >= 0)
			unlink(name);
	}
	if (*fd < 0)
		return err_errno(errno, "keep an upload in %s", m->folder);
	m->part.fd = *fd;
	arena_defer(m->a, close_file, fd);
	return OK;
}

static err_t write_all(const struct multipart *m, str_t bytes)
{
	while (bytes.n) {
		ssize_t n = write(m->part.fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(errno, "keep an upload in %s", m->folder);
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

/* What is in memory goes to the file; carriage returns cut content into small pieces, so it gathers
 * here first. */
static err_t spill(struct multipart *m)
{
	if (m->part.fd < 0)
		TRY(open_spill(m));
	TRY(write_all(m, buf_str(&m->content)));
	buf_clear(&m->content);
	return OK;
}

static err_t add_content(struct multipart *m, str_t bytes)
{
	struct part *p = &m->part;
	if (m->state != CONTENT || !bytes.n)
		return OK; /* the preamble says nothing */
	p->size += (int64_t)bytes.n;
	if (!p->is_file && p->size > LIMIT_FIELD_VALUE)
		return err_user(ERR_TOO_LARGE, str_z(m->a, p->name), "longer than %d bytes",
				LIMIT_FIELD_VALUE);
	if (p->is_file && m->content.n + bytes.n > LIMIT_UPLOAD_SPILL) {
		TRY(spill(m));
		return write_all(m, bytes);
	}
	buf_add(&m->content, bytes);
	return OK;
}

static err_t end_upload(struct multipart *m)
{
	struct part *p = &m->part;
	if (!p->filename.n && !p->size)
		return OK;
	if (m->nuploads == LIMIT_UPLOADS)
		return err_new(ERR_TOO_LARGE, "more than %d files in one form", LIMIT_UPLOADS);
	if (p->fd >= 0) {
		TRY(spill(m));
		if (lseek(p->fd, 0, SEEK_SET) < 0)
			return err_errno(errno, "keep an upload in %s", m->folder);
	}
	m->uploads[m->nuploads++] = (struct upload){
		.field = p->name, .filename = p->filename, .type = p->type, .fd = p->fd,
		.size = p->size,
		.bytes = p->fd < 0 ? str_copy(m->a, buf_str(&m->content)) : (str_t){ NULL, 0 },
	};
	return OK;
}

static err_t end_field(struct multipart *m)
{
	str_t value = str_copy(m->a, buf_str(&m->content));
	if (m->fields.n == LIMIT_FORM_FIELDS)
		return err_new(ERR_TOO_LARGE, "more than %d fields in one form", LIMIT_FORM_FIELDS);
	if (!str_is_utf8(value, NULL))
		return err_user(ERR_INPUT, str_z(m->a, m->part.name), "not UTF-8");
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < 0x20 && !strchr("\t\r\n", value.p[i]))
			return err_user(ERR_INPUT, str_z(m->a, m->part.name),
					"holds a control character");
	m->fields.v[m->fields.n++] = (struct param){ m->part.name, value };
	return OK;
}

static err_t end_part(struct multipart *m)
{
	if (m->state != CONTENT)
		return OK; /* the delimiter ended the preamble */
	err_t e = m->part.is_file ? end_upload(m) : end_field(m);
	buf_clear(&m->content);
	return e;
}

/* -- the stream ------------------------------------------------------------------------------ */

/* Content or preamble up to the delimiter; returns how much of `bytes` was taken. */
static err_t take_until_delimiter(struct multipart *m, str_t bytes, size_t *taken)
{
	size_t i = 0, plain = 0; /* bytes[plain..i) is content not yet added */
	while (i < bytes.n) {
		if (bytes.p[i] == m->delimiter[m->matched]) {
			if (!m->matched)
				TRY(add_content(m, str_slice(bytes, plain, i)));
			i++;
			if (++m->matched == m->ndelimiter)
				break;
			plain = i;
		} else if (m->matched) {
			TRY(add_content(m, str_from(m->delimiter + m->borrowed,
						    m->matched - m->borrowed)));
			m->matched = m->borrowed = 0;
			plain = i;
		} else {
			const char *cr = memchr(bytes.p + i, '\r', bytes.n - i);
			i = cr ? (size_t)(cr - bytes.p) : bytes.n;
		}
	}
	*taken = i;
	if (m->matched == m->ndelimiter) {
		TRY(end_part(m));
		m->matched = m->borrowed = 0;
		m->state = TAIL;
		buf_clear(&m->tail);
		return OK;
	}
	return m->matched ? OK : add_content(m, str_slice(bytes, plain, i));
}

/* Behind a delimiter: "--" ends all, blanks and a line end begin a part. */
static err_t take_tail(struct multipart *m, char c)
{
	struct buf *t = &m->tail;
	if (!t->n && (c == ' ' || c == '\t'))
		return OK; /* transport padding */
	buf_add_char(t, c);
	if (t->n < 2)
		return c == '-' || c == '\r' ? OK : malformed("text behind a boundary");
	if (str_eq(buf_str(t), S("--"))) {
		m->state = EPILOGUE;
	} else if (str_eq(buf_str(t), S("\r\n"))) {
		m->state = HEAD_LINES;
		buf_clear(&m->head);
	} else {
		return malformed("text behind a boundary");
	}
	return OK;
}

static err_t take_head(struct multipart *m, char c)
{
	buf_add_char(&m->head, c);
	if (m->head.n > LIMIT_PART_HEAD)
		return err_new(ERR_TOO_LARGE, "a part's head is longer than %d bytes",
			       LIMIT_PART_HEAD);
	str_t head = buf_str(&m->head);
	if (!str_ends(head, S("\r\n\r\n")) && !str_eq(head, S("\r\n")))
		return OK;
	TRY(read_head(m));
	m->state = CONTENT;
	/* An empty part may have its delimiter at once: the empty line's end is its beginning. */
	m->matched = m->borrowed = 2;
	return OK;
}

err_t multipart_feed(struct multipart *m, str_t bytes)
{
	size_t taken;
	while (bytes.n) {
		switch (m->state) {
		case SEARCH:
		case CONTENT:
			TRY(take_until_delimiter(m, bytes, &taken));
			break;
		case TAIL:
			TRY(take_tail(m, bytes.p[0]));
			taken = 1;
			break;
		case HEAD_LINES:
			TRY(take_head(m, bytes.p[0]));
			taken = 1;
			break;
		case EPILOGUE:
		default: return OK;
		}
		bytes = str_slice(bytes, taken, bytes.n);
	}
	return OK;
}

err_t multipart_end(struct multipart *m, struct params *fields, struct upload **uploads,
		    size_t *nuploads)
{
	if (m->state != EPILOGUE)
		return malformed("it ends before its last boundary");
	*fields = m->fields;
	*uploads = m->uploads;
	*nuploads = m->nuploads;
	return OK;
}
