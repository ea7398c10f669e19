/* rules_page.h: what the pages of rules and words share. */
#pragma once

#include "forum/rules_fields.h"

/* "/moderation/rules/words/banned" */
str_t words_path(arena_t *a, str_t list);
/* Words in a list: lines that are no comment. */
int64_t words_listed(str_t text);
/* A text of the form as it was typed, lines ended by \n; empty if it is no text. */
str_t form_text(const struct request *q, const char *name);

extern const struct route rules_routes[];
extern const struct route words_routes[];
