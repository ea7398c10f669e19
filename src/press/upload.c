/* upload.c: the addresses of tus. Answers are short lines for programs, not pages. */
#include "press/upload.h"
#include "press/token.h"
#include "press/upload_sink.h"

#include "record/act.h"
#include "record/jobs.h"

#include <errno.h>
#include <sodium.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const struct act_kind ACT_UPLOAD_BEGIN = { "upload.begin" };

#define TUS_VERSION S("1.0.0")

enum { CHECKSUM_MISMATCH = 460, SPARE_MB = 64 }; /* left free on the disk for everything else */

/* --- answers --- */

static void answer(struct request *q, struct response *r, int status, str_t text)
{
	r->status = status;
	r->body = text;
	response_header(q, r, "Tus-Resumable", TUS_VERSION);
	response_header(q, r, "Cache-Control", S("no-store"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	if (text.n)
		response_header(q, r, "Content-Type", S("text/plain; charset=utf-8"));
}

static err_t answer_error(struct stet *s, struct request *q, struct response *r, err_t e, int status)
{
	if (status >= 500)
		log_line(&s->log, LOG_ERROR, "upload", "%s", err_text(e));
	str_t text = status == 500 ? S("Something broke.\n")
				   : str_format(q->a, "%s\n", err_text(e));
	answer(q, r, status, text);
	err_free(e);
	return OK;
}

/* Version, token: all that must be right before an upload is looked at. True if it was
 * answered already. */
static bool refused(struct stet *s, struct request *q, struct response *r, struct token *token)
{
	if (!str_eq(request_header(q, "tus-resumable"), TUS_VERSION)) {
		answer(q, r, 412, S("Tus-Resumable: 1.0.0 is spoken here.\n"));
		response_header(q, r, "Tus-Version", TUS_VERSION);
		return true;
	}
	err_t e = token_verify(s, q, token);
	if (!e)
		return false;
	bool unknown = e->code == ERR_REFUSED;
	err_free(answer_error(s, q, r, e, unknown ? 401 : err_status(e)));
	if (unknown)
		response_header(q, r, "WWW-Authenticate", S("Bearer"));
	return true;
}

static void add_number(struct request *q, struct response *r, const char *name, int64_t n)
{
	response_header(q, r, name, str_format(q->a, "%lld", (long long)n));
}

static int64_t most_bytes(const struct stet *s)
{
	return s->config.upload_mb << 20;
}

static err_t options(struct stet *s, struct request *q, struct response *r)
{
	answer(q, r, 204, S(""));
	response_header(q, r, "Tus-Version", TUS_VERSION);
	response_header(q, r, "Tus-Extension", S("creation,termination,checksum,expiration"));
	response_header(q, r, "Tus-Checksum-Algorithm", S("sha1,sha256"));
	add_number(q, r, "Tus-Max-Size", most_bytes(s));
	response_header(q, r, "Allow", S("OPTIONS, POST, HEAD, PATCH, DELETE"));
	return OK;
}

/* --- creation --- */

static err_t decode(arena_t *a, str_t coded, str_t *out)
{
	unsigned char *bytes = arena_alloc(a, coded.n + 1);
	size_t n;
	if (sodium_base642bin(bytes, coded.n + 1, coded.p ? coded.p : "", coded.n, NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    !str_is_utf8(str_from((const char *)bytes, n), NULL))
		return err_new(ERR_INPUT, "Upload-Metadata: a value is no UTF-8 text in base 64");
	*out = str_from((const char *)bytes, n);
	return OK;
}

/* "filename d29ybGQ=,alt ..." */
static err_t read_metadata(arena_t *a, str_t header, struct upload_info *u)
{
	const struct {
		const char *key;
		str_t      *at;
	} keys[] = {
		{ "filename", &u->name },     { "name", &u->name },       { "alt", &u->alt },
		{ "caption", &u->caption },   { "credit", &u->credit },   { "creator", &u->creator },
		{ "copyright", &u->copyright }, { "licence", &u->licence },
	};
	while (header.p) {
		str_t pair = str_trim(str_cut(&header, ',')), key = str_cut(&pair, ' ');
		for (size_t i = 0; i < COUNT(keys); i++)
			if (str_eq(key, str_of(keys[i].key)))
				TRY(decode(a, str_trim(pair), keys[i].at));
	}
	/* Some send a path. */
	for (size_t i = u->name.n; i > 0; i--)
		if (u->name.p[i - 1] == '/' || u->name.p[i - 1] == '\\') {
			u->name = str_slice(u->name, i, u->name.n);
			break;
		}
	return OK;
}

static err_t check_room(struct stet *s, arena_t *a, int64_t length)
{
	struct statvfs disk;
	char *folder = str_z(a, str_format(a, "%s/media", s->folder));
	if (statvfs(folder, &disk) != 0)
		return err_errno(errno, "look at %s", folder);
	int64_t there = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	return there - ((int64_t)SPARE_MB << 20) >= length
		       ? OK : err_new(ERR_FULL, "there is no room for so large a file");
}

static err_t judge(struct stet *s, struct request *q, struct upload_info *u)
{
	if (!str_int(request_header(q, "upload-length"), &u->length) || u->length < 1)
		return err_new(ERR_INPUT, "Upload-Length: says how many bytes will come, at least one");
	if (u->length > most_bytes(s))
		return err_new(ERR_TOO_LARGE, "at most %lld MB are taken (upload_mb in stet.conf)",
			       (long long)s->config.upload_mb);
	TRY(read_metadata(q->a, request_header(q, "upload-metadata"), u));
	if (!u->name.n)
		u->name = S("upload");
	return check_room(s, q->a, u->length);
}

static err_t record(struct stet *s, struct request *q, const struct upload_info *u)
{
	struct act act = act_begin(s, q->a, &ACT_UPLOAD_BEGIN, id_new(&s->ids, u->begun), u->actor);
	act_detail(&act, json_pack("{s:s%, s:I}", "name", u->name.p, u->name.n, "bytes",
				   (json_int_t)u->length));
	act_job(&act, UPLOAD_EXPIRE, str_format(q->a, "{\"upload\":\"%.*s\"}", STR(u->id)),
		u->begun + UPLOAD_LIFE);
	return act_commit(&act, NULL, NULL);
}

static err_t create(struct stet *s, struct request *q, struct response *r)
{
	struct token token;
	if (refused(s, q, r, &token))
		return OK;
	struct upload_info u = { .begun = clock_now(&s->clock), .token = token_hash(q->a, q),
				 .actor = str_format(q->a, "token:%.*s", STR(token.name)) };
	err_t e = judge(s, q, &u);
	if (!e)
		e = upload_create(s, q->a, &u);
	if (!e && (e = record(s, q, &u)))
		upload_remove(s, q->a, u.id);
	if (e)
		return answer_error(s, q, r, e, upload_status(e));
	answer(q, r, 201, S(""));
	response_header(q, r, "Location", str_format(q->a, "/upload/%.*s", STR(u.id)));
	response_header(q, r, "Upload-Expires", time_http(q->a, u.begun + UPLOAD_LIFE));
	return OK;
}

/* --- the end of one --- */

/* The lock is held. A refused file is gone with its upload: sending it again would end the same. */
static err_t finish(struct stet *s, arena_t *a, struct upload_info *u)
{
	struct media m;
	char *path;
	TRY(upload_path(s, a, u->id, "upload", &path));
	struct media_draft d = { .name = u->name, .path = path, .take = true, .alt = u->alt,
				 .caption = u->caption, .credit = u->credit, .creator = u->creator,
				 .copyright = u->copyright, .licence = u->licence };
	err_t e = media_add(s, a, &d, u->actor, &m);
	if (e) {
		if (err_status(e) < 500)
			upload_remove(s, a, u->id);
		return e;
	}
	u->done = m.hash;
	TRY(upload_save(s, a, u));
	unlink(path);
	return OK;
}

static void tell_state(struct request *q, struct response *r, const struct upload_info *u,
		       int64_t size)
{
	add_number(q, r, "Upload-Offset", u->done.n ? u->length : size);
	response_header(q, r, "Upload-Expires", time_http(q->a, u->begun + UPLOAD_LIFE));
	if (u->done.n)
		response_header(q, r, "Stet-Media", str_format(q->a, "/media/%.*s", STR(u->done)));
}

/* --- bytes --- */

static err_t add_bytes(struct stet *s, struct request *q, struct upload_sink **k, bool *right)
{
	if (q->sink)
		*k = (struct upload_sink *)q->sink;
	else /* without a byte: still right or wrong */
		TRY(upload_sink_new(s, q, params_get(&q->route, "id"), 0, k));
	TRY(upload_prove(*k, q->a, right));
	if (!*right)
		return OK;
	if (fdatasync((*k)->fd) != 0)
		return err_errno(errno, "flush an upload");
	return (*k)->size == (*k)->info.length ? finish(s, q->a, &(*k)->info) : OK;
}

static err_t patch(struct stet *s, struct request *q, struct response *r)
{
	struct token token;
	struct upload_sink *k = (struct upload_sink *)q->sink;
	bool right = true;
	if (refused(s, q, r, &token)) {
		if (k)
			upload_close(k);
		return OK;
	}
	err_t e = add_bytes(s, q, &k, &right);
	/* Before the answer is out: the next request may come on its heels. */
	if (k)
		upload_close(k);
	if (e)
		return answer_error(s, q, r, e, upload_status(e));
	if (!right) {
		answer(q, r, CHECKSUM_MISMATCH, S("The bytes are not those of the checksum.\n"));
		return OK;
	}
	answer(q, r, 204, S(""));
	tell_state(q, r, &k->info, k->size);
	return OK;
}

/* --- how far it is --- */

static err_t look(struct stet *s, struct request *q, struct upload_info *u, int64_t *size)
{
	int fd;
	TRY(upload_load(s, q->a, params_get(&q->route, "id"), u));
	*size = u->length;
	if (u->done.n)
		return OK;
	TRY(upload_open(s, q->a, u->id, &fd, size));
	err_t e = fdatasync(fd) == 0 ? OK : err_errno(errno, "flush an upload");
	if (!e && *size == u->length) /* whole, but what should follow was cut off */
		e = finish(s, q->a, u);
	close(fd);
	return e;
}

static err_t head(struct stet *s, struct request *q, struct response *r)
{
	struct token token;
	struct upload_info u;
	int64_t size = 0;
	if (refused(s, q, r, &token))
		return OK;
	err_t e = look(s, q, &u, &size);
	if (e)
		return answer_error(s, q, r, e, upload_status(e));
	answer(q, r, 200, S(""));
	add_number(q, r, "Upload-Length", u.length);
	tell_state(q, r, &u, size);
	return OK;
}

static err_t terminate(struct stet *s, struct request *q, struct response *r)
{
	struct token token;
	struct upload_info u;
	int fd = -1;
	int64_t size;
	if (refused(s, q, r, &token))
		return OK;
	err_t e = upload_load(s, q->a, params_get(&q->route, "id"), &u);
	if (!e && !u.done.n)
		e = upload_open(s, q->a, u.id, &fd, &size);
	if (e)
		return answer_error(s, q, r, e, upload_status(e));
	upload_remove(s, q->a, u.id);
	if (fd >= 0)
		close(fd);
	answer(q, r, 204, S(""));
	return OK;
}

static err_t post_one(struct stet *s, struct request *q, struct response *r)
{
	if (upload_is(q, PATCH))
		return patch(s, q, r);
	if (upload_is(q, DELETE))
		return terminate(s, q, r);
	answer(q, r, 405, S("POST goes to /upload.\n"));
	return OK;
}

const struct route upload_routes[] = {
	{ OPTIONS, "/upload", options },
	{ POST, "/upload", create },
	{ OPTIONS, "/upload/:id", options },
	{ HEAD, "/upload/:id", head },
	{ PATCH, "/upload/:id", patch },
	{ DELETE, "/upload/:id", terminate },
	{ POST, "/upload/:id", post_one },
	{ METHOD_OTHER, NULL, NULL },
};

/* --- expiration --- */

err_t upload_expire_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_error_t why;
	json_t *j = json_loadb(job->payload.p, job->payload.n, 0, &why);
	str_t id = str_copy(a, str_of(json_string_value(json_object_get(j, "upload"))));
	json_decref(j);
	upload_remove(s, a, id);
	return OK;
}
