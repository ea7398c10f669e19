/* roles.c: who may do what: one table. docs/roles.md shows the same one, and a test compares them. */
#include "readers/roles.h"

static const struct {
	const char *what;
	bool        may[ROLES];
} table[MAYS] = {
	[MAY_READ_FIGURES] =   { "see what is read", { [ROLE_REPORTER] = true, [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_WRITE] =	       { "write stories, add media", { [ROLE_REPORTER] = true, [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_WRITE_LIVE] =     { "write in a live blog", { [ROLE_REPORTER] = true, [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_PUBLISH] =	       { "publish, schedule, withdraw", { [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_CORRECT] =	       { "correct what is published", { [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_PLAN] =	       { "arrange the front page", { [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_ALERT] =	       { "send an alert to readers", { [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_MODERATE] =       { "moderate conversations", { [ROLE_MODERATOR] = true, [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_SET_RULES] =      { "set the rules of conversations", { [ROLE_MODERATOR] = true, [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_SEE_READERS] =    { "see readers' former names", { [ROLE_MODERATOR] = true, [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_CLOSE_READERS] =  { "close and open readers' accounts", { [ROLE_MODERATOR] = true, [ROLE_EDITOR] = true, [ROLE_OWNER] = true } },
	[MAY_MANAGE_STAFF] =   { "invite staff, give roles", { [ROLE_OWNER] = true } },
	[MAY_SET] =	       { "change the publication's settings", { [ROLE_OWNER] = true } },
};

bool role_may(enum role role, enum may what)
{
	return (unsigned)role < ROLES && (unsigned)what < MAYS && table[what].may[role];
}

const char *may_name(enum may what)
{
	return table[what].what;
}

str_t roles_table(arena_t *a)
{
	static const enum role shown[] = { ROLE_OWNER, ROLE_EDITOR, ROLE_REPORTER, ROLE_MODERATOR, ROLE_READER };
	struct buf b = buf_new(a, 2048);
	buf_add(&b, S("| may |"));
	for (size_t i = 0; i < COUNT(shown); i++)
		buf_add_format(&b, " %.*s |", STR(role_name(shown[i])));
	buf_add(&b, S("\n|---|"));
	for (size_t i = 0; i < COUNT(shown); i++)
		buf_add(&b, S(":-:|"));
	for (size_t m = 0; m < MAYS; m++) {
		buf_add_format(&b, "\n| %s |", table[m].what);
		for (size_t i = 0; i < COUNT(shown); i++)
			buf_add(&b, table[m].may[shown[i]] ? S(" yes |") : S("  |"));
	}
	buf_add_char(&b, '\n');
	return buf_str(&b);
}
