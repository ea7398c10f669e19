/* pages.h: what this room's handlers share. */
#pragma once

#include "forum/forum.h"
#include "forum/talk.h"
#include "readers/pages.h"

/* The story of ":section" and ":slug", with how its conversation is held; ERR_MISSING if there is none. */
err_t conversation_at(struct stet *s, struct conn *c, const struct request *q, arena_t *a, struct story *st,
		      struct forum_settings *set) CHECKED;
/* The id of ":id", or ERR_MISSING. */
err_t comment_asked(const struct request *q, id64 *out) CHECKED;
/* Its first words, as plain text. */
str_t comment_excerpt(arena_t *a, const struct comment *k);
/* Where a comment is in its conversation, with its story. */
err_t comment_place(struct stet *s, arena_t *a, id64 id, struct comment *k, struct story *st) CHECKED;

/* write_page.c: the form again, with what is wrong. */
struct comment_form {
	id64          story, answers; /* what is written */
	id64          edits;          /* a comment that is changed; 0: a new one */
	id64          reports;        /* a comment that the newsroom is told of: `text` and why */
	str_t         reason;
	str_t         text, quote;
	str_t         draft;          /* the secret of a kept one; empty: none */
	bool          preview;
	bool          sure;           /* it may wait (forum.h) */
	usec_t        typed;
	err_t         error;          /* shown; let go of */
};
err_t comment_form_page(struct stet *s, struct request *q, struct response *r, struct comment_form *f) CHECKED;

/* draft.c: keeps what somebody wrote (a comment, an edit, a report) before signing in; the answer leads there by way of signing in. */
err_t draft_keep(struct stet *s, struct request *q, struct response *r, const struct comment_form *f) CHECKED;
void  draft_forget(struct stet *s, arena_t *a, str_t secret);

/* report.c: the form of a report that was kept. */
err_t report_kept_page(struct stet *s, struct request *q, struct response *r, const struct comment_form *f) CHECKED;

extern const struct route forum_write_routes[];
extern const struct route forum_draft_routes[];
extern const struct route forum_report_routes[];
