/* publication.c: opening and closing the folder that holds a publication.
 *
 *	stet.conf      what it is called and how it is served
 *	stet.db        everything written
 *	media/         pictures
 *	keys/          certificates
 *	theme/         what it changes of the look
 *	run/control    a running server's socket */
#include "cli/cli.h"

#include "base/config.h"
#include "base/file.h"
#include "http/control.h"
#include "http/limits.h"
#include "readers/readers.h"
#include "record/bus.h"
#include "store/store.h"

#include <unistd.h>

static err_t no_publication(const struct cli *cli)
{
	return err_new(ERR_MISSING, "there is no publication in \"%s\" (no stet.conf); "
		       "`stet init %s` makes one, --dir names another folder",
		       cli->folder, strcmp(cli->folder, ".") == 0 ? "FOLDER" : cli->folder);
}

/* One for each worker: opening another means reading the whole schema. */
static int reader_count(const struct config *c)
{
	enum { SPARE = 4 }; /* jobs, errors drawn while a page is being made */
	int64_t workers = c->workers ? c->workers : 2 * sysconf(_SC_NPROCESSORS_ONLN) + LIMIT_WAITERS;
	return (int)workers + SPARE;
}

err_t cli_open(struct cli *cli)
{
	struct stet *s = &cli->stet;
	*s = (struct stet){ .folder = cli->folder,
			    .log = { .fd = STDERR_FILENO, .least = LOG_WARN } };
	char *conf = path_join(cli->a, cli->folder, "stet.conf");
	if (!file_exists(conf))
		return no_publication(cli);
	TRY(config_read(cli->a, conf, &s->config));
	TRY(err_wrap(zone_set(s->config.zone), "stet.conf: zone"));
	TRY(store_open(&(struct store_options){
		.path = path_join(cli->a, cli->folder, "stet.db"),
		.readers = reader_count(&s->config), .log = &s->log, .may_create = false,
	}, &s->store));
	cli->opened = true;
	return bus_new(s, &s->bus);
}

/* A server that is running looks at the record now, so that its pages follow at once. */
static err_t tell_server(struct cli *cli)
{
	const usec_t patience = 5 * SECOND; /* its own clock finds the change within one */
	return control_ask(path_join(cli->a, cli->folder, "run/control"), CONTROL_SYNC, patience);
}

void cli_close(struct cli *cli)
{
	if (!cli->opened)
		return;
	struct stet *s = &cli->stet;
	err_free(tell_server(cli));
	readers_free(s->readers);
	s->readers = NULL;
	if (s->bus)
		bus_free(s->bus);
	store_close(s->store);
	cli->opened = false;
}
