/* forum.c: `stet forum ...`: how conversations are held, for whoever runs the machine. */
#include "cli/cli.h"

#include "forum/forum.h"

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
	str_t place, value;
};

static err_t read_setting(struct conn *c, arena_t *a, void *ctx)
{
	struct showing *x = ctx;
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_setting, ARGS(v_str(x->place)), &r));
	x->value = rows_next(&r, &e) ? row_str(&r, a, 0) : S("{}");
	return e;
}

static void tell(struct cli *cli, const json_t *set)
{
	const char *name;
	json_t *value;
	if (!json_object_size(set))
		cli_say(cli, "Nothing is set here: all is as the wider place has it.");
	json_object_foreach((json_t *)set, name, value) {
		char *text = json_dumps(value, JSON_ENCODE_ANY);
		cli_say(cli, "%-10s %s", name, text ? text : "");
		free(text);
	}
}

static err_t settings(struct cli *cli)
{
	struct showing x = { S(""), S("") };
	if (cli->args.n == 2)
		return err_new(ERR_USAGE, "a setting needs a value; \"inherit\" takes it away");
	TRY(cli_open(cli));
	TRY(find_place(cli, cli->args.v[0], &x.place));
	if (cli->args.n == 3)
		TRY(forum_setting_save(&cli->stet, cli->a, x.place, cli_arg(cli, 1), cli->args.v[2], actor));
	TRY(store_read(cli->stet.store, cli->a, read_setting, &x));
	json_t *set = json_loadb(x.value.p, x.value.n, 0, NULL);
	if (!set)
		return err_new(ERR_CORRUPT, "the settings kept for this place are no JSON");
	tell(cli, set);
	cli_result(cli, set);
	return OK;
}

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_forum[] = {
	{ "forum settings", "PLACE [NAME VALUE]", "show or change how conversations are held",
	  "PLACE is \"publication\", \"section:SLUG\" or a story. NAME is open (open, closed, off), mode (after, before), "
	  "days, slow (seconds), downs (yes, no), edit (minutes), why, question or answers (yes, no); the value "
	  "\"inherit\" is as the wider place has it.",
	  EXAMPLES("stet forum settings publication", "stet forum settings section:city mode before",
		   "stet forum settings harbour open closed", "stet forum settings harbour slow inherit"),
	  NULL, 1, 3, settings },
	{ 0 },
};
