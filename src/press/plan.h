/* plan.h: what stands on the front page and on a section's front, in which order and how large.
 *
 * A plan is a list of stories with sizes that holds from a moment on, until the next one begins. Each is
 * made anew, none is changed; so the morning's front can be laid out the night before, and yesterday's
 * stays known. Where a plan has no story for a place the newest stand there, and an empty plan leaves
 * the front to the newest altogether. A planned story that is not public (yet, or any more) is
 * passed over. */
#pragma once

#include "page/site.h"
#include "press/press.h"

enum plan_size { PLAN_LEAD, PLAN_LARGE, PLAN_MEDIUM, PLAN_SMALL };

struct planned {
	struct card    card;
	enum plan_size size;
};

struct plan {
	id64            id;      /* 0: none has begun */
	struct section  section; /* .id 0: the whole paper's */
	usec_t          begins;
	usec_t          made;
	usec_t          cancelled; /* 0: not */
	str_t           actor;
	struct planned *v;       /* in order */
	size_t          n;
};

enum { PLAN_MOST = 40 }; /* stories: more than a front page shows */

extern const struct act_kind ACT_PLAN_MAKE, ACT_PLAN_CANCEL, ACT_PLAN_TURN, ACT_PLAN_IMPORT;

str_t plan_size_name(enum plan_size size);
bool  plan_size_parse(str_t s, enum plan_size *out);

/* The plan that holds at `at` for a section's front (0: the whole paper's), with all its stories. */
err_t plan_at(struct conn *c, arena_t *a, id64 section, usec_t at, struct plan *out) CHECKED;

/* The last plans, newest beginning first, those to come included; without their stories. */
err_t plan_list(struct conn *c, arena_t *a, size_t limit, struct plan **out, size_t *n) CHECKED;

/* One of them with its stories; .id 0 if there is none. */
err_t plan_load(struct conn *c, arena_t *a, id64 id, struct plan *out) CHECKED;

/* Makes a plan from stories (`.card.id`) and sizes; `begins` 0: now. A story twice, two leads, a story
 * of another section on a section's front: refused, naming the story. */
err_t plan_make(struct stet *s, arena_t *a, struct plan *plan, str_t actor) CHECKED;

/* A plan made elsewhere, with all it was there (exchange/planfile.h): what is here already stays as it is,
 * and one that is to come has its turn. */
err_t plan_bring(struct stet *s, arena_t *a, struct plan *plan, str_t actor, bool *fresh) CHECKED;

/* Takes a plan back that has not begun. */
err_t plan_cancel(struct stet *s, arena_t *a, id64 plan, str_t actor) CHECKED;

/* The job that drops the pages a plan changes, at the moment it begins. */
struct job;
err_t plan_turn_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
#define PLAN_TURN "plan.turn"

/* Of a plan what readers may see: its lead, or NULL; the cards of a size. */
const struct card *plan_lead(const struct plan *plan);
json_t            *plan_cards(struct view *v, const struct plan *plan, enum plan_size size);
