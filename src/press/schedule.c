/* schedule.c: see schedule.h. A moment is kept in UTC, so nothing that happens to the zone's rules or
 * to the clocks of the house between now and then can make it come twice or not at all. */
#include "press/schedule.h"
#include "press/saving.h"

#include "record/act.h"
#include "record/jobs.h"

#include <jansson.h>

const struct act_kind ACT_STORY_SCHEDULE = { "story.schedule" };
const struct act_kind ACT_STORY_UNSCHEDULE = { "story.unschedule" };
const struct act_kind ACT_STORY_EMBARGO = { "story.embargo" };

/* A failure is told with the story only while it waits for the same moment. */
#define PLANNED                                                                                    \
	"SELECT s.id, s.kind, s.slug, c.slug, s.headline, s.scheduled, s.embargo, "                \
	"(SELECT f.error FROM failed_job f WHERE f.kind = '" STORY_COME_OUT "' AND "               \
	"f.payload = '{\"story\":' || s.id || ',\"at\":' || s.scheduled || '}' "                   \
	"ORDER BY f.failed DESC LIMIT 1) "                                                         \
	"FROM story s LEFT JOIN section c ON c.id = s.section "

static const struct sql select_scheduled = {
	PLANNED "WHERE s.scheduled IS NOT NULL AND s.scheduled < $1 AND s.state = 'draft' "
	"ORDER BY s.scheduled, s.id"
};
static const struct sql select_held = {
	PLANNED "WHERE s.state = 'draft' AND s.scheduled IS NULL AND s.embargo > $1 "
	"ORDER BY s.embargo, s.id"
};

/* Whole numbers, so that the text of one moment's job is always the same. */
str_t schedule_payload(arena_t *a, const struct story *st)
{
	return str_format(a, "{\"story\":%lld,\"at\":%lld}", (long long)st->id,
			  (long long)st->scheduled);
}

static err_t read_payload(str_t payload, id64 *story, usec_t *at)
{
	json_int_t id, moment;
	json_t *j = json_loadb(payload.p, payload.n, 0, NULL);
	int bad = json_unpack(j, "{s:I, s:I}", "story", &id, "at", &moment);
	json_decref(j);
	if (bad)
		return err_new(ERR_CORRUPT, "the job names no story: %.*s", STR(payload));
	*story = id;
	*at = moment;
	return OK;
}

/* --- the desk --- */

static err_t check_draft(arena_t *a, const struct story *st)
{
	if (st->state == DRAFT)
		return OK;
	if (st->state == WITHDRAWN)
		return err_new(ERR_CONFLICT, "the story was withdrawn; `stet story publish` brings it "
			       "back at once");
	return err_new(ERR_CONFLICT, "the story is public already, since %.*s",
		       STR(time_long(a, st->published)));
}

err_t story_schedule(struct stet *s, arena_t *a, struct story *st, usec_t at, str_t actor)
{
	TRY(check_draft(a, st));
	if (at <= clock_now(&s->clock))
		return err_user(ERR_INPUT, "at", "%.*s is past; `stet story publish %.*s` publishes it "
				"now", STR(time_long(a, at)), STR(st->slug));
	if (at == st->scheduled)
		return err_new(ERR_CONFLICT, "the story is scheduled for %.*s already",
			       STR(time_long(a, at)));
	if (at < st->embargo)
		return err_user(ERR_REFUSED, "at", "the story is under embargo until %.*s",
				STR(time_long(a, st->embargo)));
	TRY(story_check_for_readers(st));
	struct story next = *st;
	next.scheduled = at;
	return story_commit(s, a, &ACT_STORY_SCHEDULE, next, actor, st);
}

err_t story_unschedule(struct stet *s, arena_t *a, struct story *st, str_t actor)
{
	if (!st->scheduled)
		return err_new(ERR_CONFLICT, "the story is not scheduled");
	struct story next = *st;
	next.scheduled = 0;
	return story_commit(s, a, &ACT_STORY_UNSCHEDULE, next, actor, st);
}

err_t story_embargo(struct stet *s, arena_t *a, struct story *st, usec_t until, str_t actor)
{
	TRY(check_draft(a, st));
	if (until && until <= clock_now(&s->clock))
		return err_user(ERR_INPUT, "until", "%.*s is past", STR(time_long(a, until)));
	if (!until && !st->embargo)
		return err_new(ERR_CONFLICT, "the story is under no embargo");
	if (st->scheduled && until > st->scheduled)
		return err_user(ERR_REFUSED, "until", "the story is scheduled for %.*s, before that; "
				"`stet story unschedule %.*s` first",
				STR(time_long(a, st->scheduled)), STR(st->slug));
	struct story next = *st;
	next.embargo = until;
	return story_commit(s, a, &ACT_STORY_EMBARGO, next, actor, st);
}

/* --- the moment --- */

struct finding {
	id64          id;
	struct story *story;
};

static err_t load(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	return story_load(c, a, f->id, f->story);
}

/* The clock was turned back between the job's taking and now: the story waits again. */
static err_t wait_again(struct stet *s, arena_t *a, const struct story *st)
{
	struct act act = act_begin(s, a, &ACT_STORY_SCHEDULE, st->id, S("schedule"));
	act_job(&act, STORY_COME_OUT, schedule_payload(a, st), st->scheduled);
	return act_commit(&act, NULL, NULL);
}

err_t story_come_out(struct stet *s, arena_t *a, const struct job *job)
{
	struct story st = { 0 };
	struct finding f = { .story = &st };
	usec_t at = 0;
	TRY(read_payload(job->payload, &f.id, &at));
	err_t e = store_read(s->store, a, load, &f);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		return OK;
	}
	if (e)
		return e;
	/* Published by hand, unscheduled or moved meanwhile; or this is the second run. */
	if (st.state != DRAFT || st.scheduled != at)
		return OK;
	if (clock_now(&s->clock) < at)
		return wait_again(s, a, &st);
	return err_wrap(story_publish(s, a, &st, S("schedule")), "\"%.*s\" did not come out at %.*s",
			STR(st.slug), STR(time_long(a, at)));
}

/* --- what waits --- */

static err_t add_planned(struct conn *c, arena_t *a, const struct sql *sql, usec_t moment,
			 struct coming **out, size_t *n)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, ARGS(v_int(moment)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		struct coming *p = &(*out)[(*n)++];
		bool page = str_eq(row_str(&r, a, 1), S("page"));
		*p = (struct coming){
			.story = { .id = row_int(&r, 0), .kind = page ? STATIC_PAGE : STORY,
				   .slug = row_str(&r, a, 2), .section.slug = row_str(&r, a, 3),
				   .headline = row_str(&r, a, 4), .scheduled = row_int(&r, 5),
				   .embargo = row_int(&r, 6) },
			.failure = row_str(&r, a, 7),
		};
	}
	return e;
}

err_t story_plan(struct stet *s, struct conn *c, arena_t *a, struct coming **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	TRY(add_planned(c, a, &select_scheduled, INT64_MAX, out, n));
	return add_planned(c, a, &select_held, clock_now(&s->clock), out, n);
}

err_t schedule_doctor(struct stet *s, struct conn *c, arena_t *a, struct strs *findings)
{
	const usec_t grace = 5 * MINUTE; /* a server that starts, attempts that follow each other */
	struct coming *late = NULL;
	size_t n = 0;
	TRY(add_planned(c, a, &select_scheduled, clock_now(&s->clock) - grace, &late, &n));
	for (size_t i = 0; i < n; i++) {
		const struct story *st = &late[i].story;
		str_t why = late[i].failure.n ? late[i].failure
					      : S("no server has run since that could bring it out");
		strs_add(a, findings,
			 str_format(a, "the story \"%.*s\" was to come out at %.*s and is a draft still "
				       "(%.*s); `stet story publish`, `schedule` or `unschedule` it",
				    STR(st->slug), STR(time_long(a, st->scheduled)), STR(why)));
	}
	return OK;
}
