/* accounts.c: see accounts.h. */
#include "accounts.h"

#include <stdlib.h>

/* The press has a byline "Ines Caldwell". */
static err_t bylines(struct conn *c, arena_t *a, struct strs *out)
{
	(void)c;
	strs_add(a, out, S("Ines Caldwell"));
	return OK;
}

int room_setup(void **state)
{
	void *world;
	if (sodium_init() < 0 || world_setup(&world) != 0)
		return -1;
	struct room *r = calloc(1, sizeof *r);
	r->world = *(struct world *)world;
	free(world);
	r->stet = (struct stet){ .folder = r->world.folder, .log = { .fd = -1 },
				 .store = r->world.store, .clock = { 1700000000 * SECOND } };
	config_defaults(r->world.a, &r->stet.config);
	r->stet.config.name = S("The Averil Courier");
	r->stet.config.url = S("https://courier.example");
	r->stet.config.smtp = S(SMTP_OUTBOX);
	assert_ok(readers_new(&(struct readers_options){ .s = &r->stet, .bylines = bylines },
			      &r->stet.readers));
	*state = r;
	return 0;
}

int room_teardown(void **state)
{
	struct room *r = *state;
	readers_free(r->stet.readers);
	return world_teardown(state);
}

struct request *asked(struct room *r, enum method method, const char *path, const char *cookies)
{
	struct request *q = arena_new(r->world.a, struct request);
	*q = (struct request){ .a = r->world.a, .method = method, .path = str_of(path),
			       .target = str_of(path), .client = S("192.0.2.7"), .secure = true };
	q->headers = arena_array(r->world.a, 2, sizeof *q->headers);
	q->headers[q->nheaders++] = (struct header){ S("user-agent"),
		S("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0") };
	if (cookies)
		q->headers[q->nheaders++] = (struct header){ S("cookie"), str_of(cookies) };
	return q;
}

str_t set_cookie(struct room *r, const struct response *resp, const char *name)
{
	str_t start = str_format(r->world.a, "%s=", name);
	for (size_t i = 0; i < resp->nheaders; i++) {
		str_t value = resp->headers[i].value;
		if (str_eq_nocase(resp->headers[i].name, S("set-cookie")) && str_starts(value, start))
			return str_slice(value, start.n, str_find_char(value, ';', 0));
	}
	return S("");
}

struct reader account(struct room *r, const char *address, const char *name, enum role role)
{
	struct reader made;
	struct reader_draft d = { .address = str_of(address), .name = str_of(name), .role = role };
	assert_ok(reader_add(&r->stet, r->world.a, &d, S("cli"), &made));
	return made;
}

const char *signed_in(struct room *r, const struct reader *reader)
{
	struct response resp = { .file = -1 };
	struct request *q = asked(r, POST, "/sign-in", NULL);
	assert_ok(session_begin(&r->stet, q, &resp, &(struct session_draft){ reader, "mail", false }));
	str_t secret = set_cookie(r, &resp, "__Host-stet");
	assert_int_equal(secret.n, 43);
	return str_z(r->world.a, str_format(r->world.a, "__Host-stet=%.*s", STR(secret)));
}
