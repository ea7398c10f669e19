/* live_view.h: a live blog as readers see it: on its page, and in the events of its stream. */
#pragma once

#include "press/live.h"
#include "press/view.h"
#include "record/record.h"

/* What a story's page has of it: "live_blog". A story_part. */
err_t part_live(struct stet *s, struct view *v, const struct story *st) CHECKED;

/* An entry: id, url, time {iso, text, clock, day}, headline, body, key, byline, edited, withdrawn, why,
 * corrections. */
err_t live_entry_view(struct stet *s, struct view *v, const struct story *st,
		      const struct live_entry *e, json_t **out) CHECKED;

/* Its address, which leads to the page that holds it and to its place there. */
str_t live_permalink(arena_t *a, const struct story *st, id64 entry);
/* What stands for it where a title has to be: its headline, its key point, or its first words. */
str_t live_entry_title(arena_t *a, const struct live_entry *e);
/* The key of the entries behind the page's last, as "?before=" has it. */
str_t live_key_text(arena_t *a, const struct live_entries *page);
/* "?before=KEY" as it was asked for; zeroed: the newest. */
err_t live_key_asked(const struct request *q, struct live_key *out) CHECKED;

/* ".../rss.xml", atom.xml and feed.json of a live blog (live_feed.c). */
extern const struct route live_feed_routes[];

/* What open pages are told of one entry of the record: JSON in one line. `last`: the stream ends. */
struct live_event {
	int64_t number;
	str_t   data;
	bool    last;
};
err_t live_event_make(struct stet *s, arena_t *a, struct conn *c, const struct entry *record,
		      struct live_event *out) CHECKED;

/* "Look at the page again": what took place is more than events could tell. */
struct live_event live_event_reset(int64_t number);
