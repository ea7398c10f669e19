/* address.c: another mail address for an account.
 *
 * It counts once it is proven, by the link or the code in a mail to it. Whoever asks proved themselves of
 * late; the address before is told, since it may be that somebody else sits at the keyboard. Whether the
 * new address has an account of its own is told by mail alone. */
#include "readers/letters.h"
#include "readers/pages.h"

#include "record/act.h"

static const struct act_kind ACT_ASK = { "challenge.ask" };
static const struct act_kind ACT_ADDRESS = { "reader.address" };

/* --- asking --- */

struct asking {
	struct stet  *s;
	struct act   *act;
	const struct reader *me;
	str_t         address, key, browser, device;
	json_t       *data;
};

static err_t write_asking(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	struct reader known;
	TRY(reader_by_address(c, a, x->key, &known));
	bool taken = known.id && known.id != x->me->id;
	struct challenge made = { .kind = CHALLENGE_ADDRESS, .reader = x->me->id,
				  .subject = taken ? S("") : x->key, .browser = x->browser,
				  .device = x->device, .data = x->data };
	TRY(challenge_insert(x->s, c, a, &made, MAIL_LIFE));
	/* For a known one the row is there as well, but nobody gets its code. */
	return letter_post(x->act, &(struct letter_draft){
		.kind = taken ? "address-taken" : "address", .to = x->address,
		.challenge = taken ? NULL : &made, .path = taken ? S("/sign-in") : S(""),
		.name = x->me->name, .device = x->device, .language = x->me->language });
}

static void let_go(void *json)
{
	json_decref(json);
}

static err_t ask(struct stet *s, struct request *q, struct response *r, const struct reader *me)
{
	struct asking x = { .s = s, .me = me, .address = params_get(&q->form, "address"),
			    .device = device_of(q->a, q) };
	if (!letters_leave(s))
		return err_say(ERR_REFUSED, "form", "refused.no-mail");
	TRY(address_check(q->a, &x.address));
	TRY(address_key(s, q->a, x.address, &x.key));
	if (str_eq(x.address, me->address))
		return err_say(ERR_INPUT, "address", "refused.address-yours");
	TRY(rate_mail(s, q, x.key));
	TRY(challenge_browser(s, q, r, &x.browser));
	x.data = json_pack("{s:o}", "address", json_text(x.address));
	arena_defer(q->a, let_go, x.data);
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, me->id, reader_actor(q->a, me->id));
	x.act = &act;
	return act_commit(&act, write_asking, &x);
}

/* --- proving --- */

static const struct sql update_address = {
	"UPDATE reader SET address = $1, address_key = $2, confirmed = $3 WHERE id = $4 "
	"AND state IN ('active', 'leaving')"
};
/* What was asked for at the address before opens nothing any more. */
static const struct sql end_asked = {
	"UPDATE challenge SET used = $1, name_key = NULL WHERE reader = $2 AND used = 0 "
	"AND kind IN ('sign-in', 'address', 'copy', 'provider')"
};

struct proving {
	struct stet            *s;
	struct act             *act;
	const struct challenge *x;
	struct reader           before;
};

static err_t write_address(struct conn *c, arena_t *a, void *ctx)
{
	struct proving *p = ctx;
	int64_t changed;
	str_t key, address = challenge_text(p->x, "address");
	usec_t now = clock_now(&p->s->clock);
	TRY(reader_find(c, a, p->x->reader, &p->before));
	TRY(challenge_use(p->s, c, p->x));
	TRY(address_key(p->s, a, address, &key));
	TRY(db_run(c, &update_address, ARGS(v_str(address), v_str(key), v_int(now), v_int(p->before.id)),
		   &changed));
	if (!changed)
		return err_new(ERR_MISSING, "there is no such account");
	TRY(db_run(c, &end_asked, ARGS(v_int(now), v_int(p->before.id)), NULL));
	return letter_post(p->act, &(struct letter_draft){
		.kind = "address-changed", .to = p->before.address, .name = p->before.name,
		.more = address, .language = p->before.language });
}

static err_t prove(struct stet *s, struct request *q, struct response *r, const struct challenge *x)
{
	struct act act = act_begin_quiet(s, q->a, &ACT_ADDRESS, x->reader, reader_actor(q->a, x->reader));
	struct proving p = { .s = s, .act = &act, .x = x };
	struct who who;
	act_touch(&act, topic_reader(q->a, x->reader));
	err_t e = act_commit(&act, write_address, &p);
	if (e && e->code == ERR_CONFLICT) {
		err_free(e);
		return err_say(ERR_CONFLICT, "form", "refused.address-taken");
	}
	TRY(e);
	TRY(challenge_forget_browser(s, q, r));
	TRY(who_asks(s, q, &who));
	go_to(s, q, r, who.reader.id == x->reader ? S("/account?said=address") : S("/sign-in"));
	return OK;
}

/* --- pages --- */

struct showing {
	struct who       who;
	struct challenge x; /* .id 0: nothing was asked for yet */
};

static err_t address_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct showing *x = ctx;
	(void)s;
	json_object_set_new(v->json, "now", json_text(x->who.reader.address));
	if (x->x.id)
		json_object_set_new(v->json, "sent_to", json_text(challenge_text(&x->x, "address")));
	return OK;
}

static err_t address_page(struct stet *s, struct request *q, struct response *r, struct showing *x, err_t e)
{
	struct form f = { .template = "address", .title = "address.title", .error = e, .fill = address_fill,
			  .ctx = x };
	return form_page(s, q, r, &f);
}

static err_t address_form(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (who_must_prove(s, q, r, &x.who, &e))
		return e;
	return address_page(s, q, r, &x, OK);
}

static err_t address_post(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (who_must_prove(s, q, r, &x.who, &e))
		return e;
	e = ask(s, q, r, &x.who.reader);
	if (e && is_mendable(e))
		return address_page(s, q, r, &x, e);
	TRY(e);
	go_to(s, q, r, S("/account/address/code"));
	return OK;
}

struct finding {
	struct stet          *s;
	const struct request *q;
	struct challenge     *out;
};

static err_t read_asked(struct conn *c, arena_t *a, void *ctx)
{
	struct finding *f = ctx;
	(void)a;
	return challenge_by_browser(f->s, c, f->q, CHALLENGE_ADDRESS, CHALLENGE_ADDRESS, f->out);
}

/* True if it is answered: nobody is signed in, or nothing was asked for. */
static bool find_asked(struct stet *s, struct request *q, struct response *r, struct showing *x, err_t *e)
{
	struct finding f = { s, q, &x->x };
	if (who_must_sign_in(s, q, r, &x->who, e))
		return true;
	*e = store_read(s->store, q->a, read_asked, &f);
	if (*e || (x->x.id && x->x.reader == x->who.reader.id))
		return *e != OK;
	go_to(s, q, r, S("/account/address"));
	return true;
}

static err_t code_form(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	return find_asked(s, q, r, &x, &e) ? e : address_page(s, q, r, &x, OK);
}

static err_t try_code(struct stet *s, struct request *q, struct response *r, const struct challenge *x)
{
	TRY(rate_take(s->readers->rates, RATE_CODE_CLIENT, client_hash(s->readers, q->a, q),
		      clock_now(&s->clock)));
	TRY(challenge_try_code(s, q->a, x, params_get(&q->form, "code")));
	if (!x->subject.n) /* of an address with an account: nobody was sent this code */
		return err_say(ERR_INPUT, "code", "refused.code");
	return prove(s, q, r, x);
}

static err_t code_post(struct stet *s, struct request *q, struct response *r)
{
	struct showing x = { 0 };
	err_t e;
	if (find_asked(s, q, r, &x, &e))
		return e;
	e = try_code(s, q, r, &x.x);
	return e && is_mendable(e) ? address_page(s, q, r, &x, e) : e;
}

/* --- the link --- */

static err_t link_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct challenge *x = ctx;
	struct reader me;
	(void)s;
	TRY(reader_find(v->c, v->a, x->reader, &me));
	json_object_set_new(v->json, "link", json_text(params_get(&v->q->route, "link")));
	json_object_set_new(v->json, "name", json_text(me.name));
	json_object_set_new(v->json, "address", json_text(challenge_text(x, "address")));
	return OK;
}

err_t address_link(struct stet *s, struct request *q, struct response *r, struct challenge *x)
{
	struct who who;
	err_t e = OK;
	/* Whoever has the mail box alone does not get the account: a mistyped address is a stranger's. */
	if (q->method == POST && who_must_sign_in(s, q, r, &who, &e))
		return e;
	if (q->method == POST)
		e = who.reader.id == x->reader ? prove(s, q, r, x)
					       : err_say(ERR_REFUSED, "form", "refused.other-account");
	if (q->method == POST && !(e && is_mendable(e)))
		return e;
	struct form f = { .template = "address-link", .title = "address.title", .error = e, .secret = true,
			  .fill = link_fill, .ctx = x };
	return form_page(s, q, r, &f);
}

const struct route address_routes[] = {
	{ GET, "/account/address", address_form },
	{ POST, "/account/address", address_post },
	{ GET, "/account/address/code", code_form },
	{ POST, "/account/address/code", code_post },
	{ 0 },
};
