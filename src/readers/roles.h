/* roles.h: who may do what. */
#pragma once

#include "readers/readers.h"

enum may {
	MAY_READ_FIGURES,
	MAY_WRITE,
	MAY_WRITE_LIVE,
	MAY_PUBLISH,
	MAY_CORRECT,
	MAY_PLAN,
	MAY_ALERT,
	MAY_MODERATE,
	MAY_SET_RULES,
	MAY_SEE_READERS,
	MAY_CLOSE_READERS,
	MAY_MANAGE_STAFF,
	MAY_SET,
	MAYS,
};

bool        role_may(enum role role, enum may what);
const char *may_name(enum may what);
/* The whole table as Markdown. */
str_t       roles_table(arena_t *a);

/* Staff that may do this, signed in with a passkey or a second factor. Who has neither is led to where one
 * is set up; who has one and did not use it, to where it is asked for; who may not gets ERR_REFUSED. True if
 * `r` is answered, or `*e` is an error. */
bool who_must_be_staff(struct stet *s, struct request *q, struct response *r, enum may what,
		       struct who *out, err_t *e);
