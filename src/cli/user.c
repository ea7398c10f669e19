/* user.c: `stet user ...`: accounts of readers and staff, for whoever runs the machine. */
#include "cli/cli.h"

#include "press/view.h"
#include "readers/invite.h"
#include "readers/limits.h"
#include "readers/roles.h"

#include <unistd.h>

#include "base/file.h"

static const str_t actor = { "cli", 3 };

enum { PASSWORD_MOST = 8192 };

err_t cli_open_readers(struct cli *cli)
{
	TRY(cli_open(cli));
	return readers_new(&(struct readers_options){ .s = &cli->stet, .bylines = press_bylines },
			&cli->stet.readers);
}

/* --- finding --- */

struct finding {
	struct stet  *s;
	str_t         address;
	struct reader reader;
	struct reader_list list;
	enum role     least;
};

static err_t read_one(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	str_t key;
	TRY(address_key(f->s, a, f->address, &key));
	TRY(reader_by_address(c, a, key, &f->reader));
	return f->reader.id ? OK : err_new(ERR_MISSING, "there is no account with the address %.*s; `stet "
					   "user list --all` shows some", STR(f->address));
}

static err_t find(struct cli *cli, struct reader *out)
{
	struct finding f = { .s = &cli->stet, .address = str_trim(cli->args.v[0]) };
	TRY(store_read(cli->stet.store, cli->a, read_one, &f));
	*out = f.reader;
	return OK;
}

static json_t *text(str_t s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *user_json(struct cli *cli, const struct reader *r)
{
	static const char *const states[] = { "active", "disabled", "leaving", "gone" };
	return json_pack("{s:o, s:o, s:o, s:o, s:s}", "id", text(id_text(cli->a, r->id)), "address",
			 text(r->address), "name", text(r->name), "role", text(role_name(r->role)), "state",
			 states[r->state]);
}

/* --- verbs --- */

static err_t tell_about(struct cli *cli, const struct reader *r, str_t about)
{
	struct profile p = { .name = r->name, .about = about, .language = S(""), .show_comments = true,
			     .show_followers = true, .show_following = true };
	return reader_set_profile(&cli->stet, cli->a, r, &p, actor);
}

static err_t add(struct cli *cli)
{
	struct reader_draft d = { .address = cli->args.v[0], .name = cli_option(cli, "name") };
	str_t role = cli_option(cli, "role"), about = cli_option(cli, "about");
	struct reader made;
	if (!d.name.n)
		return err_new(ERR_USAGE, "--name NAME is needed: readers see it");
	if (role.p && !role_parse(role, &d.role))
		return err_user(ERR_USAGE, "role", "--role: is reader, moderator, reporter, editor or owner");
	TRY(cli_open_readers(cli));
	TRY(reader_add(&cli->stet, cli->a, &d, actor, &made));
	if (about.n)
		TRY(tell_about(cli, &made, about));
	cli_say(cli, "%.*s has an account as %.*s, and signs in at %.*s/sign-in by a link in a mail.",
		STR(made.name), STR(role_name(made.role)), STR(cli->stet.config.url));
	cli_result(cli, user_json(cli, &made));
	return OK;
}

static err_t read_list(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	return reader_all(c, a, f->least, 1000, &f->list);
}

static err_t list(struct cli *cli)
{
	struct finding f = { .least = cli_has(cli, "all") ? ROLE_READER : ROLE_MODERATOR };
	json_t *all = json_array();
	TRY(cli_open(cli));
	TRY(store_read(cli->stet.store, cli->a, read_list, &f));
	for (size_t i = 0; i < f.list.n; i++) {
		const struct reader *r = &f.list.v[i];
		cli_say(cli, "%-10.*s %-32.*s %.*s%s", STR(role_name(r->role)), STR(r->address),
			STR(r->name), r->state == READER_DISABLED ? " (disabled)" : "");
		json_array_append_new(all, user_json(cli, r));
	}
	if (!f.list.n)
		cli_say(cli, "There is no staff yet: `stet user add ADDRESS --name NAME --role owner`.");
	cli_result(cli, all);
	return OK;
}

static err_t role(struct cli *cli)
{
	struct reader r;
	enum role role;
	if (!role_parse(cli->args.v[1], &role))
		return err_user(ERR_USAGE, "role", "a role is reader, moderator, reporter, editor or owner");
	TRY(cli_open_readers(cli));
	TRY(find(cli, &r));
	TRY(reader_set_role(&cli->stet, cli->a, &r, role, actor));
	cli_say(cli, "%.*s is %.*s now, and has to sign in again.", STR(r.name), STR(role_name(role)));
	r.role = role;
	cli_result(cli, user_json(cli, &r));
	return OK;
}

static err_t disable(struct cli *cli)
{
	struct reader r;
	str_t why = str_trim(cli_option(cli, "why"));
	if (!why.n)
		return err_new(ERR_USAGE, "--why TEXT is needed: whoever looks at it later wants to know");
	TRY(cli_open_readers(cli));
	TRY(find(cli, &r));
	TRY(reader_disable(&cli->stet, cli->a, &r, why, actor));
	cli_say(cli, "%.*s cannot sign in any more, and is signed out everywhere.", STR(r.name));
	r.state = READER_DISABLED;
	cli_result(cli, user_json(cli, &r));
	return OK;
}

static err_t enable(struct cli *cli)
{
	struct reader r;
	TRY(cli_open_readers(cli));
	TRY(find(cli, &r));
	TRY(reader_disable(&cli->stet, cli->a, &r, S(""), actor));
	cli_say(cli, "%.*s can sign in again.", STR(r.name));
	r.state = READER_ACTIVE;
	cli_result(cli, user_json(cli, &r));
	return OK;
}

static err_t invite(struct cli *cli)
{
	struct invitation i = { .address = cli->args.v[0], .name = cli_option(cli, "name") };
	str_t given = cli_option(cli, "role");
	if (!i.name.n)
		return err_new(ERR_USAGE, "--name NAME is needed: readers see it");
	if (!role_parse(given, &i.role))
		return err_user(ERR_USAGE, "role", "--role is needed: moderator, reporter, editor or owner");
	TRY(cli_open_readers(cli));
	TRY(reader_invite(&cli->stet, cli->a, &i, actor));
	cli_say(cli, "A letter to %.*s is on its way; the link in it is good for %d days.", STR(i.address),
		(int)(INVITE_LIFE / DAY));
	cli_result(cli, json_pack("{s:o, s:o}", "address", text(i.address), "role", text(role_name(i.role))));
	return OK;
}

static err_t reset(struct cli *cli)
{
	struct reader r;
	TRY(cli_open_readers(cli));
	TRY(find(cli, &r));
	TRY(reader_reset(&cli->stet, cli->a, &r));
	cli_say(cli, "%.*s has neither passkeys nor a second factor now, and is signed out everywhere.",
		STR(r.name));
	cli_result(cli, user_json(cli, &r));
	return OK;
}

static err_t roles(struct cli *cli)
{
	cli_say(cli, "%.*s", STR(str_trim(roles_table(cli->a))));
	return OK;
}

/* From standard input: what stands on a command line is seen by everyone on the machine. */
static err_t password(struct cli *cli)
{
	struct reader r;
	struct strs about = { 0 };
	str_t given, hashed;
	TRY(cli_open_readers(cli));
	TRY(find(cli, &r));
	if (isatty(STDIN_FILENO))
		cli_say(cli, "The new password, then Enter and Ctrl-D:");
	TRY(file_read_open(cli->a, STDIN_FILENO, "standard input", PASSWORD_MOST, &given));
	given = str_cut(&given, '\n');
	strs_add(cli->a, &about, r.name);
	strs_add(cli->a, &about, r.address);
	TRY(password_check(&cli->stet, cli->a, given, &about));
	TRY(password_hash(&cli->stet, cli->a, given, &hashed));
	TRY(reader_set_password(&cli->stet, cli->a, &r, hashed, 0, actor));
	cli_say(cli, "%.*s has a new password, and is signed out everywhere.", STR(r.name));
	cli_result(cli, user_json(cli, &r));
	return OK;
}

#define EXAMPLES(...) (const char *const[]){ __VA_ARGS__, NULL }

static const struct option add_options[] = {
	{ "name", "NAME", "as readers see it" },
	{ "role", "ROLE", "reader (by default), moderator, reporter, editor or owner" },
	{ "about", "TEXT", "a line about them, on their page" },
	{ NULL, NULL, NULL },
};
static const struct option invite_options[] = {
	{ "name", "NAME", "as readers see it; can be changed when accepting" },
	{ "role", "ROLE", "moderator, reporter, editor or owner" },
	{ NULL, NULL, NULL },
};
static const struct option list_options[] = {
	{ "all", NULL, "readers too, the newest thousand" },
	{ NULL, NULL, NULL },
};
static const struct option disable_options[] = {
	{ "why", "TEXT", "the reason, for whoever looks at it later" },
	{ NULL, NULL, NULL },
};

const struct verb verbs_user[] = {
	{ "user add", "ADDRESS", "make an account", "Its mail address counts as proven.",
	  EXAMPLES("stet user add ada@example.org --name \"Ada Quill\" --role owner"), add_options, 1, 1,
	  add },
	{ "user invite", "ADDRESS", "invite somebody to the staff by mail", "Accepting makes the account.",
	  EXAMPLES("stet user invite bo@example.org --name \"Bo Chan\" --role reporter"), invite_options, 1, 1,
	  invite },
	{ "user reset", "ADDRESS", "take passkeys and second factor away, for who has lost them", NULL,
	  EXAMPLES("stet user reset ada@example.org"), NULL, 1, 1, reset },
	{ "user roles", "", "show what each role may do", NULL, EXAMPLES("stet user roles"), NULL, 0, 0, roles },
	{ "user list", "", "list the staff", NULL, EXAMPLES("stet user list", "stet user list --all"),
	  list_options, 0, 0, list },
	{ "user role", "ADDRESS ROLE", "give an account another role", NULL,
	  EXAMPLES("stet user role ada@example.org editor"), NULL, 2, 2, role },
	{ "user disable", "ADDRESS", "shut an account", NULL,
	  EXAMPLES("stet user disable troll@example.org --why \"threats\""), disable_options, 1, 1,
	  disable },
	{ "user enable", "ADDRESS", "open it again", NULL, EXAMPLES("stet user enable ada@example.org"),
	  NULL, 1, 1, enable },
	{ "user password", "ADDRESS", "set a password, read from standard input", NULL,
	  EXAMPLES("stet user password ada@example.org < new-password.txt"), NULL, 1, 1, password },
	{ 0 },
};
