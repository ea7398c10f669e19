/* queue_item.h: what stands in the queue, as JSON for templates/moderation-item.html. */
#pragma once

#include "forum/moderation.h"
#include "forum/queue.h"

/* A comment as moderators see it, with its writer and its reports. */
err_t queue_comment(struct stet *s, struct view *v, const struct who *who, id64 id, json_t **out) CHECKED;
err_t queue_appeal(struct view *v, id64 decision, json_t **out) CHECKED;
err_t queue_notice(struct view *v, id64 id, json_t **out) CHECKED;
/* {name, url, moderation, comments, removed, sanctions [{what, until?}], names [name]}: null for nobody */
err_t queue_reader(struct stet *s, struct view *v, id64 reader, json_t **out) CHECKED;
/* The board again, with what was refused; lets go of `error`. */
err_t moderation_board(struct stet *s, struct request *q, struct response *r, const struct who *who,
		       enum queue_tab tab, err_t error) CHECKED;
