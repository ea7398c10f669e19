/* site.h: how a view becomes an answer.
 *
 * A page's handler gives site_page a function that fills a view: the JSON, its template, and the
 * topics it was made from. Rendered through the template it is the page; asked for as ".json" it
 * is the view itself. The answer is cached under its canonical path until one of its topics is
 * announced. Errors become pages here too. */
#pragma once

#include "base/stet.h"
#include "http/http.h"
#include "http/server.h"
#include "page/theme.h"

struct conn; /* store/store.h */

/* A page being made. */
struct view {
	arena_t              *a;
	struct conn          *c;      /* a reader: one snapshot for the whole page */
	const struct request *q;
	json_t               *json;   /* an object; filled by the handler, then by the frame */
	const struct theme_set *theme; /* held while the page is made */
	const struct tongue  *tongue; /* what the page says around the words it shows */
	str_t                 language; /* of the page; set with view_language */
	const char           *template;
	struct strs           topics;
	struct strs           frames; /* hosts that its frames may ask, once a reader wants them */
	int                   status; /* 200 unless the handler says otherwise */
	str_t                 type;   /* set together with body: not a template, but these bytes */
	str_t                 body;
	str_t                 link;   /* a Link header (RFC 8288); empty: none */
	bool                  framed; /* other sites may show it in a frame of theirs */
	str_t                 framer; /* the one origin whose pages may show it in a frame; empty: none */
	bool                  personal; /* for one reader: kept by nobody on the way, nor by browsers */
	bool                  secret; /* its address is one: no other place hears it as a referrer */
	void                 *given;  /* what its handler gave to site_page_with */
	/* When it was made. What it shows may have changed before, for a reason that no row tells (a
	 * story withdrawn from a list): a date of the newest row would go back, and lie. */
	usec_t                modified;
};

typedef err_t (*view_fn)(struct stet *s, struct view *v);

/* Makes `language` the page's; the publication's until then. */
void  view_language(struct view *v, str_t language);
/* A message in the page's language; one for a number; one with values in it. */
str_t say(const struct view *v, const char *key);
str_t say_count(const struct view *v, const char *key, int64_t n);
str_t say_with(const struct view *v, const char *key, const struct message_value *values, size_t n);
str_t say_error(const struct view *v, const struct err *e);

/* Puts what every page shows (masthead, navigation) into a view. Given by the press, so that this
 * room need not know sections. */
typedef err_t (*frame_fn)(struct stet *s, struct view *v);

/* Answers from the cache, or by `make`. Of the query only "before" (the page of a list) counts. */
err_t site_page(struct stet *s, struct request *q, struct response *r, view_fn make) CHECKED;
/* The same for a page that other parameters change, too: their names, ended by NULL. */
err_t site_page_for(struct stet *s, struct request *q, struct response *r, view_fn make,
		    const char *const *parameters) CHECKED;

/* The same, filled with what `given` has; without parameters made for this request alone. */
err_t site_page_given(struct stet *s, struct request *q, struct response *r, view_fn make, void *given,
		      const char *const *parameters) CHECKED;

/* The same, but made for this request alone: for pages without number, which would drive others out of
 * the cache (whatever anybody searches for). */
err_t site_page_once(struct stet *s, struct request *q, struct response *r, view_fn make) CHECKED;

/* The same for a reader's own page, which `make` fills with what `given` has. */
err_t site_page_with(struct stet *s, struct request *q, struct response *r, view_fn make,
		     void *given) CHECKED;

/* A browser that is signed in and runs no script says so with this cookie: all its pages are made for
 * it. Others, and who has only the cookie, get the pages that all readers get; script fills in what is
 * theirs. */
#define PLAIN_COOKIE "stet_plain"

/* Where an address that leads nowhere has moved: {NULL, 0} if nowhere. Given by the press. */
typedef err_t (*moved_fn)(struct stet *s, struct conn *c, arena_t *a, str_t target, str_t *out);

/* Where the body of a request goes that is too large for memory (http/server.h); NULL for any other. */
typedef struct sink *(*sink_fn)(struct stet *s, struct request *q, int64_t length, int *status,
				const char **why);

/* What the server calls; `s` and `router` outlive it. */
struct site_options {
	struct stet         *s;
	const struct router *router;
	frame_fn             frame;
	frame_fn             reader;    /* adds who reads to a personal page; may be NULL */
	/* Whether somebody is signed in by whom a request with PLAIN_COOKIE comes; NULL: nobody. */
	err_t (*signed_in)(struct stet *s, struct request *q, bool *out);
	moved_fn             moved;
	sink_fn              sink;      /* may be NULL */
	view_fn              elsewhere; /* adds to an error page where one might go on */
	/* A page was answered with 200 or 304. On loops too: must not block. */
	void (*seen)(struct stet *s, const struct request *q);
};
struct site_state;
err_t       site_new(const struct site_options *o, struct site_state **out) CHECKED;
void        site_free(struct site_state *st);
struct site site_calls(struct site_state *st);
