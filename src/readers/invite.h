/* invite.h: staff come by invitation. */
#pragma once

#include "readers/pages.h"

struct invitation {
	str_t     address, name; /* checked here; the name can be changed when accepting */
	enum role role;
};
err_t reader_invite(struct stet *s, arena_t *a, const struct invitation *i, str_t actor) CHECKED;
