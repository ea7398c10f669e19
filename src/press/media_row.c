/* media_row.c: media as the database has them: rows, names of kinds, tracks. */
#include "press/media.h"
#include "press/press.sql.h"
#include "press/rows.h"

static const char *const kinds[] = { [PICTURE] = "picture", [VIDEO] = "video", [AUDIO] = "audio",
				     [PLAIN_FILE] = "file" };
static const char *const track_kinds[] = { [CAPTIONS] = "captions", [SUBTITLES] = "subtitles",
					   [DESCRIPTIONS] = "descriptions",
					   [CHAPTERS] = "chapters" };

static const struct sql select_media = {
	"SELECT " MEDIA_COLUMNS " FROM media m WHERE m.hash = $1"
};
static const struct sql select_media_by_id = {
	"SELECT " MEDIA_COLUMNS " FROM media m WHERE m.id = $1"
};
static const struct sql select_tracks = {
	"SELECT id, kind, language, label, saved FROM media_track WHERE media = $1 "
	"ORDER BY kind, language"
};
static const struct sql select_track_text = { "SELECT vtt FROM media_track WHERE id = $1" };

/* --- names --- */

str_t media_kind_name(enum media_kind k)
{
	return str_of(kinds[k]);
}

bool media_kind_parse(str_t s, enum media_kind *out)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eq(s, str_of(kinds[i]))) {
			*out = (enum media_kind)i;
			return true;
		}
	return false;
}

str_t track_kind_name(enum track_kind k)
{
	return str_of(track_kinds[k]);
}

bool track_kind_parse(str_t s, enum track_kind *out)
{
	for (size_t i = 0; i < COUNT(track_kinds); i++)
		if (str_eq(s, str_of(track_kinds[i]))) {
			*out = (enum track_kind)i;
			return true;
		}
	return false;
}

/* --- rows --- */

void row_media(const struct rows *r, arena_t *a, int at, struct media *out)
{
	*out = (struct media){
		.id = row_int(r, at),
		.hash = row_str(r, a, at + 1),
		.format = row_str(r, a, at + 2),
		.width = (int)row_int(r, at + 3),
		.height = (int)row_int(r, at + 4),
		.bytes = row_int(r, at + 5),
		.name = row_str(r, a, at + 6),
		.alt = row_str(r, a, at + 7),
		.caption = row_str(r, a, at + 8),
		.credit = row_str(r, a, at + 9),
		.duration = row_int(r, at + 11),
		.poster = row_int(r, at + 12),
		.creator = row_str(r, a, at + 13),
		.copyright = row_str(r, a, at + 14),
		.licence = row_str(r, a, at + 15),
		.focus_x = (int)row_int(r, at + 16),
		.focus_y = (int)row_int(r, at + 17),
	};
	media_kind_parse(row_str(r, a, at + 10), &out->kind);
}

static err_t load_one(struct conn *c, arena_t *a, const struct sql *sql, struct value which,
		      struct media *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, ARGS(which), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no such picture or file");
	row_media(&r, a, 0, out);
	return OK;
}

err_t media_by_hash(struct conn *c, arena_t *a, str_t hash, struct media *out)
{
	return load_one(c, a, &select_media, v_str(hash), out);
}

err_t media_by_id(struct conn *c, arena_t *a, id64 id, struct media *out)
{
	return load_one(c, a, &select_media_by_id, v_int(id), out);
}

/* --- tracks --- */

err_t media_tracks(struct conn *c, arena_t *a, const struct media *m, struct media_tracks *out)
{
	AUTO_ROWS r = { 0 };
	*out = (struct media_tracks){ 0 };
	TRY(db_query(c, &select_tracks, ARGS(v_int(m->id)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		out->v = arena_room(a, out->v, out->n, sizeof *out->v);
		struct media_track *t = &out->v[out->n++];
		*t = (struct media_track){ .id = row_int(&r, 0), .language = row_str(&r, a, 2),
					   .label = row_str(&r, a, 3), .saved = row_int(&r, 4) };
		str_t kind = row_str(&r, a, 1);
		track_kind_parse(kind, &t->kind);
		t->url = str_format(a, "/media/%.*s/%.*s.%.*s.vtt", STR(m->hash), STR(kind),
				    STR(t->language));
	}
	return e;
}

err_t media_track_text(struct conn *c, arena_t *a, id64 track, str_t *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_track_text, ARGS(v_int(track)), &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e ? e : err_new(ERR_MISSING, "there is no such track");
	*out = row_str(&r, a, 0);
	return OK;
}

/* --- all that a page shows of one --- */

err_t media_whole(struct conn *c, arena_t *a, str_t hash, struct media_whole *out)
{
	*out = (struct media_whole){ 0 };
	TRY(media_by_hash(c, a, hash, &out->media));
	if (out->media.kind == PICTURE)
		return OK;
	out->url = media_original_url(a, &out->media);
	out->type = media_type(&out->media);
	if (out->media.poster)
		TRY(media_by_id(c, a, out->media.poster, &out->poster));
	TRY(media_tracks(c, a, &out->media, &out->tracks));
	for (size_t i = 0; i < out->tracks.n && !out->transcript.n; i++)
		if (out->tracks.v[i].kind == CAPTIONS || out->tracks.v[i].kind == SUBTITLES)
			out->transcript = str_format(a, "/media/%.*s/transcript.%.*s.txt", STR(hash),
						     STR(out->tracks.v[i].language));
	return OK;
}
