/* talk.h: comments and conversations as views. */
#pragma once

#include "forum/question.h"
#include "forum/thread.h"
#include "page/site.h"

/* What a reader thinks of the comments on a story. */
struct comment_votes {
	struct {
		id64 comment;
		int  way; /* 1: recommends it, -1: the opposite */
	} *v;
	size_t n;
};
err_t comment_votes_of(struct conn *c, arena_t *a, id64 reader, id64 story, struct comment_votes *out) CHECKED;

/* Who looks, where the page is made for them alone. */
struct talk {
	struct stet                  *s;
	struct view                  *v;
	const struct story           *st;
	const struct forum_settings  *set;
	enum comment_sort             sort;
	str_t                         text; /* of the story, for quotes; made when first needed */
	struct who                    who;
	struct comment_votes         *votes;
	id64                         *muted; /* readers whose words they do not want to see */
	size_t                        nmuted;
	id64                         *branches; /* that they follow */
	size_t                        nbranches;
	bool                          followed; /* the story is */
	struct guests                 guests; /* where questions are answered */
	bool                          guest;  /* whoever looks is one of them */
	bool                          moderates; /* whoever looks does, and nothing keeps them from it */
	id64                          asker;  /* who wrote the first of the branch that is drawn; 0: not known */
};

err_t talk_begin(struct stet *s, struct view *v, const struct story *st, const struct forum_settings *set,
		 enum comment_sort sort, struct talk *out) CHECKED;
/* One comment and what is below it; each one's keys are in templates/comment.html. */
json_t *talk_comment(struct talk *t, const struct branch *b);
json_t *talk_comments(struct talk *t, const struct branches *list);
/* That its branch is slow, until when, and what that means; empty if it is not. */
str_t talk_slow(const struct talk *t, const struct comment *root);
/* "talk" of a page: count, what can be done, the form. `where` is the comment it answers; 0: the story. */
err_t talk_frame(struct talk *t, id64 where) CHECKED;
/* "page" of a page about the conversation. */
void talk_head(struct talk *t, str_t title, str_t path);

/* The same as schema.org Comment. */
json_t *talk_structured(struct talk *t, const struct branches *list);
