/* share.h: the picture that stands for a page elsewhere, where its link is shared.
 *
 * A story with a picture is shared with it; one without, or one that readers are warned of, with a
 * card drawn from its headline: /share/ID-REVISION.png, drawn when first asked for, kept in cache/.
 * Its address names the revision, so it never changes; that of an older revision leads to the newest.
 * /share/site.png is the publication's own, /share/logo.png its name. */
#pragma once

#include "press/press.h"

struct share_picture {
	str_t url;   /* as people outside see it */
	str_t alt;
	str_t type;
	int   width, height;
	bool  drawn; /* by us */
};

struct share_picture share_picture_of(struct stet *s, arena_t *a, const struct story *st);
/* Of a picture in the size in which it is shared. */
struct share_picture share_media(struct stet *s, arena_t *a, const struct media *m, str_t alt);
/* Of a page that has none. */
struct share_picture share_site(struct stet *s, arena_t *a);

/* {url, width, height, type, alt} */
json_t *share_view(const struct share_picture *p);

extern const struct route share_routes[];
