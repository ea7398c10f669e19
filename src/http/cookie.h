/* cookie.h: cookies as RFC 6265 section 4 writes them. */
#pragma once

#include "http/http.h"

/* The value of cookie `name` in one Cookie header; {NULL, 0} if it is not there. Pairs that break
 * the grammar are passed over, and of two with one name the first counts (browsers send the one
 * with the longest path first). */
str_t cookie_find(str_t header, const char *name);

enum same_site { SAME_SITE_LAX, SAME_SITE_STRICT, SAME_SITE_NONE };

struct cookie {
	const char    *name;
	str_t          value;
	const char    *path;     /* NULL: "/" */
	const char    *domain;   /* NULL: this host only */
	int64_t        max_age;  /* seconds; 0 deletes it, below 0: until the browser closes */
	bool           secure;
	bool           http_only;
	enum same_site same_site;
};

/* The value of a Set-Cookie header. Refused: a name or value outside the grammar, a __Host- or
 * __Secure- name without what its prefix promises, SameSite=None without Secure. */
err_t cookie_format(arena_t *a, const struct cookie *c, str_t *out) CHECKED;
