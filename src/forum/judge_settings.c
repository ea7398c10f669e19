/* judge_settings.c: the numbers of the rules and the lists of words, as they are kept: rows of forum_setting with
 * places of their own. */
#include "forum/judge.h"

#include "record/act.h"

static const struct act_kind ACT_RULES = { "forum.rules" };
static const struct act_kind ACT_WORDS = { "forum.words" };

static const struct sql select_value = { "SELECT value FROM forum_setting WHERE place = $1" };
static const struct sql save_value = {
	"INSERT INTO forum_setting (place, value, saved) VALUES ($1, $2, $3) "
	"ON CONFLICT (place) DO UPDATE SET value = excluded.value, saved = excluded.saved"
};

static err_t value_of(struct conn *c, arena_t *a, str_t place, str_t otherwise, str_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_value, ARGS(v_str(place)), &r));
	*out = rows_next(&r, &e) ? row_str(&r, a, 0) : otherwise;
	return e;
}

err_t rules_load(struct conn *c, arena_t *a, struct rules *out)
{
	str_t json;
	TRY(value_of(c, a, S("rules"), S("{}"), &json));
	return rules_from_json(a, json, out);
}

static err_t place_of(arena_t *a, str_t list, str_t *out)
{
	if (!str_eq(list, S("banned")) && !str_eq(list, S("suspect")))
		return err_user(ERR_INPUT, "list", "there are two lists of words, \"banned\" and \"suspect\"; "
				"\"%.*s\" is none", STR(list));
	*out = str_format(a, "words:%.*s", STR(list));
	return OK;
}

err_t words_load(struct conn *c, arena_t *a, str_t list, str_t *text)
{
	str_t place;
	TRY(place_of(a, list, &place));
	return value_of(c, a, place, S(""), text);
}

struct saving {
	struct stet *s;
	str_t        name, value, place;
};

static const struct rule_setting *setting_named(str_t name)
{
	for (size_t i = 0; i < rule_settings_count; i++)
		if (str_eq(name, str_of(rule_settings[i].name)))
			return &rule_settings[i];
	return NULL;
}

static err_t write_rule(struct conn *c, arena_t *a, void *ctx)
{
	const struct saving *x = ctx;
	struct rules rules;
	const struct rule_setting *setting = setting_named(x->name);
	if (!setting)
		return err_user(ERR_INPUT, "name", "\"%.*s\" is no number of the rules; `stet forum rules` lists them",
				STR(x->name));
	TRY(rules_load(c, a, &rules));
	TRY(rules_set(&rules, a, setting, x->value));
	TRY(rules_check(&rules));
	return db_run(c, &save_value, ARGS(v_str(S("rules")), v_str(rules_to_json(a, &rules)),
					   v_int(clock_now(&x->s->clock))), NULL);
}

err_t rules_save(struct stet *s, arena_t *a, str_t name, str_t value, str_t actor)
{
	struct saving x = { .s = s, .name = name, .value = value };
	struct act act = act_begin(s, a, &ACT_RULES, 0, actor);
	act_detail(&act, json_pack("{s:s%, s:s%}", "rule", name.p ? name.p : "", name.n, "value",
				   value.p ? value.p : "", value.n));
	return act_commit(&act, write_rule, &x);
}

static err_t write_words(struct conn *c, arena_t *a, void *ctx)
{
	const struct saving *x = ctx;
	(void)a;
	return db_run(c, &save_value, ARGS(v_str(x->place), v_str(x->value), v_int(clock_now(&x->s->clock))), NULL);
}

/* Whether they can be looked for: else the mistake would be found when somebody posts. */
static err_t check_words(arena_t *a, str_t list, str_t text)
{
	struct folder *f;
	struct words *w;
	str_t lists[WORD_LISTS] = { S(""), S("") };
	(void)a;
	lists[str_eq(list, S("banned")) ? WORDS_BANNED : WORDS_SUSPECT] = text;
	TRY(folder_new(&f));
	err_t e = words_new(f, lists, &w);
	if (!e)
		words_free(w);
	folder_free(f);
	return e;
}

err_t words_save(struct stet *s, arena_t *a, str_t list, str_t text, str_t actor)
{
	struct saving x = { .s = s, .value = text };
	TRY(place_of(a, list, &x.place));
	TRY(check_words(a, list, text));
	/* The record says that it changed, not which words a newsroom minds. */
	struct act act = act_begin(s, a, &ACT_WORDS, 0, actor);
	act_detail(&act, json_pack("{s:s%}", "list", list.p, list.n));
	return act_commit(&act, write_words, &x);
}
