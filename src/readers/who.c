/* who.c: who asks, and what is done when nobody does. */
#include "readers/session.h"
#include "readers/pages.h"

struct asking {
	struct stet          *s;
	const struct request *q;
	struct who           *out;
};

err_t who_asks_in(struct stet *s, struct conn *c, const struct request *q, struct who *out)
{
	*out = (struct who){ 0 };
	TRY(session_asks(s, c, q, &out->session));
	if (!out->session.id)
		return OK;
	TRY(reader_find(c, q->a, out->session.reader, &out->reader));
	if (out->reader.state == READER_DISABLED || out->reader.state == READER_GONE)
		*out = (struct who){ 0 };
	return OK;
}

static err_t read_who(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	(void)a;
	return who_asks_in(x->s, c, x->q, x->out);
}

err_t who_asks(struct stet *s, const struct request *q, struct who *out)
{
	struct asking x = { s, q, out };
	*out = (struct who){ 0 };
	if (!s->readers || !request_cookie(q, session_cookie_name(s->readers)).n)
		return OK; /* most requests: without a look at the store */
	return store_read(s->store, q->a, read_who, &x);
}

err_t readers_signed_in(struct stet *s, struct request *q, bool *out)
{
	struct who who;
	TRY(who_asks(s, q, &who));
	*out = who.reader.id != 0;
	err_t e = *out ? session_note(s, q->a, &who) : OK;
	if (e) /* a page is shown all the same */
		log_line(&s->log, LOG_WARN, "readers", "a session was not kept: %s", err_text(e));
	err_free(e);
	return OK;
}

str_t reader_actor(arena_t *a, id64 id)
{
	return id ? topic_reader(a, id) : S("reader");
}

err_t rate_reader(struct stet *s, arena_t *a, enum rate what, id64 reader)
{
	return rate_take(s->readers->rates, what, id_text(a, reader), clock_now(&s->clock));
}

err_t rate_client(struct stet *s, struct request *q, enum rate what)
{
	return rate_take(s->readers->rates, what, client_hash(s->readers, q->a, q), clock_now(&s->clock));
}

static void send_to(struct stet *s, struct request *q, struct response *r, const char *path)
{
	str_t next = q->method == GET || q->method == HEAD ? q->target : next_of(q);
	go_to(s, q, r, str_format(q->a, "%s?next=%.*s", path, STR(str_percent(q->a, next))));
}

bool who_must_sign_in(struct stet *s, struct request *q, struct response *r, struct who *out, err_t *e)
{
	*e = who_asks(s, q, out);
	if (*e || out->reader.id)
		return *e != OK;
	send_to(s, q, r, "/sign-in");
	return true;
}

bool who_has_proven(struct stet *s, const struct who *who)
{
	return who->reader.id && clock_now(&s->clock) - who->session.proven < PROVEN_FOR;
}

bool who_must_prove(struct stet *s, struct request *q, struct response *r, struct who *out, err_t *e)
{
	if (who_must_sign_in(s, q, r, out, e))
		return true;
	if (who_has_proven(s, out))
		return false;
	send_to(s, q, r, "/account/prove");
	return true;
}
