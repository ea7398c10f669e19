/* exchange.c: `stet import ...` and `stet export`. */
#include "cli/cli.h"

#include "base/file.h"
#include "exchange/export.h"
#include "exchange/import.h"

#include <stdio.h>

struct telling {
	struct cli     *cli;
	struct progress progress;
	json_t         *items;
	int64_t         shown;
};

static const char *const outcomes[] = {
	[ADDED] = "added", [UPDATED] = "updated", [UNCHANGED] = "unchanged",
	[KEPT_OURS] = "kept ours", [LEFT_OUT] = "left out",
};

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* People see what needs their eye; scripts get everything. */
static void on_item(void *ctx, const struct import_item *item)
{
	struct telling *t = ctx;
	bool worth = item->outcome == LEFT_OUT || item->outcome == KEPT_OURS || item->notes.n;
	if (t->cli->json) {
		json_t *j = json_object(), *notes = json_array();
		for (size_t i = 0; i < item->notes.n; i++)
			json_array_append_new(notes, text(item->notes.v[i]));
		json_object_set_new(j, "kind", json_string(item->kind));
		json_object_set_new(j, "name", text(item->name));
		json_object_set_new(j, "title", text(item->title));
		json_object_set_new(j, "path", text(item->path));
		json_object_set_new(j, "outcome", json_string(outcomes[item->outcome]));
		json_object_set_new(j, "notes", notes);
		json_array_append_new(t->items, j);
		return;
	}
	if (!worth || (item->outcome == UNCHANGED))
		return;
	progress_end(&t->progress);
	t->progress = progress_begin(t->cli, "Importing");
	cli_say(t->cli, "%s %.*s \"%.*s\": %s", item->kind, STR(item->name), STR(item->title),
		outcomes[item->outcome]);
	for (size_t i = 0; i < item->notes.n; i++)
		cli_say(t->cli, "    %.*s", STR(item->notes.v[i]));
}

static void on_progress(void *ctx, int64_t done, int64_t all)
{
	struct telling *t = ctx;
	progress_show(&t->progress, done, all);
}

typedef err_t (*import_fn)(struct stet *s, const struct import_options *o,
			   struct import_report *report);

static err_t run_import(struct cli *cli, import_fn import)
{
	struct telling t = { .cli = cli, .progress = progress_begin(cli, "Importing"),
			     .items = json_array() };
	struct import_report report = { .item = on_item, .progress = on_progress, .ctx = &t };
	str_t media = cli_option(cli, "media");
	struct import_options o = { .path = cli_arg(cli, 0), .media = media.p,
				    .dry_run = cli_has(cli, "dry-run") };
	err_t e = cli_open(cli);
	if (!e && media.p && !file_exists(media.p))
		e = err_user(ERR_INPUT, "media", "--media: there is no folder %s", media.p);
	if (!e)
		e = import(&cli->stet, &o, &report);
	progress_end(&t.progress);
	if (e) {
		json_decref(t.items);
		return e;
	}
	cli_say(cli, "%s%lld added, %lld updated, %lld unchanged, %lld kept as edited here, "
		"%lld left out; %lld comments kept for the forum, %lld old addresses lead on",
		o.dry_run ? "Nothing was written (--dry-run). " : "",
		(long long)report.counts[ADDED], (long long)report.counts[UPDATED],
		(long long)report.counts[UNCHANGED], (long long)report.counts[KEPT_OURS],
		(long long)report.counts[LEFT_OUT], (long long)report.comments,
		(long long)report.redirects);
	cli_result(cli, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "added",
				  (json_int_t)report.counts[ADDED], "updated",
				  (json_int_t)report.counts[UPDATED], "unchanged",
				  (json_int_t)report.counts[UNCHANGED], "kept_ours",
				  (json_int_t)report.counts[KEPT_OURS], "left_out",
				  (json_int_t)report.counts[LEFT_OUT], "comments",
				  (json_int_t)report.comments, "redirects",
				  (json_int_t)report.redirects, "items", t.items));
	return OK;
}

static err_t wordpress(struct cli *cli)
{
	return run_import(cli, import_wordpress);
}

static err_t ghost(struct cli *cli)
{
	return run_import(cli, import_ghost);
}

static err_t markdown(struct cli *cli)
{
	return run_import(cli, import_markdown);
}

static err_t export(struct cli *cli)
{
	struct progress p = progress_begin(cli, "Exporting");
	struct export_counts counts;
	TRY(cli_open(cli));
	err_t e = export_folder(&cli->stet, cli_arg(cli, 0), &counts);
	progress_end(&p);
	if (e)
		return e;
	cli_say(cli, "Wrote %lld stories and pages, %lld authors and %lld pictures to %s",
		(long long)counts.stories, (long long)counts.authors, (long long)counts.pictures,
		cli_arg(cli, 0));
	cli_result(cli, json_pack("{s:I, s:I, s:I}", "stories", (json_int_t)counts.stories,
				  "authors", (json_int_t)counts.authors, "pictures",
				  (json_int_t)counts.pictures));
	return OK;
}

static const struct option import_options[] = {
	{ "media", "FOLDER", "where the pictures lie (wp-content/uploads; Ghost's content)" },
	{ "dry-run", NULL, "read everything and report, but write nothing" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define AGAIN                                                                                      \
	"Run it again to bring in what changed there: nothing is doubled, and what was edited "    \
	"here since is left alone. A broken file is refused before anything is written."

const struct verb verbs_exchange[] = {
	{ "import wordpress", "FILE.xml", "bring a WordPress export (WXR) in", AGAIN,
	  EXAMPLES("stet import wordpress export.xml --media wp-content/uploads"),
	  import_options, 1, 1, wordpress },
	{ "import ghost", "FILE.json", "bring a Ghost export in", AGAIN,
	  EXAMPLES("stet import ghost export.json --media content"), import_options, 1, 1, ghost },
	{ "import markdown", "FOLDER", "bring a folder of Markdown in (ours, Hugo's, Jekyll's)",
	  AGAIN, EXAMPLES("stet import markdown examples/courier"), import_options, 1, 1,
	  markdown },
	{ "export", "FOLDER", "write everything as Markdown and pictures",
	  "The folder can be brought in again with `stet import markdown`. For an exact copy of "
	  "everything, take `stet backup`.",
	  EXAMPLES("stet export courier-2026"), NULL, 1, 1, export },
	{ 0 },
};
