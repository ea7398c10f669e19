/* plan.c: see plan.h. Which plan holds follows from the clock alone; the job only sees to it that pages
 * made before the turn are dropped at it. */
#include "press/plan.h"
#include "press/press.sql.h"
#include "press/rows.h"

#include "record/act.h"
#include "record/jobs.h"

const struct act_kind ACT_PLAN_MAKE = { "plan.make" };
const struct act_kind ACT_PLAN_CANCEL = { "plan.cancel" };
const struct act_kind ACT_PLAN_IMPORT = { "plan.import" };
const struct act_kind ACT_PLAN_TURN = { "plan.turn" };

static const char *const sizes[] = { [PLAN_LEAD] = "lead", [PLAN_LARGE] = "large",
				     [PLAN_MEDIUM] = "medium", [PLAN_SMALL] = "small" };

#define PLAN_COLUMNS                                                                               \
	"p.id, p.begins, p.cancelled, p.actor, c.id, c.slug, c.name, p.made FROM plan p "          \
	"LEFT JOIN section c ON c.id = p.section "

static const struct sql select_plan_at = {
	"SELECT " PLAN_COLUMNS
	"WHERE p.section IS NOT DISTINCT FROM $1 AND p.begins <= $2 AND p.cancelled IS NULL "
	"ORDER BY p.begins DESC, p.id DESC LIMIT 1"
};
static const struct sql select_plan = { "SELECT " PLAN_COLUMNS "WHERE p.id = $1" };
static const struct sql select_plans = {
	"SELECT " PLAN_COLUMNS "ORDER BY p.begins DESC, p.id DESC LIMIT $1"
};
static const struct sql select_planned = {
	"SELECT " CARD_COLUMNS ", x.size" STORY_TABLES "JOIN plan_story x ON x.story = s.id "
	"WHERE x.plan = $1 ORDER BY x.position"
};
static const struct sql insert_plan = {
	"INSERT INTO plan (id, section, begins, made, actor, cancelled) "
	"VALUES ($1, $2, $3, $4, $5, $6)"
};
static const struct sql insert_planned = {
	"INSERT INTO plan_story (plan, position, story, size) VALUES ($1, $2, $3, $4)"
};
static const struct sql update_cancelled = {
	"UPDATE plan SET cancelled = $2 WHERE id = $1 AND cancelled IS NULL AND begins > $2"
};

str_t plan_size_name(enum plan_size size)
{
	return str_of(sizes[size]);
}

bool plan_size_parse(str_t s, enum plan_size *out)
{
	for (size_t i = 0; i < COUNT(sizes); i++)
		if (str_eq(s, str_of(sizes[i]))) {
			*out = (enum plan_size)i;
			return true;
		}
	return false;
}

/* --- reading --- */

static void row_plan(const struct rows *r, arena_t *a, struct plan *out)
{
	*out = (struct plan){
		.id = row_int(r, 0),
		.begins = row_int(r, 1),
		.cancelled = row_int(r, 2),
		.actor = row_str(r, a, 3),
		.section = { .id = row_int(r, 4), .slug = row_str(r, a, 5),
			     .name = row_str(r, a, 6) },
		.made = row_int(r, 7),
	};
}

static err_t load_planned(struct conn *c, arena_t *a, struct plan *plan)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_planned, ARGS(v_int(plan->id)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		plan->v = arena_room(a, plan->v, plan->n, sizeof *plan->v);
		struct planned *one = &plan->v[plan->n++];
		row_card(&r, a, &one->card);
		one->size = PLAN_MEDIUM;
		plan_size_parse(row_str(&r, a, CARD_WIDTH), &one->size);
	}
	rows_end(&r);
	for (size_t i = 0; i < plan->n && !e; i++)
		e = card_complete(c, a, &plan->v[i].card);
	return e;
}

static err_t load_plan(struct conn *c, arena_t *a, const struct sql *sql, struct args args,
		       struct plan *out)
{
	*out = (struct plan){ 0 };
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, args, &r));
	err_t e = OK;
	if (!rows_next(&r, &e))
		return e;
	row_plan(&r, a, out);
	rows_end(&r);
	return load_planned(c, a, out);
}

err_t plan_at(struct conn *c, arena_t *a, id64 section, usec_t at, struct plan *out)
{
	return load_plan(c, a, &select_plan_at, ARGS(v_ref(section), v_int(at)), out);
}

err_t plan_load(struct conn *c, arena_t *a, id64 id, struct plan *out)
{
	return load_plan(c, a, &select_plan, ARGS(v_int(id)), out);
}

err_t plan_list(struct conn *c, arena_t *a, size_t limit, struct plan **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &select_plans, ARGS(v_int((int64_t)limit)), &r));
	err_t e = OK;
	while (rows_next(&r, &e)) {
		*out = arena_room(a, *out, *n, sizeof **out);
		row_plan(&r, a, &(*out)[(*n)++]);
	}
	return e;
}

/* --- making --- */

struct making {
	struct stet *s;
	struct plan *plan;
	struct act  *act;
	usec_t       now;
	bool         there; /* a plan brought: it is here already */
};

static void touch(struct act *act, arena_t *a, const struct section *section)
{
	act_touch(act, section->id ? topic_section(a, section->slug) : topic_front());
}

/* Each story exists, stands once, and belongs where the plan puts it. */
static err_t check_story(struct conn *c, arena_t *a, const struct plan *plan, size_t i)
{
	struct story st;
	TRY(story_load(c, a, plan->v[i].card.id, &st));
	if (st.kind != STORY)
		return err_user(ERR_INPUT, "stories", "\"%.*s\" is a page, not a story",
				STR(st.slug));
	if (plan->section.id && st.section.id != plan->section.id)
		return err_user(ERR_INPUT, "stories", "\"%.*s\" is not in the section \"%.*s\"",
				STR(st.slug), STR(plan->section.slug));
	for (size_t j = 0; j < i; j++) {
		if (plan->v[j].card.id == st.id)
			return err_user(ERR_INPUT, "stories", "\"%.*s\" stands twice in the plan",
					STR(st.slug));
		if (plan->v[i].size == PLAN_LEAD && plan->v[j].size == PLAN_LEAD)
			return err_user(ERR_INPUT, "stories", "\"%.*s\" would be a second lead; one "
					"story leads", STR(st.slug));
	}
	return OK;
}

static err_t insert_rows(struct conn *c, const struct plan *plan)
{
	TRY(db_run(c, &insert_plan,
		   ARGS(v_int(plan->id), v_ref(plan->section.id), v_int(plan->begins),
			v_int(plan->made), v_str(plan->actor), v_ref(plan->cancelled)), NULL));
	for (size_t i = 0; i < plan->n; i++)
		TRY(db_run(c, &insert_planned,
			   ARGS(v_int(plan->id), v_int((int64_t)i), v_int(plan->v[i].card.id),
				v_str(plan_size_name(plan->v[i].size))), NULL));
	return OK;
}

static err_t write_plan(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	struct plan *plan = m->plan;
	for (size_t i = 0; i < plan->n; i++)
		TRY(check_story(c, a, plan, i));
	return insert_rows(c, plan);
}

static str_t plan_payload(arena_t *a, id64 id)
{
	return str_format(a, "{\"plan\":%lld}", (long long)id);
}

/* One that is to come has its pages dropped when it begins. */
static struct act begin_plan(struct making *m, arena_t *a, const struct act_kind *kind, str_t actor)
{
	const struct plan *plan = m->plan;
	struct act act = act_begin(m->s, a, kind, plan->id, actor);
	act_detail(&act, json_pack("{s:I, s:i, s:s%}", "begins", (json_int_t)plan->begins, "stories",
				   (int)plan->n, "section",
				   plan->section.slug.n ? plan->section.slug.p : "",
				   plan->section.slug.n));
	touch(&act, a, &plan->section);
	if (plan->begins > m->now && !plan->cancelled)
		act_job(&act, PLAN_TURN, plan_payload(a, plan->id), plan->begins);
	return act;
}

err_t plan_make(struct stet *s, arena_t *a, struct plan *plan, str_t actor)
{
	struct making m = { .s = s, .plan = plan, .now = clock_now(&s->clock) };
	if (plan->n > PLAN_MOST)
		return err_user(ERR_INPUT, "stories", "a plan holds at most %d stories", PLAN_MOST);
	if (plan->begins && plan->begins < m.now)
		return err_user(ERR_INPUT, "at", "%.*s has passed; a plan begins now or later",
				STR(time_long(a, plan->begins)));
	if (!plan->begins)
		plan->begins = m.now;
	plan->id = id_new(&s->ids, m.now);
	plan->made = m.now;
	plan->actor = actor;
	struct act act = begin_plan(&m, a, &ACT_PLAN_MAKE, actor);
	return act_commit(&act, write_plan, &m);
}

static err_t write_brought(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	(void)a;
	return insert_rows(c, m->plan);
}

static err_t is_there(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	struct plan there;
	TRY(plan_load(c, a, m->plan->id, &there));
	m->there = there.id != 0;
	return OK;
}

err_t plan_bring(struct stet *s, arena_t *a, struct plan *plan, str_t actor, bool *fresh)
{
	struct making m = { .s = s, .plan = plan, .now = clock_now(&s->clock) };
	TRY(store_read(s->store, a, is_there, &m));
	*fresh = !m.there;
	if (m.there)
		return OK;
	struct act act = begin_plan(&m, a, &ACT_PLAN_IMPORT, actor);
	return act_commit(&act, write_brought, &m);
}

static err_t write_cancelled(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	int64_t changed;
	TRY(load_plan(c, a, &select_plan, ARGS(v_int(m->plan->id)), m->plan));
	if (!m->plan->id)
		return err_new(ERR_MISSING, "there is no such plan; `stet front plans` lists them");
	TRY(db_run(c, &update_cancelled, ARGS(v_int(m->plan->id), v_int(m->now)), &changed));
	if (!changed)
		return err_new(ERR_CONFLICT, "the plan has begun or was cancelled already; make "
			       "another one");
	touch(m->act, a, &m->plan->section);
	return OK;
}

err_t plan_cancel(struct stet *s, arena_t *a, id64 id, str_t actor)
{
	struct plan plan = { .id = id };
	struct act act = act_begin(s, a, &ACT_PLAN_CANCEL, id, actor);
	struct making m = { .s = s, .plan = &plan, .act = &act, .now = clock_now(&s->clock) };
	return act_commit(&act, write_cancelled, &m);
}

/* --- turning --- */

static err_t write_turn(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	TRY(load_plan(c, a, &select_plan, ARGS(v_int(m->plan->id)), m->plan));
	touch(m->act, a, &m->plan->section);
	return OK;
}

err_t plan_turn_job(struct stet *s, arena_t *a, const struct job *job)
{
	json_error_t why;
	json_t *j = json_loadb(job->payload.p, job->payload.n, 0, &why);
	struct plan plan = { .id = json_integer_value(json_object_get(j, "plan")) };
	json_decref(j);
	struct act act = act_begin(s, a, &ACT_PLAN_TURN, plan.id, S("clock"));
	struct making m = { .s = s, .plan = &plan, .act = &act };
	return act_commit(&act, write_turn, &m);
}
