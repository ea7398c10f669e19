/* token.c: `stet token ...`: who may send files over the network. */
#include "cli/cli.h"

#include "press/token.h"

static const str_t actor = { "cli", 3 };

static err_t add(struct cli *cli)
{
	str_t secret;
	TRY(cli_open(cli));
	TRY(token_add(&cli->stet, cli->a, cli->args.v[0], actor, &secret));
	cli_say(cli, "%.*s\nThis is shown once: give it to \"%s\" and to nobody else.", STR(secret),
		cli_arg(cli, 0));
	cli_result(cli, json_pack("{s:s, s:s%}", "name", cli_arg(cli, 0), "token", secret.p,
				  secret.n));
	return OK;
}

static err_t list(struct cli *cli)
{
	struct token *v;
	size_t n;
	TRY(cli_open(cli));
	TRY(token_list(&cli->stet, cli->a, &v, &n));
	json_t *all = json_array();
	for (size_t i = 0; i < n; i++) {
		cli_say(cli, "%.*s  since %.*s%s%.*s", STR(v[i].name),
			STR(time_long(cli->a, v[i].made)), v[i].revoked ? ", revoked " : "",
			STR(v[i].revoked ? time_long(cli->a, v[i].revoked) : S("")));
		json_array_append_new(all, json_pack("{s:s%, s:b}", "name", v[i].name.p, v[i].name.n,
						     "revoked", v[i].revoked != 0));
	}
	cli_result(cli, all);
	return OK;
}

static err_t revoke(struct cli *cli)
{
	TRY(cli_open(cli));
	TRY(token_revoke(&cli->stet, cli->a, cli->args.v[0], actor));
	cli_say(cli, "The token \"%s\" holds no longer.", cli_arg(cli, 0));
	cli_result(cli, json_pack("{s:s, s:b}", "name", cli_arg(cli, 0), "revoked", 1));
	return OK;
}

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

const struct verb verbs_token[] = {
	{ "token add", "NAME", "make a token with which files may be uploaded",
	  "Prints it once. It is sent as \"Authorization: Bearer ...\".",
	  EXAMPLES("stet token add \"video desk\""), NULL, 1, 1, add },
	{ "token list", "", "list all tokens, by name", NULL, EXAMPLES("stet token list"), NULL, 0, 0,
	  list },
	{ "token revoke", "NAME", "end a token", NULL, EXAMPLES("stet token revoke \"video desk\""),
	  NULL, 1, 1, revoke },
	{ 0 },
};
