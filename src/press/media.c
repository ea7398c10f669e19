/* media.c: taking pictures in and serving their copies. The files lie in media/HASH/: "original", and
 * copies named "960.avif". */
#include "press/media.h"
#include "press/picture.h"
#include "press/rows.h"

#include "base/file.h"
#include "base/random.h"
#include "page/clean.h"
#include "record/act.h"
#include "record/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const struct act_kind ACT_MEDIA_ADD = { "media.add" };
const struct act_kind ACT_MEDIA_EDIT = { "media.edit" };
const struct act_kind ACT_MEDIA_TRACK = { "media.track" };
const struct act_kind ACT_MEDIA_REMOVE = { "media.remove" };

/* Steps of about 1.3 to 1.5: a screen's need is met with at most half as many bytes again. */
const int media_widths[] = { 320, 480, 640, 960, 1280, 1600, 2000, 0 };

static const struct {
	const char *ext, *type;
} formats[] = {
	[MEDIA_AVIF] = { "avif", "image/avif" },
	[MEDIA_WEBP] = { "webp", "image/webp" },
	[MEDIA_JPEG] = { "jpg", "image/jpeg" },
};

enum { HASH_TEXT = 32, SRC_WIDTH = 960 };

static const struct sql insert_media = {
	"INSERT INTO media (id, hash, format, width, height, bytes, name, alt, caption, credit, "
	"added) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
};

/* --- sizes and addresses --- */

/* The widths in which this picture is served, ascending; the number of them. */
static size_t widths_of(const struct media *m, int out[COUNT(media_widths)])
{
	size_t n = 0;
	for (size_t i = 0; media_widths[i] && media_widths[i] <= m->width; i++)
		out[n++] = media_widths[i];
	if (n == 0)
		out[n++] = m->width;
	return n;
}

str_t media_url(arena_t *a, const struct media *m, int width, enum media_format f)
{
	return str_format(a, "/media/%.*s/%d.%s", STR(m->hash), width, formats[f].ext);
}

static int src_width(const struct media *m)
{
	int widths[COUNT(media_widths)];
	size_t n = widths_of(m, widths);
	int best = widths[0];
	for (size_t i = 0; i < n && widths[i] <= SRC_WIDTH; i++)
		best = widths[i];
	return best;
}

str_t media_src(arena_t *a, const struct media *m)
{
	return media_url(a, m, src_width(m), MEDIA_JPEG);
}

static str_t srcset(arena_t *a, const struct media *m, enum media_format f)
{
	int widths[COUNT(media_widths)];
	size_t n = widths_of(m, widths);
	struct buf b = buf_new(a, 64 * n);
	for (size_t i = 0; i < n; i++)
		buf_add_format(&b, "%s%.*s %dw", i ? ", " : "", STR(media_url(a, m, widths[i], f)),
			       widths[i]);
	return buf_str(&b);
}

static int src_height(const struct media *m)
{
	int h = (int)((int64_t)src_width(m) * m->height / m->width);
	return h > 0 ? h : 1;
}

json_t *media_view(arena_t *a, const struct media *m)
{
	static const char *const keys[] = { "avif", "webp", "jpeg" };
	if (!m->id || m->kind != PICTURE)
		return NULL;
	json_t *j = json_object();
	str_t src = media_src(a, m);
	json_object_set_new(j, "src", json_stringn(src.p, src.n));
	json_object_set_new(j, "width", json_integer(src_width(m)));
	json_object_set_new(j, "height", json_integer(src_height(m)));
	json_object_set_new(j, "tall", json_boolean(m->height > m->width));
	for (size_t f = 0; f < MEDIA_FORMATS; f++) {
		str_t set = srcset(a, m, (enum media_format)f);
		json_object_set_new(j, keys[f], json_stringn(set.p, set.n));
	}
	return j;
}

/* --- pictures within a body --- */

static bool is_hash(str_t s)
{
	if (s.n != HASH_TEXT)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

/* The value of an attribute within one tag of clean HTML. */
static str_t attribute(arena_t *a, str_t tag, const char *name)
{
	str_t mark = str_format(a, " %s=\"", name);
	size_t from = str_find(tag, mark, 0);
	if (from == STR_NONE)
		return S("");
	from += mark.n;
	return str_slice(tag, from, str_find_char(tag, '"', from));
}

static void add_picture(struct buf *b, arena_t *a, const struct media *m, str_t alt)
{
	static const char sizes[] = "(min-width: 48rem) 44rem, 100vw";
	for (size_t f = 0; f < MEDIA_FORMATS; f++) {
		str_t set = srcset(a, m, (enum media_format)f);
		if (f == 0)
			buf_add(b, S("<picture>"));
		if (f != MEDIA_JPEG)
			buf_add_format(b, "<source type=\"%s\" srcset=\"%.*s\" sizes=\"%s\">",
				       formats[f].type, STR(set), sizes);
		else
			buf_add_format(b, "<img src=\"%.*s\" srcset=\"%.*s\" sizes=\"%s\" "
				       "width=\"%d\" height=\"%d\" alt=\"%.*s\" loading=\"lazy\">",
				       STR(media_src(a, m)), STR(set), sizes, src_width(m),
				       src_height(m), STR(alt));
	}
	buf_add(b, S("</picture>"));
}

err_t media_expand(struct conn *c, arena_t *a, str_t html, str_t *out)
{
	str_t mark = S("<img ");
	size_t at = 0, hit;
	if (str_find(html, S("/media/"), 0) == STR_NONE) {
		*out = html;
		return OK;
	}
	struct buf b = buf_new(a, html.n + 4096);
	while ((hit = str_find(html, mark, at)) != STR_NONE) {
		size_t end = str_find_char(html, '>', hit); /* clean HTML has no '>' in values */
		if (end == STR_NONE)
			break;
		str_t tag = str_slice(html, hit, end + 1);
		str_t src = attribute(a, tag, "src");
		str_t hash = str_slice(src, 7, 7 + HASH_TEXT);
		struct media m;
		buf_add(&b, str_slice(html, at, hit));
		at = end + 1;
		err_t e = str_starts(src, S("/media/")) && is_hash(hash)
				  ? media_by_hash(c, a, hash, &m)
				  : err_new(ERR_MISSING, "not a picture of ours");
		if (!e && m.kind != PICTURE)
			e = err_new(ERR_MISSING, "not a picture");
		if (e && e->code != ERR_MISSING)
			return e;
		if (e)
			buf_add(&b, tag);
		else
			add_picture(&b, a, &m, attribute(a, tag, "alt"));
		err_free(e);
	}
	buf_add(&b, str_slice(html, at, html.n));
	*out = buf_str(&b);
	return OK;
}

/* --- taking in --- */

static str_t hash_of(arena_t *a, str_t bytes)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof digest + 1];
	crypto_hash_sha256(digest, (const unsigned char *)bytes.p, bytes.n);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	return str_copy(a, str_from(hex, HASH_TEXT));
}

static char *media_path(struct stet *s, arena_t *a, str_t hash, const char *file)
{
	return str_z(a, str_format(a, "%s/media/%.*s/%s", s->folder, STR(hash), file));
}

static struct picture_limits limits_of(const struct stet *s)
{
	return (struct picture_limits){ .megapixels = s->config.picture_megapixels };
}

struct adding {
	struct stet              *s;
	const struct media_draft *draft;
	struct media             *m;
	str_t                     caption;
};

static err_t write_media(struct conn *c, arena_t *a, void *ctx)
{
	struct adding *w = ctx;
	struct media *m = w->m;
	(void)a;
	return db_run(c, &insert_media,
		      ARGS(v_int(m->id), v_str(m->hash), v_str(m->format), v_int(m->width),
			   v_int(m->height), v_int(m->bytes), v_str(m->name), v_str(m->alt),
			   v_str(m->caption), v_str(m->credit),
			   v_int(clock_now(&w->s->clock))), NULL);
}

static err_t known(struct stet *s, arena_t *a, str_t hash, struct media *out, bool *found)
{
	struct conn *c;
	TRY(store_reader(s->store, &c));
	err_t e = media_by_hash(c, a, hash, out);
	store_done(s->store, c);
	*found = !e;
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		e = OK;
	}
	return e;
}

static err_t no_empty(str_t *s)
{
	if (!s->p)
		*s = S("");
	return str_is_utf8(*s, NULL) ? OK : err_user(ERR_INPUT, "picture", "not UTF-8");
}

/* The file first, then the row: a row never points at nothing. A file left behind by a crash is
 * found by its hash the next time. */
static err_t take_in(struct stet *s, arena_t *a, const struct media_draft *d, str_t actor,
		     struct media *m)
{
	struct picture_limits limits = limits_of(s);
	struct picture_facts facts;
	char *path = media_path(s, a, m->hash, "original");
	TRY(folder_make(media_path(s, a, m->hash, "")));
	TRY(file_write(path, d->bytes, 0644));
	err_t e = picture_probe(a, path, &limits, &facts);
	if (e) {
		unlink(path);
		rmdir(media_path(s, a, m->hash, ""));
		return err_wrap(e, "%.*s", STR(d->name));
	}
	m->id = id_new(&s->ids, clock_now(&s->clock));
	m->format = facts.format;
	m->width = facts.width;
	m->height = facts.height;
	m->bytes = (int64_t)d->bytes.n;
	struct adding w = { .s = s, .draft = d, .m = m };
	struct act act = act_begin(s, a, &ACT_MEDIA_ADD, m->id, actor);
	act_detail(&act, json_pack("{s:s%}", "hash", m->hash.p, m->hash.n));
	act_job(&act, MEDIA_RENDER, str_format(a, "{\"hash\":\"%.*s\"}", STR(m->hash)), 0);
	return act_commit(&act, write_media, &w);
}

err_t media_add(struct stet *s, arena_t *a, const struct media_draft *draft, str_t actor,
		struct media *out)
{
	struct media_draft d = *draft;
	if (d.bytes.n > (size_t)s->config.picture_mb << 20)
		return err_user(ERR_TOO_LARGE, "picture",
				"%.*s: the picture has %zu MB; at most %lld are taken (picture_mb in "
				"stet.conf)", STR(d.name), d.bytes.n >> 20,
				(long long)s->config.picture_mb);
	TRY(no_empty(&d.name));
	TRY(no_empty(&d.alt));
	TRY(no_empty(&d.caption));
	TRY(no_empty(&d.credit));
	TRY(clean_html(a, GRAMMAR_INLINE, d.caption, &d.caption, NULL));
	bool found;
	str_t hash = hash_of(a, d.bytes);
	TRY(known(s, a, hash, out, &found));
	if (found)
		return OK;
	*out = (struct media){ .hash = hash, .name = d.name, .alt = d.alt, .caption = d.caption,
			       .credit = d.credit };
	return take_in(s, a, &d, actor, out);
}

err_t media_add_file(struct stet *s, arena_t *a, const char *path, str_t actor, struct media *out)
{
	struct media_draft d = { 0 };
	TRY(file_read(a, path, (size_t)s->config.picture_mb << 20, &d.bytes));
	const char *slash = strrchr(path, '/');
	d.name = str_of(slash ? slash + 1 : path);
	return media_add(s, a, &d, actor, out);
}

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
	struct picture_limits limits = limits_of(s);
	err_t e = OK;
	if (count)
		e = picture_copies(a, media_path(s, a, m->hash, "original"), &limits, missing,
				   count);
	close(lock);
	return e;
}

static struct picture_copy copy_of(struct stet *s, arena_t *a, const struct media *m, int width,
				   enum media_format f)
{
	char name[32];
	snprintf(name, sizeof name, "%d.%s", width, formats[f].ext);
	return (struct picture_copy){ .width = width, .ext = formats[f].ext,
				      .path = str_of(media_path(s, a, m->hash, name)) };
}

err_t media_render_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_error_t why;
	json_t *j = json_loadb(job->payload.p, job->payload.n, 0, &why);
	str_t hash = str_copy(a, str_of(json_string_value(json_object_get(j, "hash"))));
	json_decref(j);
	struct media m;
	bool found;
	TRY(known(s, a, hash, &m, &found));
	if (!found)
		return err_new(ERR_MISSING, "there is no picture %.*s", STR(hash));
	int widths[COUNT(media_widths)];
	size_t n = widths_of(&m, widths);
	/* Width by width: a reader who waits for one copy does not wait for all. */
	for (size_t i = 0; i < n; i++) {
		struct picture_copy copies[MEDIA_FORMATS];
		for (size_t f = 0; f < MEDIA_FORMATS; f++)
			copies[f] = copy_of(s, a, &m, widths[i], (enum media_format)f);
		TRY(make_missing(s, a, &m, copies, MEDIA_FORMATS));
	}
	return OK;
}

/* "960.avif" into its parts; false if no page of ours ever said so. */
static bool parse_file(const struct media *m, str_t file, int *width, enum media_format *f)
{
	str_t ext = file;
	int64_t number;
	if (!str_int(str_cut(&ext, '.'), &number) || !ext.p)
		return false;
	int widths[COUNT(media_widths)];
	size_t n = widths_of(m, widths), i = 0, k = 0;
	while (i < n && widths[i] != number)
		i++;
	while (k < MEDIA_FORMATS && !str_eq(ext, str_of(formats[k].ext)))
		k++;
	*width = (int)number;
	*f = (enum media_format)k;
	return i < n && k < MEDIA_FORMATS;
}

err_t media_serve(struct stet *s, struct request *q, struct response *r)
{
	arena_t *a = q->a;
	str_t hash = params_get(&q->route, "hash"), file = params_get(&q->route, "file");
	struct media m;
	bool found = false;
	int width;
	enum media_format f;
	if (is_hash(hash))
		TRY(known(s, a, hash, &m, &found));
	if (!found || !parse_file(&m, file, &width, &f))
		return err_new(ERR_MISSING, "there is no such picture");
	struct picture_copy copy = copy_of(s, a, &m, width, f);
	char *path = str_z(a, copy.path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		TRY(make_missing(s, a, &m, &copy, 1));
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_errno(errno, "open %s", path);
	r->file = fd;
	r->file_etag = str_format(a, "\"%.*s-%d-%s\"", STR(m.hash), width, formats[f].ext);
	response_header(q, r, "Content-Type", str_of(formats[f].type));
	response_header(q, r, "Cache-Control", S("public, max-age=31536000, immutable"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	return OK;
}
