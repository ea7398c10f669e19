/* desk.c: `stet story schedule`, `unschedule`, `embargo`, `plan`; `stet series ...`: when stories come
 * out, and how they hang together. */
#include "cli/cli.h"

#include "press/press.h"
#include "press/schedule.h"
#include "press/series.h"
#include "store/store.h"

static const str_t actor = { "cli", 3 };

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* --- when --- */

static err_t asked_moment(const struct cli *cli, const char *option, usec_t *out)
{
	return err_wrap(time_parse(cli_option(cli, option), out), "--%s", option);
}

static err_t schedule(struct cli *cli)
{
	struct story st;
	usec_t at;
	TRY(cli_open(cli)); /* which sets the zone that --at is read in */
	if (!cli_has(cli, "at"))
		return err_user(ERR_USAGE, "at", "when? --at \"2026-11-26 06:00\"");
	TRY(asked_moment(cli, "at", &at));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	TRY(story_schedule(&cli->stet, cli->a, &st, at, actor));
	cli_tell_story(cli, "Scheduled", &st);
	return OK;
}

static err_t unschedule(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	TRY(story_unschedule(&cli->stet, cli->a, &st, actor));
	cli_tell_story(cli, "Unscheduled", &st);
	return OK;
}

static err_t embargo(struct cli *cli)
{
	struct story st;
	usec_t until = 0;
	TRY(cli_open(cli));
	if (cli_has(cli, "until") == cli_has(cli, "lift"))
		return err_user(ERR_USAGE, "until", "until when? --until \"2026-11-26 06:00\", or --lift");
	if (cli_has(cli, "until"))
		TRY(asked_moment(cli, "until", &until));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	TRY(story_embargo(&cli->stet, cli->a, &st, until, actor));
	cli_tell_story(cli, until ? "Held back" : "Free again", &st);
	return OK;
}

static json_t *planned_json(arena_t *a, const struct coming *p)
{
	const struct story *st = &p->story;
	json_t *j = json_object();
	json_object_set_new(j, "id", text(id_text(a, st->id)));
	json_object_set_new(j, "slug", text(st->slug));
	json_object_set_new(j, "path", text(story_path(a, st)));
	json_object_set_new(j, "headline", text(st->headline));
	json_object_set_new(j, "scheduled", st->scheduled ? text(time_iso(a, st->scheduled))
							  : json_null());
	json_object_set_new(j, "embargo", st->embargo ? text(time_iso(a, st->embargo)) : json_null());
	json_object_set_new(j, "failure", p->failure.n ? text(p->failure) : json_null());
	return j;
}

static void say_planned(struct cli *cli, const struct coming *p)
{
	const struct story *st = &p->story;
	arena_t *a = cli->a;
	if (st->scheduled)
		cli_say(cli, "%.*s\n    %.*s  %.*s%s", STR(time_long(a, st->scheduled)),
			STR(story_path(a, st)), STR(st->headline),
			st->scheduled < clock_now(&cli->stet.clock) ? "  (late)" : "");
	else
		cli_say(cli, "not before %.*s\n    %.*s  %.*s", STR(time_long(a, st->embargo)),
			STR(story_path(a, st)), STR(st->headline));
	if (p->failure.n)
		cli_say(cli, "    it failed: %.*s", STR(p->failure));
}

err_t cli_story_plan(struct cli *cli)
{
	struct coming *all;
	size_t n;
	struct conn *c;
	TRY(cli_open(cli));
	TRY(store_reader(cli->stet.store, &c));
	err_t e = story_plan(&cli->stet, c, cli->a, &all, &n);
	store_done(cli->stet.store, c);
	if (e)
		return e;
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		say_planned(cli, &all[i]);
		json_array_append_new(list, planned_json(cli->a, &all[i]));
	}
	if (!n)
		cli_say(cli, "Nothing is scheduled.");
	cli_result(cli, list);
	return OK;
}

/* --- series --- */

static err_t list_all_series(struct cli *cli)
{
	struct series_line *all;
	size_t n;
	struct conn *c;
	TRY(cli_open(cli));
	TRY(store_reader(cli->stet.store, &c));
	err_t e = series_list(c, cli->a, &all, &n);
	store_done(cli->stet.store, c);
	if (e)
		return e;
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct series *one = &all[i].series;
		cli_say(cli, "%-24.*s  %3lld public  %.*s", STR(one->slug),
			(long long)all[i].stories, STR(one->name));
		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:I}", "slug", text(one->slug),
						      "name", text(one->name), "description",
						      text(one->description), "stories",
						      (json_int_t)all[i].stories));
	}
	cli_result(cli, list);
	return OK;
}

/* What is not named stays as it is. */
static err_t save_series(struct cli *cli)
{
	struct series series = { 0 };
	struct conn *c;
	TRY(cli_open(cli));
	TRY(store_reader(cli->stet.store, &c));
	err_t e = series_by_slug(c, cli->a, cli->args.v[0], &series);
	store_done(cli->stet.store, c);
	if (e && e->code != ERR_MISSING)
		return e;
	if (e)
		series.slug = cli->args.v[0];
	err_free(e);
	if (cli_has(cli, "name"))
		series.name = cli_option(cli, "name");
	if (cli_has(cli, "description"))
		series.description = cli_option(cli, "description");
	TRY(series_save(&cli->stet, cli->a, &series, actor));
	cli_say(cli, "Saved the series \"%.*s\"\n  %.*s/series/%.*s", STR(series.name),
		STR(cli->stet.config.url), STR(series.slug));
	cli_result(cli, json_pack("{s:o, s:o, s:o}", "slug", text(series.slug), "name",
				  text(series.name), "description", text(series.description)));
	return OK;
}

/* --- the table --- */

static const struct option schedule_options[] = {
	{ "at", "TIME", "in the publication's zone, or with an offset" }, { NULL, NULL, NULL },
};
static const struct option embargo_options[] = {
	{ "until", "TIME", "in the publication's zone, or with an offset" },
	{ "lift", NULL, "it may be published again" },
	{ NULL, NULL, NULL },
};
static const struct option series_options[] = {
	{ "name", "TEXT", "what it is called" },
	{ "description", "HTML", "a sentence about it, inline HTML" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_desk[] = {
	{ "story schedule", "STORY", "let a draft come out by itself",
	  "A running server publishes it at that moment; one that was down then, when it starts. A time "
	  "that daylight saving repeats is the first of the two; write an offset for the second.",
	  EXAMPLES("stet story schedule ferry-late --at \"2026-11-26 06:00\"",
		   "stet story schedule ferry-late --at 2026-11-26T06:00-05:00"),
	  schedule_options, 1, 1, schedule },
	{ "story unschedule", "STORY", "let it stay a draft", NULL,
	  EXAMPLES("stet story unschedule ferry-late"), NULL, 1, 1, unschedule },
	{ "story embargo", "STORY", "forbid publishing a draft before a moment",
	  "Until then it is refused by hand, too; --lift ends it.",
	  EXAMPLES("stet story embargo ferry-late --until \"2026-11-26 06:00\"",
		   "stet story embargo ferry-late --lift"),
	  embargo_options, 1, 1, embargo },
	{ "story plan", "", "list what is scheduled or under embargo, soonest first", NULL,
	  EXAMPLES("stet story plan"), NULL, 0, 0, cli_story_plan },
	{ "series list", "", "list series", NULL, EXAMPLES("stet series list"), NULL, 0, 0,
	  list_all_series },
	{ "series save", "SLUG", "name or describe a series, or begin one", NULL,
	  EXAMPLES("stet series save the-long-quay --name \"The Long Quay\" --description "
		   "\"A year on the docks.\""),
	  series_options, 1, 1, save_series },
	{ 0 },
};
