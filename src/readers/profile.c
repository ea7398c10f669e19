/* profile.c: what a reader tells of themselves.
 *
 * A name that was given up stays its owner's: nobody else may go by it, and moderators see it. So a name
 * that somebody made known is not taken over, nor shed to hide. */
#include "readers/room.h"

#include "record/act.h"

static const struct act_kind ACT_RENAME = { "reader.rename" };
static const struct act_kind ACT_PROFILE = { "reader.profile" };

/* --- checking --- */

static bool has_controls(str_t s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static err_t about_length(void)
{
	return err_say_with(ERR_INPUT, "about", "refused.about-length", "n=%d", ABOUT_MOST);
}

static err_t check_about(struct stet *s, arena_t *a, str_t *about)
{
	str_t normal;
	if (!str_is_utf8(*about, NULL) || about->n > 8 * ABOUT_MOST)
		return about_length();
	TRY(text_normal(s->readers->spoof, a, *about, &normal));
	*about = text_spaced(a, normal);
	if (str_runes(*about) > ABOUT_MOST)
		return about_length();
	return has_controls(*about) ? err_say(ERR_INPUT, "about", "refused.about-text") : OK;
}

static err_t check_language(str_t language)
{
	bool good = language.n <= 12;
	for (size_t i = 0; i < language.n; i++)
		good &= (language.p[i] >= 'a' && language.p[i] <= 'z') || language.p[i] == '-' ||
			(language.p[i] >= 'A' && language.p[i] <= 'Z');
	return good ? OK : err_say(ERR_INPUT, "language", "refused.language");
}

static err_t check_pace(struct stet *s, const struct reader *r)
{
	usec_t wait = r->renamed ? r->renamed + NAME_PACE - clock_now(&s->clock) : 0;
	if (wait <= 0)
		return OK;
	return err_say_with(ERR_REFUSED, "name", "refused.name-pace", "pace=%d\nn=%lld", (int)(NAME_PACE / DAY),
			    (long long)((wait + DAY - 1) / DAY));
}

/* --- writing --- */

static const struct sql keep_name = {
	"INSERT INTO reader_name (name_key, reader, name_look, name, until) "
	"SELECT name_key, id, name_look, name, $2 FROM reader WHERE id = $1 "
	"ON CONFLICT (name_key, reader) DO UPDATE SET name = excluded.name, until = excluded.until"
};
static const struct sql update_name = {
	"UPDATE reader SET name = $1, name_key = $2, name_look = $3, renamed = $4 "
	"WHERE id = $5 AND state <> 'gone'"
};
static const struct sql update_profile = {
	"UPDATE reader SET about = $1, language = $2, show_comments = $3, show_followers = $4, "
	"show_following = $5, no_followers = $6 WHERE id = $7 AND state <> 'gone'"
};

struct editing {
	struct stet          *s;
	const struct reader  *r;
	const struct profile *p;
	bool                  renamed;
};

/* What the name is now, and when it became that, is looked up here: of two changes asked for at once the
 * second comes too soon. */
static err_t write_name(struct conn *c, arena_t *a, const struct editing *x)
{
	usec_t now = clock_now(&x->s->clock);
	struct name_keys keys;
	struct reader fresh;
	TRY(reader_find(c, a, x->r->id, &fresh));
	if (str_eq(fresh.name, x->p->name))
		return OK;
	TRY(check_pace(x->s, &fresh));
	TRY(name_free(x->s, c, a, x->p->name, x->r->id, 0));
	TRY(name_keys(x->s, a, x->p->name, &keys));
	TRY(db_run(c, &keep_name, ARGS(v_int(x->r->id), v_int(now)), NULL));
	return db_run(c, &update_name,
		      ARGS(v_str(x->p->name), v_str(keys.key), v_str(keys.look), v_int(now),
			   v_int(x->r->id)), NULL);
}

static const struct sql drop_followers = { "DELETE FROM reader_follow WHERE followed = $1" };

/* Who wants no followers has none: keeping those that there were would leave each to be blocked by hand. */
static err_t write_profile(struct conn *c, arena_t *a, void *ctx)
{
	const struct editing *x = ctx;
	if (x->renamed || !str_eq(x->p->about, x->r->about))
		TRY(check_stopped(x->s, c, a, x->r->id));
	if (x->renamed)
		TRY(write_name(c, a, x));
	if (x->p->no_followers)
		TRY(db_run(c, &drop_followers, ARGS(v_int(x->r->id)), NULL));
	return db_run(c, &update_profile,
		      ARGS(v_str(x->p->about), v_str(x->p->language), v_int(x->p->show_comments),
			   v_int(x->p->show_followers), v_int(x->p->show_following),
			   v_int(x->p->no_followers), v_int(x->r->id)),
		      NULL);
}

err_t reader_set_profile(struct stet *s, arena_t *a, const struct reader *r, const struct profile *p,
			 str_t actor)
{
	struct profile checked = *p;
	TRY(name_check(s, a, &checked.name));
	TRY(check_about(s, a, &checked.about));
	TRY(check_language(checked.language));
	bool renamed = !str_eq(checked.name, r->name);
	/* That a name changed is for all to see; what somebody says of themselves is theirs to take back. */
	struct act act = renamed ? act_begin(s, a, &ACT_RENAME, r->id, actor)
				 : act_begin_quiet(s, a, &ACT_PROFILE, r->id, actor);
	struct editing x = { s, r, &checked, renamed };
	act_touch(&act, topic_reader(a, r->id));
	return act_commit(&act, write_profile, &x);
}

static const struct sql select_names = {
	"SELECT name, until FROM reader_name WHERE reader = $1 AND name <> '' ORDER BY until DESC"
};

err_t reader_names(struct conn *c, arena_t *a, id64 reader, struct former_name **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	struct former_name *v = NULL;
	*n = 0;
	TRY(db_query(c, &select_names, ARGS(v_int(reader)), &r));
	while (rows_next(&r, &e)) {
		v = arena_room(a, v, *n, sizeof *v);
		v[(*n)++] = (struct former_name){ row_str(&r, a, 0), row_int(&r, 1) };
	}
	*out = v;
	return e;
}
