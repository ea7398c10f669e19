/* search_page.h: what the pages of search share. */
#pragma once

#include "page/site.h"

/* For the value of a query's parameter. */
str_t search_escape(arena_t *a, str_t s);
/* "/search/suggest?q=": JSON of what the words typed so far may lead to. */
err_t search_suggest_page(struct stet *s, struct request *q, struct response *r) CHECKED;
