/* theme.c: `stet theme list`, `stet theme copy`, `stet theme check`. */
#include "cli/cli.h"

#include "base/config.h"
#include "base/file.h"
#include "page/theme_check.h"
#include "page/theme_layers.h"

#include <stdio.h>
#include <string.h>

const char *cli_theme(const struct cli *cli, const struct config *c)
{
	char *chosen = str_z(cli->a, c->theme);
	bool below = str_find_char(c->theme, '/', 0) != STR_NONE && chosen[0] != '/';
	return below ? path_join(cli->a, cli->folder, chosen) : chosen;
}

/* The settings of the publication; those of an empty file where there is none. */
static err_t read_config(struct cli *cli, struct config *c)
{
	char *path = path_join(cli->a, cli->folder, "stet.conf");
	config_defaults(cli->a, c);
	return file_exists(path) ? config_read(cli->a, path, c) : OK;
}

/* --- list --- */

static err_t list_one(struct cli *cli, str_t name, str_t chosen, json_t *all)
{
	struct theme_stack s;
	TRY(theme_stack_begin(cli->a, name, &s));
	const struct manifest *m = &s.manifest;
	bool is = str_eq(name, chosen) || (!chosen.n && str_eq(name, S(THEME_BASE)));
	cli_say(cli, "%c %-12.*s %.*s", is ? '*' : ' ', STR(name), STR(m->description));
	json_array_append_new(all, json_pack("{s:s%, s:s%, s:s%, s:s%, s:b}", "name", name.p, name.n,
					     "version", m->version.p, m->version.n, "author", m->author.p,
					     m->author.n, "description", m->description.p,
					     m->description.n, "chosen", is));
	return OK;
}

static err_t list(struct cli *cli)
{
	struct config c;
	struct strs names = { 0 };
	TRY(read_config(cli, &c));
	theme_names(cli->a, &names);
	json_t *all = json_array();
	for (size_t i = 0; i < names.n; i++) {
		err_t e = list_one(cli, names.v[i], c.theme, all);
		if (e) {
			json_decref(all);
			return e;
		}
	}
	if (str_find_char(c.theme, '/', 0) != STR_NONE)
		cli_say(cli, "* %.*s", STR(c.theme));
	cli_result(cli, all);
	return OK;
}

/* --- copy --- */

struct copying {
	struct cli *cli;
	const char *folder;
	int         n;
	struct strs found; /* those of the files asked for that the theme has */
};

static bool is_wanted(struct copying *c, str_t path)
{
	if (c->cli->args.n <= 2)
		return true;
	for (size_t i = 2; i < c->cli->args.n; i++)
		if (str_eq(c->cli->args.v[i], path)) {
			strs_add(c->cli->a, &c->found, path);
			return true;
		}
	return false;
}

static err_t copy_file(struct copying *c, str_t path, str_t bytes)
{
	if (!is_wanted(c, path))
		return OK;
	char *to = path_join(c->cli->a, c->folder, str_z(c->cli->a, path));
	if (file_exists(to))
		return err_new(ERR_CONFLICT, "%s is there already; nothing is written over", to);
	char *slash = strrchr(to, '/');
	TRY(folder_make(str_z(c->cli->a, str_slice(str_of(to), 0, (size_t)(slash - to)))));
	TRY(file_write(to, bytes, 0644));
	c->n++;
	return OK;
}

static err_t copy_all(struct copying *c, str_t name)
{
	if (str_eq(name, S(THEME_BASE))) {
		for (const struct embedded *e = theme_files; e->name; e++)
			TRY(copy_file(c, str_of(e->name), e->content));
		return OK;
	}
	str_t under = str_format(c->cli->a, "%.*s/", STR(name));
	for (const struct embedded *e = theme_layers; e->name; e++)
		if (str_starts(str_of(e->name), under))
			TRY(copy_file(c, str_slice(str_of(e->name), under.n, SIZE_MAX), e->content));
	return OK;
}

static err_t copy(struct cli *cli)
{
	struct theme_stack s;
	str_t name = cli->args.v[0];
	struct copying c = { .cli = cli, .folder = cli_arg(cli, 1) };
	if (str_find_char(name, '/', 0) != STR_NONE)
		return err_new(ERR_USAGE, "%.*s is a folder; `stet theme list` names what can be copied",
			       STR(name));
	TRY(theme_stack_begin(cli->a, name, &s)); /* is there such a theme? */
	if (cli->args.n == 2 && !folder_is_empty(c.folder))
		return err_new(ERR_CONFLICT, "%s is not empty; nothing is written over", c.folder);
	TRY(copy_all(&c, name));
	if (cli->args.n > 2 && c.found.n < cli->args.n - 2)
		return err_new(ERR_MISSING, "%.*s has not all of these files (%d copied); those it has "
			       "are those of `stet theme copy %.*s FOLDER`", STR(name), c.n, STR(name));
	cli_say(cli, "%d files of %.*s in %s.\n"
		"  see it while you change it: stet serve --dev %s\n"
		"  what breaks:                stet theme check %s", c.n, STR(name), c.folder,
		c.folder, c.folder);
	cli_result(cli, json_pack("{s:s%, s:s, s:i}", "theme", name.p, name.n, "folder", c.folder, "files",
				  c.n));
	return OK;
}

/* --- check --- */

static json_t *finding_json(const struct finding *f)
{
	return json_pack("{s:s, s:s%, s:i, s:i, s:s%}", "level", f->error ? "error" : "warning", "file",
			 f->file.p ? f->file.p : "", f->file.n, "line", f->line, "column", f->column,
			 "text", f->text.p, f->text.n);
}

static void say_finding(struct cli *cli, const struct finding *f)
{
	char place[32] = "";
	if (f->column)
		snprintf(place, sizeof place, ":%d:%d", f->line, f->column);
	else if (f->line)
		snprintf(place, sizeof place, ":%d", f->line);
	cli_say(cli, "%s %.*s%s%s%.*s", f->error ? "error  " : "warning", STR(f->file), place,
		f->file.n ? ": " : "", STR(f->text));
}

/* What stet.conf chooses, where that is a folder; then the publication's own. */
static err_t check_publication(struct cli *cli, struct findings *out)
{
	struct config c;
	TRY(read_config(cli, &c));
	const char *chosen = cli_theme(cli, &c), *own = path_join(cli->a, cli->folder, "theme");
	if (strchr(chosen, '/'))
		TRY(theme_check(cli->a, "", chosen, out));
	return theme_check(cli->a, chosen, own, out);
}

static err_t check(struct cli *cli)
{
	struct findings found = { 0 };
	int errors = 0;
	if (cli->args.n)
		TRY(theme_check(cli->a, "", cli_arg(cli, 0), &found));
	else
		TRY(check_publication(cli, &found));
	json_t *all = json_array();
	for (size_t i = 0; i < found.n; i++) {
		errors += found.v[i].error;
		say_finding(cli, &found.v[i]);
		json_array_append_new(all, finding_json(&found.v[i]));
	}
	int warnings = (int)found.n - errors;
	if (!found.n)
		cli_say(cli, "Nothing is wrong with this theme.");
	else
		cli_say(cli, "%d error%s, %d warning%s", errors, errors == 1 ? "" : "s", warnings,
			warnings == 1 ? "" : "s");
	cli_result(cli, json_pack("{s:i, s:i, s:o}", "errors", errors, "warnings", warnings, "findings",
				  all));
	return errors ? err_new(ERR_SYSTEM, "the theme has errors") : OK;
}

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_theme[] = {
	{ "theme check", "[FOLDER]", "tell what is wrong with a theme",
	  "Without a folder that of the publication. Templates, style sheets, messages, colours and\n"
	  "sizes are looked at. Errors end with code 1; warnings do not.",
	  EXAMPLES("stet theme check", "stet theme check themes/own --json"), NULL, 0, 1, check },
	{ "theme copy", "NAME FOLDER [FILE...]", "copy a theme, or some of its files, to begin from",
	  "Nothing is written over. Keep only what you change: what a folder lacks, the theme under it has.",
	  EXAMPLES("stet theme copy magazine themes/own",
		   "stet theme copy broadsheet courier/theme templates/nameplate.html"), NULL, 2, -1, copy },
	{ "theme list", "", "list the themes that come along", NULL, EXAMPLES("stet theme list"), NULL, 0,
	  0, list },
	{ 0 },
};
