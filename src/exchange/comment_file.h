/* comment_file.h: what the readers of comments in other programs' formats share.
 *
 * A file is read twice, as the stories' imports do it. The first reading finds every fault and notes what comments refer
 * to (threads, pages, people); the second hands over one comment at a time. A reader knows its format and nothing of
 * the database: it says where a comment stood by its page's address or name there (story_finder.h). */
#pragma once

#include "exchange/infile.h"
#include "exchange/jotter.h"

#include <jansson.h>

/* A comment as a file tells it. What is empty or 0 is not known. */
struct told {
	str_t   source;           /* within which `id` is the only one: "remark42:site" */
	str_t   id, parent;       /* `parent` empty: it answers the story */
	str_t   url, thread;      /* of its page: address, and the name the program knew it by */
	str_t   slug;             /* of a story here */
	str_t   site;             /* whose page it was, where no address says it */
	str_t   name, address;
	str_t   author;           /* whose account there; empty: nobody's */
	str_t   state;            /* as imported_comment has it: "1", "0", "spam", "trash" */
	str_t   type;             /* "html", "comment": as WordPress keeps it; our own: "markdown", "markup" */
	str_t   content;
	str_t   meta;             /* JSON: what only our own lines tell; empty: nothing */
	usec_t  written, edited;
	int64_t ups, downs;
	id64    story;            /* set where it is staged; 0: none is here */
	size_t  order;            /* in the batch: of two with one id the first counts */
};

struct comment_file {
	const char    *path;
	struct infile *file;
	arena_t       *a;         /* a reader's, which empties it behind each comment */
	struct jotter *notes;
	bool           first;     /* the first reading */
	str_t          source;    /* for formats whose ids are the file's own */
	int64_t        other;     /* things told there that are no comments: pingbacks */
	err_t        (*take)(void *ctx, const struct told *k);
	void         (*progress)(void *ctx, int64_t done, int64_t all);
	void          *ctx;
};

/* What a reader calls for each comment; copies what it keeps. Nothing comes of it in the first reading. */
err_t comment_take(struct comment_file *f, const struct told *k) CHECKED;
/* What a reader calls now and then, for the bar. */
void comment_progress(const struct comment_file *f);
/* Each line of JSON, parsed; an error names it. */
err_t comment_each_line(struct comment_file *f, err_t (*each)(struct comment_file *f, const json_t *j)) CHECKED;

struct comment_format {
	const char *name; /* for --format */
	const char *what; /* for messages */
	err_t (*read)(struct comment_file *f);
};
extern const struct comment_format comment_lines, comment_disqus, comment_remark42, comment_commento, comment_coral,
	comment_wordpress;

/* By its name, or, with an empty one, by what the file begins with. */
err_t comment_format_find(struct infile *file, str_t name, const struct comment_format **out) CHECKED;

/* A moment as other programs write it, UTC where they do not say; 0 for what is none. */
usec_t told_moment(str_t s);
/* A name that is HTML there: its references resolved. */
str_t told_name(arena_t *a, str_t html);
