/* stet.h: the running publication: what every room is handed. Made in main, by floors: each room
 * knows the parts of the floors under it. */
#pragma once

#include "base/base.h"
#include "base/config.h"

struct store;     /* store/store.h */
struct bus;       /* record/bus.h */
struct jobs;      /* record/jobs.h */
struct theme;     /* page/theme.h */
struct cache;     /* page/cache.h */
struct site_state; /* page/site.h */
struct server;    /* http/server.h */
struct reads;     /* press/reads.h */
struct live_stream; /* press/live_stream.h */
struct readers;   /* readers/readers.h */
struct press_given; /* press/pages.h */
struct forum_stream; /* forum/stream.h */
struct judge;     /* forum/judge.h */

struct stet {
	const char       *folder; /* the publication's */
	struct config     config;
	struct log        log;
	struct clock      clock;
	struct ids        ids;
	struct store     *store;
	struct bus       *bus;
	struct jobs      *jobs;      /* this and the rest only in `stet serve` */
	struct jobs      *slow_jobs; /* pictures and the like */
	struct jobs      *calls;     /* to other people's servers */
	struct jobs      *letters;   /* mail */
	struct theme     *theme;
	bool              development; /* pages are made anew for every request */
	struct cache     *cache;
	struct site_state *site;
	struct server    *server;
	struct reads     *reads;
	struct readers   *readers;
	struct live_stream *live;    /* tells open pages of live blogs what is new */
	const struct press_given *press; /* what rooms above add to stories; NULL: nothing */
	struct judge     *judge;     /* the rules of comments */
	struct forum_stream *forum_stream; /* the same as `live`, for conversations */
};
