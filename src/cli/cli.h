/* cli.h: the command line: verbs, options, output.
 *
 * A verb is a row of a table: its name, its options, what it does, examples. Help is made from the
 * table, so it cannot drift from what is parsed. Results go to standard output, as text for people
 * or, with --json, as one JSON value for scripts; everything else (progress, errors) goes to
 * standard error. Exit codes follow from the error (base/err.h). */
#pragma once

#include "base/stet.h"

#include <jansson.h>

struct option {
	const char *name;  /* without "--" */
	const char *value; /* what to call its value in help; NULL: a switch */
	const char *about;
};

struct cli;

struct verb {
	const char          *name;     /* "story publish" */
	const char          *args;     /* "STORY", for help */
	const char          *about;    /* one line */
	const char          *more;     /* paragraphs for --help; may be NULL */
	const char *const   *examples; /* ended by NULL */
	const struct option *options;  /* ended by a NULL name; may be NULL */
	int                  least, most; /* arguments; most -1: any number */
	err_t (*run)(struct cli *cli);
};

/* One run. */
struct cli {
	arena_t           *a;
	const struct verb *verb;
	struct strs        args;       /* without options */
	const char        *folder;     /* the publication: --dir, $STET_DIR, or "." */
	bool               json;
	bool               quiet;
	const char       **given;      /* values by the verb's options; "" for a switch */
	struct stet        stet;       /* after cli_open */
	bool               opened;
};

/* The value of an option: {NULL, 0} if it was not given. */
str_t cli_option(const struct cli *cli, const char *name);
bool  cli_has(const struct cli *cli, const char *name);
/* Argument `i`, NUL-terminated. */
const char *cli_arg(const struct cli *cli, size_t i);

/* Opens the publication in cli->folder into cli->stet. */
err_t cli_open(struct cli *cli) CHECKED;
/* What a command writes to a server's control socket when it has committed something. */
#define CONTROL_SYNC "sync"
/* What it asks for figures of the page cache; answered by a line of JSON. */
#define CONTROL_STATUS "status"

/* Tells a running server of what was committed, and closes. */
void cli_close(struct cli *cli);

/* The theme that stet.conf chooses, as theme_new takes it: a path is one below the publication. */
const char *cli_theme(const struct cli *cli, const struct config *c);

/* Prints a line for people (not with --json or --quiet). */
void cli_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints the result for scripts, if --json was given. Takes the reference. */
void cli_result(const struct cli *cli, json_t *result);

struct reader; /* readers/readers.h */
/* user.c: opens the publication and the readers' room. */
err_t cli_open_readers(struct cli *cli) CHECKED;

struct story; /* press/press.h */
/* story.c: the story that an argument names; what became of it. desk.c: what waits for its moment. */
err_t cli_find_story(struct cli *cli, str_t name, struct story *out) CHECKED;
void  cli_tell_story(struct cli *cli, const char *what, const struct story *st);
err_t cli_story_plan(struct cli *cli) CHECKED;

/* A bar on standard error while something long goes on; nothing where that is no terminal. */
struct progress {
	const struct cli *cli;
	const char       *what;
	usec_t            drawn;
	bool              on;
};
struct progress progress_begin(const struct cli *cli, const char *what);
void            progress_show(struct progress *p, int64_t done, int64_t all);
void            progress_end(struct progress *p);

/* Parses and runs; the exit code. */
int cli_main(const struct verb *const *tables, int argc, char **argv);

/* The tables of verbs, each ended by a NULL name. */
extern const struct verb verbs_site[];
extern const struct verb verbs_serve[];
extern const struct verb verbs_story[];
extern const struct verb verbs_history[];
extern const struct verb verbs_front[];
extern const struct verb verbs_live[];
extern const struct verb verbs_exchange[];
extern const struct verb verbs_keep[];
extern const struct verb verbs_theme[];
extern const struct verb verbs_search[];
extern const struct verb verbs_desk[];
extern const struct verb verbs_media[];
extern const struct verb verbs_token[];
extern const struct verb verbs_user[];
extern const struct verb verbs_forum[];
extern const struct verb verbs_forum_import[];
