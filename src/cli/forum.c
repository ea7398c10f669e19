/* forum.c: `stet forum ...`: how conversations are held, for whoever runs the machine. */
#include "cli/cli.h"

#include "base/file.h"
#include "forum/elsewhere.h"
#include "forum/judge.h"
#include "forum/moderation_log.h"
#include "forum/question.h"

#include <stdlib.h>

static const str_t actor = { "cli", 3 };

struct placing {
	str_t        slug;
	struct section section;
};

static err_t read_section(struct conn *c, arena_t *a, void *ctx)
{
	struct placing *x = ctx;
	return section_by_slug(c, a, x->slug, &x->section);
}

/* "publication", "section:SLUG", or a story as elsewhere; as settings.c keeps it. */
static err_t find_place(struct cli *cli, str_t name, str_t *out)
{
	arena_t *a = cli->a;
	struct story st;
	if (str_eq(name, S("publication"))) {
		*out = S("");
		return OK;
	}
	if (str_starts(name, S("section:"))) {
		struct placing x = { .slug = str_slice(name, S("section:").n, name.n) };
		TRY(store_read(cli->stet.store, a, read_section, &x));
		*out = str_format(a, "section:%.*s", STR(id_text(a, x.section.id)));
		return OK;
	}
	TRY(cli_find_story(cli, name, &st));
	*out = str_format(a, "story:%.*s", STR(id_text(a, st.id)));
	return OK;
}

static const struct sql select_setting = { "SELECT value FROM forum_setting WHERE place = $1" };

struct showing {
	str_t         place, value;
	struct guests guests;
};

/* Moments as people write them; of a story its guests, as they are set. */
static void make_plain(arena_t *a, const struct guests *g, json_t *set)
{
	static const char *const moments[] = { "from", "until" };
	struct buf b = buf_new(a, 128);
	for (size_t i = 0; i < COUNT(moments); i++) {
		json_int_t t = json_integer_value(json_object_get(set, moments[i]));
		if (t)
			json_object_set_new(set, moments[i], json_string(str_z(a, time_iso(a, t))));
	}
	for (size_t i = 0; i < g->n; i++) {
		const struct guest *one = &g->v[i];
		buf_add_format(&b, "%s%.*s", i ? "; " : "", STR(one->reader.name));
		if (one->title.n)
			buf_add_format(&b, " (%.*s)", STR(one->title));
	}
	if (g->n)
		json_object_set_new(set, "guests", json_string(str_z(a, buf_str(&b))));
}

static err_t read_setting(struct conn *c, arena_t *a, void *ctx)
{
	struct showing *x = ctx;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_setting, ARGS(v_str(x->place)), &r));
	x->value = rows_next(&r, &e) ? row_str(&r, a, 0) : S("{}");
	id64 story;
	TRY(e);
	bool of_story = str_starts(x->place, S("story:")) && id_parse(str_slice(x->place, 6, x->place.n), &story);
	return of_story ? guests_of(c, a, story, &x->guests) : OK;
}

static void tell(struct cli *cli, const json_t *set)
{
	const char *name;
	json_t *value;
	if (!json_object_size(set))
		cli_say(cli, "Nothing is set here: all is as the wider place has it.");
	json_object_foreach((json_t *)set, name, value) {
		char *text = json_dumps(value, JSON_ENCODE_ANY);
		cli_say(cli, "%-12s %s", name, text ? text : "");
		free(text);
	}
}

static err_t settings(struct cli *cli)
{
	struct showing x = { .place = S(""), .value = S("") };
	if (cli->args.n == 2)
		return err_new(ERR_USAGE, "a setting needs a value; \"inherit\" takes it away");
	bool guests = cli->args.n == 3 && str_eq(cli->args.v[1], S("guests")); /* found by their names */
	TRY(guests ? cli_open_readers(cli) : cli_open(cli));
	TRY(find_place(cli, cli->args.v[0], &x.place));
	if (cli->args.n == 3)
		TRY(forum_setting_save(&cli->stet, cli->a, x.place, cli_arg(cli, 1), cli->args.v[2], actor));
	TRY(store_read(cli->stet.store, cli->a, read_setting, &x));
	json_t *set = json_loadb(x.value.p, x.value.n, 0, NULL);
	if (!set)
		return err_new(ERR_CORRUPT, "the settings kept for this place are no JSON");
	make_plain(cli->a, &x.guests, set);
	tell(cli, set);
	cli_result(cli, set);
	return OK;
}

/* --- rules and words --- */

struct rules_shown {
	str_t place;
	str_t own;
	struct rules now;
};

static err_t read_rules(struct conn *c, arena_t *a, void *ctx)
{
	struct rules_shown *x = ctx;
	TRY(rules_own(c, a, x->place, &x->own));
	return rules_load(c, a, &x->now);
}

/* Of the publication all; of a narrower place what it has of its own. */
static void tell_rules(struct cli *cli, const struct rules_shown *x)
{
	json_t *all = json_object(), *own = json_loadb(x->own.p, x->own.n, 0, NULL);
	struct rules r = x->now;
	err_free(rules_apply(cli->a, x->own, &r));
	if (x->place.n && !json_object_size(own))
		cli_say(cli, "Nothing is set here: all is as the wider place has it.");
	for (size_t i = 0; i < rule_settings_count; i++) {
		const struct rule_setting *setting = &rule_settings[i];
		if (x->place.n && !json_object_get(own, setting->name))
			continue;
		str_t value = rules_show(&r, cli->a, setting);
		cli_say(cli, "%-24s %.*s", setting->name, STR(value));
		json_object_set_new(all, setting->name, json_stringn(value.p ? value.p : "", value.n));
	}
	json_decref(own);
	cli_result(cli, all);
}

static err_t rules(struct cli *cli)
{
	struct rules_shown x = { .place = S("") };
	size_t first = cli->args.n % 2, n = 0;
	struct rule_change changes[10];
	TRY(cli_open(cli));
	if (first)
		TRY(find_place(cli, cli->args.v[0], &x.place));
	for (size_t i = first; i < cli->args.n; i += 2)
		changes[n++] = (struct rule_change){ cli->args.v[i], cli->args.v[i + 1] };
	if (n)
		TRY(rules_change(&cli->stet, cli->a, x.place, changes, n, actor));
	TRY(store_read(cli->stet.store, cli->a, read_rules, &x));
	tell_rules(cli, &x);
	return OK;
}

static err_t read_words(struct conn *c, arena_t *a, void *ctx)
{
	struct showing *x = ctx;
	return words_load(c, a, x->place, &x->value);
}

static err_t words(struct cli *cli)
{
	struct showing x = { .place = cli->args.v[0] };
	TRY(cli_open(cli));
	if (cli->args.n == 2) {
		str_t text;
		TRY(file_read(cli->a, cli_arg(cli, 1), 16u << 20, &text));
		TRY(words_save(&cli->stet, cli->a, x.place, text, actor));
	}
	TRY(store_read(cli->stet.store, cli->a, read_words, &x));
	cli_say(cli, "%.*s", STR(x.value));
	cli_result(cli, json_pack("{s:s%}", "words", x.value.p ? x.value.p : "", x.value.n));
	return OK;
}

/* --- other sites --- */

static err_t read_sites(struct conn *c, arena_t *a, void *ctx)
{
	return other_sites(c, a, ctx);
}

static err_t site(struct cli *cli)
{
	str_t what = cli->args.v[0], origin = cli->args.n > 1 ? cli->args.v[1] : S("");
	struct strs all;
	bool add = str_eq(what, S("add")), remove = str_eq(what, S("remove"));
	if ((!add && !remove && !str_eq(what, S("list"))) || (add || remove) != (cli->args.n == 2))
		return err_new(ERR_USAGE, "say `add ORIGIN`, `remove ORIGIN` or `list`");
	TRY(cli_open(cli));
	if (add)
		TRY(other_site_add(&cli->stet, cli->a, origin, actor));
	if (remove)
		TRY(other_site_remove(&cli->stet, cli->a, origin, actor));
	TRY(store_read(cli->stet.store, cli->a, read_sites, &all));
	json_t *list = json_array();
	for (size_t i = 0; i < all.n; i++) {
		cli_say(cli, "%.*s", STR(all.v[i]));
		json_array_append_new(list, json_stringn(all.v[i].p, all.v[i].n));
	}
	cli_result(cli, json_pack("{s:o}", "sites", list));
	return OK;
}

/* --- a year of moderation --- */

static void tell_group(struct cli *cli, const char *name, const json_t *group)
{
	const char *key;
	json_t *n;
	cli_say(cli, "%s", name);
	json_object_foreach((json_t *)group, key, n)
		cli_say(cli, "  %-20s %lld", key, (long long)json_integer_value(n));
	if (!json_object_size(group))
		cli_say(cli, "  none");
}

static err_t report(struct cli *cli)
{
	int64_t year;
	json_t *all, *group;
	const char *name;
	if (!str_int(cli->args.v[0], &year) || year < 1970 || year > 9998)
		return err_new(ERR_USAGE, "\"%.*s\" is no year", STR(cli->args.v[0]));
	TRY(cli_open(cli));
	TRY(moderation_year(&cli->stet, cli->a, (int)year, &all));
	json_object_foreach(all, name, group)
		if (json_is_object(group))
			tell_group(cli, name, group);
	cli_result(cli, all);
	return OK;
}

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_forum[] = {
	{ "forum settings", "PLACE [NAME VALUE]", "show or change how conversations are held",
	  "PLACE is \"publication\", \"section:SLUG\" or a story. NAME is open (open, closed, off), mode (after, before), "
	  "days, slow (seconds), downs (yes, no), edit (minutes), why, question; heat_rate (answers in ten minutes), heat_share "
	  "(percent reported or removed), heat_wait (seconds), heat_minutes, by which a branch becomes slow by itself. Of a "
	  "story: answers (yes, no), from, until, among (yes, no), guests (\"Ann Lee (harbour master); bo@example.org\"): readers "
	  "ask, guests answer. The value \"inherit\" is as the wider place has it.",
	  EXAMPLES("stet forum settings publication", "stet forum settings section:city mode before",
		   "stet forum settings harbour open closed", "stet forum settings harbour slow inherit",
		   "stet forum settings harbour guests \"Ann Lee (harbour master)\""),
	  NULL, 1, 3, settings },
	{ "forum rules", "[PLACE] [NAME VALUE]...", "show or change the numbers by which comments are judged",
	  "PLACE is as of `forum settings`, the publication if it is left out. 0 turns a rule off, \"inherit\" is as the wider "
	  "place has it; docs/forum.md says what each is for.",
	  EXAMPLES("stet forum rules", "stet forum rules links_most 6 newcomer_hold on",
		   "stet forum rules section:city length_most 2000"), NULL, 0, 20, rules },
	{ "forum site", "VERB [ORIGIN]", "show or change which other sites may show conversations",
	  "VERB is list, add or remove; ORIGIN is as \"https://example.org\".",
	  EXAMPLES("stet forum site list", "stet forum site add https://example.org"), NULL, 1, 2, site },
	{ "forum report", "YEAR", "a year of moderation in numbers",
	  "Comments by state, decisions by kind and reason and by machines, reports, appeals, notices, and how long they took.",
	  EXAMPLES("stet forum report 2026", "stet forum report 2026 --json"), NULL, 1, 1, report },
	{ "forum words", "LIST [FILE]", "show or replace the list of banned or suspect words",
	  "LIST is banned or suspect; FILE has a word or phrase a line, * at an end for what may go on there, # before a "
	  "comment.",
	  EXAMPLES("stet forum words banned", "stet forum words suspect suspect.txt"), NULL, 1, 2, words },
	{ 0 },
};
