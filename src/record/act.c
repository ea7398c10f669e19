/* act.c: one transaction: the domain's rows, the record's entry, the jobs.
 *
 * The entry is numbered inside the transaction that writes it, after the one before it, so there
 * are no gaps whatever fails; its time is the clock's, or the last entry's if the clock went
 * back. */
#include "record/act.h"

#include "record/bus.h"
#include "record/jobs.h"
#include "record/limits.h"

static const struct sql select_last = {
	"SELECT number, time FROM entry ORDER BY number DESC LIMIT 1"
};
static const struct sql insert_entry = {
	"INSERT INTO entry (number, time, kind, subject, actor, detail, topics) "
	"VALUES ($1, $2, $3, $4, $5, $6, $7)"
};
static const struct sql insert_job = {
	"INSERT INTO job (id, entry, kind, payload, due) VALUES ($1, $2, $3, $4, $5)"
};

struct act act_begin(struct stet *s, arena_t *a, const struct act_kind *kind, id64 subject,
		     str_t actor)
{
	return (struct act){ .s = s, .a = a, .kind = kind, .subject = subject, .actor = actor };
}

struct act act_begin_quiet(struct stet *s, arena_t *a, const struct act_kind *kind, id64 subject,
			   str_t actor)
{
	struct act act = act_begin(s, a, kind, subject, actor);
	act.quiet = true;
	return act;
}

static void let_go(void *detail)
{
	json_decref(detail);
}

void act_detail(struct act *act, json_t *detail)
{
	act->detail = detail;
	act->detail_failed = !json_is_object(detail);
	if (detail)
		arena_defer(act->a, let_go, detail);
}

void act_touch(struct act *act, str_t topic)
{
	for (size_t i = 0; i < act->topics.n; i++) {
		if (str_eq(act->topics.v[i], topic))
			return;
	}
	strs_add(act->a, &act->topics, topic);
}

void act_job(struct act *act, const char *kind, str_t payload, usec_t due)
{
	act->jobs = arena_room(act->a, act->jobs, act->njobs, sizeof *act->jobs);
	act->jobs[act->njobs++] = (struct act_job){ kind, payload, due };
}

/* "room.verb", small letters and hyphens. */
static bool kind_is_valid(str_t kind)
{
	size_t dots = 0;
	for (size_t i = 0; i < kind.n; i++) {
		char c = kind.p[i];
		bool inner = i > 0 && i + 1 < kind.n && kind.p[i - 1] != '.';
		if (c == '.' && inner)
			dots++;
		else if (!(c >= 'a' && c <= 'z') && !(c == '-' && inner))
			return false;
	}
	return dots == 1 && kind.n <= KIND_MOST;
}

static bool is_plain_line(str_t s, size_t most)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	}
	return s.n > 0 && s.n <= most && str_is_utf8(s, NULL);
}

static err_t check(const struct act *act)
{
	str_t kind = str_of(act->kind->name);
	if (!kind_is_valid(kind))
		return err_new(ERR_SYSTEM, "\"%.*s\" is no kind of act: \"room.verb\"", STR(kind));
	if (!is_plain_line(act->actor, ACTOR_MOST))
		return err_new(ERR_SYSTEM, "%.*s: an act needs an actor of one short line",
			       STR(kind));
	if (act->detail_failed)
		return err_new(ERR_INPUT, "%.*s: its detail is no JSON object; is its text UTF-8?",
			       STR(kind));
	for (size_t i = 0; i < act->topics.n; i++) {
		if (!is_plain_line(act->topics.v[i], TOPIC_MOST))
			return err_new(ERR_SYSTEM, "%.*s: a topic is one short line", STR(kind));
	}
	for (size_t i = 0; i < act->njobs; i++) {
		if (!kind_is_valid(str_of(act->jobs[i].kind)))
			return err_new(ERR_SYSTEM, "\"%s\" is no kind of job: \"room.verb\"",
				       act->jobs[i].kind);
	}
	return OK;
}

static err_t detail_text(arena_t *a, const json_t *detail, str_t *out)
{
	*out = S("{}");
	if (!detail)
		return OK;
	size_t flags = JSON_COMPACT | JSON_SORT_KEYS, n = json_dumpb(detail, NULL, 0, flags);
	if (n > DETAIL_MOST)
		return err_new(ERR_TOO_LARGE, "the detail of an act is at most %d bytes",
			       DETAIL_MOST);
	char *p = arena_alloc(a, n + 1);
	if (n == 0 || json_dumpb(detail, p, n, flags) != n)
		return err_new(ERR_SYSTEM, "the detail of an act cannot be written as JSON");
	*out = str_from(p, n);
	return OK;
}

/* The number and time of the entry to come. */
static err_t follow(struct conn *c, const struct stet *s, int64_t *number, usec_t *time)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	*number = 1;
	*time = clock_now(&s->clock);
	TRY(db_query(c, &select_last, NO_ARGS, &r));
	if (rows_next(&r, &e)) {
		*number = row_int(&r, 0) + 1;
		usec_t last = row_int(&r, 1);
		if (last - *time > SECOND)
			log_line(&s->log, LOG_WARN, "record",
				 "the clock is %lld s behind the record's last entry",
				 (long long)((last - *time) / SECOND));
		if (last > *time)
			*time = last;
	}
	return e;
}

static err_t write_entry(struct conn *c, arena_t *a, struct act *act, usec_t *time)
{
	str_t detail, topics = str_join(a, act->topics.v, act->topics.n, S("\n"));
	TRY(detail_text(a, act->detail, &detail));
	TRY(follow(c, act->s, &act->entry, time));
	return db_run(c, &insert_entry,
		      ARGS(v_int(act->entry), v_int(*time), v_str(str_of(act->kind->name)),
			   v_int(act->subject), v_str(act->actor), v_str(detail), v_str(topics)),
		      NULL);
}

static err_t write_jobs(struct conn *c, const struct act *act, usec_t time)
{
	for (size_t i = 0; i < act->njobs; i++) {
		const struct act_job *j = &act->jobs[i];
		TRY(db_run(c, &insert_job,
			   ARGS(v_int(id_new(&act->s->ids, time)), v_ref(act->entry),
				v_str(str_of(j->kind)), v_str(j->payload),
				v_int(j->due ? j->due : time)),
			   NULL));
	}
	return OK;
}

struct writing {
	struct act *act;
	write_fn    rows;
	void       *ctx;
};

static err_t write_all(struct conn *c, arena_t *a, void *ctx)
{
	const struct writing *w = ctx;
	usec_t time;
	if (w->rows)
		TRY(w->rows(c, a, w->ctx));
	TRY(check(w->act));
	time = clock_now(&w->act->s->clock);
	if (!w->act->quiet)
		TRY(write_entry(c, a, w->act, &time));
	return write_jobs(c, w->act, time);
}

static void announce(void *ctx)
{
	const struct act *act = ((const struct writing *)ctx)->act;
	if (act->s->bus)
		bus_announce(act->s->bus, act->topics.v, act->topics.n, act->entry);
}

err_t act_commit(struct act *act, write_fn rows, void *ctx)
{
	struct writing w = { act, rows, ctx };
	err_t e = store_write_then(act->s->store, act->a, write_all, announce, &w);
	if (e)
		act->entry = 0;
	else if (act->njobs > 0)
		jobs_wake_all(act->s);
	return e;
}
