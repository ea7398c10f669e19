/* import.h: bringing a publication in: what the three importers share.
 *
 * An importer reads its file twice. The first reading writes nothing: it finds every fault (named
 * with line and byte) and notes the names of things, so that links between stories can be rewritten.
 * The second brings items in one by one, each an act of its own: whatever was acknowledged stays
 * after a crash, and running again goes on, because every item's foreign name is kept beside what
 * it became. An item that is the same as last time is skipped; one that was changed here since is
 * left alone and reported. */
#pragma once

#include "page/clean.h"
#include "press/past.h"

enum outcome { ADDED, UPDATED, UNCHANGED, KEPT_OURS, LEFT_OUT, OUTCOMES };

/* One line of the report. */
struct import_item {
	const char *kind;       /* "story", "page", "author", "media", "comment" ... */
	str_t       name;       /* there */
	str_t       title;
	str_t       path;       /* here; empty if there is none */
	enum outcome outcome;
	struct strs notes;      /* what cleaning changed, what was left out, why */
};

/* What is told while it goes on, and at the end. */
struct import_report {
	void (*item)(void *ctx, const struct import_item *item); /* in order, as they come */
	void (*progress)(void *ctx, int64_t done, int64_t all);  /* bytes or files */
	void *ctx;
	int64_t counts[OUTCOMES];
	int64_t comments;
	int64_t redirects;
};

struct importer {
	struct stet          *s;
	str_t                 source;
	struct import_report *report;
	bool                  dry_run; /* read and report, write nothing */
	bool                  media;   /* pictures can be found: a folder of them was named */
};

/* --- one item --- */

/* What an earlier run made of this foreign name; .local 0 if nothing. */
struct imported {
	id64    local;
	str_t   digest;
	int64_t revision;
};
err_t imported_find(struct importer *im, arena_t *a, const char *kind, str_t foreign,
		    struct imported *out) CHECKED;
err_t imported_keep(struct importer *im, arena_t *a, const char *kind, str_t foreign, id64 local,
		    str_t digest, int64_t revision) CHECKED;

/* Hex of a hash over the parts; for `digest`. */
str_t import_digest(arena_t *a, const str_t *parts, size_t n);

/* A reader's comment, kept as it came for the forum. */
struct import_comment {
	str_t  source; /* empty: the importer's */
	str_t  foreign, parent, state, type;
	str_t  name, email, url, ip, reader;
	usec_t written; /* 0: unknown */
	str_t  content;
	str_t  meta;    /* JSON */
};

/* A story as it came, ready to be saved. */
struct import_story {
	str_t        foreign;    /* its name there */
	str_t        digest;
	struct story story;      /* state, published and updated as they shall be */
	struct strs  old_paths;  /* addresses that led to it */
	struct correction *corrections; /* .text is clean HTML or Markdown */
	size_t       ncorrections;
	struct import_comment *comments;
	size_t       ncomments;
	const struct story_past *past; /* what it was before, from an export of ours; NULL: unknown */
	bool         rest;       /* it was brought in part, and this is the whole */
	struct clean_report loss; /* filled by import_story */
	struct strs  notes;
};

/* Saves it, with its redirects and comments in the same act, and reports it. A slug that is taken
 * gets a number. Errors are only
 * those of the machine; an item that a rule refuses is reported as left out. */
err_t import_story(struct importer *im, arena_t *a, struct import_story *in) CHECKED;

/* Takes a picture from a file, once; `.id` 0, with a note, if it is not there or no picture. */
err_t import_picture(struct importer *im, arena_t *a, const char *path, struct strs *notes,
		     struct media *out) CHECKED;

/* The same for a file of any kind. */
err_t import_file(struct importer *im, arena_t *a, const char *path, struct strs *notes,
		  struct media *out) CHECKED;
/* How a body names it: a picture by its hash, anything else by the address of the file. */
str_t import_media_url(arena_t *a, const struct media *m);

/* Reports a picture brought by itself; .id 0: left out, as the notes say. */
err_t import_media_item(struct importer *im, arena_t *a, str_t foreign, str_t name,
			const struct media *m, const struct strs *notes) CHECKED;

/* Reports an item that an importer brought by itself. */
void  import_tell(struct importer *im, const struct import_item *item);

/* Makes a section, or leaves one of that slug as it is. */
err_t import_section(struct importer *im, arena_t *a, str_t slug, str_t name, str_t description,
		     int position) CHECKED;

/* Brings an author in, or updates what an earlier run brought. */
err_t import_author(struct importer *im, arena_t *a, str_t foreign, struct author *author) CHECKED;

/* The text of "%C3%B6" in an address; as it is where that would be no UTF-8. */
str_t import_unescape(arena_t *a, str_t s);
/* True if a path would leave the folder it is meant for. */
bool  import_climbs(str_t path);

void import_note(arena_t *a, struct strs *notes, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void import_left_out(struct importer *im, const char *kind, str_t name, str_t title,
		     const char *why);

/* --- importers --- */

struct import_options {
	const char *path;   /* the file or folder */
	const char *media;  /* folder of pictures; NULL: none */
	bool        dry_run;
};
err_t import_markdown(struct stet *s, const struct import_options *o, struct import_report *report)
	CHECKED;
err_t import_wordpress(struct stet *s, const struct import_options *o, struct import_report *report)
	CHECKED;
err_t import_ghost(struct stet *s, const struct import_options *o, struct import_report *report)
	CHECKED;
