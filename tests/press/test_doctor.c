/* test_doctor.c: every fault that is planted is found, and a sound publication has none. */
#include "room.h"

#include "base/file.h"
#include "press/doctor.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

static struct strs findings(struct room *r)
{
	struct strs f = { 0 };
	assert_ok(press_doctor(&r->stet, r->world.a, &f));
	return f;
}

static void finds_one(struct room *r, const char *says)
{
	struct strs f = findings(r);
	for (size_t i = 0; i < f.n; i++)
		if (str_find(f.v[i], str_of(says), 0) != STR_NONE)
			return;
	str_t first = f.n ? f.v[0] : S("");
	fail_msg("of %zu findings none says \"%s\"; the first: %.*s", f.n, says, STR(first));
}

static struct story tagged(struct room *r)
{
	struct tag *mud = arena_new(r->world.a, struct tag);
	struct author *ann = arena_new(r->world.a, struct author);
	*mud = (struct tag){ .name = S("Mud") };
	*ann = (struct author){ .name = S("Ann") };
	struct story st = draft("Sound");
	st.tags = mud, st.ntags = 1, st.authors = ann, st.nauthors = 1;
	assert_ok(story_save(&r->stet, r->world.a, &st, 0, S("test")));
	assert_ok(story_publish(&r->stet, r->world.a, &st, S("test")));
	assert_int_equal(findings(r).n, 0);
	return st;
}

static void a_sound_publication(void **state)
{
	struct room *r = *state;
	struct story st = tagged(r);
	assert_ok(story_withdraw(&r->stet, r->world.a, &st, S("why"), S("test")));
	assert_int_equal(findings(r).n, 0);
}

static void a_revision_that_is_missing(void **state)
{
	struct room *r = *state;
	tagged(r);
	plant(r, "DROP TRIGGER revision_is_kept; DELETE FROM revision WHERE number = 1");
	finds_one(r, "\"sound\" lacks revisions");
}

static void a_number_without_its_revision(void **state)
{
	struct room *r = *state;
	tagged(r);
	plant(r, "UPDATE story SET revision = 1");
	finds_one(r, "\"sound\" lacks revisions");
}

static void a_list_that_shows_what_is_not_public(void **state)
{
	struct room *r = *state;
	tagged(r);
	plant(r, "UPDATE story SET state = 'withdrawn'");
	finds_one(r, "stands wrong in a list");
}

static void a_list_that_forgets(void **state)
{
	struct room *r = *state;
	tagged(r);
	plant(r, "UPDATE story_author SET published = NULL");
	finds_one(r, "stands wrong in a list");
}

static void an_address_that_leads_nowhere(void **state)
{
	struct room *r = *state;
	tagged(r);
	plant(r, "PRAGMA foreign_keys = OFF; INSERT INTO redirect (path, story) VALUES ('/old', 7)");
	finds_one(r, "\"/old\" leads to no story");
}

static void a_job_that_was_given_up(void **state)
{
	struct room *r = *state;
	tagged(r);
	plant(r, "INSERT INTO failed_job SELECT 1, number, 'media.render', '{}', 5, 'no memory', 1 "
		 "FROM entry LIMIT 1");
	finds_one(r, "media.render: no memory");
}

static void pictures_gone_or_changed(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	unsigned char digest[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof digest + 1];
	str_t bytes = S("these are the bytes of a picture");
	tagged(r);
	crypto_hash_sha256(digest, (const unsigned char *)bytes.p, bytes.n);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	hex[32] = '\0';
	plant(r, str_z(a, str_format(a, "INSERT INTO media (id, hash, format, width, height, bytes, "
				     "name, added) VALUES (9, '%s', 'jpeg', 9, 9, 9, "
				     "'gull.jpg', 1)", hex)));
	finds_one(r, "\"gull.jpg\" cannot be read");
	char *folder = str_z(a, str_format(a, "%s/media/%s", r->world.folder, hex));
	assert_ok(folder_make(folder));
	char *file = path_join(a, folder, "original");
	assert_ok(file_write(file, bytes, 0644));
	assert_int_equal(findings(r).n, 0);
	assert_ok(file_write(file, S("these are the bytes of a Picture"), 0644));
	finds_one(r, "\"gull.jpg\"");
	finds_one(r, "its bytes have changed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(a_sound_publication), ROOM_TEST(a_revision_that_is_missing),
		ROOM_TEST(a_number_without_its_revision),
		ROOM_TEST(a_list_that_shows_what_is_not_public), ROOM_TEST(a_list_that_forgets),
		ROOM_TEST(an_address_that_leads_nowhere), ROOM_TEST(a_job_that_was_given_up),
		ROOM_TEST(pictures_gone_or_changed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
