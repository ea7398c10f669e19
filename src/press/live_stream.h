/* live_stream.h: what open pages of a live blog are told, as it happens.
 *
 * A thread follows the record. For each entry that touches a live blog it reads what is so now, renders
 * it once, and hands it to the server, which sends it to all who listen to "live:STORY"; its id is
 * the entry's number. So whoever wrote it, this process or another, and whatever was missed: who
 * names the last id it saw is told of the rest, in order and once. */
#pragma once

#include "http/http.h"

struct live_stream; /* in struct stet */

/* Before the server starts to serve and before the bus: what is in the record by now is told to nobody. */
err_t live_stream_new(struct stet *s, struct live_stream **out) CHECKED;
/* Once s->server is there. */
err_t live_stream_start(struct live_stream *l) CHECKED;
/* bus_fn */
void  live_stream_wake(void *live_stream, const str_t *topics, size_t n, int64_t entry);
void  live_stream_stop(struct live_stream *l);
void  live_stream_free(struct live_stream *l);

/* "/:section/:slug/events" */
extern const struct route live_routes[];
