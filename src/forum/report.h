/* report.h: reports of comments. */
#pragma once

#include "forum/forum.h"

/* Ended by NULL; "report.NAME" says each. They are the rules that decisions follow, too. */
extern const char *const report_reasons[];
bool  report_reason_is(str_t reason);
/* Once each reader, until a moderator decides. */
err_t comment_report(struct stet *s, arena_t *a, const struct reader *r, id64 id, str_t reason, str_t words)
	CHECKED;
/* What shows the moderators' work: "queue" */
str_t topic_queue(void);
