/* press.h: stories, and everything that is printed around them.
 *
 * A story is edited as a whole: load or fill a struct story, then story_save. Each save is one act:
 * the row, its authors and tags, a revision that is kept for ever, the old address as a redirect if
 * it moved, and the topics of every page that shows it. Static pages are stories of kind page,
 * without section or byline. */
#pragma once

#include "base/stet.h"
#include "http/http.h"
#include "store/store.h"

enum story_kind { STORY, STATIC_PAGE };
enum story_state { DRAFT, PUBLISHED, WITHDRAWN };
enum story_format { MARKDOWN, HTML };
/* What sort of text it is: told to readers over the headline, and to search engines. */
enum story_genre { REPORT, ANALYSIS, OPINION, REVIEW, BACKGROUND, SPONSORED };
/* Whether it is a live blog, and whether that goes on. */
enum story_live { NOT_LIVE, LIVE, LIVE_ENDED };
enum correction_kind { CORRECTION, CLARIFICATION };

struct section {
	id64  id;
	str_t slug;
	str_t name;
	str_t description;
	int   position; /* in the navigation, from 0 */
};

struct tag {
	id64  id;
	str_t slug;
	str_t name;
};

enum media_kind { PICTURE, VIDEO, AUDIO, PLAIN_FILE };

struct media {
	id64            id;      /* 0: none */
	enum media_kind kind;
	str_t           hash;
	str_t           format;  /* "jpeg", "mp4", "pdf" ...; media_kind.c lists them */
	int             width, height; /* 0 where there is nothing to see, or where it is not known */
	int64_t         bytes;
	usec_t          duration; /* 0: none, or not known */
	str_t           name;    /* file name as it came */
	str_t           alt;
	str_t           caption; /* clean inline HTML */
	str_t           credit;
	str_t           creator;
	str_t           copyright;
	str_t           licence; /* an address, or a name as "CC BY 4.0" */
	id64            poster;  /* the picture that stands for a video; 0: none */
	int             focus_x, focus_y; /* the subject, in percent from the left and the top */
};

struct author {
	id64         id;
	str_t        slug;
	str_t        name;
	str_t        role;
	str_t        bio;     /* clean inline HTML */
	struct media picture;
};

struct correction {
	id64                 id;
	usec_t               made;
	enum correction_kind kind;
	bool                 serious; /* stands at the head of the story, not at its foot */
	str_t                text;    /* clean inline HTML, as what follows */
	str_t                wrong;   /* what was said; may be empty */
	str_t                right;   /* what is so; may be empty */
};

/* Stories that belong together, in the order of their publication. */
struct series {
	id64  id;
	str_t slug;
	str_t name;
	str_t description; /* clean inline HTML */
};

/* A story that another names. */
struct story_ref {
	id64  id;
	str_t slug;
};

/* What stands at the head of a story: a picture as this story shows it. */
struct lead_picture {
	struct media media;   /* .id 0: no picture */
	str_t        alt;
	str_t        caption; /* clean inline HTML */
	str_t        credit;
};

struct story {
	id64                id;        /* 0: not saved yet */
	enum story_kind     kind;
	str_t               slug;
	enum story_state    state;
	struct section      section;   /* .id 0 for a page */
	str_t               kicker;    /* the few words over the headline */
	enum story_genre    genre;
	str_t               headline;
	str_t               standfirst; /* clean inline HTML */
	str_t               dateline;
	enum story_format   format;
	str_t               source;    /* the body as written */
	str_t               body;      /* clean HTML */
	int64_t             words;
	bool                long_read;
	struct lead_picture picture;
	struct author      *authors;   /* in order */
	size_t              nauthors;
	struct tag         *tags;      /* in order */
	size_t              ntags;
	struct correction  *corrections; /* oldest first */
	size_t              ncorrections;
	struct series       series;    /* .slug empty: none */
	struct story_ref   *related;   /* chosen by the newsroom, in order */
	size_t              nrelated;
	str_t               language;  /* BCP 47; empty: the publication's */
	struct story_ref    translates; /* the story it is a translation of; .slug empty: none */
	bool                no_ask;    /* never beside it: a request for support */
	bool                sensitive; /* readers are warned first; shared without its picture */
	usec_t              scheduled; /* when a draft comes out by itself; 0: not */
	usec_t              embargo;   /* before this nobody may publish it; 0: none */
	enum story_live     live;
	usec_t              live_from, live_until; /* 0: not yet */
	usec_t              published; /* first; 0: never */
	usec_t              updated;   /* 0: not since */
	str_t               withdrawn_why;
	usec_t              withdrawn; /* 0: it is not */
	int64_t             revision;  /* newest number; 0: not saved yet */
	usec_t              saved;
};

/* One line of a list: what a card shows. */
struct card {
	id64                id;
	str_t               slug;
	str_t               headline;
	str_t               standfirst;
	struct section      section;   /* slug and name */
	str_t               kicker;
	enum story_genre    genre;
	enum story_live     live;
	str_t               live_line; /* while it is live: its newest key point or entry */
	str_t               language;  /* empty: the publication's */
	struct author      *authors;   /* in order: slug, name and role */
	size_t              nauthors;
	usec_t              published;
	usec_t              updated;
	bool                long_read;
	usec_t              corrected; /* last; a clarification does not count; 0: never */
	bool                sensitive;
	enum story_state    state;
	enum story_kind     kind;
	struct lead_picture picture;
	int64_t             comments;  /* that are shown */
	bool                hushed;    /* the publication takes none by itself */
};

/* Where a page of a list begins: behind this story. Both 0: at the newest. */
struct list_key {
	usec_t published;
	id64   id;
};

enum list_of { LIST_ALL, LIST_SECTION, LIST_TAG, LIST_AUTHOR, LIST_SERIES };

struct list {
	struct card *v;
	size_t       n;
	bool         more;
};

extern const struct act_kind ACT_STORY_CREATE, ACT_STORY_REVISE, ACT_STORY_PUBLISH,
	ACT_STORY_WITHDRAW, ACT_STORY_CORRECT, ACT_SECTION_SAVE, ACT_AUTHOR_SAVE, ACT_TAG_KEEP, ACT_SERIES_SAVE,
	ACT_MEDIA_ADD, ACT_MEDIA_EDIT, ACT_MEDIA_TRACK, ACT_MEDIA_REMOVE, ACT_REDIRECT_SAVE;

/* --- reading; all strings in `a` --- */

/* ERR_MISSING if there is none. */
err_t story_load(struct conn *c, arena_t *a, id64 id, struct story *out) CHECKED;
err_t story_by_slug(struct conn *c, arena_t *a, enum story_kind kind, str_t slug,
		    struct story *out) CHECKED;
/* Its row alone: without authors, tags, related stories, corrections. */
err_t story_row_load(struct conn *c, arena_t *a, id64 id, struct story *out) CHECKED;
err_t story_row_by_slug(struct conn *c, arena_t *a, enum story_kind kind, str_t slug, struct story *out) CHECKED;
/* By id, slug, path or full URL, as a person at the command line names it. */
err_t story_find(struct conn *c, arena_t *a, str_t name, struct story *out) CHECKED;

/* Public stories, newest first, `limit` at most behind `after`. `id` of the section, tag, author. */
err_t list_stories(struct conn *c, arena_t *a, enum list_of of, id64 id, struct list_key after,
		   size_t limit, struct list *out) CHECKED;
/* These stories, in this order; those that are not there are passed over. */
err_t list_chosen(struct conn *c, arena_t *a, const id64 *ids, size_t n, struct list *out) CHECKED;
/* Everything in the desk's order: last saved first; `state` -1 for any. */
err_t list_saved(struct conn *c, arena_t *a, int state, size_t limit, struct list *out) CHECKED;

err_t section_list(struct conn *c, arena_t *a, struct section **out, size_t *n) CHECKED;
err_t section_by_slug(struct conn *c, arena_t *a, str_t slug, struct section *out) CHECKED;
err_t tag_by_slug(struct conn *c, arena_t *a, str_t slug, struct tag *out) CHECKED;
err_t author_by_slug(struct conn *c, arena_t *a, str_t slug, struct author *out) CHECKED;
err_t series_by_slug(struct conn *c, arena_t *a, str_t slug, struct series *out) CHECKED;
err_t page_list(struct conn *c, arena_t *a, struct card **out, size_t *n) CHECKED;

struct revision {
	int64_t number;
	usec_t  saved;
	str_t   actor;
	str_t   state;
	str_t   content; /* JSON */
};
err_t revision_load(struct conn *c, arena_t *a, id64 story, int64_t number, struct revision *out)
	CHECKED;

/* Where an old path leads: the new path, or {NULL, 0}. */
err_t redirect_find(struct conn *c, arena_t *a, str_t path, str_t *out) CHECKED;

/* --- writing --- */

/* Saves a new story (id 0) or a changed one. Checks every rule and names the field of the one that
 * is broken; cleans the body from its source, and standfirst and captions. A new slug is made from
 * the headline if it has none. Tags and authors are found by slug or made; a correction without id
 * is a new one, its text HTML. `expect` is the revision
 * that was edited: ERR_CONFLICT if there is a newer one; 0 to go over it. */
err_t story_save(struct stet *s, arena_t *a, struct story *story, int64_t expect, str_t actor)
	CHECKED;
/* The same, with rows that another room writes in the same act (an import's books). */
typedef err_t (*story_rows_fn)(struct conn *c, arena_t *a, const struct story *saved, void *ctx);
err_t story_save_also(struct stet *s, arena_t *a, struct story *story, int64_t expect, str_t actor,
		      story_rows_fn also, void *ctx) CHECKED;
err_t story_publish(struct stet *s, arena_t *a, struct story *story, str_t actor) CHECKED;
err_t story_withdraw(struct stet *s, arena_t *a, struct story *story, str_t why, str_t actor)
	CHECKED;
/* The texts of `said` are Markdown; `made` 0: now. */
err_t story_correct(struct stet *s, arena_t *a, struct story *story, const struct correction *said,
		    str_t actor) CHECKED;

/* A tag, unless one of that address is there: then `*tag` becomes that. */
err_t tag_keep(struct stet *s, arena_t *a, struct tag *tag, str_t actor) CHECKED;
/* Saves by slug: makes or changes. */
err_t section_save(struct stet *s, arena_t *a, struct section *section, str_t actor) CHECKED;
err_t author_save(struct stet *s, arena_t *a, struct author *author, str_t actor) CHECKED;
err_t series_save(struct stet *s, arena_t *a, struct series *series, str_t actor) CHECKED;

/* --- names --- */

/* As they stand in the database and in views: "draft", "page", "markdown" ... */
str_t story_kind_name(enum story_kind k);
str_t story_state_name(enum story_state st);
str_t story_format_name(enum story_format f);
bool  story_state_parse(str_t s, enum story_state *out);
str_t story_genre_name(enum story_genre g);
bool  story_genre_parse(str_t s, enum story_genre *out);
str_t story_live_name(enum story_live l);
bool  story_live_parse(str_t s, enum story_live *out);
str_t correction_kind_name(enum correction_kind k);
bool  correction_kind_parse(str_t s, enum correction_kind *out);

/* "/world/harbour-opens"; "/about" for a page. */
str_t story_path(arena_t *a, const struct story *story);
str_t card_path(arena_t *a, const struct card *card);
/* "Ann Lee, Bo Chan and Cy Dee"; `and` is " and " in the reader's language. */
str_t byline(arena_t *a, const struct author *authors, size_t n, str_t and);
/* A slug from any text: lower case, digits, hyphens; Latin letters lose their marks, other scripts
 * stay; at most 80 bytes. Empty if nothing is left. */
str_t slug_from(arena_t *a, str_t text);
/* OK if `slug` is one: characters and length. `field` is named in the message. */
err_t slug_check(const char *field, str_t slug) CHECKED;
/* The same for what stands right under "/" (sections, pages), where some words are taken. */
err_t slug_check_top(const char *field, str_t slug) CHECKED;

extern const struct route press_routes[];
