/* question.h: questions and answers: the newsroom invites guests to a story, readers ask, guests answer.
 *
 * While "answers" is set for a story, what readers write to it (not to one another) is a question, which waits until a
 * guest or the newsroom answers it. A guest is a reader like others, who was invited to this story alone; what they wrote
 * as one stays marked so. */
#pragma once

#include "forum/forum.h"

struct guest {
	struct reader reader; /* id, name, picture, role, state alone */
	str_t         title;  /* who they are; empty: a guest */
};
struct guests {
	struct guest *v;
	size_t        n;
};
enum { GUESTS_MOST = 20, GUEST_TITLE = 100 };

err_t guests_of(struct conn *c, arena_t *a, id64 story, struct guests *out) CHECKED;
err_t guest_is(struct conn *c, id64 story, id64 reader, bool *out) CHECKED;
/* `who` is a name or an address that somebody is registered with; a letter tells them. Again: with another title. */
err_t guest_invite(struct stet *s, arena_t *a, id64 story, str_t who, str_t title, str_t actor) CHECKED;
err_t guest_dismiss(struct stet *s, arena_t *a, id64 story, id64 reader, str_t actor) CHECKED;
/* "Ann Lee (harbour master); bo@example.org": invites those, dismisses all others. "inherit", or nothing: nobody. */
err_t guests_set(struct stet *s, arena_t *a, id64 story, str_t list, str_t actor) CHECKED;

/* In writers: what stands already becomes questions, what guests have said already answers; what was posted is one, or answers one; an answer appears or goes. */
err_t questions_begin(struct conn *c, id64 story) CHECKED;
err_t question_posted(struct conn *c, const struct comment *k) CHECKED;
err_t question_settle(struct conn *c, id64 id) CHECKED;
/* Whether a reader may answer what stands in the branch of `above`: guests and staff may, and whoever asked. */
err_t question_may_answer(struct conn *c, arena_t *a, const struct reader *r, const struct comment *above,
			  const struct forum_settings *set) CHECKED;

enum { QUESTIONS_COUNTED = 1000 };
/* At most QUESTIONS_COUNTED. */
err_t question_count(struct conn *c, id64 story, bool answered, int64_t *out) CHECKED;

extern const struct route question_routes[];
