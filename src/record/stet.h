/* stet.h: the running publication: what every room above this floor is handed. Made in main. */
#pragma once

#include "base/base.h"
#include "base/config.h"
#include "store/store.h"

struct templates; /* page/template.h */
struct assets;    /* page/assets.h */
struct cache;     /* page/cache.h */
struct server;    /* http/server.h */
struct bus;       /* record/bus.h */

struct stet {
	const char      *folder;    /* the publication's */
	struct config    config;
	struct log       log;
	struct clock     clock;
	struct ids       ids;
	struct store    *store;
	struct bus      *bus;
	struct templates *templates; /* the rest only in `stet serve` */
	struct assets   *assets;
	struct cache    *cache;
	struct server   *server;
};
