/* assets.h: theme files under names that hold the hash of their content.
 *
 * /assets/style.1f0c9a2b3d4e.css never changes, so browsers keep it for ever; what changes is the
 * name, in the page. Bodies are compressed once at start. The style sheets of style/ are one
 * file, in the order of style/ORDER; addresses of fonts in them become the hashed names. */
#pragma once

#include "http/answer.h"

#include <jansson.h>

struct assets;

struct asset_file {
	str_t path; /* "fonts/text-roman.woff2" */
	str_t bytes;
};

err_t assets_new(const struct asset_file *files, size_t n, struct assets **out) CHECKED;
void  assets_free(struct assets *s);

/* The finished answer of a path under /assets/, with a reference; NULL if there is none. */
struct answer *assets_get(const struct assets *s, str_t path);

/* {"style": "/assets/style.….css", "icon": ..., "text-roman": ...}: a view's "asset" object. */
json_t *assets_view(const struct assets *s);
