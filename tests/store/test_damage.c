/* test_damage.c: a damaged file is refused or reported with the way back, and never harms more. */
#include "base/file.h"
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct sql walk = { "SELECT id, twin, text FROM pair ORDER BY text, id" };
static const struct sql count_pairs = { "SELECT count(*) FROM pair" };

/* A publication with some rows, closed; its bytes are in `*whole`. */
static void fill(struct world *w, str_t *whole)
{
	world_pairs(w);
	for (int i = 0; i < 200; i++)
		assert_ok(put_pair(w, w->a, i, i));
	world_close(w);
	assert_ok(file_read(w->a, w->path, 1 << 24, whole));
}

static void replace(struct world *w, str_t bytes)
{
	int fd = open(w->path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.p, bytes.n), (ssize_t)bytes.n);
	close(fd);
}

static bool tells_the_way(const struct err *e)
{
	return e->code == ERR_CORRUPT && strstr(err_text(e), "stet restore");
}

/* A letter changed in the schema's text gives a table or column another name. */
static bool misses_a_name(const struct err *e)
{
	return e->code == ERR_SYSTEM && strstr(err_text(e), "no such");
}

static err_t read_all(struct conn *c, arena_t *a, void *ctx)
{
	AUTO_ROWS r = { 0 };
	err_t e;
	(void)ctx;
	TRY(db_query(c, &walk, NO_ARGS, &r));
	while (rows_next(&r, &e))
		row_str(&r, a, 2);
	return e;
}

enum found { SOUND, REFUSED, REPORTED };

/* Opens it, reads it, checks it and writes to it; every error must tell the way back. */
static enum found use(struct world *w, arena_t *a)
{
	struct store_options o = { .path = w->path, .readers = 1 };
	struct strs report = { 0 };
	err_t e = store_open(&o, &w->store);
	if (e) {
		/* a header whose marks are gone is another program's, or a newer Stet's */
		if (!tells_the_way(e) && e->code != ERR_REFUSED && e->code != ERR_MISSING)
			fail_msg("%s", err_text(e));
		err_free(e);
		return REFUSED;
	}
	e = store_read(w->store, a, read_all, NULL);
	bool stumbled = e != OK;
	if (e && !tells_the_way(e) && !misses_a_name(e))
		fail_msg("%s", err_text(e));
	err_free(e);
	assert_ok(store_check(w->store, a, &report));
	err_free(put_pair(w, a, 5000, 5000));
	world_close(w);
	return stumbled || report.n > 0 ? REPORTED : SOUND;
}

static void a_byte_changed_in_a_pages_structure_is_noticed(void **state)
{
	struct world *w = *state;
	str_t whole;
	fill(w, &whole);
	size_t noticed = 0, pages = whole.n / 4096;
	for (size_t page = 0; page < pages; page++) {
		char *bytes = arena_alloc(w->a, whole.n);
		memcpy(bytes, whole.p, whole.n);
		memset(bytes + page * 4096 + (page ? 0 : 100), 0xa5, 8); /* the page's header */
		replace(w, str_from(bytes, whole.n));
		noticed += use(w, w->a) != SOUND;
	}
	assert_int_equal(noticed, pages);
}

static void a_file_that_was_cut_off_is_noticed(void **state)
{
	struct world *w = *state;
	str_t whole;
	fill(w, &whole);
	size_t cuts[] = { 50, 512, 4096, 8192, whole.n / 2, whole.n - 4096, whole.n - 1 };
	for (size_t i = 0; i < COUNT(cuts); i++) {
		replace(w, str_slice(whole, 0, cuts[i]));
		if (use(w, w->a) == SOUND)
			fail_msg("cut at %zu of %zu", cuts[i], whole.n);
	}
}

static void bytes_flipped_anywhere_never_crash_it(void **state)
{
	struct world *w = *state;
	str_t whole;
	fill(w, &whole);
	srand(7);
	for (int round = 0; round < 300; round++) {
		arena_t *a = arena_create(0);
		char *bytes = arena_alloc(a, whole.n);
		memcpy(bytes, whole.p, whole.n);
		for (int i = 0; i < 1 + round % 20; i++)
			bytes[(size_t)rand() % whole.n] ^= (char)(1 << rand() % 8);
		replace(w, str_from(bytes, whole.n));
		use(w, a);
		arena_free(a);
	}
}

/* A log that was torn off is the end of a commit that nobody was told of, or was written back. */
static void a_torn_log_gives_what_was_whole(void **state)
{
	struct world *w = *state;
	char log[160], path[160];
	str_t bytes;
	world_pairs(w);
	snprintf(log, sizeof log, "%s-wal", w->path);
	assert_ok(file_read(w->a, log, 1 << 24, &bytes));
	size_t begun = bytes.n; /* the schema is whole: what is torn off is pairs */
	for (int i = 0; i < 30; i++)
		assert_ok(put_pair(w, w->a, i, i));
	assert_ok(file_read(w->a, log, 1 << 24, &bytes));
	assert_true(bytes.n > begun);
	str_t file;
	assert_ok(file_read(w->a, w->path, 1 << 24, &file));
	world_close(w);
	int64_t last = 0;
	for (size_t cut = begun; cut <= bytes.n; cut += (bytes.n - begun) / 20) {
		struct world copy = *w;
		snprintf(copy.path, sizeof copy.path, "%s/torn.db", w->folder);
		snprintf(path, sizeof path, "%s-wal", copy.path);
		assert_ok(file_write(copy.path, file, 0600));
		assert_ok(file_write(path, str_slice(bytes, 0, cut), 0600));
		world_open(&copy);
		int64_t n = world_int(&copy, &count_pairs);
		assert_true(n >= last && n <= 30);
		last = n;
		struct strs report = { 0 };
		assert_ok(store_check(copy.store, w->a, &report));
		assert_int_equal(report.n, 0);
		world_close(&copy);
	}
	assert_true(last > 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_byte_changed_in_a_pages_structure_is_noticed),
		TEST(a_file_that_was_cut_off_is_noticed),
		TEST(bytes_flipped_anywhere_never_crash_it),
		TEST(a_torn_log_gives_what_was_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
