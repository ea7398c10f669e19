/* test_h2.c: HTTP/2 sessions without sockets: requests, replies, limits, floods, the graceful end. */
#include "h2_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MAGIC "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

static int begin(void **state)
{
	static struct world w;
	world_begin(&w);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	world_end(*state);
	return 0;
}

/* -- requests and replies -------------------------------------------------------------------- */

static void requests_are_answered_side_by_side(void **state)
{
	struct world *w = *state;
	world_client(w, 1 << 20);
	for (int i = 0; i < 50; i++)
		world_get(w, i % 2 ? "/page" : "/small", NULL);
	world_pump(w);
	assert_int_equal(w->answers, 50);
	assert_int_equal(w->ended, 50);
	assert_int_equal(w->bytes, 25 * (12000 + 5));
	assert_int_equal(w->gone, 50);
	assert_int_equal(h2_streams(w->h), 0);
}

static void a_request_has_its_parts(void **state)
{
	struct world *w = *state;
	world_client(w, 65535);
	world_get(w, "/small?x=1", "cookie", "a=1", "cookie", "b=2", "accept", "*/*", NULL);
	world_pump(w);
	assert_true(str_eq(w->last_path, S("/small")));
	assert_true(str_eq(w->last_host, S("example.org")));
	assert_true(str_eq(w->last_cookie, S("2")));
	assert_int_equal(w->last_headers, 3);
}

static void a_page_larger_than_the_window_arrives(void **state)
{
	struct world *w = *state;
	world_client(w, 65535);
	world_get(w, "/big", NULL);
	world_pump(w);
	assert_int_equal(w->bytes, 1 << 20);
	assert_int_equal(w->ended, 1);
}

static void a_known_page_is_304_without_content(void **state)
{
	struct world *w = *state;
	world_client(w, 65535);
	world_get(w, "/page", "if-none-match", str_z(w->a, w->page->etag), NULL);
	world_pump(w);
	assert_int_equal(w->status, 304);
	assert_int_equal(w->bytes, 0);
	assert_int_equal(w->ended, 1);
}

static void a_body_comes_back(void **state)
{
	struct world *w = *state;
	static char text[300000];
	memset(text, 'x', sizeof text);
	world_client(w, 1 << 20);
	world_post(w, "/echo", str_from(text, sizeof text));
	world_post(w, "/echo", S(""));
	world_pump(w);
	assert_int_equal(w->answers, 2);
	assert_int_equal(w->bytes, sizeof text);
}

static void an_early_answer_ends_the_upload(void **state)
{
	struct world *w = *state;
	static char text[1 << 20];
	world_client(w, 1 << 20);
	world_post(w, "/early", str_from(text, sizeof text));
	world_pump(w);
	assert_int_equal(w->status, 413);
	assert_int_equal(w->reset_code, NGHTTP2_NO_ERROR);
	assert_int_equal(h2_streams(w->h), 0);
	world_get(w, "/small", NULL);
	world_pump(w);
	assert_int_equal(w->status, 200);
}

static void ranges_of_a_file_are_sent(void **state)
{
	struct world *w = *state;
	world_client(w, 1 << 20);
	world_get(w, "/file", "range", "bytes=10-19", NULL);
	world_pump(w);
	assert_int_equal(w->status, 206);
	assert_int_equal(w->bytes, 10);
	world_get(w, "/file", "range", "bytes=0-9,500-509", NULL);
	world_pump(w);
	assert_int_equal(w->status, 206);
	assert_true(w->bytes > 10 + 20);
	world_get(w, "/file", "range", "bytes=99999999-", NULL);
	world_pump(w);
	assert_int_equal(w->status, 416);
}

static void events_follow_when_they_happen(void **state)
{
	struct world *w = *state;
	world_client(w, 65535);
	world_get(w, "/events", NULL);
	world_pump(w);
	assert_int_equal(w->status, 200);
	assert_non_null(w->stream);
	for (int i = 0; i < 100; i++) {
		assert_true(h2_event(w->stream->s, S("data: x\n\n")));
		world_pump(w);
	}
	assert_int_equal(w->bytes, 900);
	assert_int_equal(w->ended, 0);
}

static void the_last_event_ends_its_stream(void **state)
{
	struct world *w = *state;
	world_client(w, 65535);
	for (size_t i = 0; i < 2; i++) { /* with and without something to send */
		world_get(w, "/events", NULL);
		world_pump(w);
		if (i == 0)
			assert_true(h2_event(w->stream->s, S("data: x\n\n")));
		h2_last(w->stream->s);
		world_pump(w);
		assert_int_equal(w->ended, i + 1);
	}
	assert_int_equal(w->bytes, 9);
	assert_int_equal(w->resets, 0);
}

static void head_is_told_the_length_and_sent_nothing(void **state)
{
	static const char *const paths[] = { "/page", "/file", "/events", "/small" };
	struct world *w = *state;
	world_client(w, 65535);
	for (size_t i = 0; i < COUNT(paths); i++) {
		world_head(w, paths[i]);
		world_pump(w);
		assert_int_equal(w->ended, i + 1);
		assert_int_equal(w->status, 200);
	}
	assert_int_equal(w->bytes, 0);
}

static void a_reader_too_far_behind_is_let_go(void **state)
{
	struct world *w = *state;
	char event[1000];
	memset(event, 'x', sizeof event);
	world_client(w, 100);
	world_get(w, "/events", NULL);
	world_pump(w);
	w->stalled = true;
	size_t sent = 0;
	while (h2_event(w->stream->s, str_from(event, sizeof event)) && sent < 1000)
		sent++;
	assert_in_range(sent, 50, LIMIT_EVENT_BACKLOG / sizeof event);
	w->stalled = false;
	world_pump(w);
	assert_null(w->stream);
	assert_int_equal(w->resets, 1);
}

static void a_client_that_leaves_is_noticed(void **state)
{
	struct world *w = *state;
	world_client(w, 65535);
	int32_t id = world_get(w, "/events", NULL);
	world_pump(w);
	nghttp2_submit_rst_stream(w->client, 0, id, NGHTTP2_CANCEL);
	world_pump(w);
	assert_null(w->stream);
	assert_int_equal(w->gone, 1);
}

/* -- what is refused ------------------------------------------------------------------------- */

static void a_malformed_head_is_refused(void **state)
{
	static const char *const paths[] = { "/../x", "/%00", "/a%2fb", "/\\" };
	struct world *w = *state;
	world_client(w, 65535);
	for (size_t i = 0; i < COUNT(paths); i++) {
		world_get(w, paths[i], NULL);
		world_pump(w);
		assert_int_equal(w->status, 400);
	}
	world_get(w, "/small", "host", "other.example", NULL);
	world_pump(w);
	assert_int_equal(w->status, 400);
	world_get(w, "/small", NULL);
	world_pump(w);
	assert_int_equal(w->status, 200);
}

static void too_long_an_address_is_414(void **state)
{
	struct world *w = *state;
	char path[LIMIT_TARGET + 10];
	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	world_client(w, 65535);
	world_get(w, path, NULL);
	world_pump(w);
	assert_int_equal(w->status, 414);
}

static void a_head_past_its_limits_is_431_and_the_connection_lives(void **state)
{
	struct world *w = *state;
	char value[5000];
	memset(value, 'v', sizeof value);
	value[sizeof value - 1] = '\0';
	world_client(w, 65535);
	world_get(w, "/small", "a", value, "b", value, "c", value, "d", value, "e", value, "f", value,
		  "g", value, NULL);
	world_pump(w);
	assert_int_equal(w->status, 431);

	nghttp2_nv nv[LIMIT_HEADERS + 10];
	for (size_t i = 0; i < COUNT(nv); i++)
		nv[i] = (nghttp2_nv){ (uint8_t *)(uintptr_t)"x", (uint8_t *)(uintptr_t)"y", 1, 1, 0 };
	static const char *const pseudo[][2] = {
		{ ":method", "GET" }, { ":scheme", "https" }, { ":path", "/" }, { ":authority", "h" } };
	for (size_t i = 0; i < 4; i++)
		nv[i] = (nghttp2_nv){ (uint8_t *)(uintptr_t)pseudo[i][0],
				      (uint8_t *)(uintptr_t)pseudo[i][1], strlen(pseudo[i][0]),
				      strlen(pseudo[i][1]), 0 };
	w->status = 0;
	nghttp2_submit_request(w->client, NULL, nv, COUNT(nv), NULL, NULL);
	world_pump(w);
	assert_int_equal(w->status, 431);
	world_get(w, "/small", NULL);
	world_pump(w);
	assert_int_equal(w->status, 200);
}

static void a_stream_without_an_exchange_is_refused(void **state)
{
	struct world *w = *state;
	w->refuse_from = 3;
	world_client(w, 65535);
	for (int i = 0; i < 5; i++)
		world_get(w, "/never", NULL);
	world_pump(w);
	assert_int_equal(w->begun, 3);
	assert_int_equal(w->resets, 2);
	assert_int_equal(w->reset_code, NGHTTP2_REFUSED_STREAM);
}

/* -- floods, as raw frames ------------------------------------------------------------------- */

static void frame(struct buf *b, size_t n, int type, int flags, uint32_t id, const void *payload)
{
	const char head[9] = { (char)(n >> 16), (char)(n >> 8), (char)n,          (char)type,
			       (char)flags,     (char)(id >> 24), (char)(id >> 16), (char)(id >> 8),
			       (char)id };
	buf_add(b, str_from(head, 9));
	if (n)
		buf_add(b, str_from(payload, n));
}

static struct buf hello(struct world *w)
{
	struct buf b = buf_new(w->a, 1 << 16);
	buf_add(&b, S(MAGIC));
	frame(&b, 0, NGHTTP2_SETTINGS, 0, 0, NULL);
	return b;
}

/* GET https://h/never in HPACK: static indices and two literals. */
#define NEVER "\x82\x87\x04\x06/never\x01\x01h"

/* The error code of the GOAWAY among the frames in `s`; -1 if there is none. */
static int64_t goaway_in(str_t s)
{
	for (size_t at = 0; at + 9 <= s.n;) {
		const unsigned char *p = (const unsigned char *)s.p + at;
		size_t n = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
		if (p[3] == NGHTTP2_GOAWAY && at + 17 <= s.n)
			return (int64_t)p[13] << 24 | p[14] << 16 | p[15] << 8 | p[16];
		at += 9 + n;
	}
	return -1;
}

/* Sends `one` frame again and again: the server must end it with ENHANCE_YOUR_CALM before `most`. */
static void flood(struct world *w, const struct buf *one, size_t most)
{
	struct buf b = hello(w), said = buf_new(w->a, 4096);
	assert_true(world_raw(w, b.p, b.n, &said));
	for (size_t i = 0; i < most; i++)
		if (!world_raw(w, one->p, one->n, &said)) {
			assert_int_equal(goaway_in(buf_str(&said)), NGHTTP2_ENHANCE_YOUR_CALM);
			return;
		}
	fail_msg("took %zu", most);
}

static void rapid_reset_is_stopped(void **state)
{
	struct world *w = *state;
	struct buf b = hello(w), said = buf_new(w->a, 4096);
	assert_true(world_raw(w, b.p, b.n, &said));
	size_t i = 0;
	for (; i < 100000; i++) {
		struct buf pair = buf_new(w->a, 64);
		frame(&pair, sizeof NEVER - 1, NGHTTP2_HEADERS, 5, (uint32_t)(2 * i + 1), NEVER);
		frame(&pair, 4, NGHTTP2_RST_STREAM, 0, (uint32_t)(2 * i + 1), "\0\0\0\x08");
		if (!world_raw(w, pair.p, pair.n, &said))
			break;
	}
	assert_in_range(i, 100, 300);
	assert_int_equal(goaway_in(buf_str(&said)), NGHTTP2_ENHANCE_YOUR_CALM);
}

static void calm_comes_back_with_time(void **state)
{
	struct world *w = *state;
	struct buf b = hello(w);
	assert_true(world_raw(w, b.p, b.n, NULL));
	for (uint32_t i = 0; i < 900; i++) {
		struct buf pair = buf_new(w->a, 64);
		frame(&pair, sizeof NEVER - 1, NGHTTP2_HEADERS, 5, 2 * i + 1, NEVER);
		frame(&pair, 4, NGHTTP2_RST_STREAM, 0, 2 * i + 1, "\0\0\0\x08");
		w->now += SECOND / 20; /* twenty a second: somebody who leafs through pages */
		assert_true(world_raw(w, pair.p, pair.n, NULL));
	}
}

static void resets_that_the_client_provokes_count_too(void **state)
{
	struct world *w = *state;
	struct buf b = hello(w), said = buf_new(w->a, 4096);
	assert_true(world_raw(w, b.p, b.n, &said));
	size_t i = 0;
	for (; i < 100000; i++) { /* a window past its bound is a stream error */
		struct buf pair = buf_new(w->a, 64);
		frame(&pair, sizeof NEVER - 1, NGHTTP2_HEADERS, 5, (uint32_t)(2 * i + 1), NEVER);
		frame(&pair, 4, NGHTTP2_WINDOW_UPDATE, 0, (uint32_t)(2 * i + 1),
		      "\x7f\xff\xff\xff");
		if (!world_raw(w, pair.p, pair.n, &said))
			break;
	}
	assert_in_range(i, 1, 300);
}

static void ping_and_settings_floods_are_stopped(void **state)
{
	static const struct {
		int type;
		size_t n;
		uint32_t id;
	} kinds[] = {
		{ NGHTTP2_PING, 8, 0 },
		{ NGHTTP2_SETTINGS, 0, 0 },
	};
	struct world *w = *state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct buf one = buf_new(w->a, 64);
		frame(&one, kinds[i].n, kinds[i].type, 0, kinds[i].id, "\0\0\0\3\0\0\0\0");
		flood(w, &one, 2000);
		h2_free(w->h);
		assert_null(h2_new(w->shared, w, w->now, &w->h));
	}
}

static void empty_data_frames_are_stopped(void **state)
{
	struct world *w = *state;
	struct buf b = hello(w), one = buf_new(w->a, 16), said = buf_new(w->a, 4096);
	frame(&b, sizeof NEVER - 1, NGHTTP2_HEADERS, 4, 1, NEVER);
	frame(&one, 0, NGHTTP2_DATA, 0, 1, NULL);
	assert_true(world_raw(w, b.p, b.n, &said));
	size_t i = 0;
	while (i < 1000 && world_raw(w, one.p, one.n, &said))
		i++;
	assert_in_range(i, 10, 300);
	assert_int_equal(goaway_in(buf_str(&said)), NGHTTP2_ENHANCE_YOUR_CALM);
}

static void a_continuation_flood_is_stopped(void **state)
{
	struct world *w = *state;
	static char filler[16384];
	struct buf b = hello(w);
	memset(filler, 0x82, sizeof filler); /* ":method: GET", 16384 times */
	frame(&b, sizeof NEVER - 1, NGHTTP2_HEADERS, 1, 1, NEVER); /* no END_HEADERS */
	assert_true(world_raw(w, b.p, b.n, NULL));
	struct buf more = buf_new(w->a, 20000);
	frame(&more, 1000, NGHTTP2_CONTINUATION, 0, 1, filler);
	size_t i = 0;
	while (i < 1000 && world_raw(w, more.p, more.n, NULL))
		i++;
	assert_in_range(i, 0, 20);
}

static void a_head_of_repeated_references_is_not_kept(void **state)
{
	struct world *w = *state;
	char big[4000], block[9000];
	size_t n = sizeof NEVER - 1;
	struct buf b = hello(w);
	memset(big, 'x', sizeof big);
	memcpy(block, NEVER, n);
	memcpy(block + n, "\x40\x01z\x7f\xa1\x1e", 6); /* z: 4000 bytes, kept in the table */
	n += 6;
	memcpy(block + n, big, sizeof big);
	n += sizeof big;
	memset(block + n, 0xbe, sizeof block - n); /* and named again, a byte each time */
	frame(&b, sizeof block, NGHTTP2_HEADERS, 5, 1, block);
	world_raw(w, b.p, b.n, NULL);
	assert_int_equal(w->last_status, 431);
	assert_in_range(w->last_headers, 1, LIMIT_HEAD / 4000);
}

static void what_is_not_http2_is_ended(void **state)
{
	struct world *w = *state;
	assert_false(world_raw(w, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, NULL));
}

static void too_many_streams_at_a_time_are_refused(void **state)
{
	struct world *w = *state;
	struct buf b = hello(w), said = buf_new(w->a, 4096);
	frame(&b, 0, NGHTTP2_SETTINGS, 1, 0, NULL); /* having seen the server's settings */
	for (uint32_t i = 0; i < LIMIT_H2_STREAMS + 50; i++)
		frame(&b, sizeof NEVER - 1, NGHTTP2_HEADERS, 5, 2 * i + 1, NEVER);
	world_raw(w, b.p, b.n, &said);
	assert_in_range(w->begun, 1, LIMIT_H2_STREAMS);
}

/* -- deadlines and the end ------------------------------------------------------------------- */

static void a_head_that_does_not_end_ends_the_connection(void **state)
{
	struct world *w = *state;
	struct buf b = hello(w), said = buf_new(w->a, 4096);
	frame(&b, sizeof NEVER - 1, NGHTTP2_HEADERS, 1, 1, NEVER);
	assert_true(world_raw(w, b.p, b.n, NULL));
	w->now += DEADLINE_HEAD - SECOND;
	assert_true(h2_tick(w->h, w->now));
	w->now += 2 * SECOND;
	h2_tick(w->h, w->now);
	assert_false(world_raw(w, "", 0, &said));
}

static void a_body_that_trickles_is_reset(void **state)
{
	struct world *w = *state;
	struct buf b = hello(w), one = buf_new(w->a, 16);
	frame(&b, sizeof NEVER - 1, NGHTTP2_HEADERS, 4, 1, NEVER);
	frame(&one, 1, NGHTTP2_DATA, 0, 1, "x");
	assert_true(world_raw(w, b.p, b.n, NULL));
	int seconds = 0;
	while (h2_streams(w->h) && seconds < 100) {
		w->now += SECOND;
		seconds++;
		world_raw(w, one.p, one.n, NULL);
		h2_tick(w->h, w->now);
		world_raw(w, "", 0, NULL);
	}
	assert_in_range(seconds, DEADLINE_BODY / SECOND, DEADLINE_BODY / SECOND + 2);
}

static void a_client_that_opens_no_window_is_reset(void **state)
{
	struct world *w = *state;
	world_client(w, 0);
	world_get(w, "/page", NULL);
	world_pump(w);
	assert_int_equal(w->answers, 1);
	assert_int_equal(w->bytes, 0);
	w->now += DEADLINE_WRITE;
	h2_tick(w->h, w->now);
	world_pump(w);
	assert_int_equal(h2_streams(w->h), 1);
	w->now += 12000 * SECOND / LIMIT_SLOWEST + SECOND;
	h2_tick(w->h, w->now);
	world_pump(w);
	assert_int_equal(h2_streams(w->h), 0);
	assert_int_equal(w->resets, 1);
}

static void a_graceful_end_serves_what_was_begun(void **state)
{
	struct world *w = *state;
	world_client(w, 1 << 20);
	world_get(w, "/big", NULL);
	world_get(w, "/events", NULL);
	world_pump(w);
	h2_stop(w->h);
	world_get(w, "/small", NULL); /* on its way while the server says so */
	world_pump(w);
	assert_true(w->goaway);
	assert_int_equal(w->goaway_code, NGHTTP2_NO_ERROR);
	assert_int_equal(w->answers, 3);
	w->now += SECOND;
	h2_tick(w->h, w->now);
	world_pump(w);
	assert_false(h2_done(w->h)); /* the event stream is open */
	h2_reset(w->stream->s);
	world_pump(w);
	assert_true(h2_done(w->h));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(requests_are_answered_side_by_side),
		T(a_request_has_its_parts),
		T(a_page_larger_than_the_window_arrives),
		T(a_known_page_is_304_without_content),
		T(a_body_comes_back),
		T(an_early_answer_ends_the_upload),
		T(ranges_of_a_file_are_sent),
		T(events_follow_when_they_happen),
		T(the_last_event_ends_its_stream),
		T(head_is_told_the_length_and_sent_nothing),
		T(a_reader_too_far_behind_is_let_go),
		T(a_client_that_leaves_is_noticed),
		T(a_malformed_head_is_refused),
		T(too_long_an_address_is_414),
		T(a_head_past_its_limits_is_431_and_the_connection_lives),
		T(a_stream_without_an_exchange_is_refused),
		T(rapid_reset_is_stopped),
		T(calm_comes_back_with_time),
		T(resets_that_the_client_provokes_count_too),
		T(ping_and_settings_floods_are_stopped),
		T(empty_data_frames_are_stopped),
		T(a_continuation_flood_is_stopped),
		T(a_head_of_repeated_references_is_not_kept),
		T(what_is_not_http2_is_ended),
		T(too_many_streams_at_a_time_are_refused),
		T(a_head_that_does_not_end_ends_the_connection),
		T(a_body_that_trickles_is_reset),
		T(a_client_that_opens_no_window_is_reset),
		T(a_graceful_end_serves_what_was_begun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
