/* forum_import.c: `stet forum import` and `stet forum export`: comments from elsewhere and to elsewhere, and what is told of it. */
#include "cli/cli.h"

#include "exchange/comments.h"
#include "press/press.h"

enum { PAGES_SHOWN = 20 };

struct line {
	const char *key;  /* for scripts */
	const char *what; /* for people; NULL: said elsewhere */
	int64_t     n;
};

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static void on_progress(void *ctx, int64_t done, int64_t all)
{
	progress_show(ctx, done, all);
}

static void tell_pages(struct cli *cli, const struct comments_report *r)
{
	if (!r->npages)
		return;
	cli_say(cli, "There is no story for what stood at:");
	for (size_t i = 0; i < r->npages && i < PAGES_SHOWN; i++)
		cli_say(cli, "  %6lld  %.*s", (long long)r->pages[i].comments, STR(r->pages[i].address));
	if (r->allpages > PAGES_SHOWN)
		cli_say(cli, "  and %lld other addresses (--json lists them)", (long long)(r->allpages - PAGES_SHOWN));
	cli_say(cli, "Bring the stories in, or list old and new addresses with --map, and run this again.");
}

static json_t *pages(const struct comments_report *r)
{
	json_t *list = json_array();
	for (size_t i = 0; i < r->npages; i++) {
		json_t *page = json_object();
		json_object_set_new(page, "address", text(r->pages[i].address));
		json_object_set_new(page, "comments", json_integer(r->pages[i].comments));
		json_array_append_new(list, page);
	}
	return list;
}

static void tell(struct cli *cli, const struct comments_report *r, bool trial)
{
	const struct line lines[] = {
		{ "read", "comments in the file", r->read },
		{ "added", trial ? "would be added" : "added", r->added },
		{ "there", "already there", r->there },
		{ "doubles", "have the id of another comment: left out", r->doubles },
		{ "without_story", "without a story here: left out", r->lost },
		{ "other_sites", "of other sites: left out", r->elsewhere },
		{ "no_comments", "pingbacks and the like: left out", r->other },
		{ "undated", "without a date that can be: they have their story's", r->undated },
		{ "mended_bytes", "bytes that were no UTF-8: replaced", r->mended },
		{ "placed", trial ? NULL : "placed", r->placed },
		{ "waiting", "wait for a moderator", r->waiting },
		{ "deleted", "were deleted there: a stone where others answered", r->deleted },
		{ "spam", "were spam there", r->spam },
		{ "empty", "have no words left", r->empty },
		{ "orphans", "answer something that is not here: they answer the story", r->orphans },
	};
	json_t *all = json_object();
	if (r->format)
		cli_say(cli, "%s", r->format);
	if (trial)
		cli_say(cli, "Nothing was written (--dry-run).");
	for (size_t i = 0; i < COUNT(lines); i++) {
		json_object_set_new(all, lines[i].key, json_integer(lines[i].n));
		if (lines[i].what && (lines[i].n || i < 2))
			cli_say(cli, "%8lld  %s", (long long)lines[i].n, lines[i].what);
	}
	tell_pages(cli, r);
	json_object_set_new(all, "pages", pages(r));
	if (r->format)
		json_object_set_new(all, "format", json_string(r->format));
	cli_result(cli, all);
}

static str_t given(const struct cli *cli, const char *name)
{
	str_t s = cli_option(cli, name);
	return s.p ? s : S("");
}

static err_t run(struct cli *cli)
{
	struct progress bar = progress_begin(cli, "Reading comments");
	struct comments_report done = { .progress = on_progress, .ctx = &bar };
	bool trial = cli_has(cli, "dry-run");
	err_t e = cli_open(cli);
	if (!e && cli->args.n) {
		struct comments_options o = {
			.path = cli_arg(cli, 0), .format = given(cli, "format"), .site = given(cli, "site"),
			.source = given(cli, "source"), .map = cli_option(cli, "map").p, .dry_run = trial,
			.accounts = cli_has(cli, "match-addresses"),
		};
		e = comments_read(&cli->stet, cli->a, &o, &done);
	}
	progress_end(&bar);
	bar = progress_begin(cli, "Placing comments");
	if (!e && !trial)
		e = comments_place(&cli->stet, cli->a, &done);
	progress_end(&bar);
	if (e)
		return e;
	tell(cli, &done, trial);
	return OK;
}

static err_t run_export(struct cli *cli)
{
	struct comments_export x = { .path = cli->args.n ? cli_arg(cli, 0) : NULL, .addresses = cli_has(cli, "addresses") };
	str_t story = cli_option(cli, "story");
	struct story st;
	TRY(cli_open(cli));
	if (story.p) {
		TRY(cli_find_story(cli, story, &st));
		x.story = st.id;
	}
	TRY(comments_write(&cli->stet, cli->a, &x));
	if (!x.path) /* the comments are the result */
		return OK;
	cli_say(cli, "%lld comments are in %s.", (long long)x.written, x.path);
	cli_result(cli, json_pack("{s:I, s:s}", "comments", (json_int_t)x.written, "file", x.path));
	return OK;
}

static const struct option export_options[] = {
	{ "story", "STORY", "only what was said about this story" },
	{ "addresses", NULL, "with the mail addresses of those who have an account: handle such a file with care" },
	{ NULL, NULL, NULL },
};

static const struct option options[] = {
	{ "format", "NAME", "disqus, wordpress, remark42, commento, coral or jsonl; else the file's beginning tells" },
	{ "site", "HOST", "only what was said on this host's pages" },
	{ "map", "FILE", "a list of addresses, \"old,new\" a line; * at the end of both stands for the rest" },
	{ "source", "NAME", "tells files apart whose ids are their own (coral, jsonl); else the file's name" },
	{ "match-addresses", NULL, "who has an account here with the address of an account there is its writer" },
	{ "dry-run", NULL, "read everything and report, but write nothing" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_forum_import[] = {
	{ "forum import", "[FILE]", "bring comments in from elsewhere",
	  "FILE is an export of Disqus (XML), WordPress (WXR), Remark42 (a backup), Commento or Comentario (JSON), Coral "
	  "(comments.csv with stories.csv and users.csv beside it) or has an object a line: id, story or url, answers, name, "
	  "address, written, text, ups. It may be packed by gzip. Without FILE, comments that came with stories are placed. "
	  "Run it again to bring in what is new there or whose story came since: nothing is doubled. A broken file is refused "
	  "before anything is written.",
	  EXAMPLES("stet forum import", "stet forum import export.xml.gz --dry-run",
		   "stet forum import comments.jsonl --map addresses.csv"), options, 0, 1, run },
	{ "forum export", "[FILE]", "write all comments as lines of JSON",
	  "An object a line: id, story or url, answers, name, written, text and, where there is something to tell, edited, html, quote, ups, "
	  "downs, picked, state. Without FILE they go to standard output. `stet forum import` takes them, here or in another "
	  "publication that has the stories. What it does not hold: who voted, who follows, what moderators decided.",
	  EXAMPLES("stet forum export comments.jsonl", "stet forum export --story harbour-opens | jq .text"), export_options, 0, 1, run_export },
	{ 0 },
};
