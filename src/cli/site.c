/* site.c: `stet init`, `stet version`. */
#include "cli/cli.h"

#include "base/config.h"
#include "base/file.h"
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
	TRY(set(cli, "smtp", &c.smtp));
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

static const struct option init_options[] = {
	{ "name", "TEXT", "the publication's name" },
	{ "tagline", "TEXT", "a line under it" },
	{ "language", "TAG", "as \"en\"" },
	{ "zone", "NAME", "time zone, as \"America/Toronto\"" },
	{ "url", "URL", "public address, without a slash at the end" },
	{ "listen", "ADDRESS", "where it is served, as \"127.0.0.1:8080\"" },
	{ "smtp", "URL", "the mail server, or \"outbox\" to keep mail in a folder" },
	{ NULL, NULL, NULL },
};
#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_site[] = {
	{ "init", "FOLDER", "make a new publication", NULL,
	  EXAMPLES("stet init courier --name \"The Courier\" --zone America/Toronto"),
	  init_options, 1, 1, init },
	{ "version", "", "print the version", NULL, EXAMPLES("stet version"), NULL, 0, 0, version },
	{ 0 },
};
