/* mail_link.c: a mail with a link and a code, from asking for it to being signed in.
 *
 * Opening the link changes nothing (programs that look for viruses open links too): it shows a page with
 * a button, and only that serves. In the browser that asked it signs in there. In another it says who
 * asked, and signs in here; the code in the mail is for typing where one asked. Whether there is an
 * account is told by mail alone. */
#include "readers/letters.h"
#include "readers/pages.h"

#include "record/act.h"

static const struct act_kind ACT_ASK = { "challenge.ask" };
static const struct act_kind ACT_REGISTER = { "reader.register" };
static const struct act_kind ACT_USE = { "challenge.use" };

/* --- asking for a mail --- */

struct asking {
	struct stet     *s;
	struct act      *act;
	str_t            address, key, browser, device;
	json_t          *data;
	struct challenge made;
};

static err_t write_asking(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	struct reader known;
	TRY(reader_by_address(c, a, x->key, &known));
	bool there = known.id != 0; /* a closed one is told so after the mail */
	x->made = (struct challenge){ .kind = there ? CHALLENGE_SIGN_IN : CHALLENGE_NOBODY,
				      .reader = there ? known.id : 0, .subject = x->key,
				      .browser = x->browser, .device = x->device, .data = x->data };
	TRY(challenge_insert(x->s, c, a, &x->made, MAIL_LIFE));
	return letter_post(x->act, &(struct letter_draft){
		.kind = there ? "sign-in" : "nobody",
		/* To whom the account is, not to an address that folds to theirs. */
		.to = there ? known.address : x->address, .name = known.name,
		.path = there ? S("") : S("/register"), .challenge = &x->made, .device = x->device,
		.language = known.language });
}

static void let_go(void *json)
{
	json_decref(json);
}

err_t mail_sign_in(struct stet *s, struct request *q, struct response *r, str_t address)
{
	struct asking x = { .s = s, .address = address, .device = device_of(q->a, q) };
	if (!letters_leave(s))
		return err_say(ERR_REFUSED, "form", "refused.no-mail");
	TRY(address_check(q->a, &x.address));
	TRY(address_key(s, q->a, x.address, &x.key));
	TRY(rate_mail(s, q, x.key));
	TRY(challenge_browser(s, q, r, &x.browser));
	x.data = json_pack("{s:o, s:o}", "address", json_text(x.address), "next", json_text(next_of(q)));
	arena_defer(q->a, let_go, x.data);
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, 0, S("reader"));
	x.act = &act;
	return act_commit(&act, write_asking, &x);
}

/* --- what the mail proves --- */

struct proving {
	struct stet      *s;
	const struct request *q;
	struct act       *act;
	struct challenge *x;
	struct reader     reader;
};

static err_t write_account(struct conn *c, arena_t *a, void *ctx)
{
	struct proving *p = ctx;
	TRY(challenge_use(p->s, c, p->x));
	struct reader_draft d = { .address = challenge_text(p->x, "address"),
				  .name = challenge_text(p->x, "name"),
				  /* Who confirms elsewhere did not choose it, or has forgotten. */
				  .password = challenge_is_from(p->s, p->q, p->x)
						      ? challenge_text(p->x, "password") : S(""),
				  .challenge = p->x->id, .role = ROLE_READER };
	TRY(reader_insert(p->s, c, a, &d, &p->reader));
	p->act->subject = p->reader.id;
	p->act->actor = reader_actor(a, p->reader.id);
	return OK;
}

static err_t write_use(struct conn *c, arena_t *a, void *ctx)
{
	struct proving *p = ctx;
	TRY(challenge_use(p->s, c, p->x));
	TRY(identity_from(p->s, c, p->x));
	return reader_find(c, a, p->x->reader, &p->reader);
}

/* The page of a link has no field for a name that was taken meanwhile: it is said over its button. */
static err_t of_the_form(err_t e, const struct challenge *x)
{
	if (!e || e->code != ERR_CONFLICT)
		return e;
	err_free(e);
	return err_say_with(ERR_CONFLICT, "form", "refused.name-taken-now", "name=%.*s",
			    STR(challenge_text(x, "name")));
}

static err_t prove(struct stet *s, struct request *q, struct response *r, struct challenge *x)
{
	bool fresh = x->kind == CHALLENGE_REGISTER;
	struct act act = fresh ? act_begin(s, q->a, &ACT_REGISTER, x->id, S("reader"))
			       : act_begin_quiet(s, q->a, &ACT_USE, x->id, S("reader"));
	struct proving p = { .s = s, .q = q, .act = &act, .x = x };
	if (x->kind != CHALLENGE_REGISTER && x->kind != CHALLENGE_SIGN_IN)
		return err_say(ERR_INPUT, "code", "refused.code");
	TRY(of_the_form(act_commit(&act, fresh ? write_account : write_use, &p), x));
	TRY(challenge_forget_browser(s, q, r));
	str_t next = challenge_text(x, "next");
	if (fresh && str_eq(challenge_text(x, "way"), S("passkey")))
		next = str_format(q->a, "/account/passkeys?new=1&next=%.*s",
				  STR(str_percent(q->a, next.n ? next : S("/"))));
	rate_forget(s->readers->rates, RATE_PASSWORD_ACCOUNT, x->subject);
	return sign_in_with(s, q, r, &p.reader, "mail", false, next.n ? next : S("/"));
}

/* --- the page after asking --- */

struct finding {
	struct stet          *s;
	const struct request *q;
	str_t                 link;
	struct challenge     *out;
	struct reader         reader;
};

static err_t read_by_browser(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	(void)a;
	TRY(challenge_by_browser(f->s, c, f->q, CHALLENGE_REGISTER, CHALLENGE_SIGN_IN, f->out));
	struct challenge nobody;
	TRY(challenge_by_browser(f->s, c, f->q, CHALLENGE_NOBODY, CHALLENGE_NOBODY, &nobody));
	if (nobody.made > f->out->made)
		*f->out = nobody;
	return OK;
}

static err_t sent_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct challenge *x = ctx;
	(void)s;
	json_object_set_new(v->json, "sent_to", json_text(challenge_text(x, "address")));
	return OK;
}

static err_t sent_page(struct stet *s, struct request *q, struct response *r, struct challenge *x, err_t e)
{
	struct form f = { .template = "mail-sent", .title = "account.mail-sent", .error = e,
			  .fill = sent_fill, .ctx = x };
	return form_page(s, q, r, &f);
}

static err_t mail_sent(struct stet *s, struct request *q, struct response *r)
{
	struct challenge x;
	struct finding f = { .s = s, .q = q, .out = &x };
	struct who who;
	TRY(who_asks(s, q, &who));
	TRY(store_read(s->store, q->a, read_by_browser, &f));
	if (x.id)
		return sent_page(s, q, r, &x, OK);
	go_to(s, q, r, who.reader.id ? next_of(q) : S("/sign-in"));
	return OK;
}

static err_t try_code(struct stet *s, struct request *q, struct response *r, struct challenge *x)
{
	TRY(rate_take(s->readers->rates, RATE_CODE_CLIENT, client_hash(s->readers, q->a, q),
		      clock_now(&s->clock)));
	TRY(challenge_try_code(s, q->a, x, params_get(&q->form, "code")));
	return prove(s, q, r, x);
}

static err_t mail_code(struct stet *s, struct request *q, struct response *r)
{
	struct challenge x;
	struct finding f = { .s = s, .q = q, .out = &x };
	TRY(store_read(s->store, q->a, read_by_browser, &f));
	if (!x.id) {
		go_to(s, q, r, S("/sign-in"));
		return OK;
	}
	err_t e = try_code(s, q, r, &x);
	return e && is_mendable(e) ? sent_page(s, q, r, &x, e) : e;
}

/* --- the link --- */

static err_t read_by_link(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	TRY(challenge_by_link(f->s, c, a, f->link, f->out));
	return f->out->reader ? reader_find(c, a, f->out->reader, &f->reader) : OK;
}

static err_t link_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct finding *f = ctx;
	const struct challenge *x = f->out;
	bool here = challenge_is_from(s, v->q, x);
	bool good = x->kind == CHALLENGE_REGISTER || x->kind == CHALLENGE_SIGN_IN;
	str_t name = x->reader ? f->reader.name : challenge_text(x, "name");
	json_object_set_new(v->json, "good", json_boolean(x->id && good));
	if (!x->id || !good) {
		v->status = 410;
		return OK;
	}
	json_object_set_new(v->json, "link", json_text(f->link));
	json_object_set_new(v->json, "fresh", json_boolean(x->kind == CHALLENGE_REGISTER));
	json_object_set_new(v->json, "elsewhere", json_boolean(!here));
	json_object_set_new(v->json, "device", json_text(x->device.n ? x->device
								     : say(v, "letter.some-device")));
	json_object_set_new(v->json, "name", json_text(name));
	return OK;
}

static err_t link_page(struct stet *s, struct request *q, struct response *r, struct finding *f, err_t e)
{
	struct form form = { .template = "mail-link", .title = "account.mail-link", .error = e,
			     .secret = true, .fill = link_fill, .ctx = f };
	return form_page(s, q, r, &form);
}

/* Links that do something else than sign in. */
typedef err_t (*link_fn)(struct stet *s, struct request *q, struct response *r, struct challenge *x);
static const link_fn others[CHALLENGE_KINDS] = {
	[CHALLENGE_ADDRESS] = address_link,
	[CHALLENGE_COPY] = copy_link,
	[CHALLENGE_INVITE] = invite_link,
};

static err_t link_form(struct stet *s, struct request *q, struct response *r)
{
	struct challenge x;
	struct finding f = { .s = s, .q = q, .link = params_get(&q->route, "link"), .out = &x };
	TRY(store_read(s->store, q->a, read_by_link, &f));
	return x.id && others[x.kind] ? others[x.kind](s, q, r, &x) : link_page(s, q, r, &f, OK);
}

static err_t link_post(struct stet *s, struct request *q, struct response *r)
{
	struct challenge x;
	struct finding f = { .s = s, .q = q, .link = params_get(&q->route, "link"), .out = &x };
	TRY(store_read(s->store, q->a, read_by_link, &f));
	if (!x.id)
		return link_page(s, q, r, &f, OK);
	if (others[x.kind])
		return others[x.kind](s, q, r, &x);
	err_t e = prove(s, q, r, &x);
	if (e && e->code == ERR_MISSING) { /* used in the same moment */
		err_free(e);
		x = (struct challenge){ 0 };
		return link_page(s, q, r, &f, OK);
	}
	return e && is_mendable(e) ? link_page(s, q, r, &f, e) : e;
}

const struct route mail_routes[] = {
	{ GET, "/mail-sent", mail_sent },
	{ POST, "/mail-code", mail_code },
	{ GET, "/mail/:link", link_form },
	{ POST, "/mail/:link", link_post },
	{ 0 },
};
