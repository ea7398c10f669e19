/* css_lean.h: a style sheet without what only its writers need.
 *
 * Comments and white space that part nothing go; everything else stays byte for byte: strings, url(...),
 * escapes, the spaces of calc() and of selectors. Nothing is understood beyond tokens, so a sheet says the
 * same before and after, also one that is wrong. */
#pragma once

#include "base/base.h"

/* Adds `css` to `out`, never longer than it was. */
void css_lean(str_t css, struct buf *out);
