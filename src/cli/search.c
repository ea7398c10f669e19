/* search.c: `stet search`: finds stories by their words, and builds the index of them anew. */
#include "cli/cli.h"

#include "press/search.h"
#include "store/store.h"

static err_t count_public(struct cli *cli, int64_t *out)
{
	static const struct sql count = { "SELECT count(*) FROM story WHERE state = 'published'" };
	struct conn *c;
	TRY(store_reader(cli->stet.store, &c));
	struct rows r = { 0 };
	err_t e = db_query(c, &count, NO_ARGS, &r);
	*out = !e && rows_next(&r, &e) ? row_int(&r, 0) : 0;
	rows_end(&r);
	store_done(cli->stet.store, c);
	return e;
}

static err_t rebuild(struct cli *cli)
{
	struct search_cursor at = { 0 };
	int64_t all;
	TRY(cli_open(cli));
	TRY(count_public(cli, &all));
	struct progress p = progress_begin(cli, "Indexing stories");
	err_t e = search_empty(&cli->stet, cli->a, S("cli"));
	arena_t *each = arena_create(0);
	if (!each)
		e = e ? e : err_new(ERR_MEMORY, "out of memory");
	while (!e && !at.done) {
		e = search_fill(&cli->stet, each, S("cli"), false, &at);
		arena_reset(each);
		progress_show(&p, at.looked, all);
	}
	arena_free(each);
	progress_end(&p);
	if (e)
		return e;
	cli_say(cli, "The search index holds %lld public stories and pages.",
		(long long)at.looked);
	cli_result(cli, json_pack("{s:I}", "stories", (json_int_t)at.looked));
	return OK;
}

struct finding {
	struct cli        *cli;
	struct search_query query;
	struct search_found found;
	struct list         list;
	size_t              limit;
};

static err_t find_in(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	bool newest = cli_has(f->cli, "newest");
	TRY(search_resolve(c, a, &f->query));
	TRY(search_find(c, a, &f->query, newest ? SEARCH_BY_DATE : SEARCH_BY_RELEVANCE,
			clock_now(&f->cli->stet.clock), &f->found));
	size_t n = f->found.n < f->limit ? f->found.n : f->limit;
	id64 *ids = arena_array(a, n, sizeof *ids);
	for (size_t i = 0; i < n; i++)
		ids[i] = f->found.all[i].story;
	return list_chosen(c, a, ids, n, &f->list);
}

static err_t find(struct cli *cli)
{
	enum { FIRST = 20 };
	int64_t limit = FIRST;
	struct finding f = { .cli = cli };
	if (cli_has(cli, "limit") && (!str_int(cli_option(cli, "limit"), &limit) || limit < 1))
		return err_new(ERR_USAGE, "--limit takes a number from 1");
	f.limit = (size_t)limit;
	search_parse(cli->a, str_join(cli->a, cli->args.v, cli->args.n, S(" ")), &f.query);
	TRY(cli_open(cli));
	TRY(store_read(cli->stet.store, cli->a, find_in, &f));
	json_t *list = json_array();
	for (size_t i = 0; i < f.list.n; i++) {
		const struct card *card = &f.list.v[i];
		str_t path = card_path(cli->a, card);
		cli_say(cli, "%.*s  %.*s\n    %.*s", STR(time_short_day(cli->a, card->published)),
			STR(card->headline), STR(path));
		json_array_append_new(list, json_pack("{s:s%, s:s%}", "path", path.p, path.n,
						      "headline", card->headline.p,
						      card->headline.n));
	}
	cli_say(cli, "%s%zu found", f.found.more ? "more than " : "", f.found.n);
	cli_result(cli, json_pack("{s:I, s:b, s:o}", "total", (json_int_t)f.found.n, "more",
				  f.found.more, "stories", list));
	return OK;
}

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

static const struct option find_options[] = {
	{ "newest", NULL, "newest first, not the best first" },
	{ "limit", "N", "at most so many; 20 unless told" },
	{ NULL, NULL, NULL },
};

const struct verb verbs_search[] = {
	{ "search find", "WORDS...", "find public stories as readers do",
	  "Words, \"a phrase\", -without, OR, word*, author: section: tag: series: before: after:.",
	  EXAMPLES("stet search find harbour -festival", "stet search find 'author:\"Ann Lee\" flood*'"),
	  find_options, 1, -1, find },
	{ "search rebuild", "", "build the index of stories' words anew",
	  "Needed only if `stet doctor` says so. Readers find less until it is done.",
	  EXAMPLES("stet search rebuild --dir courier"), NULL, 0, 0, rebuild },
	{ 0 },
};
