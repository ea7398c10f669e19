/* moderation.h: what the moderators' pages share. */
#pragma once

#include "forum/appeal.h"
#include "forum/pages.h"

/* Whoever asks is a moderator. True if the answer is another: the way to sign in, or a refusal in `e`. */
bool must_moderate(struct stet *s, struct request *q, struct response *r, struct who *who, err_t *e);
/* ERR_REFUSED unless they are staff, and not suspended or banned: then they see nothing of others, either. */
err_t check_moderates(struct stet *s, arena_t *a, const struct reader *r) CHECKED;
/* "page" of a page of this room, which nobody else may keep or find. */
void moderation_head(struct stet *s, struct view *v, str_t title, str_t path);
/* [{value, text, chosen}]: why something is taken away; chosen is what the form says, or `chosen`. */
json_t *reason_list(const struct view *v);
json_t *reason_list_of(const struct view *v, str_t chosen);
/* {id, url, what, reason?, words?, facts?, date, until?, automated, undone, reader?, restricts} */
json_t *decision_view(struct view *v, const struct decision *d);
/* The same, newest first. */
err_t decisions_view(struct view *v, id64 reader, size_t most, json_t **out) CHECKED;
/* The status of a refusal, its words as "error" and in "errors" under the name of its field; lets go of `e`. */
void set_refusal(struct view *v, err_t *e);
/* A value of the form, or empty. */
str_t form_value(const struct request *q, const char *name);

extern const struct route decision_routes[];
extern const struct route moderation_routes[];
extern const struct route moderation_reader_routes[];
extern const struct route notice_routes[];
extern const struct route held_routes[];
