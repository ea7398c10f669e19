/* account.c: what a reader sees of their own account: how they sign in, and where they are. */
#include "readers/factor.h"
#include "readers/letters.h"
#include "readers/pages.h"
#include "readers/passkey.h"

#include "record/act.h"

static const struct act_kind ACT_TELL = { "account.tell" };

/* --- the account's page --- */

struct showing {
	struct who      who;
	struct session *sessions;
	size_t          nsessions;
	const char     *said; /* a message's key, or NULL */
};

static json_t *session_view(const struct view *v, const struct showing *x, const struct session *one)
{
	bool here = one->id == x->who.session.id;
	str_t device = one->device.n ? one->device : say(v, "letter.some-device");
	return json_pack("{s:o, s:o, s:b, s:o, s:o}", "id", json_text(id_text(v->a, one->id)), "device",
			 json_text(device), "here", here, "since",
			 json_text(messages_date(v->a, v->tongue, "date.day", one->made)), "used",
			 json_text(messages_date(v->a, v->tongue, "date.long", one->used)));
}

/* What other files say on the account's page. */
static err_t (*const parts[])(struct stet *s, struct view *v, const struct who *who) = {
	profile_part,
	passkeys_part,
	privacy_part,
	factor_part,
	identities_part,
	muted_part,
};

static err_t account_fill(struct stet *s, struct view *v, void *ctx)
{
	struct showing *x = ctx;
	const struct reader *me = &x->who.reader;
	json_t *all = json_array();
	TRY(session_list(v->c, v->a, me->id, clock_now(&s->clock), &x->sessions, &x->nsessions));
	for (size_t i = 0; i < x->nsessions; i++)
		json_array_append_new(all, session_view(v, x, &x->sessions[i]));
	json_object_set_new(v->json, "sessions", all);
	json_object_set_new(v->json, "others", json_boolean(x->nsessions > 1));
	json_object_set_new(v->json, "me", json_pack("{s:o, s:o, s:b, s:o, s:b}", "name", json_text(me->name),
						    "address", json_text(me->address), "has_password",
						    me->password.n > 0, "url",
						    json_text(reader_path(v->a, me->id)), "staff",
						    role_is_staff(me->role)));
	json_object_set_new(v->json, "password_least", json_integer(PASSWORD_LEAST));
	for (size_t i = 0; i < COUNT(parts); i++)
		TRY(parts[i](s, v, &x->who));
	json_object_set_new(v->json, "said", x->said ? json_text(say(v, x->said)) : json_null());
	return OK;
}

static err_t account_form(struct stet *s, struct request *q, struct response *r, struct showing *x, err_t e)
{
	struct form f = { .template = "account", .title = "account.title", .error = e, .fill = account_fill,
			  .ctx = x };
	return form_page(s, q, r, &f);
}

/* What was just done, in the query of the page that tells it. */
static const char *said_of(const struct request *q)
{
	static const struct {
		const char *what, *key;
	} all[] = { { "password", "account.said.password" }, { "signed-out", "account.said.signed-out" },
		    { "no-password", "account.said.no-password" },
		    { "profile", "account.said.profile" }, { "picture", "account.said.picture" },
		    { "passkey", "passkey.said-added" }, { "no-passkey", "passkey.said-removed" },
		    { "address", "account.said.address" }, { "copy", "account.said.copy" },
		    { "no-factor", "account.said.no-factor" },
		    { "tied", "account.said.tied" }, { "untied", "account.said.untied" },
		    { "unmuted", "account.said.unmuted" },
		    { "leaving", "account.said.leaving" }, { "staying", "account.said.staying" } };
	str_t what = params_get(&q->query, "said");
	for (size_t i = 0; i < COUNT(all); i++)
		if (str_eq(what, str_of(all[i].what)))
			return all[i].key;
	return NULL;
}

static err_t account_page(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { .said = said_of(q) };
	err_t e;
	if (who_must_sign_in(s, q, r, &x.who, &e))
		return e;
	TRY(session_keep(s, q, r, &x.who)); /* where no script asks /me.json */
	return account_form(s, q, r, &x, OK);
}

/* --- a password --- */

static err_t tell(struct stet *s, arena_t *a, const struct who *who, const char *letter)
{
	if (!letters_leave(s))
		return OK;
	struct act act = act_begin_quiet(s, a, &ACT_TELL, who->reader.id, reader_actor(a, who->reader.id));
	TRY(letter_post(&act, &(struct letter_draft){ .kind = letter, .to = who->reader.address,
						     .name = who->reader.name, .path = S("/account"),
						     .language = who->reader.language }));
	return act_commit(&act, NULL, NULL);
}

/* Other places are signed out: whoever changes a password may do it because somebody else has it. */
static err_t set_password(struct stet *s, struct request *q, struct response *r, const struct who *who)
{
	struct strs about = { 0 };
	str_t password = params_get(&q->form, "password"), hashed = S("");
	bool away = params_get(&q->form, "none").p != NULL;
	strs_add(q->a, &about, who->reader.name);
	strs_add(q->a, &about, who->reader.address);
	if (!away) {
		TRY(password_check(s, q->a, password, &about));
		TRY(password_hash(s, q->a, password, &hashed));
	}
	TRY(reader_set_password(s, q->a, &who->reader, hashed, who->session.id,
				reader_actor(q->a, who->reader.id)));
	TRY(session_prove(s, q, r, who, who->session.strong));
	TRY(tell(s, q->a, who, "password"));
	go_to(s, q, r, away ? S("/account?said=no-password") : S("/account?said=password"));
	return OK;
}

static err_t password_page(struct stet *s, struct request *q, struct response *r, struct showing *x, err_t e)
{
	struct form f = { .template = "password", .title = "account.password", .error = e,
			  .fill = account_fill, .ctx = x };
	return form_page(s, q, r, &f);
}

static err_t password_post(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (who_must_prove(s, q, r, &x.who, &e))
		return e;
	e = set_password(s, q, r, &x.who);
	return e && is_mendable(e) ? password_page(s, q, r, &x, e) : e;
}

static err_t password_form(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (who_must_prove(s, q, r, &x.who, &e))
		return e;
	return password_page(s, q, r, &x, OK);
}

/* --- where one is signed in --- */

static err_t revoke_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	id64 id;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	if (!id_parse(params_get(&q->route, "id"), &id))
		return err_new(ERR_MISSING, "there is no such session");
	if (id == who.session.id)
		TRY(session_end(s, q, r));
	else
		TRY(session_revoke(s, q->a, who.reader.id, id));
	go_to(s, q, r, id == who.session.id ? S("/") : S("/account?said=signed-out"));
	return OK;
}

static err_t revoke_all_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	TRY(session_revoke_all(s, q->a, who.reader.id, who.session.id));
	go_to(s, q, r, S("/account?said=signed-out"));
	return OK;
}

/* --- asking again who it is --- */

static err_t prove_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct who *who = ctx;
	json_object_set_new(v->json, "me", json_pack("{s:o, s:o, s:b}", "name", json_text(who->reader.name),
						    "address", json_text(who->reader.address), "has_password",
						    who->reader.password.n > 0));
	return passkeys_part(s, v, who);
}

static err_t prove_page(struct stet *s, struct request *q, struct response *r, struct who *who, err_t e)
{
	struct form f = { .template = "prove", .title = "account.prove", .error = e, .fill = prove_fill,
			  .ctx = who };
	return form_page(s, q, r, &f);
}

static err_t prove_form(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	return prove_page(s, q, r, &who, OK);
}

static err_t prove_password(struct stet *s, struct request *q, struct response *r, const struct who *who)
{
	bool right, old;
	str_t pair = str_format(q->a, "prove %lld", (long long)who->session.id);
	TRY(rate_take(s->readers->rates, RATE_PASSWORD_PAIR, pair, clock_now(&s->clock)));
	TRY(password_verify(s, q->a, params_get(&q->form, "password"), who->reader.password, &right, &old));
	if (!right)
		return err_say(ERR_INPUT, "password", "refused.password-wrong");
	rate_forget(s->readers->rates, RATE_PASSWORD_PAIR, pair);
	struct factors has;
	TRY(factors_look(s, q->a, &who->reader, &has));
	if (has.totp || (has.passkeys && role_is_staff(who->reader.role)))
		return factor_ask(s, q, r, &who->reader, "password", next_of(q));
	TRY(session_prove(s, q, r, who, false));
	go_to(s, q, r, next_of(q));
	return OK;
}

static err_t prove_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	e = prove_password(s, q, r, &who);
	return e && is_mendable(e) ? prove_page(s, q, r, &who, e) : e;
}

/* The same by a mail, whose link signs in anew. */
static err_t prove_mail(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_sign_in(s, q, r, &who, &e))
		return e;
	e = mail_sign_in(s, q, r, who.reader.address);
	if (e && is_mendable(e))
		return prove_page(s, q, r, &who, e);
	TRY(e);
	go_to(s, q, r, str_format(q->a, "/mail-sent?next=%.*s", STR(str_percent(q->a, next_of(q)))));
	return OK;
}

/* --- for script --- */

static err_t done_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct who *who = ctx;
	(void)s;
	json_object_set_new(v->json, "signed_in", json_boolean(who->reader.id != 0));
	json_object_set_new(v->json, "name", json_text(who->reader.name));
	return OK;
}

static err_t done_page(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	TRY(who_asks(s, q, &who));
	struct form f = { .template = "signed-in", .title = "account.signed-in", .fill = done_fill,
			  .ctx = &who };
	return form_page(s, q, r, &f);
}

struct counting {
	struct stet *s;
	id64         reader;
	int64_t     *out;
};

static err_t read_unread(struct conn *c, arena_t *a, void *ctx)
{
	const struct counting *x = ctx;
	return x->s->readers->given.unread(c, a, x->reader, x->out);
}

static err_t count_unread(struct stet *s, arena_t *a, id64 reader, int64_t *out)
{
	struct counting x = { s, reader, out };
	return s->readers->given.unread ? store_read(s->store, a, read_unread, &x) : OK;
}

/* Who reads: all that a page, which is the same for everybody, does not say itself. */
static err_t me(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	TRY(who_asks(s, q, &who));
	if (!who.reader.id) {
		if (request_cookie(q, session_cookie_name(s->readers)).n)
			TRY(session_end(s, q, r));
		return answer_json(q, r, 200, json_pack("{s:b}", "signed_in", 0));
	}
	TRY(session_keep(s, q, r, &who));
	int64_t unread = 0;
	TRY(count_unread(s, q->a, who.reader.id, &unread));
	return answer_json(q, r, 200,
			   json_pack("{s:b, s:I, s:o, s:o, s:o, s:o}", "signed_in", 1, "unread",
				     (json_int_t)unread, "id",
				     json_text(id_text(q->a, who.reader.id)), "name",
				     json_text(who.reader.name), "url",
				     json_text(reader_path(q->a, who.reader.id)), "role",
				     json_text(role_name(who.reader.role))));
}

err_t readers_frame(struct stet *s, struct view *v)
{
	struct who who;
	TRY(who_asks_in(s, v->c, v->q, &who));
	json_object_set_new(v->json, "reader", who.reader.id
		? json_pack("{s:o, s:o, s:b}", "name", json_text(who.reader.name), "url", json_string("/account"),
			    "staff", role_is_staff(who.reader.role))
		: json_null());
	return OK;
}

const struct route account_routes[] = {
	{ GET, "/account", account_page },
	{ GET, "/account/password", password_form },
	{ POST, "/account/password", password_post },
	{ POST, "/account/sessions/:id", revoke_post },
	{ POST, "/account/sessions", revoke_all_post },
	{ GET, "/account/prove", prove_form },
	{ POST, "/account/prove", prove_post },
	{ POST, "/account/prove/mail", prove_mail },
	{ GET, "/account/signed-in", done_page },
	{ GET, "/me.json", me },
	{ 0 },
};
