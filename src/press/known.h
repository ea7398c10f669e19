/* known.h: the small files that programs look for at fixed addresses: robots.txt, license.xml,
 * security.txt (RFC 9116), trust.txt, ads.txt, IndexNow's key, and /.well-known/.
 *
 * A file of that name in the publication's folder well-known/ is served instead of what is made
 * from the settings; any other file there answers under /.well-known/. They are made anew for each
 * asker: dates in them go on by themselves. */
#pragma once

#include "press/press.h"

/* {NULL, 0}: there is none. */
typedef err_t (*known_fn)(struct stet *s, arena_t *a, str_t *out);

err_t known_robots(struct stet *s, arena_t *a, str_t *out) CHECKED;
err_t known_licence(struct stet *s, arena_t *a, str_t *out) CHECKED;
err_t known_security(struct stet *s, arena_t *a, str_t *out) CHECKED;
err_t known_trust(struct stet *s, arena_t *a, str_t *out) CHECKED;

extern const struct route known_routes[];
