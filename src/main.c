/* main.c: the command line: one table of verbs. */
#include "cli/cli.h"
#include "press/picture.h"
#include "store/store.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const struct verb *const tables[] = {
		verbs_site,
		verbs_serve,
		verbs_story,
		verbs_history,
		verbs_front,
		verbs_live,
		verbs_desk,
		verbs_exchange,
		verbs_keep,
		verbs_media,
		verbs_token,
		verbs_user,
		verbs_forum,
		verbs_forum_import,
		verbs_theme,
		verbs_search,
		NULL,
	};
	/* Not a verb for people: this program started anew to read a stranger's picture. It leaves
	 * without tidying a hundred libraries up. */
	if (argc > 2 && strcmp(argv[1], "picture") == 0) {
		int code = picture_main(argc - 2, argv + 2);
		fflush(NULL);
		_exit(code);
	}
	store_prepare();
	if (sodium_init() < 0) {
		fputs("stet: libsodium did not start\n", stderr);
		return 1;
	}
	return cli_main(tables, argc, argv);
}
