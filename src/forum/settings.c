/* settings.c: how conversations are held: for the publication, a section, a story, each saying only what it
 * has otherwise than the wider place. */
#include "forum/settings.h"

#include "record/act.h"

#include <stdlib.h>

static const struct act_kind ACT_SETTING = { "forum.setting" };

struct forum_settings forum_defaults(void)
{
	return (struct forum_settings){ .edit = 15, .days = 14, .why = S(""), .question = S("") };
}

/* --- what can be set --- */

static const char *const opens[] = { "open", "closed", "off", NULL };
static const char *const modes[] = { "after", "before", NULL };

const struct forum_setting forum_setting_list[] = {
	{ "open", FORUM_CHOICE, 0, opens },	{ "mode", FORUM_CHOICE, 0, modes },  { "days", FORUM_NUMBER, 3650, NULL },
	{ "slow", FORUM_NUMBER, 86400, NULL },  { "downs", FORUM_SWITCH, 0, NULL },	 { "edit", FORUM_NUMBER, 1440, NULL },
	{ "why", FORUM_TEXT, 300, NULL },	{ "question", FORUM_TEXT, 300, NULL }, { "answers", FORUM_SWITCH, 0, NULL },
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

/* A story has been talked about long enough. */
static void age(struct stet *s, const struct story *st, struct forum_settings *set)
{
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
	return e;
}

/* --- writing --- */

static const struct sql select_setting = { "SELECT value FROM forum_setting WHERE place = $1" };
static const struct sql save_setting = {
	"INSERT INTO forum_setting (place, value, saved) VALUES ($1, $2, $3) "
	"ON CONFLICT (place) DO UPDATE SET value = excluded.value, saved = excluded.saved"
};

static err_t value_of(const struct forum_setting *x, str_t value, json_t **out)
{
	int64_t n = 0;
	*out = NULL;
	if (x->kind == FORUM_CHOICE && choice_of(x->choices, value) >= 0)
		*out = json_stringn(value.p, value.n);
	else if (x->kind == FORUM_CHOICE)
		return err_user(ERR_INPUT, x->name, "%s: is \"%s\" or \"%s\"%s, not \"%.*s\"", x->name,
				x->choices[0], x->choices[1], x->choices[2] ? " or \"off\"" : "", STR(value));
	else if (x->kind == FORUM_NUMBER && str_int(value, &n) && n >= 0 && n <= x->most)
		*out = json_integer(n);
	else if (x->kind == FORUM_NUMBER)
		return err_user(ERR_INPUT, x->name, "%s: is a number from 0 to %lld, not \"%.*s\"", x->name,
				(long long)x->most, STR(value));
	else if (x->kind == FORUM_SWITCH && (str_eq(value, S("yes")) || str_eq(value, S("no"))))
		*out = json_boolean(str_eq(value, S("yes")));
	else if (x->kind == FORUM_SWITCH)
		return err_user(ERR_INPUT, x->name, "%s: is \"yes\" or \"no\", not \"%.*s\"", x->name, STR(value));
	else if (str_is_utf8(value, NULL) && str_runes(value) <= (size_t)x->most)
		*out = json_stringn(value.p ? value.p : "", value.n);
	else
		return err_user(ERR_INPUT, x->name, "%s: is a text of at most %lld characters", x->name,
				(long long)x->most);
	return *out ? OK : err_new(ERR_MEMORY, "out of memory");
}

err_t forum_setting_check(const struct forum_setting *x, str_t value)
{
	json_t *j;
	TRY(value_of(x, value, &j));
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
	str_t        place;
	const char  *name;
	json_t      *value; /* NULL: as the wider place has it */
};

static err_t write_setting(struct conn *c, arena_t *a, void *ctx)
{
	const struct setting_change *x = ctx;
	str_t old;
	TRY(forum_settings_own(c, a, x->place, &old));
	json_t *j = json_loadb(old.p, old.n, 0, NULL);
	if (!j)
		j = json_object();
	if (x->value)
		json_object_set(j, x->name, x->value);
	else
		json_object_del(j, x->name);
	char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(j);
	if (!text)
		return err_new(ERR_MEMORY, "out of memory");
	str_t value = str_copy(a, str_of(text));
	free(text);
	return db_run(c, &save_setting, ARGS(v_str(x->place), v_str(value), v_int(clock_now(&x->s->clock))), NULL);
}

static void drop(void *json)
{
	json_decref(json);
}

err_t forum_setting_save(struct stet *s, arena_t *a, str_t place, const char *name, str_t value, str_t actor)
{
	const struct forum_setting *x = setting_named(str_of(name));
	json_t *j = NULL;
	if (!x)
		return err_user(ERR_INPUT, "setting", "\"%s\" is nothing that can be set for a conversation",
				name);
	if (!str_eq(value, S("inherit")))
		TRY(value_of(x, value, &j));
	if (j)
		arena_defer(a, drop, j);
	struct act act = act_begin(s, a, &ACT_SETTING, 0, actor);
	struct setting_change change = { s, place, name, j };
	act_detail(&act, json_pack("{s:s%, s:s, s:O?}", "place", place.p ? place.p : "", place.n, "setting", name,
				   "value", j));
	act_touch(&act, topic_site()); /* it shows on every story it is for */
	return act_commit(&act, write_setting, &change);
}
