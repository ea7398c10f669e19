/* reply.c: see reply.h. */
#include "http/reply.h"

#include "http/conditional.h"
#include "http/limits.h"
#include "http/values.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void one_piece(struct reply *out, struct piece p)
{
	out->one = p;
	out->pieces = &out->one;
	out->npieces = p.bytes.n || p.size ? 1 : 0;
	out->length = p.bytes.p ? (int64_t)p.bytes.n : p.size;
}

/* HEAD is told the length and sent nothing. */
static void end_if_head(struct reply *out, const struct request *q)
{
	if (q->method != HEAD)
		return;
	out->npieces = 0;
	out->events = false;
}

void reply_text(struct reply *out, arena_t *a, int status, const char *text)
{
	struct header *f = arena_array(a, 4, sizeof *f);
	str_t body = str_format(a, "%s\n", text);
	*out = (struct reply){ .status = status, .file = -1, .fields = f, .nfields = 4 };
	f[0] = (struct header){ S(":status"), str_format(a, "%d", status) };
	f[1] = (struct header){ S("content-type"), S("text/plain; charset=utf-8") };
	f[2] = (struct header){ S("cache-control"), S("no-store") };
	f[3] = (struct header){ S("content-length"), str_format(a, "%zu", body.n) };
	one_piece(out, (struct piece){ .bytes = body });
}

void reply_answer(struct reply *out, const struct request *q, struct answer *answer)
{
	enum coding c = answer_coding(answer, request_header(q, "accept-encoding"));
	enum precondition condition = answer->status == 200 ? condition_check_answer(q, answer)
							    : CONDITION_NONE;
	*out = (struct reply){ .status = answer->status, .file = -1, .answer = answer };
	if (condition == CONDITION_NOT_MODIFIED) {
		out->status = 304;
		out->fields = answer->fields304[c];
		out->nfields = answer->nfields304[c];
		out->head = answer->head304[c];
		return;
	}
	if (condition == CONDITION_FAILED) {
		reply_text(out, q->a, 412, "The page is not in the state you asked for.");
		answer_drop(answer);
		end_if_head(out, q);
		return;
	}
	out->fields = answer->fields[c];
	out->nfields = answer->nfields[c];
	out->head = answer->head[c];
	one_piece(out, (struct piece){ .bytes = answer->body[c] });
	end_if_head(out, q);
}

/* -- what a handler made --------------------------------------------------------------------- */

struct fields {
	arena_t       *a;
	struct header *v;
	size_t         n, cap;
};

static void add(struct fields *f, str_t name, str_t value)
{
	if (f->n == f->cap) {
		f->v = arena_grow(f->a, f->v, f->cap * sizeof *f->v,
				  (f->cap + 16) * sizeof *f->v);
		f->cap += 16;
	}
	f->v[f->n++] = (struct header){ name, value };
}

/* What the server alone says: of the connection and of the length. */
static bool is_ours(str_t name)
{
	static const char *const ours[] = { "connection", "keep-alive", "transfer-encoding",
					    "upgrade", "content-length", "date", "te", "trailer",
					    "proxy-connection" };
	for (size_t i = 0; i < COUNT(ours); i++)
		if (str_eq(name, str_of(ours[i])))
			return true;
	return false;
}

static void add_handlers_fields(struct fields *f, const struct response *r)
{
	for (size_t i = 0; i < r->nheaders; i++) {
		str_t name = str_lower(f->a, r->headers[i].name);
		if (str_is_token(name) && !is_ours(name) && str_is_field_value(r->headers[i].value))
			add(f, name, r->headers[i].value);
	}
}

static str_t response_field(const struct response *r, const char *name)
{
	for (size_t i = 0; i < r->nheaders; i++)
		if (str_eq_nocase(r->headers[i].name, str_of(name)))
			return r->headers[i].value;
	return (str_t){ NULL, 0 };
}

static void finish(struct reply *out, struct fields *f, int status)
{
	out->status = status;
	f->v[0].value = str_format(f->a, "%d", status);
	if (status != 204 && status != 304 && out->length >= 0)
		add(f, S("content-length"), str_format(f->a, "%lld", (long long)out->length));
	out->fields = f->v;
	out->nfields = f->n;
}

/* multipart/byteranges: each stretch of the file behind a small head of its own. */
static void many_ranges(struct reply *out, struct fields *f, const struct response *r,
			const struct range *ranges, size_t n, int64_t size)
{
	str_t type = response_field(r, "content-type"), boundary = S("stet-6f1c2b9d8e47a035");
	out->pieces = arena_array(f->a, 2 * n + 1, sizeof *out->pieces);
	for (size_t i = 0; i < n; i++) {
		str_t head = str_format(f->a,
					"\r\n--%.*s\r\ncontent-type: %.*s\r\n"
					"content-range: bytes %lld-%lld/%lld\r\n\r\n",
					STR(boundary), STR(type), (long long)ranges[i].from,
					(long long)ranges[i].to, (long long)size);
		int64_t length = ranges[i].to - ranges[i].from + 1;
		out->pieces[2 * i] = (struct piece){ .bytes = head };
		out->pieces[2 * i + 1] = (struct piece){ .from = ranges[i].from, .size = length };
		out->length += (int64_t)head.n + length;
	}
	str_t end = str_format(f->a, "\r\n--%.*s--\r\n", STR(boundary));
	out->pieces[2 * n] = (struct piece){ .bytes = end };
	out->npieces = 2 * n + 1;
	out->length += (int64_t)end.n;
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->v[i].name, S("content-type")))
			f->v[i].value = str_format(f->a, "multipart/byteranges; boundary=%.*s",
						   STR(boundary));
}

static int choose_ranges(struct reply *out, struct fields *f, const struct request *q,
			 const struct response *r, int64_t size)
{
	struct range ranges[LIMIT_RANGES];
	size_t n;
	switch (range_select(q, r->file_etag, r->file_modified, size, ranges, &n)) {
	case RANGE_UNSATISFIABLE:
		add(f, S("content-range"), str_format(f->a, "bytes */%lld", (long long)size));
		return 416;
	case RANGE_PARTS:
		if (n > 1) {
			many_ranges(out, f, r, ranges, n, size);
			return 206;
		}
		add(f, S("content-range"),
		    str_format(f->a, "bytes %lld-%lld/%lld", (long long)ranges[0].from,
			       (long long)ranges[0].to, (long long)size));
		one_piece(out, (struct piece){ .from = ranges[0].from,
					       .size = ranges[0].to - ranges[0].from + 1 });
		return 206;
	case RANGE_WHOLE:
	default: one_piece(out, (struct piece){ .size = size }); return 200;
	}
}

static void from_file(struct reply *out, struct request *q, struct response *r)
{
	struct fields f = { .a = q->a };
	struct stat st;
	out->file = r->file;
	if (fstat(r->file, &st) < 0 || !S_ISREG(st.st_mode)) {
		reply_drop(out);
		reply_text(out, q->a, 500, "The file cannot be read.");
		return;
	}
	add(&f, S(":status"), S(""));
	add_handlers_fields(&f, r);
	if (r->file_etag.n)
		add(&f, S("etag"), r->file_etag);
	if (r->file_modified)
		add(&f, S("last-modified"), time_http(q->a, r->file_modified));
	int status = r->status ? r->status : 200;
	if (status == 200) {
		enum precondition c = condition_check(q, r->file_etag, r->file_modified);
		add(&f, S("accept-ranges"), S("bytes"));
		status = c == CONDITION_NOT_MODIFIED ? 304
			 : c == CONDITION_FAILED     ? 412
						     : choose_ranges(out, &f, q, r, st.st_size);
	} else {
		one_piece(out, (struct piece){ .size = st.st_size });
	}
	finish(out, &f, status);
}

static void from_events(struct reply *out, struct request *q, struct response *r)
{
	struct fields f = { .a = q->a };
	add(&f, S(":status"), S(""));
	add(&f, S("content-type"), S("text/event-stream"));
	if (!response_field(r, "cache-control").p)
		add(&f, S("cache-control"), S("no-store"));
	add(&f, S("x-accel-buffering"), S("no")); /* nginx in front would hold events back */
	add_handlers_fields(&f, r);
	out->length = -1;
	out->events = true;
	finish(out, &f, 200);
}

static void from_body(struct reply *out, struct request *q, struct response *r)
{
	struct fields f = { .a = q->a };
	int status = r->status ? r->status : 200;
	add(&f, S(":status"), S(""));
	add_handlers_fields(&f, r);
	if (status != 204 && status != 304)
		one_piece(out, (struct piece){ .bytes = r->body.p ? r->body : S("") });
	finish(out, &f, status);
}

/* What a handler says beside a finished answer, as a cookie: the head that was made before lacks it. */
static void add_to_answer(struct reply *out, struct request *q, const struct response *r)
{
	struct fields f = { .a = q->a };
	for (size_t i = 0; i < out->nfields; i++)
		add(&f, out->fields[i].name, out->fields[i].value);
	add_handlers_fields(&f, r);
	out->fields = f.v;
	out->nfields = f.n;
	out->head = (str_t){ NULL, 0 };
}

void reply_make(struct reply *out, struct request *q, struct response *r)
{
	*out = (struct reply){ .file = -1 };
	if (r->answer) {
		struct answer *answer = r->answer;
		r->answer = NULL;
		if (r->file >= 0)
			close(r->file);
		r->file = -1;
		reply_answer(out, q, answer);
		if (r->nheaders)
			add_to_answer(out, q, r);
		return;
	}
	if (r->file >= 0)
		from_file(out, q, r);
	else if (r->stream.n)
		from_events(out, q, r);
	else
		from_body(out, q, r);
	r->file = -1;
	end_if_head(out, q);
}

/* -- its content ----------------------------------------------------------------------------- */

static int64_t size_of(const struct piece *p)
{
	return p->bytes.p ? (int64_t)p->bytes.n : p->size;
}

int64_t reply_left(const struct reply *r)
{
	int64_t left = 0;
	for (size_t i = r->at_piece; i < r->npieces; i++)
		left += size_of(&r->pieces[i]);
	return left - r->at;
}

static int64_t read_file(const struct reply *r, const struct piece *p, char *out, size_t n)
{
	ssize_t got;
	do
		got = pread(r->file, out, n, p->from + r->at);
	while (got < 0 && errno == EINTR);
	return got > 0 ? got : -1; /* an end before its end: the file was cut */
}

int64_t reply_read(struct reply *r, char *out, size_t n)
{
	size_t done = 0;
	while (done < n && r->at_piece < r->npieces) {
		const struct piece *p = &r->pieces[r->at_piece];
		size_t left = (size_t)(size_of(p) - r->at), want = n - done < left ? n - done : left;
		if (p->bytes.p) {
			memcpy(out + done, p->bytes.p + r->at, want);
		} else if (want) {
			int64_t got = read_file(r, p, out + done, want);
			if (got < 0)
				return -1;
			want = (size_t)got;
		}
		done += want;
		r->at += (int64_t)want;
		if (r->at == size_of(p)) {
			r->at_piece++;
			r->at = 0;
		}
	}
	return (int64_t)done;
}

void reply_drop(struct reply *r)
{
	if (r->file >= 0)
		close(r->file);
	r->file = -1;
	answer_drop(r->answer);
	r->answer = NULL;
}
