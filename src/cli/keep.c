/* keep.c: `stet backup`, `stet restore`, `stet doctor`, `stet status`. */
#include "cli/cli.h"

#include "base/file.h"
#include "exchange/backup.h"
#include "http/control.h"
#include "forum/forum.h"
#include "press/doctor.h"
#include "store/store.h"

#include <stdio.h>
#include <unistd.h>

static void on_progress(void *ctx, int64_t done, int64_t all)
{
	progress_show(ctx, done >> 20, all);
}

static err_t backup(struct cli *cli)
{
	struct progress p = progress_begin(cli, "Backing up (MB)");
	TRY(cli_open(cli));
	err_t e = backup_write(&cli->stet, cli->a, cli_arg(cli, 0), on_progress, &p);
	progress_end(&p);
	if (e)
		return e;
	cli_say(cli, "The whole publication is in %s. Keep it elsewhere than this machine; "
		"it holds private keys.", cli_arg(cli, 0));
	cli_result(cli, json_pack("{s:s}", "file", cli_arg(cli, 0)));
	return OK;
}

static err_t restore(struct cli *cli)
{
	struct progress p = progress_begin(cli, "Restoring (MB)");
	err_t e = backup_restore(cli->a, cli_arg(cli, 0), cli_arg(cli, 1), on_progress, &p);
	progress_end(&p);
	if (e)
		return e;
	cli_say(cli, "Restored to %s and found sound. Serve it: stet serve --dir %s",
		cli_arg(cli, 1), cli_arg(cli, 1));
	cli_result(cli, json_pack("{s:s}", "folder", cli_arg(cli, 1)));
	return OK;
}

static err_t doctor(struct cli *cli)
{
	struct strs findings = { 0 };
	TRY(cli_open(cli));
	TRY(store_check(cli->stet.store, cli->a, &findings));
	TRY(press_doctor(&cli->stet, cli->a, &findings));
	TRY(forum_doctor(&cli->stet, cli->a, &findings));
	json_t *list = json_array();
	for (size_t i = 0; i < findings.n; i++) {
		cli_say(cli, "- %.*s", STR(findings.v[i]));
		json_array_append_new(list, json_stringn(findings.v[i].p, findings.v[i].n));
	}
	if (!findings.n)
		cli_say(cli, "All is well: the database is sound, every picture is there and whole, "
			"every revision adds up, no job has failed.");
	cli_result(cli, json_pack("{s:o}", "findings", list));
	return findings.n ? err_new(ERR_CORRUPT, "%zu finding%s", findings.n,
				    findings.n == 1 ? "" : "s")
			  : OK;
}

static err_t ask_status(struct cli *cli, char *line, size_t size)
{
	int socket;
	err_t e = control_connect(path_join(cli->a, cli->folder, "run/control"), &socket);
	if (e)
		return err_wrap(e, "the publication is not being served");
	e = control_write(socket, CONTROL_STATUS);
	if (!e)
		e = control_read(socket, 5 * SECOND, line, size);
	close(socket);
	return e;
}

static err_t status(struct cli *cli)
{
	char line[512];
	json_error_t why;
	TRY(ask_status(cli, line, sizeof line));
	json_t *j = json_loads(line, 0, &why);
	if (!j)
		return err_new(ERR_SYSTEM, "the server says: %s", line);
	json_int_t hits = json_integer_value(json_object_get(j, "hits"));
	json_int_t all = hits + json_integer_value(json_object_get(j, "misses"));
	cli_say(cli, "Pages kept: %lld (%.1f MB). Asked for: %lld, of them kept already: %.2f %%.\n"
		"Dropped by changes: %lld; for want of room: %lld.",
		(long long)json_integer_value(json_object_get(j, "pages")),
		(double)json_integer_value(json_object_get(j, "bytes")) / 1e6, (long long)all,
		all ? 100.0 * (double)hits / (double)all : 0.0,
		(long long)json_integer_value(json_object_get(j, "dropped")),
		(long long)json_integer_value(json_object_get(j, "evicted")));
	cli_result(cli, j);
	return OK;
}

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_keep[] = {
	{ "backup", "FILE", "write the whole publication to one file, while it runs", NULL,
	  EXAMPLES("stet backup courier-2026-11-23.tar"), NULL, 1, 1, backup },
	{ "restore", "FILE FOLDER", "make a publication from a backup",
	  "FOLDER must be new or empty: nothing is written over.",
	  EXAMPLES("stet restore courier-2026-11-23.tar courier"), NULL, 2, 2, restore },
	{ "doctor", "", "check everything that can be checked",
	  "Exit code 8 if there are findings.", EXAMPLES("stet doctor --dir courier"), NULL, 0, 0,
	  doctor },
	{ "status", "", "how a running server's page cache does", NULL,
	  EXAMPLES("stet status", "stet status --json"), NULL, 0, 0, status },
	{ 0 },
};
