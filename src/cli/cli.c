/* cli.c: finding the verb, parsing its options, help, output. */
#include "cli/cli.h"

#include "page/messages.h"
#include "page/theme_layers.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct option common[] = {
	{ "dir", "FOLDER", "the publication's folder (else $STET_DIR, else this one)" },
	{ "json", NULL, "print the result as JSON, for scripts" },
	{ "quiet", NULL, "print nothing but errors" },
	{ "help", NULL, "show this" },
	{ NULL, NULL, NULL },
};

static size_t count_options(const struct option *o)
{
	size_t n = 0;
	while (o && o[n].name)
		n++;
	return n;
}

static int find_option(const struct option *o, str_t name)
{
	for (size_t i = 0; o && o[i].name; i++)
		if (str_eq(name, str_of(o[i].name)))
			return (int)i;
	return -1;
}

str_t cli_option(const struct cli *cli, const char *name)
{
	int i = find_option(cli->verb->options, str_of(name));
	return i >= 0 && cli->given[i] ? str_of(cli->given[i]) : (str_t){ NULL, 0 };
}

bool cli_has(const struct cli *cli, const char *name)
{
	return cli_option(cli, name).p != NULL;
}

const char *cli_arg(const struct cli *cli, size_t i)
{
	return cli->args.v[i].p;
}

/* --- help --- */

static void print_options(const struct option *o)
{
	for (; o && o->name; o++) {
		char left[64];
		snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "",
			 o->value ? o->value : "");
		printf("  %-24s %s\n", left, o->about);
	}
}

static void print_help(const struct verb *v)
{
	printf("stet %s%s%s\n\n%s\n", v->name, *v->args ? " " : "", v->args, v->about);
	if (v->more)
		printf("\n%s\n", v->more);
	if (v->options) {
		puts("\nOptions");
		print_options(v->options);
	}
	puts("\nOptions of every verb");
	print_options(common);
	puts("\nExamples");
	for (size_t i = 0; v->examples[i]; i++)
		printf("  %s\n", v->examples[i]);
}

static void print_overview(const struct verb *const *tables)
{
	puts("stet: a newspaper in one binary\n");
	for (; *tables; tables++)
		for (const struct verb *v = *tables; v->name; v++) {
			char left[64];
			snprintf(left, sizeof left, "%s %s", v->name, v->args);
			printf("  %-36s %s\n", left, v->about);
		}
	puts("\n`stet VERB --help` tells more, with examples.");
}

/* --- finding the verb --- */

/* How many of `words` name the verb: "story publish" is two; 0 if they do not. */
static int verb_matches(const struct verb *v, int argc, char **argv)
{
	str_t rest = str_of(v->name);
	int n = 0;
	while (rest.p) {
		if (n >= argc || !str_eq(str_cut(&rest, ' '), str_of(argv[n])))
			return 0;
		n++;
	}
	return n;
}

static const struct verb *find_verb(const struct verb *const *tables, int argc, char **argv, int *n)
{
	const struct verb *best = NULL;
	*n = 0;
	for (; *tables; tables++)
		for (const struct verb *v = *tables; v->name; v++) {
			int words = verb_matches(v, argc, argv);
			if (words > *n) {
				*n = words;
				best = v;
			}
		}
	return best;
}

static err_t unknown_verb(const struct verb *const *tables, int argc, char **argv)
{
	char said[128];
	bool two = argc > 1 && argv[1][0] != '-';
	snprintf(said, sizeof said, "%s%s%s", argv[0], two ? " " : "", two ? argv[1] : "");
	const char *nearest = "help";
	size_t least = SIZE_MAX;
	for (; *tables; tables++)
		for (const struct verb *v = *tables; v->name; v++) {
			size_t d = str_distance(str_of(said), str_of(v->name));
			if (d < least) {
				least = d;
				nearest = v->name;
			}
		}
	return err_new(ERR_USAGE, "there is no \"stet %s\"; did you mean \"stet %s\"? "
		       "`stet --help` lists all", said, nearest);
}

/* --- parsing --- */

static err_t unknown_option(const struct verb *v, str_t name)
{
	const char *nearest = "help";
	size_t least = SIZE_MAX;
	const struct option *both[] = { v->options, common };
	for (size_t t = 0; t < COUNT(both); t++)
		for (const struct option *o = both[t]; o && o->name; o++) {
			size_t d = str_distance(name, str_of(o->name));
			if (d < least) {
				least = d;
				nearest = o->name;
			}
		}
	return err_new(ERR_USAGE, "unknown option --%.*s; did you mean --%s? "
		       "(`stet %s --help`)", STR(name), nearest, v->name);
}

static void take_common(struct cli *cli, const char *name, const char *value)
{
	if (strcmp(name, "dir") == 0)
		cli->folder = value;
	else if (strcmp(name, "json") == 0)
		cli->json = true;
	else if (strcmp(name, "quiet") == 0)
		cli->quiet = true;
}

/* One option at argv[*i], which moves on over its value. */
static err_t take_option(struct cli *cli, int argc, char **argv, int *i)
{
	str_t rest = str_of(argv[*i] + 2);
	str_t name = str_cut(&rest, '=');
	int own = find_option(cli->verb->options, name), shared = find_option(common, name);
	if (own < 0 && shared < 0)
		return unknown_option(cli->verb, name);
	const struct option *o = own >= 0 ? &cli->verb->options[own] : &common[shared];
	const char *value = rest.p;
	if (!o->value && value)
		return err_new(ERR_USAGE, "--%s takes no value", o->name);
	if (o->value && !value) {
		if (*i + 1 >= argc)
			return err_new(ERR_USAGE, "--%s needs a value: --%s %s", o->name, o->name,
				       o->value);
		value = argv[++*i];
	}
	if (own >= 0)
		cli->given[own] = value ? value : "";
	else
		take_common(cli, o->name, value);
	return OK;
}

static err_t parse(struct cli *cli, int argc, char **argv)
{
	cli->given = arena_array(cli->a, count_options(cli->verb->options) + 1,
				 sizeof *cli->given);
	bool words_only = false;
	for (int i = 0; i < argc; i++) {
		if (words_only || strncmp(argv[i], "--", 2) != 0)
			strs_add(cli->a, &cli->args, str_of(argv[i]));
		else if (argv[i][2] == '\0')
			words_only = true;
		else
			TRY(take_option(cli, argc, argv, &i));
	}
	int n = (int)cli->args.n;
	if (n < cli->verb->least || (cli->verb->most >= 0 && n > cli->verb->most))
		return err_new(ERR_USAGE, "usage: stet %s %s  (`stet %s --help`)", cli->verb->name,
			       cli->verb->args, cli->verb->name);
	return OK;
}

/* --- output --- */

void cli_say(const struct cli *cli, const char *format, ...)
{
	if (cli->json || cli->quiet)
		return;
	va_list ap;
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

void cli_result(const struct cli *cli, json_t *result)
{
	if (cli->json) {
		json_dumpf(result, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
		putchar('\n');
		fflush(stdout);
	}
	json_decref(result);
}

struct progress progress_begin(const struct cli *cli, const char *what)
{
	return (struct progress){ .cli = cli, .what = what,
				  .on = !cli->quiet && isatty(STDERR_FILENO) };
}

void progress_show(struct progress *p, int64_t done, int64_t all)
{
	enum { WIDTH = 32 };
	usec_t now = clock_steady();
	if (!p->on || now - p->drawn < SECOND / 20)
		return;
	p->drawn = now;
	if (all <= 0) {
		fprintf(stderr, "\r%s: %lld\x1b[K", p->what, (long long)done);
		return;
	}
	if (done > all)
		done = all;
	int full = (int)(done * WIDTH / all);
	char bar[WIDTH + 1];
	memset(bar, '.', WIDTH);
	memset(bar, '#', (size_t)full);
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r%s [%s] %lld%%\x1b[K", p->what, bar, (long long)(done * 100 / all));
}

void progress_end(struct progress *p)
{
	if (p->on && p->drawn)
		fputs("\r\x1b[K", stderr);
	p->on = false;
}

/* --- running --- */

static bool wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* The command line speaks English: what a message says is looked up in the built-in theme's. */
static str_t words_of(arena_t *a, const struct err *e)
{
	struct messages *m;
	struct asset_file english = { S("messages/en.txt"), S("") };
	for (const struct embedded *f = theme_files; e->key && f->name; f++)
		if (str_eq(str_of(f->name), english.path))
			english.bytes = f->content;
	err_t failed = messages_new(&english, 1, &m);
	if (failed) {
		err_free(failed);
		return str_of(err_text(e));
	}
	str_t words = messages_error(a, messages_tongue(m, S("en")), e);
	messages_free(m);
	return words;
}

static int report(const struct cli *cli, err_t e)
{
	int code = err_exit(e);
	const char *text = e && e->key && cli ? str_z(cli->a, words_of(cli->a, e)) : err_text(e);
	if (e && cli && cli->json) {
		json_t *j = json_pack("{s:s, s:i, s:s?}", "error", text, "exit", code, "field",
				      e->field);
		json_dumpf(j, stderr, JSON_COMPACT);
		fputc('\n', stderr);
		json_decref(j);
	} else if (e) {
		fprintf(stderr, "stet: %s\n", text);
	}
	err_free(e);
	return code;
}

static int run_verb(const struct verb *v, int argc, char **argv)
{
	struct cli cli = { .verb = v, .a = arena_create(0) };
	if (!cli.a)
		return report(NULL, err_new(ERR_MEMORY, "out of memory"));
	const char *folder = getenv("STET_DIR");
	cli.folder = folder && *folder ? folder : ".";
	err_t e = parse(&cli, argc, argv);
	if (!e)
		e = v->run(&cli);
	cli_close(&cli);
	int code = report(&cli, e);
	arena_free(cli.a);
	return code;
}

int cli_main(const struct verb *const *tables, int argc, char **argv)
{
	argc--;
	argv++;
	if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 ||
	    strcmp(argv[0], "help") == 0) {
		print_overview(tables);
		return argc == 0 ? 64 : 0;
	}
	if (strcmp(argv[0], "--version") == 0)
		argv[0] = (char *)(uintptr_t)"version";
	int words;
	const struct verb *v = find_verb(tables, argc, argv, &words);
	if (!v)
		return report(NULL, unknown_verb(tables, argc, argv));
	if (wants_help(argc - words, argv + words)) {
		print_help(v);
		return 0;
	}
	return run_verb(v, argc - words, argv + words);
}
