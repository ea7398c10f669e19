/* main.c: the command line: one table of verbs. */
#include "cli/cli.h"
#include "press/picture.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	static const struct verb *const tables[] = { verbs_site,     verbs_serve, verbs_story,
						     verbs_exchange, verbs_keep,  NULL };
	/* Not a verb for people: this program started anew to read a stranger's picture. */
	if (argc > 2 && strcmp(argv[1], "picture") == 0)
		return picture_main(argc - 2, argv + 2);
	if (sodium_init() < 0) {
		fputs("stet: libsodium did not start\n", stderr);
		return 1;
	}
	return cli_main(tables, argc, argv);
}
