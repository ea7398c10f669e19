/* comments.h: comments from elsewhere.
 *
 * They are kept first, whole (imported_comment: the stories' import does so, and comments_read), and then placed in
 * conversations, those that others answer before their answers. Both can be done again: what is there already is
 * passed over. However large the file, it is read in pieces, and some hundred comments are written in an act. */
#pragma once

#include "base/stet.h"

struct comments_options {
	const char *path;
	str_t       format;    /* as `stet forum import --format` has it; empty: by what the file begins with */
	str_t       site;      /* a host: only what was said on its pages; empty: on all */
	str_t       source;    /* for formats whose ids are the file's own; empty: its name */
	const char *map;       /* a list of old and new addresses; NULL: none */
	bool        dry_run;   /* read and report, write nothing */
	bool        accounts;  /* addresses of registered commenters count as proven there */
};

/* An address that no story has, and how many comments stood there. */
struct lost_page {
	str_t   address;
	int64_t comments;
};

/* What is told while it goes on, and at the end. */
struct comments_report {
	void      (*progress)(void *ctx, int64_t done, int64_t all); /* in bytes, then in comments; may be NULL */
	void       *ctx;
	const char *format;  /* what the file is; NULL: there was none */
	/* Of the file. */
	int64_t read;        /* comments in it */
	int64_t added;       /* kept anew */
	int64_t there;       /* were kept before */
	int64_t doubles;     /* have the id of another, and are left out */
	int64_t lost;        /* their story is not here: left out, until it is */
	int64_t elsewhere;   /* of other sites than asked for */
	int64_t other;       /* no comments: pingbacks */
	int64_t undated;     /* have no date that can be: they have their story's */
	int64_t mended;      /* bytes that were no UTF-8 */
	struct lost_page *pages; /* those with most comments first, at most LOST_PAGES_MOST */
	size_t  npages;
	int64_t allpages;
	/* Placed; of a trial what the file says. */
	int64_t placed, waiting;        /* shown; held for a moderator */
	int64_t deleted, spam, empty;   /* there, or without a word left: a stone where others answered */
	int64_t orphans;                /* whose parent is not there: they answer the story */
};

struct comments_export {
	const char *path;      /* NULL: standard output */
	id64        story;     /* 0: all */
	bool        addresses; /* of accounts: a Stet where they have one makes them the writers again */
	int64_t     written;   /* how many there were */
};

/* Writes comments as lines of JSON, which comments_read takes; those that have gone where others answer them. The file is
 * whole or is not there. */
err_t comments_write(struct stet *s, arena_t *a, struct comments_export *x) CHECKED;

enum { LOST_PAGES_MOST = 10000 };

/* Keeps what a file has. It is read whole before anything is written, so a broken one, named with its line or byte,
 * changes nothing. `out` and what it holds live in `a`. */
err_t comments_read(struct stet *s, arena_t *a, const struct comments_options *o, struct comments_report *out) CHECKED;
/* Places all that are kept and not placed yet, some hundred in an act. */
err_t comments_place(struct stet *s, arena_t *a, struct comments_report *out) CHECKED;
