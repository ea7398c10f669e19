/* feeds.h: the paper for programs: RSS 2.0, Atom (RFC 4287), JSON Feed 1.1. Each is a
 * view like any page, cached and dropped the same way.
 *
 * A feed is filled once and written in the format that its address names: whoever has something to
 * feed (stories here, corrections, entries of a live blog elsewhere) begins one, adds entries,
 * newest first, and ends with feed_write. One handler so serves ".../rss.xml", ".../atom.xml" and
 * ".../feed.json". */
#pragma once

#include "page/site.h"
#include "press/press.h"

enum { FEED_ENTRIES = 20 }; /* at most in a document; older ones are on the next (RFC 5005) */

/* A file that belongs to an entry: a picture, a recording. */
struct feed_file {
	str_t   url;    /* absolute */
	str_t   type;   /* "image/jpeg" */
	int64_t bytes;  /* 0: not known */
	int     width, height; /* 0: none */
	str_t   about;  /* what it shows, plain text */
	str_t   credit;
};

struct feed_label {
	str_t slug;
	str_t name;
};

struct feed_entry {
	str_t                id;        /* stays when its address changes */
	str_t                url;       /* absolute */
	str_t                title;     /* plain text */
	str_t                summary;   /* plain text; may be empty */
	str_t                html;      /* all of it, addresses absolute */
	str_t                language;  /* empty: the feed's */
	usec_t               published;
	usec_t               updated;   /* not before `published` */
	const struct author *authors;
	size_t               nauthors;
	struct feed_label   *labels;    /* section and tags */
	size_t               nlabels;
	struct feed_file    *files;     /* the first picture stands for the entry */
	size_t               nfiles;
};

struct feed {
	str_t              title;
	str_t              about;    /* may be empty */
	str_t              page;     /* absolute address of what it feeds */
	str_t              self;     /* its own, as asked for */
	str_t              first;    /* of its newest document; {NULL, 0}: it is this one */
	str_t              next;     /* of the document with older entries; {NULL, 0}: none */
	str_t              language;
	str_t              publisher; /* the publication's name */
	str_t              site;      /* its address */
	struct strs        hubs;     /* WebSub hubs that tell of news */
	struct feed_entry *entries;
	size_t             n;
	usec_t             changed;  /* of the newest change in it */
};

/* A feed without entries, of the page at `path`, at the address asked for. */
void feed_begin(struct stet *s, struct view *v, struct feed *f, str_t title, str_t path);
/* Paged as RFC 5005 section 3 has it, by the keys of the lists' pages: `older` is that of the next
 * document, empty if there is none; `newest`: this is the first. */
void feed_pages(struct view *v, struct feed *f, str_t older, bool newest);
/* Room for one more entry. */
struct feed_entry *feed_add(arena_t *a, struct feed *f);
/* The entry of a story: its full text, picture, authors, labels. */
err_t feed_add_story(struct stet *s, struct view *v, struct feed *f, const struct story *st) CHECKED;
/* Clean HTML as an entry holds it: pictures in all formats, local addresses absolute. */
err_t feed_html(struct stet *s, struct view *v, str_t html, str_t *out) CHECKED;
/* A paragraph with what was wrong, for the head of an entry's text. */
void feed_correction(struct view *v, struct buf *b, const struct correction *k);
/* The view's body: the format is that of the address's last segment. */
err_t feed_write(struct view *v, struct feed *f) CHECKED;

/* --- behind feed_write --- */
/* The page of an author; empty for one who has none. */
str_t feed_author_url(arena_t *a, const struct feed *f, const struct author *author);
void  feed_write_rss(struct view *v, const struct feed *f);
void  feed_write_atom(struct view *v, const struct feed *f);
err_t feed_write_json(struct view *v, const struct feed *f) CHECKED;

/* Feeds of the whole, a section, tag, author and series. */
extern const struct route feed_routes[];
