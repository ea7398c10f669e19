/* saving.h: what the verbs that change a story share (prepare.c, save.c, schedule.c,
 * corrections.c). */
#pragma once

#include "press/press.h"

/* Judges and writes `next` over what `*st` is, from the revision that `*st` was; on success it is what
 * `*st` becomes, else `*st` stays as it was. */
err_t story_commit(struct stet *s, arena_t *a, const struct act_kind *kind, struct story next,
		   str_t actor, struct story *st) CHECKED;

/* Cleans and judges all of a story that can be judged without the database; fills in the slugs that
 * are missing. Refusals name the field. */
err_t story_prepare(arena_t *a, struct story *st) CHECKED;

/* What a story must have before readers get it: a text or a picture, and a picture its words. */
err_t story_check_for_readers(const struct story *st) CHECKED;

/* Nobody may publish it before the end of its embargo. */
err_t story_check_embargo(struct stet *s, arena_t *a, const struct story *st) CHECKED;

/* What was wrong and what is right must be told, in one text or as the two apart. */
err_t correction_check(const char *field, const struct correction *k) CHECKED;

/* The job that brings a draft out when its time comes; see schedule.c. */
str_t schedule_payload(arena_t *a, const struct story *st);
