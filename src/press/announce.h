/* announce.h: telling the world that something changed: WebSub hubs (w3.org/TR/websub), who pass it on
 * to those who follow a feed, and search engines (indexnow.org).
 *
 * An act that changes what is public leaves one job for each hub and one for IndexNow, due some time
 * later (announce_after in stet.conf); while such a job waits, further acts leave none. When it runs
 * it reads the record from the act that left it, so one call tells of all that changed meanwhile.
 * Nothing is told where nothing is set, and never from a publication whose address the world cannot
 * reach. */
#pragma once

#include "press/press.h"

struct act;
struct job;

/* Within an act's rows: leaves the jobs. */
err_t announce_follow(struct stet *s, struct conn *c, struct act *act) CHECKED;

err_t websub_ping_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
err_t indexnow_tell_job(struct stet *s, arena_t *a, const struct job *job) CHECKED;
#define WEBSUB_PING   "websub.ping"
#define INDEXNOW_TELL "indexnow.tell"
