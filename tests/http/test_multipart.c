/* test_multipart.c: forms with files, in pieces of every size. */
#include "http/limits.h"
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=XyZ"

static int begin(void **state)
{
	*state = arena_create(0);
	return 0;
}

static int end(void **state)
{
	arena_free(*state);
	return 0;
}

struct result {
	struct params  fields;
	struct upload *uploads;
	size_t         n;
};

static err_t parse(arena_t *a, const char *type, str_t body, size_t piece, struct result *r)
{
	struct multipart *m;
	TRY(multipart_new(a, str_of(type), "/tmp", &m));
	for (size_t at = 0; at < body.n; at += piece)
		TRY(multipart_feed(m, str_slice(body, at, at + piece)));
	return multipart_end(m, &r->fields, &r->uploads, &r->n);
}

static void equal(str_t got, const char *wanted)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("got \"%.*s\", wanted \"%s\"", STR(got), wanted);
}

static const char mixed[] =
	"preamble nobody shows\r\n"
	"--XyZ\r\n"
	"Content-Disposition: form-data; name=\"headline\"\r\n\r\n"
	"Caf\xc3\xa9\r\n--XyQ no end \r\r\n-\r\n"
	"\r\n--XyZ  \r\n"
	"content-disposition: form-data; name=picture; filename=\"a \\\"b\\\".png\"\r\n"
	"Content-Type: image/png\r\n\r\n"
	"\x89PNG\r\n\x1a\n\0bytes\r"
	"\r\n--XyZ\r\n"
	"Content-Disposition: form-data; name=\"empty\"\r\n\r\n"
	"\r\n--XyZ\r\n"
	"Content-Disposition: form-data; name=\"nothing\"\r\n\r\n"
	"--XyZ\r\n"
	"Content-Disposition: form-data; name=\"none\"; filename=\"\"\r\n"
	"Content-Type: application/octet-stream\r\n\r\n"
	"\r\n--XyZ\r\n"
	"Content-Disposition: form-data; name=\"f\"; filename=\"x\"; filename*=UTF-8''%C3%A9.txt\r\n"
	"X-Other: y\r\n\r\n"
	"z\r\n--XyZ--\r\nepilogue --XyZ\r\n";

static void a_form_is_the_same_in_pieces_of_any_size(void **state)
{
	for (size_t piece = 1; piece < sizeof mixed + 1; piece++) {
		struct result r;
		err_t e = parse(*state, TYPE, str_from(mixed, sizeof mixed - 1), piece, &r);
		if (e)
			fail_msg("pieces of %zu: %s", piece, err_text(e));
		assert_int_equal(r.fields.n, 3);
		equal(params_get(&r.fields, "headline"),
		      "Caf\xc3\xa9\r\n--XyQ no end \r\r\n-\r\n");
		equal(params_get(&r.fields, "empty"), "");
		equal(params_get(&r.fields, "nothing"), "");
		assert_int_equal(r.n, 2);
		equal(r.uploads[0].field, "picture");
		equal(r.uploads[0].filename, "a \"b\".png");
		equal(r.uploads[0].type, "image/png");
		assert_int_equal(r.uploads[0].fd, -1);
		assert_int_equal(r.uploads[0].size, 15);
		assert_memory_equal(r.uploads[0].bytes.p, "\x89PNG\r\n\x1a\n\0bytes\r", 15);
		equal(r.uploads[1].filename, "\xc3\xa9.txt");
		equal(r.uploads[1].type, "text/plain");
		equal(r.uploads[1].bytes, "z");
	}
}

static void a_large_file_goes_to_disk_unchanged(void **state)
{
	arena_t *a = *state;
	for (size_t size = LIMIT_UPLOAD_SPILL - 1; size < 4 * LIMIT_UPLOAD_SPILL; size += 65537) {
		struct buf file = buf_new(a, size), body = buf_new(a, size + 400);
		for (size_t i = 0; i < size; i++)
			buf_add_char(&file, (char)(i * i >> 3)); /* full of CR, LF and '-' */
		buf_add(&body, S("--XyZ\r\nContent-Disposition: form-data; name=f; filename=big\r\n\r\n"));
		buf_add(&body, buf_str(&file));
		buf_add(&body, S("\r\n--XyZ--"));
		static const size_t pieces[] = { 7, 1000, 65536, 1 << 20 };
		for (size_t i = 0; i < COUNT(pieces); i++) {
			struct result r;
			assert_null(parse(a, TYPE, buf_str(&body), pieces[i], &r));
			assert_int_equal(r.n, 1);
			assert_int_equal(r.uploads[0].size, size);
			if (size <= LIMIT_UPLOAD_SPILL) {
				assert_true(str_eq(r.uploads[0].bytes, buf_str(&file)));
				continue;
			}
			assert_null(r.uploads[0].bytes.p);
			char *back = arena_alloc(a, size + 1);
			assert_int_equal(read(r.uploads[0].fd, back, size + 1), size);
			assert_memory_equal(back, file.p, size);
		}
	}
}

static void an_upload_leaves_with_its_arena(void **state)
{
	(void)state;
	arena_t *a = arena_create(0);
	struct buf body = buf_new(a, 200000);
	buf_add(&body, S("--XyZ\r\nContent-Disposition: form-data; name=f; filename=big\r\n\r\n"));
	for (int i = 0; i < 20000; i++)
		buf_add(&body, S("12345678"));
	buf_add(&body, S("\r\n--XyZ--"));
	struct result r;
	assert_null(parse(a, TYPE, buf_str(&body), 65536, &r));
	int fd = r.uploads[0].fd;
	assert_true(fd >= 0);
	arena_free(a);
	assert_int_equal(lseek(fd, 0, SEEK_SET), -1);
}

static void a_malformed_form_is_refused(void **state)
{
#define ONE "--XyZ\r\nContent-Disposition: form-data; name=a\r\n"
	static const struct {
		const char *type, *body;
	} bad[] = {
		{ "multipart/form-data", "--XyZ--" },
		{ "multipart/form-data; boundary=", "--XyZ--" },
		{ "multipart/form-data; boundary=\"a \"", "--a --" },
		{ "multipart/form-data; boundary=\"\xc3\xa9\"", "--\xc3\xa9--" },
		{ "multipart/form-data; boundary=a; boundary=b", "--a--" },
		{ TYPE, "" },
		{ TYPE, "nothing" },
		{ TYPE, "--XyZ" },
		{ TYPE, "--XyZ\r\n" },
		{ TYPE, "--XyZx\r\n" },
		{ TYPE, "--XyZ-x" },
		{ TYPE, "--XyZ\n" },
		{ TYPE, "--XyZ\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, "--XyZ\r\nContent-Type: a/b\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, "--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, "--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, ONE "Content-Disposition: form-data; name=b\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, ONE "Content-Transfer-Encoding: base64\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, ONE " folded\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, ONE "no colon\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, ONE "A : b\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, ONE "A: b\x01\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, ONE "\r\nx" },
		{ TYPE, ONE "\r\nx\r\n--XyZ\r\n" },
		{ TYPE, ONE "\r\n\xff\r\n--XyZ--" },
		{ TYPE, ONE "\r\n\x01\r\n--XyZ--" },
		{ TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--XyZ--" },
		{ TYPE, "--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--XyZ--" },
	};
	for (size_t i = 0; i < COUNT(bad); i++)
		for (size_t piece = 1; piece < 100; piece += 98) {
			struct result r;
			err_t e = parse(*state, bad[i].type, str_of(bad[i].body), piece, &r);
			if (!e)
				fail_msg("accepted %s", bad[i].body);
			assert_int_equal(e->code, ERR_INPUT);
			err_free(e);
		}
}

static void refused_as_too_large(arena_t *a, str_t body)
{
	struct result r;
	err_t e = parse(a, TYPE, body, 4096, &r);
	assert_non_null(e);
	assert_int_equal(e->code, ERR_TOO_LARGE);
	err_free(e);
}

static void everything_in_a_form_is_bounded(void **state)
{
	arena_t *a = *state;
	struct buf b = buf_new(a, 1 << 16);
	for (int i = 0; i <= LIMIT_FORM_FIELDS; i++)
		buf_add(&b, S(ONE "\r\nx\r\n"));
	buf_add(&b, S("--XyZ--"));
	refused_as_too_large(a, buf_str(&b));

	buf_clear(&b);
	for (int i = 0; i <= LIMIT_UPLOADS; i++)
		buf_add(&b, S("--XyZ\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nx\r\n"));
	buf_add(&b, S("--XyZ--"));
	refused_as_too_large(a, buf_str(&b));

	buf_clear(&b);
	buf_add(&b, S(ONE));
	for (int i = 0; i < LIMIT_PART_LINES; i++)
		buf_add(&b, S("A: b\r\n"));
	buf_add(&b, S("\r\nx\r\n--XyZ--"));
	refused_as_too_large(a, buf_str(&b));

	buf_clear(&b);
	buf_add(&b, S(ONE "A: "));
	for (int i = 0; i < LIMIT_PART_HEAD; i++)
		buf_add_char(&b, 'x');
	refused_as_too_large(a, buf_str(&b));

	buf_clear(&b);
	buf_add(&b, S(ONE "\r\n"));
	for (int i = 0; i <= LIMIT_FIELD_VALUE; i++)
		buf_add_char(&b, 'x');
	refused_as_too_large(a, buf_str(&b));
}

static void a_folder_that_cannot_hold_it_is_named(void **state)
{
	struct multipart *m;
	struct buf body = buf_new(*state, 100000);
	buf_add(&body, S("--XyZ\r\nContent-Disposition: form-data; name=f; filename=big\r\n\r\n"));
	for (int i = 0; i < 70000; i++)
		buf_add_char(&body, 'x');
	assert_null(multipart_new(*state, S(TYPE), "/nonexistent", &m));
	err_t e = multipart_feed(m, buf_str(&body));
	assert_non_null(e);
	assert_non_null(strstr(err_text(e), "/nonexistent"));
	err_free(e);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(a_form_is_the_same_in_pieces_of_any_size),
		T(a_large_file_goes_to_disk_unchanged),
		T(an_upload_leaves_with_its_arena),
		T(a_malformed_form_is_refused),
		T(everything_in_a_form_is_bounded),
		T(a_folder_that_cannot_hold_it_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
