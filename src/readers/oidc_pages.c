/* oidc_pages.c: out to a provider, and back.
 *
 * The way out is a link, not a form: browsers stop forms that end elsewhere. Coming back signs in whoever
 * is known there. Somebody new with an address that has an account here gets a mail: only who reads it, or
 * is signed in already, ties the two together. Others choose a name. */
#include "readers/letters.h"
#include "readers/oidc.h"
#include "readers/pages.h"

#include "record/act.h"

static const struct act_kind ACT_ASK = { "challenge.ask" };
static const struct act_kind ACT_USE = { "challenge.use" };
static const struct act_kind ACT_TIE = { "reader.identity" };
static const struct act_kind ACT_REGISTER = { "reader.register" };

/* --- rows --- */

static const struct sql select_identity = {
	"SELECT reader FROM identity WHERE issuer = $1 AND subject = $2"
};
static const struct sql insert_identity = {
	"INSERT INTO identity (issuer, subject, reader, made) VALUES ($1, $2, $3, $4)"
};
static const struct sql delete_identity = { "DELETE FROM identity WHERE issuer = $1 AND reader = $2" };
static const struct sql select_mine = { "SELECT issuer, made FROM identity WHERE reader = $1 ORDER BY made" };

static err_t tie(struct stet *s, struct conn *c, const struct identity *i, id64 reader)
{
	return db_run(c, &insert_identity, ARGS(v_str(i->issuer), v_str(i->subject), v_int(reader),
						v_int(clock_now(&s->clock))), NULL);
}

err_t identity_from(struct stet *s, struct conn *c, const struct challenge *x)
{
	struct identity i = { .issuer = challenge_text(x, "issuer"), .subject = challenge_text(x, "subject") };
	return i.issuer.n && x->reader ? tie(s, c, &i, x->reader) : OK;
}

static void drop(void *json)
{
	json_decref(json);
}

static json_t *kept(arena_t *a, json_t *j)
{
	if (j)
		arena_defer(a, drop, j);
	return j;
}

/* --- for other pages: "providers" [{name, url, text}] --- */

err_t providers_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct oidc *o = s->readers->oidc;
	json_t *all = json_array();
	(void)ctx;
	json_object_set_new(v->json, "providers", all);
	for (size_t i = 0; i < oidc_count(o); i++) {
		str_t name = oidc_at(o, i)->name;
		struct message_value value = { "name", name };
		json_array_append_new(all, json_pack("{s:o, s:o, s:o}", "name", json_text(name), "url",
			json_text(str_format(v->a, "/sign-in/with/%.*s", STR(name))), "text",
			json_text(say_with(v, "provider.sign-in", &value, 1))));
	}
	return OK;
}

/* Of the account's page: "identities" [{name, since, issuer}], "to_tie" [{name, url}]. */
err_t identities_part(struct stet *s, struct view *v, const struct who *who)
{
	const struct oidc *o = s->readers->oidc;
	json_t *mine = json_array(), *others = json_array();
	struct strs issuers = { 0 };
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	json_object_set_new(v->json, "identities", mine);
	json_object_set_new(v->json, "to_tie", others);
	TRY(db_query(v->c, &select_mine, ARGS(v_int(who->reader.id)), &r));
	while (rows_next(&r, &e)) {
		str_t issuer = row_str(&r, v->a, 0);
		const struct provider *p = oidc_of_issuer(o, issuer);
		strs_add(v->a, &issuers, issuer);
		json_array_append_new(mine, json_pack("{s:o, s:o, s:o}", "name",
			json_text(p ? p->name : issuer), "issuer", json_text(issuer), "since",
			json_text(messages_date(v->a, v->tongue, "date.day", row_int(&r, 1)))));
	}
	for (size_t i = 0; i < oidc_count(o) && !e; i++) {
		bool tied = false;
		for (size_t k = 0; k < issuers.n; k++)
			tied |= str_eq(issuers.v[k], oidc_at(o, i)->issuer);
		if (!tied)
			json_array_append_new(others, json_pack("{s:o, s:o}", "name",
				json_text(oidc_at(o, i)->name), "url", json_text(str_format(v->a,
				"/account/with/%.*s", STR(oidc_at(o, i)->name)))));
	}
	return e;
}

/* --- out --- */

struct asking {
	struct stet     *s;
	struct challenge x;
	usec_t           life;
};

static err_t write_asking(struct conn *c, arena_t *a, void *ctx)
{
	struct asking *x = ctx;
	return challenge_insert(x->s, c, a, &x->x, x->life);
}

static err_t leave(struct stet *s, struct request *q, struct response *r, const struct provider *p, id64 me,
		   str_t next)
{
	struct asking x = { s, { .kind = CHALLENGE_PROVIDER, .reader = me, .device = device_of(q->a, q) },
			    MAIL_LIFE };
	str_t location;
	TRY(rate_take(s->readers->rates, RATE_CEREMONY_CLIENT, client_hash(s->readers, q->a, q),
		      clock_now(&s->clock)));
	TRY(challenge_browser(s, q, r, &x.x.browser));
	x.x.data = kept(q->a, json_pack("{s:o, s:o}", "provider", json_text(p->name), "next", json_text(next)));
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, me, reader_actor(q->a, me));
	TRY(act_commit(&act, write_asking, &x));
	TRY(oidc_leave(s, q->a, p, &x.x, &location));
	response_header(q, r, "Cache-Control", S("no-store"));
	response_header(q, r, "Referrer-Policy", S("no-referrer"));
	response_redirect(q, r, 303, location);
	return OK;
}

/* What went wrong is told where one signs in. */
static err_t say_why(struct stet *s, struct request *q, struct response *r, err_t e)
{
	struct form f = { .template = "sign-in", .title = "account.sign-in", .error = e,
			  .fill = providers_fill };
	return e && is_mendable(e) ? form_page(s, q, r, &f) : e;
}

static err_t provider_of(struct stet *s, const struct request *q, const struct provider **out)
{
	*out = oidc_find(s->readers->oidc, params_get(&q->route, "provider"));
	return *out ? OK : err_new(ERR_MISSING, "there is no such provider");
}

static err_t leave_page(struct stet *s, struct request *q, struct response *r)
{
	const struct provider *p;
	TRY(provider_of(s, q, &p));
	return say_why(s, q, r, leave(s, q, r, p, 0, next_of(q)));
}

/* The same to tie it to the account of who is signed in. */
static err_t tie_page(struct stet *s, struct request *q, struct response *r)
{
	const struct provider *p;
	struct who who;
	err_t e;
	str_t from = request_header(q, "sec-fetch-site");
	TRY(provider_of(s, q, &p));
	/* A GET, since a form could not lead to another site; so another site must not ask for it. */
	if (from.p && !str_eq(from, S("same-origin")) && !str_eq(from, S("none"))) {
		go_to(s, q, r, S("/account"));
		return OK;
	}
	if (who_must_prove(s, q, r, &who, &e))
		return e;
	return say_why(s, q, r, leave(s, q, r, p, who.reader.id, S("/account?said=tied")));
}

/* --- back --- */

struct coming {
	struct stet          *s;
	struct act           *act;
	const struct request *q;
	str_t                 state;
	struct challenge      x;
	struct identity       who;
	struct reader         known;  /* by identity */
	struct reader         there;  /* by address */
	str_t                 key;    /* of the address */
	struct challenge      made;
	str_t                 browser, name;
};

static err_t read_state(struct conn *c, arena_t *a, void *ctx)
{
	struct coming *x = ctx;
	TRY(challenge_by_link(x->s, c, a, x->state, &x->x));
	/* It answers a question of this browser, or it is somebody else's answer. */
	if (x->x.id && (x->x.kind != CHALLENGE_PROVIDER || !challenge_is_from(x->s, x->q, &x->x)))
		x->x = (struct challenge){ 0 };
	return OK;
}

static err_t write_use(struct conn *c, arena_t *a, void *ctx)
{
	struct coming *x = ctx;
	(void)a;
	return challenge_use(x->s, c, &x->x);
}

static err_t find_identity(struct coming *x, struct conn *c, arena_t *a)
{
	AUTO_ROWS r = { 0 };
	err_t e = OK;
	TRY(db_query(c, &select_identity, ARGS(v_str(x->who.issuer), v_str(x->who.subject)), &r));
	if (rows_next(&r, &e))
		TRY(reader_find(c, a, row_int(&r, 0), &x->known));
	return e;
}

static err_t read_known(struct conn *c, arena_t *a, void *ctx)
{
	struct coming *x = ctx;
	TRY(find_identity(x, c, a));
	return x->key.n ? reader_by_address(c, a, x->key, &x->there) : OK;
}

static err_t over(void)
{
	return err_say(ERR_REFUSED, "form", "refused.late");
}

/* The state serves once, whatever comes of it. */
static err_t take_state(struct stet *s, struct request *q, struct coming *x, const struct provider *p)
{
	TRY(store_read(s->store, q->a, read_state, x));
	if (!x->x.id || !str_eq(challenge_text(&x->x, "provider"), p->name))
		return over();
	struct act act = act_begin_quiet(s, q->a, &ACT_USE, x->x.id, S("reader"));
	err_t e = act_commit(&act, write_use, x);
	if (e && e->code == ERR_MISSING) {
		err_free(e);
		return over();
	}
	return e;
}

static err_t ask_provider(struct stet *s, struct request *q, const struct provider *p, struct coming *x)
{
	str_t code = params_get(&q->query, "code"), iss = params_get(&q->query, "iss");
	TRY(take_state(s, q, x, p));
	if (params_get(&q->query, "error").p)
		return err_say_with(ERR_REFUSED, "form", "refused.provider-stopped", "provider=%.*s",
				    STR(p->name));
	if (!code.n || code.n > 4096 || (iss.p && !str_eq(iss, p->issuer))) /* RFC 9207 */
		return over();
	TRY(oidc_return(s, q->a, p, &x->x, code, &x->who));
	if (x->who.address.n) {
		err_t e = address_check(q->a, &x->who.address);
		err_free(e);
		if (e)
			x->who.address = S("");
		else
			TRY(address_key(s, q->a, x->who.address, &x->key));
	}
	return store_read(s->store, q->a, read_known, x);
}

/* The owner hears of another way in, and of one that is gone. */
static err_t post_letter(struct stet *s, struct act *act, const struct reader *to, const char *kind,
			 str_t provider, str_t device)
{
	if (!letters_leave(s))
		return OK;
	return letter_post(act, &(struct letter_draft){ .kind = kind, .to = to->address, .name = to->name,
							.language = to->language, .path = S("/account"),
							.device = device, .more = provider });
}

/* Signed in here, and sent there to tie the two. */
static err_t write_tie(struct conn *c, arena_t *a, void *ctx)
{
	struct coming *x = ctx;
	struct reader me;
	TRY(reader_find(c, a, x->x.reader, &me));
	TRY(tie(x->s, c, &x->who, me.id));
	return post_letter(x->s, x->act, &me, "tied", x->name, device_of(a, x->q));
}

static err_t tie_now(struct stet *s, struct request *q, struct response *r, struct coming *x)
{
	struct who who;
	TRY(who_asks(s, q, &who));
	if (who.reader.id != x->x.reader)
		return over();
	if (x->known.id && x->known.id != who.reader.id)
		return err_say(ERR_CONFLICT, "form", "refused.provider-other");
	if (!x->known.id) {
		struct act act = act_begin_quiet(s, q->a, &ACT_TIE, who.reader.id,
						 reader_actor(q->a, who.reader.id));
		x->act = &act;
		x->name = challenge_text(&x->x, "provider");
		act_touch(&act, topic_reader(q->a, who.reader.id));
		TRY(act_commit(&act, write_tie, x));
	}
	go_to(s, q, r, S("/account?said=tied"));
	return OK;
}

/* An account has the address: its owner is asked by mail. Signing in by it ties the two (mail_link.c). */
static err_t write_mail(struct conn *c, arena_t *a, void *ctx)
{
	struct coming *x = ctx;
	x->made = (struct challenge){ .kind = CHALLENGE_SIGN_IN, .reader = x->there.id, .subject = x->key,
				      .browser = x->browser, .device = device_of(a, x->q),
				      .data = x->made.data };
	TRY(challenge_insert(x->s, c, a, &x->made, MAIL_LIFE));
	return letter_post(x->act, &(struct letter_draft){
		.kind = "tie", .to = x->there.address, .name = x->there.name, .challenge = &x->made,
		.device = x->made.device, .more = x->name, .language = x->there.language });
}

static err_t ask_by_mail(struct stet *s, struct request *q, struct response *r, struct coming *x,
			 const struct provider *p)
{
	str_t next = challenge_text(&x->x, "next");
	if (!letters_leave(s))
		return err_say_with(ERR_REFUSED, "form", "refused.provider-known", "provider=%.*s",
				    STR(p->name));
	TRY(rate_take(s->readers->rates, RATE_MAIL_ADDRESS, x->key, clock_now(&s->clock)));
	TRY(challenge_browser(s, q, r, &x->browser));
	x->name = p->name;
	x->made.data = kept(q->a, json_pack("{s:o, s:o, s:o, s:o}", "address", json_text(x->there.address), "next",
					    json_text(next), "issuer", json_text(x->who.issuer), "subject",
					    json_text(x->who.subject)));
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, x->there.id, S("reader"));
	x->act = &act;
	TRY(act_commit(&act, write_mail, x));
	go_to(s, q, r, str_format(q->a, "/mail-sent?next=%.*s", STR(str_percent(q->a, next))));
	return OK;
}

/* Nobody yet: chooses a name first. What the provider said waits in a challenge of this browser. */
static err_t ask_name(struct stet *s, struct request *q, struct response *r, struct coming *x,
		      const struct provider *p)
{
	struct asking a = { s, { .kind = CHALLENGE_PROVIDER, .subject = x->key }, MAIL_LIFE };
	if (!x->who.address.n)
		return err_say_with(ERR_REFUSED, "form", "refused.provider-address", "provider=%.*s",
				    STR(p->name));
	if (!config_allows(s->config.registration))
		return err_say(ERR_REFUSED, "form", "refused.no-readers");
	TRY(challenge_browser(s, q, r, &a.x.browser));
	a.x.data = kept(q->a, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "provider", json_text(p->name), "next",
		json_text(challenge_text(&x->x, "next")), "issuer", json_text(x->who.issuer), "subject",
		json_text(x->who.subject), "address", json_text(x->who.address), "name",
		json_text(str_clip(x->who.name, 160))));
	struct act act = act_begin_quiet(s, q->a, &ACT_ASK, 0, S("reader"));
	TRY(act_commit(&act, write_asking, &a));
	go_to(s, q, r, S("/sign-in/name"));
	return OK;
}

static err_t come_back(struct stet *s, struct request *q, struct response *r, const struct provider *p)
{
	struct coming x = { .s = s, .q = q, .state = params_get(&q->query, "state") };
	TRY(rate_take(s->readers->rates, RATE_CEREMONY_CLIENT, client_hash(s->readers, q->a, q),
		      clock_now(&s->clock)));
	TRY(ask_provider(s, q, p, &x));
	if (x.x.reader)
		return tie_now(s, q, r, &x);
	if (x.known.id)
		return sign_in_with(s, q, r, &x.known, "provider", false, challenge_text(&x.x, "next"));
	return x.there.id ? ask_by_mail(s, q, r, &x, p) : ask_name(s, q, r, &x, p);
}

static err_t back_page(struct stet *s, struct request *q, struct response *r)
{
	const struct provider *p;
	TRY(provider_of(s, q, &p));
	return say_why(s, q, r, come_back(s, q, r, p));
}

/* --- a name for a new account --- */

static err_t read_waiting(struct conn *c, arena_t *a, void *ctx)
{
	struct coming *x = ctx;
	(void)a;
	TRY(challenge_by_browser(x->s, c, x->q, CHALLENGE_PROVIDER, CHALLENGE_PROVIDER, &x->x));
	if (!challenge_text(&x->x, "subject").n || x->x.reader)
		x->x = (struct challenge){ 0 };
	return OK;
}

static err_t name_fill(struct stet *s, struct view *v, void *ctx)
{
	const struct challenge *x = ctx;
	json_t *form = json_object_get(v->json, "form");
	(void)s;
	if (!json_object_get(form, "name"))
		json_object_set_new(form, "name", json_text(challenge_text(x, "name")));
	json_object_set_new(v->json, "address", json_text(challenge_text(x, "address")));
	json_object_set_new(v->json, "provider", json_text(challenge_text(x, "provider")));
	return OK;
}

static err_t name_page(struct stet *s, struct request *q, struct response *r, struct challenge *x, err_t e)
{
	struct form f = { .template = "provider-name", .title = "account.register", .error = e,
			  .fill = name_fill, .ctx = x };
	return form_page(s, q, r, &f);
}

static err_t write_account(struct conn *c, arena_t *a, void *ctx)
{
	struct coming *x = ctx;
	TRY(challenge_use(x->s, c, &x->x));
	struct reader_draft d = { .address = challenge_text(&x->x, "address"), .name = x->name,
				  .role = ROLE_READER };
	TRY(reader_insert(x->s, c, a, &d, &x->known));
	x->who = (struct identity){ .issuer = challenge_text(&x->x, "issuer"),
				    .subject = challenge_text(&x->x, "subject") };
	x->act->subject = x->known.id;
	x->act->actor = reader_actor(a, x->known.id);
	return tie(x->s, c, &x->who, x->known.id);
}

static err_t make_account(struct stet *s, struct request *q, struct response *r, struct coming *x)
{
	x->name = params_get(&q->form, "name");
	TRY(rate_take(s->readers->rates, RATE_NAME_CLIENT, client_hash(s->readers, q->a, q),
		      clock_now(&s->clock)));
	TRY(name_check(s, q->a, &x->name));
	struct act act = act_begin(s, q->a, &ACT_REGISTER, x->x.id, S("reader"));
	x->act = &act;
	TRY(act_commit(&act, write_account, x));
	TRY(challenge_forget_browser(s, q, r));
	str_t next = challenge_text(&x->x, "next");
	return sign_in_with(s, q, r, &x->known, "provider", false, next.n ? next : S("/"));
}

static err_t name_asked(struct stet *s, struct request *q, struct response *r)
{
	struct coming x = { .s = s, .q = q };
	TRY(store_read(s->store, q->a, read_waiting, &x));
	if (!x.x.id) {
		go_to(s, q, r, S("/sign-in"));
		return OK;
	}
	if (q->method != POST)
		return name_page(s, q, r, &x.x, OK);
	err_t e = make_account(s, q, r, &x);
	return e && is_mendable(e) ? name_page(s, q, r, &x.x, e) : e;
}

/* --- no longer --- */

struct untying {
	struct stet         *s;
	struct act          *act;
	const struct reader *reader;
	str_t                issuer, device;
};

static err_t write_untie(struct conn *c, arena_t *a, void *ctx)
{
	const struct untying *x = ctx;
	const struct provider *p = oidc_of_issuer(x->s->readers->oidc, x->issuer);
	int64_t gone;
	(void)a;
	TRY(db_run(c, &delete_identity, ARGS(v_str(x->issuer), v_int(x->reader->id)), &gone));
	return gone ? post_letter(x->s, x->act, x->reader, "untied", p ? p->name : x->issuer, x->device) : OK;
}

static err_t untie_post(struct stet *s, struct request *q, struct response *r)
{
	struct who who;
	err_t e;
	if (who_must_prove(s, q, r, &who, &e))
		return e;
	id64 me = who.reader.id;
	struct act act = act_begin_quiet(s, q->a, &ACT_TIE, me, reader_actor(q->a, me));
	struct untying x = { s, &act, &who.reader, params_get(&q->form, "issuer"), device_of(q->a, q) };
	if (!x.issuer.p)
		x.issuer = S("");
	act_touch(&act, topic_reader(q->a, me));
	TRY(act_commit(&act, write_untie, &x));
	go_to(s, q, r, S("/account?said=untied"));
	return OK;
}

const struct route oidc_routes[] = {
	{ GET, "/sign-in/with/:provider", leave_page },
	{ GET, "/sign-in/with/:provider/back", back_page },
	{ GET, "/sign-in/name", name_asked },
	{ POST, "/sign-in/name", name_asked },
	{ GET, "/account/with/:provider", tie_page },
	{ POST, "/account/untie", untie_post },
	{ 0 },
};
