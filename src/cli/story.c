/* story.c: `stet story ...`: the desk of the command line. */
#include "cli/cli.h"

#include "base/file.h"
#include "exchange/storyfile.h"
#include "page/clean.h"
#include "press/press.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILE_MOST = 8 * 1024 * 1024 };

static const str_t actor = { "cli", 3 };

/* --- results --- */

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *story_json(struct cli *cli, const struct story *st)
{
	arena_t *a = cli->a;
	json_t *j = json_object();
	json_object_set_new(j, "id", text(id_text(a, st->id)));
	json_object_set_new(j, "kind", text(story_kind_name(st->kind)));
	json_object_set_new(j, "slug", text(st->slug));
	json_object_set_new(j, "state", text(story_state_name(st->state)));
	json_object_set_new(j, "path", text(story_path(a, st)));
	json_object_set_new(j, "url", text(str_format(a, "%.*s%.*s", STR(cli->stet.config.url),
						      STR(story_path(a, st)))));
	json_object_set_new(j, "headline", text(st->headline));
	json_object_set_new(j, "revision", json_integer(st->revision));
	json_object_set_new(j, "published", st->published ? text(time_iso(a, st->published))
							  : json_null());
	json_object_set_new(j, "updated", st->updated ? text(time_iso(a, st->updated))
						      : json_null());
	json_object_set_new(j, "scheduled", st->scheduled ? text(time_iso(a, st->scheduled))
							  : json_null());
	json_object_set_new(j, "embargo", st->embargo ? text(time_iso(a, st->embargo))
						      : json_null());
	return j;
}

void cli_tell_story(struct cli *cli, const char *what, const struct story *st)
{
	str_t path = story_path(cli->a, st);
	cli_say(cli, "%s \"%.*s\" (revision %lld, %.*s)\n  %.*s%.*s", what, STR(st->headline),
		(long long)st->revision, STR(story_state_name(st->state)),
		STR(cli->stet.config.url), STR(path));
	if (st->scheduled)
		cli_say(cli, "  comes out %.*s", STR(time_long(cli->a, st->scheduled)));
	if (st->state == DRAFT && st->embargo)
		cli_say(cli, "  under embargo until %.*s", STR(time_long(cli->a, st->embargo)));
	cli_result(cli, story_json(cli, st));
}

/* --- finding --- */

err_t cli_find_story(struct cli *cli, str_t name, struct story *out)
{
	struct conn *c;
	TRY(store_reader(cli->stet.store, &c));
	err_t e = story_find(c, cli->a, name, out);
	store_done(cli->stet.store, c);
	return e;
}

/* --- text from a file, standard input or an editor --- */

static err_t read_input(struct cli *cli, const char *path, str_t *out)
{
	if (strcmp(path, "-") == 0)
		return file_read_open(cli->a, STDIN_FILENO, "standard input", FILE_MOST, out);
	return file_read(cli->a, path, FILE_MOST, out);
}

static err_t run_editor(const char *editor, const char *path)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(errno, "start the editor");
	if (pid == 0) {
		execlp("sh", "sh", "-c", "exec $0 \"$1\"", editor, path, (char *)NULL);
		_exit(127);
	}
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_new(ERR_SYSTEM, "the editor \"%s\" did not end well; nothing was saved",
			       editor);
	return OK;
}

/* The text as the editor left it. The file stays if the save is refused, so nothing is lost. */
static err_t edit_text(struct cli *cli, str_t before, str_t *after, char **path)
{
	const char *editor = getenv("VISUAL");
	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		return err_new(ERR_USAGE, "no editor: set $EDITOR, or name a file with --file");
	*path = str_z(cli->a, S("/tmp/stet-story-XXXXXX.md"));
	int fd = mkstemps(*path, 3);
	if (fd < 0)
		return err_errno(errno, "make %s", *path);
	close(fd);
	TRY(file_write(*path, before, 0600));
	TRY(run_editor(editor, *path));
	return file_read(cli->a, *path, FILE_MOST, after);
}

/* --- options that name single fields --- */

static void set_text(const struct cli *cli, const char *option, str_t *field)
{
	str_t v = cli_option(cli, option);
	if (v.p)
		*field = v;
}

/* Names or slugs between commas. */
static struct strs split_list(arena_t *a, str_t list)
{
	struct strs out = { 0 };
	while (list.p) {
		str_t one = str_trim(str_cut(&list, ','));
		if (one.n)
			strs_add(a, &out, one);
	}
	return out;
}

static void set_people(struct cli *cli, struct story *st)
{
	if (cli_has(cli, "authors")) {
		struct strs names = split_list(cli->a, cli_option(cli, "authors"));
		st->nauthors = names.n;
		st->authors = arena_array(cli->a, names.n, sizeof *st->authors);
		for (size_t i = 0; i < names.n; i++)
			st->authors[i] = (struct author){ .name = names.v[i] };
	}
	if (cli_has(cli, "tags")) {
		struct strs names = split_list(cli->a, cli_option(cli, "tags"));
		st->ntags = names.n;
		st->tags = arena_array(cli->a, names.n, sizeof *st->tags);
		for (size_t i = 0; i < names.n; i++)
			st->tags[i] = (struct tag){ .name = names.v[i] };
	}
}

/* "on" or "off". */
static err_t set_switch(const struct cli *cli, const char *option, bool *field)
{
	str_t v = cli_option(cli, option);
	if (!v.p)
		return OK;
	if (!str_eq(v, S("on")) && !str_eq(v, S("off")))
		return err_user(ERR_USAGE, option, "--%s is on or off", option);
	*field = str_eq(v, S("on"));
	return OK;
}

static err_t set_more(struct cli *cli, struct story *st)
{
	set_text(cli, "kicker", &st->kicker);
	set_text(cli, "language", &st->language);
	if (cli_has(cli, "genre") && !story_genre_parse(cli_option(cli, "genre"), &st->genre))
		return err_user(ERR_USAGE, "genre", "--genre is report, analysis, opinion, review, "
				"background or sponsored");
	if (cli_has(cli, "series")) {
		str_t name = cli_option(cli, "series");
		st->series = (struct series){ .slug = slug_from(cli->a, name), .name = name };
	}
	if (cli_has(cli, "translates"))
		st->translates = (struct story_ref){ .slug = cli_option(cli, "translates") };
	if (cli_has(cli, "related")) {
		struct strs slugs = split_list(cli->a, cli_option(cli, "related"));
		st->nrelated = slugs.n;
		st->related = arena_array(cli->a, slugs.n, sizeof *st->related);
		for (size_t i = 0; i < slugs.n; i++)
			st->related[i] = (struct story_ref){ .slug = slugs.v[i] };
	}
	TRY(set_switch(cli, "no-ask", &st->no_ask));
	return set_switch(cli, "sensitive", &st->sensitive);
}

static err_t set_fields(struct cli *cli, struct story *st)
{
	TRY(set_more(cli, st));
	set_text(cli, "headline", &st->headline);
	set_text(cli, "standfirst", &st->standfirst);
	set_text(cli, "dateline", &st->dateline);
	set_text(cli, "slug", &st->slug);
	if (cli_has(cli, "section"))
		st->section = (struct section){ .slug = cli_option(cli, "section") };
	set_people(cli, st);
	if (cli_has(cli, "body")) {
		str_t body;
		TRY(read_input(cli, cli_option(cli, "body").p, &body));
		st->source = body;
		st->format = MARKDOWN;
	}
	return OK;
}

static bool names_fields(const struct cli *cli)
{
	static const char *const fields[] = { "headline", "standfirst", "dateline", "slug",
					      "section", "authors", "tags", "body", "kicker",
					      "genre", "series", "related", "language",
					      "translates", "no-ask", "sensitive" };
	for (size_t i = 0; i < COUNT(fields); i++)
		if (cli_has(cli, fields[i]))
			return true;
	return false;
}

static err_t apply_file(struct cli *cli, const char *path, str_t content, struct story *st,
			struct story_wish *wish)
{
	char *folder = str_z(cli->a, str_of(path));
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	struct story_file file = { .name = path, .folder = slash ? folder : ".", .text = content };
	return storyfile_apply(&cli->stet, cli->a, &file, actor, st, wish);
}

/* --- new --- */

static str_t blank_file(arena_t *a)
{
	struct story st = { .headline = S("Headline"), .section.slug = S("section"),
			    .source = S("Write here.\n") };
	return storyfile_write(a, &st);
}

static err_t new_from_text(struct cli *cli, struct story *st, struct story_wish *wish, char **kept)
{
	const char *path = cli->args.n ? cli_arg(cli, 0) : NULL;
	str_t content;
	if (path)
		TRY(read_input(cli, path, &content));
	else
		TRY(edit_text(cli, blank_file(cli->a), &content, kept));
	return apply_file(cli, path ? path : *kept, content, st, wish);
}

/* What an editor wrote is let go once it is saved; until then whoever wrote it is told where it is. */
static err_t let_go(char *kept, err_t e)
{
	if (!kept)
		return e;
	if (e)
		return err_wrap(e, "your text is in %s", kept);
	unlink(kept);
	return OK;
}

static err_t story_new(struct cli *cli)
{
	struct story st = { .kind = cli_has(cli, "page") ? STATIC_PAGE : STORY };
	struct story_wish wish = { 0 };
	char *kept = NULL;
	err_t e = OK;
	TRY(cli_open(cli));
	if (cli->args.n || !names_fields(cli))
		e = new_from_text(cli, &st, &wish, &kept);
	bool later = wish.published > clock_now(&cli->stet.clock);
	if (later)
		st.scheduled = wish.published;
	if (!e)
		e = set_fields(cli, &st);
	if (!e)
		e = story_save(&cli->stet, cli->a, &st, 0, actor);
	TRY(let_go(kept, e));
	if (!later && (cli_has(cli, "publish") || (wish.state_given && wish.state == PUBLISHED)))
		TRY(story_publish(&cli->stet, cli->a, &st, actor));
	cli_tell_story(cli, st.state == PUBLISHED ? "Published" : later ? "Scheduled" : "Saved", &st);
	return OK;
}

/* --- edit --- */

static err_t edit_in_file(struct cli *cli, struct story *st, char **kept)
{
	struct story_wish wish = { 0 };
	str_t content, before = storyfile_write(cli->a, st);
	const char *path = cli_option(cli, "file").p;
	if (path)
		TRY(read_input(cli, path, &content));
	else
		TRY(edit_text(cli, before, &content, kept));
	if (!str_eq(content, before))
		return apply_file(cli, path ? path : *kept, content, st, &wish);
	if (*kept)
		unlink(*kept);
	*kept = NULL;
	return err_new(ERR_INPUT, "nothing was changed");
}

static err_t story_edit(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	int64_t began = st.revision;
	char *kept = NULL;
	err_t e = OK;
	if (cli_has(cli, "file") || !names_fields(cli))
		e = edit_in_file(cli, &st, &kept);
	if (!e)
		e = set_fields(cli, &st);
	if (st.state == PUBLISHED && !cli_has(cli, "minor"))
		st.updated = clock_now(&cli->stet.clock);
	if (!e)
		e = story_save(&cli->stet, cli->a, &st, began, actor);
	TRY(let_go(kept, e));
	cli_tell_story(cli, "Saved", &st);
	return OK;
}

/* --- publish, withdraw, correct --- */

static err_t publish(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	TRY(story_publish(&cli->stet, cli->a, &st, actor));
	cli_tell_story(cli, "Published", &st);
	return OK;
}

static err_t withdraw(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	if (!cli_has(cli, "reason"))
		return err_user(ERR_USAGE, "reason", "readers are told why: --reason TEXT");
	TRY(story_withdraw(&cli->stet, cli->a, &st, cli_option(cli, "reason"), actor));
	cli_tell_story(cli, "Withdrew", &st);
	return OK;
}

static err_t correct(struct cli *cli)
{
	struct story st;
	TRY(cli_open(cli));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	if (!cli_has(cli, "text") && !(cli_has(cli, "wrong") && cli_has(cli, "right")))
		return err_user(ERR_USAGE, "text", "say what was wrong and what is right: --wrong TEXT "
				"--right TEXT, or both in one --text TEXT");
	struct correction k = { .text = cli_option(cli, "text"), .wrong = cli_option(cli, "wrong"),
				.right = cli_option(cli, "right"),
				.serious = cli_has(cli, "serious"),
				.kind = cli_has(cli, "clarification") ? CLARIFICATION : CORRECTION };
	TRY(story_correct(&cli->stet, cli->a, &st, &k, actor));
	cli_tell_story(cli, "Corrected", &st);
	return OK;
}

/* --- list, show --- */

static err_t asked_state(const struct cli *cli, int *out)
{
	enum story_state state;
	str_t name = cli_option(cli, "state");
	*out = -1;
	if (!name.p)
		return OK;
	if (!story_state_parse(name, &state))
		return err_user(ERR_USAGE, "state", "--state is draft, scheduled, published or withdrawn");
	*out = (int)state;
	return OK;
}

static json_t *card_json(arena_t *a, const struct card *card)
{
	json_t *j = json_object();
	json_object_set_new(j, "id", text(id_text(a, card->id)));
	json_object_set_new(j, "kind", text(story_kind_name(card->kind)));
	json_object_set_new(j, "slug", text(card->slug));
	json_object_set_new(j, "state", text(story_state_name(card->state)));
	json_object_set_new(j, "path", text(card_path(a, card)));
	json_object_set_new(j, "headline", text(card->headline));
	json_object_set_new(j, "byline",
			    text(byline(a, card->authors, card->nauthors, S(" and "))));
	json_object_set_new(j, "published", card->published ? text(time_iso(a, card->published))
							    : json_null());
	return j;
}

static err_t list(struct cli *cli)
{
	struct list found;
	struct conn *c;
	int state;
	int64_t limit = 50;
	str_t asked = cli_option(cli, "limit");
	if (str_eq(cli_option(cli, "state"), S("scheduled")))
		return cli_story_plan(cli);
	TRY(asked_state(cli, &state));
	if (asked.p && (!str_int(asked, &limit) || limit < 1 || limit > 1000000))
		return err_user(ERR_USAGE, "limit", "--limit is a number from 1 to 1000000");
	TRY(cli_open(cli));
	TRY(store_reader(cli->stet.store, &c));
	err_t e = list_saved(c, cli->a, state, (size_t)limit, &found);
	store_done(cli->stet.store, c);
	if (e)
		return e;
	json_t *all = json_array();
	for (size_t i = 0; i < found.n; i++) {
		const struct card *card = &found.v[i];
		cli_say(cli, "%-9.*s  %-10.10s  %-44.*s  %.*s", STR(story_state_name(card->state)),
			card->published ? time_iso(cli->a, card->published).p : "-",
			STR(card_path(cli->a, card)), STR(card->headline));
		json_array_append_new(all, card_json(cli->a, card));
	}
	if (found.more)
		cli_say(cli, "... and more: --limit N");
	cli_result(cli, all);
	return OK;
}

static err_t show_revision(struct cli *cli, const struct story *st, int64_t number)
{
	struct conn *c;
	struct revision rev;
	TRY(store_reader(cli->stet.store, &c));
	err_t e = revision_load(c, cli->a, st->id, number, &rev);
	store_done(cli->stet.store, c);
	if (e)
		return e;
	json_error_t why;
	json_t *content = json_loadb(rev.content.p, rev.content.n, 0, &why);
	if (!content)
		return err_new(ERR_CORRUPT, "revision %lld is not readable: %s", (long long)number,
			       why.text);
	json_t *j = json_pack("{s:I, s:o, s:o, s:o}", "revision", (json_int_t)rev.number, "saved",
			      text(time_iso(cli->a, rev.saved)), "actor", text(rev.actor),
			      "content", content);
	if (!cli->json) {
		json_dumpf(j, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	cli_result(cli, j);
	return OK;
}

static json_t *correction_json(arena_t *a, const struct correction *k)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "made", text(time_iso(a, k->made)), "kind",
			 text(correction_kind_name(k->kind)), "text", text(k->text), "wrong",
			 text(k->wrong), "right", text(k->right), "serious", k->serious);
}

static err_t show(struct cli *cli)
{
	struct story st;
	int64_t number;
	TRY(cli_open(cli));
	TRY(cli_find_story(cli, cli->args.v[0], &st));
	str_t revision = cli_option(cli, "revision");
	if (revision.p) {
		if (!str_int(revision, &number) || number < 1)
			return err_user(ERR_USAGE, "revision", "--revision is a number from 1");
		return show_revision(cli, &st, number);
	}
	cli_say(cli, "%.*s", STR(storyfile_write(cli->a, &st)));
	json_t *j = story_json(cli, &st);
	json_object_set_new(j, "standfirst", text(st.standfirst));
	json_object_set_new(j, "dateline", text(st.dateline));
	json_object_set_new(j, "source", text(st.source));
	json_object_set_new(j, "body", text(st.body));
	json_object_set_new(j, "words", json_integer(st.words));
	json_object_set_new(j, "withdrawn_why", text(st.withdrawn_why));
	json_t *authors = json_array(), *tags = json_array(), *corrections = json_array();
	for (size_t i = 0; i < st.nauthors; i++)
		json_array_append_new(authors, text(st.authors[i].name));
	for (size_t i = 0; i < st.ntags; i++)
		json_array_append_new(tags, text(st.tags[i].name));
	for (size_t i = 0; i < st.ncorrections; i++)
		json_array_append_new(corrections, correction_json(cli->a, &st.corrections[i]));
	json_object_set_new(j, "authors", authors);
	json_object_set_new(j, "tags", tags);
	json_object_set_new(j, "corrections", corrections);
	cli_result(cli, j);
	return OK;
}

/* --- the table --- */

#define FIELDS                                                                                     \
	{ "headline", "TEXT", "the headline" },                                                    \
	{ "standfirst", "HTML", "the sentences under it" },                                        \
	{ "dateline", "PLACE", "where it was written" },                                           \
	{ "section", "SLUG", "the section" },                                                      \
	{ "authors", "NAMES", "bylines, between commas" },                                         \
	{ "tags", "NAMES", "tags, between commas" },                                               \
	{ "slug", "SLUG", "the address; made from the headline otherwise" },                       \
	{ "body", "FILE", "the text, in Markdown; - for standard input" },                         \
	{ "kicker", "TEXT", "the few words over the headline" },                                   \
	{ "genre", "NAME", "report, analysis, opinion, review, background or sponsored" },         \
	{ "series", "NAME", "the series it belongs to" },                                          \
	{ "related", "SLUGS", "stories to stand under it, between commas" },                       \
	{ "language", "TAG", "the language it is in, if not the publication's" },                  \
	{ "translates", "SLUG", "the story it is a translation of" },                              \
	{ "no-ask", "on|off", "never beside it: a request for support" },                          \
	{ "sensitive", "on|off", "readers are warned first" }

static const struct option new_options[] = {
	FIELDS,
	{ "page", NULL, "a static page, not a story" },
	{ "publish", NULL, "make it public at once" },
	{ NULL, NULL, NULL },
};
static const struct option edit_options[] = {
	FIELDS,
	{ "file", "FILE", "take the whole story from this file; - for standard input" },
	{ "minor", NULL, "do not show readers a new \"updated\" time" },
	{ NULL, NULL, NULL },
};
static const struct option withdraw_options[] = {
	{ "reason", "TEXT", "what readers are told at the address" }, { NULL, NULL, NULL },
};
static const struct option correct_options[] = {
	{ "wrong", "MARKDOWN", "what was said" },
	{ "right", "MARKDOWN", "what is so" },
	{ "text", "MARKDOWN", "the whole in words of your own, instead or as well" },
	{ "serious", NULL, "it stands at the head of the story, not at its foot" },
	{ "clarification", NULL, "nothing was wrong, but something was not clear" },
	{ NULL, NULL, NULL },
};
static const struct option list_options[] = {
	{ "state", "STATE", "only draft, scheduled, published or withdrawn" },
	{ "limit", "N", "at most so many (50)" },
	{ NULL, NULL, NULL },
};
static const struct option show_options[] = {
	{ "revision", "N", "as it was saved the Nth time" }, { NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define NAMING "STORY is a slug, an address or an id."

const struct verb verbs_story[] = {
	{ "story new", "[FILE]", "write a story: from a file, from options, or in $EDITOR",
	  "FILE is front matter and Markdown (docs/story-files.md); - is standard input.",
	  EXAMPLES("stet story new harbour.md --publish",
		   "stet story new --headline \"Ferry late\" --section harbour --body note.md"),
	  new_options, 0, 1, story_new },
	{ "story edit", "STORY", "change a story: by options, from a file, or in $EDITOR", NAMING,
	  EXAMPLES("stet story edit ferry-late --headline \"Ferry two hours late\"",
		   "stet story edit ferry-late", "stet story edit ferry-late --file ferry.md"),
	  edit_options, 1, 1, story_edit },
	{ "story publish", "STORY", "make a story public", NAMING,
	  EXAMPLES("stet story publish ferry-late"), NULL, 1, 1, publish },
	{ "story withdraw", "STORY", "take a story down, saying why",
	  NAMING " Its address then answers 410 and tells the reason; revisions stay.",
	  EXAMPLES("stet story withdraw ferry-late --reason \"Based on a false report.\""),
	  withdraw_options, 1, 1, withdraw },
	{ "story correct", "STORY", "put a dated correction on a story", NAMING,
	  EXAMPLES("stet story correct ferry-late --wrong \"The ferry sails at 7.\" --right \"It sails at 8.\"",
		   "stet story correct ferry-late --clarification --text \"The times are summer's.\""),
	  correct_options, 1, 1, correct },
	{ "story list", "", "list stories, last saved first", NULL,
	  EXAMPLES("stet story list --state draft", "stet story list --json --limit 1000"),
	  list_options, 0, 0, list },
	{ "story show", "STORY", "print a story as a file", NAMING,
	  EXAMPLES("stet story show ferry-late", "stet story show ferry-late --revision 1"),
	  show_options, 1, 1, show },
	{ 0 },
};
