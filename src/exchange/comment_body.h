/* comment_body.h: what a comment from elsewhere says and how it stood there. */
#pragma once

#include "forum/forum.h"

/* A file of our own tells it, as the word of whoever runs the machine. */
bool comment_is_ours(str_t type);
/* "1", "0", "spam", "trash" and WordPress's other words for them. */
enum comment_state comment_state_there(str_t state);

/* Its text before it is cleaned: HTML as it was shown (`html`), or as WordPress keeps it: a blank line ends a paragraph, a line end is one. Pictures do
 * not pass in comments: each becomes a link to it. Links that lead over Disqus's counter lead where they say. */
str_t comment_body(arena_t *a, str_t content, bool html);
