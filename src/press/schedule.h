/* schedule.h: stories that come out by themselves, and those that may not yet.
 *
 * The moment stands on the story (story.scheduled); a job that is due then brings it out. The act that
 * sets the moment writes the job with it, whichever way the story was saved, so there is never one
 * without the other. A job does nothing if the story is not scheduled for that very moment any more. */
#pragma once

#include "press/press.h"

struct job; /* record/jobs.h */

extern const struct act_kind ACT_STORY_SCHEDULE, ACT_STORY_UNSCHEDULE, ACT_STORY_EMBARGO;

/* The job's kind, and its handler. */
#define STORY_COME_OUT "story.come-out"
err_t story_come_out(struct stet *s, arena_t *a, const struct job *job) CHECKED;

/* Lets a draft come out at `at`. Refused, with the reason, if it could not be published then. */
err_t story_schedule(struct stet *s, arena_t *a, struct story *st, usec_t at, str_t actor) CHECKED;
err_t story_unschedule(struct stet *s, arena_t *a, struct story *st, str_t actor) CHECKED;
/* Forbids publishing it before `until`; 0 lifts that. */
err_t story_embargo(struct stet *s, arena_t *a, struct story *st, usec_t until, str_t actor) CHECKED;

/* A draft that waits for a moment. */
struct coming {
	struct story story;   /* id, kind, slug, section, headline, scheduled, embargo */
	str_t        failure; /* why it did not come out when it should have; empty: it did not fail */
};
/* Scheduled stories, soonest first, then those under an embargo that are not scheduled. */
err_t story_plan(struct stet *s, struct conn *c, arena_t *a, struct coming **out, size_t *n) CHECKED;

/* For the doctor: stories whose moment has passed and that are drafts still. */
err_t schedule_doctor(struct stet *s, struct conn *c, arena_t *a, struct strs *findings) CHECKED;
