/* test_media_add.c: taking in files of every kind, at once by many, checking and removing them. Pictures
 * are decoded by the program itself; tests/site/ sees to those. */
#include "room.h"

#include "base/file.h"
#include "press/media_files.h"
#include "press/media_keep.h"
#include "press/media_probe.h"

#include <pthread.h>
#include <unistd.h>

static err_t add(struct room *r, const char *name, const char *bytes, struct media *out)
{
	struct media_draft d = { .name = str_of(name), .bytes = str_of(bytes) };
	return media_add(&r->stet, r->world.a, &d, S("test"), out);
}

static const struct {
	const char *bytes, *name, *format;
} kinds[] = {
	{ "%PDF-1.7\n<html><script>alert(1)</script>", "minutes.html", "pdf" },
	{ "<!doctype html><script>alert(1)</script>", "page.html", "text" },
	{ "<svg xmlns='http://www.w3.org/2000/svg'/>", "map.svg", "svg" },
	{ "a,b\n1,2\n", "table.csv", "csv" },
	{ "a,b\n1,2\n", "table.exe", "text" },
	{ "PK\3\4 and so on", "letter.docx", "docx" },
	{ "PK\3\4 and so on", "things", "zip" },
	{ "\x01\x02\x03", "x.mp4", "data" },
	{ "RIFF....WAVEnothing", "x.wav", "data" },
};

static void a_file_is_what_its_bytes_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct media_facts facts;
		struct media_bytes b = { .fd = -1, .mem = str_of(kinds[i].bytes) };
		b.size = (int64_t)b.mem.n;
		media_probe(&b, str_of(kinds[i].name), &facts);
		assert_string_equal(facts.format, kinds[i].format);
	}
}

static void what_is_no_picture_is_no_picture(void **state)
{
	struct room *r = *state;
	struct media m;
	assert_fails(add(r, "x.jpg", "not a picture", &m), ERR_INPUT, "picture");
	struct media_draft tiff = { .name = S("x"), .bytes = S("II*\0 and so on") };
	assert_fails(media_add(&r->stet, r->world.a, &tiff, S("test"), &m), ERR_INPUT, "TIFF");
	struct media_draft d = { .name = S("x.txt"), .bytes = S("words"), .picture_only = true };
	assert_fails(media_add(&r->stet, r->world.a, &d, S("test"), &m), ERR_INPUT, "picture");
	assert_fails(add(r, "x.txt", "", &m), ERR_INPUT, "empty");
}

struct adder {
	struct room *r;
	struct media m;
	char        *why;
};

static void *add_one(void *ctx)
{
	struct adder *x = ctx;
	arena_t *a = arena_create(0);
	struct media_draft d = { .name = S("minutes.txt"), .bytes = S("The very same minutes.") };
	err_t e = media_add(&x->r->stet, a, &d, S("test"), &x->m);
	x->why = e ? strdup(err_text(e)) : NULL;
	err_free(e);
	x->m.hash = S("");
	arena_free(a);
	return NULL;
}

static void the_same_file_at_once_is_taken_in_once(void **state)
{
	enum { MANY = 16 };
	struct room *r = *state;
	struct adder adders[MANY];
	pthread_t threads[MANY];
	for (size_t i = 0; i < MANY; i++) {
		adders[i] = (struct adder){ .r = r };
		assert_int_equal(pthread_create(&threads[i], NULL, add_one, &adders[i]), 0);
	}
	for (size_t i = 0; i < MANY; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < MANY; i++) {
		if (adders[i].why)
			fail_msg("%s", adders[i].why);
		assert_true(adders[i].m.id == adders[0].m.id);
	}
	struct strs findings = { 0 };
	assert_ok(media_check(&r->stet, r->world.a, MEDIA_EVERY_BYTE, &findings));
	assert_int_equal(findings.n, 0);
}

static void a_file_that_was_lost_comes_back(void **state)
{
	struct room *r = *state;
	struct media m, again;
	struct strs findings = { 0 };
	assert_ok(add(r, "a.txt", "words", &m));
	assert_int_equal(unlink(media_path(&r->stet, r->world.a, m.hash, "original")), 0);
	assert_ok(media_check(&r->stet, r->world.a, MEDIA_AT_A_GLANCE, &findings));
	assert_int_equal(findings.n, 1);
	assert_ok(add(r, "b.txt", "words", &again));
	assert_true(again.id == m.id);
	findings.n = 0;
	assert_ok(media_check(&r->stet, r->world.a, MEDIA_EVERY_BYTE, &findings));
	assert_int_equal(findings.n, 0);
}

static void what_belongs_to_nothing_is_found(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct media m;
	struct strs findings = { 0 };
	assert_ok(add(r, "a.txt", "words", &m));
	assert_ok(file_write(media_path(&r->stet, a, m.hash, "960.jpg"), S("x"), 0644));
	assert_ok(folder_make(media_path(&r->stet, a, S("ffffffffffffffffffffffffffffffff"), "")));
	assert_ok(media_check(&r->stet, a, MEDIA_EVERY_BYTE, &findings));
	assert_int_equal(findings.n, 2);
}

static size_t prune(struct room *r, enum media_prune what)
{
	struct media_removals out = { 0 };
	assert_ok(media_prune(&r->stet, r->world.a, false, what, S("test"), &out));
	return out.n;
}

static bool is_there(struct room *r, const struct media *m)
{
	struct media found;
	bool yes;
	assert_ok(media_known(&r->stet, r->world.a, m->hash, &found, &yes));
	assert_true(yes == file_exists(media_path(&r->stet, r->world.a, m->hash, "original")));
	return yes;
}

/* Days pass. */
static void wait_two_days(struct room *r)
{
	r->stet.clock.fixed += 48 * HOUR;
}

static void only_what_nothing_refers_to_goes(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct media unused, named, once, section;
	assert_ok(add(r, "1.txt", "unused", &unused));
	assert_ok(add(r, "2.txt", "named in a story", &named));
	assert_ok(add(r, "3.txt", "named once in a revision", &once));
	assert_ok(add(r, "4.txt", "named by a section", &section));
	struct story st = draft("Files");
	st.source = str_format(a, "[x](/media/%.*s/x.txt) and [y](/media/%.*s)", STR(named.hash),
			       STR(once.hash));
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	st.source = str_format(a, "[x](/media/%.*s/x.txt)", STR(named.hash));
	assert_ok(story_save(&r->stet, a, &st, 0, S("test")));
	struct section sec = { .name = S("City"), .slug = S("city"),
			       .description = str_format(a, "/media/%.*s", STR(section.hash)) };
	assert_ok(section_save(&r->stet, a, &sec, S("test")));
	assert_int_equal(prune(r, MEDIA_REMOVE), 0); /* all came today */
	wait_two_days(r);
	assert_int_equal(prune(r, MEDIA_ONLY_SAY), 1);
	assert_true(is_there(r, &unused));
	assert_int_equal(prune(r, MEDIA_REMOVE), 1);
	assert_false(is_there(r, &unused));
	assert_true(is_there(r, &named) && is_there(r, &once) && is_there(r, &section));
	assert_int_equal(prune(r, MEDIA_REMOVE), 0);
}

static void a_table_of_another_room_counts(void **state)
{
	struct room *r = *state;
	struct media text, id;
	assert_ok(add(r, "1.txt", "in a text", &text));
	assert_ok(add(r, "2.txt", "by its id", &id));
	plant(r, "CREATE TABLE card (words TEXT, shows INTEGER REFERENCES media (id))");
	plant(r, str_z(r->world.a, str_format(r->world.a, "INSERT INTO card VALUES ('see %.*s!', %lld)",
					      STR(text.hash), (long long)id.id)));
	wait_two_days(r);
	assert_int_equal(prune(r, MEDIA_REMOVE), 0);
	assert_true(is_there(r, &text) && is_there(r, &id));
}

static void focus_is_in_the_address_of_what_is_cut(void **state)
{
	struct room *r = *state;
	arena_t *a = r->world.a;
	struct media m = { .id = 1, .hash = S("H"), .width = 4000, .height = 1000, .focus_x = 30,
			   .focus_y = 20 };
	struct media_copy copy;
	int w, h;
	assert_text(media_crop_src(a, &m, MEDIA_1X1, 960, &w, &h), "/media/H/960x960-30-20.jpg");
	assert_text(media_crop_src(a, &m, MEDIA_16X9, 99999, &w, &h), "/media/H/1600x900-30-20.jpg");
	assert_true(media_copy_parse(&m, S("960x960-30-20.avif"), &copy));
	assert_true(media_copy_parse(&m, S("320x180-0-100.webp"), &copy)); /* an older focus */
	static const char *const refused[] = { "960x961-30-20.jpg", "961x961-30-20.jpg",
		"960x960-30-101.jpg", "960x960-30.jpg", "960x960.jpg", "960x960-030-20.jpg",
		"2000x1125-30-20.jpg", "960x960-30-20-1.jpg", "960x960-30-20.png", "-1x5-3-3.jpg" };
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(media_copy_parse(&m, str_of(refused[i]), &copy));
	json_t *j = media_cut_view(a, &m, MEDIA_3X2);
	assert_int_equal(json_integer_value(json_object_get(j, "height")), 640);
	json_decref(j);
	m.width = 1500; /* is of that shape already */
	j = media_cut_view(a, &m, MEDIA_3X2);
	assert_string_equal(json_string_value(json_object_get(j, "src")), "/media/H/960.jpg");
	json_decref(j);
}

static void an_address_of_a_file_says_what_it_is(void **state)
{
	struct room *r = *state;
	struct media m = { .hash = S("H"), .kind = PLAIN_FILE, .format = S("pdf"),
			   .name = S("../../Minutes of \"May\"\r\n.html") };
	assert_text(media_original_url(r->world.a, &m), "/media/H/minutes-of-may.pdf");
	m.name = S("\xe2\x80\xae.pdf");
	assert_text(media_original_url(r->world.a, &m), "/media/H/file.pdf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(a_file_is_what_its_bytes_are),
		ROOM_TEST(what_is_no_picture_is_no_picture),
		ROOM_TEST(the_same_file_at_once_is_taken_in_once),
		ROOM_TEST(a_file_that_was_lost_comes_back),
		ROOM_TEST(what_belongs_to_nothing_is_found),
		ROOM_TEST(only_what_nothing_refers_to_goes),
		ROOM_TEST(a_table_of_another_room_counts),
		ROOM_TEST(focus_is_in_the_address_of_what_is_cut),
		ROOM_TEST(an_address_of_a_file_says_what_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
