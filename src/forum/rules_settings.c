/* rules_settings.c: the rules' numbers by name: in JSON, and as the fields of a form. One table says what there is. */
#include "forum/rules.h"

#include <stdlib.h>

#define NUMBER(member, least, most) { #member, SETTING_NUMBER, offsetof(struct rules, member), least, most }
#define SWITCH(member)              { #member, SETTING_SWITCH, offsetof(struct rules, member), 0, 1 }
#define HOSTS(member)               { #member, SETTING_HOSTS, offsetof(struct rules, member), 0, RULE_HOSTS_MOST }

enum { WEEK_SECONDS = 7 * 24 * 3600, YEAR_HOURS = 366 * 24, MANY = 1000000 };

const struct rule_setting rule_settings[] = {
	NUMBER(length_least, 1, 1000), NUMBER(length_most, 0, 100000),
	NUMBER(trusted_approved, 0, MANY),
	NUMBER(newcomer_approved, 0, 1000), NUMBER(newcomer_hours, 0, YEAR_HOURS), SWITCH(newcomer_hold),
	NUMBER(newcomer_links, -1, 100), NUMBER(newcomer_mentions, -1, 100), NUMBER(newcomer_day, 0, 1000),
	NUMBER(newcomer_host, 0, 1000), NUMBER(newcomer_wait_seconds, 0, WEEK_SECONDS),
	NUMBER(wait_seconds, 0, WEEK_SECONDS), NUMBER(typing_seconds, 0, 600),
	NUMBER(heat_warm, 0, MANY), NUMBER(heat_wait_seconds, 0, WEEK_SECONDS), NUMBER(heat_hot, 0, MANY),
	NUMBER(repeat_hours, 0, YEAR_HOURS), NUMBER(repeat_bits, 0, NEAR_BITS_MOST),
	NUMBER(near_hours, 0, YEAR_HOURS), NUMBER(near_bits, 0, NEAR_BITS_MOST), NUMBER(near_words, 0, 1000),
	SWITCH(banned_refuse), SWITCH(suspect_hold),
	NUMBER(learn_percent, 0, 100), NUMBER(learn_least, 1, MANY),
	NUMBER(links_most, 0, 1000), HOSTS(hosts_allowed), HOSTS(hosts_bad), SWITCH(hosts_bad_refuse), SWITCH(hosts_unknown_hold),
	NUMBER(capitals_letters, 0, 10000), NUMBER(capitals_percent, 0, 100),
	NUMBER(run_most, 0, 10000), NUMBER(signs_characters, 0, 10000), NUMBER(signs_percent, 0, 100),
	NUMBER(marks_most, 0, 1000), NUMBER(mentions_most, 0, 1000),
};
const size_t rule_settings_count = COUNT(rule_settings);

static void *member(struct rules *r, const struct rule_setting *s)
{
	return (char *)r + s->offset;
}

static const void *member_of(const struct rules *r, const struct rule_setting *s)
{
	return (const char *)r + s->offset;
}

/* --- values --- */

static err_t set_number(struct rules *r, const struct rule_setting *s, int64_t n)
{
	if (n < s->least || n > s->most)
		return err_user(ERR_INPUT, s->name, "%s is from %lld to %lld, not %lld", s->name, (long long)s->least,
				(long long)s->most, (long long)n);
	*(int64_t *)member(r, s) = n;
	return OK;
}

static bool is_host(str_t h)
{
	if (!h.n || h.n > 253 || h.p[0] == '.' || h.p[0] == '-' || h.p[h.n - 1] == '.')
		return false;
	for (size_t i = 0; i < h.n; i++) {
		char c = h.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
		if (!letter && c != '-' && (c != '.' || h.p[i - 1] == '.'))
			return false;
	}
	return str_is_utf8(h, NULL);
}

static err_t add_host(struct rules *r, arena_t *a, const struct rule_setting *s, str_t said)
{
	struct strs *list = member(r, s);
	str_t host = str_lower(a, str_trim(said));
	if (str_starts(host, S("*.")))
		host = str_slice(host, 2, host.n);
	if (!is_host(host))
		return err_user(ERR_INPUT, s->name, "%s: \"%.*s\" is no host: give its name alone, as \"example.org\"",
				s->name, STR(str_clip(said, 100)));
	if (list->n == RULE_HOSTS_MOST)
		return err_user(ERR_INPUT, s->name, "%s: at most %d hosts", s->name, RULE_HOSTS_MOST);
	strs_add(a, list, host);
	return OK;
}

static err_t set_hosts(struct rules *r, arena_t *a, const struct rule_setting *s, str_t lines)
{
	*(struct strs *)member(r, s) = (struct strs){ 0 };
	while (lines.p) {
		str_t line = str_trim(str_cut(&lines, '\n'));
		if (line.n)
			TRY(add_host(r, a, s, line));
	}
	return OK;
}

static err_t set_switch(struct rules *r, const struct rule_setting *s, str_t said)
{
	bool on = str_eq(said, S("on"));
	if (!on && said.n && !str_eq(said, S("off")))
		return err_user(ERR_INPUT, s->name, "%s is \"on\" or \"off\", not \"%.*s\"", s->name, STR(str_clip(said, 60)));
	*(bool *)member(r, s) = on;
	return OK;
}

/* --- a form --- */

str_t rules_show(const struct rules *r, arena_t *a, const struct rule_setting *s)
{
	const struct strs *hosts = member_of(r, s);
	switch (s->kind) {
	case SETTING_NUMBER: return str_format(a, "%lld", (long long)*(const int64_t *)member_of(r, s));
	case SETTING_SWITCH: return *(const bool *)member_of(r, s) ? S("on") : S("off");
	default: return str_join(a, hosts->v, hosts->n, S("\n"));
	}
}

err_t rules_set(struct rules *r, arena_t *a, const struct rule_setting *s, str_t value)
{
	int64_t n;
	value = str_trim(value);
	if (s->kind == SETTING_HOSTS)
		return set_hosts(r, a, s, value);
	if (s->kind == SETTING_SWITCH)
		return set_switch(r, s, value);
	if (!str_int(value, &n))
		return err_user(ERR_INPUT, s->name, "%s is a whole number, not \"%.*s\"", s->name, STR(str_clip(value, 60)));
	return set_number(r, s, n);
}

err_t rules_check(const struct rules *r)
{
	if (r->length_most && r->length_least > r->length_most)
		return err_user(ERR_INPUT, "length_least", "length_least is above length_most: nothing could be written");
	if (r->heat_hot && r->heat_warm > r->heat_hot)
		return err_user(ERR_INPUT, "heat_warm", "heat_warm is above heat_hot: warm comes before hot");
	return OK;
}

/* --- JSON --- */

const struct rule_setting *rule_setting_named(str_t name)
{
	for (size_t i = 0; i < rule_settings_count; i++)
		if (str_eq(name, str_of(rule_settings[i].name)))
			return &rule_settings[i];
	return NULL;
}

static err_t unknown(str_t name)
{
	const char *nearest = rule_settings[0].name;
	for (size_t i = 1; i < rule_settings_count; i++)
		if (str_distance(name, str_of(rule_settings[i].name)) < str_distance(name, str_of(nearest)))
			nearest = rule_settings[i].name;
	return err_user(ERR_INPUT, nearest, "there is no rule \"%.*s\"; did you mean \"%s\"?", STR(str_clip(name, 60)), nearest);
}

static err_t read_hosts(struct rules *r, arena_t *a, const struct rule_setting *s, const json_t *v)
{
	const json_t *host;
	size_t i;
	*(struct strs *)member(r, s) = (struct strs){ 0 };
	if (!json_is_array(v))
		return err_user(ERR_INPUT, s->name, "%s is a list of hosts", s->name);
	json_array_foreach(v, i, host) {
		if (!json_is_string(host))
			return err_user(ERR_INPUT, s->name, "%s: each host is a text", s->name);
		TRY(add_host(r, a, s, str_from(json_string_value(host), json_string_length(host))));
	}
	return OK;
}

static err_t read_setting(struct rules *r, arena_t *a, str_t name, const json_t *v)
{
	const struct rule_setting *s = rule_setting_named(name);
	if (!s)
		return unknown(name);
	if (s->kind == SETTING_HOSTS)
		return read_hosts(r, a, s, v);
	if (s->kind == SETTING_NUMBER)
		return json_is_integer(v) ? set_number(r, s, json_integer_value(v))
					  : err_user(ERR_INPUT, s->name, "%s is a whole number", s->name);
	if (!json_is_boolean(v))
		return err_user(ERR_INPUT, s->name, "%s is true or false", s->name);
	*(bool *)member(r, s) = json_is_true(v);
	return OK;
}

static err_t read_all(struct rules *r, arena_t *a, const json_t *j)
{
	const char *name;
	json_t *v;
	if (!json_is_object(j))
		return err_new(ERR_INPUT, "the rules are an object of names and values");
	json_object_foreach((json_t *)j, name, v)
		TRY(read_setting(r, a, str_of(name), v));
	return OK;
}

err_t rules_apply(arena_t *a, str_t json, struct rules *r)
{
	json_error_t where;
	struct rules now = *r;
	json_t *j = json_loadb(json.p ? json.p : "", json.n, JSON_REJECT_DUPLICATES, &where);
	if (!j)
		return err_new(ERR_INPUT, "the rules are no JSON: line %d, column %d: %s", where.line, where.column, where.text);
	err_t e = read_all(&now, a, j);
	json_decref(j);
	if (!e)
		*r = now;
	return e;
}

err_t rules_from_json(arena_t *a, str_t json, struct rules *out)
{
	struct rules r = rules_default;
	TRY(rules_apply(a, json, &r));
	TRY(rules_check(&r));
	*out = r;
	return OK;
}

json_t *rules_value(const struct rules *r, const struct rule_setting *s)
{
	const struct strs *hosts = member_of(r, s);
	if (s->kind == SETTING_NUMBER)
		return json_integer(*(const int64_t *)member_of(r, s));
	if (s->kind == SETTING_SWITCH)
		return json_boolean(*(const bool *)member_of(r, s));
	json_t *list = json_array();
	for (size_t i = 0; i < hosts->n; i++)
		json_array_append_new(list, json_stringn(hosts->v[i].p, hosts->v[i].n));
	return list;
}

str_t rules_to_json(arena_t *a, const struct rules *r)
{
	json_t *j = json_object();
	for (size_t i = 0; i < rule_settings_count; i++)
		json_object_set_new(j, rule_settings[i].name, rules_value(r, &rule_settings[i]));
	char *text = json_dumps(j, JSON_INDENT(1));
	json_decref(j);
	if (!text)
		arena_exhausted(a);
	str_t out = str_copy(a, str_of(text));
	free(text);
	return out;
}
