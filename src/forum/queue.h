/* queue.h: what waits for moderators. A page of a tab is a range of an index, however long the tab is. */
#pragma once

#include "forum/decide.h"

enum queue_tab { QUEUE_PENDING, QUEUE_REPORTED, QUEUE_RECENT, QUEUE_REMOVED, QUEUE_APPEALS, QUEUE_NOTICES, QUEUE_TABS };
str_t queue_name(enum queue_tab t);
bool  queue_parse(str_t s, enum queue_tab *out);
/* "/moderation", "/moderation/reported" */
str_t queue_path(arena_t *a, enum queue_tab t);

enum { QUEUE_PAGE = 20, QUEUE_COUNTED = 100 };

struct queue_entry {
	id64               id;  /* a comment; of appeals a decision, of notices a notice */
	struct comment_key key;
};
struct queue_list {
	struct queue_entry v[QUEUE_PAGE];
	size_t             n;
	bool               more;
};
struct comment_key queue_first(enum queue_tab t);
err_t queue_load(struct conn *c, enum queue_tab t, struct comment_key after, struct queue_list *out) CHECKED;
/* How many wait, at most QUEUE_COUNTED; -1 where nothing waits (recent, removed). */
err_t queue_count(struct conn *c, enum queue_tab t, int64_t *out) CHECKED;

/* Two minutes in which a comment is a moderator's to look at. */
#define CLAIM_LIFE (2 * MINUTE)
struct claim {
	id64  moderator; /* 0: nobody's */
	str_t name;
};
err_t claim_of(struct conn *c, arena_t *a, id64 comment, usec_t now, struct claim *out) CHECKED;
/* ERR_CONFLICT, with the other's name, if another has it. */
err_t claim_take(struct stet *s, arena_t *a, const struct reader *moderator, id64 comment) CHECKED;
