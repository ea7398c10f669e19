/* media_edit.c: changing what is said of a medium: words, poster, focus, tracks. A medium may stand on
 * any page, so a change of it drops them all; it is rare. */
#include "press/limits.h"
#include "press/media_files.h"
#include "press/vtt.h"

#include "record/act.h"
#include "store/store.h"

const struct act_kind ACT_MEDIA_EDIT = { "media.edit" };
const struct act_kind ACT_MEDIA_TRACK = { "media.track" };

static const struct sql update_media = {
	"UPDATE media SET alt = $1, caption = $2, credit = $3, creator = $4, copyright = $5, "
	"licence = $6, poster = $7, focus_x = $8, focus_y = $9 WHERE id = $10"
};
static const struct sql save_track = {
	"INSERT INTO media_track (id, media, kind, language, label, vtt, saved) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (media, kind, language) "
	"DO UPDATE SET label = excluded.label, vtt = excluded.vtt, saved = excluded.saved"
};
static const struct sql delete_track = { "DELETE FROM media_track WHERE id = $1" };

static bool same_words(const struct media *a, const struct media *b)
{
	return str_eq(a->credit, b->credit) && str_eq(a->creator, b->creator) &&
	       str_eq(a->copyright, b->copyright) && str_eq(a->licence, b->licence);
}

struct editing {
	struct media *m;
	struct media  before;
};

static err_t write_media(struct conn *c, arena_t *a, void *ctx)
{
	struct editing *x = ctx;
	struct media *m = x->m, poster;
	TRY(media_by_id(c, a, m->id, &x->before));
	if (m->poster) {
		TRY(media_by_id(c, a, m->poster, &poster));
		if (poster.kind != PICTURE || m->kind == PICTURE)
			return err_user(ERR_INPUT, "poster", "poster: is a picture, for a recording");
	}
	return db_run(c, &update_media,
		      ARGS(v_str(m->alt), v_str(m->caption), v_str(m->credit), v_str(m->creator),
			   v_str(m->copyright), v_str(m->licence), v_ref(m->poster),
			   v_int(m->focus_x), v_int(m->focus_y), v_int(m->id)), NULL);
}

err_t media_edit(struct stet *s, arena_t *a, struct media *m, str_t actor)
{
	struct editing x = { .m = m };
	if (m->focus_x < 0 || m->focus_x > 100 || m->focus_y < 0 || m->focus_y > 100)
		return err_user(ERR_INPUT, "focus", "focus: is two numbers from 0 to 100, percent from "
				"the left and from the top");
	TRY(media_words(a, m));
	struct act act = act_begin(s, a, &ACT_MEDIA_EDIT, m->id, actor);
	act_detail(&act, json_pack("{s:s%, s:i, s:i}", "hash", m->hash.p, m->hash.n, "focus_x",
				   m->focus_x, "focus_y", m->focus_y));
	act_touch(&act, topic_site());
	TRY(act_commit(&act, write_media, &x));
	/* Every copy carries who made it: with other words they are made anew. */
	return media_drop_copies(s, a, m, !same_words(&x.before, m));
}

/* --- tracks --- */

struct saving_track {
	struct stet        *s;
	const struct media *m;
	struct media_track *track;
	str_t               vtt;
};

static err_t write_track(struct conn *c, arena_t *a, void *ctx)
{
	struct saving_track *x = ctx;
	const struct media_track *t = x->track;
	(void)a;
	return db_run(c, &save_track,
		      ARGS(v_int(t->id), v_int(x->m->id), v_str(track_kind_name(t->kind)),
			   v_str(t->language), v_str(t->label), v_str(x->vtt), v_int(t->saved)), NULL);
}

/* It stands in an address and in an attribute. */
static bool is_language(str_t s)
{
	bool ok = s.n >= 2 && s.n <= LANGUAGE_MOST;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool inner = i > 0 && i + 1 < s.n;
		ok &= letter || (i > 1 && c >= '0' && c <= '9') || (inner && c == '-');
	}
	return ok;
}

static str_t track_detail(arena_t *a, const struct media_track *t)
{
	return str_format(a, "%.*s.%.*s", STR(track_kind_name(t->kind)), STR(t->language));
}

static struct act begin_track(struct stet *s, arena_t *a, const struct media *m,
			      const struct media_track *t, str_t actor)
{
	struct act act = act_begin(s, a, &ACT_MEDIA_TRACK, m->id, actor);
	str_t name = track_detail(a, t);
	act_detail(&act, json_pack("{s:s%, s:s%}", "hash", m->hash.p, m->hash.n, "track", name.p,
				   name.n));
	act_touch(&act, topic_site());
	return act;
}

err_t media_track_save(struct stet *s, arena_t *a, const struct media *m, struct media_track *t,
		       str_t text, str_t actor)
{
	struct saving_track x = { .s = s, .m = m, .track = t };
	if (m->kind != VIDEO && m->kind != AUDIO)
		return err_user(ERR_INPUT, "media", "only recordings have tracks; this is a %.*s",
				STR(media_kind_name(m->kind)));
	if (!is_language(t->language))
		return err_user(ERR_INPUT, "language", "language: is a tag as \"en\" or \"fr-CA\"");
	if (!t->label.n)
		t->label = t->language;
	if (!str_is_utf8(t->label, NULL) || str_runes(t->label) > NAME_MOST)
		return err_user(ERR_INPUT, "label", "label: is a few words");
	TRY(vtt_take_in(a, text, &x.vtt));
	t->id = id_new(&s->ids, clock_now(&s->clock));
	t->saved = clock_now(&s->clock);
	struct act act = begin_track(s, a, m, t, actor);
	return act_commit(&act, write_track, &x);
}

static err_t drop_track(struct conn *c, arena_t *a, void *ctx)
{
	const struct media_track *t = ctx;
	(void)a;
	return db_run(c, &delete_track, ARGS(v_int(t->id)), NULL);
}

err_t media_track_remove(struct stet *s, arena_t *a, const struct media *m,
			 const struct media_track *track, str_t actor)
{
	struct media_track t = *track;
	struct act act = begin_track(s, a, m, &t, actor);
	return act_commit(&act, drop_track, &t);
}
