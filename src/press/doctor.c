/* doctor.c: see doctor.h. Each check is a query for what must not exist. */
#include "press/doctor.h"
#include "press/search.h"
#include "press/schedule.h"

#include "base/file.h"

#include <sodium.h>

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
static const struct sql every_picture = { "SELECT hash, name FROM media ORDER BY id" };


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

/* The file's bytes must still have the hash it is named by. */
static err_t check_picture(struct stet *s, arena_t *a, str_t hash, str_t name, struct strs *findings)
{
	enum { MOST = 512 << 20 };
	arena_t *bytes_arena = arena_create(0);
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof digest + 1];
	str_t bytes;
	char *path = str_z(a, str_format(a, "%s/media/%.*s/original", s->folder, STR(hash)));
	if (!bytes_arena)
		return err_new(ERR_MEMORY, "out of memory while checking pictures");
	err_t e = file_read(bytes_arena, path, MOST, &bytes);
	if (e) {
		strs_add(a, findings, str_format(a, "the picture \"%.*s\" cannot be read: %s",
						 STR(name), err_text(e)));
		err_free(e);
		arena_free(bytes_arena);
		return OK;
	}
	crypto_hash_sha256(digest, (const unsigned char *)bytes.p, bytes.n);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	if (!str_eq(hash, str_slice(str_of(hex), 0, hash.n)))
		strs_add(a, findings, str_format(a, "the picture \"%.*s\" (%s) is not what was "
						 "taken in: its bytes have changed", STR(name),
						 path));
	arena_free(bytes_arena);
	return OK;
}

static err_t check_pictures(struct stet *s, struct conn *c, arena_t *a, struct strs *findings)
{
	AUTO_ROWS r = { 0 };
	TRY(db_query(c, &every_picture, NO_ARGS, &r));
	err_t e = OK;
	while (rows_next(&r, &e))
		TRY(check_picture(s, a, row_str(&r, a, 0), row_str(&r, a, 1), findings));
	return e;
}

static err_t check_all(struct stet *s, struct conn *c, arena_t *a, struct strs *findings)
{
	TRY(run_check(c, a, &broken_revisions, "the story", "lacks revisions", findings));
	TRY(run_check(c, a, &lists_astray, "the story",
		      "stands wrong in a list of a tag or an author", findings));
	TRY(run_check(c, a, &redirects_nowhere, "the old address", "leads to no story", findings));
	TRY(run_check(c, a, &failed_jobs, "the job", "was given up", findings));
	TRY(search_doctor(s, c, a, findings));
	TRY(schedule_doctor(s, c, a, findings));
	return check_pictures(s, c, a, findings);
}

err_t press_doctor(struct stet *s, arena_t *a, struct strs *findings)
{
	struct conn *c;
	TRY(store_reader(s->store, &c));
	err_t e = check_all(s, c, a, findings);
	store_done(s->store, c);
	return e;
}
