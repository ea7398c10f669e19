/* clean_parts.h: what the files behind clean.h share. */
#pragma once

#include "page/clean.h"

/* Like clean_html, for HTML that Markdown made: a picture alone with a title becomes a figure. */
err_t clean_parsed_markdown(arena_t *a, enum grammar grammar, str_t html, str_t *out,
			    struct clean_report *report) CHECKED;
