/* mediafile.c: see mediafile.h. */
#include "exchange/mediafile.h"

#include "base/file.h"
#include "exchange/import.h"
#include "exchange/json_parts.h"
#include "store/store.h"

enum { FILE_MOST = 256 << 20 };

static const struct sql all_media = { "SELECT hash FROM media ORDER BY id" };

struct word {
	const char *key;
	str_t      *at;
};
enum { WORDS = 7 };

static void words_of(struct media *m, struct word out[WORDS])
{
	const struct word all[WORDS] = {
		{ "name", &m->name },       { "alt", &m->alt },         { "caption", &m->caption },
		{ "credit", &m->credit },   { "creator", &m->creator }, { "copyright", &m->copyright },
		{ "licence", &m->licence },
	};
	memcpy(out, all, sizeof all);
}

str_t mediafile_place(arena_t *a, const struct media *m)
{
	return str_format(a, "pictures/%.*s.%.*s", STR(m->hash), STR(m->format));
}

/* --- writing --- */

static err_t tracks_json(struct conn *c, arena_t *a, const struct media_tracks *tracks, json_t *j)
{
	json_t *list = json_array();
	json_object_set_new(j, "tracks", list);
	for (size_t i = 0; i < tracks->n; i++) {
		const struct media_track *t = &tracks->v[i];
		str_t vtt;
		TRY(media_track_text(c, a, t->id, &vtt));
		json_t *one = json_object();
		json_object_set_new(one, "kind", json_new_text(track_kind_name(t->kind)));
		json_object_set_new(one, "language", json_new_text(t->language));
		json_object_set_new(one, "label", json_new_text(t->label));
		json_object_set_new(one, "vtt", json_new_text(vtt));
		json_array_append_new(list, one);
	}
	return OK;
}

static err_t media_json(struct conn *c, arena_t *a, str_t hash, json_t *all)
{
	struct media_whole w;
	struct word words[WORDS];
	TRY(media_whole(c, a, hash, &w));
	json_t *j = json_object();
	json_array_append_new(all, j);
	json_object_set_new(j, "hash", json_new_text(hash));
	json_object_set_new(j, "file", json_new_text(mediafile_place(a, &w.media)));
	words_of(&w.media, words);
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].at->n)
			json_object_set_new(j, words[i].key, json_new_text(*words[i].at));
	if (w.media.focus_x != 50 || w.media.focus_y != 50)
		json_object_set_new(j, "focus", json_pack("[i, i]", w.media.focus_x,
							  w.media.focus_y));
	if (w.poster.id)
		json_object_set_new(j, "poster", json_new_text(w.poster.hash));
	return w.tracks.n ? tracks_json(c, a, &w.tracks, j) : OK;
}

static err_t list_hashes(struct conn *c, arena_t *a, struct strs *out)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &all_media, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		strs_add(a, out, row_str(&r, a, 0));
	return e;
}

err_t mediafile_write(struct conn *c, arena_t *a, str_t *out)
{
	struct strs hashes = { 0 };
	err_t e = OK;
	TRY(list_hashes(c, a, &hashes));
	json_t *all = json_array();
	for (size_t i = 0; i < hashes.n && !e; i++)
		e = media_json(c, a, hashes.v[i], all);
	if (e) {
		json_decref(all);
		return e;
	}
	return json_file(a, all, out);
}

/* --- reading --- */

struct looking {
	str_t        hash;
	struct media found;
};

static err_t look(struct conn *c, arena_t *a, void *ctx)
{
	struct looking *x = ctx;
	err_t e = media_by_hash(c, a, x->hash, &x->found);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		return OK;
	}
	return e;
}

static err_t find(struct stet *s, arena_t *a, str_t hash, struct media *out)
{
	struct looking x = { .hash = hash };
	TRY(store_read(s->store, a, look, &x));
	*out = x.found;
	return OK;
}

/* The file and what is said of it; `fresh` if it was not here. */
static err_t bring_one(struct stet *s, arena_t *a, const char *folder, const json_t *j, str_t actor,
		       struct media *m, bool *fresh)
{
	struct word words[WORDS];
	struct media said = { 0 };
	str_t file = json_get_text(j, "file");
	TRY(find(s, a, json_get_text(j, "hash"), m));
	*fresh = !m->id;
	if (!*fresh)
		return OK;
	if (!file.n || import_climbs(file))
		return err_user(ERR_INPUT, "file", "\"%.*s\" is no file of the folder", STR(file));
	words_of(&said, words);
	for (size_t i = 0; i < WORDS; i++)
		*words[i].at = json_get_text(j, words[i].key);
	struct media_draft d = { .path = path_join(a, folder, str_z(a, file)), .name = said.name,
				 .alt = said.alt, .caption = said.caption, .credit = said.credit,
				 .creator = said.creator, .copyright = said.copyright,
				 .licence = said.licence };
	TRY(media_add(s, a, &d, actor, m));
	/* Exactly what was said there, even if its own words say more. */
	words_of(m, words);
	for (size_t i = 0; i < WORDS; i++)
		*words[i].at = json_get_text(j, words[i].key);
	m->name = said.name;
	const json_t *focus = json_object_get(j, "focus");
	if (json_array_size(focus) == 2) {
		m->focus_x = (int)json_integer_value(json_array_get(focus, 0));
		m->focus_y = (int)json_integer_value(json_array_get(focus, 1));
	}
	return media_edit(s, a, m, actor);
}

static err_t bring_poster(struct stet *s, arena_t *a, const json_t *j, str_t actor, struct media *m)
{
	struct media poster;
	str_t hash = json_get_text(j, "poster");
	if (!hash.n)
		return OK;
	TRY(find(s, a, hash, &poster));
	if (!poster.id)
		return OK;
	m->poster = poster.id;
	return media_edit(s, a, m, actor);
}

static err_t bring_tracks(struct stet *s, arena_t *a, const json_t *j, str_t actor,
			  const struct media *m)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(j, "tracks"), i, one) {
		struct media_track t = { .language = json_get_text(one, "language"),
					 .label = json_get_text(one, "label") };
		if (!track_kind_parse(json_get_text(one, "kind"), &t.kind))
			return err_user(ERR_INPUT, "kind", "a track is captions, subtitles, "
					"descriptions or chapters");
		TRY(media_track_save(s, a, m, &t, json_get_text(one, "vtt"), actor));
	}
	return OK;
}

/* Files first, since a poster may come after its video. */
static err_t bring_all(struct stet *s, arena_t *a, const char *folder, const json_t *all, str_t actor)
{
	size_t i, n = json_array_size(all);
	json_t *j;
	struct media *media = arena_array(a, n + 1, sizeof *media);
	bool *fresh = arena_array(a, n + 1, sizeof *fresh);
	json_array_foreach(all, i, j)
		TRY(err_wrap(bring_one(s, a, folder, j, actor, &media[i], &fresh[i]), "item %zu", i + 1));
	json_array_foreach(all, i, j) {
		if (!fresh[i])
			continue;
		TRY(err_wrap(bring_poster(s, a, j, actor, &media[i]), "item %zu", i + 1));
		TRY(err_wrap(bring_tracks(s, a, j, actor, &media[i]), "item %zu", i + 1));
	}
	return OK;
}

err_t mediafile_bring(struct stet *s, arena_t *a, const char *folder, str_t actor)
{
	char *path = path_join(a, folder, MEDIAFILE);
	str_t content;
	json_t *all;
	if (!file_exists(path))
		return OK;
	TRY(file_read(a, path, FILE_MOST, &content));
	TRY(json_read(a, MEDIAFILE, content, &all));
	if (!json_is_array(all))
		return err_new(ERR_INPUT, "%s: is a list of media", MEDIAFILE);
	return err_wrap(bring_all(s, a, folder, all, actor), MEDIAFILE);
}
