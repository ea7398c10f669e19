/* icons.h: /favicon.ico and /apple-touch-icon.png. */
#pragma once

#include "page/site.h"

extern const struct route icons_routes[];
