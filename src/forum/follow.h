/* follow.h: what readers follow, and what there is to read because of it.
 *
 * Nothing is handed out when somebody writes: a comment costs the same however many follow its story. Whoever
 * looks gets, of each thing they follow, the newest in the range of an index, merged. So a page costs as much as
 * is followed, not as much as was written. */
#pragma once

#include "forum/forum.h"

/* A branch of a conversation is followed by its first comment. */
enum follow_kind { FOLLOW_BRANCH, FOLLOW_STORY, FOLLOW_AUTHOR, FOLLOW_READER };
err_t follow_set(struct stet *s, arena_t *a, id64 reader, enum follow_kind kind, id64 subject, bool on) CHECKED;
err_t follow_is(struct conn *c, id64 reader, enum follow_kind kind, id64 subject, bool *out) CHECKED;
/* Those of one kind; all that a reader follows so. */
err_t follow_list(struct conn *c, arena_t *a, id64 reader, enum follow_kind kind, id64 **out, size_t *n) CHECKED;

/* The strongest reason comes first. */
enum news_why { WHY_ANSWER, WHY_MENTION, WHY_READER, WHY_BRANCH, WHY_STORY, WHY_AUTHOR };

struct news {
	bool          story; /* a new story; else a comment */
	id64          id;
	usec_t        made;
	enum news_why why;
	bool          unread;
};
struct news_list {
	struct news *v;
	size_t       n;
	bool         more;
};
/* Newest first, behind `before` (comment_key_first(SORT_NEWEST): from the beginning). Of readers who are muted
 * there is nothing, nor of oneself. */
err_t news_load(struct conn *c, arena_t *a, id64 reader, struct comment_key before, size_t limit,
		struct news_list *out) CHECKED;
/* At most UNREAD_MOST. */
err_t news_unread(struct conn *c, arena_t *a, id64 reader, int64_t *out) CHECKED;
/* All up to that moment is seen, on every device. It never goes back. */
err_t news_see(struct stet *s, arena_t *a, id64 reader, usec_t to) CHECKED;

/* A new secret for the address of their feed, whose hash alone is kept; the old address ends. */
err_t news_feed_make(struct stet *s, arena_t *a, id64 reader, str_t *secret) CHECKED;
err_t news_feed_end(struct stet *s, arena_t *a, id64 reader) CHECKED;
/* 0: none. */
err_t news_feed_reader(struct conn *c, arena_t *a, str_t secret, id64 *out) CHECKED;
err_t news_feed_made(struct conn *c, id64 reader, usec_t *out) CHECKED;

/* press_given.author: whether whoever looks follows them, on pages made for one reader. */
err_t follow_author_part(struct stet *s, struct view *v, const struct author *author) CHECKED;

extern const struct route follow_routes[];
extern const struct route following_routes[];
