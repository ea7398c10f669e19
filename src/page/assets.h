/* assets.h: theme files under names that hold the hash of their content.
 *
 * /assets/style.1f0c9a2b3d4e.css never changes, so browsers keep it for ever; what changes is the
 * name, in the page; any other name, an old one too, is not found. A body is compressed once, when
 * the first asks for it: starting does not wait for what nobody may want. The sheets of style/ are joined as
 * style/ORDER says (style_order.h) and made lean; addresses of theme files in them,
 * url(../fonts/x.woff2), become the hashed names. */
#pragma once

#include "http/answer.h"

#include <jansson.h>

struct assets;

struct asset_file {
	str_t path; /* "fonts/text-roman.woff2" */
	str_t bytes;
};

/* How hard to compress: once for long, or anew for every change. */
enum assets_effort { ASSETS_QUICK, ASSETS_SMALL };

/* Files of the folders fonts, icons, script and style; others are passed over. Two that a template would
 * call by the same name, and an address that leads nowhere, are errors. */
err_t assets_new(const struct asset_file *files, size_t n, enum assets_effort effort,
		 struct assets **out) CHECKED;
void  assets_free(struct assets *s);

/* The finished answer of a path under /assets/, with a reference; NULL if there is none. Any thread
 * may ask. */
err_t assets_get(const struct assets *s, str_t path, struct answer **out) CHECKED;

/* The bytes of that path as they are, for as long as `s` lives; without .p if there is none. */
str_t assets_bytes(const struct assets *s, str_t path);

/* {"style": "/assets/style.….css", "icon": ..., "text-roman": ...}: a view's "asset" object, the
 * address of each file by its name without folder and extension. Not to be changed; lives as long as `s`
 * or a reference to it. */
json_t *assets_view(const struct assets *s);
