/* theme_check.h: what is wrong with a theme's folder, all at once and before a reader sees it.
 *
 * What would keep a server from starting, break a page, or be refused by the browser (the
 * Content-Security-Policy lets nothing inline and nothing from elsewhere in) is an error; what is merely
 * unwise is a warning. */
#pragma once

#include "page/messages.h"
#include "page/template_tree.h"
#include "page/theme_layers.h"

struct finding {
	bool  error;
	str_t file; /* below the theme's folder; empty: the theme as a whole */
	int   line, column; /* from 1; 0: the whole file */
	str_t text;
};

struct findings {
	struct finding *v;
	size_t          n;
};

/* Adds what is wrong with `folder`, lying over `chosen` (as in theme_options). A folder that is not there
 * is an error of the call. */
err_t theme_check(arena_t *a, const char *chosen, const char *folder, struct findings *out) CHECKED;

/* --- for its parts --- */

struct checking {
	arena_t           *a;
	struct theme_files own;   /* the folder's */
	struct theme_stack all;   /* with what is under it */
	struct template   *templates; /* of all; those that compile */
	size_t             ntemplates;
	struct messages   *messages; /* NULL if they cannot be read */
	struct findings   *out;
};

/* Where a finding is: an offset of a file's bytes. */
void finding_at(struct checking *c, bool error, str_t file, str_t bytes, size_t at, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
void finding_of(struct checking *c, bool error, str_t file, int line, int column, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* Names, partials, parents and blocks of the folder's templates. */
void theme_check_names(struct checking *c);
/* What a browser makes of their tags. */
void theme_check_html(struct checking *c);
/* Style sheets and their order. */
void theme_check_css(struct checking *c);
