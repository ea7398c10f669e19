/* front.c: `stet front ...`: laying out the front page and the sections' fronts. */
#include "cli/cli.h"

#include "press/plan.h"
#include "store/store.h"

static const str_t actor = { "cli", 3 };

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* --- what is asked --- */

static err_t asked_section(struct cli *cli, struct conn *c, struct section *out)
{
	str_t slug = cli_option(cli, "section");
	*out = (struct section){ 0 };
	return slug.p ? section_by_slug(c, cli->a, slug, out) : OK;
}

static err_t asked_moment(const struct cli *cli, usec_t *out)
{
	str_t at = cli_option(cli, "at");
	*out = 0;
	return at.p ? err_wrap(time_parse(at, out), "--at") : OK;
}

/* "SLUG" or "SLUG:SIZE". */
static err_t asked_story(struct cli *cli, struct conn *c, str_t name, enum plan_size fallback,
			 struct planned *out)
{
	struct story st;
	size_t colon = name.n;
	while (colon > 0 && name.p[colon - 1] != ':')
		colon--;
	*out = (struct planned){ .size = fallback };
	if (colon > 0 && plan_size_parse(str_slice(name, colon, name.n), &out->size))
		name = str_slice(name, 0, colon - 1);
	TRY(story_find(c, cli->a, name, &st));
	out->card.id = st.id;
	return OK;
}

static str_t name_of(const struct plan *plan)
{
	return plan->section.id ? plan->section.name : S("the front page");
}

/* --- results --- */

static json_t *plan_json(arena_t *a, const struct plan *plan)
{
	json_t *stories = json_array();
	for (size_t i = 0; i < plan->n; i++)
		json_array_append_new(
			stories, json_pack("{s:o, s:o, s:o}", "slug", text(plan->v[i].card.slug),
					   "size", text(plan_size_name(plan->v[i].size)), "state",
					   text(story_state_name(plan->v[i].card.state))));
	return json_pack("{s:o, s:o, s:o, s:b, s:o}", "id", text(id_text(a, plan->id)), "section",
			 text(plan->section.slug), "begins",
			 plan->begins ? text(time_iso(a, plan->begins)) : json_null(), "cancelled",
			 plan->cancelled != 0, "stories", stories);
}

static void tell(struct cli *cli, const struct plan *plan)
{
	if (!plan->id)
		cli_say(cli, "Nothing is planned for %.*s: the newest stories stand there.",
			STR(name_of(plan)));
	else
		cli_say(cli, "Plan %.*s for %.*s, from %.*s by %.*s%s", STR(id_text(cli->a, plan->id)),
			STR(name_of(plan)), STR(time_long(cli->a, plan->begins)), STR(plan->actor),
			plan->n ? "" : ": the newest stories");
	for (size_t i = 0; i < plan->n; i++) {
		const struct card *card = &plan->v[i].card;
		bool shown = card->state == PUBLISHED;
		cli_say(cli, "  %2zu  %-6.*s  %-30.*s  %.*s%s", i + 1,
			STR(plan_size_name(plan->v[i].size)), STR(card->slug), STR(card->headline),
			shown ? "" : "  (not public: passed over)");
	}
	cli_result(cli, plan_json(cli->a, plan));
}

/* --- verbs --- */

static err_t load(struct cli *cli, usec_t at, struct plan *out)
{
	struct conn *c;
	struct section section;
	TRY(store_reader(cli->stet.store, &c));
	err_t e = asked_section(cli, c, &section);
	if (!e)
		e = plan_at(c, cli->a, section.id, at ? at : clock_now(&cli->stet.clock), out);
	if (!e)
		out->section = section;
	store_done(cli->stet.store, c);
	return e;
}

static err_t show(struct cli *cli)
{
	struct plan plan;
	usec_t at;
	TRY(cli_open(cli)); /* which sets the zone that moments are read in */
	TRY(asked_moment(cli, &at));
	TRY(load(cli, at, &plan));
	tell(cli, &plan);
	return OK;
}

/* Makes the plan and shows it as it was kept. */
static err_t make(struct cli *cli, struct plan *plan)
{
	TRY(plan_make(&cli->stet, cli->a, plan, actor));
	usec_t begins = plan->begins;
	TRY(load(cli, begins, plan));
	tell(cli, plan);
	return OK;
}

static err_t find_stories(struct cli *cli, struct plan *plan)
{
	struct conn *c;
	TRY(store_reader(cli->stet.store, &c));
	err_t e = asked_section(cli, c, &plan->section);
	plan->v = arena_array(cli->a, cli->args.n, sizeof *plan->v);
	for (size_t i = 0; !e && i < cli->args.n; i++)
		e = asked_story(cli, c, cli->args.v[i], i == 0 ? PLAN_LEAD : PLAN_MEDIUM,
				&plan->v[plan->n++]);
	store_done(cli->stet.store, c);
	return e;
}

/* Without any story, too: then the newest stand there. */
static err_t set(struct cli *cli)
{
	struct plan plan = { 0 };
	TRY(cli_open(cli));
	TRY(asked_moment(cli, &plan.begins));
	TRY(find_stories(cli, &plan));
	return make(cli, &plan);
}

/* The plan that holds, without one story. */
static void take_out(struct plan *plan, id64 story)
{
	size_t n = 0;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].card.id != story)
			plan->v[n++] = plan->v[i];
	plan->n = n;
}

static void put_in(arena_t *a, struct plan *plan, const struct planned *one, size_t place)
{
	struct planned *v = arena_array(a, plan->n + 1, sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i <= plan->n; i++) {
		if (i == place)
			v[n++] = *one;
		if (i == plan->n)
			break;
		v[n] = plan->v[i];
		if (one->size == PLAN_LEAD && v[n].size == PLAN_LEAD)
			v[n].size = PLAN_LARGE; /* who led makes room */
		n++;
	}
	plan->v = v;
	plan->n = n;
}

static err_t change(struct cli *cli, struct planned *one, struct plan *plan)
{
	struct conn *c;
	usec_t at;
	TRY(cli_open(cli)); /* which sets the zone that moments are read in */
	TRY(asked_moment(cli, &at));
	TRY(load(cli, at, plan));
	TRY(store_reader(cli->stet.store, &c));
	err_t e = asked_story(cli, c, cli->args.v[0], PLAN_MEDIUM, one);
	store_done(cli->stet.store, c);
	plan->begins = at;
	return e;
}

static err_t put(struct cli *cli)
{
	struct planned one;
	struct plan plan;
	int64_t place = 1;
	str_t asked = cli_option(cli, "place"), size = cli_option(cli, "size");
	if (asked.p && (!str_int(asked, &place) || place < 1 || place > PLAN_MOST))
		return err_user(ERR_USAGE, "place", "--place is a number from 1 to %d", PLAN_MOST);
	TRY(change(cli, &one, &plan));
	if (size.p && !plan_size_parse(size, &one.size))
		return err_user(ERR_USAGE, "size", "--size is lead, large, medium or small");
	take_out(&plan, one.card.id);
	size_t at = (size_t)place - 1 < plan.n ? (size_t)place - 1 : plan.n;
	put_in(cli->a, &plan, &one, at);
	return make(cli, &plan);
}

static err_t drop(struct cli *cli)
{
	struct planned one;
	struct plan plan;
	TRY(change(cli, &one, &plan));
	size_t before = plan.n;
	take_out(&plan, one.card.id);
	if (plan.n == before)
		return err_new(ERR_MISSING, "\"%.*s\" is not in the plan; `stet front show` lists it",
			       STR(cli->args.v[0]));
	return make(cli, &plan);
}

static err_t plans(struct cli *cli)
{
	enum { SHOWN = 50 };
	struct plan *v;
	size_t n;
	struct conn *c;
	TRY(cli_open(cli));
	TRY(store_reader(cli->stet.store, &c));
	err_t e = plan_list(c, cli->a, SHOWN, &v, &n);
	store_done(cli->stet.store, c);
	if (e)
		return e;
	usec_t now = clock_now(&cli->stet.clock);
	json_t *all = json_array();
	for (size_t i = 0; i < n; i++) {
		cli_say(cli, "%.*s  %-40.*s  %.*s%s", STR(id_text(cli->a, v[i].id)),
			STR(time_long(cli->a, v[i].begins)), STR(name_of(&v[i])),
			v[i].cancelled ? "  cancelled" : v[i].begins > now ? "  to come" : "");
		json_array_append_new(all, plan_json(cli->a, &v[i]));
	}
	cli_result(cli, all);
	return OK;
}

static err_t cancel(struct cli *cli)
{
	id64 id;
	if (!id_parse(cli->args.v[0], &id))
		return err_user(ERR_USAGE, "plan", "\"%.*s\" is no plan's id; `stet front plans` "
				"lists them", STR(cli->args.v[0]));
	TRY(cli_open(cli));
	TRY(plan_cancel(&cli->stet, cli->a, id, actor));
	cli_say(cli, "Cancelled.");
	cli_result(cli, json_pack("{s:o}", "cancelled", text(cli->args.v[0])));
	return OK;
}

/* --- the table --- */

#define WHERE_AND_WHEN                                                                             \
	{ "section", "SLUG", "the front of this section, not of the whole paper" },                \
	{ "at", "TIME", "from this moment on, as \"2026-11-26 06:00\"" }

static const struct option place_options[] = { WHERE_AND_WHEN, { NULL, NULL, NULL } };
static const struct option put_options[] = {
	WHERE_AND_WHEN,
	{ "size", "SIZE", "lead, large, medium or small" },
	{ "place", "N", "which place in the order (1)" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define SIZES "A size is lead (one story), large, medium or small; the first story leads unless " \
	      "sizes say otherwise. Places that are left free the newest stories fill."

const struct verb verbs_front[] = {
	{ "front show", "", "what stands on the front page", NULL,
	  EXAMPLES("stet front show", "stet front show --section harbour --at \"2026-11-26 06:00\""),
	  place_options, 0, 0, show },
	{ "front set", "STORY[:SIZE]...", "lay the front page out anew", SIZES,
	  EXAMPLES("stet front set ferry-late:lead rent-register:large violin-maker",
		   "stet front set ferry-late --at \"2026-11-26 06:00\""),
	  place_options, 1, PLAN_MOST, set },
	{ "front put", "STORY", "put a story into the layout that holds", SIZES,
	  EXAMPLES("stet front put ferry-late --size lead", "stet front put night-bus --place 3"),
	  put_options, 1, 1, put },
	{ "front drop", "STORY", "take a story out of the layout", NULL,
	  EXAMPLES("stet front drop ferry-late"), place_options, 1, 1, drop },
	{ "front clear", "", "leave the front page to the newest stories", NULL,
	  EXAMPLES("stet front clear", "stet front clear --section sport"), place_options, 0, 0,
	  set },
	{ "front plans", "", "list layouts, those to come included", NULL,
	  EXAMPLES("stet front plans"), NULL, 0, 0, plans },
	{ "front cancel", "PLAN", "take back a layout that has not begun", NULL,
	  EXAMPLES("stet front cancel 06a1b2c3d4e5f"), NULL, 1, 1, cancel },
	{ 0 },
};
