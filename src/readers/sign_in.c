/* sign_in.c: signing in with a password, or asking for a mail; signing out.
 *
 * An address without an account takes the same time and gets the same answer as a wrong password. Wrong
 * ones are counted for the address, for the network and for both: the first two only bound a crowd, the
 * last makes one guesser wait ever longer. Nobody's account is locked: a link by mail and a passkey open
 * it whatever was counted. */
#include "readers/factor.h"
#include "readers/leaving.h"
#include "readers/letters.h"
#include "readers/pages.h"

#include "record/act.h"

static const struct act_kind ACT_RENEW = { "reader.renew-hash" };

/* --- the end of every way --- */

err_t sign_in_with(struct stet *s, struct request *q, struct response *r, const struct reader *reader,
		   const char *way, bool strong, str_t next)
{
	if (!reader->id || reader->state == READER_DISABLED || reader->state == READER_GONE)
		return err_say(ERR_REFUSED, "form", "refused.closed");
	struct factors has = { 0 };
	if (!strong && (reader->totp.n || role_is_staff(reader->role)))
		TRY(factors_look(s, q->a, reader, &has));
	/* A mail box alone does not open the newsroom. */
	if (has.totp || (has.passkeys && role_is_staff(reader->role)))
		return factor_ask(s, q, r, reader, way, next);
	if (reader->state == READER_LEAVING)
		TRY(reader_stay(s, q->a, reader)); /* who comes back stays */
	TRY(session_begin(s, q, r, &(struct session_draft){ reader, way, strong }));
	/* Script goes on by itself from a small page that says it worked: other tabs are told first. */
	if (params_get(&q->form, "script").p)
		next = str_format(q->a, "/account/signed-in?next=%.*s", STR(str_percent(q->a, next)));
	go_to(s, q, r, next);
	return OK;
}

/* --- a password --- */

struct trying {
	struct stet  *s;
	str_t         key;    /* the address, folded */
	str_t         pair;   /* and the network */
	str_t         client;
	struct reader reader;
};

static err_t read_reader(struct conn *c, arena_t *a, void *ctx)
{
	struct trying *x = ctx;
	return reader_by_address(c, a, x->key, &x->reader);
}

static err_t may_try(struct trying *x)
{
	struct rates *rates = x->s->readers->rates;
	usec_t now = clock_now(&x->s->clock);
	TRY(rate_take(rates, RATE_PASSWORD_CLIENT, x->client, now));
	TRY(rate_take(rates, RATE_PASSWORD_PAIR, x->pair, now));
	err_t e = rate_take(rates, RATE_PASSWORD_ACCOUNT, x->key, now);
	if (!e)
		return OK;
	err_free(e);
	return err_say(ERR_BUSY, "form", "refused.password-tries");
}

static const struct sql update_hash = {
	"UPDATE reader SET password = $1 WHERE id = $2 AND password = $3"
};

struct renewing {
	const struct reader *reader;
	str_t                hashed;
};

static err_t write_hash(struct conn *c, arena_t *a, void *ctx)
{
	const struct renewing *x = ctx;
	(void)a;
	return db_run(c, &update_hash, ARGS(v_str(x->hashed), v_int(x->reader->id),
					    v_str(x->reader->password)), NULL);
}

/* The same password at today's cost, unless it was changed meanwhile. */
static err_t renew_hash(struct stet *s, arena_t *a, const struct reader *reader, str_t password)
{
	struct renewing x = { .reader = reader };
	TRY(password_hash(s, a, password, &x.hashed));
	struct act act = act_begin_quiet(s, a, &ACT_RENEW, reader->id, reader_actor(a, reader->id));
	return act_commit(&act, write_hash, &x);
}

static err_t try_password(struct stet *s, struct request *q, struct response *r)
{
	struct trying x = { .s = s, .client = client_hash(s->readers, q->a, q) };
	str_t address = params_get(&q->form, "address"), password = params_get(&q->form, "password");
	bool right, old;
	TRY(address_check(q->a, &address));
	TRY(address_key(s, q->a, address, &x.key));
	x.pair = str_format(q->a, "%.*s %.*s", STR(x.key), STR(x.client));
	TRY(may_try(&x));
	TRY(store_read(s->store, q->a, read_reader, &x));
	TRY(password_verify(s, q->a, password, x.reader.password, &right, &old));
	if (!right)
		return err_say(ERR_INPUT, "password", "refused.sign-in");
	rate_forget(s->readers->rates, RATE_PASSWORD_PAIR, x.pair);
	rate_forget(s->readers->rates, RATE_PASSWORD_ACCOUNT, x.key);
	if (old) /* another time, if there is no room for it now */
		err_free(renew_hash(s, q->a, &x.reader, password));
	return sign_in_with(s, q, r, &x.reader, "password", false, next_of(q));
}

/* --- pages --- */

static err_t sign_in_page(struct stet *s, struct request *q, struct response *r, err_t e)
{
	struct form f = { .template = "sign-in", .title = "account.sign-in", .error = e,
			  .fill = providers_fill };
	return form_page(s, q, r, &f);
}

static err_t sign_in_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	TRY(who_asks(s, q, &who));
	if (!who.reader.id)
		return sign_in_page(s, q, r, OK);
	go_to(s, q, r, next_of(q));
	return OK;
}

static err_t sign_in_mail(struct stet *s, struct request *q, struct response *r)
{
	err_t e = mail_sign_in(s, q, r, params_get(&q->form, "address"));
	if (e)
		return sign_in_page(s, q, r, e);
	go_to(s, q, r, str_format(q->a, "/mail-sent?next=%.*s", STR(str_percent(q->a, next_of(q)))));
	return OK;
}

/* Without a password, a mail. */
static err_t sign_in_post(struct stet *s, struct request *q, struct response *r)
{
	if (!params_get(&q->form, "password").n)
		return sign_in_mail(s, q, r);
	err_t e = try_password(s, q, r);
	return e && is_mendable(e) ? sign_in_page(s, q, r, e) : e;
}

static err_t sign_out(struct stet *s, struct request *q, struct response *r)
{
	TRY(session_end(s, q, r));
	go_to(s, q, r, next_of(q));
	return OK;
}

const struct route sign_in_routes[] = {
	{ GET, "/sign-in", sign_in_form },
	{ POST, "/sign-in", sign_in_post },
	{ POST, "/sign-in/mail", sign_in_mail },
	{ POST, "/sign-out", sign_out },
	{ 0 },
};
