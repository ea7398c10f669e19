/* session.h: cookies, within the room. */
#pragma once

#include "readers/room.h"

/* The cookie's name: with a prefix that only this host, over TLS, can set (RFC 6265bis, 4.1.3). */
const char *session_cookie_name(const struct readers *r);

/* Sets a cookie that scripts do not see; max_age 0 takes it away. */
err_t cookie_set(struct stet *s, struct request *q, struct response *r, const char *name, str_t value,
		 usec_t age) CHECKED;
str_t cookie_get(struct stet *s, const struct request *q, const char *name);

/* The session of the request's cookie; .id 0: none. */
err_t session_asks(struct stet *s, struct conn *c, const struct request *q, struct session *out) CHECKED;

/* Notes that it was used, where the answer is a page: seldom, and without a new secret, which would be lost
 * with a page that is left before it came. */
err_t session_note(struct stet *s, arena_t *a, const struct who *who) CHECKED;
/* Notes that it was used, and gives it a new secret when that is old. */
err_t session_keep(struct stet *s, struct request *q, struct response *r, const struct who *who) CHECKED;
