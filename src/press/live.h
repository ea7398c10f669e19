/* live.h: live blogs: a story that goes on in timed entries.
 *
 * A live blog is a story whose `live` is LIVE or LIVE_ENDED; its entries are read newest first, a page
 * at a time, by their key (time, id). Some carry a key point: one line at the head of the page, in
 * an order that the editors give. Every change of an entry is one act about the story, with the
 * topics of its page and of its stream; the text that an entry had before stays in a revision. */
#pragma once

#include "press/press.h"

struct live_entry {
	id64           id;         /* 0: not posted yet */
	id64           story;
	usec_t         time;       /* 0 for a new one: now */
	str_t          headline;   /* may be empty */
	str_t          source;     /* Markdown */
	str_t          body;       /* clean HTML */
	str_t          key;        /* the line among the key points; empty: it is none */
	int64_t        position;   /* of that, from 1; 0 for a new one: the last */
	struct author *authors;    /* in order: slug and name */
	size_t         nauthors;
	struct correction *corrections; /* oldest first */
	size_t         ncorrections;
	bool           withdrawn;
	str_t          why;
	usec_t         edited;     /* 0: never */
	int64_t        revision;   /* newest number */
	usec_t         saved;
};

/* Where a page of entries begins: behind this entry. Both 0: at the newest. */
struct live_key {
	usec_t time;
	id64   id;
};

struct live_entries {
	struct live_entry *v;
	size_t             n;
	bool               more;
};

enum { LIVE_PAGE = 25 }; /* entries on a page: about what a story of some length weighs */

extern const struct act_kind ACT_LIVE_POST, ACT_LIVE_EDIT, ACT_LIVE_WITHDRAW, ACT_LIVE_CORRECT,
	ACT_LIVE_PIN, ACT_LIVE_UNPIN, ACT_LIVE_ORDER, ACT_LIVE_IMPORT;

str_t topic_live(arena_t *a, id64 story);

/* --- reading; all strings in `a` --- */

/* Entries older than `before`, newest first, at most `limit`; withdrawn ones too. */
err_t live_entries(struct conn *c, arena_t *a, id64 story, struct live_key before, size_t limit,
		   struct live_entries *out) CHECKED;
/* The key points in their order, as the entries that carry them (without bodies). */
err_t live_keys(struct conn *c, arena_t *a, id64 story, struct live_entries *out) CHECKED;
/* ERR_MISSING if there is none. */
err_t live_load(struct conn *c, arena_t *a, id64 id, struct live_entry *out) CHECKED;
/* By its id as text, as the command line and addresses name it. */
err_t live_find(struct conn *c, arena_t *a, str_t name, struct live_entry *out) CHECKED;
/* What a card of the story says under its headline: the newest entry's key point or headline; empty if
 * no entry has one. */
err_t live_line(struct conn *c, arena_t *a, id64 story, str_t *out) CHECKED;
/* When any of its entries was last changed, 0 if there is none; and how many there are. */
err_t live_state(struct conn *c, id64 story, usec_t *changed, int64_t *count) CHECKED;
/* How many entries are newer than this key. */
err_t live_newer(struct conn *c, id64 story, struct live_key key, int64_t *out) CHECKED;

struct live_revision {
	int64_t number;
	usec_t  saved;
	str_t   actor;
	str_t   content; /* JSON: headline, source, body, key, authors, withdrawn, why, time */
};
struct live_history {
	struct live_revision *v; /* oldest first */
	size_t                n;
};
err_t live_history(struct conn *c, arena_t *a, id64 entry, struct live_history *out) CHECKED;

/* --- writing --- */

/* A story becomes a live blog, or goes on as one; ends. A story_save, with its rules. */
err_t live_start(struct stet *s, arena_t *a, struct story *st, str_t actor) CHECKED;
err_t live_end(struct stet *s, arena_t *a, struct story *st, str_t actor) CHECKED;

/* A new entry. Its body is cleaned from its source, authors are found by slug or made. */
err_t live_post(struct stet *s, arena_t *a, struct live_entry *entry, str_t actor) CHECKED;
/* A changed one; `expect` is the revision that was edited, 0: any. */
err_t live_edit(struct stet *s, arena_t *a, struct live_entry *entry, int64_t expect, str_t actor)
	CHECKED;
/* Its place stays and says why. */
err_t live_withdraw(struct stet *s, arena_t *a, struct live_entry *entry, str_t why, str_t actor)
	CHECKED;
/* A correction of the story that stands at this entry as well. Markdown. */
err_t live_correct(struct stet *s, arena_t *a, struct live_entry *entry,
		   const struct correction *said, str_t actor) CHECKED;
/* Gives it the line `key` among the key points (empty: the one it has, or its headline); takes it
 * from them. */
err_t live_pin(struct stet *s, arena_t *a, struct live_entry *entry, str_t key, str_t actor)
	CHECKED;
err_t live_unpin(struct stet *s, arena_t *a, struct live_entry *entry, str_t actor) CHECKED;
/* These first, in this order; key points not named follow as they stood. */
err_t live_order(struct stet *s, arena_t *a, id64 story, const id64 *entries, size_t n, str_t actor)
	CHECKED;

/* Entries from a file, with all they were (exchange/livefile.h): those whose id is there are changed if
 * they differ, others are added. `changed` counts both. */
struct live_import {
	struct live_entry   entry;
	struct live_history history;
};
err_t live_bring(struct stet *s, arena_t *a, id64 story, struct live_import *v, size_t n, str_t actor,
		 int64_t *changed) CHECKED;
