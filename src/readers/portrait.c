/* portrait.c: a reader's picture: drawn from the name, or uploaded and made anew.
 *
 * What is uploaded comes from a stranger and says where it was taken. It is decoded at arm's length (the
 * press knows how), cut square, made small, and written anew without anything but the picture. */
#include "readers/pages.h"
#include "readers/portrait.h"
#include "readers/room.h"

#include "base/file.h"
#include "record/act.h"

#include <errno.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unistd.h>

static const struct act_kind ACT_PICTURE = { "reader.picture" };

enum { HASH = 16, COPY_CHUNK = 64 * 1024, PORTRAIT_BYTES = 1 << 20 };

/* --- drawn --- */

/* Each is dark enough for white letters on it (4.5 to 1 or more). */
static const char *const grounds[] = {
	"#0b4f5e", "#7a2e3a", "#4a5a1f", "#5b3a7a", "#8a4513", "#1f5a3c", "#2f4b8f", "#7a2a6b",
	"#5a4a32", "#32525a", "#8c2f1d", "#44507a",
};

/* The first letter of the first word and of the last. */
static str_t initials(arena_t *a, str_t name)
{
	struct buf b = buf_new(a, 16);
	size_t at = 0;
	int32_t c = str_next_rune(name, &at);
	if (c >= 0)
		buf_add_rune(&b, (uint32_t)u_toupper(c));
	size_t last = 0;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == ' ')
			last = i + 1;
	if (last && (c = str_next_rune(name, &last)) >= 0)
		buf_add_rune(&b, (uint32_t)u_toupper(c));
	return buf_str(&b);
}

str_t portrait_svg(arena_t *a, const struct reader *r)
{
	struct buf b = buf_new(a, 512);
	const char *ground = grounds[((uint64_t)r->id * 0x9e3779b97f4a7c15u >> 32) % COUNT(grounds)];
	buf_add_format(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"128\" height=\"128\" "
			   "viewBox=\"0 0 128 128\"><rect width=\"128\" height=\"128\" fill=\"%s\"/>"
			   "<text x=\"64\" y=\"66\" fill=\"#fff\" font-family=\"Georgia, serif\" "
			   "font-size=\"54\" text-anchor=\"middle\" dominant-baseline=\"central\">", ground);
	buf_add_html(&b, initials(a, r->name));
	buf_add(&b, S("</text></svg>\n"));
	return buf_str(&b);
}

str_t portrait_path(arena_t *a, const struct reader *r)
{
	return r->picture.n ? str_format(a, "%.*s/picture/%.*s.jpg", STR(reader_path(a, r->id)),
					 STR(r->picture))
			    : str_format(a, "%.*s/picture.svg", STR(reader_path(a, r->id)));
}

static err_t svg_view(struct stet *s, struct view *v)
{
	struct reader r;
	id64 id;
	(void)s;
	if (!id_parse(params_get(&v->q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such reader");
	TRY(reader_find(v->c, v->a, id, &r));
	if (!r.id || r.state == READER_GONE)
		return err_new(ERR_MISSING, "there is no such reader");
	strs_add(v->a, &v->topics, topic_reader(v->a, id));
	v->type = S("image/svg+xml");
	v->body = portrait_svg(v->a, &r);
	return OK;
}

static err_t svg_page(struct stet *s, struct request *q, struct response *r)
{
	return site_page(s, q, r, svg_view);
}

/* --- kept --- */

static const struct sql select_picture = {
	"SELECT p.bytes FROM reader_picture p JOIN reader r ON r.id = p.reader "
	"WHERE p.reader = $1 AND p.hash = $2 AND r.state IN ('active', 'leaving')"
};

struct seeking {
	id64  id;
	str_t hash, bytes;
};

static err_t read_picture(struct conn *c, arena_t *a, void *ctx)
{
	struct seeking *x = ctx;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_picture, ARGS(v_int(x->id), v_str(x->hash)), &r));
	if (rows_next(&r, &e))
		x->bytes = row_str(&r, a, 0);
	return e;
}

static err_t picture_page(struct stet *s, struct request *q, struct response *r)
{
	struct seeking x = { 0 };
	str_t name = params_get(&q->route, "hash");
	if (!id_parse(params_get(&q->route, "id"), &x.id))
		return err_new(ERR_MISSING, "there is no such reader");
	x.hash = name;
	TRY(store_read(s->store, q->a, read_picture, &x));
	if (!x.bytes.n)
		return err_new(ERR_MISSING, "there is no such picture");
	response_header(q, r, "Content-Type", S("image/jpeg"));
	response_header(q, r, "X-Content-Type-Options", S("nosniff"));
	response_header(q, r, "Content-Security-Policy", S("default-src 'none'"));
	/* Its address changes with it; a day, so that one that was taken away is soon forgotten. */
	response_header(q, r, "Cache-Control", S("public, max-age=86400"));
	r->status = 200;
	r->body = x.bytes;
	return OK;
}

/* --- uploaded --- */

static const struct sql delete_picture = { "DELETE FROM reader_picture WHERE reader = $1" };
static const struct sql insert_picture = {
	"INSERT INTO reader_picture (reader, hash, bytes) VALUES ($1, $2, $3)"
};
static const struct sql update_picture = { "UPDATE reader SET picture = $1 WHERE id = $2 AND state <> 'gone'" };

struct putting {
	struct stet *s;
	id64  reader;
	str_t hash, bytes; /* empty: none any more */
};

static err_t write_picture(struct conn *c, arena_t *a, void *ctx)
{
	const struct putting *x = ctx;
	if (x->bytes.n)
		TRY(check_stopped(x->s, c, a, x->reader));
	TRY(db_run(c, &delete_picture, ARGS(v_int(x->reader)), NULL));
	if (x->bytes.n)
		TRY(db_run(c, &insert_picture, ARGS(v_int(x->reader), v_str(x->hash), v_blob(x->bytes)),
			   NULL));
	return db_run(c, &update_picture, ARGS(v_str(x->hash), v_int(x->reader)), NULL);
}

err_t portrait_put(struct stet *s, arena_t *a, id64 reader, str_t bytes)
{
	unsigned char hash[HASH];
	char hex[2 * HASH + 1];
	struct putting x = { .s = s, .reader = reader, .hash = S(""), .bytes = bytes };
	if (bytes.n) {
		crypto_generichash(hash, sizeof hash, (const unsigned char *)bytes.p, bytes.n, NULL, 0);
		sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
		x.hash = str_of(hex);
	}
	struct act act = act_begin_quiet(s, a, &ACT_PICTURE, reader, reader_actor(a, reader));
	act_touch(&act, topic_reader(a, reader));
	return act_commit(&act, write_picture, &x);
}

/* An upload as a file with a name. */
static err_t spill(const struct upload *u, int fd)
{
	char chunk[COPY_CHUNK];
	ssize_t got;
	off_t at = 0;
	if (u->bytes.p)
		return write(fd, u->bytes.p, u->bytes.n) == (ssize_t)u->bytes.n
			       ? OK : err_errno(errno, "keep the picture");
	while ((got = pread(u->fd, chunk, sizeof chunk, at)) > 0) {
		if (write(fd, chunk, (size_t)got) != got)
			return err_errno(errno, "keep the picture");
		at += got;
	}
	return got < 0 ? err_errno(errno, "read the picture") : OK;
}

static err_t make_anew(struct stet *s, arena_t *a, const struct upload *u, str_t *out)
{
	char *folder = path_join(a, s->folder, "run");
	TRY(folder_make(folder));
	char *from = path_join(a, folder, "portrait-XXXXXX");
	int fd = mkstemp(from);
	if (fd < 0)
		return err_errno(errno, "keep the picture");
	char *to = str_z(a, str_format(a, "%s.jpg", from));
	err_t e = spill(u, fd);
	close(fd);
	if (!e)
		e = s->readers->given.portrait(s, a, from, to, PORTRAIT_SIDE);
	if (!e)
		e = file_read(a, to, PORTRAIT_BYTES, out);
	unlink(from);
	unlink(to);
	return e;
}

/* What was wrong with the file, more closely than its owner need know, is in the log. */
static err_t told(struct stet *s, err_t e)
{
	if (!e || (e->code != ERR_INPUT && e->code != ERR_REFUSED && e->code != ERR_TOO_LARGE))
		return e;
	log_line(&s->log, LOG_INFO, "readers", "a picture was not taken: %s", err_text(e));
	err_free(e);
	return err_say(ERR_INPUT, "picture", "refused.picture");
}

err_t portrait_upload(struct stet *s, struct request *q, id64 reader)
{
	str_t bytes;
	if (!s->readers->given.portrait)
		return err_say(ERR_REFUSED, "picture", "refused.picture");
	if (q->nuploads != 1 || !q->uploads[0].size)
		return err_say(ERR_INPUT, "picture", "refused.picture-none");
	if (q->uploads[0].size > ((int64_t)PORTRAIT_MB << 20))
		return err_say_with(ERR_TOO_LARGE, "picture", "refused.picture-large", "most=%d",
				    PORTRAIT_MB);
	TRY(told(s, make_anew(s, q->a, &q->uploads[0], &bytes)));
	return portrait_put(s, q->a, reader, bytes);
}

const struct route portrait_routes[] = {
	{ GET, "/reader/:id/picture.svg", svg_page },
	{ GET, "/reader/:id/picture/:hash.jpg", picture_page },
	{ 0 },
};
