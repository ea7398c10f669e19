/* test_challenge.c: what is asked once and answered once. */
#include "accounts.h"

struct making {
	struct room     *r;
	struct challenge x;
	usec_t           life;
	err_t (*then)(struct stet *s, struct conn *c, const struct challenge *x);
};

static err_t write_one(struct conn *c, arena_t *a, void *ctx)
{
	struct making *m = ctx;
	if (m->then)
		return m->then(&m->r->stet, c, &m->x);
	return challenge_insert(&m->r->stet, c, a, &m->x, m->life);
}

static struct challenge made(struct room *r, const char *subject)
{
	struct making m = { .r = r, .life = MAIL_LIFE,
			    .x = { .kind = CHALLENGE_SIGN_IN, .subject = str_of(subject) } };
	assert_ok(store_write(r->stet.store, r->world.a, write_one, &m));
	return m.x;
}

static err_t use(struct room *r, const struct challenge *x)
{
	struct making m = { .r = r, .x = *x, .then = challenge_use };
	return store_write(r->stet.store, r->world.a, write_one, &m);
}

struct finding {
	struct room     *r;
	str_t            link;
	struct challenge out;
};

static err_t find(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	return challenge_by_link(&f->r->stet, c, a, f->link, &f->out);
}

static id64 by_link(struct room *r, str_t link)
{
	struct finding f = { .r = r, .link = link };
	assert_ok(store_read(r->stet.store, r->world.a, find, &f));
	return f.out.id;
}

static str_t link_of(struct room *r, const struct challenge *x)
{
	return challenge_link(r->stet.readers, r->world.a, x);
}

static void a_link_serves_once(void **state)
{
	struct room *r = *state;
	struct challenge x = made(r, "ada@example.org");
	str_t link = link_of(r, &x);
	assert_int_equal(link.n, LINK_TEXT);
	assert_int_equal(by_link(r, link), x.id);
	assert_int_equal(by_link(r, link), x.id); /* looking changes nothing */
	assert_ok(use(r, &x));
	assert_int_equal(by_link(r, link), 0);
	assert_fails(use(r, &x), ERR_MISSING, "used");
}

static void a_link_ends(void **state)
{
	struct room *r = *state;
	struct challenge x = made(r, "ada@example.org");
	str_t link = link_of(r, &x);
	r->stet.clock.fixed += MAIL_LIFE - SECOND;
	assert_int_equal(by_link(r, link), x.id);
	r->stet.clock.fixed += 2 * SECOND;
	assert_int_equal(by_link(r, link), 0);
	assert_fails(use(r, &x), ERR_MISSING, "over");
}

static void the_newest_ends_the_older(void **state)
{
	struct room *r = *state;
	struct challenge x = made(r, "ada@example.org"), other = made(r, "eve@example.org");
	struct challenge y = made(r, "ada@example.org");
	assert_int_equal(by_link(r, link_of(r, &x)), 0);
	assert_int_equal(by_link(r, link_of(r, &y)), y.id);
	assert_int_equal(by_link(r, link_of(r, &other)), other.id);
}

static void a_changed_link_leads_nowhere(void **state)
{
	struct room *r = *state;
	struct challenge x = made(r, "ada@example.org");
	str_t link = link_of(r, &x);
	for (size_t i = 0; i < link.n; i++) {
		str_t copy = str_copy(r->world.a, link);
		char *p = (char *)copy.p;
		p[i] = p[i] == 'A' || p[i] == 'a' ? 'B' : 'A'; /* ids are read in either case */
		if (by_link(r, copy) == x.id)
			fail_msg("character %zu does not count", i);
	}
	assert_int_equal(by_link(r, S("")), 0);
	assert_int_equal(by_link(r, str_slice(link, 0, link.n - 1)), 0);
}

static void a_code_is_tried_five_times(void **state)
{
	struct room *r = *state;
	struct challenge x = made(r, "ada@example.org");
	str_t code = challenge_code(r->stet.readers, r->world.a, &x);
	assert_int_equal(code.n, CODE_DIGITS);
	str_t wrong = str_eq(code, S("00000000")) ? S("00000001") : S("00000000");
	for (int i = 0; i < CODE_TRIES - 1; i++)
		assert_fails(challenge_try_code(&r->stet, r->world.a, &x, wrong), ERR_INPUT, "refused.code");
	str_t spaced = str_format(r->world.a, " %.*s-%.*s ", STR(str_slice(code, 0, 4)),
				  STR(str_slice(code, 4, 8)));
	assert_ok(challenge_try_code(&r->stet, r->world.a, &x, spaced));
	assert_fails(challenge_try_code(&r->stet, r->world.a, &x, code), ERR_INPUT, "refused.code-tries");
}

/* A thief of the database has the row, and not the key. */
static void the_row_alone_makes_no_link(void **state)
{
	struct room *r = *state;
	struct challenge x = made(r, "ada@example.org");
	str_t link = link_of(r, &x), code = challenge_code(r->stet.readers, r->world.a, &x);
	struct readers other = *r->stet.readers;
	randombytes_buf(other.key, sizeof other.key);
	assert_false(str_eq(challenge_link(&other, r->world.a, &x), link));
	assert_false(str_eq(challenge_code(&other, r->world.a, &x), code));
}

static void a_browser_is_known_by_its_cookie(void **state)
{
	struct room *r = *state;
	struct response resp = { .file = -1 };
	struct request *q = asked(r, POST, "/sign-in/mail", NULL);
	struct challenge x = { 0 };
	assert_ok(challenge_browser(&r->stet, q, &resp, &x.browser));
	str_t secret = set_cookie(r, &resp, "__Host-stet_ask");
	assert_int_equal(secret.n, 22);
	const char *cookie = str_z(r->world.a, str_format(r->world.a, "__Host-stet_ask=%.*s", STR(secret)));
	assert_true(challenge_is_from(&r->stet, asked(r, GET, "/mail/x", cookie), &x));
	assert_false(challenge_is_from(&r->stet, asked(r, GET, "/mail/x", NULL), &x));
	assert_false(challenge_is_from(&r->stet, asked(r, GET, "/mail/x", "__Host-stet_ask=AAAAAAAAAAAAAAAAAAAAAA"), &x));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOM_TEST(a_link_serves_once),
		ROOM_TEST(a_link_ends),
		ROOM_TEST(the_newest_ends_the_older),
		ROOM_TEST(a_changed_link_leads_nowhere),
		ROOM_TEST(a_code_is_tried_five_times),
		ROOM_TEST(the_row_alone_makes_no_link),
		ROOM_TEST(a_browser_is_known_by_its_cookie),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
