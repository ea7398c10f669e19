/* doctor.c: see doctor.h. Each check is a query for what must not exist. */
#include "press/doctor.h"
#include "press/media_keep.h"
#include "press/search.h"
#include "press/schedule.h"

static const struct sql broken_revisions = {
	"SELECT s.slug FROM story s WHERE s.revision <> "
	"(SELECT count(*) FROM revision r WHERE r.story = s.id) OR NOT EXISTS "
	"(SELECT 1 FROM revision r WHERE r.story = s.id AND r.number = s.revision)"
};
static const struct sql lists_astray = {
	"SELECT s.slug FROM story s JOIN story_tag x ON x.story = s.id WHERE "
	"coalesce(x.published, 0) <> CASE s.state WHEN 'published' THEN s.published ELSE 0 END "
	"UNION SELECT s.slug FROM story s JOIN story_author x ON x.story = s.id WHERE "
	"coalesce(x.published, 0) <> CASE s.state WHEN 'published' THEN s.published ELSE 0 END"
};
static const struct sql redirects_nowhere = {
	"SELECT r.path FROM redirect r LEFT JOIN story s ON s.id = r.story "
	"WHERE r.story IS NOT NULL AND s.id IS NULL"
};
static const struct sql failed_jobs = {
	"SELECT kind || ': ' || error FROM failed_job "
	"WHERE kind <> '" STORY_COME_OUT "'" /* told with the story, while it matters */
};
static err_t run_check(struct conn *c, arena_t *a, const struct sql *sql, const char *before,
		       const char *after, struct strs *findings)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, sql, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		strs_add(a, findings, str_format(a, "%s \"%.*s\" %s", before,
						 STR(row_str(&r, a, 0)), after));
	return e;
}

static err_t check_rows(struct stet *s, struct conn *c, arena_t *a, struct strs *findings)
{
	TRY(run_check(c, a, &broken_revisions, "the story", "lacks revisions", findings));
	TRY(run_check(c, a, &lists_astray, "the story",
		      "stands wrong in a list of a tag or an author", findings));
	TRY(run_check(c, a, &redirects_nowhere, "the old address", "leads to no story", findings));
	TRY(run_check(c, a, &failed_jobs, "the job", "was given up", findings));
	TRY(search_doctor(s, c, a, findings));
	return schedule_doctor(s, c, a, findings);
}

err_t press_doctor(struct stet *s, arena_t *a, struct strs *findings)
{
	struct conn *c;
	TRY(store_reader(s->store, &c));
	err_t e = check_rows(s, c, a, findings);
	store_done(s->store, c);
	return e ? e : media_check(s, a, MEDIA_AT_A_GLANCE, findings);
}
