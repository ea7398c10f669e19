/* live.c: `stet live ...`: a live blog from the command line, also beside a running server, which
 * hears of it at once. */
#include "cli/cli.h"

#include "base/file.h"
#include "press/live.h"

#include <stdio.h>
#include <unistd.h>

enum { FILE_MOST = 1024 * 1024 };

static const str_t actor = { "cli", 3 };

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *moment(struct cli *cli, usec_t t)
{
	return t ? text(time_iso(cli->a, t)) : json_null();
}

static json_t *entry_json(struct cli *cli, const struct live_entry *e)
{
	json_t *j = json_object(), *authors = json_array();
	for (size_t i = 0; i < e->nauthors; i++)
		json_array_append_new(authors, text(e->authors[i].name));
	json_object_set_new(j, "id", text(id_text(cli->a, e->id)));
	json_object_set_new(j, "story", text(id_text(cli->a, e->story)));
	json_object_set_new(j, "time", moment(cli, e->time));
	json_object_set_new(j, "headline", text(e->headline));
	json_object_set_new(j, "key", text(e->key));
	json_object_set_new(j, "position", json_integer(e->position));
	json_object_set_new(j, "authors", authors);
	json_object_set_new(j, "edited", moment(cli, e->edited));
	json_object_set_new(j, "withdrawn", json_boolean(e->withdrawn));
	json_object_set_new(j, "reason", text(e->why));
	json_object_set_new(j, "revision", json_integer(e->revision));
	return j;
}

static void tell(struct cli *cli, const char *what, const struct live_entry *e)
{
	str_t id = id_text(cli->a, e->id);
	cli_say(cli, "%s %.*s, %.*s %.*s", what, STR(id), STR(time_minute(cli->a, e->time)),
		STR(e->headline.n ? e->headline : e->key));
	cli_result(cli, entry_json(cli, e));
}

/* --- what is named --- */

struct finding {
	str_t              name;
	struct story      *story;
	struct live_entry *entry;
};

static err_t find_either(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	return f->story ? story_find(c, a, f->name, f->story) : live_find(c, a, f->name, f->entry);
}

static err_t find_story(struct cli *cli, str_t name, struct story *out)
{
	return store_read(cli->stet.store, cli->a, find_either,
			  &(struct finding){ .name = name, .story = out });
}

static err_t find_entry(struct cli *cli, str_t name, struct live_entry *out)
{
	return store_read(cli->stet.store, cli->a, find_either,
			  &(struct finding){ .name = name, .entry = out });
}

/* --body is "-" for standard input, a file, or else the text itself. */
static err_t read_body(struct cli *cli, str_t *out)
{
	str_t said = cli_option(cli, "body");
	if (str_eq(said, S("-")))
		return file_read_open(cli->a, STDIN_FILENO, "standard input", FILE_MOST, out);
	if (said.n && said.n < 1024 && str_find_char(said, '\n', 0) == STR_NONE &&
	    file_exists(said.p))
		return file_read(cli->a, said.p, FILE_MOST, out);
	*out = said;
	return OK;
}

static void set_authors(struct cli *cli, struct live_entry *e)
{
	struct strs names = { 0 };
	for (str_t rest = cli_option(cli, "author"); rest.p;) {
		str_t one = str_trim(str_cut(&rest, ','));
		if (one.n)
			strs_add(cli->a, &names, one);
	}
	e->nauthors = names.n;
	e->authors = arena_array(cli->a, names.n, sizeof *e->authors);
	for (size_t i = 0; i < names.n; i++)
		e->authors[i] = (struct author){ .name = names.v[i] };
}

static err_t set_fields(struct cli *cli, struct live_entry *e)
{
	if (cli_has(cli, "headline"))
		e->headline = cli_option(cli, "headline");
	if (cli_has(cli, "key"))
		e->key = cli_option(cli, "key");
	if (cli_has(cli, "author"))
		set_authors(cli, e);
	if (cli_has(cli, "time"))
		TRY(err_wrap(time_parse(cli_option(cli, "time"), &e->time), "--time"));
	return cli_has(cli, "body") ? read_body(cli, &e->source) : OK;
}

/* --- verbs --- */

static void tell_story(struct cli *cli, const char *what, const struct story *st)
{
	cli_say(cli, "%s \"%.*s\"\n  %.*s%.*s", what, STR(st->headline),
		STR(cli->stet.config.url), STR(story_path(cli->a, st)));
	cli_result(cli, json_pack("{s:o, s:o, s:o}", "id", text(id_text(cli->a, st->id)), "live",
				  text(story_live_name(st->live)), "path",
				  text(story_path(cli->a, st))));
}

static err_t start(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(find_story(cli, cli->args.v[0], &st));
	TRY(live_start(&cli->stet, cli->a, &st, actor));
	tell_story(cli, "Live:", &st);
	return OK;
}

static err_t end(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(find_story(cli, cli->args.v[0], &st));
	TRY(live_end(&cli->stet, cli->a, &st, actor));
	tell_story(cli, "Ended:", &st);
	return OK;
}

static err_t post(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(find_story(cli, cli->args.v[0], &st));
	struct live_entry e = { .story = st.id, .headline = S(""), .source = S(""), .key = S("") };
	TRY(set_fields(cli, &e));
	TRY(live_post(&cli->stet, cli->a, &e, actor));
	tell(cli, "Posted", &e);
	return OK;
}

static err_t edit(struct cli *cli)
{
	struct live_entry e;
	TRY(cli_open(cli));
	TRY(find_entry(cli, cli->args.v[0], &e));
	int64_t revision = e.revision;
	TRY(set_fields(cli, &e));
	TRY(live_edit(&cli->stet, cli->a, &e, revision, actor));
	tell(cli, "Saved", &e);
	return OK;
}

static err_t withdraw(struct cli *cli)
{
	struct live_entry e;
	TRY(cli_open(cli));
	TRY(find_entry(cli, cli->args.v[0], &e));
	if (!cli_has(cli, "reason"))
		return err_user(ERR_USAGE, "reason", "say why, for readers: --reason TEXT");
	TRY(live_withdraw(&cli->stet, cli->a, &e, cli_option(cli, "reason"), actor));
	tell(cli, "Withdrew", &e);
	return OK;
}

static err_t correct(struct cli *cli)
{
	struct live_entry e;
	TRY(cli_open(cli));
	TRY(find_entry(cli, cli->args.v[0], &e));
	struct correction said = { .text = cli_option(cli, "text"), .wrong = S(""),
				   .right = S("") };
	if (!said.text.p)
		return err_user(ERR_USAGE, "text", "say what was wrong and what is right: --text "
				"MARKDOWN");
	TRY(live_correct(&cli->stet, cli->a, &e, &said, actor));
	tell(cli, "Corrected", &e);
	return OK;
}

static err_t pin(struct cli *cli)
{
	struct live_entry e;
	TRY(cli_open(cli));
	TRY(find_entry(cli, cli->args.v[0], &e));
	TRY(live_pin(&cli->stet, cli->a, &e, cli_option(cli, "key"), actor));
	tell(cli, "Pinned", &e);
	return OK;
}

static err_t unpin(struct cli *cli)
{
	struct live_entry e;
	TRY(cli_open(cli));
	TRY(find_entry(cli, cli->args.v[0], &e));
	TRY(live_unpin(&cli->stet, cli->a, &e, actor));
	tell(cli, "Took down", &e);
	return OK;
}

static err_t order(struct cli *cli)
{
	struct story st;
	size_t n = cli->args.n - 1;
	id64 *ids = arena_array(cli->a, n, sizeof *ids);
	TRY(cli_open(cli));
	TRY(find_story(cli, cli->args.v[0], &st));
	for (size_t i = 0; i < n; i++) {
		struct live_entry e;
		TRY(find_entry(cli, cli->args.v[i + 1], &e));
		ids[i] = e.id;
	}
	TRY(live_order(&cli->stet, cli->a, st.id, ids, n, actor));
	tell_story(cli, "Ordered the key points of", &st);
	return OK;
}

struct listing {
	id64                story;
	size_t              limit;
	struct live_entries entries;
	struct live_history history;
};

static err_t read_entries(struct conn *c, arena_t *a, void *ctx)
{
	struct listing *l = ctx;
	return live_entries(c, a, l->story, (struct live_key){ 0 }, l->limit, &l->entries);
}

static err_t list(struct cli *cli)
{
	struct story st;
	int64_t limit = 50;
	str_t said = cli_option(cli, "limit");
	if (said.p && (!str_int(said, &limit) || limit < 1))
		return err_user(ERR_USAGE, "limit", "--limit is a number from 1");
	TRY(cli_open(cli));
	TRY(find_story(cli, cli->args.v[0], &st));
	struct listing l = { .story = st.id, .limit = (size_t)limit };
	TRY(store_read(cli->stet.store, cli->a, read_entries, &l));
	json_t *all = json_array();
	for (size_t i = 0; i < l.entries.n; i++) {
		const struct live_entry *e = &l.entries.v[i];
		json_array_append_new(all, entry_json(cli, e));
		cli_say(cli, "%.*s  %.*s  %s%.*s%s%.*s", STR(id_text(cli->a, e->id)),
			STR(time_minute(cli->a, e->time)), e->withdrawn ? "(withdrawn) " : "",
			STR(e->headline), e->key.n ? "  * " : "", STR(e->key));
	}
	cli_result(cli, all);
	return OK;
}

static err_t read_history(struct conn *c, arena_t *a, void *ctx)
{
	struct listing *l = ctx;
	return live_history(c, a, l->story, &l->history);
}

static str_t field_of(const json_t *content, const char *key)
{
	const char *s = json_string_value(json_object_get(content, key));
	return str_of(s);
}

static void show_revision(struct cli *cli, const struct live_revision *r, json_t *content)
{
	str_t headline = field_of(content, "headline"), why = field_of(content, "why");
	cli_say(cli, "--- revision %lld, %.*s, %.*s", (long long)r->number,
		STR(time_long(cli->a, r->saved)), STR(r->actor));
	if (headline.n)
		cli_say(cli, "# %.*s\n", STR(headline));
	cli_say(cli, "%.*s", STR(str_trim(field_of(content, "source"))));
	if (why.n)
		cli_say(cli, "\n(withdrawn: %.*s)", STR(why));
}

static err_t show(struct cli *cli)
{
	struct live_entry e;
	TRY(cli_open(cli));
	TRY(find_entry(cli, cli->args.v[0], &e));
	struct listing l = { .story = e.id };
	TRY(store_read(cli->stet.store, cli->a, read_history, &l));
	json_t *all = entry_json(cli, &e), *revisions = json_array();
	json_object_set_new(all, "source", text(e.source));
	json_object_set_new(all, "revisions", revisions);
	for (size_t i = 0; i < l.history.n; i++) {
		const struct live_revision *r = &l.history.v[i];
		json_t *content = json_loadb(r->content.p, r->content.n, 0, NULL);
		show_revision(cli, r, content);
		json_array_append_new(revisions,
				      json_pack("{s:I, s:o, s:o, s:o*}", "number",
						(json_int_t)r->number, "saved",
						moment(cli, r->saved), "actor", text(r->actor),
						"content", content));
	}
	cli_result(cli, all);
	return OK;
}

/* --- the table --- */

#define ENTRY_FIELDS                                                                               \
	{ "headline", "TEXT", "its headline, if it has one" },                                     \
	{ "body", "FILE|-|TEXT", "Markdown: from a file, from standard input, or as it stands" },  \
	{ "key", "TEXT", "the line among the key points; empty: none" },                           \
	{ "author", "NAMES", "who wrote it, between commas" },                                     \
	{ "time", "TIME", "when, if not now: \"2026-11-25 14:05\"" },                              \
	{ NULL, NULL, NULL }

static const struct option post_options[] = { ENTRY_FIELDS };
static const struct option edit_options[] = { ENTRY_FIELDS };
static const struct option withdraw_options[] = {
	{ "reason", "TEXT", "what readers are told in its place" }, { NULL, NULL, NULL },
};
static const struct option correct_options[] = {
	{ "text", "MARKDOWN", "what was wrong and what is right" }, { NULL, NULL, NULL },
};
static const struct option pin_options[] = {
	{ "key", "TEXT", "the line; else its headline" }, { NULL, NULL, NULL },
};
static const struct option list_options[] = {
	{ "limit", "N", "at most so many (50)" }, { NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define NAMING "STORY is a slug, an address or an id."
#define ENTRY "ENTRY is the id that `stet live list` shows, or the address of the entry."

const struct verb verbs_live[] = {
	{ "live start", "STORY", "make a story a live blog, or go on with one that had ended",
	  NAMING, EXAMPLES("stet live start first-winter-storm"), NULL, 1, 1, start },
	{ "live post", "STORY", "add an entry to a live blog", NAMING,
	  EXAMPLES("stet live post first-winter-storm --headline \"Ferry cancelled\" --body -",
		   "stet live post first-winter-storm --key \"No ferry today\" --body note.md"),
	  post_options, 1, 1, post },
	{ "live edit", "ENTRY", "change an entry; what it said before is kept", ENTRY,
	  EXAMPLES("stet live edit 1k2m3n4p5q6rs --body \"The bridge is open again.\""),
	  edit_options, 1, 1, edit },
	{ "live withdraw", "ENTRY", "take an entry down, saying why", ENTRY,
	  EXAMPLES("stet live withdraw 1k2m3n4p5q6rs --reason \"A false report.\""),
	  withdraw_options, 1, 1, withdraw },
	{ "live correct", "ENTRY", "put a dated correction on an entry and its story", ENTRY,
	  EXAMPLES("stet live correct 1k2m3n4p5q6rs --text \"It was pier 4, not 14.\""),
	  correct_options, 1, 1, correct },
	{ "live pin", "ENTRY", "make an entry a key point", ENTRY,
	  EXAMPLES("stet live pin 1k2m3n4p5q6rs --key \"No ferry today\""), pin_options, 1, 1, pin },
	{ "live unpin", "ENTRY", "take an entry from the key points", ENTRY,
	  EXAMPLES("stet live unpin 1k2m3n4p5q6rs"), NULL, 1, 1, unpin },
	{ "live order", "STORY ENTRY...", "put key points in this order; others follow", ENTRY,
	  EXAMPLES("stet live order first-winter-storm 1k2m3n4p5q6rs 1k2m3n4p5q6rt"), NULL, 2, -1,
	  order },
	{ "live list", "STORY", "list the entries of a live blog, newest first", NAMING,
	  EXAMPLES("stet live list first-winter-storm --limit 200"), list_options, 1, 1, list },
	{ "live show", "ENTRY", "print an entry as it was saved each time", ENTRY,
	  EXAMPLES("stet live show 1k2m3n4p5q6rs"), NULL, 1, 1, show },
	{ "live end", "STORY", "end a live blog; its entries stay", NAMING,
	  EXAMPLES("stet live end first-winter-storm"), NULL, 1, 1, end },
	{ 0 },
};
