/* body.c: see body.h. */
#include "http/body.h"

#include "http/form.h"
#include "http/multipart.h"
#include "http/values.h"

static enum body_kind kind_of(str_t content_type)
{
	str_t rest = content_type, type = part_next(&rest);
	if (str_eq_nocase(type, S("application/x-www-form-urlencoded")))
		return BODY_FORM;
	if (str_eq_nocase(type, S("multipart/form-data")))
		return BODY_MULTIPART;
	if (str_eq_nocase(type, S("application/json")) ||
	    (type.n > 5 && str_eq_nocase(str_slice(type, type.n - 5, type.n), S("+json"))))
		return BODY_JSON;
	return BODY_BYTES;
}

/* A refusal that people may see; the status follows from the error. */
static int refuse(struct request *q, err_t e, const char **why)
{
	int status = e->code == ERR_INPUT ? 400 : err_status(e);
	*why = str_z(q->a, str_of(err_text(e)));
	err_free(e);
	return status;
}

int body_begin(struct body *b, struct request *q, int64_t length, const struct limits *limits,
	       const char *folder, const char **why)
{
	*b = (struct body){ .kind = BODY_NONE };
	if (!length)
		return 0;
	str_t coding = request_header(q, "content-encoding");
	if (coding.n && !str_eq_nocase(coding, S("identity"))) {
		*why = "A compressed body is not taken.";
		return 415;
	}
	str_t type = request_header(q, "content-type");
	b->kind = kind_of(type);
	b->most = b->kind == BODY_MULTIPART ? limits->multipart : limits->body;
	if (length > b->most) {
		*why = "The body is too large.";
		return 413;
	}
	if (b->kind == BODY_MULTIPART) {
		err_t e = multipart_new(q->a, type, folder, &b->multipart);
		return e ? refuse(q, e, why) : 0;
	}
	b->bytes = buf_new(q->a, 512);
	return 0;
}

int body_take(struct body *b, struct request *q, str_t bytes, const char **why)
{
	if (b->kind == BODY_SINK)
		return q->sink->take(q->sink, bytes, why);
	b->size += (int64_t)bytes.n;
	if (b->size > b->most) {
		*why = "The body is too large.";
		return 413;
	}
	if (b->kind == BODY_MULTIPART) {
		err_t e = multipart_feed(b->multipart, bytes);
		return e ? refuse(q, e, why) : 0;
	}
	buf_add(&b->bytes, bytes);
	return 0;
}

/* jansson reads recursively: what is nested too deep never reaches it. */
static bool too_deep(str_t text)
{
	size_t depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			if (++depth > LIMIT_JSON_DEPTH)
				return true;
		} else if ((c == ']' || c == '}') && depth) {
			depth--;
		}
	}
	return false;
}

static void drop_json(void *json)
{
	json_decref(json);
}

static int finish_json(struct body *b, struct request *q, const char **why)
{
	json_error_t at;
	str_t text = buf_str(&b->bytes);
	if (too_deep(text)) {
		*why = "The JSON is nested too deep.";
		return 400;
	}
	q->json = json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &at);
	if (!q->json) {
		*why = str_z(q->a, str_format(q->a, "The JSON is malformed at line %d, column %d: "
						    "%s.", at.line, at.column, at.text));
		return 400;
	}
	arena_defer(q->a, drop_json, q->json);
	return 0;
}

int body_finish(struct body *b, struct request *q, const char **why)
{
	err_t e = OK;
	switch (b->kind) {
	case BODY_FORM:
		e = form_parse(q->a, buf_str(&b->bytes), LIMIT_FORM_FIELDS, &q->form);
		break;
	case BODY_MULTIPART:
		e = multipart_end(b->multipart, &q->form, &q->uploads, &q->nuploads);
		break;
	case BODY_JSON: return finish_json(b, q, why);
	case BODY_BYTES: q->body = buf_str(&b->bytes); break;
	case BODY_SINK:
	case BODY_NONE:
	default: break;
	}
	return e ? refuse(q, e, why) : 0;
}
