/* inline_markdown.h: clean inline HTML back into the Markdown that makes it. */
#pragma once

#include "base/base.h"

/* Emphasis, strong, strike, code and links keep their marks; of other elements the text stays. What
 * Markdown would read as a mark is escaped, so the text reads the same when cleaned again. */
str_t inline_to_markdown(arena_t *a, str_t html);
