/* site.c: `stet init`, `stet version`, `stet media add`. */
#include "cli/cli.h"

#include "base/config.h"
#include "base/file.h"
#include "press/media.h"
#include "store/store.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>

static err_t set(const struct cli *cli, const char *option, str_t *field)
{
	str_t v = cli_option(cli, option);
	if (v.p)
		*field = v;
	return OK;
}

/* The configuration as it will be read back, so that a bad value is refused here. */
static err_t make_config(struct cli *cli, str_t *text)
{
	struct config c;
	config_defaults(cli->a, &c);
	TRY(set(cli, "name", &c.name));
	TRY(set(cli, "tagline", &c.tagline));
	TRY(set(cli, "language", &c.language));
	TRY(set(cli, "zone", &c.zone));
	TRY(set(cli, "url", &c.url));
	TRY(set(cli, "listen", &c.listen));
	TRY(err_wrap(zone_set(c.zone), "--zone"));
	*text = config_write(cli->a, &c);
	return config_parse(cli->a, S("stet.conf"), *text, &c);
}

static err_t make_folders(struct cli *cli, const char *folder)
{
	static const char *const names[] = { "media", "keys", "theme", "run" };
	TRY(folder_make(folder));
	for (size_t i = 0; i < COUNT(names); i++)
		TRY(folder_make(path_join(cli->a, folder, names[i])));
	char *keys = path_join(cli->a, folder, "keys");
	return chmod(keys, 0700) == 0 ? OK : err_errno(errno, "close %s to others", keys);
}

static err_t init(struct cli *cli)
{
	const char *folder = cli_arg(cli, 0);
	char *conf = path_join(cli->a, folder, "stet.conf");
	str_t text;
	struct store *store;
	if (file_exists(conf))
		return err_new(ERR_CONFLICT, "there is a publication in %s already", folder);
	TRY(make_config(cli, &text));
	TRY(make_folders(cli, folder));
	TRY(store_open(&(struct store_options){ .path = path_join(cli->a, folder, "stet.db"),
						.readers = 1, .log = NULL, .may_create = true },
		       &store));
	store_close(store);
	/* Last: what has a stet.conf is whole. */
	TRY(file_write(conf, text, 0644));
	cli_say(cli, "Made a publication in %s.\n"
		"  settings: %s\n"
		"  serve it: stet serve --dir %s", folder, conf, folder);
	cli_result(cli, json_pack("{s:s}", "folder", folder));
	return OK;
}

static err_t version(struct cli *cli)
{
	cli_say(cli, "stet %s (SQLite %s)", STET_VERSION, sqlite3_libversion());
	cli_result(cli, json_pack("{s:s, s:s}", "stet", STET_VERSION, "sqlite",
				  sqlite3_libversion()));
	return OK;
}

static err_t media_verb(struct cli *cli)
{
	json_t *all = json_array();
	err_t e = cli_open(cli);
	for (size_t i = 0; !e && i < cli->args.n; i++) {
		struct media m;
		struct media_draft d = { .name = cli->args.v[i], .alt = cli_option(cli, "alt"),
					 .caption = cli_option(cli, "caption"),
					 .credit = cli_option(cli, "credit") };
		const char *path = cli_arg(cli, i), *slash = strrchr(path, '/');
		if (slash)
			d.name = str_of(slash + 1);
		e = file_read(cli->a, path, (size_t)cli->stet.config.picture_mb << 20, &d.bytes);
		if (!e)
			e = media_add(&cli->stet, cli->a, &d, S("cli"), &m);
		if (e)
			break;
		cli_say(cli, "/media/%.*s  %d x %d  %s", STR(m.hash), m.width, m.height, path);
		json_array_append_new(all, json_pack("{s:s, s:s%, s:i, s:i}", "file", path, "hash",
						     m.hash.p, m.hash.n, "width", m.width, "height",
						     m.height));
	}
	if (e)
		json_decref(all);
	else
		cli_result(cli, all);
	return e;
}

static const struct option init_options[] = {
	{ "name", "TEXT", "the publication's name" },
	{ "tagline", "TEXT", "a line under it" },
	{ "language", "TAG", "as \"en\"" },
	{ "zone", "NAME", "time zone, as \"America/Toronto\"" },
	{ "url", "URL", "public address, without a slash at the end" },
	{ "listen", "ADDRESS", "where it is served, as \"127.0.0.1:8080\"" },
	{ NULL, NULL, NULL },
};
static const struct option media_options[] = {
	{ "alt", "TEXT", "what it shows, for those who do not see it" },
	{ "caption", "HTML", "the line under it" },
	{ "credit", "TEXT", "who made it" },
	{ NULL, NULL, NULL },
};

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_site[] = {
	{ "init", "FOLDER", "make a new publication", NULL,
	  EXAMPLES("stet init courier --name \"The Courier\" --zone America/Toronto"),
	  init_options, 1, 1, init },
	{ "media add", "FILE...", "take pictures in",
	  "Prints the address that a story's front matter or Markdown may name.",
	  EXAMPLES("stet media add harbour.jpg --credit \"A. Writer\""), media_options, 1, -1,
	  media_verb },
	{ "version", "", "print the version", NULL, EXAMPLES("stet version"), NULL, 0, 0, version },
	{ 0 },
};
