/* thread.h: a page of a conversation: some comments and, below each, some of its answers, as many as a page
 * bears. The rest is behind links, so a page costs the same however long the conversation is. */
#pragma once

#include "forum/forum.h"

struct branches {
	struct branch *v;
	size_t         n;
	bool           more; /* behind the last */
};
struct branch {
	struct comment  k;
	struct branches below;
	bool            deeper; /* what answers it is on a page of its own */
};

struct thread_asked {
	id64               story, parent; /* what stands right below `parent` (0: the story) */
	enum comment_sort  sort;
	struct comment_key after;
	size_t             most;  /* right below */
	size_t             all;   /* with all answers */
	int                depth; /* levels of answers */
	int                questions; /* right below: 0: all, else QUESTION_WAITS or QUESTION_ANSWERED alone */
};
err_t thread_load(struct conn *c, arena_t *a, const struct thread_asked *t, struct branches *out) CHECKED;
