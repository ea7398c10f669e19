/* test_infile.c: files from elsewhere, in pieces: bytes, lines, tables and documents, whole or cut, packed or not. */
#include "../store/world.h"
#include "base/file.h"
#include "exchange/csv.h"
#include "exchange/jotter.h"
#include "exchange/json_pieces.h"

#include <zlib.h>

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* All that is read, joined; or the error. */
static err_t all_of(struct infile *f, arena_t *a, str_t *out)
{
	struct buf b = buf_new(a, 64);
	str_t piece;
	do {
		err_t e = infile_next(f, &piece);
		if (e)
			return e;
		buf_add(&b, piece);
	} while (piece.n);
	*out = buf_str(&b);
	return OK;
}

static str_t read_text(arena_t *a, str_t text, int64_t *mended)
{
	struct infile *f;
	str_t out = S("");
	assert_ok(infile_of(S("x"), text, &f));
	assert_ok(all_of(f, a, &out));
	*mended = infile_mended(f);
	infile_close(f);
	return out;
}

static bool same(str_t a, const char *b)
{
	return str_eq(a, str_of(b));
}

static void bytes_that_are_no_text_are_mended_and_counted(void **state)
{
	struct world *w = *state;
	int64_t mended;
	assert_true(same(read_text(w->a, S("\xef\xbb\xbf" "caf\xc3\xa9"), &mended), "caf\xc3\xa9"));
	assert_int_equal(mended, 0);
	assert_true(same(read_text(w->a, S("caf\xe9!"), &mended), "caf\xef\xbf\xbd!")); /* Latin-1 */
	assert_int_equal(mended, 1);
	assert_true(same(read_text(w->a, S("a\x01\x1b" "b\0c\td\r\n"), &mended), "a  b c\td\r\n"));
	assert_true(same(read_text(w->a, S("\xef\xbf\xbe|\xed\xa0\x80"), &mended),
			 "\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")); /* U+FFFE; a surrogate */
	assert_true(same(read_text(w->a, S("cut \xf0\x9f\xa6"), &mended), "cut \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
	assert_int_equal(mended, 3);
	assert_true(same(read_text(w->a, S(""), &mended), ""));
}

/* A character of four bytes at every place where a chunk of 64 KB may end. */
static void a_character_is_whole_wherever_a_chunk_ends(void **state)
{
	struct world *w = *state;
	int64_t mended;
	for (size_t before = 65530; before < 65540; before++) {
		struct buf b = buf_new(w->a, 1 << 17);
		for (size_t i = 0; i < before; i++)
			buf_add_char(&b, 'x');
		buf_add(&b, S("\xf0\x9f\xa6\x8a end"));
		assert_true(str_eq(read_text(w->a, buf_str(&b), &mended), buf_str(&b)));
		assert_int_equal(mended, 0);
	}
}

static void utf_16_is_refused_with_a_reason(void **state)
{
	struct infile *f;
	str_t piece;
	(void)state;
	assert_ok(infile_of(S("x.xml"), S("\xff\xfe<\0"), &f));
	err_t e = infile_next(f, &piece);
	assert_non_null(e);
	assert_non_null(strstr(err_text(e), "UTF-16"));
	err_free(e);
	infile_close(f);
}

static char *packed(struct world *w, str_t text, size_t cut)
{
	char *path = path_join(w->a, w->folder, "x.gz");
	str_t whole;
	gzFile gz = gzopen(path, "wb");
	assert_int_equal(gzwrite(gz, text.p, (unsigned)text.n), (int)text.n);
	gzclose(gz);
	assert_ok(file_read(w->a, path, 1 << 24, &whole));
	assert_ok(file_write(path, str_slice(whole, 0, whole.n - cut), 0600));
	return path;
}

static void a_packed_file_is_unpacked_twice_and_a_cut_one_refused(void **state)
{
	struct world *w = *state;
	struct infile *f;
	struct buf b = buf_new(w->a, 1 << 20);
	str_t out;
	for (int i = 0; i < 20000; i++)
		buf_add_format(&b, "line %d\n", i);
	assert_ok(infile_open(packed(w, buf_str(&b), 0), &f));
	for (int i = 0; i < 2; i++) {
		assert_ok(all_of(f, w->a, &out));
		assert_true(str_eq(out, buf_str(&b)));
		assert_ok(infile_rewind(f));
	}
	infile_close(f);
	const size_t cuts[] = { 1, 8, 100, 5000 };
	for (size_t i = 0; i < COUNT(cuts); i++) {
		assert_ok(infile_open(packed(w, buf_str(&b), cuts[i]), &f));
		err_t e = all_of(f, w->a, &out);
		assert_non_null(e);
		assert_non_null(strstr(err_text(e), "cut short"));
		err_free(e);
		infile_close(f);
	}
}

static void lines_are_whole_numbered_and_of_a_size(void **state)
{
	struct world *w = *state;
	struct infile *f;
	struct buf b = buf_new(w->a, 1 << 20);
	str_t line;
	bool there;
	buf_add(&b, S("first\n\n"));
	for (int i = 0; i < 200000; i++)
		buf_add_char(&b, 'y');
	buf_add(&b, S("\nlast"));
	assert_ok(infile_of(S("x"), buf_str(&b), &f));
	const size_t sizes[] = { 5, 0, 200000, 4 };
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_ok(infile_line(f, &line, &there));
		assert_true(there);
		assert_int_equal(line.n, sizes[i]);
		assert_int_equal(infile_line_number(f), (int64_t)i + 1);
	}
	assert_ok(infile_line(f, &line, &there));
	assert_false(there);
	infile_close(f);
	buf_clear(&b);
	buf_add(&b, S("short\n"));
	while (b.n <= INFILE_LINE_MOST + 10)
		buf_add(&b, S("zzzzzzzzzzzzzzzz"));
	buf_add(&b, S("\nafter"));
	assert_ok(infile_of(S("x"), buf_str(&b), &f));
	assert_ok(infile_line(f, &line, &there));
	err_t e = infile_line(f, &line, &there);
	assert_non_null(e);
	assert_non_null(strstr(err_text(e), "x:2: is longer than 4 MB"));
	err_free(e);
	assert_ok(infile_rewind(f));
	assert_ok(infile_skip_line(f));
	assert_ok(infile_skip_line(f)); /* however long it is */
	assert_ok(infile_line(f, &line, &there));
	assert_true(same(line, "after"));
	infile_close(f);
}

/* "a|b" of each record, "/" between them. */
static err_t table(arena_t *out, str_t text, str_t *said)
{
	struct infile *f;
	struct csv csv;
	bool there = true;
	arena_t *a = arena_create(0);
	struct buf b = buf_new(out, 64);
	assert_ok(infile_of(S("t.csv"), text, &f));
	csv_begin(&csv, f, a);
	err_t e = csv_next(&csv, &there);
	while (!e && there) {
		for (size_t i = 0; i < csv.fields.n; i++)
			buf_add_format(&b, "%s%.*s", i ? "|" : "", STR(csv.fields.v[i]));
		buf_add_char(&b, '/');
		e = csv_next(&csv, &there);
	}
	*said = buf_str(&b);
	infile_close(f);
	arena_free(a);
	return e;
}

static void tables_are_read_as_rfc_4180_has_them(void **state)
{
	struct world *w = *state;
	static const char *const good[][2] = {
		{ "a,b\r\nc,d\r\n", "a|b/c|d/" },
		{ "a,b\nc,d", "a|b/c|d/" },
		{ "\"a,\"\"x\"\"\r\ny\",b\n", "a,\"x\"\r\ny|b/" },
		{ "\n\na,\n,\n\n", "a|/|/" },
		{ "a\"b,c\n", "a\"b|c/" },
		{ "\"\",\"\"\n", "|/" },
		{ "", "" },
	};
	static const char *const bad[][2] = {
		{ "a\n\"b", "t.csv:2: a quoted field does not end" },
		{ "a\n\n\"b\"c\n", "t.csv:3: something follows" },
	};
	str_t said;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_ok(table(w->a, str_of(good[i][0]), &said));
		assert_string_equal(str_z(w->a, said), good[i][1]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		err_t e = table(w->a, str_of(bad[i][0]), &said);
		assert_non_null(e);
		assert_non_null(strstr(err_text(e), bad[i][1]));
		err_free(e);
	}
}

static err_t collect(void *ctx, str_t key, str_t text, bool in_array)
{
	buf_add_format(ctx, "%.*s%s%.*s;", STR(key), in_array ? "[]" : "=", STR(text));
	return OK;
}

static err_t document(arena_t *a, str_t text, size_t step, str_t *said)
{
	struct json_pieces p;
	struct buf b = buf_new(a, 64);
	err_t e = OK;
	json_pieces_begin(&p, a, collect, &b);
	for (size_t at = 0; at < text.n && !e; at += step)
		e = json_pieces_add(&p, str_slice(text, at, at + step));
	if (!e)
		e = json_pieces_end(&p);
	*said = buf_str(&b);
	return e;
}

static void a_document_is_taken_apart_wherever_it_is_cut(void **state)
{
	struct world *w = *state;
	str_t said, text = S(" {\"v\" : 1, \"a\":[ {\"x\":\"]},\\\"\"} , [1,[2]] ,3],\"e\":[ ],\"o\":{\"a\":[1]} }\n ");
	for (size_t step = 1; step < text.n; step++) {
		assert_ok(document(w->a, text, step, &said));
		assert_true(same(said, "v=1;a[]{\"x\":\"]},\\\"\"};a[][1,[2]];a[]3;o={\"a\":[1]};"));
	}
	static const char *const bad[][2] = {
		{ "[1]", "no JSON object" },       { "{\"a\":[1,\n", "line 2: the file ends" },
		{ "{\"a\":[1", "ends in the middle" }, { "{\"a\":[1,]}", "a value is missing" },
		{ "{\"a\" 1}", "a colon" },        { "{\"a\":[1}}", "closes what it did not open" },
		{ "{\"a\":1} x", "follows the end" }, { "{a:1}", "a key in quotes" }, { "", "ends in the middle" },
	};
	for (size_t i = 0; i < COUNT(bad); i++) {
		err_t e = document(w->a, str_of(bad[i][0]), 1, &said);
		assert_non_null(e);
		assert_non_null(strstr(err_text(e), bad[i][1]));
		err_free(e);
	}
}

static void halves_of_a_pair_are_mended(void **state)
{
	struct world *w = *state;
	json_t *j;
	assert_ok(json_object_load(w->a, S("{\"a\":\"\\ud83d! \\ud83d\\ude80 \\\\ud83d \\udc00\"}"), &j));
	assert_string_equal(json_string_value(json_object_get(j, "a")), "\xef\xbf\xbd! \xf0\x9f\x9a\x80 \\ud83d \xef\xbf\xbd");
	json_decref(j);
	err_t e = json_object_load(w->a, S("[1]"), &j);
	assert_non_null(e);
	err_free(e);
}

static void notes_are_found_counted_and_listed(void **state)
{
	struct world *w = *state;
	struct jotter *j;
	struct note note, *list;
	bool there;
	size_t n;
	int64_t all;
	assert_ok(jotter_new(&j));
	assert_ok(jot(j, "page", S("1"), S("/a"), S("b"), 7));
	assert_ok(jot(j, "page", S("1"), S("/c"), S("d"), 8));
	assert_ok(jot_find(j, w->a, "page", S("1"), &note, &there));
	assert_true(there && same(note.one, "/c") && same(note.two, "d") && note.n == 8);
	assert_ok(jot_find(j, w->a, "person", S("1"), &note, &there));
	assert_false(there || note.one.n);
	for (int i = 0; i < 5; i++)
		assert_ok(jot_add(j, "lost", str_format(w->a, "/%d", i % 3), 1));
	assert_ok(jot_list(j, w->a, "lost", 2, &list, &n, &all));
	assert_true(n == 2 && all == 3 && list[0].n == 2 && same(list[0].key, "/0") && same(list[1].key, "/1"));
	assert_ok(jot(j, "seen", S("a"), S("s"), S(""), 0));
	assert_ok(jot(j, "seen", S("b"), S("s"), S("a"), 0));
	assert_ok(jot(j, "seen", S("c"), S("t"), S("a"), 0)); /* under another story */
	assert_ok(jot(j, "seen", S("d"), S("s"), S("d"), 0)); /* itself */
	assert_ok(jot(j, "seen", S("e"), S("s"), S("x"), 0));
	assert_ok(jot_dangling(j, "seen", &all));
	assert_int_equal(all, 3);
	jotter_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(bytes_that_are_no_text_are_mended_and_counted),
		WORLD_TEST(a_character_is_whole_wherever_a_chunk_ends),
		WORLD_TEST(utf_16_is_refused_with_a_reason),
		WORLD_TEST(a_packed_file_is_unpacked_twice_and_a_cut_one_refused),
		WORLD_TEST(lines_are_whole_numbered_and_of_a_size),
		WORLD_TEST(tables_are_read_as_rfc_4180_has_them),
		WORLD_TEST(a_document_is_taken_apart_wherever_it_is_cut),
		WORLD_TEST(halves_of_a_pair_are_mended),
		WORLD_TEST(notes_are_found_counted_and_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
