/* assets.h: theme files under names that hold the hash of their content.
 *
 * /assets/style.1f0c9a2b3d4e.css never changes, so browsers keep it for ever; what changes is the
 * name, in the page. Bodies are compressed once at start. The style sheets of theme/style are one
 * file, in the order of style/ORDER; url(../fonts/x.woff2) in them becomes the hashed name. */
#pragma once

#include "http/answer.h"
#include "page/theme.h"

#include <jansson.h>

struct assets;

err_t assets_new(const struct theme_file *files, size_t n, struct assets **out) CHECKED;
void  assets_free(struct assets *s);

/* The finished answer of a path under /assets/, with a reference; NULL if there is none. */
struct answer *assets_get(const struct assets *s, str_t path);

/* The hashed URL of "style", "icon", "fonts/text-roman.woff2"; empty if there is none. */
str_t assets_url(const struct assets *s, str_t name);

/* {"style": "/assets/style.….css", ...}: a view's "asset" object. Borrowed. */
json_t *assets_view(const struct assets *s);
