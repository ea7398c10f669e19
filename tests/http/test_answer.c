/* test_answer.c: finished answers: validators, codings, heads. */
#include "http/answer.h"
#include "http/http.h"

#include <brotli/decode.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>
#include <cmocka.h>

static char page[20000];

static int fill(void **state)
{
	(void)state;
	static const char words[] = "<p>The harbour opens again after the long winter. ";
	for (size_t i = 0; i < sizeof page; i++)
		page[i] = words[(i + i / 977) % (sizeof words - 1)];
	return 0;
}

static struct answer *make(struct answer_draft d)
{
	struct answer *a = NULL;
	err_t e = answer_new(&d, &a);
	if (e)
		fail_msg("%s", err_text(e));
	return a;
}

static struct answer *make_page(void)
{
	return make((struct answer_draft){ .type = S("text/html; charset=utf-8"),
					   .cache_control = S("max-age=60"),
					   .modified = 1644518220 * SECOND,
					   .body = str_from(page, sizeof page) });
}

static bool has_field(const struct header *v, size_t n, const char *name, const char *value)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(v[i].name, str_of(name)))
			return !value || str_eq(v[i].value, str_of(value));
	return false;
}

static void each_coding_holds_the_same_page(void **state)
{
	(void)state;
	struct answer *a = make_page();
	uint8_t *out = malloc(sizeof page + 1);
	size_t n = sizeof page + 1;
	assert_non_null(out);
	assert_int_equal(BrotliDecoderDecompress(a->body[CODING_BR].n,
						 (const uint8_t *)a->body[CODING_BR].p, &n, out),
			 BROTLI_DECODER_RESULT_SUCCESS);
	assert_int_equal(n, sizeof page);
	assert_memory_equal(out, page, n);

	z_stream z = { 0 };
	z.next_in = (Bytef *)(uintptr_t)a->body[CODING_GZIP].p;
	z.avail_in = (uInt)a->body[CODING_GZIP].n;
	z.next_out = out;
	z.avail_out = sizeof page + 1;
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, sizeof page);
	assert_memory_equal(out, page, sizeof page);
	inflateEnd(&z);
	free(out);
	assert_true(a->size >= sizeof page + a->body[CODING_BR].n);
	assert_true(a->size < 3 * sizeof page);
	answer_drop(a);
}

static void each_coding_has_its_own_strong_etag(void **state)
{
	(void)state;
	struct answer *a = make_page(), *same = make_page();
	for (int c = 0; c < CODINGS; c++) {
		assert_int_equal(a->etags[c].p[0], '"');
		assert_int_equal(a->etags[c].p[a->etags[c].n - 1], '"');
		assert_true(str_eq(a->etags[c], same->etags[c]));
		for (int d = 0; d < c; d++)
			assert_false(str_eq(a->etags[c], a->etags[d]));
	}
	page[7]++;
	struct answer *other = make_page();
	page[7]--;
	assert_false(str_eq(a->etag, other->etag));
	answer_drop(a);
	answer_drop(same);
	answer_drop(other);
}

static void a_head_says_what_the_body_is(void **state)
{
	(void)state;
	struct header extra[] = { { S("Content-Security-Policy"), S("default-src 'self'") },
				  { S("Vary"), S("Cookie") } };
	struct answer *a = make((struct answer_draft){
		.type = S("text/plain"), .cache_control = S("no-cache"),
		.modified = 1644518220 * SECOND, .headers = extra, .nheaders = 2,
		.body = str_from(page, 1000) });
	arena_t *m = arena_create(0);
	str_t wanted = str_format(
		m,
		"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-encoding: br\r\n"
		"content-length: %zu\r\ncache-control: no-cache\r\netag: %.*s\r\n"
		"last-modified: Thu, 10 Feb 2022 18:37:00 GMT\r\n"
		"vary: accept-encoding, Cookie\r\n"
		"content-security-policy: default-src 'self'\r\n",
		a->body[CODING_BR].n, STR(a->etags[CODING_BR]));
	assert_int_equal(a->head[CODING_BR].n, wanted.n);
	assert_memory_equal(a->head[CODING_BR].p, wanted.p, wanted.n);
	wanted = str_format(m,
			    "HTTP/1.1 304 Not Modified\r\ncache-control: no-cache\r\netag: %.*s\r\n"
			    "last-modified: Thu, 10 Feb 2022 18:37:00 GMT\r\n"
			    "vary: accept-encoding, Cookie\r\n",
			    STR(a->etags[CODING_PLAIN]));
	assert_int_equal(a->head304[CODING_PLAIN].n, wanted.n);
	assert_memory_equal(a->head304[CODING_PLAIN].p, wanted.p, wanted.n);
	assert_true(has_field(a->fields[CODING_GZIP], a->nfields[CODING_GZIP], ":status", "200"));
	assert_true(has_field(a->fields[CODING_GZIP], a->nfields[CODING_GZIP], "content-encoding",
			      "gzip"));
	assert_false(has_field(a->fields304[CODING_GZIP], a->nfields304[CODING_GZIP],
			       "content-length", NULL));
	arena_free(m);
	answer_drop(a);
}

static void what_does_not_shrink_goes_out_plain(void **state)
{
	(void)state;
	struct answer *small = make((struct answer_draft){ .type = S("text/html"), .body = S("<p>") });
	struct answer *picture = make((struct answer_draft){ .type = S("image/webp"),
							     .body = str_from(page, 1000) });
	unsigned char noise[1000];
	for (unsigned i = 0, x = 1; i < sizeof noise; i++)
		noise[i] = (unsigned char)((x = x * 1103515245u + 12345u) >> 16);
	struct answer *random = make((struct answer_draft){
		.type = S("text/html"), .body = str_from((char *)noise, sizeof noise) });
	struct answer *const all[] = { small, picture, random };
	for (size_t i = 0; i < COUNT(all); i++) {
		assert_null(all[i]->body[CODING_BR].p);
		assert_null(all[i]->body[CODING_GZIP].p);
		assert_false(has_field(all[i]->fields[0], all[i]->nfields[0], "vary", NULL));
		assert_int_equal(answer_coding(all[i], S("br, gzip")), CODING_PLAIN);
		answer_drop(all[i]);
	}
}

static void an_error_page_has_no_validators(void **state)
{
	(void)state;
	struct answer *a = make((struct answer_draft){ .status = 404, .type = S("text/html"),
						       .modified = SECOND, .body = S("not here") });
	assert_null(a->head304[CODING_PLAIN].p);
	assert_false(has_field(a->fields[0], a->nfields[0], "etag", NULL));
	assert_true(has_field(a->fields[0], a->nfields[0], "content-length", "8"));
	answer_drop(a);
}

static void an_empty_answer_is_one_too(void **state)
{
	(void)state;
	struct answer *a = make((struct answer_draft){ .status = 204 });
	assert_non_null(a->body[CODING_PLAIN].p);
	assert_false(has_field(a->fields[0], a->nfields[0], "content-length", NULL));
	answer_drop(a);
	answer_drop(NULL);
}

static void a_header_cannot_begin_another(void **state)
{
	(void)state;
	struct header bad = { S("x"), S("a\r\nset-cookie: b") }, name = { S("x y"), S("a") };
	struct answer_draft drafts[] = {
		{ .headers = &bad, .nheaders = 1 },
		{ .headers = &name, .nheaders = 1 },
		{ .type = S("text/html\n") },
		{ .cache_control = S("a\rb") },
	};
	for (size_t i = 0; i < COUNT(drafts); i++) {
		struct answer *a;
		err_t e = answer_new(&drafts[i], &a);
		assert_non_null(e);
		err_free(e);
	}
}

static void the_client_chooses_the_coding(void **state)
{
	(void)state;
	struct answer *a = make_page();
	static const struct {
		const char *field;
		enum coding wanted;
	} cases[] = {
		{ "gzip, deflate, br", CODING_BR },
		{ "gzip, deflate", CODING_GZIP },
		{ "GZip", CODING_GZIP },
		{ "x-gzip", CODING_GZIP },
		{ "", CODING_PLAIN },
		{ "identity", CODING_PLAIN },
		{ "deflate, zstd", CODING_PLAIN },
		{ "*", CODING_BR },
		{ "*;q=0", CODING_PLAIN },
		{ "br;q=0, *", CODING_GZIP },
		{ "br;q=0.5, gzip;q=0.9", CODING_GZIP },
		{ "br;q=0.5, gzip;q=0.5", CODING_BR },
		{ "identity, br;q=0.5", CODING_PLAIN },
		{ "identity;q=0, gzip;q=0.1", CODING_GZIP },
		{ "identity;q=0", CODING_PLAIN },
		{ "br;q=0, gzip;q=0", CODING_PLAIN },
		{ "br;q=9, gzip", CODING_GZIP },
		{ "brotli", CODING_PLAIN },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (answer_coding(a, str_of(cases[i].field)) != cases[i].wanted ||
		    coding_taken(str_of(cases[i].field)) != cases[i].wanted)
			fail_msg("wrong coding for \"%s\"", cases[i].field);
	assert_int_equal(answer_coding(a, (str_t){ NULL, 0 }), CODING_PLAIN);
	assert_int_equal(coding_taken((str_t){ NULL, 0 }), CODING_PLAIN);
	answer_drop(a);
}

/* As the page cache keeps it: once, for those who take that coding. */
static void an_answer_of_one_coding_holds_its_body_once(void **state)
{
	(void)state;
	struct answer *all = make_page();
	for (int c = 0; c < CODINGS; c++) {
		struct answer *a = make((struct answer_draft){
			.type = S("text/html"), .body = str_from(page, sizeof page), .one = true,
			.coding = (enum coding)c });
		for (int d = 0; d < CODINGS; d++) {
			assert_true((a->body[d].p != NULL) == (d == c));
			assert_true(str_eq(a->etags[d], all->etags[d]));
		}
		assert_true(str_eq(a->body[c], all->body[c]));
		assert_int_equal(answer_coding(a, S("gzip, br")), c);
		assert_true(has_field(a->fields[c], a->nfields[c], "vary", "accept-encoding"));
		assert_true(has_field(a->fields304[c], a->nfields304[c], "vary", "accept-encoding"));
		assert_true(a->size < all->size);
		answer_drop(a);
	}
	answer_drop(all);
}

static void one_that_does_not_shrink_is_plain(void **state)
{
	(void)state;
	struct answer *a = make((struct answer_draft){ .type = S("text/html"), .body = S("<p>"),
						       .one = true, .coding = CODING_BR });
	assert_int_equal(answer_coding(a, S("br")), CODING_PLAIN);
	assert_true(str_eq(a->body[CODING_PLAIN], S("<p>")));
	assert_false(has_field(a->fields[0], a->nfields[0], "vary", NULL));
	assert_false(has_field(a->fields[0], a->nfields[0], "content-encoding", NULL));
	answer_drop(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_coding_holds_the_same_page),
		cmocka_unit_test(each_coding_has_its_own_strong_etag),
		cmocka_unit_test(a_head_says_what_the_body_is),
		cmocka_unit_test(what_does_not_shrink_goes_out_plain),
		cmocka_unit_test(an_error_page_has_no_validators),
		cmocka_unit_test(an_empty_answer_is_one_too),
		cmocka_unit_test(a_header_cannot_begin_another),
		cmocka_unit_test(the_client_chooses_the_coding),
		cmocka_unit_test(an_answer_of_one_coding_holds_its_body_once),
		cmocka_unit_test(one_that_does_not_shrink_is_plain),
	};
	return cmocka_run_group_tests(tests, fill, NULL);
}
