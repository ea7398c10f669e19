/* media_serve.c: serving media, and making the copies of pictures that are asked for. */
#include "press/media_files.h"
#include "press/vtt.h"

#include "base/file.h"
#include "http/http.h"
#include "record/jobs.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#define FOR_EVER S("public, max-age=31536000, immutable")

/* --- copies --- */

/* One maker at a time for each picture, in this process or another: the others wait, then find the
 * copy. The lock goes with the descriptor. */
static err_t lock_picture(struct stet *s, arena_t *a, str_t hash, int *fd)
{
	char *path = media_path(s, a, hash, "original");
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return err_errno(errno, "open %s", path);
	while (flock(*fd, LOCK_EX) != 0)
		if (errno != EINTR) {
			close(*fd);
			return err_errno(errno, "lock %s", path);
		}
	return OK;
}

/* Who made it, which goes along in every copy. */
static struct picture_words words_of(const struct media *m)
{
	return (struct picture_words){ .creator = m->creator, .credit = m->credit,
				       .copyright = m->copyright, .licence = m->licence };
}

static err_t make_missing(struct stet *s, arena_t *a, const struct media *m,
			  const struct picture_copy *wanted, size_t n)
{
	int lock;
	TRY(lock_picture(s, a, m->hash, &lock));
	struct picture_copy *missing = arena_array(a, n, sizeof *missing);
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		if (!file_exists(str_z(a, wanted[i].path)))
			missing[count++] = wanted[i];
	struct picture_limits limits = media_picture_limits(s);
	struct picture_words words = words_of(m);
	err_t e = OK;
	if (count)
		e = picture_copies(a, media_path(s, a, m->hash, "original"), &limits, &words, missing,
				   count);
	close(lock);
	return e;
}

static struct picture_copy copy_of(struct stet *s, arena_t *a, const struct media *m,
				   const struct media_copy *copy)
{
	char *path = media_path(s, a, m->hash, str_z(a, media_copy_name(a, copy)));
	return (struct picture_copy){ .width = copy->width, .height = copy->height,
				      .focus_x = copy->focus_x, .focus_y = copy->focus_y,
				      .ext = media_copy_formats[copy->format].ext,
				      .path = str_of(path) };
}

err_t media_render_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_error_t why;
	json_t *j = json_loadb(job->payload.p, job->payload.n, 0, &why);
	str_t hash = str_copy(a, str_of(json_string_value(json_object_get(j, "hash"))));
	json_decref(j);
	struct media m;
	bool found;
	TRY(media_known(s, a, hash, &m, &found));
	if (!found || m.kind != PICTURE)
		return OK; /* it was removed since */
	int widths[MEDIA_WIDTHS_MOST];
	size_t n = media_copy_widths(&m, widths);
	/* Width by width: a reader who waits for one copy does not wait for all. */
	for (size_t i = 0; i < n; i++) {
		struct picture_copy copies[MEDIA_FORMATS];
		for (size_t f = 0; f < MEDIA_FORMATS; f++) {
			struct media_copy copy = { .width = widths[i], .format = (enum media_format)f };
			copies[f] = copy_of(s, a, &m, &copy);
		}
		TRY(make_missing(s, a, &m, copies, MEDIA_FORMATS));
	}
	return OK;
}

/* --- answers --- */

static err_t missing(void)
{
	return err_new(ERR_MISSING, "there is no such picture or file");
}

static err_t open_file(const char *path, int *fd)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? OK : err_errno(errno, "open %s", path);
}

static void headers(struct request *q, struct response *r, str_t type, str_t cache)
{
	response_header(q, r, "Content-Type", type);
	response_header(q, r, "Cache-Control", cache);
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
}

static err_t serve_copy(struct stet *s, struct request *q, struct response *r,
			const struct media *m, const struct media_copy *copy)
{
	arena_t *a = q->a;
	if (copy->height && (copy->focus_x != m->focus_x || copy->focus_y != m->focus_y)) {
		/* The subject was moved since that page was made. */
		struct media_copy now = *copy;
		now.focus_x = m->focus_x;
		now.focus_y = m->focus_y;
		response_redirect(q, r, 302, str_format(a, "/media/%.*s/%.*s", STR(m->hash),
							STR(media_copy_name(a, &now))));
		return OK;
	}
	struct picture_copy made = copy_of(s, a, m, copy);
	char *path = str_z(a, made.path);
	r->file = open(path, O_RDONLY | O_CLOEXEC);
	if (r->file < 0) {
		TRY(make_missing(s, a, m, &made, 1));
		TRY(open_file(path, &r->file));
	}
	r->file_etag = str_format(a, "\"%.*s-%.*s\"", STR(m->hash), STR(media_copy_name(a, copy)));
	headers(q, r, str_of(media_copy_formats[copy->format].type), FOR_EVER);
	return OK;
}

/* A stranger's file, whatever it holds, is never a page of ours: a recording plays, anything else is
 * saved, and neither can run. */
static err_t serve_original(struct stet *s, struct request *q, struct response *r,
			    const struct media *m)
{
	str_t url = media_original_url(q->a, m);
	str_t name = str_slice(url, sizeof "/media/" + MEDIA_HASH, url.n);
	TRY(open_file(media_path(s, q->a, m->hash, "original"), &r->file));
	r->file_etag = str_format(q->a, "\"%.*s\"", STR(m->hash));
	headers(q, r, media_type(m), FOR_EVER);
	response_header(q, r, "Content-Security-Policy",
			S("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; "
			  "frame-ancestors 'none'; sandbox"));
	if (m->kind == PLAIN_FILE)
		response_header(q, r, "Content-Disposition",
				str_format(q->a, "attachment; filename*=UTF-8''%.*s",
					   STR(str_uri(q->a, name))));
	return OK;
}

struct asked_track {
	const struct media *m;
	str_t               file; /* "captions.en.vtt", "transcript.en.txt" */
	str_t               type, body;
};

static err_t find_track(struct conn *c, arena_t *a, void *ctx)
{
	struct asked_track *x = ctx;
	struct media_tracks tracks;
	TRY(media_tracks(c, a, x->m, &tracks));
	for (size_t i = 0; i < tracks.n; i++) {
		const struct media_track *t = &tracks.v[i];
		str_t file = str_format(a, "%.*s.%.*s.vtt", STR(track_kind_name(t->kind)),
					STR(t->language));
		str_t script = str_format(a, "transcript.%.*s.txt", STR(t->language));
		bool spoken = t->kind == CAPTIONS || t->kind == SUBTITLES;
		bool as_text = spoken && str_eq(x->file, script);
		if (!as_text && !str_eq(x->file, file))
			continue;
		TRY(media_track_text(c, a, t->id, &x->body));
		x->type = as_text ? S("text/plain; charset=utf-8") : S("text/vtt; charset=utf-8");
		return as_text ? vtt_transcript(a, x->body, &x->body) : OK;
	}
	return missing();
}

/* A track may be corrected, so browsers ask each time whether it was. */
static err_t serve_track(struct stet *s, struct request *q, struct response *r,
			 const struct media *m, str_t file)
{
	static const struct header guards[] = {
		{ { "X-Content-Type-Options", 22 }, { "nosniff", 7 } },
	};
	struct asked_track x = { .m = m, .file = file };
	TRY(store_read(s->store, q->a, find_track, &x));
	return answer_new(&(struct answer_draft){
		.status = 200, .type = x.type, .cache_control = S("public, no-cache"),
		.headers = (struct header *)(uintptr_t)guards, .nheaders = COUNT(guards),
		.body = x.body, .effort = 1 }, &r->answer);
}

err_t media_serve(struct stet *s, struct request *q, struct response *r)
{
	str_t hash = params_get(&q->route, "hash"), file = params_get(&q->route, "file");
	struct media m;
	struct media_copy copy;
	bool found = false;
	if (media_is_hash(hash))
		TRY(media_known(s, q->a, hash, &m, &found));
	if (!found)
		return missing();
	if (media_copy_parse(&m, file, &copy))
		return serve_copy(s, q, r, &m, &copy);
	if (m.kind == PICTURE)
		return missing();
	if (str_eq(media_original_url(q->a, &m),
		   str_format(q->a, "/media/%.*s/%.*s", STR(hash), STR(file))))
		return serve_original(s, q, r, &m);
	return serve_track(s, q, r, &m, file);
}
