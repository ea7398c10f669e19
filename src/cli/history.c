/* history.c: `stet story history`: how a story came to be, and any two of its revisions compared. The
 * newsroom sees drafts too. */
#include "cli/cli.h"

#include "page/theme.h"
#include "press/history.h"

#include <unistd.h>

static const struct sql select_revisions = {
	"SELECT number, saved, state, actor FROM revision WHERE story = $1 ORDER BY number"
};

struct telling {
	struct cli          *cli;
	struct conn         *c;
	struct story         st;
	const struct tongue *tongue; /* what pages say: changes are named alike everywhere */
};

/* --- words --- */

static void free_messages(void *m)
{
	messages_free(m);
}

static err_t open_words(struct telling *t)
{
	arena_t *a = t->cli->a;
	struct asset_file *files = NULL;
	struct messages *m;
	size_t n = 0;
	for (const struct embedded *e = theme_files; e->name; e++) {
		if (!str_starts(str_of(e->name), S("messages/")))
			continue;
		files = arena_room(a, files, n, sizeof *files);
		files[n++] = (struct asset_file){ str_of(e->name), e->content };
	}
	TRY(messages_new(files, n, &m));
	arena_defer(a, free_messages, m);
	t->tongue = messages_tongue(m, t->cli->stet.config.language);
	return OK;
}

/* --- the list --- */

static err_t changes_of(struct telling *t, int64_t number, str_t *out)
{
	arena_t *a = t->cli->a;
	struct story was, is;
	struct comparison c;
	*out = S("");
	if (number == 1)
		return OK;
	TRY(revision_read(t->c, a, &t->st, number - 1, &was));
	TRY(revision_read(t->c, a, &t->st, number, &is));
	compare_stories(a, &was, &is, S(" and "), &c);
	*out = comparison_sentence(a, t->tongue, &c);
	return OK;
}

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static err_t list(struct telling *t)
{
	arena_t *a = t->cli->a;
	err_t e = OK;
	json_t *all = json_array();
	AUTO_ROWS r = { 0 };
	TRY(db_query(t->c, &select_revisions, ARGS(v_int(t->st.id)), &r));
	while (rows_next(&r, &e)) {
		int64_t number = row_int(&r, 0);
		str_t state = row_str(&r, a, 2), actor = row_str(&r, a, 3), changes;
		str_t saved = time_iso(a, row_int(&r, 1));
		TRY(changes_of(t, number, &changes));
		cli_say(t->cli, "%4lld  %.*s  %-9.*s  %-8.*s  %.*s", (long long)number, STR(saved),
			STR(state), STR(actor), STR(changes));
		json_array_append_new(all, json_pack("{s:I, s:o, s:o, s:o, s:o}", "revision",
						     (json_int_t)number, "saved", text(saved), "state",
						     text(state), "actor", text(actor), "changes",
						     text(changes)));
	}
	cli_result(t->cli, all);
	return e;
}

/* --- two of them --- */

static struct pen pen_for(bool terminal)
{
	if (!terminal)
		return (struct pen){ false, S("[-"), S("-]"), S("{+"), S("+}") };
	return (struct pen){ false, S("\033[31m[-"), S("-]\033[0m"), S("\033[32m{+"), S("+}\033[0m") };
}

/* What stood or stands there, as a person at a terminal may read it. */
static void print_row(const struct telling *t, struct comparison *c, const struct row *row,
		      const struct pen *pen)
{
	static const char *const moved[] = { [ROW_LEFT] = "moved from here: ",
					     [ROW_CAME] = "moved to here: " };
	arena_t *a = t->cli->a;
	struct pen quiet = { 0 };
	struct row_words w;
	struct buf b = buf_new(a, 256);
	bool move = row->kind == ROW_LEFT || row->kind == ROW_CAME;
	row_words(a, row, &c->budget, &w);
	row_write(&b, &w, SIDE_BOTH, move ? &quiet : pen);
	const struct block *block = row->is.html.p ? &row->is : &row->was;
	const char *name = row->field == FIELD_BODY ? block_kind_name(block->kind)
						    : field_name(row->field);
	if (row->field == FIELD_PICTURE || (block->kind == BLOCK_MEDIA && !b.n))
		buf_add_format(&b, "%.*s -> %.*s", STR(tag_attribute(a, row->was.html, "src")),
			       STR(tag_attribute(a, row->is.html, "src")));
	cli_say(t->cli, "%s:\n  %s%.*s\n", name, move ? moved[row->kind] : "", STR(buf_str(&b)));
}

static err_t compare(struct telling *t, int64_t from, int64_t to)
{
	arena_t *a = t->cli->a;
	struct story was, is;
	struct comparison c;
	struct pen pen = pen_for(isatty(STDOUT_FILENO));
	size_t same = 0;
	TRY(revision_read(t->c, a, &t->st, from, &was));
	TRY(revision_read(t->c, a, &t->st, to, &is));
	compare_stories(a, &was, &is, S(" and "), &c);
	str_t changes = comparison_sentence(a, t->tongue, &c);
	cli_say(t->cli, "%lld (%.*s) and %lld (%.*s): %.*s\n", (long long)from,
		STR(time_iso(a, was.saved)), (long long)to, STR(time_iso(a, is.saved)), STR(changes));
	for (size_t i = 0; i < c.n; i++) {
		if (c.v[i].kind == ROW_SAME) {
			same += c.v[i].field == FIELD_BODY;
			continue;
		}
		if (same)
			cli_say(t->cli, "  (%zu that did not change)\n", same);
		same = 0;
		print_row(t, &c, &c.v[i], &pen);
	}
	if (same)
		cli_say(t->cli, "  (%zu that did not change)", same);
	cli_result(t->cli, json_pack("{s:I, s:I, s:o}", "from", (json_int_t)from, "to", (json_int_t)to,
				     "changes", text(changes)));
	return OK;
}

/* --- the verb --- */

static err_t tell(struct telling *t)
{
	struct cli *cli = t->cli;
	int64_t from, to;
	TRY(open_words(t));
	TRY(story_find(t->c, cli->a, cli->args.v[0], &t->st));
	if (!cli_has(cli, "compare"))
		return list(t);
	if (cli->args.n != 2 || !str_int(cli_option(cli, "compare"), &from) ||
	    !str_int(cli->args.v[1], &to))
		return err_user(ERR_USAGE, "compare", "two revisions by their numbers: --compare 2 5");
	return compare(t, from, to);
}

static err_t history(struct cli *cli)
{
	struct telling t = { .cli = cli };
	if (cli->args.n == 2 && !cli_has(cli, "compare"))
		return err_user(ERR_USAGE, "compare", "two revisions by their numbers: --compare 2 5");
	TRY(cli_open(cli));
	TRY(store_reader(cli->stet.store, &t.c));
	err_t e = tell(&t);
	store_done(cli->stet.store, t.c);
	return e;
}

static const struct option history_options[] = {
	{ "compare", "A B", "what changed from revision A to revision B" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_history[] = {
	{ "story history", "STORY", "list a story's revisions, or compare two",
	  "STORY is a slug, an address or an id. Drafts are listed too; readers see only what was public.",
	  EXAMPLES("stet story history ferry-late", "stet story history ferry-late --compare 2 5"),
	  history_options, 1, 2, history },
	{ 0 },
};
