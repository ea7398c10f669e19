/* comment_body.h: a comment's text from elsewhere, before it is cleaned. */
#pragma once

#include "base/base.h"

/* HTML as it was shown (`html`), or as WordPress keeps it: a blank line ends a paragraph, a line end is one. Pictures do
 * not pass in comments: each becomes a link to it. Links that lead over Disqus's counter lead where they say. */
str_t comment_body(arena_t *a, str_t content, bool html);
