/* factor.h: the second factor of an account. */
#pragma once

#include "readers/pages.h"

struct factors {
	bool    totp, passkeys;
	int64_t codes; /* recovery codes that are left */
};
err_t factors_of(struct conn *c, arena_t *a, const struct reader *r, struct factors *out) CHECKED;
err_t factors_look(struct stet *s, arena_t *a, const struct reader *r, struct factors *out) CHECKED;

/* `step`: of the code that was typed to show it works. Ends the sessions but `keep`. */
err_t factor_set(struct stet *s, arena_t *a, const struct reader *r, str_t secret, int64_t step, id64 keep,
		 struct strs *codes) CHECKED;
err_t factor_codes(struct stet *s, arena_t *a, const struct reader *r, struct strs *codes) CHECKED;
err_t factor_remove(struct stet *s, arena_t *a, const struct reader *r, id64 keep) CHECKED;
/* A code or a recovery code; uses up `x` with it. ERR_INPUT with field "code" when it is wrong. */
err_t factor_prove(struct stet *s, arena_t *a, const struct reader *r, const struct challenge *x,
		   str_t typed) CHECKED;

/* The first factor was right: asks for the second, and goes on to `next`. */
err_t factor_ask(struct stet *s, struct request *q, struct response *r, const struct reader *reader,
		 const char *way, str_t next) CHECKED;
