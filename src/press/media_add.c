/* media_add.c: taking media in. The bytes are written beside, hashed, judged, and put in their place
 * while the medium's folder is held, so that the same file sent twice at once is taken in once. */
#include "press/limits.h"
#include "press/media_files.h"
#include "press/media_probe.h"

#include "base/file.h"
#include "page/clean.h"
#include "record/act.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

const struct act_kind ACT_MEDIA_ADD = { "media.add" };

static const struct sql insert_media = {
	"INSERT INTO media (id, hash, format, width, height, bytes, name, alt, caption, credit, "
	"added, kind, duration, creator, copyright, licence) VALUES ($1, $2, $3, $4, $5, $6, $7, "
	"$8, $9, $10, $11, $12, $13, $14, $15, $16)"
};

struct adding {
	struct stet             *s;
	arena_t                 *a;
	const struct media_draft *draft;
	str_t                    actor;
	struct media            *m;
	char                    *staged; /* the bytes, beside */
};

/* --- what people say of it --- */

static err_t text(const char *field, str_t *s, size_t most)
{
	if (!s->p)
		*s = S("");
	if (!str_is_utf8(*s, NULL))
		return err_user(ERR_INPUT, field, "%s: is not UTF-8", field);
	if (str_runes(*s) > most)
		return err_user(ERR_INPUT, field, "%s: has %zu characters; at most %zu fit", field,
				str_runes(*s), most);
	return OK;
}

err_t media_words(arena_t *a, struct media *m)
{
	TRY(text("name", &m->name, NAME_MOST * 2));
	TRY(text("alt", &m->alt, CAPTION_MOST));
	TRY(text("caption", &m->caption, CAPTION_MOST * 4));
	TRY(text("credit", &m->credit, CREDIT_MOST));
	TRY(text("creator", &m->creator, CREDIT_MOST));
	TRY(text("copyright", &m->copyright, CREDIT_MOST));
	TRY(text("licence", &m->licence, CREDIT_MOST));
	return clean_html(a, GRAMMAR_INLINE, m->caption, &m->caption, NULL);
}

static void fill(str_t *field, str_t own)
{
	if (!field->n && own.n)
		*field = own;
}

/* What a picture says of itself, where the editor said nothing. */
static void own_words(struct adding *x, const struct picture_words *w)
{
	struct media *m = x->m;
	fill(&m->creator, w->creator);
	fill(&m->credit, w->credit);
	fill(&m->copyright, w->copyright);
	fill(&m->licence, w->licence);
	if (!m->caption.n && w->caption.n) {
		struct buf b = buf_new(x->a, w->caption.n + 64);
		buf_add_html(&b, w->caption);
		m->caption = buf_str(&b);
	}
}

/* --- the bytes, beside --- */

static err_t stage(struct adding *x)
{
	str_t name = str_format(x->a, "%.*s.add",
				STR(id_text(x->a, id_new(&x->s->ids, clock_now(&x->s->clock)))));
	TRY(media_partial(x->s, x->a, name, &x->staged));
	if (x->draft->take && link(x->draft->path, x->staged) == 0)
		return OK;
	if (x->draft->path)
		return file_copy(x->draft->path, x->staged, 0644);
	return file_write(x->staged, x->draft->bytes, 0644);
}

/* --- what it is --- */

bool media_name_is_picture(str_t name)
{
	static const char *const ends[] = { ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".heic",
					    ".tif", ".tiff", ".bmp" };
	for (size_t i = 0; i < COUNT(ends); i++) {
		size_t n = strlen(ends[i]);
		if (name.n > n && str_eq_nocase(str_slice(name, name.n - n, name.n), str_of(ends[i])))
			return true;
	}
	return false;
}

static err_t no_picture(const char *is)
{
	return err_user(ERR_INPUT, "picture", "this is no picture of a kind that is taken%s%s: send "
			"JPEG, PNG, WebP, GIF or AVIF", is ? ", but " : "", is ? is : "");
}

static err_t check_size(const struct stet *s, const struct media *m)
{
	bool picture = m->kind == PICTURE;
	int64_t most = picture ? s->config.picture_mb : s->config.upload_mb;
	if (!m->bytes)
		return err_user(ERR_INPUT, "file", "the file is empty");
	if (m->bytes <= most << 20)
		return OK;
	return err_user(ERR_TOO_LARGE, picture ? "picture" : "file",
			"the %s has %lld MB; at most %lld are taken (%s in stet.conf)",
			picture ? "picture" : "file", (long long)(m->bytes >> 20), (long long)most,
			picture ? "picture_mb" : "upload_mb");
}

static err_t judge_picture(struct adding *x)
{
	struct picture_limits limits = media_picture_limits(x->s);
	struct picture_facts facts;
	TRY(picture_probe(x->a, x->staged, &limits, &facts));
	x->m->format = facts.format;
	x->m->width = facts.width;
	x->m->height = facts.height;
	own_words(x, &facts.words);
	return OK;
}

static err_t judge(struct adding *x)
{
	struct media *m = x->m;
	struct media_facts facts;
	struct media_bytes file = { .fd = open(x->staged, O_RDONLY | O_CLOEXEC), .size = m->bytes };
	if (file.fd < 0)
		return err_errno(errno, "open %s", x->staged);
	media_probe(&file, m->name, &facts);
	close(file.fd);
	m->format = str_of(facts.format);
	m->kind = media_format_kind(m->format);
	m->width = facts.width;
	m->height = facts.height;
	m->duration = facts.duration;
	if (facts.refused || (m->kind != PICTURE && (x->draft->picture_only ||
						     media_name_is_picture(m->name))))
		return no_picture(facts.refused);
	TRY(check_size(x->s, m));
	return m->kind == PICTURE ? judge_picture(x) : OK;
}

/* --- in its place --- */

static err_t write_row(struct conn *c, arena_t *a, void *ctx)
{
	struct adding *x = ctx;
	struct media *m = x->m;
	(void)a;
	return db_run(c, &insert_media,
		      ARGS(v_int(m->id), v_str(m->hash), v_str(m->format), v_int(m->width),
			   v_int(m->height), v_int(m->bytes), v_str(m->name), v_str(m->alt),
			   v_str(m->caption), v_str(m->credit), v_int(clock_now(&x->s->clock)),
			   v_str(media_kind_name(m->kind)), v_int(m->duration), v_str(m->creator),
			   v_str(m->copyright), v_str(m->licence)), NULL);
}

static err_t record(struct adding *x)
{
	struct media *m = x->m;
	m->id = id_new(&x->s->ids, clock_now(&x->s->clock));
	struct act act = act_begin(x->s, x->a, &ACT_MEDIA_ADD, m->id, x->actor);
	act_detail(&act, json_pack("{s:s%}", "hash", m->hash.p, m->hash.n));
	if (m->kind == PICTURE)
		act_job(&act, MEDIA_RENDER,
			str_format(x->a, "{\"hash\":\"%.*s\"}", STR(m->hash)), 0);
	return act_commit(&act, write_row, x);
}

static err_t put_in_place(struct adding *x, int folder)
{
	char *path = media_path(x->s, x->a, x->m->hash, "original");
	if (rename(x->staged, path) != 0)
		return err_errno(errno, "put %s in its place", path);
	return fsync(folder) == 0 ? OK : err_errno(errno, "flush the folder of %s", path);
}

/* The file first, then the row: a row never points at nothing. A file left behind by a crash is
 * written over the next time. */
static err_t take_in(struct adding *x, int folder)
{
	TRY(judge(x));
	TRY(put_in_place(x, folder));
	err_t e = record(x);
	if (e)
		unlink(media_path(x->s, x->a, x->m->hash, "original"));
	return e;
}

static err_t take_in_once(struct adding *x)
{
	struct media there;
	bool found;
	int folder;
	TRY(media_hold(x->s, x->a, x->m->hash, &folder));
	err_t e = media_known(x->s, x->a, x->m->hash, &there, &found);
	if (!e && found) {
		/* One whose file was lost is whole again. */
		if (!file_exists(media_path(x->s, x->a, there.hash, "original")))
			e = put_in_place(x, folder);
		if (!e && x->draft->picture_only && there.kind != PICTURE)
			e = no_picture(NULL);
		*x->m = there;
	} else if (!e) {
		e = take_in(x, folder);
		if (e)
			rmdir(media_path(x->s, x->a, x->m->hash, ""));
	}
	close(folder);
	return e;
}

/* Before anything is written: what is larger than anything that is taken. */
static err_t check_largest(const struct stet *s, const struct media_draft *d)
{
	struct stat st;
	struct media m = { .kind = d->picture_only ? PICTURE : PLAIN_FILE, .bytes = (int64_t)d->bytes.n };
	if (d->path) {
		if (stat(d->path, &st) != 0)
			return err_errno(errno, "open %s", d->path);
		if (!S_ISREG(st.st_mode))
			return err_user(ERR_INPUT, "file", "is no file");
		m.bytes = st.st_size;
	}
	return check_size(s, &m);
}

err_t media_add(struct stet *s, arena_t *a, const struct media_draft *draft, str_t actor,
		struct media *out)
{
	struct adding x = { .s = s, .a = a, .draft = draft, .actor = actor, .m = out };
	*out = (struct media){ .name = draft->name, .alt = draft->alt, .caption = draft->caption,
			       .credit = draft->credit, .creator = draft->creator,
			       .copyright = draft->copyright, .licence = draft->licence,
			       .focus_x = 50, .focus_y = 50 };
	str_t name = draft->name;
	TRY(media_words(a, out));
	TRY(err_wrap(check_largest(s, draft), "%.*s", STR(name)));
	err_t e = stage(&x);
	if (!e)
		e = media_hash_file(a, x.staged, &out->hash, &out->bytes);
	if (!e)
		e = take_in_once(&x);
	if (x.staged)
		unlink(x.staged);
	return err_wrap(e, "%.*s", STR(name));
}

static err_t add_path(struct stet *s, arena_t *a, const char *path, bool picture_only, str_t actor,
		      struct media *out)
{
	const char *slash = strrchr(path, '/');
	struct media_draft d = { .name = str_of(slash ? slash + 1 : path), .path = path,
				 .picture_only = picture_only };
	return media_add(s, a, &d, actor, out);
}

err_t media_add_file(struct stet *s, arena_t *a, const char *path, str_t actor, struct media *out)
{
	return add_path(s, a, path, false, actor, out);
}

err_t media_add_picture(struct stet *s, arena_t *a, const char *path, str_t actor,
			struct media *out)
{
	return add_path(s, a, path, true, actor, out);
}
