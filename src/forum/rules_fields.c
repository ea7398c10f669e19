/* rules_fields.c: see rules_fields.h. Settings are kept as JSON by place; of each place of the chain, from the
 * publication to the story, one object of the rules and one of the conversation. */
#include "forum/rules_fields.h"

#include "forum/elsewhere.h"
#include "readers/pages.h"

/* --- places --- */

/* A story as elsewhere; a page of another site by its address, or the slug of its conversation. */
static err_t find_story(struct conn *c, arena_t *a, str_t name, struct story *out)
{
	str_t origin, url;
	err_t e = story_find(c, a, name, out);
	if (!e || e->code != ERR_MISSING)
		return e;
	err_free(e);
	e = other_url(a, name, &origin, &url);
	if (!e)
		return other_page_by_url(c, a, url, out);
	err_free(e);
	return other_page_by_slug(c, a, name, out);
}

err_t rules_place_find(struct conn *c, arena_t *a, str_t address, struct rules_place *out)
{
	*out = (struct rules_place){ .key = S(""), .address = S("publication") };
	if (!address.n || str_eq(address, S("publication")))
		return OK;
	str_t name = address, kind = str_cut(&name, ':');
	if (!name.n || (!str_eq(kind, S("section")) && !str_eq(kind, S("story"))))
		return err_new(ERR_MISSING, "there is no such place");
	if (str_eq(kind, S("section"))) {
		TRY(section_by_slug(c, a, name, &out->section));
		out->key = str_format(a, "section:%.*s", STR(id_text(a, out->section.id)));
		out->address = str_format(a, "section:%.*s", STR(out->section.slug));
		return OK;
	}
	TRY(find_story(c, a, name, &out->story));
	out->section = out->story.section;
	out->key = str_format(a, "story:%.*s", STR(id_text(a, out->story.id)));
	out->address = str_format(a, "story:%.*s", STR(out->story.slug));
	return OK;
}

/* What is said from the wide to the narrow. */
struct level {
	str_t   name; /* of the place */
	json_t *rules, *settings;
};

struct chain {
	struct level v[3];
	size_t       n;
};

static void drop(void *json)
{
	json_decref(json);
}

static err_t read_object(arena_t *a, str_t text, json_t **out)
{
	*out = json_loadb(text.p, text.n, 0, NULL);
	if (!json_is_object(*out)) {
		json_decref(*out);
		return err_new(ERR_CORRUPT, "what is set for this place is no JSON");
	}
	arena_defer(a, drop, *out);
	return OK;
}

static err_t add_level(struct conn *c, arena_t *a, struct chain *chain, str_t key, str_t name)
{
	struct level *l = &chain->v[chain->n++];
	str_t text;
	l->name = name;
	TRY(rules_own(c, a, key, &text));
	TRY(read_object(a, text, &l->rules));
	TRY(forum_settings_own(c, a, key, &text));
	return read_object(a, text, &l->settings);
}

static err_t chain_of(struct conn *c, arena_t *a, const struct rules_place *p, struct chain *out)
{
	*out = (struct chain){ .n = 0 };
	TRY(add_level(c, a, out, S(""), S("")));
	if (p->section.id)
		TRY(add_level(c, a, out, str_format(a, "section:%.*s", STR(id_text(a, p->section.id))), p->section.name));
	return p->story.id ? add_level(c, a, out, p->key, p->story.headline) : OK;
}

static const struct sql select_saved = {
	"SELECT coalesce(max(saved), 0), count(*) FROM forum_setting WHERE place IN ($1, $2)"
};

err_t rules_fields_seen(struct conn *c, arena_t *a, const struct rules_place *p, str_t *out)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	str_t rules = p->key.n ? str_format(a, "rules:%.*s", STR(p->key)) : S("rules");
	TRY(db_query(c, &select_saved, ARGS(v_str(p->key), v_str(rules)), &r));
	*out = rows_next(&r, &e) ? str_format(a, "%lld-%lld", (long long)row_int(&r, 0), (long long)row_int(&r, 1)) : S("");
	return e;
}

/* --- what there is to set --- */

enum effect { NO_EFFECT, REFUSES, HOLDS, REFUSES_OR_HOLDS };

struct member {
	const char *name;
	enum effect effect;
};

struct group {
	const char          *name;
	const struct member *members;
	size_t               n;
};

#define GROUP(name, ...) { name, (const struct member[]){ __VA_ARGS__ }, \
			   COUNT(((const struct member[]){ __VA_ARGS__ })) }

static const struct group groups[] = {
	GROUP("conversation", { "open", 0 }, { "mode", 0 }, { "days", 0 }, { "slow", 0 }, { "edit", 0 }, { "downs", 0 },
	      { "question", 0 }, { "why", 0 }),
	GROUP("newcomers", { "newcomer_approved", 0 }, { "newcomer_hours", 0 }, { "newcomer_hold", HOLDS },
	      { "newcomer_links", HOLDS }, { "newcomer_host", HOLDS }, { "newcomer_mentions", HOLDS },
	      { "newcomer_day", REFUSES }, { "newcomer_wait_seconds", REFUSES }, { "trusted_approved", 0 }),
	GROUP("length", { "length_least", REFUSES }, { "length_most", REFUSES }),
	GROUP("pace", { "wait_seconds", REFUSES }, { "typing_seconds", HOLDS }, { "heat_warm", 0 },
	      { "heat_wait_seconds", REFUSES }, { "heat_hot", HOLDS }),
	GROUP("branches", { "heat_rate", 0 }, { "heat_share", 0 }, { "heat_wait", REFUSES }, { "heat_minutes", 0 }),
	GROUP("words", { "banned_refuse", REFUSES_OR_HOLDS }, { "suspect_hold", HOLDS }),
	GROUP("links", { "links_most", HOLDS }, { "mentions_most", HOLDS }, { "hosts_bad_refuse", REFUSES_OR_HOLDS },
	      { "hosts_unknown_hold", HOLDS }, { "hosts_bad", 0 }, { "hosts_allowed", 0 }),
	GROUP("repeats", { "repeat_hours", REFUSES }, { "repeat_bits", 0 }, { "near_hours", HOLDS }, { "near_bits", 0 },
	      { "near_words", 0 }),
	GROUP("looks", { "capitals_percent", HOLDS }, { "capitals_letters", 0 }, { "run_most", HOLDS },
	      { "signs_percent", HOLDS }, { "signs_characters", 0 }, { "marks_most", HOLDS }),
	GROUP("learning", { "learn_percent", HOLDS }, { "learn_least", 0 }),
};

enum kind { NUMBER, CHOICE, TEXT, LINES };

/* One setting, whichever of the two tables it is from. */
struct field {
	const char                 *name;
	const struct rule_setting  *rule;    /* or */
	const struct forum_setting *setting;
	enum kind                   kind;
	int64_t                     least, most;
	const char *const          *choices;
	enum effect                 effect;
};

static bool field_of(const struct member *m, struct field *out)
{
	static const char *const on_off[] = { "on", "off", NULL }, *const yes_no[] = { "yes", "no", NULL };
	const struct rule_setting *r = rule_setting_named(str_of(m->name));
	*out = (struct field){ .name = m->name, .rule = r, .effect = m->effect };
	if (r) {
		out->kind = r->kind == SETTING_NUMBER ? NUMBER : r->kind == SETTING_SWITCH ? CHOICE : LINES;
		out->least = r->least;
		out->most = r->most;
		out->choices = on_off;
		return true;
	}
	for (size_t i = 0; i < forum_setting_count && !out->setting; i++)
		if (str_eq(str_of(forum_setting_list[i].name), str_of(m->name)))
			out->setting = &forum_setting_list[i];
	if (!out->setting)
		return false;
	enum forum_setting_kind k = out->setting->kind;
	out->kind = k == FORUM_NUMBER ? NUMBER : k == FORUM_TEXT ? TEXT : CHOICE;
	out->most = out->setting->most;
	out->choices = k == FORUM_SWITCH ? yes_no : out->setting->choices;
	return true;
}

/* Lists are the publication's; some settings a story's alone. */
static bool is_for(const struct field *f, const struct rules_place *p)
{
	return f->kind == LINES ? !p->key.n : !f->setting || !f->setting->of_story || p->story.id;
}

/* --- values as text --- */

static str_t first_value(arena_t *a, const struct field *f)
{
	struct forum_settings d = forum_defaults();
	if (f->rule)
		return rules_show(&rules_default, a, f->rule);
	if (f->kind == CHOICE)
		return f->setting->kind == FORUM_SWITCH ? S("no") : str_of(f->choices[0]);
	if (f->kind == TEXT)
		return S("");
	const struct {
		const char *name;
		int64_t     n;
	} numbers[] = { { "days", d.days }, { "edit", d.edit }, { "slow", d.slow }, { "heat_rate", d.heat_rate },
			{ "heat_share", d.heat_share }, { "heat_wait", d.heat_wait }, { "heat_minutes", d.heat_minutes } };
	size_t i = 0;
	while (i + 1 < COUNT(numbers) && strcmp(numbers[i].name, f->name) != 0)
		i++;
	return str_format(a, "%lld", (long long)numbers[i].n);
}

static str_t text_of(arena_t *a, const struct field *f, const json_t *value)
{
	struct strs lines = { 0 };
	const json_t *line;
	size_t i;
	if (json_is_integer(value))
		return str_format(a, "%lld", (long long)json_integer_value(value));
	if (json_is_boolean(value))
		return str_of(f->choices[json_is_true(value) ? 0 : 1]);
	if (json_is_string(value))
		return str_copy(a, str_from(json_string_value(value), json_string_length(value)));
	json_array_foreach(value, i, line)
		strs_add(a, &lines, str_copy(a, str_of(json_string_value(line))));
	return str_join(a, lines.v, lines.n, S("\n"));
}

static const json_t *at_level(const struct level *l, const struct field *f)
{
	return json_object_get(f->rule ? l->rules : l->settings, f->name);
}

/* What is set at the place itself; empty: nothing. */
static str_t own_value(arena_t *a, const struct chain *chain, const struct field *f)
{
	const json_t *value = at_level(&chain->v[chain->n - 1], f);
	return value ? text_of(a, f, value) : S("");
}

/* And what there is without that: from which level; -1: as it is at first. */
static str_t wider_value(arena_t *a, const struct chain *chain, const struct field *f, int *from)
{
	for (*from = (int)chain->n - 2; *from >= 0; --*from)
		if (at_level(&chain->v[*from], f))
			return text_of(a, f, at_level(&chain->v[*from], f));
	return first_value(a, f);
}

/* --- a field --- */

static str_t message(const struct view *v, const char *group, str_t name)
{
	return say(v, str_z(v->a, str_format(v->a, "%s.%.*s", group, STR(name))));
}

static str_t shown_value(const struct view *v, const struct field *f, str_t value)
{
	int64_t n;
	if (f->kind == CHOICE)
		return message(v, "rules.choice", value);
	if (f->kind == NUMBER && str_int(value, &n) && n >= 0)
		return messages_number(v->a, v->tongue, n);
	return f->kind == LINES || !value.n ? say(v, "rules.nothing") : value;
}

/* "4, as in the publication" */
static str_t inherited(const struct view *v, const struct chain *chain, const struct field *f, str_t value, int from, bool own)
{
	static const char *const keys[] = { "rules.from.first", "rules.from.publication", "rules.from.section" };
	struct message_value values[] = { { "value", shown_value(v, f, value) },
					  { "where", from > 0 ? chain->v[from].name : S("") } };
	str_t text = say_with(v, keys[from + 1], values, COUNT(values));
	if (!own)
		return text;
	return say_with(v, "rules.own", &(struct message_value){ "without", text }, 1);
}

static json_t *choices(const struct view *v, const struct field *f, str_t chosen, str_t wide)
{
	json_t *all = json_array();
	struct message_value value = { "value", shown_value(v, f, wide) };
	json_array_append_new(all, json_pack("{s:s, s:o, s:b}", "value", "", "text",
					     json_text(say_with(v, "rules.as-wider", &value, 1)), "chosen", !chosen.n));
	for (size_t i = 0; f->choices[i]; i++) {
		str_t name = str_of(f->choices[i]);
		json_array_append_new(all, json_pack("{s:s, s:o, s:b}", "value", f->choices[i], "text",
						     json_text(message(v, "rules.choice", name)), "chosen",
						     str_eq(chosen, name)));
	}
	return all;
}

static json_t *effect_of(const struct view *v, const struct field *f, str_t value)
{
	int64_t n = 0;
	const char *what = f->effect == HOLDS ? "hold" : "refuse";
	bool number = f->kind == NUMBER && str_int(value, &n), on = str_eq(value, S("on"));
	if (!f->effect)
		return json_null();
	if (f->effect == REFUSES_OR_HOLDS)
		what = on ? "refuse" : "hold";
	else if ((number && n == (f->least < 0 ? f->least : 0)) || (f->kind == CHOICE && !on))
		what = "off";
	return json_pack("{s:s, s:o}", "kind", what, "text", json_text(message(v, "rules.effect", str_of(what))));
}

static void set_input(const struct view *v, const struct field *f, str_t value, str_t wide, json_t *j)
{
	json_t *input = f->kind == CHOICE ? json_pack("{s:o}", "options", choices(v, f, value, wide))
					  : json_pack("{s:o}", "value", json_text(value));
	static const char *const names[] = { [NUMBER] = "number", [CHOICE] = "choice", [TEXT] = "line", [LINES] = "lines" };
	if (f->kind == NUMBER) {
		json_object_set_new(input, "least", json_integer(f->least));
		json_object_set_new(input, "most", json_integer(f->most));
		json_object_set_new(input, "otherwise", json_text(wide));
	}
	if (f->kind == TEXT)
		json_object_set_new(input, "longest", json_integer(f->most));
	json_object_set_new(j, names[f->kind], input);
}

static str_t typed_or(const struct view *v, const json_t *errors, const struct field *f, str_t own)
{
	str_t typed = params_get(&v->q->form, f->name);
	return errors && typed.p && str_is_utf8(typed, NULL) ? typed : own;
}

/* `how`: NULL if nothing is. */
static json_t *what_is_wrong(const struct view *v, const struct field *f, const json_t *how)
{
	static const char *const keys[] = { [NUMBER] = "rules.wrong.number", [CHOICE] = "rules.wrong.choice",
					    [TEXT] = "rules.wrong.text", [LINES] = "rules.wrong.hosts" };
	struct message_value values[] = { { "least", str_format(v->a, "%lld", (long long)f->least) },
					  { "most", str_format(v->a, "%lld", (long long)f->most) } };
	if (!how)
		return json_null();
	if (str_eq(str_of(json_string_value(how)), S("together")))
		return json_text(say(v, "rules.wrong.together"));
	return json_text(say_with(v, keys[f->kind], values, COUNT(values)));
}

static json_t *field_view(const struct view *v, const struct chain *chain, const struct field *f, const json_t *errors)
{
	int from;
	str_t own = own_value(v->a, chain, f), wide = wider_value(v->a, chain, f, &from);
	bool is_own = at_level(&chain->v[chain->n - 1], f) != NULL;
	json_t *j = json_object();
	json_object_set_new(j, "name", json_string(f->name));
	json_object_set_new(j, "label", json_text(message(v, "rules.label", str_of(f->name))));
	json_object_set_new(j, "own", json_boolean(is_own));
	json_object_set_new(j, "inherited", json_text(inherited(v, chain, f, wide, from, is_own)));
	json_object_set_new(j, "effect", effect_of(v, f, is_own ? own : wide));
	json_object_set_new(j, "wrong", what_is_wrong(v, f, json_object_get(errors, f->name)));
	set_input(v, f, typed_or(v, errors, f, own), wide, j);
	return j;
}

err_t rules_fields(struct view *v, const struct rules_place *p, const json_t *errors)
{
	struct chain chain;
	str_t seen;
	json_t *all = json_array();
	json_object_set_new(v->json, "groups", all);
	TRY(chain_of(v->c, v->a, p, &chain));
	TRY(rules_fields_seen(v->c, v->a, p, &seen));
	json_object_set_new(v->json, "seen", json_text(seen));
	for (size_t g = 0; g < COUNT(groups); g++) {
		json_t *fields = json_array();
		for (size_t i = 0; i < groups[g].n; i++) {
			struct field f;
			if (field_of(&groups[g].members[i], &f) && is_for(&f, p))
				json_array_append_new(fields, field_view(v, &chain, &f, errors));
		}
		str_t name = str_of(groups[g].name);
		json_array_append_new(all, json_pack("{s:s, s:o, s:o, s:o}", "name", groups[g].name, "title",
						     json_text(message(v, "rules.group", name)), "about",
						     json_text(message(v, "rules.about", name)), "fields", fields));
	}
	return OK;
}

/* --- reading the form --- */

static bool is_right(arena_t *a, const struct field *f, str_t value)
{
	struct rules r = rules_default;
	err_t e = f->rule ? rules_set(&r, a, f->rule, value) : forum_setting_check(f->setting, a, value);
	err_free(e);
	return e == OK;
}

static void read_field(const struct request *q, const struct chain *chain, const struct field *f,
		       struct rules_changes *out, json_t *errors)
{
	str_t value = params_get(&q->form, f->name), own = own_value(q->a, chain, f);
	if (!value.p)
		return;
	value = str_trim(str_replace(q->a, value, S("\r\n"), S("\n")));
	if (str_eq(value, own))
		return;
	if (value.n && !is_right(q->a, f, value)) {
		json_object_set_new(errors, f->name, json_string("value"));
		return;
	}
	struct rule_change change = { str_of(f->name), value.n ? value : S("inherit") };
	if (f->rule) {
		out->rules = arena_room(q->a, out->rules, out->nrules, sizeof change);
		out->rules[out->nrules++] = change;
	} else {
		out->settings = arena_room(q->a, out->settings, out->nsettings, sizeof change);
		out->settings[out->nsettings++] = change;
	}
}

err_t rules_fields_read(struct conn *c, const struct request *q, const struct rules_place *p, struct rules_changes *out,
			json_t *errors)
{
	struct chain chain;
	*out = (struct rules_changes){ .nrules = 0 };
	TRY(chain_of(c, q->a, p, &chain));
	for (size_t g = 0; g < COUNT(groups); g++)
		for (size_t i = 0; i < groups[g].n; i++) {
			struct field f;
			if (field_of(&groups[g].members[i], &f) && is_for(&f, p))
				read_field(q, &chain, &f, out, errors);
		}
	return OK;
}
