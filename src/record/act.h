/* act.h: the one way to write.
 *
 * An act is one change of the publication: the domain's rows, one entry in the record, the jobs
 * that follow, and the topics it touches, in one transaction. If the commit succeeds all of it
 * happened; if not, none did. After the commit the topics are announced.
 *
 *	struct act act = act_begin(s, a, ACT_STORY_PUBLISH, story->id, actor);
 *	act_detail(&act, json_pack(...));
 *	act_touch(&act, topic_story(a, story->id));
 *	act_job(&act, "media.render", payload, 0);
 *	TRY(act_commit(&act, write_rows, &what));
 */
#pragma once

#include "record/stet.h"

#include <jansson.h>

/* Kinds are the record's vocabulary: "room.verb", small letters and hyphens. Rooms define theirs
 * beside their verbs. */
struct act_kind {
	const char *name;
};

struct act_job {
	const char *kind;
	str_t       payload; /* JSON */
	usec_t      due;
};

struct act {
	struct stet           *s;
	arena_t               *a;
	const struct act_kind *kind;
	id64                   subject;
	str_t                  actor;  /* "cli", "import", "staff:ID" */
	json_t                *detail; /* what a doubter may read; the arena's */
	bool                   detail_failed;
	struct strs            topics;
	struct act_job        *jobs;
	size_t                 njobs;
	bool                   quiet;
	int64_t                entry; /* after the commit: number of the record's entry; 0: quiet */
};

struct act act_begin(struct stet *s, arena_t *a, const struct act_kind *kind, id64 subject,
		     str_t actor);
/* It changes nothing that is published, only a reader's own drawer (where they are signed in, mail on
 * its way): rows and jobs, but no entry. A record of such things, kept for ever, would be a trace of
 * people. Its topics are announced in this process only. */
struct act act_begin_quiet(struct stet *s, arena_t *a, const struct act_kind *kind, id64 subject,
			   str_t actor);
/* A JSON object; takes the reference. One that could not be made (NULL) fails the commit. */
void act_detail(struct act *act, json_t *detail);
/* One line; the same topic twice counts once. */
void act_touch(struct act *act, str_t topic);
/* `due` 0: now. */
void act_job(struct act *act, const char *kind, str_t payload, usec_t due);

/* Writes all and announces the topics. `rows` as in store_write, or NULL; it may add topics and
 * jobs. On an error nothing is written. */
err_t act_commit(struct act *act, write_fn rows, void *ctx) CHECKED;

/* Topics. */
str_t topic_front(void);
str_t topic_section(arena_t *a, str_t slug);
str_t topic_tag(arena_t *a, str_t slug);
str_t topic_author(arena_t *a, str_t slug);
str_t topic_series(arena_t *a, str_t slug);
str_t topic_story(arena_t *a, id64 id);
str_t topic_corrections(void);
str_t topic_most_read(void);
str_t topic_site(void); /* everything: the name, the sections, the theme */
