/* settings.c: how conversations are held: for the publication, a section, a story, each saying only what it
 * has otherwise than the wider place. */
#include "forum/settings.h"

#include "forum/question.h"
#include "forum/tame.h"
#include "record/act.h"
#include "record/jobs.h"

#include <stdlib.h>

static const struct act_kind ACT_SETTING = { "forum.setting" };
static const struct act_kind ACT_TURN = { "forum.turn" };

struct forum_settings forum_defaults(void)
{
	return (struct forum_settings){ .edit = 15, .days = 14, .why = S(""), .question = S(""),
					 .heat_rate = 20, .heat_share = 30, .heat_wait = 300,
					 .heat_minutes = 30 };
}

/* --- what can be set --- */

static const char *const opens[] = { "open", "closed", "off", NULL };
static const char *const modes[] = { "after", "before", NULL };

const struct forum_setting forum_setting_list[] = {
	{ "open", FORUM_CHOICE, 0, opens, false },
	{ "mode", FORUM_CHOICE, 0, modes, false },
	{ "days", FORUM_NUMBER, 3650, NULL, false },
	{ "slow", FORUM_NUMBER, 86400, NULL, false },
	{ "downs", FORUM_SWITCH, 0, NULL, false },
	{ "edit", FORUM_NUMBER, 1440, NULL, false },
	{ "why", FORUM_TEXT, 300, NULL, false },
	{ "question", FORUM_TEXT, 300, NULL, false },
	{ "answers", FORUM_SWITCH, 0, NULL, true },
	{ "from", FORUM_TIME, 0, NULL, true },
	{ "until", FORUM_TIME, 0, NULL, true },
	{ "among", FORUM_SWITCH, 0, NULL, true },
	{ "heat_rate", FORUM_NUMBER, 10000, NULL, false },
	{ "heat_share", FORUM_NUMBER, 100, NULL, false },
	{ "heat_wait", FORUM_NUMBER, 86400, NULL, false },
	{ "heat_minutes", FORUM_NUMBER, 10080, NULL, false },
};

const size_t forum_setting_count = COUNT(forum_setting_list);

static const struct forum_setting *setting_named(str_t name)
{
	for (size_t i = 0; i < COUNT(forum_setting_list); i++)
		if (str_eq(name, str_of(forum_setting_list[i].name)))
			return &forum_setting_list[i];
	return NULL;
}

static int choice_of(const char *const *choices, str_t value)
{
	for (int i = 0; choices[i]; i++)
		if (str_eq(value, str_of(choices[i])))
			return i;
	return -1;
}

/* --- reading --- */

static str_t text_in(const json_t *j, const char *name, str_t old)
{
	const json_t *t = json_object_get(j, name);
	return json_is_string(t) ? str_from(json_string_value(t), json_string_length(t)) : old;
}

static int64_t number_in(const json_t *j, const char *name, int64_t old)
{
	const json_t *n = json_object_get(j, name);
	return json_is_integer(n) ? json_integer_value(n) : old;
}

static bool switch_in(const json_t *j, const char *name, bool old)
{
	const json_t *b = json_object_get(j, name);
	return json_is_boolean(b) ? json_is_true(b) : old;
}

static void take(arena_t *a, const json_t *j, struct forum_settings *set)
{
	int open = choice_of(opens, text_in(j, "open", S(""))), mode = choice_of(modes, text_in(j, "mode", S("")));
	set->open = open < 0 ? set->open : (enum forum_open)open;
	set->mode = mode < 0 ? set->mode : (enum forum_mode)mode;
	set->days = number_in(j, "days", set->days);
	set->slow = number_in(j, "slow", set->slow);
	set->edit = number_in(j, "edit", set->edit);
	set->downs = switch_in(j, "downs", set->downs);
	set->answers = switch_in(j, "answers", set->answers);
	set->from = number_in(j, "from", set->from);
	set->until = number_in(j, "until", set->until);
	set->among = switch_in(j, "among", set->among);
	set->heat_rate = number_in(j, "heat_rate", set->heat_rate);
	set->heat_share = number_in(j, "heat_share", set->heat_share);
	set->heat_wait = number_in(j, "heat_wait", set->heat_wait);
	set->heat_minutes = number_in(j, "heat_minutes", set->heat_minutes);
	set->why = str_copy(a, text_in(j, "why", set->why));
	set->question = str_copy(a, text_in(j, "question", set->question));
}

static const struct sql select_settings = {
	"SELECT place, value FROM forum_setting WHERE place IN ('', $1, $2) ORDER BY length(place), place"
};

static str_t place_of(arena_t *a, const char *kind, id64 id)
{
	return str_format(a, "%s:%.*s", kind, STR(id_text(a, id)));
}

str_t forum_place_of(arena_t *a, id64 story)
{
	return place_of(a, "story", story);
}

/* Questions have their time: before it nobody writes yet, after it all stays as it is. */
static void window(struct stet *s, struct forum_settings *set)
{
	usec_t now = clock_now(&s->clock);
	set->early = set->answers && set->from > now;
	set->over = set->answers && set->until && set->until <= now;
	if (set->open == FORUM_OPEN && (set->early || set->over))
		set->open = FORUM_CLOSED;
}

/* A story has been talked about long enough. */
static void age(struct stet *s, const struct story *st, struct forum_settings *set)
{
	if (set->answers && set->until) /* has its own time */
		return;
	usec_t since = st->live_until > st->published ? st->live_until : st->published;
	bool old = set->days && clock_now(&s->clock) - since > set->days * DAY;
	if (set->open == FORUM_OPEN && old && st->live != LIVE)
		set->open = FORUM_CLOSED;
}

err_t forum_settings_of(struct stet *s, struct conn *c, arena_t *a, const struct story *st,
			struct forum_settings *out)
{
	/* From the wide to the narrow; "story:" is shorter than "section:". */
	str_t section = place_of(a, "section", st->section.id), story = place_of(a, "story", st->id);
	json_t *of_story = NULL;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	*out = forum_defaults();
	TRY(db_query(c, &select_settings, ARGS(v_str(section), v_str(story)), &r));
	while (rows_next(&r, &e)) {
		str_t place = row_str(&r, a, 0), value = row_str(&r, a, 1);
		json_t *j = json_loadb(value.p, value.n, 0, NULL);
		if (str_eq(place, story)) {
			of_story = j;
			continue;
		}
		take(a, j, out);
		json_decref(j);
	}
	take(a, of_story, out);
	json_decref(of_story);
	if (st->state != PUBLISHED || st->kind != STORY)
		out->open = FORUM_OFF;
	age(s, st, out);
	window(s, out);
	return e;
}

/* --- writing --- */

static const struct sql select_setting = { "SELECT value FROM forum_setting WHERE place = $1" };
static const struct sql save_setting = {
	"INSERT INTO forum_setting (place, value, saved) VALUES ($1, $2, $3) "
	"ON CONFLICT (place) DO UPDATE SET value = excluded.value, saved = excluded.saved"
};

static err_t choice_value(const struct forum_setting *x, str_t value, json_t **out)
{
	const char *const *c = x->choices;
	if (choice_of(c, value) < 0)
		return err_say_with(ERR_INPUT, x->name, "setting-refused.choice", "choices=%s, %s%s%s\nvalue=%.*s", c[0],
				    c[1], c[2] ? ", " : "", c[2] ? c[2] : "", STR(str_clip(value, 40)));
	*out = json_stringn(value.p, value.n);
	return OK;
}

static err_t number_value(const struct forum_setting *x, str_t value, json_t **out)
{
	int64_t n;
	if (!str_int(value, &n) || n < 0 || n > x->most)
		return err_say_with(ERR_INPUT, x->name, "setting-refused.number", "most=%lld", (long long)x->most);
	*out = json_integer(n);
	return OK;
}

static err_t switch_value(const struct forum_setting *x, str_t value, json_t **out)
{
	bool yes = str_eq(value, S("yes"));
	if (!yes && !str_eq(value, S("no")))
		return err_say(ERR_INPUT, x->name, "setting-refused.switch");
	*out = json_boolean(yes);
	return OK;
}

static err_t text_value(const struct forum_setting *x, arena_t *a, str_t value, json_t **out)
{
	if (!str_is_utf8(value, NULL) || str_runes(value) > (size_t)x->most)
		return err_say_with(ERR_INPUT, x->name, "setting-refused.text", "most=%lld", (long long)x->most);
	value = tame_line(a, value);
	*out = json_stringn(value.p ? value.p : "", value.n);
	return OK;
}

/* A day alone has no minute: one is wanted. */
static err_t time_value(const struct forum_setting *x, str_t value, json_t **out)
{
	usec_t t;
	err_t e = value.n < 12 ? err_say(ERR_INPUT, x->name, "setting-refused.time") : time_parse(value, &t);
	if (e) {
		err_free(e);
		return err_say(ERR_INPUT, x->name, "setting-refused.time");
	}
	*out = json_integer(t);
	return OK;
}

static err_t value_of(const struct forum_setting *x, arena_t *a, str_t value, json_t **out)
{
	*out = NULL;
	switch (x->kind) {
	case FORUM_CHOICE: TRY(choice_value(x, value, out)); break;
	case FORUM_NUMBER: TRY(number_value(x, value, out)); break;
	case FORUM_SWITCH: TRY(switch_value(x, value, out)); break;
	case FORUM_TEXT: TRY(text_value(x, a, value, out)); break;
	case FORUM_TIME: TRY(time_value(x, value, out)); break;
	}
	return *out ? OK : err_new(ERR_MEMORY, "out of memory");
}

err_t forum_setting_check(const struct forum_setting *x, arena_t *a, str_t value)
{
	json_t *j;
	TRY(value_of(x, a, value, &j));
	json_decref(j);
	return OK;
}

err_t forum_settings_own(struct conn *c, arena_t *a, str_t place, str_t *json)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_setting, ARGS(v_str(place)), &r));
	*json = rows_next(&r, &e) ? row_str(&r, a, 0) : S("{}");
	return e;
}

struct setting_change {
	struct stet *s;
	struct act  *act;
	str_t        place;
	json_t      *values; /* NAME: value; null: as the wider place has it */
};

static bool story_in(str_t place, id64 *out)
{
	str_t prefix = S("story:");
	return str_starts(place, prefix) && id_parse(str_slice(place, prefix.n, place.n), out);
}

/* What follows from what is set now for a story. */
static err_t follow_up(struct conn *c, const struct setting_change *x, const json_t *now)
{
	usec_t from = number_in(now, "from", 0), until = number_in(now, "until", 0), clock = clock_now(&x->s->clock);
	id64 story;
	if (from && until && until <= from)
		return err_say(ERR_INPUT, "until", "setting-refused.order");
	if (!story_in(x->place, &story))
		return OK;
	if (json_object_get(x->values, "from") && from > clock)
		forum_turn_at(x->act, story, from);
	if (json_object_get(x->values, "until") && until > clock)
		forum_turn_at(x->act, story, until);
	return json_is_true(json_object_get(x->values, "answers")) ? questions_begin(c, story) : OK;
}

static err_t write_settings(struct conn *c, arena_t *a, void *ctx)
{
	const struct setting_change *x = ctx;
	str_t old;
	const char *name;
	json_t *value;
	TRY(forum_settings_own(c, a, x->place, &old));
	json_t *j = json_loadb(old.p, old.n, 0, NULL);
	if (!j)
		j = json_object();
	json_object_foreach(x->values, name, value) {
		if (json_is_null(value))
			json_object_del(j, name);
		else
			json_object_set(j, name, value);
	}
	err_t e = follow_up(c, x, j);
	char *text = e ? NULL : json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(j);
	TRY(e);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory");
	str_t kept = str_copy(a, str_of(text));
	free(text);
	return db_run(c, &save_setting, ARGS(v_str(x->place), v_str(kept), v_int(clock_now(&x->s->clock))), NULL);
}

static void drop(void *json)
{
	json_decref(json);
}

static err_t read_given(arena_t *a, str_t place, const struct setting_given *given, json_t *values)
{
	const struct forum_setting *x = setting_named(str_of(given->name));
	json_t *j = NULL;
	if (!x)
		return err_say_with(ERR_INPUT, "setting", "setting-refused.unknown", "setting=%s", given->name);
	if (x->of_story && !str_starts(place, S("story:")))
		return err_say(ERR_INPUT, x->name, "setting-refused.story");
	if (!str_eq(given->value, S("inherit")))
		TRY(value_of(x, a, given->value, &j));
	json_object_set_new(values, x->name, j ? j : json_null());
	return OK;
}

err_t forum_settings_save(struct stet *s, arena_t *a, str_t place, const struct setting_given *given, size_t n,
			  str_t actor)
{
	json_t *values = json_object();
	arena_defer(a, drop, values);
	for (size_t i = 0; i < n; i++)
		TRY(read_given(a, place, &given[i], values));
	struct act act = act_begin(s, a, &ACT_SETTING, 0, actor);
	struct setting_change change = { s, &act, place, values };
	act_detail(&act, json_pack("{s:s%, s:O}", "place", place.p ? place.p : "", place.n, "settings", values));
	act_touch(&act, topic_site()); /* it shows on every story it is for */
	return act_commit(&act, write_settings, &change);
}

err_t forum_setting_save(struct stet *s, arena_t *a, str_t place, const char *name, str_t value, str_t actor)
{
	id64 story;
	if (str_eq(str_of(name), S("guests")))
		return story_in(place, &story) ? guests_set(s, a, story, value, actor)
					       : err_say(ERR_INPUT, name, "setting-refused.story");
	return forum_settings_save(s, a, place, &(struct setting_given){ name, value }, 1, actor);
}

/* --- what time does --- */

void forum_turn_at(struct act *act, id64 story, usec_t when)
{
	act_job(act, FORUM_TURN, str_format(act->a, "{\"story\":%lld}", (long long)story), when);
}

err_t forum_turn_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_t *j = json_loadb(job->payload.p, job->payload.n, 0, NULL);
	id64 story = number_in(j, "story", 0);
	json_decref(j);
	struct act act = act_begin_quiet(s, a, &ACT_TURN, story, S("schedule"));
	act_touch(&act, topic_comments(a, story));
	return act_commit(&act, NULL, NULL);
}
